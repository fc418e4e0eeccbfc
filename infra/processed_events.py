"""The table of events whose effects are done."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.nag import acknowledge


class ProcessedEvents(dynamodb.Table):
    def __init__(self, scope: Construct, construct_id: str, *, removal_policy: RemovalPolicy) -> None:
        super().__init__(
            scope,
            construct_id,
            partition_key=dynamodb.Attribute(name="event_id", type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            time_to_live_attribute="expires_at",
            removal_policy=removal_policy,
        )
        acknowledge(
            self,
            {
                "AwsSolutions-DDB3": "Its records expire after three weeks, and an older state would be wrong: events "
                "that were handled since then would count as new."
            },
        )

    def grant_write(self, grantee: iam.IGrantable) -> None:
        """Allows counting attempts of an event, and marking it as processed."""
        self.grant(grantee, "dynamodb:UpdateItem")
