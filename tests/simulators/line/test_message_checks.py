"""Which message objects the simulated platform takes, and which property it names when it refuses one."""

import json
from typing import Any

import linebot.v3.messaging.models as sdk  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.line import limits
from simulators.line.error_response import invalid_body
from simulators.line.message_checks import message_violations
from tests.cases.line_limits import BAD, GOOD
from tests.cases.line_messages import EXAMPLES, PAGE, PICTURE, fresh_example

Json = dict[str, Any]

MISSING = object()
URI = {"type": "uri", "label": "See", "uri": PAGE}
COLUMN = {"text": "One", "title": "1", "actions": [URI]}
EMOJI = {"type": "emoji", "productId": "5a8555cfe6256cc92ea23c2a", "emojiId": "002"}
BOX: Json = {"type": "box", "layout": "vertical", "contents": []}


def bubble_of(characters: int) -> Json:
    return {"type": "bubble", "body": {**BOX, "contents": [{"type": "text", "text": "x" * characters}]}}


def refused(*messages: object) -> list[str]:
    """The properties that are refused, as LINE would name them."""
    violations = message_violations(list(messages))
    return [detail["property"] for detail in invalid_body(violations).body["details"]] if violations else []


def steps(path: str) -> list[str | int]:
    """Of a path with dots: `template.actions.0.label`."""
    return [int(step) if step.isdigit() else step for step in path.split(".")]


def changed(example: str, path: str, value: object) -> Json:
    """An example with one property set."""
    message = fresh_example(example)
    holder: Any = message
    *way, last = steps(path)
    for step in way:
        holder = holder[step]
    if value is MISSING:
        del holder[last]
    elif isinstance(holder, list) and last == len(holder):
        holder.append(value)
    else:
        holder[last] = value
    return message


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_message_of_each_kind_is_taken_and_parses_under_the_sdk(name: str) -> None:
    message = EXAMPLES[name]

    assert message_violations([message]) == ()
    assert sdk.Message.from_dict(message).type == message["type"]


WITHIN: dict[tuple[str, str], list[object]] = {
    ("text", "text"): ["x" * 5000, "👋" * 2500, " "],
    ("text", "quickReply"): [None],
    ("image", "originalContentUrl"): [
        "http://127.0.0.1:4566/images/a.jpg",
        "http://localhost:4566/images/a.jpg",
        "http://[::1]:4566/images/a.jpg",
        "https://example.com/%E7%8C%AB.jpg",
        PAGE + "q" * (2000 - len(PAGE)),
    ],
    ("text_v2", "text"): ["no substitution"],
    ("buttons", "template.title"): ["👨‍👩‍👧" * 40],
    ("buttons", "template.actions.0.label"): ["か\u3099" * 10],
    ("image_carousel", "template.columns.0.action.label"): ["🇯🇵" * 6],
    ("buttons", "template.actions.0.displayText"): ["👨‍👩‍👧" * 60],
    ("buttons", "template.actions.1.uri"): ["line://ti/p/@x", "http://example.com/", PAGE + "q" * (10_000 - len(PAGE))],
    ("buttons", "template.actions.1.altUri"): [{"desktop": PAGE + "q" * (10_000 - len(PAGE))}],
    ("imagemap", "actions.0.linkUri"): [PAGE + "q" * (1000 - len(PAGE))],
    ("carousel", "template.columns"): [[COLUMN] * 10],
    ("flex_carousel", "contents.contents"): [[EXAMPLES["bubble"]["contents"]] * 12],
    ("bubble", "contents.body.contents"): [[]],
}


@pytest.mark.parametrize(
    ("example", "path", "value"), [(*where, value) for where, values in WITHIN.items() for value in values]
)
def test_a_value_just_within_the_limits_is_taken(example: str, path: str, value: object) -> None:
    assert refused(changed(example, path, value)) == []


