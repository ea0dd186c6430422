"""Word records: one with everything known of it, many in a table."""

from collections.abc import Sequence
from typing import Any

from lrflow import store
from lrflow.catalogue import KINDS, kind_of
from lrflow.commands.door import Door, tell
from lrflow.errors import Misused, NotFound
from lrflow.facts import Facts, Record
from lrflow.render import entry_data, field_lines, log_lines, record_data, shown, table
from lrflow.tracks.choosing import Which, choose, name_of, referred

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
    "person": ("email", "organisation", "language"),
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
        else:
            standing = _standing(unit, key, door)
            record = _of_route(words, standing)
            facts = standing.facts
            entries = store.entries_of(
                unit, standing.route.id, limit=10, subject="route" if record.kind == "route" else record.key
            )
            evidence = [each for each in facts.of("evidence") if each["about"] == record.key]
    named = record.key if record.kind != "route" else record["key"]
    head = f"{record['name'] if is_shared else named} · {record.kind}" + (f" · {record.state}" if record.state else "")
    derived = _worked_out(record, facts) if facts is not None else {}
    lines = [head, *field_lines(record, names)]
    lines += [f"  {name:<20} {_derived(name, value, names)}   (worked out)" for name, value in derived.items()]
    lines += [f"  evidence {each.key} ({each.state}): {each['what']} for {shown(each['claims'])}" for each in evidence]
    lines += ["last entries:", *log_lines(entries, door.zone)] if entries else []
    data = {**record_data(record), "worked_out": derived, "log": [entry_data(each) for each in entries]}
    tell(door, "record", data, lines)


def _derived(name: str, value: Any, names: dict[str, dict[int, str]]) -> str:
    return shown(value, "ref" if name in names else "", names.get(name))


def _standing(unit: Any, key: str, door: Door) -> store.Standing:
    route = store.read_route(unit, key)
    definition = store.read_definition(unit, route.digest)
    facts = store.facts_of(unit, route, definition, door.today())
    return store.Standing(route, definition, facts, {}, ())


def _shared(unit: Any, words: Sequence[str]) -> Record:
    from lrflow.catalogue import Field

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
    from lrflow.catalogue import derived_fields

    found = {name: facts.value(record, name) for name in derived_fields(record.kind)}
    return {name: value for name, value in found.items() if value not in (None, "", [])}


def tell_many(door: Door, kind: str, conditions: Sequence[str], parent: str) -> None:
    """The records of *kind* that meet the conditions, a line each."""
    if kind.lower() in ("route", "routes"):
        from lrflow.commands.standing import tell_board

        tell_board(door)
        return
    described = kind_of(kind)
    key = door.route_key() if described.letter else ""
    with door.database.begin() as unit:
        names = {table_name: store.names_of(unit, table_name) for table_name in ("person", "organisation")}
        if described.letter:
            standing = _standing(unit, key, door)
            records = _chosen(described.name, conditions, parent, standing)
            facts: Facts | None = standing.facts
        else:
            records, facts = _all_shared(unit, described.name, conditions), None
    columns = _COLUMNS.get(described.name, ())
    rows = [_row(each, columns, names, facts) for each in records]
    headers = ["id", "state", *columns, "name"] if described.letter else ["name", *columns]
    lead = " ".join('"NAME" EMAIL' if each == "person" else each.upper() for each in described.lead)
    of = (
        f" --of {KINDS[described.parent].letter}1"
        if described.parent and described.parent not in described.lead
        else ""
    )
    begin = f"lrflow add {described.name} {lead}{of}"
    none = f"no {described.plural} {'match' if conditions or parent else f'yet. Next: {begin}'}"
    lines = table(headers, rows) if rows else [none]
    tell(door, "list", [record_data(each) for each in records], lines)


def _chosen(kind: str, conditions: Sequence[str], parent: str, standing: store.Standing) -> list[Record]:
    if parent:
        choose(Which((parent,)), standing)  # a parent that is not there is an error, not an empty list
    try:
        return choose(Which((kind,), of=parent, where=tuple(conditions)), standing)
    except NotFound:
        return []


def _all_shared(unit: Any, kind: str, conditions: Sequence[str]) -> list[Record]:
    records = store.all_shared(unit, kind)
    pairs = [each.partition("=")[::2] for each in conditions]
    return [each for each in records if all(shown(each[name]).casefold() == text.casefold() for name, text in pairs)]


def _row(record: Record, columns: Sequence[str], names: dict[str, dict[int, str]], facts: Facts | None) -> list[str]:
    cells = []
    for name in columns:
        field = KINDS[record.kind].field(name)
        cells.append(shown(record[name], field.type if field else "", names.get(field.to) if field else None))
    if facts is None:
        return [str(record["name"]), *cells]
    return [record.key, record.state, *cells, name_of(record, facts)]
