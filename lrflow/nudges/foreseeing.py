"""Live a route's messages ahead from what the database holds now: what preview, why and calendar all ask."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from lrflow import store
from lrflow.clock import today
from lrflow.database import Database, Row, Unit
from lrflow.errors import Misused
from lrflow.nudges.assembling import ground_now
from lrflow.nudges.composing import View
from lrflow.nudges.doubting import may_leave_twice
from lrflow.nudges.wording import reading
from lrflow.planner import WINDOW, Course, Foreseen, Ground, Intended, Key, Known, Ledger, unreachable

EARLIER = timedelta(days=1)  # a day begins somewhere else first
FARTHEST = timedelta(days=400)  # what lies further ahead depends on more than can be supposed


def course_of(unit: Unit, key: str, now: datetime) -> Course:
    """The course of the route *key* from *now* on, and of every live route that writes to the same people.

    A route that rehearses is looked at as if it went live today.
    """
    route = store.read_route(unit, key)
    zone = store.programme_zone(unit, route)
    keys = dict.fromkeys([key, *store.routes_beside(unit, route.id)])
    written, doubtful = store.written_days(unit, today(now, zone) - WINDOW - EARLIER), _in_doubt(unit)
    for row in doubtful:
        written.setdefault(row["person"], []).append(date.fromisoformat(row["local_on"]))
    unsure = {(line["route_key"], store.key_of(line)) for row in doubtful for line in store.lines_of(unit, row["id"])}
    grounds = {
        each: _as_live(
            _with_waiting(ground_now(unit, each, now), {line for at, line in unsure if at == each}), now, zone
        )
        for each in keys
    }
    known: dict[int | None, str] = {}

    def reach(person: int | None) -> str:
        if person not in known:
            record = store.shared_record(unit, "person", person) if person is not None else None
            known[person] = unreachable(record, today(now, zone))
        return known[person]

    return Course.of(grounds, written, reach, zone, now)


def end_of(day: date) -> datetime:
    """The instant by which *day* is over everywhere."""
    return datetime.combine(day, datetime.max.time(), UTC) + EARLIER


def check_near(on: date | None, now: datetime) -> None:
    """Refuse a day that lies too far ahead to be lived until then."""
    if on is not None and on > now.date() + FARTHEST:
        raise Misused(f"{on} lies too far ahead to say what leaves then", remedy="name a day of the next 400")


def _as_live(ground: Ground, now: datetime, zone: str) -> Ground:
    if ground.moment.live_on is not None:
        return ground
    here = today(now, zone)
    live = {**ground.facts.route.values, "live_on": here.isoformat()}
    facts = replace(ground.facts, route=replace(ground.facts.route, values=live))
    return replace(ground, facts=facts, moment=replace(ground.moment, live_on=here))


def _in_doubt(unit: Unit) -> list[Row]:
    """Messages that were begun and that nobody closed: they may have left, and do not leave again by themselves."""
    may_leave_again = may_leave_twice(unit)
    return [row for row in store.begun_messages(unit) if not may_leave_again(row["id"])]


def _with_waiting(ground: Ground, unsure: set[Key]) -> Ground:
    """What lies in a message that has not begun may still fall out of it, and is asked again."""
    nudges = {key: _as_after_a_stop(known, unsure) for key, known in ground.ledger.nudges.items()}
    return replace(ground, ledger=Ledger(ground.ledger.armings, nudges))


def _as_after_a_stop(known: Known, unsure: set[Key]) -> Known:
    if known.state != "assembled":
        return known
    return replace(known, state="unsure") if known.key in unsure else replace(known, state="planned", closed_on=None)


Seen = dict[tuple[str, int], View]  # routes as they were looked at already, by the ground of that moment


def rows_of(unit: Unit, message: Foreseen, seen: Seen) -> tuple[list[Row], dict[int, View]]:
    """The nudges of a foreseen message as rows to be worded, and each of their routes as it will be then."""
    rows: list[Row] = []
    views: dict[int, View] = {}
    for place, (key, each) in enumerate(message.lines):
        route = store.read_route(unit, key)
        ground = message.grounds[key]
        moment = (key, id(ground))
        if moment not in seen:
            seen[moment] = View(key, ground, message.plans[key], reading(ground.definition, ground.facts))
        views[route.id] = seen[moment]
        rule, subject, role, seq, epoch = each.key
        identity = {"rule": rule, "subject": subject, "role": role, "seq": seq, "epoch": epoch, "route_key": key}
        days = {"nominal_on": each.nominal_on.isoformat(), "local_on": each.local_on.isoformat()}
        when = {"at": each.at.isoformat("minutes"), "zone": each.zone, "person": each.person}
        number = store.number_of(unit, key, each.key)
        rows.append({"id": -place - 1, "route_id": route.id, "number": number, **identity, **days, **when})
    return rows, views


def messages_until(course: Course, end: date) -> Iterator[Foreseen]:
    """The messages that leave up to the end of the day *end*, wherever their readers are."""
    for happened in course.until(end_of(end)):
        if isinstance(happened, Foreseen) and happened.local_on <= end:
            yield happened


def days_ahead(database: Database, key: str, now: datetime, end: date) -> list[tuple[date, str]]:
    """What leaves for the route up to *end*, day by day, a line for each nudge, as the daemon will send it.

    Not more than four hundred days ahead.
    """
    with database.begin() as unit:
        route = store.read_route(unit, key)
        if route.status not in ("active", "on_hold"):
            return []
        end = min(end, now.date() + FARTHEST)
        numbers, names = store.numbers_of(unit, route.id), store.names_of(unit, "person")
        return [
            (message.local_on, f"{_called(each, numbers)} to {names.get(message.person, '?')}")
            for message in messages_until(course_of(unit, key, now), end)
            for where, each in message.lines
            if where == key
        ]


def _called(each: Intended, numbers: Mapping[Key, int]) -> str:
    number = numbers.get(each.key)
    return f"{f'N{number} ' if number else ''}{each.key[0]} {each.key[1]}"
