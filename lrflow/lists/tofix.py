"""Write the rows that were left out into a file of their own, the reason beside each, ready to be imported again."""

from collections.abc import Sequence
from glob import escape
from pathlib import Path

from lrflow.errors import Unavailable
from lrflow.lists.foreign import ForeignList
from lrflow.lists.importing import TO_FIX, Files
from lrflow.lists.layout import (
    Layout,
    Memory,
    is_form,
    layout_called,
    layout_of,
    memory_rows,
    plain_text,
)
from lrflow.lists.own import PROBLEM, OwnBook
from lrflow.lists.wishes import Bad, Outcome
from lrflow.sheets import free_name, write_book
from lrflow.sheets.shapes import Book, Cell, Column, Form, Page, Question

_WIDE = 60


def write_to_fix(files: Files, outcome: Outcome, paths: dict[str, Path], home: Path) -> list[Path]:
    """Write one file beside each of *paths* (by file name) that has rows left out; which ones were written.

    A file that is there already is never written over. Where the folder cannot be written to, it goes into the current
    one, or else into *home*, the programme's own. Raises `Unavailable` when none of them can be written to.
    """
    written: list[Path] = []
    bad = [*outcome.bad, *outcome.conflicts]
    for name in dict.fromkeys(each.wish.spot.file for each in bad if each.wish.cells):
        own = [each for each in bad if each.wish.spot.file == name and each.wish.cells]
        book = next((each for each in files.own if each.file == name), None)
        lists = [each for each in files.foreign if each.file == name]
        content = _own(book, own) if book is not None else Book(_pages(lists, own), (), {"title": PROBLEM})
        written.append(_once(_write(paths[name], content, home)))
    return written


def _once(path: Path) -> Path:
    """*path*, or the file of an earlier import that says just the same, so that trying again leaves no heap of them."""
    stem = TO_FIX.sub("", path.stem)
    for other in sorted(path.parent.glob(f"{escape(stem)}-to-fix*.xlsx")):
        if other != path and other.read_bytes() == path.read_bytes():
            path.unlink()
            return other
    return path


def _write(source: Path, book: Book, home: Path) -> Path:
    name = f"{TO_FIX.sub('', source.stem)}-to-fix.xlsx"
    for folder in (source.parent, Path()):
        try:
            return _written(free_name(folder / name), book)
        except Unavailable:
            continue
    return _written(free_name(home / name), book)


def _written(path: Path, book: Book) -> Path:
    write_book(path, book)
    return path


def _pages(lists: Sequence[ForeignList], bad: Sequence[Bad]) -> list[Page | Form]:
    pages: list[Page | Form] = []
    for each in lists:
        rows = [one for one in bad if one.wish.spot.sheet == each.table.name]
        if rows:
            keep = [place for place, title in enumerate(each.table.headers) if title != PROBLEM]
            titles = [each.table.headers[place] for place in keep]
            made = [_row(one, keep) for one in rows]
            # A column that would settle it is there to be filled in, where the list has none.
            more = sorted({title for one in rows for title in one.wish.lacks} - set(titles))
            made = [[*([None] * len(more)), *row] for row in made]
            pages.append(Page(each.table.name, _columns([*more, *titles]), made))
    return pages


def _columns(titles: Sequence[str]) -> list[Column]:
    return [*(Column(title, width=max(14, min(len(title) + 4, 40))) for title in titles), _problem()]


def _problem() -> Column:
    return Column(PROBLEM, "prose", _WIDE, note="Correct the row, then import this file. This column is not read.")


def _row(bad: Bad, keep: Sequence[int]) -> list[Cell]:
    cells = [bad.wish.cells[place] if place < len(bad.wish.cells) else None for place in keep]
    return [*(plain_text(cell) or None for cell in cells), "; ".join(bad.problems)]


# ------------------------------------------------------------------------------------------------- workbooks of ours


def _own(book: OwnBook, bad: Sequence[Bad]) -> Book:
    """The rows of a workbook of ours, still known by their ids; what it does not hold is not missing."""
    pages: list[Page | Form] = []
    for sheet in dict.fromkeys(each.wish.spot.sheet for each in bad):
        layout = layout_called(sheet, book.memory.whom) or layout_of(bad[0].wish.kind)
        rows = [each for each in bad if each.wish.spot.sheet == sheet]
        pages.append(_form(layout, rows[0]) if is_form(layout) else _page(layout, rows, book))
    ids = {(each.wish.kind, each.wish.key) for each in bad if each.wish.key}
    kept = {of: was for of, was in book.memory.rows.items() if of in ids}
    memory = book.memory
    rest = Memory(memory.route, memory.digest, memory.whom, memory.made, memory.programme, kept)
    return Book(pages, memory_rows(rest), {"title": PROBLEM})


def _page(layout: Layout, bad: Sequence[Bad], book: OwnBook) -> Page:
    grid = next(grid for grid in book.grids if grid.name == layout.sheet)
    titles = [plain_text(cell) for cell in grid.lines[0].cells]
    keep = [place for place, title in enumerate(titles) if title and title != PROBLEM]
    columns = [Column(titles[place], is_locked=titles[place] in ("id", "version")) for place in keep]
    return Page(layout.sheet, [*columns, _problem()], [_row(each, keep) for each in bad])


def _form(layout: Layout, bad: Bad) -> Form:
    laid = [each for each in layout.columns if each.target]
    answers = dict(zip([each.target for each in laid], bad.wish.cells, strict=False))
    lines = [Question(each.title, plain_text(answers.get(each.target)), is_locked=each.is_locked) for each in laid]
    return Form(layout.sheet, "To be corrected", [Question(PROBLEM, "; ".join(bad.problems), is_locked=True), *lines])
