"""What alliances owe and what was heard of them: due, overdue, done, without a day, and the last sign of life. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from lrflow.definition import Definition
from lrflow.facts import Facts, Record, full_day

WEEK = timedelta(days=6)
# Whatever comes from an alliance itself, by kind: the days on which it did.
SIGNS: Mapping[str, Sequence[str]] = {
    "plan": ("last_word_on",),
    "action": ("done_on",),
    "checkin": ("answered_on",),
    "cascade": ("on",),
}


@dataclass(frozen=True, slots=True)
class Item:
    """Something owed: by which day (as written; None when none is known), by which delegation (by none: the route's).

    *counts*: it is a plan or an action; the rest are questions of ours.
    """

    key: str
    due: str | None
    delegation: str
    is_open: bool
    is_done: bool
    counts: bool

    def is_overdue(self, today: date) -> bool:
        """Whether its day has passed and it is still open."""
        day = full_day(self.due)
        return self.is_open and day is not None and day < today

    def is_due(self, today: date) -> bool:
        """Whether its day is one of the seven that begin with *today*."""
        day = full_day(self.due)
        return self.is_open and day is not None and today <= day <= today + WEEK


@dataclass(frozen=True, slots=True)
class Alliance:
    """How one delegation stands: plans and actions done of all, what is overdue, the last day it was heard of."""

    key: str
    name: str
    done: int
    all: int
    overdue: int
    heard_on: date | None


def items_of(definition: Definition, facts: Facts) -> list[Item]:
    """Everything owed on the route: its stage, plans, actions, check-ins."""
    route = facts.route
    stage = [Item("route", route["stage_due"], "", route["status"] == "active", False, False)]
    return [*stage, *_owed(definition, facts)] if route["stage_due"] else list(_owed(definition, facts))


def _owed(definition: Definition, facts: Facts) -> Iterator[Item]:
    for kind, due in (("plan", "final_due"), ("action", "due"), ("checkin", "due")):
        life = definition.lives.get(kind)
        for record in facts.of(kind) if life else ():
            is_open = record.state not in life.ends if life else False
            # A plan has a day only for its final version; later it is its actions that do.
            waits = is_open and (kind != "plan" or (life is not None and record.state == life.path[0]))
            day = facts.value(record, due) if waits else None
            done = life is not None and record.state == life.path[-1]
            yield Item(record.key, day, _delegation(record, facts), waits, done, kind != "checkin")


def _delegation(record: Record, facts: Facts) -> str:
    plan = facts.find("plan", record["plan"]) if record.kind == "action" else record
    return str(plan["delegation"] or "") if plan else ""


def undated(items: Sequence[Item]) -> list[Item]:
    """What is open without a day by which it is owed; a month alone is none."""
    return [each for each in items if each.is_open and full_day(each.due) is None]


def overdue(items: Sequence[Item], today: date) -> list[Item]:
    """What should have been done by now, the oldest first."""
    return sorted((each for each in items if each.is_overdue(today)), key=lambda each: str(each.due))


def alliances_of(
    definition: Definition, facts: Facts, items: Sequence[Item], noted: Mapping[str, str]
) -> list[Alliance]:
    """Every delegation that still has a part in the route: who owes most first, then who was silent longest.

    *noted*: the last day on which somebody wrote a note about a record.
    """
    life = definition.lives["delegation"]
    found = [
        _alliance(each, facts, [item for item in items if item.delegation == each.key], noted)
        for each in facts.of("delegation")
        if each.state in life.path
    ]
    return sorted(found, key=lambda each: (-each.overdue, each.heard_on or date.min, each.name))


def _alliance(delegation: Record, facts: Facts, items: Sequence[Item], noted: Mapping[str, str]) -> Alliance:
    counted = [each for each in items if each.counts]
    return Alliance(
        delegation.key,
        str(facts.value(delegation, "organisation.name") or delegation.key),
        sum(each.is_done for each in counted),
        len(counted),
        len(overdue(items, facts.today)),
        _heard_on(delegation, facts, noted),
    )


def _heard_on(delegation: Record, facts: Facts, noted: Mapping[str, str]) -> date | None:
    """The last day of any sign of life: it came, it answered, it did something, or somebody noted a call."""
    own = [
        delegation,
        *(each for kind in SIGNS for each in facts.of(kind) if _delegation(each, facts) == delegation.key),
    ]
    days = [facts.value(each, name) for each in own for name in SIGNS.get(each.kind, ())]
    days += [delegation["applied_on"], delegation["committed_on"], *(noted.get(each.key) for each in own)]
    days += [facts.route["visit_end"]] if facts.value(delegation, "attended") else []
    known = [day for each in days if (day := full_day(each)) and day <= facts.today]
    return max(known, default=None)
