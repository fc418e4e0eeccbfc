"""Settings: their defaults, what is allowed, and the one sentence that a wrong one stops with."""

import json
import re
from typing import Any

import pytest

from infra.settings import CDK_JSON, Settings, SettingsError, defaults
from kairan.contract import Pace
from tests.rigs.pages import codes_in, page

ARN_WITHOUT_SUFFIX = "arn:aws:secretsmanager:ap-northeast-1:111122223333:secret:line"
WRONG: list[tuple[str, Any]] = [
    ("stack_name", "1st"),
    ("stack_name", "kairan_test"),
    ("stack_name", "k" * 129),
    ("account", "LINE"),
    ("account", "a#b"),
    ("account", ""),
    ("audience_store", "postgres"),
    ("secret_name", "LINE secrets"),
    ("secret_name", ""),
    ("existing_secret_arn", "LINE_secrets"),
    ("existing_secret_arn", ARN_WITHOUT_SUFFIX),
    ("secret_key_arn", "arn:aws:kms:ap-northeast-1:111122223333:alias/line"),
    ("secret_key_arn", "1234abcd-12ab-34cd-56ef-1234567890ab"),
    ("unfollowed_retention_days", "-1"),
    ("unfollowed_retention_days", "3651"),
    ("unfollowed_retention_days", "a month"),
    ("unfollowed_retention_days", "1.5"),
    ("unfollowed_retention_days", 1.5),
    ("unfollowed_retention_days", True),
    ("unfollowed_retention_days", ""),
    ("retain_data", "perhaps"),
    ("retain_data", ""),
    ("alarm_email", "operator"),
    ("alarm_email", "a b@example.com"),
    ("connect_instance_arn", "arn:aws:connect:us-east-1:1234:instance/a"),
    ("connect_instance_arn", "instance/a"),
    ("connect_user_id_attribute", ""),
    ("connect_user_id_attribute", "line user"),
    ("connect_default_data", "{"),
    ("connect_default_data", "[1]"),
    ("connect_default_data", '{"send_fax": "Hello"}'),
    ("connect_default_data", {"send_text": "x" * 2001}),
    ("sender_concurrency", "-1"),
    ("sender_concurrency", "1001"),
    ("multicast_per_second", "0"),
    ("multicast_per_second", "201"),
    ("push_per_second", "0"),
    ("push_per_second", "2001"),
    ("campaign_samples", "maybe"),
    ("push_connections", "0"),
    ("push_connections", "257"),
    ("line_api_url", ""),
    ("line_api_url", "api.line.me"),
    ("line_api_url", "http://api.line.me"),
    ("line_api_url", "https://{bucket}.example.com"),
    ("line_api_url", "https://user@api.line.me"),
    ("images_url", "http://images.example.com"),
    ("images_url", "https://images.example.com/{name}"),
    ("images_url", "https://images.example.com/?a=b"),
    ("audio_url", "https://audio.example.com:port"),
    ("video_url", "https://video example.com"),
    ("video_url", "https://["),
    ("aivis_speech_url", "engine:10101"),
    ("aivis_speech_url", "ftp://engine"),
    ("aivis_speech_url", "http://engine/{bucket}"),
    ("aivis_speech_url", "http://engine/?key=1"),
    ("aivis_speech_api", "voicevox"),
    ("aivis_speech_speaker", "2147483648"),
    ("aivis_speech_speaker", "-2147483649"),
    ("aivis_speech_speaker", "mei"),
    ("tts_max_characters", "0"),
    ("tts_max_characters", "10001"),
    ("webhook_requests_per_second", "0"),
    ("webhook_requests_per_second", "1001"),
    ("forward_webhooks_to", "http://bot.example.com/line"),
    ("forward_webhooks_to", "bot.example.com/line"),
    ("forward_webhooks_to", "https://bot.example.com/line https://bot.example.com/line"),
    ("forward_webhooks_to", "https://bot.example.com/line#events"),
    ("forward_webhooks_to", "https://user@bot.example.com/line"),
    ("forward_webhooks_to", "https://bot.example.com/{bucket}"),
    ("forward_webhooks_to", "https://bot.example.com/" + "p" * 377),
    ("forward_webhooks_to", "https://bot.example.com:0/line"),
    ("forward_webhooks_to", '["https://bot.example.com/line"'),
    ("forward_webhooks_to", ["https://bot.example.com/li ne"]),
    ("forward_webhooks_to", ["https://bot.example.com/日本"]),
    ("forward_webhooks_to", [5]),
    ("forward_webhooks_to", {"https://bot.example.com/line": True}),
    ("forward_webhooks_to", [f"https://bot{number}.example.com" for number in range(6)]),
    ("api_pages", "perhaps"),
    ("api_auth", "none"),
    ("api_requests_per_second", "0"),
    ("api_requests_per_second", "1001"),
    ("api_burst", "0"),
    ("api_burst", "2001"),
    ("api_requests_per_day", "-1"),
    ("api_requests_per_day", "100000001"),
    ("architecture", "arm"),
    ("python_version", "3.10"),
    ("python_version", 3),
    ("log_retention_days", "2"),
    ("log_retention_days", "for ever"),
]
GIVEN_AS_TEXT: list[tuple[str, str, Any]] = [
    ("unfollowed_retention_days", "0", 0),
    ("retain_data", "false", False),
    ("retain_data", "true", True),
    ("multicast_per_second", "200", 200),
    ("push_per_second", "1", 1),
    ("push_connections", "256", 256),
    ("log_retention_days", "3653", 3653),
    ("python_version", "3.14", "3.14"),
    ("connect_default_data", '{"send_messages": [{"type": "text", "text": "a"}]}', None),
    ("connect_default_data", "", {}),
    ("stack_name", " kairan-test ", "kairan-test"),
    ("line_api_url", "http://localhost:4567/", "http://localhost:4567"),
    ("images_url", "http://[::1]:4566/{bucket}/", "http://[::1]:4566/{bucket}"),
    ("images_url", "", ""),
    ("aivis_speech_url", "http://engine.example.com:10101/", "http://engine.example.com:10101"),
    ("aivis_speech_url", "", ""),
    ("aivis_speech_speaker", "-2147483648", -(2**31)),
    ("aivis_speech_speaker", "0", 0),
    ("api_requests_per_day", "0", 0),
    ("forward_webhooks_to", "", ()),
    ("forward_webhooks_to", "https://a.example/line/", ("https://a.example/line/",)),
    (
        "forward_webhooks_to",
        " https://a.example/line, https://b.example/?key=1 http://localhost:5001",
        ("https://a.example/line", "https://b.example/?key=1", "http://localhost:5001"),
    ),
    ("forward_webhooks_to", '["https://a.example/?lists=1,2"]', ("https://a.example/?lists=1,2",)),
]


