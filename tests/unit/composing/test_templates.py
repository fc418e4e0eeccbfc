"""Placeholders: one pass, in text, with strangers' values."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairan.callers.custom_channel import EndpointAttributes
from kairan.composing import templates
from kairan.content import Audio, Content, Native, Speech, Text, Video
from kairan.messengers.line.messenger import LineMessenger
from kairan.messengers.port import NativeObject
from kairan.text import is_invisible
from tests.cases.line_limits import PICK, buttons, image, text_v2
from tests.fakes.clock import FakeClock
from tests.fakes.line import FakeLine

WHO = {
    "Address": "U0123456789abcdef0123456789abcdef",
    "Attributes": {
        "name": ["花子", "second"],
        "お名前": ["太郎"],
        "first name": ["Hanako"],
        "a.b": ["dotted"],
        "text": "not a list",
        "number": [7],
        "none": [],
        "blank": [" "],
        "null": [None],
        "object": [{"x": 1}],
    },
    "User": {"UserId": "user-1", "UserAttributes": {"plan": ["gold"]}},
}

strangers_text = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(
    ["{{Address}}", "{{Attributes.name}}", "{x}", "}}{{", "|", "%2F..", "&q=1#", "https://evil.example/", '"},{"']
)


LINE = LineMessenger(FakeLine(FakeClock()))


def native(messages: Sequence[NativeObject]) -> Content:
    return (Native("line", tuple(messages)),)


def objects(content: Content) -> tuple[NativeObject, ...]:
    (piece,) = content
    assert isinstance(piece, Native)
    return piece.objects


def render(messages: Sequence[NativeObject], endpoint: dict[str, Any]) -> tuple[NativeObject, ...]:
    return objects(templates.fill(native(messages), EndpointAttributes(endpoint), LINE))


def has_placeholders(messages: Sequence[NativeObject]) -> bool:
    return templates.has_placeholders(native(messages), LINE)


def encode_urls(messages: Sequence[NativeObject]) -> tuple[NativeObject, ...]:
    return objects(templates.finish_texts(native(messages), LINE))


def rendered(text: str, endpoint: dict[str, Any] = WHO) -> str:
    """As content of our own; as a message of LINE's it comes out the same."""
    (piece,) = templates.fill((Text(text),), EndpointAttributes(endpoint), LINE)
    (message,) = render([{"type": "text", "text": text}], endpoint)
    assert piece == Text(message["text"])
    return str(message["text"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hi {{Attributes.name}}!", "Hi 花子!"),
        ("{{User.UserAttributes.plan}} {{User.UserId}} {{Address}}", "gold user-1 U0123456789abcdef0123456789abcdef"),
        ("{{Attributes.お名前}}", "太郎"),
        ("{{Attributes.first name}}", "Hanako"),
        ("{{Attributes.a.b}}", "dotted"),
        ("{{ Attributes.name | friend }}", "花子"),
        ("{{Attributes.text}} {{Attributes.number}}", "not a list 7"),
        ("{{Attributes.gone}}", ""),
        ("{{Attributes.gone|friend}}", "friend"),
        ("{{Attributes.gone| dear friend }}", "dear friend"),
        ("{{Attributes.gone|}}", ""),
        ("{{Attributes.none|friend}}", "friend"),
        ("{{Attributes.blank|friend}}", "friend"),
        ("{{Attributes.null|friend}}", "friend"),
        ("{{Attributes.object|friend}}", "friend"),
        ("{{User.UserAttributes.name|friend}}", "friend"),
        ("{{Attributes.name}}{{Attributes.name}}", "花子花子"),
        ("{{{Attributes.name}}}", "{花子}"),
        ("{{Attributes.name.[0]}} {{User.UserAttributes.plan.[0]}}", "花子 gold"),
        ("{{Attributes.name.[1]|friend}}", "second"),
        ("{{Attributes.name.[2]|friend}}", "friend"),
        ("{{Attributes.text.[0]}} {{Attributes.text.[1]|no second}}", "not a list no second"),
    ],
)
def test_a_placeholder_becomes_the_persons_value(text: str, expected: str) -> None:
    assert rendered(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "{{name}}",
        "{{Attributes}}",
        "{{Attributes.}}",
        "{Attributes.name}",
        "{{Location.City}}",
        "{{Addressee}}",
        "{{User.UserIds}}",
    ],
)
def test_other_braces_stay(text: str) -> None:
    assert rendered(text) == text
    assert not has_placeholders([{"type": "text", "text": text}])


