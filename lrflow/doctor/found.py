"""One thing that the doctor looked at: whether it is right, in a sentence, and what to type."""

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from lrflow.database.connection import explained
from lrflow.errors import Busy, LrflowError

Level = Literal["ok", "note", "fault"]


@dataclass(frozen=True, slots=True)
class Found:
    """One finding: `ok`, a `note` to know about, or a `fault` to put right, with what to type or to do."""

    level: Level
    what: str
    remedy: tuple[str, ...] = ()


def told(fault: LrflowError) -> Found:
    """The refusal that a look met, as a finding."""
    return Found("fault", "; ".join((fault.message, *fault.problems)), fault.remedy)


def answered(path: Path, look: Callable[..., Iterable[Found]], *given: Any) -> list[Found]:
    """What *look* finds; whatever breaks in it is a finding too, so that the other looks are still taken.

    *path* is the database, for the words of its own errors.
    """
    try:
        return list(look(*given))
    except sqlite3.Error as fault:
        return [_of_the_file(fault, path)]
    except LrflowError as fault:
        return [told(fault)]
    except Exception as fault:  # a door of its own: in a damaged file anything may break, and it must be named
        says = f"a look at {path.parent} broke: {type(fault).__name__}: {fault}"
        return [Found("fault", says, ("send this line to whoever helps you with lrflow",))]


def _of_the_file(fault: sqlite3.Error, path: Path) -> Found:
    known = explained(fault, path)
    if isinstance(known, Busy):
        says = f"another program holds {path}: it cannot be looked at now"
        return Found("fault", says, ("close what has it open, then: lrflow doctor",))
    # The extended codes say where; the lowest byte says what.
    if (getattr(fault, "sqlite_errorcode", 0) & 0xFF) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return Found("fault", known.message, from_a_copy(path))
    return Found("fault", known.message, known.remedy or ("lrflow doctor",))


def from_a_copy(path: Path) -> tuple[str, ...]:
    """What to do with a database at *path* that cannot be mended: leave it as it is, and know the newest copy."""
    copies = sorted((path.parent / "backups").glob("*.db"), key=lambda each: each.stat().st_mtime)
    keep = f"keep {path.name} and what is called {path.name}-... as they are, and ask for help"
    return (keep, f"the newest copy is {copies[-1]}" if copies else f"there is no copy in {path.parent / 'backups'}")
