"""Three forms of event, each read into deliveries and answered in its own form."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairan.delivery.callers import Call, CallerSettings, read_call, repeatable
from kairan.delivery.identity import of_campaign_event, of_invoke, of_profile
from kairan.delivery.model import Outcome, Sender
from kairan.errors import InvalidEventError

REQUEST_ID = "5aa2e4a7-6b5f-4d3c-9c59-000000000001"
RETRY_KEY = "0b8e9c1c-5f2f-5b52-9d0e-3a1b7c3b9f11"
SENT = Outcome("sent", request_id="r-1")


def user(number: int) -> str:
    return f"U{number:032x}"


def read(event: Any, *, request_id: str = REQUEST_ID, settings: CallerSettings | None = None) -> Call:
    return read_call(Sender.TEXT, event, request_id=request_id, settings=settings or CallerSettings())


def faults_of(event: Any) -> list[str]:
    with pytest.raises(InvalidEventError) as raised:
        read(event)
    return [fault.path for fault in raised.value.faults]


# A campaign's event, in the form of Pinpoint's custom channel


def endpoint(number: int, **what: Any) -> dict[str, Any]:
    return {"ChannelType": "CUSTOM", "Address": user(number), "EndpointStatus": "ACTIVE", "OptOut": "NONE", **what}


def campaign(endpoints: dict[str, Any] | None = None, **what: Any) -> dict[str, Any]:
    return {
        "Message": {},
        "Data": "hello",
        "ApplicationId": "app",
        "CampaignId": "campaign",
        "TreatmentId": "0",
        "ActivityId": "activity",
        "ScheduledTime": "2026-11-21T09:00:00.000Z",
        "Endpoints": {"e1": endpoint(1), "e2": endpoint(2)} if endpoints is None else endpoints,
        **what,
    }


def test_a_campaign_event_is_one_delivery_to_its_endpoints() -> None:
    event = campaign({"e2": endpoint(2), "e1": endpoint(1, Attributes={"name": ["花子"]})})

    (delivery,) = read(event).deliveries

    assert delivery.id == of_campaign_event(Sender.TEXT, event)
    assert delivery.data == "hello"
    assert not delivery.always_push
    assert [(one.endpoint_id, one.user_id) for one in delivery.recipients] == [("e1", user(1)), ("e2", user(2))]
    assert delivery.recipients[0].variables["Attributes"] == {"name": ["花子"]}


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"ChannelType": "EMAIL", "Address": "a@example.com"}, "not_custom_channel"),
        ({"ChannelType": None}, "not_custom_channel"),
        ({"OptOut": "ALL"}, "opted_out"),
        ({"EndpointStatus": "INACTIVE"}, "inactive"),
        ({"Address": "a@example.com"}, "invalid_address"),
        ({"Address": user(10).upper()}, "invalid_address"),
        ({"Address": user(1) + "\n"}, "invalid_address"),
        ({"Address": "C" + user(1)[1:]}, "invalid_address"),
        ({"Address": [user(1)]}, "invalid_address"),
        ({"Address": None}, "invalid_address"),
    ],
)
def test_an_endpoint_that_may_not_be_sent_to_is_skipped_with_the_reason(wrong: dict[str, Any], reason: str) -> None:
    call = read(campaign({"e1": endpoint(1, **wrong), "e2": endpoint(2)}))

    assert [one.endpoint_id for one in call.deliveries[0].recipients] == ["e2"]
    assert call.answer({"e2": SENT}) == {
        "e1": {"EventAttributes": {"outcome": "skipped", "reason": reason}},
        "e2": {"EventAttributes": {"outcome": "sent", "requestId": "r-1"}},
    }


def test_an_endpoint_without_status_and_opt_out_is_sent_to() -> None:
    call = read(campaign({"e1": {"ChannelType": "CUSTOM", "Address": user(1)}}))

    assert len(call.deliveries[0].recipients) == 1


def test_of_two_endpoints_with_one_address_the_smallest_id_is_sent_to() -> None:
    call = read(campaign({"e3": endpoint(1), "e2": endpoint(1), "e1": endpoint(1, OptOut="ALL")}))

    assert [one.endpoint_id for one in call.deliveries[0].recipients] == ["e2"]
    assert {name: entry["EventAttributes"].get("reason") for name, entry in call.answer({"e2": SENT}).items()} == {
        "e1": "opted_out",
        "e2": None,
        "e3": "duplicate",
    }


@pytest.mark.parametrize("endpoints", [{}, {"e1": endpoint(1, OptOut="ALL")}])
def test_with_nobody_left_there_is_nothing_to_deliver(endpoints: dict[str, Any]) -> None:
    call = read(campaign(endpoints))

    assert call.deliveries == ()
    assert set(call.answer({})) == set(endpoints)


def test_an_answer_keeps_to_pinpoints_limits() -> None:
    call = read(campaign({"e1": endpoint(1)}))

    answer = call.answer({"e1": Outcome("failed", "r" * 200, "i" * 200)})

    attributes = answer["e1"]["EventAttributes"]
    assert len(attributes) <= 5
    assert all(len(name) <= 128 and len(value) <= 128 for name, value in attributes.items())


def test_an_outcome_that_is_missing_is_no_answer() -> None:
    with pytest.raises(KeyError):
        read(campaign()).answer({"e1": SENT})


def test_five_hundred_endpoints_are_one_event_and_more_are_refused() -> None:
    many = {f"e{number}": endpoint(number) for number in range(501)}

    assert faults_of(campaign(many)) == ["Endpoints"]
    del many["e500"]
    assert len(read(campaign(many)).deliveries[0].recipients) == 500


def test_fields_that_pinpoint_adds_are_tolerated() -> None:
    call = read(campaign({"e1": endpoint(1, Metrics={"x": 1}, RequestId="r")}, New={"field": 1}))

    assert len(call.deliveries) == 1


def test_every_fault_of_a_campaign_event_is_named() -> None:
    event = campaign({"e1": "U1", "e2": endpoint(2), "e3": None}, TreatmentId=0, retry_key="again")

    assert faults_of(event) == ["TreatmentId", "retry_key", "Endpoints.e1", "Endpoints.e3"]
    assert faults_of(campaign() | {"Endpoints": [endpoint(1)]}) == ["Endpoints"]
    assert faults_of({"ApplicationId": "app", "Data": "hello"}) == ["Endpoints"]


def test_a_campaign_event_without_activity_and_time_counts_as_a_direct_invoke() -> None:
    event = campaign(ActivityId=None)
    del event["ScheduledTime"]

    by_request = read(event).deliveries[0].id
    by_key = read(event | {"retry_key": RETRY_KEY}).deliveries[0].id

    assert by_request == of_invoke(Sender.TEXT, REQUEST_ID)
    assert by_key == of_invoke(Sender.TEXT, RETRY_KEY)
    assert set(read(event).answer({"e1": SENT, "e2": SENT})) == {"e1", "e2"}


@pytest.mark.parametrize("left", ["ActivityId", "ScheduledTime"])
def test_activity_or_time_is_enough_to_know_a_repeat(left: str) -> None:
    event = campaign()
    del event[left]

    assert read(event).deliveries[0].id == read(event, request_id=RETRY_KEY).deliveries[0].id


@given(
    st.dictionaries(
        st.text(max_size=3),
        st.builds(
            endpoint,
            st.integers(0, 3),
            ChannelType=st.sampled_from(["CUSTOM", "CUSTOM", "SMS"]),
            OptOut=st.sampled_from(["NONE", "NONE", "ALL"]),
        ),
        max_size=8,
    )
)
def test_every_endpoint_is_answered_and_every_address_is_sent_to_once(endpoints: dict[str, Any]) -> None:
    call = read(campaign(endpoints))

    recipients = [one for delivery in call.deliveries for one in delivery.recipients]
    answer = call.answer({one.endpoint_id: SENT for one in recipients})
    assert set(answer) == set(endpoints)
    assert len({one.user_id for one in recipients}) == len(recipients)
    assert {one.user_id for one in recipients} == {
        one["Address"] for one in endpoints.values() if (one["ChannelType"], one["OptOut"]) == ("CUSTOM", "NONE")
    }


# Amazon Connect's custom action


def profile(number: int, *, token: Any = None, data: Any = None, **fields: Any) -> dict[str, Any]:
    customer = {"profileId": f"p{number}", "attributes": {"line_user_id": user(number)}, **fields}
    return {
        "ProfileId": f"p{number}",
        "CustomerData": json.dumps(customer) if data is None else data,
        "IdempotencyToken": f"token-{number}" if token is None else token,
    }


def connect(*profiles: Any) -> dict[str, Any]:
    return {
        "InvocationMetadata": {
            "CampaignContext": {"CampaignId": "c", "RunId": "r", "ActionId": "a", "CampaignName": "n"}
        },
        "Items": {"CustomerProfiles": list(profiles)},
    }


def results(call: Call, outcomes: dict[str, Outcome]) -> dict[str, dict[str, str]]:
    entries = call.answer(outcomes)["Items"]["CustomerProfiles"]
    assert len({entry["Id"] for entry in entries}) == len(entries)
    return {entry["Id"]: entry["ResultData"] for entry in entries}


def test_each_profile_is_a_delivery_of_its_own_by_push() -> None:
    call = read(connect(profile(1), profile(2)))

    assert [delivery.id for delivery in call.deliveries] == [of_profile(Sender.TEXT, f"token-{n}") for n in (1, 2)]
    assert all(delivery.always_push for delivery in call.deliveries)
    assert [one.user_id for delivery in call.deliveries for one in delivery.recipients] == [user(1), user(2)]


def test_a_regrouped_profile_is_the_same_delivery() -> None:
    together = read(connect(profile(1), profile(2))).deliveries

    alone = read(connect(profile(2)), request_id=RETRY_KEY).deliveries

    assert alone[0].id == together[1].id


def test_every_profile_has_exactly_one_entry() -> None:
    call = read(connect(profile(2), profile(1), profile(2)))

    answer = call.answer({"p1": SENT, "p2": Outcome("failed", "monthly_quota")})

    assert answer == {
        "Items": {
            "CustomerProfiles": [
                {"Id": "p2", "ResultData": {"outcome": "failed", "reason": "monthly_quota"}},
                {"Id": "p1", "ResultData": {"outcome": "sent", "requestId": "r-1"}},
            ]
        }
    }


@pytest.mark.parametrize(
    ("broken", "result"),
    [
        (profile(1, data="{not json"), {"outcome": "failed", "reason": "invalid_customer_data"}),
        (profile(1, data="[]"), {"outcome": "failed", "reason": "invalid_customer_data"}),
        (profile(1, data="[" * 100_000), {"outcome": "failed", "reason": "invalid_customer_data"}),
        (profile(1, data=5), {"outcome": "failed", "reason": "invalid_customer_data"}),
        (profile(1, token=""), {"outcome": "failed", "reason": "invalid_idempotency_token"}),
        (profile(1, token=5), {"outcome": "failed", "reason": "invalid_idempotency_token"}),
        (profile(1, attributes={}), {"outcome": "skipped", "reason": "invalid_address"}),
        (profile(1, attributes=None), {"outcome": "skipped", "reason": "invalid_address"}),
        (
            profile(1, attributes={"line_user_id": "hanako@example.com"}),
            {"outcome": "skipped", "reason": "invalid_address"},
        ),
        (profile(1, attributes={"line_user_id": user(0)}), {"outcome": "skipped", "reason": "duplicate"}),
    ],
)
def test_a_profile_that_cannot_be_sent_to_fails_alone(broken: dict[str, Any], result: dict[str, str]) -> None:
    call = read(connect(broken, profile(0)))

    assert [one.endpoint_id for delivery in call.deliveries for one in delivery.recipients] == ["p0"]
    assert results(call, {"p0": SENT}) == {"p1": result, "p0": {"outcome": "sent", "requestId": "r-1"}}


def test_the_user_id_is_in_the_attribute_that_the_setting_names() -> None:
    settings = CallerSettings(connect_user_id_attribute="accountNumber")

    custom = read(connect(profile(1, attributes={"accountNumber": user(7)})), settings=settings)
    own_field = read(connect(profile(1, accountNumber=user(8))), settings=settings)

    assert custom.deliveries[0].recipients[0].user_id == user(7)
    assert own_field.deliveries[0].recipients[0].user_id == user(8)


def test_content_is_the_profiles_own_or_the_functions_default() -> None:
    settings = CallerSettings(connect_data="default")
    attributes = {"line_user_id": user(1), "line_data": "own"}

    own, default = read(connect(profile(1, attributes=attributes), profile(2)), settings=settings).deliveries

    assert (own.data, default.data) == ("own", "default")
    assert read(connect(profile(2))).deliveries[0].data is None


def test_placeholders_read_the_profile() -> None:
    call = read(connect(profile(1, firstName="Hanako", attributes={"line_user_id": user(1), "plan": "gold"})))

    variables = call.deliveries[0].recipients[0].variables
    assert variables["Attributes"]["firstName"] == "Hanako"
    assert variables["Attributes"]["plan"] == "gold"
    assert (variables["User"]["UserId"], variables["Address"]) == ("p1", user(1))


def test_a_connect_event_in_which_a_profile_has_no_name_is_refused() -> None:
    assert faults_of(connect(profile(1), "p2", {"CustomerData": "{}"}, profile(3) | {"ProfileId": ""})) == [
        "Items.CustomerProfiles[1]",
        "Items.CustomerProfiles[2].ProfileId",
        "Items.CustomerProfiles[3].ProfileId",
    ]
    assert faults_of({"InvocationMetadata": {}}) == ["Items.CustomerProfiles"]
    assert faults_of({"Items": {"CustomerProfiles": {}}}) == ["Items.CustomerProfiles"]
    assert faults_of(connect(*[profile(number) for number in range(501)])) == ["Items.CustomerProfiles"]


# A direct invoke


def test_a_direct_invoke_is_one_delivery_named_by_its_key() -> None:
    event = {
        "to": [user(2), user(1), user(2)],
        "data": {"text": "hi"},
        "retry_key": RETRY_KEY.upper(),
        "notification_disabled": True,
    }

    call = read(event)

    (delivery,) = call.deliveries
    assert delivery.id == of_invoke(Sender.TEXT, RETRY_KEY)
    assert [one.user_id for one in delivery.recipients] == [user(2), user(1)]
    assert delivery.data == {"text": "hi"}
    assert delivery.notification_disabled
    assert not call.dry_run
    assert call.answer({user(1): Outcome("failed", "line_rejected", "r-2"), user(2): SENT}) == {
        "outcomes": {
            user(2): {"outcome": "sent", "request_id": "r-1"},
            user(1): {"outcome": "failed", "reason": "line_rejected", "request_id": "r-2"},
        },
        "retry_key": RETRY_KEY,
    }


def test_a_direct_invoke_without_a_key_answers_the_one_that_repeats_it() -> None:
    event = {"to": user(1)}

    call = read(event)
    answered = call.answer({user(1): SENT})["retry_key"]

    assert read(event | {"retry_key": answered}, request_id="another").deliveries[0].id == call.deliveries[0].id
    assert read(event, request_id="another").deliveries[0].id != call.deliveries[0].id


def test_placeholders_of_a_direct_invoke_know_the_user_id() -> None:
    (recipient,) = read({"to": user(1)}).deliveries[0].recipients

    assert recipient.variables == {"Address": user(1), "User": {"UserId": user(1)}}


@pytest.mark.parametrize("event", [{"to": user(1), "dry_run": True}, campaign(dry_run=True)])
def test_a_dry_run_is_told(event: dict[str, Any]) -> None:
    assert read(event).dry_run


@pytest.mark.parametrize(
    ("event", "paths"),
    [
        ({}, ["to"]),
        ({"to": None}, ["to"]),
        ({"to": []}, ["to"]),
        ({"to": {}}, ["to"]),
        ({"to": ""}, ["to"]),
        ({"to": [user(number) for number in range(501)]}, ["to"]),
        ({"to": [user(1), "U1", None, user(10).upper(), "C" + "0" * 32]}, ["to[1]", "to[2]", "to[3]", "to[4]"]),
        ({"to": user(1), "Data": "hello"}, ["Data"]),
        ({"to": user(1), "retry_key": "again"}, ["retry_key"]),
        ({"to": user(1), "retry_key": RETRY_KEY.replace("-", "")}, ["retry_key"]),
        (
            {"to": "x", "text": "hi", "retry_key": 5, "notification_disabled": "yes", "dry_run": 1},
            ["to", "text", "retry_key", "notification_disabled", "dry_run"],
        ),
        ("hello", [""]),
        (None, [""]),
        ([{"to": user(1)}], [""]),
    ],
)
def test_every_fault_of_a_direct_invoke_is_named(event: Any, paths: list[str]) -> None:
    assert faults_of(event) == paths


# Invoking again, later


def unnamed_campaign() -> dict[str, Any]:
    return campaign(ActivityId=None, ScheduledTime=None)


@pytest.mark.parametrize(
    "event",
    [
        {"to": user(1)},
        {"to": user(1), "retry_key": RETRY_KEY},
        campaign(),
        unnamed_campaign(),
        unnamed_campaign() | {"retry_key": RETRY_KEY},
        connect(profile(1)),
    ],
)
@pytest.mark.parametrize("request_id", [REQUEST_ID, "not a uuid"])
def test_an_event_that_is_invoked_again_later_is_the_same_delivery(event: dict[str, Any], request_id: str) -> None:
    again = repeatable(event, request_id)

    assert read(again, request_id="another").deliveries == read(event, request_id=request_id).deliveries
    assert repeatable(again, "a third") == again


def test_an_event_that_names_itself_is_repeated_as_it_is() -> None:
    assert repeatable(campaign(), REQUEST_ID) == campaign()
    assert repeatable(connect(profile(1)), REQUEST_ID) == connect(profile(1))
