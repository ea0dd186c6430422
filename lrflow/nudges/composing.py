"""Compose one message from the plan of a moment: what its lines announce, took over or ask for, then its words.

The preview and the sender both come here, so that what is previewed is what is sent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from lrflow import store
from lrflow.database import Row, Unit
from lrflow.facts import Facts
from lrflow.messages import Worded
from lrflow.nudges.wording import Call, Inheritance, Reading, Step, subject_of, weeks_for, worded
from lrflow.planner import Ground, Intended, Plan, call_of, inherited, next_step, rule_of


@dataclass(frozen=True, slots=True)
class View:
    """A route at the moment of a message: what a plan made then says, and what its words are made from."""

    key: str
    ground: Ground
    plan: Plan
    reading: Reading


def compose(unit: Unit, rows: Sequence[Row], views: Mapping[int, View], sender: str, on: date, now: datetime) -> Worded:
    """The message that *rows*, all of one person, make on the local day *on*; *views* holds each route by number.

    Raises as `worded` does, when a text is missing.
    """
    steps: dict[int, Step] = {}
    took_over: dict[int, Inheritance] = {}
    calls: dict[int, Call] = {}
    for row in rows:
        view = views[row["route_id"]]
        intended = view.plan.intended.get(store.key_of(row))
        if intended is not None:
            _add_beside(row, intended, view, on, steps, took_over, calls)
    readings = {number: view.reading for number, view in views.items()}
    weeks = weeks_for(unit, rows, [view.ground for view in views.values()], on, now)
    return worded(rows, readings, sender, on, next_steps=steps, inherited=took_over, calls=calls, weeks=weeks)


def _add_beside(
    row: Row,
    intended: Intended,
    view: View,
    on: date,
    steps: dict[int, Step],
    took_over: dict[int, Inheritance],
    calls: dict[int, Call],
) -> None:
    facts, ground = view.ground.facts, view.ground
    record = subject_of(row["subject"], rule_of(ground.definition, row["rule"]), facts)
    if call := call_of(ground, intended.key):
        person = facts.find("person", call.person)
        name, phone = (str(person["name"]), str(person["phone"] or "")) if person else ("-", "")
        calls[row["id"]] = (name, phone, call.asked, call.since)
    if step := next_step(ground, view.plan, intended, record, on):
        steps[row["id"]] = (_names(step.people, facts), step.on, step.is_call)
    if intended.person is not None and (left := inherited(record, row["role"], intended.person, facts, ground.ledger)):
        took_over[row["id"]] = left


def _names(people: Sequence[int], facts: Facts) -> str:
    found = [facts.find("person", each) for each in people]
    return ", ".join(str(each["name"]) for each in found if each is not None)
