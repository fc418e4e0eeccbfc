"""Reads the size of images, and makes the previews that a chat shows until a tap. Pillow is loaded when needed, and so
is what takes metadata out.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING

from kairan.errors import UnsupportedMediaError
from kairan.media.inspect import MAX_PIXELS
from kairan.messengers.line.limits import MAX_PREVIEW_BYTES

if TYPE_CHECKING:
    from PIL.Image import Image

LONGEST_EDGE = 1024
"""Phones show previews in a chat smaller than this."""
QUALITIES = (85, 70, 50, 30)
"""`make_preview` tries these in turn until the preview is small enough."""
MAX_SCANS = 100
"""Encoders use some ten. Each scan takes as long as a picture, however few bytes it has."""


def image_size(key: str, data: bytes) -> tuple[int, int]:
    """(width, height), read from the header.

    Raises UnsupportedMediaError for data that is not an image, and for an image of over 40 megapixels.
    """
    from kairan.media.metadata import bare

    with _opened(key, bare(data).data) as image:
        return image.size


def make_preview(key: str, data: bytes) -> bytes:
    """A JPEG of at most 1 MB, turned as EXIF says, on white where the image is transparent, in the same colours."""
    from kairan.media.metadata import bare

    picture = bare(data)
    with _opened(key, picture.data) as image:
        profile = picture.rgb_profile if image.mode in ("RGB", "RGBA", "P", "PA") else None
        image.draft("RGB", (LONGEST_EDGE, LONGEST_EDGE))
        small = _eight_bit(image)
        small.thumbnail((LONGEST_EDGE, LONGEST_EDGE))
        small = _on_white(_turned(small, picture.orientation))
        for quality in QUALITIES:
            out = BytesIO()
            small.save(out, "JPEG", quality=quality, optimize=True, icc_profile=profile)
            if out.tell() <= MAX_PREVIEW_BYTES:
                return out.getvalue()
    raise UnsupportedMediaError(f"{key}: no preview within {MAX_PREVIEW_BYTES:,} bytes can be made of it")


@contextmanager
def _opened(key: str, data: bytes) -> Iterator["Image"]:
    """Pillow's own guard against decompression bombs stays on. Ours is stricter, and works before decoding."""
    from PIL import Image

    from kairan.media.metadata import scans_of

    if (scans := scans_of(data)) > MAX_SCANS:
        raise UnsupportedMediaError(f"{key}: the JPEG has {scans:,} scans; at most {MAX_SCANS} are taken")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            opened = Image.open(BytesIO(data), formats=("JPEG", "PNG"))
        with opened as image:
            if image.width * image.height > MAX_PIXELS:
                raise UnsupportedMediaError(
                    f"{key}: {image.width:,} × {image.height:,} pixels; "
                    f"at most {MAX_PIXELS // 1_000_000} megapixels are taken"
                )
            yield image
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UnsupportedMediaError(f"{key}: more pixels than can be looked at safely") from error
    except (OSError, SyntaxError, ValueError) as error:
        raise UnsupportedMediaError(f"{key}: the image cannot be read: it is damaged, or cut off") from error


def _eight_bit(image: "Image") -> "Image":
    """In a mode that shrinks well: 16-bit greys lose their lower half, and palettes and CMYK become colours."""
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda level: level / 256).convert("L")
    has_alpha = image.mode in ("LA", "PA", "RGBA") or "transparency" in image.info
    return image.convert("RGBA" if has_alpha else "RGB")


def _turned(image: "Image", orientation: int) -> "Image":
    from PIL.Image import Transpose

    turns = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    turn = turns.get(orientation)
    return image if turn is None else image.transpose(turn)


def _on_white(image: "Image") -> "Image":
    from PIL import Image

    if image.mode != "RGBA":
        return image
    page = Image.new("RGB", image.size, "white")
    page.paste(image, mask=image.getchannel("A"))
    return page
