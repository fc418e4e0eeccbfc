"""What an owner may write about a person, and how changes come together."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairan.audience.details import KEEP, MAX_BYTES, Change, Details, changed
from kairan.audience.editing import edit
from kairan.audience.model import Follower, OptOutBy, Status
from kairan.errors import InvalidInputError, StoreUnavailableError
from tests.fakes.audience import FakeAudience
from tests.fakes.clock import FakeClock
from tests.fakes.line import person
from tests.rigs.events import user

AT = FakeClock().now()
LATER = AT + timedelta(days=1)
BEFORE = Details(
    external_id="C-1",
    time_zone="Asia/Tokyo",
    attributes={"city": ("Kyoto", "京都"), "visits": ("3",)},
    tags=frozenset({"vip", "early"}),
)


def change(**what: Any) -> Change:
    return Change(**{"by": OptOutBy.API, **what})


@pytest.mark.parametrize(
    ("what", "after"),
    [
        ({}, {}),
        ({"tags_add": frozenset({"new", "vip"})}, {"tags": frozenset({"vip", "early", "new"})}),
        ({"tags_add": frozenset({" ", "\u3000"})}, {}),
        ({"tags_remove": frozenset({"vip", "nothing"})}, {"tags": frozenset({"early"})}),
        ({"attributes": {"city": ("Nara",)}}, {"attributes": {"city": ("Nara",), "visits": ("3",)}}),
        ({"attributes": {"City": ("Nara",)}}, {"attributes": {**BEFORE.attributes, "City": ("Nara",)}}),
        ({"attributes": {"city": None, "visits": (" ", "")}}, {"attributes": {}}),
        ({"attributes": {"city": ("", "Nara")}}, {"attributes": {"city": ("Nara",), "visits": ("3",)}}),
        ({"external_id": "C-2", "time_zone": "Asia/Taipei"}, {"external_id": "C-2", "time_zone": "Asia/Taipei"}),
        ({"external_id": None, "time_zone": None}, {"external_id": None, "time_zone": None}),
        ({"external_id": KEEP, "time_zone": KEEP}, {}),
        (
            {"replace": True, "tags_add": frozenset({"new"}), "attributes": {"city": ("Nara",)}},
            {"tags": frozenset({"new"}), "attributes": {"city": ("Nara",)}},
        ),
    ],
)
def test_a_change_says_what_changes_and_the_rest_stays(what: dict[str, Any], after: dict[str, Any]) -> None:
    assert changed(BEFORE, change(**what), at=AT) == replace(BEFORE, **after)


@pytest.mark.parametrize("by", OptOutBy)
def test_who_opts_a_person_out_is_stored_with_the_time(by: OptOutBy) -> None:
    out = changed(BEFORE, change(by=by, opt_out=True), at=AT)

    assert (out.opt_out, out.opt_out_at, out.opt_out_by) == (True, AT, by)
    assert changed(out, change(by=by, opt_out=True), at=LATER) == out
    assert changed(out, change(by=by, opt_out=False), at=LATER) == BEFORE


@pytest.mark.parametrize("by", sorted(set(OptOutBy) - {OptOutBy.IMPORT}))
def test_an_import_lifts_no_opt_out_that_someone_else_said(by: OptOutBy) -> None:
    imported = changed(BEFORE, change(by=OptOutBy.IMPORT, opt_out=True), at=AT)
    said_again = changed(imported, change(by=by, opt_out=True), at=LATER)

    assert (said_again.opt_out_at, said_again.opt_out_by) == (LATER, by)
    assert changed(said_again, change(by=OptOutBy.IMPORT, opt_out=False), at=LATER) == said_again
    assert changed(said_again, change(by=OptOutBy.IMPORT, opt_out=True), at=LATER) == said_again
    assert not changed(said_again, change(by=by, opt_out=False), at=LATER).opt_out


@pytest.mark.parametrize(
    ("what", "path"),
    [
        ({"external_id": "x" * 129}, "external_id"),
        ({"time_zone": "Tokyo"}, "time_zone"),
        ({"time_zone": "../etc/passwd"}, "time_zone"),
        ({"tags_add": frozenset({"t" * 51})}, f"tags[{'t' * 50}]"),
        ({"tags_add": frozenset(map(str, range(101)))}, "tags"),
        ({"attributes": {"a.b": ("1",)}}, "attributes.a.b"),
        ({"attributes": {"a|b": ("1",)}}, "attributes.a|b"),
        ({"attributes": {"{a}": ("1",)}}, "attributes.{a}"),
        ({"attributes": {" ": ("1",)}}, "attributes. "),
        ({"attributes": {"n" * 51: ("1",)}}, f"attributes.{'n' * 50}"),
        ({"attributes": {"city": ("1",) * 51}}, "attributes.city"),
        ({"attributes": {"city": ("1", "x" * 1001)}}, "attributes.city[1]"),
        ({"attributes": {"city": ("あ" * 1000,) * 6}}, "attributes.city"),
    ],
)
def test_what_is_over_a_limit_is_refused_by_its_path(what: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        changed(Details(), change(**what), at=AT)

    assert [violation.path for violation in refused.value.violations] == [path]


def test_fifteen_kilobytes_are_the_most() -> None:
    most = {f"n{n:03}": ("x" * 1000,) for n in range(15)}
    room = MAX_BYTES - 15 * 1004

    assert changed(Details(), change(attributes={**most, "z": ("x" * (room - 1),)}), at=AT).attributes
    with pytest.raises(InvalidInputError, match=r"15,361 bytes; a person has at most 15,360"):
        changed(Details(), change(attributes={**most, "z": ("x" * room,)}), at=AT)


def test_what_was_stored_over_a_limit_does_not_stop_a_change_that_changes_nothing() -> None:
    large = Details(tags=frozenset({"t" * 60}))

    assert changed(large, change(tags_add=frozenset({"t" * 60})), at=AT) == large


class Contested(FakeAudience):
    """Others write `rivals` times, each just before a write."""

    rivals = 0

    def write_details(self, before: Follower, details: Details) -> Follower | None:
        if self.rivals:
            self.rivals -= 1
            known = self.get(before.person)
            assert known is not None
            rival = Details(tags=known.tags | {f"rival {self.rivals}"}, attributes=known.attributes)
            assert super().write_details(known, rival) is not None
        return super().write_details(before, details)


@pytest.fixture
def audience() -> Contested:
    audience = Contested(clock=FakeClock())
    audience.register(person(user(1)), at=AT)
    return audience


def test_changes_at_the_same_moment_all_count(audience: Contested) -> None:
    audience.rivals = 3

    after = edit(audience, person(user(1)), change(tags_add=frozenset({"ours"})), at=AT)

    assert after is not None
    assert after == audience.get(person(user(1)))
    assert after.tags == {"ours", "rival 0", "rival 1", "rival 2"}


def test_a_person_whom_others_change_all_the_time_is_to_be_changed_later(audience: Contested) -> None:
    audience.rivals = 1000

    with pytest.raises(StoreUnavailableError):
        edit(audience, person(user(1)), change(tags_add=frozenset({"ours"})), at=AT)


def test_a_change_that_changes_nothing_writes_nothing(audience: Contested) -> None:
    before = edit(audience, person(user(1)), change(tags_add=frozenset({"vip"})), at=AT)

    assert edit(audience, person(user(1)), change(tags_add=frozenset({"vip"})), at=AT) == before


@pytest.mark.parametrize("erased", [True, False])
def test_who_is_not_there_or_was_erased_is_not_changed(audience: Contested, erased: bool) -> None:
    if erased:
        audience.erase(person(user(2)), at=AT)

    assert edit(audience, person(user(2)), change(tags_add=frozenset({"vip"})), at=AT) is None


texts = st.text(max_size=8)
changes = st.builds(
    Change,
    by=st.sampled_from(OptOutBy),
    tags_add=st.frozensets(texts, max_size=3),
    tags_remove=st.frozensets(texts, max_size=3),
    attributes=st.dictionaries(texts, st.none() | st.lists(texts, max_size=3).map(tuple), max_size=3),
    external_id=st.sampled_from([KEEP, None, "C-1", "C-2", ""]),
    time_zone=st.sampled_from([KEEP, None, "Asia/Tokyo", "UTC"]),
    opt_out=st.sampled_from([None, True, False]),
    replace=st.booleans(),
)


@given(st.lists(changes, max_size=4))
def test_a_change_that_was_made_changes_nothing_when_it_is_made_again(several: list[Change]) -> None:
    details = Details()
    for each in several:
        try:
            details = changed(details, each, at=AT)
        except InvalidInputError:
            continue
        assert changed(details, each, at=LATER) == details
    assert details.opt_out is (details.opt_out_by is not None) is (details.opt_out_at is not None)
    assert all(values and all(value.strip() for value in values) for values in details.attributes.values())


def test_a_follower_without_details_has_none() -> None:
    assert not Follower(person(user(1)), Status.FOLLOWING).tags
