"""What tests of the planner share: its ground, and the ledger after a plan was written or its messages left."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any

from small_facts import definition, facts

from lrflow.calendars import Calendar
from lrflow.facts import Facts
from lrflow.planner import Ground, Intended, Key, Ledger, Moment, Plan, applied

__all__ = ["EMPTY", "LIVE", "NOW", "WORKDAYS", "applied", "at", "days", "ground", "only", "sent", "visit"]

WORKDAYS = Calendar("UTC", frozenset({6, 7}), {})
EMPTY = Ledger({}, {})
LIVE = date(2016, 1, 1)


def at(day: str, hour: int = 6) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(hour), UTC)


def ground(
    rules: Mapping[str, Mapping[str, Any]],
    known: Facts,
    now: datetime,
    ledger: Ledger = EMPTY,
    *,
    live_on: date | None = LIVE,
    calendar_of: Callable[[int | None], Calendar] = lambda _: WORKDAYS,
    **parts: Any,
) -> Ground:
    """Everything a plan is made of, on the day of *now*."""
    rules = {name: {"about": "route", "to": ["coordinator"], **rule} for name, rule in rules.items()}
    moment = Moment(now, now.date(), live_on)
    return Ground(definition(rules=rules, **parts), replace(known, today=now.date()), ledger, calendar_of, moment)


def sent(ledger: Ledger, day: str, *keys: Key) -> Ledger:
    """The ledger after the open nudges that were due on *day* (or *keys*) went out on it."""
    on = date.fromisoformat(day)
    gone = keys or [key for key, each in ledger.nudges.items() if each.state == "planned" and each.local_on <= on]
    return Ledger(
        ledger.armings,
        {**ledger.nudges, **{key: replace(ledger.nudges[key], state="sent", closed_on=on) for key in gone}},
    )


def days(made: Plan) -> list[tuple[str, str]]:
    """What of *made* is to be said or was held: day and state, in order."""
    return sorted((each.local_on.isoformat(), each.state) for each in made.intended.values())


def only(made: Plan) -> Intended:
    assert len(made.intended) == 1
    return next(iter(made.intended.values()))


def visit(end: str | None = "2016-11-04", **more: Any) -> Facts:
    return facts(route={"visit_end": end, **more}, roles={"coordinator": (1,), "facilitator": (2,)})


NOW = at("2016-10-03")  # a Monday
