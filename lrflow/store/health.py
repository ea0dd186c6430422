"""What the doctor asks of the file: whether it is whole, whether its log was left alone, and what it counts on."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from lrflow.database import Row, Unit
from lrflow.store.log import chained

PATIENCE_SECONDS = 1.0
_ROWS_AT_ONCE = 2000
_OPEN = "(SELECT id FROM route WHERE status IN ('active', 'on_hold'))"
_WITHOUT_ADDRESS = f"""
    SELECT id, name FROM person WHERE email IS NULL AND removed_us IS NULL AND left_on IS NULL AND id IN (
        SELECT person FROM participant WHERE removed_us IS NULL AND route_id IN {_OPEN}
        UNION SELECT person FROM champion WHERE removed_us IS NULL AND route_id IN {_OPEN}
        UNION SELECT lead FROM delegation WHERE removed_us IS NULL AND route_id IN {_OPEN}
        UNION SELECT focal_point FROM delegation WHERE removed_us IS NULL AND route_id IN {_OPEN}
        UNION SELECT person FROM role_holder WHERE until_us IS NULL AND (route_id IS NULL OR route_id IN {_OPEN}))
    ORDER BY name
"""
_COUNTRIES = """
    SELECT named.code, country.years FROM (
        SELECT country AS code FROM organisation WHERE removed_us IS NULL
        UNION SELECT country FROM person WHERE removed_us IS NULL
        UNION SELECT host_country FROM route WHERE status IN ('active', 'on_hold')) AS named
    LEFT JOIN country ON country.code = named.code WHERE named.code IS NOT NULL ORDER BY named.code
"""
_ZONES = """
    SELECT zone FROM programme UNION SELECT zone FROM country
    UNION SELECT zone FROM person WHERE removed_us IS NULL UNION SELECT zone FROM organisation WHERE removed_us IS NULL
    ORDER BY zone
"""


@dataclass(frozen=True, slots=True)
class LogState:
    """How many entries the logs hold, and the first one of each log that does not follow from the one before."""

    entries: int
    broken: tuple[str, ...]


@contextmanager
def left_alone(path: Path, patience_seconds: float = PATIENCE_SECONDS) -> Iterator[Unit]:
    """One look at the file at *path* as it lies there: nothing is set up, migrated or waited for longer than that.

    Whatever SQLite has against it comes out as its own error.
    """
    # With mode=ro a look would leave lrflow.db-wal and -shm behind: only a connection that may write clears them.
    address = f"{path.absolute().as_uri()}?mode=rw"
    with closing(sqlite3.connect(address, uri=True, timeout=patience_seconds, isolation_level=None)) as connection:
        connection.execute("BEGIN")
        yield Unit(connection, False)
        connection.execute("ROLLBACK")


def try_to_write(path: Path) -> None:
    """Take the write lock of the file at *path* for a moment and change nothing; raises what SQLite has against it."""
    with closing(sqlite3.connect(path, timeout=PATIENCE_SECONDS, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")


def damages(unit: Unit) -> list[str]:
    """What is wrong inside the file, a line each: pages and indexes, and references that lead nowhere."""
    states = [str(row["integrity_check"]) for row in unit.all("PRAGMA integrity_check(20)")]
    dangling = unit.all("PRAGMA foreign_key_check")
    found = [f"row {row['rowid']} of {row['table']} refers to a {row['parent']} that is not there" for row in dangling]
    return [state for state in states if state != "ok"] + found


def triggers(unit: Unit) -> dict[str, str]:
    """The text of every trigger, by name."""
    rows = unit.all("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    return {str(row["name"]): str(row["sql"]) for row in rows}


def log_state(unit: Unit) -> LogState:
    """Work out every fingerprint of every log again, a few thousand entries at a time."""
    ends: dict[int, tuple[int, str]] = {}
    broken: dict[int, str] = {}
    count = last = 0
    while rows := _entries_after(unit, last):
        for row in rows:
            log = row["route_id"] or 0
            if not _follows(row, *ends.get(log, (0, ""))):
                broken.setdefault(log, f"L{row['number']} of {row['key'] or 'the programme'}")
            ends[log] = (row["number"], row["hash"])
        count, last = count + len(rows), rows[-1]["id"]
    return LogState(count, tuple(broken.values()))


def _entries_after(unit: Unit, last: int) -> list[Row]:
    return unit.all(
        """SELECT log.*, route.key FROM log LEFT JOIN route ON route.id = log.route_id
           WHERE log.id > $1 ORDER BY log.id LIMIT $2""",
        last,
        _ROWS_AT_ONCE,
    )


def _follows(row: Row, number: int, fingerprint: str) -> bool:
    is_next = row["number"] == number + 1 and row["previous"] == fingerprint
    return bool(is_next and row["hash"] == chained(row["previous"], row))


def zones_in_use(unit: Unit) -> list[str]:
    """Every time zone that the programme counts on."""
    return [str(row["zone"]) for row in unit.all(_ZONES) if row["zone"]]


def countries_in_use(unit: Unit) -> dict[str, str]:
    """Every country of organisations, people and open routes, and the years whose holidays are known ("" for none)."""
    return {str(row["code"]): str(row["years"] or "") for row in unit.all(_COUNTRIES)}


def people_without_address(unit: Unit) -> list[str]:
    """The names of those who take part in an open route, or hold a role, and cannot be written to."""
    return [str(row["name"]) for row in unit.all(_WITHOUT_ADDRESS)]


def roles_anywhere(unit: Unit, person: int) -> list[str]:
    """The roles *person* holds on any route or on the whole programme."""
    rows = unit.all(
        "SELECT DISTINCT role FROM role_holder WHERE person = $1 AND until_us IS NULL ORDER BY role", person
    )
    return [str(row["role"]) for row in rows]


def live_routes(unit: Unit) -> list[str]:
    """The open routes for which messages leave."""
    rows = unit.all(f"SELECT key FROM route WHERE id IN {_OPEN} AND live_on IS NOT NULL ORDER BY key")
    return [str(row["key"]) for row in rows]


def waiting_for_a_person(unit: Unit) -> list[Row]:
    """Nudges of open routes that a person decides about, counted: with route, state, reason and number."""
    return unit.all(
        f"""SELECT route.key AS route, nudge.state, coalesce(nudge.reason, '') AS reason, count(*) AS number FROM nudge
            JOIN route ON route.id = nudge.route_id
            WHERE nudge.state IN ('held', 'unsure', 'failed') AND route.id IN {_OPEN}
            GROUP BY route.key, nudge.state, coalesce(nudge.reason, '') ORDER BY route.key, nudge.state, reason"""
    )


def endless_pauses(unit: Unit) -> list[Row]:
    """Pauses of open routes, and of people, that end only when somebody ends them: with route, empty for a person's."""
    return unit.all(
        f"""SELECT pause.what, pause.reason, pause.since_us, coalesce(route.key, '') AS route FROM pause
            LEFT JOIN route ON route.id = pause.route_id
            WHERE pause.ended_us IS NULL AND pause.until_on IS NULL
                AND (pause.route_id IS NULL OR pause.route_id IN {_OPEN}) ORDER BY pause.id"""
    )
