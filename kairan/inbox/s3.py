"""Bodies of webhook calls in S3, for calls that do not fit into a queue. A lifecycle rule deletes them."""

from botocore.config import Config
from botocore.exceptions import ClientError

from kairan import aws
from kairan.errors import MalformedEventError

QUICK = Config(
    connect_timeout=0.5, read_timeout=0.9, retries={"mode": "standard", "total_max_attempts": 2}, max_pool_connections=2
)
"""The webhook stores a body while LINE waits."""


class S3Bodies:
    def __init__(self, bucket: str) -> None:
        self._bucket = bucket

    def put(self, key: str, body: bytes) -> None:
        with aws.unavailable("the body of a call could not be stored"):
            aws.client("s3", QUICK).put_object(
                Bucket=self._bucket, Key=key, Body=body, ContentType="application/octet-stream"
            )

    def get(self, key: str) -> bytes:
        with aws.unavailable("the body of a call could not be read"):
            try:
                return aws.client("s3").get_object(Bucket=self._bucket, Key=key)["Body"].read()
            except ClientError as error:
                if error.response["Error"]["Code"] != "NoSuchKey":
                    raise
                raise MalformedEventError("the body of the call is no longer stored") from error
