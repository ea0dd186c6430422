"""A glimpse of the programme for whoever types: a few rows read by plain sqlite3, nothing set up, nothing written."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    import sqlite3

MOST = 500
PATIENCE_SECONDS = 0.2
_PERSON = "(SELECT name FROM person WHERE person.id = it.person)"
_ORGANISATION = "(SELECT name FROM organisation WHERE organisation.id = it.organisation)"
_OF_DELEGATION = """(SELECT organisation.name FROM delegation JOIN organisation ON organisation.id = organisation
    WHERE delegation.route_id = it.route_id AND delegation.key = it.delegation)"""
CALLED = {
    "offer": _ORGANISATION,
    "experience": "title",
    "evidence": "what",
    "case": "(SELECT title FROM experience WHERE experience.route_id = it.route_id AND experience.key = it.experience)",
    "objective": "title",
    "champion": _PERSON,
    "delegation": _ORGANISATION,
    "participant": _PERSON,
    "session": "\"on\" || ' ' || kind",
    "plan": "title",
    "action": "title",
    "checkin": f"{_OF_DELEGATION} || ' · month ' || month",
    "cascade": "\"on\" || ' ' || level",
    "sharing": "sort",
    "budget": "what",
}


@dataclass(slots=True)
class Glimpse:
    """What is known of the programme and of the route that is meant."""

    connection: "sqlite3.Connection"
    route: tuple[int, str, str]  # its number, its stage, the digest of its workflow
    _definition: dict[str, Any] = field(default_factory=dict)

    @property
    def stage(self) -> str:
        """Where the route stands."""
        return self.route[1]

    @property
    def definition(self) -> dict[str, Any]:
        """The workflow of the route as it was pinned."""
        if not self._definition:
            import json

            row = self.connection.execute("SELECT text FROM definition WHERE digest = ?", (self.route[2],)).fetchone()
            self._definition = json.loads(row[0])
        return self._definition

    def routes(self) -> list[tuple[str, str]]:
        """The key and title of every route."""
        return self._pairs("SELECT key, title FROM route ORDER BY key")

    def countries(self) -> list[tuple[str, str]]:
        """The code and zone of every country in use."""
        return self._pairs("SELECT code, zone FROM country ORDER BY code")

    def people(self) -> list[tuple[str, str]]:
        """The address and name of everyone who has one."""
        return self._pairs(
            "SELECT email, name FROM person WHERE email IS NOT NULL AND removed_us IS NULL ORDER BY email LIMIT ?", MOST
        )

    def records(self, kind: str, begins: str) -> list[tuple[str, str]]:
        """The id and name of the records of *kind* whose id begins so, at most five hundred."""
        return self._pairs(
            f"""SELECT key, {CALLED[kind]} FROM "{kind}" AS it
                WHERE route_id = ? AND removed_us IS NULL AND key LIKE ? ORDER BY number, key LIMIT ?""",
            self.route[0],
            f"{begins.replace('%', '').replace('_', '')}%",
            MOST,
        )

    def kinds_there(self) -> list[str]:
        """The kinds of which the route has records."""
        asked = " UNION ALL ".join(
            f"""SELECT '{kind}', '' WHERE EXISTS (SELECT 1 FROM "{kind}" WHERE route_id = {self.route[0]})"""
            for kind in CALLED
        )
        return [kind for kind, _ in self._pairs(asked)]

    def _pairs(self, sql: str, *values: Any) -> list[tuple[str, str]]:
        return [(str(key), str(name or "")) for key, name in self.connection.execute(sql, values)]


@contextmanager
def glimpse(ctx: click.Context) -> Iterator[Glimpse]:
    """The programme that the command being typed is about. Whatever is wrong with it is raised as it comes."""
    import sqlite3

    from lrflow.commands.door import Door  # whose options are completed by this

    door = ctx.find_object(Door) or Door()
    settings = door.settings
    # With mode=ro each Tab would leave lrflow.db-wal and -shm behind: only a connection that may write clears them.
    address = f"{settings.database.absolute().as_uri()}?mode=rw"
    with closing(sqlite3.connect(address, uri=True, timeout=PATIENCE_SECONDS)) as connection:
        connection.execute("PRAGMA query_only = ON")
        yield Glimpse(connection, _route(connection, door.route or settings.get("route")))


def _route(connection: "sqlite3.Connection", wanted: str) -> tuple[int, str, str]:
    """The route called *wanted*, or the only one open; a route without records when that cannot be told."""
    sql = "SELECT id, stage, digest FROM route WHERE " + ("key = ?" if wanted else "status IN ('active', 'on_hold')")
    rows = connection.execute(sql, (wanted,) if wanted else ()).fetchall()
    return rows[0] if len(rows) == 1 else (0, "", "")
