"""API Gateway's own answers, in the form of the function's: `{"error": "<sentence>", "code": "…"}`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import aws_apigateway as apigateway
from constructs import Construct

from infra.settings import ApiAuth
from kairan.contract import API_BODY_TOO_LARGE


@dataclass(frozen=True)
class Refusal:
    """An answer of API Gateway's own. Without a `status`, API Gateway's stays."""

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
        "The header x-api-key is missing or wrong: send the value of the key whose id is the stack's output ApiKeyId",
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
        "The request's signature is not that of its content: sign the method, the path, the headers and the body as "
        "they are sent, with the secret key that belongs to the access key",
        403,
    ),
    "REQUEST_TOO_LARGE": Refusal("too_large", API_BODY_TOO_LARGE, 413),
    "THROTTLED": Refusal(
        "throttled",
        "Too many requests at once: repeat this one after a second, under the same X-Line-Retry-Key or Idempotency-Key",
        429,
        retry_after_s=1,
    ),
    "QUOTA_EXCEEDED": Refusal(
        "quota_exceeded",
        "This key has used up its requests of the day: repeat this one tomorrow, or raise the setting "
        "api_requests_per_day",
        429,
    ),
    "INTEGRATION_TIMEOUT": Refusal(
        "timed_out",
        "There was no answer within 29 seconds, and the message may have been sent: repeat the request under the same "
        "X-Line-Retry-Key or Idempotency-Key; then it is sent once",
        504,
    ),
    "INTEGRATION_FAILURE": Refusal(
        "unavailable",
        "The API's function could not be reached: repeat the request in some seconds, under the same X-Line-Retry-Key "
        "or Idempotency-Key",
    ),
    "DEFAULT_4XX": Refusal(
        "refused",
        "API Gateway refused the request: compare it with /openapi.json, which describes all routes",
    ),
    "DEFAULT_5XX": Refusal(
        "unexpected",
        "The request failed unexpectedly, and the message may have been sent: repeat it under the same "
        "X-Line-Retry-Key or Idempotency-Key; then it is sent once. The reason is in the function's log",
    ),
}
"""The answers by API Gateway's names ("Gateway response types for API Gateway")."""


def refusals(auth: ApiAuth) -> Mapping[str, Refusal]:
    """API Gateway has one name both for a request that is not signed and for a route that does not exist."""
    return REFUSALS | {"MISSING_AUTHENTICATION_TOKEN": NOT_SIGNED if auth == "iam" else NO_SUCH_ROUTE}


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
