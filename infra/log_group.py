"""Log groups with an end. By default CloudWatch stores logs for ever."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_logs as logs
from constructs import Construct


class LogGroup(logs.LogGroup):
    """Stores logs for `retention_days`, one of `infra.settings.LogRetentionDays`.

    A deleted stack takes its logs along, because they are not the owner's data.
    """

    def __init__(self, scope: Construct, construct_id: str, *, retention_days: int) -> None:
        super().__init__(scope, construct_id, removal_policy=RemovalPolicy.DESTROY)
        group = self.node.default_child
        assert isinstance(group, logs.CfnLogGroup)  # noqa: S101 - tells the type
        group.retention_in_days = retention_days
