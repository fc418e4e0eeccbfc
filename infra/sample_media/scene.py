"""The picture: a notice (回覧) on its way from door to door on a bright morning. Code draws it, so it is ours."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT = 1600, 900
"""All coordinates below are in this frame. A picture of any 16:9 size is drawn at twice its size and scaled down."""
OVERSAMPLING = 2
GROUND_Y = 745

Point = tuple[float, float]
Colour = str


@dataclass(frozen=True)
class House:
    x: float
    width: float
    height: float
    wall: Colour
    roof: Colour

    @property
    def door(self) -> Point:
        """The point where the notice is handed over."""
        return self.x + self.width / 2, GROUND_Y - self.height * 0.62


HOUSES = (
    House(90, 270, 190, "#fbf1dd", "#3f5468"),
    House(500, 230, 235, "#f4d9c6", "#8a4b45"),
    House(860, 280, 180, "#eef0e2", "#4c6b5c"),
    House(1270, 240, 220, "#fae6c4", "#4a4a63"),
)


class Canvas:
    """Pillow's drawing in the coordinates of the scene."""

    def __init__(self, image: Image.Image, scale: float) -> None:
        self.image = image
        self.scale = scale
        self._draw = ImageDraw.Draw(image)

    def polygon(self, points: Sequence[Point], fill: Colour) -> None:
        self._draw.polygon([(x * self.scale, y * self.scale) for x, y in points], fill=fill)

    def box(self, left: float, top: float, right: float, bottom: float, fill: Colour, *, radius: float = 0) -> None:
        corners = [value * self.scale for value in (left, top, right, bottom)]
        self._draw.rounded_rectangle(corners, radius=radius * self.scale, fill=fill)

    def circle(self, x: float, y: float, radius: float, fill: Colour) -> None:
        corners = [value * self.scale for value in (x - radius, y - radius, x + radius, y + radius)]
        self._draw.ellipse(corners, fill=fill)

    def below(self, line: Callable[[float], float], fill: Colour) -> None:
        """Everything under a line y(x)."""
        top = [(x, line(x)) for x in range(0, WIDTH + 1, 8)]
        self.polygon([*top, (WIDTH, HEIGHT), (0, HEIGHT)], fill)


def draw(width: int, height: int, progress: float) -> Image.Image:
    """The scene when the notice has made `progress` (0 to 1) of its way from the first door to the last."""
    scale = width * OVERSAMPLING / WIDTH
    canvas = Canvas(_landscape(scale).copy(), scale)
    legs = len(HOUSES) - 1
    at = min(max(progress, 0), 1) * legs
    for number, house in enumerate(HOUSES):
        _house(canvas, house, lit=at >= number - 0.04)
    for x, y in _trail(at):
        canvas.circle(x, y, 4.5, "#ffffff")
    _notice(canvas, _on_the_way(at), tilt=9 * math.sin(at * math.tau))
    return canvas.image.resize((width, height), Image.Resampling.LANCZOS)


@cache
def _landscape(scale: float) -> Image.Image:
    """The parts that do not move."""
    size = round(WIDTH * scale), round(HEIGHT * scale)
    sky = _gradient(["#6fb1cf", "#a9d3dc", "#f6e6c9", "#f8c9a0"], round(600 * scale), size)
    glow = Image.new("RGB", size, "#fff4dc")
    mask = Image.new("L", size, 0)
    Canvas(mask, scale).circle(1190, 330, 190, "#8c8c8c")
    sky.paste(glow, mask=mask.filter(ImageFilter.GaussianBlur(60 * scale)))
    canvas = Canvas(sky, scale)
    canvas.circle(1190, 330, 92, "#fffaf0")
    _mountain(canvas, 620, 190)
    canvas.below(lambda x: 600 + 34 * math.sin(x / 190 + 0.6), "#8fb8a4")
    canvas.below(lambda x: 655 + 26 * math.sin(x / 150 + 2.4), "#6b9f8b")
    canvas.below(lambda _: GROUND_Y - 8, "#4f8674")
    canvas.below(lambda x: GROUND_Y + 22 + 6 * math.sin(x / 260), "#efdfbf")
    canvas.below(lambda x: GROUND_Y + 104 + 6 * math.sin(x / 260 + 1), "#5c9480")
    for x, size_of_tree in ((440, 1.0), (800, 0.8), (1200, 1.1), (1560, 0.9), (30, 0.9)):
        _tree(canvas, x, size_of_tree)
    return sky


def _gradient(stops: Sequence[Colour], reach: int, size: tuple[int, int]) -> Image.Image:
    column = Image.new("RGB", (1, len(stops)))
    ImageDraw.Draw(column)
    for y, stop in enumerate(stops):
        column.putpixel((0, y), _rgb(stop))
    image = Image.new("RGB", size, stops[-1])
    image.paste(column.resize((size[0], reach), Image.Resampling.BICUBIC))
    return image


def _rgb(colour: Colour) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _mountain(canvas: Canvas, x: float, y: float) -> None:
    def side(depth: float) -> float:
        """Half the width at that depth below the summit: steep above, wide at the foot."""
        return 46 + depth * 0.62 + math.pow(depth / 26, 2.15)

    def slice_of(depth: float, fill: Colour, hem: Sequence[Point]) -> None:
        depths = [depth * step / 24 for step in range(25)]
        left = [(x - side(d), y + d) for d in depths]
        right = [(x + side(d), y + d) for d in reversed(depths)]
        canvas.polygon([*left, *hem, *right], fill)

    slice_of(470, "#7d93b4", [])
    snow = 120
    half = side(snow)
    teeth = [(x - half + half * 2 * step / 8, y + snow + (34 if step % 2 else -12)) for step in range(1, 8)]
    slice_of(snow, "#f6f8fb", teeth)


