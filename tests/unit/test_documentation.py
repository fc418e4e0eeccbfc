"""What the pages say is true, and what a user meets is in the pages."""

import importlib
import inspect
import io
import json
import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, get_args
from urllib.parse import urlsplit

import botocore.session
import pytest
import typer
from rich.console import Console
from starlette.routing import Match, Route

import api.call
import api.errors
import api.push_routes
import cli.main
import local.__main__
from api import answers
from infra import alarms, front_door, push_api, refusals, sender_function
from infra.settings import ENGINE_VARIABLE, WRAPPER_VARIABLE, Settings, defaults
from kairan import errors
from kairan.audience.segments.dates import read_moment
from kairan.audience.segments.definition import MAX_CRITERIA, MAX_DEPTH, PersonState
from kairan.audience.segments.fields import DATE_OPERATORS, FIELDS, TEXT_OPERATORS, Operator, field_of
from kairan.audience.segments.pinpoint import COMPARISONS, from_pinpoint
from kairan.audience.segments.reading import KEYS, MAX_TEXT, MAX_VALUES
from kairan.audience.segments.reading import read as read_segment
from kairan.audience.segments.references import MAX_CRITERIA_IN_ALL, MAX_REFERENCES_DEEP
from kairan.audience.segments.writing import write
from kairan.callers import direct_invoke, own_batch
from kairan.callers.call import Call, CallerSettings, read_call
from kairan.callers.connect_action import ConnectCall
from kairan.composing.composer import Composer
from kairan.composing.read_data import Sources
from kairan.composing.speaking import Voice
from kairan.composing.templates import fill
from kairan.content import Audio, Content, Image, Video
from kairan.contract import API_MAX_BODY_BYTES, BATCHES_RETENTION_DAYS, OUTPUTS, Metric, Sender
from kairan.errors import Violation
from kairan.media import inspect as media_limits
from kairan.media import uploads
from kairan.media.keys import MediaKey
from kairan.messengers.line import limits
from kairan.messengers.line.errors import LineRejectedError, LineUnauthorizedError, LineUnavailableError
from kairan.messengers.line.messenger import LineMessenger
from kairan.push.push_once import WAIT_S
from kairan.reasons import Reason
from kairan.senders.sender_function import SENDING_RESERVE_S
from kairan.sending import outcome
from kairan.sending.batch import MAX_RECIPIENTS
from kairan.sending.identity import is_uuid
from kairan.sending.outcome import Outcome
from kairan.sending.planning import plan
from kairan.speech import encoding, model, sentences
from kairan.speech import http as engines
from local import demo_messages, demonstration
from simulators.line import control
from simulators.speech.styles import STYLES
from tests.fakes.clock import FakeClock
from tests.fakes.line import FakeLine
from tests.fakes.speech import FakeSynthesizer
from tests.rigs.events import REQUEST_ID
from tests.rigs.pages import PAGES, ROOT, Page, codes_in, page, shell_lines
from tests.rigs.senders import FakeBatchStore

README = page("README.md")
SENDERS = page("docs/senders.md")
OPERATIONS = page("docs/operations.md")
LOCAL_CLOUD = page("docs/local-cloud.md")
PUSH_API = page("docs/push-api.md")
SPEECH = page("docs/speech.md")
SEGMENTS = page("docs/segments.md")
OPENAPI = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))

LOCAL_OUTPUTS = {"AwsEndpointUrl", "AwsRegion", "LineApiUrl", "AivisSpeechUrl", "ApiKey"}
PROSE_COLUMNS = 120
OTHER_CODES = {"unexpected", "tries_used_up"}
"""Codes that belong to no class of `kairan.errors`."""


def column(rows: list[list[str]], number: int) -> list[str]:
    """The inline code in a column of a table."""
    return [code for row in rows for code in codes_in(row[number])]


# names


def test_every_setting_has_its_row() -> None:
    rows = [row for rows in page("docs/settings.md").tables().values() for row in rows]

    assert set(column(rows, 0)) == set(Settings.model_fields)


def test_every_output_has_its_row() -> None:
    assert sorted(column(OPERATIONS.tables()["Outputs"], 0)) == sorted(set(OUTPUTS))


