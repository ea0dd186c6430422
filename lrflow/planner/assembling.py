"""Put a person's nudges of a day into one message, if there may be one now; and say why not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from lrflow.calendars import Calendar
from lrflow.clock import today

A_WEEK = 2  # messages to one person in seven days, over all rules
WINDOW = timedelta(days=6)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A nudge as a message is made of it: since when it is due, its hour, and what lets it pass.

    *urgent* passes the week's two messages; *woken*, that a person wants it now, quiet hours and days off as well.
    """

    due: datetime
    local_on: date
    at: time
    urgent: bool = False
    woken: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a person's message of the day *on* may be made now, of which of the nudges; otherwise *why* not."""

    on: date
    chosen: tuple[int, ...]
    why: str = ""


def assemble(calendar: Calendar, waiting: Sequence[Waiting], recent: Sequence[date], now: datetime) -> Verdict:
    """The message that *waiting*, all of one person with *calendar*, makes at *now* (aware).

    *recent* are the days of the last seven on which a message left or is leaving. When the earliest is due, everything
    of that local day comes along, whatever its hour; what had to wait leaves at its hour too. *chosen* are places in
    *waiting*.
    """
    here = today(now, calendar.zone)
    due = [each for each in waiting if each.due <= now]
    if not due:
        return Verdict(here, (), "nothing is due yet")
    woken = any(each.woken for each in due)
    if now < calendar.instant(here, calendar.hour(min(each.at for each in due))) and not woken:
        return Verdict(here, (), "its hour has not come")
    if why := why_not_today(calendar, now, recent, urgent=any(each.urgent for each in due), woken=woken):
        return Verdict(here, (), why)
    return Verdict(here, tuple(place for place, each in enumerate(waiting) if each.local_on <= here))


def why_not_today(
    calendar: Calendar, now: datetime, written: Sequence[date], *, urgent: bool, woken: bool = False
) -> str:
    """Why a person may not get a message now; empty when one may be sent.

    On a working day, inside the hours, none today yet, at most two in a week. *written* are the days of the last seven
    on which one left. Only what is *urgent* goes beyond the week's two; what is *woken* asks only for none today.
    """
    here = today(now, calendar.zone)
    if here in written:
        return "one message a day was sent already"
    if woken:
        return ""
    if not calendar.is_working(here):
        return f"{calendar.holidays.get(here, 'the weekend')} there"
    if calendar.in_quiet_hours(now):
        return "quiet hours there"
    return "" if urgent or len(set(written)) < A_WEEK else "two messages were sent within seven days"
