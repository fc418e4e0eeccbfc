"""Chooses the audience store by the deployment's settings, which no other module reads."""

from datetime import timedelta

from kairan.audience.port import Audience
from kairan.contract import AudienceAccess
from kairan.errors import ConfigurationError


def audience_in(access: AudienceAccess, *, messenger: str) -> Audience:
    """Raises ConfigurationError for a store that does not exist, or one whose name or id is missing."""
    if access.audience_store == "dynamodb":
        from kairan.audience.dynamodb import DynamoDbAudience

        if not access.audience_table:
            raise ConfigurationError("AUDIENCE_TABLE is missing; deploy the stack again")
        return DynamoDbAudience(
            access.audience_table,
            messenger=messenger,
            account=access.account,
            unfollowed_retention=timedelta(days=access.unfollowed_retention_days),
        )
    if access.audience_store == "pinpoint":
        from kairan.audience.pinpoint import PinpointAudience

        if not access.pinpoint_application_id:
            raise ConfigurationError("PINPOINT_APPLICATION_ID is missing; deploy the stack again")
        return PinpointAudience(access.pinpoint_application_id)
    raise ConfigurationError(f"AUDIENCE_STORE is {access.audience_store!r}; it can be dynamodb or pinpoint")
