"""Calls the functions of a running local cloud, reads their logs, and looks people up in the audience."""

import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.config import Config

from cli.errors import CommandError
from cli.target import Target
from infra.settings import Settings
from kairan.audience.model import shard_of
from kairan.contract import Output
from kairan.messengers.line import NAME
from kairan.people import ChatId, PersonId

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient

OUTPUT_SUFFIX = "Function"
ONCE = Config(read_timeout=120, retries={"total_max_attempts": 1})
"""One attempt with a long time-out: a slow function must not be called a second time."""
LOOK_EVERY_S = 1.0
LATE_BY_MS = 5000
"""A line may be stored this much later than a newer one."""


@dataclass(frozen=True)
class Answer:
    """`payload` is what the function returned, or Lambda's description of its error when `failed`."""

    failed: bool
    payload: Any


def names(target: Target) -> list[str]:
    """`webhook`, `inbox`, `send_text` …, by the outputs that name them."""
    return [_snake(name.removesuffix(OUTPUT_SUFFIX)) for name in target.outputs if name.endswith(OUTPUT_SUFFIX)]


def physical_name(target: Target, name: str) -> str:
    if name not in names(target):
        raise CommandError(f"There is no function {name}.", fix=f"There are: {', '.join(names(target))}.")
    return target.outputs[name.title().replace("_", "") + OUTPUT_SUFFIX]


def invoke(target: Target, name: str, event: Any) -> Answer:
    client: LambdaClient = target.session.client("lambda", endpoint_url=target.endpoint_url, config=ONCE)
    answer = client.invoke(FunctionName=physical_name(target, name), Payload=json.dumps(event).encode())
    return Answer(failed="FunctionError" in answer, payload=json.loads(answer["Payload"].read() or b"null"))


@dataclass(frozen=True)
class LogLine:
    timestamp_ms: int
    function: str
    text: str


def read_logs(target: Target, functions: Sequence[str], *, follow: bool) -> Iterator[LogLine]:
    """The functions' log lines, the oldest first. With `follow` it goes on with new lines, without an end."""
    seen: Counter[LogLine] = Counter()
    since_ms = 0
    while True:
        lines = [line for name in functions for line in log_lines(target, name, since_ms=since_ms)]
        lines.sort(key=lambda line: line.timestamp_ms)
        yield from _without(seen, lines)
        if not follow:
            return
        if lines:
            seen, since_ms = Counter(lines), lines[-1].timestamp_ms - LATE_BY_MS
        time.sleep(LOOK_EVERY_S)


def _without(seen: Counter[LogLine], lines: Sequence[LogLine]) -> Iterator[LogLine]:
    left = seen.copy()
    for line in lines:
        if left[line]:
            left[line] -= 1
        else:
            yield line


def log_lines(target: Target, name: str, *, since_ms: int = 0) -> Iterator[LogLine]:
    """One function's log lines from `since_ms` on (milliseconds since 1970)."""
    functions: LambdaClient = target.client("lambda")
    logs: CloudWatchLogsClient = target.client("logs")
    configuration = functions.get_function_configuration(FunctionName=physical_name(target, name))
    group = configuration["LoggingConfig"]["LogGroup"]
    for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=since_ms):
        for event in page["events"]:
            yield LogLine(event["timestamp"], name, event["message"].rstrip("\n"))


def audience_status(target: Target, user_id: str) -> str | None:
    """`following`, `unfollowed`, `contact`; None for a stranger."""
    partition = f"{Settings.read({}).account}#{shard_of(PersonId(ChatId(NAME, user_id))):02x}"
    answer = target.client("dynamodb").get_item(
        TableName=target.output(Output.AUDIENCE_TABLE),
        Key={"pk": {"S": partition}, "sk": {"S": user_id}},
        ConsistentRead=True,
    )
    return str(answer["Item"]["status"]["S"]) if "Item" in answer else None


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).strip("_")
