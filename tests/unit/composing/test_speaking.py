"""Speech in batches: once for all where all hear the same, else to each their own words."""

import json
from typing import Any

import pytest

from kairan.composing.composer import Composer
from kairan.composing.read_data import Sources
from kairan.composing.speaking import Voice
from kairan.contract import Sender
from kairan.errors import (
    InvalidInputError,
    KairanError,
    RetryableError,
    SpeechRejectedError,
    SpeechUnavailableError,
)
from kairan.messengers.line.messenger import LineMessenger
from kairan.sending.batch_sender import BatchResult
from tests.fakes.clock import FakeClock
from tests.fakes.line import FakeLine, people, text
from tests.fakes.speech import FakeSynthesizer
from tests.rigs.batches import NAME as NAME_ATTRIBUTE
from tests.rigs.batches import BatchSenderRig, batch_to, kinds
from tests.rigs.events import campaign_to
from tests.rigs.senders import STYLE_ID, SenderRig

NAME = "{{Attributes.name}}"


def composer(synthesizer: FakeSynthesizer, *, max_characters: int = 100) -> Composer:
    voice = Voice(synthesizer, STYLE_ID, max_characters)
    sources = Sources(LineMessenger(FakeLine(FakeClock())), voice=voice)
    return Composer(Sender.SPEECH, sources, speak_until=float("inf"))


def spoken(synthesizer: FakeSynthesizer) -> list[str]:
    return [speech.text for speech in synthesizer.synthesised]


def heard(line: FakeLine, person: str, synthesizer: FakeSynthesizer) -> list[str]:
    """The words of the voice messages that arrived."""
    return [synthesizer.words_at(message["originalContentUrl"]) for message in line.messages[person]]


def send(line: FakeLine, synthesizer: FakeSynthesizer, words: str, number: int) -> BatchResult:
    return BatchSenderRig(line).send(batch_to(people(number), data=words), composer(synthesizer))


def test_the_same_words_for_five_hundred_are_spoken_once_and_go_by_multicast() -> None:
    line, synthesizer = FakeLine(FakeClock()), FakeSynthesizer()

    send(line, synthesizer, "おはよう", 500)

    assert spoken(synthesizer) == ["おはよう"]
    assert [call for call, _ in line.calls] == ["multicast"]


def test_everyone_hears_their_own_name() -> None:
    line, synthesizer = FakeLine(FakeClock()), FakeSynthesizer()

    assert set(kinds(send(line, synthesizer, f"おはよう、{NAME}", 3)).values()) == {"sent"}

    assert spoken(synthesizer) == [f"おはよう、number {place}" for place in range(3)]
    assert heard(line, people(3)[2], synthesizer) == ["おはよう、number 2"]


def test_names_that_come_out_the_same_for_all_are_spoken_once() -> None:
    line, synthesizer = FakeLine(FakeClock()), FakeSynthesizer()

    send(line, synthesizer, "おはよう、{{Attributes.nickname|みなさん}}", 3)

    assert spoken(synthesizer) == ["おはよう、みなさん"]
    assert [call for call, _ in line.calls] == ["multicast"]


def test_words_that_are_the_same_for_all_are_spoken_once_beside_a_text_that_is_not() -> None:
    line, synthesizer = FakeLine(FakeClock()), FakeSynthesizer()

    send(line, synthesizer, json.dumps({"tts": "おはよう", "text": f"Hello {NAME}"}), 3)

    assert spoken(synthesizer) == ["おはよう"]
    assert line.messages[people(3)[1]][0] == text("Hello number 1")


def test_words_that_come_out_empty_are_skipped() -> None:
    line, synthesizer = FakeLine(FakeClock()), FakeSynthesizer()

    assert set(kinds(send(line, synthesizer, "{{Attributes.nickname}}", 2)).values()) == {"empty_text"}
    assert line.calls == []


def test_words_the_engine_refuses_fail_for_their_person_only() -> None:
    synthesizer = FakeSynthesizer(fails_at={"number 1": SpeechRejectedError("no such style")})

    outcomes = kinds(send(FakeLine(FakeClock()), synthesizer, NAME, 3))

    assert outcomes == {"endpoint-0": "sent", "endpoint-1": "speech_rejected", "endpoint-2": "sent"}


