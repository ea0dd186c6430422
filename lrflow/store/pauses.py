"""What is paused: nudges of a route, about a record, of a rule; to a person on every route."""

from collections.abc import Sequence
from datetime import date, datetime

from lrflow.clock import to_us
from lrflow.database import Row, Unit
from lrflow.planner.quiet import OptOut, Pause, Quiet
from lrflow.store.opt_outs import opt_outs_of


def quiet_of(unit: Unit, route_id: int) -> Quiet:
    """Every pause and opt-out that holds on the route, for a plan; those of a person hold on every route."""
    pauses = tuple(
        Pause(row["what"], date.fromisoformat(row["until_on"]) if row["until_on"] else None, row["reason"])
        for row in pauses_of(unit, route_id)
    )
    return Quiet(pauses, tuple(OptOut(row["person"], row["subject"]) for row in opt_outs_of(unit, route_id)))


def pauses_of(unit: Unit, route_id: int) -> list[Row]:
    """The pauses of the route and those of people that nobody ended, oldest first; their last day may have passed."""
    return unit.all(
        "SELECT * FROM pause WHERE ended_us IS NULL AND (route_id IS NULL OR route_id = $1) ORDER BY id", route_id
    )


def add_pause(
    unit: Unit, route_id: int | None, what: str, until: date | None, *, reason: str, number: int, now: datetime
) -> None:
    """Pause *what* until that day, the last one, or without an end; a pause of the same that runs is replaced.

    Without *route_id* it is a person's, on every route. *number* is the log entry that brought it.
    """
    end_pauses(unit, route_id, [what], now)
    until_on = until.isoformat() if until else None
    row: Row = {"route_id": route_id, "what": what, "until_on": until_on, "reason": reason, "number": number}
    unit.insert("pause", {**row, "since_us": to_us(now), "ended_us": None})


def end_pauses(unit: Unit, route_id: int | None, whats: Sequence[str], now: datetime) -> None:
    """End the pauses of *whats*: the rows stay, with the instant at which they ended."""
    for what in whats:
        unit.run(
            """UPDATE pause SET ended_us = $3
               WHERE coalesce(route_id, 0) = $1 AND what = $2 AND ended_us IS NULL""",
            route_id or 0,
            what,
            to_us(now),
        )
