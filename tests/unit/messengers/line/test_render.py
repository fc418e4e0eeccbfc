"""Content as LINE's message objects."""

from typing import Any

import pytest

from kairan.content import Audio, Image, Native, Piece, Speech, Text, Video
from kairan.errors import ConfigurationError
from kairan.messengers.line.messages import violations
from kairan.messengers.line.render import render
from tests.cases.line_limits import GOOD, audio, image, text, video

URL, PREVIEW = "https://m.example/a?v=1", "https://m.example/p?v=2"
RENDERED: list[tuple[Piece, list[dict[str, Any]]]] = [
    (Text("お知らせ {{Attributes.name}}"), [text("お知らせ {{Attributes.name}}")]),
    (Image(URL, PREVIEW, ("a.jpg", "p.jpg")), [image(URL, PREVIEW)]),
    (Audio(URL, 1500, ("a.mp3",)), [audio(URL, 1500)]),
    (Video(URL, PREVIEW), [{"type": "video", "originalContentUrl": URL, "previewImageUrl": PREVIEW}]),
    (Video(URL, PREVIEW, "spring", ("a.mp4", "p.jpg")), [video(URL, PREVIEW, "spring")]),
    (Native("line", tuple(GOOD.values())), list(GOOD.values())),
    (Native("line", ()), []),
]


@pytest.mark.parametrize(("piece", "objects"), RENDERED)
def test_a_piece_becomes_lines_objects(piece: Piece, objects: list[dict[str, Any]]) -> None:
    assert render((piece,)) == objects


def test_pieces_keep_their_order() -> None:
    content = (Text("one"), Native("line", (text("two"), text("three"))), Text("four"))

    assert render(content) == [text("one"), text("two"), text("three"), text("four")]


@pytest.mark.parametrize("piece", [piece for piece, _ in RENDERED[:5]])
def test_what_is_made_of_good_values_is_within_lines_limits(piece: Piece) -> None:
    assert violations(render((piece,))) == []


@pytest.mark.parametrize(
    ("piece", "why"),
    [
        (Speech("words", 1), "a text to speak reached LINE before its sound was made"),
        (Native("pigeon", ({"coo": 1},)), "objects of pigeon cannot go to LINE"),
    ],
)
def test_what_line_has_no_object_for_never_reaches_it(piece: Piece, why: str) -> None:
    with pytest.raises(ConfigurationError, match=why):
        render((Text("first"), piece))
