"""The log: what happened, appended with the fingerprint of what came before, never changed."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from lrflow.clock import to_us
from lrflow.database import Row, Unit

_CHAINED = (
    "number",
    "verb",
    "subject",
    "actor",
    "role",
    "outcome",
    "source",
    "target",
    "reason",
    "happened_on",
    "recorded_us",
    "findings",
    "changes",
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: who (a person's number), in which role, did what to which record, with which outcome and changes.

    *changes* are {of, field, before, after}; undo and reports as of a day live on them. Ids only, never names.
    """

    verb: str
    subject: str
    actor: int | None
    role: str
    outcome: str
    happened_on: date
    recorded: datetime
    source: str | None = None
    target: str | None = None
    reason: str = ""
    findings: Sequence[Mapping[str, Any]] = ()
    changes: Sequence[Mapping[str, Any]] = ()
    digest: str | None = None


def write_entry(
    unit: Unit, route_id: int | None, entry: Entry, batch: int | None = None, shared_batch: int | None = None
) -> int:
    """Append *entry* to the log of the route (of the programme without one); its number.

    *batch* is the number of the first entry of the same command, for all but the first; *shared_batch* that of what the
    same command wrote into the programme's log.
    """
    last = unit.one(
        "SELECT number, hash FROM log WHERE coalesce(route_id, 0) = $1 ORDER BY number DESC LIMIT 1", route_id or 0
    )
    number = (last["number"] if last else 0) + 1
    row: Row = {
        "number": number,
        "batch": batch or number,
        "verb": entry.verb,
        "subject": entry.subject,
        "actor": entry.actor,
        "role": entry.role,
        "outcome": entry.outcome,
        "source": entry.source,
        "target": entry.target,
        "reason": entry.reason,
        "happened_on": entry.happened_on.isoformat(),
        "recorded_us": to_us(entry.recorded),
        "findings": json.dumps(list(entry.findings), ensure_ascii=False),
        "changes": json.dumps(list(entry.changes), ensure_ascii=False, default=str),
    }
    previous = last["hash"] if last else ""
    row |= {"shared_batch": shared_batch}
    row |= {"digest": entry.digest, "previous": previous, "hash": chained(previous, row)}
    unit.insert("log", {"route_id": route_id, **row})
    return number


def chained(previous: str, row: Row) -> str:
    """The fingerprint of an entry, which covers the one before it."""
    together = [row["shared_batch"]] if row.get("shared_batch") else []
    text = json.dumps([previous, *(row[name] for name in _CHAINED), *together], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def entries_of(unit: Unit, route_id: int | None, *, limit: int, subject: str = "") -> list[Row]:
    """The newest *limit* entries, newest first, of one subject if asked; findings and changes are read."""
    about = "AND subject = $3" if subject else ""
    values = (route_id or 0, limit, *([subject] if subject else []))
    rows = unit.all(
        f"""SELECT log.*, person.name AS actor_name, person.email AS actor_email FROM log
            LEFT JOIN person ON person.id = log.actor
            WHERE coalesce(log.route_id, 0) = $1 {about} ORDER BY log.number DESC LIMIT $2""",
        *values,
    )
    return [{**row, "findings": json.loads(row["findings"]), "changes": json.loads(row["changes"])} for row in rows]


def entry_by_id(unit: Unit, number: int) -> Row | None:
    """The entry of that number among all logs, with the name of who wrote it."""
    return unit.one(
        """SELECT log.*, person.name AS actor_name FROM log LEFT JOIN person ON person.id = log.actor
           WHERE log.id = $1""",
        number,
    )


def first_hash(unit: Unit) -> str:
    """What tells one programme from another: the fingerprint of the first thing ever written down in it."""
    row = unit.one("SELECT hash FROM log ORDER BY id LIMIT 1")
    return str(row["hash"]) if row else ""


def newest_entry(unit: Unit) -> int:
    """What tells whether anything was written down since: the number of the newest entry of all logs."""
    row = unit.one("SELECT max(id) AS last FROM log")
    return int(row["last"] or 0) if row else 0


def last_move(unit: Unit, route_id: int) -> Row | None:
    """The newest change of stage or status of the route, with the name of who made it."""
    return unit.one(
        """SELECT log.number, log.verb, log.source, log.target, log.recorded_us, log.actor, person.name AS actor_name
           FROM log LEFT JOIN person ON person.id = log.actor
           WHERE log.route_id = $1 AND log.subject = 'route' AND log.outcome = 'done' AND log.target IS NOT NULL
           ORDER BY log.number DESC LIMIT 1""",
        route_id,
    )
