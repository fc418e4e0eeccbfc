"""The uploads port's contract: the fake and the S3 adapter keep the same promises, beside the media port of the same
bucket."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from kairan import aws
from kairan.errors import InvalidInputError, MediaNotFoundError, StoreUnavailableError, UnsupportedMediaError
from kairan.media.keys import MediaKey, parse_key
from kairan.media.model import MediaType
from kairan.media.port import Media
from kairan.media.s3 import S3Media
from kairan.media.s3_uploads import S3Uploads
from kairan.media.uploads import Kind, Uploads, is_incoming
from tests.cases.bad_files import BAD_FILES, BadFile
from tests.fakes.clock import FakeClock
from tests.fakes.media import FakeMedia, FakeUploads
from tests.fakes.steps import KilledError
from tests.rigs import media_files

BUCKET = "media"
BASE = "https://media.example"
STEM = "uploads/0b8e9c1c-5f2f-5b52-9d0e-3a1b7c3b9f11/0123456789abcdef"
NO_TICKET = "incoming/0b8e9c1c-5f2f-4b52-9d0e-3a1b7c3b9f11"


@dataclass
class Bucket:
    """A bucket for one kind of files, a way to put objects into it, and what is in it."""

    uploads: Uploads
    media: Media
    put: Callable[[str, bytes], Any]
    keys: Callable[[], list[str]]

    def uploaded(self, name: str, data: bytes, content_type: str) -> str:
        """Its key. What S3 itself makes of another file than the one announced is a matter of the real one."""
        ticket = self.uploads.presign_upload(name, content_type, len(data))
        self.put(ticket.key, data)
        return ticket.key

    def without_incoming(self) -> list[str]:
        return [key for key in self.keys() if not is_incoming(key)]


@pytest.fixture
def s3(moto: None) -> Any:
    client = aws.client("s3")
    client.create_bucket(Bucket=BUCKET)
    return client


@pytest.fixture(params=["fake", "s3"])
def bucket_for(request: pytest.FixtureRequest) -> Callable[[Kind], Bucket]:
    clock = FakeClock()
    if request.param == "fake":
        media = FakeMedia(base_url=BASE)
        return lambda kind: Bucket(
            FakeUploads(media.files, kind=kind, clock=clock), media, media.files.__setitem__, lambda: list(media.files)
        )
    client = request.getfixturevalue("s3")
    return lambda kind: Bucket(
        S3Uploads(BUCKET, kind=kind, clock=clock),
        S3Media(BUCKET, base_url=BASE),
        lambda key, data: client.put_object(Bucket=BUCKET, Key=key, Body=data),
        lambda: keys_in(client),
    )


@pytest.fixture
def images(bucket_for: Callable[[Kind], Bucket]) -> Bucket:
    return bucket_for("image")


@pytest.fixture
def sounds(bucket_for: Callable[[Kind], Bucket]) -> Bucket:
    return bucket_for("audio")


@pytest.fixture
def videos(bucket_for: Callable[[Kind], Bucket]) -> Bucket:
    return bucket_for("video")


def keys_in(client: Any) -> list[str]:
    return [object_["Key"] for object_ in client.list_objects_v2(Bucket=BUCKET).get("Contents", [])]


# Upload tickets


@pytest.mark.parametrize("name", ["a.png", "春の セール+1 #2.png", "DSC_1.PNG", "v1..2.png", "あ" * 253 + ".png"])
def test_a_ticket_names_a_key_of_its_own_that_is_not_served(images: Bucket, name: str) -> None:
    one = images.uploads.presign_upload(name, "image/png", 1000)
    other = images.uploads.presign_upload(name, "image/png", 1000)

    assert one.key.startswith("incoming/")
    assert one.key.endswith(f"/{name}")
    assert one.key != other.key
    assert is_incoming(one.key)
    assert one.fields["key"] == one.key
    assert one.fields["Content-Type"] == "image/png"
    with pytest.raises(ValueError, match="incoming/"):
        parse_key(one.key)


def test_a_ticket_lasts_a_quarter_of_an_hour(images: Bucket) -> None:
    assert images.uploads.presign_upload("a.png", "image/png", 1).expires_at == FakeClock().now() + timedelta(
        minutes=15
    )


def test_a_ticket_stores_nothing(images: Bucket) -> None:
    images.uploads.presign_upload("a.png", "image/png", 1)

    assert images.keys() == []


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "name: must not be empty"),
        (" ", "name: must not be empty"),
        ("..", r"name: must not be \. or \.\."),
        ("../a.png", "name: must be a name without folders"),
        ("a/b.png", "name: must be a name without folders"),
        ("a\\b.png", "name: must be a name without folders"),
        ("a\n.png", "name: must not hold control characters"),
        ("a\x85.png", "name: must not hold control characters"),
        ("a\ud83d.png", "name: must not hold control characters or halves of characters"),
        ("${filename}.png", r"name: must not hold \$"),
        ("あ" * 254 + ".png", "name: must be at most 765 bytes"),
    ],
)
def test_a_name_that_no_file_can_have_is_refused(images: Bucket, name: str, why: str) -> None:
    with pytest.raises(InvalidInputError, match=f"^{why}"):
        images.uploads.presign_upload(name, "image/png", 1)


@pytest.mark.parametrize("size_bytes", [0, -1])
def test_a_ticket_is_for_at_least_a_byte(images: Bucket, size_bytes: int) -> None:
    with pytest.raises(InvalidInputError, match=r"^name: must not be empty; size: must be at least 1$"):
        images.uploads.presign_upload("", "image/png", size_bytes)


@pytest.mark.parametrize("content_type", ["text/plain", "image/gif", "image/svg+xml", "audio/mpeg", "video/mp4"])
def test_a_type_that_is_not_kept_here_is_refused(images: Bucket, content_type: str) -> None:
    with pytest.raises(
        UnsupportedMediaError, match=rf"^'{content_type.replace('+', '.')}' is not image type: JPEG and PNG are taken$"
    ):
        images.uploads.presign_upload("a.png", content_type, 1)


@pytest.mark.parametrize("name", ["a.jpg", "a", "a.png.exe"])
def test_a_name_that_ends_otherwise_than_its_type_is_refused(images: Bucket, name: str) -> None:
    with pytest.raises(UnsupportedMediaError, match=rf"^{name}: the name must end in \.png; rename the file"):
        images.uploads.presign_upload(name, "image/png", 1)


@pytest.mark.parametrize(
    ("kind", "name", "content_type", "limit"),
    [
        ("image", "a.png", "image/png", 10_000_000),
        ("audio", "a.m4a", "audio/x-m4a", 200_000_000),
        ("audio", "a.mp3", "audio/mp3", 200_000_000),
        ("video", "a.mp4", "video/mp4; codecs=avc1", 200_000_000),
        ("video", "cover.jpg", "image/jpg", 1_000_000),
    ],
)
def test_a_size_up_to_lines_limit_gets_a_ticket(
    bucket_for: Callable[[Kind], Bucket], kind: Kind, name: str, content_type: str, limit: int
) -> None:
    uploads = bucket_for(kind).uploads

    assert uploads.presign_upload(name, content_type, limit).key
    with pytest.raises(UnsupportedMediaError, match=f"^{name}: .* LINE takes {limit:,}$"):
        uploads.presign_upload(name, content_type, limit + 1)


# Stored from the call


@pytest.mark.parametrize(
    ("data", "type_", "ending"),
    [
        (media_files.image(), MediaType.JPEG, ".jpg"),
        (media_files.image("PNG"), MediaType.PNG, ".png"),
    ],
)
def test_a_stored_image_can_be_sent(images: Bucket, data: bytes, type_: MediaType, ending: str) -> None:
    key = images.uploads.store(STEM, data, type_)

    assert key == f"{STEM}{ending}"
    links = images.media.image(key)
    assert links.url.startswith(f"{BASE}/{key}?v=")
    assert links.preview_url.startswith(f"{BASE}/previews/{key}.")


@pytest.mark.parametrize(("kind", "type_"), [("mp3", MediaType.MP3), ("m4a", MediaType.M4A)])
def test_stored_audio_can_be_sent(sounds: Bucket, kind: str, type_: MediaType) -> None:
    key = sounds.uploads.store(STEM, media_files.audio(kind), type_)

    assert key == f"{STEM}.{kind}"
    assert abs(sounds.media.audio(key).duration_ms - 1000) <= 20


def test_the_same_call_twice_stores_one_file_with_one_link(images: Bucket) -> None:
    key = images.uploads.store(STEM, media_files.image(), MediaType.JPEG)
    links = images.media.image(key)

    assert images.uploads.store(STEM, media_files.image(), MediaType.JPEG) == key

    assert images.media.image(key) == links


@pytest.mark.parametrize("stem", ["a", "previews/a", "incoming/a", "uploads/../a", "/uploads/a"])
def test_nothing_is_stored_elsewhere(images: Bucket, stem: str) -> None:
    with pytest.raises(ValueError, match=r"must not|not in uploads/"):
        images.uploads.store(stem, media_files.image(), MediaType.JPEG)
    with pytest.raises(ValueError, match=r"must not|not in uploads/"):
        images.uploads.publish_upload(
            images.uploaded("a.png", media_files.image("PNG"), "image/png"), stem, kind="image"
        )

    assert images.without_incoming() == []


# Published from incoming/


def test_an_uploaded_image_can_be_sent_any_number_of_times(images: Bucket) -> None:
    key = images.uploaded("春の セール+1.png", media_files.image("PNG"), "image/png")

    one = images.uploads.publish_upload(key, STEM, kind="image")
    again = images.uploads.publish_upload(key, STEM, kind="image")
    elsewhere = images.uploads.publish_upload(key, f"{STEM}-preview", kind="image")

    assert one == again == f"{STEM}.png"
    assert elsewhere == f"{STEM}-preview.png"
    assert images.media.image(one, elsewhere).url.startswith(f"{BASE}/{STEM}.png?v=")


def test_a_name_in_capitals_is_published(images: Bucket) -> None:
    key = images.uploaded("DSC_1.JPEG", media_files.image(), "image/jpeg")

    assert images.uploads.publish_upload(key, STEM, kind="image") == f"{STEM}.jpg"


@pytest.mark.parametrize(("kind", "type_"), [("mp3", "audio/mpeg"), ("m4a", "audio/mp4")])
def test_uploaded_audio_can_be_sent(sounds: Bucket, kind: str, type_: str) -> None:
    key = sounds.uploads.publish_upload(
        sounds.uploaded(f"a.{kind}", media_files.audio(kind), type_), f"{STEM}-{kind}", kind="audio"
    )

    assert abs(sounds.media.audio(key).duration_ms - 1000) <= 20


def test_audio_over_what_can_be_measured_is_published_and_sent_with_its_duration(sounds: Bucket) -> None:
    key = sounds.uploaded("a.mp3", media_files.audio() + bytes(20_000_000), "audio/mpeg")

    assert sounds.media.audio(sounds.uploads.publish_upload(key, STEM, kind="audio"), 5000).duration_ms == 5000


def test_an_uploaded_video_and_its_cover_can_be_sent(videos: Bucket) -> None:
    video = videos.uploaded("a.mp4", media_files.video(), "video/mp4")
    cover = videos.uploaded("a.jpg", media_files.image(), "image/jpeg")

    links = videos.media.video(
        videos.uploads.publish_upload(video, STEM, kind="video"),
        videos.uploads.publish_upload(cover, STEM, kind="image"),
    )

    assert links.url.startswith(f"{BASE}/{STEM}.mp4?v=")
    assert links.preview_url.startswith(f"{BASE}/{STEM}.jpg?v=")


@pytest.mark.parametrize(
    "key", [f"{NO_TICKET}/a.png", "incoming/a.png", "a.png", "previews/a.png", f"{NO_TICKET}/../a.png"]
)
def test_an_upload_without_a_ticket_is_not_found(images: Bucket, key: str) -> None:
    if not is_incoming(key):
        images.put(key, media_files.image("PNG"))

    with pytest.raises(MediaNotFoundError, match="^" + key.replace(".", r"\.")):
        images.uploads.publish_upload(key, STEM, kind="image")

    assert images.without_incoming() == ([] if is_incoming(key) else [key])


@pytest.mark.parametrize("bad", BAD_FILES, ids=str)
def test_an_upload_that_line_would_not_take_is_refused_and_not_copied(
    bucket_for: Callable[[Kind], Bucket], bad: BadFile
) -> None:
    bucket, key = bucket_for(bad.kind), f"{NO_TICKET}/{bad.name}"
    bucket.put(key, bad.data)

    with pytest.raises(UnsupportedMediaError) as refused:
        bucket.uploads.publish_upload(key, STEM, kind=bad.kind)

    assert str(refused.value) == f"{bad.name}: {bad.why}"
    assert bucket.keys() == [key]


def test_a_cover_over_lines_limit_for_previews_is_refused_and_not_copied(videos: Bucket) -> None:
    key = f"{NO_TICKET}/cover.png"
    videos.put(key, media_files.noise("PNG", (1000, 1000)))

    with pytest.raises(UnsupportedMediaError, match=r"^cover\.png: .* bytes; LINE takes 1,000,000$"):
        videos.uploads.publish_upload(key, STEM, kind="image")

    assert videos.keys() == [key]


# Removed


def test_a_removed_file_leaves_nothing_behind(images: Bucket) -> None:
    key = images.uploads.store(STEM, media_files.image(), MediaType.JPEG)
    images.media.image(key)

    images.uploads.remove(key)
    images.uploads.remove(key)

    assert images.keys() == []
    with pytest.raises(MediaNotFoundError):
        images.media.image(key)


def test_removed_audio_leaves_nothing_behind(sounds: Bucket) -> None:
    incoming = sounds.uploaded("a.mp3", media_files.audio(), "audio/mpeg")
    key = sounds.uploads.publish_upload(incoming, STEM, kind="audio")
    sounds.media.audio(key)

    sounds.uploads.remove(key)

    assert sounds.keys() == [incoming]


def test_others_keep_their_files_and_previews(images: Bucket) -> None:
    other = images.uploads.store(f"{STEM}-preview", media_files.image(), MediaType.JPEG)
    images.media.image(other)
    before = images.keys()
    key = images.uploads.store(STEM, media_files.image(), MediaType.JPEG)
    images.media.image(key)

    images.uploads.remove(key)

    assert images.keys() == before


@pytest.mark.parametrize("key", ["sale.png", f"{NO_TICKET}/a.png", "previews/uploads/a.png.json", "tts/a.mp3"])
def test_the_owners_files_are_not_removed(images: Bucket, key: str) -> None:
    images.put(key, media_files.image("PNG"))

    with pytest.raises(ValueError, match="not in uploads/"):
        images.uploads.remove(MediaKey(key))

    assert images.keys() == [key]


# What only the S3 adapter promises


@pytest.fixture
def stored(s3: Any) -> S3Uploads:
    return S3Uploads(BUCKET, kind="image")


def policy_of(fields: Any) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(base64.b64decode(fields["policy"]))
    return read


def test_the_form_admits_exactly_the_file_that_was_announced(stored: S3Uploads) -> None:
    ticket = stored.presign_upload("春.png", "image/png", 1234)

    policy = policy_of(ticket.fields)
    for condition in (
        {"bucket": BUCKET},
        {"key": ticket.key},
        {"Content-Type": "image/png"},
        ["content-length-range", 1234, 1234],
    ):
        assert condition in policy["conditions"]
    named = {name for condition in policy["conditions"] if isinstance(condition, dict) for name in condition}
    assert named - {"bucket"} == set(ticket.fields) - {"policy", "x-amz-signature"}
    ends, began = datetime.fromisoformat(policy["expiration"]), ticket.fields["x-amz-date"]
    assert ends - datetime.fromisoformat(began) == timedelta(minutes=15)


@pytest.mark.parametrize("region", ["ap-northeast-1", "ap-northeast-3", "us-east-1"])
def test_the_form_is_signed_for_its_region_and_posted_there(
    fresh_clients: None, monkeypatch: pytest.MonkeyPatch, region: str
) -> None:
    """Regions since 2014 know no other signature, and a redirect from elsewhere would lose the form."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)

    ticket = S3Uploads("kairan-images", kind="image").presign_upload("a.png", "image/png", 1)

    host = f"s3.{region}.amazonaws.com" if region != "us-east-1" else "s3.amazonaws.com"
    assert ticket.url == f"https://kairan-images.{host}/"
    assert f"/{region}/s3/aws4_request" in ticket.fields["x-amz-credential"]


