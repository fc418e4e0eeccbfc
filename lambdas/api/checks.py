"""What `/health` looks at. Each check raises what is wrong, and costs next to nothing."""

import urllib3
from urllib3.exceptions import HTTPError

from api.health import Check
from kairan.delivery.ledger import Ledger
from kairan.delivery.model import DeliveryId
from kairan.errors import CredentialsMissingError, SpeechNotConfiguredError, SpeechUnavailableError
from kairan.secrets import LineSecret

NOBODYS = DeliveryId("00000000-0000-0000-0000-000000000000")
TIMEOUT_S = 1.5


def secret_check(secret: LineSecret) -> Check:
    """Whether there is something to send with; LINE is not asked."""

    def check() -> None:
        found = secret.to_send_with()
        if not found.channel_access_token and not (found.channel_id and found.channel_secret):
            raise CredentialsMissingError("the secret holds no channel access token; run `kairan connect`")

    return check


def ledger_check(ledger: Ledger) -> Check:
    return lambda: ledger.load(NOBODYS)


def speech_check(url: str) -> Check:
    """Whether something answers at the address of the speech engine."""

    def check() -> None:
        if not url:
            raise SpeechNotConfiguredError("no speech engine is set")
        try:
            answer = urllib3.request("GET", url, timeout=TIMEOUT_S, retries=False, preload_content=False)
        except HTTPError as error:
            raise SpeechUnavailableError(f"no answer from the speech engine: {type(error).__name__}") from error
        answer.close()
        if answer.status >= 500:
            raise SpeechUnavailableError(f"the speech engine answered {answer.status}")

    return check
