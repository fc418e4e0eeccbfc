"""Which message objects the simulated platform takes, and where it says that a fault is."""

import json
from typing import Any

import linebot.v3.messaging.models as sdk  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.line import limits
from simulators.line.faults import invalid_body
from simulators.line.messages import message_faults
from tests.simulators.line.message_examples import EXAMPLES, PAGE, PICTURE

Json = dict[str, Any]


def refused(*messages: object) -> list[str]:
    """The properties that are refused, as LINE would name them."""
    faults = message_faults(list(messages))
    return [detail["property"] for detail in invalid_body(faults).body["details"]] if faults else []


def changed(example: str, path: str, value: object) -> Json:
    """An example with one property set; the path is that of JSON, with dots."""
    message = EXAMPLES[example]()
    holder: Any = message
    *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    for step in way:
        holder = holder[step]
    if value is MISSING:
        del holder[last]
    elif isinstance(holder, list) and last == len(holder):
        holder.append(value)
    else:
        holder[last] = value
    return message


MISSING = object()
URI_LABELLED = {"type": "uri", "label": "See", "uri": PAGE}
COLUMN = {"text": "One", "title": "1", "actions": [URI_LABELLED]}
AREA = {"x": 0, "y": 0, "width": 1, "height": 1}
SPOT = {"type": "message", "text": "x", "area": AREA}
EMOJI = {"type": "emoji", "productId": "5a8555cfe6256cc92ea23c2a", "emojiId": "002"}
LONG_URL = PAGE + "?" + "q" * 2000


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_message_of_each_kind_is_taken_and_parses_under_the_sdk(name: str) -> None:
    message = EXAMPLES[name]()

    assert message_faults([message]) == ()
    assert sdk.Message.from_dict(message).type == message["type"]


@pytest.mark.parametrize(
    ("example", "path", "value"),
    [
        ("text", "text", "x" * 5000),
        ("text", "text", "👋" * 2500),
        ("text", "text", " "),
        ("text", "quickReply", None),
        ("image", "originalContentUrl", "http://127.0.0.1:4566/images/a.jpg"),
        ("image", "originalContentUrl", "http://localhost:4566/images/a.jpg"),
        ("image", "originalContentUrl", "http://[::1]:4566/images/a.jpg"),
        ("image", "originalContentUrl", "https://example.com/%E7%8C%AB.jpg"),
        ("image", "originalContentUrl", (PAGE + "?" + "q" * 2000)[:2000]),
        ("text_v2", "text", "no substitution"),
        ("buttons", "template.title", "👨‍👩‍👧" * 40),
        ("buttons", "template.actions.0.label", "か\u3099" * 20),
        ("image_carousel", "template.columns.0.action.label", "🇯🇵" * 12),
        ("buttons", "template.actions.1.uri", "line://ti/p/@x"),
        ("buttons", "template.actions.1.uri", "http://example.com/"),
        ("carousel", "template.columns", [COLUMN] * 10),
        ("flex_carousel", "contents.contents", [EXAMPLES["bubble"]()["contents"]] * 12),
        ("bubble", "contents.body.contents", []),
    ],
)
def test_what_is_just_within_the_limits_is_taken(example: str, path: str, value: object) -> None:
    assert refused(changed(example, path, value)) == []


