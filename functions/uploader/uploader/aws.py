"""AWS clients, set up for a function whose retry is the queue."""

import logging
from collections.abc import Callable
from functools import cache
from ssl import SSLContext
from threading import Lock
from typing import Any

from botocore import httpsession
from botocore.config import Config
from botocore.exceptions import ConnectionClosedError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnectionError
from botocore.parsers import ResponseParserError

# Its debug lines hold messages and credentials, whatever level Lambda is told to log.
logging.getLogger("botocore").setLevel(logging.INFO)

# Raised by botocore without a whole answer, whichever service was asked: could not connect; broke
# or timed out; broke while an error response was being read.
NO_ANSWER = (NoConnectionError, HTTPClientError, ResponseParserError)


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


def client_config(connections: int) -> Config:
    """Return the configuration of a client that makes up to *connections* calls at once."""
    return Config(
        # SQS is the retry: a second attempt here would only keep a thread from the next message.
        retries={"mode": "standard", "total_max_attempts": 1},
        connect_timeout=1,
        read_timeout=5,
        max_pool_connections=connections,
        tcp_keepalive=True,
        # Messages were validated on reading, so botocore need not validate again. This and the
        # fixed user agent save a third of each call's CPU time.
        parameter_validation=False,
        user_agent="weir-uploader",
    )


def call(method: Callable[..., Any], **request: Any) -> Any:
    """Return the answer of a client's *method*; call it again if the connection is closed.

    The service may have closed one that was kept alive while the function was frozen, which is not
    an outage. Every request of the uploader may be made twice.
    """
    try:
        return method(**request)
    except ConnectionClosedError:
        return method(**request)