def test_a_file_posted_with_the_form_arrives_and_is_published(stored: S3Uploads, s3: Any) -> None:
    data = media_files.image("PNG")
    ticket = stored.presign_upload("春.png", "image/png", len(data))

    answer = requests.post(ticket.url, data=dict(ticket.fields), files={"file": ("x", data)}, timeout=5)

    assert answer.status_code == 204
    assert stored.publish_upload(ticket.key, STEM, kind="image") == f"{STEM}.png"
    assert s3.get_object(Bucket=BUCKET, Key=f"{STEM}.png")["Body"].read() == data


def test_files_are_served_as_what_they_are_whatever_their_uploader_says(stored: S3Uploads, s3: Any) -> None:
    said = {"ContentType": "text/html", "ContentDisposition": "attachment", "Metadata": {"a": "b"}}
    s3.put_object(Bucket=BUCKET, Key=f"{NO_TICKET}/a.png", Body=media_files.image("PNG"), **said)

    published = stored.publish_upload(f"{NO_TICKET}/a.png", STEM, kind="image")
    kept = stored.store(STEM, media_files.image(), MediaType.JPEG)

    found = s3.head_object(Bucket=BUCKET, Key=published)
    assert (found["ContentType"], found["Metadata"]) == ("image/png", {})
    assert "ContentDisposition" not in found
    assert s3.head_object(Bucket=BUCKET, Key=kept)["ContentType"] == "image/jpeg"


