"""A function's execution environment, as far as its code can tell."""

import importlib
import logging
import sys
import time
from collections.abc import Mapping
from types import ModuleType

import pytest


class Context:
    """What Lambda tells a function about one invocation that may take *seconds*."""

    memory_limit_in_mb = 512
    aws_request_id = "0c83f57c-786a-4b4a-b9ef-ab23731c7ebc"

    def __init__(self, function_name: str, seconds: float = 15.0) -> None:
        self.function_name = function_name
        self.invoked_function_arn = (
            f"arn:aws:lambda:eu-central-1:123456789012:function:{function_name}"
        )
        self._end = time.monotonic() + seconds

    def get_remaining_time_in_millis(self) -> int:
        """Return what is left."""
        return int((self._end - time.monotonic()) * 1000)


def cold_start(
    module: str, environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> ModuleType:
    """Import the handler's *module* again in *environment*, as a new execution environment does."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    sys.modules.pop(module, None)
    # Powertools keeps a service's logger, and with it the standard output of the test before.
    logging.Logger.manager.loggerDict.pop(environment["POWERTOOLS_SERVICE_NAME"], None)
    return importlib.import_module(module)
