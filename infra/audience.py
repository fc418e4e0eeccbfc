"""Who there is to send to, and which events have been seen."""

from typing import Literal

from aws_cdk import ArnFormat, RemovalPolicy, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_pinpoint as pinpoint
from constructs import Construct

from infra.nag import acknowledge
from infra.python_function import PythonFunction


class Audience(Construct):
    """`store` says where followers are kept. The table is there in either case: an empty one costs nothing, and a change
    of the setting back and forth must not lose anybody."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        store: Literal["dynamodb", "pinpoint"],
        removal_policy: RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        self.table = dynamodb.Table(
            self,
            "Table",
            partition_key=dynamodb.Attribute(name="pk", type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name="sk", type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            time_to_live_attribute="expires_at",
            removal_policy=removal_policy,
        )
        self.events_seen = dynamodb.Table(
            self,
            "EventsSeen",
            partition_key=dynamodb.Attribute(name="event_id", type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            time_to_live_attribute="expires_at",
            removal_policy=removal_policy,
        )
        acknowledge(
            self.events_seen,
            {
                "AwsSolutions-DDB3": "Its records expire after three weeks, and an older state of it would be wrong: "
                "events that were handled since would count as new."
            },
        )
        self.pinpoint_application = (
            pinpoint.CfnApp(self, "PinpointApplication", name=Stack.of(self).stack_name)
            if store == "pinpoint"
            else None
        )
        if self.pinpoint_application is not None:
            self.pinpoint_application.apply_removal_policy(removal_policy)
            acknowledge(
                self.pinpoint_application,
                {
                    "CloudFormation-Validate::W3696": "For those whose contract, or whose stand-in, still answers for Pinpoint."
                },
            )

    @property
    def environment(self) -> dict[str, str]:
        """What tells a function where the audience is kept."""
        if self.pinpoint_application is None:
            return {"AUDIENCE_STORE": "dynamodb", "AUDIENCE_TABLE": self.table.table_name}
        return {"AUDIENCE_STORE": "pinpoint", "PINPOINT_APPLICATION_ID": self.pinpoint_application.ref}

    def grant_keep(self, function: PythonFunction) -> None:
        """Register and change followers, one at a time. (A table forgets them by itself.)"""
        if self.pinpoint_application is None:
            self.table.grant(function, "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem")
        else:
            self._grant_endpoints(
                function,
                self.pinpoint_application,
                "mobiletargeting:UpdateEndpoint",
                "mobiletargeting:DeleteEndpoint",
            )

    def grant_look_up(self, function: PythonFunction) -> None:
        """Read one follower at a time."""
        if self.pinpoint_application is None:
            self.table.grant(function, "dynamodb:GetItem")
        else:
            self._grant_endpoints(function, self.pinpoint_application, "mobiletargeting:GetEndpoint")

    def _grant_endpoints(self, function: PythonFunction, application: pinpoint.CfnApp, *actions: str) -> None:
        endpoints = Stack.of(self).format_arn(
            service="mobiletargeting",
            resource="apps",
            resource_name=f"{application.ref}/endpoints/*",
            arn_format=ArnFormat.SLASH_RESOURCE_NAME,
        )
        iam.Grant.add_to_principal(grantee=function, actions=list(actions), resource_arns=[endpoints])
        name = Stack.of(self).get_logical_id(application)
        acknowledge(
            function.own_role,
            {
                f"AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:mobiletargeting:<AWS::Region>:<AWS::AccountId>:apps/<{name}>/endpoints/*]": "An endpoint is a follower: there are as many as the account has friends."
            },
        )

    def grant_remember_events(self, grantee: iam.IGrantable) -> None:
        self.events_seen.grant(grantee, "dynamodb:UpdateItem")