def test_too_many_words_for_all_are_refused_and_nothing_is_spoken() -> None:
    synthesizer = FakeSynthesizer()

    with pytest.raises(InvalidInputError) as raised:
        send(FakeLine(FakeClock()), synthesizer, "a" * 101, 2)

    assert [violation.path for violation in raised.value.violations] == ["data.tts"]
    assert spoken(synthesizer) == []


def test_too_many_words_fail_for_their_person_only() -> None:
    line = FakeLine(FakeClock())
    batch = batch_to(people(3), data=f"{NAME} {'x' * 92}")
    for recipient, name in zip(batch.recipients, ["x", "longer", "y"], strict=True):
        recipient.attributes[NAME_ATTRIBUTE][:] = [name]

    result = BatchSenderRig(line).send(batch, composer(FakeSynthesizer(), max_characters=95))

    assert kinds(result) == {"endpoint-0": "sent", "endpoint-1": "invalid_message", "endpoint-2": "sent"}


def test_an_engine_that_is_down_leaves_open_what_it_cannot_say_and_a_repeat_sends_just_that() -> None:
    line = FakeLine(FakeClock())
    down = FakeSynthesizer(fails_at={"number 1": SpeechUnavailableError("the engine is down")})
    rig, batch = BatchSenderRig(line), batch_to(people(3), data=NAME)

    first = rig.send(batch, composer(down))
    second = rig.send(batch, composer(FakeSynthesizer()))

    assert isinstance(first.pending_error, SpeechUnavailableError)
    assert set(kinds(second).values()) == {"sent"}
    assert line.received == dict.fromkeys(people(3), 1)


def test_what_line_may_have_taken_is_not_called_failed_when_it_can_no_longer_be_said() -> None:
    line = FakeLine(FakeClock(), answers=["lost_after"] * 5)
    rig, batch = BatchSenderRig(line), batch_to(people(1), data=NAME, one_request_each=True)
    rig.send(batch, composer(FakeSynthesizer()))

    mute = FakeSynthesizer(fails_at={"number 0": SpeechRejectedError("no such style any more")})
    unsure = rig.send(batch, composer(mute))
    again = rig.send(batch, composer(FakeSynthesizer()))

    assert isinstance(unsure.pending_error, RetryableError)
    assert kinds(unsure) == {}
    assert kinds(again) == {"endpoint-0": "sent"}
    assert line.received == {people(1)[0]: 1}


def rig(fails_at: dict[str, KairanError] | None = None) -> tuple[SenderRig, FakeSynthesizer]:
    synthesizer = FakeSynthesizer(fails_at=fails_at or {})
    return SenderRig(sender=Sender.SPEECH, synthesizer=synthesizer), synthesizer


def test_a_campaign_that_speaks_answers_as_every_sender_does() -> None:
    sender, synthesizer = rig()
    data: Any = {"tts": NAME, "text": f"Hello {NAME}"}

    answer = sender.invoke(campaign_to(people(2), json.dumps(data)))

    assert [entry["EventAttributes"]["outcome"] for entry in answer.values()] == ["sent", "sent"]
    message, voice = sender.line.messages[people(2)[1]]
    assert message == text("Hello n1")
    assert synthesizer.words_at(voice["originalContentUrl"]) == "n1"


def test_a_dry_run_speaks_and_sends_nothing() -> None:
    sender, synthesizer = rig()

    answer = sender.invoke({"to": people(2), "data": "おはよう", "dry_run": True})

    assert {outcome["reason"] for outcome in answer["outcomes"].values()} == {"dry_run"}
    assert spoken(synthesizer) == ["おはよう"]
    assert sender.line.received == {}


def test_an_engine_that_is_down_is_an_error_and_no_message() -> None:
    sender, _ = rig({"a": SpeechUnavailableError("the engine is down")})

    with pytest.raises(SpeechUnavailableError):
        sender.invoke(campaign_to(people(2), "a"))

    assert sender.line.calls == []