BEYOND: dict[tuple[str, str], list[object]] = {
    ("text_with_emoji", "emojis.0.index"): [1, -1],
    ("text_with_emoji", "emojis.0.emojiId"): [MISSING],
    ("text_with_emoji", "emojis"): [[{"index": 2, "productId": "p", "emojiId": "1"}] * 21],
    ("text_v2", "text"): ["x" * 5001, "an open { brace", "{who}"],
    ("text_v2", "substitution.a-b"): [EMOJI],
    ("text_v2", "substitution.smile.productId"): [MISSING],
    ("text_v2", "substitution.you.mentionee.type"): ["some"],
    ("sticker", "packageId"): [MISSING],
    ("sticker", "stickerId"): [1988],
    ("image", "previewImageUrl"): [MISSING],
    ("image", "originalContentUrl"): [
        "http://127.0.0.1.example.com/a.jpg",
        "ftp://127.0.0.1/a.jpg",
        "/a.jpg",
        "https:///a.jpg",
        "https://example.com:port/a.jpg",
        "https://example.com/猫.jpg",
        "https://example.com/a b.jpg",
        "https://example.com/100%.jpg",
        "",
    ],
    ("video", "previewImageUrl"): [MISSING],
    ("video", "trackingId"): ["two words"],
    ("audio", "duration"): [MISSING, "5000"],
    ("location", "address"): [""],
    ("location", "longitude"): ["139"],
    ("coupon", "couponId"): [MISSING],
    ("imagemap", "actions.0.area.x"): [-1],
    ("imagemap", "actions.1.text"): ["x" * 401],
    ("imagemap", "actions.2.clipboardText"): ["", "x" * 1001],
    ("imagemap", "baseSize.width"): [1000],
    ("imagemap", "video.area"): [MISSING],
    ("imagemap", "video.externalLink.label"): ["x" * 31],
    ("buttons", "template.title"): ["👋" * 41],
    ("buttons", "template.actions.0.label"): [MISSING, "か\u3099" * 10 + "l"],
    ("buttons", "template.actions.0.displayText"): ["👨‍👩‍👧" * 60 + "t"],
    ("imagemap", "actions.0.linkUri"): [PAGE + "q" * 1000],
    ("buttons", "template.actions.0.data"): [MISSING],
    ("buttons", "template.actions.1.uri"): ["javascript:alert(1)", PAGE + "q" * 10_000],
    ("buttons", "template.actions.2.mode"): ["year"],
    ("buttons", "template.actions.0.type"): ["camera", "richmenuswitch"],
    ("buttons", "template.imageSize"): ["huge"],
    ("carousel", "template.columns.1.text"): ["x" * 61],
    ("carousel", "template.columns.1.actions"): [[URI] * 2],
    ("carousel", "template.columns.1.title"): [MISSING],
    ("carousel", "template.columns.1.thumbnailImageUrl"): [MISSING],
    ("image_carousel", "template.columns.0.imageUrl"): [MISSING],
    ("bubble", "altText"): [""],
    ("bubble", "contents"): [MISSING],
    ("with_quick_reply", "sender.iconUrl"): ["http://example.com/i.png"],
    ("with_quick_reply", "quickReply.items"): [[]],
    ("with_quick_reply", "quickReply.items.1.action.label"): [""],
    ("with_quick_reply", "quickReply.items.1.action"): [MISSING],
    ("with_quick_reply", "quickReply"): [[]],
}


@pytest.mark.parametrize(
    ("example", "path", "value"), [(*where, value) for where, values in BEYOND.items() for value in values]
)
def test_a_value_beyond_a_limit_is_refused_with_its_path(example: str, path: str, value: object) -> None:
    named = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps(path))

    assert refused(changed(example, path, value)) == [f"messages[0]{named}"]


def is_flex(message: object) -> bool:
    return isinstance(message, dict) and message.get("type") == "flex"


@pytest.mark.parametrize(("message", "path"), [(each, path) for each, path in BAD if not is_flex(each)])
def test_what_kairan_refuses_before_it_asks_line_is_refused_by_the_same_path(message: object, path: str) -> None:
    assert refused(message) == [f"messages[0]{path}"]


@pytest.mark.parametrize("message", [each for each, _ in BAD if is_flex(each)])
def test_what_kairan_refuses_in_a_flex_message_is_refused(message: object) -> None:
    assert len(refused(message)) == 1


@pytest.mark.parametrize("name", sorted(GOOD.keys() - {"flex"}))
def test_what_kairan_takes_is_taken(name: str) -> None:
    """But for components that line-bot-sdk does not know yet."""
    assert refused(GOOD[name]) == []


