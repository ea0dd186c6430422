"""Look at the database file: its version, its pages, its log, and whether it can be written."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from lrflow.database import VERSION, Unit
from lrflow.database.connection import WAL_LIMIT, check_version, explained
from lrflow.database.schema import APPEND_ONLY
from lrflow.doctor.found import Found, answered, from_a_copy
from lrflow.errors import Busy
from lrflow.store import health

SHOWN = 5


def look_at_file(path: Path) -> tuple[list[Found], bool]:
    """Everything about the file itself, and whether what is in it can be read by this program."""
    if closed := answered(path, _opens, path):
        return closed, False
    version = answered(path, _version, path)
    is_readable = all(each.level == "ok" for each in version)
    found = version + answered(path, _whole, path)
    if is_readable:
        found += answered(path, _log, path)
        found += answered(path, _writable, path)
    return found + answered(path, _journal, path), is_readable


def _opens(path: Path) -> Iterator[Found]:
    with health.left_alone(path) as unit:
        health.triggers(unit)
    yield from ()


def _version(path: Path) -> Iterator[Found]:
    with health.left_alone(path) as unit:
        check_version(unit.connection, path)
    yield Found("ok", f"{path.name} opens: schema {VERSION}, {megabytes(path.stat().st_size)}")


def _whole(path: Path) -> Iterator[Found]:
    with health.left_alone(path) as unit:
        wrong = health.damages(unit)
    if wrong:
        more = [f"and {len(wrong) - SHOWN} more"] if len(wrong) > SHOWN else []
        yield Found("fault", f"{path} is damaged: {'; '.join([*wrong[:SHOWN], *more])}", from_a_copy(path))
    else:
        yield Found("ok", "the database is whole: its pages, and every reference in it")


def _log(path: Path) -> Iterator[Found]:
    with health.left_alone(path) as unit:
        state, lost = health.log_state(unit), _lost_triggers(unit)
    if state.broken:
        says = f"the log was changed by another program, first at {', '.join(state.broken)}"
        yield Found("fault", says, from_a_copy(path))
    else:
        entries = f"{state.entries} entr{'y' if state.entries == 1 else 'ies'}"
        yield Found("ok", f"the log holds {entries}, each as it was written")
    if lost:
        says = f"the database no longer forbids changing the log: {', '.join(lost)} is gone or was changed"
        yield Found("fault", says, from_a_copy(path))


def _lost_triggers(unit: Unit) -> list[str]:
    there = health.triggers(unit)
    return [name for name, forbids in APPEND_ONLY.items() if there.get(name) != f"CREATE TRIGGER {name} {forbids}"]


def _writable(path: Path) -> Iterator[Found]:
    try:
        health.try_to_write(path)
    except sqlite3.Error as fault:
        known = explained(fault, path)
        if not isinstance(known, Busy):
            raise
        yield Found("note", f"another lrflow writes to {path.name} just now", ("lrflow doctor",))
    else:
        yield Found("ok", "the database can be written")


def _journal(path: Path) -> Iterator[Found]:
    journal = path.with_name(f"{path.name}-wal")
    size = journal.stat().st_size if journal.is_file() else 0
    if size > WAL_LIMIT:
        says = f"{journal.name} has grown to {megabytes(size)}: it is part of the database, never delete it"
        yield Found("note", f"{says}; it is folded in when no other lrflow runs", ("lrflow status",))


def megabytes(size: int) -> str:
    """A number of bytes as people say it."""
    return f"{size / 1_000_000:.1f} MB" if size < 1_000_000_000 else f"{size / 1_000_000_000:.1f} GB"
