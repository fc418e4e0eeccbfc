"""A local cloud comes up, and goes down again. Whatever happens in between, nothing is left running unrecorded."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from cli.errors import CommandError
from cli.target import in_local_cloud
from local import channel, deployment, emulator, record, simulated_line, speech
from local.place import Place, Ports, refuse_taken, write_private
from local.processes import Interrupted, Program, uninterrupted
from local.progress import Progress
from local.record import Record
from local.redeploy import redeploy
from local.simulated_line import SimulatedLine
from local.web import LoopbackSession

FIRST_CALL_TIMEOUT_S = 60
LOOK_EVERY_S = 0.5
PATIENCE_S = 5
"""For a program to end by itself; it has nothing to lose."""
PATIENCE_WITH_DATA_S = 60
"""For the emulator to write down what is to be kept."""


@dataclass(frozen=True)
class Wish:
    """What was asked for. Without `line_api_url` the LINE platform is simulated, without `aivis_speech_url` an engine of the local
    cloud speaks."""

    port_base: int
    line_api_url: str | None = None
    aivis_speech_url: str | None = None
    keep: bool = False
    channel_secret: str | None = None
    channel_access_token: str | None = None

    @property
    def ports(self) -> Ports:
        return Ports(self.port_base)


def up(place: Place, wish: Wish, progress: Progress) -> None:
    """Bring it up; when it is up already, just say so.

    Raises CommandError when it is up with other settings, when a port is taken or when a step fails; whatever was started
    has ended by then.
    """
    with place.alone():
        if (present := record.load(place)) is not None:
            if present.is_up():
                _refuse_other_settings(present, wish)
                progress.note("The local cloud is up already")
                return
            progress.note("A local cloud that did not end properly was here: cleaning up after it")
            _end(place, present)
        with _nothing_left_behind(place):
            _start(place, wish, progress)


@contextmanager
def while_up(place: Place, wish: Wish, progress: Progress) -> Iterator[bool]:
    """Up for as long as the block lasts, and down after it, however it ends: then it is ours (True). One that was up before
    stays up (False)."""
    is_ours = not is_up(place)
    try:
        up(place, wish, progress)
        yield is_ours
    finally:
        with uninterrupted():
            if is_ours and record.load(place) is not None:
                down(place, progress)


def is_up(place: Place) -> bool:
    present = record.load(place)
    return present is not None and present.is_up()


def stay(place: Place, progress: Progress) -> None:
    """Until it is interrupted, or ended by another command. Raises CommandError when a program ended by itself."""
    try:
        with uninterrupted():
            progress.note("It runs until Ctrl-C")
        while is_up(place):
            time.sleep(LOOK_EVERY_S)
    except Interrupted:
        return
    with place.alone():
        left = record.load(place)
    if left is not None:
        ended = [program.name for program in left.programs if not program.is_alive()]
        raise CommandError(f"Ended by itself: {', '.join(ended)}.", fix=f"What it wrote is in {place.logs}.")


def down(place: Place, progress: Progress) -> None:
    """End everything that was started. Data go with it, unless it was started with `--keep`."""
    with place.alone():
        present = record.load(place)
        if present is None:
            progress.note("No local cloud is up here")
            place.forget()
            return
        with progress.step("Stopping the local cloud"):
            _end(place, present)
        if present.keep:
            progress.note(f"Its data are kept in {place.kept}, for the next `up --keep`")


def _start(place: Place, wish: Wish, progress: Progress) -> None:
    ports = wish.ports
    simulated = wish.line_api_url is None
    line_api_url = wish.line_api_url or ports.line_url
    speaks = wish.aivis_speech_url is None
    deployment.settings(ports, line_api_url, wish.aivis_speech_url)
    refuse_taken(ports.aws, wanted_for="AWS")
    if simulated:
        refuse_taken(ports.line, wanted_for="the LINE platform")
    if speaks:
        refuse_taken(ports.speech, wanted_for="the speech engine")
    goes_on = wish.keep and place.kept.exists()
    place.prepare(keep=wish.keep)
    running = Record(
        port_base=wish.port_base,
        line_api_url=wish.line_api_url,
        aivis_speech_url=wish.aivis_speech_url,
        keep=wish.keep,
    ).save(place)

    with progress.step("Starting AWS (ministack)"):
        running, aws = _add(running, place, lambda: emulator.start(place, ports, keep=wish.keep))
        emulator.wait_until_ready(aws, place, ports)
    with progress.step("Preparing it for deployments (cdk bootstrap)") as step:
        deployment.bootstrap(place, ports, step)
    with progress.step("Deploying Kairan (cdk deploy)") as step:
        outputs = deployment.deploy(
            place, ports, step, line_api_url=line_api_url, aivis_speech_url=wish.aivis_speech_url
        )
        write_private(place.outputs, json.dumps(outputs, indent=2) + "\n")
        if goes_on:
            # kept functions may hold what `redeploy` brought in, of which no template knows
            redeploy(in_local_cloud(place.root))

    if speaks:
        with progress.step("Starting the speech engine"):
            running, engine = _add(running, place, lambda: speech.start(place, ports))
            speech.wait_until_ready(engine, place, ports)
    chosen = channel.choose(
        place.root, channel_secret=wish.channel_secret, channel_access_token=wish.channel_access_token
    )
    if simulated:
        with progress.step("Starting the simulated LINE platform"):
            running, line = _add(running, place, lambda: simulated_line.start(place, ports, chosen))
            simulated_line.wait_until_ready(line, place, ports)
    with progress.step("Connecting the channel (kairan connect)"):
        _call_once(outputs["WebhookUrl"])
        channel.connect_channel(place.root, chosen, progress, simulated=simulated)
        if simulated:
            SimulatedLine(line_api_url).turn_on_redelivery()
    replace(running, ready=True).save(place)


def _add(running: Record, place: Place, start: Callable[[], Program]) -> tuple[Record, Program]:
    """Started and written down in one go: nothing runs that `down` would not know of."""
    with uninterrupted():
        program = start()
        return running.with_program(program).save(place), program


def _call_once(webhook_url: str) -> None:
    """LINE gives a webhook two seconds; the first call of a function, which starts it, may take longer on a busy machine."""
    with LoopbackSession() as session:
        session.post(webhook_url, data=b"{}", timeout=FIRST_CALL_TIMEOUT_S)


def _refuse_other_settings(present: Record, wish: Wish) -> None:
    if present.settings() != (wish.port_base, wish.line_api_url, wish.aivis_speech_url, wish.keep):
        raise CommandError(
            f"A local cloud with other settings is up here: port base {present.port_base}, "
            f"LINE {present.line_api_url or 'simulated'}, speech from {present.aivis_speech_url or 'its own engine'}, "
            f"data {'kept' if present.keep else 'not kept'}.",
            fix="End it first with `make down`, or give this one another folder with --state-dir and other ports.",
        )


@contextmanager
def _nothing_left_behind(place: Place) -> Iterator[None]:
    try:
        yield
    except BaseException:
        if (begun := record.load(place)) is not None:
            _end(place, begun)
        raise


def _end(place: Place, present: Record) -> None:
    with uninterrupted():
        for program in reversed(present.programs):
            program.stop(patience_s=PATIENCE_WITH_DATA_S if present.keep else PATIENCE_S)
        place.forget()
