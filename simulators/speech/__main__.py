"""`python -m simulators.speech --port 4900`: speak for whoever asks, until it is stopped."""

import argparse
import errno
import logging
import signal
import sys
from collections.abc import Sequence

log = logging.getLogger("speech_engine")

FIRST_WORDS = "こんにちは。"


def main() -> int:
    arguments = arguments_of(sys.argv[1:])
    from simulators.speech.app import Engine
    from simulators.speech.query import AudioQuery
    from simulators.speech.server import LOOPBACK, Server
    from simulators.speech.styles import STYLES
    from simulators.speech.voice import Voice

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    voice = Voice()
    try:
        server = Server(arguments.port, Engine(voice))
    except OSError as error:
        busy = error.errno == errno.EADDRINUSE
        what = "is in use; choose another with --port" if busy else f"cannot be listened on: {error.strerror}"
        sys.stderr.write(f"speech_engine: {LOOPBACK}:{arguments.port} {what}\n")
        return 1
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, _exit)
    with server:
        # the first words take longer than all others
        voice.speak(AudioQuery(accent_phrases=[], kana=FIRST_WORDS), STYLES[0])
        log.info("ready at %s", server.url)
        server.serve_forever()
    return 0


def arguments_of(given: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m simulators.speech",
        description="Japanese speech behind the routes of an AivisSpeech Engine, on this machine only, without a network.",
        epilog='The voice is HTS Voice "Mei", by the MMDAgent Project Team of the Nagoya Institute of Technology (CC BY 3.0).',
    )
    parser.add_argument(
        "--port", type=_port, required=True, help="on 127.0.0.1; 0 takes any free one; it stands in the log"
    )
    return parser.parse_args(given)


def _port(text: str) -> int:
    if not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text} is no port; one is from 0 to 65535")
    return int(text)


def _exit(*_: object) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    sys.exit(main())
