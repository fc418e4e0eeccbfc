"""The control API: people, settings, what was requested, and a fresh start."""

import pytest

from tests.simulators.line.simulation import AKI, BEN, CREDENTIALS, HELLO, WEBHOOK_URL, Simulation, key


def test_a_person_is_made_with_what_is_known_of_them(sim: Simulation) -> None:
    profile = {"displayName": "Aki", "language": "ja", "pictureUrl": "https://x/y.png", "statusMessage": "Hi"}

    made = sim.post("/_sim/people", profile)

    assert made.status == 201
    assert made.json == {**profile, "userId": made.json["userId"], "relation": "stranger", "received": 0}
    assert sim.get("/_sim/people").json == {"people": [made.json]}
    assert sim.get(f"/_sim/people/{made.json['userId']}").json == made.json


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/_sim/people", {"userId": "aki"}, 400),
        ("POST", "/_sim/people", {"userId": BEN}, 409),
        ("POST", "/_sim/people", {"displayName": 7}, 400),
        ("POST", "/_sim/people", [], 400),
        ("GET", f"/_sim/people/{AKI}", None, 404),
        ("GET", f"/_sim/people/{AKI}/received", None, 404),
        ("POST", f"/_sim/people/{AKI}/follow", None, 404),
        ("POST", f"/_sim/people/{BEN}/follow", None, 409),
        ("POST", f"/_sim/people/{BEN}/messages", {"type": "flex"}, 400),
        ("POST", f"/_sim/people/{BEN}/messages", {"type": ["text"]}, 400),
        ("POST", f"/_sim/people/{BEN}/messages", {"type": "text"}, 400),
        ("POST", f"/_sim/people/{BEN}/messages", {"type": "image", "content": "no base64!"}, 400),
        ("POST", f"/_sim/people/{BEN}/messages", {"type": "image", "content": 7}, 400),
        ("POST", f"/_sim/people/{BEN}/messages", {"type": "location", "latitude": True, "longitude": 1}, 400),
        ("POST", f"/_sim/people/{BEN}/postback", {}, 400),
        ("PUT", "/_sim/settings", {"quota": -1}, 400),
        ("PUT", "/_sim/settings", {"quota": "many"}, 400),
        ("PUT", "/_sim/settings", {"faults": {}}, 400),
        ("PUT", "/_sim/settings", {"rates": {"pull": {"requests": 1}}}, 400),
        ("PUT", "/_sim/settings", {"rates": {"push": {"requests": 1, "seconds": 0}}}, 400),
        ("PUT", "/_sim/settings", {"rates": {"push": 7}}, 400),
        ("PUT", "/_sim/settings", {"webhook": {"redelivery": "yes"}}, 400),
        ("PUT", "/_sim/settings", {"webhook": {"redeliveryAfterSeconds": 3}}, 400),
        ("PUT", "/_sim/settings", {"webhook": {"timeoutSeconds": 0}}, 400),
        ("PUT", "/_sim/settings", {"webhook": {"repeats": 1.5}}, 400),
        ("PUT", "/_sim/settings", {"webhook": {"shuffleWithinSeconds": -1}}, 400),
        ("GET", "/_sim/nothing", None, 404),
        ("GET", "/_sim/reset", None, 405),
    ],
)
def test_what_cannot_be_done_is_refused_as_json(
    sim: Simulation, method: str, path: str, body: object, status: int
) -> None:
    sim.person(BEN)

    answer = sim.call(method, path, body)

    assert answer.status == status
    assert answer.json["message"]


def test_somebody_who_blocks_can_neither_write_nor_block_again(sim: Simulation) -> None:
    sim.person(AKI)
    sim.post(f"/_sim/people/{AKI}/block")

    paths = [f"/_sim/people/{AKI}/{path}" for path in ("block", "messages", "postback")]

    assert [sim.post(path, {**HELLO, "data": "x"}).status for path in paths] == [409, 409, 409]


