"""The files of one media bucket, as content shows them."""

from typing import Protocol

from kairan.content import Audio, Image, Video
from kairan.media.keys import MediaKey


class Media(Protocol):
    """Every method checks the files it links to: they exist, their first bytes match their names, and they keep LINE's
    limits. The methods raise

    - MediaNotFoundError       the bucket does not have a key
    - UnsupportedMediaError    a file is not what its name says, or over a limit
    - StoreUnavailableError    the bucket did not answer
    """

    def image(self, key: MediaKey, preview: MediaKey | None = None) -> Image:
        """A JPEG or PNG of at most 10 MB and 40 megapixels. Without `preview`, one is made."""

    def audio(self, key: MediaKey, duration_ms: int | None = None) -> Audio:
        """An MP3 or M4A of at most 200 MB. Without `duration_ms` the file is measured, up to 20 MB."""

    def video(self, key: MediaKey, preview: MediaKey) -> Video:
        """An MP4 of at most 200 MB and its cover: a JPEG or PNG of at most 1 MB in the same bucket."""
