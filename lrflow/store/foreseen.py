"""What would leave soon although nobody foresaw it: counted, held back, or let go by a person."""

from datetime import datetime, timedelta

from lrflow.clock import to_us
from lrflow.database import Row, Unit

DAY = timedelta(hours=24)
FORECAST = timedelta(hours=26)  # a task scheduler that starts the sending once a day may be two hours late
ACCEPTED = timedelta(days=7)
FLOOD = "flood"
FEWEST, SHARE = 10, 5  # at most ten people, or one in five
_LEAVING = "nudge.state IN ('planned', 'held') AND nudge.state = 'planned' AND nudge.person IS NOT NULL"
_LIVE = "route.live_on IS NOT NULL AND route.status IN ('active', 'on_hold')"


def unforeseen(unit: Unit, now: datetime, until: datetime, *, recovering: bool) -> list[Row]:
    """Nudges that leave by *until* and that no plan of a day ago had for this time, nor any person has looked at.

    After a silence of the sender (*recovering*) what it left lying is no part of any forecast either.
    """
    return unit.all(
        f"""SELECT nudge.*, route.key AS route_key, person.name AS person_name FROM nudge
            JOIN route ON route.id = nudge.route_id JOIN person ON person.id = nudge.person
            WHERE {_LEAVING} AND {_LIVE} AND nudge.due_us <= $1
              AND coalesce(nudge.accepted_us, 0) < $2
              AND (coalesce(nudge.foreseen_us, 0) > $3 OR nudge.due_us < $4)
            ORDER BY nudge.due_us, nudge.id""",
        to_us(until),
        to_us(now - ACCEPTED),
        to_us(now - DAY),
        to_us(now - FORECAST) if recovering else 0,
    )


def is_flood(unit: Unit, rows: list[Row]) -> bool:
    """Whether the unforeseen *rows* go to more people than may get one at once.

    Ten, or one in five of those whom live routes write to.
    """
    people = len({row["person"] for row in rows})
    if people <= FEWEST:  # the usual case, without another look
        return False
    row = unit.one(
        f"""SELECT count(DISTINCT nudge.person) AS people FROM nudge JOIN route ON route.id = nudge.route_id
            WHERE {_LIVE}"""
    )
    return people > int((row or {}).get("people") or 0) // SHARE


def hold_for(unit: Unit, rows: list[Row], reason: str) -> None:
    """Hold the nudges *rows* back until a person releases them."""
    for row in rows:
        unit.run(
            """UPDATE nudge SET state = 'held', reason = $2, pinned = TRUE
               WHERE id = $1 AND state IN ('planned', 'held') AND state = 'planned'""",
            row["id"],
            reason,
        )


def accept(unit: Unit, rows: list[Row], now: datetime) -> None:
    """Write down that a person has looked at *rows* and lets them leave."""
    for row in rows:
        unit.run("UPDATE nudge SET accepted_us = $2 WHERE id = $1", row["id"], to_us(now))


def soon_unforeseen(unit: Unit, now: datetime, route_id: int | None = None) -> list[Row]:
    """The nudges, of one route or of all, that leave within a day and a half and that nobody has looked at yet."""
    rows = unforeseen(unit, now, now + DAY * 1.5, recovering=False)
    return [row for row in rows if route_id in (None, row["route_id"])]
