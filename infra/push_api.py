"""The function behind the push API, and behind its pages."""

from constructs import Construct

from infra.python_function import FunctionDefaults, PythonFunction
from kairan.contract import ApiEnvironment

TIMEOUT_S = 28
"""API Gateway gives up after 29 s."""
MEMORY_MB = 1769
"""One whole processor ("Configure Lambda function memory"): a caller waits, and speech is encoded here."""


class PushApi(PythonFunction):
    def __init__(
        self, scope: Construct, construct_id: str, *, defaults: FunctionDefaults, environment: ApiEnvironment
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            folder="api",
            description="Lets other services push to one person at a time",
            defaults=defaults,
            timeout_s=TIMEOUT_S,
            memory_mb=MEMORY_MB,
            environment=environment,
            with_dependencies=True,
        )
