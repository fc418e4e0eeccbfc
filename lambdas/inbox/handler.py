"""Wiring only. Everything worth testing is in app.py."""

import os
from dataclasses import dataclass
from datetime import timedelta

from inbox.app import Inbox
from kairan import settings
from kairan.audience.registration import Registration
from kairan.audience.stores import audience_in
from kairan.inbox.dynamodb import DynamoDbEventsSeen
from kairan.inbox.sqs import SqsUnfinished
from kairan.line.http import HttpLineClient
from kairan.observability import observed
from kairan.secrets import LineSecret


@dataclass(frozen=True)
class InboxSettings:
    secret_arn: str
    inbox_queue_url: str
    inbox_dead_letter_queue_url: str
    events_seen_table: str
    channel: str
    audience_store: str
    unfollowed_retention_days: int
    line_api_url: str
    audience_table: str = ""
    pinpoint_application_id: str = ""


env = settings.load(InboxSettings, os.environ)
audience = audience_in(
    env.audience_store,
    table_name=env.audience_table,
    application_id=env.pinpoint_application_id,
    channel=env.channel,
    unfollowed_retention=timedelta(days=env.unfollowed_retention_days),
)
line = HttpLineClient(LineSecret(env.secret_arn), api_url=env.line_api_url)
handler = observed(
    Inbox(
        register=Registration(audience=audience, line=line),
        handlers={},
        unfinished=SqsUnfinished(env.inbox_queue_url, env.inbox_dead_letter_queue_url),
        seen=DynamoDbEventsSeen(env.events_seen_table),
    )
)