def test_the_local_clouds_own_outputs_are_explained() -> None:
    assert set(LOCAL_CLOUD.codes()) >= LOCAL_OUTPUTS


def test_every_metric_has_its_row() -> None:
    assert sorted(column(OPERATIONS.tables()["Metrics"], 0)) == sorted(Metric)


@pytest.mark.parametrize("metric", Metric)
def test_every_metric_is_counted(metric: Metric) -> None:
    assert any(f"count(Metric.{metric.name}" in text for text in product_code())


def product_code() -> Iterator[str]:
    for folder in ("kairan", "lambdas"):
        for path in (ROOT / folder).rglob("*.py"):
            yield path.read_text(encoding="utf-8")


def test_log_messages_in_the_pages_are_logged() -> None:
    logged = {message for text in product_code() for message in re.findall(r'logger\.\w+\(\s*"([^"]+)"', text)}

    shown = set(column(OPERATIONS.tables()["Logs"], 1))

    assert shown
    assert shown <= logged


def test_every_alarm_has_its_row() -> None:
    expected = alarms.names(["webhook", "inbox", "api", "forward", *Sender])

    assert sorted(column(OPERATIONS.tables()["Alarms"], 0)) == sorted(expected)


def test_every_reason_has_its_row() -> None:
    assert sorted(column(SENDERS.tables()["Outcomes and reasons"], 1)) == sorted(Reason)


def test_every_outcome_has_its_row() -> None:
    assert column(SENDERS.tables()["Outcomes and reasons"], 0) == list(get_args(outcome.State))


def test_every_error_code_has_its_row_with_its_kind() -> None:
    rows = {codes_in(code)[0]: kind for code, kind, _ in OPERATIONS.tables()["Error codes"]}

    kinds = {error.code: kind_of(error) for error in every_error(errors.KairanError)}

    assert {code: rows[code] for code in rows if code not in OTHER_CODES} == kinds
    assert set(rows) - set(kinds) == OTHER_CODES


def every_error(root: type[errors.KairanError]) -> Iterator[type[errors.KairanError]]:
    yield root
    for kind in root.__subclasses__():
        yield from every_error(kind)


def kind_of(error: type[errors.KairanError]) -> str:
    if issubclass(error, errors.RejectedError):
        return "rejected"
    return "retryable" if issubclass(error, errors.RetryableError) else ""


@pytest.mark.parametrize("code", sorted(OTHER_CODES))
def test_codes_without_a_class_are_still_in_use(code: str) -> None:
    assert any(
        code in inspect.getsource(importlib.import_module(f"kairan.{name}"))
        for name in ("observability", "inbox.batch")
    )


@pytest.mark.parametrize("sender", Sender)
def test_every_sender_has_its_place(sender: Sender) -> None:
    assert sender in SENDERS.headings()
    assert sender in column(README.tables()["What can be sent"], 0)


def test_the_fields_of_events_are_those_of_the_code() -> None:
    direct = column(SENDERS.tables()["A direct invoke"], 0)
    batch = {codes_in(name)[0]: text for name, text in SENDERS.tables()["A batch"]}

    assert direct == list(direct_invoke.FIELDS)
    assert list(batch) == list(own_batch.FIELDS)
    expected = {
        "id": ["1", f"{own_batch.MAX_ID_CHARACTERS}"],
        "recipients": ["1", f"{MAX_RECIPIENTS}"],
    }
    assert missing_in(batch, expected) == []
    assert any({f"{BATCHES_RETENTION_DAYS}", "`batches/`"} <= facts_in(text) for text in SENDERS.paragraphs())


# the push API and speech


def test_every_route_of_the_push_api_has_its_row() -> None:
    described = {f"{method.upper()} {path}" for path, operations in OPENAPI["paths"].items() for method in operations}
    public = {f"GET /{name}" for name in front_door.PUBLIC}

    rows = column(PUSH_API.tables()["Routes"], 0)

    assert sorted(rows) == sorted(described | public)


def test_routes_without_a_key_are_named() -> None:
    [row] = (row for row in PUSH_API.tables()["Limits"] if row[0] == "calls without a key")

    assert codes_in(row[1]) == [f"/{name}" for name in front_door.PUBLIC]


