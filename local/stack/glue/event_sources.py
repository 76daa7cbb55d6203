"""The concurrency of event sources: the emulator keeps a parameter's number as text, and fails."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


def set_concurrency(functions: "LambdaClient") -> None:
    """Give every event source its concurrency as a number."""
    for page in functions.get_paginator("list_event_source_mappings").paginate():
        for source in page["EventSourceMappings"]:
            if scaling := source.get("ScalingConfig"):
                functions.update_event_source_mapping(
                    UUID=source["UUID"],
                    ScalingConfig={"MaximumConcurrency": int(scaling["MaximumConcurrency"])},
                )
