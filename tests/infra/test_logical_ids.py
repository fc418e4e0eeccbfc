"""Logical ids that never change.

CloudFormation knows a resource by its logical id. A table or a bucket with another id is a new, empty one, and the old
one with its data is left behind, or deleted. A secret with another id cannot be made, because its name is taken. An
API, a key, a function or a distribution with another id has another address, and LINE, services and links in chats know
the old one.
"""

import pytest

from tests.infra.deployed import VARIANTS, Deployed, deployed

IDS = {
    "DynamoDB::Table": {
        "AudienceEventsSeen40257847",
        "AudienceTableC01AFB1B",
        "SendersDeliveries8676F0B8",
    },
    "S3::Bucket": {
        "CampaignsBucket94CCEF86",
        "MediaAudioBucketB43F6985",
        "MediaImagesBucketA23B3FA8",
        "MediaVideoBucket7F296691",
    },
    "SQS::Queue": {
        "SendersFailures522459BF",
        "WebhookDeadLetters94E822C9",
        "WebhookQueueCB2A9A4E",
    },
    "SecretsManager::Secret": {
        "CredentialsSecret40F8BB41",
    },
    "ApiGateway::RestApi": {
        "WebhookApi427E2EB3",
    },
    "ApiGateway::Stage": {
        "WebhookApiDeploymentStageprod91D906BD",
    },
    "ApiGateway::ApiKey": {
        "PushApiKey5E2509AE",
    },
    "ApiGateway::UsagePlan": {
        "PushApiUsagePlan0FC65850",
    },
    "CloudFront::Distribution": {
        "MediaAudioDistributionF8237C49",
        "MediaImagesDistributionF1D6E9E7",
        "MediaVideoDistribution3469E50C",
    },
    "Lambda::Function": {
        "PushApiFunction151FAF93",
        "SampleMediaFunctionF56E6763",
        "SendersAudioDD6A088A",
        "SendersImage5A2A0043",
        "SendersMessagesA785AAFE",
        "SendersSpeech03F060BC",
        "SendersTextE7146AAC",
        "SendersVideoD059141F",
        "WebhookFunction6FF7199F",
        "WebhookInboxDD2DCB90",
    },
    "Lambda::EventSourceMapping": {
        "WebhookInboxSqsEventSourcekairanWebhookQueue73CABDD9ADE4C246",
    },
}
"""What holds data or has an address, by type."""
WITHOUT = {
    "existing_secret": {"SecretsManager::Secret"},
    "own_key_of_existing_secret": {"SecretsManager::Secret"},
    "iam": {"ApiGateway::ApiKey", "ApiGateway::UsagePlan"},
}
"""Types that a kind of deployment does not have."""


MORE = {
    "forwarding": {
        "SQS::Queue": {
            "ForwardingTarget78e74ff3d5e1DeadLetters1878F486",
            "ForwardingTarget78e74ff3d5e1Queue5B732793",
            "ForwardingTarget89b9609242e7DeadLetters0DCACC6E",
            "ForwardingTarget89b9609242e7Queue2C704BBD",
        },
        "Lambda::Function": {"ForwardingFunctionF077F7D6"},
        "Lambda::EventSourceMapping": {
            "ForwardingFunctionSqsEventSourcekairanForwardingTarget78e74ff3d5e1QueueC74AFDAEB4BE866F",
            "ForwardingFunctionSqsEventSourcekairanForwardingTarget89b9609242e7Queue0C455099DEE9C239",
        },
    },
}
"""What a kind of deployment has beside the others."""


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("kind", IDS)
def test_what_holds_data_or_has_an_address_keeps_its_id(variant: str, kind: str) -> None:
    expected = IDS[kind] | MORE.get(variant, {}).get(kind, set())

    assert deployed(variant).ids(kind) == (set() if kind in WITHOUT.get(variant, set()) else expected)


def test_the_application_of_pinpoint_keeps_its_id(default: Deployed) -> None:
    assert default.ids("Pinpoint::App") == set()
    assert deployed("pinpoint").ids("Pinpoint::App") == {"AudiencePinpointApplication4A22EF91"}
