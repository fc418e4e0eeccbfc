"""KairanStack: the capabilities wired together. Start reading here."""

from aws_cdk import Arn, ArnFormat, CfnOutput, RemovalPolicy, Stack
from constructs import Construct

from infra.audience import Audience
from infra.bundling import Target
from infra.credentials import Credentials
from infra.layers import Layers
from infra.media import Media
from infra.monitoring import Monitoring
from infra.push_api import Limits, PushApi
from infra.python_function import FunctionDefaults
from infra.sample_media.resource import SampleMedia
from infra.senders import Pace, Senders
from infra.settings import Settings
from infra.speech import SpeechSource
from infra.webhook import Webhook


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

        credentials = Credentials(
            self,
            "Credentials",
            secret_name=settings.secret_name,
            existing_secret_arn=settings.existing_secret_arn,
            retain=settings.retain_data,
        )
        audience = Audience(self, "Audience", store=settings.audience_store, removal_policy=removal_policy)
        media = Media(
            self,
            "Media",
            images_url=settings.images_url,
            audio_url=settings.audio_url,
            video_url=settings.video_url,
            removal_policy=removal_policy,
        )
        speech = SpeechSource(
            url=settings.aivis_speech_url,
            api=settings.aivis_speech_api,
            speaker=settings.aivis_speech_speaker,
            max_characters=settings.tts_max_characters,
        )
        sample_media = SampleMedia(self, "SampleMedia", defaults=defaults, media=media, retain=settings.retain_data)
        webhook = Webhook(
            self,
            "Webhook",
            defaults=defaults,
            secret_arn=credentials.secret.secret_arn,
            channel=settings.channel,
            events_seen_table=audience.events_seen.table_name,
            audience=audience.environment,
            unfollowed_retention_days=settings.unfollowed_retention_days,
            line_api_url=settings.line_api_url,
            line_data_url=settings.line_data_url,
        )
        senders = Senders(
            self,
            "Senders",
            defaults=defaults,
            secret_arn=credentials.secret.secret_arn,
            images=media.images,
            audio=media.audio,
            video=media.video,
            speech=speech,
            pace=Pace(
                multicast_per_second=settings.multicast_per_second,
                push_per_second=settings.push_per_second,
                connections=settings.push_connections,
            ),
            line_api_url=settings.line_api_url,
            connect_user_id_attribute=settings.connect_user_id_attribute,
            connect_default_data=settings.connect_default_data,
            removal_policy=removal_policy,
        )
        push_api = PushApi(
            self,
            "PushApi",
            defaults=defaults,
            api=webhook.api,
            auth=settings.api_auth,
            limits=Limits(
                per_second=settings.api_requests_per_second,
                burst=settings.api_burst,
                per_day=settings.api_requests_per_day,
            ),
            secret_arn=credentials.secret.secret_arn,
            deliveries_table=senders.deliveries.table_name,
            channel=settings.channel,
            audience=audience.environment,
            unfollowed_retention_days=settings.unfollowed_retention_days,
            images=media.images,
            audio=media.audio,
            video=media.video,
            speech=speech,
            line_api_url=settings.line_api_url,
            push_per_second=settings.push_per_second,
        )

        # who may do what
        credentials.secret.grant_read(webhook.function)
        webhook.queue.grant_send_messages(webhook.function)

        credentials.secret.grant_read(webhook.inbox)
        webhook.queue.grant_consume_messages(webhook.inbox)
        webhook.dead_letters.grant_send_messages(webhook.inbox)
        audience.grant_keep(webhook.inbox)
        audience.grant_remember_events(webhook.inbox)

        for sender in senders.all:
            credentials.secret.grant_read(sender)
            senders.grant_keep_ledger(sender)
            senders.failures.grant_send_messages(sender)
        media.images.grant_send(senders.image)
        media.audio.grant_send(senders.audio)
        media.video.grant_send(senders.video)
        media.audio.grant_speak(senders.speech)
        if audience.pinpoint_application is not None:
            senders.allow_pinpoint(audience.pinpoint_application.ref)
        if settings.connect_instance_arn:
            senders.allow_connect(_account_of(settings.connect_instance_arn))

        credentials.secret.grant_read(push_api.function)
        senders.grant_keep_ledger(push_api.function)
        audience.grant_look_up(push_api.function)
        for store in (media.images, media.audio, media.video):
            store.grant_take_in(push_api.function)
        media.audio.grant_speak(push_api.function)

        media.images.grant_fill(sample_media.function, "sample_image.jpg")
        media.audio.grant_fill(sample_media.function, "sample_audio.mp3")
        media.video.grant_fill(sample_media.function, "sample_video.mp4", "sample_image.jpg")
        if not settings.retain_data:
            for store in (media.images, media.audio, media.video):
                store.grant_empty(sample_media.function)

        by_name = {
            "send_text": senders.text,
            "send_image": senders.image,
            "send_audio": senders.audio,
            "send_video": senders.video,
            "send_speech": senders.speech,
            "send_messages": senders.messages,
        }
        Monitoring(
            self,
            "Monitoring",
            service_name=settings.stack_name,
            alarm_email=settings.alarm_email,
            api=webhook.api,
            webhook_method=webhook.method,
            inbox_queue=webhook.queue,
            inbox_dead_letters=webhook.dead_letters,
            send_failures=senders.failures,
            senders=by_name,
            functions={"webhook": webhook.function, "inbox": webhook.inbox, "api": push_api.function, **by_name},
        )

        for name, value in {
            "ApiUrl": webhook.api.url,
            "WebhookUrl": webhook.api.url_for_path("/webhook"),
            "SecretName": credentials.secret_name,
            "AudienceTable": audience.table.table_name,
            "ImagesBucket": media.images.bucket.bucket_name,
            "AudioBucket": media.audio.bucket.bucket_name,
            "VideoBucket": media.video.bucket.bucket_name,
            "ImagesUrl": media.images.url,
            "AudioUrl": media.audio.url,
            "VideoUrl": media.video.url,
            "DeliveriesTable": senders.deliveries.table_name,
            "InboxQueueUrl": webhook.queue.queue_url,
            "InboxDeadLetterQueueUrl": webhook.dead_letters.queue_url,
            "SendFailuresQueueUrl": senders.failures.queue_url,
            "WebhookFunction": webhook.function.function_name,
            "InboxFunction": webhook.inbox.function_name,
            "ApiFunction": push_api.function.function_name,
            "SendTextFunction": senders.text.function_name,
            "SendImageFunction": senders.image.function_name,
            "SendAudioFunction": senders.audio.function_name,
            "SendVideoFunction": senders.video.function_name,
            "SendSpeechFunction": senders.speech.function_name,
            "SendMessagesFunction": senders.messages.function_name,
            **({"ApiKeyId": push_api.key.key_id} if push_api.key is not None else {}),
        }.items():
            CfnOutput(self, name, value=value)


def _account_of(arn: str) -> str:
    account = Arn.split(arn, ArnFormat.SLASH_RESOURCE_NAME).account
    assert account is not None  # noqa: S101 - the setting's pattern has one
    return account
