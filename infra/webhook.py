"""What LINE calls, and what becomes of it: API, webhook function, inbox queue, inbox function.

Other services push by the same API (`infra.push_api`).
"""

from collections.abc import Mapping

from aws_cdk import Duration, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_lambda_event_sources as event_sources
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.log_group import LogGroup
from infra.nag import acknowledge
from infra.push_api import PUBLIC
from infra.python_function import FunctionDefaults, PythonFunction

WEBHOOK_TIMEOUT_S = 10
"""LINE gives up after 2 s, API Gateway after 29 s: a function that is slower than that helps nobody."""
WEBHOOK_MEMORY_MB = 1024
"""CPU comes with memory, and LINE's 2 seconds include the cold start."""
INBOX_TIMEOUT_S = 30
INBOX_MEMORY_MB = 512
INBOX_BATCH = 10
"""The most that a FIFO queue hands over at once."""
INBOX_CONCURRENCY = 50
"""So many batches at a time, so that a flood of events leaves the account's concurrency to the webhook and the senders."""
VISIBILITY_TIMEOUT_S = 6 * INBOX_TIMEOUT_S
"""AWS's advice for a queue that a function reads ("Configuring a queue to use with Lambda")."""
KEPT = Duration.days(14)
MAX_EVENT_BYTES = 1024 * 1024
"""The most that SQS takes, and as much as a webhook call may carry. Events are buried whole: both queues take the same."""
SAFETY_NET_RECEIVES = 100
"""Far above the tries the inbox function gives an event (`MAX_TRIES` in `kairan.inbox.batch`): it counts them itself, and an
event that only waits behind a failing one of its person collects receives untried. SQS must not take those away. This is for
when the function cannot run at all."""
REQUESTS_PER_SECOND = 1000
REQUESTS_BURST = 2000
"""Far above what LINE posts for one account, and low enough that a stranger cannot use up the account's concurrency."""
FORMS = "multipart/form-data"
"""Bodies of this type hold files: they reach the functions as base64, any other as text."""


class Webhook(Construct):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        defaults: FunctionDefaults,
        secret_arn: str,
        channel: str,
        events_seen_table: str,
        audience: Mapping[str, str],
        unfollowed_retention_days: int,
        line_api_url: str,
        line_data_url: str,
    ) -> None:
        """`audience` is the environment that tells where the audience is kept."""
        super().__init__(scope, construct_id)
        self.dead_letters = _event_queue(self, "DeadLetters")
        self.queue = _event_queue(
            self,
            "Queue",
            visibility_timeout=Duration.seconds(VISIBILITY_TIMEOUT_S),
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead_letters, max_receive_count=SAFETY_NET_RECEIVES),
        )
        self.function = PythonFunction(
            self,
            "Function",
            name="webhook",
            description="Checks LINE's signature, puts each event on the inbox queue and answers",
            defaults=defaults,
            timeout_s=WEBHOOK_TIMEOUT_S,
            memory_mb=WEBHOOK_MEMORY_MB,
            environment={"SECRET_ARN": secret_arn, "INBOX_QUEUE_URL": self.queue.queue_url},
        )
        self.inbox = PythonFunction(
            self,
            "Inbox",
            name="inbox",
            description="Keeps the audience as LINE's events say, one person's events in order",
            defaults=defaults,
            timeout_s=INBOX_TIMEOUT_S,
            memory_mb=INBOX_MEMORY_MB,
            environment={
                "SECRET_ARN": secret_arn,
                "INBOX_QUEUE_URL": self.queue.queue_url,
                "INBOX_DEAD_LETTER_QUEUE_URL": self.dead_letters.queue_url,
                "EVENTS_SEEN_TABLE": events_seen_table,
                "CHANNEL": channel,
                "UNFOLLOWED_RETENTION_DAYS": str(unfollowed_retention_days),
                "LINE_API_URL": line_api_url,
                "LINE_DATA_URL": line_data_url,
                **audience,
            },
        )
        self.inbox.add_event_source(
            event_sources.SqsEventSource(
                self.queue,
                batch_size=INBOX_BATCH,
                max_concurrency=INBOX_CONCURRENCY,
                report_batch_item_failures=True,
            )
        )
        self.api = _api(self, log_retention_days=defaults.log_retention_days)
        self.method = self.api.root.add_resource("webhook").add_method(
            "POST", apigateway.LambdaIntegration(self.function, allow_test_invoke=False)
        )
        acknowledge(
            self.method,
            dict.fromkeys(
                ("AwsSolutions-APIG4", "AwsSolutions-COG4"),
                "LINE signs its calls and carries no other credentials; the function checks the signature.",
            ),
        )


