"""The functions that send, their ledger, and the queue for invocations that failed for good."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from aws_cdk import ArnFormat, Duration, RemovalPolicy, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.media import MediaStore
from infra.nag import acknowledge
from infra.python_function import FunctionDefaults, PythonFunction
from infra.settings import SenderName
from infra.speech import SpeechSource

TIMEOUT_S = 50
"""The AWS command line invokes again after 60 s without an answer."""
MEMORY_MB = 1769
"""One whole processor ("Configure Lambda function memory"): TLS for many connections, and previews of large pictures."""
RETRIES = 2
RETRIED_FOR = Duration.hours(1)
"""After that an invocation waits in the queue of failures for a person: a campaign that is an hour late needs a decision."""


@dataclass(frozen=True)
class Pace:
    """What one process may ask of LINE."""

    multicast_per_second: int
    push_per_second: int
    connections: int


class Senders(Construct):
    """`connect_default_data` is what a function sends for Amazon Connect when the profile does not say."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        defaults: FunctionDefaults,
        secret_arn: str,
        images: MediaStore,
        audio: MediaStore,
        video: MediaStore,
        speech: SpeechSource,
        pace: Pace,
        line_api_url: str,
        connect_user_id_attribute: str,
        connect_default_data: Mapping[SenderName, Any],
        removal_policy: RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        self.deliveries = dynamodb.Table(
            self,
            "Deliveries",
            partition_key=dynamodb.Attribute(name="delivery_id", type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            time_to_live_attribute="expires_at",
            removal_policy=removal_policy,
        )
        acknowledge(
            self.deliveries,
            {
                "AwsSolutions-DDB3": "Its records expire after a month, and an older state of it would be wrong: "
                "people who were sent a message since would count as open."
            },
        )
        self.failures = sqs.Queue(
            self,
            "Failures",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=Duration.days(14),
        )
        acknowledge(self.failures, {"AwsSolutions-SQS3": "It is the place where failures end; an operator empties it."})

        def sender(
            construct_id: str,
            name: SenderName,
            what: str,
            media: MediaStore | None = None,
            more: Mapping[str, str] | None = None,
        ) -> PythonFunction:
            environment = {
                "SECRET_ARN": secret_arn,
                "DELIVERIES_TABLE": self.deliveries.table_name,
                "SEND_FAILURES_QUEUE_URL": self.failures.queue_url,
                "LINE_API_URL": line_api_url,
                "MULTICAST_PER_SECOND": str(pace.multicast_per_second),
                "PUSH_PER_SECOND": str(pace.push_per_second),
                "PUSH_CONNECTIONS": str(pace.connections),
                "CONNECT_USER_ID_ATTRIBUTE": connect_user_id_attribute,
                **(more or {}),
            }
            if media is not None:
                environment |= {"MEDIA_BUCKET": media.bucket.bucket_name, "MEDIA_URL": media.url}
            if name in connect_default_data:
                environment["CONNECT_DATA"] = _text_of(connect_default_data[name])
            return PythonFunction(
                self,
                construct_id,
                name=name,
                description=f"Sends {what} to up to 500 people",
                defaults=defaults,
                timeout_s=TIMEOUT_S,
                memory_mb=MEMORY_MB,
                environment=environment,
                with_dependencies=True,
                on_failure=destinations.SqsDestination(self.failures),
                retry_attempts=RETRIES,
                max_event_age=RETRIED_FOR,
            )

        self.text = sender("Text", "send_text", "a text")
        self.image = sender("Image", "send_image", "an image", images)
        self.audio = sender("Audio", "send_audio", "a sound", audio)
        self.video = sender("Video", "send_video", "a video", video)
        self.speech = sender("Speech", "send_speech", "a text as a voice message", audio, speech.environment)
        self.messages = sender("Messages", "send_messages", "any LINE messages")
        self.all = (self.text, self.image, self.audio, self.video, self.speech, self.messages)

    def grant_keep_ledger(self, grantee: iam.IGrantable) -> None:
        self.deliveries.grant(grantee, "dynamodb:GetItem", "dynamodb:PutItem")

    def allow_pinpoint(self, application_id: str) -> None:
        """Campaigns and journeys of that application, in this account, may invoke the senders.

        Amazon's guide names the region in the principal; what stands in for Pinpoint may come under the name without it.
        """
        stack = Stack.of(self)
        principals = {"": "pinpoint.amazonaws.com", "Regional": f"pinpoint.{stack.region}.amazonaws.com"}
        for function, activity, (kind, principal) in product(self.all, ("campaigns", "journeys"), principals.items()):
            function.add_permission(
                f"{kind}Pinpoint{activity.capitalize()}",
                principal=iam.ServicePrincipal(principal),
                source_account=stack.account,
                source_arn=stack.format_arn(
                    service="mobiletargeting",
                    resource="apps",
                    resource_name=f"{application_id}/{activity}/*",
                    arn_format=ArnFormat.SLASH_RESOURCE_NAME,
                ),
            )

    def allow_connect(self, account: str) -> None:
        """Amazon Connect's outbound campaigns of that account may invoke the senders."""
        for function in self.all:
            for construct_id, service in (("Connect", "connect"), ("ConnectCampaigns", "connect-campaigns")):
                function.add_permission(
                    construct_id,
                    principal=iam.ServicePrincipal(f"{service}.amazonaws.com"),
                    source_account=account,
                )


def _text_of(data: object) -> str:
    return data if isinstance(data, str) else json.dumps(data, ensure_ascii=False, separators=(",", ":"))
