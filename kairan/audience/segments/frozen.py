"""A list of people that does not change: their ids, sorted, by shard of the audience."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import pairwise

from kairan.audience.model import SHARDS, shard_of
from kairan.people import ChatId, PersonId


class FrozenShard:
    """The ids of one shard. A worker that reads a shard of the audience needs only this one."""

    def __init__(self, ids: Sequence[str]) -> None:
        """`ids`: sorted, each once."""
        self._ids = ids

    def __contains__(self, person: object) -> bool:
        if not isinstance(person, str):
            return False
        index = bisect_left(self._ids, person)
        return index < len(self._ids) and self._ids[index] == person

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._ids)


class FrozenList:
    """All shards of a list. One is read when the first person of it is asked for."""

    def __init__(self, read_shard: Callable[[int], FrozenShard]) -> None:
        self._shard = cache(read_shard)

    def __contains__(self, person: object) -> bool:
        return isinstance(person, str) and person in self._shard(_shard_of_id(person))


def freeze(people: Iterable[str]) -> tuple[FrozenShard, ...]:
    """A list of ids by shard; the number of a shard is its place."""
    shards: list[set[str]] = [set() for _ in range(SHARDS)]
    for person in people:
        shards[_shard_of_id(person)].add(person)
    return tuple(FrozenShard(sorted(ids)) for ids in shards)


def write_shard(shard: FrozenShard) -> bytes:
    """One id a line."""
    return "".join(f"{person}\n" for person in shard).encode()


def read_shard(data: bytes) -> FrozenShard:
    """Raises ValueError when the ids are not sorted: no search would find them."""
    ids = data.decode().splitlines()
    if any(one >= next_one for one, next_one in pairwise(ids)):
        raise ValueError("the ids of a list are not sorted, or one stands there twice")
    return FrozenShard(ids)


def _shard_of_id(person: str) -> int:
    return shard_of(PersonId(ChatId("", person)))
