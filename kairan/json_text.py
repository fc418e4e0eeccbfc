"""JSON and ids as they pass between functions and queues: exact, and in ASCII."""

import json
import re
from hashlib import sha256
from math import isfinite
from typing import Any, NoReturn

_PLAIN_ID = re.compile(r"[!-~]{1,128}")


def parse_json(text: str) -> Any:
    """Raises ValueError for text that is not JSON, and for numbers and nesting that Python cannot hold."""
    try:
        return _decoder.decode(text)
    except (ValueError, RecursionError) as error:
        raise ValueError("not JSON") from error


def write_json(value: object) -> str:
    """One line of ASCII, so that any text passes through a queue. Raises ValueError when nested too deeply."""
    try:
        return _encoder.encode(value)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def is_json(value: object) -> bool:
    """Whether JSON can hold the value: it has no NaN and no Infinity, which Python's own reader lets in."""
    try:
        _strict_encoder.encode(value)
    except (ValueError, RecursionError):
        return False
    return True


def plain_id(text: str) -> str:
    """`text` itself where queues and keys can hold it (1–128 visible ASCII characters), otherwise its SHA-256."""
    return text if _PLAIN_ID.fullmatch(text) else sha256(text.encode(errors="surrogatepass")).hexdigest()


def _finite(text: str) -> float:
    if not isfinite(number := float(text)):
        raise ValueError(f"the number is too large: {text[:20]}")
    return number


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_decoder = json.JSONDecoder(parse_float=_finite, parse_constant=_no_constant)
_strict_encoder = json.JSONEncoder(allow_nan=False, check_circular=False)
_encoder = json.JSONEncoder(separators=(",", ":"), check_circular=False)
