"""Offer the words a cell takes as a list to choose from."""

from collections.abc import Sequence
from datetime import date
from itertools import zip_longest
from typing import TYPE_CHECKING

from lrflow.sheets.cells import writable_text
from lrflow.sheets.extents import letters_of
from lrflow.sheets.pens import Pen
from lrflow.sheets.shapes import Sort

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

LISTS = "lists"  # the hidden sheet of the words that are too many for a cell's own list

_FITS = 255  # characters of a cell's own list, commas between; no word of it can hold a comma

# Asked, never forbidden: several words joined (msp + policy), or a word still to be added to the list, may be right.
_OTHER_WORD = {
    "error_type": "warning",
    "error_title": "Not one of the list",
    "error_message": "This is not one of the words of the list. Several are joined by +, as in msp + policy.",
}
_NO_DAY = {
    "error_type": "warning",
    "error_title": "Not a day",
    "error_message": "Type a day as 2016-09-30.",
}
_DAYS = {"validate": "date", "criteria": "between", "minimum": date(1901, 1, 1), "maximum": date(9999, 12, 31)}


class Choices:
    """The lists to choose from of one workbook; long ones are gathered for a hidden sheet."""

    def __init__(self) -> None:
        self._long: dict[tuple[str, ...], int] = {}

    def offer(self, sheet: "Worksheet", rows: tuple[int, int], column: int, words: Sequence[str], sort: Sort) -> None:
        """Offer *words* in *column* from the first to the last of *rows*; ask for a day where the sort is one."""
        first, last = rows
        if words:
            rule = {"validate": "list", "source": self._source(tuple(map(writable_text, words))), **_OTHER_WORD}
            sheet.data_validation(first, column, last, column, rule)
        elif sort == "day":
            sheet.data_validation(first, column, last, column, {**_DAYS, **_NO_DAY})

    def write(self, workbook: "Workbook", pen: Pen) -> None:
        """Write the long lists, a column each, to a hidden sheet; none if there are none."""
        if not self._long:
            return
        sheet = workbook.add_worksheet(LISTS)
        sheet.hide()
        for row, words in enumerate(zip_longest(*self._long, fillvalue="")):
            for column, word in enumerate(words):
                pen.put_text(sheet, row, column, word)

    def _source(self, words: tuple[str, ...]) -> list[str] | str:
        joined = ",".join(words)
        if len(joined) <= _FITS and joined.count(",") == len(words) - 1 and '"' not in joined:
            return list(words)
        column = letters_of(self._long.setdefault(words, len(self._long)))
        return f"={LISTS}!${column}$1:${column}${len(words)}"
