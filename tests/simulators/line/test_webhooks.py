"""Webhooks: events arrive signed, in LINE's form, and again when redelivery is on."""

import json

import pytest
from linebot.v3 import WebhookParser  # type: ignore[import-untyped]

from simulators.line.webhooks import WebhookResult, signature
from tests.simulators.line.simulation import AKI, CREDENTIALS, HELLO, WEBHOOK_URL, Simulation

REFUSED = WebhookResult(500, "ERROR_STATUS_CODE", "500")
TAKEN = WebhookResult(200, "OK", "200")
SILENT = WebhookResult(None, "REQUEST_TIMEOUT", "Request timeout")


def test_the_signature_is_lines() -> None:
    body = b'{"destination":"U8e742f61d673b39c7fff3cecb7536ef0","events":[]}'

    assert signature("8c570fa6dd201bb328f1c1eac23a96d8", body) == "GhRKmvmHys4Pi8DxkF4+EayaH0OqtJtaZxgTD9fMDLs="


def test_a_follow_says_whether_it_ends_a_block(sim: Simulation) -> None:
    sim.use_webhook()
    sim.person(AKI)
    sim.post(f"/_sim/people/{AKI}/block")
    again = sim.post(f"/_sim/people/{AKI}/follow")

    first, unfollow, second = sim.bot.events
    assert [event["type"] for event in sim.bot.events] == ["follow", "unfollow", "follow"]
    assert (first["follow"], second["follow"]) == ({"isUnblocked": False}, {"isUnblocked": True})
    assert "replyToken" not in unfollow
    assert again.json == {"webhookEventId": second["webhookEventId"], "delivered": True, "status": 200}


def test_an_event_has_lines_common_properties(sim: Simulation) -> None:
    sim.use_webhook()
    sim.person(AKI)
    sim.write(AKI)

    event = sim.bot.events[-1]

    assert event["timestamp"] == 1_790_000_000_000
    assert event["source"] == {"type": "user", "userId": AKI}
    assert event["mode"] == "active"
    assert event["deliveryContext"] == {"isRedelivery": False}
    assert len(event["webhookEventId"]) == 26
    assert event["message"].keys() == {"type", "id", "text", "quoteToken"}
    assert len({event["webhookEventId"] for event in sim.bot.events}) == 2


@pytest.mark.parametrize(
    "message",
    [
        {"type": "text", "text": "Grüße 👋"},
        {"type": "sticker"},
        {"type": "image"},
        {"type": "video"},
        {"type": "audio", "duration": 5000},
        {"type": "file", "fileName": "a.pdf"},
        {"type": "location", "latitude": 35.6, "longitude": 139, "title": "Here"},
    ],
)
def test_a_message_of_a_person_parses_under_the_sdk_with_its_signature(
    sim: Simulation, message: dict[str, object]
) -> None:
    sim.use_webhook()
    sim.person(AKI)
    sim.write(AKI, message)
    _, body, headers = sim.bot.posts[-1]

    events = WebhookParser(CREDENTIALS.channel_secret).parse(body.decode(), headers["x-line-signature"])

    assert [event.message.type for event in events] == [message["type"]]


def test_follow_block_postback_and_unsend_parse_under_the_sdk(sim: Simulation) -> None:
    sim.use_webhook()
    sim.person(AKI)
    message_id = sim.write(AKI).json["messageId"]
    sim.post(f"/_sim/people/{AKI}/messages/{message_id}/unsend")
    sim.post(f"/_sim/people/{AKI}/postback", {"data": "action=buy"})
    sim.post(f"/_sim/people/{AKI}/block")

    parser = WebhookParser(CREDENTIALS.channel_secret)
    events = [
        event
        for _, body, headers in sim.bot.posts
        for event in parser.parse(body.decode(), headers["x-line-signature"])
    ]

    assert [event.type for event in events] == ["follow", "message", "unsend", "postback", "unfollow"]
    assert events[3].postback.data == "action=buy"


def test_a_webhook_goes_to_the_channels_url_and_names_the_bot(sim: Simulation) -> None:
    sim.use_webhook()
    sim.person(AKI)

    url, body, headers = sim.bot.posts[0]

    assert url == WEBHOOK_URL
    assert json.loads(body)["destination"] == sim.state.channel.bot_user_id
    assert headers["content-type"] == "application/json; charset=utf-8"


def test_a_webhook_without_a_url_or_switched_off_posts_nothing(sim: Simulation) -> None:
    sim.person(AKI, follows=False)
    before = sim.post(f"/_sim/people/{AKI}/follow")
    sim.use_webhook()
    sim.change_webhook(active=False)
    off = sim.write(AKI)

    assert sim.bot.posts == []
    assert [answer.json["delivered"] for answer in (before, off)] == [False, False]


@pytest.mark.parametrize(("result", "status"), [(REFUSED, 500), (SILENT, None)])
def test_an_event_that_the_bot_server_does_not_take_is_reported_and_not_repeated(
    sim: Simulation, result: WebhookResult, status: int | None
) -> None:
    sim.use_webhook()
    sim.bot.results = [result]
    sim.person(AKI)
    answer = sim.write(AKI)

    assert (answer.json["delivered"], answer.json["status"]) == (False, status)
    assert [len(sim.bot.posts), sim.waits] == [2, []]


