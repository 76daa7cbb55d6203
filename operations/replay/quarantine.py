"""The messages in quarantine."""

import json
import re
from base64 import b64decode
from collections.abc import Generator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .candidate import Candidate, Outgoing, Selection

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# As the uploader names them: why it is here, and when it was sent.
_KEY = re.compile(r"quarantine/reason=([a-z0-9-]+)/dt=[0-9-]+/([0-9T]+\.[0-9]{3}Z)_.+")


def quarantined(s3: "S3Client", bucket: str, selection: Selection) -> Generator[Candidate]:
    """Yield what *selection* wants of the bucket's quarantine, told from the keys alone."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="quarantine/")
    for page in pages:
        for found in page.get("Contents", []):
            match = _KEY.fullmatch(found["Key"])
            if not match:
                continue
            sent_at = datetime.strptime(match[2], "%Y%m%dT%H%M%S.%f%z")
            if selection.wants(match[1], sent_at):
                yield _candidate(s3, bucket, found["Key"], match[1], sent_at)


def _candidate(s3: "S3Client", bucket: str, key: str, reason: str, sent_at: datetime) -> Candidate:
    def load() -> Outgoing:
        found = s3.get_object(Bucket=bucket, Key=key)
        metadata = found["Metadata"]
        attributes = json.loads(metadata["message_attributes"])
        return Outgoing(
            body=found["Body"].read().decode(errors="surrogatepass"),
            attributes={name: _as_sent(attribute) for name, attribute in attributes.items()},
            group=metadata.get("message_group_id"),
        )

    def discard() -> None:
        s3.delete_object(Bucket=bucket, Key=key)

    return Candidate(reason, sent_at, load, discard)


def _as_sent(attribute: dict[str, Any]) -> dict[str, Any]:
    """Return a message attribute in SQS's form; Lambda's, which was stored, is another."""
    if "binaryValue" in attribute:
        value = {"BinaryValue": b64decode(attribute["binaryValue"])}
    else:
        value = {"StringValue": attribute["stringValue"]}
    return {"DataType": attribute["dataType"]} | value
