"""Which nudges a person means, whether one may decide on them, and how that is written down."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lrflow import store
from lrflow.database import Row, Unit
from lrflow.errors import Misused, NotFound, Refused
from lrflow.store import Act, Standing

_NUMBERED = re.compile(r"N(\d{1,9})(?:-N?(\d{1,9}))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Settled:
    """Nudges that were held back or released, as they stand now, those for which it was too late, and the log entry."""

    nudges: tuple[Row, ...]
    too_late: tuple[str, ...]
    entry: int


def stand_for(unit: Unit, key: str, act: Act, what: str) -> Standing:
    """The route as *act* finds it; `Refused` for who may not decide about messages."""
    standing = store.stand(unit, key, act)
    if not standing.may("live"):
        raise Refused(f"{act.actor} is {standing.role} on {key} and may not {what}", remedy="ask the coordinator")
    return standing


def meant(which: str, rows: Sequence[Row]) -> list[Row]:
    """Those of *rows* that *which* names: all, N12, N12-N15, several joined by +."""
    if which.lower() == "all":
        return list(rows)
    wanted: list[tuple[int, int]] = []
    for word in which.split("+"):
        match = _NUMBERED.fullmatch(word.strip())
        if match is None:
            raise Misused(f"{word!r} names no nudge", remedy="write N12, N12-N15, N12+N20 or all: lrflow nudge list")
        wanted.append((int(match[1]), int(match[2] or match[1])))
    return [row for row in rows if any(first <= row["number"] <= last for first, last in wanted)]


def nothing(which: str, there_is: str, rows: Sequence[Row]) -> NotFound:
    """That nothing fits, with what there is."""
    waiting = [f"N{row['number']} {row['rule']} {row['subject']}" for row in rows[:20]]
    return NotFound(f"{there_is} matches {which}", problems=waiting, remedy="lrflow nudge list")


def names(rows: Sequence[Row]) -> str:
    """N12, N15."""
    return ", ".join(f"N{row['number']}" for row in rows)


def step(row: Row, state: str) -> dict[str, object]:
    """The change of one nudge, for the log."""
    return {"of": f"N{row['number']}", "field": "state", "before": row["state"], "after": state}


def write(unit: Unit, standing: Standing, act: Act, verb: str, which: str, changes: list[dict[str, object]]) -> int:
    """Log the decision; the number of the entry."""
    return store.log_entry(unit, standing, store.entry_of(standing, act, verb, which, "done", changes=changes))


def as_they_are(unit: Unit, standing: Standing, rows: Sequence[Row]) -> tuple[Row, ...]:
    """The rows as they stand now."""
    numbers = {row["number"] for row in rows}
    return tuple(row for row in store.nudges_of(unit, standing.route.id, []) if row["number"] in numbers)
