"""Look further ahead: every guard on the way to a later stage, judged on what is known today."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from lrflow.checks import day_range, is_filled, matches
from lrflow.definition import Ask, Definition
from lrflow.errors import Misused, NotFound
from lrflow.facts import Facts, Waiver
from lrflow.guards import Finding, blocking, judge
from lrflow.routes.looking import Outlook


@dataclass(frozen=True, slots=True)
class Leg:
    """One step of the way: from a stage to the next, what it asks, and what only time can bring (guard: why)."""

    source: str
    target: str
    findings: tuple[Finding, ...]
    not_yet: dict[str, str] = field(default_factory=dict)

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """What stands in the way of this step, as of today."""
        return blocking(self.findings)


def way_to(seen: Outlook, word: str) -> tuple[Leg, ...]:
    """Every step from the stage of the route to the one called *word*, the next one first, judged as of today.

    A waiver counts for the stage it was given for alone. Raises `NotFound` when there is no such stage, `Misused`
    when the route has reached it already.
    """
    definition, here = seen.definition, seen.route.stage
    stages = (*definition.path, definition.done)
    target = _stage_called(word, definition)
    start, end = stages.index(here), stages.index(target)
    if end <= start:
        raise _behind(seen, target)
    return tuple(_leg(seen, stages[number], stages[number + 1]) for number in range(start, end))


def _stage_called(word: str, definition: Definition) -> str:
    from difflib import get_close_matches

    stages = (*definition.path, definition.done)
    folded = word.strip().lower().replace("-", "_").replace(" ", "_")
    if folded in stages:
        return folded
    near = [each for each in stages if folded and folded in each] or get_close_matches(folded, stages, n=2)
    remedy = [f"lrflow check --to {each}" for each in near or stages[1:]]
    raise NotFound(f"there is no stage {word!r}", problems=[f"did you mean {each}?" for each in near], remedy=remedy)


def _behind(seen: Outlook, target: str) -> Misused:
    definition, here = seen.definition, seen.route.stage
    stands = f"{seen.route.key} stands in {definition.stage_title(here)}"
    if here == definition.done:
        return Misused(f"{seen.route.key} is {here}: no stage lies ahead", remedy="lrflow log route")
    says = f"{stands} already" if here == target else f"{stands}: {definition.stage_title(target)} lies behind it"
    stages = (*definition.path, definition.done)
    return Misused(says, remedy=[f"lrflow check --to {each}" for each in stages[stages.index(here) + 1 :]])


def _leg(seen: Outlook, source: str, target: str) -> Leg:
    definition, facts = seen.definition, seen.facts
    waivers: tuple[Waiver, ...] = tuple(each for each in facts.waivers if each.stage == source)
    findings = judge(definition, definition.stages[source].needs, facts, waivers)
    reasons = {
        each.guard: reason
        for each in findings
        if each.outcome in ("unmet", "unknown") and (reason := _only_time(each.guard, seen))
    }
    return Leg(source, target, findings, reasons)


def _only_time(guard: str, seen: Outlook) -> str:
    """Why *guard* cannot be met today whatever is done: a day that must come first, or records that a stage makes."""
    asks = seen.definition.guards[guard].asks
    days = [day for question in asks for day in _days_ahead(question, seen.facts, seen.definition)]
    if days:
        return f"not before {max(days)}"
    asked = [each.of for each in asks if each.min != 0 and not seen.facts.of(each.of)]
    made = [title for kind in asked for title in _made_later(kind, seen)]
    return f"only once the route has entered {made[-1]}" if made else ""


def _days_ahead(question: Ask, facts: Facts, definition: Definition) -> Iterator[str]:
    """The days that *question* wants to have come, and that lie ahead."""
    for record in facts.of(question.of) if question.reached else ():
        value = facts.value(record, question.field)
        if matches(record, question.where, facts, definition) and is_filled(value) and _is_ahead(value, facts.today):
            yield str(value)


def _is_ahead(value: str, today: date) -> bool:
    return day_range(value)[0] > today


def _made_later(kind: str, seen: Outlook) -> Iterator[str]:
    """The stages ahead that make records of *kind* on being entered."""
    path = seen.definition.path
    for stage in path[path.index(seen.route.stage) + 1 :]:
        if any(each.kind == kind for each in seen.definition.stages[stage].creates):
            yield seen.definition.stage_title(stage)
