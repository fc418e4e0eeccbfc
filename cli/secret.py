"""The command line's side of the stack's secret. The functions read it by `kairan.messengers.line.secret`."""

import json
from typing import TYPE_CHECKING, Any

from cli.errors import CommandError, aws_errors
from kairan.errors import CredentialsMissingError
from kairan.messengers.line.secret import LineCredentials, secret_text

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


class ChannelSecret:
    """One JSON object in AWS Secrets Manager. `name` is its name or ARN."""

    def __init__(self, client: "SecretsManagerClient", name: str) -> None:
        self._client = client
        self.name = name

    def read(self) -> dict[str, Any]:
        """Raises CommandError when the secret is not a JSON object, because it may be another program's."""
        with aws_errors():
            try:
                answer = self._client.get_secret_value(SecretId=self.name)
            except self._client.exceptions.ResourceNotFoundException:
                return {}
        try:
            values = json.loads(secret_text(answer))
        except CredentialsMissingError as error:
            raise CommandError(f"{self.name}: {error}.", fix="Look at it in the AWS console.") from error
        except ValueError:
            values = None
        if not isinstance(values, dict):
            raise CommandError(
                f"The secret {self.name} is not a JSON object.",
                fix="Look at it in the AWS console. If nothing else needs it, store {} in it.",
            )
        return values

    def credentials(self) -> LineCredentials:
        """The credentials as the functions read them."""
        return LineCredentials.parse(json.dumps(self.read()))

    def write(self, values: dict[str, Any]) -> None:
        with aws_errors():
            self._client.put_secret_value(SecretId=self.name, SecretString=json.dumps(values))