@pytest.mark.parametrize(("name", "given"), WRONG)
def test_a_wrong_setting_stops_with_a_sentence_that_names_it_what_was_given_and_what_is_allowed(
    name: str, given: Any
) -> None:
    with pytest.raises(SettingsError) as stopped:
        Settings.read({name: given})

    shown = str(given) if isinstance(given, int | float) else repr(given)[:120]
    assert str(stopped.value) == f"{name} is {shown}, but must be {Settings.model_fields[name].description}"
    assert "\n" not in str(stopped.value)


def test_every_setting_was_tried_with_something_wrong() -> None:
    assert {name for name, _ in WRONG} == set(Settings.model_fields)


def test_several_wrong_settings_are_named_at_once() -> None:
    with pytest.raises(SettingsError, match=r"^account is 'A', .*; architecture is 'z80', .*$"):
        Settings.read({"architecture": "z80", "account": "A"})


@pytest.mark.parametrize(("name", "given", "read"), GIVEN_AS_TEXT)
def test_what_the_command_line_gives_as_text_is_read_as_what_it_means(name: str, given: str, read: Any) -> None:
    expected = json.loads(given) if read is None else read

    value = getattr(Settings.read({name: given}), name)

    assert value == expected
    assert type(value) is type(expected)


def test_a_number_in_cdk_json_may_be_a_python_version() -> None:
    assert Settings.read({"python_version": 3.13}).python_version == "3.13"


@pytest.mark.parametrize(
    ("context", "multicast_per_second", "push_per_second"),
    [
        ({}, 50, 500),
        ({"sender_concurrency": "2"}, 50, 500),
        ({"sender_concurrency": "10"}, 20, 200),
        ({"sender_concurrency": "1000"}, 0.2, 2),
        ({"sender_concurrency": "10", "multicast_per_second": "5"}, 5, 200),
        ({"sender_concurrency": "1", "multicast_per_second": "200", "push_per_second": "2000"}, 200, 2000),
    ],
)
def test_the_pace_of_a_process_is_its_share_of_lines_rates(
    context: dict[str, str], multicast_per_second: float, push_per_second: float
) -> None:
    settings = Settings.read(context)

    assert settings.sender_pace == Pace(multicast_per_second, push_per_second, push_connections=32)
    assert settings.sender_concurrency * settings.sender_pace.multicast_per_second <= 200
    assert settings.sender_concurrency * settings.sender_pace.push_per_second <= 2000


# settings of the older services


