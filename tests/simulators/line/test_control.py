"""The control API: people, settings, the requests so far, and a reset."""

import base64

import pytest

from tests.simulators.line.simulation import AKI, BEN, CHO, CREDENTIALS, HELLO, WEBHOOK_URL, Simulation, key


def test_a_new_person_is_a_stranger_with_a_profile(sim: Simulation) -> None:
    profile = {"displayName": "Aki", "language": "ja", "pictureUrl": "https://x/y.png", "statusMessage": "Hi"}

    created = sim.post("/_sim/people", profile)

    assert created.status == 201
    assert created.json == {**profile, "userId": created.json["userId"], "relation": "stranger", "received": 0}
    assert sim.get("/_sim/people").json == {"people": [created.json]}
    assert sim.get(f"/_sim/people/{created.json['userId']}").json == created.json


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
        ("POST", f"/_sim/people/{BEN}/postback", {"params": {}}, 400),
        ("POST", f"/_sim/people/{BEN}/postback", {"data": "d", "params": ["x"]}, 400),
        ("POST", f"/_sim/people/{BEN}/postback", {"data": "d", "params": {"date": 1}}, 400),
        ("POST", f"/_sim/people/{CHO}/block", None, 409),
        ("POST", f"/_sim/people/{CHO}/messages", HELLO, 409),
        ("POST", f"/_sim/people/{CHO}/postback", {"data": "d"}, 409),
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
        ("GET", "/_sim/contents/1", None, 404),
        ("GET", "/_sim/requests/unknown", None, 404),
        ("GET", "/_sim/nothing", None, 404),
        ("GET", "/_sim/reset", None, 405),
    ],
)
def test_a_refusal_is_json_with_a_message(sim: Simulation, method: str, path: str, body: object, status: int) -> None:
    """AKI does not exist, BEN is a friend, CHO blocks the account."""
    sim.person(BEN)
    sim.person(CHO)
    sim.post(f"/_sim/people/{CHO}/block")

    answer = sim.call(method, path, body)

    assert answer.status == status
    assert answer.json["message"]


def test_a_stranger_can_write(sim: Simulation) -> None:
    sim.use_webhook()
    sim.person(AKI, follows=False)

    assert sim.write(AKI).json["delivered"] is True


def test_a_change_of_settings_leaves_the_others(sim: Simulation) -> None:
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


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b'{"a": NaN}', "10 bytes"),
        (b'{"a": -Infinity}', "16 bytes"),
        (b'{"a": 1e999}', "12 bytes"),
        (b"[" * 100_000, "100000 bytes"),
        (b'{"a": "\\ud83d"}', {"a": "\ud83d"}),
    ],
)
def test_requests_are_listed_whatever_their_bodies_hold(sim: Simulation, raw: bytes, shown: object) -> None:
    sim.call("POST", "/v2/bot/message/push", raw=raw)

    [request] = sim.get("/_sim/requests").json["requests"]
    assert request["body"] == shown


@pytest.mark.parametrize("raw", [b'{"a": NaN}', b'{"a": 1e999}', b"[" * 100_000, b"\xff"])
def test_the_control_api_takes_json_alone(sim: Simulation, raw: bytes) -> None:
    sim.person(AKI)

    answer = sim.call("POST", f"/_sim/people/{AKI}/messages", raw=raw)

    assert (answer.status, answer.json) == (400, {"message": "The body must be JSON"})
    assert sim.get(f"/_sim/people/{AKI}/conversation").status == 200


def test_half_a_surrogate_pair_is_told_as_it_came(sim: Simulation) -> None:
    sim.person(AKI, displayName="A\ud83d")
    sim.write(AKI, {"type": "text", "text": "half \ud83d"})

    assert sim.get(f"/_sim/people/{AKI}").json["displayName"] == "A\ud83d"
    [_, wrote] = sim.get(f"/_sim/people/{AKI}/conversation").json["entries"]
    assert wrote["event"]["message"]["text"] == "half \ud83d"


def test_requests_with_bytes_are_listed_by_size(sim: Simulation) -> None:
    sim.person(AKI)
    message_id = sim.write(AKI, {"type": "file", "content": "/w=="}).json["messageId"]
    sim.get(f"/v2/bot/message/{message_id}/content")
    sim.post("/v2/bot/message/push", raw=b"\xff\xff")

    content, broken = sim.get("/_sim/requests").json["requests"]

    assert (content["answer"], broken["body"]) == ("1 bytes", "2 bytes")


def test_a_reset_forgets_everything_except_the_channel(sim: Simulation) -> None:
    sim.use_webhook()
    sim.person(AKI)
    sim.put("/_sim/settings", {"quota": 1})
    sim.post("/_sim/faults", {"fault": "error", "endpoint": "reply"})
    sim.send("push", {"to": AKI, "messages": [HELLO]}, retry_key=key(1))

    sim.post("/_sim/reset")

    assert sim.get("/_sim/people").json == {"people": []}
    assert sim.get("/_sim/requests").json == {"requests": []}
    assert sim.get("/_sim/faults").json == {"faults": []}
    assert sim.get("/v2/bot/message/quota").json == {"type": "none"}
    assert sim.usage() == 0
    assert sim.send("push", {"to": AKI, "messages": [HELLO]}, retry_key=key(1)).status == 200
    assert sim.get("/_sim/health").json["webhookUrl"] == WEBHOOK_URL


def test_one_request_is_answered_as_in_the_list(sim: Simulation) -> None:
    request_id = sim.get("/v2/bot/message/quota").headers["x-line-request-id"]

    assert sim.get(f"/_sim/requests/{request_id}").json == sim.get("/_sim/requests").json["requests"][0]


def test_a_chat_has_both_sides_in_order(sim: Simulation) -> None:
    sim.person(AKI)
    sent = sim.send("push", {"to": AKI, "messages": [HELLO]})
    sim.write(AKI, {"type": "text", "text": "And you?"})
    sim.post(f"/_sim/people/{AKI}/postback", {"data": "d", "displayText": "Yes", "params": {"date": "2026-11-21"}})

    entries = sim.get(f"/_sim/people/{AKI}/conversation").json["entries"]

    assert [entry["number"] for entry in entries] == sorted({entry["number"] for entry in entries})
    follow, hello, question, postback = entries
    assert follow["event"]["type"] == "follow"
    assert hello == {
        "number": hello["number"],
        "at": "2026-09-21T14:13:20.000Z",
        "requestId": sent.headers["x-line-request-id"],
        "call": "push",
        "message": HELLO,
    }
    assert question["event"]["message"]["text"] == "And you?"
    assert postback["event"]["postback"] == {"data": "d", "params": {"date": "2026-11-21"}}
    assert postback["shown"] == "Yes"


def test_content_of_a_person_can_be_looked_at_until_it_is_unsent_and_a_browser_does_not_run_it(sim: Simulation) -> None:
    sim.person(AKI)
    script = base64.b64encode(b"<script>1</script>").decode()
    message = {"type": "image", "contentType": "text/html", "content": script}
    message_id = sim.write(AKI, message).json["messageId"]

    answer = sim.get(f"/_sim/contents/{message_id}")
    sim.post(f"/_sim/people/{AKI}/messages/{message_id}/unsend")

    assert (answer.status, answer.body) == (200, b"<script>1</script>")
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert sim.get(f"/_sim/contents/{message_id}").status == 404


def test_health_names_the_channel(sim: Simulation) -> None:
    assert sim.get("/_sim/health").json == {
        "status": "ok",
        "channelId": CREDENTIALS.channel_id,
        "botUserId": sim.state.channel.bot_user_id,
        "webhookUrl": None,
    }
