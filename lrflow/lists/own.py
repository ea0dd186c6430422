"""Read a workbook that lrflow wrote: what was typed anew, row by row, and which rows are gone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lrflow.catalogue import KINDS
from lrflow.errors import Misused
from lrflow.facts import Facts, Record
from lrflow.lists.cells import Reading, read_cell
from lrflow.lists.layout import (
    SHEETS,
    LaidColumn,
    Layout,
    Memory,
    fingerprint,
    is_form,
    layout_called,
    plain_text,
    read_memory,
    texts_of,
    version_of,
)
from lrflow.lists.wishes import Spot, Wish
from lrflow.lists.workbook import Seen
from lrflow.sheets.shapes import Cell, Grid, Line

MEMORY = "_lrflow"
PROBLEM = "Problem"
_OF_PERSON = "person."


@dataclass(slots=True)
class OwnBook:
    """A workbook of ours: what it remembers, and its sheets."""

    file: str
    memory: Memory
    grids: Sequence[Grid]
    ids: set[tuple[str, str]] = field(default_factory=set)  # kind and id of every row that is still in it
    kinds: set[str] = field(default_factory=set)  # whose sheets are still in it
    same: dict[str, int] = field(default_factory=dict)  # rows that nobody has touched

    def spot(self, kind: str) -> Spot:
        """Where a row of *kind* stood that is gone."""
        return Spot(self.file, SHEETS[kind], 0)

    @property
    def missing(self) -> list[tuple[str, str]]:
        """The rows that were written into it, and are there no more."""
        return [of for of in self.memory.rows if of[0] in self.kinds and of not in self.ids]


def own_book(file: str, grids: Sequence[Grid]) -> OwnBook | None:
    """The workbook of ours that *grids* are; None for anybody else's file."""
    hidden = next((grid for grid in grids if grid.name == MEMORY), None)
    memory = read_memory([line.cells for line in hidden.lines]) if hidden else None
    return OwnBook(file, memory, [grid for grid in grids if grid.name != MEMORY]) if memory else None


def check_origin(book: OwnBook, seen: Seen) -> None:
    """Refuse a workbook of another programme, or of another route than the one it is imported into."""
    if book.memory.programme and book.memory.programme != seen.programme:
        raise Misused(
            f"{book.file} was made from another programme", remedy="lrflow workbook FILE.xlsx makes a new one"
        )
    if book.memory.route != seen.route.key:
        again = f"lrflow -r {book.memory.route} import {book.file}"
        raise Misused(f"{book.file} was made for {book.memory.route}, not for {seen.route.key}", remedy=again)


def wishes_of(book: OwnBook, seen: Seen, reading: Reading) -> Iterator[Wish]:
    """What was typed into *book*: a wish for each row that says something new."""
    shared = {(kind, each.key): each for kind, records in seen.everyone.items() for each in records}
    for grid in book.grids:
        layout = layout_called(grid.name, book.memory.whom)
        if layout is None:
            continue
        book.kinds.add(layout.kind)
        for line, cells in _form(layout, grid) if is_form(layout) else _rows(layout, grid, book):
            key = plain_text(cells.get("id"))
            record = shared.get((layout.kind, key)) or (seen.facts.find(layout.kind, key) if key else None)
            wish = _wish(layout, line, cells, book, _Looked(seen, reading, key, record))
            if wish is not None:
                yield wish


@dataclass(frozen=True, slots=True)
class _Looked:
    """What a row is read against: everything known, how cells are read, the id it names and the record of that id."""

    seen: Seen
    reading: Reading
    key: str
    record: Record | None