def test_every_error_of_the_push_api_has_its_row_with_its_status() -> None:
    rows = {codes_in(code)[0]: status for status, code, _, _ in PUSH_API.tables()["Errors"]}

    answered = {*answered_by_the_function(), *answered_by_the_gateway()}

    assert set(rows) == {code for _, code in answered}
    assert [(status, code) for status, code in answered if not covers(rows[code], status)] == []


def covers(shown: str, status: str) -> bool:
    return shown in (status, f"{status[0]}xx")


RAISED_BY_LINE: Mapping[type[errors.KairanError], type[errors.KairanError]] = {
    errors.UnauthorizedError: LineUnauthorizedError,
    errors.UnavailableError: LineUnavailableError,
}
"""What a push answers is the messenger's own kind of an error."""


def answered_by_the_function() -> Iterator[tuple[str, str]]:
    """Statuses and codes. Of `rejected` and `retryable` only their kinds are raised."""
    for kind, status in answers.STATUS.items():
        if kind not in (errors.RejectedError, errors.RetryableError):
            raised = RAISED_BY_LINE.get(kind, kind)
            yield str(status), answers.CODES.get(raised, raised.code)
    for refusal in api.errors.ApiError.__subclasses__():
        yield str(refusal.status), refusal.code
    yield "LINE's", LineRejectedError.code
    yield "500", answers.UNEXPECTED


def answered_by_the_gateway() -> Iterator[tuple[str, str]]:
    """API Gateway answers some cases by several statuses: 5xx, but for what it says is the caller's fault."""
    by_name = refusals.REFUSALS | {"KEY": refusals.NO_SUCH_ROUTE, "IAM": refusals.NOT_SIGNED}
    for name, refusal in by_name.items():
        yield (str(refusal.status) if refusal.status else "4xx" if "4XX" in name else "5xx"), refusal.code


def test_every_status_that_is_described_for_programs_has_a_row() -> None:
    described = {
        status.lower()
        for operations in OPENAPI["paths"].values()
        for operation in operations.values()
        for status in operation["responses"]
    }

    rows = {status for status, *_ in PUSH_API.tables()["Errors"]}

    assert {status for status in described if not any(covers(row, status) for row in rows)} == {"200"}


def test_what_may_be_repeated_is_named_and_repeated_by_the_example() -> None:
    """Of the answers below 500 those that pass by themselves."""
    passing = {
        answers.CODES.get(kind, kind.code)
        for kind, status in answers.STATUS.items()
        if status < 500 and issubclass(kind, errors.RetryableError) and kind is not errors.UnauthorizedError
    }
    [throttled] = {refusal.code for refusal in refusals.REFUSALS.values() if refusal.code == "throttled"}
    [example] = [fence.text for fence in PUSH_API.fences() if fence.words == ("python",) and "def push" in fence.text]
    [in_example] = re.findall(r"problem\[\"code\"\] in \(([^)]*)\)", example)

    assert set(re.findall(r"\w+", in_example)) == {*passing, throttled}
    assert {*passing, throttled} in [set(codes_in(text)) for text in PUSH_API.paragraphs()]


def test_the_limits_of_the_push_api_are_those_of_the_code() -> None:
    rows = dict(PUSH_API.tables()["Limits"])
    settings = defaults()

    expected = {
        "a call's body": [f"{API_MAX_BODY_BYTES:,}"],
        "a text": [f"{limits.MAX_TEXT:,}"],
        "messages of a push": [f"{limits.MAX_MESSAGES}"],
        "words to speak": [f"{settings['tts_max_characters']:,}", "`tts_max_characters`", "10,000"],
        "an image": [megabytes(limits.MAX_IMAGE_BYTES), f"{media_limits.MAX_PIXELS // 1_000_000}"],
        "a preview or cover": [megabytes(limits.MAX_PREVIEW_BYTES)],
        "a sound, a video": [megabytes(limits.MAX_AUDIO_BYTES), megabytes(limits.MAX_VIDEO_BYTES)],
        "a file's name": [f"{uploads.MAX_NAME_BYTES}"],
        "speaking": [f"{api.push_routes.SPEECH_WITHIN_S:g}"],
        "a call": [f"{push_api.TIMEOUT_S}"],
        "calls of a key": [f"{settings['api_requests_per_second']}", f"{settings['api_burst']}"],
        "calls without a key": [f"{front_door.STATUS.per_second}", f"{front_door.PAGES.per_second}", "`/redoc`"],
        "pushes to LINE": ["`push_per_second`"],
        "the same push at the same moment": [f"{WAIT_S:g}"],
        "the form of an upload": [f"{uploads.UPLOAD_TICKET_LASTS.total_seconds() / 60:g}"],
    }

    assert set(rows) == set(expected)
    assert missing_in(rows, expected) == []


