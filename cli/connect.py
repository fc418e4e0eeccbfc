"""Connects a LINE channel to a stack: the secret, the webhook URL, and LINE's own test of it.

It checks the token, and the webhook URL that is set already, before it writes anything. Running it again is safe, and
completes what an earlier run left undone.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from cli.credentials import Answers
from cli.errors import CommandError
from cli.line import Account, LineChannel, WebhookTest
from cli.screen import Report
from cli.secret import ChannelSecret
from kairan.errors import CredentialsMissingError, KairanError
from kairan.messengers.line.errors import LineRejectedError, LineUnauthorizedError
from kairan.messengers.line.secret import LineCredentials

T = TypeVar("T")

LOOK_AT_LOG = "Look at the log of the function that the output WebhookFunction names"
TURN_ON_WEBHOOK = (
    'Turn on "Use webhook" in the LINE Developers Console, Messaging API > Webhook settings. '
    "LINE sends events only then."
)
KEEP_THE_OTHER_TOOL = (
    "If the tool there is to get LINE's events from now on too, deploy with its address in forward_webhooks_to first."
)
TURN_ON_REDELIVERY = (
    'Turn on "Webhook redelivery" in Messaging API > Webhook settings, if it is not on yet. '
    "Then LINE sends an event again that it could not deliver."
)


@dataclass(frozen=True)
class Connection:
    """LINE's answers. None where LINE was not asked or did not answer."""

    account: Account | None = None
    webhook_in_use: bool | None = None
    test: WebhookTest | None = None

    def reminders(self) -> list[str]:
        """The steps that only a person can do, in LINE's console."""
        return [TURN_ON_REDELIVERY] if self.webhook_in_use else [TURN_ON_WEBHOOK, TURN_ON_REDELIVERY]


def connect(
    answers: Answers,
    *,
    secret: ChannelSecret,
    line: LineChannel,
    webhook_url: str,
    report: Report,
    may_replace: Callable[[str], bool] | None = None,
    refusal_is_warning: bool = False,
) -> Connection:
    """Raises CommandError when LINE refuses a call. With `refusal_is_warning` it warns instead, and does the rest.

    `may_replace` is asked whether `webhook_url` may replace another URL that is set at LINE. If it may not, or there is
    no one to ask (None), CommandError is raised before anything is written.
    A webhook that fails LINE's test raises nothing: see `Connection.test`, and `advice` for the next step.
    """

    def ask(what: str, call: Callable[[], T]) -> T | None:
        try:
            return call()
        except KairanError as error:
            if not refusal_is_warning:
                raise CommandError(f"{what}: {error}", fix=_fix(error)) from error
            report.warning(f"{what}: {error}")
            return None

    present = secret.read()
    wanted = merged(present, answers)
    token = ask("There is no access token", lambda: _token(wanted, line))
    account = ask("The access token was not accepted", lambda: line.account(token)) if token else None
    if account:
        report.done(f"LINE knows the token: {account.name} ({account.basic_id})")

    webhook = ask("LINE did not say which webhook URL is set", lambda: line.webhook(token)) if token else None
    if webhook and webhook.url and webhook.url != webhook_url:
        _settle_replacement(webhook.url, may_replace, report)

    if wanted != present:
        secret.write(wanted)
    report.done(f"The credentials {'were already' if wanted == present else 'are now'} in the secret {secret.name}")

    if not (token and ask("The webhook URL was not set", lambda: _set_webhook(line, token, webhook_url))):
        return Connection(account=account)
    report.done(f"The webhook URL is {webhook_url}")
    test = ask("The webhook was not tested", lambda: _test(line, token, webhook_url))
    if test and test.success:
        report.done("LINE called the webhook and got the right answer")
    elif test:
        report.warning(
            f"LINE's test of the webhook failed: {test.reason}, status {test.status}. {test.detail}".rstrip()
        )
    webhook = ask("LINE did not say whether webhooks are on", lambda: line.webhook(token))
    return Connection(account=account, webhook_in_use=webhook.in_use if webhook else None, test=test)


def merged(present: dict[str, Any], answers: Answers) -> dict[str, Any]:
    """The secret's new value. Other keys stay, but a channel id replaces a stored token."""
    wanted = dict(present)
    if answers.channel_secret:
        wanted["CHANNEL_SECRET"] = answers.channel_secret
    if answers.channel_access_token:
        wanted["CHANNEL_ACCESS_TOKEN"] = answers.channel_access_token
    elif answers.channel_id:
        wanted["CHANNEL_ID"] = answers.channel_id
        for name in ("CHANNEL_ACCESS_TOKEN", "YOUR_CHANNEL_ACCESS_TOKEN"):
            wanted.pop(name, None)
    return wanted


def advice(test: WebhookTest) -> str:
    """The next step after a failed test of the webhook."""
    match test.reason, test.status:
        case _, 400:
            return (
                "The webhook did not accept the signature: is the channel secret the one of this channel? "
                "After a change of the secret, functions may take five minutes to read it again."
            )
        case _, 403 | 404:
            return "There is no webhook at this address. Deploy the stack again, then run this again."
        case _, 503:
            return f"The webhook has no channel secret yet, or its queue does not answer. {LOOK_AT_LOG}."
        case "REQUEST_TIMEOUT", _:
            return f"The webhook took too long: run this again. {LOOK_AT_LOG} if that does not help."
        case "COULD_NOT_CONNECT", _:
            return (
                "LINE could not reach the address. It must be reachable from the internet: is the stack still deployed?"
            )
        case _:
            return f"{LOOK_AT_LOG}, then run this again."


def _token(wanted: dict[str, Any], line: LineChannel) -> str:
    credentials = LineCredentials.parse(json.dumps(wanted))
    if credentials.channel_access_token:
        return credentials.channel_access_token
    if credentials.channel_id and credentials.channel_secret:
        return line.issue_stateless_token(credentials.channel_id, credentials.channel_secret)
    raise credentials.missing("CHANNEL_ACCESS_TOKEN", "the secret has no channel id with its secret either")


def _settle_replacement(url: str, may_replace: Callable[[str], bool] | None, report: Report) -> None:
    report.note(f"The webhook URL at LINE is {url}")
    if may_replace is None:
        raise CommandError(
            f"Another webhook URL is set at LINE: {url}. LINE has one for each channel.",
            fix=f"{KEEP_THE_OTHER_TOOL} Then pass --replace-webhook.",
        )
    if not may_replace(url):
        raise CommandError("The webhook URL stays as it was. Nothing was stored.", fix=KEEP_THE_OTHER_TOOL)


def _set_webhook(line: LineChannel, token: str, url: str) -> bool:
    line.set_webhook(token, url)
    return True


def _test(line: LineChannel, token: str, url: str) -> WebhookTest:
    """The first call may have to start the function. Then a second one finds it running."""
    first = line.test_webhook(token, url)
    return line.test_webhook(token, url) if first.reason == "REQUEST_TIMEOUT" else first


def _fix(error: KairanError) -> str:
    match error:
        case LineUnauthorizedError():
            return (
                "Issue a channel access token in the LINE Developers Console "
                "(Messaging API > Channel access token) and run this again."
            )
        case LineRejectedError():
            return (
                "Are the credentials those of one Messaging API channel? "
                "Check them in the LINE Developers Console and run this again."
            )
        case CredentialsMissingError():
            return "Enter one, or pass a channel id with --channel-id."
        case _:
            return "Run this again in a minute; it continues where it stopped."
