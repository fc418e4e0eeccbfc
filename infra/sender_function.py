"""A function that sends. All kinds of message share its code; its environment names the kind."""

from itertools import product

from aws_cdk import ArnFormat, Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda_destinations as destinations
from constructs import Construct

from infra.python_function import FunctionDefaults, PythonFunction
from infra.send_failures import SendFailures
from kairan.contract import SENDERS_FOLDER, SenderEnvironment

TIMEOUT_S = 50
"""The AWS command line invokes again after 60 s without an answer."""
MEMORY_MB = 1769
"""One whole processor ("Configure Lambda function memory"): TLS for many connections, previews of large pictures."""
RETRIES = 2
RETRIED_FOR = Duration.hours(1)
"""After an hour, an invocation goes to the queue of failures: a person must decide about a campaign that late."""


class SenderFunction(PythonFunction):
    """`failures` gets the asynchronous invocations whose retries all failed.

    `concurrency` is how many may run at once, and is reserved for this function; 0 reserves and limits nothing.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        defaults: FunctionDefaults,
        environment: SenderEnvironment,
        failures: SendFailures,
        concurrency: int,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            folder=SENDERS_FOLDER,
            description=f"Sends {environment.sender.words} to up to 500 people",
            defaults=defaults,
            timeout_s=TIMEOUT_S,
            memory_mb=MEMORY_MB,
            environment=environment,
            with_dependencies=True,
            on_failure=destinations.SqsDestination(failures),
            retry_attempts=RETRIES,
            max_event_age=RETRIED_FOR,
            reserved_concurrent_executions=concurrency or None,
        )

    def allow_pinpoint(self, application_id: str) -> None:
        """Allows invocations by campaigns and journeys of that application, in this account.

        Amazon's guide names the region in the principal. A replacement for Pinpoint may use the name without it.
        """
        stack = Stack.of(self)
        principals = {"": "pinpoint.amazonaws.com", "Regional": f"pinpoint.{stack.region}.amazonaws.com"}
        for activity, (kind, principal) in product(("campaigns", "journeys"), principals.items()):
            self.add_permission(
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
        """Allows invocations by Amazon Connect's outbound campaigns of that account."""
        for construct_id, service in (("Connect", "connect"), ("ConnectCampaigns", "connect-campaigns")):
            self.add_permission(
                construct_id,
                principal=iam.ServicePrincipal(f"{service}.amazonaws.com"),
                source_account=account,
            )
