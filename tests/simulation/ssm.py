"""SSM: the parameters below one path, in pages that may be short, or empty."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.exceptions import ClientError

from .network import Client

if TYPE_CHECKING:
    from .world import World

_LARGEST_PAGE = 10


class ParameterNotFoundError(ClientError):
    """What boto3 raises as a client's ParameterNotFound."""


class SsmClient(Client):
    """The client of the Systems Manager, as boto3 has it."""

    exceptions = SimpleNamespace(ParameterNotFound=ParameterNotFoundError)

    def __init__(self, world: "World", config: Config | None) -> None:
        super().__init__(world, "ssm", config)

    def get_parameter(self, *, Name: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        """Return one parameter."""

        def act() -> dict[str, Any]:
            if Name not in self._world.parameters:
                answer: Any = {"HTTPStatusCode": 400}
                raise ParameterNotFoundError(
                    {"Error": {"Code": "ParameterNotFound"}, "ResponseMetadata": answer},
                    "get_parameter",
                )
            return {"Parameter": {"Name": Name, "Value": self._world.parameters[Name]}}

        answer: dict[str, Any] = self.call("get_parameter", act)
        return answer

    def get_parameters_by_path(self, **request: Any) -> dict[str, Any]:
        """Return one page of the parameters below a path."""
        kernel = self._world.kernel

        def act() -> dict[str, Any]:
            start = int(request.get("NextToken", "0"))
            names = sorted(
                name
                for name in self._world.parameters
                if name.startswith(request["Path"].rstrip("/") + "/")
            )
            limit = min(request.get("MaxResults", _LARGEST_PAGE), _LARGEST_PAGE)
            drawn = kernel.number(f"ssm/page/{kernel.now}")
            size = limit if drawn < 0.7 else int(drawn * 100) % (limit + 1)
            answer: dict[str, Any] = {
                "Parameters": [
                    {
                        "Name": name,
                        "Value": self._world.parameters[name],
                        "Type": "SecureString",
                        "Version": 1,
                    }
                    for name in names[start : start + size]
                ]
            }
            if start + size < len(names):
                answer["NextToken"] = str(start + size)
            return answer

        answer: dict[str, Any] = self.call("get_parameters_by_path", act)
        return answer

    def get_paginator(self, operation: str) -> "Pages":
        """Return what goes through all pages."""
        assert operation == "get_parameters_by_path"
        return Pages(self)


class Pages:
    """All pages of the parameters below a path."""

    def __init__(self, client: SsmClient) -> None:
        self._client = client

    def paginate(self, **request: Any) -> Iterator[dict[str, Any]]:
        """Yield one page after the other."""
        while True:
            page = self._client.get_parameters_by_path(**request)
            yield page
            if "NextToken" not in page:
                return
            request["NextToken"] = page["NextToken"]
