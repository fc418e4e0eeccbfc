"""The files of one media bucket, as a sender sees them."""

from typing import Protocol

from kairan.media.keys import MediaKey
from kairan.media.model import AudioLink, ImageLinks, VideoLinks


class Media(Protocol):
    """Every method checks the files it links to: they exist, are what their names say by their first bytes, and are within
    LINE's limits. They raise

    - MediaNotFoundError       a key is not in the bucket
    - UnsupportedMediaError    a file is not what its name says, or over a limit
    - StoreUnavailableError    the bucket did not answer
    """

    def image(self, key: MediaKey, preview: MediaKey | None = None) -> ImageLinks:
        """A JPEG or PNG of at most 10 MB and 40 megapixels; a preview is made when none is named."""

    def audio(self, key: MediaKey, duration_ms: int | None = None) -> AudioLink:
        """An MP3 or M4A of at most 200 MB. The duration is measured unless given; over 20 MB it must be given."""

    def video(self, key: MediaKey, preview: MediaKey) -> VideoLinks:
        """An MP4 of at most 200 MB and its cover: a JPEG or PNG of at most 1 MB in the same bucket."""
