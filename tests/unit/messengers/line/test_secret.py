"""When the secret is read, and what it may hold."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.stub import Stubber

from kairan import aws
from kairan.errors import CredentialsMissingError, SpeechNotConfiguredError, StoreUnavailableError
from kairan.messengers.line.secret import LineCredentials, LineSecret
from kairan.messengers.line.tokens import AccessTokens
from tests.cases.secret_values import BROKEN, EDGES, ENCODED, UNREADABLE
from tests.fakes.clock import FakeClock

ARN = "arn:aws:secretsmanager:us-east-1:000000000000:secret:LINE_secrets-abcdef"
FILLED = {"CHANNEL_SECRET": "s", "CHANNEL_ACCESS_TOKEN": "t"}


class Vault:
    """Secrets Manager with the values a test puts there, in turn; a read that no value is left for fails the test."""

    def __init__(self, stubber: Stubber) -> None:
        self._stubber = stubber

    def holds(self, *values: object) -> None:
        for value in values:
            text = value if isinstance(value, str) else json.dumps(value)
            self._stubber.add_response("get_secret_value", {"SecretString": text}, {"SecretId": ARN})

    def holds_bytes(self, value: bytes) -> None:
        self._stubber.add_response("get_secret_value", {"SecretBinary": value}, {"SecretId": ARN})

    def fails(self) -> None:
        self._stubber.add_client_error("get_secret_value", "ThrottlingException")

    def all_read(self) -> None:
        self._stubber.assert_no_pending_responses()


@pytest.fixture
def vault() -> Iterator[Vault]:
    aws.forget_clients()
    with Stubber(aws.client("secretsmanager")) as stubber:
        yield Vault(stubber)
    aws.forget_clients()


def test_the_secret_is_read_once(vault: Vault) -> None:
    vault.holds(FILLED)
    secret = LineSecret(ARN)

    assert [secret.channel_secret(), secret.channel_secret()] == ["s", "s"]
    assert secret.to_send_with().channel_access_token == "t"


def test_threads_that_begin_together_read_the_secret_once(vault: Vault) -> None:
    vault.holds(FILLED)
    secret = LineSecret(ARN)

    with ThreadPoolExecutor(8) as threads:
        tokens = list(threads.map(lambda _: secret.to_send_with().channel_access_token, range(8)))

    assert tokens == ["t"] * 8


def test_the_names_of_the_aws_sample_are_accepted(vault: Vault) -> None:
    vault.holds({"YOUR_CHANNEL_SECRET": "s", "YOUR_CHANNEL_ACCESS_TOKEN": "t"})

    assert LineSecret(ARN).get() == LineCredentials("s", "t", None)


@pytest.mark.parametrize("value", ["", "  ", "INSERT_YOUR_CHANNEL_SECRET", " INSERT_IT", None, True, ["s"]])
def test_a_placeholder_is_refused_with_what_to_do(vault: Vault, value: object) -> None:
    vault.holds({"CHANNEL_SECRET": value}, {"CHANNEL_SECRET": value})

    with pytest.raises(CredentialsMissingError, match="Channel secret"):
        LineSecret(ARN).channel_secret()


def test_a_secret_that_was_filled_in_meanwhile_is_found(vault: Vault) -> None:
    vault.holds({"CHANNEL_SECRET": "INSERT_IT"}, FILLED)

    assert LineSecret(ARN).channel_secret() == "s"


def test_a_missing_token_costs_the_webhook_no_reads(vault: Vault) -> None:
    vault.holds({"CHANNEL_SECRET": "s"})
    secret = LineSecret(ARN)

    assert [secret.channel_secret(), secret.channel_secret()] == ["s", "s"]
    vault.all_read()


def test_a_refresh_reads_again_at_most_every_five_minutes(vault: Vault) -> None:
    clock = FakeClock()
    vault.holds(FILLED, FILLED | {"CHANNEL_SECRET": "new"}, FILLED)
    secret = LineSecret(ARN, clock=clock)
    secret.get()

    assert secret.refresh() is True
    clock.passed_s += 299
    assert secret.refresh() is False
    assert secret.channel_secret() == "new"
    clock.passed_s += 1
    assert secret.refresh() is True


@pytest.mark.parametrize("text", ["not json", "[]", '"s"'])
def test_a_secret_that_is_no_json_object_is_refused_with_what_to_do(vault: Vault, text: str) -> None:
    vault.holds(text)

    with pytest.raises(CredentialsMissingError, match="kairan connect"):
        LineSecret(ARN).get()


def test_a_secret_with_a_byte_order_mark_is_read(vault: Vault) -> None:
    vault.holds("\ufeff" + json.dumps(FILLED))

    assert LineSecret(ARN).get() == LineCredentials("s", "t", None)


@pytest.mark.parametrize("encode", ENCODED.values(), ids=ENCODED)
def test_a_secret_that_was_stored_as_bytes_is_read(vault: Vault, encode: Callable[[str], bytes]) -> None:
    vault.holds_bytes(encode(json.dumps(FILLED)))

    assert LineSecret(ARN).get() == LineCredentials("s", "t", None)


@pytest.mark.parametrize(("encode", "named"), UNREADABLE.values(), ids=UNREADABLE)
def test_bytes_that_cannot_be_read_are_named_as_what_they_are(
    vault: Vault, encode: Callable[[str], bytes], named: str
) -> None:
    vault.holds_bytes(encode(json.dumps(FILLED)))

    with pytest.raises(CredentialsMissingError, match=f"the secret holds bytes that cannot be read: .*{named}"):
        LineSecret(ARN).get()


@pytest.mark.parametrize("edges", EDGES)
def test_what_copying_left_around_a_value_is_removed(vault: Vault, edges: str) -> None:
    vault.holds({"CHANNEL_SECRET": edges.format("s"), "CHANNEL_ACCESS_TOKEN": edges.format("t")})

    assert LineSecret(ARN).get() == LineCredentials("s", "t", None)


@pytest.mark.parametrize("name", ["CHANNEL_ACCESS_TOKEN", "YOUR_CHANNEL_ACCESS_TOKEN"])
@pytest.mark.parametrize("value", BROKEN)
def test_a_token_that_no_header_can_hold_is_named_and_not_shown(vault: Vault, name: str, value: str) -> None:
    vault.holds(*[{"CHANNEL_SECRET": "s", name: value}] * 2)
    secret = LineSecret(ARN)

    assert secret.channel_secret() == "s"
    with pytest.raises(CredentialsMissingError) as refused:
        AccessTokens(secret, Issuer()).token()

    assert str(refused.value).startswith("CHANNEL_ACCESS_TOKEN in the secret has a line break, a blank or another")
    assert "half" not in str(refused.value)


@pytest.mark.parametrize("value", BROKEN)
def test_a_channel_secret_that_cannot_be_one_is_named_and_not_shown(vault: Vault, value: str) -> None:
    vault.holds(*[{"CHANNEL_SECRET": value}] * 2)

    with pytest.raises(CredentialsMissingError) as refused:
        LineSecret(ARN).channel_secret()

    assert str(refused.value).startswith("CHANNEL_SECRET in the secret has a line break, a blank or another character")
    assert "half" not in str(refused.value)


def test_the_secret_may_hold_the_address_of_the_speech_engine(vault: Vault) -> None:
    vault.holds(FILLED | {"AIVIS_SPEECH_URL": "https://speech.example.com/secret-word"})

    assert LineSecret(ARN).speech_url() == "https://speech.example.com/secret-word"


@pytest.mark.parametrize("value", ["speech.example.com/secret-word", "ftp://secret-word", "https://secret word"])
def test_an_address_of_the_engine_that_is_none_is_named_and_not_shown(vault: Vault, value: str) -> None:
    vault.holds(*[FILLED | {"AIVIS_SPEECH_URL": value}] * 2)

    with pytest.raises(SpeechNotConfiguredError) as refused:
        LineSecret(ARN).speech_url()

    assert str(refused.value) == "AIVIS_SPEECH_URL in the secret is not an http or https address"


def test_an_address_that_was_put_into_the_secret_meanwhile_is_used(vault: Vault) -> None:
    vault.holds(FILLED, FILLED | {"AIVIS_SPEECH_URL": "https://speech.example.com"})

    assert LineSecret(ARN).speech_url() == "https://speech.example.com"


def test_without_an_address_a_caller_reads_what_to_set_and_the_secret_is_not_read_at_every_call(vault: Vault) -> None:
    vault.holds(FILLED, FILLED)
    secret = LineSecret(ARN, clock=FakeClock())

    for _ in range(3):
        with pytest.raises(SpeechNotConfiguredError, match=r"aivis_speech_url.*AIVIS_SPEECH_URL"):
            secret.speech_url()

    vault.all_read()


def test_secrets_manager_out_of_order_is_retryable(vault: Vault) -> None:
    vault.fails()

    with pytest.raises(StoreUnavailableError):
        LineSecret(ARN).get()


class Issuer:
    def __init__(self) -> None:
        self.issued = 0

    def __call__(self, channel_id: str, channel_secret: str) -> tuple[str, float]:
        assert (channel_id, channel_secret) == ("1234567890", "s")
        self.issued += 1
        return f"stateless-{self.issued}", 900


def test_without_a_token_a_stateless_one_is_issued_and_kept_until_a_minute_before_it_expires(vault: Vault) -> None:
    vault.holds({"CHANNEL_ID": 1234567890, "CHANNEL_SECRET": "s", "CHANNEL_ACCESS_TOKEN": "INSERT_IT"})
    clock, issuer = FakeClock(), Issuer()
    tokens = AccessTokens(LineSecret(ARN, clock=clock), issuer, clock=clock)

    assert tokens.token() == "stateless-1"
    clock.passed_s += 839
    assert tokens.token() == "stateless-1"
    clock.passed_s += 1
    assert tokens.token() == "stateless-2"


def test_a_refused_stateless_token_is_issued_anew(vault: Vault) -> None:
    values = {"CHANNEL_ID": "1234567890", "CHANNEL_SECRET": "s"}
    vault.holds(values, values)
    tokens = AccessTokens(LineSecret(ARN), Issuer())
    refused = tokens.token()

    assert tokens.renew(refused) is True
    assert tokens.token() == "stateless-2"


def test_after_a_401_another_token_is_tried_only_if_the_secret_has_one(vault: Vault) -> None:
    vault.holds(FILLED, FILLED | {"CHANNEL_ACCESS_TOKEN": "new"})
    clock = FakeClock()
    tokens = AccessTokens(LineSecret(ARN, clock=clock), Issuer(), clock=clock)

    assert tokens.token() == "t"
    assert tokens.renew("t") is True
    assert tokens.renew("t") is True, "another thread was refused with the old token"
    assert tokens.renew("new") is False, "the secret was read a moment ago"


def test_without_a_token_and_without_a_channel_id_the_error_says_what_to_do(vault: Vault) -> None:
    vault.holds({"CHANNEL_SECRET": "s"}, {"CHANNEL_SECRET": "s"})

    with pytest.raises(CredentialsMissingError, match="channel access token"):
        AccessTokens(LineSecret(ARN), Issuer()).token()
