"""The REST API with its routes, its stage and its access log: the only part of the stack that is open to the world."""

import json
from dataclasses import dataclass

from aws_cdk import Size, Stack
from aws_cdk import aws_apigateway as apigateway
from constructs import Construct

from infra.log_group import LogGroup
from infra.nag import acknowledge
from infra.python_function import PythonFunction
from infra.settings import ApiAuth

REQUESTS_PER_SECOND = 1000
REQUESTS_BURST = 2000
"""For the routes that need a key. A stranger cannot use up the account's concurrency at this rate."""
COMPRESSED_FROM = Size.kibibytes(4)
"""Larger answers are compressed for callers that accept it. The pages shrink to a third."""
FORMS = "multipart/form-data"
"""Bodies of this type hold files, and reach the functions as base64. Other bodies reach them as text."""


POLICY_FOR_LOGS = "arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"


@dataclass(frozen=True)
class Rate:
    per_second: int
    burst: int


STATUS = Rate(10, 50)
PAGES = Rate(1, 10)
"""A page has over a megabyte, and the owner pays for its transfer. A browser keeps it for an hour."""
PAGE_ROUTES = ("openapi.json", "docs", "redoc")
OTHER_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
REFUSALS_RATE = Rate(1, 5)
"""For calls of a route by a method that it does not have. API Gateway answers them itself."""
BODY_TYPES = (
    "application/json",
    "application/octet-stream",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "text/plain",
)
"""What such a call may carry. API Gateway answers 415 to others."""
PUBLIC = {"health": STATUS, "version": STATUS, **dict.fromkeys(PAGE_ROUTES, PAGES)}
"""Routes without a key, because they show no personal data. The rate of each is for all callers together."""


