"""The custom resource that puts the sample media into their buckets. When a trial is deleted, it empties the buckets.

It is short. CDK's BucketDeployment would need the AWS command line in a layer, and its auto-delete a Node function.
"""

import hashlib

from aws_cdk import CustomResource, Duration
from constructs import Construct

from infra.bundling import function_files
from infra.campaigns import Campaigns
from infra.media_stores import MediaStores
from infra.python_function import FunctionDefaults, PythonFunction
from kairan.contract import MediaBucket, Output

NAME = "sample_media"
TIMEOUT_S = 120


class SampleMedia(Construct):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        defaults: FunctionDefaults,
        media: MediaStores,
        campaigns: Campaigns,
        retain: bool,
    ) -> None:
        super().__init__(scope, construct_id)
        self.function = PythonFunction(
            self,
            "Function",
            folder=NAME,
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
                Output.IMAGES_BUCKET: media[MediaBucket.IMAGES].bucket.bucket_name,
                Output.AUDIO_BUCKET: media[MediaBucket.AUDIO].bucket.bucket_name,
                Output.VIDEO_BUCKET: media[MediaBucket.VIDEO].bucket.bucket_name,
                Output.BATCHES_BUCKET: campaigns.bucket.bucket_name,
                "EmptyOnDelete": "false" if retain else "true",
                "Version": _version(),  # changed files are an update
            },
        )


def _version() -> str:
    digest = hashlib.sha256()
    for name, content in sorted(function_files(NAME)):
        digest.update(name.encode() + b"\0" + content)
    return digest.hexdigest()
