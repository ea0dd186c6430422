"""Lengths of time as people write them ("3d", "1mo", "5wd"), counted on days."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal, assert_never, cast

from lrflow.calendars.working import Calendar
from lrflow.errors import Misused

Unit = Literal["h", "d", "w", "mo", "wd"]

# Four digits reach past every programme and keep the arithmetic inside the years a date can have.
SPAN = re.compile(r"([1-9][0-9]{0,3})(h|d|wd|w|mo)")
WHEN = re.compile(r"(?P<anchor>[a-z][a-z0-9_]*)(?:\s*(?P<sign>[+-])\s*(?P<span>\S+))?")
SPANS = "write 3d (days), 2w (weeks), 1mo (months), 5wd (working days) or 12h (hours)"
WHENS = 'write "due", "final_due + 3d", "visit_start - 12w", "visit_end + 1mo" or "visit_end + 5wd"'


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time: *count* (at least 1) hours, days, weeks, months or working days."""

    count: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class When:
    """A day told from an *anchor*: a *span* after (*sign* 1) or before it (-1); without one, its own day."""

    anchor: str
    span: Span | None
    sign: int

    def on(self, anchor_day: date, calendar: Calendar) -> date:
        """The day meant when the anchor falls on *anchor_day*: arithmetic only, weekends and holidays stay.

        Raises:
            Misused: the day would lie outside the years 1 to 9999.
        """
        return anchor_day if self.span is None else later(anchor_day, self.span, calendar, times=self.sign)


@lru_cache(maxsize=512)  # a workflow's few words, read again for every record in every plan
def read_span(text: str) -> Span:
    """Read "3d", "2w", "1mo", "5wd" or "12h".

    Raises:
        Misused: *text* is anything else, also with spaces inside, a count of 0, or more than four digits.
    """
    found = SPAN.fullmatch(text.strip())
    if found is None:
        raise Misused(f"not a span of time: {text!r}", remedy=SPANS)
    return Span(int(found[1]), cast(Unit, found[2]))


@lru_cache(maxsize=512)
def read_when(text: str) -> When:
    """Read "due", "final_due + 3d", "visit_end+1mo" or "visit_start - 12w".

    Raises:
        Misused: *text* is anything else, or counts hours, which days do not have.
    """
    found = WHEN.fullmatch(text.strip())
    if found is None:
        raise Misused(f"not a day told from a date: {text!r}", remedy=WHENS)
    if found["span"] is None:
        return When(found["anchor"], None, 1)
    span = read_span(found["span"])
    if span.unit == "h":
        raise Misused(f"hours cannot be counted from a day: {text!r}", remedy=WHENS)
    return When(found["anchor"], span, 1 if found["sign"] == "+" else -1)


def later(day: date, span: Span, calendar: Calendar, *, times: int = 1) -> date:
    """The day *times* spans after *day*, before it when *times* is negative.

    Months stop at the month's last day, always told from *day*: 31 January and one month is 28 February, and
    two months 31 March. Working days are those of *calendar*; *day* itself is not counted. Nothing else moves
    off a weekend or holiday.

    Raises:
        Misused: the span is in hours, or the day would lie outside the years 1 to 9999.
    """
    count = span.count * times
    try:
        match span.unit:
            case "d":
                return day + timedelta(days=count)
            case "w":
                return day + timedelta(weeks=count)
            case "mo":
                return _plus_months(day, count)
            case "wd":
                return calendar.plus_working(day, count)
            case "h":
                raise Misused(f"hours cannot be counted from a day: {span.count}h", remedy=SPANS)
            case _:
                assert_never(span.unit)
    except (OverflowError, ValueError):
        raise Misused(
            f"{count}{span.unit} from {day.isoformat()} leaves the calendar", remedy="use a shorter span"
        ) from None


def _plus_months(day: date, count: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    first = date(year, month + 1, 1)
    return first.replace(day=min(day.day, monthrange(first.year, first.month)[1]))
