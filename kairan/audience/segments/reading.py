"""JSON → definition. What is wrong with each criterion is said, with its path; nothing is guessed or left out.

A criterion is an object with exactly one of the keys in `KEYS`, and the keys that belong to it. The segment is such an
object itself, with `id`, `name` and `sample` beside it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeGuard

from kairan.audience.segments.dates import Moment, is_day, read_moment
from kairan.audience.segments.definition import (
    MAX_CRITERIA,
    MAX_DEPTH,
    Count,
    Criterion,
    DateCriterion,
    Definition,
    Everyone,
    ExistsCriterion,
    FlagCriterion,
    FrozenPeople,
    Group,
    HasTag,
    InCampaign,
    InSegment,
    Join,
    Number,
    NumberCriterion,
    PersonState,
    Sample,
    Share,
    TextCriterion,
    Unsupported,
)
from kairan.audience.segments.fields import (
    DATE_OPERATORS,
    FIELDS,
    NUMBER_OPERATORS,
    TEXT_OPERATORS,
    Field,
    Kind,
    Operator,
    field_of,
)
from kairan.errors import InvalidInputError, Violation
from kairan.json_text import is_json, write_json
from kairan.text import has_lone_surrogate

MAX_SEGMENT_NAME = 200
MAX_TAG = 50
MAX_TEXT = 1_000
MAX_VALUES = 1_000
MAX_NUMBER = 10**18
_BESIDE = ("id", "name", "sample")
_LIST = "list"
KEYS: Mapping[str, tuple[str, ...]] = {
    **{join: (join,) for join in Join},
    "everyone": ("everyone",),
    "segment": ("segment",),
    "tag": ("tag",),
    "campaign": ("campaign", "run", "treatment", "step", "state"),
    "field": ("field", *Operator, "fold"),
    "unsupported": ("unsupported",),
}

_ID = re.compile(r"[a-z0-9-]{1,60}")
_ID_FORM = "must be 1 to 60 of a–z, 0–9 and -"


def read(document: object) -> Definition:
    """Raises InvalidInputError."""
    if not isinstance(document, Mapping):
        raise InvalidInputError.at("", "a segment is an object")
    question = {key: value for key, value in document.items() if key not in _BESIDE}
    violations: list[Violation] = []
    criterion: Criterion | FrozenPeople | None = None
    beside: dict[str, Any] = {}
    with _collected(violations):
        criterion = _list(question) if _LIST in question else read_criterion(question)
    for key, read_value in (("id", _id), ("name", _name), ("sample", _sample)):
        with _collected(violations):
            beside[key] = read_value(document[key], key) if key in document else None
    if violations or criterion is None:
        raise InvalidInputError(violations)
    definition = Definition(criterion, **beside)
    if (count := sum(1 for _ in definition.criteria())) > MAX_CRITERIA:
        raise InvalidInputError.at("", f"has {count:,} criteria; a segment has at most {MAX_CRITERIA}")
    return definition


def read_criterion(value: object, path: str = "", depth: int = 1) -> Criterion:
    """Raises InvalidInputError."""
    if not isinstance(value, Mapping):
        raise InvalidInputError.at(path, "must be an object with a criterion")
    kinds = [kind for kind in KEYS if kind in value]
    known = {key for kind in kinds or KEYS for key in KEYS[kind]}
    beside = f" beside `{kinds[0]}`" if len(kinds) == 1 else ""
    violations = [Violation(_at(path, key), f"is not known{beside}") for key in value if key not in known]
    if not kinds:
        violations.append(Violation(path, f"has no criterion; write one of {', '.join(KEYS)}"))
    if len(kinds) > 1:
        separately = f"has {' and '.join(kinds)}: write an object for each, in `all` or in `any`"
        violations.append(Violation(path, separately))
    if violations:
        raise InvalidInputError(violations)
    [kind] = kinds
    at = _at(path, kind)
    match kind:
        case Join.ALL | Join.ANY | Join.NONE:
            return _group(Join(kind), value[kind], at, depth)
        case "everyone":
            if value[kind] is not True:
                raise InvalidInputError.at(at, "must be true")
            return Everyone()
        case "segment":
            return InSegment(_id(value[kind], at))
        case "tag":
            return HasTag(_text(value[kind], at, MAX_TAG))
        case "campaign":
            return _campaign(value, path)
        case "field":
            return _field(value, path)
        case _:
            return _unsupported(value[kind], at)


def is_segment_id(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def _list(question: Mapping[str, Any]) -> FrozenPeople:
    for key in question:
        if key != _LIST:
            raise InvalidInputError.at(str(key), "cannot stand beside `list`: a list of people asks nothing else")
    listed = question[_LIST]
    if not isinstance(listed, Mapping) or set(listed) != {"people"}:
        raise InvalidInputError.at(_LIST, 'must be {"people": number of people}')
    return FrozenPeople(_whole(listed["people"], f"{_LIST}.people", at_least=0))


def _group(join: Join, value: object, path: str, depth: int) -> Group:
    if depth > MAX_DEPTH:
        raise InvalidInputError.at(path, f"groups are nested at most {MAX_DEPTH} deep")
    if not isinstance(value, list):
        raise InvalidInputError.at(path, "must be a list of criteria")
    if not value:
        raise InvalidInputError.at(path, 'is empty; everyone is {"everyone": true}')
    violations: list[Violation] = []
    members: list[Criterion] = []
    for index, each in enumerate(value):
        with _collected(violations):
            members.append(read_criterion(each, f"{path}[{index}]", depth + 1))
    if violations:
        raise InvalidInputError(violations)
    return Group(join, tuple(members))


def _campaign(value: Mapping[str, Any], path: str) -> InCampaign:
    optional = {key: _text(value[key], _at(path, key)) for key in ("run", "treatment", "step") if key in value}
    at = _at(path, "state")
    states = tuple(_texts(value.get("state"), at, tuple(PersonState)))
    return InCampaign(
        _id(value["campaign"], _at(path, "campaign")), tuple(PersonState(each) for each in states), **optional
    )


def _unsupported(value: object, path: str) -> Unsupported:
    if not isinstance(value, Mapping) or not value or not is_json(value):
        raise InvalidInputError.at(path, "must be an object with what could not be carried over")
    return Unsupported(write_json(value))


def _field(value: Mapping[str, Any], path: str) -> Criterion:
    name = value["field"]
    field = field_of(name) if isinstance(name, str) else None
    if field is None:
        fields = ", ".join([*FIELDS, "attributes.<name>"])
        hint = (
            'tags are asked for with {"tag": …}' if name == "tags" else f"is no field of a person; there are {fields}"
        )
        raise InvalidInputError.at(_at(path, "field"), hint)
    operators = [operator for operator in Operator if operator in value]
    fitting = f"`{name}` takes {', '.join(field.operators)}"
    if not operators:
        raise InvalidInputError.at(path, f"has no operator; {fitting}")
    if len(operators) > 1:
        separately = f"has {' and '.join(operators)}: write a criterion for each, in `all` or in `any`"
        raise InvalidInputError.at(path, separately)
    [operator] = operators
    if operator not in field.operators:
        raise InvalidInputError.at(_at(path, operator), f"does not fit; {fitting}")
    fold = _fold(value, field, operator, path)
    return _field_criterion(name, field, operator, value[operator], fold=fold, path=_at(path, operator))


def _fold(value: Mapping[str, Any], field: Field, operator: Operator, path: str) -> bool:
    if "fold" not in value:
        return False
    if field.kind not in (Kind.TEXT, Kind.ATTRIBUTE) or operator not in TEXT_OPERATORS:
        raise InvalidInputError.at(_at(path, "fold"), f"belongs to texts, with {', '.join(TEXT_OPERATORS)}")
    return _flag(value["fold"], _at(path, "fold"))


def _field_criterion(
    name: str, field: Field, operator: Operator, operand: object, *, fold: bool, path: str
) -> Criterion:
    if operator is Operator.EXISTS:
        return ExistsCriterion(name, _flag(operand, path))
    if field.kind is Kind.FLAG:
        return FlagCriterion(name, _flag(operand, path))
    if operator in TEXT_OPERATORS:
        return TextCriterion(name, operator, _texts(operand, path, field.choices), fold)
    if operator in NUMBER_OPERATORS:
        return NumberCriterion(name, operator, (_number(operand, path),))
    if operator is Operator.ON:
        return DateCriterion(name, operator, (_day(operand, path),))
    if operator in DATE_OPERATORS:
        return DateCriterion(name, operator, (_moment(operand, path),))
    return _between(name, field, operand, path)


def _between(name: str, field: Field, operand: object, path: str) -> Criterion:
    takes_numbers = field.kind is Kind.ATTRIBUTE
    if isinstance(operand, list) and len(operand) == 2:
        first, last = operand
        if all(isinstance(each, str) for each in operand):
            moments = _moment(first, f"{path}[0]"), _moment(last, f"{path}[1]")
            return DateCriterion(name, Operator.BETWEEN, moments)
        if takes_numbers and all(_is_number(each) for each in operand):
            numbers = _number(first, f"{path}[0]"), _number(last, f"{path}[1]")
            if numbers[0] > numbers[1]:
                raise InvalidInputError.at(path, "begins after its end")
            return NumberCriterion(name, Operator.BETWEEN, numbers)
    raise InvalidInputError.at(
        path, f"must be a list of two {'numbers, or of two dates' if takes_numbers else 'dates'}"
    )


def _texts(value: object, path: str, choices: Sequence[str] = ()) -> tuple[str, ...]:
    if isinstance(value, list):
        if not value:
            raise InvalidInputError.at(path, "is an empty list")
        if len(value) > MAX_VALUES:
            raise InvalidInputError.at(path, f"has {len(value):,} values; a criterion takes {MAX_VALUES:,}")
        texts = _distinct(_text(each, f"{path}[{index}]") for index, each in enumerate(value))
    else:
        texts = (_text(value, path),)
    if choices and not all(text in choices for text in texts):
        raise InvalidInputError.at(path, f"must be one of {', '.join(choices)}, or a list of them")
    return texts


def _text(value: object, path: str, limit: int = MAX_TEXT) -> str:
    if not isinstance(value, str):
        raise InvalidInputError.at(path, "must be a text")
    if not value.strip():
        raise InvalidInputError.at(path, "is blank")
    if len(value) > limit:
        raise InvalidInputError.at(path, f"is {len(value):,} characters long; {limit:,} is the limit")
    if has_lone_surrogate(value):
        raise InvalidInputError.at(path, "has half of a character")
    return value


def _name(value: object, path: str) -> str:
    return _text(value, path, MAX_SEGMENT_NAME)


def _id(value: object, path: str) -> str:
    if not is_segment_id(value):
        raise InvalidInputError.at(path, _ID_FORM)
    return value


def _flag(value: object, path: str) -> bool:
    if not isinstance(value, bool):
        raise InvalidInputError.at(path, "must be true or false")
    return value


def _number(value: object, path: str) -> Number:
    if not _is_number(value):
        raise InvalidInputError.at(path, "must be a number, without quotation marks")
    return int(value) if value == int(value) else value


def _whole(value: object, path: str, *, at_least: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < at_least:
        raise InvalidInputError.at(path, f"must be a whole number, {at_least} or more")
    return value


def _day(value: object, path: str) -> Moment:
    moment = read_moment(value) if isinstance(value, str) else None
    if moment is None or not is_day(moment):
        raise InvalidInputError.at(path, "must be a day: 2026-11-01, today or -7d")
    return moment


def _moment(value: object, path: str) -> Moment:
    moment = read_moment(value) if isinstance(value, str) else None
    if moment is None:
        expected = "must be a day (2026-11-01, today, -7d) or a time (2026-11-01T09:00:00Z, -24h)"
        raise InvalidInputError.at(path, expected)
    return moment


def _sample(value: object, path: str) -> Sample:
    match value:
        case {"share": share, **rest} if not rest:
            if not _is_number(share) or not 0 < share <= 100:
                raise InvalidInputError.at(_at(path, "share"), "must be per cent, more than 0 and at most 100")
            return Share(_number(share, path))
        case {"count": count, **rest} if not rest:
            return Count(_whole(count, _at(path, "count"), at_least=1))
    raise InvalidInputError.at(path, 'must be {"share": per cent} or {"count": people}')


@contextmanager
def _collected(violations: list[Violation]) -> Iterator[None]:
    try:
        yield
    except InvalidInputError as error:
        violations += error.violations


def _at(path: str, key: object) -> str:
    return f"{path}.{key}" if path else str(key)


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def _is_number(value: object) -> TypeGuard[Number]:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= MAX_NUMBER
