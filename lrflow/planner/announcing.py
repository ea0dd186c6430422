"""What a message announces of the next step, and what a call task asks for: nobody is copied or called by surprise."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from lrflow.calendars import later, read_span
from lrflow.facts import Record
from lrflow.planner.people import recipients
from lrflow.planner.rules import rule_of
from lrflow.planner.shapes import OPEN, RUNG, Ground, Intended, Key, Plan


@dataclass(frozen=True, slots=True)
class NextStep:
    """Who is asked next, on which day, if nothing is heard; *is_call*: by a call instead of a message."""

    people: tuple[int, ...]
    on: date
    is_call: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """Whom a coordinator is asked to call: how many messages went there about it, since when."""

    person: int | None
    asked: int
    since: date


def next_step(ground: Ground, made: Plan, said: Intended, record: Record, on: date) -> NextStep | None:
    """What follows on *said*, about *record*, when it is sent on *on* and nobody answers; None when nothing new does.

    Another message to the same reader is nothing to announce, nor a step that a repeat comes before.
    """
    found = [*_next_rung(ground, made, said, record, on), *_next_part(ground, made, said)]
    new = [each for each in found if any(person != said.person for person in each.people)]
    first = min(new, key=lambda each: each.on, default=None)
    if first is None or any(each.local_on <= first.on for each in _repeats_of(made, said, on)):
        return None
    return NextStep(tuple(each for each in first.people if each != said.person), first.on, first.is_call)


def _next_rung(ground: Ground, made: Plan, said: Intended, record: Record, on: date) -> Iterator[NextStep]:
    steps = rule_of(ground.definition, said.key[0]).then
    number = said.key[3] - RUNG + 1 if said.key[3] >= RUNG else 0
    if number < len(steps):
        step, waited_for = steps[number], ground.calendar_of(said.person)
        people = recipients(step.to, record, ground.facts, ground.visitors)
        known = tuple(person for _, person in people if person is not None)
        yield NextStep(known, later(on, read_span(step.after), waited_for), step.channel == "call")


def _next_part(ground: Ground, made: Plan, said: Intended) -> Iterator[NextStep]:
    """The later parts of the story that are planned, day by day."""
    names = {name for name, rule in ground.definition.rules.items() if rule.after and rule.after.rule == said.key[0]}
    days: dict[date, list[int]] = {}
    for key, each in made.intended.items():
        if key[0] in names and key[1] == said.key[1] and each.state == "planned" and each.person is not None:
            days.setdefault(each.local_on, []).append(each.person)
    yield from (NextStep(tuple(dict.fromkeys(people)), day) for day, people in days.items())


def _repeats_of(made: Plan, said: Intended, on: date) -> Iterator[Intended]:
    for key, each in made.intended.items():
        if key[:3] == said.key[:3] and said.key[3] < key[3] < RUNG and each.state in OPEN and each.local_on > on:
            yield each


def call_of(ground: Ground, key: Key) -> Call | None:
    """What the rung *key* asks a coordinator to do by telephone; None when it is a message, or no rung."""
    steps, number = rule_of(ground.definition, key[0]).then, key[3] - RUNG
    if not 0 <= number < len(steps) or steps[number].channel != "call":
        return None
    names = set(_story(ground, key[0]))
    said = [
        (each.closed_on, each.key[3], each.person)
        for rule in names
        for each in ground.ledger.of(rule, key[1])
        if each.state == "sent" and each.closed_on and each.key != key
    ]
    if not said:
        return None
    first = [person for _, seq, person in sorted(said, key=lambda each: (each[0], each[1])) if person is not None]
    return Call(first[0] if first else None, len(said), min(day for day, _, _ in said))


def _story(ground: Ground, name: str) -> Iterator[str]:
    """The rule *name* and those it follows on."""
    while name in ground.definition.rules:
        yield name
        after = ground.definition.rules[name].after
        name = after.rule if after else ""
