"""The media port's contract: the fake and the S3 adapter keep the same promises."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from mimetypes import guess_type
from typing import Any, Literal
from unicodedata import normalize
from urllib.parse import unquote, urlsplit

import pytest
from botocore.exceptions import ConnectTimeoutError
from botocore.session import get_session
from botocore.stub import Stubber
from moto import mock_aws
from PIL import Image as Picture

from kairan.content import Audio, Image, Piece, Video
from kairan.errors import MediaNotFoundError, StoreUnavailableError, UnsupportedMediaError
from kairan.media.keys import MediaKey
from kairan.media.port import Media
from kairan.media.s3 import S3Media
from kairan.media.uploads import Kind
from tests.cases.bad_files import EMPTY, FILMS, IMAGES, SOUNDS, BadFile
from tests.fakes.media import FakeMedia
from tests.rigs import media_files

BUCKET = "media"
BASE = "https://media.example"


@dataclass
class Shelf:
    """A bucket, and a way to put files into it."""

    media: Media
    put: Callable[[str, bytes], Any]


@pytest.fixture
def s3() -> Iterator[Any]:
    with mock_aws():
        client: Any = get_session().create_client("s3")
        client.create_bucket(Bucket=BUCKET)
        yield client


@pytest.fixture(params=["fake", "s3"])
def shelf(request: pytest.FixtureRequest) -> Shelf:
    if request.param == "fake":
        fake = FakeMedia(base_url=BASE)
        return Shelf(fake, fake.files.__setitem__)
    client = request.getfixturevalue("s3")
    return Shelf(
        S3Media(BUCKET, base_url=BASE, client=client),
        lambda key, data: client.put_object(
            Bucket=BUCKET, Key=key, Body=data, ContentType=guess_type(key)[0] or "application/octet-stream"
        ),
    )


def key(text: str) -> MediaKey:
    return MediaKey(text)


def test_a_link_names_the_file_and_its_version(shelf: Shelf) -> None:
    shelf.put("春/セール 1+1.jpg", media_files.image())

    link = urlsplit(shelf.media.image(key("春/セール 1+1.jpg")).url)

    assert f"{link.scheme}://{link.netloc}" == BASE
    assert link.geturl().isascii()
    assert unquote(link.path) == "/春/セール 1+1.jpg"
    assert link.query.startswith("v=")
    assert '"' not in unquote(link.query)


def test_an_overwritten_file_gets_a_new_link(shelf: Shelf) -> None:
    shelf.put("a.png", media_files.image("PNG", colour="red"))
    before = shelf.media.image(key("a.png"))

    shelf.put("a.png", media_files.image("PNG", colour="blue"))

    after = shelf.media.image(key("a.png"))
    assert before.url != after.url
    assert before.preview_url != after.preview_url


def test_the_same_file_keeps_its_links(shelf: Shelf) -> None:
    shelf.put("a.png", media_files.image("PNG"))

    assert shelf.media.image(key("a.png")) == shelf.media.image(key("a.png"))


def test_a_missing_preview_is_made_under_previews(shelf: Shelf) -> None:
    shelf.put("a.jpg", media_files.image())

    preview = urlsplit(shelf.media.image(key("a.jpg")).preview_url).path

    assert preview.startswith("/previews/a.jpg.")
    assert preview.endswith(".jpg")


def test_a_named_preview_is_used(shelf: Shelf) -> None:
    shelf.put("a.jpg", media_files.image())
    shelf.put("small.png", media_files.image("PNG"))

    assert shelf.media.image(key("a.jpg"), key("small.png")).preview_url.startswith(f"{BASE}/small.png?v=")


def test_a_named_preview_over_1_mb_is_refused(shelf: Shelf) -> None:
    shelf.put("a.jpg", media_files.image())
    shelf.put("large.png", media_files.noise("PNG", (1000, 1000)))

    with pytest.raises(UnsupportedMediaError, match=r"^large\.png: .* LINE takes 1,000,000"):
        shelf.media.image(key("a.jpg"), key("large.png"))


def test_an_image_of_40_megapixels_is_taken(shelf: Shelf) -> None:
    shelf.put("a.png", media_files.image("PNG", (8000, 5000), mode="1"))
    shelf.put("small.jpg", media_files.image())

    assert shelf.media.image(key("a.png"), key("small.jpg")).url.startswith(f"{BASE}/a.png")


@pytest.mark.parametrize("bad", [*IMAGES, *SOUNDS, *FILMS], ids=str)
def test_a_file_that_line_would_not_take_is_refused(shelf: Shelf, bad: BadFile) -> None:
    shelf.put(bad.name, bad.data)
    shelf.put("cover.jpg", media_files.image())

    with pytest.raises(UnsupportedMediaError) as refused:
        as_content(shelf.media, bad.kind, key(bad.name))

    assert str(refused.value) == f"{bad.name}: {bad.why}"


def as_content(media: Media, kind: Kind, file: MediaKey) -> Piece:
    match kind:
        case "image":
            return media.image(file)
        case "audio":
            return media.audio(file)
        case "video":
            return media.video(file, key("cover.jpg"))


@pytest.mark.parametrize("empty", EMPTY, ids=str)
def test_an_empty_file_is_of_an_unknown_type(shelf: Shelf, empty: BadFile) -> None:
    shelf.put(empty.name, empty.data)
    shelf.put("cover.jpg", media_files.image())

    with pytest.raises(
        UnsupportedMediaError, match=rf"^{empty.name}: the file is of an unknown type, not {empty.kind}/"
    ):
        as_content(shelf.media, empty.kind, key(empty.name))


@pytest.mark.parametrize("name", ["a.gif", "noending", ".jpg/a"])
def test_an_image_has_the_name_of_one(shelf: Shelf, name: str) -> None:
    shelf.put(name, media_files.image())

    with pytest.raises(UnsupportedMediaError, match=r"must end in \.jpg or \.jpeg or \.jpe or \.jfif or \.png; rename"):
        shelf.media.image(key(name))


def test_endings_may_be_in_capitals(shelf: Shelf) -> None:
    shelf.put("DSC_1.JPG", media_files.image())

    assert shelf.media.image(key("DSC_1.JPG")).url.startswith(f"{BASE}/DSC_1.JPG")


@pytest.mark.parametrize("name", ["a.jfif", "a.JPE"])
def test_a_jpeg_may_have_the_endings_that_browsers_give_it(shelf: Shelf, name: str) -> None:
    shelf.put(name, media_files.image())

    assert shelf.media.image(key(name)).media_keys == (name,)


@pytest.mark.parametrize("stored_as", ["NFC", "NFD"])
@pytest.mark.parametrize("asked_for", ["NFC", "NFD"])
def test_a_file_is_found_by_a_name_that_looks_equal(
    shelf: Shelf, stored_as: Literal["NFC", "NFD"], asked_for: Literal["NFC", "NFD"]
) -> None:
    stored = normalize(stored_as, "ガラス.png")
    shelf.put(stored, media_files.image("PNG"))

    image = shelf.media.image(key(normalize(asked_for, "ガラス.png")))

    assert image.media_keys == (stored,)
    assert unquote(urlsplit(image.url).path) == f"/{stored}"


def test_of_two_names_that_look_equal_the_one_that_is_asked_for_is_taken(shelf: Shelf) -> None:
    names = [normalize("NFC", "ガ.png"), normalize("NFD", "ガ.png")]
    for name in names:
        shelf.put(name, media_files.image("PNG"))

    assert [shelf.media.image(key(name)).media_keys for name in names] == [(names[0],), (names[1],)]


def test_what_is_not_there_is_not_found(shelf: Shelf) -> None:
    shelf.put("there.jpg", media_files.image())
    shelf.put("there.mp4", media_files.video())

    with pytest.raises(MediaNotFoundError, match=r"^gone\.jpg"):
        shelf.media.image(key("gone.jpg"))
    with pytest.raises(MediaNotFoundError, match=r"^gone\.png"):
        shelf.media.image(key("there.jpg"), key("gone.png"))
    with pytest.raises(MediaNotFoundError, match=r"^gone\.mp3"):
        shelf.media.audio(key("gone.mp3"), 5000)
    with pytest.raises(MediaNotFoundError, match=r"^cover\.jpg"):
        shelf.media.video(key("there.mp4"), key("cover.jpg"))


@pytest.mark.parametrize(("kind", "seconds"), [("mp3", 1.0), ("mp3", 3.7), ("m4a", 1.0), ("m4a", 3.7)])
def test_the_duration_of_audio_is_measured_within_20_ms(shelf: Shelf, kind: str, seconds: float) -> None:
    shelf.put(f"a.{kind}", media_files.audio(kind, seconds))

    measured = shelf.media.audio(key(f"a.{kind}")).duration_ms

    assert abs(measured - seconds * 1000) <= 20
    assert shelf.media.audio(key(f"a.{kind}")).duration_ms == measured


def test_a_given_duration_is_taken_as_given(shelf: Shelf) -> None:
    shelf.put("a.mp3", media_files.audio())

    assert shelf.media.audio(key("a.mp3"), 5000).duration_ms == 5000


def test_audio_that_was_sent_with_a_duration_is_measured_without_one(shelf: Shelf) -> None:
    shelf.put("a.mp3", media_files.audio("mp3", 1.0))
    shelf.media.audio(key("a.mp3"), 5000)

    assert abs(shelf.media.audio(key("a.mp3")).duration_ms - 1000) <= 20


def test_audio_over_20_mb_needs_its_duration_given(shelf: Shelf) -> None:
    shelf.put("a.mp3", media_files.audio() + bytes(20_000_000))

    with pytest.raises(UnsupportedMediaError, match="give its duration in ms"):
        shelf.media.audio(key("a.mp3"))
    assert shelf.media.audio(key("a.mp3"), 5000).duration_ms == 5000


def test_a_video_is_sent_with_its_cover(shelf: Shelf) -> None:
    shelf.put("a.mp4", media_files.video())
    shelf.put("cover.png", media_files.image("PNG"))

    links = shelf.media.video(key("a.mp4"), key("cover.png"))

    assert links.url.startswith(f"{BASE}/a.mp4?v=")
    assert links.preview_url.startswith(f"{BASE}/cover.png?v=")


def test_a_cover_over_1_mb_is_refused(shelf: Shelf) -> None:
    shelf.put("a.mp4", media_files.video())
    shelf.put("cover.png", media_files.noise("PNG", (1000, 1000)))

    with pytest.raises(UnsupportedMediaError, match=r"^cover\.png"):
        shelf.media.video(key("a.mp4"), key("cover.png"))


# What only the S3 adapter promises: what was found is kept.


class Counted:
    """The S3 client, and which of its calls were made."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.calls: list[tuple[str, str]] = []

    def __getattr__(self, name: str) -> Any:
        def call(**given: Any) -> Any:
            self.calls.append((name, given["Key"]))
            return getattr(self._client, name)(**given)

        return call