@pytest.mark.parametrize(
    ("environment", "url", "api"),
    [
        ({"AIVIS_SPEECH_API_URL": "http://engine:10101/"}, "http://engine:10101", "engine"),
        ({"AIVIS_SPEECH_FAST_API_URL": "http://wrapper:8000"}, "http://wrapper:8000", "wrapper"),
        (
            {"AIVIS_SPEECH_API_URL": "http://engine:10101", "AIVIS_SPEECH_FAST_API_URL": "http://wrapper:8000"},
            "http://engine:10101",
            "engine",
        ),
        (
            {"AIVIS_SPEECH_API_URL": "", "AIVIS_SPEECH_FAST_API_URL": "http://wrapper:8000"},
            "http://wrapper:8000",
            "wrapper",
        ),
        ({}, "", "engine"),
    ],
)
def test_without_a_setting_the_environment_says_where_speech_comes_from(
    environment: dict[str, str], url: str, api: str
) -> None:
    settings = Settings.read({}, environment)

    assert (settings.aivis_speech_url, settings.aivis_speech_api) == (url, api)


def test_a_setting_counts_more_than_the_environment() -> None:
    settings = Settings.read({"aivis_speech_url": "https://here"}, {"AIVIS_SPEECH_FAST_API_URL": "http://there"})

    assert (settings.aivis_speech_url, settings.aivis_speech_api) == ("https://here", "engine")


def test_a_wrong_address_in_the_environment_is_said_to_be_from_there() -> None:
    with pytest.raises(SettingsError) as stopped:
        Settings.read({}, {"AIVIS_SPEECH_API_URL": "engine"})

    assert str(stopped.value) == (
        "aivis_speech_url (from the environment) is 'engine', but must be empty, or an http or https address"
    )


# former settings


def test_channel_is_still_read_as_the_former_name_of_account() -> None:
    """Another account is another part of the audience: a deployment must not lose its own by an update."""
    assert Settings.read({"channel": "shop2"}).account == "shop2"
    assert Settings.read({"channel": "shop2", "account": "shop2"}).account == "shop2"


def test_two_names_of_one_setting_with_two_values_stop_with_both() -> None:
    with pytest.raises(SettingsError) as stopped:
        Settings.read({"channel": "shop2", "account": "line"})

    assert str(stopped.value) == (
        "channel is 'shop2' and account is 'line', but channel is the former name of account: "
        "set account alone, to the value that is deployed"
    )


def test_a_wrong_value_under_a_former_name_is_named_by_both() -> None:
    with pytest.raises(SettingsError) as stopped:
        Settings.read({"channel": "LINE"})

    allowed = Settings.model_fields["account"].description
    assert str(stopped.value) == f"channel (now account) is 'LINE', but must be {allowed}"


@pytest.mark.parametrize("value", ["https://api-data.line.me", "ftp://nowhere", ""])
def test_the_former_address_of_lines_content_is_ignored_whatever_it_is(value: str) -> None:
    assert Settings.read({"line_data_url": value}) == Settings.read({})


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("chanel", "account"),
        ("stack-name", "stack_name"),
        ("imagesUrl", "images_url"),
        ("log_retention", "log_retention_days"),
        ("retain_date", "retain_data"),
    ],
)
def test_a_misspelt_name_is_not_overlooked(typed: str, meant: str) -> None:
    with pytest.raises(SettingsError) as stopped:
        Settings.read({typed: "x"})

    assert str(stopped.value) == f"{typed} is 'x', but there is no such setting; the closest name is {meant}"


def test_the_cdks_own_context_is_none_of_our_business() -> None:
    own = {"aws:cdk:bundling-stacks": [], "@aws-cdk/core:bootstrapQualifier": "x", "availability-zones:account=1": []}

    assert Settings.read(own) == Settings.read({})


def test_cdk_json_gives_every_setting_its_default() -> None:
    assert defaults().keys() == Settings.model_fields.keys()
    assert Settings.read(defaults()) == Settings.read({})


def test_cdk_json_holds_settings_and_switches_of_the_cdk_only() -> None:
    context = json.loads(CDK_JSON.read_text(encoding="utf-8"))["context"]

    assert {name for name in context if not name.startswith("@aws-cdk/")} == set(Settings.model_fields)


def test_the_defaults_in_the_documentation_are_those_of_cdk_json() -> None:
    written = {
        codes_in(row[0])[0]: "" if row[1] == "empty" else codes_in(row[1])[0]
        for rows in page("docs/settings.md").tables().values()
        for row in rows
    }

    assert written == {
        name: value if isinstance(value, str) else json.dumps(value) for name, value in defaults().items()
    }


def test_what_the_documentation_allows_is_what_the_sentences_allow() -> None:
    """Numbers and words in the table are those of the description, which the code is held to above."""
    for rows in page("docs/settings.md").tables().values():
        for row in rows:
            if row[2].startswith("as `"):
                continue
            allowed = str(Settings.model_fields[codes_in(row[0])[0]].description)
            assert numbers(row[2]) == numbers(allowed), row[0]


def numbers(sentence: str) -> set[str]:
    return set(re.findall(r"\d+(?:\.\d+)?", sentence.replace(",000", "000")))