def missing_in(rows: Mapping[str, str], expected: Mapping[str, list[str]]) -> list[tuple[str, str]]:
    """The numbers and the inline code that the rows of a table do not hold, by row."""
    return [(what, fact) for what, facts in expected.items() for fact in facts if fact not in facts_in(rows[what])]


def facts_in(text: str) -> set[str]:
    """The numbers and the inline code of a text."""
    return {*re.findall(r"\d+(?:[.,]\d+)*", text), *(f"`{code}`" for code in codes_in(text))}


def megabytes(size_bytes: int) -> str:
    return f"{size_bytes // 1_000_000}"


def test_headers_that_name_a_push_are_explained() -> None:
    assert set(PUSH_API.codes()) >= set(api.call.KEY_HEADERS)


def test_every_setting_of_the_push_api_and_of_speech_is_used_where_it_belongs() -> None:
    for about, prefixes in ((PUSH_API, ("api_",)), (SPEECH, ("aivis_", "tts_"))):
        named = {code for code in about.codes() if code in Settings.model_fields}
        assert named >= {name for name in Settings.model_fields if name.startswith(prefixes)}


def test_names_that_look_like_settings_are_settings() -> None:
    for about in (README, PUSH_API, SPEECH, SENDERS):
        named = {code for code in about.codes() if re.fullmatch(r"(?:api|aivis|tts)_[a-z_]+", code)}
        assert named - set(Settings.model_fields) <= {"tts_audio_url", "tts_audio_duration"}


OLDER_VARIABLES = {
    "S3_STORAGE_HOST",
    "S3_STORAGE_ACCESS_KEY",
    "S3_STORAGE_SECRET_KEY",
    "S3_STORAGE_SECURE",
    "S3_STORAGE_BUCKET_NAME",
    "S3_STORAGE_PUBLIC_URL",
    "S3_STORAGE_TTS_UPLOAD_PATH",
    "S3_STORAGE_IMAGE_UPLOAD_PATH",
    "AIVIS_SPEECH_FAST_API_URL",
    "AIVIS_SPEECH_API_URL",
    "LINE_CHANNEL_ACCESS_TOKEN",
    "LINE_CHANNEL_SECRET",
    "APP_PORT",
    "CONTEXT_PATH",
}
OLDER_ROUTES = {"v1/push_message/{user_id}/text", "v1/push_message/{user_id}/tts", "v1/push_message/{user_id}/image"}
OLDER_ROUTES |= {"health", "version"}
"""What the older LINE push micro-service has."""


def test_who_moves_finds_every_route_and_every_variable() -> None:
    rows = PUSH_API.tables()["Moving from the LINE push micro-service"]
    old = [code for there, _ in rows for code in codes_in(there)]

    assert set(old) == OLDER_VARIABLES | {f"{{CONTEXT_PATH}}{route}" for route in OLDER_ROUTES}
    for there, here in rows:
        route = codes_in(there)[0].removeprefix("{CONTEXT_PATH}")
        assert route not in OLDER_ROUTES or codes_in(here)[0].endswith(f" /{route}")


def test_variables_that_are_still_read_are_said_to_be_read() -> None:
    rows = {codes_in(there)[0]: here for there, here in PUSH_API.tables()["Moving from the LINE push micro-service"]}

    read = {name for name, here in rows.items() if "`aivis_speech_api`" in here}
    assert read == {ENGINE_VARIABLE, WRAPPER_VARIABLE}


