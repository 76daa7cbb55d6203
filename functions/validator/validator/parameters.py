"""Tokens as SSM keeps them: one SecureString a client, named after the client."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .clients import AWS_ERRORS, error_code
from .tokens import TokensUnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_ssm import SSMClient

# How long pages of ten tokens are asked for. The last one may take CALL_SECONDS more; together that
# is below the authorizer's time-out, so that a slow SSM does not cost it the tokens that it has.
_READ_SECONDS = 2.0
_CLIENT_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


class TokenParameters:
    """The parameters below one path."""

    def __init__(
        self,
        ssm: SSMClient,
        path: str,
        clock: Callable[[], float],
        warn: Callable[..., object],
    ) -> None:
        self._ssm = ssm
        self._path = path
        self._clock = clock
        self._warn = warn

    def read(self) -> dict[str, str]:
        """Return each client's token; raise TokensUnreadableError if SSM does not give them."""
        tokens: dict[str, str] = {}
        started = self._clock()
        pages = self._ssm.get_paginator("get_parameters_by_path")
        try:
            for page in pages.paginate(Path=self._path, WithDecryption=True):
                for parameter in page["Parameters"]:
                    tokens[parameter["Name"].rpartition("/")[2]] = parameter["Value"]
                if "NextToken" in page and self._clock() - started > _READ_SECONDS:
                    self._warn("tokens read too slowly")
                    raise TokensUnreadableError
        except (*AWS_ERRORS, KeyError) as error:
            self._warn("tokens not read", error_code=error_code(error))
            raise TokensUnreadableError from error
        return {client: token for client, token in tokens.items() if self._is_client(client)}

    def _is_client(self, name: str) -> bool:
        # A name of any other form could not go into message attributes, keys and logs.
        if _CLIENT_NAME.fullmatch(name):
            return True
        self._warn("client name refused", client=name)
        return False
