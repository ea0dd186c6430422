"""What a change of hands leaves for everyone to see: a closed copy, who is away, what a takeover holds."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from lrflow import store
from lrflow.clock import from_us, today
from lrflow.database import Database, Row

MOST_AWAY = 5


@dataclass(frozen=True, slots=True)
class Hands:
    """In whose hands *programme* is: whether this copy is closed, who is away, how many nudges a takeover holds."""

    programme: str
    closed: Row | None
    away: tuple[Row, ...]
    held: int

    def lines(self, actor: str) -> list[str]:
        """A line for each of them, as *actor* (an address) reads it; none when all is as usual."""
        lines = [f"CLOSED: {told_of(self.closed)}: nothing is written or sent from it any more"] if self.closed else []
        lines += [_away_line(row, actor.lower()) for row in self.away[:MOST_AWAY]]
        more = len(self.away) - MOST_AWAY
        lines += [f"{more} more are away: lrflow list person away_until!="] if more > 0 else []
        if self.held:
            what = "nudge is" if self.held == 1 else "nudges are"
            lines.append(f"{self.held} {what} held since the takeover. Next: lrflow nudge list --state held")
        return lines

    def data(self) -> dict[str, Any]:
        """The same for JSON."""
        kept = ("name", "away_until", "deputy_name")
        away = [{name: row[name] for name in kept} for row in self.away]
        return {
            "closed_for": self.closed["closed_for"] if self.closed else None,
            "closed": self.closed is not None,
            "away": away,
            "held_since_takeover": self.held,
        }


def _away_line(row: Row, actor: str) -> str:
    until = row["away_until"]
    if (row["deputy_email"] or "").lower() == actor:
        return f"you stand in for {row['name']} until {until}"
    if (row["email"] or "").lower() == actor:
        return f"you are away until {until}: {row['deputy_name']} stands in (lrflow away --back)"
    return f"{row['name']} is away until {until}: {row['deputy_name']} stands in"


def told_of(closed: Row) -> str:
    """That the copy was handed over, to whom and when."""
    to, on = (f" to {closed['closed_for']}" if closed["closed_for"] else ""), from_us(closed["closed_us"])
    return f"this copy was handed over{to} on {today(on, closed['zone'])}"


def hands_of(database: Database, on: date) -> Hands:
    """In whose hands the programme is on that day."""
    with database.begin() as unit:
        held = len(store.held_after_takeover(unit))
        name = str(store.programme_of(unit)["name"])
        return Hands(name, store.closed_copy(unit), tuple(store.people_away(unit, on)), held)
