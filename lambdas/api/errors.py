"""Errors of the API's own. All others that it answers are in `kairan.errors`.

ApiError
 - TooLargeError            413  a body larger than API Gateway and Lambda carry
 - NotFoundError            404  no such route, bucket or follower
 - MethodNotAllowedError    405  the route has another method
"""

from collections.abc import Sequence


class ApiError(Exception):
    """The root. The answer has `code` beside the sentence."""

    status = 500
    code = "api_error"


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
