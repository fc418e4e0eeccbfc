"""Builds a sender function from its environment. Nothing here goes to the network."""

from collections.abc import Mapping
from dataclasses import dataclass

from kairan.clock import Clock, SystemClock
from kairan.delivery.callers import CallerSettings
from kairan.delivery.deliverer import Deliverer, Pacers
from kairan.delivery.dynamodb import DynamoDbLedger
from kairan.delivery.function import SenderFunction
from kairan.delivery.model import Sender
from kairan.delivery.pacing import Pacer
from kairan.delivery.speaking import Voice
from kairan.delivery.sqs import SqsSendFailures
from kairan.line.http import HttpLineClient
from kairan.media.s3 import S3Media
from kairan.observability import Handler, observed
from kairan.secrets import LineSecret
from kairan.settings import load
from kairan.speech.model import DEFAULT_SPEAKER


@dataclass(frozen=True)
class SenderSettings:
    """Rates are requests per second of this process; `media_bucket` and `media_url` are the sender's own bucket and its public address.

    What begins with `aivis_speech`, and `tts_max_characters`, is for the sender that speaks; an empty address: no engine is known.
    """

    secret_arn: str
    deliveries_table: str
    send_failures_queue_url: str
    line_api_url: str
    multicast_per_second: float
    push_per_second: float
    push_connections: int
    connect_user_id_attribute: str = "line_user_id"
    connect_data: str = ""
    media_bucket: str = ""
    media_url: str = ""
    aivis_speech_url: str = ""
    aivis_speech_api: str = "engine"
    aivis_speech_speaker: int = DEFAULT_SPEAKER
    tts_max_characters: int = 1500


def sender_handler(sender: Sender, environ: Mapping[str, str]) -> Handler:
    """Raises ConfigurationError when the environment is incomplete."""
    settings = load(SenderSettings, environ)
    clock = SystemClock()
    line = HttpLineClient(
        LineSecret(settings.secret_arn), api_url=settings.line_api_url, connections=settings.push_connections
    )
    deliverer = Deliverer(
        line=line,
        ledger=DynamoDbLedger(settings.deliveries_table),
        pacers=Pacers(Pacer(settings.multicast_per_second, clock=clock), Pacer(settings.push_per_second, clock=clock)),
        connections=settings.push_connections,
        clock=clock,
    )
    return observed(
        SenderFunction(
            sender,
            deliverer=deliverer,
            line=line,
            failures=SqsSendFailures(settings.send_failures_queue_url),
            callers=CallerSettings(
                connect_user_id_attribute=settings.connect_user_id_attribute, connect_data=settings.connect_data or None
            ),
            connections=settings.push_connections,
            media=S3Media(settings.media_bucket, base_url=settings.media_url) if settings.media_bucket else None,
            voice=_voice(settings, clock) if sender is Sender.SPEECH else None,
        )
    )


def _voice(settings: SenderSettings, clock: Clock) -> Voice:
    from kairan.speech.wiring import speech_in

    speech = speech_in(
        url=settings.aivis_speech_url,
        api=settings.aivis_speech_api,
        bucket=settings.media_bucket,
        media_url=settings.media_url,
        clock=clock,
    )
    return Voice(speech, clock, settings.aivis_speech_speaker, settings.tts_max_characters)
