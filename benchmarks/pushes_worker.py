"""The push API's benchmark runs this in its own program: the function `api`, and the LINE client that it uses."""

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Never
from uuid import uuid4

from benchmarks.lambda_environment import LAMBDA
from benchmarks.processes import Work
from benchmarks.senders_worker import SHARED, Invocation, Token

CHAT = "U8e742f61d673b39c7fff3cecb7536ef0"


@dataclass(frozen=True)
class Timed:
    """The times of calls, one after another."""

    wall_s: tuple[float, ...]
    cpu_s: tuple[float, ...]


@dataclass(frozen=True)
class Pushed:
    function: Timed
    line_alone: Timed


@dataclass(frozen=True)
class Pushes:
    """Pushes `turns` texts through the function, each followed by one through the LINE client alone.

    The ledger is Kairan's own, and the store behind it answers at once.
    """

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
    """The function as `lambdas/api/handler.py` wires it, without the secret and the parts that a text does not need."""
    from api.app import Api
    from api.documentation import Documentation
    from api.health import Health
    from api.sources import Sources
    from kairan.audience.dynamodb import DynamoDbAudience
    from kairan.clock import SystemClock
    from kairan.composing.speaking import Voice
    from kairan.media.s3 import S3Media
    from kairan.media.s3_uploads import S3Uploads
    from kairan.messengers.line import NAME
    from kairan.messengers.line.http import HttpLineClient
    from kairan.messengers.line.messenger import LineMessenger
    from kairan.observability import observed
    from kairan.push.push_files import MediaBucket
    from kairan.push.push_once import PushOnce
    from kairan.sending.batch_sender import BatchSender
    from kairan.sending.dispatch import Dispatcher
    from kairan.sending.dynamodb import DynamoDbLedger
    from kairan.sending.pacing import Pacer, Pacers
    from kairan.speech.wiring import SynthesizerAt

    clock = SystemClock()
    pacer = Pacer(500, clock=clock)
    messenger = LineMessenger(HttpLineClient(Token(), api_url=line_url))
    dispatcher = Dispatcher(
        messenger, pacers=Pacers(together=pacer, each=pacer), connections=1, clock=clock, waits_for_rates=False
    )
    bucket = MediaBucket(S3Media("none", base_url="https://media.invalid"), S3Uploads("none", kind="image"))
    handler = observed(
        Api(
            push_once=PushOnce(batch_sender=BatchSender(dispatcher, ledger=DynamoDbLedger("deliveries")), clock=clock),
            sources=Sources(
                messenger,
                voice=Voice(SynthesizerAt(str, _no_synthesizer), style_id=0, max_characters=0),
                images=bucket,
                audio=bucket,
                video=bucket,
            ),
            audience=DynamoDbAudience(
                "audience", messenger=NAME, account="line", unfollowed_retention=timedelta(days=30)
            ),
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


def _no_synthesizer(_url: str) -> Never:
    raise AssertionError("no push of this benchmark speaks")


def _line_alone(line_url: str) -> Callable[[], None]:
    from kairan.content import Text
    from kairan.messengers.line.client import RetryKey
    from kairan.messengers.line.http import HttpLineClient
    from kairan.messengers.line.render import render

    line = HttpLineClient(Token(), api_url=line_url)
    messages = render((Text(SHARED),))
    return lambda: _ignore(line.push(CHAT, messages, retry_key=RetryKey(str(uuid4()))))


def _ignore(_: object) -> None:
    """Drops the answer, because only the time counts."""


def _event() -> dict[str, Any]:
    """API Gateway's event of a call with a caller's key, so that the ledger must be asked for it."""
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
