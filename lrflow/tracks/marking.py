"""Move records from state to state, each judged alone: the good ones are done, the others listed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lrflow import machine, store
from lrflow.catalogue import KINDS
from lrflow.database import Database, Unit
from lrflow.errors import Misused
from lrflow.facts import Record
from lrflow.machine import Decision
from lrflow.store import Act, Standing
from lrflow.tracks.choosing import Which, choose
from lrflow.tracks.values import read_values, split_words


@dataclass(frozen=True, slots=True)
class Marked:
    """What a command did: the ids that moved, those already there, and a decision for each that was refused."""

    state: str
    done: tuple[str, ...]
    already: tuple[str, ...]
    refused: Mapping[str, Decision]
    entry: int
    planned: tuple[int, int] = (0, 0)
    along: tuple[str, ...] = ()  # the records that went with them, each to the state its move names


def mark(database: Database, route: str, which: Which, state: str, words: Sequence[str], act: Act) -> Marked:
    """Bring the records *which* into *state*, with field=value *words* given along.

    It walks forward through states that ask for nothing, a log entry each. The records that may not move stay as they
    are. Raises `Misused` when the state or a value is no word of theirs.
    """
    done: list[str] = []
    already: list[str] = []
    refused: dict[str, Decision] = {}
    along: list[str] = []
    with database.begin(write=True, keep=not act.dry_run) as unit:
        standing = store.stand(unit, route, act)
        chosen = choose(which, standing)
        _check_state(standing, chosen, state)
        pairs = split_words(words)
        for record in chosen:
            values = read_values(unit, record.kind, pairs, standing)
            if record.state == state and not store.differences(record, values):
                already.append(record.key)
                continue
            standing, decision = walk(unit, standing, act, record, state, values)
            if decision.outcome == "done":
                done.append(record.key)
                for each, goal in taken_along(standing, record, state):
                    standing, followed = walk(unit, standing, act, each, goal, {})
                    along.extend([each.key] if followed.outcome == "done" else [])
            else:
                refused[record.key] = decision
        planned = _finish(unit, standing, act, done)
    return Marked(state, tuple(done), tuple(already), refused, standing.batch.route, planned, tuple(along))


def taken_along(standing: Standing, record: Record, state: str) -> list[tuple[Record, str]]:
    """The open records that belong to *record* and go where its move takes them: a delegation's people withdraw too."""
    lives = standing.definition.lives
    move = lives[record.kind].moves.get(state)
    return [
        (each, goal)
        for kind, goal in (move.takes.items() if move else ())
        for each in standing.facts.of(kind)
        if each[record.kind] == record.key and each.state not in lives[kind].ends
    ]


def _finish(unit: Unit, standing: Standing, act: Act, done: Sequence[str]) -> tuple[int, int]:
    if not done:
        return (0, 0)
    store.touch_route(unit, standing.route)
    return store.replan(unit, standing.route.key, act.now, act.day)


def _check_state(standing: Standing, chosen: Sequence[Record], state: str) -> None:
    for kind in dict.fromkeys(record.kind for record in chosen):
        standing.require_edit(kind)
        if kind not in standing.definition.lives:
            raise Misused(f"{KINDS[kind].plural} have no states", remedy=f"lrflow set {kind} NAME field=value")
        states = standing.definition.lives[kind].states
        if state not in states:
            from difflib import get_close_matches

            near = get_close_matches(state, states, n=1)
            hint = f", did you mean {near[0]}?" if near else ""
            raise Misused(f"{state!r} is no state of {kind}{hint}", remedy=f"one of: {', '.join(states)}")


def walk(
    unit: Unit, standing: Standing, act: Act, record: Record, state: str, values: dict[str, Any]
) -> tuple[Standing, Decision]:
    """Take *record* step by step to *state* inside an open transaction; the whole way is allowed, or nothing is."""
    there, decision = step_over(unit, standing, act, record, state, values)
    return (standing.seeing(standing.facts.with_record(there)) if there else standing), decision


def step_over(
    unit: Unit, standing: Standing, act: Act, record: Record, state: str, values: dict[str, Any]
) -> tuple[Record | None, Decision]:
    """The same, giving the record as it is then, or None when it may not move; the standing is left as it was."""
    life = standing.definition.lives[record.kind]
    steps = [state] if record.state == state else machine.steps_to(life, record.state, state)
    asks = any(move.needs for move in life.moves.values())  # or no guard looks, and a long list need not be copied
    decisions: list[Decision] = []
    facts, at = standing.facts, record
    for step in steps:
        trying = replace(at, values={**at.values, **(values if step == state else {})})
        facts = facts.with_record(trying) if asks else facts
        decision = machine.decide_track(standing.definition, facts, trying, step, act.reason)
        if decision.outcome != "done":
            goal = Decision("mark", record.key, record.state, state, decision.outcome, decision.findings, decision.says)
            store.note_refusal(unit, standing, act, "mark", record.key, decision.findings)
            return None, goal
        decisions.append(decision)
        at = replace(trying, values={**trying.values, "state": step})
    _write_steps(unit, standing, act, record, decisions, values)
    after = {"version": record["version"] + len(decisions), "touched_on": act.day.isoformat()}
    return replace(at, values={**at.values, **after}), decisions[-1]


def _write_steps(
    unit: Unit,
    standing: Standing,
    act: Act,
    record: Record,
    decisions: Sequence[Decision],
    values: dict[str, Any],
) -> None:
    at = record
    for decision in decisions:
        given = values if decision is decisions[-1] else {}
        store.change_state(unit, standing, act, at, decision.target, given, decision.findings)
        after = {"state": decision.target, "version": at["version"] + 1, "touched_on": act.day.isoformat()}
        at = replace(at, values={**at.values, **after})