class Watched:
    """The S3 client. `before` is called before each of its calls, `after` after; and a copy has its condition checked,
    which moto does not do."""

    def __init__(
        self,
        client: Any,
        *,
        before: Callable[[str, dict[str, Any]], None] = lambda name, given: None,
        after: Callable[[str, dict[str, Any]], None] = lambda name, given: None,
    ) -> None:
        self._client = client
        self._before = before
        self._after = after

    def __getattr__(self, name: str) -> Any:
        def call(**given: Any) -> Any:
            self._before(name, given)
            if name == "copy_object":
                there = self._client.head_object(**given["CopySource"])["ETag"]
                if given["CopySourceIfMatch"] != there:
                    raise ClientError({"Error": {"Code": "PreconditionFailed"}}, "CopyObject")
            answer = getattr(self._client, name)(**given)
            self._after(name, given)
            return answer

        return call


@pytest.mark.parametrize("call", ["get_object", "copy_object"])
def test_an_upload_that_is_replaced_while_it_is_looked_at_is_not_copied(s3: Any, call: str) -> None:
    key = f"{NO_TICKET}/a.png"
    s3.put_object(Bucket=BUCKET, Key=key, Body=media_files.image("PNG"))

    def replace(name: str, given: Any) -> None:
        if name == call:
            s3.put_object(Bucket=BUCKET, Key=key, Body=b"<script>")

    watched: Any = Watched(s3, before=replace)
    with pytest.raises(StoreUnavailableError, match="PreconditionFailed"):
        S3Uploads(BUCKET, kind="image", client=watched).publish_upload(key, STEM, kind="image")
    assert keys_in(s3) == [key]

    with pytest.raises(UnsupportedMediaError, match="as its name says"):
        S3Uploads(BUCKET, kind="image", client=watched).publish_upload(key, STEM, kind="image")
    assert keys_in(s3) == [key]


