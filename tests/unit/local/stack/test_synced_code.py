"""Synced code does not outlive the next `make up`."""

import base64
import hashlib
import io
from typing import Any

from local.stack.synced_code import put_back

RESOURCES = {
    "Api": {"Type": "AWS::ApiGatewayV2::Api"},
    "Uploader": {
        "Type": "AWS::Lambda::Function",
        "Properties": {"Code": {"S3Bucket": "b", "S3Key": "k"}},
    },
    "Alias": {
        "Type": "AWS::Lambda::Alias",
        "Properties": {
            "FunctionName": {"Ref": "Uploader"},
            "FunctionVersion": {"Fn::GetAtt": ["Version", "Version"]},
            "Name": "live",
        },
    },
}
IDS = {"Uploader": "f", "Version": "arn:aws:lambda:r:0:function:f:3"}
PACKAGE = b"a zip file"


class FakeS3:
    """A bucket with the package."""

    def get_object(self, **asked: str) -> dict[str, Any]:
        """Return it."""
        assert asked == {"Bucket": "b", "Key": "k"}
        return {"Body": io.BytesIO(PACKAGE)}


class FakeLambda:
    """One function with *code*, whose alias points to *version*."""

    def __init__(self, code: bytes, version: str) -> None:
        self.code = code
        self.version = version

    def get_function_configuration(self, **_: str) -> dict[str, str]:
        """Return the code's hash."""
        return {"CodeSha256": base64.b64encode(hashlib.sha256(self.code).digest()).decode()}

    def update_function_code(self, *, ZipFile: bytes, **_: str) -> None:  # noqa: N803
        """Take other code."""
        self.code = ZipFile

    def get_alias(self, **_: str) -> dict[str, str]:
        """Return the alias."""
        return {"FunctionVersion": self.version}

    def update_alias(self, *, FunctionVersion: str, **_: str) -> None:  # noqa: N803
        """Let the alias point elsewhere."""
        self.version = FunctionVersion


def test_synced_code_is_replaced() -> None:
    """A file that was changed, synced and changed back would go on running as changed."""
    functions, s3 = FakeLambda(b"synced", "4"), FakeS3()

    changed = put_back(functions, s3, RESOURCES, IDS)  # type: ignore[arg-type]

    assert (changed, functions.code, functions.version) == (["Uploader"], PACKAGE, "3")


def test_deployed_code_is_left_alone() -> None:
    """The usual `make up` has nothing to put back, and says nothing."""
    functions, s3 = FakeLambda(PACKAGE, "3"), FakeS3()

    assert put_back(functions, s3, RESOURCES, IDS) == []  # type: ignore[arg-type]
