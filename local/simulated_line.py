"""The simulated LINE platform as a program of the local cloud, and what a person can do on it."""

import os
from pathlib import Path
from typing import Any

from kairan.secrets import LineCredentials
from local import processes
from local.emulator import wait_for
from local.place import Place, Ports
from local.processes import Program
from local.web import PATIENCE_S, LoopbackSession
from tools.run import ROOT, VENV

NAME = "line"


def start(place: Place, ports: Ports, channel: LineCredentials) -> Program:
    environment = {
        "PATH": os.pathsep.join([str(VENV / "bin"), os.defpath]),
        "HOME": str(Path.home()),
        "LANG": "C.UTF-8",
        "LINE_CHANNEL_ID": channel.channel_id or "",
        "LINE_CHANNEL_SECRET": channel.channel_secret or "",
        "LINE_CHANNEL_ACCESS_TOKEN": channel.channel_access_token or "",
    }
    command: list[str | Path] = [VENV / "bin" / "python", "-m", "simulators.line", "--port", str(ports.line)]
    return processes.start(NAME, command, environment=environment, folder=ROOT, log=place.logs / f"{NAME}.log")


def wait_until_ready(program: Program, place: Place, ports: Ports) -> None:
    log = place.logs / f"{NAME}.log"
    wait_for(program, f"{ports.line_url}/_sim/health", says=f"ready at {ports.line_url}", log=log)


class SimulatedLine:
    """The control API. Every call raises requests.HTTPError when the platform refuses it."""

    def __init__(self, url: str, *, patience_s: float = PATIENCE_S) -> None:
        self.url = url.rstrip("/")
        self._session = LoopbackSession(patience_s)

    def add_person(self, name: str, **profile: str) -> str:
        """A new person with a LINE account, not yet a friend; returns the user id."""
        return str(self.call("POST", "/people", {"displayName": name, **profile})["userId"])

    def follow(self, user_id: str) -> Any:
        return self.call("POST", f"/people/{user_id}/follow")

    def block(self, user_id: str) -> Any:
        return self.call("POST", f"/people/{user_id}/block")

    def write(self, user_id: str, text: str) -> Any:
        return self.call("POST", f"/people/{user_id}/messages", {"type": "text", "text": text})

    def received(self, user_id: str) -> list[dict[str, Any]]:
        """The message objects that arrived at this person, in order."""
        return [delivery["message"] for delivery in self.call("GET", f"/people/{user_id}/received")["messages"]]

    def requests(self) -> Any:
        return self.call("GET", "/requests")

    def change_settings(self, **settings: Any) -> Any:
        return self.call("PUT", "/settings", settings)

    def turn_on_redelivery(self) -> None:
        """What a person does in LINE's console, as `kairan connect` asks for: off at first, there and here."""
        self.change_settings(webhook={"redelivery": True})

    def call(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._session.request(method, f"{self.url}/_sim{path}", json=body)
        answer.raise_for_status()
        return answer.json() if answer.content else None
