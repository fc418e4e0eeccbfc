"""Previews of images."""

import struct
import zlib
from collections.abc import Callable
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageOps, ImageStat

from kairan.errors import UnsupportedMediaError
from kairan.media.metadata import bare
from kairan.media.preview import LONGEST_EDGE, image_size, make_preview
from tests.rigs import media_files

ORIENTATION = 0x0112
QUARTER_TURN = 6


def wide_profile(space: bytes = b"RGB ") -> bytes:
    """As much of a profile as tells its colour space."""
    return (bytes(16) + space + b"XYZ " + bytes(12) + b"acsp").ljust(200, b"\0")


def preview_of(data: bytes) -> Image.Image:
    made = make_preview("key", data)
    assert len(made) <= 1_000_000
    image = Image.open(BytesIO(made))
    assert image.format == "JPEG"
    return image


def is_near(image: Image.Image, colour: tuple[int, int, int]) -> bool:
    found = image.convert("RGB").getpixel((0, 0))
    assert isinstance(found, tuple)
    return all(abs(one - other) <= 3 for one, other in zip(found, colour, strict=True))


def test_a_small_image_keeps_its_size() -> None:
    assert preview_of(media_files.image(size=(40, 30))).size == (40, 30)


def test_a_large_image_is_made_small_in_its_shape() -> None:
    assert preview_of(media_files.noise(size=(4096, 2048))).size == (LONGEST_EDGE, LONGEST_EDGE // 2)


def test_a_preview_stands_upright_as_exif_says() -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = QUARTER_TURN

    preview = preview_of(media_files.image(size=(2000, 1000), exif=exif))

    assert preview.size == (LONGEST_EDGE // 2, LONGEST_EDGE)
    assert ORIENTATION not in preview.getexif()


def test_a_preview_stands_upright_also_when_exif_cannot_be_written_again() -> None:
    width_as_a_fraction = struct.pack("<HHI", 0x0100, 5, 1) + bytes(4)
    turned = struct.pack("<HHIHH", ORIENTATION, 3, 1, QUARTER_TURN, 0)
    exif = b"Exif\0\0II*\0" + struct.pack("<IH", 8, 2) + width_as_a_fraction + turned + bytes(4)

    assert preview_of(media_files.image(size=(40, 30), exif=exif)).size == (30, 40)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_turn_of_exif_is_made(orientation: int) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    picture = media_files.noise(size=(48, 32), exif=exif)
    upright = ImageOps.exif_transpose(Image.open(BytesIO(picture))).convert("RGB")

    preview = preview_of(picture).convert("RGB")

    assert preview.size == upright.size
    assert max(ImageStat.Stat(ImageChops.difference(preview, upright)).mean) < 20


@pytest.mark.parametrize(
    "data",
    [
        media_files.image("PNG", mode="RGBA", colour=(255, 0, 0, 0)),
        media_files.image("PNG", mode="LA", colour=(0, 0)),
        media_files.image("PNG", mode="P", transparency=0),
        media_files.image("PNG", mode="RGB", colour=(1, 2, 3), transparency=(1, 2, 3)),
        media_files.image("PNG", mode="L", colour=7, transparency=7),
    ],
)
def test_what_is_transparent_is_white(data: bytes) -> None:
    assert is_near(preview_of(data), (255, 255, 255))


@pytest.mark.parametrize(
    ("data", "colour"),
    [
        (media_files.image("PNG", mode="I;16", colour=40_000), (156, 156, 156)),
        (media_files.image("PNG", mode="1", colour=1), (255, 255, 255)),
        (media_files.image("JPEG", mode="L", colour=100), (100, 100, 100)),
        (media_files.image("JPEG", mode="CMYK", colour=(0, 0, 0, 255)), (0, 0, 0)),
        (media_files.image("PNG", mode="RGBA", colour=(200, 0, 0, 255)), (200, 0, 0)),
    ],
)
def test_every_kind_of_image_keeps_its_colour(data: bytes, colour: tuple[int, int, int]) -> None:
    assert is_near(preview_of(data), colour)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_file_that_was_cut_off_has_no_preview(kind: str) -> None:
    with pytest.raises(UnsupportedMediaError, match=r"^key: the image cannot be read"):
        make_preview("key", media_files.noise(kind, (300, 300))[:2000])


@pytest.mark.parametrize("edge", [7000, 12_000, 20_000])
@pytest.mark.parametrize("look", [image_size, make_preview])
def test_a_decompression_bomb_is_refused_unopened(edge: int, look: object) -> None:
    bomb = media_files.image("PNG", (edge, edge), mode="1")

    assert len(bomb) < 100_000
    with pytest.raises(UnsupportedMediaError, match="pixels"):
        look("key", bomb)  # type: ignore[operator]


RED = (200, 30, 30)
TURNED = struct.pack("<HHIHH", ORIENTATION, 3, 1, QUARTER_TURN, 0)
UNREADABLE: dict[str, bytes] = {
    "EXIF that is no TIFF": media_files.jpeg_with(0xE1, b"Exif\0\0no TIFF at all", colour=RED),
    "EXIF that ends early": media_files.jpeg_with(0xE1, b"Exif\0\0II*\0\x08\0\0\0\xff\xff", colour=RED),
    "EXIF that points at itself": media_files.jpeg_with(
        0xE1, b"Exif\0\0II*\0" + struct.pack("<IH", 8, 1) + struct.pack("<HHII", 0x8769, 4, 1, 8) * 2, colour=RED
    ),
    "a turn that is none": media_files.jpeg_with(
        0xE1,
        b"Exif\0\0II*\0" + struct.pack("<IH", 8, 1) + struct.pack("<HHI4s", ORIENTATION, 2, 4, b"left"),
        colour=RED,
    ),
    "several pictures that are not there": media_files.jpeg_with(0xE2, b"MPF\0II*\0\xff\xff\xff\xff", colour=RED),
    "Photoshop's blocks, cut off": media_files.jpeg_with(0xED, b"Photoshop 3.0\0008BIM\x04\x04\0", colour=RED),
    "EXIF of a PNG that is none": media_files.png_with(b"eXIf", b"no TIFF at all", colour=RED),
    "EXIF of a PNG that is empty": media_files.png_with(b"eXIf", b"", colour=RED),
    "megabytes of packed text": media_files.png_with(b"zTXt", b"a\0\0" + zlib.compress(bytes(70_000_000)), colour=RED),
    "megabytes of international text": media_files.png_with(
        b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(bytes(5_000_000)), colour=RED
    ),
    "a profile of megabytes": media_files.png_with(b"iCCP", b"a\0\0" + zlib.compress(bytes(5_000_000)), colour=RED),
    "a profile that is none": media_files.png_with(b"iCCP", b"a\0\0no zlib", colour=RED),
    "a density that is none": media_files.png_with(b"pHYs", b"\0", colour=RED),
}


@pytest.mark.parametrize("data", UNREADABLE.values(), ids=UNREADABLE)
def test_metadata_that_cannot_be_read_keep_no_picture_from_being_shown(data: bytes) -> None:
    assert image_size("key", data) == (40, 30)
    assert is_near(preview_of(data), RED)


def test_the_turn_of_a_png_counts_too() -> None:
    exif = b"II*\0" + struct.pack("<IH", 8, 1) + TURNED + bytes(4)

    assert preview_of(media_files.png_with(b"eXIf", exif)).size == (30, 40)


@pytest.mark.parametrize("format_", ["JPEG", "PNG"])
def test_a_preview_has_the_colours_of_its_image(format_: str) -> None:
    """A number means another colour in another profile, so the profile goes with the numbers."""
    profile = wide_profile()

    preview = preview_of(media_files.image(format_, colour=(255, 0, 0), icc_profile=profile))

    assert preview.info["icc_profile"] == profile
    assert is_near(preview, (254, 0, 0))


@pytest.mark.parametrize(
    "data",
    [
        media_files.image(mode="CMYK", icc_profile=wide_profile(b"CMYK")),
        media_files.image(mode="L", icc_profile=wide_profile(b"GRAY")),
        media_files.image(icc_profile=b"no profile"),
        media_files.image(icc_profile=wide_profile() + bytes(100_000)),
    ],
    ids=["CMYK", "grey", "no profile", "too large"],
)
def test_a_profile_that_does_not_fit_the_preview_stays_behind(data: bytes) -> None:
    assert "icc_profile" not in preview_of(data).info


@pytest.mark.parametrize("scans", [1, 10, 100])
def test_a_jpeg_of_some_scans_is_taken(scans: int) -> None:
    data = media_files.jpeg_of_scans(scans) if scans > 9 else media_files.image()

    assert preview_of(data).size == (40, 30)


@pytest.mark.parametrize("look", [image_size, make_preview])
def test_a_jpeg_of_thousands_of_scans_is_refused_unopened(look: Callable[[str, bytes], object]) -> None:
    with pytest.raises(UnsupportedMediaError, match=r"^key: the JPEG has 5,000 scans; at most 100 are taken$"):
        look("key", media_files.jpeg_of_scans(5000))


def test_what_follows_a_picture_is_not_counted_among_its_scans() -> None:
    """A phone appends a film, in which any bytes may stand."""
    assert preview_of(media_files.image() + b"\xff\xda" * 1000).size == (40, 30)


@given(st.binary(max_size=300), st.sampled_from([b"", b"\xff\xd8", b"\x89PNG\r\n\x1a\n"]))
def test_any_bytes_become_bare_once(data: bytes, beginning: bytes) -> None:
    picture = bare(beginning + data)

    assert bare(picture.data).data == picture.data
    assert 1 <= picture.orientation <= 8
