"""Postpone the visit: show everything that follows, ask, do it."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

from lrflow.commands.door import Door, tell, verb

if TYPE_CHECKING:
    from lrflow.routes.postponing import Change, Dates, Postponed

_FEW = 4  # so many of many are shown


@verb("postpone")
@click.argument("dates", metavar="DATES")
@click.option("--reason", default="", metavar="TEXT", help="Why; asked for.")
def postpone(door: Door, dates: str, reason: str) -> None:
    """Move the visit to other days.

    It shows what moves along, what must be redone and who is told, and asks. Sessions and check-ins move with it;
    plans and actions keep their days. DATES: both days, the first one (the length stays), so much later, or a month.

    \b
    lrflow postpone 2016-11-27..2016-12-03 --reason "elections in the host country"
    lrflow postpone +4w --reason "..."        lrflow postpone 2016-12 --reason "..."
    """
    from dataclasses import replace

    from lrflow.routes.postponing import postpone as carry_out

    key, act, seen = door.route_key(changing=True), door.act(reason), None
    if not door.yes and not door.dry_run:
        ahead = carry_out(door.database, key, dates, replace(act, dry_run=True))
        click.echo("\n".join(_lines(door, ahead)), err=True)
        door.confirm(_question(ahead))
        seen = ahead.rev
    done = carry_out(door.database, key, dates, act, seen=seen)
    sign = "would move" if door.dry_run else "✓"
    lines = [f"{sign} {_head(done)} (L{done.entry}{'' if door.dry_run else ' · lrflow undo'})"]
    lines += _lines(door, done)[1:] if door.yes or door.dry_run else []
    follow = f"lrflow nudge preview L{done.entry}" if done.told else "lrflow check"
    lines.append("Next: the same without -n" if door.dry_run else f"Next: {follow}")
    tell(door, "postponed", _data(done, door.dry_run), lines)


def _question(ahead: "Postponed") -> str:
    told = len(ahead.told)
    return f"Move the visit{f' and write to {told}' if told else ''}?"


def _head(done: "Postponed") -> str:
    return f"{done.route}: {_days(done.before)} -> {_days(done.after)}"


def _days(dates: "Dates") -> str:
    from lrflow.facts import full_day
    from lrflow.render import day_in_words

    start, end = (full_day(each) for each in dates)
    if start and end:
        return f"{day_in_words(start)} to {day_in_words(end)}"
    known = next((each for each in dates if each), None)
    return f"{known}, the days not known" if known else "no dates"


def _lines(door: Door, done: "Postponed") -> list[str]:
    """Everything that follows from it, most of all what needs someone."""
    beside = done.beside
    lines = [_head(done)]
    lines += _some("  move with it", (_moved(each) for each in done.sessions))
    lines += [f"  {each.of} {each.note}: {_weekday(each.before)} -> {_weekday(each.after)}" for each in done.targets]
    lines += _some("  ! on a day off", (f"{each.of} {_weekday(each.after)} ({each.note})" for each in beside.days_off))
    lines += _some("  ! not on the new days", (f"{each.of} {each.after} {each.note}" for each in beside.outside))
    lines += [f"    -> lrflow set {beside.outside[0].of} on=..."] if beside.outside else []
    lines += _some("  ! due before the visit ends", (f"{each.of} {each.note} {each.after}" for each in beside.early))
    lines += _again(beside.cleared, beside.available)
    lines += [f"  ! {each.guard} will not pass: {each.says}" for each in beside.failing]
    lines += _nudges(done)
    return [*lines, *_told(door, done)]


def _some(head: str, items: Iterable[str]) -> list[str]:
    from lrflow.guards import shorten

    found = list(items)
    return [f"{head} ({len(found)}): {shorten(found, _FEW)}"] if found else []


def _moved(each: "Change") -> str:
    return f"{each.of} {each.before} -> {_weekday(each.after)}"


def _weekday(day: str | None) -> str:
    from datetime import date

    return f"{date.fromisoformat(day):%a} {day}" if day else "not known"


def _again(cleared: Sequence[str], available: Sequence[str]) -> list[str]:
    """Whom to ask again: they stay as they are, but for the old days."""
    from lrflow.nudges.telling import compact

    lines = [f"  ! cleared for the old days: {compact(cleared)}. Confirm tickets and visas again"] if cleared else []
    return lines + ([f"  ! had confirmed the old days: {compact(available)}. Ask them again"] if available else [])


def _nudges(done: "Postponed") -> list[str]:
    moved, gone, new = done.nudges.moved, done.nudges.withdrawn, done.nudges.added
    if not (moved or gone or new):
        return []
    lines = [f"  nudges: {len(moved)} moved, {len(gone)} withdrawn, {len(new)} new"]
    lines += _first([f"{each.before} -> {each.after}  {each.of} to {each.note}" for each in moved])
    lines += _first([f"{each.before} withdrawn  {each.of} to {each.note}" for each in gone])
    return lines + _first([f"{each.after} new  {each.of} to {each.note}" for each in new])


def _first(lines: list[str]) -> list[str]:
    more = [f"and {len(lines) - _FEW} more"] if len(lines) > _FEW else []
    return [f"    {line}" for line in [*lines[:_FEW], *more]]


def _told(door: Door, done: "Postponed") -> list[str]:
    from lrflow.commands.telling import morning_lines

    lines = ["  the notice before, which had not left, is withdrawn"] if done.untold else []
    if not done.told:
        return [*lines, "  nobody is told: the days were not known, or nothing changes for those who know them"]
    lines.append(f"  told once, in their own language ({len(done.told)}):")
    lines += [f"  {line}" for line in morning_lines(done.told)]
    lines += [f"    not by mail, so call: {each}" for each in _unreachable(door, done)]
    return lines if done.live_on else [*lines, "  REHEARSAL: nothing is sent until: lrflow nudge go-live"]


def _unreachable(door: Door, done: "Postponed") -> list[str]:
    from lrflow import store
    from lrflow.planner.reaching import unreachable

    with door.database.begin() as unit:
        people = [store.shared_record(unit, "person", row["person"]) for row in done.told if row["person"]]
    return [str(each["name"]) for each in people if unreachable(each, door.today())]


def _data(done: "Postponed", dry_run: bool) -> dict[str, Any]:
    def days(changes: Iterable["Change"]) -> list[dict[str, Any]]:
        return [{"of": each.of, "before": each.before, "after": each.after, "note": each.note} for each in changes]

    beside = done.beside
    return {
        "route": done.route,
        "before": list(done.before),
        "after": list(done.after),
        "entry": f"L{done.entry}",
        "sessions": days(done.sessions),
        "targets": days(done.targets),
        "outside": days(beside.outside),
        "days_off": days(beside.days_off),
        "early": days(beside.early),
        "cleared": list(beside.cleared),
        "available": list(beside.available),
        "failing": [each.guard for each in beside.failing],
        "nudges": {name: days(getattr(done.nudges, name)) for name in ("moved", "withdrawn", "added")},
        "told": [{"name": row["person_name"], "on": row["local_on"], "zone": row["zone"]} for row in done.told],
        "dry_run": dry_run,
    }


COMMANDS: tuple[click.Command, ...] = (postpone,)