def dying(client: Any, *, at: int, after: bool) -> Any:
    """The process ends before, or after, its call number `at`."""
    calls = iter(range(1000))

    def count(name: str, given: Any) -> None:
        if next(calls) == at:
            raise KilledError

    return Watched(client, after=count) if after else Watched(client, before=count)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", range(3))
def test_an_upload_whose_publishing_was_cut_off_is_published_by_a_repeat(
    stored: S3Uploads, s3: Any, at: int, after: bool
) -> None:
    key = f"{NO_TICKET}/a.png"
    s3.put_object(Bucket=BUCKET, Key=key, Body=media_files.image("PNG"))
    with pytest.raises(KilledError):
        S3Uploads(BUCKET, kind="image", client=dying(s3, at=at, after=after)).publish_upload(key, STEM, kind="image")

    published = stored.publish_upload(key, STEM, kind="image")

    assert keys_in(s3) == [key, published]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", range(4))
def test_what_a_removal_leaves_that_was_cut_off_the_next_one_removes(
    stored: S3Uploads, s3: Any, at: int, after: bool
) -> None:
    key = stored.store(STEM, media_files.image(), MediaType.JPEG)
    S3Media(BUCKET, base_url=BASE).image(key)
    assert len(keys_in(s3)) == 3
    with pytest.raises(KilledError):
        S3Uploads(BUCKET, kind="image", client=dying(s3, at=at, after=after)).remove(key)

    stored.remove(key)

    assert keys_in(s3) == []


