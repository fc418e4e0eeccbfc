"""Runs several invocations side by side, one step at a time, in an order that a test chooses; any of them can be killed
at any step."""

from collections.abc import Callable, Sequence
from threading import Semaphore, Thread, current_thread


class KilledError(BaseException):
    """The process is gone. Not an Exception: nothing may catch it."""


class _Actor:
    def __init__(self, work: Callable[[], object], killed_at: int | None) -> None:
        self.go = Semaphore(0)
        self.paused = Semaphore(0)
        self.over = False
        self.steps = 0
        self.killed_at = killed_at
        self.raised: BaseException | None = None
        self.thread = Thread(target=self._run, args=(work,), daemon=True)

    def _run(self, work: Callable[[], object]) -> None:
        self.go.acquire()
        try:
            work()
        except BaseException as error:  # noqa: BLE001 (a test looks at it)
            self.raised = error
        self.over = True
        self.paused.release()


class Stage:
    """Ports call `step` before and after what they do; outside of `play` that does nothing."""

    def __init__(self) -> None:
        self._actors: dict[int, _Actor] = {}

    def step(self) -> None:
        actor = self._actors.get(current_thread().ident or 0)
        if actor is None:
            return
        actor.steps += 1
        actor.paused.release()
        actor.go.acquire()
        if actor.steps == actor.killed_at:
            raise KilledError

    def play(
        self,
        works: Sequence[Callable[[], object]],
        order: Sequence[int],
        killed_at: Sequence[int | None],
        between: Callable[[], None] = lambda: None,
    ) -> list[BaseException | None]:
        """Run all to their ends. `order` says whose turn it is (then in turn); `between` runs after every step of
        `order`. Answers what each raised."""
        actors = [_Actor(work, kill) for work, kill in zip(works, killed_at, strict=True)]
        for actor in actors:
            actor.thread.start()
            self._actors[actor.thread.ident or 0] = actor
        turns = iter(order)
        turn = 0
        while alive := [actor for actor in actors if not actor.over]:
            turn = next(turns, turn + 1)
            between()
            actor = alive[turn % len(alive)]
            actor.go.release()
            if not actor.paused.acquire(timeout=20):
                raise AssertionError("an invocation hangs")
        for actor in actors:
            actor.thread.join(timeout=20)
        self._actors.clear()
        return [actor.raised for actor in actors]
