"""What people are owed and what they got: nudges whose hour has come, days on which messages left. Only read here."""

from datetime import date, datetime

from lrflow.clock import to_us
from lrflow.database import Row, Unit
from lrflow.planner import Key

_LEAVING = """
    nudge.state IN ('planned', 'held') AND nudge.state = 'planned' AND route.live_on IS NOT NULL
    AND route.status IN ('active', 'on_hold')
"""
_DUE = f"""
    SELECT nudge.*, route.key AS route_key FROM nudge JOIN route ON route.id = nudge.route_id
    WHERE {_LEAVING} AND nudge.due_us <= $1
"""
_OLDEST_FIRST = "ORDER BY nudge.due_us, nudge.route_id, nudge.number"


def people_due(unit: Unit, now: datetime) -> list[int | None]:
    """Who is owed a nudge whose hour has come, the longest due first; None for those that nobody is to get.

    Only of routes that are live and open.
    """
    rows = unit.all(
        f"""SELECT nudge.person, min(nudge.due_us) AS first FROM nudge JOIN route ON route.id = nudge.route_id
            WHERE {_LEAVING} AND nudge.due_us <= $1 GROUP BY nudge.person ORDER BY first, nudge.person""",
        to_us(now),
    )
    return [row["person"] for row in rows]


def due_nudges(unit: Unit, person: int | None, now: datetime) -> list[Row]:
    """The nudges to *person* (to nobody without one) whose hour has come, oldest first."""
    if person is None:
        return unit.all(f"{_DUE} AND nudge.person IS NULL {_OLDEST_FIRST}", to_us(now))
    return unit.all(f"{_DUE} AND nudge.person = $2 {_OLDEST_FIRST}", to_us(now), person)


def owed_by(unit: Unit, person: int, local_on: date) -> list[Row]:
    """Everything that *person* is owed up to the end of that local day, oldest first."""
    return unit.all(
        f"""SELECT nudge.*, route.key AS route_key FROM nudge JOIN route ON route.id = nudge.route_id
            WHERE {_LEAVING} AND nudge.person = $1 AND nudge.local_on <= $2
            ORDER BY nudge.due_us, nudge.route_id, nudge.number""",
        person,
        local_on.isoformat(),
    )


def recent_days(unit: Unit, person: int, since: date) -> list[date]:
    """The days since *since* on which a message to *person* left or is leaving."""
    rows = unit.all(
        "SELECT local_on FROM message WHERE person = $1 AND local_on >= $2 AND state NOT IN ('dropped', 'failed')",
        person,
        since.isoformat(),
    )
    return [date.fromisoformat(row["local_on"]) for row in rows]


def written_days(unit: Unit, since: date) -> dict[int, list[date]]:
    """The days since *since* on which a message to each person left; one that is on its way is none yet."""
    rows = unit.all(
        """SELECT person, local_on FROM message
           WHERE local_on >= $1 AND state NOT IN ('dropped', 'failed', 'due', 'sending')""",
        since.isoformat(),
    )
    found: dict[int, list[date]] = {}
    for row in rows:
        found.setdefault(row["person"], []).append(date.fromisoformat(row["local_on"]))
    return found


def begun_messages(unit: Unit) -> list[Row]:
    """Messages of which the first byte has left and no answer came, or none yet: number, person, local day."""
    return unit.all(
        """SELECT id, person, local_on FROM message
           WHERE state IN ('due', 'sending') AND state = 'sending' AND data_started_us IS NOT NULL"""
    )


def routes_beside(unit: Unit, route_id: int) -> list[str]:
    """The other live routes that write to people to whom this one writes: they share what one may get."""
    rows = unit.all(
        """SELECT DISTINCT route.key FROM nudge JOIN route ON route.id = nudge.route_id
           WHERE nudge.state IN ('planned', 'held', 'assembled') AND route.id <> $1 AND route.live_on IS NOT NULL
             AND route.status IN ('active', 'on_hold') AND nudge.person IN (
                 SELECT person FROM nudge WHERE route_id = $1 AND state IN ('planned', 'held', 'assembled'))
           ORDER BY route.key""",
        route_id,
    )
    return [row["key"] for row in rows]


def number_of(unit: Unit, route: str, key: Key) -> int:
    """The number of the nudge *key* of the route called *route*; 0 when it is not written down yet."""
    row = unit.one(
        """SELECT nudge.number FROM nudge JOIN route ON route.id = nudge.route_id WHERE route.key = $1
           AND rule = $2 AND subject = $3 AND role = $4 AND seq = $5 AND epoch = $6""",
        route,
        *key,
    )
    return int(row["number"]) if row else 0


def numbers_of(unit: Unit, route_id: int) -> dict[Key, int]:
    """The number of each nudge of the route, by what makes it the same one."""
    rows = unit.all("SELECT rule, subject, role, seq, epoch, number FROM nudge WHERE route_id = $1", route_id)
    return {(row["rule"], row["subject"], row["role"], row["seq"], row["epoch"]): row["number"] for row in rows}


def nudges_to(unit: Unit, person: int, on: date) -> list[Row]:
    """Every nudge to *person* of that local day, or in a message of it: with the day of its message as message_on."""
    return unit.all(
        """SELECT nudge.*, message.local_on AS message_on FROM nudge LEFT JOIN message ON message.id = nudge.message_id
           WHERE nudge.person = $1 AND (nudge.local_on = $2 OR message.local_on = $2)
           ORDER BY nudge.due_us, nudge.number""",
        person,
        on.isoformat(),
    )


def roles_held(unit: Unit, route_id: int) -> list[tuple[int, ...]]:
    """Who holds a role on the route or the whole programme: the people of each role."""
    rows = unit.all(
        """SELECT role, person FROM role_holder WHERE until_us IS NULL AND (route_id IS NULL OR route_id = $1)
           ORDER BY role, id""",
        route_id,
    )
    held: dict[str, list[int]] = {}
    for row in rows:
        held.setdefault(row["role"], []).append(row["person"])
    return [tuple(people) for people in held.values()]


def messages_to(unit: Unit, person: int, most: int) -> list[Row]:
    """The last messages to *person* that left or may have, newest first: day, state, subject, what was said of them."""
    return unit.all(
        """SELECT local_on, state, subject, detail, address FROM message
           WHERE person = $1 AND state IN ('drafted', 'sent', 'unsure', 'failed') ORDER BY id DESC LIMIT $2""",
        person,
        most,
    )


def routes_writing_to(unit: Unit, person: int) -> list[str]:
    """The live routes on which something is still to be said to *person*."""
    rows = unit.all(
        """SELECT DISTINCT route.key FROM nudge JOIN route ON route.id = nudge.route_id
           WHERE nudge.state IN ('planned', 'held', 'assembled') AND nudge.person = $1 AND route.live_on IS NOT NULL
             AND route.status IN ('active', 'on_hold') ORDER BY route.key""",
        person,
    )
    return [row["key"] for row in rows]
