"""The store of the audience."""

from functools import partial
from typing import Literal

from aws_cdk import ArnFormat, RemovalPolicy, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_pinpoint as pinpoint
from constructs import Construct

from infra.nag import acknowledge
from infra.python_function import PythonFunction
from kairan.contract import AudienceAccess


class Audience(Construct):
    """The audience, in the `store` that the settings choose.

    `account` names this deployment's part of it. The table always exists: an empty one costs nothing, and a change of
    the setting there and back must lose no one.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        account: str,
        store: Literal["dynamodb", "pinpoint"],
        unfollowed_retention_days: int,
        removal_policy: RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        self._account = account
        self._unfollowed_retention_days = unfollowed_retention_days
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
                    "CloudFormation-Validate::W3696": "It is for owners with a contract, or a replacement, that still "
                    "answers for Pinpoint."
                },
            )

    @property
    def access(self) -> AudienceAccess:
        access = partial(
            AudienceAccess, account=self._account, unfollowed_retention_days=self._unfollowed_retention_days
        )
        if self.pinpoint_application is None:
            return access(audience_store="dynamodb", audience_table=self.table.table_name)
        return access(audience_store="pinpoint", pinpoint_application_id=self.pinpoint_application.ref)

    def grant_read(self, function: PythonFunction) -> None:
        """Allows reading one follower at a time."""
        if self.pinpoint_application is None:
            self.table.grant(function, "dynamodb:GetItem")
        else:
            self._grant_endpoints(function, self.pinpoint_application, "mobiletargeting:GetEndpoint")

    def grant_read_write(self, function: PythonFunction) -> None:
        """Allows registering and changing one follower at a time.

        The table deletes followers by itself (TTL); only the item of an external id is deleted by hand. In Pinpoint the
        inbox deletes followers, and reads none.
        """
        if self.pinpoint_application is None:
            self.table.grant(
                function, "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"
            )
        else:
            self._grant_endpoints(
                function,
                self.pinpoint_application,
                "mobiletargeting:UpdateEndpoint",
                "mobiletargeting:DeleteEndpoint",
            )

    def _grant_endpoints(self, function: PythonFunction, application: pinpoint.CfnApp, *actions: str) -> None:
        endpoints = Stack.of(self).format_arn(
            service="mobiletargeting",
            resource="apps",
            resource_name=f"{application.ref}/endpoints/*",
            arn_format=ArnFormat.SLASH_RESOURCE_NAME,
        )
        iam.Grant.add_to_principal(grantee=function, actions=list(actions), resource_arns=[endpoints])
        service = "arn:<AWS::Partition>:mobiletargeting:<AWS::Region>:<AWS::AccountId>"
        name = Stack.of(self).get_logical_id(application)
        acknowledge(
            function.own_role,
            {
                f"AwsSolutions-IAM5[Resource::{service}:apps/<{name}>/endpoints/*]": (
                    "Each friend of the account is an endpoint, and their ids are not known at deployment."
                )
            },
        )
