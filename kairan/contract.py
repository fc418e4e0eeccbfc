"""What the stack, the functions, the command line, the tests and the benchmarks must agree on, each declared once.

This module imports little, and from the standard library alone: the CDK loads it, and every cold start pays for it.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

# the senders


class MediaBucket(StrEnum):
    """The buckets whose files messages show. Each has its own public address."""

    IMAGES = "images"
    AUDIO = "audio"
    VIDEO = "video"


class Sender(StrEnum):
    """The functions that send. A value is the function's name and part of every batch's identity: it never changes.

    - `words`: what the sender sends, in words for people
    - `media`: the bucket whose files it shows
    - `speaks`: whether it asks a speech engine and stores the sound in that bucket
    """

    words: str
    media: MediaBucket | None
    speaks: bool

    def __new__(cls, name: str, words: str = "", media: MediaBucket | None = None, speaks: bool = False) -> "Sender":
        """Makes the members. `words` has a default because type checkers read `Sender("send_text")` as this call."""
        sender = str.__new__(cls, name)
        sender._value_ = name
        sender.words, sender.media, sender.speaks = words, media, speaks
        return sender

    TEXT = "send_text", "a text"
    IMAGE = "send_image", "an image", MediaBucket.IMAGES
    AUDIO = "send_audio", "a sound", MediaBucket.AUDIO
    VIDEO = "send_video", "a video", MediaBucket.VIDEO
    SPEECH = "send_speech", "a text as a voice message", MediaBucket.AUDIO, True
    MESSAGES = "send_messages", "any LINE messages"

    @property
    def construct_id(self) -> str:
        """`Text`"""
        return pascal_case(self.removeprefix("send_"))

    @property
    def output(self) -> str:
        """The stack's output with the function's physical name: `SendTextFunction`."""
        return f"{pascal_case(self)}Function"


def pascal_case(name: str) -> str:
    """`SendText` for `send_text`."""
    return "".join(word.capitalize() for word in name.split("_"))


SAMPLE_IMAGE = "sample_image.jpg"
SAMPLE_AUDIO = "sample_audio.mp3"
SAMPLE_VIDEO = "sample_video.mp4"
SAMPLE_COVER = "sample_image.jpg"
SAMPLE_FILES: Mapping[MediaBucket, tuple[str, ...]] = {
    MediaBucket.IMAGES: (SAMPLE_IMAGE,),
    MediaBucket.AUDIO: (SAMPLE_AUDIO,),
    MediaBucket.VIDEO: (SAMPLE_VIDEO, SAMPLE_COVER),
}
"""What a sender shows when its caller names no file. Every deploy puts these files into the buckets."""

SENDERS_FOLDER = "send"


def folder_of(function: str) -> str:
    """The folder in `lambdas/` with the function's code. All senders share one."""
    return SENDERS_FOLDER if function in tuple(Sender) else function


# what is counted

METRICS_NAMESPACE = "Kairan"


class Metric(StrEnum):
    """What the functions count and the alarms watch. `docs/operations.md` explains each."""

    EVENTS_QUEUED = "EventsQueued"
    EVENTS_TOO_OLD = "EventsTooOld"
    EVENTS_UNHANDLED = "EventsUnhandled"
    EVENTS_DEAD_LETTERED = "EventsDeadLettered"
    INVALID_SIGNATURE = "InvalidSignature"
    CALLS_FORWARDED = "CallsForwarded"
    CALLS_NOT_FORWARDED = "CallsNotForwarded"
    MESSAGES_SENT = "MessagesSent"
    MESSAGES_SKIPPED = "MessagesSkipped"
    MESSAGES_FAILED = "MessagesFailed"
    MESSAGES_UNKNOWN = "MessagesUnknown"
    BATCHES_REFUSED = "BatchesRefused"
    LINE_UNAUTHORIZED = "LineUnauthorized"
    LINE_RATE_LIMITED = "LineRateLimited"
    MONTHLY_QUOTA_REACHED = "MonthlyQuotaReached"


# the stack's outputs


