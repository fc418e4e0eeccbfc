"""Who belongs to a segment, and which segments cannot be evaluated."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kairan.audience.model import Follower, Status
from kairan.audience.segments.compiler import compile, needed_fields
from kairan.audience.segments.frozen import FrozenShard
from kairan.audience.segments.reading import read
from kairan.audience.segments.references import MAX_CRITERIA_IN_ALL, MAX_REFERENCES_DEEP
from kairan.errors import InvalidInputError
from tests.cases.segments import CITY
from tests.rigs.segments import NOW, TOKYO, FinishedCampaigns, StoredSegments, person

NO_ONE_ELSE = StoredSegments({})
CAMPAIGNS = FinishedCampaigns({("spring", "sent"): {person(1).person.id}})


def belongs(document: dict[str, Any], follower: Follower, segments: StoredSegments = NO_ONE_ELSE) -> bool:
    return compile(read(document), now=NOW, zone=TOKYO, segments=segments, campaigns=CAMPAIGNS)(follower)


def refusal(document: dict[str, Any], segments: StoredSegments = NO_ONE_ELSE) -> tuple[str, str]:
    with pytest.raises(InvalidInputError) as refused:
        compile(read(document), now=NOW, zone=TOKYO, segments=segments)
    [violation] = refused.value.violations
    return violation.path, violation.message


# status


@pytest.mark.parametrize(("status", "expected"), [("following", True), ("unfollowed", False), ("contact", False)])
def test_without_a_criterion_on_status_a_segment_means_people_who_follow(status: str, expected: bool) -> None:
    assert belongs({"everyone": True}, person(status=Status(status))) is expected


def test_a_negation_does_not_bring_in_people_who_do_not_follow() -> None:
    assert not belongs({"none": [{"tag": "vip"}]}, person(status=Status.UNFOLLOWED))


def test_a_criterion_on_status_decides_wherever_it_stands() -> None:
    document = {"any": [{"tag": "vip"}, {"none": [{"field": "status", "is": ["following", "unfollowed"]}]}]}

    assert belongs(document, person(status=Status.CONTACT))


def test_an_erased_person_belongs_to_no_segment() -> None:
    anyone = {"field": "status", "is": ["following", "unfollowed", "contact"]}

    assert not belongs(anyone, person(erased=True))
    assert not belongs({"everyone": True}, person(erased=True))


# fields


@pytest.mark.parametrize(
    ("criterion", "expected"),
    [
        ({"is": "Kyoto"}, False),
        ({"is_not": "Kyoto"}, True),
        ({"contains": "K"}, False),
        ({"starts_with": "K"}, False),
        ({"exists": True}, False),
        ({"exists": False}, True),
        ({"at_least": 0}, False),
        ({"at_most": 0}, False),
        ({"less_than": 0}, False),
        ({"between": [0, 1]}, False),
        ({"before": "today"}, False),
        ({"after": "today"}, False),
        ({"on": "today"}, False),
    ],
)
def test_a_person_without_the_field_matches_only_is_not_and_exists_false(
    criterion: dict[str, Any], expected: bool
) -> None:
    asked = {"field": "attributes.city", **criterion}

    assert belongs(asked, person()) is expected
    assert belongs({"none": [asked]}, person()) is not expected


def test_is_not_holds_only_if_no_value_is_one_of_them() -> None:
    asked = {"field": "attributes.city", "is_not": ["Kyoto", "Osaka"]}

    assert belongs(asked, person(attributes={"city": ("Kobe", "Nara")}))
    assert not belongs(asked, person(attributes={"city": ("Kobe", "Osaka")}))


@pytest.mark.parametrize("operator", ["is", "contains", "starts_with"])
@pytest.mark.parametrize("text", ["kyoto", "ＫＹＯＴＯ", "Ｋｙｏｔｏ"])
def test_a_folded_criterion_ignores_case_and_width(operator: str, text: str) -> None:
    asked = {"field": "display_name", operator: "Kyoto"}

    assert belongs({**asked, "fold": True}, person(display_name=text))
    assert not belongs(asked, person(display_name=text))


@pytest.mark.parametrize(
    ("text", "written"), [("ガス", "ｶﾞｽ"), ("が", "か\u3099"), ("Straße", "STRASSE"), ("(株)", "㈱")]
)
def test_folding_joins_ways_of_writing_one_word(text: str, written: str) -> None:
    assert belongs({"field": "attributes.name", "is": text, "fold": True}, person(attributes={"name": written}))


def test_folding_keeps_hiragana_and_katakana_apart() -> None:
    assert not belongs({"field": "attributes.name", "is": "がす", "fold": True}, person(attributes={"name": "ガス"}))


@pytest.mark.parametrize("text", ["1200", "1,200", "１２００", "１，２００", " 1200 ", "1200.0", "+1200", "1.2E+03"])
def test_a_text_that_is_a_number_is_compared_as_one(text: str) -> None:
    assert belongs({"field": "attributes.paid", "between": [1200, 1200]}, person(attributes={"paid": text}))


@pytest.mark.parametrize("text", ["-5", "−5", "－５", "-5.0"])
def test_a_number_may_be_negative(text: str) -> None:
    assert belongs({"field": "attributes.paid", "between": [-5, -5]}, person(attributes={"paid": text}))


@pytest.mark.parametrize(
    "text",
    ["12,00", "1,2", "3 times", "¥300", "NaN", "inf", "0x10", "1_000", "١٢", "五", "1.", "e3", "-", ".", "1e9999"],
)
def test_a_text_that_is_no_number_matches_no_comparison(text: str) -> None:
    someone = person(attributes={"paid": text})

    assert not belongs({"field": "attributes.paid", "at_least": -1e18}, someone)
    assert not belongs({"field": "attributes.paid", "at_most": 1e18}, someone)


def test_numbers_are_compared_exactly() -> None:
    assert belongs({"field": "attributes.n", "at_least": 0.3}, person(attributes={"n": "0.3"}))
    assert not belongs({"field": "attributes.n", "at_least": 10**17 + 1}, person(attributes={"n": str(10**17)}))


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"at_least": 3}, [False, True, True]),
        ({"more_than": 3}, [False, False, True]),
        ({"at_most": 3}, [True, True, False]),
        ({"less_than": 3}, [True, False, False]),
        ({"between": [3, 4]}, [False, True, True]),
        ({"between": [2, 3]}, [True, True, False]),
    ],
)
def test_a_comparison_says_whether_the_number_itself_belongs_to_it(asked: dict[str, Any], expected: list[bool]) -> None:
    people = [person(attributes={"n": text}) for text in ("2", "3", "4")]

    assert [belongs({"field": "attributes.n", **asked}, each) for each in people] == expected


def test_one_value_has_to_lie_between_both_ends() -> None:
    asked = {"field": "attributes.n", "between": [2, 3]}

    assert not belongs(asked, person(attributes={"n": ("1", "4")}))
    assert belongs(asked, person(attributes={"n": ("1", "3")}))


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"before": "2026-11-01"}, [True, False, False, False]),
        ({"on": "2026-11-01"}, [False, True, True, False]),
        ({"after": "2026-11-01"}, [False, False, False, True]),
        ({"between": ["2026-10-31", "2026-11-01"]}, [True, True, True, False]),
        ({"between": ["-20d", "2026-11-01T23:59:59+09:00"]}, [False, True, False, False]),
    ],
)
def test_a_day_begins_and_ends_at_midnight_in_the_accounts_zone(asked: dict[str, Any], expected: list[bool]) -> None:
    shortest = timedelta(microseconds=1)
    midnight, next_midnight = datetime(2026, 10, 31, 15, tzinfo=UTC), datetime(2026, 11, 1, 15, tzinfo=UTC)
    times = [midnight - shortest, midnight, next_midnight - shortest, next_midnight]

    answers = [belongs({"field": "followed_at", **asked}, person(followed_at=at)) for at in times]

    assert answers == expected


def test_a_persons_time_may_be_in_any_zone() -> None:
    """A wall clock of the account's own zone would be compared as it stands."""
    at = datetime(2026, 11, 1, 0, 30, tzinfo=TOKYO)

    assert belongs({"field": "followed_at", "on": "2026-11-01"}, person(followed_at=at))