@pytest.mark.parametrize(
    ("example", "path", "value", "named"),
    [
        ("text", "type", MISSING, "messages[0].type"),
        ("text", "type", "carrier-pigeon", "messages[0].type"),
        ("text", "type", 7, "messages[0].type"),
        ("text", "text", MISSING, "messages[0].text"),
        ("text", "text", None, "messages[0].text"),
        ("text", "text", "", "messages[0].text"),
        ("text", "text", 7, "messages[0].text"),
        ("text", "text", "x" * 5001, "messages[0].text"),
        ("text", "text", "👋" * 2501, "messages[0].text"),
        ("text_with_emoji", "emojis.0.index", 1, "messages[0].emojis[0].index"),
        ("text_with_emoji", "emojis.0.index", -1, "messages[0].emojis[0].index"),
        ("text_with_emoji", "emojis.0.emojiId", MISSING, "messages[0].emojis[0].emojiId"),
        ("text_with_emoji", "emojis", [{"index": 2, "productId": "p", "emojiId": "1"}] * 21, "messages[0].emojis"),
        ("text_v2", "text", "x" * 5001, "messages[0].text"),
        ("text_v2", "text", "an open { brace", "messages[0].text"),
        ("text_v2", "text", "{who}", "messages[0].text"),
        ("text_v2", "substitution", {"a-b": EMOJI}, "messages[0].text"),
        ("text_v2", "substitution.laugh.productId", MISSING, "messages[0].substitution.laugh.productId"),
        ("text_v2", "substitution.you.mentionee.type", "some", "messages[0].substitution.you.mentionee.type"),
        ("text_v2", "substitution", {f"k{n}": EMOJI for n in range(101)}, "messages[0].substitution"),
        ("sticker", "packageId", MISSING, "messages[0].packageId"),
        ("sticker", "stickerId", 1988, "messages[0].stickerId"),
        ("image", "previewImageUrl", MISSING, "messages[0].previewImageUrl"),
        ("image", "originalContentUrl", "http://example.com/a.jpg", "messages[0].originalContentUrl"),
        ("image", "originalContentUrl", "http://127.0.0.1.example.com/a.jpg", "messages[0].originalContentUrl"),
        ("image", "originalContentUrl", "ftp://127.0.0.1/a.jpg", "messages[0].originalContentUrl"),
        ("image", "originalContentUrl", "/a.jpg", "messages[0].originalContentUrl"),
        ("image", "originalContentUrl", "https:///a.jpg", "messages[0].originalContentUrl"),
        ("image", "originalContentUrl", "https://example.com:port/a.jpg", "messages[0].originalContentUrl"),
        ("image", "originalContentUrl", "https://example.com/猫.jpg", "messages[0].originalContentUrl"),
        ("image", "originalContentUrl", "https://example.com/a b.jpg", "messages[0].originalContentUrl"),
        ("image", "originalContentUrl", "https://example.com/100%.jpg", "messages[0].originalContentUrl"),
        ("image", "originalContentUrl", LONG_URL, "messages[0].originalContentUrl"),
        ("image", "originalContentUrl", "", "messages[0].originalContentUrl"),
        ("video", "previewImageUrl", MISSING, "messages[0].previewImageUrl"),
        ("video", "trackingId", "x" * 101, "messages[0].trackingId"),
        ("video", "trackingId", "two words", "messages[0].trackingId"),
        ("audio", "duration", MISSING, "messages[0].duration"),
        ("audio", "duration", "5000", "messages[0].duration"),
        ("audio", "duration", 0, "messages[0].duration"),
        ("location", "title", "x" * 101, "messages[0].title"),
        ("location", "address", "", "messages[0].address"),
        ("location", "latitude", 91, "messages[0].latitude"),
        ("location", "longitude", "139", "messages[0].longitude"),
        ("coupon", "deliveryTag", "x" * 31, "messages[0].deliveryTag"),
        ("coupon", "couponId", MISSING, "messages[0].couponId"),
        ("imagemap", "altText", "x" * 1501, "messages[0].altText"),
        ("imagemap", "actions", [SPOT] * 51, "messages[0].actions"),
        ("imagemap", "actions.0.area.x", -1, "messages[0].actions[0].area.x"),
        ("imagemap", "actions.1.text", "x" * 401, "messages[0].actions[1].text"),
        ("imagemap", "actions.2.clipboardText", "", "messages[0].actions[2].clipboardText"),
        ("imagemap", "actions.2.clipboardText", "x" * 1001, "messages[0].actions[2].clipboardText"),
        ("imagemap", "baseSize.width", 1000, "messages[0].baseSize.width"),
        ("imagemap", "video.area", MISSING, "messages[0].video.area"),
        ("imagemap", "video.externalLink.label", "x" * 31, "messages[0].video.externalLink.label"),
        ("buttons", "altText", "x" * 1501, "messages[0].altText"),
        ("buttons", "template.title", "👋" * 41, "messages[0].template.title"),
        ("buttons", "template.title", "x" * 41, "messages[0].template.title"),
        ("buttons", "template.text", "x" * 61, "messages[0].template.text"),
        ("buttons", "template.text", "x" * 161, "messages[0].template.text"),
        ("buttons", "template.actions", [URI_LABELLED] * 5, "messages[0].template.actions"),
        ("buttons", "template.actions", [], "messages[0].template.actions"),
        ("buttons", "template.actions.0.label", MISSING, "messages[0].template.actions[0].label"),
        ("buttons", "template.actions.0.label", "x" * 21, "messages[0].template.actions[0].label"),
        ("buttons", "template.actions.0.data", "x" * 301, "messages[0].template.actions[0].data"),
        ("buttons", "template.actions.0.data", MISSING, "messages[0].template.actions[0].data"),
        ("buttons", "template.actions.1.uri", "javascript:alert(1)", "messages[0].template.actions[1].uri"),
        ("buttons", "template.actions.1.uri", PAGE + "q" * 1000, "messages[0].template.actions[1].uri"),
        ("buttons", "template.actions.2.mode", "year", "messages[0].template.actions[2].mode"),
        ("buttons", "template.actions.0.type", "camera", "messages[0].template.actions[0].type"),
        ("buttons", "template.actions.0.type", "richmenuswitch", "messages[0].template.actions[0].type"),
        ("buttons", "template.imageSize", "huge", "messages[0].template.imageSize"),
        ("confirm", "template.text", "x" * 241, "messages[0].template.text"),
        ("confirm", "template.actions", [URI_LABELLED], "messages[0].template.actions"),
        ("carousel", "template.columns", [COLUMN] * 11, "messages[0].template.columns"),
        ("carousel", "template.columns.1.text", "x" * 61, "messages[0].template.columns[1].text"),
        ("carousel", "template.columns.1.actions", [URI_LABELLED] * 4, "messages[0].template.columns[1].actions"),
        ("carousel", "template.columns.1.actions", [URI_LABELLED] * 2, "messages[0].template.columns[1].actions"),
        ("carousel", "template.columns.1.title", MISSING, "messages[0].template.columns[1].title"),
        (
            "carousel",
            "template.columns.1.thumbnailImageUrl",
            PICTURE,
            "messages[0].template.columns[1].thumbnailImageUrl",
        ),
        ("image_carousel", "template.columns.0.imageUrl", MISSING, "messages[0].template.columns[0].imageUrl"),
        ("image_carousel", "template.columns.0.action.label", "x" * 13, "messages[0].template.columns[0].action.label"),
        ("bubble", "altText", "", "messages[0].altText"),
        ("bubble", "contents", MISSING, "messages[0].contents"),
        ("with_quick_reply", "sender.name", "x" * 21, "messages[0].sender.name"),
        ("with_quick_reply", "sender.iconUrl", "http://example.com/i.png", "messages[0].sender.iconUrl"),
        ("with_quick_reply", "quickReply.items", [], "messages[0].quickReply.items"),
        (
            "with_quick_reply",
            "quickReply.items",
            [{"type": "action", "action": {"type": "message", "label": "Hi", "text": "hi"}}] * 14,
            "messages[0].quickReply.items",
        ),
        ("with_quick_reply", "quickReply.items.1.action.label", "", "messages[0].quickReply.items[1].action.label"),
        ("with_quick_reply", "quickReply.items.1.action", MISSING, "messages[0].quickReply.items[1].action"),
        (
            "with_quick_reply",
            "quickReply.items.3.action.text",
            "x" * 301,
            "messages[0].quickReply.items[3].action.text",
        ),
        ("with_quick_reply", "quickReply", [], "messages[0].quickReply"),
    ],
)
def test_a_broken_limit_is_refused_with_its_path(example: str, path: str, value: object, named: str) -> None:
    assert named in refused(changed(example, path, value))


