"""Write what was decided: stages, statuses, states, waivers, the pinned text of workflows."""

import json
from dataclasses import replace
from datetime import date, datetime

from lrflow.catalogue import KINDS
from lrflow.clock import to_us
from lrflow.database import Row, Unit
from lrflow.definition import Definition
from lrflow.errors import Busy
from lrflow.facts import Record
from lrflow.rows import columns_of
from lrflow.store.facts_of import RouteRow
from lrflow.store.people import programme_of
from lrflow.workflow import canonical, pinned


def pin_definition(unit: Unit, definition: Definition, now: datetime) -> None:
    """Keep the text of *definition*, so that routes can follow it whatever becomes of the files."""
    unit.run(
        """INSERT INTO definition (digest, name, text, folder, added_us) VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT (digest) DO UPDATE SET folder = excluded.folder""",
        definition.digest,
        definition.name,
        canonical(definition),
        definition.folder or None,
        to_us(now),
    )


def read_definition(unit: Unit, digest: str) -> Definition:
    """The workflow pinned as *digest*."""
    row = unit.one("SELECT text, folder FROM definition WHERE digest = $1", digest)
    definition = pinned(row["text"] if row else "{}")
    return replace(definition, folder=row["folder"]) if row and row["folder"] else definition


def open_route(unit: Unit, key: str, definition: Definition, on: date, now: datetime) -> None:
    """Open a route at the beginning of *definition*; one of that name that was taken back lives again, empty."""
    row: Row = {
        "programme_id": programme_of(unit)["id"],
        "key": key,
        "digest": definition.digest,
        "stage": definition.path[0],
        "status": "active",
        "rev": 1,
        "stage_entered_on": on.isoformat(),
        "sent_back": "{}",
        "version": 1,
        "created_us": to_us(now),
    }
    there = unit.one("SELECT rev, version FROM route WHERE key = $1", key)
    if there is None:
        unit.insert("route", row)
        return
    empty = dict.fromkeys(column for field in KINDS["route"].fields for column in field.columns)
    counted = {"rev": there["rev"] + 1, "version": there["version"] + 1}
    columns = {**empty, **row, **counted, "review_on": None, "held_on": None, "live_on": None, "removed_us": None}
    names = ", ".join(f"{name} = ${number}" for number, name in enumerate(columns, 2))
    unit.run(f"UPDATE route SET {names} WHERE key = $1", key, *columns.values())


def keep_parameter(unit: Unit, route_id: int, name: str, value: str, reason: str) -> None:
    """Let *value* stand in for the workflow's own number on this route."""
    unit.run(
        """INSERT INTO parameter (route_id, name, value, reason) VALUES ($1, $2, $3, $4)
           ON CONFLICT (route_id, name) DO UPDATE SET value = excluded.value, reason = excluded.reason""",
        route_id,
        name,
        value,
        reason,
    )


def move_route(unit: Unit, route: RouteRow, values: Row) -> None:
    """Write stage, status or dates of *route*; its rev is the witness that nobody moved it meanwhile."""
    names = ", ".join(f"{name} = ${number}" for number, name in enumerate(values, 3))
    changed = unit.run(
        f"UPDATE route SET rev = rev + 1, {names} WHERE id = $1 AND rev = $2", route.id, route.rev, *values.values()
    )
    if changed != 1:
        raise Busy(f"{route.key} was changed by someone else a moment ago: nothing was changed", remedy="lrflow status")


def touch_route(unit: Unit, route: RouteRow) -> None:
    """Count one more change of *route*, with its rev as witness."""
    changed = unit.run("UPDATE route SET rev = rev + 1 WHERE id = $1 AND rev = $2", route.id, route.rev)
    if changed != 1:
        raise Busy(f"{route.key} was changed by someone else a moment ago: nothing was changed", remedy="lrflow status")


def next_key(
    unit: Unit, route_id: int, kind: str, parent: str, month: int | None, given: dict[str, int] | None = None
) -> tuple[str, int]:
    """The next id of *kind*, never used before: E16, A1.3 under plan A1, Q3.6 for delegation D3 at month 6.

    *given* remembers the last numbers inside one transaction, so that a long list does not count all before each.
    """
    described = KINDS[kind]
    place = parent if kind == "action" else described.letter
    if given is not None and kind != "checkin":
        if place not in given:
            given[place] = next_key(unit, route_id, kind, parent, month)[1] - 1
        given[place] += 1
        return f"{parent}.{given[place]}" if kind == "action" else f"{place}{given[place]}", given[place]
    if kind == "checkin":
        return f"Q{parent[1:]}.{month}", month or 0
    if kind == "action":
        row = unit.one("SELECT max(number) AS last FROM action WHERE route_id = $1 AND plan = $2", route_id, parent)
        number = ((row or {}).get("last") or 0) + 1
        return f"{parent}.{number}", number
    sharers = [name for name in KINDS if KINDS[name].letter == described.letter and name != "action"]
    highest = 0
    for name in sharers:
        row = unit.one(f'SELECT max(number) AS last FROM "{name}" WHERE route_id = $1', route_id)
        highest = max(highest, (row or {}).get("last") or 0)
    return f"{described.letter}{highest + 1}", highest + 1


def set_state(unit: Unit, route_id: int, record: Record, state: str, values: Row, on: date) -> None:
    """Write the new *state* of *record* with the *values* given along; its version is the witness."""
    columns = {**columns_of(record.kind, values), "state": state, "touched_on": on.isoformat()}
    names = ", ".join(f'"{name}" = ${number}' for number, name in enumerate(columns, 4))
    changed = unit.run(
        f'UPDATE "{record.kind}" SET version = version + 1, {names} WHERE route_id = $1 AND key = $2 AND version = $3',
        route_id,
        record.key,
        record["version"],
        *columns.values(),
    )
    if changed != 1:
        raise Busy(
            f"{record.key} was changed by someone else a moment ago: nothing was changed",
            remedy=f"lrflow show {record.key}",
        )


def add_waiver(unit: Unit, route_id: int, values: Row) -> str:
    """Keep a waiver; its id, e.g. W2."""
    row = unit.one("SELECT max(number) AS last FROM waiver WHERE route_id = $1", route_id)
    number = ((row or {}).get("last") or 0) + 1
    unit.insert("waiver", {"route_id": route_id, "key": f"W{number}", "number": number, "state": "active", **values})
    return f"W{number}"


def end_waivers(unit: Unit, route_id: int, stage: str, on: date, state: str) -> list[str]:
    """End the waivers given for *stage*: a waiver holds for one stay. Their ids."""
    rows = unit.all("SELECT key FROM waiver WHERE route_id = $1 AND stage = $2 AND state = 'active'", route_id, stage)
    for row in rows:
        unit.run(
            "UPDATE waiver SET state = $3, ended_on = $4 WHERE route_id = $1 AND key = $2",
            route_id,
            row["key"],
            state,
            on.isoformat(),
        )
    return [row["key"] for row in rows]


def sent_back(route: RouteRow) -> dict[str, int]:
    """How often the route was sent back from each stage."""
    return dict(json.loads(route.row["sent_back"]))
