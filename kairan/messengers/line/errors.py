"""LINE's failures, as subclasses of the errors that every messenger may raise (`kairan.messengers.port`)."""

from kairan.errors import UnauthorizedError, UnavailableError
from kairan.messengers.port import Refused


class LineRejectedError(Refused):
    """LINE's 4xx other than 401, 409 and 429. `refusal.properties` are LINE's `details[].property`."""

    code = "line_rejected"

    def __str__(self) -> str:
        return f"LINE answered {self.refusal.status}: {self.refusal.message}"


class LineUnauthorizedError(UnauthorizedError):
    code = "line_unauthorized"


class LineUnavailableError(UnavailableError):
    code = "line_unavailable"


class LineTimedOutError(LineUnavailableError):
    code = "line_timed_out"
