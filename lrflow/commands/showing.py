"""Word records: one with everything known of it, many in a table."""

import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lrflow import store
from lrflow.catalogue import KINDS, Field, Kind, derived_fields, kind_of
from lrflow.commands.door import Door, tell
from lrflow.commands.people_words import mail_data, mail_lines, standing_lines
from lrflow.definition import Definition
from lrflow.errors import Misused
from lrflow.facts import Facts, Record
from lrflow.render import entry_data, field_lines, log_lines, record_data, shown, table
from lrflow.rows import record_of
from lrflow.tracks.choosing import Which, choose, choose_all, referred
from lrflow.tracks.naming import name_of
from lrflow.tracks.narrowing import narrow, place_of, read_condition, value_at

if TYPE_CHECKING:
    from lrflow.nudges import Mail

_COLUMNS = {
    "experience": ("areas", "good_practice", "innovation"),
    "evidence": ("about", "claims"),
    "case": ("experience", "validated_on"),
    "objective": ("sort", "area"),
    "champion": ("experiences", "trained_on", "outcome"),
    "delegation": ("visiting", "lead"),
    "participant": ("delegation", "visa"),
    "session": ("on", "kind", "experience", "leads"),
    "plan": ("delegation", "final_on", "awarded_on"),
    "action": ("plan", "due"),
    "checkin": ("delegation", "due", "answered_on"),
    "cascade": ("delegation", "on", "level", "people"),
    "sharing": ("sort", "organisation", "on"),
    "budget": ("amount", "rate"),
    "organisation": ("kind", "country", "in_registry"),
    "person": ("email", "address_state", "organisation", "language"),
    "offer": ("organisation", "offered_on"),
}


def tell_one(door: Door, words: Sequence[str]) -> None:
    """One record with its fields, what is attached to it, and its last log entries."""
    is_shared = words[0] in ("person", "organisation", "programme")
    key = "" if is_shared else door.route_key()
    with door.database.begin() as unit:
        names = {table_name: store.names_of(unit, table_name) for table_name in ("person", "organisation")}
        if is_shared:
            record = _shared(unit, words)
            entries = store.entries_of(unit, None, limit=10, subject=f"{record.kind}:{record.key}")
            facts, evidence = None, []
            standing = standing_lines(unit, record, door.zone) if record.kind == "person" else []
        else:
            seen, standing = _standing(unit, key, door), []
            record = _of_route(words, seen)
            facts = seen.facts
            entries = store.entries_of(
                unit, seen.route.id, limit=10, subject="route" if record.kind == "route" else record.key
            )
            evidence = [each for each in facts.of("evidence") if each["about"] == record.key]
    named = record.key if record.kind != "route" else record["key"]
    head = f"{record['name'] if is_shared else named} · {record.kind}" + (f" · {record.state}" if record.state else "")
    derived = _worked_out(record, facts) if facts is not None else {}
    lines = [head, *field_lines(record, names)]
    lines += [f"  {name:<20} {_derived(name, value, names)}   (worked out)" for name, value in derived.items()]
    mail = _mail(door, int(record.key)) if record.kind == "person" else None
    lines += [*standing, *(mail_lines(mail, str(record["email"] or record["name"])) if mail else [])]
    lines += [f"  evidence {each.key} ({each.state}): {each['what']} for {shown(each['claims'])}" for each in evidence]
    lines += ["last entries:", *log_lines(entries, door.zone)] if entries else []
    data = {**record_data(record), "worked_out": derived, "log": [entry_data(each) for each in entries]}
    data |= {"mail": mail_data(mail)} if mail else {}
    tell(door, "record", data, lines)


def _mail(door: Door, person: int) -> "Mail":
    from lrflow import nudges

    sender = door.settings.get("sender_name") or door.settings.get("sender_address")
    return nudges.mail_of(door.database, person, door.now(), sender)


def _derived(name: str, value: Any, names: dict[str, dict[int, str]]) -> str:
    return shown(value, "ref" if name in names else "", names.get(name))


def _standing(unit: Any, key: str, door: Door) -> store.Standing:
    route = store.read_route(unit, key)
    definition = store.read_definition(unit, route.digest)
    facts = store.facts_of(unit, route, definition, door.today())
    return store.Standing(route, definition, facts, {}, ())


def _shared(unit: Any, words: Sequence[str]) -> Record:
    if words[0] == "programme":
        return store.shared_record(unit, "programme", store.programme_of(unit)["id"])
    if len(words) < 2:
        raise Misused(f"which {words[0]}?", remedy=f"lrflow list {words[0]}")
    number = referred(unit, Field(words[0], "ref", "", to=words[0]), " ".join(words[1:]), None)
    return store.shared_record(unit, words[0], number)


def _of_route(words: Sequence[str], standing: store.Standing) -> Record:
    if words[0] in ("route", standing.route.key):
        return standing.facts.route
    if waiver := standing.facts.find("waiver", words[0].upper()):
        return Record("waiver", waiver.key, waiver.values)
    return choose(Which((" ".join(words),)), standing)[0]


