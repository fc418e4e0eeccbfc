"""The one door that is open to the world."""

import json

from tests.infra.deployed import Deployed, text

PERSONAL = {"ip", "caller", "user", "identity", "path", "header", "body", "querystring", "authorizer", "userAgent"}
OUTPUTS = {
    "ApiUrl",
    "WebhookUrl",
    "SecretName",
    "AudienceTable",
    "ImagesBucket",
    "AudioBucket",
    "VideoBucket",
    "ImagesUrl",
    "AudioUrl",
    "VideoUrl",
    "DeliveriesTable",
    "InboxQueueUrl",
    "InboxDeadLetterQueueUrl",
    "SendFailuresQueueUrl",
    "WebhookFunction",
    "InboxFunction",
    "SendTextFunction",
    "SendImageFunction",
    "SendAudioFunction",
    "SendVideoFunction",
    "SendMessagesFunction",
}
API_URL = "https://WebhookApi.execute-api.<AWS::Region>.<AWS::URLSuffix>/WebhookApiDeploymentStageprod/"


def test_the_api_has_one_method_and_it_is_post_webhook(default: Deployed) -> None:
    ((name, method),) = default.all("ApiGateway::Method").items()
    ((_, resource),) = default.all("ApiGateway::Resource").items()

    assert name == "WebhookApiwebhookPOST"
    assert method["HttpMethod"] == "POST"
    assert text(method["ResourceId"]) == "WebhookApiwebhook"
    assert resource["PathPart"] == "webhook"
    assert text(resource["ParentId"]) == "WebhookApi.RootResourceId"


def test_a_call_reaches_the_webhook_function_as_it_came(default: Deployed) -> None:
    (method,) = default.all("ApiGateway::Method").values()

    assert method["Integration"]["Type"] == "AWS_PROXY"
    assert text(method["Integration"]["Uri"]).endswith("/functions/WebhookFunction.Arn/invocations")


def test_line_needs_no_key(default: Deployed) -> None:
    (method,) = default.all("ApiGateway::Method").values()

    assert method["AuthorizationType"] == "NONE"
    assert not method.get("ApiKeyRequired", False)
    assert default.all("ApiGateway::ApiKey") == {}
    assert default.all("ApiGateway::UsagePlan") == {}


def test_the_access_log_holds_ids_and_statuses_and_nothing_of_a_person(default: Deployed) -> None:
    (stage,) = default.all("ApiGateway::Stage").values()
    logged = json.loads(stage["AccessLogSetting"]["Format"])

    words = {word for variable in logged.values() for word in variable.removeprefix("$context.").split(".")}
    assert text(stage["AccessLogSetting"]["DestinationArn"]) == "WebhookAccessLog.Arn"
    assert {"requestId", "status", "resourcePath"} <= words
    assert not words & PERSONAL


def test_bodies_and_headers_are_in_no_log(default: Deployed) -> None:
    (stage,) = default.all("ApiGateway::Stage").values()
    (settings,) = stage["MethodSettings"]

    assert settings["DataTraceEnabled"] is False
    assert settings.get("LoggingLevel", "OFF") == "OFF"


def test_a_stranger_cannot_use_up_the_accounts_concurrency(default: Deployed) -> None:
    (stage,) = default.all("ApiGateway::Stage").values()
    (settings,) = stage["MethodSettings"]

    assert settings["ThrottlingRateLimit"] == 1000
    assert settings["ThrottlingBurstLimit"] == 2000


def test_the_api_is_in_one_region(default: Deployed) -> None:
    (api,) = default.all("ApiGateway::RestApi").values()

    assert api["EndpointConfiguration"] == {"Types": ["REGIONAL"]}


def test_the_outputs_are_these_and_no_others(default: Deployed) -> None:
    assert default.outputs().keys() == OUTPUTS


def test_outputs_lead_to_what_they_are_named_for(default: Deployed) -> None:
    outputs = default.outputs()

    assert outputs["ApiUrl"] == API_URL
    assert outputs["WebhookUrl"] == f"{API_URL}webhook"
    assert outputs["SecretName"] == "LINE_secrets"
    assert outputs["AudienceTable"] == "AudienceTable"
    assert outputs["DeliveriesTable"] == "SendersDeliveries"
    assert outputs["InboxQueueUrl"] == "WebhookQueue"
    assert outputs["InboxDeadLetterQueueUrl"] == "WebhookDeadLetters"
    assert outputs["SendFailuresQueueUrl"] == "SendersFailures"
    assert outputs["WebhookFunction"] == "WebhookFunction"
    assert outputs["InboxFunction"] == "WebhookInbox"
    for kind in ("Text", "Image", "Audio", "Video", "Messages"):
        assert outputs[f"Send{kind}Function"] == f"Senders{kind}"
    for kind in ("Images", "Audio", "Video"):
        assert outputs[f"{kind}Bucket"] == f"Media{kind}Bucket"
