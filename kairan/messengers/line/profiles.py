"""People's profiles at LINE. Functions that send nothing use this: `LineMessenger` would slow their start."""

from kairan.messengers.line.client import LineClient
from kairan.people import PersonId, Profile


class LineProfiles:
    def __init__(self, client: LineClient) -> None:
        self._client = client

    def profile(self, person: PersonId) -> Profile | None:
        return self._client.profile(person.id)
