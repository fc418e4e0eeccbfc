"""KairanStack: everything that is deployed, wired together, with every permission. Start reading here."""

import json
from collections.abc import Mapping

from aws_cdk import Arn, ArnFormat, CfnOutput, RemovalPolicy, Stack
from constructs import Construct

from infra.alarms import Alarms
from infra.api_key import ApiKey, Limits
from infra.audience import Audience
from infra.bundling import Target
from infra.campaigns import Campaigns
from infra.credentials import Credentials
from infra.event_queue import EventQueue
from infra.forwarding import Forward, Forwarding
from infra.front_door import FrontDoor, Rate
from infra.inbox import VISIBILITY_TIMEOUT, Inbox
from infra.layers import Layers
from infra.ledger import Ledger
from infra.media_stores import MediaStores
from infra.processed_events import ProcessedEvents
from infra.push_api import PushApi
from infra.python_function import FunctionDefaults
from infra.refusals import refusals, refuse_in_our_form
from infra.sample_media.resource import SampleMedia
from infra.send_failures import SendFailures
from infra.sender_function import SenderFunction
from infra.settings import Settings
from infra.webhook import Webhook
from kairan.contract import (
    OUTPUTS,
    SAMPLE_FILES,
    ApiEnvironment,
    InboxEnvironment,
    LineAccess,
    MediaBucket,
    Output,
    Sender,
    SenderEnvironment,
    SpeechAccess,
    WebhookEnvironment,
)


