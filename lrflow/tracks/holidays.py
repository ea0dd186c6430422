"""Correct the holidays of a country: a feast announced the evening before moves what was planned for its day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from lrflow import store
from lrflow.calendars import zones_by_country
from lrflow.catalogue import Field
from lrflow.catalogue.reading import read_country, read_day, read_value
from lrflow.database import Database, Row, Unit
from lrflow.errors import Misused, NotFound, Refused
from lrflow.store import Act, Standing
from lrflow.tracks.values import period_around

NAME = Field("name", "text", "what is celebrated")
NEAR = timedelta(days=3)  # so far a feast may lie from the day that was estimated
ADDED, REMOVED = "add-holiday", "remove-holiday"


@dataclass(frozen=True, slots=True)
class Moved:
    """Nudges of a route that left one day for another; without a day after, they fall silent or begin anew."""

    route: str
    before: date
    after: date | None
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Corrected:
    """A day that is a holiday now, or none any more; what it was before, and what moved with it.

    *beside* are estimated holidays of the country close to it: where a feast came a day later, one of them is none.
    """

    country: str
    on: date
    name: str
    was: str  # what it was: "", "estimated", "certain"
    entry: int
    moved: tuple[Moved, ...]
    beside: tuple[Row, ...] = ()


def holidays(database: Database, first: date, last: date, country: str = "") -> list[Row]:
    """The holidays from *first* to *last* of the countries in use, or of one; those taken out included.

    Raises `NotFound` for a country that nobody of the programme works in, `Misused` for one that is none.
    """
    with database.begin() as unit:
        code = _country(country, store.countries_in_use(unit)) if country else ""
        return [row for row in store.holidays_kept(unit, first, last) if row["country"] == (code or row["country"])]


def add_holiday(database: Database, country: str, day: str, name: str, act: Act) -> Corrected:
    """Let *day* be a holiday of *country* called *name*; what is planned for it moves, what was sent stays.

    A holiday that was estimated is certain from then on. Raises `Misused` for an unreadable day or name, `Refused`
    when the actor neither owns nor coordinates.
    """
    with database.begin(write=True, keep=not act.dry_run) as unit:
        standing, code, on = _stand(unit, country, day, act)
        called = read_value(NAME, name, act.day)
        if not called:
            raise Misused("a holiday needs a name", remedy=f'lrflow holiday add {code} {on} "Eid al-Fitr"')
        before = _holiday(unit, code, on)
        if before is not None and before["name"] == called and before["source"] != store.ESTIMATED:
            return Corrected(code, on, called, "certain", 0, ())
        step = (before["name"] if before else None, called)
        entry, moved = _correct(unit, standing, act, (ADDED, code, on, called), step)
        was = "" if before is None else "estimated" if before["source"] == store.ESTIMATED else "certain"
        return Corrected(code, on, called, was, entry, moved, _beside(unit, code, on))


def remove_holiday(database: Database, country: str, day: str, act: Act) -> Corrected:
    """Let *day* be no holiday of *country*, whatever the calendars say; what had moved off it moves back.

    Raises `NotFound` when it is none, with those near it.
    """
    with database.begin(write=True, keep=not act.dry_run) as unit:
        standing, code, on = _stand(unit, country, day, act)
        before = _holiday(unit, code, on)
        if before is None:
            near = [_told(row) for row in _around(unit, code, on, 2 * NEAR)]
            what = f"{on:%A} {on.day} {on:%B} {on.year} is no holiday in {code}"
            raise NotFound(what, problems=near, remedy=f"lrflow holiday list {code} --year {on.year}")
        step = (before["name"], "working day")
        entry, moved = _correct(unit, standing, act, (REMOVED, code, on, before["name"]), step)
        was = "estimated" if before["source"] == store.ESTIMATED else "certain"
        return Corrected(code, on, before["name"], was, entry, moved)


def _stand(unit: Unit, country: str, day: str, act: Act) -> tuple[Standing, str, date]:
    standing = store.stand_aside(unit, act)
    if not {"owner", "coordinator"} & set(standing.roles):
        raise Refused(f"{act.actor} is {standing.role} and may not correct holidays", remedy="ask the coordinator")
    store.copy_calendars(unit, act.now)  # of a country that came into use by an undo, say
    code = _country(country, store.countries_in_use(unit))
    on = read_day(day, act.day, period=period_around(standing.facts))
    return standing, code, date.fromisoformat(on)


def _country(text: str, known: Sequence[str]) -> str:
    code = read_country(text)
    if code in known:
        return code
    if code not in zones_by_country():
        raise Misused(f"there is no country {code}", problems=[f"in use: {', '.join(known) or 'none'}"])
    says = [f"in use: {', '.join(known)}"] if known else []
    raise NotFound(f"nobody of this programme works in {code}", problems=says, remedy="lrflow holiday list")


def _holiday(unit: Unit, country: str, on: date) -> Row | None:
    return next(iter(_around(unit, country, on, timedelta())), None)


def _around(unit: Unit, country: str, on: date, span: timedelta) -> list[Row]:
    rows = store.holidays_kept(unit, on - span, on + span)
    return [row for row in rows if row["country"] == country and not row["cancelled"]]


def _beside(unit: Unit, country: str, on: date) -> tuple[Row, ...]:
    return tuple(row for row in _around(unit, country, on, NEAR) if row["source"] == store.ESTIMATED)


def _told(row: Row) -> str:
    return f"{row['on_day']} {row['name']}{' (estimated)' if row['source'] == store.ESTIMATED else ''}"


def _correct(
    unit: Unit, standing: Standing, act: Act, what: tuple[str, str, date, str], step: tuple[str | None, str]
) -> tuple[int, tuple[Moved, ...]]:
    """Write the correction and its log entry, plan every open route anew; the entry, and what moved."""
    verb, code, on, name = what
    before = _open_nudges(unit)
    store.correct_holiday(unit, code, on, name, cancelled=verb == REMOVED)
    entry = store.entry_of(standing, act, verb, f"{code} {on}", "done", step=step)
    number = store.log_entry(unit, standing, entry, shared=True)
    store.replan_all(unit, act.now)
    return number, _compared(before, _open_nudges(unit))


def _open_nudges(unit: Unit) -> Mapping[tuple[str, int], date]:
    """The day of each nudge of every open route that is planned or held, by route and number."""
    return {
        (route.key, row["number"]): date.fromisoformat(row["local_on"])
        for route in store.routes_of(unit)
        if route.status in ("active", "on_hold")
        for row in store.nudges_of(unit, route.id, ["planned", "held"])
    }


def _compared(before: Mapping[tuple[str, int], date], after: Mapping[tuple[str, int], date]) -> tuple[Moved, ...]:
    moved: dict[tuple[str, date, date | None], list[int]] = {}
    for (route, number), day in before.items():
        now = after.get((route, number))
        if now != day:
            moved.setdefault((route, day, now), []).append(number)
    return tuple(Moved(*place, tuple(sorted(numbers))) for place, numbers in moved.items())
