"""The function that LINE calls."""

from constructs import Construct

from infra.python_function import FunctionDefaults, PythonFunction
from kairan.contract import WebhookEnvironment

TIMEOUT_S = 10
"""LINE gives up after 2 s and API Gateway after 29 s, so a slower function would help no one."""
MEMORY_MB = 1024
"""CPU comes with memory, and LINE's 2 seconds include the cold start."""


class Webhook(PythonFunction):
    def __init__(
        self, scope: Construct, construct_id: str, *, defaults: FunctionDefaults, environment: WebhookEnvironment
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            folder="webhook",
            description="Checks LINE's signature, puts each event on the inbox queue and answers",
            defaults=defaults,
            timeout_s=TIMEOUT_S,
            memory_mb=MEMORY_MB,
            environment=environment,
        )
