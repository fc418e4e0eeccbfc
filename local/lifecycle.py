"""Starts and stops a local cloud. The record has every program that runs, even when a step fails."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from cli.errors import CommandError
from cli.target import in_local_cloud
from kairan.contract import Output
from local import connect, deployment, record
from local.line_simulator_client import LineSimulatorClient
from local.ports import Ports, refuse_taken
from local.processes import Interrupted, Program, uninterrupted
from local.programs import aws, line, speech
from local.progress import Progress
from local.record import Record
from local.redeploy import redeploy
from local.state_dir import StateDir, write_private
from tools.loopback import LoopbackSession

FIRST_CALL_TIMEOUT_S = 60
LOOK_EVERY_S = 0.5
PATIENCE_S = 5
"""A program without data has this long to end."""
PATIENCE_WITH_DATA_S = 60
"""The emulator has this long to save its data."""


@dataclass(frozen=True)
class UpOptions:
    """Without `line_api_url` LINE is simulated, without `aivis_speech_url` the local cloud's own engine speaks.

    `context` has more settings for the deployment.
    """

    port_base: int
    line_api_url: str | None = None
    aivis_speech_url: str | None = None
    keep: bool = False
    channel_secret: str | None = None
    channel_access_token: str | None = None
    context: Mapping[str, str] = field(default_factory=dict)

    @property
    def ports(self) -> Ports:
        return Ports(self.port_base)

    def settings(self) -> tuple[object, ...]:
        """Those that an `up` may not change while it is up."""
        return self.port_base, self.line_api_url, self.aivis_speech_url, self.keep, dict(self.context)


def up(state_dir: StateDir, options: UpOptions, progress: Progress) -> None:
    """Starts it, or says that it is up already.

    Raises CommandError when it is up with other settings, when a port is taken or when a step fails. Every program that
    was started has ended by then.
    """
    with state_dir.locked():
        if (present := record.load(state_dir)) is not None:
            if present.is_up():
                _refuse_other_settings(present, options)
                progress.note("The local cloud is up already")
                return
            progress.note("Cleaning up after a local cloud that did not end properly")
            _end(state_dir, present)
        with _ended_on_failure(state_dir):
            _start(state_dir, options, progress)


@contextmanager
def while_up(state_dir: StateDir, options: UpOptions, progress: Progress) -> Iterator[bool]:
    """Up for as long as the block lasts. True when it was started here.

    A local cloud that was started here goes down after the block, however it ends. One that was up before stays up.
    """
    is_ours = not is_up(state_dir)
    try:
        up(state_dir, options, progress)
        yield is_ours
    finally:
        with uninterrupted():
            if is_ours and record.load(state_dir) is not None:
                down(state_dir, progress)


def is_up(state_dir: StateDir) -> bool:
    present = record.load(state_dir)
    return present is not None and present.is_up()


def stay(state_dir: StateDir, progress: Progress) -> None:
    """Returns when it is interrupted or another command ends it. Raises CommandError when a program ended by itself."""
    try:
        with uninterrupted():
            progress.note("It runs until Ctrl-C")
        while is_up(state_dir):
            time.sleep(LOOK_EVERY_S)
    except Interrupted:
        return
    with state_dir.locked():
        left = record.load(state_dir)
    if left is not None:
        ended = [program.name for program in left.programs if not program.is_alive()]
        raise CommandError(f"Ended by itself: {', '.join(ended)}.", fix=f"Look at its log in {state_dir.logs}.")


def down(state_dir: StateDir, progress: Progress) -> None:
    """Ends everything that was started. The data are removed, unless it was started with `--keep`."""
    with state_dir.locked():
        present = record.load(state_dir)
        if present is None:
            progress.note("No local cloud is up here")
            state_dir.forget_run()
            return
        with progress.step("Stopping the local cloud"):
            _end(state_dir, present)
        if present.keep:
            progress.note(f"Its data are in {state_dir.kept_data}, for the next `up --keep`")


def _start(state_dir: StateDir, options: UpOptions, progress: Progress) -> None:
    ports = options.ports
    simulated = options.line_api_url is None
    line_api_url = options.line_api_url or ports.line_url
    speaks = options.aivis_speech_url is None
    settings = deployment.settings(ports, line_api_url, options.aivis_speech_url, options.context)
    refuse_taken(ports.aws, wanted_for="AWS")
    if simulated:
        refuse_taken(ports.line, wanted_for="the LINE platform")
    if speaks:
        refuse_taken(ports.speech, wanted_for="the speech engine")
    has_data = options.keep and state_dir.kept_data.exists()
    state_dir.prepare(keep=options.keep)
    running = Record(
        port_base=options.port_base,
        line_api_url=options.line_api_url,
        aivis_speech_url=options.aivis_speech_url,
        keep=options.keep,
        context=dict(options.context),
    ).save(state_dir)

    with progress.step("Starting AWS (ministack)"):
        running, emulator = _add(running, state_dir, lambda: aws.start(state_dir, ports, keep=options.keep))
        aws.wait_until_ready(emulator, state_dir, ports)
    with progress.step("Preparing it for deployments (cdk bootstrap)") as step:
        deployment.bootstrap(state_dir, ports, step)
    with progress.step("Deploying Kairan (cdk deploy)") as step:
        outputs = deployment.deploy(state_dir, ports, step, settings)
        write_private(state_dir.outputs, json.dumps(outputs, indent=2) + "\n")
        if has_data:
            # kept functions may hold code from `redeploy`, which is in no template
            redeploy(in_local_cloud(state_dir.path))

    if speaks:
        with progress.step("Starting the speech engine"):
            running, engine = _add(running, state_dir, lambda: speech.start(state_dir, ports))
            speech.wait_until_ready(engine, state_dir, ports)
    credentials = connect.choose_credentials(
        state_dir, channel_secret=options.channel_secret, channel_access_token=options.channel_access_token
    )
    if simulated:
        with progress.step("Starting the simulated LINE platform"):
            running, platform = _add(running, state_dir, lambda: line.start(state_dir, ports, credentials))
            line.wait_until_ready(platform, state_dir, ports)
    with progress.step("Connecting the channel (kairan connect)"):
        _call_once(outputs[Output.WEBHOOK_URL])
        connect.connect_channel(state_dir, credentials, progress, simulated=simulated)
        if simulated:
            LineSimulatorClient(line_api_url).turn_on_redelivery()
    replace(running, ready=True).save(state_dir)


def _add(running: Record, state_dir: StateDir, start: Callable[[], Program]) -> tuple[Record, Program]:
    """Starts a program and records it without an interruption in between, so that `down` knows every program."""
    with uninterrupted():
        program = start()
        return running.with_program(program).save(state_dir), program


def _call_once(webhook_url: str) -> None:
    """LINE gives a webhook two seconds. The first call starts the function, which may take longer on a busy machine."""
    with LoopbackSession() as session:
        session.post(webhook_url, data=b"{}", timeout=FIRST_CALL_TIMEOUT_S)


def _refuse_other_settings(present: Record, options: UpOptions) -> None:
    if present.settings() != options.settings():
        raise CommandError(
            f"A local cloud with other settings is up here: port base {present.port_base}, "
            f"LINE {present.line_api_url or 'simulated'}, speech from {present.aivis_speech_url or 'its own engine'}, "
            f"data {'kept' if present.keep else 'not kept'}"
            f"{''.join(f', {name}={value}' for name, value in present.context.items())}.",
            fix="Stop it first with `make down`, or start this one with another --state-dir and another --port-base.",
        )


@contextmanager
def _ended_on_failure(state_dir: StateDir) -> Iterator[None]:
    try:
        yield
    except BaseException:
        if (started := record.load(state_dir)) is not None:
            _end(state_dir, started)
        raise


def _end(state_dir: StateDir, present: Record) -> None:
    with uninterrupted():
        for program in reversed(present.programs):
            program.stop(patience_s=PATIENCE_WITH_DATA_S if present.keep else PATIENCE_S)
        state_dir.forget_run()
