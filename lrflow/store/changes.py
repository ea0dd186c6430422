"""Changes of a record with their log entries: added, changed, moved to a state."""

from collections.abc import Mapping
from typing import Any

from lrflow.catalogue import KINDS
from lrflow.database import Row, Unit
from lrflow.facts import Record
from lrflow.rows import columns_of, plain_value
from lrflow.store.standing import Act, Standing, entry_of, log_entry
from lrflow.store.states import set_state


def add_record(
    unit: Unit,
    standing: Standing,
    act: Act,
    kind: str,
    key: tuple[str, int],
    values: Mapping[str, Any],
) -> int:
    """Add a record that a move brings with it, in the first state of its life; the number of its log entry."""
    state = standing.definition.lives[kind].path[0]
    fixed = {"route_id": standing.route.id, "key": key[0], "number": key[1], "state": state}
    place_row(unit, kind, {**fixed, "touched_on": act.day.isoformat(), **columns_of(kind, values)})
    return note_added(unit, standing, act, key[0], {**values, "state": state})


def place_row(unit: Unit, kind: str, row: Row) -> None:
    """Write a new record; where one of that id was taken back before (Q1.6 names its own), it comes to life again."""
    there = unit.one(f'SELECT version FROM "{kind}" WHERE route_id = $1 AND key = $2', row["route_id"], row["key"])
    if there is None:
        unit.insert(kind, {**row, "version": 1})
        return
    empty = dict.fromkeys(column for field in KINDS[kind].fields for column in field.columns)
    columns = {**empty, **row, "version": there["version"] + 1, "removed_us": None}
    names = ", ".join(f'"{name}" = ${number}' for number, name in enumerate(columns, 3))
    sql = f'UPDATE "{kind}" SET {names} WHERE route_id = $1 AND key = $2'
    unit.run(sql, row["route_id"], row["key"], *columns.values())


def note_added(unit: Unit, standing: Standing, act: Act, key: str, values: Mapping[str, Any]) -> int:
    """Log that the record *key* was added with *values*; the number of the entry."""
    changes = [
        {"of": key, "field": name, "before": None, "after": plain_value(value)} for name, value in values.items()
    ]
    entry = entry_of(standing, act, "add", key, "done", step=(None, values.get("state")), changes=changes)
    return log_entry(unit, standing, entry)


def change_state(
    unit: Unit,
    standing: Standing,
    act: Act,
    record: Record,
    state: str,
    values: Mapping[str, Any],
    findings: Any = (),
) -> int:
    """Move *record* into *state* with *values* given along, and log it; the number of the entry."""
    set_state(unit, standing.route.id, record, state, dict(values), act.day)
    changes = [
        {"of": record.key, "field": "state", "before": record.state, "after": state},
        *differences(record, values),
        *touched(record, act),
    ]
    step = (record.state, state)
    entry = entry_of(standing, act, "mark", record.key, "done", step=step, findings=findings, changes=changes)
    return log_entry(unit, standing, entry)


def touched(record: Record, act: Act) -> list[dict[str, Any]]:
    """That the record was touched on this day, for undo: silence about a plan is counted from there."""
    day = act.day.isoformat()
    if record["touched_on"] in (None, day):
        return []
    return [{"of": record.key, "field": "touched_on", "before": record["touched_on"], "after": day}]


def touch(unit: Unit, route_id: int, record: Record, act: Act) -> None:
    """Write down that something was heard of the record on this day; its version stays, for nothing in it changed."""
    sql = f'UPDATE "{KINDS[record.kind].table}" SET touched_on = $3 WHERE route_id = $1 AND key = $2'
    unit.run(sql, route_id, record.key, act.day.isoformat())


def differences(record: Record, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The fields in which *values* differ from *record*, before and after."""
    return [
        {"of": record.key, "field": name, "before": plain_value(record[name]), "after": plain_value(value)}
        for name, value in values.items()
        if record[name] != value
    ]
