"""What the API refuses by itself. What comes from the rooms of `kairan` is one of `kairan.errors`.

ApiError
 - InvalidRequestError      422  a body, header or path that is not as it must be; every fault named by its path
 - TooLargeError            413  more than the gateway and Lambda carry
 - NotFoundError            404  no such route, or nothing there
 - MethodNotAllowedError    405  a route that is called by another method
 - RetryWindowClosedError   409  nobody knows what became of a push, and LINE has forgotten its key
"""

from collections.abc import Sequence

from kairan.errors import Fault


class ApiError(Exception):
    """The root. `code` is what the answer carries beside the sentence."""

    status = 500
    code = "api_error"


class InvalidRequestError(ApiError):
    status = 422
    code = "invalid_request"

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(str(fault) for fault in faults))
        self.faults = faults


class TooLargeError(ApiError):
    status = 413
    code = "too_large"


class NotFoundError(ApiError):
    status = 404
    code = "not_found"


class MethodNotAllowedError(ApiError):
    status = 405
    code = "method_not_allowed"

    def __init__(self, method: str, allowed: Sequence[str]) -> None:
        super().__init__(f"{method} is not allowed here; use {' or '.join(allowed)}")
        self.allowed = tuple(allowed)


class RetryWindowClosedError(ApiError):
    status = 409
    code = "retry_window_closed"
