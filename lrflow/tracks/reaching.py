"""What people know of an address: that mail arrives there, or comes back."""

from dataclasses import dataclass

from lrflow import store
from lrflow.database import Database
from lrflow.errors import Misused
from lrflow.store import Act
from lrflow.tracks.choosing import referred
from lrflow.tracks.leaving import WHO


@dataclass(frozen=True, slots=True)
class Address:
    """Whose address is in which state now, and in which it was."""

    name: str
    email: str
    before: str
    state: str
    entry: int


def mark_address(database: Database, who: str, state: str, act: Act) -> Address:
    """Let a person's address be good or dead on somebody's word. Raises `Misused` without an address, or a change."""
    with database.begin(write=True, keep=not act.dry_run) as unit:
        standing = store.stand_aside(unit, act)
        standing.require_edit("person")
        person = store.shared_record(unit, "person", referred(unit, WHO, who, standing.facts))
        name, email, before = str(person["name"]), person["email"], str(person["address_state"])
        if not email:
            raise Misused(f"{name} has no address", remedy=f"lrflow set person {name!r} email=ADDRESS")
        if before == state:
            raise Misused(f"{email} is {state} already", remedy=f"lrflow show person {email}")
        store.mark_address(unit, email, state, detail=act.reason or f"said by {act.actor}", now=act.now)
        of = f"person:{person.key}"
        change = {"of": of, "field": "address_state", "before": before, "after": state}
        entry = store.entry_of(standing, act, "address", of, "done", changes=[change])
        number = store.log_entry(unit, standing, entry, shared=True)
        store.replan_all(unit, act.now)
    return Address(name, str(email), before, state, number)
