"""What is declared once: facts about senders, and environments that the stack writes and the functions read."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import get_args

import pytest

from benchmarks.lambda_environment import ENVIRONMENTS
from kairan import contract
from kairan.contract import (
    Environment,
    MediaAccess,
    MediaBucket,
    Sender,
    SenderEnvironment,
    SpeechAccess,
    folder_of,
    variables,
)
from kairan.errors import ConfigurationError
from kairan.senders.wiring import sender_handler
from kairan.settings import load, names

ROOT = Path(__file__).parents[2]
OF = {
    "webhook": contract.WebhookEnvironment,
    "forward": contract.ForwardEnvironment,
    "inbox": contract.InboxEnvironment,
    "api": contract.ApiEnvironment,
}
VALUES_THAT_BATCHES_ARE_NAMED_BY = {
    "send_text",
    "send_image",
    "send_audio",
    "send_video",
    "send_speech",
    "send_messages",
}


def environment_of(function: str) -> Environment:
    loaded: Environment = load(OF.get(function, SenderEnvironment), ENVIRONMENTS[function])
    return loaded


def test_the_contract_needs_nothing_that_is_installed_and_nothing_of_kairan() -> None:
    """`-S`: no package is found but those of the standard library."""
    code = "import sys, kairan.contract; print(*sorted(name for name in sys.modules if name.startswith('kairan')))"

    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        env={"PYTHONPATH": os.fspath(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout.split() == ["kairan", "kairan.contract"], done.stderr


# senders


def test_a_senders_value_never_changes_because_batches_are_named_by_it() -> None:
    assert set(Sender) >= VALUES_THAT_BATCHES_ARE_NAMED_BY


def test_the_names_of_a_sender_are_made_of_its_value() -> None:
    assert (Sender.TEXT, Sender.TEXT.construct_id, Sender.TEXT.output) == ("send_text", "Text", "SendTextFunction")
    assert contract.pascal_case("send_rich_menu") == "SendRichMenu"


def test_every_sender_has_words_for_people() -> None:
    assert all(sender.words for sender in Sender)


def test_what_speaks_has_a_bucket_for_the_sound() -> None:
    assert [sender for sender in Sender if sender.speaks and sender.media is None] == []


def test_all_senders_share_a_folder_and_others_have_one_of_their_name() -> None:
    assert {folder_of(sender) for sender in Sender} == {"send"}
    assert folder_of("webhook") == "webhook"


# environments


@pytest.mark.parametrize("function", ENVIRONMENTS)
def test_what_the_stack_writes_is_what_the_function_reads(function: str) -> None:
    environment = environment_of(function)

    assert variables(environment).keys() == ENVIRONMENTS[function].keys()
    assert load(type(environment), variables(environment)) == environment


@pytest.mark.parametrize("kind", get_args(Environment))
def test_a_variable_stands_once_in_an_environment(kind: type[Environment]) -> None:
    assert [name for name, times in Counter(names(kind)).items() if times > 1] == []


def test_a_value_that_is_empty_has_no_variable_and_zero_has_one() -> None:
    inbox = environment_of("inbox")
    assert isinstance(inbox, contract.InboxEnvironment)

    audience = inbox.audience._replace(unfollowed_retention_days=0, audience_table="")
    written = variables(inbox._replace(audience=audience))

    assert "AUDIENCE_TABLE" not in written
    assert written["UNFOLLOWED_RETENTION_DAYS"] == "0"


def test_everything_that_is_missing_or_unreadable_is_named_at_once() -> None:
    given = ENVIRONMENTS["send_text"] | {"SECRET_ARN": "", "PUSH_CONNECTIONS": "many", "SENDER": "send_fax"}

    with pytest.raises(ConfigurationError) as stopped:
        load(SenderEnvironment, given)

    assert str(stopped.value) == (
        "the function's environment is incomplete: SENDER is not of type Sender: 'send_fax', SECRET_ARN is missing, "
        "PUSH_CONNECTIONS is not of type int: 'many'; deploy the stack again"
    )


def test_half_of_a_part_is_not_taken_for_none_of_it() -> None:
    with pytest.raises(ConfigurationError, match="MEDIA_URL is missing"):
        load(SenderEnvironment, ENVIRONMENTS["send_text"] | {"MEDIA_BUCKET": "media"})


@pytest.mark.parametrize(
    ("sender", "part"),
    [
        *((sender, "media") for sender in Sender if sender.media),
        *((sender, "speech") for sender in Sender if sender.speaks),
    ],
)
def test_a_sender_does_not_start_without_a_part_that_it_needs(sender: Sender, part: str) -> None:
    left_out = set(names({"media": MediaAccess, "speech": SpeechAccess}[part]))
    without = {name: value for name, value in ENVIRONMENTS[sender].items() if name not in left_out}

    with pytest.raises(ConfigurationError, match=f"{sender} has no variables of its {part}"):
        sender_handler(without)


# buckets


def test_every_media_bucket_has_its_outputs() -> None:
    assert {f"{bucket.capitalize()}{what}" for bucket in MediaBucket for what in ("Bucket", "Url")} <= set(
        contract.OUTPUTS
    )
