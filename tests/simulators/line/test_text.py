"""How LINE counts characters."""

import pytest

from simulators.line.text import grapheme_clusters, utf16_length


@pytest.mark.parametrize(
    ("text", "units", "clusters"),
    [
        ("", 0, 0),
        ("a\r\nb", 4, 3),
        ("日本語", 3, 3),
        ("𠀋", 2, 1),
        ("👋", 2, 1),
        ("👋🏻", 4, 1),
        ("👨‍👩‍👧", 8, 1),
        ("か\u3099", 2, 1),
        ("e\u0301", 2, 1),
        ("🇯🇵🇫🇷", 8, 2),
        ("🇯🇵🇫", 6, 2),
        ("\u1112\u1161\u11ab", 3, 1),
        ("\u200d", 1, 1),
        ("日\r\n本", 4, 3),
        ("\ud800", 1, 1),
    ],
)
def test_characters_are_counted_in_code_units_or_as_seen(text: str, units: int, clusters: int) -> None:
    assert (utf16_length(text), grapheme_clusters(text)) == (units, clusters)
