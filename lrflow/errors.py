"""Every refusal, with its sentence, its remedy and its exit code."""

from collections.abc import Sequence


class LrflowError(Exception):
    """Something a person can put right: what happened, why, and what to type.

    *problems* lists every fault of one kind at once; *remedy* lists commands or advice, one per line.
    """

    exit_code = 1
    code = "unexpected"

    def __init__(self, message: str, *, problems: Sequence[str] = (), remedy: Sequence[str] | str = ()) -> None:
        super().__init__(message)
        self.message = message
        self.problems = tuple(problems)
        self.remedy = (remedy,) if isinstance(remedy, str) else tuple(remedy)


class Misused(LrflowError):
    """The words typed cannot be read: an unknown field, an impossible date, a missing actor."""

    exit_code = 2
    code = "usage"


class Refused(LrflowError):
    """The move or edit is not allowed now: a guard, a state or a role stands against it."""

    exit_code = 3
    code = "blocked"


class NotFound(LrflowError):
    """No such route, record, person or file."""

    exit_code = 4
    code = "not_found"


class PartlyDone(LrflowError):
    """Some of what was asked is done; the rest is listed."""

    exit_code = 5
    code = "partly_done"


class Busy(LrflowError):
    """Someone else holds the database, or has changed what was to be changed."""

    exit_code = 6
    code = "busy"


class Unavailable(LrflowError):
    """Settings, database, disk or connection stand in the way."""

    exit_code = 7
    code = "unavailable"
