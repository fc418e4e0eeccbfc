"""A CloudFormation custom resource: the sample media in their buckets; empty buckets when a stack goes that retains nothing.

Source: AWS CloudFormation User Guide, "Custom resource request and response reference".
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kairan.observability import logger

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

FILES = Path(__file__).parent / "files"
PHYSICAL_ID = "sample-media"
"""Always the same: another one would make CloudFormation delete the resource of before, and with it what is in the buckets."""


@dataclass(frozen=True)
class Sample:
    bucket: str
    """The resource's property that names the bucket."""
    key: str
    content_type: str


SAMPLES = (
    Sample("ImagesBucket", "sample_image.jpg", "image/jpeg"),
    Sample("AudioBucket", "sample_audio.mp3", "audio/mpeg"),
    Sample("VideoBucket", "sample_video.mp4", "video/mp4"),
    Sample("VideoBucket", "sample_image.jpg", "image/jpeg"),  # its cover
)


class SampleMedia:
    """`s3` gives a client when it is needed; `put` sends a body to a presigned address."""

    def __init__(self, *, s3: Callable[[], "S3Client"], put: Callable[[str, bytes], None]) -> None:
        self._s3 = s3
        self._put = put

    def __call__(self, event: dict[str, Any], _context: object) -> None:
        """CloudFormation waits until it is answered, so it is answered whatever happens."""
        answer = {
            "Status": "SUCCESS",
            "PhysicalResourceId": event.get("PhysicalResourceId", PHYSICAL_ID),
            **{name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")},
        }
        try:
            self._do(event["RequestType"], event["ResourceProperties"])
        except Exception as error:  # noqa: BLE001 - the outermost boundary of a function that must answer
            logger.exception("the sample media failed")
            answer |= {"Status": "FAILED", "Reason": f"{type(error).__name__}: {error}"[:1000]}
        self._put(event["ResponseURL"], json.dumps(answer).encode())

    def _do(self, request: str, properties: dict[str, str]) -> None:
        if request != "Delete":
            self._upload(properties)
        elif properties["EmptyOnDelete"] == "true":
            for bucket in dict.fromkeys(properties[sample.bucket] for sample in SAMPLES):
                self._empty(bucket)

    def _upload(self, properties: dict[str, str]) -> None:
        for sample in SAMPLES:
            self._s3().put_object(
                Bucket=properties[sample.bucket],
                Key=sample.key,
                Body=(FILES / sample.key).read_bytes(),
                ContentType=sample.content_type,
            )

    def _empty(self, bucket: str) -> None:
        for page in self._s3().get_paginator("list_objects_v2").paginate(Bucket=bucket):
            found: list[ObjectIdentifierTypeDef] = [{"Key": item["Key"]} for item in page.get("Contents", [])]
            if not found:
                continue
            answer = self._s3().delete_objects(Bucket=bucket, Delete={"Objects": found, "Quiet": True})
            if errors := answer.get("Errors"):
                raise RuntimeError(f"{len(errors)} files of {bucket} could not be deleted: {errors[0].get('Code')}")