class KairanStack(Stack):
    def __init__(self, scope: Construct, construct_id: str, *, settings: Settings) -> None:
        super().__init__(
            scope,
            construct_id,
            stack_name=settings.stack_name,
            description="Kairan: the messaging of a LINE Official Account",
        )
        removal_policy = RemovalPolicy.RETAIN if settings.retain_data else RemovalPolicy.DESTROY
        target = Target(settings.python_version, settings.architecture)
        defaults = FunctionDefaults(
            service_name=settings.stack_name,
            target=target,
            layers=Layers(self, "Layers", target=target),
            log_retention_days=settings.log_retention_days,
        )
        # A resource's logical id is made of its path, and these are the first parts of paths. A change would replace
        # resources, and lose their data or their address
        webhook_path, senders_path, push_api_path = (
            Construct(self, construct_id) for construct_id in ("Webhook", "Senders", "PushApi")
        )

        # shared resources
        credentials = Credentials(
            self,
            "Credentials",
            secret_name=settings.secret_name,
            existing_secret_arn=settings.existing_secret_arn,
            key_arn=settings.secret_key_arn,
            retain=settings.retain_data,
        )
        audience = Audience(
            self,
            "Audience",
            account=settings.account,
            store=settings.audience_store,
            unfollowed_retention_days=settings.unfollowed_retention_days,
            removal_policy=removal_policy,
        )
        processed_events = ProcessedEvents(audience, "EventsSeen", removal_policy=removal_policy)
        media = MediaStores(
            self,
            "Media",
            urls={
                MediaBucket.IMAGES: settings.images_url,
                MediaBucket.AUDIO: settings.audio_url,
                MediaBucket.VIDEO: settings.video_url,
            },
            removal_policy=removal_policy,
        )
        campaigns = Campaigns(self, "Campaigns", removal_policy=removal_policy)
        ledger = Ledger(senders_path, "Deliveries", removal_policy=removal_policy)
        failures = SendFailures(senders_path, "Failures")
        dead_letters = EventQueue(webhook_path, "DeadLetters")
        queue = EventQueue(webhook_path, "Queue", visibility_timeout=VISIBILITY_TIMEOUT, dead_letters=dead_letters)
        targets = settings.forward_webhooks_to
        forwarding = Forwarding(self, "Forwarding", targets=targets) if targets else None
        line = LineAccess(secret_arn=credentials.secret.secret_arn, line_api_url=settings.line_api_url)
        speech = SpeechAccess(
            aivis_speech_url=settings.aivis_speech_url,
            aivis_speech_api=settings.aivis_speech_api,
            aivis_speech_speaker=settings.aivis_speech_speaker,
            tts_max_characters=settings.tts_max_characters,
        )

        # functions
        webhook = Webhook(
            webhook_path,
            "Function",
            defaults=defaults,
            environment=WebhookEnvironment(
                secret_arn=line.secret_arn,
                inbox_queue_url=queue.queue_url,
                account=settings.account,
                forward_queue_urls=forwarding.queue_urls if forwarding else "",
                batches_bucket=campaigns.bucket.bucket_name if forwarding else "",
            ),
        )
        forward = (
            Forward(
                forwarding,
                "Function",
                defaults=defaults,
                environment=forwarding.environment(batches_bucket=campaigns.bucket.bucket_name),
                targets=forwarding.targets,
            )
            if forwarding
            else None
        )
        inbox = Inbox(
            webhook_path,
            "Inbox",
            defaults=defaults,
            environment=InboxEnvironment(
                line=line,
                audience=audience.access,
                inbox_queue_url=queue.queue_url,
                inbox_dead_letter_queue_url=dead_letters.queue_url,
                events_seen_table=processed_events.table_name,
            ),
            queue=queue,
        )
        senders = {
            sender: SenderFunction(
                senders_path,
                sender.construct_id,
                defaults=defaults,
                environment=SenderEnvironment(
                    sender=sender,
                    line=line,
                    ledger=ledger.access,
                    pace=settings.sender_pace,
                    batches_bucket=campaigns.bucket.bucket_name,
                    connect_user_id_attribute=settings.connect_user_id_attribute,
                    campaign_samples=settings.campaign_samples,
                    connect_data=_text_of(settings.connect_default_data.get(sender, "")),
                    media=media[sender.media].access if sender.media else None,
                    speech=speech if sender.speaks else None,
                ),
                failures=failures,
                concurrency=settings.sender_concurrency,
            )
            for sender in Sender
        }
        push_api = PushApi(
            push_api_path,
            "Function",
            defaults=defaults,
            environment=ApiEnvironment(
                line=line,
                ledger=ledger.access,
                audience=audience.access,
                media=media.access,
                speech=speech,
                push_per_second=settings.push_per_second,
            ),
        )
        sample_media = SampleMedia(
            self, "SampleMedia", defaults=defaults, media=media, campaigns=campaigns, retain=settings.retain_data
        )

        # the REST API
        front_door = FrontDoor(
            webhook_path,
            "Api",
            log_retention_days=settings.log_retention_days,
            webhook_rate=Rate(settings.webhook_requests_per_second, 2 * settings.webhook_requests_per_second),
            api_pages=settings.api_pages,
        )
        webhook_method = front_door.add_webhook(webhook)
        front_door.add_push_api(push_api, auth=settings.api_auth)
        refuse_in_our_form(push_api_path, front_door, refusals(settings.api_auth))
        key = (
            ApiKey(
                push_api_path,
                "Key",
                front_door=front_door,
                limits=Limits(
                    per_second=settings.api_requests_per_second,
                    burst=settings.api_burst,
                    per_day=settings.api_requests_per_day,
                ),
            )
            if settings.api_auth == "key"
            else None
        )

        # who may do what
        credentials.grant_read(webhook)
        queue.grant_send_messages(webhook)

        if forwarding and forward:
            forwarding.grant(webhook=webhook, forward=forward, campaigns=campaigns)

        credentials.grant_read(inbox)
        queue.grant_consume_messages(inbox)
        dead_letters.grant_send_messages(inbox)
        audience.grant_read_write(inbox)
        processed_events.grant_write(inbox)

        for sender, function in senders.items():
            credentials.grant_read(function)
            ledger.grant_read_write(function)
            if sender.speaks and sender.media:
                media[sender.media].grant_read_write_speech(function)
            elif sender.media:
                media[sender.media].grant_read(function)
            campaigns.grant_read(function)
            campaigns.grant_park(function)
            if audience.pinpoint_application is not None:
                function.allow_pinpoint(audience.pinpoint_application.ref)
            if settings.connect_instance_arn:
                function.allow_connect(_account_of(settings.connect_instance_arn))

        credentials.grant_read(push_api)
        ledger.grant_read_write(push_api)
        audience.grant_read(push_api)
        for store in media:
            store.grant_read_write(push_api)
        media[MediaBucket.AUDIO].grant_read_write_speech(push_api)

        for bucket_name, keys in SAMPLE_FILES.items():
            media[bucket_name].grant_write(sample_media.function, *keys)
        if not settings.retain_data:
            for bucket in (*(store.bucket for store in media), campaigns.bucket):
                bucket.grant_empty(sample_media.function)

        Alarms(
            self,
            "Monitoring",
            email=settings.alarm_email,
            api=front_door,
            webhook_method=webhook_method,
            inbox_queue=queue,
            inbox_dead_letters=dead_letters,
            send_failures=failures,
            forwarding=forwarding,
            functions={"webhook": webhook, "inbox": inbox, "api": push_api}
            | ({"forward": forward} if forward else {})
            | {str(name): function for name, function in senders.items()},
        )
        self._add_outputs(
            {
                Output.API_URL: front_door.url,
                Output.WEBHOOK_URL: front_door.url_for_path("/webhook"),
                Output.SECRET_NAME: credentials.secret_name,
                Output.AUDIENCE_TABLE: audience.table.table_name,
                Output.DELIVERIES_TABLE: ledger.table_name,
                Output.IMAGES_BUCKET: media[MediaBucket.IMAGES].bucket.bucket_name,
                Output.AUDIO_BUCKET: media[MediaBucket.AUDIO].bucket.bucket_name,
                Output.VIDEO_BUCKET: media[MediaBucket.VIDEO].bucket.bucket_name,
                Output.BATCHES_BUCKET: campaigns.bucket.bucket_name,
                Output.IMAGES_URL: media[MediaBucket.IMAGES].url,
                Output.AUDIO_URL: media[MediaBucket.AUDIO].url,
                Output.VIDEO_URL: media[MediaBucket.VIDEO].url,
                Output.INBOX_QUEUE_URL: queue.queue_url,
                Output.INBOX_DEAD_LETTER_QUEUE_URL: dead_letters.queue_url,
                Output.SEND_FAILURES_QUEUE_URL: failures.queue_url,
                Output.WEBHOOK_FUNCTION: webhook.function_name,
                Output.INBOX_FUNCTION: inbox.function_name,
                Output.API_FUNCTION: push_api.function_name,
                **{sender.output: function.function_name for sender, function in senders.items()},
                **({Output.API_KEY_ID: key.key_id} if key is not None else {}),
                **(forwarding.outputs(forward) if forwarding and forward else {}),
            }
        )

    def _add_outputs(self, outputs: Mapping[str, str]) -> None:
        for name, value in outputs.items():
            CfnOutput(self, name, value=value, description=OUTPUTS[name])


def _text_of(data: object) -> str:
    return data if isinstance(data, str) else json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def _account_of(arn: str) -> str:
    account = Arn.split(arn, ArnFormat.SLASH_RESOURCE_NAME).account
    assert account is not None  # noqa: S101 - the setting's pattern has one
    return account
