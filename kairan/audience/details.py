"""What owners write about a person: tags, attributes, an external id, a time zone, an opt-out. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import Final

from kairan.audience.model import Follower, OptOutBy
from kairan.errors import InvalidInputError, Violation
from kairan.text import is_blank

MAX_TAGS = 100
MAX_TAG_LENGTH = 50
MAX_NAME_LENGTH = 50
MAX_VALUES = 50
MAX_VALUE_LENGTH = 1000
MAX_EXTERNAL_ID_LENGTH = 128
MAX_BYTES = 15 * 1024
"""Of all details of one person together, names and values in UTF-8."""
NOT_IN_NAMES = frozenset(".|{}")
"""Placeholders and dotted columns use them."""


class Keep(Enum):
    KEEP = "keep"


KEEP: Final = Keep.KEEP
"""The field stays as it is. None removes it."""


@dataclass(frozen=True)
class Details:
    """- `opt_out_at`, `opt_out_by`: when and by whom the person was opted out; None when they are not"""

    external_id: str | None = None
    time_zone: str | None = None
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tags: frozenset[str] = frozenset()
    opt_out: bool = False
    opt_out_at: datetime | None = None
    opt_out_by: OptOutBy | None = None


@dataclass(frozen=True)
class Change:
    """What `by` wants to change.

    - `attributes`: new values by name; None, or only blank values, removes one. Others stay, unless `replace`.
    - `opt_out`: None leaves it as it is. An import cannot lift what the person, a rule or the API said.
    - `replace`: attributes and tags that the change does not name go
    """

    by: OptOutBy
    tags_add: frozenset[str] = frozenset()
    tags_remove: frozenset[str] = frozenset()
    attributes: Mapping[str, tuple[str, ...] | None] = field(default_factory=dict)
    external_id: str | Keep | None = KEEP
    time_zone: str | Keep | None = KEEP
    opt_out: bool | None = None
    replace: bool = False


def details_of(follower: Follower) -> Details:
    return Details(
        external_id=follower.external_id,
        time_zone=follower.time_zone,
        attributes=follower.attributes,
        tags=follower.tags,
        opt_out=follower.opt_out,
        opt_out_at=follower.opt_out_at,
        opt_out_by=follower.opt_out_by,
    )


def with_details(follower: Follower, details: Details) -> Follower:
    """The follower one version later."""
    return replace(
        follower,
        external_id=details.external_id,
        time_zone=details.time_zone,
        attributes=details.attributes,
        tags=details.tags,
        opt_out=details.opt_out,
        opt_out_at=details.opt_out_at,
        opt_out_by=details.opt_out_by,
        version=follower.version + 1,
    )


def changed(details: Details, change: Change, *, at: datetime) -> Details:
    """Raises InvalidInputError, with the path of each violation, when the result would break a limit."""
    attributes = {} if change.replace else dict(details.attributes)
    for name, values in change.attributes.items():
        if present := tuple(value for value in values or () if not is_blank(value)):
            attributes[name] = present
        else:
            attributes.pop(name, None)
    tags = frozenset() if change.replace else details.tags
    tags = (tags | {tag for tag in change.tags_add if not is_blank(tag)}) - change.tags_remove
    result = replace(
        _with_opt_out(details, change, at),
        external_id=details.external_id if change.external_id is KEEP else change.external_id or None,
        time_zone=details.time_zone if change.time_zone is KEEP else change.time_zone or None,
        attributes=attributes,
        tags=tags,
    )
    if result != details and (violations := list(_violations(result))):
        raise InvalidInputError(violations)
    return result


def _with_opt_out(details: Details, change: Change, at: datetime) -> Details:
    is_import = change.by is OptOutBy.IMPORT
    said_by_import = details.opt_out_by is OptOutBy.IMPORT
    if change.opt_out is True and (not details.opt_out or (said_by_import and not is_import)):
        return replace(details, opt_out=True, opt_out_at=at, opt_out_by=change.by)
    if change.opt_out is False and details.opt_out and (said_by_import or not is_import):
        return replace(details, opt_out=False, opt_out_at=None, opt_out_by=None)
    return details


def _violations(details: Details) -> Iterator[Violation]:
    if details.external_id is not None:
        yield from _length("external_id", details.external_id, MAX_EXTERNAL_ID_LENGTH)
    if details.time_zone is not None and not is_time_zone(details.time_zone):
        yield Violation("time_zone", "must be the name of a time zone, like Asia/Tokyo")
    if len(details.tags) > MAX_TAGS:
        yield Violation("tags", f"would be {len(details.tags)}; a person has at most {MAX_TAGS}")
    for tag in sorted(details.tags):
        yield from _length(f"tags[{tag[:MAX_TAG_LENGTH]}]", tag, MAX_TAG_LENGTH)
    for name, values in details.attributes.items():
        path = f"attributes.{name[:MAX_NAME_LENGTH]}"
        if is_blank(name) or len(name) > MAX_NAME_LENGTH or NOT_IN_NAMES.intersection(name):
            yield Violation(path, f"a name has 1 to {MAX_NAME_LENGTH} characters, none of them . | {{ or }}")
        if len(values) > MAX_VALUES:
            yield Violation(path, f"has {len(values)} values; at most {MAX_VALUES} are stored")
        for index, value in enumerate(values):
            yield from _length(f"{path}[{index}]", value, MAX_VALUE_LENGTH)
    if (size := _bytes(details)) > MAX_BYTES:
        largest = max(details.attributes, key=lambda name: _size(details.attributes[name]), default="")
        path = f"attributes.{largest[:MAX_NAME_LENGTH]}" if largest else "tags"
        yield Violation(path, f"is the largest part of {size:,} bytes; a person has at most {MAX_BYTES:,}")


def is_time_zone(name: str) -> bool:
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # the last is ZoneInfoNotFoundError
        return False
    return True


def _length(path: str, text: str, at_most: int) -> Iterator[Violation]:
    if len(text) > at_most:
        yield Violation(path, f"has {len(text)} characters; at most {at_most} are stored")


def _bytes(details: Details) -> int:
    attributes = sum(_size([name]) + _size(values) for name, values in details.attributes.items())
    return attributes + _size(details.tags) + _size(filter(None, (details.external_id, details.time_zone)))


def _size(texts: Iterable[str]) -> int:
    return sum(len(text.encode(errors="surrogatepass")) for text in texts)