class Output(StrEnum):
    """The stack's outputs, except those of the senders (`Sender.output`)."""

    description: str

    def __new__(cls, name: str, description: str) -> "Output":
        output = str.__new__(cls, name)
        output._value_ = name
        output.description = description
        return output

    API_URL = "ApiUrl", "What the routes of the push API begin with"
    WEBHOOK_URL = "WebhookUrl", "Where LINE posts its events"
    API_KEY_ID = "ApiKeyId", "The id of the key for services that push"
    SECRET_NAME = "SecretName", "The secret with the channel's credentials"
    AUDIENCE_TABLE = "AudienceTable", "The audience"
    DELIVERIES_TABLE = "DeliveriesTable", "The ledger: what was sent to whom"
    IMAGES_BUCKET = "ImagesBucket", "The images that messages show"
    AUDIO_BUCKET = "AudioBucket", "The sounds that messages play"
    VIDEO_BUCKET = "VideoBucket", "The videos that messages show, and their covers"
    BATCHES_BUCKET = "BatchesBucket", "Batches that senders read from a file"
    IMAGES_URL = "ImagesUrl", "What links to images begin with"
    AUDIO_URL = "AudioUrl", "What links to sounds begin with"
    VIDEO_URL = "VideoUrl", "What links to videos begin with"
    INBOX_QUEUE_URL = "InboxQueueUrl", "The queue of LINE's events"
    INBOX_DEAD_LETTER_QUEUE_URL = "InboxDeadLetterQueueUrl", "The events that were given up"
    SEND_FAILURES_QUEUE_URL = "SendFailuresQueueUrl", "The batches that were not sent, or not completely"
    WEBHOOK_FUNCTION = "WebhookFunction", "The function that LINE calls"
    INBOX_FUNCTION = "InboxFunction", "The function that handles LINE's events"
    API_FUNCTION = "ApiFunction", "The function behind the push API"
    FORWARD_HOSTS = "ForwardHosts", "The hosts that webhook calls are passed on to, separated by blanks"
    FORWARD_QUEUE_URLS = "ForwardQueueUrls", "The queues of calls for those hosts, in the same order"
    FORWARD_DEAD_LETTER_QUEUE_URLS = (
        "ForwardDeadLetterQueueUrls",
        "The calls that those hosts did not take, in the same order",
    )
    FORWARD_FUNCTION = "ForwardFunction", "The function that passes webhook calls on"


OUTPUTS: Mapping[str, str] = {
    **{output: output.description for output in Output},
    **{sender.output: f"The function that sends {sender.words}" for sender in Sender},
}
"""Every output with its description. A stack whose callers sign their requests has no `ApiKeyId`."""
OUTPUTS_OF_FORWARDING = frozenset(
    {
        Output.FORWARD_HOSTS,
        Output.FORWARD_QUEUE_URLS,
        Output.FORWARD_DEAD_LETTER_QUEUE_URLS,
        Output.FORWARD_FUNCTION,
    }
)
"""Only a stack with the setting `forward_webhooks_to` has these."""


# keys in the buckets

PREVIEWS = "previews/"
"""Generated previews, and facts about files (`.json`). A sender's data never names a key in here."""
INCOMING = "incoming/"
"""Uploads before they are checked. A checked upload is copied to UPLOADS."""
INCOMING_RETENTION_DAYS = 1
UPLOADS = "uploads/"
"""Files that came with a push."""
SPEECH = "tts/"
"""Generated speech, facts about it (`.json`), and a lock while it is generated (`.lock`)."""
NEVER_SERVED = (f"{INCOMING}*", "*.json", "*.lock")
"""Unchecked uploads, facts about files, and locks."""
BATCHES = "batches/"
"""Batches that a sender's event refers to. Their bucket is private."""
PARKED = "parked/"
"""Batches that wait for a redrive: the monthly quota stopped them, or LINE refused them as a whole."""
PARKED_RETENTION_DAYS = 45
"""Longer than any month: what waits for the next quota is still there."""
LEDGER_RETENTION_DAYS = 62
"""A repeat after this is a new batch, so whatever may be redriven must end before."""
BATCHES_RETENTION_DAYS = 62
"""A parked event may refer to a file of batches that is older than itself."""
FORWARDED = "forwarded/"
"""Bodies of webhook calls that are passed on and do not fit into a queue."""
FORWARDED_RETENTION_DAYS = 45
"""A call that was given up may be kept twice, and redriven after that."""
DEAD_LETTERS_RETENTION_DAYS = 14
"""The most that SQS offers."""