def test_only_the_first_bytes_of_a_video_are_read(s3: Any) -> None:
    key = f"{NO_TICKET}/a.mp4"
    s3.put_object(Bucket=BUCKET, Key=key, Body=media_files.video() + bytes(50_000))
    ranges: list[str] = []
    watched: Any = Watched(s3, before=lambda name, given: ranges.append(given["Range"]) if "Range" in given else None)

    S3Uploads(BUCKET, kind="video", client=watched).publish_upload(key, STEM, kind="video")

    assert ranges == ["bytes=0-4095"]


@pytest.mark.parametrize(
    ("operation", "act"),
    [
        ("put_object", lambda uploads: uploads.store(STEM, media_files.image(), MediaType.JPEG)),
        ("head_object", lambda uploads: uploads.publish_upload(f"{NO_TICKET}/a.png", STEM, kind="image")),
        ("delete_object", lambda uploads: uploads.remove(MediaKey(f"{STEM}.png"))),
    ],
)
def test_a_bucket_that_does_not_answer_is_to_be_asked_again(
    s3: Any, operation: str, act: Callable[[S3Uploads], object]
) -> None:
    with Stubber(s3) as stubber:
        stubber.add_client_error(operation, "SlowDown", http_status_code=503)

        with pytest.raises(StoreUnavailableError, match="SlowDown"):
            act(S3Uploads(BUCKET, kind="image", client=s3))
