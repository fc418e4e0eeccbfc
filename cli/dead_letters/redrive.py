"""Does dead letters again. It sends a letter first and deletes it after, so that an interruption loses none.

An interruption in between sends a letter twice. That is safe: events have a `webhookEventId`, and batches their id.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from cli.dead_letters.letter import Box, CannotRedriveError, Letter


@dataclass
class Redriven:
    """The outcome of each letter so far."""

    sent: int = 0
    refused: list[Letter] = field(default_factory=list)
    left: list[tuple[Letter, str]] = field(default_factory=list)


def redrive(
    box: Box,
    outcome: Redriven,
    *,
    limit: int | None = None,
    also_refused: bool = False,
    step: Callable[[], None] = lambda: None,
) -> None:
    """Calls `step` after each letter. A letter that fails again during the run comes back, and then stays.

    Letters whose request is wrong stay, unless `also_refused`: the same request would be refused again.
    """
    done: set[str] = set()
    with box.queue.received(limit) as messages:
        for message in messages:
            letter = box.read(message)
            if letter.stuck:
                outcome.left.append((letter, letter.stuck))
            elif letter.is_refused and not also_refused:
                outcome.refused.append(letter)
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
