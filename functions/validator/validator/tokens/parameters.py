"""Client entries as SSM keeps them: one SecureString per client, named after the client."""

import re
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..aws import AWS_ERRORS, error_code, in_time
from .entry import BrokenEntryError, Client, client_of
from .store import TokensUnreadableError

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

# Ask for no further page of ten tokens after this long, so that a read that was left behind ends.
_READ_SECONDS = 2.0


@dataclass(eq=False, repr=False)
class TokenParameters:
    """The parameters below one path."""

    ssm: "SSMClient"
    path: str
    threads: Executor
    clock: Callable[[], float]
    warn: Callable[..., object]

    def read(self) -> dict[str, Client | None]:
        """Return each client by its name, None if its entry is broken.

        Raise TokensUnreadableError if SSM does not give them.
        """
        try:
            return in_time(self.threads, self._read_pages)
        except (*AWS_ERRORS, KeyError) as error:
            self.warn("tokens not read", error_code=error_code(error))
            raise TokensUnreadableError from error

    def _client(self, name: str, value: str) -> Client | None:
        if not is_client_name(name):
            self.warn("client name refused", client=name)
            return None
        try:
            return client_of(name, value)
        except BrokenEntryError:
            self.warn("client entry broken", client=name)
            return None

    def _read_pages(self) -> dict[str, Client | None]:
        clients: dict[str, Client | None] = {}
        started = self.clock()
        pages = self.ssm.get_paginator("get_parameters_by_path")
        for page in pages.paginate(Path=self.path, WithDecryption=True):
            for parameter in page["Parameters"]:
                name = parameter["Name"].rpartition("/")[2]
                clients[name] = self._client(name, parameter["Value"])
            if "NextToken" in page and self.clock() - started > _READ_SECONDS:
                self.warn("tokens read too slowly")
                raise TokensUnreadableError
        return clients


def is_client_name(text: str) -> bool:
    """Return whether *text* can be a client's name in message attributes, keys and logs."""
    return re.fullmatch(r"[a-z0-9][a-z0-9-]{0,62}", text) is not None
