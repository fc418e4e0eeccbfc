"""A LINE platform that answers every push and multicast as LINE does, after a delay, and checks nothing.

It replaces the simulated platform where speed is measured. The simulated one checks every message object, and so takes
processor time from the sender under test. This one stores the requests, and counts them when it is asked.

`python -m benchmarks.slow_line --delay-ms 50` listens on a free loopback port, and writes its address to stdout.
"""

import argparse
import asyncio
import json
import sys
from asyncio import Transport
from collections import Counter
from dataclasses import dataclass, field
from typing import cast
from uuid import uuid4

MULTICAST = "/v2/bot/message/multicast"
PUSH = "/v2/bot/message/push"
STORE = "/"
"""DynamoDB takes all its calls here. A second platform without a delay serves as a store that is always empty."""
TALLY = "/tally"
ANSWERS = {MULTICAST: b"{}", PUSH: b'{"sentMessages":[{"id":"461230966842064897"}]}', STORE: b"{}"}
END_OF_HEAD = b"\r\n\r\n"


@dataclass
class Received:
    """The requests since the last tally."""

    delay_s: float
    bodies: list[bytes] = field(default_factory=list)
    in_flight: int = 0
    most_in_flight: int = 0

    def tally(self) -> bytes:
        """The numbers of requests, of requests at once, and of people reached once and twice. Then it counts anew."""
        reached: Counter[str] = Counter()
        for body in self.bodies:
            to = json.loads(body)["to"]
            reached.update([to] if isinstance(to, str) else to)
        tally = {
            "requests": len(self.bodies),
            "most_in_flight": self.most_in_flight,
            "people": len(reached),
            "reached_twice": sum(times > 1 for times in reached.values()),
        }
        self.bodies.clear()
        self.most_in_flight = self.in_flight
        return json.dumps(tally).encode()


class Connection(asyncio.Protocol):
    """HTTP/1.1 as far as the clients under test use it: a head, a body with a content length, one request at a time."""

    def __init__(self, received: Received) -> None:
        self._received = received
        self._buffer = bytearray()
        self._transport: Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(END_OF_HEAD)
        if end < 0:
            return
        head = self._buffer[:end].decode("latin-1").lower()
        length = _content_length(head)
        body_at = end + len(END_OF_HEAD)
        if len(self._buffer) < body_at + length:
            return
        body = bytes(self._buffer[body_at : body_at + length])
        del self._buffer[: body_at + length]
        self._take(head.split(" ", 2)[1], body)

    def _take(self, path: str, body: bytes) -> None:
        if path == TALLY:
            self._answer(self._received.tally())
        elif path in ANSWERS:
            self._received.bodies.append(body)
            self._received.in_flight += 1
            self._received.most_in_flight = max(self._received.most_in_flight, self._received.in_flight)
            asyncio.get_running_loop().call_later(self._received.delay_s, self._accept, ANSWERS[path])
        else:
            self._answer(b'{"message":"Not found"}', status="404 Not Found")

    def _accept(self, answer: bytes) -> None:
        self._received.in_flight -= 1
        self._answer(answer)

    def _answer(self, body: bytes, status: str = "200 OK") -> None:
        head = (
            f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n"
            f"x-line-request-id: {uuid4()}\r\n\r\n"
        )
        self._transport.write(head.encode() + body)


def _content_length(head: str) -> int:
    for line in head.split("\r\n")[1:]:
        name, _, value = line.partition(":")
        if name == "content-length":
            return int(value)
    return 0


async def serve(delay_s: float) -> None:
    received = Received(delay_s)
    server = await asyncio.get_running_loop().create_server(lambda: Connection(received), "127.0.0.1", 0, backlog=512)
    port = server.sockets[0].getsockname()[1]
    sys.stdout.write(f"http://127.0.0.1:{port}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--delay-ms", type=float, default=50)
    asyncio.run(serve(arguments.parse_args().delay_ms / 1000))
