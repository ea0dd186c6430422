"""The editing path to the data: SQLModel rows written inside the transaction that a use case has opened."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from lrflow.database import Unit
from lrflow.facts import Record
from lrflow.rows import columns_of

if TYPE_CHECKING:
    from sqlite3 import Connection

    from sqlalchemy import Engine
    from sqlmodel import Session, SQLModel

# SQLModel takes half a second to import, so only an edit pays for it.


class _Borrowed:
    """The unit's own connection, lent out: whoever borrows it can neither commit, roll back nor close it."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def commit(self) -> None: ...

    def rollback(self) -> None: ...

    def close(self) -> None: ...


@contextmanager
def session(unit: Unit) -> Iterator["Session"]:
    """A session inside the transaction of *unit*: flushed at the end, committed or rolled back with it."""
    from sqlmodel import Session

    with Session(_engine_on(unit.connection), expire_on_commit=False) as opened:
        yield opened
        opened.flush()


@lru_cache(maxsize=1)  # an engine made anew for each edit would also compile each statement anew
def _engine_on(connection: "Connection") -> "Engine":
    from sqlalchemy import create_engine
    from sqlalchemy.pool import StaticPool

    return create_engine("sqlite://", creator=lambda: _Borrowed(connection), poolclass=StaticPool)


def table_of(kind: str) -> "type[SQLModel]":
    """The table of *kind*."""
    from lrflow import tables

    found: type[SQLModel] = getattr(tables, kind.capitalize())
    return found


def add(unit: Unit, kind: str, values: dict[str, Any]) -> "SQLModel":
    """Add a record of *kind*; *values* are those of the catalogue, with key, state and what else its table asks."""
    row = table_of(kind)(**columns_of(kind, values))
    with session(unit) as opened:
        opened.add(row)
    return row


def edit(unit: Unit, route_id: int | None, record: Record, values: dict[str, Any], on: date) -> None:
    """Write *values* into *record* and count its version up."""
    table = table_of(record.kind)
    identity: Any = int(record.key) if hasattr(table, "id") else (route_id, record.key)
    with session(unit) as opened:
        row: Any = opened.get_one(table, identity)
        for name, value in columns_of(record.kind, values).items():
            setattr(row, name, value)
        row.version += 1
        if hasattr(row, "touched_on"):
            row.touched_on = on.isoformat()
        opened.add(row)
