"""Carry out undo, remove and replace, and word what came of them."""

import re
from collections.abc import Sequence
from typing import Any

import click

from lrflow import history, settings, store, tracks
from lrflow.catalogue import KINDS
from lrflow.commands.door import Door, tell
from lrflow.commands.words import split
from lrflow.commands.writing import Narrowing, change_lines
from lrflow.errors import Misused, PartlyDone, Refused
from lrflow.guards import shorten
from lrflow.history import Past, Undone
from lrflow.history.net import SHARED, Change
from lrflow.render import log_lines
from lrflow.tracks import Which

_SHOWN = 12
Names = dict[str, dict[int, str]]


def take_back(door: Door, entry: str, shared: bool) -> None:
    """Show what would be taken back, ask, and do it."""
    number = _number_of(entry)
    route = "" if shared else _route(door)
    past = history.look_back(door.database, route, number, shared=shared)
    told = log_lines(past.every, door.zone)
    more = [f"      and {len(told) - _SHOWN} more lines"] if len(told) > _SHOWN else []
    if not door.yes and not door.dry_run:
        click.echo("\n".join([*told[:_SHOWN], *more]), err=True)
    names = _names(door)
    door.confirm(f"Take back {past.name}, {_in_words(past, names)}?")
    undone = history.undo(door.database, route, past, door.act())
    opened = any(each.of == "route" and each.field == "removed" for each in undone.changes)
    if opened and not door.dry_run:
        settings.keep(door.settings, "route", None if undone.changes[0].before else route)
    lines = _undone_lines(door, undone)
    data = {
        "undone": past.name,
        "entry": f"L{undone.entry}",
        "programme": undone.is_shared,
        "again": _again(door, undone),
        "changes": [{"of": each.of, "field": each.field} for each in undone.changes],
        "gone": [f"N{row['number']}" for row in undone.gone],
    }
    tell(door, "undone", data, lines)


def _number_of(entry: str) -> int | None:
    match = re.fullmatch(r"[Ll]?(\d{1,9})", entry.strip())
    if entry and not match:
        raise Misused(f"{entry!r} is no entry of the log", remedy="lrflow log shows them, e.g. L12")
    return int(match[1]) if match else None


def _route(door: Door) -> str:
    """The route whose log is meant; none where there is no route yet, so that the programme's log is."""
    with door.database.begin() as unit:
        has_routes = bool(store.routes_of(unit))
    return door.route_key(changing=True) if has_routes or door.route else ""


def _names(door: Door) -> Names:
    with door.database.begin() as unit:
        return {to: store.names_of(unit, to) for to in ("person", "organisation")}


def _in_words(past: Past, names: Names) -> str:
    first = (past.entries or past.shared)[0]
    others = len(past.every) - 1
    what = f"{first['verb']} {_called(first['subject'], names)}" + (f" and {others} more" if others else "")
    return f"{what}, by {first['actor_name'] or '-'} on {first['happened_on']}"


def _undone_lines(door: Door, undone: Undone) -> list[str]:
    names = _names(door)
    sign = "would undo" if door.dry_run else "✓ undone:"
    lines = [f"{sign} {undone.past.name}, {_in_words(undone.past, names)} (L{undone.entry})"]
    plain = [_as_entry(each) for each in undone.changes if each.field not in ("touched_on", "removed", "withdrawn")]
    lines += change_lines([each for each in plain if each["field"] != "undone"], names)
    for is_removed, says in ((True, "removed again"), (False, "there again")):
        keys = [each.of for each in undone.changes if each.field == "removed" and bool(each.before) == is_removed]
        lines += [f"  {shorten([_called(key, names) for key in keys])}: {says}"] if keys else []
    notices = [each.before for each in undone.changes if each.field == "withdrawn"]
    lines += [f"  its message is {'withdrawn' if all(notices) else 'planned again'}"] if notices else []
    lines += [_gone_line(undone.gone)] if undone.gone else []
    planned, withdrawn = undone.planned
    lines += [f"  nudges: {planned} planned, {withdrawn} withdrawn"] if planned or withdrawn else []
    again = _again(door, undone)
    following = "lrflow status" if undone.is_shared else "lrflow check"
    return [*lines, f"  to have it back: {again}", f"Next: {following}"]


