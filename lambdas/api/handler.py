"""Wiring only. Everything worth testing is in app.py."""

import os
from dataclasses import dataclass
from datetime import timedelta

from api.app import Api
from api.checks import ledger_check, secret_check, speech_check
from api.contents import Sources, Voice
from api.documentation import Documentation
from api.files import Bucket
from api.health import Health
from api.pushing import Pushing
from kairan import settings
from kairan.audience.stores import audience_in
from kairan.clock import SystemClock
from kairan.delivery.deliverer import Deliverer, Pacers
from kairan.delivery.dynamodb import DynamoDbLedger
from kairan.delivery.pacing import Pacer
from kairan.line.http import HttpLineClient
from kairan.media.s3 import S3Media
from kairan.media.s3_uploads import S3Uploads
from kairan.media.uploads import Kind
from kairan.observability import observed
from kairan.secrets import LineSecret
from kairan.speech.model import DEFAULT_SPEAKER
from kairan.speech.wiring import speech_in


@dataclass(frozen=True)
class ApiSettings:
    """Of the media buckets each has a name and its public address. Without an AIVIS_SPEECH_URL nothing is spoken."""

    secret_arn: str
    deliveries_table: str
    line_api_url: str
    push_per_second: float
    images_bucket: str
    images_url: str
    audio_bucket: str
    audio_url: str
    video_bucket: str
    video_url: str
    channel: str
    audience_store: str
    unfollowed_retention_days: int
    audience_table: str = ""
    pinpoint_application_id: str = ""
    aivis_speech_url: str = ""
    aivis_speech_api: str = "engine"
    aivis_speech_speaker: int = DEFAULT_SPEAKER
    tts_max_characters: int = 1500


def bucket(name: str, url: str, kind: Kind) -> Bucket:
    return Bucket(S3Media(name, base_url=url), S3Uploads(name, kind=kind))


env = settings.load(ApiSettings, os.environ)
clock = SystemClock()
secret = LineSecret(env.secret_arn)
ledger = DynamoDbLedger(env.deliveries_table)
pacer = Pacer(env.push_per_second, clock=clock)
speech = speech_in(
    url=env.aivis_speech_url,
    api=env.aivis_speech_api,
    bucket=env.audio_bucket,
    media_url=env.audio_url,
    clock=clock,
)
handler = observed(
    Api(
        pushing=Pushing(
            deliverer=Deliverer(
                line=HttpLineClient(secret, api_url=env.line_api_url),
                ledger=ledger,
                pacers=Pacers(multicast=pacer, push=pacer),
                connections=1,
                clock=clock,
                waits_for_rates=False,
            ),
            clock=clock,
        ),
        sources=Sources(
            voice=Voice(speech, env.aivis_speech_speaker, env.tts_max_characters),
            images=bucket(env.images_bucket, env.images_url, "image"),
            audio=bucket(env.audio_bucket, env.audio_url, "audio"),
            video=bucket(env.video_bucket, env.video_url, "video"),
        ),
        audience=audience_in(
            env.audience_store,
            table_name=env.audience_table,
            application_id=env.pinpoint_application_id,
            channel=env.channel,
            unfollowed_retention=timedelta(days=env.unfollowed_retention_days),
        ),
        health=Health(
            {
                "secret": secret_check(secret),
                "ledger": ledger_check(ledger),
                "speech": speech_check(env.aivis_speech_url),
            },
            clock=clock,
        ),
        documentation=Documentation(),
        clock=clock,
    )
)
