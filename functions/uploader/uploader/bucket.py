"""The bucket that everything is written to, once per key."""

from base64 import b64encode
from typing import TYPE_CHECKING, Any
from zlib import crc32

from botocore.exceptions import ClientError
from botocore.handlers import convert_body_to_file_like_object

from .aws import NO_ANSWER, call
from .failures import PassingError, refusal
from .objects import Write

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class Bucket:
    """Write-once storage in S3."""

    def __init__(self, client: "S3Client", name: str) -> None:
        self._client = client
        self._name = name
        # botocore would wrap the bytes into a file, which makes it ask S3 for leave to send them
        # ("Expect: 100-continue"): a round trip and a quarter of the CPU time of every write.
        client.meta.events.unregister(
            "before-parameter-build.s3.PutObject", convert_body_to_file_like_object
        )

    def put_once(self, write: Write) -> bool:
        """Store *write*; return True if it is new, False if its key was there already.

        S3 checks the CRC32 and refuses what was garbled on the way. It is given as a header here
        because botocore, left to itself, would wrap the body into chunks to append one.

        Raise PassingError or SystemicError, as the failure policy has it.
        https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
        """
        request: Any = {
            "Bucket": self._name,
            "Key": write.key,
            "Body": write.body,
            "ContentType": write.content_type,
            "Metadata": write.metadata,
            "IfNoneMatch": "*",
            "ChecksumCRC32": b64encode(crc32(write.body).to_bytes(4)).decode(),
        }
        try:
            call(self._client.put_object, **request)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            if status == 412:
                return False
            raise refusal(status, code) from error
        except NO_ANSWER as error:
            raise PassingError(type(error).__name__) from error
        return True
