"""A CloudFormation custom resource. It puts the sample media into their buckets, and empties the buckets of a trial.

Source: AWS CloudFormation User Guide, "Custom resource request and response reference".
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kairan.contract import SAMPLE_FILES, MediaBucket, Output
from kairan.observability import described, logger

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

FILES = Path(__file__).parent / "files"
PHYSICAL_ID = "sample-media"
"""It never changes: after a change CloudFormation would delete the old resource, and with it the buckets' files."""


CONTENT_TYPES = {".jpg": "image/jpeg", ".mp3": "audio/mpeg", ".mp4": "video/mp4"}
BUCKETS = {
    MediaBucket.IMAGES: Output.IMAGES_BUCKET,
    MediaBucket.AUDIO: Output.AUDIO_BUCKET,
    MediaBucket.VIDEO: Output.VIDEO_BUCKET,
}
"""The resource's properties with the buckets' names. They are called like the stack's outputs."""
EMPTIED = (*BUCKETS.values(), Output.BATCHES_BUCKET)
"""Resources of earlier versions have fewer of these properties."""


class SampleMedia:
    """`s3` makes a client when one is needed. `put` sends a body to a presigned address."""

    def __init__(self, *, s3: Callable[[], "S3Client"], put: Callable[[str, bytes], None]) -> None:
        self._s3 = s3
        self._put = put

    def __call__(self, event: dict[str, Any], _context: object) -> None:
        """CloudFormation waits for an answer, so it gets one even after an error."""
        answer = {
            "Status": "SUCCESS",
            "PhysicalResourceId": event.get("PhysicalResourceId", PHYSICAL_ID),
            **{name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")},
        }
        try:
            self._do(event["RequestType"], event["ResourceProperties"])
        except Exception as error:  # noqa: BLE001 - the outermost boundary of a function that must answer
            logger.error("the sample media failed", **described(error))
            answer |= {"Status": "FAILED", "Reason": f"{type(error).__name__}: {error}"[:1000]}
        self._put(event["ResponseURL"], json.dumps(answer).encode())

    def _do(self, request: str, properties: dict[str, str]) -> None:
        if request != "Delete":
            self._upload(properties)
        elif properties["EmptyOnDelete"] == "true":
            for bucket in [properties[name] for name in EMPTIED if name in properties]:
                self._empty(bucket)

    def _upload(self, properties: dict[str, str]) -> None:
        for bucket, keys in SAMPLE_FILES.items():
            for key in keys:
                file = FILES / key
                self._s3().put_object(
                    Bucket=properties[BUCKETS[bucket].value],
                    Key=key,
                    Body=file.read_bytes(),
                    ContentType=CONTENT_TYPES[file.suffix],
                )

    def _empty(self, bucket: str) -> None:
        for page in self._s3().get_paginator("list_objects_v2").paginate(Bucket=bucket):
            objects: list[ObjectIdentifierTypeDef] = [{"Key": item["Key"]} for item in page.get("Contents", [])]
            if not objects:
                continue
            answer = self._s3().delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
            if errors := answer.get("Errors"):
                raise RuntimeError(f"{len(errors)} files of {bucket} could not be deleted: {errors[0].get('Code')}")
