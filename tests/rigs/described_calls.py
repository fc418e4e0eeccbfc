"""Calls that schemathesis makes of the API's description, right and wrong ones, and what every answer must keep to."""

from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import CHECKS, load_all_checks

load_all_checks()
AS_DESCRIBED = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
)


def calls_of_each_operation(number: int) -> settings:
    """At most so many, the same ones in every run."""
    return settings(
        max_examples=number,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def check_call(
    case: schemathesis.Case[Any], *, key: str, url: str | None = None, besides: tuple[str, ...] = ()
) -> None:
    """Make the call and look at its answer. `url`: of an API that is not in this process; `besides`: further checks."""
    checks: list[Any] = [CHECKS.get_one(name) for name in (*AS_DESCRIBED, *besides)]

    case.call_and_validate(base_url=url, headers={"x-api-key": key}, checks=checks)
