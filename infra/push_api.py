"""What other services call: the routes below /v1 and the API's pages, on the API that the webhook has, and one function for all.

API Gateway answers some calls itself. Its answers have the form of the function's: `{"error": "<sentence>", "code": "…"}`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import aws_apigateway as apigateway
from constructs import Construct

from infra.media import MediaStore
from infra.nag import acknowledge
from infra.python_function import FunctionDefaults, PythonFunction
from infra.settings import ApiAuth
from infra.speech import SpeechSource

TIMEOUT_S = 28
"""API Gateway gives up after 29 s."""
MEMORY_MB = 1769
"""One whole processor ("Configure Lambda function memory"): somebody waits for the answer, and speech is encoded here."""
MAX_BODY_BYTES = 4_500_000
"""As base64 it is what fits into the 6 MB that Lambda takes. The function refuses more itself, by the same sentence."""


@dataclass(frozen=True)
class Rate:
    per_second: int
    burst: int


STATUS = Rate(50, 100)
PAGES = Rate(5, 20)
"""A page is over a megabyte, which the owner pays for."""
PUBLIC = {"health": STATUS, "version": STATUS, "openapi.json": PAGES, "docs": PAGES, "redoc": PAGES}
"""Routes that want no key, because nothing of a person is behind them, and how often all strangers together may call each."""


@dataclass(frozen=True)
class Limits:
    """What each key may ask for. `per_day` 0: as much as it likes."""

    per_second: int
    burst: int
    per_day: int


@dataclass(frozen=True)
class Refusal:
    """An answer of API Gateway's own. Without a `status` it is what API Gateway has for the case."""

    code: str
    sentence: str
    status: int | None = None
    retry_after_s: int | None = None


NO_SUCH_ROUTE = Refusal("not_found", "There is no such route: /openapi.json lists them all", 404)
NOT_SIGNED = Refusal(
    "not_signed",
    "The request is not signed, or there is no such route: sign it with AWS Signature Version 4 for the service "
    "execute-api; /openapi.json lists the routes",
    403,
)
REFUSALS = {
    "INVALID_API_KEY": Refusal(
        "invalid_api_key",
        "The header x-api-key is missing, or is no key of this API: send the value of the key whose id is the stack's "
        "output ApiKeyId",
        403,
    ),
    "ACCESS_DENIED": Refusal(
        "access_denied", "These credentials may not call this route: allow them execute-api:Invoke on it", 403
    ),
    "EXPIRED_TOKEN": Refusal(
        "expired_token", "The credentials that the request is signed with have expired: sign it with new ones", 403
    ),
    "INVALID_SIGNATURE": Refusal(
        "wrong_signature",
        "The request's signature is not that of its content: sign the method, the path, the headers and the body as they "
        "are sent, with the secret key that belongs to the access key",
        403,
    ),
    "REQUEST_TOO_LARGE": Refusal(
        "too_large",
        f"The body is over {MAX_BODY_BYTES:,} bytes: ask POST /v1/media/images, /v1/media/audio or /v1/media/video where to "
        "upload the file, then push its key",
        413,
    ),
    "THROTTLED": Refusal(
        "throttled",
        "Too many requests at once: repeat this one after a second, under the same X-Line-Retry-Key or Idempotency-Key",
        429,
        retry_after_s=1,
    ),
    "QUOTA_EXCEEDED": Refusal(
        "quota_exceeded",
        "This key has used up its requests of the day: repeat this one tomorrow, or raise the setting api_requests_per_day",
        429,
    ),
    "INTEGRATION_TIMEOUT": Refusal(
        "timed_out",
        "There was no answer within 29 seconds, and the message may have been sent: repeat the request under the same "
        "X-Line-Retry-Key or Idempotency-Key, then it is sent once",
        504,
    ),
    "INTEGRATION_FAILURE": Refusal(
        "unavailable",
        "The API's function could not be reached: repeat the request in some seconds, under the same X-Line-Retry-Key or "
        "Idempotency-Key",
    ),
    "DEFAULT_4XX": Refusal(
        "refused",
        "API Gateway refused the request as it stands: compare it with /openapi.json, which describes all routes",
    ),
    "DEFAULT_5XX": Refusal(
        "unexpected",
        "The request failed unexpectedly, and the message may have been sent: repeat it under the same X-Line-Retry-Key or "
        "Idempotency-Key, then it is sent once; the reason is in the log of the function",
    ),
}
"""By API Gateway's names ("Gateway response types for API Gateway")."""


