"""Previews of images."""

import struct
from io import BytesIO

import pytest
from PIL import Image, ImageChops, ImageOps, ImageStat

from kairan.errors import UnsupportedMediaError
from kairan.media.preview import LONGEST_EDGE, image_size, make_preview
from tests.rigs import media_files

ORIENTATION = 0x0112
QUARTER_TURN = 6


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
