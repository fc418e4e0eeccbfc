"""Which store keeps the audience: a setting of the deployment, and nobody else's business."""

from datetime import timedelta

from kairan.audience.port import Audience
from kairan.errors import ConfigurationError


def audience_in(
    store: str, *, table_name: str, application_id: str, channel: str, unfollowed_retention: timedelta
) -> Audience:
    """Raises ConfigurationError for a store that does not exist, or one whose name or id is missing."""
    if store == "dynamodb":
        from kairan.audience.dynamodb import DynamoDbAudience

        if not table_name:
            raise ConfigurationError("AUDIENCE_TABLE is missing; deploy the stack again")
        return DynamoDbAudience(table_name, channel=channel, unfollowed_retention=unfollowed_retention)
    if store == "pinpoint":
        from kairan.audience.pinpoint import PinpointAudience

        if not application_id:
            raise ConfigurationError("PINPOINT_APPLICATION_ID is missing; deploy the stack again")
        return PinpointAudience(application_id)
    raise ConfigurationError(f"AUDIENCE_STORE is {store!r}; it can be dynamodb or pinpoint")