def test_ranges_of_a_voice_are_those_of_the_code() -> None:
    ranges = {codes_in(name)[0]: tuple(row) for name, *row in SPEECH.tables()["Speed, pitch and volume"]}

    assert {name: tuple(float(each.replace("−", "-")) for each in row) for name, row in ranges.items()} == {
        "speed": (*model.SPEED, 1),
        "pitch": (*model.PITCH, 0),
        "volume": (*model.VOLUME, 1),
    }


def test_limits_of_speech_are_those_of_the_code() -> None:
    rows = dict(SPEECH.tables()["Long texts"])

    expected = {
        "a text": [f"{defaults()['tts_max_characters']:,}", "`tts_max_characters`"],
        "a part": [f"{sentences.MAX_CHARACTERS}", f"{sentences.COMFORTABLE}"],
        "calls of the engine": [f"{engines.CALLS_AT_ONCE}"],
        "one call": [f"{engines.CONNECT_TIMEOUT_S:g}", f"{engines.READ_TIMEOUT_S:g}"],
        "a push": [f"{api.push_routes.SPEECH_WITHIN_S:g}"],
        "a campaign": [f"{sender_function.TIMEOUT_S - SENDING_RESERVE_S:g}"],
        "the sound": [f"{encoding.KBIT_PER_S}"],
    }

    assert set(rows) == set(expected)
    assert missing_in(rows, expected) == []


def test_every_failure_of_speech_has_its_row() -> None:
    codes = {error.code for error in every_error(errors.KairanError) if error.code.startswith("speech_")}

    assert set(column(SPEECH.tables()["When it fails"], 0)) == codes


def test_the_local_voices_are_those_of_the_engine() -> None:
    numbers = [{code for code in codes_in(text) if re.fullmatch(r"-?\d+", code)} for text in SPEECH.paragraphs()]

    assert {str(style.id) for style in STYLES} in numbers


def test_the_default_voice_is_the_same_everywhere() -> None:
    assert str(defaults()["aivis_speech_speaker"]) == str(model.DEFAULT_STYLE_ID)
    assert str(model.DEFAULT_STYLE_ID) in SPEECH.codes()


def test_the_table_of_the_demonstration_is_the_one_that_is_shown() -> None:
    people = tuple(
        demo_messages.DemoPerson(name, f"U{number:032x}", blocked=name == "Chika")
        for number, name in enumerate(("Aiko", "Ben", "Chika"))
    )
    messages = demo_messages.demo_messages(people)
    arrived = [{"type": each.type, "text": each.marker} for each in messages]
    received = {person.user_id: [] if person.blocked else arrived for person in people}
    result = demonstration.DemonstrationResult(people, messages, received)
    terminal = io.StringIO()

    Console(file=terminal, width=110).print(result.table())

    shown = [line.rstrip() for line in terminal.getvalue().splitlines()]
    assert shown in [fence.text.splitlines() for fence in README.fences()]


# commands


def make_targets() -> set[str]:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z-]+):.*## ", text, re.MULTILINE))


def typed() -> list[list[str]]:
    """Everything the pages tell to type, in shell blocks and in inline code."""
    inline = [code.split() for each in PAGES for code in each.codes()]
    return [words for each in PAGES for words in each.commands()] + inline


def test_every_make_target_is_explained_and_exists() -> None:
    named = {words[1] for words in typed() if words[0] == "make" and len(words) > 1}

    assert named == make_targets()


def command_lines(program: str) -> list[tuple[str, ...]]:
    """What is typed after a program, also after one in a virtual environment."""
    found = []
    for words in typed():
        text = " ".join(words).removeprefix(".venv/bin/")
        if text.startswith(f"{program} "):
            found.append(tuple(text.removeprefix(f"{program} ").split()))
    return found


def check_command_line(command: Any, words: tuple[str, ...]) -> list[str]:
    """Follow the words into a typer command; answers the path of the commands on the way."""
    path: list[str] = []
    options = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    options.add("--help")
    for word in words:
        inner = getattr(command, "commands", {})
        if word.startswith("-"):
            assert word.split("=")[0] in options, f"{word} in {' '.join(words)}"
        elif inner:
            assert word in inner, f"{word} in {' '.join(words)}"
            command = inner[word]
            options |= {option for parameter in command.params for option in parameter.opts}
            path.append(word)
    return path


def leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    inner = getattr(command, "commands", {})
    if not inner:
        yield path
    for name, each in inner.items():
        yield from leaves(each, (*path, name))


@pytest.mark.parametrize(
    ("program", "app", "elsewhere"),
    [("kairan", cli.main.app, set()), ("python -m local", local.__main__.app, {("demo",)})],
)
def test_every_command_is_shown_and_exists(program: str, app: typer.Typer, elsewhere: set[tuple[str, ...]]) -> None:
    """`elsewhere`: commands that have a make target instead."""
    command = typer.main.get_command(app)

    shown = {tuple(check_command_line(command, words)) for words in command_lines(program)}

    assert set(leaves(command)) - elsewhere <= shown


def test_every_option_of_the_local_cloud_has_its_row() -> None:
    up = typer.main.get_command(local.__main__.app).commands["up"]  # type: ignore[attr-defined]
    options = {parameter.opts[0] for parameter in up.params if parameter.name != "help"}

    shown = {code.split()[0] for code in column(LOCAL_CLOUD.tables()["Options of `up`"], 0)}

    assert shown == options


def test_outputs_that_commands_ask_for_exist() -> None:
    asked = {
        name for each in PAGES for fence in each.fences() for name in re.findall(r"\$\(output (\w+)\)", fence.text)
    }

    assert asked
    assert asked <= set(OUTPUTS) | LOCAL_OUTPUTS


def test_the_control_calls_of_the_simulated_platform_exist() -> None:
    nothing: Any = None
    routes = [route for route in control.routes(nothing, nothing) if isinstance(route, Route)]
    calls = [words for words in LOCAL_CLOUD.commands() if any("/_sim/" in word for word in words)]

    for words in calls:
        (url,) = (word for word in words if word.startswith("http"))
        scope = {
            "type": "http",
            "method": "POST" if "POST" in words else "GET",
            "path": urlsplit(url).path.removeprefix("/_sim"),
        }
        assert any(route.matches(scope)[0] is Match.FULL for route in routes), " ".join(words)
    assert calls


# form and links


@pytest.mark.parametrize("each", PAGES, ids=str)
def test_prose_has_short_lines(each: Page) -> None:
    outside_fences = "".join(each.path.read_text(encoding="utf-8").split("```")[::2])

    long = [line for line in outside_fences.splitlines() if len(line) > PROSE_COLUMNS and not line.startswith("|")]

    assert long == []


@pytest.mark.parametrize("each", PAGES, ids=str)
def test_links_inside_the_project_lead_somewhere(each: Page) -> None:
    for link in each.links():
        parts = urlsplit(link)
        if parts.scheme:
            assert parts.scheme == "https", link
            continue
        target = (each.path.parent / parts.path).resolve() if parts.path else each.path
        assert target.exists(), link
        if parts.fragment:
            assert parts.fragment in Page(target).anchors(), link


# segments


def segment_examples(kind: str) -> list[Any]:
    return [json.loads(fence.text) for fence in SEGMENTS.fences() if fence.words == ("json", kind)]


def test_every_field_and_operator_of_a_segment_has_its_row() -> None:
    fields = {codes_in(name)[0]: operators for name, _, operators in SEGMENTS.tables()["Fields"]}

    assert [*fields] == [*FIELDS, "attributes.<name>"]
    assert column(SEGMENTS.tables()["Operators"], 0) == list(Operator)
    named = {
        "those for texts": TEXT_OPERATORS,
        "those for dates": (*DATE_OPERATORS, Operator.BETWEEN),
        "all": tuple(Operator),
    }
    for name, operators in fields.items():
        described = field_of(name.replace("<name>", "x"))
        assert described is not None
        in_words = {operator for words in named if words in operators for operator in named[words]}
        assert in_words | set(codes_in(operators)) == set(described.operators), name


def test_every_kind_of_criterion_has_its_row() -> None:
    examples = [json.loads(row.replace("…", "")) for row in column(SEGMENTS.tables()["A segment"], 0)]

    assert {key for example in examples for key in example} >= set(KEYS)


