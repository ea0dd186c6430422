"""Carry out add, set, mark and attach, and word what came of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from lrflow import settings, store, tracks, workflow
from lrflow.catalogue import KINDS, kind_of, kind_of_key
from lrflow.commands.door import Door, tell
from lrflow.commands.words import split
from lrflow.errors import Misused, PartlyDone
from lrflow.facts import text_of
from lrflow.guards import shorten
from lrflow.machine import Decision
from lrflow.render import finding_lines, shown
from lrflow.tracks import Which

MANY = 5  # as many may be changed without a question
Narrowing = tuple[str, tuple[str, ...], tuple[str, ...]]


def add(door: Door, kind: str, words: Sequence[str], parent: str, workflow_name: str) -> None:
    """Add one record and say what to do with it next."""
    described = kind_of(kind)
    bare, fields = split(words)
    if parent and not described.parent:
        raise Misused(f"{described.name} belongs to nothing: --of has no meaning here")
    fields += [f"{described.parent}={parent}"] if parent else []
    if described.name == "route":
        _add_route(door, bare, fields, workflow_name)
        return
    if described.name == "programme":
        raise Misused(
            "a programme begins with: lrflow init FOLDER", remedy="lrflow set programme donor=... ends_on=..."
        )
    if described.letter:
        added = tracks.add(door.database, door.route_key(changing=True), described.name, bare, fields, door.act())
        key = added.key
    else:
        added = tracks.add_shared(door.database, described.name, bare, fields, door.act())
        key = f"{described.name} {added.name}"
    echoed = "".join(f", {_weekday(each)}" for each in _days(added.values))
    note = f" ({added.note})" if added.note else ""
    dry = "would add " if door.dry_run else "✓ "
    line = f"{dry}{key} {added.name if described.letter else ''}{echoed}{note} (L{added.entry})".replace("  ", " ")
    data = {"kind": added.kind, "id": added.key, "entry": f"L{added.entry}", "dry_run": door.dry_run}
    tell(door, "added", data, [line, f"Next: {_after_adding(added)}"])


def _days(values: Mapping[str, Any]) -> list[str]:
    return [
        value
        for value in values.values()
        if isinstance(value, str) and len(value) == 10 and value[4] == "-" == value[7]
    ]


def _weekday(day: str) -> str:
    from datetime import date

    return f"{date.fromisoformat(day):%A} {day}"


def _after_adding(added: tracks.Added) -> str:
    follow = {
        "experience": f"lrflow attach {added.key} FILE --for {_claims(added.values)}",
        "case": f"lrflow mark {added.key} validated",
        "delegation": f'lrflow add participant "NAME" EMAIL --of {added.key}',
        "participant": f"lrflow mark {added.key} confirmed",
        "champion": f"lrflow mark {added.key} trained trained_on=... outcome=...",
        "plan": f'lrflow add action "..." due=... --of {added.key}',
        "sharing": f"lrflow mark {added.key} sent on=today" if not added.values.get("on") else "lrflow check",
        "objective": f"lrflow mark {added.key} locked",
    }
    return follow.get(added.kind, f"lrflow list {added.kind}")


def _claims(values: Mapping[str, Any]) -> str:
    """What an experience must prove: what is said of it, a challenge met, livelihoods changed."""
    said = [each for each in ("good_practice", "innovation") if values.get(each)] or ["good_practice"]
    return "+".join([*said, "challenge", "livelihoods"])


def _add_route(door: Door, bare: Sequence[str], fields: list[str], workflow_name: str) -> None:
    if not bare or len(bare) > 2:
        raise Misused("a route needs a short name", remedy='lrflow add route rwanda-2016 "Learning Route in Rwanda"')
    fields += [f"title={bare[1]}"] if len(bare) == 2 else []
    definition = workflow.read(workflow.folder_of(workflow_name))
    added = tracks.add_route(door.database, bare[0], definition, fields, door.act())
    if not door.dry_run:
        settings.keep(door.settings, "route", bare[0])
        settings.keep(settings.load_from(door.settings.home), "route_on", door.today().isoformat())
    sign, stage = "would open:" if door.dry_run else "✓", definition.stage_title(definition.path[0])
    lines = [f"{sign} {bare[0]} is open, in {stage}, and is your current route (L{added.entry})"]
    lines.append(f"  it follows {definition.name}; messages are rehearsed until: lrflow nudge go-live")
    tell(door, "added", {"kind": "route", "id": bare[0], "digest": definition.digest}, [*lines, "Next: lrflow check"])


def set_fields(door: Door, words: Sequence[str], reason: str, narrowing: Narrowing) -> None:
    """Change fields of what is meant and say what changed, before and after."""
    bare, fields = split(words)
    if not fields:
        raise Misused("nothing to set", remedy="lrflow set E1 place=Nyanza")
    act = door.act(reason)
    head = bare[0] if bare else "route"
    shared = head in ("person", "organisation") or "@" in head
    if head == "programme":
        edited = tracks.edit_programme(door.database, fields, act)
    elif shared:
        kind, name = (head, " ".join(bare[1:])) if "@" not in head else ("person", head)
        edited = tracks.edit_shared(door.database, kind, name, fields, act)
    elif head == "route" or _is_route(door, head):
        key = door.route_key(changing=True) if head == "route" else head
        edited = tracks.edit_route(door.database, key, fields, act)
    else:
        key = door.route_key(changing=True)
        which = _which(bare, narrowing)
        _confirm_many(door, key, which, "change")
        edited = tracks.edit(door.database, key, which, fields, act)
    _tell_edited(door, edited)


def _is_route(door: Door, word: str) -> bool:
    with door.database.begin() as unit:
        return any(each.key == word for each in store.routes_of(unit))


def _which(bare: Sequence[str], narrowing: Narrowing) -> Which:
    parent, where, but = narrowing
    return Which(tuple(bare), parent, where, but)


def _confirm_many(door: Door, key: str, which: Which, what: str) -> None:
    """Ask before changing more than a handful that were not named one by one."""
    if door.yes or door.dry_run:
        return
    with door.database.begin() as unit:
        standing = store.stand(unit, key, door.act())
        chosen = tracks.choose(which, standing)
    if len(chosen) > MANY:
        kinds = ", ".join(dict.fromkeys(KINDS[each.kind].plural for each in chosen))
        door.confirm(f"This will {what} {len(chosen)} {kinds}: {shorten([each.key for each in chosen])}. Go on?")


def _tell_edited(door: Door, edited: tracks.Edited) -> None:
    with door.database.begin() as unit:
        names = {to: store.names_of(unit, to) for to in ("person", "organisation")}
    dry = "would change" if door.dry_run else "✓ changed"
    changes = change_lines(edited.changes, names)
    lines = [f"{dry} (L{edited.entry})", *changes, "Next: lrflow check"]
    if not changes:
        lines = [] if edited.refused else ["nothing changes: it is so already"]
    data = {"entry": f"L{edited.entry}", "changes": list(edited.changes), "refused": dict(edited.refused)}
    if lines or door.as_json:
        tell(door, "edited", data, lines)
    if edited.refused:
        problems = [f"{key}: {why}" for key, why in edited.refused.items()]
        raise PartlyDone(f"{len(edited.refused)} were left as they are", problems=problems)


def change_lines(changes: Sequence[Mapping[str, Any]], names: Mapping[str, Mapping[int, str]]) -> list[str]:
    """A line for each change; records that change alike share one."""
    alike: dict[str, list[str]] = {}
    for each in changes:
        before, after = (_named(each, side, names) for side in ("before", "after"))
        alike.setdefault(f"{each['field']}: {before} -> {after}", []).append(str(each["of"]))
    return [f"  {shorten(keys)} {change}" for change, keys in alike.items()]


def _named(change: Mapping[str, Any], side: str, names: Mapping[str, Mapping[int, str]]) -> str:
    """A value before or after a change, people and organisations by name, days with their weekday."""
    value, word = change[side], str(change["of"])
    kind = (kind_of_key(word) or (word,))[0]
    field = KINDS[kind].field(change["field"]) if kind in KINDS else None
    if isinstance(value, int) and field is not None and field.to in names:
        return names[field.to].get(value, str(value))
    if isinstance(value, list) and value and all(isinstance(each, int) for each in value):
        return ", ".join(names["person"].get(each, str(each)) for each in value)
    return shown(value, field.type) if field is not None and field.type == "weekdays" else _echoed(value)


def _echoed(value: Any) -> str:
    days = _days({"": value})
    return f"{value} ({_weekday(days[0]).split()[0]})" if days else text_of(value)


def mark(door: Door, words: Sequence[str], reason: str, narrowing: Narrowing) -> int:
    """Move records to a state; 0 when all moved, 3 when none did, 5 when some did."""
    bare, fields = split(words)
    if len(bare) < 2:
        raise Misused("say which records and to which state", remedy="lrflow mark E1 selected")
    *what, state = bare
    key, which = door.route_key(changing=True), _which(what, narrowing)
    _confirm_many(door, key, which, "mark")
    marked = tracks.mark(door.database, key, which, state.replace("-", "_"), fields, door.act(reason))
    lines = _mark_lines(door, marked)
    data: dict[str, Any] = {
        "state": marked.state,
        "done": list(marked.done),
        "already": list(marked.already),
        "along": list(marked.along),
        "entry": f"L{marked.entry}",
    }
    data["refused"] = {each: _why(decision) for each, decision in marked.refused.items()}
    tell(door, "marked", data, lines)
    if not marked.refused:
        return 0
    return 5 if marked.done or marked.already else 3


def _mark_lines(door: Door, marked: tracks.Marked) -> list[str]:
    sign, becomes = ("", "would become") if door.dry_run else ("✓ ", "→")
    lines = [f"{sign}{shorten(marked.done, 40)} {becomes} {marked.state} (L{marked.entry})"] if marked.done else []
    lines += [f"  with it: {shorten(marked.along, 40)}"] if marked.along else []
    lines += [f"  already {marked.state}: {shorten(marked.already, 40)}"] if marked.already else []
    for key, decision in marked.refused.items():
        lines.append(f"✗ {key} cannot become {marked.state}: {decision.says or 'a guard stands in the way'}")
        lines += [f"  {line}" for line in finding_lines(decision.findings)]
        lines += [f'    -> lrflow mark {key} {marked.state} --reason "..."'] if "--reason" in decision.says else []
    planned, withdrawn = marked.planned
    lines += [f"  nudges: {planned} planned, {withdrawn} withdrawn"] if planned or withdrawn else []
    return [*lines, "Next: lrflow check"]


def _why(decision: Decision) -> str:
    return decision.says or "; ".join(each.says for each in decision.blocking)


def attach(door: Door, target: str, source: str, claims: str, what: str) -> None:
    """Attach evidence and say what it proves."""
    key = door.route_key(changing=True)
    added = tracks.attach(door.database, door.settings.home, key, target, source, claims, door.act(), what)
    size = f", {added.values['size']:,} bytes kept" if added.values.get("size") else ""
    sign, claims = "would attach" if door.dry_run else "✓", text_of(added.values["claims"])
    lines = [f"{sign} {added.key} {added.name} for {added.values['about']}: {claims}{size} (L{added.entry})"]
    tell(
        door, "added", {"kind": "evidence", "id": added.key, "entry": f"L{added.entry}"}, [*lines, "Next: lrflow check"]
    )
