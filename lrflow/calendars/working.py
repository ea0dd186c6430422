"""The calendar of one person or place: zone, weekend, holidays and opening hours."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from lrflow.clock import today, zone_of
from lrflow.errors import Misused

DAY = timedelta(days=1)
WEEK = frozenset(range(1, 8))
USUAL_WEEKEND = frozenset({6, 7})


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days off, the opening hours and the IANA *zone* of one person or place.

    *weekend* holds ISO weekdays (1 = Monday), any set of them but all seven; *weekends* holds the ones that took its
    place, each by its first day. *holidays* maps days off to their names. The doors are open from *opens* up to, but
    not at, *closes*, both wall times in *zone*; the rest of every day is quiet hours.

    Raises:
        Misused: a weekday that is none, no working day in the week, or a closing time not after the opening.
    """

    zone: str
    weekend: frozenset[int]
    holidays: Mapping[date, str]
    opens: time = time(8)
    closes: time = time(18)
    weekends: Mapping[date, frozenset[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for weekend in (self.weekend, *self.weekends.values()):
            if not weekend < WEEK:
                raise Misused(
                    f"not a weekend: {sorted(weekend)}",
                    remedy="name ISO weekdays from 1 (Monday) to 7 (Sunday), and leave one to work on",
                )
        if not self.opens < self.closes:
            raise Misused(
                f"hours that close ({self.closes:%H:%M}) before they open ({self.opens:%H:%M})",
                remedy="give an opening and a later closing time on the same day, such as 08:00 and 18:00",
            )

    def is_weekend(self, day: date) -> bool:
        """Whether *day* is one of the days off of every week, as the weekend was then."""
        weekend = self.weekend
        if self.weekends:  # few countries, and this is asked for every day of every plan
            begun = [since for since in self.weekends if since <= day]
            weekend = self.weekends[max(begun)] if begun else weekend
        return day.isoweekday() in weekend

    def is_working(self, day: date) -> bool:
        """Whether *day* is neither in the weekend nor a holiday."""
        return day not in self.holidays and not self.is_weekend(day)

    def next_working(self, day: date) -> date:
        """The first working day from *day* on; *day* itself when it is one."""
        while not self.is_working(day):
            day += DAY
        return day

    def previous_working(self, day: date) -> date:
        """The last working day up to *day*; *day* itself when it is one."""
        while not self.is_working(day):
            day -= DAY
        return day

    def plus_working(self, day: date, count: int) -> date:
        """The *count*-th working day after *day*, before it when *count* is negative.

        *day* itself is never counted, working or not; a *count* of 0 gives *day* back as it is.
        """
        for _ in range(count):
            day = self.next_working(day + DAY)
        for _ in range(-count):
            day = self.previous_working(day - DAY)
        return day

    def working_between(self, after: date, until: date) -> int:
        """How many working days lie after *after*, up to and with *until*; 0 when *until* is not later."""
        days = (after + DAY * n for n in range(1, (until - after).days + 1))
        return sum(self.is_working(day) for day in days)

    def hour(self, at: time) -> time:
        """Wall time *at* where the doors are open then; otherwise the opening, so that the day stays the same."""
        return at if self.opens <= at < self.closes else self.opens

    def instant(self, day: date, at: time) -> datetime:
        """The instant of wall time *at* on *day* in this zone: aware, UTC.

        As RFC 5545 reads it: a time that the clocks skip keeps the offset before the gap, a time that comes
        twice is the first one.
        """
        return datetime.combine(day, at.replace(fold=0), tzinfo=zone_of(self.zone)).astimezone(UTC)

    def in_quiet_hours(self, instant: datetime) -> bool:
        """Whether *instant* (aware) is before opening or from closing on, where this calendar is.

        Only the hours are asked: noon on a holiday is not quiet. `next_opening` minds both.
        """
        # Instants are compared, not wall times: an hour that comes twice must not close the doors again.
        day = today(instant, self.zone)
        return not self.instant(day, self.opens) <= instant < self.instant(day, self.closes)

    def next_opening(self, instant: datetime) -> datetime:
        """The first instant from *instant* (aware) on that is a working day and not quiet: aware, UTC.

        An instant that is already open comes back as it is, so asking again changes nothing.
        """
        day = today(instant, self.zone)
        if self.is_working(day) and instant < self.instant(day, self.closes):
            return max(instant.astimezone(UTC), self.instant(day, self.opens))
        return self.instant(self.next_working(day + DAY), self.opens)


PLAIN = Calendar(zone="UTC", weekend=USUAL_WEEKEND, holidays={})  # for spans that are nobody's in particular
