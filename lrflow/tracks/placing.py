"""Write one new record inside an open transaction: of a route, or known to all routes."""

from collections.abc import Mapping
from typing import Any

from lrflow import store
from lrflow.catalogue import KINDS, Field, Kind
from lrflow.database import Unit
from lrflow.errors import Misused
from lrflow.facts import Facts, Record
from lrflow.rows import columns_of
from lrflow.store import Act, Standing

_ONCE = {
    "participant": "person",
    "champion": "person",
    "delegation": "organisation",
    "case": "experience",
    "sharing": "organisation",
}
_GONE = ("withdrawn", "withdrew", "declined", "replaced", "bounced")


def place(unit: Unit, standing: Standing, act: Act, kind: str, values: dict[str, Any]) -> tuple[Standing, Record, int]:
    """Add one record of *kind* to the route; where one stands then, the record, the number of its log entry.

    *values* are those of the catalogue. Nothing is planned anew. Raises `Misused` when something required is missing,
    or when the record is there already.
    """
    given = with_defaults(kind, values, standing.facts)
    check_once(kind, given, standing.facts)
    record, entry = write_new(unit, standing, act, kind, given)
    return standing.seeing(standing.facts.with_record(record)), record, entry


def write_new(unit: Unit, standing: Standing, act: Act, kind: str, given: dict[str, Any]) -> tuple[Record, int]:
    """Write one new record with whole values and log it: the record, and the number of its log entry."""
    described = KINDS[kind]
    check_required(described, given)
    parent = str(given.get(described.parent) or "")
    key, number = store.next_key(
        unit, standing.route.id, kind, parent, given.get("month"), given=standing.batch.numbers
    )
    if standing.facts.find(kind, key) is not None:
        raise Misused(f"{key} is there already", remedy=f"lrflow show {key}")
    state = standing.definition.lives[kind].first_state(given, act.day.isoformat())
    record = Record(kind, key, {**given, "state": state, "version": 1, "touched_on": act.day.isoformat()})
    fixed = {"route_id": standing.route.id, "key": key, "number": number}
    store.place_row(unit, kind, {**columns_of(kind, record.values), **fixed})
    return record, store.note_added(unit, standing, act, key, {**given, "state": state})


def with_defaults(kind: str, values: Mapping[str, Any], facts: Facts) -> dict[str, Any]:
    """*values* with what goes without saying: a delegation visits, a plan's country is its alliance's."""
    given = dict(values)
    if kind == "delegation":
        given.setdefault("visiting", True)
    if kind == "objective":
        given.setdefault("sort", "objective")
    if kind == "plan" and given.get("delegation"):
        delegation = facts.find("delegation", given["delegation"])
        if delegation:
            given.setdefault("applied_by", delegation["organisation"])
            given.setdefault("country", facts.value(delegation, "organisation.country"))
    return given


def check_once(kind: str, values: Mapping[str, Any], facts: Facts) -> None:
    """A person comes once and is a champion once, an alliance sends one delegation and gets the record once."""
    field = once_by(kind, values)
    same = [each for each in facts.of(kind) if field and values.get(field) and each[field] == values[field]]
    twice = [each.key for each in same if each.state not in _GONE and each["sort"] == values.get("sort")]
    if twice:
        verb = "is" if field == "person" else "has"
        raise Misused(f"this {field} {verb} already {twice[0]}", remedy=f"lrflow show {twice[0]}")


def once_by(kind: str, values: Mapping[str, Any]) -> str:
    """The field by which a record of *kind* is there only once; empty where several may be alike."""
    return "" if kind == "sharing" and values.get("sort") != "route_record" else _ONCE.get(kind, "")


def is_gone(record: Record) -> bool:
    """Whether *record* makes room for another of the same person or alliance."""
    return record.state in _GONE


def check_required(kind: Kind, values: Mapping[str, Any]) -> None:
    """Refuse a record that lacks a required field, with an example of a whole one."""
    missing = [field.name for field in kind.fields if field.required and values.get(field.name) in (None, "")]
    if missing:
        typed = any(value is not None for value in values.values())
        fields = [] if typed else [_described(field) for field in kind.fields]
        raise Misused(f"{kind.name} needs {', '.join(missing)}", problems=fields, remedy=_example(kind))


def _described(field: Field) -> str:
    """A field with what it is for, and the words it takes."""
    words = f" ({', '.join(field.choices)})" if field.choices else ""
    return f"{field.name:<20} {field.help}{words}"


def _example(kind: Kind) -> str:
    """A command that adds one, its own words in capitals."""
    words = ['"NAME" EMAIL'] if kind.lead == ("person",) else [_capitals(kind.field(name)) for name in kind.lead]
    parent = kind.field(kind.parent) if kind.parent not in kind.lead else None
    of = [f"--of {KINDS[parent.to].letter}1"] if parent else []
    return " ".join(["lrflow add", kind.name, *words, *of])


def _capitals(field: Field | None) -> str:
    if field is None:
        return "..."
    if field.to and KINDS[field.to].letter:
        return f"{KINDS[field.to].letter}1"
    return field.choices[0] if field.choices else f'"{field.name.upper()}"'


def introduce(unit: Unit, standing: Standing, act: Act, kind: str, values: Mapping[str, Any]) -> tuple[int, int]:
    """Add a person or an organisation, known to every route; its number, and that of its log entry.

    One of the same address or name that was taken back before comes to life again, with these values.
    """
    twin = store.removed_twin(unit, kind, values)
    if twin is not None:
        store.revive(unit, kind, twin, values)
    known = twin or unit.insert(kind, {**columns_of(kind, values), "version": 1})
    return known, store.note_shared(unit, standing, act, "add", f"{kind}:{known}", values)
