"""What the log and the sender say of one route for the overview of a Monday; what was sent is in the ledger."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from lrflow.clock import from_us, to_us, zone_of
from lrflow.database import Row, Unit
from lrflow.store.alarms import Alarm, Trouble, alarms_of, troubles_of
from lrflow.store.senders import sender_row

WEEK = timedelta(days=7)
# By verb, state and kind of record: the first letter of an id, and whether it is one within another (A1.2).
_CHANGES = """
    SELECT verb, target, min(subject) AS subject, count(*) AS number FROM log
    WHERE route_id = $1 AND outcome = 'done' AND recorded_us >= $2 AND recorded_us < $3
    GROUP BY verb, target, substr(subject, 1, 1), CASE WHEN subject LIKE '%.%' THEN 1 ELSE 0 END
    ORDER BY count(*) DESC, verb, min(subject)
"""
_NOTED = """
    SELECT subject, max(happened_on) AS noted_on FROM log
    WHERE route_id = $1 AND verb = 'note' AND outcome = 'done' GROUP BY subject
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """What changed on a route in the seven days before one day, and how the sending does.

    *changes*: what was done: verb, the state that came of it, one of its subjects, and how often. *noted*: the last day
    on which somebody wrote a note about a record. *ticked*: when the last whole tick began. *is_only*: no other route
    of the programme is open.
    """

    changes: tuple[Row, ...]
    noted: Mapping[str, str]
    ticked: datetime | None
    alarms: tuple[Alarm, ...]
    troubles: tuple[Trouble, ...]
    is_only: bool


def figures_of(unit: Unit, route_id: int, on: date, zone: str, now: datetime) -> Figures:
    """The figures of the route for the day *on* of *zone*, as they are *now*.

    Only whole days before *on* count as past, so that the same is said in the preview and when it leaves.
    """
    first = datetime.combine(on - WEEK, time(), zone_of(zone))
    last = datetime.combine(on, time(), zone_of(zone))
    row = sender_row(unit)
    return Figures(
        tuple(unit.all(_CHANGES, route_id, to_us(first), to_us(last))),
        {each["subject"]: each["noted_on"] for each in unit.all(_NOTED, route_id)},
        from_us(row["ticked_us"]) if row and row["ticked_us"] else None,
        alarms_of(unit),
        troubles_of(unit, now),
        _open_routes(unit) <= 1,
    )


def _open_routes(unit: Unit) -> int:
    rows = unit.all("SELECT count(*) AS number FROM route WHERE status IN ('active', 'on_hold') AND removed_us IS NULL")
    return int(rows[0]["number"])
