"""What a segment may say, what is refused, and that writing it back changes nothing."""

import json
from typing import Any

import pytest

from kairan.audience.segments.fields import FIELDS, Operator
from kairan.audience.segments.reading import read
from kairan.audience.segments.writing import write
from kairan.errors import InvalidInputError
from tests.cases.segments import CITY, NORMAL, NORMALISED, REFUSED


@pytest.mark.parametrize("document", NORMAL, ids=lambda document: json.dumps(document, ensure_ascii=False)[:60])
def test_a_segment_is_written_back_as_it_was(document: dict[str, Any]) -> None:
    assert write(read(document)) == document


@pytest.mark.parametrize(("document", "normal"), NORMALISED)
def test_a_segment_is_written_back_in_one_form(document: dict[str, Any], normal: dict[str, Any]) -> None:
    assert write(read(document)) == normal


@pytest.mark.parametrize(("document", "normal"), NORMALISED)
def test_both_forms_are_the_same_segment(document: dict[str, Any], normal: dict[str, Any]) -> None:
    assert read(document) == read(normal)


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_wrong_is_refused_with_its_path(what: str) -> None:
    document, path = REFUSED[what]

    with pytest.raises(InvalidInputError) as refused:
        read(document)

    assert refused.value.violations[0].path == path


def test_the_violations_of_all_criteria_are_said_at_once() -> None:
    document = {"id": "X", "sample": 3, "all": [{"tag": ""}, CITY, {"none": [{"segment": "?"}, {"everyone": 1}]}]}

    with pytest.raises(InvalidInputError) as refused:
        read(document)

    paths = [violation.path for violation in refused.value.violations]
    assert paths == ["all[0].tag", "all[2].none[0].segment", "all[2].none[1].everyone", "id", "sample"]


def test_no_violation_repeats_a_value() -> None:
    """Values are data of people."""
    with pytest.raises(InvalidInputError) as refused:
        read({"any": [{"field": "attributes.city", "before": "Kyoto"}, {"field": "status", "is": "Kyoto"}]})

    assert "Kyoto" not in str(refused.value)


@pytest.mark.parametrize("field", [*FIELDS, "attributes.any"])
@pytest.mark.parametrize("operator", Operator)
def test_each_operator_is_taken_or_said_not_to_fit(field: str, operator: Operator) -> None:
    with pytest.raises(InvalidInputError) as refused:
        read({"field": field, operator: None})

    [violation] = refused.value.violations
    fits = field == "attributes.any" or operator in FIELDS[field].operators
    assert violation.message.startswith("does not fit") is not fits


def test_a_segment_says_which_segments_and_campaigns_it_names() -> None:
    named = {"none": [{"segment": "a"}, {"campaign": "spring", "state": "sent"}, {"any": [{"segment": "b"}]}]}

    definition = read(named)

    assert (list(definition.segments()), list(definition.campaigns())) == (["a", "b"], ["spring"])


def test_a_list_names_no_other_segment() -> None:
    assert list(read({"list": {"people": 3}}).segments()) == []
