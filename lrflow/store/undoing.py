"""What undo reads and writes: the entries of one command, rows as they are now, and how they were."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from lrflow.catalogue import KINDS, kind_of_key
from lrflow.clock import to_us
from lrflow.database import Row, Unit

_DONE = """
    SELECT log.*, person.name AS actor_name, person.email AS actor_email FROM log
    LEFT JOIN person ON person.id = log.actor
"""


def batch_of(unit: Unit, route_id: int | None, number: int) -> list[Row]:
    """The entries that the command of entry *number* wrote into that log, in their order; none if there is no such."""
    rows = unit.all(
        f"""{_DONE} WHERE coalesce(log.route_id, 0) = $1 AND log.outcome = 'done' AND log.batch =
            (SELECT batch FROM log WHERE coalesce(route_id, 0) = $1 AND number = $2) ORDER BY log.number""",
        route_id or 0,
        number,
    )
    return [_read(row) for row in rows]


def newest_commands(unit: Unit, route_id: int | None, limit: int = 500) -> list[Row]:
    """The first entry of each command in the route's log and the programme's, the newest command first."""
    return unit.all(
        """SELECT log.* FROM log WHERE (route_id IS NULL OR route_id = $1) AND outcome = 'done' AND number = batch
           ORDER BY id DESC LIMIT $2""",
        route_id or 0,
        limit,
    )


def undone_batches(unit: Unit, route_id: int | None) -> set[int]:
    """The commands of that log that stand undone: taken back, and not given back since."""
    found: dict[int, bool] = {}
    for row in unit.all(
        "SELECT changes FROM log WHERE coalesce(route_id, 0) = $1 AND verb = 'undo' ORDER BY number", route_id or 0
    ):
        for change in json.loads(row["changes"]):
            if change["field"] == "undone":
                found[int(change["of"][1:])] = bool(change["after"])
    return {number for number, is_undone in found.items() if is_undone}


def entries_after(unit: Unit, route_id: int | None, number: int) -> list[Row]:
    """What was done in that log after entry *number*, oldest first."""
    sql = f"{_DONE} WHERE coalesce(log.route_id, 0) = $1 AND log.number > $2 AND log.outcome = 'done' ORDER BY log.id"
    return [_read(row) for row in unit.all(sql, route_id or 0, number)]


def is_last(unit: Unit, last_id: int) -> bool:
    """Whether nothing was done in any log since the entry with that row number."""
    return unit.one("SELECT id FROM log WHERE id > $1 AND outcome = 'done' LIMIT 1", last_id) is None


def routes_with(unit: Unit, shared_batch: int) -> list[Row]:
    """The route commands that wrote *shared_batch* into the programme's log on their way: key and first entry."""
    return unit.all(
        """SELECT DISTINCT route.key, log.batch FROM log JOIN route ON route.id = log.route_id
           WHERE log.shared_batch = $1""",
        shared_batch,
    )


def _read(row: Row) -> Row:
    return {**row, "changes": json.loads(row["changes"]), "findings": json.loads(row["findings"])}


def row_of(unit: Unit, route_id: int, of: str) -> tuple[str, Row | None]:
    """The kind and the row of what a change is of (E1, person:17, W2), removed ones too."""
    kind, _, number = of.partition(":")
    if number:
        return kind, unit.one(f'SELECT * FROM "{kind}" WHERE id = $1', int(number))
    if of[:1] == "W":
        return "waiver", unit.one("SELECT * FROM waiver WHERE route_id = $1 AND key = $2", route_id, of)
    for name in kind_of_key(of):
        row = unit.one(f'SELECT * FROM "{name}" WHERE route_id = $1 AND key = $2', route_id, of)
        if row is not None:
            return name, row
    return "", None


def write_record(unit: Unit, kind: str, row: Row, columns: Row) -> None:
    """Write *columns* of a record of a route (of a waiver, which counts no versions); its version is the witness."""
    counting = "" if kind == "waiver" else "version = version + 1, "
    names = ", ".join(f'"{name}" = ${place}' for place, name in enumerate(columns, 3))
    sql = f'UPDATE "{kind}" SET {counting}{names} WHERE route_id = $1 AND key = $2'
    unit.run(sql, row["route_id"], row["key"], *columns.values())