def _worked_out(record: Record, facts: Facts) -> dict[str, Any]:
    found = {name: facts.value(record, name) for name in derived_fields(record.kind)}
    return {name: value for name, value in found.items() if value not in (None, "", [])}


def tell_many(door: Door, kind: str, which: Which, columns: str = "") -> None:
    """The records of *kind* that the filters of *which* leave, a line each; *columns* joined by a comma or +."""
    if kind.lower() in ("route", "routes"):
        _tell_routes(door, which)
        return
    described = kind_of(kind)
    wanted = [each.strip().replace("-", "_") for each in re.split(r"[,+]", columns) if each.strip()]
    key = _route_asked(door, described, (*which.where, *wanted))
    with door.database.begin() as unit:
        names = {table_name: store.names_of(unit, table_name) for table_name in ("person", "organisation")}
        facts, definition = _known(unit, key, door, described)
    records = choose_all(described.name, which, facts, definition)
    places = [place_of(described.name, each, definition) for each in wanted or _COLUMNS.get(described.name, ())]
    cells = [[_cell(value_at(each, path, facts), field, names) for path, field in places] for each in records]
    if wanted and described.letter:
        headers, rows = ["id", *wanted], [[each.key, *row] for each, row in zip(records, cells, strict=True)]
    elif described.letter:
        headers = ["id", "state", *_COLUMNS[described.name], "name"]
        rows = [[each.key, each.state, *row, name_of(each, facts)] for each, row in zip(records, cells, strict=True)]
    else:
        headers = ["name", *(wanted or _COLUMNS.get(described.name, ()))]
        rows = [[str(each["name"]), *row] for each, row in zip(records, cells, strict=True)]
    lines = table(headers, rows) if rows else [_none(described, narrowed=bool(which.where or which.of or which.but))]
    lines += _count(len(rows), len(facts.of(described.name)), described.plural)
    tell(door, "list", [record_data(each) for each in records], lines)


def _cell(value: Any, field: Field | None, names: dict[str, dict[int, str]]) -> str:
    if field and field.to in names:
        return shown(value, "ref", names[field.to])
    return shown(value, field.type if field else "")


def _count(listed: int, there_are: int, plural: str) -> list[str]:
    """How many were listed, for people: a program that reads a pipe wants rows alone."""
    if not listed or not sys.stdout.isatty():
        return []
    return [f"{listed} {plural}" if listed == there_are else f"{listed} of {there_are} {plural}"]


def _none(kind: Kind, *, narrowed: bool) -> str:
    if narrowed:
        return f"no {kind.plural} match. Next: lrflow list {kind.name}"
    lead = " ".join('"NAME" EMAIL' if each == "person" else each.upper() for each in kind.lead)
    of = f" --of {KINDS[kind.parent].letter}1" if kind.parent and kind.parent not in kind.lead else ""
    return f"no {kind.plural} yet. Next: lrflow add {kind.name} {lead}{of}"


def _route_asked(door: Door, kind: Kind, words: Sequence[str]) -> str:
    """The route to read; none for people and organisations, unless something is asked that only a route can tell."""
    worked_out = [name for name in derived_fields(kind.name) if name != "address_state"]
    about_route = any(name in word for word in words for name in worked_out)
    return door.route_key() if kind.letter or about_route else ""


def _known(unit: Any, key: str, door: Door, kind: Kind) -> tuple[Facts, Definition | None]:
    """The facts of the route *key*; without one, of what all routes share. Every person is known where people are."""
    if key:
        standing = _standing(unit, key, door)
        if kind.letter:
            return standing.facts, standing.definition
        facts = standing.facts
    else:
        programme = store.shared_record(unit, "programme", store.programme_of(unit)["id"])
        facts = Facts(Record("route", "", {"key": ""}), programme, {}, {}, door.today())
    shared = {each: tuple(store.all_shared(unit, each)) for each in ("person", "organisation")}
    return replace(facts, records={**facts.records, **shared}), None


def _tell_routes(door: Door, which: Which) -> None:
    """Every route of the programme that the conditions leave, a line each."""
    from lrflow.commands.standing import tell_board

    worked_out = [each for each in which.where if read_condition(each).path in derived_fields("route")]
    if which.of or which.but or worked_out:
        raise Misused("routes are narrowed by what is typed of them", remedy="lrflow list route status=active")
    with door.database.begin() as unit:
        routes = store.routes_of(unit)
        programme = store.shared_record(unit, "programme", store.programme_of(unit)["id"])
        organisations = tuple(store.all_shared(unit, "organisation"))
    records = [record_of("route", each.row) for each in routes]
    facts = Facts(Record("route", "", {"key": ""}), programme, {"organisation": organisations}, {}, door.today())
    kept = {each["key"] for each in narrow(records, ["route"], which.where, facts, None)}
    if kept or door.as_json:
        tell_board(door, kept)
    else:
        tell(door, "board", [], ["no routes match. Next: lrflow list route"])
