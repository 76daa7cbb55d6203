"""AWS as recorded answers: each answer and each call is held to AWS's own model of it."""

from collections.abc import Callable, Mapping
from typing import Any

import boto3
import botocore.session
from botocore.awsrequest import AWSResponse, HTTPHeaders
from botocore.exceptions import EndpointConnectionError
from botocore.loaders import Loader
from botocore.validate import validate_parameters

LOADER = Loader()  # one for all sessions, as reading EC2's model takes a second

type Answer = Mapping[str, Any] | Callable[[Mapping[str, Any]], Mapping[str, Any]]


class Refused(dict[str, Any]):
    """An error that AWS answers with."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__({"Error": {"Code": code, "Message": message}})


class RecordedAws:
    """A session whose clients get their answers from here, by `service:Operation`."""

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        self.answers = dict(answers)
        self.calls: list[str] = []

    def session(self, region: str) -> boto3.Session:
        """Return a session of *region* that reaches no network."""
        core = botocore.session.Session()
        core.register_component("data_loader", LOADER)
        session = boto3.Session("key", "secret", region_name=region, botocore_session=core)
        session.events.register("before-call", self._answer)  # type: ignore[arg-type]
        return session

    def _answer(
        self, model: Any, params: Mapping[str, Any], **_: object
    ) -> tuple[AWSResponse, Mapping[str, Any]]:
        call = f"{model.service_model.service_name}:{model.name}"
        self.calls.append(call)
        if call not in self.answers:
            raise EndpointConnectionError(endpoint_url=call)
        answer = self.answers[call]
        found = answer(params) if callable(answer) else answer
        if isinstance(found, Refused):
            return AWSResponse("", 400, HTTPHeaders(), None), found
        if model.output_shape:
            validate_parameters(found, model.output_shape)
        return AWSResponse("", 200, HTTPHeaders(), None), found
