"""What people who left leave behind: who has it now and what came with it, and what is nobody's. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lrflow.definition import Definition
from lrflow.facts import Facts, Record
from lrflow.planner.people import holders, reader_of
from lrflow.planner.shapes import Ledger

# What somebody owes, field by field; a delegation that took part still answers for its plan and its check-ins.
OWED = {"delegation": ("lead", "focal_point"), "plan": ("owner",), "action": ("person",)}


@dataclass(frozen=True, slots=True)
class Orphan:
    """What a person who left still answers for, with nobody after them: a field of a record, or a role of the route."""

    key: str  # the id, or route
    field: str
    person: int


def orphans(definition: Definition, facts: Facts) -> list[Orphan]:
    """What is nobody's on the day of the facts, record by record in the order of their ids, then the route's roles.

    Only what is still open: no plan that ended, no delegation that never came. A role with another holder is held.
    """
    found = [each for each in owed(definition, facts) if reader_of(each.person, facts) is None]
    held = {name: [reader_of(each, facts) for each in people] for name, people in facts.roles.items()}
    return [each for each in found if each.key != "route" or not any(held[each.field])]


def owed(definition: Definition, facts: Facts) -> Iterator[Orphan]:
    """Everything open that somebody answers for by name, whoever reads it now."""
    for kind, names in OWED.items():
        for record in facts.of(kind):
            if _is_open(record, definition):
                yield from (Orphan(record.key, name, record[name]) for name in names if record[name])
    if facts.route["status"] in ("active", "on_hold"):
        yield from (Orphan("route", role, each) for role, people in facts.roles.items() for each in people)


def _is_open(record: Record, definition: Definition) -> bool:
    life = definition.lives[record.kind]
    if record.kind == "delegation":
        return record.state in life.path
    return record.state not in life.ends


def inherited(record: Record, role: str, reader: int, facts: Facts, ledger: Ledger) -> tuple[str, int] | None:
    """What *reader* is told with the first message about *record* that comes because somebody left.

    The name of the one who left, and how many messages about it went to others before. None when nobody left it to the
    reader, and once a message about it went to the reader: then it is known.
    """
    held = [person for name, person in holders([_plain(role)], record, facts) if name == _climbed(role)]
    left = [each for person in held if (each := _left(person, facts)) and reader_of(person, facts) == reader]
    if not left:
        return None
    subject = "route" if record.kind == "route" else record.key
    said = [each for each in ledger.nudges.values() if each.key[1] == subject and each.state == "sent"]
    if any(each.person == reader for each in said):
        return None
    return str(left[0]["name"]), len(said)


def takes_part(role: str, record: Record) -> bool:
    """Whether the *role* of a nudge about *record* is that of a visitor or an alliance, not of who runs the route."""
    name = _plain(role)
    own = ("self", "lead", "focal_point", "person", "people", *(() if record.kind == "route" else ("owner",)))
    return name in own


def _climbed(role: str) -> str:
    """The role of a nudge without the rung of a ladder: then1:lead is lead."""
    return re.sub(r"^then\d+:", "", role)


def _plain(role: str) -> str:
    """The role of a nudge as a rule names it: coordinator#2 is coordinator, person:17 of a notice is people."""
    name, _, one = _climbed(role).partition(":")
    return "people" if one else name.partition("#")[0]


def _left(person: int | None, facts: Facts) -> Record | None:
    known = facts.find("person", person)
    left = known is not None and bool(known["left_on"]) and known["left_on"] <= facts.today.isoformat()
    return known if left else None


def why_nobody(role: str, record: Record, facts: Facts) -> str:
    """Why *role* has no reader for *record*: nobody holds it, or whoever did has left."""
    held = [person for _, person in holders([_plain(role)], record, facts) if person is not None]
    return "person_left" if held else "no_recipient"
