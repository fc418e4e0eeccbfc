"""The LINE channel's credentials in AWS Secrets Manager."""

from aws_cdk import RemovalPolicy, SecretValue, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.nag import acknowledge

PLACEHOLDERS = {
    "CHANNEL_ACCESS_TOKEN": "INSERT_CHANNEL_ACCESS_TOKEN_HERE",
    "CHANNEL_SECRET": "INSERT_CHANNEL_SECRET_HERE",
}
"""Never change these: CloudFormation would write a changed value over a live token."""


class Credentials(Construct):
    """Makes a secret named `secret_name`, or uses the one of `existing_secret_arn`.

    `key_arn` names the customer's KMS key that encrypts it, or is empty.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        secret_name: str,
        existing_secret_arn: str,
        key_arn: str,
        retain: bool,
    ) -> None:
        super().__init__(scope, construct_id)
        self.secret: secretsmanager.ISecret
        self._key_arn = key_arn
        key = kms.Key.from_key_arn(self, "Key", key_arn) if key_arn else None
        if existing_secret_arn:
            self.secret = secretsmanager.Secret.from_secret_attributes(
                self, "ExistingSecret", secret_complete_arn=existing_secret_arn, encryption_key=key
            )
            self.secret_name = self.secret.secret_name
            return
        self.secret = secretsmanager.Secret(
            self,
            "Secret",
            secret_name=secret_name,
            encryption_key=key,
            description="The LINE channel's access token and secret",
            secret_object_value={
                name: SecretValue.unsafe_plain_text(placeholder) for name, placeholder in PLACEHOLDERS.items()
            },
            # its name is fixed, so a secret that a failed first deploy left behind would stop the second deploy
            removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE if retain else RemovalPolicy.DESTROY,
        )
        # the setting's value: CDK would cut the name out of the ARN, which may have another form in an emulator
        self.secret_name = secret_name
        acknowledge(self.secret, {"AwsSolutions-SMG4": "LINE issues these values; AWS has no way to rotate them."})

    def grant_read(self, grantee: iam.IGrantable) -> None:
        """Allows reading the secret. With a key of the customer's it allows its use too, through Secrets Manager alone.

        The CDK's own grant for an imported key adds nothing to the grantee.
        """
        self.secret.grant_read(grantee)
        if self._key_arn:
            service = f"secretsmanager.{Stack.of(self).region}.amazonaws.com"
            iam.Grant.add_to_principal(
                grantee=grantee,
                actions=["kms:Decrypt"],
                resource_arns=[self._key_arn],
                conditions={"StringEquals": {"kms:ViaService": service}},
            )
