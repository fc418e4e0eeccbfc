"""The checks of `/health`. Each raises what is wrong, and costs almost nothing."""

from collections.abc import Callable

import urllib3
from urllib3.exceptions import HTTPError

from api.health import Check
from kairan.errors import CredentialsMissingError, SpeechUnavailableError
from kairan.messengers.line.secret import LineSecret
from kairan.sending.batch import BatchId
from kairan.sending.ledger import Ledger

NO_BATCH = BatchId("00000000-0000-0000-0000-000000000000")
TIMEOUT_S = 1.5


def secret_check(secret: LineSecret) -> Check:
    """Whether the secret has credentials to send with. LINE is not asked about them."""

    def check() -> None:
        credentials = secret.to_send_with()
        if not credentials.channel_access_token and not (credentials.channel_id and credentials.channel_secret):
            raise CredentialsMissingError("the secret has no channel access token; run `kairan connect`")

    return check


def ledger_check(ledger: Ledger) -> Check:
    return lambda: ledger.load(NO_BATCH)


def speech_check(url: Callable[[], str]) -> Check:
    """Whether the address of the speech engine answers. `url` raises SpeechNotConfiguredError when there is none."""

    def check() -> None:
        address = url()
        try:
            answer = urllib3.PoolManager().request(
                "GET", address, timeout=TIMEOUT_S, retries=False, preload_content=False
            )
        except HTTPError as error:
            raise SpeechUnavailableError(f"no answer from the speech engine: {type(error).__name__}") from error
        answer.close()
        if answer.status >= 500:
            raise SpeechUnavailableError(f"the speech engine answered {answer.status}")

    return check
