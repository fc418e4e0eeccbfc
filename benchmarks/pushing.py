"""What the push API's benchmark runs in a program of its own: the function `api`, and the LINE client that it calls LINE with."""

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from benchmarks.lambda_environment import LAMBDA
from benchmarks.processes import Work
from benchmarks.sending import SHARED, Invocation, Token

CHAT = "U8e742f61d673b39c7fff3cecb7536ef0"


@dataclass(frozen=True)
class Timed:
    """One call after another: `wall_s` and `cpu_s` of each."""

    wall_s: tuple[float, ...]
    cpu_s: tuple[float, ...]


@dataclass(frozen=True)
class Pushed:
    function: Timed
    line_alone: Timed


@dataclass(frozen=True)
class Pushes:
    """`turns` texts through the function, each followed by one that the LINE client pushes alone. The ledger is Kairan's own, behind
    which a store answers at once."""

    line_url: str
    store_url: str
    turns: int

    def __call__(self, _program: int) -> Work[Pushed]:
        os.environ.update(LAMBDA | {"AWS_ENDPOINT_URL_DYNAMODB": self.store_url})
        function, alone = _function(self.line_url), _line_alone(self.line_url)
        for _ in range(3):
            function()
            alone()

        def work() -> Pushed:
            both = [(_timed(function), _timed(alone)) for _ in range(self.turns)]
            ours, theirs = zip(*both, strict=True)
            return Pushed(Timed(*zip(*ours, strict=True)), Timed(*zip(*theirs, strict=True)))

        return work


def _timed(call: Callable[[], None]) -> tuple[float, float]:
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    call()
    return time.perf_counter() - wall_s, time.process_time() - cpu_s


def _function(line_url: str) -> Callable[[], None]:
    """As `lambdas/api/handler.py` wires it, but for the secret, and for what a text has no need of."""
    from api.app import Api
    from api.contents import Sources, Voice
    from api.documentation import Documentation
    from api.files import Bucket
    from api.health import Health
    from api.pushing import Pushing
    from kairan.audience.dynamodb import DynamoDbAudience
    from kairan.clock import SystemClock
    from kairan.delivery.deliverer import Deliverer, Pacers
    from kairan.delivery.dynamodb import DynamoDbLedger
    from kairan.delivery.pacing import Pacer
    from kairan.line.http import HttpLineClient
    from kairan.media.s3 import S3Media
    from kairan.media.s3_uploads import S3Uploads
    from kairan.observability import observed
    from kairan.speech.wiring import Mute

    clock = SystemClock()
    pacer = Pacer(500, clock=clock)
    bucket = Bucket(S3Media("none", base_url="https://media.invalid"), S3Uploads("none", kind="image"))
    handler = observed(
        Api(
            pushing=Pushing(
                deliverer=Deliverer(
                    line=HttpLineClient(Token(), api_url=line_url),
                    ledger=DynamoDbLedger("deliveries"),
                    pacers=Pacers(multicast=pacer, push=pacer),
                    connections=1,
                    clock=clock,
                    waits_for_rates=False,
                ),
                clock=clock,
            ),
            sources=Sources(Voice(Mute(), 0, 0), images=bucket, audio=bucket, video=bucket),
            audience=DynamoDbAudience("audience", channel="line", unfollowed_retention=timedelta(days=30)),
            health=Health({}, clock=clock),
            documentation=Documentation(),
            clock=clock,
        )
    )

    def push() -> None:
        answer = handler(_event(), Invocation(str(uuid4()), function_name="api"))
        if answer["statusCode"] != 200:
            raise AssertionError(f"the push was answered with {answer['statusCode']}: {answer['body']}")

    return push


def _line_alone(line_url: str) -> Callable[[], None]:
    from kairan.line.http import HttpLineClient
    from kairan.line.ids import RetryKey
    from kairan.line.messages import text_message

    line = HttpLineClient(Token(), api_url=line_url)
    return lambda: _ignore(line.push(CHAT, [text_message(SHARED)], retry_key=RetryKey(str(uuid4()))))


def _ignore(_: object) -> None:
    """A call is timed, whatever it answers."""


def _event() -> dict[str, Any]:
    """What API Gateway makes of a call: a caller's key, so that the ledger is asked whether it knows it."""
    headers = {
        "content-type": "application/json",
        "x-api-key": "the-key",
        "idempotency-key": str(uuid4()),
        "host": "abcdefghij.execute-api.ap-northeast-1.amazonaws.com",
        "user-agent": "a service",
    }
    path = f"/v1/push_message/{CHAT}/text"
    return {
        "resource": "/v1/{proxy+}",
        "path": path,
        "httpMethod": "POST",
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": {"proxy": path.removeprefix("/v1/")},
        "stageVariables": None,
        "requestContext": {"path": f"/prod{path}", "stage": "prod", "identity": {"apiKeyId": "abcdefghij"}},
        "body": json.dumps({"text": SHARED}, ensure_ascii=False),
        "isBase64Encoded": False,
    }