@pytest.mark.parametrize(
    ("name", "data", "stored_as", "type_"),
    [
        ("a.jpg", media_files.image(), None, "image/jpeg"),
        ("a.PNG", media_files.image("PNG"), "application/octet-stream", "image/png"),
        ("a.mp3", media_files.audio(), "", "audio/mpeg"),
        ("a.m4a", media_files.audio("m4a"), "text/plain", "audio/mp4"),
        ("a.mp4", media_files.video(), "binary/octet-stream", "video/mp4"),
    ],
)
def test_a_file_without_its_content_type_is_served_by_a_copy_that_has_it(
    s3: Any, name: str, data: bytes, stored_as: str | None, type_: str
) -> None:
    said = {} if stored_as is None else {"ContentType": stored_as}
    s3.put_object(Bucket=BUCKET, Key=name, Body=data, **said)
    s3.put_object(Bucket=BUCKET, Key="cover.jpg", Body=media_files.image(), ContentType="image/jpeg")
    kind: Kind = "image" if type_.startswith("image") else "video" if name.endswith("mp4") else "audio"

    first, second = (as_content(S3Media(BUCKET, base_url=BASE, client=s3), kind, key(name)) for _ in range(2))

    assert first == second
    assert isinstance(first, Image | Audio | Video)
    served = unquote(urlsplit(first.url).path).removeprefix("/")
    assert served.startswith(f"previews/{name}.")
    answer = s3.get_object(Bucket=BUCKET, Key=served)
    assert (answer["ContentType"], answer["Body"].read()) == (type_, data)
    assert s3.head_object(Bucket=BUCKET, Key=name)["ContentType"] != type_


