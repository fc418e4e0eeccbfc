"""The programs of a local cloud that run. They are recorded as they start, so that later commands know all of them."""

import json
from dataclasses import asdict, dataclass, field, replace

from local.ports import Ports
from local.processes import Program
from local.state_dir import StateDir, write_private


@dataclass(frozen=True)
class Record:
    """`line_api_url` is None when LINE is simulated, `aivis_speech_url` when the local cloud's own engine speaks.

    `context` has more settings of the deployment. `ready` is True once everything is deployed and connected.
    """

    port_base: int
    line_api_url: str | None
    keep: bool
    aivis_speech_url: str | None = None
    context: dict[str, str] = field(default_factory=dict)
    ready: bool = False
    programs: tuple[Program, ...] = field(default=())

    @property
    def ports(self) -> Ports:
        return Ports(self.port_base)

    def is_up(self) -> bool:
        return self.ready and all(program.is_alive() for program in self.programs)

    def settings(self) -> tuple[object, ...]:
        return self.port_base, self.line_api_url, self.aivis_speech_url, self.keep, self.context

    def with_program(self, program: Program) -> "Record":
        return replace(self, programs=(*self.programs, program))

    def save(self, state_dir: StateDir) -> "Record":
        write_private(state_dir.record, json.dumps(asdict(self), indent=2))
        return self


def load(state_dir: StateDir) -> Record | None:
    try:
        saved = json.loads(state_dir.record.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return Record(**{**saved, "programs": tuple(Program(**program) for program in saved["programs"])})
