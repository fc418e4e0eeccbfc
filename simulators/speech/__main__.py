"""`python -m simulators.speech --port 4900`: speaks for its callers until it is stopped."""

import argparse
import errno
import logging
import signal
import sys
from collections.abc import Sequence

log = logging.getLogger("simulators.speech")

FIRST_WORDS = "こんにちは。"


def main() -> int:
    arguments = arguments_of(sys.argv[1:])
    from simulators.speech.app import SpeechEngine
    from simulators.speech.query import AudioQuery
    from simulators.speech.server import LOOPBACK, HttpServer
    from simulators.speech.styles import STYLES
    from simulators.speech.voice import Voice

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    voice = Voice()
    try:
        server = HttpServer(arguments.port, SpeechEngine(voice))
    except OSError as error:
        busy = error.errno == errno.EADDRINUSE
        reason = "is in use; choose another port with --port" if busy else f"cannot be used: {error.strerror}"
        sys.stderr.write(f"simulators.speech: {LOOPBACK}:{arguments.port} {reason}\n")
        return 1
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, _exit)
    with server:
        # the first words take longer than all later ones
        voice.speak(AudioQuery(accent_phrases=[], kana=FIRST_WORDS), STYLES[0])
        log.info("ready at %s", server.url)
        server.serve_forever()
    return 0


def arguments_of(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m simulators.speech",
        description="Japanese speech with the routes of an AivisSpeech Engine, on this machine, without a network.",
        epilog='The voice is HTS Voice "Mei", '
        "by the MMDAgent Project Team of the Nagoya Institute of Technology (CC BY 3.0).",
    )
    parser.add_argument(
        "--port", type=_port, required=True, help="on 127.0.0.1; 0 takes any free port; the log shows which"
    )
    return parser.parse_args(arguments)


def _port(text: str) -> int:
    if not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text} is not a port; use a number from 0 to 65535")
    return int(text)


def _exit(*_: object) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    sys.exit(main())
