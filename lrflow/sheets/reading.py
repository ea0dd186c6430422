"""Read the sheets of a file, whatever spreadsheet program wrote it."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain, repeat
from pathlib import Path
from typing import IO, TYPE_CHECKING

from lrflow.errors import Misused, NotFound, Unavailable
from lrflow.sheets.archives import check_archive, damaged, protected
from lrflow.sheets.cells import read_value
from lrflow.sheets.delimited import read_delimited
from lrflow.sheets.extents import Extent
from lrflow.sheets.shapes import Cell, Grid, Line

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
TEXTS = (".csv", ".tsv", ".txt")

# Ten times the largest list heard of; a workbook beyond it is full of pictures.
FILE_SIZE = 50_000_000

_ZIP, _OLD = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")  # how Office names what it wraps when there is a password


def read_grids(path: Path) -> list[Grid]:
    """Give every sheet of the file at *path*: the rows that hold anything, by the numbers a spreadsheet shows.

    Text comes composed (NFC), without control characters, its hard spaces plain; blank text is None; numbers of a
    workbook stay numbers and days stay days; everything in a text file stays text. A row ends at its last filled
    cell. Nothing is written, and no formula is worked out: a cell holds what was last shown in it.

    Raises:
        NotFound: there is no such file.
        Misused: it is no spreadsheet, damaged, protected by a password, or too large to be a list of people.
        Unavailable: it cannot be opened.
    """
    _check_name(path)
    with _opened(path) as file:
        beginning = file.read(8)
        file.seek(0)
        if not beginning:
            raise Misused(f"{path.name} is empty", remedy="put the list into it and save it, then try again")
        if beginning.startswith(_ZIP):
            return _workbook(file, path.name, check_archive(file, path.name))
        if beginning == _OLD:
            return _workbook(file, path.name, _check_old(file, path.name))
        if path.suffix.lower() in TEXTS:
            return [read_delimited(file.read(), path.name)]
    raise damaged(path.name)


def _check_name(path: Path) -> None:
    if path.is_dir():
        raise Misused(f"{path} is a folder, not a file", remedy="name one file in it")
    if not path.exists():
        raise NotFound(f"there is no file {path}", remedy=_near(path) or "check the name and the folder")
    if path.suffix.lower() not in (*WORKBOOKS, *TEXTS):
        raise Misused(
            f"{path.name} is not a list that can be read: {' '.join((*WORKBOOKS, *TEXTS))} are",
            remedy="open it in the program that wrote it and save it as .xlsx or .csv",
        )
    if path.stat().st_size > FILE_SIZE:
        raise Misused(
            f"{path.name} is larger than {FILE_SIZE // 1_000_000} MB",
            remedy="copy the rows you need into a new workbook, without pictures, and use that",
        )


def _near(path: Path) -> str:
    siblings = [each.name for each in path.parent.iterdir()] if path.parent.is_dir() else []
    near = difflib.get_close_matches(path.name, siblings, 1)
    return f"did you mean {path.with_name(near[0])}" if near else ""


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    try:
        with path.open("rb") as file:
            yield file
    except OSError as fault:
        raise Unavailable(
            f"{path} cannot be read: {fault.strerror or fault}", remedy="close it in other programs, then try again"
        ) from fault


def _check_old(file: IO[bytes], name: str) -> dict[str, Extent]:
    """Look over the container that Excel wrote until 2007, and writes still around a file with a password."""
    if _ENCRYPTED in file.read():
        raise protected(name)
    return {}


def _workbook(file: IO[bytes], name: str, extents: Mapping[str, Extent]) -> list[Grid]:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

    file.seek(0)
    try:
        with CalamineWorkbook.from_filelike(file) as workbook:
            return [
                Grid(
                    name=each.name,
                    lines=_lines(workbook.get_sheet_by_index(index), extents.get(each.name, Extent(name, each.name))),
                    is_hidden=each.visible != SheetVisibleEnum.Visible,
                )
                for index, each in enumerate(workbook.sheets_metadata)
                if each.typ == SheetTypeEnum.WorkSheet
            ]
    except PasswordError as fault:
        raise protected(name) from fault
    except CalamineError as fault:
        raise damaged(name) from fault
    except BaseException as fault:
        if type(fault).__name__ == "PanicException":  # how a fault inside the reader comes out: no Exception at all
            raise damaged(name) from fault
        raise


def _lines(sheet: "CalamineSheet", extent: Extent) -> Sequence[Line]:
    column, rows = 0, 0
    if sheet.start is not None and sheet.end is not None:
        extent.fill(*sheet.end, rows=0)
        column, rows = sheet.start[1], sheet.end[0] + 1
    lines = []
    # An error is an empty cell to the reader, and may stand where it saw nothing more.
    read = chain(sheet.iter_rows(), repeat(()))
    for row, values in zip(range(max(rows, *extent.errors, 0) + 1), read, strict=False):
        cells: list[Cell] = [*repeat(None, column), *map(read_value, values)]
        for place, text in extent.errors.get(row, ()):
            cells.extend(repeat(None, place + 1 - len(cells)))
            cells[place] = text
        while cells and cells[-1] is None:
            cells.pop()
        if cells:
            lines.append(Line(row + 1, tuple(cells)))
    return lines