@pytest.mark.parametrize("endpoint", [{}, {"Attributes": None, "User": None}, {"Attributes": [], "User": "x"}])
def test_a_person_of_whom_nothing_is_known_gets_the_defaults(endpoint: dict[str, Any]) -> None:
    text = "{{Attributes.a|A}}{{User.UserAttributes.b|B}}{{User.UserId|C}}{{Address|D}}{{Address}}"

    assert rendered(text, endpoint) == "ABCD"


@given(strangers_text)
def test_a_value_is_never_looked_into(value: str) -> None:
    endpoint = {"Attributes": {"name": [value]}, "Address": "SECRET"}

    assert rendered("<{{Attributes.name}}>", endpoint) == f"<{'' if is_invisible(value) else value}>"


@given(strangers_text)
def test_a_value_in_a_url_fills_its_place_and_no_more(value: str) -> None:
    url = "https://shop.example/hello/{{Attributes.name}}?from=line&who={{Attributes.name}}#end"

    (message,) = render([{"type": "image", "originalContentUrl": url}], {"Attributes": {"name": [value]}})

    parts = urlsplit(message["originalContentUrl"])
    assert parts.geturl().isascii()
    assert (parts.scheme, parts.netloc, parts.fragment) == ("https", "shop.example", "end")
    assert parts.path.count("/") == 2
    assert unquote(parts.query) == f"from=line&who={'' if is_invisible(value) else value}"


def test_a_value_cannot_be_an_address() -> None:
    action = {"type": "uri", "uri": "{{Attributes.url}}"}

    (message,) = render([{"action": action}], {"Attributes": {"url": ["https://evil.example/"]}})

    assert not message["action"]["uri"].startswith("https:")


@given(strangers_text)
def test_braces_of_a_value_mean_nothing_in_a_text_v2(value: str) -> None:
    template = {"type": "textV2", "text": "{who} {{Attributes.name}}"}

    (message,) = render([template], {"Attributes": {"name": [value]}})

    text = message["text"].removeprefix("{who} ")
    assert text.replace("{{", "{").replace("}}", "}") == ("" if is_invisible(value) else value)


@pytest.mark.parametrize(
    "message",
    [
        {"type": "text", "text": "{{Attributes.name}}"},
        image("https://a/{{Attributes.name}}", "https://{{Attributes.shop}}.example/a.jpg"),
        buttons(text="{{Attributes.name}}", actions=[PICK | {"initial": "{{Attributes.day}}"}]),
        buttons(actions=[PICK | {"mode": "datetime", "min": "{{Attributes.day}}T10:00", "max": "{{Attributes.end}}"}]),
        buttons(actions=[PICK | {"mode": "time", "max": "{{Attributes.hour}}:00"}]),
        text_v2("{{Attributes.name}} {you}", "you"),
    ],
)
def test_what_may_be_right_for_someone_is_refused_for_no_one_before_it_is_filled_in(message: NativeObject) -> None:
    assert templates.violations_for_all(native([message]), LINE) == []


def test_every_text_is_rendered_and_nothing_but_text() -> None:
    message: NativeObject = {
        "type": "flex",
        "{{Address}}": "name",
        "altText": "{{Attributes.name}}",
        "contents": {"list": ["{{Attributes.name}}", 1, None, True, {"text": "{{Attributes.name}}"}], "duration": 5000},
    }

    assert render([message], WHO) == (
        {
            "type": "flex",
            "{{Address}}": "name",
            "altText": "花子",
            "contents": {"list": ["花子", 1, None, True, {"text": "花子"}], "duration": 5000},
        },
    )


