"""Other tools that take webhook calls, over urllib3, which botocore loads anyway. Every call is one attempt."""

from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import HTTPError

from kairan import __version__
from kairan.errors import TargetUnavailableError
from kairan.inbox.forwarding import CONTENT_TYPE, MARK, SIGNATURE, Call

CONNECT_TIMEOUT_S = 3.0
TIMEOUT_S = 10.0
"""LINE itself gives a webhook two seconds."""
CONNECTIONS = 10


class HttpTarget:
    """Thread-safe. `url` is the address of the tool's webhook, with its path and query."""

    def __init__(self, url: str, *, timeout_s: float = TIMEOUT_S) -> None:
        parts = urlsplit(url)
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._pool = urllib3.connection_from_url(url, maxsize=CONNECTIONS, block=True, retries=False)
        self._timeout = urllib3.Timeout(total=timeout_s, connect=min(CONNECT_TIMEOUT_S, timeout_s))

    def post(self, call: Call) -> None:
        try:
            response = self._pool.urlopen(
                "POST",
                self._path,
                body=call.body,
                headers={
                    CONTENT_TYPE: call.content_type,
                    SIGNATURE: call.signature,
                    "user-agent": f"kairan/{__version__}",
                    MARK: "1",
                },
                timeout=self._timeout,
                redirect=False,
                preload_content=False,
            )
        except HTTPError as error:  # its message stays out: an address may hold a secret
            raise TargetUnavailableError(f"no answer: {type(error).__name__}") from error
        try:
            response.drain_conn()
        finally:
            response.release_conn()
        if not 200 <= response.status < 300:
            raise TargetUnavailableError(f"it answered {response.status}")
