"""What wakes an operator, and how they hear of it."""

from typing import Any

import pytest

from infra.alarms import names
from kairan.contract import METRICS_NAMESPACE, Metric, Sender
from tests.infra.deployed import VARIANTS, Deployed, deployed, synthesised, text

ALARMS = {
    "InboxDeadLetters": ("AWS/SQS", "NumberOfMessagesSent", "WebhookDeadLetters.QueueName"),
    "InboxDeadLettersExpire": ("AWS/SQS", "ApproximateAgeOfOldestMessage", "WebhookDeadLetters.QueueName"),
    "SendFailures": ("AWS/SQS", "NumberOfMessagesSent", "SendersFailures.QueueName"),
    "SendFailuresExpire": ("AWS/SQS", "ApproximateAgeOfOldestMessage", "SendersFailures.QueueName"),
    "OldestEvent": ("AWS/SQS", "ApproximateAgeOfOldestMessage", "WebhookQueue.QueueName"),
    "LineUnauthorized": (METRICS_NAMESPACE, Metric.LINE_UNAUTHORIZED, "kairan"),
    "BatchesRefused": (METRICS_NAMESPACE, Metric.BATCHES_REFUSED, "kairan"),
    "MonthlyQuota": (METRICS_NAMESPACE, Metric.MONTHLY_QUOTA_REACHED, "kairan"),
    **{
        f"Send{sender.construct_id}{alarm}": ("AWS/Lambda", metric, f"Senders{sender.construct_id}")
        for sender in Sender
        for alarm, metric in {
            "Errors": "Errors",
            "Throttles": "Throttles",
            "Dropped": "AsyncEventsDropped",
            "Lost": "DestinationDeliveryFailures",
        }.items()
    },
    "WebhookThrottles": ("AWS/Lambda", "Throttles", "WebhookFunction"),
    "InboxThrottles": ("AWS/Lambda", "Throttles", "WebhookInbox"),
    "ApiThrottles": ("AWS/Lambda", "Throttles", "PushApiFunction"),
}
WITHOUT_END = {
    "InboxDeadLetters",
    "InboxDeadLettersExpire",
    "SendFailures",
    "SendFailuresExpire",
    "BatchesRefused",
    "MonthlyQuota",
    *(f"Send{sender.construct_id}{what}" for sender in Sender for what in ("Dropped", "Lost")),
}
"""A quiet queue still holds its letters: no mail says that all is well."""
TEN_DAYS_S = 864_000
THRESHOLDS = {"OldestEvent": 300, "InboxDeadLettersExpire": TEN_DAYS_S, "SendFailuresExpire": TEN_DAYS_S}
ANSWERS = ["WebhookErrors", "ApiErrors"]
"""About what the API answered: LINE, and anybody."""
LINES_CALLS = {"ApiName": "kairan", "Method": "POST", "Resource": "/webhook", "Stage": "WebhookApiDeploymentStageprod"}


def alarms(stack: Deployed) -> dict[str, Any]:
    return {name.removeprefix("Monitoring"): alarm for name, alarm in stack.all("CloudWatch::Alarm").items()}


def test_there_are_these_alarms(default: Deployed) -> None:
    assert alarms(default).keys() == {*ALARMS, *ANSWERS} == names(["webhook", "inbox", "api", *Sender])


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_looks_at_its_metric_and_does_not_sleep(default: Deployed, name: str) -> None:
    alarm = alarms(default)[name]
    (dimension,) = alarm["Dimensions"]

    assert (alarm["Namespace"], alarm["MetricName"], text(dimension["Value"])) == ALARMS[name]
    assert alarm["Threshold"] == THRESHOLDS.get(name, 1)
    assert alarm["Period"] == 300
    assert alarm["Statistic"] == ("Maximum" if name in THRESHOLDS else "Sum")


@pytest.mark.parametrize(("name", "calls"), [("WebhookErrors", LINES_CALLS), ("ApiErrors", {"ApiName": "kairan"})])
def test_an_alarm_about_answers_looks_at_those_to_line_or_to_everyone(
    default: Deployed, name: str, calls: dict[str, str]
) -> None:
    alarm = alarms(default)[name]

    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/ApiGateway", "5XXError")
    assert dimensions(alarm) == calls
    assert (alarm["Period"], alarm["Statistic"], alarm["Threshold"]) == (300, "Sum", 1)


def dimensions(metric: Any) -> dict[str, str]:
    return {each["Name"]: text(each["Value"]) for each in metric["Dimensions"]}


