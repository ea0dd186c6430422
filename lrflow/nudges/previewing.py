"""Show what would be sent on a day, in the words in which it would be sent."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from lrflow import store
from lrflow.clock import today
from lrflow.database import Database, Row, Unit
from lrflow.errors import Misused
from lrflow.messages import Worded
from lrflow.nudges.wording import Reading, reading, worded
from lrflow.planner.reaching import unreachable


@dataclass(frozen=True, slots=True)
class Preview:
    """One message as it would leave: to whom, when in their own time, in which words; or why it would not."""

    name: str
    address: str
    local_on: date
    at: str
    zone: str
    words: Worded | None
    silence: str
    nudges: tuple[str, ...]


def preview(
    database: Database, key: str, now: datetime, sender: str, *, on: date | None = None, who: str = ""
) -> list[Preview]:
    """The messages of the route planned for *on*; without a day, those of the next day that has any."""
    with database.begin() as unit:
        route = store.read_route(unit, key)
        rows = _leaving(unit, route.id)
        chosen = [row for row in rows if not who or _is_about(row, who)]
        here = today(now, store.programme_zone(unit, route))
        day = on or _next_day(chosen, here)
        by_person: dict[int | None, list[Row]] = defaultdict(list)
        for row in chosen:
            if day is not None and _leaves_on(row, day, today(now, row["zone"])):
                by_person[row["person"]].append(row)
        if day is None or not by_person:
            return []
        definition = store.read_definition(unit, route.digest)
        seen = {route.id: reading(definition, store.facts_of(unit, route, definition, here))}
        return [_one(unit, seen, rows, day, sender) for rows in by_person.values()]


def _leaving(unit: Unit, route_id: int) -> list[Row]:
    """What is to go out; what a person or a takeover holds back does not."""
    rows = store.nudges_of(unit, route_id, ["planned", "held", "assembled"])
    return [row for row in rows if not row["pinned"]]


def preview_with(unit: Unit, key: str, row: Row, now: datetime, sender: str) -> Preview:
    """The message in which the nudge *row* would leave, together with whatever else its reader gets on that day."""
    route = store.read_route(unit, key)
    day = max(date.fromisoformat(row["local_on"]), today(now, row["zone"]))
    rows = [
        each
        for each in _leaving(unit, route.id)
        if each["person"] == row["person"] and _leaves_on(each, day, today(now, each["zone"]))
    ]
    definition = store.read_definition(unit, route.digest)
    facts = store.facts_of(unit, route, definition, today(now, store.programme_zone(unit, route)))
    return _one(unit, {route.id: reading(definition, facts)}, rows or [row], day, sender)


def _is_about(row: Row, who: str) -> bool:
    return (
        who.upper() in (f"N{row['number']}", row["subject"].upper())
        or who.casefold() in (row["person_name"] or "").casefold()
    )


def _next_day(rows: list[Row], here: date) -> date | None:
    days = [max(date.fromisoformat(row["local_on"]), here) for row in rows]
    return min(days, default=None)


def _leaves_on(row: Row, day: date, here: date) -> bool:
    """Whether the nudge leaves on *day*; what is overdue leaves today."""
    local = date.fromisoformat(row["local_on"])
    return local == day or (local < here == day)


def _one(unit: Unit, seen: Mapping[int, Reading], rows: list[Row], day: date, sender: str) -> Preview:
    person = store.shared_record(unit, "person", rows[0]["person"]) if rows[0]["person"] is not None else None
    silence = unreachable(person, day)
    words = None
    if not silence:
        try:
            words = worded(rows, seen, sender, day)
        except (KeyError, Misused) as fault:
            silence = f"no_translation: {fault}"
    name, address = (str(person["name"]), str(person["email"] or "")) if person else ("nobody", "")
    numbers = tuple(f"N{row['number']}" for row in rows)
    return Preview(name, address, day, rows[0]["at"], rows[0]["zone"], words, silence, numbers)
