"""Buckets that the public cannot reach, and distributions that show what is in them."""

import json

import pytest

from kairan.contract import MediaBucket
from tests.infra.deployed import VARIANTS, Deployed, deployed, text

STORES = [bucket.capitalize() for bucket in MediaBucket]
BATCHES = "CampaignsBucket"
BUCKETS = [*(f"Media{store}Bucket" for store in STORES), BATCHES]


@pytest.mark.parametrize("name", BUCKETS)
def test_a_bucket_is_closed_to_the_public_and_encrypted(default: Deployed, name: str) -> None:
    bucket = default.all("S3::Bucket")[name]

    assert bucket["PublicAccessBlockConfiguration"] == {
        "BlockPublicAcls": True,
        "BlockPublicPolicy": True,
        "IgnorePublicAcls": True,
        "RestrictPublicBuckets": True,
    }
    assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert "BucketName" not in bucket


def test_batches_are_served_to_no_one_and_forgotten_after_45_days(default: Deployed) -> None:
    rules = default.all("S3::Bucket")[BATCHES]["LifecycleConfiguration"]["Rules"]

    assert rules == [
        {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}, "Status": "Enabled"},
        {"ExpirationInDays": 62, "Prefix": "batches/", "Status": "Enabled"},
        {"ExpirationInDays": 45, "Prefix": "parked/", "Status": "Enabled"},
        {"ExpirationInDays": 45, "Prefix": "forwarded/", "Status": "Enabled"},
    ]
    assert {each["Effect"] for each in default.statements("S3::BucketPolicy", BATCHES)} == {"Deny"}
    assert "CampaignsBucket" not in str(default.all("CloudFront::Distribution"))


@pytest.mark.parametrize("store", STORES)
class TestEveryStore:
    def test_forgets_uploads_that_were_never_finished_or_never_sent_and_keeps_all_files(
        self, default: Deployed, store: str
    ) -> None:
        rules = default.all("S3::Bucket")[f"Media{store}Bucket"]["LifecycleConfiguration"]["Rules"]

        assert rules == [
            {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}, "Status": "Enabled"},
            {"ExpirationInDays": 1, "Prefix": "incoming/", "Status": "Enabled"},
        ]

    def test_is_read_by_its_own_distribution_only(self, default: Deployed, store: str) -> None:
        bucket = f"Media{store}Bucket"

        (allow,) = [e for e in default.statements("S3::BucketPolicy", bucket) if e["Effect"] == "Allow"]

        assert allow["Principal"] == {"Service": "cloudfront.amazonaws.com"}
        assert allow["Action"] == "s3:GetObject"
        assert text(allow["Resource"]) == f"{bucket}.Arn/*"
        assert text(allow["Condition"]["StringEquals"]["AWS:SourceArn"]) == (
            f"arn:<AWS::Partition>:cloudfront::<AWS::AccountId>:distribution/Media{store}Distribution"
        )

    def test_never_serves_unchecked_uploads_facts_about_files_and_locks(self, default: Deployed, store: str) -> None:
        bucket = f"Media{store}Bucket"

        (deny,) = [e for e in default.statements("S3::BucketPolicy", bucket) if e.get("Sid") == "NeverServed"]

        assert deny["Effect"] == "Deny"
        assert deny["Principal"] == {"Service": "cloudfront.amazonaws.com"}
        assert sorted(map(text, deny["Resource"])) == [
            f"{bucket}.Arn/*.json",
            f"{bucket}.Arn/*.lock",
            f"{bucket}.Arn/incoming/*",
        ]

    def test_signs_what_its_distribution_asks_the_bucket_for(self, default: Deployed, store: str) -> None:
        distribution = default.all("CloudFront::Distribution")[f"Media{store}Distribution"]["DistributionConfig"]
        (origin,) = distribution["Origins"]
        control = default.all("CloudFront::OriginAccessControl")[f"Media{store}AccessControl"]

        assert text(origin["DomainName"]) == f"Media{store}Bucket.RegionalDomainName"
        assert text(origin["OriginAccessControlId"]) == f"Media{store}AccessControl.Id"
        assert control["OriginAccessControlConfig"]["SigningBehavior"] == "always"
        assert control["OriginAccessControlConfig"]["SigningProtocol"] == "sigv4"

    def test_is_shown_by_https_for_reading_only(self, default: Deployed, store: str) -> None:
        distribution = default.all("CloudFront::Distribution")[f"Media{store}Distribution"]["DistributionConfig"]
        behavior = distribution["DefaultCacheBehavior"]

        assert behavior["ViewerProtocolPolicy"] == "https-only"
        assert behavior["AllowedMethods"] == ["GET", "HEAD"]
        assert text(behavior["CachePolicyId"]) == "MediaCachePolicy"
        assert text(behavior["ResponseHeadersPolicyId"]) == "MediaHeadersPolicy"
        assert "CacheBehaviors" not in distribution
        assert distribution["Enabled"] is True

    def test_has_its_distributions_address_in_its_links(self, default: Deployed, store: str) -> None:
        address = f"https://Media{store}Distribution.DomainName"
        sender = f"send_{store.lower().removesuffix('s')}"

        assert default.outputs()[f"{store}Url"] == address
        assert default.variables(sender)["MEDIA_URL"] == address


