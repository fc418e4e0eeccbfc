"""What can be changed while the platform runs: `GET` and `PUT /_sim/settings`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simulators.line.error_response import ErrorResponse
from simulators.line.limits import WEBHOOK_TIMEOUT_S, Rate

WEBHOOK = ("active", "timeoutSeconds", "redelivery", "redeliveryAfterSeconds", "repeats", "shuffleWithinSeconds")


@dataclass
class Settings:
    """`quota` is the number of messages a month, None for no limit.

    `redelivery` is off, as at LINE. When it is on, an event that was not taken comes again after each of
    `redelivery_after_s` seconds, until it is taken. An event is posted `repeats` times more at the same moment. Each
    post waits a random time up to `shuffle_within_s`, so that events overtake each other.
    """

    quota: int | None = None
    webhook_active: bool = True
    timeout_s: float = WEBHOOK_TIMEOUT_S
    redelivery: bool = False
    redelivery_after_s: tuple[float, ...] = (1, 5, 30)
    repeats: int = 0
    shuffle_within_s: float = 0

    def as_json(self, rates: Mapping[str, Rate]) -> dict[str, Any]:
        return {
            "quota": self.quota,
            "webhook": {
                "active": self.webhook_active,
                "timeoutSeconds": self.timeout_s,
                "redelivery": self.redelivery,
                "redeliveryAfterSeconds": list(self.redelivery_after_s),
                "repeats": self.repeats,
                "shuffleWithinSeconds": self.shuffle_within_s,
            },
            "rates": {name: {"requests": rate.requests, "seconds": rate.seconds} for name, rate in rates.items()},
        }


def read(changes: object, settings: Settings, rates: Mapping[str, Rate]) -> tuple[Settings, dict[str, Rate]]:
    """The settings with these changes, and the rates that change. Raises ErrorResponse naming what is wrong."""
    body = _members(changes, "settings", ("quota", "webhook", "rates"))
    webhook = _members(body.get("webhook", {}), "webhook", WEBHOOK)
    quota = body.get("quota", settings.quota)
    if quota is not None and not _is_count(quota):
        raise ErrorResponse(400, "quota must be a number of messages, or null for no limit")
    active = webhook.get("active", settings.webhook_active)
    redelivery = webhook.get("redelivery", settings.redelivery)
    if not isinstance(active, bool) or not isinstance(redelivery, bool):
        raise ErrorResponse(400, "webhook.active and webhook.redelivery must be true or false")
    after = webhook.get("redeliveryAfterSeconds", settings.redelivery_after_s)
    if not isinstance(after, list | tuple) or not all(_is_seconds(seconds) for seconds in after):
        raise ErrorResponse(400, "webhook.redeliveryAfterSeconds must be a list of seconds")
    timeout_s = webhook.get("timeoutSeconds", settings.timeout_s)
    if not _is_seconds(timeout_s) or timeout_s == 0:
        raise ErrorResponse(400, "webhook.timeoutSeconds must be a number of seconds over 0")
    repeats = webhook.get("repeats", settings.repeats)
    if not _is_count(repeats):
        raise ErrorResponse(400, "webhook.repeats must be a number of further posts")
    shuffle_within = webhook.get("shuffleWithinSeconds", settings.shuffle_within_s)
    if not _is_seconds(shuffle_within):
        raise ErrorResponse(400, "webhook.shuffleWithinSeconds must be a number of seconds")
    changed = {name: _rate(name, rate) for name, rate in _members(body.get("rates", {}), "rates", tuple(rates)).items()}
    return Settings(quota, active, timeout_s, redelivery, tuple(after), repeats, shuffle_within), changed


def _rate(name: str, value: object) -> Rate:
    rate = _members(value, f"rates.{name}", ("requests", "seconds"))
    requests: Any = rate.get("requests")
    seconds: Any = rate.get("seconds", 1)
    if not _is_count(requests) or not _is_count(seconds) or seconds == 0:
        raise ErrorResponse(400, f"rates.{name} must have whole numbers of requests and of seconds")
    return Rate(requests, seconds)


def _members(value: object, name: str, allowed: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ErrorResponse(400, f"{name} must be an object")
    if unknown := [member for member in value if member not in allowed]:
        raise ErrorResponse(400, f"{name} has no {unknown[0]}; it has {', '.join(allowed)}")
    return value


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_seconds(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
