"""Add records: of a route, of the programme, and routes themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lrflow import records, store
from lrflow.catalogue import KINDS, Kind
from lrflow.catalogue.reading import read_email
from lrflow.database import Database, Unit
from lrflow.definition import Definition
from lrflow.errors import Misused, Refused
from lrflow.store import Act, Standing
from lrflow.tracks.choosing import name_of
from lrflow.tracks.editing import write_roles
from lrflow.tracks.placing import check_required, introduce, place
from lrflow.tracks.values import read_values, split_words


@dataclass(frozen=True, slots=True)
class Added:
    """A record that was added."""

    kind: str
    key: str
    name: str
    entry: int
    values: Mapping[str, Any]
    note: str = ""


def add(database: Database, route: str, kind: str, lead: Sequence[str], words: Sequence[str], act: Act) -> Added:
    """Add one record of *kind* to *route*. *lead* are the words typed bare, *words* field=value.

    People typed as name and address are added to the programme when they are new. Raises `Misused` with every fault at
    once, and `Refused` when the actor's roles do not allow it.
    """
    described = KINDS[kind]
    with database.begin(write=True, keep=not act.dry_run) as unit:
        standing = store.stand(unit, route, act)
        standing.require_edit(kind)
        typed, people, note = _lead_words(unit, standing, act, described, lead)
        given = read_values(unit, kind, {**typed, **split_words(words)}, standing)
        standing, record, entry = place(unit, standing, act, kind, {**people, **given})
        store.touch_route(unit, standing.route)
        store.replan(unit, route, act.now, act.day)
        seen = store.facts_of(unit, standing.route, standing.definition, act.day)  # with the person who is new
    typed_in = {name: value for name, value in record.values.items() if described.field(name)}
    return Added(kind, record.key, name_of(record, seen), entry, typed_in, note)


def _lead_words(
    unit: Unit, standing: Standing, act: Act, kind: Kind, lead: Sequence[str]
) -> tuple[dict[str, str], dict[str, Any], str]:
    """The bare words as fields, in the order of the kind's leading ones; for people, the one named or newly added."""
    if kind.lead == ("person",):
        return lead_person(unit, standing, act, lead)
    if len(lead) > len(kind.lead):
        surplus = " ".join(lead[len(kind.lead) :])
        raise Misused(
            f"too many words: {surplus!r}", remedy=f"put quotes around {kind.lead[0] if kind.lead else 'them'}"
        )
    return dict(zip(kind.lead, lead, strict=False)), {}, ""


def lead_person(
    unit: Unit, standing: Standing, act: Act, lead: Sequence[str]
) -> tuple[dict[str, str], dict[str, Any], str]:
    """The person whom the bare words name, or who is new by them: as words, as values, and a note on it."""
    if not lead:
        return {}, {}, ""
    *names, last = lead
    if "@" not in last:
        return {"person": " ".join(lead)}, {}, ""
    email = read_email(last)
    known = store.find_people(unit, email)
    if known and (known[0]["email"] or "").lower() == email.lower():
        return {}, {"person": known[0]["id"]}, ""
    if not names:
        raise Misused(f"{email} is new: give a name too", remedy=f'"NAME" {email}')
    person, _ = introduce(unit, standing, act, "person", {"name": " ".join(names), "email": email})
    return {}, {"person": person}, f"{' '.join(names)} is new"


def add_shared(database: Database, kind: str, lead: Sequence[str], words: Sequence[str], act: Act) -> Added:
    """Add an organisation or a person, known to every route of the programme."""
    described = KINDS[kind]
    with database.begin(write=True, keep=not act.dry_run) as unit:
        standing = store.stand_aside(unit, act)
        standing.require_edit(kind)
        typed, _, _ = _lead_words(unit, standing, act, described, lead)
        values = read_values(unit, kind, {**typed, **split_words(words)}, standing)
        check_required(described, values)
        _check_new(unit, described, values)
        number, entry = introduce(unit, standing, act, kind, values)
        store.copy_calendars(unit, act.now)
    return Added(kind, str(number), str(values["name"]), entry, values)


def _check_new(unit: Unit, kind: Kind, values: Mapping[str, Any]) -> None:
    if kind.name == "organisation":
        same = [
            row
            for row in store.find_organisations(unit, values["name"])
            if row["name"].casefold() == values["name"].casefold()
        ]
    else:
        same = [
            row for row in store.find_people(unit, values.get("email") or "") if values.get("email") and row["email"]
        ]
    if same:
        raise Misused(f"{same[0]['name']} is known already", remedy=f"lrflow show {kind.name} {same[0]['name']!r}")


def add_route(database: Database, key: str, definition: Definition, words: Sequence[str], act: Act) -> Added:
    """Open a new route that follows *definition* from now on, whatever becomes of its files."""
    if not key.replace("-", "").isalnum() or not key.islower() or len(key) > 40:
        raise Misused(f"{key!r} cannot name a route", remedy="small letters, digits and dashes, e.g. rwanda-2016")
    with database.begin(write=True, keep=not act.dry_run) as unit:
        actor = store.actor_of(unit, act.actor)
        if not {"owner", "coordinator"} & set(store.roles_of(unit, actor["id"], None, on=act.day)):
            raise Refused(f"{act.actor} may not open routes", remedy="ask the programme's owner or coordinator")
        if any(each.key == key for each in store.routes_of(unit)):
            raise Misused(f"there is a route {key} already", remedy=f"lrflow use {key}")
        store.pin_definition(unit, definition, act.now)
        store.open_route(unit, key, definition, act.day, act.now)
        standing = store.stand(unit, key, act)
        pairs = split_words(words)
        roles = write_roles(unit, standing, act, pairs)
        values = read_values(unit, "route", pairs, standing)
        if values:
            records.edit(unit, None, standing.facts.route, values, act.day)
        entry = store.note_added(unit, standing, act, "route", {"key": key, "stage": definition.path[0], **values})
        if roles:
            store.log_entry(unit, standing, store.entry_of(standing, act, "set", "route", "done", changes=roles))
        store.copy_calendars(unit, act.now)
        store.replan(unit, key, act.now, act.day)
    return Added("route", key, str(values.get("title") or ""), entry, values)


def start_programme(database: Database, name: str, me: tuple[str, str], act: Act) -> None:
    """Begin a programme: the one who starts it owns and coordinates it."""
    from lrflow.store import Entry

    with database.begin(write=True) as unit:
        programme: Any = records.add(unit, "programme", {"name": name, "zone": act.zone})
        person: Any = records.add(unit, "person", {"name": me[0], "email": me[1]})
        for role in ("owner", "coordinator"):
            store.hand_over(unit, None, role, [person.id], act.now)
        changes = [{"of": f"person:{person.id}", "field": "role", "before": None, "after": "owner, coordinator"}]
        entry = Entry(
            "init", f"programme:{programme.id}", person.id, "owner", "done", act.day, act.now, changes=changes
        )
        store.write_entry(unit, None, entry)


def evidence_folder(home: Path, route: str) -> Path:
    """Where the files attached to records of *route* are kept."""
    return home / "evidence" / route
