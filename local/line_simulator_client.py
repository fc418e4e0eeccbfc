"""The control API of the simulated LINE platform: what people do there, and what they received."""

from typing import Any

from tools.loopback import PATIENCE_S, LoopbackSession


class LineSimulatorClient:
    """Every call raises requests.HTTPError when the platform refuses it."""

    def __init__(self, url: str, *, patience_s: float = PATIENCE_S) -> None:
        self.url = url.rstrip("/")
        self.session = LoopbackSession(patience_s)

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
        return [entry["message"] for entry in self.call("GET", f"/people/{user_id}/received")["messages"]]

    def requests(self) -> Any:
        return self.call("GET", "/requests")

    def change_settings(self, **settings: Any) -> Any:
        return self.call("PUT", "/settings", settings)

    def turn_on_redelivery(self) -> None:
        """Redelivery is off at first, both at LINE and here. At LINE a person turns it on in the console."""
        self.change_settings(webhook={"redelivery": True})

    def call(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.session.request(method, f"{self.url}/_sim{path}", json=body)
        answer.raise_for_status()
        return answer.json() if answer.content else None
