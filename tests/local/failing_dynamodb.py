"""DynamoDB that fails: a proxy that throttles some requests to the emulator, and cuts others after their effect."""

import json
import socket
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import urllib3

THROTTLED = json.dumps(
    {
        "__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
        "message": "The level of configured provisioned throughput for the table was exceeded.",
    }
).encode()
AS_RECEIVED = ("content-type", "x-amz-target", "x-amz-date", "authorization", "x-amz-security-token")
AS_ANSWERED = ("content-type", "x-amz-crc32", "x-amzn-requestid")


class Failure(StrEnum):
    NONE = "none"
    THROTTLED = "throttled"
    """Refused, without effect."""
    CUT = "cut"
    """Done, and the connection ends without an answer."""


@dataclass
class FailingDynamoDb:
    """Strikes requests to `table` with the `planned` failures, one after the other. Then it passes everything on."""

    url: str
    table: str = ""
    planned: deque[Failure] = field(default_factory=deque)

    def next_failure(self, table: str) -> Failure:
        return self.planned.popleft() if self.planned and table == self.table else Failure.NONE


@contextmanager
def failing_dynamodb(upstream: str) -> Iterator[FailingDynamoDb]:
    """Listens on a loopback port of its own for as long as the block lasts."""
    pool = urllib3.PoolManager(maxsize=64, retries=False, timeout=10)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            failure = dynamodb.next_failure(json.loads(body).get("TableName", ""))
            if failure is Failure.THROTTLED:
                self._answer(400, THROTTLED, {"content-type": "application/x-amz-json-1.0"})
                return
            headers = {name: self.headers[name] for name in AS_RECEIVED if name in self.headers}
            answer = pool.request("POST", upstream, body=body, headers=headers)
            if failure is Failure.CUT:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            passed_on = {name: answer.headers[name] for name in AS_ANSWERED if name in answer.headers}
            self._answer(answer.status, answer.data, passed_on)

        def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        dynamodb = FailingDynamoDb(f"http://127.0.0.1:{server.server_port}")
        thread = Thread(target=server.serve_forever, name="failing-dynamodb")
        thread.start()
        try:
            yield dynamodb
        finally:
            server.shutdown()
            thread.join()
