"""Read all the facts of one route, a statement for each kind of record."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from lrflow.calendars import PLAIN, later, read_span
from lrflow.catalogue import KINDS, Money
from lrflow.database import Row, Unit
from lrflow.definition import Definition
from lrflow.errors import NotFound
from lrflow.facts import DERIVATIONS, Facts, Record, Waiver
from lrflow.rows import record_of
from lrflow.store.addresses import PEOPLE
from lrflow.store.notices import people_told, read_notices

_PEOPLE_OF_ROUTE = f"""
    WITH RECURSIVE here (id) AS (
        SELECT person FROM participant WHERE route_id = $1
        UNION SELECT person FROM champion WHERE route_id = $1
        UNION SELECT lead FROM delegation WHERE route_id = $1
        UNION SELECT focal_point FROM delegation WHERE route_id = $1
        UNION SELECT owner FROM plan WHERE route_id = $1
        UNION SELECT person FROM action WHERE route_id = $1
        UNION SELECT person FROM role_holder WHERE route_id = $1 OR route_id IS NULL
        UNION SELECT other.id FROM here JOIN person ON person.id = here.id
            JOIN person AS other ON other.id IN (person.deputy, person.successor))
    {PEOPLE} WHERE person.id IN (SELECT id FROM here)
"""
_WAIVERS = """
    SELECT waiver.*, person.name AS actor_name FROM waiver JOIN person ON person.id = waiver.actor
    WHERE route_id = $1 ORDER BY number
"""
_HOLDERS = """
    SELECT role, person FROM role_holder
    WHERE until_us IS NULL AND (route_id = $1 OR route_id IS NULL)
    ORDER BY CASE WHEN route_id IS NULL THEN 1 ELSE 0 END, id
"""
_ELSEWHERE = """
    SELECT 'budget' AS kind, amount_currency AS currency, rate, SUM(amount_minor) AS minor FROM budget
    WHERE route_id <> $1 AND removed_us IS NULL AND state <> 'cancelled' GROUP BY amount_currency, rate
    UNION ALL
    SELECT 'plan', award_currency, award_rate, SUM(award_minor) FROM plan
    WHERE route_id <> $1 AND removed_us IS NULL AND award_minor IS NOT NULL GROUP BY award_currency, award_rate
