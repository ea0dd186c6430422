"""Decide one move: where it would lead, whether it may happen, and everything that stands in its way. Pure."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from transitions import EventData, Machine

from lrflow.checks import is_filled
from lrflow.definition import Definition, Life
from lrflow.facts import Facts, Record
from lrflow.guards import Finding, blocking, judge

logging.getLogger("transitions").setLevel(logging.WARNING)  # it would log sixteen lines a move

Outcome = Literal["done", "blocked", "refused"]
STATUSES = ("active", "on_hold", "closed", "cancelled")
_STATUS_MOVES = (
    ("hold", "active", "on_hold"),
    ("resume", "on_hold", "active"),
    ("cancel", "active", "cancelled"),
    ("cancel", "on_hold", "cancelled"),
    ("close", "active", "closed"),
    ("reopen", "closed", "active"),
    ("reopen", "cancelled", "active"),
)


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of one asked move: outcome, from where to where, every finding, and why not when it was refused."""

    verb: str
    subject: str
    source: str
    target: str
    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    says: str = ""

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """The findings that stand in the way."""
        return blocking(self.findings)


class _Attempt:
    """One try at one move: the machine's model, thrown away afterwards."""

    __slots__ = ("definition", "facts", "findings", "state")

    def __init__(self, state: str, definition: Definition, facts: Facts) -> None:
        self.state = state
        self.definition = definition
        self.facts = facts
        self.findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class _Gate:
    """The one condition of a move: judges all its needs once, keeps the findings, answers with a real bool."""

    needs: tuple[str, ...]

    def __call__(self, event: EventData) -> bool:
        attempt: _Attempt = event.kwargs["attempt"]
        attempt.findings = judge(attempt.definition, self.needs, attempt.facts, attempt.facts.waivers)
        return not blocking(attempt.findings)


def _empty_machine(states: Sequence[str]) -> Machine:
    # No model, no initial state, no to_<state> back doors, no queue: a pure rule book (the traps are in the tests).
    return Machine(
        model=None,
        states=list(states),
        initial=None,
        auto_transitions=False,
        send_event=True,
        queued=False,
        model_attribute="state",
    )


@lru_cache(maxsize=64)
def stage_machine(definition: Definition) -> Machine:
    """The path of a route as a rule book: `advance`, `back_to_STAGE`, `reopen`."""
    machine = _empty_machine((*definition.path, definition.done))
    for stage in definition.path:
        gate = _Gate(definition.stages[stage].needs)
        machine.add_transition("advance", stage, definition.stage_after(stage), conditions=[gate])
        back = definition.stages[stage].back
        for earlier in back.to if back else ():
            machine.add_transition(f"back_to_{earlier}", stage, earlier, conditions=[_Gate(())])
    machine.add_transition("reopen", definition.done, definition.path[-1], conditions=[_Gate(())])
    return machine


@lru_cache(maxsize=1)
def status_machine() -> Machine:
    """The status beside the stage: hold, resume, cancel, close, reopen. The same for every workflow."""
    machine = _empty_machine(STATUSES)
    for verb, source, target in _STATUS_MOVES:
        machine.add_transition(verb, source, target, conditions=[_Gate(())])
    return machine


@lru_cache(maxsize=256)
def life_machine(definition: Definition, kind: str) -> Machine:
    """The life of one kind of record as a rule book; the event that enters a state bears its name."""
    life = definition.lives[kind]
    machine = _empty_machine(life.states)
    for state, move in life.moves.items():
        for source in move.sources:
            machine.add_transition(state, source, state, conditions=[_Gate(move.needs)])
    return machine


def decide_stage(definition: Definition, facts: Facts, event: str) -> Decision:
    """Decide a move of the route along its path. Only an active route moves; a closed one may only be reopened."""
    stage, status = facts.route["stage"], facts.route["status"]
    verb = event.partition("_")[0]
    if status != "active" and event != "reopen":
        return Decision(verb, "route", stage, stage, "refused", says=_STANDING[status])
    return _fire(stage_machine(definition), event, verb, "route", stage, definition, facts)


