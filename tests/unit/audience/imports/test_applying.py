"""What a record makes of the person whom it is about."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairan.audience.details import Change
from kairan.audience.imports.applying import Applied, Effect, ImportedStatus, apply
from kairan.audience.imports.people import ImportedPerson
from kairan.audience.model import Follower, OptOutBy, Source, Status
from tests.fakes.clock import FakeClock
from tests.fakes.line import person
from tests.rigs.events import user

AT = FakeClock().now()
EARLIER = AT - timedelta(days=1)
AKI = person(user(1))
FRIEND = Follower(AKI, Status.FOLLOWING, status_at=EARLIER, followed_at=EARLIER, source=Source.FOLLOW)
PRESUMED = Follower(AKI, Status.FOLLOWING, presumed=True, source=Source.EVENT)
CONTACT = Follower(AKI, Status.CONTACT, source=Source.EVENT)
LEFT = Follower(AKI, Status.UNFOLLOWED, status_at=EARLIER, unfollowed_at=EARLIER, source=Source.FOLLOW)
ERASED = Follower(AKI, Status.UNFOLLOWED, status_at=EARLIER, unfollowed_at=EARLIER, version=3, erased=True)


def record(*, status: Status | None = None, known_by_number: bool = False, **change: Any) -> ImportedPerson:
    return ImportedPerson(
        7, None if known_by_number else AKI, "C-1", status, Change(**{"by": OptOutBy.IMPORT, **change})
    )


def applied(known: Follower | None, what: ImportedPerson, status: ImportedStatus = Status.FOLLOWING) -> Applied:
    return apply(known, what, status=status, at=AT)


@pytest.mark.parametrize("status", [Status.FOLLOWING, Status.CONTACT])
def test_a_new_person_is_as_the_import_says(status: ImportedStatus) -> None:
    new = applied(None, record(tags_add=frozenset({"vip"})), status)

    assert new == Applied(
        Effect.NEW,
        Follower(AKI, status, source=Source.IMPORT, created_at=AT, tags=frozenset({"vip"}), version=1),
    )


def test_an_endpoint_that_is_inactive_is_a_contact_whatever_the_import_says() -> None:
    new = applied(None, record(status=Status.CONTACT)).follower

    assert new is not None
    assert new.status is Status.CONTACT


@pytest.mark.parametrize("known", [PRESUMED, CONTACT])
@pytest.mark.parametrize("status", [Status.FOLLOWING, Status.CONTACT])
def test_an_import_decides_over_a_profile(known: Follower, status: ImportedStatus) -> None:
    after = applied(known, record(), status).follower or known

    assert (after.status, after.presumed, after.version) == (status, False, 0)


@pytest.mark.parametrize("known", [FRIEND, LEFT])
@pytest.mark.parametrize("says", [Status.FOLLOWING, Status.CONTACT])
def test_a_follow_or_unfollow_that_was_heard_decides_over_an_import(known: Follower, says: ImportedStatus) -> None:
    assert applied(known, record(), says) == Applied(Effect.UNCHANGED)
    assert applied(known, record(tags_add=frozenset({"vip"})), says) == Applied(
        Effect.CHANGED, replace(known, tags=frozenset({"vip"}), version=1)
    )


def test_a_person_who_was_erased_is_left_alone() -> None:
    refused = applied(ERASED, record(tags_add=frozenset({"vip"})))

    assert (refused.effect, refused.follower) == (Effect.REFUSED, None)
    assert "erased" in refused.reason


def test_a_number_that_no_one_has_is_counted() -> None:
    assert applied(None, record(known_by_number=True)) == Applied(Effect.UNKNOWN_PERSON)


def test_a_number_that_someone_has_changes_that_person() -> None:
    after = applied(FRIEND, record(known_by_number=True, tags_add=frozenset({"vip"}))).follower

    assert after is not None
    assert (after.person, after.tags) == (AKI, frozenset({"vip"}))


def test_what_would_break_a_limit_together_with_what_is_stored_is_refused() -> None:
    full = replace(FRIEND, tags=frozenset(map(str, range(100))))

    refused = applied(full, record(tags_add=frozenset({"one more"})))

    assert (refused.effect, refused.reason) == (Effect.REFUSED, "tags: would be 101; a person has at most 100")


@given(
    st.sampled_from([None, FRIEND, PRESUMED, CONTACT, LEFT, ERASED]),
    st.sampled_from([Status.FOLLOWING, Status.CONTACT]),
    st.frozensets(st.sampled_from("abc")),
    st.dictionaries(st.sampled_from("xyz"), st.lists(st.sampled_from("12"), max_size=2).map(tuple)),
    st.booleans(),
)
def test_a_record_that_was_applied_changes_nothing_when_it_is_applied_again(
    known: Follower | None,
    status: ImportedStatus,
    tags: frozenset[str],
    attributes: dict[str, tuple[str, ...]],
    replaces: bool,
) -> None:
    what = record(tags_add=tags, attributes=attributes, replace=replaces)
    first = applied(known, what, status)

    if first.follower is not None:
        assert applied(first.follower, what, status) == Applied(Effect.UNCHANGED)