@pytest.mark.parametrize("example", segment_examples("segment"))
def test_a_segment_in_the_pages_is_written_as_it_is_read(example: Any) -> None:
    assert write(read_segment(example)) == example


def test_the_dates_of_a_segment_mean_something() -> None:
    assert [row for row in column(SEGMENTS.tables()["Dates"], 0) if read_moment(row) is None] == []


def test_every_state_that_a_segment_may_ask_for_is_named() -> None:
    assert any({f"`{state}`" for state in PersonState} <= facts_in(text) for text in SEGMENTS.paragraphs())


def test_limits_of_segments_are_those_of_the_code() -> None:
    for limits_of_it in (
        {f"{MAX_DEPTH}", f"{MAX_CRITERIA}"},
        {f"{MAX_REFERENCES_DEEP}", f"{MAX_CRITERIA_IN_ALL:,}"},
        {f"{MAX_VALUES:,}", f"{MAX_TEXT:,}"},
    ):
        assert any(limits_of_it <= facts_in(text) for text in SEGMENTS.paragraphs())


def test_the_example_from_pinpoint_is_converted_as_the_page_says() -> None:
    [segment], [converted] = segment_examples("pinpoint"), segment_examples("converted")

    assert write(from_pinpoint(segment)[0]) == converted


def test_every_word_of_pinpoints_segments_has_its_row() -> None:
    model = botocore.session.get_session().get_service_model("pinpoint")
    shapes = {name: model.shape_for(name) for name in PINPOINT_SHAPES}
    enums = {word for shape in shapes.values() for word in getattr(shape, "enum", ())}
    names = {name for shape in shapes.values() for name in getattr(shape, "members", ())}

    text = " ".join(cell for row in SEGMENTS.tables()["Coming from Amazon Pinpoint"] for cell in row)
    assert {word for word in enums | names | set(COMPARISONS) if not re.search(rf"\b{word}\b", text)} == set()


PINPOINT_SHAPES = (
    "AttributeType",
    "Duration",
    "RecencyType",
    "Include",
    "SegmentDimensions",
    "SegmentDemographics",
    "SegmentLocation",
    "SegmentBehaviors",
)


# examples


class AnyMedia:
    """A bucket that holds every file."""

    def image(self, key: MediaKey, preview: MediaKey | None = None) -> Image:
        return Image(f"https://media.example/{key}", f"https://media.example/{preview or key}")

    def audio(self, key: MediaKey, duration_ms: int | None = None) -> Audio:
        return Audio(f"https://media.example/{key}", duration_ms or 1000)

    def video(self, key: MediaKey, preview: MediaKey) -> Video:
        return Video(f"https://media.example/{key}", f"https://media.example/{preview}")


LINE = LineMessenger(FakeLine(FakeClock()))


def composer(sender: Sender) -> Composer:
    voice = Voice(FakeSynthesizer(), model.DEFAULT_STYLE_ID, defaults()["tts_max_characters"])
    return Composer(sender, Sources(LINE, media=AnyMedia(), voice=voice), speak_until=float("inf"))


def json_fences(kind: str) -> list[tuple[Sender, Any]]:
    """The JSON examples of a kind: `event`, `data` or `answer`."""
    return [
        (Sender(fence.words[2]), json.loads(fence.text))
        for each in PAGES
        for fence in each.fences()
        if fence.words[:2] == ("json", kind)
    ]


def shell_payload(command: list[str]) -> tuple[Sender, Any] | None:
    """The event of an `aws lambda invoke` that has it on the line."""
    if command[:3] != ["aws", "lambda", "invoke"]:
        return None
    options = dict(pairwise(command))
    assert options["--cli-binary-format"] == "raw-in-base64-out"
    if options["--payload"].startswith("file://"):
        return None
    [output] = re.findall(r"output (\w+)", options["--function-name"])
    [sender] = (sender for sender in Sender if sender.output == output)
    return sender, json.loads(options["--payload"])


def shell_payloads() -> list[tuple[Sender, Any]]:
    return [found for each in PAGES for command in each.commands() if (found := shell_payload(command))]


