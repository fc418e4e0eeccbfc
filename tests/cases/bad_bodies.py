"""Bodies that a push refuses: 422 `invalid_request` with one detail. Unit tests send all, end-to-end tests a sample."""

import json
from dataclasses import dataclass
from typing import Any

UPLOAD = "incoming/7f3c9a3e-8a1d-4c57-9a55-0d3f6f1c2b4e"
HELLO = {"type": "text", "text": "Hello"}


@dataclass(frozen=True)
class Case:
    """`body` as it is sent: API Gateway hands bytes over as base64. `path` is that of the detail."""

    name: str
    route: str
    body: bytes | str
    path: str
    is_sample: bool = False

    def __str__(self) -> str:
        return f"{self.route}: {self.name}"


def case(name: str, route: str, body: Any, path: str, *, is_sample: bool = False) -> Case:
    """Of a body that is JSON at all."""
    return Case(name, route, json.dumps(body, ensure_ascii=False), path, is_sample)


def speech(name: str, fault: dict[str, Any], *, is_sample: bool = False) -> Case:
    [path] = fault
    return case(name, "tts", {"tts": "おはよう"} | fault, path, is_sample=is_sample)


NO_OBJECT = (
    Case("nothing", "text", "", "body", is_sample=True),
    Case("a word", "text", "hello", "body"),
    Case("a form's field", "text", "text=Hello", "body"),
    Case("null", "text", "null", "body"),
    Case("a number", "text", "3", "body"),
    Case("a string", "text", '"text"', "body"),
    Case("a list", "text", '[{"text": "Hello"}]', "body"),
    Case("a brace", "text", "{", "body"),
    Case("half of an object", "text", '{"text": "Hel', "body", is_sample=True),
    Case("two bytes", "text", b"\x00\x01", "body"),
    Case("a byte that is no UTF-8", "text", b'{"text": "\xff"}', "body"),
    Case("UTF-16", "text", '{"text": "Hello"}'.encode("utf-16"), "body"),
)
NO_HONEST_JSON = (
    Case("a name twice", "text", '{"text": "Hello", "text": "Hello"}', "body"),
    Case("half a character", "text", '{"text": "\\ud83d"}', "body"),
    Case("half a character in a name", "text", '{"\\ud83d": "Hello"}', "body"),
    Case("NaN", "text", '{"text": NaN}', "body"),
    Case("-Infinity", "text", '{"text": -Infinity}', "body"),
    Case("a number too large", "text", '{"text": 1e999}', "body"),
    Case("a number too long", "text", '{"text": ' + "9" * 5000 + "}", "body"),
    Case("lists in lists", "text", '{"text": ' + "[" * 200_000 + "]" * 200_000 + "}", "body"),
    Case("objects in objects", "text", '{"text": ' + '{"a":' * 100 + "1" + "}" * 101, "body"),
)
TEXTS = (
    case("no text", "text", {}, "text"),
    case("null for a text", "text", {"text": None}, "text"),
    case("a number for a text", "text", {"text": 1}, "text"),
    case("true for a text", "text", {"text": True}, "text"),
    case("a list for a text", "text", {"text": ["Hello"]}, "text"),
    case("an empty text", "text", {"text": ""}, "text"),
    case("white space", "text", {"text": " \n\t\u3000"}, "text"),
    case("a text too long", "text", {"text": "a" * 5001}, "text"),
    case("an emoji too many", "text", {"text": "😀" * 2501}, "text", is_sample=True),
    case("an unknown name", "text", {"text": "Hello", "colour": "red"}, "colour"),
)
SPEECH = (
    speech("no words", {"tts": ""}),
    speech("white space", {"tts": " 　"}),
    speech("null for words", {"tts": None}),
    speech("a list for words", {"tts": ["おはよう"]}),
    speech("more than is spoken", {"tts": "あ" * 10_000}, is_sample=True),
    speech("less than silence", {"volume": -0.1}),
    speech("too loud", {"volume": 2.1}),
    speech("true for a volume", {"volume": True}),
    speech("a string for a volume", {"volume": "1"}),
    speech("a volume of 400 digits", {"volume": 10**400}),
    speech("too high", {"pitch": 0.16}),
    speech("too low", {"pitch": -0.16}),
    speech("too slow", {"speed": 0.4}),
    speech("too fast", {"speed": 2.01}),
    speech("no speed", {"speed": 0}),
    speech("a string for a speed", {"speed": "1"}),
    speech("a style over 32 bits", {"speaker": 2**31}),
    speech("a style under 32 bits", {"speaker": -(2**31) - 1}),
    speech("a style of 1.0", {"speaker": 1.0}),
    speech("a style of 1.5", {"speaker": 1.5}),
    speech("a string for a style", {"speaker": "1"}),
    speech("true for a style", {"speaker": True}),
    speech("a number for the text beside it", {"text": 5}),
    speech("the text beside it too long", {"text": "a" * 5001}),
    speech("an unknown name", {"voice": 1}),
)
MEDIA = (
    case("no key", "image", {}, "image"),
    case("an empty key", "image", {"image": ""}, "image"),
    case("a link for a key", "image", {"image": "https://example.com/cat.jpg"}, "image"),
    case("a key that begins with a slash", "image", {"image": "/cat.jpg"}, "image"),
    case("a key that climbs", "image", {"image": "../secret.jpg"}, "image", is_sample=True),
    case("a key that climbs in the middle", "image", {"image": "a/../cat.jpg"}, "image"),
    case("the key of a preview of ours", "image", {"image": "previews/cat.jpg"}, "image"),
    case("an upload without its number", "image", {"image": "incoming/cat.jpg"}, "image"),
    case("a key that climbs out of an upload", "image", {"image": f"{UPLOAD}/../cat.jpg"}, "image"),
    case("a number for a preview", "image", {"image": "cat.jpg", "preview": 3}, "preview"),
    case("the text beside it too long", "image", {"image": "cat.jpg", "text": "a" * 5001}, "text"),
    case("a link for a key", "audio", {"audio": "https://example.com/a.mp3"}, "audio", is_sample=True),
    case("no duration", "audio", {"audio": "a.mp3", "duration_ms": 0}, "duration_ms"),
    case("a fraction of a duration", "audio", {"audio": "a.mp3", "duration_ms": 1.5}, "duration_ms"),
    case("no cover", "video", {"video": "sample_video.mp4"}, "preview", is_sample=True),
    case(
        "a tracking id too long",
        "video",
        {"video": "a.mp4", "preview": "a.jpg", "tracking_id": "x" * 101},
        "tracking_id",
    ),
)
MESSAGES = (
    case("no list", "messages", {}, "messages"),
    case("no message", "messages", {"messages": []}, "messages"),
    case("six messages", "messages", {"messages": [HELLO] * 6}, "messages", is_sample=True),
    case("a string for a message", "messages", {"messages": ["Hello"]}, "messages[0]"),
    case("a text without its text", "messages", {"messages": [{"type": "text"}]}, "messages[0].text"),
    case("white space", "messages", {"messages": [{"type": "text", "text": "  "}]}, "messages[0].text"),
    case("a text too long", "messages", {"messages": [{"type": "text", "text": "a" * 5001}]}, "messages[0].text"),
    case("a message of no type", "messages", {"messages": [{"type": "poem"}]}, "messages[0].type"),
    case(
        "a number for a switch",
        "messages",
        {"messages": [HELLO], "notificationDisabled": 1},
        "notificationDisabled",
    ),
)

BAD_BODIES = (*NO_OBJECT, *NO_HONEST_JSON, *TEXTS, *SPEECH, *MEDIA, *MESSAGES)
SAMPLE = tuple(each for each in BAD_BODIES if each.is_sample)
