"""Wiring only. Everything worth testing is in app.py."""

import os

from inbox.app import InboxHandler
from kairan import settings
from kairan.audience import registration
from kairan.audience.registration import Registration
from kairan.audience.stores import audience_in
from kairan.contract import InboxEnvironment
from kairan.inbox.dynamodb import DynamoDbProcessedEvents
from kairan.inbox.effects import Effect
from kairan.inbox.queue import InboxReader
from kairan.inbox.sqs import SqsRetries
from kairan.messengers import line
from kairan.messengers.line.http import HttpLineClient
from kairan.messengers.line.inbound import inbound
from kairan.messengers.line.profiles import LineProfiles
from kairan.messengers.line.secret import LineSecret
from kairan.observability import observed

env = settings.load(InboxEnvironment, os.environ)
profiles = LineProfiles(HttpLineClient(LineSecret(env.line.secret_arn), api_url=env.line.line_api_url))
register = Registration(audience=audience_in(env.audience, messenger=line.NAME), profiles=profiles)
handler = observed(
    InboxHandler(
        effects=(Effect(registration.NAME, register, settles=registration.SETTLES),),
        reader=InboxReader({line.NAME: inbound}, messenger=line.NAME, account=env.audience.account),
        retries=SqsRetries(env.inbox_queue_url, env.inbox_dead_letter_queue_url),
        processed=DynamoDbProcessedEvents(env.events_seen_table),
    )
)
