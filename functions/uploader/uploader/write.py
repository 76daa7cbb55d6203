"""One object that is to be written, and what it holds."""

from collections.abc import Mapping
from dataclasses import dataclass

from .delivery import Delivery
from .message import Message


@dataclass(frozen=True, slots=True, eq=False)
class Write:
    """An object for S3; once it is there, its *deliveries* are done.

    *messages* are those it stores, each once; an object in quarantine stores none.
    """

    key: str
    body: bytes
    content_type: str
    metadata: Mapping[str, str]
    deliveries: tuple[Delivery, ...]
    messages: tuple[Message, ...]
