"""Batches by reference, in the stack's private bucket."""

from botocore.exceptions import ClientError

from kairan import aws
from kairan.errors import InvalidInputError, Violation
from kairan.text import spellings

_ABSENT = {"NoSuchKey", "AccessDenied"}
"""Without the permission to list a bucket, S3 answers AccessDenied for a missing key ("GetObject")."""


class S3BatchStore:
    def __init__(self, bucket: str) -> None:
        self._bucket = bucket

    def read(self, key: str) -> bytes:
        """Also under a key that only looks equal."""
        for spelling in spellings(key):
            with aws.unavailable("the batch could not be read"):
                try:
                    return aws.client("s3").get_object(Bucket=self._bucket, Key=spelling)["Body"].read()
                except ClientError as error:
                    if error.response["Error"]["Code"] not in _ABSENT:
                        raise
        raise InvalidInputError([Violation("batch.key", "names nothing in the bucket of batches")])
