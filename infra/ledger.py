"""The table of the ledger: the plan of each batch, and its outcomes."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.nag import acknowledge
from kairan.contract import LedgerAccess


class Ledger(dynamodb.Table):
    def __init__(self, scope: Construct, construct_id: str, *, removal_policy: RemovalPolicy) -> None:
        super().__init__(
            scope,
            construct_id,
            partition_key=dynamodb.Attribute(name="delivery_id", type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            time_to_live_attribute="expires_at",
            removal_policy=removal_policy,
        )
        acknowledge(
            self,
            {
                "AwsSolutions-DDB3": "Its records expire after a month, and an older state would be wrong: people who "
                "got a message since then would count as open."
            },
        )

    @property
    def access(self) -> LedgerAccess:
        return LedgerAccess(deliveries_table=self.table_name)

    def grant_read_write(self, grantee: iam.IGrantable) -> None:
        """Allows reading and writing one record at a time."""
        self.grant(grantee, "dynamodb:GetItem", "dynamodb:PutItem")