def test_a_stranger_can_write(sim: Simulation) -> None:
    sim.use_webhook()
    sim.person(AKI, follows=False)

    assert sim.post(f"/_sim/people/{AKI}/messages", HELLO).json["delivered"] is True


def test_settings_change_only_what_is_given(sim: Simulation) -> None:
    before = sim.get("/_sim/settings").json
    sim.put("/_sim/settings", {"quota": 5})
    after = sim.put("/_sim/settings", {"webhook": {"redelivery": True}, "rates": {"push": {"requests": 3}}})

    rates = {**before["rates"], "push": {"requests": 3, "seconds": 1}}
    assert after.json == {"quota": 5, "webhook": {**before["webhook"], "redelivery": True}, "rates": rates}
    assert sim.get("/_sim/settings").json == after.json


def test_a_wrong_setting_changes_nothing(sim: Simulation) -> None:
    before = sim.get("/_sim/settings").json

    sim.put("/_sim/settings", {"quota": 5, "rates": {"push": {"requests": 1}, "pull": {"requests": 1}}})

    assert sim.get("/_sim/settings").json == before


def test_requests_are_listed_with_their_answers_and_without_credentials(sim: Simulation) -> None:
    body = {"to": AKI, "messages": [HELLO]}
    pushed = sim.send("push", body, retry_key=key(1))
    secret = CREDENTIALS.channel_secret
    form = f"grant_type=client_credentials&client_id={CREDENTIALS.channel_id}&client_secret={secret}".encode()
    sim.post("/oauth2/v3/token", raw=form, headers={"content-type": "application/x-www-form-urlencoded"})
    listed = sim.get("/_sim/requests")

    push, token = listed.json["requests"]
    assert push == {
        "requestId": pushed.headers["x-line-request-id"],
        "at": "2026-09-21T14:13:20.000Z",
        "method": "POST",
        "path": "/v2/bot/message/push",
        "retryKey": key(1),
        "body": body,
        "status": 200,
        "answer": pushed.json,
    }
    assert (token["path"], token["status"], token["body"], token["answer"]) == ("/oauth2/v3/token", 200, None, None)
    assert secret.encode() not in listed.body
    assert CREDENTIALS.channel_access_token.encode() not in listed.body


def test_requests_with_bytes_are_listed_by_size(sim: Simulation) -> None:
    sim.person(AKI)
    message_id = sim.post(f"/_sim/people/{AKI}/messages", {"type": "file", "content": "/w=="}).json["messageId"]
    sim.get(f"/v2/bot/message/{message_id}/content")
    sim.post("/v2/bot/message/push", raw=b"\xff\xff")

    content, broken = sim.get("/_sim/requests").json["requests"]

    assert (content["answer"], broken["body"]) == ("1 bytes", "2 bytes")


def test_a_reset_forgets_everything_but_the_channel(sim: Simulation) -> None:
    sim.use_webhook()
    sim.person(AKI)
    sim.put("/_sim/settings", {"quota": 1})
    sim.send("push", {"to": AKI, "messages": [HELLO]}, retry_key=key(1))

    sim.post("/_sim/reset")

    assert sim.get("/_sim/people").json == {"people": []}
    assert sim.get("/_sim/requests").json == {"requests": []}
    assert sim.get("/v2/bot/message/quota").json == {"type": "none"}
    assert sim.get("/v2/bot/message/quota/consumption").json == {"totalUsage": 0}
    assert sim.send("push", {"to": AKI, "messages": [HELLO]}, retry_key=key(1)).status == 200
    assert sim.get("/_sim/health").json["webhookUrl"] == WEBHOOK_URL


def test_health_tells_which_channel_this_is(sim: Simulation) -> None:
    health = sim.get("/_sim/health").json

    assert health == {
        "status": "ok",
        "channelId": CREDENTIALS.channel_id,
        "botUserId": sim.platform.channel.bot_user_id,
        "webhookUrl": None,
    }
