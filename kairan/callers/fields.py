"""Fields of callers' events: the switches that every form has, and misspelt names."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kairan.errors import Violation

DRY_RUN = "dry_run"
NOTIFICATION_DISABLED = "notification_disabled"
REOPEN = "reopen"
"""Sends again what LINE refused for everyone. `kairan dead-letters redrive` adds it."""
SWITCHES = (DRY_RUN, NOTIFICATION_DISABLED, REOPEN)


def violations_of_switches(
    event: Mapping[str, Any], names: Iterable[str] = SWITCHES, *, path: str = ""
) -> Iterator[Violation]:
    for name in names:
        if not isinstance(event.get(name), bool | None):
            yield Violation(f"{path}{name}", "must be true or false")


def misspelt(event: Mapping[str, Any], names: Iterable[str], *, path: str = "") -> Iterator[Violation]:
    """Keys that differ from one of `names` in case, hyphens or underscores alone. Ignoring them would be dangerous."""
    meant = {_plain(name): name for name in names}
    for key in event:
        name = meant.get(_plain(str(key)))
        if name is not None and key != name:
            yield Violation(f"{path}{key}", f"is not known; write {name}")


def _plain(name: str) -> str:
    return name.replace("_", "").replace("-", "").replace(" ", "").casefold()
