"""Walk the records of a binary workbook (.xlsb) to learn how far its sheets reach."""

import struct
from collections.abc import Iterator, Sequence

from lrflow.sheets.extents import Extent

_ROW, _SHARED_INDEX, _SHARED, _SHEET_BEGINS, _SHEET_NAMED = 0, 7, 19, 129, 156
_FILLED = frozenset((*range(2, 12), 62))  # a number, a text, yes or no, an error; each also as what a formula gave
_ERRORS = (3, 11)
_ERROR_TEXTS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}


def walk_records(part: bytes, extent: Extent, shared: Sequence[int]) -> bool:
    """Count the cells of *part* into *extent*; False, and nothing counted, if it is no worksheet.

    Raises:
        IndexError, struct.error: *part* ends in the middle of a record.
    """
    row = last_column = -1
    if not part or next(_records(part))[0] != _SHEET_BEGINS:
        return False
    for sort, at, _ in _records(part):
        if sort == _ROW:
            _fill(extent, row, last_column)
            extent.add_row()
            row, last_column = _number(part, at), -1
        elif sort in _FILLED:
            column = _number(part, at)
            last_column = max(last_column, column)
            if sort == _SHARED_INDEX and (index := _number(part, at + 8)) < len(shared):
                extent.add_text(shared[index])
            elif sort in _ERRORS:
                extent.add_error(row, column, _ERROR_TEXTS.get(part[at + 8], "#ERROR!"))
    _fill(extent, row, last_column)
    return True


def _fill(extent: Extent, row: int, last_column: int) -> None:
    if last_column >= 0:
        extent.fill(row, last_column)


def shared_lengths(part: bytes) -> list[int]:
    """Give the length of each shared text."""
    return [_number(part, at + 1) for sort, at, _ in _records(part) if sort == _SHARED]


def sheet_names(part: bytes) -> dict[str, str]:
    """Give the sheets' names by the id of the relation that leads to each."""
    names = {}
    for sort, at, _ in _records(part):
        if sort == _SHEET_NAMED:
            relation, at = _text(part, at + 8)
            names[relation], _ = _text(part, at)
    return names


def _records(part: bytes) -> Iterator[tuple[int, int, int]]:
    """Give the sort, the place and the length of each record."""
    at = 0
    while at < len(part):
        sort, at = _varying(part, at, most=2)
        length, at = _varying(part, at, most=4)
        yield sort, at, length
        at += length


def _varying(part: bytes, at: int, *, most: int) -> tuple[int, int]:
    """Give the number written at *at* in seven bits a byte, low ones first, and where it ends."""
    value = 0
    for place in range(most):
        byte = part[at + place]
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            break
    return value, at + place + 1


def _number(part: bytes, at: int) -> int:
    return int(struct.unpack_from("<I", part, at)[0])


def _text(part: bytes, at: int) -> tuple[str, int]:
    end = at + 4 + 2 * _number(part, at)
    return part[at + 4 : end].decode("utf-16-le", "replace"), end
