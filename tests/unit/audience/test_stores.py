"""Which store keeps the audience is a setting."""

from datetime import timedelta

import pytest

from kairan.audience.dynamodb import DynamoDbAudience
from kairan.audience.pinpoint import PinpointAudience
from kairan.audience.port import Audience
from kairan.audience.stores import audience_in
from kairan.errors import ConfigurationError


def opened(store: str, *, table_name: str = "audience", application_id: str = "app") -> Audience:
    return audience_in(
        store,
        table_name=table_name,
        application_id=application_id,
        channel="line",
        unfollowed_retention=timedelta(days=30),
    )


def test_the_setting_names_the_store() -> None:
    assert isinstance(opened("dynamodb"), DynamoDbAudience)
    assert isinstance(opened("pinpoint"), PinpointAudience)


def test_a_store_that_does_not_exist_stops_the_function() -> None:
    with pytest.raises(ConfigurationError, match="'mysql'; it can be dynamodb or pinpoint"):
        opened("mysql")


def test_a_store_without_its_name_stops_the_function() -> None:
    with pytest.raises(ConfigurationError, match="AUDIENCE_TABLE is missing"):
        opened("dynamodb", table_name="")
    with pytest.raises(ConfigurationError, match="PINPOINT_APPLICATION_ID is missing"):
        opened("pinpoint", application_id="")
