"""A bucket that the public cannot reach."""

from collections.abc import Sequence

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.nag import acknowledge, wildcard
from infra.python_function import PythonFunction


class PrivateBucket(s3.Bucket):
    """Objects stay unless a rule of `lifecycle_rules` removes them."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        lifecycle_rules: Sequence[s3.LifecycleRule],
        removal_policy: RemovalPolicy,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            lifecycle_rules=[
                s3.LifecycleRule(abort_incomplete_multipart_upload_after=Duration.days(1)),
                *lifecycle_rules,
            ],
            removal_policy=removal_policy,
        )

    def allow(self, function: PythonFunction, action: str, *keys: str) -> None:
        """Allows one action on these keys, or without keys on the bucket itself."""
        iam.Grant.add_to_principal(
            grantee=function,
            actions=[action],
            resource_arns=[self.arn_for_objects(key) for key in keys] or [self.bucket_arn],
        )

    def grant_empty(self, function: PythonFunction) -> None:
        self.allow(function, "s3:ListBucket")
        self.allow(function, "s3:DeleteObject", "*")
        acknowledge(function.own_role, {wildcard(self, "*"): "AWS deletes a bucket only when it is empty."})
