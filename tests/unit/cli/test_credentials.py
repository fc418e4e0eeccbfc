from collections.abc import Callable
from pathlib import Path

import pytest

from cli.credentials import Answers, gather
from cli.errors import CommandError
from kairan.messengers.line.secret import LineCredentials
from tests.cases.secret_values import EDGES, ENCODED, UNREADABLE

SECRET = "8c570fa6dd201bb328f1c1eac23a96d8"
TOKEN = "long-lived/token+1="
NOTHING = LineCredentials(channel_secret=None, channel_access_token=None, channel_id=None)
CONNECTED = LineCredentials(channel_secret=SECRET, channel_access_token=TOKEN, channel_id=None)


class Person:
    """Answers the prompts in order."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, question: str) -> str:
        self.asked.append(question)
        return self.answers.pop(0)


def file(folder: Path, text: str) -> Path:
    path = folder / "value.txt"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_person_is_asked_for_both() -> None:
    answers = gather(NOTHING, ask=Person(f" {SECRET} ", TOKEN))

    assert answers == Answers(channel_secret=SECRET, channel_access_token=TOKEN)


def test_an_empty_answer_keeps_what_is_there() -> None:
    person = Person("", "")

    answers = gather(CONNECTED, ask=person)

    assert answers == Answers()
    assert all("Enter keeps" in question for question in person.asked)


def test_an_empty_answer_does_not_do_the_first_time() -> None:
    with pytest.raises(CommandError, match="channel secret is missing"):
        gather(NOTHING, ask=Person(""))


def test_files_are_read_without_asking(tmp_path: Path) -> None:
    (tmp_path / "token.txt").write_text(f"{TOKEN}\n", encoding="utf-8")

    answers = gather(
        NOTHING,
        channel_secret_file=file(tmp_path, f"{SECRET}\r\n"),
        channel_access_token_file=tmp_path / "token.txt",
        ask=None,
    )

    assert answers == Answers(channel_secret=SECRET, channel_access_token=TOKEN)


@pytest.mark.parametrize("encode", ENCODED.values(), ids=ENCODED)
def test_a_file_is_read_in_every_encoding_that_it_names(tmp_path: Path, encode: Callable[[str], bytes]) -> None:
    path = tmp_path / "secret.txt"
    path.write_bytes(encode(f"{SECRET}\r\n"))

    assert gather(CONNECTED, channel_secret_file=path, ask=None) == Answers(channel_secret=SECRET)


@pytest.mark.parametrize(("encode", "named"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_cannot_be_read_is_named_as_what_it_is(
    tmp_path: Path, encode: Callable[[str], bytes], named: str
) -> None:
    path = tmp_path / "token.txt"
    path.write_bytes(encode(TOKEN))

    with pytest.raises(CommandError, match=rf"token\.txt could not be read: .*{named}") as refused:
        gather(CONNECTED, channel_access_token_file=path, ask=None)

    assert refused.value.fix == "Save it as plain text in UTF-8."


@pytest.mark.parametrize("edges", EDGES)
def test_what_copying_left_around_an_answer_is_removed(edges: str) -> None:
    answers = gather(NOTHING, ask=Person(edges.format(SECRET), edges.format(TOKEN)))

    assert answers == Answers(channel_secret=SECRET, channel_access_token=TOKEN)


def test_without_a_terminal_what_is_there_is_kept() -> None:
    assert gather(CONNECTED, ask=None) == Answers()


def test_without_a_terminal_a_missing_value_names_its_option() -> None:
    with pytest.raises(CommandError) as missing:
        gather(NOTHING, ask=None)

    assert missing.value.fix is not None
    assert "--channel-secret-file" in missing.value.fix


def test_with_a_channel_id_no_token_is_asked_for() -> None:
    person = Person(SECRET)

    answers = gather(NOTHING, channel_id="1234567890", ask=person)

    assert answers == Answers(channel_secret=SECRET, channel_id="1234567890")


def test_who_has_stateless_tokens_need_not_give_a_token() -> None:
    stateless = LineCredentials(channel_secret=SECRET, channel_access_token=None, channel_id="1234567890")

    assert gather(stateless, ask=Person("", "")) == Answers()


@pytest.mark.parametrize("given", ["8C570FA6DD201BB328F1C1EAC23A96D8", "8c570fa6dd201bb328f1c1eac23a96d", TOKEN])
def test_a_channel_secret_has_its_form_and_is_not_shown_when_it_has_another(given: str) -> None:
    with pytest.raises(CommandError, match="not a channel secret") as refused:
        gather(NOTHING, ask=Person(given))

    assert given not in f"{refused.value}{refused.value.fix}"


@pytest.mark.parametrize("given", ["two words", "line\nbreak", "„quoted“", "INSERT_CHANNEL_ACCESS_TOKEN"])
def test_an_access_token_has_its_form_and_is_not_shown_when_it_has_another(given: str) -> None:
    with pytest.raises(CommandError, match="not a channel access token") as refused:
        gather(NOTHING, ask=Person(SECRET, given))

    assert given not in f"{refused.value}{refused.value.fix}"


@pytest.mark.parametrize("channel_id", ["@neko", "12", "abc"])
def test_a_channel_id_is_a_number(channel_id: str) -> None:
    with pytest.raises(CommandError, match="channel id is a number"):
        gather(NOTHING, channel_id=channel_id, ask=None)


def test_a_channel_id_and_a_token_exclude_one_another(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="exclude"):
        gather(NOTHING, channel_id="1234567890", channel_access_token_file=file(tmp_path, TOKEN), ask=None)


@pytest.mark.parametrize("text", ["", " \n"])
def test_an_empty_file_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(CommandError, match="is empty"):
        gather(CONNECTED, channel_secret_file=file(tmp_path, text), ask=None)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"nowhere\.txt could not be read"):
        gather(NOTHING, channel_secret_file=tmp_path / "nowhere.txt", ask=None)
