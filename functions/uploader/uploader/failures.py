"""The failure policy: each way in which storing can fail, and what follows.

| Failure | Error | What follows |
|---|---|---|
| a record that is not a Weir message | PermanentError | quarantined at once, acknowledged |
| S3 500, 503, 409, timeout, cut connection | PassingError | reported; retried with growing pauses |
| access denied, no bucket, KMS off | SystemicError | the invocation fails; Lambda backs off |
| every record failing, one alone from its sixth receive | EveryRecordFailedError | the same |
"""

from collections.abc import Callable
from enum import Enum

# At this cap an outage of 24 hours causes about 200 receives per message (at most 236 in 20,000),
# far below maxReceiveCount, and every message is retried within 15 minutes of its end.
LONGEST_DELAY_SECONDS = 900

# A message that fails alone does not show an outage at first. Some 30 seconds later it is, and
# Lambda's count of errors is what rings within minutes when only one message waits.
LONE_RECEIVES = 5


class Reason(Enum):
    """Why a record is not a Weir message; the value is part of its quarantine key."""

    BODY_NOT_UTF_8 = "body-not-utf-8"
    BODY_NOT_JSON = "body-not-json"
    BODY_NESTED_TOO_DEEP = "body-nested-too-deep"
    BODY_NOT_AN_OBJECT = "body-not-an-object"
    MESSAGE_ID_INVALID = "message-id-invalid"
    CONTRACT_INVALID = "contract-invalid"
    CLIENT_INVALID = "client-invalid"
    CONTRACT_VERSION_INVALID = "contract-version-invalid"
    LAYOUT_INVALID = "layout-invalid"
    CONTEXT_INVALID = "context-invalid"


class PermanentError(Exception):
    """No later attempt can succeed: the record is not a Weir message."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class PassingError(Exception):
    """The attempt failed, and a later one may well succeed."""


class SystemicError(Exception):
    """Nothing can be stored until a person fixes access, bucket or key."""


class EveryRecordFailedError(SystemicError):
    """Not one record could be stored: S3 itself is failing."""


class ForeignEventError(Exception):
    """The event is not a batch from SQS, so there is nothing that could be acknowledged."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"This function takes batches of SQS (events/uploader has samples); here: {reason}"
        )


def refusal(status: int, code: str) -> PassingError | SystemicError:
    """Return what S3's answer *status* with the error *code* means for the write it refused.

    What is not known to be systemic counts as passing: it then costs one record its time, not the
    whole batch, and ends in the dead-letter queue if it never passes.

    https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
    """
    key_is_off = code.startswith("KMS.") and "Throttling" not in code
    if status in {301, 307, 401, 403, 404} or key_is_off:
        return SystemicError(code)
    return PassingError(code)


def retry_delay(receive_count: int, uniform: Callable[[float, float], float]) -> int:
    """Return the seconds until a record that failed is retried: exponential, with full jitter.

    *receive_count* is how often SQS has handed the message out, this time included.
    https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
    """
    ceiling = min(LONGEST_DELAY_SECONDS, 2 ** min(receive_count, 10))
    return max(1, round(uniform(0, ceiling)))
