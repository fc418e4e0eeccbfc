"""A bucket in S3, as this room uses one: `find` an object first, then read or copy exactly that version of it.

Every method raises StoreUnavailableError when the bucket does not answer. It also does when an object was overwritten
since `find`: then repeat the whole.
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from kairan import aws

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_ABSENT = (403, 404)
"""Without the permission to list a bucket, S3 answers 403 for a missing key ("HeadObject")."""


@dataclass(frozen=True)
class StoredObject:
    key: str
    etag: str
    size_bytes: int
    content_type: str = ""


class S3Bucket:
    def __init__(self, name: str, *, client: "S3Client | None" = None) -> None:
        self.name = name
        self._own_client = client

    @property
    def _s3(self) -> "S3Client":
        return self._own_client or aws.client("s3")

    def find(self, key: str) -> StoredObject | None:
        with _unavailable_for(key):
            try:
                answer = self._s3.head_object(Bucket=self.name, Key=key)
            except ClientError as error:
                if _is_absent(error):
                    return None
                raise
        return StoredObject(key, answer["ETag"], answer["ContentLength"], answer.get("ContentType", ""))

    def read(self, object_: StoredObject, first: int | None = None) -> bytes:
        """The object, or its first bytes."""
        if object_.size_bytes == 0:
            return b""
        last = min(first or object_.size_bytes, object_.size_bytes) - 1
        with _unavailable_for(object_.key):
            answer = self._s3.get_object(
                Bucket=self.name, Key=object_.key, IfMatch=object_.etag, Range=f"bytes=0-{last}"
            )
            return answer["Body"].read()

    def read_if_present(self, key: str) -> bytes | None:
        with _unavailable_for(key):
            try:
                return self._s3.get_object(Bucket=self.name, Key=key)["Body"].read()
            except ClientError as error:
                if _is_absent(error):
                    return None
                raise

    def write(self, key: str, data: bytes, content_type: str) -> StoredObject:
        with _unavailable_for(key):
            answer = self._s3.put_object(Bucket=self.name, Key=key, Body=data, ContentType=content_type)
        return StoredObject(key, answer["ETag"], len(data), content_type)

    def copy(self, object_: StoredObject, key: str, content_type: str) -> StoredObject:
        """S3 copies within the bucket. The copy has `content_type` and none of the original's headers and tags."""
        with _unavailable_for(object_.key):
            answer = self._s3.copy_object(
                Bucket=self.name,
                Key=key,
                CopySource={"Bucket": self.name, "Key": object_.key},
                CopySourceIfMatch=object_.etag,
                MetadataDirective="REPLACE",
                TaggingDirective="REPLACE",
                ContentType=content_type,
            )
        return StoredObject(key, answer["CopyObjectResult"]["ETag"], object_.size_bytes, content_type)

    def keys(self, prefix: str) -> list[str]:
        """The first 1,000 keys with this prefix."""
        with _unavailable_for(prefix):
            answer = self._s3.list_objects_v2(Bucket=self.name, Prefix=prefix)
        return [object_["Key"] for object_ in answer.get("Contents", [])]

    def delete(self, key: str) -> None:
        """Does nothing when the object is missing."""
        with _unavailable_for(key):
            self._s3.delete_object(Bucket=self.name, Key=key)


def _unavailable_for(key: str) -> AbstractContextManager[None]:
    return aws.unavailable(f"{key}: the media bucket did not answer")


def _is_absent(error: ClientError) -> bool:
    return error.response["ResponseMetadata"]["HTTPStatusCode"] in _ABSENT
