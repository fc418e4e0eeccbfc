from threading import Event

from kairan import __version__
from kairan.errors import CredentialsMissingError
from tests.rigs.push_service import PushServiceRig


def test_the_version_is_told(service: PushServiceRig) -> None:
    assert service.ask("GET", "/version").json == {"version": __version__}


def test_what_is_wrong_is_told_by_its_code() -> None:
    def missing() -> None:
        raise CredentialsMissingError("the secret holds no channel access token")

    def broken() -> None:
        raise ZeroDivisionError

    service = PushServiceRig(checks={"ledger": lambda: None, "secret": missing, "speech": broken})

    answer = service.ask("GET", "/health")

    assert answer.status == 200
    assert answer.json == {
        "timestamp": int(service.clock.now().timestamp()),
        "version": __version__,
        "checks": {"ledger": "ok", "secret": "credentials_missing", "speech": "unexpected"},
    }


def test_however_often_one_asks_it_is_looked_at_every_ten_seconds() -> None:
    looks = []
    service = PushServiceRig(checks={"ledger": lambda: looks.append(1)})

    for passed_s in (0, 1, 8.9, 0.2, 5):
        service.clock.passed_s += passed_s
        service.ask("GET", "/health")

    assert len(looks) == 2


def test_what_does_not_answer_is_not_waited_for() -> None:
    let_go = Event()
    service = PushServiceRig(checks={"ledger": lambda: None, "speech": let_go.wait})

    answer = service.ask("GET", "/health")
    let_go.set()

    assert answer.json["checks"] == {"ledger": "ok", "speech": "timed_out"}
