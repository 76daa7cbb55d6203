"""What a stack holds: bucket, queues, quarantine and clients, the newest first.

python -m operations.show [--newest 5] [--stack-name weir-dev]
"""

import argparse
import heapq
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .deployed import Deployed, find
from .told import told

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MOST_LISTED = 100_000
PLACES = {"messages/": "Messages", "batches/": "Batches", "quarantine/": "Quarantine"}


def newest_objects(
    s3: "S3Client", bucket: str, prefix: str, number: int
) -> tuple[list[Any], int, bool]:
    """Return the newest objects below *prefix*, how many there are, and whether all were seen."""
    found: list[Any] = []
    count = 0
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        items = page.get("Contents", [])
        count += len(items)
        found = heapq.nlargest(
            number, [*found, *items], key=lambda item: (item["LastModified"], item["Key"])
        )
        if count >= MOST_LISTED:
            return found, count, False
    return found, count, True


def bucket_lines(deployed: Deployed, number: int) -> Iterator[str]:
    """Yield what is in the bucket."""
    yield f"Bucket s3://{deployed.bucket}"
    for prefix, title in PLACES.items():
        found, count, complete = newest_objects(
            deployed.client("s3"), deployed.bucket, prefix, number
        )
        yield f"  {title}: {count}{'' if complete else ' and more'} objects"
        for item in found:
            moment = item["LastModified"]
            yield f"    {moment:%Y-%m-%d %H:%M:%S} {item['Size']:>8} B  {item['Key']}"


def queue_lines(deployed: Deployed) -> Iterator[str]:
    """Yield how many messages are in the queues."""
    yield "Queues"
    sqs = deployed.client("sqs")
    for title, url in (
        ("waiting", deployed.queue_url),
        ("dead letters", deployed.dead_letter_queue_url),
    ):
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        visible = int(attributes["ApproximateNumberOfMessages"])
        hidden = int(attributes["ApproximateNumberOfMessagesNotVisible"])
        delayed = f", {hidden} being worked on or set back" if hidden else ""
        yield f"  {visible:>8} {title}{delayed}"
        if title == "dead letters" and visible + hidden:
            yield "           make replay shows why, and puts them back with APPLY=1"


def client_lines(deployed: Deployed) -> Iterator[str]:
    """Yield the clients' names, and since when each has its token."""
    yield f"Clients ({deployed.token_parameter_path})"
    pages = deployed.client("ssm").get_paginator("describe_parameters")
    found = [
        item
        for page in pages.paginate(
            ParameterFilters=[
                {"Key": "Path", "Option": "Recursive", "Values": [deployed.token_parameter_path]}
            ]
        )
        for item in page["Parameters"]
    ]
    for item in sorted(found, key=lambda item: item["LastModifiedDate"], reverse=True):
        name = item["Name"].removeprefix(deployed.token_parameter_path + "/")
        yield f"  {item['LastModifiedDate']:%Y-%m-%d %H:%M:%S} {name}"
    if not found:
        yield "  none: make token CLIENT=name"


def main() -> None:
    """Print all of it."""
    parser = argparse.ArgumentParser(prog="show", description=__doc__.split("\n\n")[0])
    parser.add_argument("--newest", type=int, default=5, help="objects of each kind (%(default)s)")
    parser.add_argument("--stack-name", default="", help="a deployed stack; else make up's")
    arguments = parser.parse_args()
    with told():
        deployed = find(arguments.stack_name)
        for lines in (
            bucket_lines(deployed, arguments.newest),
            queue_lines(deployed),
            client_lines(deployed),
        ):
            for line in lines:
                print(line, flush=True)


if __name__ == "__main__":
    main()
