"""What is read from a file of rows and columns, and what is written to one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

Cell = str | int | float | bool | date | datetime | None
Sort = Literal["text", "prose", "day", "number"]


@dataclass(frozen=True, slots=True)
class Line:
    """One row as it was read: its number in the file, counted from 1, and its cells."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet of a file as it was read: every row that holds anything, nothing interpreted."""

    name: str
    lines: Sequence[Line]
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A list found in a sheet: its headers, where they stand, the rows below that hold anything, totals left out."""

    name: str
    headers: tuple[str, ...]
    header_number: int
    lines: Sequence[Line]
    left_out: tuple[str, ...] = ()  # sentences: a title row, a total row, blank columns


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a page to be written: its header, how wide, which words it takes, whether it can be typed into."""

    title: str
    sort: Sort = "text"
    width: int = 18
    choices: tuple[str, ...] = ()
    is_locked: bool = False
    note: str = ""  # shown when the header is pointed at


@dataclass(frozen=True, slots=True)
class Page:
    """A sheet to be written: frozen headers, a row a record, and *spare* empty rows below to type into."""

    name: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Cell]]
    spare: int = 0


@dataclass(frozen=True, slots=True)
class Question:
    """One line of a form: what is asked, what is known already, which words it takes, a line of help."""

    label: str
    value: Cell = None
    sort: Sort = "text"
    choices: tuple[str, ...] = ()
    help: str = ""
    is_locked: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """A sheet to be filled in from top to bottom: a label, a cell to type into, help beside it."""

    name: str
    title: str
    questions: Sequence[Question]
    headings: tuple[str, str, str] = ("Question", "Answer", "Help")


@dataclass(frozen=True, slots=True)
class Book:
    """A workbook to be written; *memory* is a very hidden sheet of text rows that lrflow reads again on import."""

    pages: Sequence[Page | Form]
    memory: Sequence[Sequence[str]] = ()
    properties: Mapping[str, str] = field(default_factory=dict)