def test_the_version_of_a_file_is_part_of_the_cache_key_and_nothing_else_is(default: Deployed) -> None:
    config = default.all("CloudFront::CachePolicy")["MediaCachePolicy"]["CachePolicyConfig"]
    key = config["ParametersInCacheKeyAndForwardedToOrigin"]

    assert key["QueryStringsConfig"] == {"QueryStringBehavior": "whitelist", "QueryStrings": ["v"]}
    assert key["HeadersConfig"] == {"HeaderBehavior": "none"}
    assert key["CookiesConfig"] == {"CookieBehavior": "none"}
    assert config["DefaultTTL"] == 24 * 60 * 60


def test_a_file_is_what_its_type_says_and_runs_nothing(default: Deployed) -> None:
    policy = default.all("CloudFront::ResponseHeadersPolicy")["MediaHeadersPolicy"]["ResponseHeadersPolicyConfig"]

    assert policy["SecurityHeadersConfig"] == {
        "ContentTypeOptions": {"Override": True},
        "ContentSecurityPolicy": {"ContentSecurityPolicy": "sandbox", "Override": True},
    }


@pytest.mark.parametrize(
    ("sender", "output", "address"),
    [
        ("send_image", "ImagesUrl", "http://127.0.0.1:4566/MediaImagesBucket"),
        ("send_audio", "AudioUrl", "https://MediaAudioBucket.example.com/sounds"),
        ("send_video", "VideoUrl", "https://videos.example.com"),
    ],
)
def test_a_setting_overrides_the_address_of_links(sender: str, output: str, address: str) -> None:
    elsewhere = deployed("elsewhere")

    assert elsewhere.variables(sender)["MEDIA_URL"] == address
    assert elsewhere.outputs()[output] == address


def names_in_cloudfront(stack: Deployed) -> dict[str, str]:
    """CloudFront refuses a name that the account has already, in whichever region."""
    configs = {
        "CloudFront::CachePolicy": "CachePolicyConfig",
        "CloudFront::ResponseHeadersPolicy": "ResponseHeadersPolicyConfig",
        "CloudFront::OriginAccessControl": "OriginAccessControlConfig",
    }
    return {
        f"{kind} {name}": text(each[config]["Name"])
        for kind, config in configs.items()
        for name, each in stack.all(kind).items()
    }


def test_two_stacks_and_two_regions_have_no_name_in_common(default: Deployed) -> None:
    here, there = names_in_cloudfront(default), names_in_cloudfront(deployed("trial"))

    assert here.keys() == there.keys()
    assert not set(here.values()) & set(there.values())
    for name in (*here.values(), *there.values()):
        assert "<AWS::Region>" in name
        assert len(name.replace("<AWS::Region>", "ap-southeast-1")) <= 64


@pytest.mark.parametrize("variant", VARIANTS)
def test_no_other_resource_has_a_name_that_two_stacks_would_fight_for(variant: str) -> None:
    named = {
        "BucketName",
        "TableName",
        "QueueName",
        "FunctionName",
        "RoleName",
        "AlarmName",
        "TopicName",
        "LogGroupName",
    }
    resources = deployed(variant).template["Resources"]

    for kind in ("S3::Bucket", "DynamoDB::Table", "SQS::Queue", "Lambda::Function", "IAM::Role", "SNS::Topic"):
        for each in resources.values():
            if each["Type"] == f"AWS::{kind}":
                assert not named & each.get("Properties", {}).keys()
    assert json.dumps(resources).count('"AlarmName"') == 0