"""


@dataclass(frozen=True, slots=True)
class RouteRow:
    """What tells one route from another, and where it stands."""

    id: int
    key: str
    digest: str
    stage: str
    status: str
    rev: int
    row: Row


def read_route(unit: Unit, key: str, *, removed: bool = False) -> RouteRow:
    """The route called *key*, or `NotFound` with the ones there are; one that was taken back only with *removed*."""
    row = unit.one("SELECT * FROM route WHERE key = $1", key)
    if row is None or (row["removed_us"] is not None and not removed):
        known = [each.key for each in routes_of(unit)[:20]]
        near = [each for each in known if key and key in each]
        remedy = f"lrflow use {near[0]}" if len(near) == 1 else "lrflow list route"
        raise NotFound(
            f"there is no route {key!r}",
            problems=known,
            remedy=remedy if known else 'lrflow add route rwanda-2016 "Learning Route in Rwanda" planned_visit=2016-09',
        )
    return _route_row(row)


def _route_row(row: Row) -> RouteRow:
    return RouteRow(row["id"], row["key"], row["digest"], row["stage"], row["status"], row["rev"], row)


def routes_of(unit: Unit) -> list[RouteRow]:
    """Every route, by key."""
    return [_route_row(row) for row in unit.all("SELECT * FROM route WHERE removed_us IS NULL ORDER BY key")]


def facts_of(unit: Unit, route: RouteRow, definition: Definition, today: date) -> Facts:
    """The facts of *route* on *today*: every record that was not removed, and what the programme knows."""
    records = {kind.name: _records(unit, kind.name, route.id) for kind in KINDS.values() if kind.letter}
    waivers = unit.all(_WAIVERS, route.id)
    notices, people = read_notices(unit, route.id), _of(unit, "person", _PEOPLE_OF_ROUTE, route.id)
    roles: dict[str, tuple[int, ...]] = {}
    for row in unit.all(_HOLDERS, route.id):
        roles[row["role"]] = (*roles.get(row["role"], ()), row["person"])
    programme = unit.one("SELECT * FROM programme WHERE id = $1", route.row["programme_id"])
    return Facts(
        route=_route_record(route, definition, roles),
        programme=record_of("programme", programme or {"id": 0}),
        records={
            **records,
            "organisation": _of(
                unit, "organisation", "SELECT * FROM organisation WHERE removed_us IS NULL ORDER BY name"
            ),
            "person": (*people, *people_told(unit, notices, people)),
            "notice": notices,
            "waiver": tuple(Record("waiver", row["key"], row) for row in waivers),
        },
        parameters=_parameters(unit, route.id, definition),
        today=today,
        holidays=_host_holidays(unit, route.row["host_country"]),
        waivers=tuple(_waiver(row) for row in waivers if row["state"] == "active" and row["stage"] == route.stage),
        roles=roles,
        derivations=DERIVATIONS,
    )


def spent_elsewhere(unit: Unit, route_id: int) -> tuple[Record, ...]:
    """What the programme's other routes cost: one record for each kind, currency and rate.

    Asked only where a route is judged, not where all are planned: it reads the money of every route.
    """
    names = {"budget": ("amount", "rate"), "plan": ("award", "award_rate")}
    return tuple(
        Record(
            row["kind"],
            "other-routes",
            dict(zip(names[row["kind"]], (Money(int(row["minor"]), row["currency"]), row["rate"]), strict=True)),
        )
        for row in unit.all(_ELSEWHERE, route_id)
    )


def _records(unit: Unit, kind: str, route_id: int) -> tuple[Record, ...]:
    sql = f'SELECT * FROM "{KINDS[kind].table}" WHERE route_id = $1 AND removed_us IS NULL ORDER BY number, key'
    return _of(unit, kind, sql, route_id)


def _of(unit: Unit, kind: str, sql: str, *values: Any) -> tuple[Record, ...]:
    return tuple([record_of(kind, row) for row in unit.all(sql, *values)])


def _route_record(route: RouteRow, definition: Definition, roles: Mapping[str, tuple[int, ...]]) -> Record:
    record = record_of("route", route.row)
    held = {role: list(people) or None for role, people in roles.items()}
    return Record("route", record.key, {**held, **record.values, "stage_due": _stage_due(route, definition)})


def _stage_due(route: RouteRow, definition: Definition) -> str | None:
    if route.stage not in definition.stages:
        return None
    entered = date.fromisoformat(route.row["stage_entered_on"])
    return later(entered, read_span(definition.stages[route.stage].target), PLAIN).isoformat()


def _parameters(unit: Unit, route_id: int, definition: Definition) -> dict[str, Any]:
    values: dict[str, Any] = {
        name: list(each.value) if isinstance(each.value, tuple) else each.value
        for name, each in definition.parameters.items()
    }
    for row in unit.all("SELECT name, value FROM parameter WHERE route_id = $1", route_id):
        values[row["name"]] = read_number(row["value"])
    return values


def read_number(text: str) -> int | list[int]:
    """A parameter as it is kept: a number, or numbers joined by +."""
    return [int(each) for each in text.split("+")] if "+" in text else int(text)


def _host_holidays(unit: Unit, country: str | None) -> dict[str, dict[date, str]]:
    rows = unit.all("SELECT on_day, name FROM holiday WHERE country = $1 AND NOT cancelled", country or "")
    return {country: {date.fromisoformat(row["on_day"]): row["name"] for row in rows}} if country else {}


def _waiver(row: Row) -> Waiver:
    until = date.fromisoformat(row["until_on"])
    what = (row["key"], row["guard"], row["stage"], row["reason"], row["actor_name"])
    return Waiver(*what, until, row["have"], row["floor"])
