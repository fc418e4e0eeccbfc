"""The custom resource: CloudFormation waits for it, so it answers whatever happens."""

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

import pytest

from sample_media.app import FILES, SampleMedia

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUCKETS = {"ImagesBucket": "images", "AudioBucket": "audio", "VideoBucket": "video", "BatchesBucket": "batches"}
URL = "https://cloudformation.invalid/answer"


class FakeS3:
    """Buckets in memory that list two files a page."""

    def __init__(self, files: Mapping[tuple[str, str], bytes] | None = None) -> None:
        self.files = dict(files or {})
        self.types: dict[tuple[str, str], str] = {}
        self.undeletable: set[str] = set()
        self.trouble = ""

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, ContentType: str) -> None:
        if self.trouble:
            raise ConnectionError(self.trouble)
        self.files[Bucket, Key] = Body
        self.types[Bucket, Key] = ContentType

    def get_paginator(self, operation: str) -> "FakeS3":
        assert operation == "list_objects_v2"
        return self

    def paginate(self, *, Bucket: str) -> Iterator[dict[str, Any]]:
        keys = sorted(key for bucket, key in self.files if bucket == Bucket)
        if not keys:
            yield {"KeyCount": 0}
        for start in range(0, len(keys), 2):
            yield {"Contents": [{"Key": key} for key in keys[start : start + 2]]}

    def delete_objects(self, *, Bucket: str, Delete: dict[str, Any]) -> dict[str, Any]:
        keys = {each["Key"] for each in Delete["Objects"]}
        for key in keys - self.undeletable:
            del self.files[Bucket, key]
        errors = [{"Key": key, "Code": "AccessDenied"} for key in sorted(keys & self.undeletable)]
        return {"Errors": errors} if errors else {}


class SampleMediaRig:
    def __init__(self, s3: FakeS3) -> None:
        self.answers: list[tuple[str, Any]] = []
        self._function = SampleMedia(
            s3=lambda: cast("S3Client", s3), put=lambda url, body: self.answers.append((url, json.loads(body)))
        )

    def call(self, request: str, *, empty: bool = False, **more: str) -> Any:
        """What CloudFormation is answered."""
        properties = BUCKETS | {"EmptyOnDelete": str(empty).lower(), "Version": "1"}
        ids = {"StackId": "stack", "RequestId": "request", "LogicalResourceId": "SampleMedia"}
        self._function(
            {"RequestType": request, "ResponseURL": URL, "ResourceProperties": properties, **ids, **more}, None
        )
        ((url, answer),) = self.answers
        assert url == URL
        return answer


SUCCESS = {
    "Status": "SUCCESS",
    "PhysicalResourceId": "sample-media",
    "StackId": "stack",
    "RequestId": "request",
    "LogicalResourceId": "SampleMedia",
}
OWNERS = {("images", f"{n}.png"): b"" for n in range(5)} | {("audio", "a.mp3"): b"", ("batches", "batches/1.json"): b""}


@pytest.mark.parametrize("request_type", ["Create", "Update"])
def test_a_deploy_puts_the_sample_media_into_their_buckets(request_type: str) -> None:
    s3 = FakeS3(OWNERS)

    answer = SampleMediaRig(s3).call(request_type)

    assert answer == SUCCESS
    assert s3.files == OWNERS | {
        ("images", "sample_image.jpg"): (FILES / "sample_image.jpg").read_bytes(),
        ("audio", "sample_audio.mp3"): (FILES / "sample_audio.mp3").read_bytes(),
        ("video", "sample_video.mp4"): (FILES / "sample_video.mp4").read_bytes(),
        ("video", "sample_image.jpg"): (FILES / "sample_image.jpg").read_bytes(),
    }
    assert s3.types == {
        ("images", "sample_image.jpg"): "image/jpeg",
        ("audio", "sample_audio.mp3"): "audio/mpeg",
        ("video", "sample_video.mp4"): "video/mp4",
        ("video", "sample_image.jpg"): "image/jpeg",
    }


def test_all_sample_media_are_put_somewhere() -> None:
    s3 = FakeS3()

    SampleMediaRig(s3).call("Create")

    assert {key for _, key in s3.files} == {path.name for path in FILES.iterdir()}


def test_an_update_keeps_the_resources_id_so_that_cloudformation_deletes_nothing() -> None:
    answer = SampleMediaRig(FakeS3()).call("Update", PhysicalResourceId="sample-media-of-old")

    assert answer["PhysicalResourceId"] == "sample-media-of-old"


def test_a_stack_that_retains_its_data_deletes_no_file() -> None:
    s3 = FakeS3(OWNERS)

    answer = SampleMediaRig(s3).call("Delete", PhysicalResourceId="sample-media")

    assert answer == SUCCESS
    assert s3.files == OWNERS


def test_a_stack_that_retains_nothing_empties_its_buckets_page_by_page() -> None:
    s3 = FakeS3(OWNERS | {("somebody-elses", "file"): b""})

    answer = SampleMediaRig(s3).call("Delete", empty=True)

    assert answer == SUCCESS
    assert s3.files == {("somebody-elses", "file"): b""}


def test_a_resource_of_a_version_without_batches_is_deleted_too() -> None:
    s3 = FakeS3(OWNERS)
    media = {"ImagesBucket": "images", "AudioBucket": "audio", "VideoBucket": "video", "EmptyOnDelete": "true"}

    answer = SampleMediaRig(s3).call("Delete", ResourceProperties=cast("Any", media))

    assert answer == SUCCESS
    assert s3.files == {("batches", "batches/1.json"): b""}


def test_a_failed_upload_is_answered_with_its_reason() -> None:
    s3 = FakeS3()
    s3.trouble = "S3 is not there"

    answer = SampleMediaRig(s3).call("Create")

    assert answer == SUCCESS | {"Status": "FAILED", "Reason": "ConnectionError: S3 is not there"}


def test_files_that_cannot_be_deleted_are_answered_with_how_many_and_why() -> None:
    s3 = FakeS3(OWNERS)
    s3.undeletable = {"0.png", "1.png"}

    answer = SampleMediaRig(s3).call("Delete", empty=True)

    assert answer["Status"] == "FAILED"
    assert answer["Reason"] == "RuntimeError: 2 files of images could not be deleted: AccessDenied"


def test_an_event_without_properties_is_answered_too() -> None:
    answer = SampleMediaRig(FakeS3()).call("Create", ResourceProperties=cast("Any", {}))

    assert answer["Status"] == "FAILED"
    assert answer["Reason"] == "KeyError: 'ImagesBucket'"


def test_a_long_reason_is_cut_to_what_cloudformation_takes() -> None:
    """Its whole answer may have 4,096 bytes."""
    s3 = FakeS3()
    s3.trouble = "trouble " * 1000

    answer = SampleMediaRig(s3).call("Create")

    assert answer["Reason"].startswith("ConnectionError: trouble trouble")
    assert len(json.dumps(answer)) < 4096