class FrontDoor(apigateway.RestApi):
    """`webhook_rate` is for all calls of the webhook together. `api_pages` says whether the pages are open."""

    def __init__(
        self, scope: Construct, construct_id: str, *, log_retention_days: int, webhook_rate: Rate, api_pages: bool
    ) -> None:
        self._public = {name: rate for name, rate in PUBLIC.items() if api_pages or name not in PAGE_ROUTES}
        access_log = LogGroup(scope, "AccessLog", retention_days=log_retention_days)
        context = apigateway.AccessLogField
        super().__init__(
            scope,
            construct_id,
            rest_api_name=Stack.of(scope).stack_name,  # its metrics have this name
            endpoint_types=[apigateway.EndpointType.REGIONAL],
            binary_media_types=[FORMS],
            min_compression_size=COMPRESSED_FROM,
            cloud_watch_role=True,  # REST APIs need it to write logs; one role serves the account's whole region
            deploy_options=apigateway.StageOptions(
                stage_name="prod",
                throttling_rate_limit=REQUESTS_PER_SECOND,
                throttling_burst_limit=REQUESTS_BURST,
                # LINE's calls have their own metrics, because failing pushes are a different problem. Options of one
                # method replace those of the stage
                method_options={
                    "/webhook/POST": apigateway.MethodDeploymentOptions(
                        throttling_rate_limit=webhook_rate.per_second,
                        throttling_burst_limit=webhook_rate.burst,
                        metrics_enabled=True,
                    ),
                    **{
                        f"/{name}/{method}": apigateway.MethodDeploymentOptions(
                            throttling_rate_limit=REFUSALS_RATE.per_second, throttling_burst_limit=REFUSALS_RATE.burst
                        )
                        for name, has in {"webhook": "POST", **dict.fromkeys(self._public, "GET")}.items()
                        for method in OTHER_METHODS
                        if method != has
                    },
                    **{
                        f"/{name}/GET": apigateway.MethodDeploymentOptions(
                            throttling_rate_limit=rate.per_second, throttling_burst_limit=rate.burst
                        )
                        for name, rate in self._public.items()
                    },
                },
                access_log_destination=apigateway.LogGroupLogDestination(access_log),
                access_log_format=apigateway.AccessLogFormat.custom(
                    Stack.of(scope).to_json_string(
                        {
                            "requestId": context.context_request_id(),
                            "integrationRequestId": context.context_aws_endpoint_request_id(),
                            "requestTime": context.context_request_time(),
                            "method": context.context_http_method(),
                            "resource": context.context_resource_path(),  # not the path, which may hold a user id
                            "status": context.context_status(),
                            "responseLatency": context.context_response_latency(),
                            "responseLength": context.context_response_length(),
                            "error": context.context_error_response_type(),
                        }
                    )
                ),
            ),
        )
        self.node.try_remove_child("Endpoint")  # CDK's output; the stack has its own, ApiUrl
        acknowledge(
            self,
            {
                "AwsSolutions-APIG2": "The functions check each body: LINE signs its bytes, and the answer to a wrong "
                "push lists everything that is wrong, which API Gateway's own check cannot do.",
                "AwsSolutions-APIG3": "The addresses of LINE and of services that push are unknown; a signature, a key "
                "and rate limits protect every route that does something.",
                "AwsSolutions-APIG6": "Execution logs would hold headers and bodies: signatures, user ids and people's "
                "texts. The access log holds ids and statuses.",
                f"AwsSolutions-IAM4[Policy::{POLICY_FOR_LOGS}]": "API Gateway asks for this policy to write logs.",
            },
        )

    def add_webhook(self, function: PythonFunction) -> apigateway.Method:
        """Adds the route that LINE calls."""
        webhook = self.root.add_resource("webhook")
        method = webhook.add_method("POST", apigateway.LambdaIntegration(function, allow_test_invoke=False))
        _refuse_other_methods(webhook, "POST")
        acknowledge(
            method,
            dict.fromkeys(
                ("AwsSolutions-APIG4", "AwsSolutions-COG4"),
                "LINE signs its calls and carries no other credentials; the function checks the signature.",
            ),
        )
        return method

    def add_push_api(self, function: PythonFunction, *, auth: ApiAuth) -> None:
        """Adds the routes below /v1, which other services call, and those that are open to everyone."""
        integration = apigateway.LambdaIntegration(function, allow_test_invoke=False)
        pushes = (
            self.root.add_resource("v1")
            .add_resource("{proxy+}")
            .add_method(
                "ANY",
                integration,
                api_key_required=auth == "key",
                authorization_type=apigateway.AuthorizationType.IAM
                if auth == "iam"
                else apigateway.AuthorizationType.NONE,
            )
        )
        acknowledge(
            pushes,
            dict.fromkeys(
                ("AwsSolutions-APIG4", "AwsSolutions-COG4"),
                "Its callers are the owner's services, not people who log in. They have a key with limits, or sign "
                "each request (with the setting api_auth iam).",
            ),
        )
        for name in self._public:
            resource = self.root.add_resource(name)
            page = resource.add_method("GET", integration)
            _refuse_other_methods(resource, "GET")
            acknowledge(
                page,
                dict.fromkeys(
                    ("AwsSolutions-APIG4", "AwsSolutions-COG4"),
                    "It shows whether the API works and its routes. It shows no personal data and changes nothing.",
                ),
            )


def _refuse_other_methods(resource: apigateway.Resource, has: str) -> None:
    """Answers 405, with the method that the resource `has`."""
    headers = {"Allow": has, "Content-Type": "application/json"}
    for method in OTHER_METHODS:
        if method == has:
            continue
        body = json.dumps({"error": f"{method} is not allowed here; use {has}", "code": "method_not_allowed"})
        refusal = resource.add_method(
            method,
            apigateway.MockIntegration(
                request_templates=dict.fromkeys(BODY_TYPES, '{"statusCode": 405}'),
                passthrough_behavior=apigateway.PassthroughBehavior.NEVER,
                integration_responses=[
                    apigateway.IntegrationResponse(
                        status_code="405",
                        response_parameters={
                            f"method.response.header.{name}": f"'{value}'" for name, value in headers.items()
                        },
                        response_templates={"application/json": body},
                    )
                ],
            ),
            method_responses=[
                apigateway.MethodResponse(
                    status_code="405",
                    response_parameters={f"method.response.header.{name}": True for name in headers},
                )
            ],
        )
        acknowledge(
            refusal,
            dict.fromkeys(
                ("AwsSolutions-APIG4", "AwsSolutions-COG4"), "It says which method the route has, and does nothing."
            ),
        )
