"""Code that `make sync` left in the functions: found, and replaced by what is deployed.

CloudFormation compares templates, not code. A file that was changed, synced and changed back gives
the template that is deployed already, and the synced code would go on running.
"""

import base64
import hashlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client

Resources = Mapping[str, Mapping[str, Any]]


def put_back(
    functions: "LambdaClient", s3: "S3Client", resources: Resources, physical_ids: Mapping[str, str]
) -> list[str]:
    """Give every function the code that *resources* name; return those that had another."""
    changed = set(_functions(functions, s3, resources, physical_ids))
    changed |= set(_aliases(functions, resources, physical_ids))
    return sorted(changed)


def _functions(
    functions: "LambdaClient", s3: "S3Client", resources: Resources, physical_ids: Mapping[str, str]
) -> Iterator[str]:
    for name, resource in _of_type(resources, "AWS::Lambda::Function"):
        code, function = resource["Code"], physical_ids[name]
        package = s3.get_object(Bucket=code["S3Bucket"], Key=code["S3Key"])["Body"].read()
        deployed = base64.b64encode(hashlib.sha256(package).digest()).decode()
        running = functions.get_function_configuration(FunctionName=function)["CodeSha256"]
        if running != deployed:
            functions.update_function_code(FunctionName=function, ZipFile=package)
            yield name


def _aliases(
    functions: "LambdaClient", resources: Resources, physical_ids: Mapping[str, str]
) -> Iterator[str]:
    for _, alias in _of_type(resources, "AWS::Lambda::Alias"):
        function = alias["FunctionName"]["Ref"]
        published = alias["FunctionVersion"]["Fn::GetAtt"][0]
        version = physical_ids[published].rpartition(":")[2]
        found = functions.get_alias(FunctionName=physical_ids[function], Name=alias["Name"])
        if found["FunctionVersion"] != version:
            functions.update_alias(
                FunctionName=physical_ids[function], Name=alias["Name"], FunctionVersion=version
            )
            yield function


def _of_type(resources: Resources, kind: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, resource in resources.items():
        if resource["Type"] == kind:
            yield name, resource["Properties"]
