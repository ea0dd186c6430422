"""Text files of rows (.csv and its kin): read as they were written, written so that Excel opens them safely."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

from lrflow.errors import Misused
from lrflow.sheets.cells import read_value, text_of
from lrflow.sheets.extents import Extent
from lrflow.sheets.places import whole_file
from lrflow.sheets.shapes import Cell, Grid, Line

# In the order of trust when several fit: a comma is often part of a text, a tab hardly ever.
_SEPARATORS = "\t;|,"
_SAMPLE, _SAMPLE_ROWS = 1 << 16, 100
_TOLD = re.compile(r'"?sep=([^"\w\s]|\t)"?\r?\n', re.IGNORECASE)
_END = "\0"  # a row no file can hold, for NULs are taken out: an open quotation mark swallows it

# What a spreadsheet may run as a formula, or what looks like it after a mark: one more mark goes before it, and
# reading takes exactly one off again.
_RISKY = re.compile(r"'*[=+\-@\t\r\n]")
_MARKED = re.compile(r"'+[=+\-@\t\r\n]")
_NEGATIVE = re.compile(r"-\d+([.,]\d+)?")


def read_delimited(raw: bytes, name: str) -> Grid:
    """Give the rows of a text file: encoding and separator are found out, every cell is text.

    A row is numbered as a spreadsheet shows it: line ends within quotation marks do not count, nor does `sep=;`.

    Raises:
        Misused: it is no text, a quotation mark is never closed, or it holds too much.
    """
    text = _decoded(raw, name).replace("\0", "")
    told = _TOLD.match(text)
    separator = told[1] if told else _separator(text[:_SAMPLE])
    extent = Extent(name, "")
    lines: list[Line] = []
    for number, row in enumerate(_rows(text[told.end() :] if told else text, separator, name), 1):
        cells = [read_value(_unmarked(cell)) for cell in row]
        while cells and cells[-1] is None:
            cells.pop()
        if cells:
            extent.fill(len(lines), len(cells) - 1)
            lines.append(Line(number, tuple(cells)))
    return Grid(name=Path(name).stem, lines=lines)


def _decoded(raw: bytes, name: str) -> str:
    wide = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    if wide or raw[:4096].count(0) * 10 <= len(raw[:4096]):
        for encoding in ("utf-16",) if wide else ("utf-8-sig", "cp1252"):
            try:
                return raw.decode(encoding)
            except UnicodeDecodeError:
                continue
    raise Misused(
        f"the letters of {name} cannot be read",
        remedy="open it in Excel and save it as .xlsx, or as CSV UTF-8",
    )


def _rows(text: str, separator: str, name: str) -> Iterator[list[str]]:
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))
    held: list[str] | None = None
    number = 0
    for row in csv.reader(chain(io.StringIO(text, newline=""), [_END]), delimiter=separator):
        if held is not None:
            yield held
        held = row
        number += 1
    if held != [_END]:
        raise Misused(
            f'row {number} of {name} opens a quotation mark (") that is never closed',
            remedy="close it or take it out, or save the list as .xlsx",
        )


def _separator(sample: str) -> str:
    """Give the separator that cuts most rows into the same number of cells, more than one."""

    def agreeing(separator: str) -> float:
        rows = islice(csv.reader(io.StringIO(sample, newline=""), delimiter=separator), _SAMPLE_ROWS)
        widths = Counter(len(row) for row in rows if any(row))
        several = [times for width, times in widths.items() if width > 1]
        return max(several, default=0) / max(widths.total(), 1)

    return max(_SEPARATORS, key=agreeing) if any(map(agreeing, _SEPARATORS)) else ","


def _unmarked(text: str) -> str:
    return text[1:] if text.startswith("'") and _MARKED.match(text) else text


def write_csv(path: Path, headers: Sequence[str], rows: Iterable[Sequence[Cell]], *, replace: bool = False) -> None:
    """Write *headers* and *rows* to *path*, whole or not at all: UTF-8 with its mark, commas, Windows line ends.

    What a spreadsheet might run as a formula gets a ' before it, which `read_grids` takes off again.

    Raises:
        Misused: there is such a file already and *replace* was not asked.
        NotFound: there is no such folder.
        Unavailable: it cannot be written, or the disk is full.
    """
    with whole_file(path, replace=replace) as place, place.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        for row in chain([headers], rows):
            writer.writerow([_marked(text_of(cell)) for cell in row])


def _marked(text: str) -> str:
    return f"'{text}" if _RISKY.match(text) and not _NEGATIVE.fullmatch(text) else text