BEYOND_IN_FLEX: dict[tuple[str, str], list[object]] = {
    ("bubble", ""): [{"type": "bubble"}, bubble_of(31_000)],
    ("bubble", "type"): ["balloon"],
    ("bubble", "size"): ["colossal"],
    ("bubble", "hero"): [{"type": "text", "text": "x"}],
    ("bubble", "hero/url"): ["http://example.com/a.png"],
    ("bubble", "body/type"): ["text"],
    ("bubble", "body/layout"): ["diagonal"],
    ("bubble", "body/contents/0/text"): ["", 7],
    ("bubble", "body/contents/0/flex"): ["1"],
    ("bubble", "body/contents/2/colour"): ["#000000"],
    ("bubble", "body/contents/5"): [{"type": "icon", "url": PICTURE}, {"type": "span", "text": "x"}],
    ("bubble", "footer/contents/0/action/label"): [MISSING, "x" * 41],
    ("bubble", "footer/contents/1/action/uri"): ["nowhere"],
    ("flex_carousel", ""): [{"type": "carousel", "contents": [bubble_of(20_000)] * 3}],
    ("flex_carousel", "contents"): [[], [{"type": "bubble", "body": BOX}] * 13],
    ("flex_carousel", "contents/1/size"): ["mega"],
}


@pytest.mark.parametrize(
    ("example", "pointer", "value"), [(*where, value) for where, values in BEYOND_IN_FLEX.items() for value in values]
)
def test_a_violation_in_a_flex_message_is_named_by_pointer_and_the_message_by_index(
    example: str, pointer: str, value: object
) -> None:
    path = f"contents.{pointer}".rstrip(".").replace("/", ".")

    error = invalid_body(message_violations([EXAMPLES["text"], changed(example, path, value)]))

    assert error.body["message"] == "A message (messages[1]) in the request body is invalid"
    assert [detail["property"] for detail in error.body["details"]] == [f"/{pointer}"]


def test_boxes_in_one_another_have_a_greatest_depth() -> None:
    box: Json = {**BOX, "contents": [{"type": "text", "text": "x"}]}
    for _ in range(400):
        box = {**BOX, "contents": [box]}

    (violation,) = message_violations([changed("bubble", "contents.body", box)])

    assert violation.message == "Too deeply nested"


def test_all_violations_are_reported_at_once() -> None:
    violations = message_violations([{"type": "text", "text": ""}, {"type": "image"}])

    assert invalid_body(violations).body == {
        "message": "The request body has 3 error(s)",
        "details": [
            {"message": "May not be empty", "property": "messages[0].text"},
            {"message": "May not be empty", "property": "messages[1].originalContentUrl"},
            {"message": "May not be empty", "property": "messages[1].previewImageUrl"},
        ],
    }


def test_quick_replies_may_be_on_any_message() -> None:
    assert refused(EXAMPLES["with_quick_reply"], EXAMPLES["text"]) == []


@pytest.mark.parametrize("messages", [None, [], "text", {"type": "text"}, [EXAMPLES["text"]] * 6])
def test_a_request_has_one_to_five_messages(messages: object) -> None:
    assert [violation.path for violation in message_violations(messages)] == [("messages",)]


@pytest.mark.parametrize("message", [None, ["hello"], 7])
def test_a_message_is_an_object(message: object) -> None:
    assert refused(message) == ["messages[0]"]


def test_every_limit_belongs_to_a_section_and_to_a_property_of_the_sdk() -> None:
    limited = {(name, prop) for name, section in limits.SECTIONS.items() for prop in section.properties}
    limited |= {(name, prop) for name, props in limits.REQUIRED.items() for prop in props}
    limited |= set(limits.ACTION_CONTEXTS)

    assert all(section.title and section.properties for section in limits.SECTIONS.values())
    for name, prop in limited:
        assert prop in {field.alias for field in getattr(sdk, name).__fields__.values()}, (name, prop)


def _paths(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """To everything in a message, itself included."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(inner for key, item in items for inner in _paths(item, (*path, key)))]


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["type", "text", "items"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(data=st.data(), name=st.sampled_from(sorted(EXAMPLES)))
def test_any_value_anywhere_is_judged_and_a_message_that_is_taken_parses_under_the_sdk(
    data: st.DataObject, name: str
) -> None:
    message = fresh_example(name)
    *way, last = data.draw(st.sampled_from(_paths(message)[1:]))
    holder: Any = message
    for step in way:
        holder = holder[step]
    holder[last] = data.draw(JSON_VALUES)

    if message_violations([message]) == ():
        assert sdk.Message.from_dict(json.loads(json.dumps(message))).type == message["type"]
