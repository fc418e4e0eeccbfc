"""The files of one push: copied or stored under its delivery id, and taken back when it certainly goes nowhere."""

from dataclasses import dataclass

from kairan.errors import StoreUnavailableError
from kairan.media.keys import MediaKey, parse_key
from kairan.media.model import MediaType
from kairan.media.port import Media
from kairan.media.uploads import UPLOADS, Kind, Uploads, is_incoming
from kairan.observability import logger


@dataclass(frozen=True)
class Bucket:
    """A media bucket, for what is sent from it and for what callers put there."""

    media: Media
    uploads: Uploads


class Files:
    """`name` is the push's own: other content under the same caller's key has another, so that neither writes over the other."""

    def __init__(self, name: str) -> None:
        self._place = f"{UPLOADS}{name}"
        self._kept: list[tuple[Bucket, MediaKey]] = []

    def store(self, bucket: Bucket, data: bytes, type_: MediaType) -> MediaKey:
        return self._keep(bucket, bucket.uploads.store(self._place, data, type_))

    def named(self, bucket: Bucket, key: str, kind: Kind, *, beside: bool = False) -> MediaKey:
        """What a body calls by its key: an upload becomes a copy of ours, any other key stays. `beside`: it is the second file."""
        if not is_incoming(key):
            return parse_key(key)
        place = f"{self._place}-preview" if beside else self._place
        return self._keep(bucket, bucket.uploads.adopt(key, place, kind=kind))

    def discard(self) -> None:
        """Remove what was kept. The answer does not depend on it: what a bucket does not remove now, nobody links to."""
        for bucket, key in self._kept:
            try:
                bucket.uploads.discard(key)
            except StoreUnavailableError as error:
                logger.warning("not discarded", code=error.code, key=key)
        self._kept.clear()

    def _keep(self, bucket: Bucket, key: MediaKey) -> MediaKey:
        self._kept.append((bucket, key))
        return key
