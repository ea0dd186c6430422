"""Records written out as they are, for whoever counts, draws or keeps them: CSV, XLSX, JSON."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryDirectory
from typing import Any, TextIO

from lrflow import store
from lrflow.catalogue import KINDS, Money, derived_fields, kind_of
from lrflow.database import Database, Unit
from lrflow.definition import Definition
from lrflow.errors import Misused
from lrflow.facts import DERIVED_REFS, Facts, Record
from lrflow.lists.layout import SHEETS, Names, cells_of, fitting, layout_of
from lrflow.lists.workbook import check_path, read, sort_of, width_of
from lrflow.sheets.shapes import Book, Cell, Column, Page
from lrflow.store import Act
from lrflow.tracks.choosing import Which, choose_all

_EVERYONE = ("organisation", "person")
SUFFIXES = (".csv", ".xlsx", ".json")


@dataclass(frozen=True, slots=True)
class Taken:
    """The records to be written, in one snapshot, and what it takes to put them into words."""

    route: str
    day: str
    facts: Facts
    names: Names
    records: Mapping[str, Sequence[Record]]

    @property
    def counts(self) -> dict[str, int]:
        """How many records of each kind there are."""
        return {kind: len(records) for kind, records in self.records.items()}


def take(database: Database, route: str, act: Act, kinds: Sequence[str], conditions: Sequence[str]) -> Taken:
    """The records of *kinds* (every kind when none is named) that meet the *conditions*, read in one snapshot.

    Without a *route* only people and organisations can be taken. Raises `Misused` when conditions name no kind.
    """
    named = list(dict.fromkeys(kind_of(each).name for each in kinds))
    if unknown := [each for each in named if each not in SHEETS]:
        raise Misused(f"{unknown[0]} is no kind that is exported", problems=[f"it is one of {', '.join(SHEETS)}"])
    if conditions and not named:
        raise Misused(
            "of which kind?", problems=[f"{conditions[0]} is about one"], remedy="lrflow export FILE KIND ..."
        )
    with database.begin() as unit:
        facts, definition = _facts(unit, route, act)
        names = {kind: dict(store.names_of(unit, kind)) for kind in _EVERYONE}
    for each in (*facts.of("organisation"), *facts.of("person")):
        names[each.kind][int(each.key)] = f"{each['name']} <{each['email']}>" if each["email"] else str(each["name"])
    which = Which((), where=tuple(conditions))
    records = {kind: choose_all(kind, which, facts, definition) for kind in named or SHEETS}
    return Taken(route, act.day.isoformat(), facts, Names(names, {}), records)


def _facts(unit: Unit, route: str, act: Act) -> tuple[Facts, Definition | None]:
    """The facts of *route* with everyone the programme knows; of the programme alone when no route is named."""
    if route:
        seen = read(unit, route, act)
        return replace(seen.facts, records={**seen.facts.records, **seen.everyone}), seen.definition
    everyone = {kind: tuple(store.all_shared(unit, kind)) for kind in _EVERYONE}
    programme = store.shared_record(unit, "programme", store.programme_of(unit)["id"])
    return Facts(Record("route", "", {"key": ""}), programme, everyone, {}, act.day), None


def check(taken: Taken, path: Path, *, replace: bool) -> None:
    """Refuse what `save` refuses before it writes: a file of another sort or already there, a CSV of many kinds."""
    check_path(path, *SUFFIXES, replace=replace)
    if path.suffix.lower() == ".csv":
        only_kind(taken, str(path))


def save(taken: Taken, path: Path, *, replace: bool) -> None:
    """Write *taken* to *path* in the format of its suffix, whole or not at all. A CSV holds exactly one kind."""
    check(taken, path, replace=replace)
    if path.suffix.lower() == ".csv":
        _write_csv(taken, path, replace=replace)
    elif path.suffix.lower() == ".xlsx":
        from lrflow.sheets import write_book

        write_book(path, _book(taken), replace=replace)
    else:
        from lrflow.sheets.places import whole_file

        with whole_file(path, replace=replace) as place, place.open("w", encoding="utf-8", newline="\n") as file:
            write_json(taken, file)


def show(taken: Taken, stream: TextIO, *, as_json: bool) -> None:
    """Write *taken* to *stream*: as JSON, or its one kind as CSV."""
    if as_json:
        write_json(taken, stream)
        return
    only_kind(taken)
    with TemporaryDirectory() as folder:  # a program on the other side of a pipe may be a spreadsheet too
        path = Path(folder) / "export.csv"
        _write_csv(taken, path, replace=False)
        with path.open(encoding="utf-8-sig") as file:
            copyfileobj(file, stream)


def _write_csv(taken: Taken, path: Path, *, replace: bool) -> None:
    from lrflow.sheets import write_csv

    kind = only_kind(taken)
    write_csv(path, [each.title for each in layout_of(kind).columns], rows_of(taken, kind), replace=replace)


def only_kind(taken: Taken, file: str = "-") -> str:
    """The one kind of *taken*; `Misused` when there are several, which no CSV holds."""
    if len(taken.records) != 1:
        raise Misused("a CSV holds one kind: say which", remedy=f"lrflow export {file} participant")
    return next(iter(taken.records))


# ----------------------------------------------------------------------------------------------------- rows and columns


def rows_of(taken: Taken, kind: str) -> Iterator[list[Cell]]:
    """The records of *kind* as rows, one at a time; people and organisations by name and address."""
    layout = layout_of(kind)
    for record in taken.records[kind]:
        yield cells_of(layout, record, taken.facts, taken.names)


def _book(taken: Taken) -> Book:
    pages = [
        Page(
            layout_of(kind).sheet,
            [Column(each.title, sort_of(each), width_of(each)) for each in layout_of(kind).columns],
            ([fitting(cell) for cell in row] for row in rows_of(taken, kind)),
        )
        for kind in taken.records
    ]
    return Book(pages, properties={"title": taken.route or "programme", "created": taken.day})


def write_json(taken: Taken, file: TextIO) -> None:
    """Write *taken* as one JSON envelope, a record a line, without ever holding all of it."""
    head = json.dumps({"route": taken.route or None, "on": taken.day}, ensure_ascii=False)
    file.write(f'{{"lrflow": 1, "kind": "export", "data": {head[:-1]}, "records": {{')
    for number, (kind, records) in enumerate(taken.records.items()):
        file.write(f'{"," if number else ""}\n"{kind}": [')
        for place, record in enumerate(records):
            text = json.dumps(_plain(record, taken), ensure_ascii=False, default=str)
            file.write(f"{',' if place else ''}\n{text}")
        file.write("]")
    file.write("}}}\n")


def _plain(record: Record, taken: Taken) -> dict[str, Any]:
    """*record* as JSON can hold it: what it holds, and what is worked out from it and others."""
    head = {"id": record.key, **({"state": record.state} if record.state else {}), "version": record["version"]}
    fields = {each.name: _value(each.to, each.type, record[each.name], taken) for each in KINDS[record.kind].fields}
    derived = {
        name: _value(DERIVED_REFS.get((record.kind, name), ""), "ref", taken.facts.value(record, name), taken)
        for name in derived_fields(record.kind)
    }
    return {**head, **_filled(fields), "worked_out": _filled(derived)}


def _filled(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "", [])}


def _value(to: str, sort: str, value: Any, taken: Taken) -> Any:
    if isinstance(value, Money):
        return {"minor": value.minor, "currency": value.currency}
    if to not in _EVERYONE or sort != "ref" or value is None:
        return value
    known = taken.facts.find(to, value)
    said = {"name": known["name"], "email": known["email"]} if known else {"name": taken.names.text(to, value)}
    return {"id": value, **_filled(said)}
