"""The messages of the demonstration: who gets what by which route, and how to recognise each when it arrives."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from cli.errors import CommandError
from cli.target import Target
from kairan.contract import SAMPLE_AUDIO, SAMPLE_COVER, SAMPLE_IMAGE, SAMPLE_VIDEO, Sender
from local.functions import invoke
from local.push_api_client import PushApiClient
from tools.run import ROOT

PICTURE = ROOT / "lambdas" / "sample_media" / "files" / SAMPLE_IMAGE
CAMPAIGN_TEXT = "Good morning, {{User.UserAttributes.name|friend}}! The market opens at ten."
CAMPAIGN_SPEECH = "おはようございます。市場は十時に開きます。"
DIRECT_TEXT = "Only for you: a seat is free at eight."
PUSHED_TEXT = "Your order is ready."
PUSHED_SPEECH = "ご注文の品が、出来上がりました。"


@dataclass(frozen=True)
class DemoPerson:
    name: str
    user_id: str
    blocked: bool = False


@dataclass(frozen=True)
class DemoMessage(ABC):
    """A row of the table. A message that arrives has the `marker` in its text, in its spoken words or in its link."""

    title: str
    type: str
    marker: str
    twice: bool = field(default=False, kw_only=True)
    """Sent a second time, as a retrying caller would. It must arrive once."""

    @property
    @abstractmethod
    def sender(self) -> str:
        """The function or route that sends it, in the table's words."""

    @abstractmethod
    def send(self, target: Target) -> object:
        """Returns the answer. Raises CommandError unless LINE accepted the message for everyone."""

    def matches(self, received: Mapping[str, Any]) -> bool:
        content = received.get("text") or received.get("originalContentUrl", "")
        return received["type"] == self.type and self.marker in content


@dataclass(frozen=True)
class InvokedMessage(DemoMessage):
    """Sent by calling a function with an event."""

    function: str
    event: Mapping[str, Any]

    @property
    def sender(self) -> str:
        return self.function

    def send(self, target: Target) -> object:
        answer = invoke(target, self.function, self.event)
        if answer.failed:
            raise CommandError(
                f"{self.function} failed: {answer.payload.get('errorMessage')}",
                fix=f"See `python -m local logs {self.function}`.",
            )
        outcomes = answer.payload.get("outcomes") or {
            endpoint: entry["EventAttributes"] for endpoint, entry in answer.payload.items()
        }
        if failed := {name: outcome for name, outcome in outcomes.items() if outcome["outcome"] != "sent"}:
            raise CommandError(f"{self.function} did not send the {self.title} to everyone: {failed}")
        return answer.payload


@dataclass(frozen=True)
class PushedMessage(DemoMessage):
    """Sent by calling the push API once for each person, each time with its own key.

    `file` is a name, a content type and the content.
    """

    route: str
    keys: Mapping[str, UUID]
    body: Mapping[str, Any] | None = None
    file: tuple[str, str, bytes] | None = None

    @property
    def sender(self) -> str:
        return f"push API, /{self.route}"

    def send(self, target: Target) -> object:
        api = PushApiClient(target)
        return [
            api.push(user_id, self.route, key=key, body=self.body, file=self.file) for user_id, key in self.keys.items()
        ]


def demo_messages(people: Sequence[DemoPerson]) -> tuple[DemoMessage, ...]:
    """All three people are recipients of everything, as in a campaign that was planned before one of them blocked."""
    user_ids = [person.user_id for person in people]

    def keys() -> dict[str, UUID]:
        return {user_id: uuid4() for user_id in user_ids}

    video = f"{SAMPLE_VIDEO},{SAMPLE_COVER}"
    return (
        InvokedMessage(
            "text", "text", "The market opens at ten.", Sender.TEXT, campaign_event(people, CAMPAIGN_TEXT), twice=True
        ),
        InvokedMessage("image", "image", f"/{SAMPLE_IMAGE}", Sender.IMAGE, campaign_event(people, SAMPLE_IMAGE)),
        InvokedMessage("audio", "audio", f"/{SAMPLE_AUDIO}", Sender.AUDIO, campaign_event(people, SAMPLE_AUDIO)),
        InvokedMessage("video", "video", f"/{SAMPLE_VIDEO}", Sender.VIDEO, campaign_event(people, video)),
        InvokedMessage("speech", "audio", CAMPAIGN_SPEECH, Sender.SPEECH, campaign_event(people, CAMPAIGN_SPEECH)),
        InvokedMessage("direct invoke", "text", DIRECT_TEXT, Sender.TEXT, {"to": user_ids, "data": DIRECT_TEXT}),
        PushedMessage("pushed text", "text", PUSHED_TEXT, "text", keys(), {"text": PUSHED_TEXT}, twice=True),
        PushedMessage("pushed speech", "audio", PUSHED_SPEECH, "tts", keys(), {"tts": PUSHED_SPEECH}, twice=True),
        PushedMessage(
            "pushed image",
            "image",
            "/uploads/",
            "image",
            keys(),
            file=("a picture.jpg", "image/jpeg", PICTURE.read_bytes()),
            twice=True,
        ),
    )


def campaign_event(people: Sequence[DemoPerson], data: str) -> dict[str, Any]:
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
