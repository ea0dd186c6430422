"""Who asked for silence: about one record, or on one route; all of it is a field of the person."""

from datetime import datetime

from lrflow.clock import to_us
from lrflow.database import Row, Unit

_NAMED = """
    SELECT opt_out.*, person.name AS person_name, person.email AS person_email, route.key AS route_key FROM opt_out
    JOIN person ON person.id = opt_out.person JOIN route ON route.id = opt_out.route_id
    WHERE opt_out.ended_us IS NULL
"""


def opt_outs_of(unit: Unit, route_id: int) -> list[Row]:
    """Who asked for silence on the route, about what, how and since when, oldest first: with person_name."""
    return unit.all(f"{_NAMED} AND opt_out.route_id = $1 ORDER BY opt_out.id", route_id)


def opt_outs_by(unit: Unit, person: int) -> list[Row]:
    """What *person* asked for silence about, on any route, oldest first: with route_key."""
    return unit.all(f"{_NAMED} AND opt_out.person = $1 ORDER BY opt_out.id", person)


def add_opt_out(
    unit: Unit, person: int, route_id: int, subject: str | None, *, how: str, actor: int, now: datetime
) -> None:
    """Keep that *person* asked for silence, about the record *subject* or all of the route, and who wrote it down."""
    about = {"person": person, "route_id": route_id, "subject": subject}
    unit.insert("opt_out", {**about, "how": how, "actor": actor, "since_us": to_us(now), "ended_us": None})


def end_opt_out(unit: Unit, number: int, now: datetime) -> None:
    """End one: the row stays, with the instant at which it ended."""
    unit.run("UPDATE opt_out SET ended_us = $2 WHERE id = $1 AND ended_us IS NULL", number, to_us(now))
