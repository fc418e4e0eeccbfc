"""Webhooks, as LINE posts them: signed, given up after two seconds, and posted again only when redelivery is on.

Settings make it post events several times and in another order, as LINE says may happen.
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
from simulators.line.state import State

Json = dict[str, Any]

log = logging.getLogger("simulators.line")

CONNECTIONS = 64


@dataclass(frozen=True)
class WebhookResult:
    """`reason` and `detail` are LINE's words ("Test webhook endpoint"); `status` is None without an answer."""

    status: int | None
    reason: str
    detail: str

    @property
    def success(self) -> bool:
        return self.reason == "OK"


Post = Callable[[str, bytes, dict[str, str], float], WebhookResult]
"""Arguments: URL, body, headers, and the seconds after which it gives up."""


class WebhookSender:
    """`post` blocks, so it runs in threads."""

    def __init__(
        self,
        state: State,
        *,
        post: Post | None = None,
        sleep: Sleep = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._state = state
        self._post = post or HttpPost()
        self._sleep = sleep
        self._chance = chance
        self._threads = ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="webhook")
        self._tasks: set[asyncio.Task[Any]] = set()
        self._answers: Counter[str] = Counter()

    async def send(self, event: Json) -> WebhookResult | None:
        """Posts one event and returns the result of the first post.

        None when the channel has no webhook URL or does not use it. Repeats, and redelivery when it is on, go on in the
        background.
        """
        state = self._state
        url = state.channel.webhook_url
        if url is None or not state.settings.webhook_active:
            return None
        for _ in range(state.settings.repeats):
            self.in_background(self._send(url, event, as_redelivery(event)))
        return await self._send(url, event, event)

    async def _send(self, url: str, event: Json, as_posted: Json) -> WebhookResult:
        settings = self._state.settings
        if settings.shuffle_within_s:
            await self._sleep(self._chance() * settings.shuffle_within_s)
        result = await self._post_events(url, [as_posted])
        if not result.success and settings.redelivery:
            self.in_background(self._redeliver(url, event))
        return result

    async def test(self, url: str) -> Json:
        """LINE's test: a webhook without events."""
        at = self._state.clock()
        result = await self._post_events(url, [])
        return {
            "success": result.success,
            "timestamp": iso(at),
            "statusCode": result.status or 0,
            "reason": result.reason,
            "detail": result.detail,
        }

    def in_background(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def tally(self) -> Json:
        """How often each status, or reason for having none, came back since the last reset, and what is under way."""
        return {"answers": dict(self._answers), "underWay": len(self._tasks)}

    async def reset(self) -> None:
        await self._cancel()
        self._answers.clear()

    async def _cancel(self) -> None:
        """Drops what is still to be posted in the background."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def close(self) -> None:
        await self._cancel()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _redeliver(self, url: str, event: Json) -> None:
        again = as_redelivery(event)
        for seconds in self._state.settings.redelivery_after_s:
            await self._sleep(seconds)
            if token := event.get("replyToken"):
                self._state.reply_tokens.redelivered(token)
            if (await self._post_events(url, [again])).success:
                return

    async def _post_events(self, url: str, events: list[Json]) -> WebhookResult:
        channel = self._state.channel
        body = json.dumps(
            {"destination": channel.bot_user_id, "events": events}, ensure_ascii=False, separators=(",", ":")
        ).encode(errors="surrogatepass")
        headers = {
            "content-type": "application/json; charset=utf-8",
            "user-agent": "LineBotWebhook/2.0",
            "x-line-signature": signature(channel.credentials.channel_secret, body),
        }
        timeout_s = self._state.settings.timeout_s
        loop = asyncio.get_running_loop()
        result = await loop.run_in_executor(self._threads, self._post, url, body, headers, timeout_s)
        self._answers[str(result.status or result.reason)] += 1
        if not result.success:
            kinds = ", ".join(event["type"] for event in events) or "no events"
            log.warning("the bot server did not take a webhook (%s): %s %s", kinds, result.reason, result.detail)
        return result


def as_redelivery(event: Json) -> Json:
    return {**event, "deliveryContext": {"isRedelivery": True}}


def signature(channel_secret: str, body: bytes) -> str:
    """`x-line-signature` ("Signature validation")."""
    return base64.b64encode(hmac.digest(channel_secret.encode(), body, hashlib.sha256)).decode()


class HttpPost:
    """One attempt over the network. It follows no redirect."""

    def __init__(self) -> None:
        self._pool = urllib3.PoolManager(maxsize=CONNECTIONS, retries=False)

    def __call__(self, url: str, body: bytes, headers: dict[str, str], timeout_s: float) -> WebhookResult:
        timeout = urllib3.Timeout(total=timeout_s)
        try:
            response = self._pool.request("POST", url, body=body, headers=headers, timeout=timeout, redirect=False)
        except SSLError:
            return WebhookResult(None, "COULD_NOT_CONNECT", f"TLS handshake failure: {url}")
        except (NewConnectionError, ConnectTimeoutError):
            return WebhookResult(None, "COULD_NOT_CONNECT", f"Connection failed: {url}")
        except TimeoutError:
            return WebhookResult(None, "REQUEST_TIMEOUT", "Request timeout")
        except HTTPError:
            return WebhookResult(None, "UNCLASSIFIED", "N/A")
        status = response.status
        return WebhookResult(status, "OK" if 200 <= status < 300 else "ERROR_STATUS_CODE", str(status))
