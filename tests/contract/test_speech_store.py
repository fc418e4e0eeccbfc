"""What was spoken, in a bucket: S3 and the bucket in memory keep the same promises."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.session import get_session
from botocore.stub import Stubber

from kairan import aws
from kairan.content import Speech
from kairan.errors import StoreUnavailableError
from kairan.speech.model import name_of
from kairan.speech.port import Lock
from kairan.speech.s3 import QUICK, S3SpeechStore
from tests.fakes.speech import FakeS3

WORDS = Speech("回覧です。", -1, speed=1.5, pitch=0.05, volume=0.0)
NAME = name_of(WORDS)
OLD_MP3, NOTE, LOCK = f"tts/{NAME}.mp3", f"tts/{NAME}.meta.json", f"tts/{NAME}.lock"
"""`OLD_MP3` is where release 0.1.0 put the sound."""
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(seconds=25)


@pytest.fixture(params=["fake", "s3"])
def s3(request: pytest.FixtureRequest) -> Any:
    if request.param == "fake":
        return FakeS3()
    request.getfixturevalue("moto")
    client: Any = get_session().create_client("s3")
    client.create_bucket(Bucket="audio")
    return client


@pytest.fixture
def store(s3: Any) -> S3SpeechStore:
    return S3SpeechStore("audio", base_url="https://audio.example/", client=s3)


def content(s3: Any, key: str) -> bytes:
    data: bytes = s3.get_object(Bucket="audio", Key=key)["Body"].read()
    return data


def remove(s3: Any, key: str) -> None:
    s3.delete_object(Bucket="audio", Key=key, IfMatch=s3.head_object(Bucket="audio", Key=key)["ETag"])


def test_what_was_kept_is_found(store: S3SpeechStore) -> None:
    assert store.find(NAME) is None

    kept = store.keep(NAME, WORDS, b"mp3", 1234)

    assert store.find(NAME) == kept
    assert kept.duration_ms == 1234


def test_the_note_says_what_was_spoken_how_and_how_long(store: S3SpeechStore, s3: Any) -> None:
    [mp3] = store.keep(NAME, WORDS, b"mp3", 1234).media_keys

    assert content(s3, mp3) == b"mp3"
    assert "回覧です。" in content(s3, NOTE).decode()
    assert json.loads(content(s3, NOTE)) == {
        "tts": "回覧です。",
        "audio_length": 1234,
        "speaker": -1,
        "speed": 1.5,
        "pitch": 0.05,
        "volume": 0.0,
        "mp3": mp3,
        "etag": s3.head_object(Bucket="audio", Key=mp3)["ETag"],
    }


def test_the_link_names_the_mp3_and_its_version(store: S3SpeechStore, s3: Any) -> None:
    kept = store.keep(NAME, WORDS, b"mp3", 1234)

    [mp3] = kept.media_keys
    etag = s3.head_object(Bucket="audio", Key=mp3)["ETag"].strip('"')
    assert kept.url == f"https://audio.example/{mp3}?v={etag}"


def test_the_address_of_a_sound_has_nothing_of_its_words(store: S3SpeechStore, s3: Any) -> None:
    kept = store.keep(NAME, WORDS, b"mp3", 1234)
    remove(s3, NOTE)

    again = store.keep(NAME, WORDS, b"mp3", 1234)

    assert again.media_keys != kept.media_keys
    assert all(re.fullmatch(r"tts/sounds/[0-9a-f]{32}\.mp3", key) for key in (*kept.media_keys, *again.media_keys))


def test_the_first_that_was_kept_stays(store: S3SpeechStore, s3: Any) -> None:
    first = store.keep(NAME, WORDS, b"first", 1000)

    assert store.keep(NAME, WORDS, b"second", 2000) == first
    assert store.find(NAME) == first
    assert content(s3, first.media_keys[0]) == b"first"


def test_an_mp3_without_its_note_is_not_found_and_stays_for_old_messages(store: S3SpeechStore, s3: Any) -> None:
    first = store.keep(NAME, WORDS, b"first", 1000)
    remove(s3, NOTE)

    assert store.find(NAME) is None
    second = store.keep(NAME, WORDS, b"second", 2000)
    assert store.find(NAME) == second
    assert content(s3, first.media_keys[0]) == b"first"


def test_a_note_without_its_mp3_is_not_found_and_is_written_anew(store: S3SpeechStore, s3: Any) -> None:
    [mp3] = store.keep(NAME, WORDS, b"first", 1000).media_keys
    remove(s3, mp3)

    assert store.find(NAME) is None
    second = store.keep(NAME, WORDS, b"second", 2000)
    assert store.find(NAME) == second
    assert second.duration_ms == 2000


def test_a_note_about_another_mp3_is_not_found(store: S3SpeechStore, s3: Any) -> None:
    [mp3] = store.keep(NAME, WORDS, b"first", 1000).media_keys
    s3.put_object(Bucket="audio", Key=mp3, Body=b"by hand", ContentType="audio/mpeg")

    assert store.find(NAME) is None


@pytest.mark.parametrize(
    "note",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"etag": "x"}',
        b'{"etag": "x", "audio_length": "long"}',
        b'{"etag": "x", "audio_length": 1, "mp3": "uploads/another.mp3"}',
    ],
)
def test_a_note_that_makes_no_sense_finds_nothing_and_is_written_anew(
    store: S3SpeechStore, s3: Any, note: bytes
) -> None:
    s3.put_object(Bucket="audio", Key=NOTE, Body=note, ContentType="application/json")

    assert store.find(NAME) is None
    kept = store.keep(NAME, WORDS, b"mp3", 2000)
    assert store.find(NAME) == kept


def test_of_two_who_spoke_at_the_same_moment_both_link_the_first_note(store: S3SpeechStore, s3: Any) -> None:
    class Late(S3SpeechStore):
        """The other one keeps its sound while this one is storing its own."""

        def _stored(self, mp3: bytes, duration_ms: int) -> Any:
            self.first = store.keep(NAME, WORDS, b"first", 1000)
            return super()._stored(mp3, duration_ms)

    late = Late("audio", base_url="https://audio.example/", client=s3)

    assert late.keep(NAME, WORDS, b"second", 2000) == late.first


@pytest.fixture
def old_sound(s3: Any) -> bytes:
    """As release 0.1.0 stored it."""
    s3.put_object(Bucket="audio", Key=OLD_MP3, Body=b"old", ContentType="audio/mpeg")
    etag = s3.head_object(Bucket="audio", Key=OLD_MP3)["ETag"]
    note = {"tts": "回覧です。", "audio_length": 1234, "speaker": -1, "speed": 1.5, "pitch": 0.05, "volume": 0.0}
    s3.put_object(
        Bucket="audio", Key=NOTE, Body=json.dumps(note | {"etag": etag}).encode(), ContentType="application/json"
    )
    return b"old"


def test_a_sound_of_release_0_1_0_gets_an_address_of_its_own_and_plays_on_at_the_old_one(
    store: S3SpeechStore, s3: Any, old_sound: bytes
) -> None:
    found = store.find(NAME)

    assert found is not None
    assert found.duration_ms == 1234
    assert found.media_keys != (OLD_MP3,)
    assert content(s3, found.media_keys[0]) == content(s3, OLD_MP3) == old_sound
    assert json.loads(content(s3, NOTE))["tts"] == "回覧です。"
    assert store.find(NAME) == found


def taken(store: S3SpeechStore, owner: str, instead_of: Lock | None = None) -> Lock:
    lock = store.lock(NAME, owner, LATER, instead_of=instead_of)
    assert lock is not None
    return lock


def test_everybody_sees_who_holds_a_lock_and_until_when(store: S3SpeechStore) -> None:
    lock = taken(store, "one")

    assert store.lock_on(NAME) == lock
    assert (lock.owner, lock.expires_at) == ("one", LATER)


def test_of_two_who_want_a_lock_one_gets_it(store: S3SpeechStore) -> None:
    one = taken(store, "one")

    assert store.lock(NAME, "two", LATER, instead_of=None) is None
    assert store.lock_on(NAME) == one


def test_of_two_who_take_a_lock_over_one_gets_it(store: S3SpeechStore) -> None:
    dead = taken(store, "dead")

    one = taken(store, "one", instead_of=dead)

    assert store.lock(NAME, "two", LATER, instead_of=dead) is None
    assert store.lock_on(NAME) == one


def test_a_lock_that_was_released_meanwhile_is_not_taken_over(store: S3SpeechStore) -> None:
    seen = taken(store, "one")
    store.unlock(seen)

    assert store.lock(NAME, "two", LATER, instead_of=seen) is None
    assert store.lock_on(NAME) is None


def test_a_released_lock_can_be_released_again_and_taken(store: S3SpeechStore) -> None:
    assert store.lock_on(NAME) is None
    lock = taken(store, "one")

    store.unlock(lock)
    store.unlock(lock)

    assert store.lock_on(NAME) is None
    assert taken(store, "two").owner == "two"


def test_only_the_holder_of_a_lock_releases_it(store: S3SpeechStore) -> None:
    slow = taken(store, "slow")
    one = taken(store, "one", instead_of=slow)

    store.unlock(slow)

    assert store.lock_on(NAME) == one


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"owner": "one", "expires_at": "soon"}'])
def test_a_lock_that_makes_no_sense_is_over_and_can_be_taken(store: S3SpeechStore, s3: Any, body: bytes) -> None:
    s3.put_object(Bucket="audio", Key=LOCK, Body=body, ContentType="application/json")

    found = store.lock_on(NAME)

    assert found is not None
    assert found.expires_at < NOW
    assert taken(store, "one", instead_of=found).owner == "one"


def test_the_mp3_is_served_as_one(moto: None) -> None:
    client: Any = get_session().create_client("s3")
    client.create_bucket(Bucket="audio")

    kept = S3SpeechStore("audio", base_url="https://audio.example", client=client).keep(NAME, WORDS, b"mp3", 1234)

    [mp3] = kept.media_keys
    assert client.head_object(Bucket="audio", Key=mp3)["ContentType"] == "audio/mpeg"
    assert client.head_object(Bucket="audio", Key=NOTE)["ContentType"] == "application/json"


def test_a_bucket_that_is_not_there_is_not_a_lock_of_another(moto: None) -> None:
    client: Any = get_session().create_client("s3")

    with pytest.raises(StoreUnavailableError, match="NoSuchBucket"):
        S3SpeechStore("audio", base_url="https://audio.example", client=client).lock(
            NAME, "one", LATER, instead_of=None
        )


@pytest.fixture
def stubbed(fresh_clients: None) -> Iterator[Stubber]:
    with Stubber(aws.client("s3", QUICK)) as stubber:
        yield stubber


AWS_STORE = S3SpeechStore("audio", base_url="https://audio.example")
HELD = Lock(NAME, "one", LATER, '"etag"')


def test_a_write_that_met_another_one_took_no_lock(stubbed: Stubber) -> None:
    stubbed.add_client_error("put_object", "ConditionalRequestConflict", http_status_code=409)

    assert AWS_STORE.lock(NAME, "one", LATER, instead_of=None) is None


def test_a_lock_that_changes_hands_just_then_is_left_alone(stubbed: Stubber) -> None:
    stubbed.add_client_error("delete_object", "ConditionalRequestConflict", http_status_code=409)

    AWS_STORE.unlock(HELD)

    stubbed.assert_no_pending_responses()


def test_without_the_permission_to_list_an_absent_object_is_absent_too(stubbed: Stubber) -> None:
    stubbed.add_client_error("get_object", "AccessDenied", http_status_code=403)
    stubbed.add_client_error("get_object", "AccessDenied", http_status_code=403)

    assert AWS_STORE.find(NAME) is None
    assert AWS_STORE.lock_on(NAME) is None


@pytest.mark.parametrize(("code", "status"), [("AccessDenied", 403), ("SlowDown", 503), ("InternalError", 500)])
def test_a_bucket_that_refuses_or_fails_is_unavailable(stubbed: Stubber, code: str, status: int) -> None:
    for call in ("put_object", "put_object", "delete_object"):
        stubbed.add_client_error(call, code, http_status_code=status)

    with pytest.raises(StoreUnavailableError, match=code):
        AWS_STORE.keep(NAME, WORDS, b"mp3", 1234)
    with pytest.raises(StoreUnavailableError, match=code):
        AWS_STORE.lock(NAME, "one", LATER, instead_of=None)
    with pytest.raises(StoreUnavailableError, match=code):
        AWS_STORE.unlock(HELD)


@pytest.mark.parametrize(("code", "status"), [("SlowDown", 503), ("InternalError", 500)])
def test_a_bucket_that_cannot_be_read_is_unavailable(stubbed: Stubber, code: str, status: int) -> None:
    for _ in range(2):
        stubbed.add_client_error("get_object", code, http_status_code=status)

    with pytest.raises(StoreUnavailableError, match=code):
        AWS_STORE.find(NAME)
    with pytest.raises(StoreUnavailableError, match=code):
        AWS_STORE.lock_on(NAME)
