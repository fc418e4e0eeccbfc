"""How many people a segment has, with what an author has to know about it."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kairan.audience.model import SHARDS, Follower, Status, shard_of
from kairan.audience.segments.definition import Count
from kairan.audience.segments.estimate import Estimate, Result, Tally
from kairan.audience.segments.reading import read
from kairan.audience.segments.sampling import limit_of, points_in, share_of, stretch_of
from tests.rigs.segments import NOW, TOKYO, StoredSegments, person

AUDIENCE = [
    person(
        number,
        status=Status.UNFOLLOWED if number % 5 == 0 else Status.FOLLOWING,
        opt_out=number % 3 == 0,
        attributes={"city": "Kyoto" if number % 2 else "Osaka"},
    )
    for number in range(3_000)
]


def estimated(document: dict[str, Any], audience: list[Follower] = AUDIENCE) -> Result:
    """Shard by shard, as workers do."""
    others = StoredSegments({"other": {"field": "attributes.contry", "is": "JP"}})
    estimate = Estimate(read(document), now=NOW, zone=TOKYO, segments=others)
    tallies = [Tally() for _ in range(SHARDS)]
    for each in audience:
        estimate.count(tallies[shard_of(each.person)], each)
    return estimate.result(sum(tallies, Tally()))


def test_the_people_of_a_segment_are_counted_and_those_who_opted_out() -> None:
    result = estimated({"field": "attributes.city", "is": "Kyoto"})

    assert (result.people, result.opted_out) == (1_200, 400)


def test_ten_of_the_people_are_named() -> None:
    result = estimated({"field": "attributes.city", "is": "Kyoto"})

    kyoto = {each.person.id for each in AUDIENCE if each.attributes["city"] == ("Kyoto",)}
    assert len(result.examples) == 10
    assert set(result.examples) <= kyoto


def test_a_field_that_no_one_has_is_named_also_in_another_segment() -> None:
    result = estimated({"any": [{"field": "attributes.ctiy", "is_not": "Kyoto"}, {"tag": "vpi"}, {"segment": "other"}]})

    assert result.warnings == (
        "attributes.contry: no one has it",
        "attributes.ctiy: no one has it",
        "tag vpi: no one has it",
    )


def test_a_field_that_anyone_has_is_no_warning_even_if_they_are_not_in_the_segment() -> None:
    audience = [person(1), person(2, status=Status.UNFOLLOWED, attributes={"size": "M"})]

    result = estimated({"field": "attributes.size", "is": "L"}, audience)

    assert (result.people, result.warnings) == (0, ())


def test_what_everyone_has_is_no_warning_in_an_empty_audience() -> None:
    document = {"all": [{"field": "status", "is": "contact"}, {"field": "opt_out", "is": True}]}

    assert estimated(document, []).warnings == ()


def test_a_sample_by_count_becomes_a_share_with_at_most_so_many() -> None:
    result = estimated({"id": "some", "everyone": True, "sample": {"count": 500}})

    assert result.share is not None
    assert 490 <= result.people <= 500
    assert 130 <= result.opted_out <= 200
    assert len(result.examples) == 10


def test_the_share_selects_exactly_the_people_that_were_counted() -> None:
    counted = estimated({"id": "some", "everyone": True, "sample": {"count": 500}})
    assert counted.share is not None

    shared = estimated({"id": "some", "everyone": True, "sample": {"share": counted.share.percent}})

    assert (shared.people, shared.opted_out) == (counted.people, counted.opted_out)


def test_a_count_that_is_larger_than_the_segment_means_all_of_it() -> None:
    result = estimated({"everyone": True, "sample": {"count": 10_000}})

    assert result.people == 2_400


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 400), st.integers(1, 400), st.text(max_size=5))
def test_a_sample_never_has_more_people_than_it_says(count: int, people: int, segment: str) -> None:
    point_of = points_in(segment)
    points = [point_of(f"U{number:032x}") for number in range(people)]
    stretches: dict[int, int] = {}
    for point in points:
        stretches[stretch_of(point)] = stretches.get(stretch_of(point), 0) + 1

    limit = limit_of(share_of(Count(count), stretches))

    chosen = sum(point < limit for point in points)
    assert chosen <= count
    assert chosen >= min(count, people) - 8
