"""The store of campaigns: a private bucket with batches that senders read by reference, and those that they parked.

It also has bodies of webhook calls that are passed on and do not fit into a queue.
"""

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.nag import acknowledge, wildcard
from infra.private_bucket import PrivateBucket
from infra.python_function import PythonFunction
from kairan.contract import (
    BATCHES,
    BATCHES_RETENTION_DAYS,
    FORWARDED,
    FORWARDED_RETENTION_DAYS,
    PARKED,
    PARKED_RETENTION_DAYS,
)


class Campaigns(Construct):
    def __init__(self, scope: Construct, construct_id: str, *, removal_policy: RemovalPolicy) -> None:
        super().__init__(scope, construct_id)
        self.bucket = PrivateBucket(
            self,
            "Bucket",
            lifecycle_rules=[
                s3.LifecycleRule(prefix=prefix, expiration=Duration.days(days))
                for prefix, days in (
                    (BATCHES, BATCHES_RETENTION_DAYS),
                    (PARKED, PARKED_RETENTION_DAYS),
                    (FORWARDED, FORWARDED_RETENTION_DAYS),
                )
            ],
            removal_policy=removal_policy,
        )
        acknowledge(
            self.bucket,
            {
                "AwsSolutions-S1": "Only functions of this stack read it, and the ledger has each batch's outcome. A "
                "log of requests would add the names of batches, and outlive them."
            },
        )

    def grant_park(self, function: PythonFunction) -> None:
        """Allows storing a batch that waits for a redrive."""
        self._grant(function, "s3:PutObject", PARKED, "Every parked batch has its own key")

    def grant_read(self, function: PythonFunction) -> None:
        """Allows reading a batch by its key."""
        self._grant(function, "s3:GetObject", BATCHES, "Every batch has its own key")

    def grant_store_calls(self, function: PythonFunction) -> None:
        """Allows storing the body of a webhook call that is passed on."""
        self._grant(function, "s3:PutObject", FORWARDED, "Every call has its own key")

    def grant_read_calls(self, function: PythonFunction) -> None:
        """Allows reading the body of a webhook call that is passed on."""
        self._grant(function, "s3:GetObject", FORWARDED, "Every call has its own key")

    def _grant(self, function: PythonFunction, action: str, folder: str, why: str) -> None:
        self.bucket.allow(function, action, f"{folder}*")
        reason = f"{why}; the permission covers one folder of one bucket."
        acknowledge(function.own_role, {wildcard(self.bucket, f"{folder}*"): reason})
