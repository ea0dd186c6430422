"""Find the list in a sheet: its header line under title lines, the rows below it, and what is no row of it."""

import re
from collections.abc import Sequence
from datetime import date

from lrflow.sheets.cells import text_of
from lrflow.sheets.extents import letters_of
from lrflow.sheets.headers import header_of
from lrflow.sheets.shapes import Cell, Grid, Line, Table

_TOTAL = re.compile(
    r"(grand |general |sub ?-?|sous ?-?|nombre |número |numero )?tota(l|ls|le|les|ux|is)\b.{0,40}", re.IGNORECASE
)
# Names of people and places as well, so that they count only at the end of a list.
_SUM = re.compile(r"(sum|somme|suma|soma|summe|gesamt)\b.{0,20}", re.IGNORECASE)
_FIGURE = re.compile(r"[-+(]?[\d\s.,'’]*\d[\d\s.,'’]*[%)]?|#[A-Z0-9/]+[!?]?|(?:[A-Z]{3}|US\$|[$€£]|F ?CFA) ?")


def find_table(grid: Grid) -> Table | None:
    """Give the list in *grid*, its cells under its headers; None when no line of headers can be told.

    A line of headers is short, mostly different texts over columns that the lines below fill; a first line that holds
    an address, a number or a day is a record. A header over two lines is joined ("Passport number"); a filled column
    without a header is called after its letter ("Column C"); an empty one is dropped. Title lines, headers repeated
    further down and totals are left out, and `left_out` says so.
    """
    header = header_of(grid.lines)
    if header is None:
        return None
    below = grid.lines[header.below :]
    columns = sorted(header.titles.keys() | _filled_columns(below))
    unwanted = {**_repeated(below, grid.lines[header.above : header.below]), **_totals(below)}
    above = [f"row {line.number} is above the headers: {_short(line)}" for line in grid.lines[: header.above]]
    empty = [f"column {letters_of(column)} is empty" for column in range(columns[-1]) if column not in columns]
    return Table(
        name=grid.name,
        headers=tuple(header.titles.get(column) or f"Column {letters_of(column)}" for column in columns),
        header_number=grid.lines[header.below - 1].number,
        lines=[_cut(line, columns) for line in below if line.number not in unwanted],
        left_out=(*above, *empty, *(unwanted[number] for number in sorted(unwanted))),
    )


def _filled_columns(lines: Sequence[Line]) -> set[int]:
    return {column for line in lines for column, cell in enumerate(line.cells) if cell is not None}


def _cut(line: Line, columns: Sequence[int]) -> Line:
    cells = line.cells
    if len(cells) == len(columns) == columns[-1] + 1:
        return line
    return Line(line.number, tuple(cells[column] if column < len(cells) else None for column in columns))


def _repeated(lines: Sequence[Line], headers: Sequence[Line]) -> dict[int, str]:
    """Give the lines that say the headers again, as lists joined one under the other do."""
    said = [_words(header) for header in headers]
    first = {words[0] for words in said}
    return {
        line.number: f"row {line.number} repeats the headers"
        for line in lines
        if isinstance(line.cells[0], str | None) and _word(line.cells[0]) in first and _words(line) in said
    }


def _words(line: Line) -> list[str]:
    return [_word(cell) for cell in line.cells]


def _word(cell: Cell) -> str:
    return text_of(cell).strip().casefold()


def _totals(lines: Sequence[Line]) -> dict[int, str]:
    totals: dict[int, str] = {}
    is_last = True
    for line in reversed(lines):
        if _adds_up(line, _TOTAL) or (is_last and _adds_up(line, _SUM)):
            totals[line.number] = f"row {line.number} is a total: {_short(line)}"
        else:
            is_last = False
    return totals


def _adds_up(line: Line, word: re.Pattern[str]) -> bool:
    """Whether *line* holds the word for a total and otherwise nothing but figures."""
    found = False
    for cell in line.cells:
        if isinstance(cell, str):
            if word.fullmatch(cell.strip()):
                found = True
            elif not _FIGURE.fullmatch(cell.strip()):
                return False
        elif isinstance(cell, date | bool):
            return False
    return found


def _short(line: Line) -> str:
    text = " ".join(" ".join(text_of(cell).split()) for cell in line.cells if cell is not None)
    return text if len(text) <= 60 else f"{text[:59]}…"
