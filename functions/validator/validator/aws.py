"""The time limits of AWS calls, for a function that must answer within seconds."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import Executor
from functools import cache
from ssl import SSLContext
from threading import Lock, Thread
from typing import Any

from botocore import httpsession
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

# botocore's debug lines hold tokens and payloads, whatever level Lambda is set to log.
logging.getLogger("botocore").setLevel(logging.INFO)

# Raised by a call if the service fails, refuses, cannot be reached, answers nonsense or is slow.
AWS_ERRORS = (BotoCoreError, ClientError, ResponseParserError, TimeoutError)

# The longest time of one call. botocore's own time-outs set no limit: a name lookup has none, each
# address of the name has its own time to connect, and each part of an answer its own to arrive.
CALL_SECONDS = 5.0
# More than one request calls at once: calls that were left behind keep their threads for a while.
CALL_THREADS = 32

CLIENT_CONFIG = Config(
    connect_timeout=1,
    read_timeout=2,
    retries={"mode": "standard", "total_max_attempts": 2},
    tcp_keepalive=True,
    parameter_validation=False,  # the arguments are the same at every call
    # Fixed: botocore otherwise builds this string for every call, its largest avoidable cost.
    user_agent="weir",
)


class _Context(SSLContext):
    """A TLS context that reads each bundle of certificates once.

    urllib3 loads the bundle again for each new connection, into one and the same context: 4 ms of
    a CPU, more than the handshake (docs/decisions.md).
    """

    def __init__(self, *_: object) -> None:
        self._load, self._lock = cache(super().load_verify_locations), Lock()

    def load_verify_locations(self, *bundle: Any) -> None:
        """Load *bundle*, unless that has been done."""
        with self._lock:
            self._load(*bundle)


httpsession.SSLContext = cache(_Context)  # type: ignore[attr-defined]


def prepare(*calls: Callable[[], object], seconds: float = 2.0) -> None:
    """Make *calls* side by side, before the first request: during INIT there is a whole CPU.

    Leave those that take longer: Lambda ends INIT after ten seconds. A call that failed or was left
    must have changed nothing.
    """
    ends_at = time.monotonic() + seconds
    threads = [Thread(target=call, daemon=True) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, ends_at - time.monotonic()))


def in_time[**P, R](
    threads: Executor, call: Callable[P, R], *args: P.args, **kwargs: P.kwargs
) -> R:
    """Return what *call* returns; after CALL_SECONDS leave it behind and raise TimeoutError.

    A call that was left behind may still reach AWS.
    """
    future = threads.submit(call, *args, **kwargs)
    try:
        return future.result(CALL_SECONDS)
    finally:
        future.cancel()  # if every thread was busy, it must not begin later


def error_code(error: Exception) -> str:
    """Return a name of *error* for the log: AWS's own code, or the kind of failure."""
    if isinstance(error, ClientError):
        return error.response.get("Error", {}).get("Code", "Unknown")
    return type(error).__name__