def drop_parameter(unit: Unit, route_id: int, name: str) -> None:
    """Let the workflow's own number hold again."""
    unit.run("DELETE FROM parameter WHERE route_id = $1 AND name = $2", route_id, name)


def notices_of(unit: Unit, route_id: int, numbers: Sequence[int]) -> list[Row]:
    """The notices that the entries *numbers* brought."""
    marks = ", ".join(f"${place}" for place in range(2, len(numbers) + 2))
    return unit.all(
        f"SELECT number, withdrawn FROM notice WHERE route_id = $1 AND number IN ({marks})", route_id, *numbers
    )


def keep_notice(unit: Unit, route_id: int, number: int, withdrawn: bool) -> None:
    """Withdraw a notice, or let it hold again."""
    unit.run("UPDATE notice SET withdrawn = $3 WHERE route_id = $1 AND number = $2", route_id, number, withdrawn)


def personal_changes(unit: Unit, number: int) -> Mapping[tuple[str, str], tuple[Any, Any]]:
    """What the log does not hold of entry *number*: before and after, by person:17 and field."""
    rows = unit.all("SELECT * FROM personal_change WHERE number = $1", number)
    return {(f"person:{row['person']}", row["field"]): (row["before"], row["after"]) for row in rows}


def gone_mail(unit: Unit, route_id: int, since_us: int, subjects: Sequence[str]) -> list[Row]:
    """What has left since *since_us* about *subjects* (about anything of the route when there are none)."""
    marks = ", ".join(f"${place}" for place in range(3, len(subjects) + 3))
    about = f"AND nudge.subject IN ({marks})" if subjects else ""
    return unit.all(
        f"""SELECT nudge.number, nudge.rule, nudge.subject, nudge.state, nudge.local_on, person.name AS person_name
            FROM nudge LEFT JOIN person ON person.id = nudge.person
            WHERE nudge.route_id = $1 AND nudge.closed_us >= $2 AND nudge.state IN ('sent', 'drafted', 'unsure') {about}
            ORDER BY nudge.number""",
        route_id,
        since_us,
        *subjects,
    )


def references_to(unit: Unit, kind: str) -> Mapping[int, list[str]]:
    """What refers to each person or organisation, on any route: 'P7 of asia', 'coordinator of rwanda-2016'."""
    found: dict[int, list[str]] = {}
    for other in KINDS.values():
        for field in other.fields:
            if field.to == kind and field.type == "ref":
                for number, by in _referring(unit, other.name, field.name):
                    found.setdefault(number, []).append(by)
    if kind == "person":
        rows = unit.all(
            """SELECT role_holder.person, role_holder.role, route.key FROM role_holder
               LEFT JOIN route ON route.id = role_holder.route_id WHERE role_holder.until_us IS NULL"""
        )
        for row in rows:
            found.setdefault(row["person"], []).append(f"{row['role']} of {row['key'] or 'the programme'}")
    return found


def _referring(unit: Unit, table: str, column: str) -> list[tuple[int, str]]:
    if table == "route":
        sql = f"SELECT {column} AS number, key FROM route WHERE {column} IS NOT NULL AND removed_us IS NULL"
        return [(row["number"], f"{column} of {row['key']}") for row in unit.all(sql)]
    if not KINDS[table].letter:
        sql = f'SELECT "{column}" AS number, name FROM "{table}" WHERE "{column}" IS NOT NULL AND removed_us IS NULL'
        return [(row["number"], f"{column} of {row['name']}") for row in unit.all(sql)]
    sql = f"""SELECT other."{column}" AS number, other."key" AS id, route.key FROM "{table}" AS other
              JOIN route ON route.id = other.route_id WHERE other."{column}" IS NOT NULL AND other.removed_us IS NULL"""
    return [(row["number"], f"{row['id']} of {row['key']}") for row in unit.all(sql)]


def removed_at(now: datetime, is_removed: bool) -> int | None:
    """The column that marks a removed record."""
    return to_us(now) if is_removed else None
