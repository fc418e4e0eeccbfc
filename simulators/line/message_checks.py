"""Whether LINE would take message objects: line-bot-sdk's classes say what they look like, `limits` how much they hold.

The classes are walked along the JSON. They could parse it, but their own errors lose the path to a nested violation.
"""

import json
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

import linebot.v3.messaging.models as sdk  # type: ignore[import-untyped]
from pydantic.v1 import BaseModel
from pydantic.v1.errors import AnyStrMaxLengthError, AnyStrMinLengthError
from pydantic.v1.fields import SHAPE_DICT, SHAPE_LIST, SHAPE_SINGLETON, ModelField

from simulators.line import limits
from simulators.line.object_checks import OBJECT_CHECKS, Json, Violations, action_violations
from simulators.line.property_checks import length_between, problems, size_between
from simulators.line.violations import MAY_NOT_BE_EMPTY, Path, Violation

MAX_STEPS = 100
"""The longest path: fifty boxes in one another. LINE states no limit, this program has one."""


def message_violations(messages: object) -> tuple[Violation, ...]:
    """What LINE would refuse in `messages`, the list of message objects of a request. The same list is judged once."""
    if messages is None or messages == []:
        return (Violation(("messages",), MAY_NOT_BE_EMPTY),)
    if not isinstance(messages, list):
        return (Violation(("messages",), "Must be an array"),)
    return _judged(json.dumps(messages, ensure_ascii=False, separators=(",", ":")))


@lru_cache(maxsize=4096)
def _judged(text: str) -> tuple[Violation, ...]:
    messages = json.loads(text)
    violations = [
        violation
        for index, message in enumerate(messages)
        for violation in _walk(sdk.Message, message, ("messages", index))
    ]
    if len(messages) > limits.MAX_MESSAGES:
        violations.append(Violation(("messages",), size_between(1, limits.MAX_MESSAGES)))
    return tuple({violation.path: violation for violation in reversed(violations)}.values())[::-1]


def _walk(model: type[BaseModel], value: object, at: Path, *, owner: str = "", prop: str = "") -> Violations:
    if not isinstance(value, dict):
        yield Violation(at, "Must be an object")
        return
    if len(at) > MAX_STEPS:
        yield Violation(at, "Too deeply nested")
        return
    kind = value.get("type")
    if (kinds := _kinds(model)) is not None:
        if not isinstance(kind, str) or kind not in kinds:
            yield Violation((*at, "type"), f"Must be one of the following values: [{', '.join(kinds)}]")
            return
        base, model = model.__name__, kinds[kind]
        if base == "Action":
            yield from action_violations(value, at, owner, prop)
    elif (only := model.__fields__.get("type")) is not None and kind != only.default:
        yield Violation((*at, "type"), f"Must be one of the following values: [{only.default}]")
        return
    violations = [*_properties(model, value, at)]
    yield from violations
    if not violations and (check := OBJECT_CHECKS.get(model.__name__)):
        yield from check(value, at)


def _properties(model: type[BaseModel], holder: Json, at: Path) -> Violations:
    name = model.__name__
    section = limits.SECTIONS.get(name)
    required = limits.REQUIRED.get(name, ())
    for field in model.__fields__.values():
        prop = field.alias
        value = holder.get(prop)
        if value is None:
            if field.required or prop in required:
                yield Violation((*at, prop), MAY_NOT_BE_EMPTY)
            continue
        violations = [*_property(field, value, (*at, prop), name)]
        if not violations and section and (limit := section.properties.get(prop)):
            violations = [Violation((*at, prop), problem) for problem in problems(limit, value)]
        yield from violations
    if name.startswith("Flex") and name != "FlexMessage":
        names = {field.alias for field in model.__fields__.values()}
        yield from (Violation((*at, prop), "unknown field") for prop in holder if prop not in names)


def _property(field: ModelField, value: object, at: Path, owner: str) -> Violations:
    if not (isinstance(field.type_, type) and issubclass(field.type_, BaseModel)):
        _, error = field.validate(value, {}, loc=field.alias)
        if error is not None:
            yield Violation(at, _wording(error))
    elif field.shape == SHAPE_LIST:
        if not isinstance(value, list):
            yield Violation(at, "Must be an array")
            return
        for index, item in enumerate(value):
            yield from _walk(field.type_, item, (*at, index), owner=owner, prop=field.alias)
    elif field.shape == SHAPE_DICT:
        if not isinstance(value, dict):
            yield Violation(at, "Must be an object")
            return
        for key, item in value.items():
            yield from _walk(field.type_, item, (*at, key), owner=owner, prop=field.alias)
    else:
        assert field.shape == SHAPE_SINGLETON, field
        yield from _walk(field.type_, value, at, owner=owner, prop=field.alias)


@cache
def _kinds(model: type[BaseModel]) -> Mapping[str, type[BaseModel]] | None:
    """The classes an object of this class may be, by `type`; None for a class that has no kinds."""
    names = getattr(model, f"_{model.__name__}__discriminator_value_class_map", None)
    return None if names is None else {kind: getattr(sdk, name) for kind, name in names.items()}


def _wording(error: Any) -> str:
    while isinstance(error, list):
        error = error[0]
    cause = error.exc
    if isinstance(cause, AnyStrMinLengthError):
        return MAY_NOT_BE_EMPTY
    if isinstance(cause, AnyStrMaxLengthError):
        return length_between(0, vars(cause)["limit_value"])
    return str(cause)
