"""Bring values back to what they were: who may, whether anything depends on it, and the writing itself."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from lrflow import store
from lrflow.catalogue import KINDS, kind_of_key
from lrflow.catalogue.reading import read_money
from lrflow.database import Row, Unit
from lrflow.errors import Refused
from lrflow.facts import Facts, Record, text_of
from lrflow.guards import blocking, judge
from lrflow.history.net import Change
from lrflow.machine import passed_needs
from lrflow.rows import columns_of, plain_value, record_of
from lrflow.store import Act, Standing
from lrflow.tracks.removing import refuse_if_referred, spoken_for

_ROLE_VERBS = ("advance", "back", "hold", "resume", "cancel", "reopen", "waive")
ANY = "*"
_UNDONE = "undone"  # the state of a waiver that was taken back: it never counts again


def check_rights(standing: Standing, changes: Sequence[Change], entries: Sequence[Row]) -> None:
    """Refuse an undo to whoever could not have done it: the roles that edit the kinds, or move the route."""
    for verb in dict.fromkeys(each["verb"] for each in entries):
        if verb in _ROLE_VERBS and not standing.may(verb):
            raise Refused(f"{standing.actor['email']} is {standing.role} here and may not take back: {verb}")
    for change in changes:
        kind = _kind(change)
        if kind == "parameter" and not standing.may("parameters"):
            raise Refused(f"{standing.actor['email']} is {standing.role} here: parameters are the owner's")
        opens = change.of == "route" and change.field == "removed"
        if (kind == "programme" or opens) and not {"owner", "coordinator"} & set(standing.roles):
            raise Refused(f"{standing.actor['email']} may not edit the programme", remedy="ask the programme's owner")
        moves = change.of == "route" and change.field in _MOVED
        if moves and not standing.may("advance"):
            raise Refused(f"{standing.actor['email']} is {standing.role} here and may not move the route")
        if kind in KINDS and kind != "programme" and not moves:
            standing.require_edit(kind)


_MOVED = ("stage", "status", "stage_entered_on", "sent_back", "review_on", "held_on", "live_on")


def _kind(change: Change) -> str:
    """The kind that *change* is of; empty for waivers, notices and entries of the log."""
    head = change.of.partition(":")[0]
    if head in KINDS:
        return head
    return next(iter(kind_of_key(change.of)), "")


def check_since(unit: Unit, standing: Standing, changes: Sequence[Change], entries: Sequence[Row]) -> None:
    """Refuse when a value is not any more what the command left, naming who changed it since and how to go on."""
    since = {shared: _since(unit, standing, entries, shared) for shared in (True, False)}
    problems: list[str] = []
    remedies: list[str] = []
    for change in changes:
        later = since[change.is_shared]
        takes_away = change.field == "removed" and bool(change.before)
        # A route that has begun is not taken back, whatever was done on it.
        if takes_away and (entry := later.get((ANY if change.of == "route" else change.of, ANY))):
            problems.append(f"{change.of} was changed since, in L{entry['number']} by {entry['actor_name']}")
            remedies += [f"lrflow undo L{entry['batch']}", f"lrflow remove {change.of}"]
        elif change.field != "touched_on" and not _same(now := _now(unit, standing, change), change.after):
            found = later.get((change.of, change.field))
            by = f", since L{found['number']} by {found['actor_name']}" if found else ""
            problems.append(f"{change.of} {change.field} is {text_of(now)} now, not {text_of(change.after)}{by}")
            remedies += [f"lrflow undo L{found['batch']}"] if found else []
    if problems:
        what, ways = "something was changed since: nothing was undone", list(dict.fromkeys(remedies))
        raise Refused(what, problems=list(dict.fromkeys(problems)), remedy=ways or "lrflow log")


def _since(unit: Unit, standing: Standing, entries: Sequence[Row], shared: bool) -> Mapping[tuple[str, str], Row]:
    """The newest entry since the command by what it changed, thing and field or either; what was undone is left out."""
    log = None if shared else standing.route.id
    numbers = [each["number"] for each in entries if each["route_id"] == log]
    if not numbers:
        return {}
    undone = store.undone_batches(unit, log)
    found: dict[tuple[str, str], Row] = {}
    for entry in store.entries_after(unit, log, max(numbers)):
        if entry["verb"] != "undo" and entry["batch"] not in undone:
            found[(ANY, ANY)] = entry
            found |= {(each["of"], field): entry for each in entry["changes"] for field in (each["field"], ANY)}
    return found


def _now(unit: Unit, standing: Standing, change: Change) -> Any:
    """The value as it is now."""
    if change.field == "undone":
        return int(change.of[1:]) in store.undone_batches(unit, None if change.is_shared else standing.route.id)
    if change.of.startswith("notice:"):
        rows = store.notices_of(unit, standing.route.id, [int(change.of.partition(":")[2])])
        return bool(rows and rows[0]["withdrawn"])
    if change.of == "route":
        return _route_value(unit, standing, change)
    kind, row = store.row_of(unit, standing.route.id, change.of)
    if row is None:
        return None
    if change.field == "removed":
        return row["removed_us"] is not None
    return row.get(change.field) if kind == "waiver" else _value(kind, row, change.field)


def _value(kind: str, row: Row, field: str) -> Any:
    return plain_value(record_of(kind, row)[field])


def _route_value(unit: Unit, standing: Standing, change: Change) -> Any:
    if change.field == "removed":
        return standing.route.row["removed_us"] is not None
    if _is_role(change):
        return store.holders_of(unit, standing.route.id, change.field)
    if change.field in standing.definition.parameters:
        value = standing.facts.parameters[change.field]
        return "+".join(map(str, value)) if isinstance(value, list) else str(value)
    if KINDS["route"].field(change.field):
        return _value("route", standing.route.row, change.field)
    return standing.route.row.get(change.field)


def _is_role(change: Change) -> bool:
    """Whether people hold it: facilitator and host are fields of the route as well, but never lists."""
    field = KINDS["route"].field(change.field)
    return change.of == "route" and isinstance(change.after, list) and (field is None or field.type == "ref")


def _same(now: Any, after: Any) -> bool:
    return (now in (None, "", [], False) and after in (None, "", [], False)) or now == after


def restore(
    unit: Unit, standing: Standing, act: Act, changes: Sequence[Change], *, straight: bool
) -> tuple[Change, ...]:
    """Write the values before, judge what came of it, and give the changes that were made.

    *straight* after the command the route is as it was then, so no guard is asked again. Raises `Refused`, so that
    nothing is kept, when something refers to what would go, or a hard guard would be lost.
    """
    kept = tuple(
        each for each in changes if each.field != "touched_on" or _same(_now(unit, standing, each), each.after)
    )
    by_thing: dict[str, list[Change]] = {}
    for change in kept:
        by_thing.setdefault(change.of, []).append(change)
    for of, own in by_thing.items():
        _restore_one(unit, standing, act, of, own)
    going = [each.of for each in kept if each.field == "removed" and each.before]
    after = standing
    if standing.route.id:
        route = store.read_route(unit, standing.route.key, removed=True)
        after = standing.seeing(store.facts_of(unit, route, standing.definition, act.day))
    refuse_if_referred(unit, after, [of for of in going if of != "route"])
    if not straight:
        _judge(standing, after, by_thing, going)
    return kept


def _restore_one(unit: Unit, standing: Standing, act: Act, of: str, changes: Sequence[Change]) -> None:
    if of == "route":
        _restore_route(unit, standing, act, changes)
    elif of.startswith("notice:"):
        store.keep_notice(unit, standing.route.id, int(of.partition(":")[2]), bool(changes[0].before))
    elif changes[0].field != "undone":
        kind, row = store.row_of(unit, standing.route.id, of)
        columns = _columns(kind, changes, act)
        if changes[0].is_shared:
            store.write_shared(unit, kind, int(of.partition(":")[2]), columns)
        elif row is not None:
            store.write_record(unit, kind, row, columns)


def _columns(kind: str, changes: Sequence[Change], act: Act) -> Row:
    columns: Row = {}
    for change in changes:
        if change.field == "removed":
            columns["removed_us"] = store.removed_at(act.now, bool(change.before))
        elif kind == "waiver":
            columns[change.field] = change.before or (_UNDONE if change.field == "state" else None)
        else:
            columns |= columns_of(kind, {change.field: _typed(kind, change.field, change.before)})
    return columns


def _typed(kind: str, name: str, plain: Any) -> Any:
    """A value as the log holds it, as the record does: money is text there."""
    field = KINDS[kind].field(name)
    is_money = field is not None and field.type == "money" and isinstance(plain, str)
    return read_money(plain) if is_money else plain


def _restore_route(unit: Unit, standing: Standing, act: Act, changes: Sequence[Change]) -> None:
    columns: Row = {}
    for change in changes:
        if change.field == "removed":
            columns |= {"removed_us": store.removed_at(act.now, bool(change.before))}
            columns |= {
                "status": "cancelled" if change.before else "active"
            }  # nothing is planned for what is not there
        elif _is_role(change):
            store.hand_over(unit, standing.route.id, change.field, change.before, act.now)
        elif change.field in standing.definition.parameters:
            _restore_parameter(unit, standing, change)
        elif KINDS["route"].field(change.field):
            columns |= columns_of("route", {change.field: _typed("route", change.field, change.before)})
        else:
            columns[change.field] = change.before
    if columns:
        store.move_route(unit, store.read_route(unit, standing.route.key, removed=True), columns)


def _restore_parameter(unit: Unit, standing: Standing, change: Change) -> None:
    own = standing.definition.parameters[change.field].value
    if change.before == ("+".join(map(str, own)) if isinstance(own, tuple) else str(own)):
        store.drop_parameter(unit, standing.route.id, change.field)
    else:
        store.keep_parameter(unit, standing.route.id, change.field, change.before, "taken back by undo")


def _judge(before: Standing, after: Standing, by_thing: Mapping[str, Sequence[Change]], going: Collection[str]) -> None:
    """Refuse what takes away a hard guard that a record has passed, or brings the route past a gate that is shut."""
    for of in by_thing:
        record = find(before.facts, of) if of in going else find(after.facts, of)
        for other in spoken_for(record, after.facts) if record and of in going else [record] if record else []:
            _judge_record(before, after, other)
    _judge_stage(after, by_thing.get("route", ()))


def find(facts: Facts, key: str) -> Record | None:
    """The record of a route with the id *key*, if it is there."""
    return next((found for kind in kind_of_key(key) if (found := facts.find(kind, key))), None)


def _judge_record(before: Standing, after: Standing, record: Record) -> None:
    life = after.definition.lives.get(record.kind)
    needs = passed_needs(life, record.state) if life else ()
    bad = [
        each
        for each in judge(after.definition, needs, after.facts.focused(record, record.state))
        if each.level == "hard" and not each.passes
    ]
    old = before.facts.find(record.kind, record.key)
    passed_now = old is not None and old.state == record.state
    was = judge(before.definition, needs, before.facts.focused(old, old.state)) if bad and old and passed_now else ()
    lost_before = {each.guard for each in was if not each.passes}
    lost = [each for each in bad if each.guard not in lost_before]
    if lost:
        raise Refused(f"{record.key} cannot be {record.state} like this: {'; '.join(each.says for each in lost)}")


def _judge_stage(standing: Standing, changes: Sequence[Change]) -> None:
    """An undo that takes the route forward passes the gates on its way, as every move does."""
    change = next((each for each in changes if each.field == "stage"), None)
    if change is None:
        return
    path = (*standing.definition.path, standing.definition.done)
    passed = path[path.index(change.after) : path.index(change.before)]
    needs = dict.fromkeys(need for stage in passed for need in standing.definition.stages[stage].needs)
    found = blocking(judge(standing.definition, tuple(needs), standing.facts, standing.facts.waivers))
    if found:
        problems = [f"{each.guard}: {each.says}" for each in found]
        raise Refused(
            f"{standing.route.key} cannot be {change.before} again: guards stand against it", problems=problems
        )
