"""A function's execution environment, as far as its code can tell."""

import importlib
import logging
import os
import sys
import time
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import pytest

from tests.support.template import function_properties


class Context:
    """What Lambda tells *service* about one invocation that may take *seconds*."""

    memory_limit_in_mb = 512
    aws_request_id = "0c83f57c-786a-4b4a-b9ef-ab23731c7ebc"

    def __init__(self, service: str, seconds: float) -> None:
        self.function_name = service
        self.invoked_function_arn = f"arn:aws:lambda:eu-central-1:123456789012:function:{service}"
        self._end = time.monotonic() + seconds

    def get_remaining_time_in_millis(self) -> int:
        """Return what is left."""
        return int((self._end - time.monotonic()) * 1000)


class Function:
    """The handler of *service* in a new execution environment, with the template's timeout.

    With *package* it is the handler of another release, which lies in that package.
    """

    def __init__(self, service: str, package: str = "") -> None:
        properties = function_properties(service)
        module, _, name = properties["Handler"].rpartition(".")
        if package:
            module = f"{package}.{module.partition('.')[2]}"
        self.module = cold_start(module)
        self._service = service
        self._handler = getattr(self.module, name)
        self.timeout_seconds = properties["Timeout"]

    def __call__(self, event: Any) -> Any:
        """Invoke the function and return its answer."""
        return self._handler(event, Context(self._service, self.timeout_seconds))


def cold_start(module: str) -> ModuleType:
    """Import the handler's *module* again, as a new execution environment does."""
    sys.modules.pop(module, None)
    sys.modules.pop(f"{module.partition('.')[0]}.aws", None)  # its session keeps credentials
    # Powertools keeps a service's logger, and with it the standard output of the test before.
    logging.Logger.manager.loggerDict.pop(os.environ["POWERTOOLS_SERVICE_NAME"], None)
    return importlib.import_module(module)


def set_environment(monkeypatch: pytest.MonkeyPatch, environment: Mapping[str, str]) -> None:
    """Set every variable of *environment* until the test ends."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