def _event_queue(
    scope: Construct,
    construct_id: str,
    *,
    visibility_timeout: Duration | None = None,
    dead_letter_queue: sqs.DeadLetterQueue | None = None,
) -> sqs.Queue:
    """FIFO, so that one person's events stay in order; in high-throughput mode, so that many people do not wait for each other."""
    return sqs.Queue(
        scope,
        construct_id,
        fifo=True,
        deduplication_scope=sqs.DeduplicationScope.MESSAGE_GROUP,
        fifo_throughput_limit=sqs.FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
        encryption=sqs.QueueEncryption.SQS_MANAGED,
        enforce_ssl=True,
        retention_period=KEPT,
        max_message_size_bytes=MAX_EVENT_BYTES,
        visibility_timeout=visibility_timeout,
        dead_letter_queue=dead_letter_queue,
    )


def _api(scope: Construct, *, log_retention_days: int) -> apigateway.RestApi:
    access_log = LogGroup(scope, "AccessLog", retention_days=log_retention_days)
    context = apigateway.AccessLogField
    api = apigateway.RestApi(
        scope,
        "Api",
        rest_api_name=Stack.of(scope).stack_name,  # what its metrics are found by
        endpoint_types=[apigateway.EndpointType.REGIONAL],
        binary_media_types=[FORMS],
        cloud_watch_role=True,  # a REST API writes no log without it; one role serves the account's whole region
        deploy_options=apigateway.StageOptions(
            stage_name="prod",
            throttling_rate_limit=REQUESTS_PER_SECOND,
            throttling_burst_limit=REQUESTS_BURST,
            # metrics of its own: LINE's calls and pushes are different troubles. What is said for a method replaces the rest
            method_options={
                "/webhook/POST": apigateway.MethodDeploymentOptions(
                    throttling_rate_limit=REQUESTS_PER_SECOND,
                    throttling_burst_limit=REQUESTS_BURST,
                    metrics_enabled=True,
                ),
                **{
                    f"/{name}/GET": apigateway.MethodDeploymentOptions(
                        throttling_rate_limit=rate.per_second, throttling_burst_limit=rate.burst
                    )
                    for name, rate in PUBLIC.items()
                },
            },
            access_log_destination=apigateway.LogGroupLogDestination(access_log),
            access_log_format=apigateway.AccessLogFormat.custom(
                Stack.of(scope).to_json_string(
                    {
                        "requestId": context.context_request_id(),
                        "integrationRequestId": context.context_aws_endpoint_request_id(),
                        "requestTime": context.context_request_time(),
                        "method": context.context_http_method(),
                        "resource": context.context_resource_path(),  # not the path, which may hold a user id
                        "status": context.context_status(),
                        "responseLatency": context.context_response_latency(),
                        "responseLength": context.context_response_length(),
                        "error": context.context_error_response_type(),
                    }
                )
            ),
        ),
    )
    api.node.try_remove_child("Endpoint")  # an output of its own, beside the stack's ApiUrl
    acknowledge(
        api,
        {
            "AwsSolutions-APIG2": "The functions check what they are given: LINE signs its body's bytes, and a push that is "
            "wrong is answered with each of its faults, which API Gateway's own check could not name.",
            "AwsSolutions-APIG3": "LINE does not say which addresses it calls from, and neither do services that push; a "
            "signature, a key and limits on the number of calls stand in front of everything that does something.",
            "AwsSolutions-APIG6": "Execution logs would hold headers and bodies: signatures, user ids and what people "
            "wrote. The access log holds ids and statuses.",
            "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]": "The managed policy is the one API Gateway asks for to write logs.",
        },
    )
    return api
