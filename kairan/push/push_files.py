"""The files of one push: copied or stored under its batch id, and removed when the push certainly reaches no one."""

from dataclasses import dataclass
from uuid import uuid4

from kairan.content import Content, media_keys_of
from kairan.contract import UPLOADS
from kairan.errors import StoreUnavailableError
from kairan.media.keys import MediaKey, parse_key
from kairan.media.model import MediaType
from kairan.media.port import Media
from kairan.media.uploads import Kind, Uploads, is_incoming
from kairan.observability import logger
from kairan.sending.batch import BatchId


@dataclass(frozen=True)
class MediaBucket:
    """A media bucket, both for sending its files and for callers' uploads."""

    media: Media
    uploads: Uploads


class PushFiles:
    """The files of one call.

    Each call has its own folder, so that two calls under one key never overwrite or remove each other's files.
    """

    def __init__(self, batch_id: BatchId) -> None:
        self._path = f"{UPLOADS}{batch_id}/{uuid4()}"
        self._stored: list[tuple[MediaBucket, MediaKey]] = []

    def store(self, bucket: MediaBucket, data: bytes, type_: MediaType) -> MediaKey:
        return self._remember(bucket, bucket.uploads.store(self._path, data, type_))

    def named(self, bucket: MediaBucket, key: str, kind: Kind, *, is_cover: bool = False) -> MediaKey:
        """The file that a body names by its key. An upload is copied to a key of this call; any other key stays.

        `is_cover`: the file is the second one, shown before the first is opened.
        """
        if not is_incoming(key):
            return parse_key(key)
        path = f"{self._path}-preview" if is_cover else self._path
        return self._remember(bucket, bucket.uploads.publish_upload(key, path, kind=kind))

    def remove(self, *, unless_in: Content = ()) -> None:
        """Removes the stored files, except those that `unless_in` shows.

        A failure is only logged: no message links to the file that stays.
        """
        shown = media_keys_of(unless_in)
        for bucket, key in [stored for stored in self._stored if stored[1] not in shown]:
            try:
                bucket.uploads.remove(key)
            except StoreUnavailableError as error:
                logger.warning("file of a push not removed", code=error.code, key=key)
            self._stored.remove((bucket, key))

    def _remember(self, bucket: MediaBucket, key: MediaKey) -> MediaKey:
        self._stored.append((bucket, key))
        return key
