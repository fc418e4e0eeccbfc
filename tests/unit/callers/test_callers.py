"""Four forms of event, each read into batches and answered in its own form."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairan.callers.call import Call, CallerSettings, read_call, repeatable
from kairan.contract import Sender
from kairan.errors import InvalidInputError
from kairan.messengers.line.messenger import LineMessenger
from kairan.sending.identity import IdempotencyKey, of_batch, of_campaign_event, of_invoke, of_profile
from kairan.sending.outcome import Outcome
from tests.fakes.clock import FakeClock
from tests.fakes.line import FakeLine
from tests.rigs.events import REQUEST_ID, campaign, connect, endpoint, own_batch, profile, user
from tests.rigs.senders import FakeBatchStore

KEY = IdempotencyKey("0b8e9c1c-5f2f-5b52-9d0e-3a1b7c3b9f11")
SENT = Outcome("sent", request_id="r-1")
LINE = LineMessenger(FakeLine(FakeClock()))


def read(event: Any, *, request_id: str = REQUEST_ID, batches: FakeBatchStore | None = None, **settings: Any) -> Call:
    callers = CallerSettings(LINE, batches or FakeBatchStore(), **settings)
    return read_call(Sender.TEXT, event, request_id=request_id, settings=callers)


def violations_of(event: Any) -> list[str]:
    with pytest.raises(InvalidInputError) as raised:
        read(event)
    return [violation.path for violation in raised.value.violations]


# A campaign's event, in the form of Pinpoint's custom channel


def test_a_campaign_event_is_one_batch_to_its_endpoints() -> None:
    event = campaign({"e2": endpoint(2), "e1": endpoint(1, Attributes={"name": ["花子"]})})

    (batch,) = read(event).batches

    assert batch.id == of_campaign_event(Sender.TEXT, event)
    assert batch.data == "Hello"
    assert not batch.one_request_each
    assert batch.id_covers_content
    assert [(one.key, one.chat.id) for one in batch.recipients] == [("e1", user(1)), ("e2", user(2))]
    assert batch.recipients[0].attributes["Attributes.name"] == ["花子"]


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"ChannelType": "EMAIL", "Address": "a@example.com"}, "not_custom_channel"),
        ({"ChannelType": None}, "not_custom_channel"),
        ({"OptOut": "ALL"}, "opted_out"),
        ({"OptOut": "all"}, "opted_out"),
        ({"OptOut": "ALL "}, "opted_out"),
        ({"OptOut": "YES"}, "invalid_endpoint"),
        ({"OptOut": True}, "invalid_endpoint"),
        ({"OptOut": ["ALL"]}, "invalid_endpoint"),
        ({"optOut": "ALL", "OptOut": None}, "invalid_endpoint"),
        ({"EndpointStatus": "INACTIVE"}, "inactive"),
        ({"EndpointStatus": " inactive"}, "inactive"),
        ({"EndpointStatus": "DISABLED"}, "invalid_endpoint"),
        ({"endpoint_status": "INACTIVE"}, "invalid_endpoint"),
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

    assert [one.key for one in call.batches[0].recipients] == ["e2"]
    assert call.answer({"e2": SENT}) == {
        "e1": {"EventAttributes": {"outcome": "skipped", "reason": reason}},
        "e2": {"EventAttributes": {"outcome": "sent", "requestId": "r-1"}},
    }


@pytest.mark.parametrize(
    "fields", [{}, {"OptOut": None, "EndpointStatus": ""}, {"OptOut": " none", "EndpointStatus": "active"}]
)
def test_an_endpoint_without_status_and_opt_out_is_sent_to(fields: dict[str, Any]) -> None:
    call = read(campaign({"e1": {"ChannelType": "custom ", "Address": user(1), **fields}}))

    assert len(call.batches[0].recipients) == 1


@pytest.mark.parametrize("blank", [None, "", " \u3000"])
def test_a_campaign_without_content_sends_the_sample_where_the_setting_lets_it(
    blank: str | None, logged: Callable[[], list[dict[str, Any]]]
) -> None:
    tried = read(campaign(Data=blank))
    forbidden = read(campaign(Data=blank), campaign_samples=False)

    assert len(tried.batches[0].recipients) == 2
    assert [(line["message"], line["endpoints"]) for line in logged()] == [("sample", 2)]
    assert forbidden.batches == ()
    assert {entry["EventAttributes"]["reason"] for entry in forbidden.answer({}).values()} == {"no_content"}


@pytest.mark.parametrize(
    "name", ["data", "DATA", "endpoints", "activityId", "Scheduled_Time", "campaign-id", "dryRun", "Dry_Run", "DRY RUN"]
)
def test_a_misspelt_field_of_a_campaign_is_refused(name: str) -> None:
    assert violations_of(campaign() | {name: "x"}) == [name]


SWITCHES_OF = {
    "campaign": (campaign(), ""),
    "Connect": (connect(), ""),
    "direct invoke": ({"to": user(1)}, ""),
    "batch": (own_batch([user(1)]), "batch."),
}


@pytest.mark.parametrize("form", SWITCHES_OF)
@pytest.mark.parametrize("value", ["true", 1, 0, [], "yes"])
def test_a_switch_is_true_or_false_at_every_door(form: str, value: Any) -> None:
    event, path = SWITCHES_OF[form]
    silent = "silent" if path else "notification_disabled"
    switched = {"dry_run": value, silent: value}

    wrong = {"batch": {**event["batch"], **switched}} if path else {**event, **switched}

    assert sorted(violations_of(wrong)) == sorted([f"{path}dry_run", f"{path}{silent}"])


@pytest.mark.parametrize("form", SWITCHES_OF)
@pytest.mark.parametrize("name", ["dryRun", "DryRun", "dry-run", "notificationDisabled", "reOpen"])
def test_a_misspelt_switch_is_refused_at_every_door(form: str, name: str) -> None:
    event, _ = SWITCHES_OF[form]

    assert violations_of({**event, name: True}) == [name]


def test_a_switch_beside_a_batch_is_refused() -> None:
    assert violations_of({**own_batch([user(1)]), "dry_run": True}) == ["dry_run"]


@pytest.mark.parametrize(
    "event",
    [campaign(), connect(profile("p1", user(1))), {"to": user(1)}],
    ids=["campaign", "Connect", "direct invoke"],
)
def test_every_switch_works_at_every_door(event: dict[str, Any]) -> None:
    on = {"dry_run": True, "notification_disabled": True, "reopen": True}

    plain = read(event, connect_data="Hello")
    switched = read({**event, **on}, connect_data="Hello")

    assert (plain.dry_run, plain.batches[0].silent, plain.batches[0].reopen) == (False, False, False)
    assert (switched.dry_run, switched.batches[0].silent, switched.batches[0].reopen) == (True, True, True)


def test_of_two_endpoints_with_one_address_the_smallest_id_is_sent_to() -> None:
    call = read(campaign({"e3": endpoint(1), "e2": endpoint(1), "e1": endpoint(1, OptOut="ALL")}))

    assert [one.key for one in call.batches[0].recipients] == ["e2"]
    assert {name: entry["EventAttributes"].get("reason") for name, entry in call.answer({"e2": SENT}).items()} == {
        "e1": "opted_out",
        "e2": None,
        "e3": "duplicate",
    }


@pytest.mark.parametrize("endpoints", [{}, {"e1": endpoint(1, OptOut="ALL")}])
def test_with_no_one_left_there_is_nothing_to_send(endpoints: dict[str, Any]) -> None:
    call = read(campaign(endpoints))

    assert call.batches == ()
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

    assert violations_of(campaign(many)) == ["Endpoints"]
    del many["e500"]
    assert len(read(campaign(many)).batches[0].recipients) == 500


def test_fields_that_pinpoint_adds_are_tolerated() -> None:
    call = read(campaign({"e1": endpoint(1, Metrics={"x": 1}, RequestId="r")}, New={"field": 1}))

    assert len(call.batches) == 1


def test_every_violation_of_a_campaign_event_is_named() -> None:
    event = campaign({"e1": "U1", "e2": endpoint(2), "e3": None}, TreatmentId=0, retry_key="again")

    assert violations_of(event) == ["TreatmentId", "retry_key", "Endpoints[0]", "Endpoints[2]"]
    assert violations_of(campaign() | {"Endpoints": [endpoint(1)]}) == ["Endpoints"]
    assert violations_of({"ApplicationId": "app", "Data": "hello"}) == ["Endpoints"]


def test_no_error_names_an_endpoint_because_its_id_may_be_an_e_mail_address() -> None:
    with pytest.raises(InvalidInputError) as raised:
        read(campaign({"hanako@example.com": "U1"}))

    assert "hanako" not in str(raised.value)


def test_blank_optional_fields_are_as_absent_at_every_door() -> None:
    blank: dict[str, Any] = {"retry_key": " ", "dry_run": None, "notification_disabled": None, "reopen": None}
    recipients = [{"to": user(1), "key": "", "attributes": None}]

    direct = read({"to": user(1), "data": None, **blank})
    unnamed = read(campaign(ActivityId=None, ScheduledTime=None, **blank))
    (batch,) = read(own_batch([], recipients=recipients, silent=None, dry_run=None)).batches

    assert direct.batches[0].id == unnamed.batches[0].id == of_invoke(Sender.TEXT, IdempotencyKey(REQUEST_ID))
    assert batch.recipients[0].key == user(1)


def test_a_campaign_event_without_activity_and_time_counts_as_a_direct_invoke() -> None:
    event = campaign(ActivityId=None)
    del event["ScheduledTime"]

    by_request = read(event).batches[0].id
    by_key = read(event | {"retry_key": KEY}).batches[0].id

    assert by_request == of_invoke(Sender.TEXT, IdempotencyKey(REQUEST_ID))
    assert by_key == of_invoke(Sender.TEXT, KEY)
    assert set(read(event).answer({"e1": SENT, "e2": SENT})) == {"e1", "e2"}


@pytest.mark.parametrize("left", ["ActivityId", "ScheduledTime"])
def test_activity_or_time_is_enough_to_know_a_repeat(left: str) -> None:
    event = campaign()
    del event[left]

    assert read(event).batches[0].id == read(event, request_id=KEY).batches[0].id


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

    recipients = [one for batch in call.batches for one in batch.recipients]
    answer = call.answer({one.key: SENT for one in recipients})
    assert set(answer) == set(endpoints)
    assert len({one.chat.id for one in recipients}) == len(recipients)
    assert {one.chat.id for one in recipients} == {
        one["Address"] for one in endpoints.values() if (one["ChannelType"], one["OptOut"]) == ("CUSTOM", "NONE")
    }


# Amazon Connect's custom action


def customer(number: int, **changes: Any) -> dict[str, Any]:
    return profile(f"p{number}", user(number), **changes)


def results(call: Call, outcomes: dict[str, Outcome]) -> dict[str, dict[str, str]]:
    entries = call.answer(outcomes)["Items"]["CustomerProfiles"]
    assert len({entry["Id"] for entry in entries}) == len(entries)
    return {entry["Id"]: entry["ResultData"] for entry in entries}


def sent_by(call: Call) -> dict[str, Outcome]:
    return {recipient.key: SENT for batch in call.batches for recipient in batch.recipients}


def test_each_profile_is_a_batch_of_its_own_by_push() -> None:
    call = read(connect(customer(1), customer(2)), connect_data="Hello")

    assert [batch.id for batch in call.batches] == [
        of_profile(Sender.TEXT, {"CampaignId": "c", "RunId": "r", "ActionId": "a"}, f"p{n}", f"token-p{n}")
        for n in (1, 2)
    ]
    assert all(batch.one_request_each for batch in call.batches)
    assert [one.chat.id for batch in call.batches for one in batch.recipients] == [user(1), user(2)]


def test_a_regrouped_profile_is_the_same_batch() -> None:
    together = read(connect(customer(1), customer(2)), connect_data="Hello").batches

    alone = read(connect(customer(2)), request_id=KEY, connect_data="Hello").batches

    assert alone[0].id == together[1].id


def test_every_item_has_exactly_one_entry_in_the_events_order() -> None:
    call = read(connect(customer(2), customer(1), customer(2)), connect_data="Hello")
    first, second = call.batches

    answer = call.answer({first.id: SENT, second.id: Outcome("failed", "monthly_quota")})

    assert answer == {
        "Items": {
            "CustomerProfiles": [
                {"Id": "p2", "ResultData": {"outcome": "failed", "reason": "monthly_quota"}},
                {"Id": "p1", "ResultData": {"outcome": "sent", "requestId": "r-1"}},
                {"Id": "p2", "ResultData": {"outcome": "skipped", "reason": "duplicate"}},
            ]
        }
    }


def test_one_token_for_two_people_or_in_two_campaigns_names_two_batches() -> None:
    shared = connect(customer(1, token="t"), customer(2, token="t"))
    elsewhere = connect(customer(1, token="t"))
    elsewhere["InvocationMetadata"]["CampaignContext"]["RunId"] = "another run"

    batches = [batch for event in (shared, elsewhere) for batch in read(event, connect_data="Hello").batches]

    assert len({batch.id for batch in batches}) == 3
    assert [one.chat.id for batch in batches for one in batch.recipients] == [user(1), user(2), user(1)]


def test_of_two_profiles_of_one_person_the_one_with_the_lower_id_is_sent_to_in_any_order() -> None:
    twice = [profile("p1", user(7)), profile("p2", user(7))]

    first, second = (read(connect(*each), connect_data="Hello") for each in (twice, twice[::-1]))

    assert [batch.id for batch in first.batches] == [batch.id for batch in second.batches]


@pytest.mark.parametrize(
    ("broken", "result"),
    [
        (customer(1, data="{not json"), {"outcome": "failed", "reason": "invalid_customer_data"}),
        (customer(1, data="[]"), {"outcome": "failed", "reason": "invalid_customer_data"}),
        (customer(1, data="[" * 100_000), {"outcome": "failed", "reason": "invalid_customer_data"}),
        (customer(1, data=5), {"outcome": "failed", "reason": "invalid_customer_data"}),
        (customer(1, token=""), {"outcome": "failed", "reason": "invalid_idempotency_token"}),
        (customer(1, token=5), {"outcome": "failed", "reason": "invalid_idempotency_token"}),
        (customer(1, attributes={}), {"outcome": "skipped", "reason": "invalid_address"}),
        (customer(1, attributes=None), {"outcome": "skipped", "reason": "invalid_address"}),
        (
            customer(1, attributes={"line_user_id": "hanako@example.com"}),
            {"outcome": "skipped", "reason": "invalid_address"},
        ),
        (customer(1, attributes={"line_user_id": user(0)}), {"outcome": "skipped", "reason": "duplicate"}),
    ],
)
def test_a_profile_that_cannot_be_sent_to_fails_alone(broken: dict[str, Any], result: dict[str, str]) -> None:
    call = read(connect(broken, customer(0)), connect_data="Hello")

    assert [one.chat.id for batch in call.batches for one in batch.recipients] == [user(0)]
    assert results(call, sent_by(call)) == {"p1": result, "p0": {"outcome": "sent", "requestId": "r-1"}}


def test_the_user_id_is_in_the_attribute_that_the_setting_names() -> None:
    name = "accountNumber"

    custom = read(
        connect(customer(1, attributes={name: user(7)})), connect_user_id_attribute=name, connect_data="Hello"
    )
    own_field = read(connect(customer(1, accountNumber=user(8))), connect_user_id_attribute=name, connect_data="Hello")

    assert custom.batches[0].recipients[0].chat.id == user(7)
    assert own_field.batches[0].recipients[0].chat.id == user(8)


def test_content_is_the_profiles_own_or_the_functions_default() -> None:
    attributes = {"line_user_id": user(1), "line_data": "own"}

    own, default = read(connect(customer(1, attributes=attributes), customer(2)), connect_data="default").batches

    assert (own.data, default.data) == ("own", "default")


@pytest.mark.parametrize("blank", [None, "", " \u3000\n"])
def test_blank_content_of_a_profile_is_as_absent(blank: str | None) -> None:
    attributes = {"line_user_id": user(1), "line_data": blank}

    assert read(connect(customer(1, attributes=attributes)), connect_data="default").batches[0].data == "default"
    without = read(connect(customer(1, attributes=attributes)), connect_data=blank)
    assert without.batches == ()
    assert results(without, {}) == {"p1": {"outcome": "failed", "reason": "no_content"}}


def test_placeholders_read_the_profile() -> None:
    call = read(
        connect(customer(1, firstName="Hanako", attributes={"line_user_id": user(1), "plan": "gold"})), connect_data="-"
    )

    attributes = call.batches[0].recipients[0].attributes
    assert attributes["Attributes.firstName"] == "Hanako"
    assert attributes["User.UserAttributes.plan"] == "gold"
    assert (attributes["User.UserId"], attributes["Address"]) == ("p1", user(1))


def test_a_connect_event_in_which_a_profile_has_no_name_is_refused() -> None:
    assert violations_of(connect(customer(1), "p2", {"CustomerData": "{}"}, customer(3) | {"ProfileId": ""})) == [
        "Items.CustomerProfiles[1]",
        "Items.CustomerProfiles[2].ProfileId",
        "Items.CustomerProfiles[3].ProfileId",
    ]
    assert violations_of({"InvocationMetadata": {}}) == ["Items.CustomerProfiles"]
    assert violations_of({"Items": {"CustomerProfiles": {}}}) == ["Items.CustomerProfiles"]
    assert violations_of(connect(*[customer(number) for number in range(501)])) == ["Items.CustomerProfiles"]


# A direct invoke


def test_a_direct_invoke_is_one_batch_named_by_its_key() -> None:
    event = {
        "to": [user(2), user(1), user(2)],
        "data": {"text": "hi"},
        "retry_key": KEY.upper(),
        "notification_disabled": True,
    }

    call = read(event)

    (batch,) = call.batches
    assert batch.id == of_invoke(Sender.TEXT, KEY)
    assert [one.chat.id for one in batch.recipients] == [user(2), user(1)]
    assert batch.data == {"text": "hi"}
    assert batch.silent
    assert not call.dry_run
    assert call.answer({user(1): Outcome("failed", "line_rejected", "r-2"), user(2): SENT}) == {
        "outcomes": {
            user(2): {"outcome": "sent", "request_id": "r-1"},
            user(1): {"outcome": "failed", "reason": "line_rejected", "request_id": "r-2"},
        },
        "retry_key": KEY,
    }


def test_a_direct_invoke_without_a_key_answers_the_one_that_repeats_it() -> None:
    event = {"to": user(1)}

    call = read(event)
    answered = call.answer({user(1): SENT})["retry_key"]

    assert read(event | {"retry_key": answered}, request_id="another").batches[0].id == call.batches[0].id
    assert read(event, request_id="another").batches[0].id != call.batches[0].id


def test_placeholders_of_a_direct_invoke_know_the_user_id() -> None:
    (recipient,) = read({"to": user(1)}).batches[0].recipients

    assert recipient.attributes == {"Address": user(1), "User.UserId": user(1)}


@pytest.mark.parametrize(
    "event", [{"to": user(1), "dry_run": True}, campaign(dry_run=True), own_batch([user(1)], dry_run=True)]
)
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
        ({"to": user(1), "retry_key": KEY.replace("-", "")}, ["retry_key"]),
        (
            {"to": "x", "text": "hi", "retry_key": 5, "notification_disabled": "yes", "dry_run": 1},
            ["to", "text", "retry_key", "dry_run", "notification_disabled"],
        ),
        ("hello", [""]),
        (None, [""]),
        ([{"to": user(1)}], [""]),
    ],
)
def test_every_violation_of_a_direct_invoke_is_named(event: Any, paths: list[str]) -> None:
    assert violations_of(event) == paths


# A batch of our own


def test_a_batch_of_our_own_is_one_batch_named_by_its_id() -> None:
    event = own_batch([user(2), user(1)], "Hi {{Attributes.name}}", silent=True)

    (batch,) = read(event).batches

    assert batch.id == of_batch(Sender.TEXT, "spring-1")
    assert (batch.data, batch.silent, batch.id_covers_content) == ("Hi {{Attributes.name}}", True, False)
    assert [(one.key, one.chat.id) for one in batch.recipients] == [(user(1), user(1)), (user(2), user(2))]
    assert batch.recipients[0].attributes["Attributes.name"] == ["n1"]


def test_attributes_of_our_own_have_one_name_however_it_is_written() -> None:
    recipients = [{"to": user(1), "key": "p1", "attributes": {"city": ["Kyoto"]}}]

    attributes = read(own_batch([], recipients=recipients)).batches[0].recipients[0].attributes

    assert attributes["Attributes.city"] == attributes["User.UserAttributes.city"] == ["Kyoto"]
    assert (attributes["Address"], attributes["User.UserId"]) == (user(1), "p1")
    assert "Attributes.country" not in attributes


def test_a_batch_of_our_own_answers_by_the_recipients_keys() -> None:
    recipients = [{"to": user(1), "key": "p1"}, {"to": "a@example.com"}, {"to": user(1), "key": "p2"}]

    call = read(own_batch([], recipients=recipients))

    assert [one.key for batch in call.batches for one in batch.recipients] == ["p1"]
    assert call.answer({"p1": SENT}) == {
        "batch": "spring-1",
        "outcomes": {
            "a@example.com": {"outcome": "skipped", "reason": "invalid_address"},
            "p1": {"outcome": "sent", "request_id": "r-1"},
            "p2": {"outcome": "skipped", "reason": "duplicate"},
        },
    }


def test_with_no_recipients_left_a_batch_of_our_own_sends_nothing() -> None:
    assert read(own_batch(["a@example.com"])).batches == ()


def test_a_batch_by_reference_is_the_same_as_one_in_the_event() -> None:
    batches = FakeBatchStore()
    batches.objects["batches/spring/1.json"] = json.dumps(own_batch([user(1)])["batch"]).encode()

    by_reference = read({"batch": {"key": "batches/spring/1.json"}}, batches=batches)

    assert by_reference.batches == read(own_batch([user(1)])).batches
    assert by_reference.repeatable_event == {"batch": {"key": "batches/spring/1.json"}}


@pytest.mark.parametrize(
    ("stored", "path"),
    [(b"{", "batch.key"), (b"[]", "batch.key"), (b'{"key": "batches/b.json"}', "batch.key"), (b"{}", "batch.id")],
)
def test_a_reference_to_something_else_is_refused(stored: bytes, path: str) -> None:
    batches = FakeBatchStore()
    batches.objects["batches/a.json"] = stored

    with pytest.raises(InvalidInputError) as raised:
        read({"batch": {"key": "batches/a.json"}}, batches=batches)

    assert raised.value.violations[0].path == path


@pytest.mark.parametrize(
    ("batch", "paths"),
    [
        (None, ["batch"]),
        ({}, ["batch.id", "batch.content", "batch.recipients"]),
        ({"id": "", "content": " ", "recipients": []}, ["batch.id", "batch.content", "batch.recipients"]),
        ({"id": 5, "content": None, "recipients": {}}, ["batch.id", "batch.content", "batch.recipients"]),
        (
            {"id": "a", "content": "x", "recipients": [{"to": user(1)}], "silent": "yes", "dryRun": True},
            ["batch.dryRun", "batch.silent"],
        ),
        (
            {"id": "a", "content": "x", "recipients": [None, {}, {"to": user(1), "key": 5, "name": "x"}]},
            ["batch.recipients[0]", "batch.recipients[1].to", "batch.recipients[2].name", "batch.recipients[2].key"],
        ),
        (
            {"id": "a", "content": "x", "recipients": [{"to": user(1), "attributes": {"name": "Aiko"}}]},
            ["batch.recipients[0].attributes"],
        ),
        ({"id": "a", "content": "x", "recipients": [{"to": user(1)}, {"to": user(1)}]}, ["batch.recipients"]),
        ({"id": "a", "content": "x", "recipients": [{"to": user(n)} for n in range(501)]}, ["batch.recipients"]),
        ({"key": "elsewhere/a.json"}, ["batch"]),
        ({"key": "batches/a.json", "id": "a"}, ["batch"]),
        ({"key": "batches/missing.json"}, ["batch.key"]),
    ],
)
def test_every_violation_of_a_batch_of_our_own_is_named(batch: Any, paths: list[str]) -> None:
    assert violations_of({"batch": batch}) == paths


# Invoking again, later


def unnamed_campaign() -> dict[str, Any]:
    return campaign(ActivityId=None, ScheduledTime=None)


@pytest.mark.parametrize(
    "event",
    [
        {"to": user(1)},
        {"to": user(1), "retry_key": KEY},
        campaign(),
        unnamed_campaign(),
        unnamed_campaign() | {"retry_key": KEY},
        connect(customer(1)),
        own_batch([user(1)]),
    ],
)
@pytest.mark.parametrize("request_id", [REQUEST_ID, "not a uuid"])
def test_an_event_that_is_invoked_again_later_is_the_same_batch(event: dict[str, Any], request_id: str) -> None:
    again = repeatable(event, request_id)

    call = read(event, request_id=request_id)
    assert read(again, request_id="another").batches == call.batches
    assert call.repeatable_event == again
    assert repeatable(again, "a third") == again


def test_an_event_that_names_itself_is_repeated_as_it_is() -> None:
    for event in (campaign(), connect(customer(1)), own_batch([user(1)]), {"batch": {"key": "batches/a.json"}}):
        assert repeatable(event, REQUEST_ID) == event
