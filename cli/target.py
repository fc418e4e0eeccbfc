"""The target of a command: a stack in AWS, or the local cloud."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from cli.errors import CommandError, LocalCloudAbsentError, aws_errors

if TYPE_CHECKING:
    from boto3 import Session

LINE_API_URL = "https://api.line.me"
LOCAL_FOLDER = Path(__file__).resolve().parent.parent / ".local"
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True)
class Target:
    """A stack's outputs, and clients for its AWS services."""

    session: "Session"
    outputs: Mapping[str, str]
    where: str
    line_api_url: str = LINE_API_URL
    endpoint_url: str | None = None

    def output(self, name: str) -> str:
        try:
            return self.outputs[name]
        except KeyError:
            raise CommandError(
                f"{self.where} has no output {name}.", fix="An older version may have deployed it: deploy it again."
            ) from None

    def client(self, service: str) -> Any:
        return _client(self.session, service, self.endpoint_url)


def _client(session: "Session", service: str, endpoint_url: str | None = None) -> Any:
    """A client with short time-outs, because a person waits at a terminal."""
    from botocore.config import Config

    config = Config(connect_timeout=5, read_timeout=25, retries={"mode": "standard", "total_max_attempts": 3})
    with aws_errors():
        return session.client(service, endpoint_url=endpoint_url, config=config)  # type: ignore[call-overload]


def choose(*, local: bool, profile: str | None, region: str | None, stack: str) -> Target:
    """Raises CommandError when there is no such stack or local cloud."""
    if not local:
        return in_aws(profile=profile, region=region, stack=stack)
    if profile or region:
        raise CommandError("--local works without --profile and --region.", fix="Leave out one or the other.")
    return in_local_cloud(Path(os.environ.get("KAIRAN_LOCAL_DIR") or LOCAL_FOLDER))


def in_aws(*, profile: str | None, region: str | None, stack: str) -> Target:
    from boto3 import Session
    from botocore.exceptions import ClientError

    with aws_errors():
        session = Session(profile_name=profile, region_name=region)
        try:
            description = _client(session, "cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
        except ClientError as error:
            if error.response["Error"]["Code"] != "ValidationError":
                raise
            raise CommandError(
                f"There is no stack {stack} in {session.region_name}.",
                fix="Name another with --stack, --region or --profile, or deploy it: see README.md.",
            ) from error
    account = description["StackId"].split(":")[4]
    return Target(
        session=session,
        outputs={output["OutputKey"]: output["OutputValue"] for output in description.get("Outputs", [])},
        where=f"stack {stack} (account {account}, {session.region_name})",
    )


def in_local_cloud(folder: Path) -> Target:
    from boto3 import Session

    path = folder / "outputs.json"
    try:
        outputs = json.loads(path.read_text(encoding="utf-8"))
        endpoint_url, region, line_api_url = (outputs[name] for name in ("AwsEndpointUrl", "AwsRegion", "LineApiUrl"))
    except FileNotFoundError as error:
        raise LocalCloudAbsentError(
            f"No local cloud is up: there is no {path}.", fix="Start one with `make start` or `make up`."
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise LocalCloudAbsentError(
            f"{path} is not what the local cloud writes.", fix="Start it again: `make down`, then `make up`."
        ) from error
    if urlsplit(endpoint_url).hostname not in LOOPBACK:
        raise CommandError(f"{path} names {endpoint_url}, which is not this machine.", fix="Start it again: `make up`.")
    return Target(
        session=Session(aws_access_key_id="local", aws_secret_access_key="local", region_name=region),
        outputs=outputs,
        where=f"the local cloud at {endpoint_url}",
        line_api_url=line_api_url,
        endpoint_url=endpoint_url,
    )
