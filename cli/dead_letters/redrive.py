"""Do dead letters again: sent first, deleted after, so that an interruption at any point loses none.

An interruption in between sends one twice; both of its ways are safe to go twice (`webhookEventId`, the delivery's identity).
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from cli.dead_letters.letter import Box, CannotRedriveError, Letter


@dataclass
class Redriven:
    """What became of each letter, added as it happens."""

    sent: int = 0
    left: list[tuple[Letter, str]] = field(default_factory=list)


def redrive(box: Box, outcome: Redriven, *, limit: int | None = None, step: Callable[[], None] = lambda: None) -> None:
    """`step` is called after each letter. A letter that fails again while this runs comes back, and is then left."""
    done: set[str] = set()
    with box.queue.received(limit) as messages:
        for message in messages:
            letter = box.read(message)
            if letter.stuck:
                outcome.left.append((letter, letter.stuck))
            elif letter.subject in done:
                outcome.left.append((letter, "it failed again"))
            else:
                try:
                    box.send_again(letter)
                except CannotRedriveError as error:
                    outcome.left.append((letter, str(error)))
                else:
                    box.queue.delete(message)
                    done.add(letter.subject)
                    outcome.sent += 1
            step()
