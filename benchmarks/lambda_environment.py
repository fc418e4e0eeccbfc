"""The environment of a function: the shared part, and each function's own, whose addresses do not exist."""

from kairan.contract import (
    METRICS_NAMESPACE,
    ApiEnvironment,
    AudienceAccess,
    ForwardEnvironment,
    InboxEnvironment,
    LedgerAccess,
    LineAccess,
    MediaAccess,
    MediaStoresAccess,
    Pace,
    Sender,
    SenderEnvironment,
    SpeechAccess,
    WebhookEnvironment,
    variables,
)

POWERTOOLS = {
    "POWERTOOLS_SERVICE_NAME": "kairan",
    "POWERTOOLS_METRICS_NAMESPACE": METRICS_NAMESPACE,
    "POWERTOOLS_LOG_LEVEL": "INFO",
}
LAMBDA = {
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
    "LANG": "C.UTF-8",
    **POWERTOOLS,
}

_INBOX_QUEUE_URL = "https://sqs.invalid/inbox.fifo"
_MEDIA_URL = "https://media.invalid"
_LINE = LineAccess("arn:aws:secretsmanager:us-east-1:000000000000:secret:none", "https://api.line.me")
_LEDGER = LedgerAccess("deliveries")
_AUDIENCE = AudienceAccess("line", "dynamodb", unfollowed_retention_days=30, audience_table="audience")
_SPEECH = SpeechAccess("engine", 888753760, tts_max_characters=1500, aivis_speech_url="https://speech.invalid")


def _sender(sender: Sender) -> SenderEnvironment:
    return SenderEnvironment(
        sender=sender,
        line=_LINE,
        ledger=_LEDGER,
        pace=Pace(multicast_per_second=50, push_per_second=500, push_connections=32),
        batches_bucket="batches",
        connect_user_id_attribute="line_user_id",
        media=MediaAccess("media", _MEDIA_URL) if sender.media else None,
        speech=_SPEECH if sender.speaks else None,
    )


ENVIRONMENTS = {
    "webhook": variables(WebhookEnvironment(_LINE.secret_arn, _INBOX_QUEUE_URL, account="line")),
    "forward": variables(
        ForwardEnvironment(
            forward_urls="https://bot.invalid/line",
            forward_queue_urls="https://sqs.invalid/forward.fifo",
            forward_dead_letter_queue_urls="https://sqs.invalid/not-forwarded.fifo",
            batches_bucket="batches",
        )
    ),
    "inbox": variables(
        InboxEnvironment(
            line=_LINE,
            audience=_AUDIENCE,
            inbox_queue_url=_INBOX_QUEUE_URL,
            inbox_dead_letter_queue_url="https://sqs.invalid/dead-letters.fifo",
            events_seen_table="events-seen",
        )
    ),
    **{str(sender): variables(_sender(sender)) for sender in Sender},
    "api": variables(
        ApiEnvironment(
            line=_LINE,
            ledger=_LEDGER,
            audience=_AUDIENCE,
            media=MediaStoresAccess("media", _MEDIA_URL, "media", _MEDIA_URL, "media", _MEDIA_URL),
            speech=_SPEECH,
            push_per_second=500,
        )
    ),
}
"""The environments by the function's name."""
