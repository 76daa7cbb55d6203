"""A message on its way into the queue: text, attributes and size as SQS counts them."""

from dataclasses import dataclass
from typing import Any

from .message_id import received_at_of, timestamp

# SQS counts body and attributes together, and allows this much for one message and for one call.
MAX_BYTES = 1024 * 1024
_STRING = "String"


@dataclass(frozen=True, slots=True)
class Message:
    """One accepted message; *body* is its JSON text alone, *context* is kept beside it."""

    message_id: str
    contract: str
    contract_version: str
    layout: str
    client: str
    body: str
    context: str = ""

    def attributes(self) -> dict[str, str]:
        """Return the attributes that SQS carries beside the body."""
        return {
            "message_id": self.message_id,
            "contract": self.contract,
            "client": self.client,
            "contract_version": self.contract_version,
            "layout": self.layout,
            **({"context": self.context} if self.context else {}),
        }

    def size_bytes(self) -> int:
        """Return the size that SQS counts: body, and each attribute's name, type and value."""
        attributes = self.attributes()
        texts = [self.body, *attributes, *attributes.values(), _STRING * len(attributes)]
        return len("".join(texts).encode())

    def entry(self, entry_id: str) -> dict[str, Any]:
        """Return the message as an entry of SendMessageBatch."""
        return {
            "Id": entry_id,
            "MessageBody": self.body,
            "MessageAttributes": {
                name: {"DataType": _STRING, "StringValue": value}
                for name, value in self.attributes().items()
            },
            # A fair queue: one loud client does not delay the others.
            "MessageGroupId": self.client,
        }

    def receipt(self) -> dict[str, str]:
        """Return the sender's receipt, true once SQS has the message."""
        return {
            "message_id": self.message_id,
            "contract": self.contract,
            "status": "queued",
            "received_at": timestamp(received_at_of(self.message_id)),
        }

    def location(self) -> str | None:
        """Return the path at which the receipt can be looked up; None where no key names it."""
        if self.layout != "message":
            return None
        return f"/messages/{self.contract}/{self.message_id}"
