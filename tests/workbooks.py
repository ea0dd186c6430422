"""Workbooks as a coordinator hands them back: read, changed cell by cell, written again, in real files."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lrflow.sheets import Book, Column, Grid, Line, Page, read_grids, write_book

MEMORY = "_lrflow"


def typed_into(
    path: Path,
    cells: Mapping[str, Mapping[str, Any]] | None = None,
    *,
    rows: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    without: Sequence[str] = (),
    to: Path | None = None,
) -> Path:
    """Type *cells* (by id, then header) and new *rows* (by sheet) into the workbook, delete the rows *without*."""
    grids = read_grids(path)
    pages = [
        _page(grid, cells or {}, (rows or {}).get(grid.name, ()), without) for grid in grids if grid.name != MEMORY
    ]
    hidden = next(grid for grid in grids if grid.name == MEMORY)
    memory = [["" if cell is None else str(cell) for cell in line.cells] for line in hidden.lines]
    write_book(to or path, Book(pages, memory), replace=True)
    return to or path


def _page(
    grid: Grid, cells: Mapping[str, Mapping[str, Any]], rows: Sequence[Mapping[str, Any]], without: Sequence[str]
) -> Page:
    width = max((len(line.cells) for line in grid.lines), default=0)
    headers = [str(cell or "") for cell in grid.lines[0].cells] if grid.lines else []
    headers += [""] * (width - len(headers))
    kept = [line for line in grid.lines[1:] if not (line.cells and line.cells[0] in without)]
    changed = [_changed(line, headers, cells.get(str(line.cells[0]), {})) for line in kept]
    added = [[row.get(header) for header in headers] for row in rows]
    unknown = {header for row in rows for header in row} - set(headers)
    assert not unknown, f"{grid.name} has no column {unknown}"
    return Page(grid.name, [Column(header) for header in headers], [*changed, *added])


def _changed(line: Line, headers: Sequence[str], cells: Mapping[str, Any]) -> list[Any]:
    row = [*line.cells, *([None] * (len(headers) - len(line.cells)))]
    for header, value in cells.items():
        row[headers.index(header)] = value
    return row


def sheet(path: Path, name: str) -> list[dict[str, Any]]:
    """The rows of one sheet, by header."""
    grid = next(each for each in read_grids(path) if each.name == name)
    headers = [str(cell or "") for cell in grid.lines[0].cells]
    return [dict(zip(headers, line.cells, strict=False)) for line in grid.lines[1:]]