_STANDING = {
    "on_hold": "the route is on hold: lrflow resume",
    "closed": "the route is closed: lrflow reopen --reason TEXT",
    "cancelled": "the route is cancelled: lrflow reopen --reason TEXT",
}


def decide_status(definition: Definition, facts: Facts, verb: str) -> Decision:
    """Decide hold, resume, cancel, close or reopen."""
    return _fire(status_machine(), verb, verb, "route", facts.route["status"], definition, facts)


def decide_track(definition: Definition, facts: Facts, record: Record, target: str, reason: str) -> Decision:
    """Decide whether *record* may enter *target*, judged on that record alone as if it were already there.

    *record* carries the values the command gives. Going back along the path needs a reason and the needs it passed.
    """
    life = definition.lives[record.kind]
    if lacking := _lacking(life, record, target, reason):
        return Decision("mark", record.key, record.state, target, "refused", says=lacking)
    seen = facts.focused(record, target) if any(move.needs for move in life.moves.values()) else facts
    machine = life_machine(definition, record.kind)
    if target in machine.events and record.state in machine.events[target].transitions:
        return _fire(machine, target, "mark", record.key, record.state, definition, seen)
    if reason and is_back(life, record.state, target):
        findings = judge(definition, passed_needs(life, target), seen, facts.waivers)
        outcome: Outcome = "blocked" if blocking(findings) else "done"
        return Decision("mark", record.key, record.state, target, outcome, findings)
    return Decision("mark", record.key, record.state, target, "refused", says=_no_way(life, record.state, target))


def _lacking(life: Life, record: Record, target: str, reason: str) -> str:
    move = life.moves.get(target)
    gaps = [name for name in (move.fields if move else ()) if not is_filled(record[name])]
    if gaps:
        return f"{target} needs {', '.join(f'{name}=...' for name in gaps)}"
    return f"{target} needs --reason TEXT" if move and move.reason and not reason else ""


def _no_way(life: Life, source: str, target: str) -> str:
    if source == target:
        return f"it is already {target}"
    open_ways = [state for state, move in life.moves.items() if source in move.sources]
    hint = f"from {source} it can become {', '.join(open_ways)}" if open_ways else f"{source} is an end"
    return f"{hint}; going back needs --reason TEXT" if is_back(life, source, target) else hint


def is_back(life: Life, source: str, target: str) -> bool:
    """Whether *target* lies before *source* on the forward path, or *source* is an end beside it."""
    if target not in life.path or source == target:
        return False
    return source not in life.path or life.path.index(target) < life.path.index(source)


def steps_to(life: Life, source: str, target: str) -> list[str]:
    """The states to walk from *source* to *target*: the last alone, or with those before it that ask for nothing."""
    move = life.moves.get(target)
    if move is None or source in move.sources or source not in life.path or target not in life.moves:
        return [target]
    for before in _sources_ahead(life, source, target):
        middle = life.moves[before]
        if not (middle.needs or middle.fields or middle.reason):
            walked = steps_to(life, source, before)
            if walked[0] != before or source in middle.sources:
                return [*walked, target]
    return [target]


def _sources_ahead(life: Life, source: str, target: str) -> Iterator[str]:
    start = life.path.index(source)
    for state in life.moves[target].sources:
        if state in life.path and life.path.index(state) > start and state in life.moves:
            yield state


def passed_needs(life: Life, state: str) -> tuple[str, ...]:
    """The needs a record in *state* has already passed: those of each state up to it on the forward path."""
    reached = life.path[: life.path.index(state) + 1] if state in life.path else ()
    return tuple(dict.fromkeys(need for each in reached if each in life.moves for need in life.moves[each].needs))


def _fire(
    machine: Machine, event: str, verb: str, subject: str, state: str, definition: Definition, facts: Facts
) -> Decision:
    found: Any = machine.events.get(event)
    if found is None or state not in found.transitions:
        return Decision(verb, subject, state, state, "refused", says=f"{verb} is not possible from {state}")
    target = found.transitions[state][0].dest
    attempt = _Attempt(state, definition, facts)
    moved = found.trigger(attempt, attempt=attempt) is True
    return Decision(verb, subject, state, target, "done" if moved else "blocked", attempt.findings)