def _rows(layout: Layout, grid: Grid, book: OwnBook) -> Iterator[tuple[Line, Mapping[str, Cell]]]:
    """Each row of a page with its cells by target."""
    lines = iter(grid.lines)
    header = next(lines, None)
    laid = [layout.column(plain_text(cell)) for cell in header.cells] if header else []
    missing = [each.title for each in layout.columns if each.target and each not in laid]
    if missing:
        what = f"the sheet {grid.name} of {book.file} has lost the columns {', '.join(missing)}"
        raise Misused(what, remedy="lrflow workbook FILE.xlsx makes a new one")
    for line in lines:
        cells = {
            each.target: cell for each, cell in zip(laid, line.cells, strict=False) if each is not None and each.target
        }
        if any(plain_text(cell) for target, cell in cells.items() if target != "version"):
            yield line, cells


def _form(layout: Layout, grid: Grid) -> Iterator[tuple[Line, Mapping[str, Cell]]]:
    """The one record of a form, its answers by target."""
    answers: dict[str, Cell] = {}
    for line in grid.lines:
        laid = layout.column(plain_text(line.cells[0])) if line.cells else None
        if laid is not None and laid.target:
            answers[laid.target] = line.cells[1] if len(line.cells) > 1 else None
    if any(plain_text(cell) for cell in answers.values()):
        yield Line(1, tuple(answers.values())), answers


def _wish(layout: Layout, line: Line, cells: Mapping[str, Cell], book: OwnBook, looked: _Looked) -> Wish | None:
    """What one row says anew; None when it says what it said when it was written."""
    key, record, seen = looked.key, looked.record, looked.seen
    wish = Wish(layout.kind, Spot(book.file, layout.sheet, line.number), key, cells=line.cells, is_foreign=False)
    typed = {each.target: cells.get(each.target) for each in layout.typed}
    if key and (layout.kind, key) in book.ids:
        wish.problems.append(f"{key} stands in a row above as well; clear the id to add a new one")
        return wish
    if key:
        book.ids.add((layout.kind, key))
        kept = book.memory.rows.get((layout.kind, key))
        if kept is not None and kept[1] == fingerprint(typed):
            book.same[layout.kind] = book.same.get(layout.kind, 0) + 1
            return None
        wish.is_stale = record is not None and kept is not None and kept[0] != version_of(record, seen.facts)
    if key and record is None:
        wish.problems.append(f"there is no {layout.kind} {key}; clear the id to add a new one")
        return wish
    was = texts_of(layout, record, seen.facts, seen.names) if record else {}
    for column in layout.typed:
        if plain_text(typed[column.target]) != was.get(column.target, ""):
            _say(wish, column, typed[column.target], looked.reading)
    _own_part(wish, record, book, seen.facts)
    return wish


def _say(wish: Wish, column: LaidColumn, cell: Cell, reading: Reading) -> None:
    """Add what a changed cell says to *wish*, in the words of the catalogue."""
    text = plain_text(cell)
    if column.target == "state":
        wish.state = text.replace(" ", "_").replace("-", "_").lower()
        return
    if column.field is not None and text:
        try:
            text = read_cell(column.field, cell, reading)
        except Misused as fault:
            wish.problems.append(f"{column.title}: {'; '.join([fault.message, *fault.problems])}")
            return
    if column.target.startswith(_OF_PERSON):
        name = column.target.removeprefix(_OF_PERSON)
        if name == "organisation":
            wish.organisation = text
        else:
            wish.person[name] = text
    elif wish.kind == "person":
        wish.texts[column.target] = text
        wish.person[column.target] = text
    else:
        wish.texts[column.target] = text


def _own_part(wish: Wish, record: Record | None, book: OwnBook, facts: Facts) -> None:
    """In the workbook of one delegation, what is new is its own, and nothing of others may be named."""
    whom = book.memory.whom
    described = KINDS[wish.kind].field("delegation")
    if not whom or facts.find("delegation", whom) is None:
        return
    if described is not None and record is None:
        wish.texts["delegation"] = whom
    plan = wish.texts.get("plan") or (str(record["plan"]) if record is not None and record["plan"] else "")
    owner = facts.find("plan", plan.upper()) if wish.kind == "action" else record
    if owner is not None and owner["delegation"] not in (None, whom):
        wish.problems.append(f"{wish.key or plan} is not part of the workbook for {whom}")
