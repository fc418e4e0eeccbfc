"""All media stores, and the policies that their distributions share."""

from collections.abc import Iterator, Mapping

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_cloudfront as cloudfront
from constructs import Construct

from infra.media_store import MediaStore, name_in_cloudfront
from kairan.contract import MediaBucket, MediaStoresAccess


class MediaStores(Construct):
    """A value of `urls` that is not empty overrides the address of that distribution."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        urls: Mapping[MediaBucket, str],
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

        self._stores = {
            kind: MediaStore(
                self,
                kind.capitalize(),
                kind=kind,
                url=urls[kind],
                cache_policy=cache_policy,
                headers_policy=headers_policy,
                removal_policy=removal_policy,
            )
            for kind in MediaBucket
        }

    def __getitem__(self, kind: MediaBucket) -> MediaStore:
        return self._stores[kind]

    def __iter__(self) -> Iterator[MediaStore]:
        return iter(self._stores.values())

    @property
    def access(self) -> MediaStoresAccess:
        images, audio, video = self[MediaBucket.IMAGES], self[MediaBucket.AUDIO], self[MediaBucket.VIDEO]
        return MediaStoresAccess(
            images_bucket=images.bucket.bucket_name,
            images_url=images.url,
            audio_bucket=audio.bucket.bucket_name,
            audio_url=audio.url,
            video_bucket=video.bucket.bucket_name,
            video_url=video.url,
        )
