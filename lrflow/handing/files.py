"""Files that are there whole or not at all: a copy of a database, a file under its name."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from lrflow.database.connection import BUSY_SECONDS, explained
from lrflow.errors import Busy, Unavailable

_WAIT_SECONDS = 0.25


def snapshot(source: Path, target: Path) -> None:
    """Copy the database *source*, as it was last committed, into *target*, a new file or an open programme's.

    Into an existing database it goes in one transaction: what was there before stays whole until all of it is there.
    Raises `Busy` when someone writes to *target* for half a minute, `Unavailable` when a file or the disk fails.
    """
    with told(source), _reading(source) as reading, told(target), closing(sqlite3.connect(target)) as writing:
        writing.execute("PRAGMA synchronous = FULL")
        writing.execute("PRAGMA wal_autocheckpoint = 0")  # see `database.connect`
        reading.backup(writing, progress=_patient(target), sleep=_WAIT_SECONDS)


def settle(path: Path) -> None:
    """Bring all of the database *path* into the one file, so that it can be carried: without a log beside it."""
    with told(path), closing(sqlite3.connect(path)) as connection:
        if connection.execute("PRAGMA journal_mode = DELETE").fetchone() != ("delete",):
            raise Busy(f"someone else uses {path}: nothing was changed", remedy="try again in a moment")


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Tell what the database says of *path* in words that a person can act on."""
    try:
        yield
    except sqlite3.Error as fault:
        raise explained(fault, path) from fault


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that reads *path*, also where nothing can be written beside it, as on a stick that is locked."""
    place = f"{path.resolve().as_uri()}?mode=ro"
    with closing(sqlite3.connect(place, uri=True)) as plain:
        try:
            plain.execute("SELECT count(*) FROM sqlite_master")
        except sqlite3.OperationalError:
            if path.with_name(f"{path.name}-wal").exists():
                raise
        else:
            yield plain
            return
    with closing(sqlite3.connect(f"{place}&immutable=1", uri=True)) as alone:
        yield alone


def _patient(path: Path) -> Callable[[int, int, int], None]:
    """Wait for whoever writes to *path*, but not for ever, as the backup of sqlite3 would."""
    waits = iter(range(int(BUSY_SECONDS / _WAIT_SECONDS)))

    def step(status: int, _remaining: int, _total: int) -> None:
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) and next(waits, None) is None:
            raise Busy(f"someone else writes to {path}: nothing was changed", remedy="try again in a moment")

    return step


@contextmanager
def aside(place: Path, prefix: str) -> Iterator[Path]:
    """A hidden folder in *place* to build something in; it goes at the end, but not when the process is killed."""
    try:
        made = TemporaryDirectory(dir=place, prefix=prefix, ignore_cleanup_errors=True)
    except OSError as fault:
        raise unwritten(place, fault, "nothing was changed") from None
    with made as folder:
        yield Path(folder)


def publish(new: Path, path: Path) -> None:
    """Give the whole file *new* its name *path* as well. `FileExistsError` when the name is taken."""
    try:
        path.hardlink_to(new)
    except FileExistsError:
        raise
    except OSError:  # a disk without links, as many USB sticks
        if path.exists():
            raise FileExistsError(path) from None
        new.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make new names in *folder* survive a power cut, where folders can be opened (not on Windows)."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def unwritten(path: Path, fault: OSError, outcome: str) -> Unavailable:
    """That *path* cannot be written, with what became of the whole."""
    says = f"{path} cannot be written: {fault.strerror or fault}: {outcome}"
    return Unavailable(says, remedy="check the folder's permissions and the space on the disk")
