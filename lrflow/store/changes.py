"""Changes of a record with their log entries: added, changed, moved to a state."""

from collections.abc import Mapping
from typing import Any

from lrflow.database import Unit
from lrflow.facts import Record
from lrflow.rows import columns_of, plain_value
from lrflow.store.log import write_entry
from lrflow.store.standing import Act, Standing, entry_of
from lrflow.store.states import set_state


def add_record(
    unit: Unit,
    standing: Standing,
    act: Act,
    kind: str,
    key: tuple[str, int],
    values: Mapping[str, Any],
    batch: int | None = None,
) -> int:
    """Add a record that a move brings with it, in the first state of its life; the number of its log entry."""
    state = standing.definition.lives[kind].path[0]
    fixed = {"route_id": standing.route.id, "key": key[0], "number": key[1], "state": state, "version": 1}
    unit.insert(kind, {**fixed, "touched_on": act.day.isoformat(), **columns_of(kind, values)})
    return note_added(unit, standing, act, key[0], {**values, "state": state}, batch)


def note_added(
    unit: Unit, standing: Standing, act: Act, key: str, values: Mapping[str, Any], batch: int | None = None
) -> int:
    """Log that the record *key* was added with *values*; the number of the entry."""
    changes = [
        {"of": key, "field": name, "before": None, "after": plain_value(value)} for name, value in values.items()
    ]
    entry = entry_of(standing, act, "add", key, "done", step=(None, values.get("state")), changes=changes)
    return write_entry(unit, standing.route.id, entry, batch)


def change_state(
    unit: Unit,
    standing: Standing,
    act: Act,
    record: Record,
    state: str,
    values: Mapping[str, Any],
    batch: int | None = None,
    findings: Any = (),
) -> int:
    """Move *record* into *state* with *values* given along, and log it; the number of the entry."""
    set_state(unit, standing.route.id, record, state, dict(values), act.day)
    changes = [
        {"of": record.key, "field": "state", "before": record.state, "after": state},
        *differences(record, values),
    ]
    step = (record.state, state)
    entry = entry_of(standing, act, "mark", record.key, "done", step=step, findings=findings, changes=changes)
    return write_entry(unit, standing.route.id, entry, batch)


def differences(record: Record, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The fields in which *values* differ from *record*, before and after."""
    return [
        {"of": record.key, "field": name, "before": plain_value(record[name]), "after": plain_value(value)}
        for name, value in values.items()
        if record[name] != value
    ]
