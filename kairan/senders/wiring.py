"""Builds a sender function from its environment, without any call over the network."""

from collections.abc import Mapping

from kairan.callers.call import CallerSettings
from kairan.callers.s3 import S3BatchStore
from kairan.clock import Clock, SystemClock
from kairan.composing.read_data import Sources
from kairan.composing.speaking import Voice
from kairan.contract import SenderEnvironment
from kairan.errors import ConfigurationError
from kairan.media.port import Media
from kairan.messengers.line.http import HttpLineClient
from kairan.messengers.line.messenger import LineMessenger
from kairan.messengers.line.secret import LineSecret
from kairan.observability import Handler, observed
from kairan.senders.s3 import S3SendFailures
from kairan.senders.sender_function import SenderFunction
from kairan.sending.batch_sender import BatchSender
from kairan.sending.dispatch import Dispatcher
from kairan.sending.dynamodb import DynamoDbLedger
from kairan.sending.pacing import Pacer, Pacers
from kairan.settings import load


def sender_handler(environ: Mapping[str, str]) -> Handler:
    """Raises ConfigurationError when the environment is incomplete."""
    environment = load(SenderEnvironment, environ)
    _check_parts(environment)
    clock, pace = SystemClock(), environment.pace
    secret = LineSecret(environment.line.secret_arn)
    messenger = LineMessenger(
        HttpLineClient(
            secret,
            api_url=environment.line.line_api_url,
            connections=pace.push_connections,
        )
    )
    dispatcher = Dispatcher(
        messenger,
        pacers=Pacers(
            together=Pacer(pace.multicast_per_second, clock=clock), each=Pacer(pace.push_per_second, clock=clock)
        ),
        connections=pace.push_connections,
        clock=clock,
    )
    return observed(
        SenderFunction(
            environment.sender,
            batch_sender=BatchSender(dispatcher, ledger=DynamoDbLedger(environment.ledger.deliveries_table)),
            sources=Sources(
                messenger,
                media=_media(environment),
                voice=_voice(environment, secret, clock),
            ),
            callers=CallerSettings(
                messenger,
                batches=S3BatchStore(environment.batches_bucket),
                connect_user_id_attribute=environment.connect_user_id_attribute,
                connect_data=environment.connect_data or None,
                campaign_samples=environment.campaign_samples,
            ),
            failures=S3SendFailures(environment.batches_bucket),
            connections=pace.push_connections,
        )
    )


def _check_parts(environment: SenderEnvironment) -> None:
    sender = environment.sender
    for name, part, is_needed in (
        ("media", environment.media, sender.media is not None),
        ("speech", environment.speech, sender.speaks),
    ):
        if is_needed and part is None:
            raise ConfigurationError(f"{sender} has no variables of its {name}; deploy the stack again")


def _media(environment: SenderEnvironment) -> Media | None:
    if (media := environment.media) is None:
        return None
    from kairan.media.s3 import S3Media  # loaded here, because it is large and senders without files do without it

    return S3Media(media.media_bucket, base_url=media.media_url)


def _voice(environment: SenderEnvironment, secret: LineSecret, clock: Clock) -> Voice | None:
    media, speech = environment.media, environment.speech
    if media is None or speech is None:
        return None
    from kairan.speech.wiring import synthesizer_in

    return Voice(
        synthesizer_in(speech, media, clock, secret_url=secret.speech_url),
        speech.aivis_speech_speaker,
        speech.tts_max_characters,
    )
