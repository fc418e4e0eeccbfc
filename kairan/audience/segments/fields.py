"""The fields of a person that a segment can ask about, and the operators that fit each of them."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from kairan.audience.model import Source, Status


class Operator(StrEnum):
    IS = "is"
    IS_NOT = "is_not"
    CONTAINS = "contains"
    STARTS_WITH = "starts_with"
    EXISTS = "exists"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    MORE_THAN = "more_than"
    LESS_THAN = "less_than"
    BETWEEN = "between"
    BEFORE = "before"
    AFTER = "after"
    ON = "on"


class Kind(StrEnum):
    CHOICE = "choice"
    """One of a few words."""
    FLAG = "flag"
    """True or false; everyone has it."""
    TEXT = "text"
    TIME = "time"
    ATTRIBUTE = "attribute"
    """Texts of the owner's own, which may also be numbers or dates."""


class Field(NamedTuple):
    kind: Kind
    operators: tuple[Operator, ...]
    choices: tuple[str, ...] = ()


TEXT_OPERATORS = (Operator.IS, Operator.IS_NOT, Operator.CONTAINS, Operator.STARTS_WITH)
NUMBER_OPERATORS = (Operator.AT_LEAST, Operator.AT_MOST, Operator.MORE_THAN, Operator.LESS_THAN)
"""`between` compares numbers, too, or dates."""
DATE_OPERATORS = (Operator.BEFORE, Operator.AFTER, Operator.ON)

STATUS = "status"
ATTRIBUTES = "attributes."
MAX_NAME = 50
NOT_IN_NAMES = frozenset(".|{}")
"""Placeholders of messages are written with them."""

_FLAG = Field(Kind.FLAG, (Operator.IS,))
_TEXT = Field(Kind.TEXT, (*TEXT_OPERATORS, Operator.EXISTS))
_TIME = Field(Kind.TIME, (*DATE_OPERATORS, Operator.BETWEEN, Operator.EXISTS))
_ATTRIBUTE = Field(Kind.ATTRIBUTE, tuple(Operator))

FIELDS: Mapping[str, Field] = {
    STATUS: Field(Kind.CHOICE, (Operator.IS, Operator.IS_NOT), tuple(Status)),
    "presumed": _FLAG,
    "source": Field(Kind.CHOICE, (Operator.IS, Operator.IS_NOT, Operator.EXISTS), tuple(Source)),
    "external_id": _TEXT,
    "display_name": _TEXT,
    "language": _TEXT,
    "picture_url": _TEXT,
    "time_zone": _TEXT,
    "opt_out": _FLAG,
    "followed_at": _TIME,
    "unfollowed_at": _TIME,
    "last_event_at": _TIME,
    "created_at": _TIME,
}
"""All but the attributes, whose names are the owner's."""


def field_of(name: str) -> Field | None:
    """None when people have no such field."""
    if name.startswith(ATTRIBUTES):
        return _ATTRIBUTE if is_attribute_name(name.removeprefix(ATTRIBUTES)) else None
    return FIELDS.get(name)


def is_attribute_name(name: str) -> bool:
    return 0 < len(name) <= MAX_NAME and bool(name.strip()) and NOT_IN_NAMES.isdisjoint(name)