def test_rendering_leaves_the_template_as_it_was() -> None:
    message: dict[str, Any] = {"type": "text", "text": "{{Attributes.name}}", "nested": {"list": ["{{Address}}"]}}

    render([message], WHO)

    assert message == {"type": "text", "text": "{{Attributes.name}}", "nested": {"list": ["{{Address}}"]}}


@given(st.text(), st.text())
def test_without_placeholders_nothing_changes_for_anyone(text: str, name: str) -> None:
    messages: list[NativeObject] = [{"type": "text", "text": text.replace("{", "(")}]

    assert not has_placeholders(messages)
    assert render(messages, {"Attributes": {"name": [name]}}) == tuple(messages)


@pytest.mark.parametrize("place", ["text", "deep", "url"])
def test_placeholders_are_found_wherever_they_are(place: str) -> None:
    found: dict[str, NativeObject] = {
        "text": {"type": "text", "text": "{{Address}}"},
        "deep": {"type": "flex", "contents": {"body": {"contents": [{"text": "{{ Attributes.name|x }}"}]}}},
        "url": {"type": "image", "originalContentUrl": "https://example.com/?{{User.UserId}}"},
    }

    assert has_placeholders([{"type": "text", "text": "plain"}, found[place]])


def test_urls_are_encoded_at_once_or_when_their_placeholders_are_filled() -> None:
    messages: list[NativeObject] = [
        {
            "type": "image",
            "originalContentUrl": "https://example.com/春",
            "previewImageUrl": "https://example.com/春{{Address}}",
        }
    ]

    encoded = encode_urls(messages)

    assert encoded[0]["originalContentUrl"] == "https://example.com/%E6%98%A5"
    assert encoded[0]["previewImageUrl"] == "https://example.com/春{{Address}}"
    assert render(encoded, {"Address": "U1"})[0] == {
        "type": "image",
        "originalContentUrl": "https://example.com/%E6%98%A5",
        "previewImageUrl": "https://example.com/%E6%98%A5U1",
    }


def test_half_a_character_in_a_value_stays_to_be_refused() -> None:
    (message,) = render(
        [{"text": "{{Attributes.n}}", "url": "https://example.com/{{Attributes.n}}"}],
        {"Attributes": {"n": ["a\ud800"]}},
    )

    assert message == {"text": "a\ud800", "url": "https://example.com/a\ud800"}


def test_words_to_speak_and_a_videos_name_are_filled_in_too() -> None:
    content: Content = (
        Speech("Good morning, {{Attributes.name}}", 5, speed=1.5),
        Video("https://m.example/a.mp4", "https://m.example/a.jpg", "spring-{{User.UserId}}", ("a.mp4", "a.jpg")),
        Audio("https://m.example/{{Address}}.mp3", 1000),
    )

    assert templates.has_placeholders(content[:1], LINE)
    assert templates.has_placeholders(content[1:2], LINE)
    assert not templates.has_placeholders(content[2:], LINE)
    assert templates.fill(content, EndpointAttributes(WHO), LINE) == (
        Speech("Good morning, 花子", 5, speed=1.5),
        Video("https://m.example/a.mp4", "https://m.example/a.jpg", "spring-user-1", ("a.mp4", "a.jpg")),
        content[2],
    )


def test_what_stands_in_double_braces_and_is_no_placeholder_is_named_once() -> None:
    content = (
        Text("{{name}} {{Attributes.name}} {{name}}"),
        *native([{"type": "text", "text": "{{#if Attributes.vip}}Dear{{/if}} {{Attributes.a|b}} {one}"}]),
    )

    assert templates.unknown_placeholders(content, LINE) == ("{{name}}", "{{#if Attributes.vip}}", "{{/if}}")
