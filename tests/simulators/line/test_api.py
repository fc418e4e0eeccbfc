"""The gate before the Messaging API, and the calls that send no message."""

import pytest

from simulators.line.messaging_api import ENDPOINTS, Endpoint
from tests.simulators.line.simulation import AKI, BEN, CREDENTIALS, HELLO, UNKNOWN, WEBHOOK_URL, Simulation

FORM = {"content-type": "application/x-www-form-urlencoded"}


def token_request(channel_id: str, channel_secret: str) -> bytes:
    return f"grant_type=client_credentials&client_id={channel_id}&client_secret={channel_secret}".encode()


@pytest.mark.parametrize("token", [None, "wrong", ""])
@pytest.mark.parametrize("endpoint", [endpoint for endpoint in ENDPOINTS if endpoint.name != "token"])
def test_every_endpoint_refuses_a_wrong_token(sim: Simulation, endpoint: Endpoint, token: str | None) -> None:
    path = endpoint.path.format(user_id=AKI, message_id="1")

    answer = sim.call(endpoint.method, path, {"messages": [HELLO]}, token=token)

    assert answer.status == 401
    assert answer.json == {
        "message": "Authentication failed. Confirm that the access token in the authorization header is valid."
    }


def test_every_answer_has_a_request_id_of_its_own(sim: Simulation) -> None:
    answers = [
        sim.get("/v2/bot/info"),
        sim.get("/v2/bot/info", token="wrong"),
        sim.get("/nowhere"),
        sim.get("/v2/bot/message/push"),
        sim.send("push", {}),
    ]

    assert [answer.status for answer in answers] == [200, 401, 404, 405, 400]
    assert len({answer.headers["x-line-request-id"] for answer in answers}) == 5
    assert {answer.headers["content-type"] for answer in answers} == {"application/json"}


def test_another_method_is_refused_and_the_answer_lists_the_methods_of_the_path(sim: Simulation) -> None:
    answer = sim.post("/v2/bot/channel/webhook/endpoint")

    assert (answer.status, answer.headers["allow"]) == (405, "PUT, GET")
    assert answer.json == {"message": "The request method 'POST' is not supported"}


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b'{\n"to": }', "The request body could not be parsed as JSON (line: 2, column: 7)"),
        (b"", "The request body could not be parsed as JSON (line: 1, column: 1)"),
        (b"[]", "The request body could not be parsed as JSON (line: 1, column: 1)"),
        (b'{"to": "\xff"}', "The request body could not be parsed as JSON (line: -, column: -)"),
        (b"[" * 500_000, "The request body could not be parsed as JSON (line: -, column: -)"),
        (b'{"to": NaN}', "The request body could not be parsed as JSON (line: -, column: -)"),
    ],
)
def test_a_body_that_is_not_a_json_object_is_refused(sim: Simulation, raw: bytes, message: str) -> None:
    answer = sim.post("/v2/bot/message/push", raw=raw)

    assert (answer.status, answer.json) == (400, {"message": message})


def test_a_body_of_another_type_is_refused(sim: Simulation) -> None:
    answer = sim.post("/v2/bot/message/push", {}, headers={"content-type": "text/plain"})

    assert (answer.status, answer.json) == (415, {"message": "The content type, text/plain, is not supported"})


@pytest.mark.parametrize(("size", "status"), [(2 * 1024 * 1024, 400), (2 * 1024 * 1024 + 1, 413)])
def test_a_body_over_two_megabytes_is_refused(sim: Simulation, size: int, status: int) -> None:
    assert sim.post("/v2/bot/message/push", raw=b" " * size).status == status


def test_an_error_of_the_program_itself_is_a_500_with_a_request_id(
    sim: Simulation, caplog: pytest.LogCaptureFixture
) -> None:
    sim.state.people[AKI] = None  # type: ignore[assignment]

    answer = sim.send("broadcast", {"messages": [HELLO]})

    assert (answer.status, answer.json) == (500, {"message": "Internal Server Error"})
    assert answer.headers["x-line-request-id"]
    assert "an error of this program" in caplog.text


def test_a_rate_is_a_bucket_that_fills_again(sim: Simulation) -> None:
    sim.put("/_sim/settings", {"rates": {"push": {"requests": 2, "seconds": 1}}})
    body = {"to": AKI, "messages": [HELLO]}

    burst = [sim.send("push", body) for _ in range(3)]
    sim.now += 0.5
    later = [sim.send("push", body).status for _ in range(2)]
    sim.now += 10
    much_later = [sim.send("push", body).status for _ in range(3)]

    assert [answer.status for answer in burst] == [200, 200, 429]
    assert burst[2].json == {"message": "The API rate limit has been exceeded. Try again later."}
    assert later == [200, 429]
    assert much_later == [200, 200, 429]


