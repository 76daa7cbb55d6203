"""What is a message of ours, and where it belongs."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from .delivery import Delivery
from .faults import PermanentError, Reason

# A canonical UUIDv7 (RFC 9562, section 5.7): its first 48 bits are Unix milliseconds.
_MESSAGE_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_CONTRACT = re.compile(r"[a-z0-9](-?[a-z0-9]){0,99}")
_CLIENT = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_CONTRACT_VERSION = re.compile(r"[1-9][0-9]{0,8}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Message:
    """A message the validator has accepted; *text* is its JSON, byte for byte as it was sent."""

    delivery: Delivery
    message_id: str
    contract: str
    client: str
    contract_version: str
    received_at: datetime
    text: bytes

    @property
    def key(self) -> str:
        """The object's key, from contract and id alone, so that every delivery has the same."""
        return (
            f"messages/contract={self.contract}/{partition(self.received_at)}/"
            f"{compact(self.received_at)}_{self.message_id}.json"
        )

    @property
    def metadata(self) -> dict[str, str]:
        """What describes the message, in S3's metadata and in a batch's envelope alike."""
        return {
            "message_id": self.message_id,
            "contract": self.contract,
            "client": self.client,
            "contract_version": self.contract_version,
            "received_at": self.received_at.isoformat(timespec="milliseconds").replace(
                "+00:00", "Z"
            ),
        }


def read_message(delivery: Delivery) -> Message:
    """Return the message that *delivery* carries; raise PermanentError if it is none of ours."""
    text = _json_object(delivery.body)
    message_id = _matching(_MESSAGE_ID, delivery, "message_id", Reason.MESSAGE_ID_INVALID)
    try:
        received_at = _EPOCH + timedelta(milliseconds=int(message_id.replace("-", "")[:12], 16))
    except OverflowError as error:  # 48 bits reach beyond the year 9999
        raise PermanentError(Reason.MESSAGE_ID_INVALID) from error
    return Message(
        delivery=delivery,
        message_id=message_id,
        contract=_matching(_CONTRACT, delivery, "contract", Reason.CONTRACT_INVALID),
        client=_matching(_CLIENT, delivery, "client", Reason.CLIENT_INVALID),
        contract_version=_matching(
            _CONTRACT_VERSION, delivery, "contract_version", Reason.CONTRACT_VERSION_INVALID
        ),
        received_at=received_at,
        text=text,
    )


def partition(moment: datetime) -> str:
    """Return the part of a key that says the hour, as Athena's partitions want it."""
    return f"dt={moment:%Y-%m-%d}/hour={moment:%H}"


def compact(moment: datetime) -> str:
    """Return *moment* as ISO 8601's basic format with milliseconds: 20260115T102030.123Z."""
    return f"{moment:%Y%m%dT%H%M%S}.{moment.microsecond // 1000:03}Z"


def _matching(form: re.Pattern[str], delivery: Delivery, name: str, reason: Reason) -> str:
    value = delivery.attribute(name)
    if not form.fullmatch(value):
        raise PermanentError(reason)
    return value


def _not_json(constant: str) -> None:
    raise ValueError(constant)


# The numbers' values are of no interest here, and Python refuses to make an int of 5,000 digits.
_decoder = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=_not_json)


def _json_object(body: str) -> bytes:
    try:
        text = body.encode()
    except UnicodeEncodeError as error:
        raise PermanentError(Reason.BODY_NOT_UTF_8) from error
    try:
        value = _decoder.decode(body)
    except ValueError as error:
        raise PermanentError(Reason.BODY_NOT_JSON) from error
    except RecursionError as error:
        raise PermanentError(Reason.BODY_NESTED_TOO_DEEP) from error
    if not isinstance(value, dict):
        raise PermanentError(Reason.BODY_NOT_AN_OBJECT)
    return text
