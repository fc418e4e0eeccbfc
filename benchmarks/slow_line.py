"""A LINE platform that does one thing: it answers every push and multicast as LINE does, after a delay, whatever was sent.

It stands in for the simulated platform where speed is measured. That one judges every message object, which takes the processor
that the sender under test should have. This one only counts, and looks into what it was sent when it is asked.

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
"""Where DynamoDB takes all its calls: a second one of these, without a delay, is a store that takes everything and has nothing."""
TALLY = "/tally"
ANSWERS = {MULTICAST: b"{}", PUSH: b'{"sentMessages":[{"id":"461230966842064897"}]}', STORE: b"{}"}
END_OF_HEAD = b"\r\n\r\n"


@dataclass
class Taken:
    """What came since the last tally."""

    delay_s: float
    bodies: list[bytes] = field(default_factory=list)
    in_flight: int = 0
    most_in_flight: int = 0

    def tally(self) -> bytes:
        """How many requests came, how many at once, how many people they reached, and how many of them twice; then begin anew."""
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
    """HTTP/1.1 as far as the clients under test speak it: a head, a body of a told length, one request after another."""

    def __init__(self, taken: Taken) -> None:
        self._taken = taken
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
            self._answer(self._taken.tally())
        elif path in ANSWERS:
            self._taken.bodies.append(body)
            self._taken.in_flight += 1
            self._taken.most_in_flight = max(self._taken.most_in_flight, self._taken.in_flight)
            asyncio.get_running_loop().call_later(self._taken.delay_s, self._accept, ANSWERS[path])
        else:
            self._answer(b'{"message":"Not found"}', status="404 Not Found")

    def _accept(self, answer: bytes) -> None:
        self._taken.in_flight -= 1
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
    taken = Taken(delay_s)
    server = await asyncio.get_running_loop().create_server(lambda: Connection(taken), "127.0.0.1", 0, backlog=512)
    port = server.sockets[0].getsockname()[1]
    sys.stdout.write(f"http://127.0.0.1:{port}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--delay-ms", type=float, default=50)
    asyncio.run(serve(arguments.parse_args().delay_ms / 1000))
