"""Be away, with a deputy to whom messages go and who may do what one may; and come back."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from lrflow import store
from lrflow.database import Database, Unit
from lrflow.errors import Misused, Refused
from lrflow.facts import Record
from lrflow.store import Act, Standing
from lrflow.tracks.choosing import referred
from lrflow.tracks.leaving import WHO, require_reachable


@dataclass(frozen=True, slots=True)
class Away:
    """Who is away until which day, the last one; who stands in, in which roles; *behind*, who does for the deputy."""

    name: str
    deputy: str
    until: str
    roles: tuple[str, ...]
    behind: str
    entry: int


def go_away(database: Database, who: str, until: str, deputy: str, act: Act) -> Away:
    """Let *deputy* stand in for *who* (the actor when empty) until that day, the last one, and plan anew.

    Raises `Misused` for a day that does not lie ahead, and when the deputy is the person, cannot be reached, or is away
    with that person as deputy; `Refused` for somebody else's absence unless one owns or coordinates.
    """
    with database.begin(write=True, keep=not act.dry_run) as unit:
        standing, person = _person(unit, who, act)
        if until <= act.day.isoformat():
            raise Misused(f"{until} does not lie ahead: name the last day of the absence", remedy="--until +14d")
        other = store.shared_record(unit, "person", referred(unit, WHO, deputy, standing.facts))
        _check_deputy(unit, person, other, act.day)
        chain = store.deputies_from(unit, int(other.key), act.day)
        entry = _write(unit, standing, person, {"away_until": until, "deputy": int(other.key)}, act)
        roles = store.roles_anywhere(unit, int(person.key), on=act.day)
    behind = f"{chain[-1]['deputy_name']} until {chain[0]['away_until']}" if chain else ""
    return Away(str(person["name"]), str(other["name"]), until, roles, behind, entry)


def come_back(database: Database, who: str, act: Act) -> Away:
    """End the absence of *who* (the actor when empty), and plan anew. Raises `Misused` when nobody stands in."""
    with database.begin(write=True, keep=not act.dry_run) as unit:
        standing, person = _person(unit, who, act)
        if not person["away_until"] and not person["deputy"]:
            raise Misused(f"{person['name']} is not away", remedy="lrflow status")
        deputy = store.shared_record(unit, "person", person["deputy"])["name"] if person["deputy"] else ""
        entry = _write(unit, standing, person, {"away_until": None, "deputy": None}, act)
    return Away(str(person["name"]), str(deputy), "", (), "", entry)


def _person(unit: Unit, who: str, act: Act) -> tuple[Standing, Record]:
    """The one who is meant; for somebody else it takes an owner or a coordinator."""
    standing = store.stand_aside(unit, act)
    number = referred(unit, WHO, who, standing.facts) if who else standing.actor["id"]
    if number != standing.actor["id"] and not {"owner", "coordinator"} & set(standing.roles):
        raise Refused(f"{act.actor} is {standing.role} here: others say themselves when they are away")
    return standing, store.shared_record(unit, "person", number)


def _check_deputy(unit: Unit, person: Record, deputy: Record, on: date) -> None:
    name, again = deputy["name"], "--deputy SOMEBODY-ELSE"
    if deputy.key == person.key:
        raise Misused(f"{name} cannot stand in for {name}", remedy=again)
    require_reachable(deputy, on, again)
    chain = store.deputies_from(unit, int(deputy.key), on)
    if person.key in {str(each["deputy"]) for each in chain}:
        told = ", ".join(f"{each['name']} is away until {each['away_until']}" for each in chain)
        raise Misused(
            f"{told}, and the deputy is {person['name']}: nobody would be there",
            remedy=[again, f"lrflow away --back {deputy['email']}"],
        )


def _write(unit: Unit, standing: Standing, person: Record, values: dict[str, Any], act: Act) -> int:
    number = int(person.key)
    store.write_shared(unit, "person", number, values)
    entry = store.note_shared(unit, standing, act, "away", f"person:{number}", values, person)
    store.replan_all(unit, act.now)
    return entry
