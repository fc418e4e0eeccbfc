"""The key for services that push, with its limits."""

from dataclasses import dataclass

from aws_cdk import aws_apigateway as apigateway
from constructs import Construct

from infra.front_door import FrontDoor


@dataclass(frozen=True)
class Limits:
    """The requests that each key may make. `per_day` 0 means no limit."""

    per_second: int
    burst: int
    per_day: int


class ApiKey(apigateway.ApiKey):
    """The key. Its plan is a sibling construct named `UsagePlan`."""

    def __init__(self, scope: Construct, construct_id: str, *, front_door: FrontDoor, limits: Limits) -> None:
        super().__init__(scope, construct_id, description="For services that push; its value is the header x-api-key")
        plan = apigateway.UsagePlan(
            scope,
            "UsagePlan",
            description="What one key may ask of the push API",
            throttle=apigateway.ThrottleSettings(rate_limit=limits.per_second, burst_limit=limits.burst),
            quota=apigateway.QuotaSettings(limit=limits.per_day, period=apigateway.Period.DAY)
            if limits.per_day
            else None,
            api_stages=[apigateway.UsagePlanPerApiStage(api=front_door, stage=front_door.deployment_stage)],
        )
        plan.add_api_key(self)
