"""Write workbooks that open as they are meant, whole or not at all, in which no text is ever a formula."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from lrflow.errors import Misused
from lrflow.sheets.cells import writable_text
from lrflow.sheets.choices import LISTS, Choices
from lrflow.sheets.pages import Layout
from lrflow.sheets.pens import LONGEST, Pen
from lrflow.sheets.places import whole_file
from lrflow.sheets.shapes import Book, Page

if TYPE_CHECKING:
    from xlsxwriter import Workbook

MEMORY = "_lrflow"  # the sheet that Excel does not even offer to show

_OPTIONS = {
    "constant_memory": True,  # a row is on the disk before the next is asked for
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": True,
}
_ALWAYS = "2000-01-01"
_NAME_LENGTH = 31
_NO_NAME = re.compile(r"[\[\]:*?/\\]|^'+|'+$")
_RESERVED = {MEMORY, LISTS, "history"}  # Excel keeps the last for itself
_TOLD = 10  # cells with too long a text that are named


def write_book(path: Path, book: Book, *, replace: bool = False) -> None:
    """Write *book* to *path*, whole or not at all; the same book makes the same bytes.

    Text stays text, whatever it begins with, and so does a day known only to the month. Locked cells are grey, their
    sheet is protected without a password; all other cells take typing, below the last row too. `properties` are those
    of a workbook (title, author, subject ...); `created` among them is an ISO day or time, else the year 2000.

    Raises:
        Misused: there is such a file already and *replace* was not asked; or a text is longer than a cell can hold:
            cut, it would come back cut.
        NotFound: there is no such folder.
        Unavailable: it cannot be written, or the disk is full.
    """
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    with whole_file(path, replace=replace) as place:
        try:
            with xlsxwriter.Workbook(str(place), {**_OPTIONS, "tmpdir": str(place.parent)}) as workbook:
                pen = Pen(workbook)
                _fill(workbook, pen, book)
        except FileCreateError as fault:
            raise fault.args[0] from fault  # the disk's own words, for whoever watches over the place
        if pen.too_long:
            raise _misused(path, pen.too_long)


def _misused(path: Path, too_long: Sequence[str]) -> Misused:
    more = [f"and {len(too_long) - _TOLD} more"] if len(too_long) > _TOLD else []
    return Misused(
        f"{path} was not written: a cell can hold {LONGEST:,} characters",
        problems=[*too_long[:_TOLD], *more],
        remedy="shorten these texts, or write a .csv instead",
    )


def _fill(workbook: "Workbook", pen: Pen, book: Book) -> None:
    choices = Choices()
    layout = Layout(workbook, pen, choices)
    names = _sheet_names([page.name for page in book.pages])
    for page, name in zip(book.pages, names, strict=True):
        sheet = workbook.add_worksheet(name)
        if isinstance(page, Page):
            layout.page(sheet, page)
        else:
            layout.form(sheet, page)
    choices.write(workbook, pen)
    if book.memory:
        sheet = workbook.add_worksheet(MEMORY)
        sheet.very_hidden()
        ink = pen.ink()
        for row, texts in enumerate(book.memory):
            for column, text in enumerate(texts):
                pen.put(sheet, row, column, text, ink)
    workbook.set_properties(_properties(book.properties))


def _properties(given: Mapping[str, str]) -> dict[str, object]:
    texts = {name: writable_text(text) for name, text in given.items()}
    return {**texts, "created": datetime.fromisoformat(given.get("created", _ALWAYS))}


def _sheet_names(names: Sequence[str]) -> list[str]:
    """Give for each of *names* one that Excel takes: at most 31 characters, each but once whatever the capitals."""
    taken = set(_RESERVED)
    given = []
    for name in names:
        plain = _NO_NAME.sub("", writable_text(name).replace("\n", " ")).strip() or "Sheet"
        number, free = 1, _cut(plain, _NAME_LENGTH)
        while free.casefold() in taken:
            number += 1
            ending = f" {number}"
            free = _cut(plain, _NAME_LENGTH - len(ending)) + ending
        taken.add(free.casefold())
        given.append(free)
    return given


def _cut(name: str, length: int) -> str:
    """Give as much of *name* as *length* units of UTF-16 hold, which is how Excel counts."""
    return name.encode("utf-16-le")[: 2 * length].decode("utf-16-le", "ignore").rstrip(" '")
