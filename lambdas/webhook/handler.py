"""Wiring only. Everything worth testing is in app.py."""

import os

from kairan import settings
from kairan.contract import WebhookEnvironment
from kairan.inbox.sqs import SqsEventQueue
from kairan.messengers.line.secret import LineSecret
from kairan.observability import observed
from webhook.app import Webhook

env = settings.load(WebhookEnvironment, os.environ)
handler = observed(
    Webhook(account=env.account, secret=LineSecret(env.secret_arn), queue=SqsEventQueue(env.inbox_queue_url))
)
