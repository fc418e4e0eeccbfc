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
from requests import Response

from local.demo_messages import DemoPerson
from tests.cases import bad_bodies
from tests.local.cloud import ROOT, Running, eventually
from tests.local.failures import inject, kill_workers, new_friends, requests_of, struck
from tests.rigs import media_files

SAMPLES = ROOT / "lambdas" / "sample_media" / "files"
FLEX = {
    "type": "flex",
    "altText": "Hello",
    "contents": {"type": "bubble", "body": {"type": "box", "layout": "vertical", "contents": []}},
}
JPEG = ("a picture.jpg", "image/jpeg", media_files.image())
MP3 = ("a sound.mp3", "audio/mpeg", media_files.audio("mp3", 1.5))


pytestmark = pytest.mark.usefixtures("line_as_before")


@pytest.fixture
def friend(running: Running) -> DemoPerson:
    """A friend of the account who has no messages yet."""
    [person] = new_friends(running, 1).people
    return person


def kinds(running: Running, person: DemoPerson) -> list[str]:
    return [message["type"] for message in running.line.received(person.user_id)]


def problem_of(answer: Response) -> tuple[int, str]:
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


@pytest.mark.parametrize("push", PUSHES.values(), ids=PUSHES.keys())
def test_what_is_pushed_arrives_once_and_is_answered_as_promised_also_when_it_is_repeated(
    running: Running, friend: DemoPerson, push: Push
) -> None:
    answer = push.by(running, friend.user_id)
    key = UUID(answer.headers["X-Line-Retry-Key"])
    again = push.by(running, friend.user_id, key)

    assert [answer.status_code, again.status_code] == [200, 200], answer.text
    assert (again.json(), again.headers["X-Line-Retry-Key"]) == (answer.json(), str(key))
    assert list(answer.json()) == ["sentMessages", *push.tells]
    assert [bool(int(message["id"])) for message in answer.json()["sentMessages"]] == [True] * len(push.arrives)
    assert kinds(running, friend) == push.arrives
    assert len(requests_of(running, [friend])) == 1
    message = running.line.received(friend.user_id)[-1]
    for name in push.tells:
        assert answer.json()[name] == message["originalContentUrl" if name.endswith("_url") else "duration"]
    for link in (message[name] for name in ("originalContentUrl", "previewImageUrl") if name in message):
        assert running.web.get(link).status_code == 200, link


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

    assert {problem_of(answer) for answer in answers} == {(403, "invalid_api_key")}


def test_what_is_no_route_is_told_so(running: Running) -> None:
    assert problem_of(running.api("POST", "v1/push_message")) == (404, "not_found")
    assert problem_of(running.api("GET", "v1/nothing")) == (404, "not_found")
    assert problem_of(running.api("GET", "nothing")) == (404, "not_found")
    assert problem_of(running.api("GET", f"v1/push_message/U{'0' * 32}/text")) == (405, "method_not_allowed")
    for method, path, allowed in (("POST", "health", "GET"), ("PUT", "version", "GET"), ("GET", "webhook", "POST")):
        answer = running.api(method, path)
        assert problem_of(answer) == (405, "method_not_allowed")
        assert answer.headers["Allow"] == allowed


def test_a_follower_is_told_and_a_stranger_is_not(running: Running) -> None:
    aiko = running.friend("Aiko")

    known, stranger = running.api("GET", f"v1/followers/{aiko}"), running.api("GET", f"v1/followers/U{'0' * 32}")

    assert known.status_code == 200
    assert (known.json()["user_id"], known.json()["display_name"]) == (aiko, "Aiko")
    assert (known.json()["status"], known.json()["source"]) == ("following", "follow")
    assert problem_of(stranger) == (404, "not_found")


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


def test_eight_calls_at_once_under_one_key_are_one_push(running: Running, friend: DemoPerson) -> None:
    key = uuid4()

    with ThreadPoolExecutor(8) as callers:
        answers = list(callers.map(lambda _: running.push(friend.user_id, "text", {"text": "Once"}, key=key), range(8)))

    sent = [answer.json() for answer in answers if answer.status_code == 200]
    waiting = [problem_of(answer) for answer in answers if answer.status_code != 200]
    assert sent
    assert sent == [sent[0]] * len(sent)
    assert waiting == [(409, "in_progress")] * len(waiting)
    assert kinds(running, friend) == ["text"]


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


def test_line_that_is_down_is_a_bad_gateway_and_a_repeat_goes_on(running: Running, friend: DemoPerson) -> None:
    key = uuid4()
    inject(running, "error", endpoint="push")

    refused = running.push(friend.user_id, "image", file=JPEG, key=key)
    running.line.call("DELETE", "/faults")

    assert problem_of(refused) == (502, "line_unavailable")
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

    assert [problem_of(answer) for answer in answers] == [(409, "in_progress")] * 2


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


# bad input: one body a route and one file; the unit tests try them all


@pytest.mark.parametrize("case", bad_bodies.SAMPLE, ids=str)
def test_a_bad_body_is_refused_by_the_path_of_its_fault(
    running: Running, friend: DemoPerson, case: bad_bodies.Case
) -> None:
    sent = case.body.encode() if isinstance(case.body, str) else case.body
    with without_a_trace(running, friend):
        answer = running.api("POST", f"v1/push_message/{friend.user_id}/{case.route}", data=sent)

    assert problem_of(answer) == (422, "invalid_request")
    assert [detail["path"] for detail in answer.json()["details"]] == [case.path]


def test_a_bad_file_is_refused_and_not_kept(running: Running, friend: DemoPerson) -> None:
    with without_a_trace(running, friend):
        answer = running.push(friend.user_id, "image", file=("a.png", "image/png", b"<svg/>"), text="Look")

    assert problem_of(answer) == (400, "unsupported_media")


# last, because by now its time is over


@linux_only
def test_after_the_time_of_a_killed_function_a_repeat_sends_what_it_had_not_sent(
    running: Running, killed: Killed
) -> None:
    for name, (person, _) in killed.pushed.items():
        eventually(lambda name=name: killed.repeat(name).status_code == 200, f"{name} is not sent", timeout_s=60)  # type: ignore[misc]
        assert killed.repeat(name).status_code == 200
        assert kinds(running, person) == ["text"]
