"""Whether a rule can speak at all, whatever happens on a route: a condition that some state meets, a day, a stage."""

from collections.abc import Mapping
from typing import Any

from lrflow.calendars import read_when
from lrflow.catalogue import KINDS
from lrflow.definition import Condition, Definition, Life, Rule
from lrflow.workflow.names import field_names


def impossible(rule: Rule, definition: Definition) -> str:
    """Why *rule* of *definition* can never speak; empty when it can."""
    kind = kind_of(rule)
    if rule.stages and not set(rule.stages) & set(definition.path):
        return "none of its stages is on the path"
    when = read_when(rule.when)
    if when.anchor != "programme_end" and not any(when.anchor in field_names(each) for each in _places(kind)):
        return f"it counts from {when.anchor}, which no {kind} has"
    if when.anchor == "programme_end" and when.span and when.sign > 0:
        return "it counts onwards from the programme's last day, after which nothing is sent"
    if not can_be_met(rule.condition, kind, definition):
        return f"no {kind} can ever meet its condition"
    return ""


def kind_of(rule: Rule) -> str:
    """The kind of record that *rule* asks; what is about a guard asks the route."""
    kind = rule.about.partition(":")[0]
    return "route" if kind == "guard" else kind


def _places(kind: str) -> tuple[str, ...]:
    """Whose dates a rule about *kind* may count from."""
    return (kind, "delegation", "route")


def can_be_met(condition: Condition, kind: str, definition: Definition) -> bool:
    """Whether one state that a record of *kind* can come into meets every clause of *condition*."""
    return any(_in_state(state, condition, kind, definition) for state in _states(kind, definition))


def _states(kind: str, definition: Definition) -> set[str]:
    """Every state that moves, beginnings, sendings back and other records' moves lead into."""
    life = definition.lives.get(kind)
    if life is None:
        return {"active"}
    reached = {life.path[0], *life.begins, *_put_into(kind, definition)}
    while more := {state for state, move in life.moves.items() if set(move.sources) & reached} - reached:
        reached |= more
    return reached


def _put_into(kind: str, definition: Definition) -> set[str]:
    moves = [move for life in definition.lives.values() for move in life.moves.values()]
    backs = [stage.back for stage in definition.stages.values() if stage.back]
    named = [*(move.takes.get(kind) for move in moves), *(back.reopens.get(kind) for back in backs)]
    return {state for state in named if state}


def _in_state(state: str, condition: Condition, kind: str, definition: Definition) -> bool:
    return all(_clause(name, wanted, state, kind, definition) for name, wanted in condition.items())


def _clause(name: str, wanted: Any, state: str, kind: str, definition: Definition) -> bool:
    if name == "any":
        return any(_in_state(state, each, kind, definition) for each in wanted)
    if name == "state":
        return state in _words(wanted)
    if name == "reached":
        return _has_reached(definition.lives.get(kind), state, str(wanted))
    if isinstance(wanted, Mapping):
        low, high = wanted.get("min"), wanted.get("max")
        return not (isinstance(low, int) and isinstance(high, int) and low > high)
    field = KINDS[kind].field(name) if kind in KINDS else None
    known = field.choices or tuple(definition.vocabularies.get(field.vocabulary, ())) if field else ()
    return bool(_words(wanted)) and (not known or any(_may_be(each, known) for each in _words(wanted)))


def _words(wanted: Any) -> tuple[Any, ...]:
    return tuple(wanted) if isinstance(wanted, list | tuple) else (wanted,)


def _has_reached(life: Life | None, state: str, wanted: str) -> bool:
    path = life.path if life else ()
    return state in path and wanted in path and path.index(state) >= path.index(wanted)


def _may_be(value: Any, known: tuple[str, ...]) -> bool:
    return not isinstance(value, str) or value.startswith("@") or value in known
