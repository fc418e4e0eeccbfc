"""Wiring only. Everything worth testing is in app.py."""

import os

from kairan import settings
from kairan.contract import WebhookEnvironment
from kairan.inbox.sqs import SqsEventQueue
from kairan.messengers.line.secret import LineSecret
from kairan.observability import observed
from webhook.app import Webhook

env = settings.load(WebhookEnvironment, os.environ)
forwarding = None
if env.forward_queue_urls:  # without targets a cold start loads nothing for them
    from kairan.inbox.forwarding import Forwarding
    from kairan.inbox.s3 import S3Bodies

    forwarding = Forwarding(
        [SqsEventQueue(url, name="a target's queue") for url in env.forward_queue_urls.split()],
        S3Bodies(env.batches_bucket),
    )
handler = observed(
    Webhook(
        account=env.account,
        secret=LineSecret(env.secret_arn),
        queue=SqsEventQueue(env.inbox_queue_url),
        forwarding=forwarding,
    )
)