BOX = {"type": "box", "layout": "vertical", "contents": []}
BULKY = {"type": "bubble", "body": {**BOX, "contents": [{"type": "text", "text": "x" * 31_000}]}}
BIG = {"type": "bubble", "body": {**BOX, "contents": [{"type": "text", "text": "x" * 20_000}]}}


@pytest.mark.parametrize(
    ("example", "path", "value", "pointer"),
    [
        ("bubble", "contents", {"type": "bubble"}, "/"),
        ("bubble", "contents.type", "balloon", "/type"),
        ("bubble", "contents.size", "colossal", "/size"),
        ("bubble", "contents.hero", {"type": "text", "text": "x"}, "/hero"),
        ("bubble", "contents.hero.url", "http://example.com/a.png", "/hero/url"),
        ("bubble", "contents.header", {"type": "text", "text": "x"}, "/header/type"),
        ("bubble", "contents.body.layout", "diagonal", "/body/layout"),
        ("bubble", "contents.body.contents.0.text", "", "/body/contents/0/text"),
        ("bubble", "contents.body.contents.0.text", 7, "/body/contents/0/text"),
        ("bubble", "contents.body.contents.0.flex", "1", "/body/contents/0/flex"),
        ("bubble", "contents.body.contents.2.colour", "#000000", "/body/contents/2/colour"),
        ("bubble", "contents.body.contents.4", {"type": "icon", "url": PICTURE}, "/body/contents/4"),
        ("bubble", "contents.body.contents.4", {"type": "span", "text": "x"}, "/body/contents/4"),
        ("bubble", "contents.footer.contents.0.action.label", MISSING, "/footer/contents/0/action/label"),
        ("bubble", "contents.footer.contents.0.action.label", "x" * 41, "/footer/contents/0/action/label"),
        ("bubble", "contents.footer.contents.0.action.uri", "nowhere", "/footer/contents/0/action/uri"),
        ("bubble", "contents", BULKY, "/"),
        ("flex_carousel", "contents.contents", [], "/contents"),
        ("flex_carousel", "contents.contents", [{"type": "bubble", "body": BOX}] * 13, "/contents"),
        ("flex_carousel", "contents.contents.1.size", "kilo", "/contents/1/size"),
        ("flex_carousel", "contents.contents", [BIG] * 3, "/"),
    ],
)
def test_a_fault_in_a_flex_message_is_named_by_pointer_and_the_message_by_index(
    example: str, path: str, value: object, pointer: str
) -> None:
    refusal = invalid_body(message_faults([EXAMPLES["text"](), changed(example, path, value)]))

    assert refusal.body["message"] == "A message (messages[1]) in the request body is invalid"
    assert [detail["property"] for detail in refusal.body["details"]] == [pointer]


