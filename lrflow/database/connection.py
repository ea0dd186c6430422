"""One SQLite file, opened with the settings that keep the promises, and units of work on it."""

import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from lrflow.clock import from_us, today
from lrflow.errors import Busy, LrflowError, NotFound, Refused, Unavailable

VERSION = 3  # the newest migration this program knows; kept in the file as user_version
BUSY_SECONDS = 30.0
WAL_LIMIT = 4 * 1024 * 1024

Row = dict[str, Any]


@lru_cache(maxsize=512)
def _named(sql: str) -> str:
    # Statements are written once with PostgreSQL's $1; SQLite binds them as the named parameter p1.
    return re.sub(r"\$(\d+)", r":p\1", sql)


@dataclass(slots=True)
class Unit:
    """One transaction: statements with $1 parameters in, rows as dictionaries out."""

    connection: sqlite3.Connection
    writes: bool

    def all(self, sql: str, *values: Any) -> list[Row]:
        """Every row of a query."""
        cursor = self.connection.execute(_named(sql), _bound(values))
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def one(self, sql: str, *values: Any) -> Row | None:
        """The first row of a query, or None."""
        rows = self.all(sql, *values)
        return rows[0] if rows else None

    def run(self, sql: str, *values: Any) -> int:
        """Change rows; how many were changed."""
        return self.connection.execute(_named(sql), _bound(values)).rowcount

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """A part that may fail alone: on any error what it wrote is undone, and the transaction can go on."""
        self.connection.execute("SAVEPOINT attempt")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK TO attempt")
            self.connection.execute("RELEASE attempt")
            raise
        self.connection.execute("RELEASE attempt")

    def insert(self, table: str, values: Row) -> int:
        """Add one row to *table*; its number where the database counts."""
        names = ", ".join(f'"{name}"' for name in values)
        places = ", ".join(f"${number}" for number in range(1, len(values) + 1))
        sql = f'INSERT INTO "{table}" ({names}) VALUES ({places})'
        cursor = self.connection.execute(_named(sql), _bound(values.values()))
        return cursor.lastrowid or 0


def _bound(values: Iterable[Any]) -> dict[str, Any]:
    return {f"p{number}": value for number, value in enumerate(values, 1)}


@dataclass(slots=True)
class Database:
    """The programme's SQLite file. One connection, opened at first use; not shared between threads."""

    path: Path
    has_written: bool = False  # whether anything was written and kept through this one
    _connection: sqlite3.Connection | None = field(default=None, repr=False)

    @contextmanager
    def begin(self, *, write: bool = False, keep: bool = True, closed: bool = False) -> Iterator[Unit]:
        """One transaction. *write* takes the only write lock at once, so that what was read stays true until the end.

        Without *keep* (a dry run) everything is rolled back at the end. On any error nothing is changed. Raises
        `Busy` when someone else writes for half a minute, `Unavailable` when the file or the disk fails, `Refused` when
        the copy was handed over: it is read, never written; only a change of hands itself asks for *closed* ones.
        """
        connection = self._opened()
        try:
            connection.execute("BEGIN IMMEDIATE" if write else "BEGIN")
            if write and not closed:
                _check_open(connection)
            yield Unit(connection, write)
            connection.execute("COMMIT" if keep else "ROLLBACK")
            self.has_written = self.has_written or (write and keep)
        except BaseException as fault:
            self._undo()
            cause = getattr(fault, "orig", fault)  # SQLAlchemy wraps the driver's error
            if isinstance(cause, sqlite3.Error):
                raise explained(cause, self.path) from fault
            raise

    def _undo(self) -> None:
        if self._connection is not None and self._connection.in_transaction:
            self._connection.rollback()

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            if not self.path.is_file():
                raise NotFound(f"there is no programme at {self.path.parent}", remedy="lrflow init")
            self._connection = connect(self.path)
            check_version(self._connection, self.path)
        return self._connection

    def data_version(self) -> int:
        """A number that changes when another connection commits."""
        return int(self._opened().execute("PRAGMA data_version").fetchone()[0])

    def shorten_log(self) -> None:
        """Bring a long write-ahead log into the file, unless someone is in the way: then another time."""
        wal = self.path.with_name(f"{self.path.name}-wal")
        if self._connection is None or not wal.is_file() or wal.stat().st_size <= WAL_LIMIT:
            return
        with suppress(sqlite3.Error):  # a long log harms nobody; waiting for a reader, or failing after a success, does
            self._connection.execute("PRAGMA busy_timeout = 200")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._connection.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")

    def close(self) -> None:
        """Close the file; a long write-ahead log is first brought into it."""
        if self._connection is not None:
            self.shorten_log()
            self._connection.close()
            self._connection = None


def _check_open(connection: sqlite3.Connection) -> None:
    # Asked inside the write lock: nobody can close the copy between this answer and the commit.
    row = connection.execute("SELECT closed_us, closed_for, zone FROM programme WHERE closed_us > 0").fetchone()
    if row is not None:
        to, on = (f" to {row[1]}" if row[1] else ""), today(from_us(row[0]), row[2])
        raise Refused(
            f"this copy was handed over{to} on {on}: nothing is written or sent from it any more",
            remedy="lrflow takeover FILE   to have it back, if nobody has taken FILE over yet",
        )


def connect(path: Path) -> sqlite3.Connection:
    """A connection with durable commits, enforced references and no hidden transactions."""
    connection = None
    try:
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        if sqlite3.sqlite_version_info < (3, 51, 3):
            # Older versions can corrupt the file when one connection checkpoints while another commits.
            connection.execute("PRAGMA wal_autocheckpoint = 0")
    except sqlite3.Error as fault:
        if connection is not None:
            connection.close()
        raise explained(fault, path) from fault
    return connection


def check_version(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse a file that another version of the program made: `Unavailable` says what to do."""
    try:
        found = int(connection.execute("PRAGMA user_version").fetchone()[0])
    except sqlite3.Error as fault:
        raise explained(fault, path) from fault
    if found > VERSION:
        raise Unavailable(
            f"{path} was written by a newer lrflow (schema {found}, this one knows {VERSION})", remedy="update lrflow"
        )
    if 0 < found < VERSION:
        raise Unavailable(f"{path} has schema {found}, this lrflow needs {VERSION}", remedy="lrflow database upgrade")
    if found == 0:
        raise Unavailable(f"{path} is not a programme of lrflow", remedy="lrflow init in an empty folder")


def explained(fault: sqlite3.Error, path: Path) -> LrflowError:
    """The database's own words as an error a person can act on."""
    says = str(fault)
    if "locked" in says or "busy" in says:
        return Busy(f"someone else is writing to {path}: nothing was changed", remedy="try again in a moment")
    if "readonly" in says or "unable to open" in says:
        return Unavailable(f"{path} cannot be written: {says}", remedy="check the folder's permissions")
    if "full" in says:
        return Unavailable(f"the disk is full: nothing was changed in {path}", remedy="free some space, then try again")
    if "not a database" in says or "malformed" in says:
        return Unavailable(f"{path} is damaged: {says}", remedy="keep the file, and restore a copy from backups/")
    if "disk I/O" in says:
        what = f"{path} cannot be read or written ({says}): nothing was changed"
        return Unavailable(what, remedy="check the disk and free some space on it, then try again")
    return LrflowError(f"the database refused: {says}")
