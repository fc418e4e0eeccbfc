"""How a process keeps to its share of LINE's rates."""

from hypothesis import given
from hypothesis import strategies as st

from kairan.sending.pacing import BURST_S, Pacer
from tests.fakes.clock import FakeClock

NEVER = float("inf")


@given(per_second=st.integers(1, 2000), idle_s=st.lists(st.floats(0, 2), max_size=60))
def test_no_second_has_more_slots_than_its_share(per_second: int, idle_s: list[float]) -> None:
    clock = FakeClock()
    pacer = Pacer(per_second, clock=clock)
    taken: list[float] = []

    for idle in [*idle_s, *[0.0] * 50]:
        clock.sleep(idle)
        assert pacer.wait(until=NEVER)
        taken.append(clock.monotonic())

    for start in taken:
        assert sum(start <= at < start + 1 for at in taken) <= per_second * (1 + BURST_S) + 1


def test_a_busy_process_gets_the_whole_share() -> None:
    clock = FakeClock()
    pacer = Pacer(50, clock=clock)

    for _ in range(101):
        pacer.wait(until=NEVER)

    assert abs(clock.monotonic() - 2) < BURST_S + 0.001


def test_a_slot_that_comes_too_late_is_not_taken() -> None:
    clock = FakeClock()
    pacer = Pacer(1, clock=clock)
    while pacer.wait(until=3):
        pass
    refused_at = clock.monotonic()

    assert refused_at <= 3
    assert pacer.wait(until=refused_at + 2)
    assert clock.monotonic() <= refused_at + 1
