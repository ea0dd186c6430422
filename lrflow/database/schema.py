"""Make a programme's file with the newest tables, and bring an older one up to date."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from glob import escape
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from lrflow.database.connection import VERSION, connect, explained
from lrflow.errors import LrflowError, NotFound, Refused, Unavailable

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection

__all__ = ["VERSION", "create", "upgrade"]

MIGRATIONS = Path(__file__).with_name("migrations")
BACKUPS_KEPT = 10
APPEND_ONLY = {
    "log_is_never_changed": "BEFORE UPDATE ON log BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END",
    "log_is_never_cut": "BEFORE DELETE ON log BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END",
    # INSERT OR REPLACE takes the old row away without firing the trigger above.
    "log_is_never_replaced": """BEFORE INSERT ON log
        WHEN EXISTS (SELECT 1 FROM log WHERE id = NEW.id)
        OR EXISTS (SELECT 1 FROM log WHERE coalesce(route_id, 0) = coalesce(NEW.route_id, 0) AND number = NEW.number)
        BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END""",
}


def create(path: Path, *, migrations: Path = MIGRATIONS) -> None:
    """Make a new, empty programme database at *path*, whole or not at all, in a folder that exists.

    Raises `Refused` when something is there already, `Unavailable` when folder or disk do not take it. A killed process
    leaves a hidden folder beside *path* at most, never a file of that name.
    """
    if path.exists() or path.is_symlink():
        raise _taken(path)
    try:
        with _appearing_whole(path) as new, closing(connect(new)) as connection:
            connection.execute("PRAGMA foreign_keys = OFF")
            with writing(connection) as bound:
                _migrate(bound, connection, migrations)
            # Only the file itself gets the name. Closing would empty its log too, but silent when the disk is full.
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except FileExistsError as fault:
        raise _taken(path) from fault
    except Exception as fault:
        raise _told(fault, path, f"no programme was made at {path}") from fault


def upgrade(path: Path, *, migrations: Path = MIGRATIONS) -> int:
    """Bring the programme at *path* to the newest tables in one transaction; the number of its tables' version.

    Before it a copy is put into `backups/` beside *path*, where the last ten are kept. A file that is up to date is
    left alone, without a copy. Raises `NotFound`; `Unavailable` when a newer lrflow wrote the file, or another program
    did; `Busy` when someone else writes. On any failure nothing is changed, and the error names the copy.
    """
    if not path.is_file():
        raise NotFound(f"there is no programme at {path.parent}", remedy="lrflow init")
    with closing(connect(path)) as connection:
        if _found(connection, path, migrations) < newest(migrations):
            _bring(connection, path, migrations)
    return newest(migrations)


def newest(migrations: Path = MIGRATIONS) -> int:
    """The number of the last migration in the folder *migrations*; 0 when there is none."""
    return max((int(file.name[:4]) for file in (migrations / "versions").glob("[0-9]*.py")), default=0)


@contextmanager
def writing(connection: sqlite3.Connection) -> Iterator["Connection"]:
    """One immediate transaction on *connection* as SQLAlchemy sees it: committed at the end, undone on any error."""
    from sqlalchemy import create_engine, event
    from sqlalchemy.pool import StaticPool

    engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
    event.listen(engine, "begin", lambda bound: bound.exec_driver_sql("BEGIN IMMEDIATE"))
    with engine.begin() as bound:
        yield bound


def alembic_config(migrations: Path, **attributes: Any) -> "Config":
    """What alembic asks for, without a file: where the migrations are, and the *attributes* that `env.py` reads."""
    from alembic.config import Config

    config = Config(attributes=attributes)
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _bring(connection: sqlite3.Connection, path: Path, migrations: Path) -> None:
    # With foreign keys on, making a parent table anew would empty its children; the check comes before the commit.
    connection.execute("PRAGMA foreign_keys = OFF")
    copy = None
    try:
        with writing(connection) as bound:
            found = _found(connection, path, migrations)
            if found < newest(migrations):  # or someone else was first
                copy = _back_up(path, found + 1)
                _migrate(bound, connection, migrations)
    except Exception as fault:
        raise _told(fault, path, f"{path} is as it was, not brought up to date", copy) from fault


def _migrate(bound: "Connection", connection: sqlite3.Connection, migrations: Path) -> None:
    from alembic import command

    command.upgrade(alembic_config(migrations, connection=bound), "head")
    for name, forbids in APPEND_ONLY.items():  # a table made anew has lost its triggers
        connection.execute(f"DROP TRIGGER IF EXISTS {name}")
        connection.execute(f"CREATE TRIGGER {name} {forbids}")
    connection.execute(f"PRAGMA user_version = {newest(migrations)}")
    if problems := _problems(connection):
        raise Unavailable("the tables would not hold together", problems=problems)


def _problems(connection: sqlite3.Connection) -> list[str]:
    dangling = connection.execute("PRAGMA foreign_key_check").fetchall()
    states = connection.execute("PRAGMA integrity_check").fetchall()
    found = [f"row {row} of {table} refers to a {parent} that is not there" for table, row, parent, _ in dangling]
    return found + [state for (state,) in states if state != "ok"]


def _found(connection: sqlite3.Connection, path: Path, migrations: Path) -> int:
    try:
        found = int(connection.execute("PRAGMA user_version").fetchone()[0])
    except sqlite3.Error as fault:
        raise explained(fault, path) from fault
    known = newest(migrations)
    if found > known:
        says = f"{path} was written by a newer lrflow (schema {found}, this one knows {known})"
        raise Unavailable(says, remedy="update lrflow")
    if found == 0:
        raise Unavailable(f"{path} is not a programme of lrflow", remedy="lrflow init in an empty folder")
    return found


def _back_up(path: Path, number: int) -> Path:
    # The caller holds the write lock: a second connection reads exactly what the migration will start from.
    folder = path.parent / "backups"
    folder.mkdir(exist_ok=True)
    names = (f"{path.stem}-before-{number:04}{f'-{again}' if again > 1 else ''}.db" for again in count(1))
    copy = next(folder / name for name in names if not (folder / name).exists())
    with (
        _appearing_whole(copy) as new,
        closing(sqlite3.connect(path)) as source,
        closing(sqlite3.connect(new)) as target,
    ):
        source.backup(target)
    ours = folder.glob(f"{escape(path.stem)}-before-[0-9][0-9][0-9][0-9]*.db")
    for old in sorted(ours, key=lambda file: file.stat().st_mtime_ns)[:-BACKUPS_KEPT]:
        old.unlink()
    return copy


@contextmanager
def _appearing_whole(path: Path) -> Iterator[Path]:
    # A place to build the file in. It gets its name only when nothing failed, and never takes another file's.
    with TemporaryDirectory(dir=path.parent, prefix=f".{path.name}-", ignore_cleanup_errors=True) as aside:
        new = Path(aside) / path.name
        yield new
        try:
            path.hardlink_to(new)
        except FileExistsError:
            raise
        except OSError:  # a disk without links, as many USB sticks
            new.replace(path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows does not open folders
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _taken(path: Path) -> Refused:
    return Refused(f"there is something at {path} already: nothing was changed", remedy="choose an empty folder")


def _told(fault: Exception, path: Path, outcome: str, copy: Path | None = None) -> LrflowError:
    # A migration may fail in any way; to each of them the answer is what became of the file, and where the copy is.
    cause = getattr(fault, "orig", None) or fault  # SQLAlchemy wraps the driver's error
    if isinstance(cause, sqlite3.Error):
        cause = explained(cause, path)
    elif isinstance(cause, OSError):
        says = f"{path.parent} cannot be written: {cause.strerror or cause}"
        cause = Unavailable(says, remedy="check the folder's permissions and the space on the disk")
    elif not isinstance(cause, LrflowError):
        cause = Unavailable(f"{type(cause).__name__}: {cause}")
    remedy = (*cause.remedy, f"a copy from before is {copy}") if copy else cause.remedy
    return type(cause)(f"{outcome}: {cause.message}", problems=cause.problems, remedy=remedy)
