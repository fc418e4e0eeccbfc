"""How LINE counts characters."""

import pytest

from simulators.line.text import grapheme_clusters, utf16_length
from tests.cases.characters import COUNTED


@pytest.mark.parametrize(("text", "units", "clusters"), COUNTED)
def test_characters_are_counted_in_code_units_or_as_seen(text: str, units: int, clusters: int) -> None:
    assert (utf16_length(text), grapheme_clusters(text)) == (units, clusters)
