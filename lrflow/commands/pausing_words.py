"""Carry out pauses, and word what waits because of them."""

from datetime import date
from typing import Any

from lrflow.catalogue.reading import read_day
from lrflow.commands.door import Door, tell
from lrflow.database import Row
from lrflow.errors import Misused
from lrflow.render import day_in_words, table
from lrflow.tracks import pausing
from lrflow.tracks.pausing import Ended


def begin(door: Door, words: tuple[str, ...], until: str, reason: str) -> None:
    """Pause what *words* name, and say how much waits."""
    typed = " ".join(f'"{each}"' if " " in each else each for each in words)
    if not reason.strip():
        again = f"lrflow pause {typed} {f'--until {until} ' if until else ''}--reason TEXT"
        raise Misused("a pause is listed until it ends: say why", remedy=again)
    day = date.fromisoformat(read_day(until, door.today())) if until else None
    done = pausing.pause(door.database, door.route_key(changing=True), words, day, door.act(reason))
    head = f"{done.words} {'would be' if door.dry_run else 'is'} paused{_on(done.route)}"
    ends = f"until {day_in_words(day)}, the last day" if day else "without an end: it is listed every Monday"
    lines = [f"{'' if door.dry_run else '✓ '}{head} {ends} (L{done.entry})"]
    waits = f"{done.held} {'nudge waits' if done.held == 1 else 'nudges wait'}" if done.held else "nothing waits yet"
    lines.append(f"  {waits}; afterwards each is looked at again, and what is too late then stays silent")
    data = {"what": done.what, "until": day.isoformat() if day else None, "route": done.route or None}
    more = {"held": done.held, "entry": f"L{done.entry}"}
    tell(
        door,
        "paused",
        {**data, **more},
        [*lines, f"Next: lrflow pause end {typed}   if it is to end earlier (undo does not)"],
    )


def end(door: Door, words: tuple[str, ...], until: str, reason: str) -> None:
    """End the pause of what *words* name, and say what becomes of what waited."""
    if until:
        raise Misused("end lets it go today: it takes no day", remedy=f"lrflow pause end {' '.join(words)}")
    done = pausing.end_pause(door.database, door.route_key(changing=True), words, door.act(reason))
    head = f"{done.words} {'would be' if door.dry_run else 'is'} paused no more{_on(done.route)} (L{done.entry})"
    lines = [f"{'' if door.dry_run else '✓ '}{head}", *_freed(done)]
    data = {"what": done.what, "route": done.route or None, "planned": done.planned, "silent": done.silent}
    tell(door, "pause_ended", {**data, "entry": f"L{done.entry}"}, [*lines, "Next: lrflow nudge preview"])


def _on(route: str) -> str:
    return f" on {route}" if route else " on every route"


def _freed(done: Ended) -> list[str]:
    lines = [f"  {done.planned} of those that waited go their way again"] if done.planned else []
    lines += [f"  {done.waiting} wait still: another pause holds them, or the route is on hold"] if done.waiting else []
    return [*lines, *([f"  {done.silent} stay silent: too late, or a newer one speaks"] if done.silent else [])]


def tell_pauses(door: Door, until: str, reason: str) -> None:
    """Every pause that holds on the route today."""
    if until or reason:
        raise Misused("list takes no day and no reason", remedy="lrflow pause list")
    found = pausing.pauses(door.database, door.route_key(), door.today())
    rows = [
        [words, "every route" if row["route_id"] is None else "this route", row["until_on"] or "no end", row["reason"]]
        for words, row in found
    ]
    lines = table(["what", "where", "until", "reason"], rows) if rows else ["nothing is paused"]
    tell(door, "pauses", [_data(words, row) for words, row in found], lines)


def _data(words: str, row: Row) -> dict[str, Any]:
    where = {"everywhere": row["route_id"] is None, "until": row["until_on"]}
    return {"what": row["what"], "words": words, "reason": row["reason"], **where}
