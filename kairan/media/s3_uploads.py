"""Uploads to a media bucket in S3.

An invitation is a presigned POST ("Browser-Based Uploads Using POST"): S3 itself refuses another key, type or size than the
announced ones. Its form must be signed with version 4 and lead to the bucket's own region, neither of which is botocore's default.
"""

from typing import TYPE_CHECKING

from botocore.config import Config

from kairan import aws
from kairan.clock import Clock, SystemClock
from kairan.errors import MediaNotFoundError
from kairan.media.keys import PREVIEWS, MediaKey
from kairan.media.model import MediaType
from kairan.media.s3_bucket import S3Bucket
from kairan.media.uploads import (
    INVITATION_LASTS,
    Invitation,
    Kind,
    bytes_to_check,
    check_content,
    check_invited,
    check_upload,
    is_incoming,
    key_at,
    new_incoming_key,
    own_key,
)

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PRESIGNING = aws.STANDARD.merge(Config(signature_version="s3v4", s3={"addressing_style": "virtual"}))


class S3Uploads:
    """`kind` is what the bucket is for."""

    def __init__(
        self, bucket: str, *, kind: Kind, clock: Clock | None = None, client: "S3Client | None" = None
    ) -> None:
        self._bucket = S3Bucket(bucket, client=client)
        self._kind = kind
        self._clock = clock or SystemClock()

    def invite(self, name: str, content_type: str, size_bytes: int) -> Invitation:
        type_ = check_invited(self._kind, name, content_type, size_bytes)
        key = new_incoming_key(name)
        expires_at = (self._clock.now() + INVITATION_LASTS).replace(microsecond=0)
        form = aws.client("s3", PRESIGNING).generate_presigned_post(
            Bucket=self._bucket.name,
            Key=key,
            Fields={"Content-Type": type_.value},
            Conditions=[{"Content-Type": type_.value}, ["content-length-range", size_bytes, size_bytes]],
            ExpiresIn=int(INVITATION_LASTS.total_seconds()),
        )
        return Invitation(key, form["url"], form["fields"], expires_at)

    def store(self, place: str, data: bytes, type_: MediaType) -> MediaKey:
        key = key_at(place, type_)
        self._bucket.write(key, data, type_)
        return key

    def adopt(self, incoming_key: str, place: str, *, kind: Kind) -> MediaKey:
        found = self._bucket.find(incoming_key) if is_incoming(incoming_key) else None
        if found is None:
            raise MediaNotFoundError(f"{incoming_key}: nothing was uploaded under this key, or more than a day ago")
        type_ = check_upload(self._kind, kind, incoming_key, found.size_bytes)
        check_content(incoming_key, self._bucket.read(found, bytes_to_check(type_)), type_)
        key = key_at(place, type_)
        self._bucket.copy(found, key, type_)
        return key

    def discard(self, key: MediaKey) -> None:
        """The file goes first, so that it is no longer served; what a call leaves that dies in between, the next one finds."""
        self._bucket.delete(own_key(key))
        for made in self._bucket.keys(f"{PREVIEWS}{key}."):
            self._bucket.delete(made)
