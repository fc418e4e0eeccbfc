"""Ids that can stand in queues and keys, and JSON that passes through them."""

import re

import pytest

from kairan.json_text import plain_id


@pytest.mark.parametrize("strange", ["", "日本語", "with space", "x" * 129, "new\nline", "\ud800"])
def test_an_id_of_strange_form_becomes_its_hash(strange: str) -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", plain_id(strange))
    assert plain_id(strange) != plain_id(strange + "2")


def test_an_id_of_plain_form_stays_as_it_is() -> None:
    assert plain_id("01FZ74A0TDDPYRVKNK77XKC3ZR") == "01FZ74A0TDDPYRVKNK77XKC3ZR"
    assert plain_id("!~" * 64) == "!~" * 64
