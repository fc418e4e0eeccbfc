"""Which store keeps the audience is a setting."""

from typing import Any

import pytest

from kairan.audience.dynamodb import DynamoDbAudience
from kairan.audience.pinpoint import PinpointAudience
from kairan.audience.stores import audience_in
from kairan.contract import AudienceAccess
from kairan.errors import ConfigurationError

ACCESS = AudienceAccess(
    "line", "dynamodb", unfollowed_retention_days=30, audience_table="audience", pinpoint_application_id="app"
)


@pytest.mark.parametrize(("store", "kind"), [("dynamodb", DynamoDbAudience), ("pinpoint", PinpointAudience)])
def test_the_setting_names_the_store(store: str, kind: type) -> None:
    assert type(audience_in(ACCESS._replace(audience_store=store), messenger="line")) is kind


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"audience_store": "mysql"}, "'mysql'; it can be dynamodb or pinpoint"),
        ({"audience_table": ""}, "AUDIENCE_TABLE is missing"),
        ({"audience_store": "pinpoint", "pinpoint_application_id": ""}, "PINPOINT_APPLICATION_ID is missing"),
    ],
)
def test_a_store_that_is_unknown_or_has_no_name_stops_the_function(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(ConfigurationError, match=why):
        audience_in(ACCESS._replace(**changes), messenger="line")
