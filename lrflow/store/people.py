"""Who is who: the actor and the roles held, people and organisations by what was typed."""

from collections.abc import Sequence
from datetime import date, datetime

from lrflow.clock import to_us
from lrflow.database import Row, Unit
from lrflow.errors import Misused, Unavailable

# The person, and those who are away and have named them as deputy: what they hold, the deputy holds.
_STOOD_FOR = """
    WITH RECURSIVE stood_for (id) AS (
        SELECT id FROM person WHERE id = $1
        UNION SELECT person.id FROM person JOIN stood_for ON person.deputy = stood_for.id
        WHERE person.away_until >= $2 AND person.removed_us IS NULL)
    SELECT DISTINCT role FROM role_holder JOIN stood_for ON stood_for.id = role_holder.person WHERE until_us IS NULL
"""


def programme_of(unit: Unit) -> Row:
    """The programme this database keeps."""
    row = unit.one("SELECT * FROM programme ORDER BY id LIMIT 1")
    if row is None:
        raise Unavailable("the database holds no programme", remedy="lrflow init in an empty folder")
    return row


def actor_of(unit: Unit, email: str) -> Row:
    """The person who acts, by address. `Misused` says how to become one."""
    if not email:
        raise Misused("who are you? a change needs a name", remedy="lrflow settings set me=you@example.org")
    row = unit.one("SELECT * FROM person WHERE lower(email) = lower($1) AND removed_us IS NULL", email)
    if row is None:
        raise Misused(
            f"{email} is not known here",
            remedy=[
                f'lrflow add person "NAME" {email}',
                "then ask the coordinator for a role: lrflow set ROUTE coordinator=EMAIL",
            ],
        )
    return row


def roles_of(unit: Unit, person: int, route_id: int | None, *, on: date) -> tuple[str, ...]:
    """The roles *person* holds on the route, those of the whole programme included, and those held as a deputy *on*."""
    rows = unit.all(f"{_STOOD_FOR} AND (route_id IS NULL OR route_id = $3)", person, on.isoformat(), route_id)
    return tuple(sorted(row["role"] for row in rows))


def roles_anywhere(unit: Unit, person: int, *, on: date) -> tuple[str, ...]:
    """The roles *person* holds on any route, in person or as a deputy *on* that day."""
    return tuple(row["role"] for row in unit.all(_STOOD_FOR, person, on.isoformat()))


def hand_over(unit: Unit, route_id: int | None, role: str, people: Sequence[int], now: datetime) -> None:
    """Let *people* hold *role* from now on; those who held it are kept, with the instant they ended."""
    unit.run(
        "UPDATE role_holder SET until_us = $3 WHERE coalesce(route_id, 0) = $1 AND role = $2 AND until_us IS NULL",
        route_id or 0,
        role,
        to_us(now),
    )
    for person in people:
        unit.insert("role_holder", {"route_id": route_id, "role": role, "person": person, "since_us": to_us(now)})


def holders_of(unit: Unit, route_id: int | None, role: str) -> list[int]:
    """Who holds *role* on this route itself (on the whole programme without one), first holder first."""
    rows = unit.all(
        """SELECT person FROM role_holder WHERE coalesce(route_id, 0) = $1 AND role = $2 AND until_us IS NULL
           ORDER BY id""",
        route_id or 0,
        role,
    )
    return [int(row["person"]) for row in rows]


def find_people(unit: Unit, words: str) -> list[Row]:
    """People whose address is *words*; failing that, whose name contains it."""
    exact = unit.all("SELECT * FROM person WHERE removed_us IS NULL AND lower(email) = lower($1)", words)
    return exact or _containing(unit, "person", words)


def find_organisations(unit: Unit, words: str) -> list[Row]:
    """Organisations called *words*; failing that, whose name contains it."""
    exact = unit.all("SELECT * FROM organisation WHERE removed_us IS NULL AND lower(name) = lower($1)", words)
    return exact or _containing(unit, "organisation", words)


def _containing(unit: Unit, table: str, words: str) -> list[Row]:
    pattern = "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    return unit.all(
        f"SELECT * FROM {table} WHERE removed_us IS NULL AND lower(name) LIKE lower($1) ESCAPE '\\' ORDER BY name",
        pattern,
    )


def names_of(unit: Unit, table: str) -> dict[int, str]:
    """The name of every organisation or person by number, removed ones included: the log may speak of them."""
    return {row["id"]: row["name"] for row in unit.all(f"SELECT id, name FROM {table}")}
