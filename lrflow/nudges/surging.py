"""What a command has just made many people get: shown before it leaves, so that nobody is surprised by it."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from lrflow import store
from lrflow.database import Database


@dataclass(frozen=True, slots=True)
class Surge:
    """Far more than usual that leaves soon: how many nudges to how many people, and how many of each rule and day."""

    nudges: int
    people: int
    parts: tuple[tuple[str, str, int], ...]  # rule, local day, people


def surge_of(database: Database, now: datetime) -> Surge | None:
    """What would be held when its hour comes, because nobody foresaw it; None when it is no more than usual."""
    with database.begin() as unit:
        rows = store.soon_unforeseen(unit, now)
        if not store.is_flood(unit, rows):
            return None
    parts = Counter((rule, day) for rule, day, _ in {(row["rule"], row["local_on"], row["person"]) for row in rows})
    return Surge(
        len(rows),
        len({row["person"] for row in rows}),
        tuple((rule, day, count) for (rule, day), count in sorted(parts.items())),
    )


def let_leave(database: Database, now: datetime) -> int:
    """Write down that a person has looked at what leaves soon; how many nudges that were."""
    with database.begin(write=True) as unit:
        rows = store.soon_unforeseen(unit, now)
        store.accept(unit, rows, now)
    return len(rows)