# groups, other segments, campaigns, samples


def test_another_segment_means_the_people_who_are_in_it() -> None:
    segments = StoredSegments({"contacts": {"field": "status", "is": "contact"}, "vips": {"tag": "vip"}})
    contact = person(status=Status.CONTACT, tags=["vip"])

    assert not belongs({"segment": "contacts"}, contact, segments)
    assert belongs({"all": [{"segment": "contacts"}, {"field": "status", "is": "contact"}]}, contact, segments)
    assert not belongs({"all": [{"segment": "vips"}, {"field": "status", "is": "contact"}]}, contact, segments)


def test_a_list_of_people_is_a_segment_like_another() -> None:
    people = FrozenShard([person(1).person.id, person(3).person.id])
    segments = StoredSegments({}, {"buyers": people})

    answers = [belongs({"segment": "buyers"}, person(number), segments) for number in (1, 2, 3)]

    assert answers == [True, False, True]
    assert belongs({"id": "buyers", "list": {"people": 2}}, person(3), segments)
    assert not belongs({"id": "buyers", "list": {"people": 2}}, person(2), segments)


def test_a_list_that_is_named_holds_people_of_every_status() -> None:
    segments = StoredSegments({}, {"visitors": [person(1).person.id]})
    contacts = {"all": [{"segment": "visitors"}, {"field": "status", "is": "contact"}]}

    assert belongs(contacts, person(1, status=Status.CONTACT), segments)
    assert not belongs({"segment": "visitors"}, person(1, status=Status.CONTACT), segments)