def read(sender: Sender, event: Any) -> Call:
    return read_call(sender, event, request_id=REQUEST_ID, settings=CallerSettings(LINE, FakeBatchStore()))


def test_every_json_block_says_what_it_is_an_example_of() -> None:
    kinds = {fence.words[1:2] for each in PAGES for fence in each.fences() if fence.words[:1] == ("json",)}

    assert kinds == {("event",), ("data",), ("answer",), ("reply",), ("segment",), ("pinpoint",), ("converted",)}


@pytest.mark.parametrize(("sender", "event"), [*json_fences("event"), *shell_payloads()])
def test_an_event_in_the_pages_would_be_sent(sender: Sender, event: Any) -> None:
    call = read(sender, event)

    assert call.batches
    for batch in call.batches:
        assert plan(batch, composer(sender), LINE).settled == {}


@pytest.mark.parametrize(("sender", "data"), json_fences("data"))
def test_data_in_the_pages_are_accepted(sender: Sender, data: Any) -> None:
    assert violations(sender, data) == []


def violations(sender: Sender, data: Any) -> list[Violation]:
    """What LINE would refuse of it for a person of whom nothing is known."""
    sending = composer(sender)
    filled: Content = fill(sending.compose(data), {}, LINE)
    return LINE.violations(sending.complete(filled))


@pytest.mark.parametrize("sender", Sender)
def test_every_form_of_data_has_an_example(sender: Sender) -> None:
    """A string, an object and an object's other names; messages are an object or a list."""
    forms = {type(data) for each, data in json_fences("data") if each is sender}

    assert forms == ({dict, list} if sender is Sender.MESSAGES else {str, dict})


def test_the_table_of_data_is_accepted() -> None:
    for function, text, thing, _ in README.tables()["What can be sent"]:
        sender = Sender(codes_in(function)[0])
        examples = [*codes_in(text), *map(json.loads, codes_in(thing)), *codes_in(thing)]
        for data in examples:
            assert violations(sender, data) == [], data


def answered_calls() -> Iterator[tuple[Sender, Any, Any]]:
    """Each answer in the pages, with the event before it."""
    for each in PAGES:
        last: tuple[Sender, Any] | None = None
        for fence in each.fences():
            if fence.words[:2] == ("json", "event"):
                last = Sender(fence.words[2]), json.loads(fence.text)
            elif fence.words[:1] == ("sh",):
                payloads = [found for command in shell_lines(fence) if (found := shell_payload(command))]
                last = payloads[-1] if payloads else last
            elif fence.words[:2] == ("json", "answer"):
                assert last is not None
                yield *last, json.loads(fence.text)


def outcomes_in(answer: Mapping[str, Any]) -> dict[str, Outcome]:
    """The outcomes by recipient key, in whichever form they are answered."""
    if "Items" in answer:
        entries = {entry["Id"]: entry["ResultData"] for entry in answer["Items"]["CustomerProfiles"]}
    elif "outcomes" in answer:
        entries = answer["outcomes"]
    else:
        entries = {endpoint_id: entry["EventAttributes"] for endpoint_id, entry in answer.items()}
    return {
        name: Outcome(entry["outcome"], entry.get("reason"), entry.get("requestId") or entry.get("request_id"))
        for name, entry in entries.items()
    }


@pytest.mark.parametrize(("sender", "event", "answer"), list(answered_calls()))
def test_an_answer_in_the_pages_is_what_the_event_before_it_gets(sender: Sender, event: Any, answer: Any) -> None:
    call = read(sender, event)
    by_name = outcomes_in(answer)
    keys = dict(call.items) if isinstance(call, ConnectCall) else {name: name for name in by_name}

    answered = call.answer({keys[name]: outcome for name, outcome in by_name.items()})

    if "retry_key" in answer:
        assert is_uuid(answer["retry_key"])
        answered["retry_key"] = answer["retry_key"]
    assert answered == answer


def test_reasons_in_answers_have_their_row() -> None:
    reasons = {each.reason for _, _, answer in answered_calls() for each in outcomes_in(answer).values() if each.reason}

    assert reasons
    assert reasons <= set(column(SENDERS.tables()["Outcomes and reasons"], 1))
