"""Word the holidays of a country, and what a correction of them moved."""

from datetime import date, timedelta
from typing import Any

from lrflow.commands.door import Door, tell
from lrflow.guards import shorten
from lrflow.render import day_in_words, table
from lrflow.tracks.holidays import Corrected, Moved, holidays

_SOURCES = {"estimated": "estimated", "person": "by hand"}


def tell_holidays(door: Door, country: str, year: int | None) -> None:
    """The holidays of a *year*, or of the year that begins today, a line each."""
    today = door.today()
    first, last = (date(year, 1, 1), date(year, 12, 31)) if year else (today, today + timedelta(days=365))
    rows = holidays(door.database, first, last, country)
    cells = [[row["country"], row["on_day"], f"{_day(row):%A}", _note(row), row["name"]] for row in rows]
    nothing = f"no holidays are known from {first} to {last}. Next: lrflow holiday add {country or 'RW'} DATE NAME"
    lines = table(["country", "day", "weekday", "note", "name"], cells) if rows else [nothing]
    tell(door, "holidays", [_row_data(row) for row in rows], lines)


def _day(row: dict[str, Any]) -> date:
    return date.fromisoformat(row["on_day"])


def _note(row: dict[str, Any]) -> str:
    return "taken out" if row["cancelled"] else _SOURCES.get(row["source"], "")


def _row_data(row: dict[str, Any]) -> dict[str, Any]:
    kept = {name: row[name] for name in ("country", "name", "source")}
    return {**kept, "on": row["on_day"], "taken_out": bool(row["cancelled"])}


def tell_corrected(door: Door, done: Corrected, *, is_off: bool) -> None:
    """What a correction changed, what moved with it, and how to take it back."""
    day = day_in_words(done.on)
    data = {
        "country": done.country,
        "on": done.on.isoformat(),
        "name": done.name,
        "is_holiday": is_off,
        "was": done.was,
        "entry": f"L{done.entry}" if done.entry else None,
        "moved": [_moved_data(each) for each in done.moved],
    }
    if not done.entry:
        tell(door, "holiday", data, [f"nothing changes: {day} is {done.name} in {done.country} already"])
        return
    sign, word = ("", "would be") if door.dry_run else ("✓ ", "is")
    what = f"a holiday in {done.country}: {done.name}" if is_off else f"no holiday in {done.country} ({done.name})"
    lines = [f"{sign}{day} {word} {what} (L{done.entry})"]
    lines += ["  it was estimated until now"] if is_off and done.was == "estimated" else []
    lines += [f"  {_moved(each)}" for each in done.moved] or ["  no nudge moves"]
    lines += [
        f"  ! estimated: {day_in_words(_day(row))}, {row['name']}; if it was not: "
        f"lrflow holiday remove {done.country} {row['on_day']}"
        for row in done.beside
    ]
    tell(door, "holiday", data, [*lines, _next(done, is_off)])


def _moved(moved: Moved) -> str:
    nudges = "1 nudge" if len(moved.numbers) == 1 else f"{len(moved.numbers)} nudges"
    names = shorten([f"N{number}" for number in moved.numbers])
    from_day = day_in_words(moved.before)
    if moved.after is None:
        return f"{moved.route}: {nudges} of {from_day} no longer planned (lrflow nudge list --all): {names}"
    return f"{moved.route}: {nudges} moved from {from_day} to {day_in_words(moved.after)}: {names}"


def _moved_data(moved: Moved) -> dict[str, Any]:
    after = moved.after.isoformat() if moved.after else None
    ids = [f"N{number}" for number in moved.numbers]
    return {"route": moved.route, "before": moved.before.isoformat(), "after": after, "nudges": ids}


def _next(done: Corrected, is_off: bool) -> str:
    """The opposite, which takes it back; where the day was a holiday before, its country's list."""
    if not is_off:
        return f'Next: lrflow holiday add {done.country} {done.on} "{done.name}"   to take it back'
    if not done.was:
        return f"Next: lrflow holiday remove {done.country} {done.on}   to take it back"
    return f"Next: lrflow holiday list {done.country} --year {done.on.year}"
