"""Wiring only. Everything worth testing is in app.py."""

import os

from api.app import Api
from api.checks import ledger_check, secret_check, speech_check
from api.documentation import Documentation
from api.health import Health
from api.sources import Sources
from kairan import settings
from kairan.audience.stores import audience_in
from kairan.clock import SystemClock
from kairan.composing.speaking import Voice
from kairan.contract import ApiEnvironment, MediaAccess
from kairan.media.s3 import S3Media
from kairan.media.s3_uploads import S3Uploads
from kairan.media.uploads import Kind
from kairan.messengers import line
from kairan.messengers.line.http import HttpLineClient
from kairan.messengers.line.messenger import LineMessenger
from kairan.messengers.line.secret import LineSecret
from kairan.observability import observed
from kairan.push.push_files import MediaBucket
from kairan.push.push_once import PushOnce
from kairan.sending.batch_sender import BatchSender
from kairan.sending.dispatch import Dispatcher
from kairan.sending.dynamodb import DynamoDbLedger
from kairan.sending.pacing import Pacer, Pacers
from kairan.speech.wiring import synthesizer_in, url_in


def media_bucket(name: str, url: str, kind: Kind) -> MediaBucket:
    return MediaBucket(S3Media(name, base_url=url), S3Uploads(name, kind=kind))


env = settings.load(ApiEnvironment, os.environ)
clock = SystemClock()
secret = LineSecret(env.line.secret_arn)
ledger = DynamoDbLedger(env.ledger.deliveries_table)
pacer = Pacer(env.push_per_second, clock=clock)
messenger = LineMessenger(HttpLineClient(secret, api_url=env.line.line_api_url))
dispatcher = Dispatcher(
    messenger, pacers=Pacers(together=pacer, each=pacer), connections=1, clock=clock, waits_for_rates=False
)
audio = MediaAccess(env.media.audio_bucket, env.media.audio_url)
handler = observed(
    Api(
        push_once=PushOnce(batch_sender=BatchSender(dispatcher, ledger=ledger), clock=clock),
        sources=Sources(
            messenger,
            voice=Voice(
                synthesizer_in(env.speech, audio, clock, secret_url=secret.speech_url),
                env.speech.aivis_speech_speaker,
                env.speech.tts_max_characters,
            ),
            images=media_bucket(env.media.images_bucket, env.media.images_url, "image"),
            audio=media_bucket(env.media.audio_bucket, env.media.audio_url, "audio"),
            video=media_bucket(env.media.video_bucket, env.media.video_url, "video"),
        ),
        audience=audience_in(env.audience, messenger=line.NAME),
        health=Health(
            {
                "secret": secret_check(secret),
                "ledger": ledger_check(ledger),
                "speech": speech_check(url_in(env.speech, secret.speech_url)),
            },
            clock=clock,
        ),
        documentation=Documentation(),
        clock=clock,
    )
)