@pytest.mark.parametrize("stored_as", ["image/jpeg", "image/jpg", "IMAGE/JPEG; charset=binary"])
def test_a_file_with_its_content_type_is_served_itself(s3: Any, stored_as: str) -> None:
    s3.put_object(Bucket=BUCKET, Key="a.jpg", Body=media_files.image(), ContentType=stored_as)

    assert S3Media(BUCKET, base_url=BASE, client=s3).image(key("a.jpg")).url.startswith(f"{BASE}/a.jpg?v=")


def test_what_was_found_is_found_once_and_kept(s3: Any) -> None:
    s3.put_object(Bucket=BUCKET, Key="a.jpg", Body=media_files.image(size=(40, 30)), ContentType="image/jpeg")
    etag = s3.head_object(Bucket=BUCKET, Key="a.jpg")["ETag"].strip('"')
    S3Media(BUCKET, base_url=BASE, client=s3).image(key("a.jpg"))
    counted: Any = Counted(s3)

    S3Media(BUCKET, base_url=BASE, client=counted).image(key("a.jpg"))

    assert counted.calls == [
        ("head_object", "a.jpg"),
        ("get_object", f"previews/a.jpg.{etag}.json"),
        ("head_object", f"previews/a.jpg.{etag}.jpg"),
    ]
    kept = s3.get_object(Bucket=BUCKET, Key=f"previews/a.jpg.{etag}.json")
    assert kept["ContentType"] == "application/json"
    facts = json.loads(kept["Body"].read())
    assert {name: facts[name] for name in ("type", "width", "height")} == {
        "type": "image/jpeg",
        "width": 40,
        "height": 30,
    }
    preview = s3.get_object(Bucket=BUCKET, Key=f"previews/a.jpg.{etag}.jpg")
    assert preview["ContentType"] == "image/jpeg"
    assert Picture.open(BytesIO(preview["Body"].read())).size == (40, 30)


