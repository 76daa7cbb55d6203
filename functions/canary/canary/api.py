"""Weir's HTTP API as a sender sees it, and the tokens that the canary shows."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import urllib3
from botocore.exceptions import BotoCoreError, ClientError

from .message import CANARY, UnprovenError, receipt_of, text_at

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

CALL_SECONDS = 15  # as long as the validator may take


@dataclass(frozen=True, slots=True, repr=False)  # it holds tokens
class Api:
    """The API at *url*, called with the first of *tokens* that it knows."""

    url: str
    tokens: Sequence[str]
    contract: str = CANARY

    def send(self, moment: datetime) -> str:
        """Send the message of *moment* and return its id; raise UnprovenError."""
        return receipt_of(*self._call("POST", "", json={"data": text_at(moment)}))

    def stored_at(self, message_id: str) -> datetime | None:
        """Return when a message was stored; None if it is not. Raise UnprovenError."""
        status, body = self._call("GET", f"/{message_id}")
        if status == 404 and b"not-traceable" not in body:
            return None
        try:
            return datetime.fromisoformat(json.loads(body)["stored_at"]).astimezone(UTC)
        except (ValueError, KeyError, TypeError) as error:
            raise UnprovenError(f"not looked up: answered with {status}") from error

    def _call(self, method: str, path: str, **body: Any) -> tuple[int, bytes]:
        # Follow no redirect, which would carry the token elsewhere. Keep no connection, which the
        # API closes before the next minute.
        url = f"{self.url}/messages/{self.contract}{path}"
        options: Any = {"timeout": CALL_SECONDS, "retries": False, "redirect": False, **body}
        for token in self.tokens:
            headers = {"Authorization": f"Bearer {token}"}
            try:
                with urllib3.PoolManager() as connections:
                    answer = connections.request(method, url, headers=headers, **options)
            except urllib3.exceptions.HTTPError as error:
                raise UnprovenError(f"not answered: {type(error).__name__}") from error
            if answer.status != 401:  # the newest token may not be known yet
                break
        return answer.status, answer.data


def read_tokens(ssm: "SSMClient", name: str, known: list[str]) -> list[str]:
    """Return the tokens in the SSM parameter *name*, the newest first.

    Return the *known* ones if SSM does not give any; none if there never was a token.
    """
    try:
        value = ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
    except (BotoCoreError, ClientError) as error:
        if not known and not isinstance(error, ssm.exceptions.ParameterNotFound):
            raise
        return known
    if not value.lstrip().startswith("{"):  # plain, as in 0.1.0
        return [value]
    return [token["token"] for token in reversed(json.loads(value)["tokens"])]
