"""All defaults of a Lambda function, so that a function is a few lines."""

from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.assets import function_code
from infra.bundling import Target
from infra.layers import Layers, architecture_of, runtime_of
from infra.log_group import LogGroup
from infra.nag import acknowledge
from kairan.contract import METRICS_NAMESPACE, Environment, variables


@dataclass(frozen=True)
class FunctionDefaults:
    """The values that all functions of a stack share. `service_name` names the stack in logs and metrics."""

    service_name: str
    target: Target
    layers: Layers
    log_retention_days: int


class PythonFunction(lambda_.Function):
    """The folder `lambdas/<folder>` as a function. Its handler is `<folder>.handler.handler`.

    - `with_dependencies`: adds the layer with the large packages
    - `on_failure`, `retry_attempts`, `max_event_age`: for asynchronous invocations
    - `reserved_concurrent_executions`: how many may run at once; None for no limit of its own

    The role may write to the function's own log group and send traces. The stack grants the rest.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        folder: str,
        description: str,
        defaults: FunctionDefaults,
        timeout_s: int,
        memory_mb: int,
        environment: Environment | None = None,
        with_dependencies: bool = False,
        on_failure: lambda_.IDestination | None = None,
        retry_attempts: int | None = None,
        max_event_age: Duration | None = None,
        reserved_concurrent_executions: int | None = None,
    ) -> None:
        role = iam.Role(scope, f"{construct_id}Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        log_group = LogGroup(scope, f"{construct_id}Logs", retention_days=defaults.log_retention_days)
        log_group.grant_write(role)
        layers = [defaults.layers.powertools, defaults.layers.shared]
        super().__init__(
            scope,
            construct_id,
            description=description,
            code=function_code(folder, defaults.target),
            handler=f"{folder}.handler.handler",
            runtime=runtime_of(defaults.target),
            architecture=architecture_of(defaults.target),
            layers=[*layers, defaults.layers.dependencies] if with_dependencies else layers,
            timeout=Duration.seconds(timeout_s),
            memory_size=memory_mb,
            environment={
                "POWERTOOLS_SERVICE_NAME": defaults.service_name,
                "POWERTOOLS_METRICS_NAMESPACE": METRICS_NAMESPACE,
                "POWERTOOLS_LOG_LEVEL": "INFO",
                **(variables(environment) if environment else {}),
            },
            role=role,
            log_group=log_group,
            tracing=lambda_.Tracing.ACTIVE,
            on_failure=on_failure,
            retry_attempts=retry_attempts,
            max_event_age=max_event_age,
            reserved_concurrent_executions=reserved_concurrent_executions,
        )
        self.own_role = role
        acknowledge(
            role, {"AwsSolutions-IAM5[Resource::*]": "AWS X-Ray offers no resources to name for sending traces."}
        )
        acknowledge(
            self,
            {
                "AwsSolutions-L1": "The setting python_version decides. Its default is the newest version that Kairan "
                "is tested with and that most machines can make bytecode for."
            },
        )
