"""What of a local cloud runs, written down as it comes up, so that any later command can go on from there."""

import json
from dataclasses import asdict, dataclass, field, replace

from local.place import Place, Ports, write_private
from local.processes import Program


@dataclass(frozen=True)
class Record:
    """`line_api_url` is None with the simulated LINE platform, `aivis_speech_url` with the speech engine of the local cloud.
    `ready` once everything is deployed and connected."""

    port_base: int
    line_api_url: str | None
    keep: bool
    aivis_speech_url: str | None = None
    ready: bool = False
    programs: tuple[Program, ...] = field(default=())

    @property
    def ports(self) -> Ports:
        return Ports(self.port_base)

    def is_up(self) -> bool:
        return self.ready and all(program.is_alive() for program in self.programs)

    def settings(self) -> tuple[int, str | None, str | None, bool]:
        return self.port_base, self.line_api_url, self.aivis_speech_url, self.keep

    def with_program(self, program: Program) -> "Record":
        return replace(self, programs=(*self.programs, program))

    def save(self, place: Place) -> "Record":
        write_private(place.record, json.dumps(asdict(self), indent=2))
        return self


def load(place: Place) -> Record | None:
    try:
        saved = json.loads(place.record.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return Record(**{**saved, "programs": tuple(Program(**program) for program in saved["programs"])})
