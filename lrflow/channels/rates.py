"""How fast a sender may send, as providers put it: so many a minute, so many a day."""

from dataclasses import dataclass

from lrflow.errors import Misused
from lrflow.settings import RATE, RATES


@dataclass(frozen=True, slots=True)
class Rate:
    """At most so many messages within a minute, and within a day; None sets no limit."""

    a_minute: int | None = None
    a_day: int | None = None

    def allowed(self, sent_last_minute: int, sent_today: int) -> bool:
        """Whether one more may leave after so many in the last sixty seconds, and so many on this day."""
        within_minute = self.a_minute is None or sent_last_minute < self.a_minute
        return within_minute and (self.a_day is None or sent_today < self.a_day)


UNLIMITED = Rate()


def read_rate(text: str) -> Rate:
    """Read "20/min 400/day", or one of the two; nothing sets no limit.

    Raises:
        Misused: *text* is anything else.
    """
    found = RATE.fullmatch(text.strip())
    if found is None:
        raise Misused(f"not a rate of sending: {text!r}", remedy=RATES)
    minute, day = found["min"], found["day"]
    return Rate(int(minute) if minute else None, int(day) if day else None)
