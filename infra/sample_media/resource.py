"""The custom resource that puts the sample media into their buckets, and empties the buckets of a stack that retains nothing.

CDK's BucketDeployment would need the AWS command line in a layer, and its auto-delete a Node function; this is forty lines.
"""

import hashlib

from aws_cdk import CustomResource, Duration
from constructs import Construct

from infra.bundling import function_files
from infra.media import Media
from infra.python_function import FunctionDefaults, PythonFunction

NAME = "sample_media"
TIMEOUT_S = 120


class SampleMedia(Construct):
    def __init__(
        self, scope: Construct, construct_id: str, *, defaults: FunctionDefaults, media: Media, retain: bool
    ) -> None:
        super().__init__(scope, construct_id)
        self.function = PythonFunction(
            self,
            "Function",
            name=NAME,
            description="Puts the sample media into their buckets when the stack is deployed",
            defaults=defaults,
            timeout_s=TIMEOUT_S,
            memory_mb=256,
        )
        self.resource = CustomResource(
            self,
            "Resource",
            resource_type="Custom::SampleMedia",
            service_token=self.function.function_arn,
            service_timeout=Duration.seconds(TIMEOUT_S + 30),
            properties={
                "ImagesBucket": media.images.bucket.bucket_name,
                "AudioBucket": media.audio.bucket.bucket_name,
                "VideoBucket": media.video.bucket.bucket_name,
                "EmptyOnDelete": "false" if retain else "true",
                "Version": _version(),  # other files are an update
            },
        )


def _version() -> str:
    digest = hashlib.sha256()
    for name, content in sorted(function_files(NAME)):
        digest.update(name.encode() + b"\0" + content)
    return digest.hexdigest()
