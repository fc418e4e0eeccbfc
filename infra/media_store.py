"""The store of one kind of files for messages: a private bucket, and a distribution that serves it.

Links do not expire, because a user may open the chat next week. With `?v=<ETag>`, an overwritten file is new to caches.
"""

from aws_cdk import Duration, Names, RemovalPolicy, Stack
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.nag import acknowledge, wildcard
from infra.private_bucket import PrivateBucket
from infra.python_function import PythonFunction
from infra.settings import BUCKET
from kairan.contract import (
    INCOMING,
    INCOMING_RETENTION_DAYS,
    NEVER_SERVED,
    PREVIEWS,
    SPEECH,
    UPLOADS,
    MediaAccess,
    MediaBucket,
)


def name_in_cloudfront(scope: Construct) -> str:
    """A name for CloudFront, where names must be unique in the AWS account.

    CDK's own name would be the same in two regions and for two stacks.
    """
    return f"{Names.unique_resource_name(scope, max_length=48)}-{Stack.of(scope).region}"


class MediaStore(Construct):
    """One bucket and its distribution. `url` overrides the distribution's address."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        kind: MediaBucket,
        url: str,
        cache_policy: cloudfront.ICachePolicy,
        headers_policy: cloudfront.IResponseHeadersPolicy,
        removal_policy: RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        self.bucket = PrivateBucket(
            self,
            "Bucket",
            lifecycle_rules=[
                s3.LifecycleRule(prefix=INCOMING, expiration=Duration.days(INCOMING_RETENTION_DAYS)),
            ],
            removal_policy=removal_policy,
        )
        access_control = cloudfront.S3OriginAccessControl(
            self, "AccessControl", origin_access_control_name=name_in_cloudfront(self)
        )
        self.distribution = cloudfront.Distribution(
            self,
            "Distribution",
            comment=f"{Stack.of(self).stack_name}: {kind}",
            default_behavior=cloudfront.BehaviorOptions(
                origin=origins.S3BucketOrigin.with_origin_access_control(
                    self.bucket, origin_access_control=access_control
                ),
                viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
                allowed_methods=cloudfront.AllowedMethods.ALLOW_GET_HEAD,
                cache_policy=cache_policy,
                response_headers_policy=headers_policy,
                compress=False,  # JPEG, PNG, MP3, M4A and MP4 are compressed already
            ),
            http_version=cloudfront.HttpVersion.HTTP2_AND_3,
            price_class=cloudfront.PriceClass.PRICE_CLASS_200,  # the first that has Japan
        )
        self.bucket.add_to_resource_policy(
            iam.PolicyStatement(
                sid="NeverServed",
                effect=iam.Effect.DENY,
                principals=[iam.ServicePrincipal("cloudfront.amazonaws.com")],
                actions=["s3:GetObject"],
                resources=[self.bucket.arn_for_objects(keys) for keys in NEVER_SERVED],
            )
        )
        self.url = (
            url.replace(BUCKET, self.bucket.bucket_name)
            if url
            else f"https://{self.distribution.distribution_domain_name}"
        )
        acknowledge(
            self.bucket,
            {"AwsSolutions-S1": "Only the senders and the distribution read it; a log of that would help no one."},
        )
        acknowledge(
            self.distribution,
            {
                "AwsSolutions-CFR1": "An account's friends may open their chats anywhere in the world.",
                "AwsSolutions-CFR2": "It serves public files of a private bucket, and there is no code to protect.",
                "AwsSolutions-CFR3": "The log would hold the IP addresses of everyone who opened a message.",
                "AwsSolutions-CFR4": "It uses CloudFront's own domain name, and CloudFront decides its TLS versions.",
            },
        )

    @property
    def access(self) -> MediaAccess:
        return MediaAccess(media_bucket=self.bucket.bucket_name, media_url=self.url)

    def grant_read(self, function: PythonFunction) -> None:
        """Allows reading files, and writing previews and facts about them under `previews/`."""
        self.bucket.allow(function, "s3:GetObject", "*")
        # without it S3 answers 403 to a key that does not exist, and a typing error looks like an error of the stack
        self.bucket.allow(function, "s3:ListBucket")
        self.bucket.allow(function, "s3:PutObject", f"{PREVIEWS}*")
        acknowledge(
            function.own_role,
            dict.fromkeys(
                (wildcard(self.bucket, path) for path in ("*", f"{PREVIEWS}*")),
                "The names of the owner's files are unknown at deployment; the permission covers one bucket.",
            ),
        )

    def grant_read_write(self, function: PythonFunction) -> None:
        """Allows what `grant_read` does, and storing and removing the files of a push.

        It also allows signing uploads, for which the signer needs the permission itself.
        """
        self.grant_read(function)
        self.bucket.allow(function, "s3:PutObject", f"{INCOMING}*", f"{UPLOADS}*")
        self.bucket.allow(function, "s3:DeleteObject", f"{UPLOADS}*", f"{PREVIEWS}{UPLOADS}*")
        acknowledge(
            function.own_role,
            dict.fromkeys(
                (wildcard(self.bucket, f"{folder}*") for folder in (INCOMING, UPLOADS, f"{PREVIEWS}{UPLOADS}")),
                "Uploads get their names when they come; the permission covers one folder of one bucket.",
            ),
        )

    def grant_read_write_speech(self, function: PythonFunction) -> None:
        """Allows reading and writing generated speech, and locking it while it is made."""
        self.bucket.allow(function, "s3:GetObject", f"{SPEECH}*")
        self.bucket.allow(function, "s3:ListBucket")  # as for `grant_read`
        self.bucket.allow(function, "s3:PutObject", f"{SPEECH}*")
        self.bucket.allow(function, "s3:DeleteObject", f"{SPEECH}*.lock")
        acknowledge(
            function.own_role,
            dict.fromkeys(
                (wildcard(self.bucket, path) for path in (f"{SPEECH}*", f"{SPEECH}*.lock")),
                "The key of a sound is a hash of its text; the permission covers one folder of one bucket.",
            ),
        )

    def grant_write(self, function: PythonFunction, *keys: str) -> None:
        """Allows writing these files."""
        self.bucket.allow(function, "s3:PutObject", *keys)