def test_boxes_within_boxes_end_somewhere() -> None:
    box: Json = {**BOX, "contents": [{"type": "text", "text": "x"}]}
    for _ in range(400):
        box = {**BOX, "contents": [box]}

    (fault,) = message_faults([changed("bubble", "contents.body", box)])

    assert fault.message == "Too deeply nested"


def test_every_fault_is_reported_at_once() -> None:
    faults = message_faults([{"type": "text", "text": ""}, {"type": "image"}])

    assert invalid_body(faults).body == {
        "message": "The request body has 3 error(s)",
        "details": [
            {"message": "May not be empty", "property": "messages[0].text"},
            {"message": "May not be empty", "property": "messages[1].originalContentUrl"},
            {"message": "May not be empty", "property": "messages[1].previewImageUrl"},
        ],
    }


@pytest.mark.parametrize("messages", [None, [], "text", {"type": "text"}, [EXAMPLES["text"]()] * 6])
def test_a_request_has_one_to_five_messages(messages: object) -> None:
    assert [fault.path for fault in message_faults(messages)] == [("messages",)]


@pytest.mark.parametrize("message", [None, "hello", ["hello"], 7])
def test_a_message_is_an_object(message: object) -> None:
    assert refused(message) == ["messages[0]"]


def test_every_limit_belongs_to_a_property_of_the_sdk() -> None:
    named = {(name, prop) for name, section in limits.SECTIONS.items() for prop in section.properties}
    named |= {(name, prop) for name, props in limits.REQUIRED.items() for prop in props}
    named |= set(limits.ACTION_PLACES)

    for name, prop in named:
        assert prop in {field.alias for field in getattr(sdk, name).__fields__.values()}, (name, prop)


def _leaves(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    if isinstance(value, dict):
        return [path, *(leaf for key, item in value.items() for leaf in _leaves(item, (*path, key)))]
    if isinstance(value, list):
        return [path, *(leaf for index, item in enumerate(value) for leaf in _leaves(item, (*path, index)))]
    return [path]


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["type", "text", "items"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(data=st.data(), name=st.sampled_from(sorted(EXAMPLES)))
def test_any_value_anywhere_is_judged_and_what_is_taken_parses_under_the_sdk(data: st.DataObject, name: str) -> None:
    message = EXAMPLES[name]()
    *way, last = data.draw(st.sampled_from(_leaves(message)[1:]))
    holder: Any = message
    for step in way:
        holder = holder[step]
    holder[last] = data.draw(JSON_VALUES)

    if message_faults([message]) == ():
        assert sdk.Message.from_dict(json.loads(json.dumps(message))).type == message["type"]
