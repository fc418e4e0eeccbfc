"""Strict JSON from unknown callers: UTF-8, one meaning, and nothing that would break a later step."""

import json
import math
import re
from collections import Counter
from typing import Any, NoReturn

from kairan.errors import InvalidInputError
from kairan.text import has_lone_surrogate

MAX_DEPTH = 64
"""Levels of objects and lists. LINE's deepest messages have about twenty."""

_JSON_TYPE = re.compile(r"application/(?:[\w.-]+\+)?json", re.ASCII)
_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([^\s\";]+)", re.IGNORECASE)
_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def check_json_type(content_type: str) -> None:
    """A call without a type counts as JSON. Raises InvalidInputError."""
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type and _JSON_TYPE.fullmatch(media_type) is None:
        raise InvalidInputError.at("Content-Type", f"must be application/json, not {media_type!r}")
    charset = _CHARSET.search(content_type)
    if charset is not None and charset[1].lower() not in ("utf-8", "utf8"):
        raise InvalidInputError.at("Content-Type", f"JSON is UTF-8, not {charset[1]!r}")


def parse_json(body: bytes) -> Any:
    """A JSON value without lone surrogates, repeated names, NaN or infinite numbers. Raises InvalidInputError."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _invalid("is not UTF-8") from error
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_no_number, parse_float=_finite)
    except json.JSONDecodeError as error:
        raise _invalid(f"is not JSON: {error.msg} (line {error.lineno}, column {error.colno})") from error
    except RecursionError as error:
        raise _invalid(f"is nested deeper than {MAX_DEPTH} levels") from error
    except ValueError as error:
        raise _invalid("holds a number that is too long") from error
    if text.count("[") + text.count("{") > MAX_DEPTH:
        _check_depth(value)
    if _ESCAPED_SURROGATE.search(text) is not None and has_lone_surrogate(json.dumps(value, ensure_ascii=False)):
        raise _invalid("holds half of a character (a lone surrogate)")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        [(name, _)] = Counter(name for name, _ in pairs).most_common(1)
        raise _invalid(f"gives {name!r} twice")
    return values


def _no_number(text: str) -> NoReturn:
    raise _invalid(f"is not JSON: {text} is not a number")


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise _invalid("holds a number that is too large")
    return value


def _check_depth(value: Any) -> None:
    level, depth = [value], 0
    while level:
        if depth > MAX_DEPTH:
            raise _invalid(f"is nested deeper than {MAX_DEPTH} levels")
        level = [
            inner
            for each in level
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
        depth += 1


def _invalid(message: str) -> InvalidInputError:
    return InvalidInputError.at("body", message)