class PushApi(Construct):
    """`audience` is the environment that tells where the audience is kept. With `auth` `iam` there is no key, and no plan."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        defaults: FunctionDefaults,
        api: apigateway.RestApi,
        auth: ApiAuth,
        limits: Limits,
        secret_arn: str,
        deliveries_table: str,
        channel: str,
        audience: Mapping[str, str],
        unfollowed_retention_days: int,
        images: MediaStore,
        audio: MediaStore,
        video: MediaStore,
        speech: SpeechSource,
        line_api_url: str,
        push_per_second: int,
    ) -> None:
        super().__init__(scope, construct_id)
        self.function = PythonFunction(
            self,
            "Function",
            name="api",
            description="Answers other services, which push to one person at a time",
            defaults=defaults,
            timeout_s=TIMEOUT_S,
            memory_mb=MEMORY_MB,
            environment={
                "SECRET_ARN": secret_arn,
                "DELIVERIES_TABLE": deliveries_table,
                "LINE_API_URL": line_api_url,
                "PUSH_PER_SECOND": str(push_per_second),
                "IMAGES_BUCKET": images.bucket.bucket_name,
                "IMAGES_URL": images.url,
                "AUDIO_BUCKET": audio.bucket.bucket_name,
                "AUDIO_URL": audio.url,
                "VIDEO_BUCKET": video.bucket.bucket_name,
                "VIDEO_URL": video.url,
                "CHANNEL": channel,
                "UNFOLLOWED_RETENTION_DAYS": str(unfollowed_retention_days),
                **audience,
                **speech.environment,
            },
            with_dependencies=True,
        )
        integration = apigateway.LambdaIntegration(self.function, allow_test_invoke=False)
        _add_routes(api, integration, auth)
        refuse_in_our_form(self, api, REFUSALS | {"MISSING_AUTHENTICATION_TOKEN": _without_credentials(auth)})
        self.key = _key(self, api, limits) if auth == "key" else None


def _add_routes(api: apigateway.RestApi, integration: apigateway.LambdaIntegration, auth: ApiAuth) -> None:
    pushes = (
        api.root.add_resource("v1")
        .add_resource("{proxy+}")
        .add_method(
            "ANY",
            integration,
            api_key_required=auth == "key",
            authorization_type=apigateway.AuthorizationType.IAM if auth == "iam" else apigateway.AuthorizationType.NONE,
        )
    )
    acknowledge(
        pushes,
        dict.fromkeys(
            ("AwsSolutions-APIG4", "AwsSolutions-COG4"),
            "Its callers are services of the owner's, not people who log in: they have a key with limits, or, with the setting "
            "api_auth iam, sign each request.",
        ),
    )
    for name in PUBLIC:
        page = api.root.add_resource(name).add_method("GET", integration)
        acknowledge(
            page,
            dict.fromkeys(
                ("AwsSolutions-APIG4", "AwsSolutions-COG4"),
                "It tells whether the API works and what its routes are, nothing of a person, and changes nothing.",
            ),
        )


def _without_credentials(auth: ApiAuth) -> Refusal:
    """API Gateway has one name for a request that is not signed and for a route that does not exist."""
    return NOT_SIGNED if auth == "iam" else NO_SUCH_ROUTE


def refuse_in_our_form(scope: Construct, api: apigateway.RestApi, refusals: Mapping[str, Refusal]) -> None:
    for name, refusal in refusals.items():
        apigateway.GatewayResponse(
            scope,
            "".join(word.capitalize() for word in name.split("_")),
            rest_api=api,
            type=apigateway.ResponseType.of(name),
            status_code=str(refusal.status) if refusal.status else None,
            response_headers={"Retry-After": f"'{refusal.retry_after_s}'"} if refusal.retry_after_s else None,
            templates={"application/json": json.dumps({"error": refusal.sentence, "code": refusal.code})},
        )


def _key(scope: Construct, api: apigateway.RestApi, limits: Limits) -> apigateway.IApiKey:
    key = apigateway.ApiKey(scope, "Key", description="For services that push; its value is the header x-api-key")
    plan = apigateway.UsagePlan(
        scope,
        "UsagePlan",
        description="What one key may ask of the push API",
        throttle=apigateway.ThrottleSettings(rate_limit=limits.per_second, burst_limit=limits.burst),
        quota=apigateway.QuotaSettings(limit=limits.per_day, period=apigateway.Period.DAY) if limits.per_day else None,
        api_stages=[apigateway.UsagePlanPerApiStage(api=api, stage=api.deployment_stage)],
    )
    plan.add_api_key(key)
    return key
