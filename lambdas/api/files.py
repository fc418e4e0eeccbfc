"""The files of one push: copied or stored under its delivery id, and taken back when it certainly goes nowhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from kairan.delivery.model import DeliveryId
from kairan.errors import StoreUnavailableError
from kairan.line.client import Message
from kairan.media.keys import MediaKey, parse_key
from kairan.media.model import MediaType
from kairan.media.port import Media
from kairan.media.uploads import UPLOADS, Kind, Uploads, is_incoming
from kairan.observability import logger

LINKS = ("originalContentUrl", "previewImageUrl")


@dataclass(frozen=True)
class Bucket:
    """A media bucket, for what is sent from it and for what callers put there."""

    media: Media
    uploads: Uploads


class Files:
    """One call's: another call under the same key has a place of its own, so that neither writes over what the other sends, nor takes
    it back."""

    def __init__(self, delivery_id: DeliveryId) -> None:
        self._place = f"{UPLOADS}{delivery_id}/{uuid4()}"
        self._kept: list[tuple[Bucket, MediaKey]] = []

    def store(self, bucket: Bucket, data: bytes, type_: MediaType) -> MediaKey:
        return self._keep(bucket, bucket.uploads.store(self._place, data, type_))

    def named(self, bucket: Bucket, key: str, kind: Kind, *, beside: bool = False) -> MediaKey:
        """What a body calls by its key: an upload becomes a copy of ours, any other key stays. `beside`: it is the second file."""
        if not is_incoming(key):
            return parse_key(key)
        place = f"{self._place}-preview" if beside else self._place
        return self._keep(bucket, bucket.uploads.adopt(key, place, kind=kind))

    def discard(self, *, but: Sequence[Message] = ()) -> None:
        """Remove what was kept, except for what these messages link to. The answer does not depend on it: what a bucket does not
        remove now, nobody links to."""
        linked = [str(message.get(link)) for message in but for link in LINKS]
        unlinked = [(bucket, key) for bucket, key in self._kept if not any(key in url for url in linked)]
        for bucket, key in unlinked:
            try:
                bucket.uploads.discard(key)
            except StoreUnavailableError as error:
                logger.warning("not discarded", code=error.code, key=key)
            self._kept.remove((bucket, key))

    def _keep(self, bucket: Bucket, key: MediaKey) -> MediaKey:
        self._kept.append((bucket, key))
        return key
