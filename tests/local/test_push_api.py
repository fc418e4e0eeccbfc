"""Another service pushes by REST: the answers to its calls, and who received what, and how often."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
import schemathesis
from playwright.sync_api import Browser, Page, expect
from requests import Response

from kairan.speech.wav import Sound
from local.demo_messages import DemoPerson
from tests.cases import bad_bodies
from tests.local.cloud import ROOT, Running, eventually
from tests.local.failures import inject, kill_workers, new_friends, requests_of, struck
from tests.rigs import media_files, sounds
from tests.rigs.described_calls import calls_of_each_operation, check_call
from tools import browser

SAMPLES = ROOT / "lambdas" / "sample_media" / "files"
FLEX = {
    "type": "flex",
    "altText": "Hello",
    "contents": {"type": "bubble", "body": {"type": "box", "layout": "vertical", "contents": []}},
}
JPEG = ("a picture.jpg", "image/jpeg", media_files.image())
MP3 = ("a sound.mp3", "audio/mpeg", media_files.audio("mp3", 1.5))


@pytest.fixture(autouse=True)
def _calm_again(running: Running) -> Iterator[None]:
    before = running.line.call("GET", "/settings")
    yield
    running.line.call("DELETE", "/faults")
    running.line.change_settings(**before)


@pytest.fixture
def friend(running: Running) -> DemoPerson:
    """A friend of the account who has no messages yet."""
    [person] = new_friends(running, 1).people
    return person


def kinds(running: Running, person: DemoPerson) -> list[str]:
    return [message["type"] for message in running.line.received(person.user_id)]


def told(answer: Response) -> tuple[int, str]:
    """Of an error, which has the form of the house."""
    problem = answer.json()
    assert set(problem) - {"details"} == {"error", "code"}
    assert problem["error"]
    return answer.status_code, problem["code"]


def received_by_all(running: Running) -> dict[str, int]:
    return {person["userId"]: person["received"] for person in running.line.call("GET", "/people")["people"]}


@contextmanager
def without_a_trace(running: Running, person: DemoPerson) -> Iterator[None]:
    """The block leaves no file, no person receives anything, and no request names the person."""
    stored, received = running.stored_files(), received_by_all(running)
    yield
    assert running.stored_files() == stored
    assert received_by_all(running) == received
    assert requests_of(running, [person]) == []


# what can be pushed


@dataclass(frozen=True)
class Push:
    route: str
    arrives: Sequence[str]
    """The types of the messages, in their order."""
    tells: Sequence[str] = ()
    """The properties of the answer besides the ids."""
    body: Mapping[str, Any] | None = None
    file: tuple[str, str, bytes] | None = None
    text: str | None = None

    def by(self, running: Running, to: str, key: UUID | None = None) -> Response:
        return running.push(to, self.route, self.body, file=self.file, text=self.text, key=key)


IMAGE, AUDIO = ["image_url"], ["audio_url", "audio_duration"]
SPEECH, VIDEO = ["tts_audio_url", "tts_audio_duration"], ["video_url"]
FILM = {"video": "sample_video.mp4", "preview": "sample_image.jpg"}
PUSHES = {
    "text": Push("text", ["text"], body={"text": "Hello"}),
    "speech": Push("tts", ["audio"], SPEECH, {"tts": "こんにちは。"}),
    "speech with text": Push("tts", ["text", "audio"], SPEECH, {"tts": "こんにちは。", "text": "Hello"}),
    "image": Push("image", ["image"], IMAGE, {"image": "sample_image.jpg"}),
    "image with text": Push("image", ["text", "image"], IMAGE, {"image": "sample_image.jpg", "text": "Hello"}),
    "image in a form": Push("image", ["image"], IMAGE, file=JPEG),
    "image in a form with text": Push("image", ["text", "image"], IMAGE, file=JPEG, text="Hello"),
    "audio": Push("audio", ["audio"], AUDIO, {"audio": "sample_audio.mp3"}),
    "audio in a form with text": Push("audio", ["text", "audio"], AUDIO, file=MP3, text="Hello"),
    "video": Push("video", ["video"], VIDEO, FILM),
    "video with text": Push("video", ["text", "video"], VIDEO, FILM | {"text": "Hello", "tracking_id": "tour"}),
    "messages": Push("messages", ["flex", "text"], body={"messages": [FLEX, {"type": "text", "text": "Hello"}]}),
}
pushes = pytest.mark.parametrize("push", PUSHES.values(), ids=PUSHES.keys())


@pushes
def test_what_is_pushed_arrives_once_and_is_answered_as_promised(
    running: Running, friend: DemoPerson, push: Push
) -> None:
    answer = push.by(running, friend.user_id)

    assert answer.status_code == 200, answer.text
    assert UUID(answer.headers["X-Line-Retry-Key"]).version == 4
    assert list(answer.json()) == ["sentMessages", *push.tells]
    assert [bool(int(message["id"])) for message in answer.json()["sentMessages"]] == [True] * len(push.arrives)
    assert kinds(running, friend) == push.arrives
    message = running.line.received(friend.user_id)[-1]
    for name in push.tells:
        assert answer.json()[name] == message["originalContentUrl" if name.endswith("_url") else "duration"]
    for link in (message[name] for name in ("originalContentUrl", "previewImageUrl") if name in message):
        assert running.web.get(link).status_code == 200, link


@pytest.mark.parametrize("kind", ["C", "R"])
def test_groups_and_rooms_are_pushed_to_like_people(running: Running, kind: str) -> None:
    chat = DemoPerson("A chat", f"{kind}{uuid4().hex}")

    answer = running.push(chat.user_id, "text", {"text": "Hello, all"})

    assert (answer.status_code, len(answer.json()["sentMessages"])) == (200, 1)
    [request] = requests_of(running, [chat])
    assert request["body"]["messages"] == [{"type": "text", "text": "Hello, all"}]


def test_placeholders_are_for_campaigns_and_stay_as_they_are(running: Running, friend: DemoPerson) -> None:
    running.push(friend.user_id, "text", {"text": "{{User.UserAttributes.name}}"})

    [message] = running.line.received(friend.user_id)
    assert message["text"] == "{{User.UserAttributes.name}}"


def test_a_form_carries_almost_as_much_as_a_call_may(running: Running, friend: DemoPerson) -> None:
    content = JPEG[2] + bytes(4_490_000)

    answer = running.push(friend.user_id, "image", file=("large.jpg", "image/jpeg", content))

    assert answer.status_code == 200, answer.text
    assert len(running.web.get(answer.json()["image_url"]).content) == len(content)


# who may push, and the other routes


def test_every_route_below_v1_wants_the_key_and_no_other(running: Running, friend: DemoPerson) -> None:
    routes = [
        *((f"v1/push_message/{friend.user_id}/{push.route}", "POST") for push in PUSHES.values()),
        *((f"v1/media/{bucket}", "POST") for bucket in ("images", "audio", "video")),
        (f"v1/followers/{friend.user_id}", "GET"),
    ]
    with without_a_trace(running, friend):
        answers = [
            running.web.request(method, running.outputs["ApiUrl"] + path, headers=headers, json={"text": "Hello"})
            for path, method in dict.fromkeys(routes)
            for headers in ({}, {"x-api-key": "wrong"}, {"x-api-key": running.outputs["ApiKeyId"]})
        ]

    assert {told(answer) for answer in answers} == {(403, "invalid_api_key")}


def test_what_is_no_route_is_told_so(running: Running) -> None:
    assert told(running.api("POST", "v1/push_message")) == (404, "not_found")
    assert told(running.api("GET", "v1/nothing")) == (404, "not_found")
    assert told(running.api("GET", "nothing")) == (404, "not_found")
    assert told(running.api("GET", f"v1/push_message/U{'0' * 32}/text")) == (405, "method_not_allowed")


def test_a_follower_is_told_and_a_stranger_is_not(running: Running) -> None:
    aiko = running.friend("Aiko")

    known, stranger = running.api("GET", f"v1/followers/{aiko}"), running.api("GET", f"v1/followers/U{'0' * 32}")

    assert known.status_code == 200
    assert (known.json()["user_id"], known.json()["display_name"]) == (aiko, "Aiko")
    assert (known.json()["status"], known.json()["source"]) == ("following", "follow")
    assert told(stranger) == (404, "not_found")


def test_everybody_may_ask_for_health_and_version(running: Running) -> None:
    health, version = (running.web.get(running.outputs["ApiUrl"] + page) for page in ("health", "version"))

    assert [health.status_code, version.status_code] == [200, 200]
    assert set(health.json()) == {"timestamp", "version", "checks"}
    assert health.json()["checks"] == {"secret": "ok", "ledger": "ok", "speech": "ok"}
    assert version.json() == {"version": health.json()["version"]}


def test_what_is_deployed_describes_itself_as_it_is_written_down(running: Running) -> None:
    answer = running.web.get(running.outputs["ApiUrl"] + "openapi.json")

    assert answer.json() == json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))


# repeats


@pushes
def test_a_repeat_is_answered_as_the_first_and_arrives_once(running: Running, friend: DemoPerson, push: Push) -> None:
    key = uuid4()

    answers = [push.by(running, friend.user_id, key) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert {answer.headers["X-Line-Retry-Key"] for answer in answers} == {str(key)}
    assert kinds(running, friend) == push.arrives
    assert len(requests_of(running, [friend])) == 1


def test_eight_calls_at_once_under_one_key_are_one_push(running: Running, friend: DemoPerson) -> None:
    key = uuid4()

    with ThreadPoolExecutor(8) as callers:
        answers = list(callers.map(lambda _: running.push(friend.user_id, "text", {"text": "Once"}, key=key), range(8)))

    sent = [answer.json() for answer in answers if answer.status_code == 200]
    waiting = [told(answer) for answer in answers if answer.status_code != 200]
    assert sent
    assert sent == [sent[0]] * len(sent)
    assert waiting == [(409, "in_progress")] * len(waiting)
    assert kinds(running, friend) == ["text"]


def test_a_key_names_one_body_on_one_route_to_one_person(running: Running, friend: DemoPerson) -> None:
    [other] = new_friends(running, 1).people
    key = uuid4()
    PUSHES["text"].by(running, friend.user_id, key)

    assert told(running.push(friend.user_id, "text", {"text": "Hello!"}, key=key)) == (409, "key_reused")
    assert PUSHES["image"].by(running, friend.user_id, key).status_code == 200
    assert PUSHES["text"].by(running, other.user_id, key).status_code == 200
    assert [kinds(running, person) for person in (friend, other)] == [["text", "image"], ["text"]]


def test_another_file_under_the_same_key_is_refused_and_not_kept(running: Running, friend: DemoPerson) -> None:
    key = uuid4()
    running.push(friend.user_id, "image", file=JPEG, key=key)
    stored = running.stored_files()

    answer = running.push(
        friend.user_id, "image", file=("b.jpg", "image/jpeg", media_files.image(colour=(9, 9, 9))), key=key
    )

    assert told(answer) == (409, "key_reused")
    assert running.stored_files() == stored
    assert kinds(running, friend) == ["image"]


# what LINE may answer


@pytest.mark.parametrize("fault", ["cut_after_accepting", "error_after_accepting", "cut", "error"])
def test_a_fault_of_line_is_healed_within_the_call(running: Running, friend: DemoPerson, fault: str) -> None:
    key = uuid4()
    inject(running, fault, endpoint="push", count=1)

    answers = [running.push(friend.user_id, "text", {"text": "Once"}, key=key) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert struck(running)[fault] == 1
    assert kinds(running, friend) == ["text"]


def test_a_rate_of_line_is_told_at_once_and_a_repeat_goes_on(running: Running, friend: DemoPerson) -> None:
    key = uuid4()
    inject(running, "rate_limit", endpoint="push", count=1)

    refused = running.push(friend.user_id, "text", {"text": "Once"}, key=key)

    assert told(refused) == (429, "rate_limited")
    assert int(refused.headers["Retry-After"]) > 0
    assert kinds(running, friend) == []
    assert running.push(friend.user_id, "text", {"text": "Once"}, key=key).status_code == 200
    assert kinds(running, friend) == ["text"]


def test_the_monthly_limit_is_told_without_a_time_and_a_repeat_goes_on_when_it_is_raised(
    running: Running, friend: DemoPerson
) -> None:
    key = uuid4()
    running.line.change_settings(quota=0)

    refused = running.push(friend.user_id, "text", {"text": "Once"}, key=key)

    assert told(refused) == (429, "monthly_quota")
    assert "Retry-After" not in refused.headers
    running.line.change_settings(quota=None)
    assert running.push(friend.user_id, "text", {"text": "Once"}, key=key).status_code == 200
    assert kinds(running, friend) == ["text"]


def test_what_line_refuses_is_answered_in_lines_words_and_its_file_taken_back(
    running: Running, friend: DemoPerson
) -> None:
    key, stored = uuid4(), running.stored_files()
    inject(running, "refuse_user", userId=friend.user_id)

    answers = [running.push(friend.user_id, "image", file=JPEG, key=key) for _ in range(2)]

    [request] = requests_of(running, [friend])
    assert [told(answer) for answer in answers] == [(400, "line_rejected")] * 2
    assert [answer.json()["error"] for answer in answers] == [request["answer"]["message"]] * 2
    assert running.stored_files() == stored
    assert kinds(running, friend) == []


def test_line_that_is_down_is_a_bad_gateway_and_a_repeat_goes_on(running: Running, friend: DemoPerson) -> None:
    key = uuid4()
    inject(running, "error", endpoint="push")

    refused = running.push(friend.user_id, "image", file=JPEG, key=key)
    running.line.call("DELETE", "/faults")

    assert told(refused) == (502, "line_unavailable")
    assert kinds(running, friend) == []
    sent = running.push(friend.user_id, "image", file=JPEG, key=key)
    assert sent.status_code == 200
    assert running.web.get(sent.json()["image_url"]).content == JPEG[2]
    assert kinds(running, friend) == ["image"]


# a function that dies


@dataclass(frozen=True)
class Killed:
    """Two pushes whose function was killed while LINE was at work: LINE accepts one of them, the other is lost."""

    running: Running
    pushed: Mapping[str, tuple[DemoPerson, UUID]]

    def repeat(self, name: str) -> Response:
        person, key = self.pushed[name]
        return self.running.push(person.user_id, "text", {"text": "Once"}, key=key)


@pytest.fixture(scope="module")
def killed(running: Running) -> Killed:
    accepted, lost = new_friends(running, 2).people
    killed = Killed(running, {"accepted": (accepted, uuid4()), "lost": (lost, uuid4())})
    inject(running, "delay", endpoint="push", ms=1500)
    with ThreadPoolExecutor(2) as callers:
        first = callers.submit(killed.repeat, "accepted")
        eventually(lambda: struck(running)["delay"] == 1, "the first push has not come so far")
        inject(running, "cut", endpoint="push")
        second = callers.submit(killed.repeat, "lost")
        eventually(lambda: struck(running)["delay"] == 2, "the second push has not come so far")
        assert kill_workers(running, "api") >= 2
    assert [answer.result().status_code for answer in (first, second)] == [502, 502]
    running.line.call("DELETE", "/faults")
    return killed


linux_only = pytest.mark.skipif(sys.platform != "linux", reason="finds the function's process in /proc")


@linux_only
def test_while_nobody_knows_that_a_function_was_killed_its_push_is_in_progress(killed: Killed) -> None:
    with ThreadPoolExecutor(2) as callers:
        answers = list(callers.map(killed.repeat, killed.pushed))

    assert [told(answer) for answer in answers] == [(409, "in_progress")] * 2


# uploads


@dataclass(frozen=True)
class Upload:
    """`files` are announced, uploaded and then pushed under the names that they have in the body."""

    bucket: str
    route: str
    files: Mapping[str, tuple[str, str, bytes]]


UPLOADS = {
    "image": Upload("images", "image", {"image": ("春の セール+1 #2.png", "image/png", media_files.image("PNG"))}),
    "m4a": Upload("audio", "audio", {"audio": ("ご案内.m4a", "audio/mp4", media_files.audio("m4a", 1.5))}),
    "video": Upload(
        "video",
        "video",
        {"video": ("旅.mp4", "video/mp4", media_files.video()), "preview": ("表紙.jpg", "image/jpeg", JPEG[2])},
    ),
}


def invite(running: Running, bucket: str, name: str, content_type: str, size: int) -> Any:
    answer = running.api("POST", f"v1/media/{bucket}", json={"name": name, "content_type": content_type, "size": size})
    assert answer.status_code == 200, answer.text
    assert set(answer.json()) == {"key", "upload", "expires_at"}
    return answer.json()


def upload(running: Running, invitation: Any, content: bytes, **changed: str) -> Response:
    form = invitation["upload"]
    return running.web.post(form["url"], data=form["fields"] | changed, files={"file": ("any name", content)})


@pytest.mark.parametrize("uploaded", UPLOADS.values(), ids=UPLOADS.keys())
def test_a_file_is_uploaded_and_then_pushed(running: Running, friend: DemoPerson, uploaded: Upload) -> None:
    keys = {}
    for name, (file_name, content_type, content) in uploaded.files.items():
        invitation = invite(running, uploaded.bucket, file_name, content_type, len(content))
        assert invitation["key"].endswith(f"/{file_name}")
        assert upload(running, invitation, content).status_code == 204
        keys[name] = invitation["key"]

    answer = running.push(friend.user_id, uploaded.route, keys)

    assert answer.status_code == 200, answer.text
    assert kinds(running, friend) == [uploaded.route]
    served = running.web.get(answer.json()[f"{uploaded.route}_url"])
    _, content_type, content = uploaded.files[uploaded.route]
    assert (served.status_code, served.headers["content-type"], served.content) == (200, content_type, content)


def test_s3_takes_nothing_but_the_file_that_was_announced(running: Running) -> None:
    content = media_files.image("PNG")
    invitation, stored = invite(running, "images", "a.png", "image/png", len(content)), running.stored_files()

    refused = [
        upload(running, invitation, content + b"\0"),
        upload(running, invitation, content[:-1]),
        upload(running, invitation, content, **{"Content-Type": "text/html"}),
        upload(running, invitation, content, key="index.html"),
        upload(running, invitation, content, key=invitation["key"] + ".html"),
    ]

    assert [400 <= answer.status_code < 500 for answer in refused] == [True] * len(refused)
    assert running.stored_files() == stored


def test_an_upload_that_is_never_pushed_stays_where_nothing_is_served_from(running: Running) -> None:
    content, stored = media_files.image("PNG"), running.stored_files()
    invitation = invite(running, "images", "a.png", "image/png", len(content))

    assert upload(running, invitation, content).status_code == 204

    assert invitation["key"].startswith("incoming/")
    assert running.stored_files() - stored == {f"ImagesBucket/{invitation['key']}"}


# bad input


def form_of(name: str, content_type: str, content: bytes) -> dict[str, Any]:
    return {"file": (name, content_type, content)}


def a_wav() -> bytes:
    return sounds.wav(Sound(44_100, 1, bytes(8820)))


HELLO = {"text": "Hello"}
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
BOMB = media_files.image("PNG", (12_000, 12_000), mode="1")
BAD_FILES: dict[str, tuple[str, dict[str, Any], str]] = {
    "a renamed text": ("image", form_of("a.jpg", "image/jpeg", b"Hello"), "'text/plain' is not image type"),
    "a text": ("image", form_of("a.txt", "text/plain", b"Hello"), "'text/plain' is not image type"),
    "an SVG": ("image", form_of("a.svg", "image/svg+xml", SVG), "'image/svg+xml' is not image type"),
    "a renamed SVG": ("image", form_of("a.png", "image/png", SVG), "'image/svg+xml' is not image type"),
    "an empty file": ("image", form_of("a.jpg", "image/jpeg", b""), "empty"),
    "a bomb": ("image", form_of("a.png", "image/png", BOMB), "pixels"),
    "a picture cut off": ("image", form_of("a.jpg", "image/jpeg", JPEG[2][:300]), "a.jpg"),
    "tags without frames": ("audio", form_of("a.mp3", "audio/mpeg", b"ID3\4\0\0\0\0\1\0" + bytes(500)), "frame"),
    "a WAV": ("audio", form_of("a.wav", "audio/wav", a_wav()), "'audio/wav' is not audio type"),
    "a renamed WAV": ("audio", form_of("a.mp3", "audio/mpeg", a_wav()), "'audio/wav' is not audio type"),
    "an M4A called MP3": ("audio", form_of("a.mp3", "audio/mpeg", media_files.audio("m4a")), "audio/mp4"),
    "an MP3 called M4A": ("audio", form_of("a.m4a", "audio/mp4", media_files.audio("mp3")), "audio/mpeg"),
    "a picture for a sound": ("audio", form_of("a.jpg", "image/jpeg", JPEG[2]), "'image/jpeg' is not audio type"),
}


@pytest.mark.parametrize("case", bad_bodies.SAMPLE, ids=str)
def test_a_bad_body_is_refused_by_the_path_of_its_fault(
    running: Running, friend: DemoPerson, case: bad_bodies.Case
) -> None:
    sent = case.body.encode() if isinstance(case.body, str) else case.body
    with without_a_trace(running, friend):
        answer = running.api("POST", f"v1/push_message/{friend.user_id}/{case.route}", data=sent)

    assert told(answer) == (422, "invalid_request")
    assert [detail["path"] for detail in answer.json()["details"]] == [case.path]


@pytest.mark.parametrize(("route", "form", "sentence"), BAD_FILES.values(), ids=BAD_FILES.keys())
def test_a_bad_file_is_refused_for_what_it_is(
    running: Running, friend: DemoPerson, route: str, form: dict[str, Any], sentence: str
) -> None:
    with without_a_trace(running, friend):
        answer = running.push(friend.user_id, route, **form, text="Look")

    assert told(answer) == (400, "unsupported_media")
    assert sentence in answer.json()["error"]


@pytest.mark.parametrize("user_id", ["me", "U123", f"X{'0' * 32}", f"U{'A' * 32}", f"U{'0' * 33}", "ユーザー"])
def test_an_id_of_an_unknown_form_is_refused(running: Running, friend: DemoPerson, user_id: str) -> None:
    with without_a_trace(running, friend):
        answers = [running.push(user_id, "text", HELLO), running.push(user_id, "image", file=JPEG)]

    assert [told(answer) for answer in answers] == [(422, "invalid_request")] * 2
    assert {detail["path"] for answer in answers for detail in answer.json()["details"]} == {"user_id"}


@pytest.mark.parametrize("name", ["../a.jpg", "a/../../b.jpg", ".."])
def test_a_name_that_climbs_is_refused(running: Running, friend: DemoPerson, name: str) -> None:
    announced = {"name": name, "content_type": "image/jpeg", "size": 1}
    with without_a_trace(running, friend):
        answers = [
            running.push(friend.user_id, "image", file=(name, *JPEG[1:])),
            running.api("POST", "v1/media/images", json=announced),
        ]

    assert [told(answer) for answer in answers] == [(422, "invalid_request")] * 2


def test_a_body_over_what_is_carried_is_refused_with_the_number_and_the_way(
    running: Running, friend: DemoPerson
) -> None:
    with without_a_trace(running, friend):
        answer = running.push(friend.user_id, "image", file=("a.jpg", "image/jpeg", bytes(4_500_000)))

    assert told(answer) == (413, "too_large")
    assert "4,500,000 bytes" in answer.json()["error"]
    assert "/v1/media/images" in answer.json()["error"]


@pytest.mark.parametrize("bad", ["a renamed text", "a renamed SVG", "a bomb", "a renamed WAV", "tags without frames"])
def test_a_bad_file_that_was_uploaded_is_refused_when_it_is_pushed_and_not_copied(
    running: Running, friend: DemoPerson, bad: str
) -> None:
    route, form, _ = BAD_FILES[bad]
    name, content_type, content = form["file"]
    bucket = {"image": "images", "audio": "audio"}[route]
    invitation = invite(running, bucket, name, content_type, len(content))
    assert upload(running, invitation, content).status_code == 204

    with without_a_trace(running, friend):
        answer = running.push(friend.user_id, route, {route: invitation["key"]})

    assert told(answer) == (400, "unsupported_media")


def test_what_is_just_within_the_limits_arrives(running: Running, friend: DemoPerson) -> None:
    texts = ["😀" * 2500, "a" * 5000]

    answers = [running.push(friend.user_id, "text", {"text": text}) for text in texts]
    answers.append(running.push(friend.user_id, "image", file=("春の写真.jpg", *JPEG[1:])))

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert [message.get("text") for message in running.line.received(friend.user_id)] == [*texts, None]


# anything at all


schema = schemathesis.openapi.from_path(ROOT / "docs" / "openapi.json")


@schema.parametrize()
@calls_of_each_operation(24)
def test_whatever_is_sent_is_answered_as_described(running: Running, case: schemathesis.Case[Any]) -> None:
    check_call(case, key=running.outputs["ApiKey"], url=running.outputs["ApiUrl"])


# in a browser


@pytest.fixture
def chromium() -> Iterator[Browser]:
    if reason := browser.missing():
        pytest.skip(reason)
    with browser.opened() as opened:
        yield opened


@pytest.fixture
def page(running: Running, chromium: Browser) -> Iterator[Page]:
    """One that must not complain, and must not ask anything but the API."""
    page, asked, complaints = chromium.new_page(), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    assert {url for url in asked if not url.startswith(("data:", "blob:", running.outputs["ApiUrl"]))} == set()
    assert complaints == []


def test_the_documentation_lets_one_try_a_push_with_the_key(running: Running, friend: DemoPerson, page: Page) -> None:
    page.goto(running.outputs["ApiUrl"] + "docs")
    page.get_by_role("button", name="Authorize").click()
    page.locator(".auth-container input").fill(running.outputs["ApiKey"])
    page.locator(".auth-container").get_by_role("button", name="Apply credentials").click()
    page.locator(".modal-ux").get_by_role("button", name="Close").first.click()
    call = page.locator("#operations-Push-push_text")
    call.locator(".opblock-summary-control").click()
    call.locator("tr[data-param-name=user_id] input").fill(friend.user_id)
    call.locator("textarea").fill('{"text": "Tried by hand"}')
    call.get_by_role("button", name="Execute").click()

    expect(call.locator(".live-responses-table tr.response .response-col_status")).to_contain_text("200")
    assert [message["text"] for message in running.line.received(friend.user_id)] == ["Tried by hand"]


def test_the_reference_shows_every_push(running: Running, page: Page) -> None:
    page.goto(running.outputs["ApiUrl"] + "redoc")

    for title in ("Push a text", "Push words as a voice message", "Ask where to upload a file"):
        expect(page.get_by_role("heading", name=title)).to_be_visible()


# last, because by now its time is over


@linux_only
def test_after_the_time_of_a_killed_function_a_repeat_sends_what_it_had_not_sent(
    running: Running, killed: Killed
) -> None:
    for name, (person, _) in killed.pushed.items():
        eventually(lambda name=name: killed.repeat(name).status_code == 200, f"{name} is not sent", timeout_s=60)  # type: ignore[misc]
        assert killed.repeat(name).status_code == 200
        assert kinds(running, person) == ["text"]
