"""A person leaves: what the successor reads from that day on, and what is nobody's. Nothing is deleted."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from lrflow import store
from lrflow.catalogue import Field
from lrflow.database import Database, Unit
from lrflow.errors import Misused
from lrflow.facts import Facts, Record
from lrflow.planner.leavers import owed
from lrflow.planner.people import CHAIN, reader_of
from lrflow.planner.reaching import MATRIX, standing_of
from lrflow.store import Act
from lrflow.tracks.choosing import referred

WHO = Field("person", "ref", "", to="person")


@dataclass(frozen=True, slots=True)
class Owed:
    """Something open that the one who leaves answers for: of which route, which record or role; who has it then."""

    route: str
    key: str
    field: str
    heir: str  # a name; empty when it is nobody's


@dataclass(frozen=True, slots=True)
class Left:
    """Who leaves on which day, who takes over if anybody does, and what that means for what is open."""

    name: str
    email: str
    on: date
    successor: str
    owed: tuple[Owed, ...]
    entry: int

    @property
    def orphans(self) -> tuple[Owed, ...]:
        """What is nobody's from that day on."""
        return tuple(each for each in self.owed if not each.heir)


def leave(database: Database, who: str, on: date, successor: str, act: Act) -> Left:
    """Let a person leave on that day, which may lie ahead; from then on *successor* has what that person had.

    Messages go to the person until the day before. Every record keeps the one who left as its owner. Raises `Misused`
    when nothing would change, and when the successor is the person, left too, or cannot be reached.
    """
    with database.begin(write=True, keep=not act.dry_run) as unit:
        standing = store.stand_aside(unit, act)
        standing.require_edit("person")
        person = store.shared_record(unit, "person", referred(unit, WHO, who, standing.facts))
        values: dict[str, Any] = {"left_on": on.isoformat()}
        if successor:
            heir = store.shared_record(unit, "person", referred(unit, WHO, successor, standing.facts))
            _check_heir(unit, person, heir, on)
            values["successor"] = int(heir.key)
        if not store.differences(person, values):
            says = f"{person['name']} {'left' if on <= act.day else 'leaves'} on {on} already: nothing changes"
            raise Misused(says, remedy=f"lrflow show person {typed(person)}")
        store.write_shared(unit, "person", int(person.key), values)
        entry = store.note_shared(unit, standing, act, "leave", f"person:{person.key}", values, person)
        store.replan_all(unit, act.now)
        number = values.get("successor") or person["successor"]
        name = store.shared_record(unit, "person", number)["name"] if number else ""
        found = tuple(_owed(unit, person, max(on, act.day)))
    return Left(str(person["name"]), str(person["email"] or ""), on, str(name), found, entry)


def typed(person: Record) -> str:
    """The person as a command takes it."""
    return str(person["email"] or repr(str(person["name"])))


def _check_heir(unit: Unit, person: Record, heir: Record, on: date) -> None:
    again = "--successor SOMEBODY-ELSE"
    if heir.key == person.key:
        raise Misused(f"{heir['name']} cannot take over from {heir['name']}", remedy=again)
    require_reachable(heir, on, again)
    here = heir
    for _ in range(CHAIN):
        if not here["left_on"] or not here["successor"]:
            return
        here = store.shared_record(unit, "person", here["successor"])
        if here.key == person.key:
            says = f"{heir['name']} leaves on {heir['left_on']}, and {person['name']} was to take over"
            raise Misused(f"{says}: nobody would be there", remedy=again)


def require_reachable(person: Record, on: date, again: str) -> None:
    """Raise `Misused` when *person* could not be written to on that day: what is handed over would reach nobody."""
    standing = standing_of(person, on)
    if standing == "left":
        raise Misused(f"{person['name']} left on {person['left_on']}", remedy=again)
    if standing not in ("good", "suspect"):
        ways = {"opted_out": f"lrflow person opt-in {typed(person)} --via call"}
        way = ways.get(standing, f"lrflow set person {typed(person)} email=ADDRESS")
        raise Misused(f"{person['name']} {MATRIX[standing].says}: messages would reach nobody", remedy=[way, again])


def _owed(unit: Unit, person: Record, on: date) -> list[Owed]:
    """What was read by *person* before, route by route, with who reads it on that day."""
    found: list[Owed] = []
    for route in store.routes_of(unit):
        if route.status not in ("active", "on_hold"):
            continue
        definition = store.read_definition(unit, route.digest)
        after = store.facts_of(unit, route, definition, on)
        before = after.with_record(replace(person, values={**person.values, "left_on": None}))
        for each in owed(definition, after):
            if reader_of(each.person, before) == int(person.key):
                found.append(Owed(route.key, each.key, each.field, _name(reader_of(each.person, after), after)))
    return found


def _name(person: int | None, facts: Facts) -> str:
    known = facts.find("person", person)
    return str(known["name"]) if known else ""
