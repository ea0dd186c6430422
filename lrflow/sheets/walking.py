"""Walk the parts of a workbook cell by cell, in bounded memory, to learn how far its sheets reach."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import IO
from xml.parsers import expat

from lrflow.sheets.extents import Extent, column_of

_CHUNK = 1 << 16
_SHARED_ENDS = re.compile(rb"</(?:\w+:)?si\s*>|<(?:\w+:)?si\s*/>")
Attributes = Mapping[str, str]


def local(name: str) -> str:
    """Give an XML *name* without its prefix."""
    return name.rpartition(":")[2]


def walk(stream: IO[bytes], start: Callable[[str, Attributes], bool | None]) -> None:
    """Call *start* with the name and attributes of every element of *stream*, until it says False.

    Raises:
        ExpatError: the XML is not well formed, or its entities grow without measure.
    """
    parser = expat.ParserCreate()
    going = True

    def started(name: str, attributes: dict[str, str]) -> None:
        nonlocal going
        going = going and start(local(name), attributes) is not False

    parser.StartElementHandler = started
    while going and (chunk := stream.read(_CHUNK)):
        parser.Parse(chunk, False)


def shared_lengths(stream: IO[bytes]) -> list[int]:
    """Give the length of each text of a table of shared texts, in bytes, mark-up included."""
    return [len(each) for each in _SHARED_ENDS.split(stream.read())]


class XlsxWalk:
    """Walks one part of an .xlsx; *is_sheet* says whether it is a worksheet.

    A cell may name its place or follow the one before; it may hold a number, a text, the number of a shared text or an
    error. What stands in its value is asked for only when it is a shared text or an error: it costs time.
    """

    def __init__(self, extent: Extent, shared: Sequence[int]) -> None:
        self.is_sheet = False
        self._extent, self._shared = extent, shared
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._root
        self._cell: Attributes = {}
        self._row = self._column = self._last_column = -1
        self._digits = ""
        self._columns: dict[str, int] = {}
        self._sort = self._text = ""

    def run(self, stream: IO[bytes]) -> bool:
        """Walk *stream* to its end, or no further than its root if it is no worksheet; give *is_sheet*."""
        first = True
        while (first or self.is_sheet) and (chunk := stream.read(_CHUNK)):
            self._parser.Parse(chunk, False)
            first = False
        if self.is_sheet:
            self._parser.Parse(b"", True)
            self._read_value()
            self._end_row()
        return self.is_sheet

    def _root(self, name: str, _attributes: Attributes) -> None:
        self.is_sheet = local(name) == "worksheet"
        self._parser.StartElementHandler = self._start if self.is_sheet else None

    def _start(self, name: str, attributes: Attributes) -> None:
        if self._sort:
            self._read_value()
        if ":" in name:
            name = local(name)
        if name == "c":
            self._cell = attributes
            self._column += 1
        elif name in ("v", "t"):
            self._fill()
        elif name == "row":
            self._end_row()
            self._extent.add_row()
            self._row = int(attributes["r"]) - 1 if attributes.get("r", "").isdigit() else self._row + 1

    def _fill(self) -> None:
        place = self._cell.get("r")
        if place:
            letters = place.rstrip("0123456789")
            if (column := self._columns.get(letters)) is None:
                column = self._columns[letters] = column_of(letters)
            self._column = column
            digits = place[len(letters) :]
            if digits != self._digits and digits:
                self._to_row(int(digits) - 1)
                self._digits = digits
        self._last_column = max(self._last_column, self._column)
        self._sort = self._cell.get("t", "")
        if self._sort in ("s", "e"):
            self._parser.CharacterDataHandler = self._add
        else:
            self._sort = ""

    def _to_row(self, row: int) -> None:
        if row != self._row:
            if self._last_column >= 0:
                self._extent.fill(self._row, self._last_column)
            self._row, self._last_column = row, -1

    def _end_row(self) -> None:
        if self._last_column >= 0:
            self._extent.fill(self._row, self._last_column)
        self._column = self._last_column = -1
        self._digits = ""

    def _add(self, text: str) -> None:
        self._text += text

    def _read_value(self) -> None:
        """Take what stood in the last value: with buffered text it comes just before the next element."""
        text, sort = self._text.strip(), self._sort
        self._text = self._sort = ""
        self._parser.CharacterDataHandler = None
        if sort == "e" and text:
            self._extent.add_error(self._row, self._column, text)
        elif sort == "s" and text.isdigit() and int(text) < len(self._shared):
            self._extent.add_text(self._shared[int(text)])


class OdsWalk:
    """Walks the content of an .ods: repeated rows and cells count as often as they are repeated.

    *extent_of* gives the extent of the sheet of that name.
    """

    def __init__(self, extent_of: Callable[[str], Extent]) -> None:
        self._extent_of = extent_of
        self._extent = extent_of("")
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._add
        self._row = self._rows = self._column = self._columns = self._characters = self._row_characters = 0
        self._last_column = -1
        self._is_filled = self._is_error = False
        self._error = ""

    def run(self, stream: IO[bytes]) -> None:
        """Walk *stream* to its end."""
        while chunk := stream.read(_CHUNK):
            self._parser.Parse(chunk, False)
        self._parser.Parse(b"", True)

    def _start(self, name: str, attributes: Attributes) -> None:
        name = local(name)
        if name == "p":
            self._is_filled = True
        elif name in ("table-cell", "covered-table-cell"):
            self._columns = _times(attributes, "table:number-columns-repeated")
            self._is_filled = "office:value-type" in attributes
            self._is_error = attributes.get("calcext:value-type") == "error"
            self._characters, self._error = 0, ""
        elif name == "table-row":
            self._extent.add_row()
            self._rows = _times(attributes, "table:number-rows-repeated")
            self._column, self._last_column, self._row_characters = 0, -1, 0
        elif name == "table":
            self._extent = self._extent_of(attributes.get("table:name", ""))
            self._row = 0

    def _end(self, name: str) -> None:
        name = local(name)
        if name in ("table-cell", "covered-table-cell"):
            if self._is_filled:
                self._last_column = self._column + self._columns - 1
                self._row_characters += self._characters * self._columns
            if self._is_error and self._error:
                self._extent.add_error(self._row, self._column, self._error)
            self._column += self._columns
        elif name == "table-row":
            self._row += self._rows
            if self._last_column >= 0:
                self._extent.fill(self._row - 1, self._last_column, rows=self._rows)
                self._extent.add_text(self._row_characters * self._rows)

    def _add(self, text: str) -> None:
        self._characters += len(text)
        if self._is_error:
            self._error += text.strip()


def _times(attributes: Attributes, name: str) -> int:
    given = attributes.get(name, "1")
    return max(int(given), 1) if given.isdigit() else 1
