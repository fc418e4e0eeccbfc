"""What the demonstration sends: to whom, by which way, and how it is known again when it arrives."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from cli.errors import CommandError
from cli.target import Target
from local.functions import invoke
from local.push_api import PushApi
from tools.run import ROOT

SAMPLE_IMAGE = ROOT / "lambdas" / "sample_media" / "files" / "sample_image.jpg"
CAMPAIGN_TEXT = "Good morning, {{User.UserAttributes.name|friend}}! The market opens at ten."
CAMPAIGN_SPEECH = "おはようございます。市場は十時に開きます。"
DIRECT_TEXT = "Only for you: a seat is free at eight."
PUSHED_TEXT = "Your order is ready."
PUSHED_SPEECH = "ご注文の品が、出来上がりました。"


@dataclass(frozen=True)
class Person:
    name: str
    user_id: str
    blocked: bool = False


@dataclass(frozen=True)
class Sending(ABC):
    """A row of the table. `mark` is in the text of the message that arrives, in the words it speaks, or in its link."""

    title: str
    type: str
    mark: str
    twice: bool = field(default=False, kw_only=True)
    """Sent a second time, as it may happen to any call. It must arrive once."""

    @property
    @abstractmethod
    def way(self) -> str: ...

    @abstractmethod
    def send(self, target: Target) -> object:
        """Returns the answer. Raises CommandError unless LINE accepted the message for everyone."""

    def is_this(self, received: Mapping[str, Any]) -> bool:
        told = received.get("text") or received.get("originalContentUrl", "")
        return received["type"] == self.type and self.mark in told


@dataclass(frozen=True)
class Invocation(Sending):
    """A function called with an event."""

    sender: str
    event: Mapping[str, Any]

    @property
    def way(self) -> str:
        return self.sender

    def send(self, target: Target) -> object:
        answer = invoke(target, self.sender, self.event)
        if answer.failed:
            raise CommandError(
                f"{self.sender} failed: {answer.payload.get('errorMessage')}",
                fix=f"`python -m local logs {self.sender}` tells more.",
            )
        outcomes = answer.payload.get("outcomes") or {
            endpoint: entry["EventAttributes"] for endpoint, entry in answer.payload.items()
        }
        if failed := {name: outcome for name, outcome in outcomes.items() if outcome["outcome"] != "sent"}:
            raise CommandError(f"{self.sender} did not send the {self.title} to everyone: {failed}")
        return answer.payload


@dataclass(frozen=True)
class Push(Sending):
    """A call of the push API for each person, each under a key of its own. `file` is its name, its content type and its content."""

    route: str
    keys: Mapping[str, UUID]
    body: Mapping[str, Any] | None = None
    file: tuple[str, str, bytes] | None = None

    @property
    def way(self) -> str:
        return f"push API, /{self.route}"

    def send(self, target: Target) -> object:
        api = PushApi(target)
        return [
            api.push(user_id, self.route, key=key, body=self.body, file=self.file) for user_id, key in self.keys.items()
        ]


def plan(people: Sequence[Person]) -> tuple[Sending, ...]:
    """Everything goes to all three people: whoever planned a campaign before someone blocked the account does that too."""
    user_ids = [person.user_id for person in people]

    def keys() -> dict[str, UUID]:
        return {user_id: uuid4() for user_id in user_ids}

    films = "sample_video.mp4,sample_image.jpg"
    return (
        Invocation(
            "text", "text", "The market opens at ten.", "send_text", campaign_event(people, CAMPAIGN_TEXT), twice=True
        ),
        Invocation("image", "image", "/sample_image.jpg", "send_image", campaign_event(people, "sample_image.jpg")),
        Invocation("audio", "audio", "/sample_audio.mp3", "send_audio", campaign_event(people, "sample_audio.mp3")),
        Invocation("video", "video", "/sample_video.mp4", "send_video", campaign_event(people, films)),
        Invocation("speech", "audio", CAMPAIGN_SPEECH, "send_speech", campaign_event(people, CAMPAIGN_SPEECH)),
        Invocation("direct invoke", "text", DIRECT_TEXT, "send_text", {"to": user_ids, "data": DIRECT_TEXT}),
        Push("pushed text", "text", PUSHED_TEXT, "text", keys(), {"text": PUSHED_TEXT}, twice=True),
        Push("pushed speech", "audio", PUSHED_SPEECH, "tts", keys(), {"tts": PUSHED_SPEECH}, twice=True),
        Push(
            "pushed image",
            "image",
            "/uploads/",
            "image",
            keys(),
            file=("a picture.jpg", "image/jpeg", SAMPLE_IMAGE.read_bytes()),
            twice=True,
        ),
    )


def campaign_event(people: Sequence[Person], data: str) -> dict[str, Any]:
    """A batch of a campaign as Amazon Pinpoint hands it to a custom channel."""
    return {
        "Message": {},
        "Data": data,
        "ApplicationId": "demonstration",
        "CampaignId": uuid4().hex,
        "TreatmentId": "0",
        "ActivityId": uuid4().hex,
        "ScheduledTime": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "Endpoints": {
            f"endpoint-{person.name.lower()}": {
                "ChannelType": "CUSTOM",
                "Address": person.user_id,
                "EndpointStatus": "ACTIVE",
                "OptOut": "NONE",
                "User": {"UserId": person.user_id, "UserAttributes": {"name": [person.name]}},
            }
            for person in people
        },
    }
