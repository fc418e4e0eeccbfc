"""A list of people: sorted by shard, and searched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairan.audience.model import SHARDS, shard_of
from kairan.audience.segments.frozen import FrozenList, FrozenShard, freeze, read_shard, write_shard
from kairan.people import ChatId, PersonId

ids = st.integers(0, 200).map(lambda number: f"U{number:032x}")


@given(st.lists(ids), ids)
def test_a_list_holds_exactly_the_people_it_was_made_of(people: list[str], someone: str) -> None:
    shards = freeze(people)

    assert (someone in FrozenList(shards.__getitem__)) is (someone in people)
    assert sorted(person for shard in shards for person in shard) == sorted(set(people))


@given(st.lists(ids))
def test_everyone_stands_in_the_shard_of_the_audience_in_which_they_are_stored(people: list[str]) -> None:
    shards = freeze(people)

    assert len(shards) == SHARDS
    assert all(
        shard_of(PersonId(ChatId("line", each))) == number for number, part in enumerate(shards) for each in part
    )


@given(st.lists(ids))
def test_a_shard_is_read_as_it_was_written(people: list[str]) -> None:
    shard = FrozenShard(sorted(set(people)))

    assert list(read_shard(write_shard(shard))) == list(shard)


@pytest.mark.parametrize("data", [b"b\na\n", b"a\na\n"])
def test_a_file_that_is_not_sorted_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="not sorted"):
        read_shard(data)


def test_only_the_shards_that_are_asked_for_are_read_and_once() -> None:
    shards = freeze(f"U{number:032x}" for number in range(50))
    read: list[int] = []

    def read_one(number: int) -> FrozenShard:
        read.append(number)
        return shards[number]

    people = FrozenList(read_one)

    assert [f"U{7:032x}" in people, f"U{7:032x}" in people, None in people] == [True, True, False]
    assert read == [shard_of(PersonId(ChatId("line", f"U{7:032x}")))]
