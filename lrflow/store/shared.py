"""What every route shares: people and organisations, and the holidays of their countries."""

from collections.abc import Mapping
from typing import Any

from lrflow.calendars import Weekends
from lrflow.catalogue import KINDS
from lrflow.database import Row, Unit
from lrflow.facts import Record
from lrflow.rows import columns_of, plain_value, record_of
from lrflow.store.addresses import PEOPLE
from lrflow.store.standing import Act, Standing, entry_of, log_entry

PERSONAL = frozenset({"name", "email", "phone"})
_ALL = {"person": PEOPLE}


def shared_record(unit: Unit, kind: str, number: int) -> Record:
    """The person or organisation with that number; a person with the `address_state` there is now."""
    row = unit.one(f"{_ALL.get(kind, f'SELECT * FROM {kind}')} WHERE {kind}.id = $1", number)
    return record_of(kind, row or {"id": number})


def all_shared(unit: Unit, kind: str) -> list[Record]:
    """Every person or organisation that was not removed, by name; people with the `address_state` there is now."""
    sql = f"{_ALL.get(kind, f'SELECT * FROM {kind}')} WHERE {kind}.removed_us IS NULL ORDER BY {kind}.name"
    return [record_of(kind, row) for row in unit.all(sql)]


def note_shared(
    unit: Unit,
    standing: Standing,
    act: Act,
    verb: str,
    subject: str,
    values: Mapping[str, Any],
    before: Record | None = None,
) -> int:
    """Log a change of what routes share, in the programme's own log. Names and addresses of people stay out of it."""
    hidden = PERSONAL if subject.startswith("person") else frozenset()
    changes = [
        {
            "of": subject,
            "field": name,
            "before": None if name in hidden or before is None else plain_value(before[name]),
            "after": None if name in hidden else plain_value(value),
        }
        for name, value in values.items()
        if before is None or before[name] != value
    ]
    number = log_entry(unit, standing, entry_of(standing, act, verb, subject, "done", changes=changes), shared=True)
    if before is not None and hidden:
        for name in PERSONAL & values.keys():
            if before[name] != values[name]:
                keep_personal(unit, number, int(before.key), name, (before[name], values[name]))
    return number


def keep_personal(unit: Unit, number: int, person: int, field: str, step: tuple[Any, Any]) -> None:
    """Keep before and after of a name, an address or a number, which the log may not hold, so that undo knows them."""
    row = {"number": number, "person": person, "field": field}
    unit.insert("personal_change", {**row, "before": step[0], "after": step[1]})


def countries_without_days(unit: Unit, years: str) -> list[str]:
    """Countries of organisations, people and routes whose holidays of *years* were not copied yet."""
    rows = unit.all(
        """SELECT code FROM (SELECT country AS code FROM organisation UNION SELECT country FROM person
           UNION SELECT host_country FROM route) AS named
           WHERE code IS NOT NULL AND code NOT IN (SELECT code FROM country WHERE years = $1) ORDER BY code""",
        years,
    )
    return [row["code"] for row in rows]


def keep_country(unit: Unit, code: str, zone: str, weekends: Weekends, years: str) -> None:
    """Keep zone and weekends of a country, and which years its holidays are known for."""
    unit.run(
        """INSERT INTO country (code, zone, weekend, years) VALUES ($1, $2, $3, $4)
           ON CONFLICT (code) DO UPDATE SET zone = excluded.zone, weekend = excluded.weekend, years = excluded.years""",
        code,
        zone,
        str(weekends),
        years,
    )


def keep_holiday(unit: Unit, country: str, on_day: str, name: str, source: str) -> None:
    """Keep a holiday; one that a person took out stays out."""
    unit.run(
        """INSERT INTO holiday (country, on_day, name, source, cancelled) VALUES ($1, $2, $3, $4, FALSE)
           ON CONFLICT (country, on_day) DO NOTHING""",
        country,
        on_day,
        name,
        source,
    )


def removed_twin(unit: Unit, kind: str, values: Mapping[str, Any]) -> int | None:
    """The number of the person or organisation of the same address or name that was removed, if there is one."""
    field = {"person": "email", "organisation": "name"}[kind]
    if not values.get(field):
        return None
    exact = "lower(email) = lower($1)" if kind == "person" else "name = $1"  # as the unique index has it
    row = unit.one(f"SELECT id FROM {kind} WHERE {exact} AND removed_us IS NOT NULL", values[field])
    return int(row["id"]) if row else None


def revive(unit: Unit, kind: str, number: int, values: Mapping[str, Any]) -> None:
    """Let a removed person or organisation be known again, with *values* and nothing else."""
    empty = dict.fromkeys(column for field in KINDS[kind].fields for column in field.columns)
    write_shared(unit, kind, number, {**empty, **columns_of(kind, values), "removed_us": None})


def write_shared(unit: Unit, kind: str, number: int, columns: Row) -> None:
    """Write *columns* of a person, an organisation or the programme, and count its version up."""
    names = ", ".join(f'"{name}" = ${place}' for place, name in enumerate(columns, 2))
    unit.run(f"UPDATE {kind} SET version = version + 1, {names} WHERE id = $1", number, *columns.values())