@pytest.mark.parametrize("name", [*ALARMS, *ANSWERS])
def test_one_period_of_trouble_is_enough_and_silence_is_no_alarm(default: Deployed, name: str) -> None:
    alarm = alarms(default)[name]

    assert alarm["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
    assert alarm["EvaluationPeriods"] == 1
    assert alarm["TreatMissingData"] == "notBreaching"
    assert alarm["AlarmDescription"]


def test_the_metrics_of_line_are_those_of_this_stack() -> None:
    for name in ("LineUnauthorized", "MonthlyQuota"):
        assert alarms(deployed("trial"))[name]["Dimensions"] == [{"Name": "service", "Value": "kairan-trial"}]


def test_without_an_address_nobody_is_written_to(default: Deployed) -> None:
    assert default.all("SNS::Topic") == {}
    assert all("AlarmActions" not in alarm for alarm in alarms(default).values())


def test_every_alarm_is_mailed_to_the_address_and_its_end_if_it_has_one() -> None:
    trial = deployed("trial")

    (subscription,) = trial.all("SNS::Subscription").values()
    assert subscription["Protocol"] == "email"
    assert subscription["Endpoint"] == "operator@example.com"
    assert text(subscription["TopicArn"]) == "MonitoringTopic"
    for name, alarm in alarms(trial).items():
        assert [text(action) for action in alarm["AlarmActions"]] == ["MonitoringTopic"]
        ends = [text(action) for action in alarm.get("OKActions", [])]
        assert ends == ([] if name in WITHOUT_END else ["MonitoringTopic"])


def test_alarms_may_write_to_the_topic() -> None:
    """A topic with a policy of its own has lost the default one, which would let them in."""
    statements = deployed("trial").statements("SNS::TopicPolicy", "MonitoringTopic")

    (allow,) = [each for each in statements if each["Effect"] == "Allow"]
    assert allow["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert allow["Action"] == "sns:Publish"
    assert text(allow["Condition"]["StringEquals"]["aws:SourceAccount"]) == "<AWS::AccountId>"
    (deny,) = [each for each in statements if each["Effect"] == "Deny"]
    assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


# what is passed on

OF_TARGETS = {
    "ForwardDeadLetters": ("NumberOfMessagesSent", "Sum", "DeadLetters", 1),
    "ForwardDeadLettersExpire": ("ApproximateAgeOfOldestMessage", "Maximum", "DeadLetters", TEN_DAYS_S),
    "OldestForward": ("ApproximateAgeOfOldestMessage", "Maximum", "Queue", 2 * 3600),
}
TARGETS = {"78e74ff3d5e1": "bot.example.com", "89b9609242e7": "127.0.0.1"}


def test_a_stack_with_targets_has_more_alarms_for_each(default: Deployed) -> None:
    more = alarms(deployed("forwarding")).keys() - alarms(default).keys()

    assert more == {f"{name}{target}" for name in OF_TARGETS for target in TARGETS} | {"ForwardThrottles"}
    assert names(["webhook", "inbox", "api", "forward", *Sender]) - names(["webhook", "inbox", "api", *Sender]) == {
        *OF_TARGETS,
        "ForwardThrottles",
    }


@pytest.mark.parametrize("name", OF_TARGETS)
@pytest.mark.parametrize("target", TARGETS)
def test_an_alarm_about_a_target_looks_at_its_queues_and_names_its_host(name: str, target: str) -> None:
    alarm = alarms(deployed("forwarding"))[f"{name}{target}"]
    metric, statistic, queue, threshold = OF_TARGETS[name]

    assert (alarm["MetricName"], alarm["Statistic"], alarm["Threshold"]) == (metric, statistic, threshold)
    assert dimensions(alarm) == {"QueueName": f"ForwardingTarget{target}{queue}.QueueName"}
    assert (alarm["Period"], alarm["EvaluationPeriods"], alarm["TreatMissingData"]) == (300, 1, "notBreaching")
    assert alarm["AlarmDescription"].startswith(f"{TARGETS[target]}: ")
    assert "k1" not in alarm["AlarmDescription"]


def test_no_mail_says_that_calls_which_a_tool_did_not_take_are_well() -> None:
    stack = synthesised(VARIANTS["forwarding"] | {"alarm_email": "a@example.com"})

    without_end = {name for name, alarm in alarms(stack).items() if "OKActions" not in alarm}

    assert without_end == WITHOUT_END | {
        f"{name}{target}" for name in ("ForwardDeadLetters", "ForwardDeadLettersExpire") for target in TARGETS
    }
