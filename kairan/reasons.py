"""Why a person was not sent to. `docs/senders.md` explains each reason to people who send.

When an error concerned one recipient alone, the outcome carries the error's code instead (`kairan.errors`).
"""

from enum import StrEnum


class Reason(StrEnum):
    """Outcomes, answers and the ledger carry the value: it never changes."""

    # the caller's event leaves the person out
    NOT_CUSTOM_CHANNEL = "not_custom_channel"
    OPTED_OUT = "opted_out"
    INACTIVE = "inactive"
    INVALID_ENDPOINT = "invalid_endpoint"
    INVALID_ADDRESS = "invalid_address"
    DUPLICATE = "duplicate"
    INVALID_CUSTOMER_DATA = "invalid_customer_data"
    NO_CONTENT = "no_content"
    INVALID_IDEMPOTENCY_TOKEN = "invalid_idempotency_token"  # noqa: S105 - a reason, no password

    # the plan leaves the person out
    EMPTY_TEXT = "empty_text"
    INVALID_MESSAGE = "invalid_message"
    NOT_PLANNED = "not_planned"
    WITHDRAWN = "withdrawn"
    DRY_RUN = "dry_run"

    # the messenger refused the message, or its fate is unknown
    INVALID_USER_ID = "invalid_user_id"
    LINE_REJECTED = "line_rejected"
    MONTHLY_QUOTA = "monthly_quota"
    RETRY_WINDOW_CLOSED = "retry_window_closed"
    FATE_UNKNOWN = "fate_unknown"
