"""Move a route: read once, decide purely, write once, all in one transaction."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from lrflow import machine, store
from lrflow.calendars import PLAIN, Span, later
from lrflow.clock import from_us
from lrflow.database import Database, Unit
from lrflow.errors import Busy, Misused, Refused
from lrflow.facts import full_day
from lrflow.guards import Finding
from lrflow.machine import Decision
from lrflow.store import Act, Standing

JUST_NOW = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Moved:
    """A move that was made: the decision, the number of its log entry, and what followed from it."""

    route: str
    decision: Decision
    entry: int
    made: tuple[str, ...] = ()
    reopened: tuple[str, ...] = ()
    waivers_ended: tuple[str, ...] = ()
    planned: tuple[int, int] = (0, 0)  # nudges planned, nudges withdrawn
    watched: tuple[str, ...] = field(default=())


class Blocked(Refused):
    """A move that guards stand against; *decision* holds every finding."""

    def __init__(self, message: str, decision: Decision, *, remedy: Sequence[str] = ()) -> None:
        super().__init__(message, remedy=remedy)
        self.decision = decision


def advance(database: Database, key: str, act: Act, *, seen: str = "", insisting: bool = False) -> Moved:
    """Move the route *key* to the next stage, or raise `Blocked` naming every unmet guard.

    *seen* is the stage that the person had before them: if the route was moved since, or by someone else moments ago,
    `Busy` says who and when, and nothing is changed; *insisting* on that stage goes on after someone else's move. A
    refused move leaves only its log entry.
    """
    with database.begin(write=True, keep=not act.dry_run) as unit:
        standing = store.stand(unit, key, act)
        if seen:
            _check_seen(unit, standing, act, seen, insisting)
        _check_day(standing, act)
        decision = _allowed(standing, "advance") or machine.decide_stage(standing.definition, standing.facts, "advance")
        moved = _carry_out(unit, standing, act, decision)
    return _or_raise(moved, decision, standing)


def _check_seen(unit: Unit, standing: Standing, act: Act, seen: str, insisting: bool) -> None:
    last = store.last_move(unit, standing.route.id)
    if last is None:
        return
    moved_since = seen != standing.route.stage
    ago = act.now - from_us(last["recorded_us"])
    by_another = last["actor"] != standing.actor["id"] and timedelta() <= ago < JUST_NOW and last["source"] is not None
    if moved_since or (by_another and not insisting):
        raise Busy(
            f"{standing.route.key} was moved to {standing.definition.stage_title(standing.route.stage)} by "
            f"{last['actor_name']} {_ago(ago)} (L{last['number']}): nothing was changed",
            remedy=f"lrflow advance --from {standing.route.stage}   to go on from there",
        )


def _check_day(standing: Standing, act: Act) -> None:
    entered = standing.route.row["stage_entered_on"]
    if act.day.isoformat() < entered:
        stage = standing.definition.stage_title(standing.route.stage)
        raise Misused(
            f"--on {act.day} lies before {entered}, when {standing.route.key} entered {stage}", remedy=f"--on {entered}"
        )


def _ago(span: timedelta) -> str:
    seconds = max(int(span.total_seconds()), 0)
    return f"{seconds} seconds ago" if seconds < 90 else f"{seconds // 60} minutes ago"


def _allowed(standing: Standing, verb: str) -> Decision | None:
    if standing.may(verb):
        return None
    stage = standing.route.stage
    who = ", ".join(role for role, each in standing.definition.roles.items() if verb in each.may)
    says = f"{standing.actor['email']} is {standing.role} here; {verb} takes: {who}"
    return Decision(verb, "route", stage, stage, "refused", says=says)


def _carry_out(unit: Unit, standing: Standing, act: Act, decision: Decision) -> Moved | None:
    if decision.outcome != "done":
        store.note_refusal(unit, standing, act, decision.verb, "route", decision.findings)
        return None
    values = _values(standing, act, decision)
    store.move_route(unit, standing.route, values)
    left = store.end_waivers(unit, standing.route.id, decision.source, act.day, "ended")
    changes = [
        {"of": "route", "field": name, "before": standing.route.row[name], "after": value}
        for name, value in values.items()
        if standing.route.row[name] != value
    ]
    changes += [
        {"of": key, "field": name, "before": before, "after": after}
        for key in left
        for name, before, after in (("state", "active", "ended"), ("ended_on", None, act.day.isoformat()))
    ]
    entry = store.entry_of(
        standing,
        act,
        decision.verb,
        "route",
        "done",
        step=(decision.source, decision.target),
        findings=decision.findings,
        changes=changes,
    )
    number = store.log_entry(unit, standing, entry)
    made = _create(unit, standing, act, decision.target)
    reopened = _reopen_evidence(unit, standing, act, decision) if decision.verb == "back" else ()
    planned = store.replan(unit, standing.route.key, act.now, act.day)
    return Moved(standing.route.key, decision, number, made, reopened, tuple(left), planned, _watch(standing, decision))


def _values(standing: Standing, act: Act, decision: Decision) -> dict[str, Any]:
    target, definition = decision.target, standing.definition
    values: dict[str, Any] = {"stage": target, "stage_entered_on": act.day.isoformat()}
    if target == definition.done:
        values["status"] = "closed"
    if decision.verb == "reopen":
        values["status"] = "active"
    if decision.verb == "back":
        counts = store.sent_back(standing.route)
        values["sent_back"] = json.dumps({**counts, decision.source: counts.get(decision.source, 0) + 1})
    return values


def _create(unit: Unit, standing: Standing, act: Act, stage: str) -> tuple[str, ...]:
    """Make the records that entering *stage* brings; those already there stay as they are."""
    from lrflow import checks

    made: list[str] = []
    facts, definition = standing.facts, standing.definition
    for each in definition.stages[stage].creates if stage in definition.stages else ():
        anchor = full_day(facts.value(facts.route, each.anchor))
        owners = [one for one in facts.of(each.each) if checks.matches(one, each.where, facts, definition)]
        months = _numbers(each.values, facts)
        for owner, month in ((owner, month) for owner in owners for month in months):
            key, number = store.next_key(unit, standing.route.id, each.kind, owner.key, month)
            if anchor is None or facts.find(each.kind, key) is not None:
                continue
            due = later(anchor, Span(month, "mo"), PLAIN) if month else anchor
            columns = {each.each: owner.key, each.field: month, each.due: due.isoformat()}
            store.add_record(unit, standing, act, each.kind, (key, number), columns)
            made.append(key)
    return tuple(made)


def _numbers(values: Sequence[int | str], facts: Any) -> list[int]:
    found: list[int] = []
    for value in values:
        pointed = facts.pointed(value)
        found.extend(pointed if isinstance(pointed, list) else [pointed])
    return found


def _reopen_evidence(unit: Unit, standing: Standing, act: Act, decision: Decision) -> tuple[str, ...]:
    """Put back the records whose evidence the stage gave, so that it must be given again. Nothing is deleted."""
    back = standing.definition.stages[decision.source].back
    reopened: list[str] = []
    for kind, state in (back.reopens if back else {}).items():
        path = standing.definition.lives[kind].path
        for record in standing.facts.of(kind):
            if record.state in path and path.index(record.state) > path.index(state):
                store.change_state(unit, standing, act, record, state, {})
                reopened.append(record.key)
    return tuple(reopened)


def _watch(standing: Standing, decision: Decision) -> tuple[str, ...]:
    guards = standing.definition.guards
    return tuple(each.guard for each in decision.findings if guards[each.guard].keep)


def _or_raise(moved: Moved | None, decision: Decision, standing: Standing) -> Moved:
    if moved is not None:
        return moved
    key, definition = standing.route.key, standing.definition
    if decision.outcome == "refused":
        raise Refused(f"{key}: {decision.verb} is refused", problems=[decision.says])
    goal = definition.stage_title(decision.target)
    raise Blocked(f"{key} cannot move to {goal} yet", decision)


def back(database: Database, key: str, stage: str, act: Act) -> Moved:
    """Send the route back to *stage* with a reason. Evidence the left stage gave is reopened; it is capped."""
    _need_reason(act, f"back {stage}")
    with database.begin(write=True, keep=not act.dry_run) as unit:
        standing = store.stand(unit, key, act)
        _check_day(standing, act)
        decision = _allowed(standing, "back") or _capped(standing)
        decision = decision or machine.decide_stage(standing.definition, standing.facts, f"back_to_{stage}")
        moved = _carry_out(unit, standing, act, decision)
    return _or_raise(moved, decision, standing)


def _capped(standing: Standing) -> Decision | None:
    """Too often sent back from this stage: only an owner may do it once more."""
    stage = standing.route.stage
    limit = standing.definition.stages[stage].back if stage in standing.definition.stages else None
    times = store.sent_back(standing.route).get(stage, 0)
    if limit is None or times < limit.max or "owner" in standing.roles:
        return None
    says = f"sent back {times} times from {stage} already: ask the owner"
    return Decision("back", "route", stage, stage, "refused", says=says)


def _need_reason(act: Act, command: str) -> None:
    if not act.reason.strip():
        raise Misused(f"{command.split()[0]} needs a reason", remedy=f'lrflow {command} --reason "TEXT"')


def hold(database: Database, key: str, review_on: str, act: Act) -> Moved:
    """Put the route on hold until a day of review; its stage stays. Raises `Misused` without reason or day."""
    _need_reason(act, f"hold --review {review_on}")
    if review_on <= act.day.isoformat():
        raise Misused(f"the day of review {review_on} is not ahead", remedy="lrflow hold --review +30d --reason TEXT")
    return _change_status(database, key, "hold", act, {"review_on": review_on, "held_on": act.day.isoformat()})


def resume(database: Database, key: str, act: Act) -> Moved:
    """Let a route on hold go on from where it was."""
    return _change_status(database, key, "resume", act, {"review_on": None, "held_on": None})


def cancel(database: Database, key: str, act: Act) -> Moved:
    """End a route before its time. Everything is kept; nothing is sent any more."""
    _need_reason(act, "cancel")
    return _change_status(database, key, "cancel", act, {"review_on": None, "held_on": None})


def reopen(database: Database, key: str, act: Act) -> Moved:
    """Open a closed route again in its last stage, or a cancelled one where it stood."""
    _need_reason(act, "reopen")
    with database.begin(write=True, keep=not act.dry_run) as unit:
        standing = store.stand(unit, key, act)
        closed = standing.route.status == "closed"
        refused = _allowed(standing, "reopen")
        if closed and refused is None:
            decision = machine.decide_stage(standing.definition, standing.facts, "reopen")
            moved = _carry_out(unit, standing, act, decision)
            return _or_raise(moved, decision, standing)
    return _change_status(database, key, "reopen", act, {})


def _change_status(database: Database, key: str, verb: str, act: Act, values: dict[str, Any]) -> Moved:
    with database.begin(write=True, keep=not act.dry_run) as unit:
        standing = store.stand(unit, key, act)
        decision = _allowed(standing, verb) or machine.decide_status(standing.definition, standing.facts, verb)
        if decision.outcome == "done":
            moved = _write_status(unit, standing, act, decision, values)
        else:
            store.note_refusal(unit, standing, act, verb, "route", ())
            moved = None
    return _or_raise(moved, decision, standing)


def _write_status(unit: Unit, standing: Standing, act: Act, decision: Decision, values: dict[str, Any]) -> Moved:
    written = {"status": decision.target, **values}
    store.move_route(unit, standing.route, written)
    changes = [
        {"of": "route", "field": name, "before": standing.route.row[name], "after": value}
        for name, value in written.items()
        if standing.route.row[name] != value
    ]
    step = (decision.source, decision.target)
    entry = store.entry_of(standing, act, decision.verb, "route", "done", step=step, changes=changes)
    number = store.log_entry(unit, standing, entry)
    planned = store.replan(unit, standing.route.key, act.now, act.day)
    return Moved(standing.route.key, decision, number, planned=planned)


def findings_of(error: Refused) -> tuple[Finding, ...]:
    """Every finding of a blocked move; none for another refusal."""
    return error.decision.findings if isinstance(error, Blocked) else ()