def test_a_measured_duration_is_kept(s3: Any) -> None:
    s3.put_object(Bucket=BUCKET, Key="a.mp3", Body=media_files.audio(), ContentType="audio/mpeg")
    measured = S3Media(BUCKET, base_url=BASE, client=s3).audio(key("a.mp3"))
    counted: Any = Counted(s3)

    again = S3Media(BUCKET, base_url=BASE, client=counted).audio(key("a.mp3"))

    assert again == measured
    assert ("get_object", "a.mp3") not in counted.calls


def test_only_the_first_bytes_of_a_video_are_read(s3: Any) -> None:
    s3.put_object(Bucket=BUCKET, Key="a.mp4", Body=media_files.video() + bytes(50_000), ContentType="video/mp4")
    s3.put_object(Bucket=BUCKET, Key="cover.jpg", Body=media_files.image(), ContentType="image/jpeg")
    ranges = []

    class Ranged(Counted):
        def get_object(self, **given: Any) -> Any:
            ranges.append((given["Key"], given.get("Range")))
            return s3.get_object(**given)

    ranged: Any = Ranged(s3)
    S3Media(BUCKET, base_url=BASE, client=ranged).video(key("a.mp4"), key("cover.jpg"))

    assert [range_ for name, range_ in ranges if name == "a.mp4"] == ["bytes=0-4095"]


@pytest.mark.parametrize("status", [403, 404])
def test_s3_says_in_two_ways_that_a_file_is_missing(s3: Any, status: int) -> None:
    with Stubber(s3) as stubber:
        stubber.add_client_error("head_object", str(status), http_status_code=status)

        with pytest.raises(MediaNotFoundError, match=r"^a\.jpg"):
            S3Media(BUCKET, base_url=BASE, client=s3).image(key("a.jpg"))


@pytest.mark.parametrize(("code", "status"), [("SlowDown", 503), ("InternalError", 500), ("TooManyRequests", 429)])
def test_a_bucket_that_does_not_answer_is_to_be_asked_again(s3: Any, code: str, status: int) -> None:
    with Stubber(s3) as stubber:
        stubber.add_client_error("head_object", code, http_status_code=status)

        with pytest.raises(StoreUnavailableError, match=code):
            S3Media(BUCKET, base_url=BASE, client=s3).image(key("a.jpg"))


def test_a_file_that_is_overwritten_while_it_is_read_is_to_be_asked_for_again(s3: Any) -> None:
    s3.put_object(Bucket=BUCKET, Key="a.jpg", Body=media_files.image(colour=0), ContentType="image/jpeg")

    class Overwritten(Counted):
        def get_object(self, **given: Any) -> Any:
            if given["Key"] == "a.jpg":
                s3.put_object(
                    Bucket=BUCKET, Key="a.jpg", Body=media_files.image(colour="red"), ContentType="image/jpeg"
                )
            return s3.get_object(**given)

    overwritten: Any = Overwritten(s3)
    with pytest.raises(StoreUnavailableError, match="PreconditionFailed"):
        S3Media(BUCKET, base_url=BASE, client=overwritten).image(key("a.jpg"))


def test_a_broken_connection_is_to_be_tried_again(s3: Any) -> None:
    class Broken:
        def head_object(self, **given: Any) -> Any:
            raise ConnectTimeoutError(endpoint_url="https://s3.example")

    broken: Any = Broken()
    with pytest.raises(StoreUnavailableError, match="ConnectTimeoutError"):
        S3Media(BUCKET, base_url=BASE, client=broken).image(key("a.jpg"))
