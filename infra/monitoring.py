"""Alarms: what an operator wants to be woken for. Without an e-mail address they are seen in the console only."""

from collections.abc import Mapping

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

from infra.python_function import METRICS_NAMESPACE

PERIOD = Duration.minutes(5)
OLDEST_EVENT_S = 300
"""An inbox that keeps up handles an event within seconds, and gives a failing one up after a few minutes."""


class Monitoring(Construct):
    """`senders` and `functions` (all of them) are by name; `webhook_method` is the one of `api` that LINE calls."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        service_name: str,
        alarm_email: str,
        api: apigateway.RestApi,
        webhook_method: apigateway.Method,
        inbox_queue: sqs.Queue,
        inbox_dead_letters: sqs.Queue,
        send_failures: sqs.Queue,
        senders: Mapping[str, lambda_.Function],
        functions: Mapping[str, lambda_.Function],
    ) -> None:
        super().__init__(scope, construct_id)
        self._service_name = service_name
        self._topic = sns.Topic(self, "Topic", enforce_ssl=True) if alarm_email else None
        if self._topic is not None:
            self._topic.add_subscription(subscriptions.EmailSubscription(alarm_email))
            # enforce_ssl gives the topic a policy, which takes the place of the default one that lets alarms in
            account = Stack.of(self).account
            self._topic.grant_publish(
                iam.ServicePrincipal(
                    "cloudwatch.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": account}}
                )
            )

        self._alarm(
            "InboxDeadLetters",
            _depth(inbox_dead_letters),
            "Events that could not be handled are in the inbox's dead-letter queue: kairan dead-letters list",
        )
        self._alarm(
            "SendFailures",
            _depth(send_failures),
            "Invocations of senders that failed for good are in the queue of failures: kairan dead-letters list",
        )
        self._alarm(
            "OldestEvent",
            inbox_queue.metric_approximate_age_of_oldest_message(period=PERIOD, statistic="Maximum"),
            "An event from LINE has been waiting in the inbox queue for over five minutes",
            threshold=OLDEST_EVENT_S,
        )
        self._alarm(
            "WebhookErrors",
            webhook_method.metric_server_error(api.deployment_stage, period=PERIOD, statistic="Sum"),
            "LINE was answered 5xx: see the log of the webhook function",
        )
        self._alarm(
            "ApiErrors",
            api.metric_server_error(period=PERIOD, statistic="Sum"),
            "The API answered 5xx: without WebhookErrors, to another service; see the log of the function api",
        )
        self._alarm(
            "LineUnauthorized",
            self._count("LineUnauthorized"),
            "LINE refused the channel access token: issue a new one and run kairan connect",
        )
        self._alarm(
            "MonthlyQuota",
            self._count("MonthlyQuotaReached"),
            "LINE's monthly limit is reached: raise it in LINE Official Account Manager, then kairan dead-letters redrive",
        )
        for name, function in senders.items():
            self._alarm(
                f"{_pascal_case(name)}Errors",
                function.metric_errors(period=PERIOD, statistic="Sum"),
                f"{name} failed: see its log",
            )
        for name, function in functions.items():
            self._alarm(
                f"{_pascal_case(name)}Throttles",
                function.metric_throttles(period=PERIOD, statistic="Sum"),
                f"AWS throttled {name}: raise the account's quota of concurrent Lambda executions",
            )

    def _count(self, metric_name: str) -> cloudwatch.Metric:
        """A metric that the functions write themselves (`kairan.observability.count`)."""
        return cloudwatch.Metric(
            namespace=METRICS_NAMESPACE,
            metric_name=metric_name,
            dimensions_map={"service": self._service_name},
            period=PERIOD,
            statistic="Sum",
        )

    def _alarm(self, construct_id: str, metric: cloudwatch.Metric, description: str, *, threshold: int = 1) -> None:
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
            alarm.add_ok_action(actions.SnsAction(self._topic))


def _depth(queue: sqs.Queue) -> cloudwatch.Metric:
    return queue.metric_approximate_number_of_messages_visible(period=PERIOD, statistic="Maximum")


def _pascal_case(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))
