"""Alarms for what an operator must know. Without an e-mail address, only the console shows them."""

from collections.abc import Collection, Mapping
from enum import StrEnum

from aws_cdk import Duration, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.forwarding import Forwarding
from kairan.contract import METRICS_NAMESPACE, Metric, Sender, pascal_case

PERIOD = Duration.minutes(5)
OLDEST_EVENT_S = 300
"""The inbox handles an event within seconds, unless LINE or AWS does not answer."""


class Alarm(StrEnum):
    """The alarms of the stack as a whole. Functions have their own, too (`errors_alarm`, `throttles_alarm`)."""

    description: str

    def __new__(cls, name: str, description: str) -> "Alarm":
        alarm = str.__new__(cls, name)
        alarm._value_ = name
        alarm.description = description
        return alarm

    INBOX_DEAD_LETTERS = (
        "InboxDeadLetters",
        "Events that could not be handled came into the inbox's dead-letter queue: kairan dead-letters list",
    )
    INBOX_DEAD_LETTERS_EXPIRE = (
        "InboxDeadLettersExpire",
        "A dead event is ten days old, and SQS deletes it after fourteen: kairan dead-letters list, redrive or keep",
    )
    SEND_FAILURES = (
        "SendFailures",
        "Invocations of senders that failed for good came into the queue of failures: kairan dead-letters list",
    )
    SEND_FAILURES_EXPIRE = (
        "SendFailuresExpire",
        "A failed send is ten days old, and SQS deletes it after fourteen: kairan dead-letters list, redrive or keep",
    )
    FORWARD_DEAD_LETTERS = (
        "ForwardDeadLetters",
        "A tool did not take webhook calls for an hour: kairan dead-letters list --queue forwards",
    )
    FORWARD_DEAD_LETTERS_EXPIRE = (
        "ForwardDeadLettersExpire",
        "A call that a tool did not take is ten days old, and SQS deletes it after fourteen: kairan dead-letters list, "
        "redrive or keep",
    )
    OLDEST_FORWARD = (
        "OldestForward",
        "A webhook call has been waiting for a tool for over two hours: see the log of the function forward",
    )
    OLDEST_EVENT = "OldestEvent", "An event from LINE has been waiting in the inbox queue for over five minutes"
    WEBHOOK_ERRORS = "WebhookErrors", "LINE was answered 5xx: see the log of the webhook function"
    API_ERRORS = (
        "ApiErrors",
        "The API answered 5xx: without WebhookErrors, to another service; see the log of the function api",
    )
    LINE_UNAUTHORIZED = (
        "LineUnauthorized",
        "LINE refused the channel access token: issue a new one and run kairan connect",
    )
    BATCHES_REFUSED = (
        "BatchesRefused",
        "LINE refused a batch for everyone: see its words in the log, then kairan dead-letters redrive",
    )
    MONTHLY_QUOTA = (
        "MonthlyQuota",
        "LINE's monthly limit is reached: raise it in LINE Official Account Manager, then kairan dead-letters redrive",
    )


EXPIRES_SOON_S = 10 * 24 * 60 * 60
OLDEST_FORWARD_S = 2 * 60 * 60
"""Twice the time for which a call is repeated: the function does not run, or is far too slow."""
THRESHOLDS = {
    Alarm.OLDEST_FORWARD: OLDEST_FORWARD_S,
    Alarm.FORWARD_DEAD_LETTERS_EXPIRE: EXPIRES_SOON_S,
    Alarm.OLDEST_EVENT: OLDEST_EVENT_S,
    Alarm.INBOX_DEAD_LETTERS_EXPIRE: EXPIRES_SOON_S,
    Alarm.SEND_FAILURES_EXPIRE: EXPIRES_SOON_S,
}
"""The others go off at the first count."""
WITHOUT_END = {
    Alarm.INBOX_DEAD_LETTERS,
    Alarm.INBOX_DEAD_LETTERS_EXPIRE,
    Alarm.SEND_FAILURES,
    Alarm.SEND_FAILURES_EXPIRE,
    Alarm.FORWARD_DEAD_LETTERS,
    Alarm.FORWARD_DEAD_LETTERS_EXPIRE,
    Alarm.BATCHES_REFUSED,
    Alarm.MONTHLY_QUOTA,
}
"""No mail says OK after these: a quiet queue still holds its letters, and a letter that expired is no good news."""


OF_FORWARDING = {Alarm.FORWARD_DEAD_LETTERS, Alarm.FORWARD_DEAD_LETTERS_EXPIRE, Alarm.OLDEST_FORWARD}
"""A stack has these for each target of the setting `forward_webhooks_to`. An id of the target ends their names."""


def errors_alarm(function: str) -> str:
    """Senders have this alarm, because their callers may not wait for an answer."""
    return f"{pascal_case(function)}Errors"


def dropped_alarm(sender: Sender) -> str:
    return f"{pascal_case(sender)}Dropped"


def lost_alarm(sender: Sender) -> str:
    return f"{pascal_case(sender)}Lost"


def throttles_alarm(function: str) -> str:
    return f"{pascal_case(function)}Throttles"


def names(functions: Collection[str]) -> set[str]:
    """Every alarm of a stack with these functions. Those of a target have no id here."""
    alarms = {alarm for alarm in Alarm if "forward" in functions or alarm not in OF_FORWARDING}
    of_senders = {alarm(sender) for sender in Sender for alarm in (errors_alarm, dropped_alarm, lost_alarm)}
    return {*alarms, *of_senders, *map(throttles_alarm, functions)}


