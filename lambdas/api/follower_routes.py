"""`GET /v1/followers/{user_id}`: a person of the audience."""

from datetime import datetime

from api.errors import NotFoundError
from api.models import EXAMPLE_ID, FollowerAnswer
from api.parameters import Person
from api.routes import Group, Routes
from kairan.audience.model import Follower
from kairan.audience.port import Audience
from kairan.clock import iso
from kairan.people import Profile

FOLLOWERS = Group("Followers", "Ask about people who added the account", statuses=("404", "422", "501"))


def add_follower_routes(routes: Routes, audience: Audience) -> None:
    @routes.get(
        "/v1/followers/<user_id>",
        FOLLOWERS,
        example_answer={
            "user_id": EXAMPLE_ID,
            "status": "following",
            "presumed": False,
            "status_at": "2026-11-02T03:15:42.000Z",
            "followed_at": "2026-11-02T03:15:42.000Z",
            "unfollowed_at": None,
            "is_unblocked": False,
            "display_name": "Haru",
            "language": "ja",
            "picture_url": None,
            "status_message": None,
            "attributes": {"city": ["Kyoto"]},
            "tags": ["early"],
            "opt_out": False,
            "last_event_at": "2026-11-20T11:02:09.512Z",
            "source": "follow",
        },
    )
    def get_follower(user_id: Person) -> FollowerAnswer:
        """Get a follower

        Includes a person who has left, while their data is stored: see `status`.
        """
        follower = audience.get(user_id)
        if follower is None:
            raise NotFoundError("this user is not in the audience")
        return follower_answer(follower)


def follower_answer(follower: Follower) -> FollowerAnswer:
    profile = follower.profile or Profile()
    return FollowerAnswer(
        user_id=follower.person.id,
        status=follower.status,
        presumed=follower.presumed,
        status_at=_time(follower.status_at),
        followed_at=_time(follower.followed_at),
        unfollowed_at=_time(follower.unfollowed_at),
        is_unblocked=follower.is_unblocked,
        display_name=profile.display_name,
        language=profile.language,
        picture_url=profile.picture_url,
        status_message=profile.status_message,
        attributes={name: list(values) for name, values in follower.attributes.items()},
        tags=sorted(follower.tags),
        opt_out=follower.opt_out,
        last_event_at=_time(follower.last_event_at),
        source=follower.source,
    )


def _time(at: datetime | None) -> str | None:
    return None if at is None else iso(at)
