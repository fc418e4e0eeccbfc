"""Whether LINE would take message objects: the classes of line-bot-sdk say what they look like, `limits` how much they may hold.

The classes are walked along the JSON rather than asked to parse it, because their own errors lose the path to a nested fault.
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
from simulators.line.checks import beyond, length_between, size_between
from simulators.line.faults import MAY_NOT_BE_EMPTY, Fault, Path
from simulators.line.rules import RULES, Found, Json, action_in_its_place

MAX_STEPS = 100
"""Of a path: fifty boxes in one another. LINE states no limit, this program has one."""


def message_faults(messages: object) -> tuple[Fault, ...]:
    """What LINE would refuse in `messages`, the list of message objects of a request. The same list is judged once."""
    if messages is None or messages == []:
        return (Fault(("messages",), MAY_NOT_BE_EMPTY),)
    if not isinstance(messages, list):
        return (Fault(("messages",), "Must be an array"),)
    return _judged(json.dumps(messages, ensure_ascii=False, separators=(",", ":")))


@lru_cache(maxsize=4096)
def _judged(text: str) -> tuple[Fault, ...]:
    messages = json.loads(text)
    found = [
        fault for index, message in enumerate(messages) for fault in _walk(sdk.Message, message, ("messages", index))
    ]
    if len(messages) > limits.MAX_MESSAGES:
        found.append(Fault(("messages",), size_between(1, limits.MAX_MESSAGES)))
    return tuple({fault.path: fault for fault in reversed(found)}.values())[::-1]


def _walk(model: type[BaseModel], value: object, at: Path, *, owner: str = "", prop: str = "") -> Found:
    if not isinstance(value, dict):
        yield Fault(at, "Must be an object")
        return
    if len(at) > MAX_STEPS:
        yield Fault(at, "Too deeply nested")
        return
    kind = value.get("type")
    if (kinds := _kinds(model)) is not None:
        if not isinstance(kind, str) or kind not in kinds:
            yield Fault((*at, "type"), f"Must be one of the following values: [{', '.join(kinds)}]")
            return
        base, model = model.__name__, kinds[kind]
        if base == "Action":
            yield from action_in_its_place(value, at, owner, prop)
    elif (only := model.__fields__.get("type")) is not None and kind != only.default:
        yield Fault((*at, "type"), f"Must be one of the following values: [{only.default}]")
        return
    found = [*_properties(model, value, at)]
    yield from found
    if not found and (rule := RULES.get(model.__name__)):
        yield from rule(value, at)


def _properties(model: type[BaseModel], value: Json, at: Path) -> Found:
    name = model.__name__
    section = limits.SECTIONS.get(name)
    required = limits.REQUIRED.get(name, ())
    for field in model.__fields__.values():
        prop = field.alias
        given = value.get(prop)
        if given is None:
            if field.required or prop in required:
                yield Fault((*at, prop), MAY_NOT_BE_EMPTY)
            continue
        found = [*_property(field, given, (*at, prop), name)]
        if not found and section and (limit := section.properties.get(prop)):
            found = [Fault((*at, prop), fault) for fault in beyond(limit, given)]
        yield from found
    if name.startswith("Flex") and name != "FlexMessage":
        known = {field.alias for field in model.__fields__.values()}
        yield from (Fault((*at, prop), "unknown field") for prop in value if prop not in known)


def _property(field: ModelField, given: object, at: Path, owner: str) -> Found:
    if not (isinstance(field.type_, type) and issubclass(field.type_, BaseModel)):
        _, error = field.validate(given, {}, loc=field.alias)
        if error is not None:
            yield Fault(at, _wording(error))
    elif field.shape == SHAPE_LIST:
        if not isinstance(given, list):
            yield Fault(at, "Must be an array")
            return
        for index, item in enumerate(given):
            yield from _walk(field.type_, item, (*at, index), owner=owner, prop=field.alias)
    elif field.shape == SHAPE_DICT:
        if not isinstance(given, dict):
            yield Fault(at, "Must be an object")
            return
        for key, item in given.items():
            yield from _walk(field.type_, item, (*at, key), owner=owner, prop=field.alias)
    else:
        assert field.shape == SHAPE_SINGLETON, field
        yield from _walk(field.type_, given, at, owner=owner, prop=field.alias)


@cache
def _kinds(model: type[BaseModel]) -> Mapping[str, type[BaseModel]] | None:
    """The classes an object of this class may be, by `type`; None for a class that has no kinds."""
    names = getattr(model, f"_{model.__name__}__discriminator_value_class_map", None)
    return None if names is None else {kind: getattr(sdk, name) for kind, name in names.items()}


def _wording(error: Any) -> str:
    while isinstance(error, list):
        error = error[0]
    fault = error.exc
    if isinstance(fault, AnyStrMinLengthError):
        return MAY_NOT_BE_EMPTY
    if isinstance(fault, AnyStrMaxLengthError):
        return length_between(0, vars(fault)["limit_value"])
    return str(fault)