def _again(door: Door, undone: Undone) -> str:
    """The command that gives back what was taken back."""
    opened = any(each.of == "route" and each.field == "removed" for each in undone.changes)
    named = f"-r {door.route_key()} " if opened and not door.route else ""
    return f"lrflow {named}undo L{undone.entry}" + (" --programme" if undone.is_shared else "")


def _as_entry(change: Change) -> dict[str, Any]:
    of = change.of.partition(":")[0] if change.of.partition(":")[0] in SHARED else change.of
    return {"of": of, "field": change.field, "before": change.after, "after": change.before}


def _called(of: str, names: Names) -> str:
    kind, _, number = of.partition(":")
    return names[kind].get(int(number), of) if number and kind in names else of


def _gone_line(gone: Sequence[Any]) -> str:
    told = [f"N{row['number']} {row['rule']} to {row['person_name'] or '-'}" for row in gone]
    return f"  ! mail that has gone already stays gone: {shorten(told, 5)}"


def take_out(door: Door, words: Sequence[str], reason: str, narrowing: Narrowing) -> None:
    """Ask, remove, and say what stayed and why."""
    parent, where, but = narrowing
    key, which = door.route_key(changing=True), Which(tuple(words), parent, where, but)
    act = door.act(reason)
    if not door.yes and not door.dry_run:
        with door.database.begin() as unit:
            standing = store.stand(unit, key, act)
            chosen = tracks.choose(which, standing)
            named = [f"{each.key} {tracks.name_of(each, standing.facts)}" for each in chosen]
        kinds = ", ".join(dict.fromkeys(KINDS[each.kind].plural for each in chosen))
        door.confirm(f"Remove {len(chosen)} {kinds}: {shorten(named, 6)}?")
    removed = tracks.remove(door.database, key, which, act)
    sign = "would remove" if door.dry_run else "✓ removed"
    lines = [f"{sign} {shorten(removed.done, 40)} (L{removed.entry} · lrflow undo)"] if removed.done else []
    data = {"removed": list(removed.done), "refused": removed.refused, "entry": f"L{removed.entry}"}
    if lines or door.as_json:
        tell(door, "removed", data, [*lines, "Next: lrflow check"] if lines else [])
    if removed.refused:
        problems = [f"{key}: {why}" for key, why in removed.refused.items()]
        error = PartlyDone if removed.done else Refused
        raise error(f"{len(removed.refused)} were left as they are", problems=problems)


def put_in_place(door: Door, key: str, words: Sequence[str], reason: str) -> None:
    """Replace a participant or a champion, and say what the new one took over."""
    bare, fields = split(words)
    if not reason.strip():
        raise Misused("a replacement needs a reason", remedy=f'lrflow replace {key} "NAME" EMAIL --reason "TEXT"')
    done = tracks.replace(door.database, door.route_key(changing=True), key, bare, fields, door.act(reason))
    sign = "would replace" if door.dry_run else "✓"
    lines = [f"{sign} {done.old} -> {done.new} {done.name}, {done.state} (L{done.entry} · lrflow undo)"]
    lines += [f"  takes over: {', '.join(done.taken)}"] if done.taken else []
    lines += [f"  {done.count}"] if done.count else []
    lines += [f"  next for {done.new}: {each}" for each in done.ahead]
    tell(
        door,
        "replaced",
        {"old": done.old, "new": done.new, "state": done.state, "entry": f"L{done.entry}", "taken": list(done.taken)},
        [*lines, f"Next: lrflow show {done.new}"],
    )
