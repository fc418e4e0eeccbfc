"""Connect a LINE channel to a stack: the secret, the webhook URL, LINE's own test of it.

The token is checked before anything is written. Running it again is safe, and repairs what was half done.
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
from kairan.errors import CredentialsMissingError, KairanError, LineRejectedError, LineUnauthorizedError
from kairan.secrets import LineCredentials

T = TypeVar("T")

TURN_ON_WEBHOOK = 'Turn on "Use webhook" in the LINE Developers Console, Messaging API > Webhook settings: LINE sends events only then.'
TURN_ON_REDELIVERY = 'Turn on "Webhook redelivery" in Messaging API > Webhook settings, if it is not on yet: an event that LINE could not deliver then comes again.'


@dataclass(frozen=True)
class Connection:
    """What LINE said; None where it was not asked or gave no answer."""

    account: Account | None = None
    webhook_in_use: bool | None = None
    test: WebhookTest | None = None

    def reminders(self) -> list[str]:
        """What only a person can do, in LINE's console."""
        return [TURN_ON_REDELIVERY] if self.webhook_in_use else [TURN_ON_WEBHOOK, TURN_ON_REDELIVERY]


def connect(
    answers: Answers,
    *,
    secret: ChannelSecret,
    line: LineChannel,
    webhook_url: str,
    report: Report,
    refusal_is_warning: bool = False,
) -> Connection:
    """Raises CommandError when LINE refuses a call; with `refusal_is_warning` that is reported and the rest is done.

    A webhook that fails LINE's test raises nothing: see `Connection.test`, and `advice` for what to do about it.
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

    if wanted != present:
        secret.write(wanted)
    report.done(f"The secret {secret.name} {'holds the credentials' if wanted == present else 'was filled'}")

    if not (token and ask("The webhook URL was not set", lambda: _set_webhook(line, token, webhook_url))):
        return Connection(account=account)
    report.done(f"The webhook URL is {webhook_url}")
    test = ask("The webhook was not tested", lambda: _test(line, token, webhook_url))
    if test and test.success:
        report.done("LINE called the webhook and got its answer")
    elif test:
        report.warning(
            f"LINE's test of the webhook failed: {test.reason}, status {test.status}. {test.detail}".rstrip()
        )
    in_use = ask("LINE did not tell whether webhooks are on", lambda: line.webhook_in_use(token))
    return Connection(account=account, webhook_in_use=in_use, test=test)


def merged(present: dict[str, Any], answers: Answers) -> dict[str, Any]:
    """The secret's new value: other keys stay, and of the two ways to have a token the one just chosen."""
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
    """What to do about a failed test of the webhook."""
    match test.reason, test.status:
        case _, 400:
            return (
                "The webhook did not accept the signature: is the channel secret the one of this channel? "
                "After a change of the secret it may take five minutes until every function has read it again."
            )
        case _, 403 | 404:
            return "There is no webhook at this address. Deploy the stack again, then run this again."
        case _, 503:
            return "The webhook has no channel secret yet, or its queue does not answer: look at the log of the function named in the output WebhookFunction."
        case "REQUEST_TIMEOUT", _:
            return "The webhook took too long. Run this again; if it stays so, look at the log of the function named in the output WebhookFunction."
        case "COULD_NOT_CONNECT", _:
            return (
                "LINE could not reach the address. It must be reachable from the internet: is the stack still deployed?"
            )
        case _:
            return "Look at the log of the function named in the output WebhookFunction, then run this again."


def _token(wanted: dict[str, Any], line: LineChannel) -> str:
    found = LineCredentials.parse(json.dumps(wanted))
    if found.channel_access_token:
        return found.channel_access_token
    if found.channel_id and found.channel_secret:
        return line.issue_stateless_token(found.channel_id, found.channel_secret)
    raise CredentialsMissingError("the secret holds neither an access token nor a channel id with its secret")


def _set_webhook(line: LineChannel, token: str, url: str) -> bool:
    line.set_webhook(token, url)
    return True


def _test(line: LineChannel, token: str, url: str) -> WebhookTest:
    """The first call may find no function running; a second one finds it."""
    first = line.test_webhook(token, url)
    return line.test_webhook(token, url) if first.reason == "REQUEST_TIMEOUT" else first


def _fix(error: KairanError) -> str:
    match error:
        case LineUnauthorizedError():
            return "Issue a channel access token in the LINE Developers Console (Messaging API > Channel access token) and run this again."
        case LineRejectedError():
            return "Are the credentials those of one Messaging API channel? Check them in the LINE Developers Console and run this again."
        case CredentialsMissingError():
            return "Give one, or a channel id by --channel-id."
        case _:
            return "Run this again in a minute; it goes on where it stopped."
