"""How each caller of a sender names what it sends: the same again is a repeat, and something else under that name is
not."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tests.rigs.events import campaign_to, connect, own_batch, profile

KEY = "7f3c9a3e-8a1d-4c57-9a55-0d3f6f1c2b4e"


@dataclass(frozen=True)
class Door:
    """`event` sends a content to people, under one name.

    - `other_content`: what an event with another content under that name is. `another batch` is sent as well, `refused`
      is not, and of `the same batch` the first content counts
    - `is_named_by_lambda`: the name is Lambda's request id, which stays when Lambda invokes again
    """

    event: Callable[[Sequence[str], str], dict[str, Any]]
    other_content: Literal["another batch", "refused", "the same batch"]
    is_named_by_lambda: bool = False


def _profiles(users: Sequence[str], content: str) -> dict[str, Any]:
    return connect(
        *(
            profile(f"p{place}", user, attributes={"line_user_id": user, "line_data": content})
            for place, user in enumerate(users)
        )
    )


DOORS = {
    "campaign": Door(campaign_to, "another batch"),
    "campaign without a name": Door(
        lambda users, content: {**campaign_to(users, content), "ActivityId": None, "ScheduledTime": None},
        "refused",
        is_named_by_lambda=True,
    ),
    "Connect": Door(_profiles, "the same batch"),
    "direct invoke": Door(lambda users, content: {"to": list(users), "data": content, "retry_key": KEY}, "refused"),
    "Lambda's own retry": Door(
        lambda users, content: {"to": list(users), "data": content}, "refused", is_named_by_lambda=True
    ),
    "batch": Door(own_batch, "refused"),
}
