"""Wiring only. Everything worth testing is in app.py."""

import os
from dataclasses import dataclass

from kairan import settings
from kairan.inbox.sqs import SqsInbox
from kairan.observability import observed
from kairan.secrets import LineSecret
from webhook.app import Webhook


@dataclass(frozen=True)
class WebhookSettings:
    secret_arn: str
    inbox_queue_url: str


env = settings.load(WebhookSettings, os.environ)
handler = observed(Webhook(secret=LineSecret(env.secret_arn), inbox=SqsInbox(env.inbox_queue_url)))
