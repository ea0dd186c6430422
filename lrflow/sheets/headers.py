"""Tell the line of headers of a list from titles above it and records below it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from lrflow.sheets.cells import text_of
from lrflow.sheets.shapes import Cell, Line

_LOOKED_AT = 30  # lines from the top among which the headers stand, and lines below them that they must cover
_LONGEST = 250  # characters: forms ask whole questions as headers
_WELL, _BARELY = 0.75, 0.5  # how much of what stands below must stand under a header

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
_NUMBER_OR_DAY = re.compile(r"[+(-]?\d[\d\s().,:/%+-]*|\d{1,2}\.? (de )?[^\W\d]+\.? (de )?\d{4}")


@dataclass(frozen=True, slots=True)
class Header:
    """Where the headers stand among the lines, and what they say: *titles* by column.

    *above* is the place of their first line, *below* that of the first line after them.
    """

    above: int
    below: int
    titles: Mapping[int, str]


def header_of(lines: Sequence[Line]) -> Header | None:
    """Give the headers of the list in *lines*, or None when a record comes before any line that could be one."""
    at = _place(lines)
    if at is None:
        return None
    for upper in (at, at - 1):
        if _stand_together(lines, upper):
            return Header(upper, upper + 2, _joined(lines[upper], lines[upper + 1]))
    return Header(at, at + 1, _titles(lines[at]))


def _place(lines: Sequence[Line]) -> int | None:
    """Give the place of the first line that covers what stands below it well, or else of the one that covers most."""
    widest = max((len(_filled(line)) for line in lines[:_LOOKED_AT]), default=0)
    best, best_share = None, 0.0
    for at, line in enumerate(lines[:_LOOKED_AT]):
        count = len(_filled(line))
        is_title = count < widest and (count <= 2 or count * 2 < widest)
        if _is_record(line):
            if not is_title:
                break
        elif count >= min(2, widest) and _is_varied(line):
            share = _share_covered(line, lines[at + 1 : at + 1 + _LOOKED_AT])
            if share >= _WELL:
                return at
            if share > best_share:
                best, best_share = at, share
    return best if best_share >= _BARELY else None


def _share_covered(header: Line, lines: Sequence[Line]) -> float:
    """Give how much of what stands in *lines* is under *header*; a word alone with nothing below heads nothing."""
    columns = _filled(header)
    if not lines:
        return _BARELY if len(columns) > 1 else 0.0
    below = [_filled(line) for line in lines]
    return sum(len(each & columns) for each in below) / sum(map(len, below))


def _filled(line: Line) -> set[int]:
    return {column for column, cell in enumerate(line.cells) if cell is not None}


def _titles(line: Line) -> dict[int, str]:
    return {column: " ".join(text_of(cell).split()) for column, cell in enumerate(line.cells) if cell is not None}


def _is_record(line: Line) -> bool:
    return any(map(_is_of_record, line.cells))


def _is_of_record(cell: Cell) -> bool:
    if isinstance(cell, str):
        text = cell.strip()
        return bool(_ADDRESS.fullmatch(text) or _NUMBER_OR_DAY.fullmatch(text)) or len(text) > _LONGEST
    return isinstance(cell, int | float | date)


def _is_varied(line: Line) -> bool:
    texts = [title.casefold() for title in _titles(line).values()]
    return len(set(texts)) * 2 >= len(texts)


def _stand_together(lines: Sequence[Line], at: int) -> bool:
    """Whether the line at *at* names groups and the next one the columns in each, as merged cells do.

    A group's name stands over its first column, so every column of the lower line is without a name above it or
    begins a group; a record would stand under names that are not groups. Where the lower line has a name of its own
    for every column, it needs no other.
    """
    if at < 0 or at + 1 >= len(lines) or lines[at + 1].number != lines[at].number + 1:
        return False
    upper, lower = _filled(lines[at]), _filled(lines[at + 1])
    if len(upper) < 2 or lower <= upper or _is_record(lines[at]) or _is_record(lines[at + 1]):
        return False
    begin_groups = {column for column in upper if column + 1 in lower - upper}
    names = _titles(lines[at + 1]).values()
    return lower & upper <= begin_groups != set() and (not upper <= lower or len(set(names)) < len(names))


def _joined(upper: Line, lower: Line) -> dict[int, str]:
    above, below = _titles(upper), _titles(lower)
    titles, group = {}, ""
    for column in range(max(*above, *below) + 1):
        group = above.get(column, group if column in below else "")
        if column in above or column in below:
            titles[column] = f"{group} {below.get(column, '')}".strip()
    return titles
