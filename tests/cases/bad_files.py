"""Files that LINE would not take: each level that looks at files refuses each, for the same reason."""

from dataclasses import dataclass

from kairan.media.uploads import TAKEN, Kind
from tests.rigs import media_files

_RENAME = "; rename the file if it is one of these"
_NOT_AN_IMAGE = f"the name must end in .jpg or .jpeg or .jpe or .jfif or .png{_RENAME}"
_LARGE = media_files.image() + bytes(10_000_000)


@dataclass(frozen=True)
class BadFile:
    """`kind` is as what it would be sent, `why` what is said of it after its name.

    `looks_like` is the content type that its bytes say, where they are of another kind. A file that `is_misnamed` would
    be taken under another name.
    """

    name: str
    kind: Kind
    data: bytes
    why: str
    looks_like: str | None = None
    is_misnamed: bool = False

    @property
    def refusal(self) -> str:
        """What is said where the bytes decide, not the name."""
        if self.looks_like is None:
            return f"{self.name}: {self.why}"
        return f"'{self.looks_like}' is not {self.kind} type: {TAKEN[self.kind]} are taken"

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


def _other(name: str, kind: Kind, data: bytes, looks_like: str, promised: str, *, is_of_kind: bool = False) -> BadFile:
    why = f"the file looks like {looks_like}, not {promised} as its name says"
    return BadFile(name, kind, data, why, None if is_of_kind else looks_like, is_misnamed=is_of_kind)


EMPTY = (
    BadFile("empty.png", "image", b"", "the file is empty"),
    BadFile("empty.mp3", "audio", b"", "the file is empty"),
    BadFile("empty.mp4", "video", b"", "the file is empty"),
)
IMAGES = (
    _other("text.png", "image", "こんにちは".encode(), "text/plain", "image/png"),
    _other("drawing.png", "image", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml", "image/png"),
    _other("drawing.jpg", "image", b"<?xml version='1.0'?><svg/>", "image/svg+xml", "image/jpeg"),
    _other("moving.png", "image", media_files.image("GIF", mode="P"), "image/gif", "image/png"),
    _other("web.png", "image", b"RIFF\x24\0\0\0WEBPVP8 ", "image/webp", "image/png"),
    _other("page.png", "image", b"%PDF-1.7", "application/pdf", "image/png"),
    _other("sound.png", "image", media_files.audio("mp3"), "audio/mpeg", "image/png"),
    _other("film.png", "image", media_files.video(), "video/mp4", "image/png"),
    _other("photo.png", "image", media_files.image(), "image/jpeg", "image/png", is_of_kind=True),
    _other("photo.jpg", "image", media_files.image("PNG"), "image/png", "image/jpeg", is_of_kind=True),
    BadFile(
        "noise.png",
        "image",
        bytes(range(256)),
        "the file is of an unknown type, not image/png as its name says",
        "application/octet-stream",
    ),
    BadFile("cut.png", "image", media_files.image("PNG")[:20], "the image cannot be read: it is damaged, or cut off"),
    BadFile(
        "poster.png",
        "image",
        media_files.image("PNG", (8000, 5001), mode="1"),
        "8,000 × 5,001 pixels; at most 40 megapixels are taken",
    ),
    BadFile(
        "bomb.png",
        "image",
        media_files.image("PNG", (12_000, 12_000), mode="1"),
        "more pixels than can be looked at safely",
    ),
    BadFile("large.jpg", "image", _LARGE, f"{len(_LARGE):,} bytes; LINE takes 10,000,000"),
    BadFile("scans.jpg", "image", media_files.jpeg_of_scans(101), "the JPEG has 101 scans; at most 100 are taken"),
    *(
        BadFile(name, "image", media_files.image(), _NOT_AN_IMAGE, is_misnamed=True)
        for name in ("photo.txt", "photo.mp3", "Screenshot_2026.11.24", "report v1.2", "photo")
    ),
)
SOUNDS = (
    BadFile(
        "silent.mp3",
        "audio",
        b"ID3\x04\x00\x00\x00\x00\x00\x00" + bytes(500),
        "the file holds no MP3 frame, so there is nothing to hear",
    ),
    _other("wave.mp3", "audio", b"RIFF\x24\0\0\0WAVEfmt " + bytes(28), "audio/wav", "audio/mpeg"),
    _other("voice.mp3", "audio", media_files.audio("m4a"), "audio/mp4", "audio/mpeg", is_of_kind=True),
    _other("voice.m4a", "audio", media_files.audio("mp3"), "audio/mpeg", "audio/mp4", is_of_kind=True),
    _other("error.mp3", "audio", b'{"detail": "no such voice"}', "text/plain", "audio/mpeg"),
    _other("photo.mp3", "audio", media_files.image(), "image/jpeg", "audio/mpeg"),
    BadFile(
        "voice.wav",
        "audio",
        media_files.audio("m4a"),
        f"the name must end in .mp3 or .m4a{_RENAME}",
        is_misnamed=True,
    ),
)
FILMS = (
    _other("voice.mp4", "video", media_files.audio("m4a"), "audio/mp4", "video/mp4"),
    _other("photo.mp4", "video", media_files.image(), "image/jpeg", "video/mp4"),
    _other("film.mp4", "video", b"\0\0\0\x18ftypqt  \0\0\0\0qt  ", "video/quicktime", "video/mp4"),
    BadFile("film.png", "video", media_files.video(), f"the name must end in .mp4{_RENAME}"),
)
BAD_FILES = (*EMPTY, *IMAGES, *SOUNDS, *FILMS)
