"""JSON as LINE reads and writes it: no NaN, no Infinity, and no number that becomes one."""

import json
from math import isfinite
from typing import Any, NoReturn

from starlette.responses import JSONResponse


def parse(text: bytes | str) -> Any:
    """Raises JSONDecodeError, or another ValueError without a position, or RecursionError."""
    return json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)


class JsonResponse(JSONResponse):
    """In ASCII, because a text may hold half of a surrogate pair."""

    def render(self, content: Any) -> bytes:
        return json.dumps(content, allow_nan=False, separators=(",", ":")).encode()


def _finite(text: str) -> float:
    if not isfinite(number := float(text)):
        raise ValueError("a number is too large")
    return number


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
