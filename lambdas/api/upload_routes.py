"""`POST /v1/media/{bucket}`: asks where to upload a file that is too large for a call."""

from typing import Annotated, Literal, assert_never, get_args

from api.call import Call
from api.errors import NotFoundError
from api.models import Upload, UploadForm, UploadRequest
from api.parameters import JsonBody, ReadBy
from api.routes import Group, Routes
from api.sources import Sources
from kairan.clock import iso
from kairan.media.uploads import Uploads

UPLOADS = Group(
    "Uploads",
    "Upload files that are too large for a call",
    statuses=("400", "404", "413", "422"),
)

BucketName = Literal["images", "audio", "video"]


def bucket_name(call: Call) -> str:
    name = call.path_values["bucket"]
    if name not in get_args(BucketName):
        raise NotFoundError("there is no such bucket: upload to images, audio or video")
    return name


ThisBucket = Annotated[BucketName, ReadBy(bucket_name)]


def add_upload_routes(routes: Routes, sources: Sources) -> None:
    @routes.post(
        "/v1/media/<bucket>",
        UPLOADS,
        example_body={"name": "tour.mp4", "content_type": "video/mp4", "size": 48_318_382},
        example_answer={
            "key": "incoming/0b8e9c1c-5f2f-4b52-9d0e-3a1b7c3b9f11/tour.mp4",
            "upload": {
                "url": "https://bucket.s3.amazonaws.com/",
                "fields": {"Content-Type": "video/mp4", "policy": "…"},
            },
            "expires_at": "2026-11-21T09:15:00.000Z",
        },
    )
    def create_upload(bucket: ThisBucket, body: JsonBody[UploadRequest]) -> Upload:
        """Ask where to upload a file

        For files over 4.5 MB, and for video. The answer is a form: post its fields and then the file to its address, as
        multipart/form-data, within 15 minutes; then push the key. A file that is not pushed is removed after a day.
        """
        ticket = uploads_of(bucket, sources).presign_upload(body.name, body.content_type, body.size)
        return Upload(
            key=ticket.key,
            upload=UploadForm(url=ticket.url, fields=dict(ticket.fields)),
            expires_at=iso(ticket.expires_at),
        )


def uploads_of(bucket: BucketName, sources: Sources) -> Uploads:
    match bucket:
        case "images":
            return sources.images.uploads
        case "audio":
            return sources.audio.uploads
        case "video":
            return sources.video.uploads
        case _:
            assert_never(bucket)