def _tree(canvas: Canvas, x: float, size: float) -> None:
    canvas.box(x - 6 * size, GROUND_Y - 60 * size, x + 6 * size, GROUND_Y + 4, "#6b4a35")
    for dx, dy, radius in ((0, -120, 52), (-34, -84, 40), (36, -82, 42)):
        canvas.circle(x + dx * size, GROUND_Y + dy * size, radius * size, "#3f7362")
    canvas.circle(x - 14 * size, GROUND_Y - 134 * size, 26 * size, "#518a76")


def _house(canvas: Canvas, house: House, *, lit: bool) -> None:
    left, right, top = house.x, house.x + house.width, GROUND_Y - house.height
    glass, frame = ("#ffcf6b" if lit else "#8fa9b5"), "#6f5a48"
    canvas.box(left, top, right, GROUND_Y + 6, house.wall)
    canvas.box(left, GROUND_Y - 16, right, GROUND_Y + 6, "#cdbfa8")
    eaves, ridge = 34, house.width * 0.24
    canvas.polygon(
        [
            (left - eaves, top + 14), (left - eaves - 8, top + 2), (left + ridge, top - 74), (right - ridge, top - 74),
            (right + eaves + 8, top + 2), (right + eaves, top + 14),
        ],
        house.roof,
    )  # fmt: skip
    canvas.box(left + ridge - 10, top - 84, right - ridge + 10, top - 68, house.roof, radius=8)
    middle = house.x + house.width / 2
    canvas.box(middle - 34, GROUND_Y - 108, middle + 34, GROUND_Y - 14, frame, radius=4)
    canvas.box(middle - 27, GROUND_Y - 101, middle - 2, GROUND_Y - 16, glass)
    canvas.box(middle + 2, GROUND_Y - 101, middle + 27, GROUND_Y - 16, glass)
    for window in (left + 24, right - 24 - 52):
        canvas.box(window - 5, top + 40, window + 57, top + 98, frame, radius=4)
        canvas.box(window, top + 45, window + 24, top + 93, glass)
        canvas.box(window + 28, top + 45, window + 52, top + 93, glass)


def _on_the_way(at: float) -> Point:
    """`at` counts doors: 1.5 is halfway from the second to the third, at the top of a bow."""
    leg = min(int(at), len(HOUSES) - 2)
    (x0, y0), (x1, y1) = (house.door for house in HOUSES[leg : leg + 2])
    part = at - leg
    eased = part * part * (3 - 2 * part)
    return x0 + (x1 - x0) * eased, y0 + (y1 - y0) * eased - 150 * math.sin(math.pi * eased) - 60


def _trail(at: float) -> Iterator[Point]:
    """Dots at even distances on the way so far."""
    spacing, passed = 26.0, 0.0
    way = [_on_the_way(at * step / 400) for step in range(401)]
    for (x0, y0), (x1, y1) in pairwise(way):
        passed += math.hypot(x1 - x0, y1 - y0)
        if passed >= spacing:
            passed -= spacing
            yield x1, y1


def _notice(canvas: Canvas, centre: Point, *, tilt: float) -> None:
    """A clipboard with a sheet that bears 回: a square in a square."""
    width, height = 150, 196
    layer = Image.new("RGBA", (round((width + 40) * canvas.scale), round((height + 60) * canvas.scale)))
    board = Canvas(layer, canvas.scale)
    left, top = 20, 34
    board.box(left, top, left + width, top + height, "#b5763c", radius=12)
    board.box(left + 11, top + 22, left + width - 11, top + height - 11, "#fffdf6", radius=4)
    board.box(left + 42, top - 12, left + width - 42, top + 16, "#9aa5ad", radius=8)
    board.circle(left + width / 2, top - 8, 12, "#9aa5ad")
    board.circle(left + width / 2, top - 8, 5, "#6b7680")
    red, paper = "#d5402b", "#fffdf6"
    for inset, fill in ((0, red), (8, paper), (18, red), (26, paper)):
        board.box(left + 41 + inset, top + 36 + inset, left + 109 - inset, top + 104 - inset, fill, radius=2)
    for line, length in ((122, 96), (140, 96), (158, 60)):
        board.box(left + 27, top + line, left + 27 + length, top + line + 7, "#c9c2b4", radius=3)
    turned = layer.rotate(tilt, Image.Resampling.BICUBIC)
    corner = tuple(round(middle * canvas.scale - side / 2) for middle, side in zip(centre, turned.size, strict=True))
    shade = Image.new("RGBA", turned.size, "#1f3342")
    shade.putalpha(turned.getchannel("A").point(lambda alpha: alpha * 60 // 255))
    soft = shade.filter(ImageFilter.GaussianBlur(7 * canvas.scale))
    canvas.image.paste(soft, (corner[0], corner[1] + round(10 * canvas.scale)), soft)
    canvas.image.paste(turned, (corner[0], corner[1]), turned)
