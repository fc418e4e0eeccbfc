"""What other services call, who may, and what API Gateway says to those who may not."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk.assertions import Template

from infra.refusals import REFUSALS, Refusal, refuse_in_our_form
from tests.infra.deployed import VARIANTS, Deployed, deployed, text
from tests.rigs.push_service import PushServiceRig

OPEN = {route.path for route in PushServiceRig().api.routes.all if route.group is None or route.group.is_open}
"""The routes that the push API serves without a key."""
STATUS = {
    "INVALID_API_KEY": "403",
    "MISSING_AUTHENTICATION_TOKEN": "404",
    "ACCESS_DENIED": "403",
    "EXPIRED_TOKEN": "403",
    "INVALID_SIGNATURE": "403",
    "REQUEST_TOO_LARGE": "413",
    "THROTTLED": "429",
    "QUOTA_EXCEEDED": "429",
    "INTEGRATION_TIMEOUT": "504",
    "INTEGRATION_FAILURE": None,
    "DEFAULT_4XX": None,
    "DEFAULT_5XX": None,
}
"""None: what API Gateway has for the case."""


def methods(stack: Deployed) -> dict[tuple[str, str], Any]:
    """By HTTP method and path."""
    return {
        (method["HttpMethod"], stack.path_of(method)): method for method in stack.all("ApiGateway::Method").values()
    }


ROUTES = {("POST", "/webhook"), ("ANY", "/v1/{proxy+}"), *(("GET", path) for path in OPEN)}


def test_the_api_has_these_routes(default: Deployed) -> None:
    served = {route for route, method in methods(default).items() if method["Integration"]["Type"] != "MOCK"}

    assert served == ROUTES


def test_another_method_is_refused_with_the_one_that_the_route_has(default: Deployed) -> None:
    refused = {route: method for route, method in methods(default).items() if route not in ROUTES}

    assert refused.keys() == {
        (method, path)
        for has, path in ROUTES
        if has != "ANY"
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
        if method != has
    }
    for (name, path), method in refused.items():
        [answer] = method["Integration"]["IntegrationResponses"]
        has = "POST" if path == "/webhook" else "GET"
        assert answer["StatusCode"] == "405"
        assert answer["ResponseParameters"]["method.response.header.Allow"] == f"'{has}'"
        assert json.loads(answer["ResponseTemplates"]["application/json"]) == {
            "error": f"{name} is not allowed here; use {has}",
            "code": "method_not_allowed",
        }


def test_calls_reach_their_function_as_they_came(default: Deployed) -> None:
    for (_, path), method in ((route, method) for route, method in methods(default).items() if route in ROUTES):
        function = "WebhookFunction" if path == "/webhook" else "PushApiFunction"
        assert method["Integration"]["Type"] == "AWS_PROXY"
        assert text(method["Integration"]["Uri"]).endswith(f"/functions/{function}.Arn/invocations")


def test_files_arrive_as_they_were_sent(default: Deployed) -> None:
    (api,) = default.all("ApiGateway::RestApi").values()

    assert api["BinaryMediaTypes"] == ["multipart/form-data"]


# who may call


def test_pushing_wants_a_key_and_nothing_else_does(default: Deployed) -> None:
    keyed = {path for (_, path), method in methods(default).items() if method.get("ApiKeyRequired", False)}

    assert keyed == {"/v1/{proxy+}"}
    assert {method["AuthorizationType"] for method in methods(default).values()} == {"NONE"}


def test_a_key_has_a_plan_with_the_rate_and_the_burst_of_the_settings(default: Deployed) -> None:
    ((_, key),) = default.all("ApiGateway::ApiKey").items()
    (plan,) = default.all("ApiGateway::UsagePlan").values()
    (stage,) = plan["ApiStages"]
    (planned,) = default.all("ApiGateway::UsagePlanKey").values()

    assert key["Enabled"] is True
    assert "Value" not in key
    assert plan["Throttle"] == {"RateLimit": 50, "BurstLimit": 100}
    assert "Quota" not in plan
    assert (text(stage["ApiId"]), text(stage["Stage"])) == ("WebhookApi", "WebhookApiDeploymentStageprod")
    assert (text(planned["KeyId"]), text(planned["UsagePlanId"])) == ("PushApiKey", "PushApiUsagePlan")


def test_settings_give_a_key_other_limits_and_a_quota() -> None:
    (plan,) = deployed("elsewhere").all("ApiGateway::UsagePlan").values()

    assert plan["Throttle"] == {"RateLimit": 5, "BurstLimit": 10}
    assert plan["Quota"] == {"Limit": 1000, "Period": "DAY"}


def test_with_iam_a_push_is_signed_and_there_is_no_key() -> None:
    iam = deployed("iam")

    by_path = {path: method for (_, path), method in methods(iam).items()}
    assert by_path["/v1/{proxy+}"]["AuthorizationType"] == "AWS_IAM"
    assert {by_path[path]["AuthorizationType"] for path in {*OPEN, "/webhook"}} == {"NONE"}
    assert not any(method.get("ApiKeyRequired", False) for method in by_path.values())
    assert iam.all("ApiGateway::ApiKey") == {}
    assert iam.all("ApiGateway::UsagePlan") == {}


# what API Gateway answers by itself


def refusals(stack: Deployed) -> dict[str, Any]:
    return {each["ResponseType"]: each for each in stack.all("ApiGateway::GatewayResponse").values()}


def body_of(refusal: Any) -> dict[str, str]:
    (template,) = refusal["ResponseTemplates"].items()
    assert template[0] == "application/json"
    body: dict[str, str] = json.loads(template[1])
    return body


def test_api_gateway_refuses_with_these_statuses(default: Deployed) -> None:
    assert {name: each.get("StatusCode") for name, each in refusals(default).items()} == STATUS


@pytest.mark.parametrize("name", STATUS)
@pytest.mark.parametrize("variant", ["default", "iam"])
def test_a_refusal_has_the_one_shape_and_is_a_sentence_that_says_what_to_do(variant: str, name: str) -> None:
    refusal = refusals(deployed(variant))[name]

    body = body_of(refusal)

    assert body.keys() == {"error", "code"}
    assert re.fullmatch(r"[a-z_]+", body["code"])
    assert re.fullmatch(r"[A-Z][^$]+[:,] [^$]+[a-z0-9A-Z_]", body["error"])
    assert text(refusal["RestApiId"]) == "WebhookApi"


def test_a_code_means_one_thing(default: Deployed) -> None:
    codes = [body_of(each)["code"] for each in refusals(default).values()]

    assert len(codes) == len(set(codes))


def test_only_a_rate_tells_when_to_come_again(default: Deployed) -> None:
    headers = {
        name: each["ResponseParameters"] for name, each in refusals(default).items() if "ResponseParameters" in each
    }

    assert headers == {"THROTTLED": {"gatewayresponse.header.Retry-After": "'1'"}}


def test_a_body_that_is_too_large_is_told_the_limit_and_the_way_round_it(default: Deployed) -> None:
    sentence = body_of(refusals(default)["REQUEST_TOO_LARGE"])["error"]

    assert "4,500,000 bytes" in sentence
    assert "POST /v1/media/images" in sentence


def test_a_request_that_is_not_signed_is_told_so_where_requests_are_signed() -> None:
    refusal = refusals(deployed("iam"))["MISSING_AUTHENTICATION_TOKEN"]

    assert refusal["StatusCode"] == "403"
    assert body_of(refusal)["code"] == "not_signed"


# what an update deploys

ANOTHER = replace(REFUSALS["THROTTLED"], sentence="Another sentence")


def deployment_of(refused: dict[str, Refusal]) -> str:
    stack = Stack(App(), "stack")
    api = apigateway.RestApi(stack, "Api")
    api.root.add_method("GET")
    refuse_in_our_form(stack, api, refused)
    (deployment,) = Template.from_stack(stack).find_resources("AWS::ApiGateway::Deployment")
    return deployment


def test_another_refusal_is_another_deployment_of_the_stage() -> None:
    """A stage shows what was there when it was deployed: without a new deployment a change would never be seen."""
    assert deployment_of(REFUSALS) == deployment_of(dict(REFUSALS))
    assert deployment_of(REFUSALS) != deployment_of(REFUSALS | {"THROTTLED": ANOTHER})


def test_another_way_to_let_callers_in_is_another_deployment_of_the_stage(default: Deployed) -> None:
    (keyed,) = default.all("ApiGateway::Deployment")
    (signed,) = deployed("iam").all("ApiGateway::Deployment")

    assert keyed != signed


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_deployment_waits_for_everything_it_shows(variant: str) -> None:
    stack = deployed(variant)
    (deployment,) = stack.resources("ApiGateway::Deployment").values()

    shown = {*stack.all("ApiGateway::Method"), *stack.all("ApiGateway::GatewayResponse")}
    awaited = {text({"Ref": each}) for each in deployment["DependsOn"]}

    assert awaited >= shown