class Alarms(Construct):
    """The alarms of a stack.

    - `email`: the address that alarms go to, or empty
    - `webhook_method`: the method of `api` that LINE calls
    - `inbox_queue`, `inbox_dead_letters`, `send_failures`: the queues to watch, and those of `forwarding`
    - `functions`: the functions to watch, by name
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        email: str,
        api: apigateway.RestApi,
        webhook_method: apigateway.Method,
        inbox_queue: sqs.Queue,
        inbox_dead_letters: sqs.Queue,
        send_failures: sqs.Queue,
        forwarding: Forwarding | None,
        functions: Mapping[str, lambda_.Function],
    ) -> None:
        super().__init__(scope, construct_id)
        self._topic = sns.Topic(self, "Topic", enforce_ssl=True) if email else None
        if self._topic is not None:
            self._topic.add_subscription(subscriptions.EmailSubscription(email))
            # enforce_ssl gives the topic a policy, which replaces the default one that allows alarms
            account = Stack.of(self).account
            self._topic.grant_publish(
                iam.ServicePrincipal(
                    "cloudwatch.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": account}}
                )
            )

        metrics: Mapping[Alarm, cloudwatch.Metric] = {
            Alarm.INBOX_DEAD_LETTERS: _inflow(inbox_dead_letters),
            Alarm.INBOX_DEAD_LETTERS_EXPIRE: _age(inbox_dead_letters),
            Alarm.SEND_FAILURES: _inflow(send_failures),
            Alarm.SEND_FAILURES_EXPIRE: _age(send_failures),
            Alarm.OLDEST_EVENT: _age(inbox_queue),
            Alarm.WEBHOOK_ERRORS: webhook_method.metric_server_error(
                api.deployment_stage, period=PERIOD, statistic="Sum"
            ),
            Alarm.API_ERRORS: api.metric_server_error(period=PERIOD, statistic="Sum"),
            Alarm.LINE_UNAUTHORIZED: self._count(Metric.LINE_UNAUTHORIZED),
            Alarm.BATCHES_REFUSED: self._count(Metric.BATCHES_REFUSED),
            Alarm.MONTHLY_QUOTA: self._count(Metric.MONTHLY_QUOTA_REACHED),
        }
        for alarm in metrics:
            self._alarm(
                alarm,
                metrics[alarm],
                alarm.description,
                threshold=THRESHOLDS.get(alarm, 1),
                ends=alarm not in WITHOUT_END,
            )
        for target in forwarding.targets if forwarding is not None else ():
            of_target: Mapping[Alarm, cloudwatch.Metric] = {
                Alarm.FORWARD_DEAD_LETTERS: _inflow(target.dead_letters),
                Alarm.FORWARD_DEAD_LETTERS_EXPIRE: _age(target.dead_letters),
                Alarm.OLDEST_FORWARD: _age(target.queue),
            }
            for alarm in of_target:
                self._alarm(
                    f"{alarm}{target.id}",
                    of_target[alarm],
                    f"{target.host}: {alarm.description}",
                    threshold=THRESHOLDS.get(alarm, 1),
                    ends=alarm not in WITHOUT_END,
                )
        for sender in Sender:
            errors = functions[sender].metric_errors(period=PERIOD, statistic="Sum")
            self._alarm(errors_alarm(sender), errors, f"{sender} failed: see its log")
            self._alarm(
                dropped_alarm(sender),
                functions[sender].metric("AsyncEventsDropped", period=PERIOD, statistic="Sum"),
                f"Lambda gave up asynchronous events of {sender}, for their age or after all retries: see SendFailures",
                ends=False,
            )
            self._alarm(
                lost_alarm(sender),
                functions[sender].metric("DestinationDeliveryFailures", period=PERIOD, statistic="Sum"),
                f"Lambda could not store failed events of {sender}: send those batches again from where they came",
                ends=False,
            )
        for name, function in functions.items():
            self._alarm(
                throttles_alarm(name),
                function.metric_throttles(period=PERIOD, statistic="Sum"),
                f"AWS throttled {name}: raise the account's quota of concurrent Lambda executions",
            )

    def _count(self, metric: Metric) -> cloudwatch.Metric:
        """A metric that the functions write themselves (`kairan.observability.count`), under the stack's name."""
        return cloudwatch.Metric(
            namespace=METRICS_NAMESPACE,
            metric_name=metric,
            dimensions_map={"service": Stack.of(self).stack_name},
            period=PERIOD,
            statistic="Sum",
        )

    def _alarm(
        self,
        construct_id: str,
        metric: cloudwatch.Metric,
        description: str,
        *,
        threshold: int = 1,
        ends: bool = True,
    ) -> None:
        alarm = cloudwatch.Alarm(
            self,
            construct_id,
            alarm_description=description,
            metric=metric,
            threshold=threshold,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        if self._topic is not None:
            alarm.add_alarm_action(actions.SnsAction(self._topic))
            if ends:
                alarm.add_ok_action(actions.SnsAction(self._topic))


def _inflow(queue: sqs.Queue) -> cloudwatch.Metric:
    """What came in, not what lies there: while one letter lies there, the next one must alarm too."""
    return queue.metric_number_of_messages_sent(period=PERIOD, statistic="Sum")


def _age(queue: sqs.Queue) -> cloudwatch.Metric:
    return queue.metric_approximate_age_of_oldest_message(period=PERIOD, statistic="Maximum")
