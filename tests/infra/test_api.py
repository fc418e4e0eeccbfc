"""The one door that is open to the world, and what the stack tells of itself."""

import gzip
import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from api.documentation import PAGES, Documentation
from infra.front_door import PAGE_ROUTES, PUBLIC
from kairan.contract import OUTPUTS, OUTPUTS_OF_FORWARDING, Output, Sender
from tests.infra.deployed import VARIANTS, Deployed, deployed, text
from tests.rigs.pages import ROOT

PERSONAL = {"ip", "caller", "user", "identity", "path", "header", "body", "querystring", "authorizer", "userAgent"}
API_URL = "https://WebhookApi.execute-api.<AWS::Region>.<AWS::URLSuffix>/WebhookApiDeploymentStageprod/"


def test_the_access_log_holds_ids_and_statuses_and_nothing_of_a_person(default: Deployed) -> None:
    (stage,) = default.all("ApiGateway::Stage").values()
    logged = json.loads(stage["AccessLogSetting"]["Format"])

    words = {word for variable in logged.values() for word in variable.removeprefix("$context.").split(".")}
    assert text(stage["AccessLogSetting"]["DestinationArn"]) == "WebhookAccessLog.Arn"
    assert {"requestId", "status", "resourcePath"} <= words
    assert not words & PERSONAL


def test_bodies_and_headers_are_in_no_log(default: Deployed) -> None:
    (stage,) = default.all("ApiGateway::Stage").values()

    for settings in stage["MethodSettings"]:
        assert settings["DataTraceEnabled"] is False
        assert settings.get("LoggingLevel", "OFF") == "OFF"


def test_a_stranger_cannot_use_up_the_accounts_concurrency(default: Deployed) -> None:
    (stage,) = default.all("ApiGateway::Stage").values()

    limits = {
        each["ResourcePath"]: (each["ThrottlingRateLimit"], each["ThrottlingBurstLimit"])
        for each in stage["MethodSettings"]
        if each["HttpMethod"] == ("POST" if "webhook" in each["ResourcePath"] else "GET")
        or each["ResourcePath"] == "/*"
    }
    refusals = {
        (each["ThrottlingRateLimit"], each["ThrottlingBurstLimit"])
        for each in stage["MethodSettings"]
        if each["ResourcePath"] not in limits or each["HttpMethod"] in ("PUT", "PATCH", "DELETE")
    }
    assert refusals == {(1, 5)}
    assert limits == {
        "/*": (1000, 2000),
        "/~1webhook": (100, 200),
        "/~1health": (10, 50),
        "/~1version": (10, 50),
        "/~1openapi.json": (1, 10),
        "/~1docs": (1, 10),
        "/~1redoc": (1, 10),
    }


def test_the_pages_can_be_closed_and_the_webhook_be_slowed_down() -> None:
    stack = deployed("elsewhere")
    (stage,) = stack.all("ApiGateway::Stage").values()

    limits = {
        each["ResourcePath"]: (each["ThrottlingRateLimit"], each["ThrottlingBurstLimit"])
        for each in stage["MethodSettings"]
        if each["HttpMethod"] == ("POST" if "webhook" in each["ResourcePath"] else "GET")
        or each["ResourcePath"] == "/*"
    }
    refusals = {
        (each["ThrottlingRateLimit"], each["ThrottlingBurstLimit"])
        for each in stage["MethodSettings"]
        if each["ResourcePath"] not in limits or each["HttpMethod"] in ("PUT", "PATCH", "DELETE")
    }
    assert refusals == {(1, 5)}
    assert limits == {
        "/*": (1000, 2000),
        "/~1webhook": (20, 40),
        "/~1health": (10, 50),
        "/~1version": (10, 50),
    }
    assert {stack.path_of(method) for method in stack.all("ApiGateway::Method").values()} == {
        "/webhook",
        "/v1/{proxy+}",
        "/health",
        "/version",
    }


TRANSFER_PER_GB = 0.114
"""US dollars, out of Tokyo to the internet: one of the dearer regions."""
A_DAY_S = 24 * 60 * 60


def test_strangers_who_load_the_pages_all_day_cost_no_more_than_the_documentation_says(tmp_path: Path) -> None:
    shutil.copytree(PAGES, tmp_path, dirs_exist_ok=True)
    shutil.copy(ROOT / "node_modules" / "redoc" / "bundles" / "redoc.standalone.js", tmp_path)
    documentation = Documentation(tmp_path)
    openapi_json = (ROOT / "docs" / "openapi.json").read_bytes()
    pages = {"docs": documentation.swagger_ui().encode(), "redoc": documentation.redoc().encode()}
    pages["openapi.json"] = openapi_json

    def a_day(sizes: Mapping[str, int]) -> float:
        return sum(PUBLIC[name].per_second * size * A_DAY_S * TRANSFER_PER_GB / 1e9 for name, size in sizes.items())

    assert pages.keys() == set(PAGE_ROUTES)
    assert a_day({name: len(page) for name, page in pages.items()}) < 30
    assert a_day({name: len(gzip.compress(page, 6)) for name, page in pages.items()}) < 8


def test_large_answers_are_compressed(default: Deployed) -> None:
    (api,) = default.all("ApiGateway::RestApi").values()

    assert api["MinimumCompressionSize"] == 4096


def test_line_has_metrics_of_its_own(default: Deployed) -> None:
    """Pushes that fail must not look like a webhook that fails."""
    (stage,) = default.all("ApiGateway::Stage").values()

    (measured,) = [each for each in stage["MethodSettings"] if each.get("MetricsEnabled")]

    assert (measured["HttpMethod"], measured["ResourcePath"]) == ("POST", "/~1webhook")


def test_the_api_is_in_one_region(default: Deployed) -> None:
    (api,) = default.all("ApiGateway::RestApi").values()

    assert api["EndpointConfiguration"] == {"Types": ["REGIONAL"]}


def test_the_outputs_are_these_and_no_others(default: Deployed) -> None:
    assert default.outputs().keys() == OUTPUTS.keys() - OUTPUTS_OF_FORWARDING
    assert deployed("forwarding").outputs().keys() == OUTPUTS.keys()


def test_without_a_key_there_is_no_output_that_names_one() -> None:
    assert deployed("iam").outputs().keys() == OUTPUTS.keys() - OUTPUTS_OF_FORWARDING - {Output.API_KEY_ID}


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_output_says_what_it_is(variant: str) -> None:
    outputs = deployed(variant).template["Outputs"]

    assert {name: output["Description"] for name, output in outputs.items()} == {
        name: description for name, description in OUTPUTS.items() if name in outputs
    }


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
    assert outputs["ApiFunction"] == "PushApiFunction"
    assert outputs["ApiKeyId"] == "PushApiKey"
    for sender in Sender:
        assert outputs[sender.output] == f"Senders{sender.construct_id}"
    for kind in ("Images", "Audio", "Video"):
        assert outputs[f"{kind}Bucket"] == f"Media{kind}Bucket"
    assert outputs["BatchesBucket"] == "CampaignsBucket"
