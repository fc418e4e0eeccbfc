"""Uploads to a media bucket in S3.

An upload ticket is a presigned POST ("Browser-Based Uploads Using POST"): S3 itself refuses a key, type or size other
than the announced ones. Its form needs a signature of version 4 and an address in the bucket's own region; neither is
botocore's default.
"""

from typing import TYPE_CHECKING

from botocore.config import Config

from kairan import aws
from kairan.clock import Clock, SystemClock
from kairan.contract import PREVIEWS
from kairan.errors import MediaNotFoundError
from kairan.media.keys import MediaKey
from kairan.media.model import MediaType
from kairan.media.s3_bucket import S3Bucket
from kairan.media.uploads import (
    UPLOAD_TICKET_LASTS,
    Kind,
    UploadTicket,
    bytes_to_check,
    check_announced,
    check_content,
    check_upload,
    is_incoming,
    key_at,
    name_of,
    new_incoming_key,
    own_key,
)

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PRESIGNING = aws.STANDARD.merge(Config(signature_version="s3v4", s3={"addressing_style": "virtual"}))


class S3Uploads:
    """`kind` is the kind of file that the bucket is for."""

    def __init__(
        self, bucket: str, *, kind: Kind, clock: Clock | None = None, client: "S3Client | None" = None
    ) -> None:
        self._bucket = S3Bucket(bucket, client=client)
        self._kind = kind
        self._clock = clock or SystemClock()

    def presign_upload(self, name: str, content_type: str, size_bytes: int) -> UploadTicket:
        type_ = check_announced(self._kind, name, content_type, size_bytes)
        key = new_incoming_key(name)
        expires_at = (self._clock.now() + UPLOAD_TICKET_LASTS).replace(microsecond=0)
        form = aws.client("s3", PRESIGNING).generate_presigned_post(
            Bucket=self._bucket.name,
            Key=key,
            Fields={"Content-Type": type_.value},
            Conditions=[{"Content-Type": type_.value}, ["content-length-range", size_bytes, size_bytes]],
            ExpiresIn=int(UPLOAD_TICKET_LASTS.total_seconds()),
        )
        return UploadTicket(key, form["url"], form["fields"], expires_at)

    def store(self, stem: str, data: bytes, type_: MediaType) -> MediaKey:
        key = key_at(stem, type_)
        self._bucket.write(key, data, type_)
        return key

    def publish_upload(self, incoming_key: str, stem: str, *, kind: Kind) -> MediaKey:
        upload = self._bucket.find(incoming_key) if is_incoming(incoming_key) else None
        if upload is None:
            raise MediaNotFoundError(
                f"{incoming_key}: no file was uploaded under this key, or the upload was more than a day ago"
            )
        name = name_of(incoming_key)
        type_ = check_upload(self._kind, kind, name, upload.size_bytes)
        check_content(name, self._bucket.read(upload, bytes_to_check(type_)), type_)
        key = key_at(stem, type_)
        self._bucket.copy(upload, key, type_)
        return key

    def remove(self, key: MediaKey) -> None:
        """The file goes first, so that it is no longer served. If this call dies, the next one deletes the rest."""
        self._bucket.delete(own_key(key))
        for derived_key in self._bucket.keys(f"{PREVIEWS}{key}."):
            self._bucket.delete(derived_key)