def test_with_redelivery_the_same_event_comes_again_until_it_is_taken(sim: Simulation) -> None:
    sim.person(AKI)
    sim.use_webhook()
    sim.change_webhook(redelivery=True, redeliveryAfterSeconds=[1, 70, 30])
    sim.bot.results = [REFUSED, SILENT, TAKEN]
    sim.write(AKI)
    sim.until_posted(3)

    first, second, third = sim.bot.events
    assert sim.waits == [1, 70]
    assert [event["deliveryContext"]["isRedelivery"] for event in (first, second, third)] == [False, True, True]
    assert (
        {**first, "deliveryContext": None} == {**second, "deliveryContext": None} == {**third, "deliveryContext": None}
    )
    assert sim.send("reply", {"replyToken": first["replyToken"], "messages": [HELLO]}).status == 200


def test_a_redelivered_reply_token_ends_20_minutes_after_the_event(sim: Simulation) -> None:
    sim.person(AKI)
    sim.use_webhook()
    sim.change_webhook(redelivery=True, redeliveryAfterSeconds=[1200])
    sim.bot.results = [REFUSED, TAKEN]
    sim.write(AKI)
    sim.until_posted(2)

    token = sim.bot.events[0]["replyToken"]

    assert sim.send("reply", {"replyToken": token, "messages": [HELLO]}).status == 400


def test_the_time_limit_is_two_seconds_unless_a_setting_changes_it(sim: Simulation) -> None:
    sim.use_webhook()
    sim.person(AKI)
    as_line_does = sim.bot.timeout_s
    sim.change_webhook(timeoutSeconds=30)
    sim.write(AKI)

    assert (as_line_does, sim.bot.timeout_s) == (2, 30)


def test_the_setting_repeats_posts_an_event_several_times(sim: Simulation) -> None:
    sim.person(AKI)
    sim.use_webhook()
    sim.change_webhook(repeats=2)
    answer = sim.write(AKI)
    sim.until_posted(3)

    assert {event["webhookEventId"] for event in sim.bot.events} == {answer.json["webhookEventId"]}
    assert sorted(event["deliveryContext"]["isRedelivery"] for event in sim.bot.events) == [False, True, True]


def test_the_setting_shuffle_lets_events_overtake_each_other(sim: Simulation) -> None:
    sim.person(AKI)
    sim.use_webhook()
    sim.change_webhook(shuffleWithinSeconds=4)
    for sim.chance in (0.75, 0.25):
        sim.write(AKI)

    assert sim.waits == [3, 1]


def test_answers_are_counted_until_a_reset(sim: Simulation) -> None:
    sim.use_webhook()
    sim.bot.results = [TAKEN, REFUSED, SILENT, TAKEN]
    sim.person(AKI)
    for _ in range(3):
        sim.write(AKI)

    counted = sim.get("/_sim/webhooks").json
    sim.post("/_sim/reset")

    assert counted == {"answers": {"200": 2, "500": 1, "REQUEST_TIMEOUT": 1}, "underWay": 0}
    assert sim.get("/_sim/webhooks").json == {"answers": {}, "underWay": 0}


def test_without_waiting_the_answer_comes_before_the_webhook(sim: Simulation) -> None:
    sim.person(AKI)
    sim.use_webhook()
    answer = sim.write(AKI, query="?wait=false")
    sim.until_posted(1)

    assert (answer.json["delivered"], answer.json["status"]) == (False, None)
    assert sim.bot.events[0]["webhookEventId"] == answer.json["webhookEventId"]


@pytest.mark.parametrize(
    ("result", "answer"),
    [
        (TAKEN, {"success": True, "statusCode": 200, "reason": "OK", "detail": "200"}),
        (REFUSED, {"success": False, "statusCode": 500, "reason": "ERROR_STATUS_CODE", "detail": "500"}),
        (SILENT, {"success": False, "statusCode": 0, "reason": "REQUEST_TIMEOUT", "detail": "Request timeout"}),
    ],
)
def test_lines_test_posts_no_events_and_answers_the_result(
    sim: Simulation, result: WebhookResult, answer: dict[str, object]
) -> None:
    sim.use_webhook()
    sim.bot.results = [result]

    tested = sim.post("/v2/bot/channel/webhook/test", {})

    assert tested.json == {**answer, "timestamp": "2026-09-21T14:13:20.000Z"}
    assert json.loads(sim.bot.posts[0][1])["events"] == []


def test_lines_test_takes_another_url(sim: Simulation) -> None:
    sim.post("/v2/bot/channel/webhook/test", {"endpoint": "https://example.com/other"})

    assert sim.bot.posts[0][0] == "https://example.com/other"


def test_lines_test_needs_a_url(sim: Simulation) -> None:
    assert sim.post("/v2/bot/channel/webhook/test", {}).status == 404
