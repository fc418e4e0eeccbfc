"""The push API as another service calls it: by HTTP, with the key of the local cloud."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from requests import Response

from cli.errors import CommandError
from cli.target import Target
from kairan.contract import Output
from tools.loopback import LoopbackSession

PATIENCE_S = 60.0
"""The first call also starts the function. API Gateway itself gives up after 29 seconds."""


class PushApiClient:
    def __init__(self, target: Target) -> None:
        self._url = target.output(Output.API_URL)
        self._session = LoopbackSession(PATIENCE_S)
        self._session.headers["x-api-key"] = target.output("ApiKey")

    def push(
        self,
        user_id: str,
        route: str,
        *,
        key: UUID,
        body: Mapping[str, Any] | None = None,
        file: tuple[str, str, bytes] | None = None,
    ) -> dict[str, Any]:
        """The API's answer. Raises CommandError when its status is not 200.

        `file` is a name, a content type and the content. It goes as multipart under the route's name.
        """
        answer = self._session.post(
            f"{self._url}v1/push_message/{user_id}/{route}",
            json=body,
            files={route: (file[0], file[2], file[1])} if file else None,
            headers={"Idempotency-Key": str(key)},
        )
        if answer.status_code != 200:
            raise CommandError(
                f"The push API answered {answer.status_code}: {_reason(answer)}",
                fix="See `python -m local logs api`.",
            )
        content: dict[str, Any] = answer.json()
        return content


def _reason(answer: Response) -> str:
    """The sentence of an error in the API's form, else the beginning of the body."""
    try:
        return str(answer.json()["error"])
    except (ValueError, KeyError, TypeError):
        return answer.text[:200]
