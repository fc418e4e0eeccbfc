"""Calls to a speech engine over urllib3, which botocore loads anyway. Every call is one attempt."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Semaphore
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ReadTimeoutError

from kairan.clock import Clock
from kairan.errors import SpeechFailedError, SpeechRejectedError, SpeechTimedOutError, SpeechUnavailableError

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse

CONNECT_TIMEOUT_S = 3.0
READ_TIMEOUT_S = 25.0
CALLS_AT_ONCE = 4
"""One process makes this many calls at once. An engine has a few processors, or one graphics card."""
MAX_ANSWER_BYTES = 100_000_000
"""This is twice the longest sound of one part: five minutes in stereo, at the slowest speed."""
MAX_WORDS = 200
_PIECE_BYTES = 1 << 16
_SMALL_PIECE_BYTES = 1 << 8
_REFUSALS = (400, 404, 422)
"""The engine refuses the text or the AudioQuery, or does not have the style."""


class EngineServer:
    """Thread-safe. `url` is the engine's address, with or without a path. At most CALLS_AT_ONCE calls are under way."""

    def __init__(self, url: str, *, clock: Clock) -> None:
        self._base_path = urlsplit(url).path.rstrip("/")
        self._pool = urllib3.connection_from_url(url, maxsize=CALLS_AT_ONCE, retries=False)
        self._turns = Semaphore(CALLS_AT_ONCE)
        self._clock = clock

    def call(
        self, method: str, path: str, query: Mapping[str, Any], *, body: object = None, spoken: str, until: float
    ) -> bytes:
        """The body of a 200. Raises SpeechRejectedError, SpeechTimedOutError or SpeechUnavailableError.

        A SpeechRejectedError has the engine's own words, without `spoken`: people's texts must not reach logs.
        """
        target = f"{self._base_path}{path}?{urlencode(query)}"
        data = None if body is None else json.dumps(body).encode()
        headers = {} if body is None else {"content-type": "application/json"}
        with self._turn(until) as left_s:
            timeout = urllib3.Timeout(
                connect=min(CONNECT_TIMEOUT_S, left_s), read=min(READ_TIMEOUT_S, left_s), total=left_s
            )
            try:
                response = self._pool.urlopen(
                    method,
                    target,
                    body=data,
                    headers=headers,
                    timeout=timeout,
                    redirect=False,
                    preload_content=False,
                    enforce_content_length=True,  # the default of urllib3 2 only
                )
                answer = self._read(response, until)
            except HTTPError as error:
                raise _failure(error) from error
        if response.status in _REFUSALS:
            raise SpeechRejectedError(
                f"the speech engine answered {response.status}: {_words_of(answer, spoken) or response.reason}"
            )
        if response.status != 200:
            kind = SpeechFailedError if response.status == 500 else SpeechUnavailableError
            raise kind(f"the speech engine answered {response.status}")
        return answer

    @contextmanager
    def _turn(self, until: float) -> Iterator[float]:
        """Waits for one of the CALLS_AT_ONCE turns. Yields the time that is left after the wait."""
        if not self._turns.acquire(timeout=self._left_s(until)):
            raise SpeechTimedOutError("the time to speak was over before the speech engine had done other texts")
        try:
            yield self._left_s(until)
        finally:
            self._turns.release()

    def _read(self, response: "BaseHTTPResponse", until: float) -> bytes:
        data = bytearray()
        try:
            for piece in _pieces(response):
                data += piece
                if len(data) > MAX_ANSWER_BYTES:
                    raise SpeechUnavailableError(f"the speech engine answered more than {MAX_ANSWER_BYTES:,} bytes")
                self._left_s(until)
        finally:
            response.close()
            response.release_conn()
        return bytes(data)

    def _left_s(self, until: float) -> float:
        left_s = until - self._clock.monotonic()
        if left_s <= 0:
            raise SpeechTimedOutError("the time to speak was over before the speech engine was done")
        return left_s


def _pieces(response: "BaseHTTPResponse") -> Iterator[bytes]:
    """What has arrived, as it arrives. urllib3 1.26 can only wait for whole pieces, so they are small."""
    if hasattr(response, "read1"):
        return iter(lambda: response.read1(_PIECE_BYTES), b"")
    return response.stream(_SMALL_PIECE_BYTES)


def _failure(error: HTTPError) -> SpeechUnavailableError:
    """The message has the error's class alone, because the error's own words hold the address with the text.

    For urllib3 a refused connection is a time-out too; here it is not.
    """
    took_too_long = isinstance(error, ConnectTimeoutError | ReadTimeoutError)
    if took_too_long and not isinstance(error, NewConnectionError):
        return SpeechTimedOutError(f"the speech engine took too long: {type(error).__name__}")
    never_there = isinstance(error, NewConnectionError | ConnectTimeoutError)
    kind = SpeechUnavailableError if never_there else SpeechFailedError
    return kind(f"no answer from the speech engine: {type(error).__name__}")


def _words_of(answer: bytes, spoken: str) -> str:
    """FastAPI's `detail` is a sentence or a list of problems, each with a `msg`. Others use `error` or `message`."""
    try:
        body = json.loads(answer)
    except ValueError:
        return ""
    if not isinstance(body, dict):
        return ""
    words = body.get("detail") or body.get("error") or body.get("message") or ""
    if isinstance(words, list):
        words = "; ".join(str(problem.get("msg", "")) for problem in words if isinstance(problem, dict))
    return " ".join(str(words).replace(spoken, "…").split())[:MAX_WORDS]
