"""Put one value into one cell of a workbook: a day as a day, a number as a number, all else as text."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from lrflow.sheets.cells import is_exact, text_of, writable_text
from lrflow.sheets.extents import letters_of
from lrflow.sheets.shapes import Cell, Sort

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

LONGEST = 32_767  # what a cell can hold, in units of UTF-16

_DAY, _MOMENT, _TEXT, _PLAIN = "yyyy-mm-dd", "yyyy-mm-dd hh:mm", "@", "General"
_FIRST_YEAR = 1901  # before, spreadsheets disagree by a day


@dataclass(frozen=True, slots=True)
class Ink:
    """How the cells of one column are written: what they take, and their format for each sort of value."""

    sort: Sort
    shows_empty: bool
    text: "Format"
    day: "Format"
    moment: "Format"
    number: "Format"

    @property
    def empty(self) -> "Format":
        """The format of a cell that is still to be typed into."""
        return {"day": self.day, "number": self.number}.get(self.sort, self.text)


class Pen:
    """Writes values into cells; *too_long* names those whose text no cell can hold, left empty."""

    def __init__(self, workbook: "Workbook") -> None:
        self._workbook = workbook
        self.too_long: list[str] = []

    def ink(self, sort: Sort = "text", *, is_locked: bool = False, is_boxed: bool = False) -> Ink:
        """Give the ink for cells of *sort*: grey if locked, with a border if boxed, wrapped if prose."""
        looks = _looks(sort, is_locked=is_locked, is_boxed=is_boxed)
        text, day, moment, number = (
            self._workbook.add_format({**looks, "num_format": shown}) for shown in (_TEXT, _DAY, _MOMENT, _PLAIN)
        )
        return Ink(sort, is_locked or is_boxed, text, day, moment, number)

    def put(self, sheet: "Worksheet", row: int, column: int, value: Cell, ink: Ink) -> None:
        """Write *value* into one cell; None, or blank text, leaves it empty in its look."""
        if ink.sort == "day" and isinstance(value, date) and _is_kept(value):
            sheet.write_datetime(row, column, value, ink.moment if isinstance(value, datetime) else ink.day)
        elif ink.sort == "number" and isinstance(value, int | float) and is_exact(value):
            sheet.write_number(row, column, value, ink.number)
        elif text := text_of(value):
            self.put_text(sheet, row, column, text, ink.text)
        elif ink.shows_empty:
            sheet.write_blank(row, column, None, ink.empty)

    def put_text(self, sheet: "Worksheet", row: int, column: int, text: str, shape: "Format | None" = None) -> None:
        """Write *text* into one cell as it is, without what no file can carry."""
        text = writable_text(text)
        if 2 * len(text) > LONGEST and (length := len(text.encode("utf-16-le")) // 2) > LONGEST:
            self.too_long.append(f"{sheet.get_name()} {letters_of(column)}{row + 1}: {length:,} characters")
        else:
            sheet.write_string(row, column, text, shape)


def _is_kept(value: date) -> bool:
    return value.year >= _FIRST_YEAR and not (isinstance(value, datetime) and value.tzinfo is not None)


def _looks(sort: Sort, *, is_locked: bool, is_boxed: bool) -> dict[str, object]:
    looks: dict[str, object] = {"valign": "top", "locked": is_locked, "text_wrap": sort == "prose" or is_boxed}
    if is_locked:
        looks |= {"bg_color": "#E7E6E6", "font_color": "#595959"}
    if is_boxed:
        looks |= {"border": 1, "border_color": "#A6A6A6", "align": "left"}
    return looks