def test_each_endpoint_has_a_rate_of_its_own(sim: Simulation) -> None:
    statuses = [sim.send("multicast", {"to": [AKI], "messages": [HELLO]}).status for _ in range(201)]

    assert statuses == [200] * 200 + [429]
    assert sim.send("push", {"to": AKI, "messages": [HELLO]}).status == 200


def test_a_stateless_token_opens_the_api_for_15_minutes(sim: Simulation) -> None:
    raw = token_request(CREDENTIALS.channel_id, CREDENTIALS.channel_secret)
    issued = sim.post("/oauth2/v3/token", raw=raw, headers=FORM, token=None)
    token = issued.json["access_token"]

    before = sim.get("/v2/bot/info", token=token)
    sim.now += 899
    within = sim.get("/v2/bot/info", token=token)
    sim.now += 1
    after = sim.get("/v2/bot/info", token=token)

    assert issued.json == {"token_type": "Bearer", "access_token": token, "expires_in": 900}
    assert [before.status, within.status, after.status] == [200, 200, 401]


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        (token_request(CREDENTIALS.channel_id, "wrong"), "invalid_request"),
        (token_request("2", CREDENTIALS.channel_secret), "invalid_request"),
        (b"grant_type=password", "unsupported_grant_type"),
        (b"", "unsupported_grant_type"),
    ],
)
def test_wrong_credentials_get_no_stateless_token(sim: Simulation, raw: bytes, error: str) -> None:
    answer = sim.post("/oauth2/v3/token", raw=raw, headers=FORM, token=None)

    assert (answer.status, answer.json["error"]) == (400, error)


def test_a_friends_profile_has_what_is_set(sim: Simulation) -> None:
    sim.person(AKI, displayName="Aki", language="ja")

    assert sim.get(f"/v2/bot/profile/{AKI}").json == {"userId": AKI, "displayName": "Aki", "language": "ja"}


def test_who_wrote_has_a_profile_without_being_a_friend_unless_they_block_the_account(sim: Simulation) -> None:
    sim.person(AKI, follows=False)
    sim.person(BEN)
    for user_id in (AKI, BEN):
        sim.write(user_id)
    sim.post(f"/_sim/people/{BEN}/block")

    assert [sim.get(f"/v2/bot/profile/{user_id}").status for user_id in (AKI, BEN)] == [200, 404]


def test_who_blocks_the_account_or_only_tapped_in_it_has_no_profile(sim: Simulation) -> None:
    sim.person(AKI)
    sim.post(f"/_sim/people/{AKI}/block")
    sim.person(BEN, follows=False)
    sim.post(f"/_sim/people/{BEN}/postback", {"data": "a=1"})

    answers = [sim.get(f"/v2/bot/profile/{user_id}") for user_id in (AKI, BEN, UNKNOWN)]

    assert [(answer.status, answer.json) for answer in answers] == [(404, {"message": "Not found"})] * 3
    assert sim.get("/v2/bot/profile/aki").status == 400


def test_followers_come_in_pages(sim: Simulation) -> None:
    people = [sim.person(f"U{number:032x}") for number in range(5)]
    pages, start = [], ""
    for _ in range(3):
        page = sim.get(f"/v2/bot/followers/ids?limit=2{start}").json
        pages.append(page["userIds"])
        start = f"&start={page.get('next')}"

    assert pages == [people[:2], people[2:4], people[4:]]
    assert "next" not in page


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=many", "limit=-1", "start=nonsense"])
def test_an_impossible_page_is_refused(sim: Simulation, query: str) -> None:
    assert sim.get(f"/v2/bot/followers/ids?{query}").status == 400


def test_there_is_no_quota_until_one_is_set(sim: Simulation) -> None:
    assert sim.get("/v2/bot/message/quota").json == {"type": "none"}