# bodies

API_MAX_BODY_BYTES = 4_500_000
"""Lambda takes 6 MB of JSON ("Lambda quotas", invocation payload). A body of this size fits as base64, with headers."""
API_BODY_TOO_LARGE = (
    f"The body is over {API_MAX_BODY_BYTES:,} bytes: ask POST /v1/media/images, /v1/media/audio or /v1/media/video "
    "where to upload the file, then push its key"
)
"""Both API Gateway and the function answer this."""
WEBHOOK_MAX_BODY_BYTES = 1_048_576
"""The most that an SQS message holds."""


# the functions' environments: named tuples, because frozen dataclasses would add six milliseconds to each cold start


class LineAccess(NamedTuple):
    secret_arn: str
    line_api_url: str


class LedgerAccess(NamedTuple):
    deliveries_table: str


class AudienceAccess(NamedTuple):
    """`account` names this deployment's part of the audience. `audience_store` says which of the last two is set."""

    account: str
    audience_store: str
    unfollowed_retention_days: int
    audience_table: str = ""
    pinpoint_application_id: str = ""


class MediaAccess(NamedTuple):
    """One bucket, and the public address of its files."""

    media_bucket: str
    media_url: str


class MediaStoresAccess(NamedTuple):
    images_bucket: str
    images_url: str
    audio_bucket: str
    audio_url: str
    video_bucket: str
    video_url: str


class SpeechAccess(NamedTuple):
    """How to reach the speech engine.

    - `aivis_speech_api`: `engine` or `wrapper`
    - `aivis_speech_speaker`: the style id for callers that name none
    - `aivis_speech_url`: its address; empty without an engine
    """

    aivis_speech_api: str
    aivis_speech_speaker: int
    tts_max_characters: int
    aivis_speech_url: str = ""


class Pace(NamedTuple):
    """How much one process may ask of LINE: requests a second, and pushes at once (`push_connections`)."""

    multicast_per_second: float
    push_per_second: float
    push_connections: int


class WebhookEnvironment(NamedTuple):
    """`forward_queue_urls` are the queues of the targets of calls, separated by blanks.

    Without targets, this and `batches_bucket` are empty.
    """

    secret_arn: str
    inbox_queue_url: str
    account: str
    forward_queue_urls: str = ""
    batches_bucket: str = ""


class ForwardEnvironment(NamedTuple):
    """The targets of webhook calls, and their queues in the same order. Blanks separate the addresses."""

    forward_urls: str
    forward_queue_urls: str
    forward_dead_letter_queue_urls: str
    batches_bucket: str


class InboxEnvironment(NamedTuple):
    line: LineAccess
    audience: AudienceAccess
    inbox_queue_url: str
    inbox_dead_letter_queue_url: str
    events_seen_table: str


class SenderEnvironment(NamedTuple):
    """What a sender needs.

    - `connect_data`: the content for Amazon Connect when the profile has none
    - `campaign_samples`: whether a campaign without content sends the sample
    - `media`: for senders that show files
    - `speech`: for senders that speak
    """

    sender: Sender
    line: LineAccess
    ledger: LedgerAccess
    pace: Pace
    batches_bucket: str
    connect_user_id_attribute: str
    connect_data: str = ""
    campaign_samples: bool = True
    media: MediaAccess | None = None
    speech: SpeechAccess | None = None


class ApiEnvironment(NamedTuple):
    line: LineAccess
    ledger: LedgerAccess
    audience: AudienceAccess
    media: MediaStoresAccess
    speech: SpeechAccess
    push_per_second: float


Environment = WebhookEnvironment | ForwardEnvironment | InboxEnvironment | SenderEnvironment | ApiEnvironment


def variables(environment: Environment) -> dict[str, str]:
    """The variables that `kairan.settings.load` reads this environment from. An empty field has no variable."""
    return dict(_variables(environment))


def _variables(part: Any) -> Iterator[tuple[str, str]]:
    for name, value in part._asdict().items():
        if hasattr(value, "_fields"):
            yield from _variables(value)
        elif value not in (None, ""):
            yield name.upper(), str(value)
