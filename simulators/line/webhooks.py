"""Webhooks, as LINE posts them: signed, within two seconds, and again later only when redelivery is on.

When told to it posts events several times and in another order, as LINE says may happen.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import logging
import random
from collections import Counter
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, SSLError, TimeoutError

from simulators.line.clock import Sleep, iso
from simulators.line.platform import Platform

Json = dict[str, Any]

log = logging.getLogger("line_platform")

CONNECTIONS = 64


@dataclass(frozen=True)
class Outcome:
    """`reason` and `detail` are LINE's words ("Test webhook endpoint"); `status` is None when nothing was answered."""

    status: int | None
    reason: str
    detail: str

    @property
    def success(self) -> bool:
        return self.reason == "OK"


Post = Callable[[str, bytes, dict[str, str], float], Outcome]
"""To a URL, with body and headers, giving up after so many seconds."""


class WebhookSender:
    """`post` blocks, so it runs in threads."""

    def __init__(
        self,
        platform: Platform,
        *,
        post: Post | None = None,
        sleep: Sleep = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._platform = platform
        self._post = post or HttpPost()
        self._sleep = sleep
        self._chance = chance
        self._threads = ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="webhook")
        self._tasks: set[asyncio.Task[Any]] = set()
        self._answers: Counter[str] = Counter()

    async def deliver(self, event: Json) -> Outcome | None:
        """Post one event; None when the channel has no webhook URL or does not use it. The outcome is that of the first post,
        which repeats do not wait for. What fails is redelivered in the background when that is on."""
        platform = self._platform
        url = platform.channel.webhook_url
        if url is None or not platform.settings.webhook_active:
            return None
        for _ in range(platform.settings.repeats):
            self.in_background(self._deliver(url, event, as_redelivery(event)))
        return await self._deliver(url, event, event)

    async def _deliver(self, url: str, event: Json, as_posted: Json) -> Outcome:
        settings = self._platform.settings
        if settings.shuffle_within_s:
            await self._sleep(self._chance() * settings.shuffle_within_s)
        outcome = await self._send(url, [as_posted])
        if not outcome.success and settings.redelivery:
            self.in_background(self._redeliver(url, event))
        return outcome

    async def test(self, url: str) -> Json:
        """LINE's test: a webhook without events."""
        at = self._platform.clock()
        outcome = await self._send(url, [])
        return {
            "success": outcome.success,
            "timestamp": iso(at),
            "statusCode": outcome.status or 0,
            "reason": outcome.reason,
            "detail": outcome.detail,
        }

    def in_background(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def tally(self) -> Json:
        """How often each status came back since the last reset (without one: why), and how many deliveries are not at their end."""
        return {"answers": dict(self._answers), "underWay": len(self._tasks)}

    async def reset(self) -> None:
        await self._cancel()
        self._answers.clear()

    async def _cancel(self) -> None:
        """Drop what is still to be delivered in the background."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def close(self) -> None:
        await self._cancel()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _redeliver(self, url: str, event: Json) -> None:
        again = as_redelivery(event)
        for seconds in self._platform.settings.redelivery_after_s:
            await self._sleep(seconds)
            if token := event.get("replyToken"):
                self._platform.reply_tokens.redelivered(token)
            if (await self._send(url, [again])).success:
                return

    async def _send(self, url: str, events: list[Json]) -> Outcome:
        channel = self._platform.channel
        body = json.dumps(
            {"destination": channel.bot_user_id, "events": events}, ensure_ascii=False, separators=(",", ":")
        ).encode(errors="surrogatepass")
        headers = {
            "content-type": "application/json; charset=utf-8",
            "user-agent": "LineBotWebhook/2.0",
            "x-line-signature": signature(channel.credentials.channel_secret, body),
        }
        timeout_s = self._platform.settings.timeout_s
        loop = asyncio.get_running_loop()
        outcome = await loop.run_in_executor(self._threads, self._post, url, body, headers, timeout_s)
        self._answers[str(outcome.status or outcome.reason)] += 1
        if not outcome.success:
            kinds = ", ".join(event["type"] for event in events) or "no events"
            log.warning("a webhook (%s) was not taken: %s %s", kinds, outcome.reason, outcome.detail)
        return outcome


def as_redelivery(event: Json) -> Json:
    return {**event, "deliveryContext": {"isRedelivery": True}}


def signature(channel_secret: str, body: bytes) -> str:
    """`x-line-signature` ("Signature validation")."""
    return base64.b64encode(hmac.digest(channel_secret.encode(), body, hashlib.sha256)).decode()


class HttpPost:
    """Over the network, one attempt; a redirect is not followed."""

    def __init__(self) -> None:
        self._pool = urllib3.PoolManager(maxsize=CONNECTIONS, retries=False)

    def __call__(self, url: str, body: bytes, headers: dict[str, str], timeout_s: float) -> Outcome:
        timeout = urllib3.Timeout(total=timeout_s)
        try:
            response = self._pool.request("POST", url, body=body, headers=headers, timeout=timeout, redirect=False)
        except SSLError:
            return Outcome(None, "COULD_NOT_CONNECT", f"TLS handshake failure: {url}")
        except (NewConnectionError, ConnectTimeoutError):
            return Outcome(None, "COULD_NOT_CONNECT", f"Connection failed: {url}")
        except TimeoutError:
            return Outcome(None, "REQUEST_TIMEOUT", "Request timeout")
        except HTTPError:
            return Outcome(None, "UNCLASSIFIED", "N/A")
        status = response.status
        return Outcome(status, "OK" if 200 <= status < 300 else "ERROR_STATUS_CODE", str(status))
