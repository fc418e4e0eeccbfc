"""A follower, as the API tells of them."""

from datetime import datetime
from typing import Any

from kairan.audience.model import Follower
from kairan.clock import iso
from kairan.line.client import Profile


def follower_answer(follower: Follower) -> dict[str, Any]:
    profile = follower.profile or Profile()
    return {
        "user_id": follower.user_id,
        "status": follower.status,
        "status_at": _time(follower.status_at),
        "followed_at": _time(follower.followed_at),
        "unfollowed_at": _time(follower.unfollowed_at),
        "is_unblocked": follower.is_unblocked,
        "display_name": profile.display_name,
        "language": profile.language,
        "picture_url": profile.picture_url,
        "status_message": profile.status_message,
        "attributes": {name: list(values) for name, values in follower.attributes.items()},
        "tags": sorted(follower.tags),
        "opt_out": follower.opt_out,
        "last_event_at": _time(follower.last_event_at),
        "source": follower.source,
    }


def _time(at: datetime | None) -> str | None:
    return None if at is None else iso(at)