def test_bot_info_names_the_account_that_webhooks_are_for(sim: Simulation) -> None:
    sim.use_webhook()
    sim.person(AKI)

    info = sim.get("/v2/bot/info").json

    assert info["chatMode"] == "bot"
    assert f'"destination":"{info["userId"]}"'.encode() in sim.bot.posts[-1][1]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"chatId": AKI}, 202),
        ({"chatId": AKI, "loadingSeconds": 5}, 202),
        ({"chatId": AKI, "loadingSeconds": 60}, 202),
        ({"chatId": AKI, "loadingSeconds": 4}, 400),
        ({"chatId": AKI, "loadingSeconds": 65}, 400),
        ({"chatId": "C" + "a" * 32}, 400),
        ({}, 400),
    ],
)
def test_the_loading_animation_takes_a_person_and_steps_of_five_seconds(
    sim: Simulation, body: dict[str, object], status: int
) -> None:
    assert sim.post("/v2/bot/chat/loading/start", body).status == status


def test_a_webhook_url_can_be_read_once_it_is_set(sim: Simulation) -> None:
    before = sim.get("/v2/bot/channel/webhook/endpoint")
    change = sim.put("/v2/bot/channel/webhook/endpoint", {"endpoint": WEBHOOK_URL})

    assert (before.status, before.json) == (404, {"message": "Webhook endpoint not found"})
    assert (change.status, change.json) == (200, {})
    assert sim.get("/v2/bot/channel/webhook/endpoint").json == {"endpoint": WEBHOOK_URL, "active": True}


@pytest.mark.parametrize("url", ["https://example.com/" + "p" * 480, "http://127.0.0.1:4566/w", "http://localhost/w"])
def test_a_webhook_url_is_https_or_on_this_machine(sim: Simulation, url: str) -> None:
    assert sim.put("/v2/bot/channel/webhook/endpoint", {"endpoint": url}).status == 200


@pytest.mark.parametrize("url", ["http://example.com/w", "example.com", "https://", "https://[", 7])
@pytest.mark.parametrize("path", ["webhook/endpoint", "webhook/test"])
def test_another_webhook_url_is_neither_set_nor_tested(sim: Simulation, path: str, url: object) -> None:
    method = "PUT" if path == "webhook/endpoint" else "POST"

    answer = sim.call(method, f"/v2/bot/channel/{path}", {"endpoint": url})

    assert (answer.status, answer.json) == (400, {"message": "Invalid webhook endpoint URL"})


@pytest.mark.parametrize("url", ["", None])
def test_a_missing_webhook_url_is_not_set(sim: Simulation, url: str | None) -> None:
    """LINE's test takes the URL of the channel then, see `test_webhooks`."""
    answer = sim.put("/v2/bot/channel/webhook/endpoint", {"endpoint": url})

    assert (answer.status, answer.json) == (400, {"message": "Invalid webhook endpoint URL"})


def test_a_webhook_url_over_500_characters_is_refused(sim: Simulation) -> None:
    answer = sim.put("/v2/bot/channel/webhook/endpoint", {"endpoint": "https://example.com/" + "p" * 481})

    assert answer.json["details"] == [{"message": "Size must be between 0 and 500", "property": "endpoint"}]


def test_content_that_a_person_sent_is_served_until_it_is_unsent(sim: Simulation) -> None:
    sim.person(AKI)
    message = {"type": "image", "content": "aW1hZ2U=", "contentType": "image/png"}
    message_id = sim.write(AKI, message).json["messageId"]

    served = sim.get(f"/v2/bot/message/{message_id}/content")
    sim.post(f"/_sim/people/{AKI}/messages/{message_id}/unsend")
    gone = sim.get(f"/v2/bot/message/{message_id}/content")

    assert (served.status, served.headers["content-type"], served.body) == (200, "image/png", b"image")
    assert (gone.status, gone.json) == (410, {"message": "The content is gone"})


def test_only_video_and_audio_are_transcoded(sim: Simulation) -> None:
    sim.person(AKI)
    ids = {kind: sim.write(AKI, {"type": kind}).json["messageId"] for kind in ("video", "image")}

    video = sim.get(f"/v2/bot/message/{ids['video']}/content/transcoding")
    image = sim.get(f"/v2/bot/message/{ids['image']}/content/transcoding")

    assert (video.status, video.json) == (200, {"status": "succeeded"})
    assert (image.status, image.json["message"]) == (400, "Transcoding status doesn't support this type of content")


def test_a_text_has_no_content(sim: Simulation) -> None:
    sim.person(AKI)
    message_id = sim.write(AKI).json["messageId"]

    assert sim.get(f"/v2/bot/message/{message_id}/content").json == {"message": "not found"}
