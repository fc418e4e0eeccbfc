"""Long text in parts that an engine takes."""

from hypothesis import given
from hypothesis import strategies as st

from kairan.speech.sentences import COMFORTABLE, MAX_CHARACTERS, split
from kairan.text import grapheme_count

FAMILY = "👨‍👩‍👧"
TEXTS = st.lists(
    st.one_of(
        st.text(max_size=40),
        st.sampled_from(
            ["。", "！？", "\n", "、", " ", "　", "「はい。」", FAMILY, "が" * 300, "回覧です。" * 90, "a " * 400]
        ),
    ),
    max_size=30,
).map("".join)


@given(TEXTS)
def test_the_parts_together_are_the_text_but_for_white_space(text: str) -> None:
    assert "".join("".join(split(text)).split()) == "".join(text.split())


@given(TEXTS)
def test_no_part_is_longer_than_an_engine_takes_or_without_words(text: str) -> None:
    assert all(len(part) <= MAX_CHARACTERS and part.strip() for part in split(text))


@given(TEXTS)
def test_a_part_is_long_only_when_it_is_a_single_sentence_or_all_there_is(text: str) -> None:
    parts = split(text)

    assert len(parts) <= 1 or all(len(part) <= COMFORTABLE or is_one_sentence(part) for part in parts)


def is_one_sentence(part: str) -> bool:
    return not any(end in part.rstrip("。！？\n」』）】〉》”’") for end in "。！？\n")


def test_a_short_text_is_one_part() -> None:
    assert split("おはようございます。回覧です！") == ["おはようございます。回覧です！"]


def test_a_text_of_the_very_limit_is_one_part() -> None:
    text = "吾輩は猫である。" * 62 + "にゃあ。"

    assert split(text) == [text]


def test_a_long_text_is_split_after_a_sentence() -> None:
    first, second, tail = "あ" * 299 + "。", "い" * 298 + "！？", "う" * 300

    assert split(first + second + tail) == [first, second, tail]


def test_sentences_share_a_part_while_it_is_a_comfortable_one() -> None:
    sentence = "あ" * 19 + "。"

    assert split(sentence * 27) == [*[sentence * 5] * 5, sentence * 2]


def test_a_line_break_ends_a_sentence() -> None:
    assert split("あ" * 300 + "\n" + "い" * 300) == ["あ" * 300 + "\n", "い" * 300]


def test_a_bracket_closes_with_its_sentence() -> None:
    said = "「" + "あ" * 298 + "。」"

    assert split(said + "い" * 300) == [said, "い" * 300]


def test_a_tail_without_an_end_is_kept() -> None:
    assert split("あ" * 500 + "。" + "それから")[-1].endswith("それから")


def test_a_sentence_that_is_too_long_is_split_at_its_last_pause() -> None:
    text = "あ" * 100 + "、" + "い" * 300 + "、" + "う" * 300

    assert split(text) == ["あ" * 100 + "、" + "い" * 300 + "、", "う" * 300]


def test_words_are_not_cut_where_there_is_a_space() -> None:
    text = "kairan " * 150

    assert all(part.endswith(" ") for part in split(text))


def test_without_a_pause_it_is_cut_where_it_must_be() -> None:
    assert [len(part) for part in split("あ" * 1201)] == [500, 500, 201]


def test_what_a_reader_sees_as_one_character_is_not_cut() -> None:
    text = "あ" * 498 + FAMILY + "が" * 100

    parts = split(text)

    assert parts[0] == "あ" * 498
    assert sum(grapheme_count(part) for part in parts) == grapheme_count(text)


def test_white_space_has_no_parts() -> None:
    assert split("") == split(" \n　\n") == []


def test_ten_thousand_characters_are_split() -> None:
    parts = split("吾輩は猫である。名前はまだ無い。" * 625)

    assert "".join(parts) == "吾輩は猫である。名前はまだ無い。" * 625
    assert len(parts) == 105
