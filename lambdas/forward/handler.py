"""Wiring only. Everything worth testing is in app.py."""

import os
from urllib.parse import urlsplit

from forward.app import ForwardHandler, Lane
from kairan import settings
from kairan.contract import ForwardEnvironment
from kairan.inbox.http import HttpTarget
from kairan.inbox.s3 import S3Bodies
from kairan.inbox.sqs import SqsRetries
from kairan.observability import observed

env = settings.load(ForwardEnvironment, os.environ)
lanes = {
    queue_url.rpartition("/")[2]: Lane(
        host=urlsplit(url).hostname or "", target=HttpTarget(url), retries=SqsRetries(queue_url, dead_letters_url)
    )
    for url, queue_url, dead_letters_url in zip(
        env.forward_urls.split(),
        env.forward_queue_urls.split(),
        env.forward_dead_letter_queue_urls.split(),
        strict=True,
    )
}
handler = observed(ForwardHandler(lanes=lanes, bodies=S3Bodies(env.batches_bucket)))
