"""The queue of asynchronous invocations of senders that failed for good. Lambda itself puts them there."""

from aws_cdk import Duration
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.nag import acknowledge
from kairan.contract import DEAD_LETTERS_RETENTION_DAYS

RETENTION = Duration.days(DEAD_LETTERS_RETENTION_DAYS)


class SendFailures(sqs.Queue):
    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(
            scope,
            construct_id,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=RETENTION,
        )
        acknowledge(self, {"AwsSolutions-SQS3": "It is a dead-letter queue itself; an operator empties it."})