def test_a_campaign_answers_who_had_it() -> None:
    assert belongs({"campaign": "spring", "state": "sent"}, person(1))
    assert not belongs({"campaign": "spring", "state": "sent"}, person(2))


def test_a_campaign_that_does_not_exist_is_named() -> None:
    with pytest.raises(InvalidInputError, match=r"^none\[0\]\.campaign: there is no campaign summer$"):
        belongs({"none": [{"campaign": "summer", "state": "sent"}]}, person())


def test_a_campaign_is_refused_where_no_campaigns_can_be_asked() -> None:
    assert refusal({"none": [{"campaign": "spring", "state": "sent"}]})[0] == "none[0].campaign"


def test_a_share_chooses_the_same_people_each_time() -> None:
    document = {"id": "tenth", "everyone": True, "sample": {"share": 10}}

    chosen = [number for number in range(40) if belongs(document, person(number))]

    assert chosen == [0, 4, 17]


def test_a_share_has_about_as_many_people_as_it_says() -> None:
    matches = compile(read({"everyone": True, "sample": {"share": 10}}), now=NOW, zone=TOKYO)

    assert 900 < sum(matches(person(number)) for number in range(10_000)) < 1_100


def test_a_larger_share_has_everyone_of_a_smaller_one() -> None:
    small, large = [
        compile(read({"id": "a", "everyone": True, "sample": {"share": share}}), now=NOW, zone=TOKYO)
        for share in (5, 20)
    ]

    assert all(large(person(number)) for number in range(2_000) if small(person(number)))


def test_a_sample_by_count_waits_for_an_estimate() -> None:
    counted = {"everyone": True, "sample": {"count": 10}}

    assert refusal(counted)[0] == "sample.count"
    assert refusal({"segment": "ten"}, StoredSegments({"ten": counted}))[0] == "segment(ten).sample.count"


def test_what_was_not_carried_over_is_named_with_its_path() -> None:
    document = {"any": [CITY, {"unsupported": {"Location": {}}}]}

    assert refusal(document)[0] == "any[1].unsupported"
    named = refusal({"none": [{"segment": "moved"}]}, StoredSegments({"moved": document}))
    assert named[0] == "none[0].segment(moved).any[1].unsupported"


def test_a_segment_that_does_not_exist_is_named() -> None:
    assert refusal({"all": [CITY, {"segment": "gone"}]}) == ("all[1].segment", "there is no segment gone")


@pytest.mark.parametrize(
    ("documents", "circle"),
    [
        ({"a": {"segment": "a"}}, "a → a"),
        ({"a": {"any": [CITY, {"segment": "b"}]}, "b": {"none": [{"segment": "a"}]}}, "a → b → a"),
        ({"a": {"segment": "b"}, "b": {"segment": "c"}, "c": {"segment": "b"}}, "b → c → b"),
    ],
)
def test_segments_that_name_each_other_in_a_circle_are_refused(documents: dict[str, Any], circle: str) -> None:
    assert refusal({"id": "a", **documents["a"]}, StoredSegments(documents))[1] == f"goes in a circle: {circle}"


def chain(length: int) -> StoredSegments:
    return StoredSegments({f"s{n}": {"segment": f"s{n + 1}"} for n in range(1, length)} | {f"s{length}": CITY})


def test_segments_name_each_other_ten_deep() -> None:
    kyoto = person(attributes={"city": "Kyoto"})

    assert belongs({"segment": "s1"}, kyoto, chain(MAX_REFERENCES_DEEP))
    assert "at most 10 deep" in refusal({"segment": "s1"}, chain(MAX_REFERENCES_DEEP + 1))[1]


def test_a_long_chain_is_found_also_where_its_end_was_seen_before() -> None:
    document = {"any": [{"segment": f"s{MAX_REFERENCES_DEEP + 1}"}, {"segment": "s1"}]}

    assert "at most 10 deep" in refusal(document, chain(MAX_REFERENCES_DEEP + 1))[1]


def test_segments_that_multiply_are_refused() -> None:
    documents = {f"s{n}": {"any": [{"segment": f"s{n + 1}"}] * 20} for n in range(1, 4)} | {"s4": CITY}

    path, message = refusal({"segment": "s1"}, StoredSegments(documents))

    assert path == ""
    assert f"{MAX_CRITERIA_IN_ALL:,}" in message


# what has to be read


def test_a_reader_is_told_which_fields_a_segment_needs() -> None:
    document = {
        "all": [
            CITY,
            {"tag": "vip"},
            {"segment": "other"},
            {"none": [{"field": "display_name", "exists": True}]},
            {"everyone": True},
        ]
    }
    segments = StoredSegments({"other": {"field": "followed_at", "before": "today"}})

    needed = needed_fields(read(document), segments)

    assert needed == {"erased", "status", "attributes.city", "tags", "display_name", "followed_at"}
