"""A local cloud for the tests, used as a person would use it: by its commands. A developer's own may run beside it."""

import base64
import fcntl
import hashlib
import hmac
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import gettempdir
from typing import IO, Any
from uuid import UUID

from requests import Response

from cli.target import Target, in_local_cloud
from local.functions import Answer, audience_status, invoke
from local.line_simulator_client import LineSimulatorClient
from local.waiting import until
from tools.loopback import LoopbackSession

ROOT = Path(__file__).parents[2]
MEDIA_BUCKETS = ("ImagesBucket", "AudioBucket", "VideoBucket")
FIRST_BASE, LAST_BASE, PORTS = 4910, 4990, 3
COMMAND_TIMEOUT_S = 240
CALLER_PATIENCE_S = 60
"""API Gateway gives up after 29 s. Here a busy machine may take as long to start a function."""
_claims: list[IO[str]] = []


def free_port_base() -> int:
    """From a range that other programs rarely use. Each call, in tests side by side too, returns another one."""
    for base in range(FIRST_BASE, LAST_BASE, PORTS):
        if claim(base) and all(is_free(port) for port in range(base, base + PORTS)):
            return base
    raise AssertionError(f"no three free ports left from {FIRST_BASE} to {LAST_BASE}")


def claim(base: int) -> bool:
    """Takes the port base for as long as these tests run."""
    file = (Path(gettempdir()) / f"kairan-tests-{base}.lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return False
    _claims.append(file)
    return True


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@dataclass(frozen=True)
class CommandResult:
    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Cloud:
    folder: Path

    def local(self, *arguments: str, text: str | None = None) -> CommandResult:
        """`python -m local …`."""
        return self._run([sys.executable, "-m", "local", *arguments], text)

    def kairan(self, *arguments: str) -> CommandResult:
        """`kairan …`."""
        return self._run([str(Path(sys.executable).with_name("kairan")), *arguments])

    def up(self, *arguments: str) -> CommandResult:
        result = self.local("up", "--detach", *arguments)
        assert result.code == 0, result.err
        return result

    def down(self) -> CommandResult:
        result = self.local("down")
        assert result.code == 0, result.err
        return result

    def _run(self, command: list[str], text: str | None = None) -> CommandResult:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, "KAIRAN_LOCAL_DIR": str(self.folder), "COLUMNS": "200"},
            input=text,
            capture_output=True,
            text=True,
            timeout=COMMAND_TIMEOUT_S,
            check=False,
        )
        return CommandResult(done.returncode, done.stdout, done.stderr)

    @property
    def record(self) -> Any:
        return json.loads((self.folder / "running.json").read_text())


class Running:
    """A local cloud that is up, and what tests do with it."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.target: Target = in_local_cloud(cloud.folder)
        self.line = LineSimulatorClient(self.target.line_api_url)
        self.web = LoopbackSession()

    @property
    def outputs(self) -> dict[str, str]:
        return dict(self.target.outputs)

    @cached_property
    def sqs(self) -> Any:
        return self.target.client("sqs")

    @cached_property
    def s3(self) -> Any:
        return self.target.client("s3")

    @cached_property
    def secret(self) -> dict[str, str]:
        answer = self.target.client("secretsmanager").get_secret_value(SecretId=self.target.output("SecretName"))
        return dict(json.loads(answer["SecretString"]))

    def friend(self, name: str = "Friend") -> str:
        """A person who added the account. The audience knows the person when this returns."""
        user_id = self.line.add_person(name)
        self.line.follow(user_id)
        self.wait_for_status(user_id, "following")
        return user_id

    def status(self, user_id: str) -> str | None:
        return audience_status(self.target, user_id)

    def wait_for_status(self, user_id: str, status: str) -> None:
        eventually(lambda: self.status(user_id) == status, f"{user_id} is {self.status(user_id)}, not {status}")

    def post_webhook(self, body: bytes, signature: str | None = None) -> Response:
        """Signed as LINE signs it, unless `signature` is set."""
        digest = hmac.digest(self.secret["CHANNEL_SECRET"].encode(), body, hashlib.sha256)
        signed = base64.b64encode(digest).decode() if signature is None else signature
        headers = {"content-type": "application/json", **({"x-line-signature": signed} if signed else {})}
        return self.web.post(self.outputs["WebhookUrl"], data=body, headers=headers)

    def invoke(self, name: str, event: Any) -> Answer:
        return invoke(self.target, name, event)

    def invoke_later(self, name: str, event: Any) -> None:
        """As AWS services invoke: without waiting for the answer."""
        output = name.title().replace("_", "") + "Function"
        self.target.client("lambda").invoke(
            FunctionName=self.outputs[output], InvocationType="Event", Payload=json.dumps(event).encode()
        )

    def api(self, method: str, path: str, *, key: UUID | None = None, **more: Any) -> Response:
        """A call of the push API by another service, on its own connection. `key` is the idempotency key."""
        headers = {"x-api-key": self.outputs["ApiKey"]} | ({} if key is None else {"Idempotency-Key": str(key)})
        with LoopbackSession(CALLER_PATIENCE_S) as session:
            return session.request(method, self.outputs["ApiUrl"] + path, headers=headers, **more)

    def push(
        self,
        to: str,
        route: str,
        body: object = None,
        *,
        file: tuple[str, str, bytes] | None = None,
        text: str | None = None,
        key: UUID | None = None,
    ) -> Response:
        """A body goes as JSON. A `file` (name, content type, content) goes as a form, with a `text` if there is one."""
        path = f"v1/push_message/{to}/{route}"
        if file is None:
            return self.api("POST", path, json=body, key=key)
        name, content_type, content = file
        files = {route: (name, content, content_type)}
        return self.api("POST", path, files=files, data={} if text is None else {"text": text}, key=key)

    def stored_files(self) -> set[str]:
        """The names of all files in the media buckets."""
        return {
            f"{name}/{file['Key']}"
            for name in MEDIA_BUCKETS
            for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.outputs[name])
            for file in page.get("Contents", ())
        }

    def depth(self, queue: str) -> int:
        """The number of messages in the queue with that output, waiting or in flight."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self.sqs.get_queue_attributes(QueueUrl=self.outputs[queue], AttributeNames=names)
        return sum(int(answer["Attributes"][name]) for name in names)


def eventually(condition: Callable[[], object], what: str, timeout_s: float = 30) -> None:
    until(condition, what=what, timeout_s=timeout_s)
