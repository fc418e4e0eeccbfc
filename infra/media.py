"""The files that messages show: a private bucket each for images, audio and video, with a distribution of its own.

Links do not expire (a user may open the chat next week), and `?v=<ETag>` makes an overwritten file a new one for caches.
"""

from aws_cdk import Duration, Names, RemovalPolicy, Stack
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.nag import acknowledge, wildcard
from infra.python_function import PythonFunction
from infra.settings import BUCKET

PREVIEWS = "previews/"
"""What the senders make and find out themselves: previews, and facts about files (`.json`)."""
INCOMING = "incoming/"
"""Files as strangers uploaded them. Looked at, they are copied to where they are sent from."""
INCOMING_KEPT = Duration.days(1)
UPLOADS = "uploads/"
"""Files that came with a push."""
SPEECH = "tts/"
"""What was spoken, beside it what is known of it (`.json`), and a lock while somebody speaks (`.lock`)."""
NEVER_SERVED = (f"{INCOMING}*", "*.json", "*.lock")
"""Unchecked uploads, facts about files, and locks."""


def name_in_cloudfront(scope: Construct) -> str:
    """Those of CloudFront's things hold for an account in all regions, and CDK's are the same in two regions, or for two stacks."""
    return f"{Names.unique_resource_name(scope, max_length=48)}-{Stack.of(scope).region}"


class MediaStore(Construct):
    """`url` overrides the distribution's address."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        kind: str,
        url: str,
        cache_policy: cloudfront.ICachePolicy,
        headers_policy: cloudfront.IResponseHeadersPolicy,
        removal_policy: RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        self.bucket = s3.Bucket(
            self,
            "Bucket",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            lifecycle_rules=[
                s3.LifecycleRule(abort_incomplete_multipart_upload_after=Duration.days(1)),
                s3.LifecycleRule(prefix=INCOMING, expiration=INCOMING_KEPT),
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
            {"AwsSolutions-S1": "Only the senders and the distribution read it; a log of that would serve nobody."},
        )
        acknowledge(
            self.distribution,
            {
                "AwsSolutions-CFR1": "An account's friends may open their chats anywhere in the world.",
                "AwsSolutions-CFR2": "It serves public files of a private bucket and has no code behind it to protect.",
                "AwsSolutions-CFR3": "The log would hold the IP addresses of everyone who opened a message.",
                "AwsSolutions-CFR4": "CloudFront's own domain name is used, whose TLS versions CloudFront decides.",
            },
        )

    def grant_send(self, function: PythonFunction) -> None:
        """Read files, and keep what is made and found out about them under `previews/`."""
        self._grant(function, "s3:GetObject", "*")
        # without it S3 answers 403 to a key that does not exist, and a typing error would look like a fault of the stack
        self._grant(function, "s3:ListBucket")
        self._grant(function, "s3:PutObject", f"{PREVIEWS}*")
        reason = "What the owner's files are called is not known before; it is this one bucket."
        acknowledge(
            function.own_role,
            {wildcard(self.bucket, "*"): reason, wildcard(self.bucket, f"{PREVIEWS}*"): reason},
        )

    def grant_take_in(self, function: PythonFunction) -> None:
        """Invite uploads (who signs an invitation must be allowed what it invites to), keep what comes with a push, and remove
        it again with what was made of it."""
        self.grant_send(function)
        self._grant(function, "s3:PutObject", f"{INCOMING}*", f"{UPLOADS}*")
        self._grant(function, "s3:DeleteObject", f"{UPLOADS}*", f"{PREVIEWS}{UPLOADS}*")
        acknowledge(
            function.own_role,
            dict.fromkeys(
                (wildcard(self.bucket, f"{folder}*") for folder in (INCOMING, UPLOADS, f"{PREVIEWS}{UPLOADS}")),
                "Names of uploads are made when they come; it is this one folder of this one bucket.",
            ),
        )

    def grant_speak(self, function: PythonFunction) -> None:
        """Read and keep what was spoken, one at a time for the same words."""
        self._grant(function, "s3:GetObject", f"{SPEECH}*")
        self._grant(function, "s3:ListBucket")  # as for `grant_send`
        self._grant(function, "s3:PutObject", f"{SPEECH}*")
        self._grant(function, "s3:DeleteObject", f"{SPEECH}*.lock")
        acknowledge(
            function.own_role,
            dict.fromkeys(
                (wildcard(self.bucket, path) for path in (f"{SPEECH}*", f"{SPEECH}*.lock")),
                "What was spoken is found by a hash of the words; it is this one folder of this one bucket.",
            ),
        )

    def grant_fill(self, function: PythonFunction, *keys: str) -> None:
        self._grant(function, "s3:PutObject", *keys)

    def grant_empty(self, function: PythonFunction) -> None:
        self._grant(function, "s3:ListBucket")
        self._grant(function, "s3:DeleteObject", "*")
        acknowledge(
            function.own_role, {wildcard(self.bucket, "*"): "A bucket is deleted only when nothing is left in it."}
        )

    def _grant(self, function: PythonFunction, action: str, *keys: str) -> None:
        iam.Grant.add_to_principal(
            grantee=function,
            actions=[action],
            resource_arns=[self.bucket.arn_for_objects(key) for key in keys] or [self.bucket.bucket_arn],
        )


class Media(Construct):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        images_url: str,
        audio_url: str,
        video_url: str,
        removal_policy: RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        cache_policy = cloudfront.CachePolicy(
            self,
            "CachePolicy",
            cache_policy_name=name_in_cloudfront(self),
            comment="The version of a file is in the query string",
            query_string_behavior=cloudfront.CacheQueryStringBehavior.allow_list("v"),
            default_ttl=Duration.days(1),
            max_ttl=Duration.days(365),
        )
        headers_policy = cloudfront.ResponseHeadersPolicy(
            self,
            "HeadersPolicy",
            response_headers_policy_name=name_in_cloudfront(self),
            comment="A file is what its type says, and runs nothing",
            security_headers_behavior=cloudfront.ResponseSecurityHeadersBehavior(
                content_type_options=cloudfront.ResponseHeadersContentTypeOptions(override=True),
                content_security_policy=cloudfront.ResponseHeadersContentSecurityPolicy(
                    content_security_policy="sandbox", override=True
                ),
            ),
        )

        def store(construct_id: str, kind: str, url: str) -> MediaStore:
            return MediaStore(
                self,
                construct_id,
                kind=kind,
                url=url,
                cache_policy=cache_policy,
                headers_policy=headers_policy,
                removal_policy=removal_policy,
            )

        self.images = store("Images", "images", images_url)
        self.audio = store("Audio", "audio", audio_url)
        self.video = store("Video", "video", video_url)
