"""What the rows of a file ask for, and what became of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lrflow.lists.layout import title_called
from lrflow.sheets.shapes import Cell

ORDER = (
    "organisation",
    "person",
    "offer",
    "experience",
    "case",
    "objective",
    "champion",
    "delegation",
    "participant",
    "evidence",
    "session",
    "plan",
    "action",
    "checkin",
    "cascade",
    "sharing",
    "budget",
)  # what others refer to comes before them


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a row stands: the file's name, the sheet, the number of the line."""

    file: str
    sheet: str
    line: int

    def __str__(self) -> str:
        return f"{self.sheet or self.file} row {self.line}"

    @property
    def in_full(self) -> str:
        """The same with the file, as one of several files needs it."""
        has_own_name = self.sheet and self.sheet != self.file.rpartition(".")[0]
        return f"{self.file}{f' {self.sheet}' if has_own_name else ''} row {self.line}"

    def seen_from(self, other: "Spot") -> str:
        """The same, as short as it is clear to whoever looks at *other*."""
        if self.file != other.file:
            return f"row {self.line} of {self.file}"
        return f"row {self.line}" if self.sheet == other.sheet else f"row {self.line} of {self.sheet}"


@dataclass(slots=True)
class Wish:
    """One row: the kind, which record (empty for a new one), each field as text, and what is wrong with it already.

    A field that is not in *texts* is left as it is; an empty text of a workbook clears it. *person* are the fields of
    the person behind a participant or champion. *organisation* names the alliance where a delegation has to be found.
    """

    kind: str
    spot: Spot
    key: str = ""
    version: str = ""
    texts: dict[str, str] = field(default_factory=dict)
    person: dict[str, str] = field(default_factory=dict)
    organisation: str = ""
    country: str = ""
    state: str = ""
    leads: bool = False
    evidence: tuple[tuple[str, str], ...] = ()  # claims joined by +, and what speaks for them
    problems: list[str] = field(default_factory=list)
    faulty: set[str] = field(default_factory=set)  # the fields of which something is wrong already
    titles: Mapping[str, str] = field(default_factory=dict)  # what the list calls each field
    lacks: set[str] = field(default_factory=set)  # headers of columns in which what is wrong can be put right
    cells: Sequence[Cell] = ()
    is_stale: bool = False  # from a workbook: the record was changed since it was written
    is_foreign: bool = True  # a foreign list never clears a field; a workbook names just what was typed anew

    def called(self, name: str) -> str:
        """What the list calls the field *name*, for a sentence on what is wrong."""
        return self.titles.get(name) or title_called(name)


@dataclass(frozen=True, slots=True)
class Bad:
    """A row that was left out, with every reason."""

    wish: Wish
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """What one row did to one record: added, changed (field by field), moved to a state."""

    kind: str
    key: str
    name: str
    what: str  # added, changed, marked, removed
    changes: tuple[Mapping[str, Any], ...] = ()
    state: str = ""


@dataclass(slots=True)
class Outcome:
    """What an import does, or would do: row by row what is added, changed, moved, the same, missing, left out."""

    done: list[Done] = field(default_factory=list)
    same: dict[str, int] = field(default_factory=dict)
    bad: list[Bad] = field(default_factory=list)
    conflicts: list[Bad] = field(default_factory=list)
    missing: list[tuple[str, str, str]] = field(default_factory=list)  # kind, id, name
    new_organisations: list[str] = field(default_factory=list)  # named by rows, and not known before
    notes: list[str] = field(default_factory=list)  # what was taken to mean what
    questions: list["Question"] = field(default_factory=list)
    entry: int = 0
    planned: tuple[int, int] = (0, 0)

    def of(self, what: str) -> list[Done]:
        """What was *what*: added, changed, marked or removed."""
        return [each for each in self.done if each.what == what]

    @property
    def gist(self) -> tuple[tuple[str, ...], ...]:
        """What tells two outcomes apart: shown before and done afterwards must be the same."""
        done = [(each.what, each.kind, each.key, each.state, str(each.changes)) for each in self.done]
        left = [("bad", str(each.wish.spot), *each.problems) for each in (*self.bad, *self.conflicts)]
        return (*done, *left)


@dataclass(frozen=True, slots=True)
class Question:
    """What only a person can say: an unknown alliance, two people who may be one, days that can be read two ways.

    *about* tells it from others; *choices* are the answers, the first one what is proposed.
    """

    sort: str  # organisation, twin, days, language
    about: str
    says: str
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answers:
    """What a person said: answers by the sort and the matter of the question; whether new organisations are welcome."""

    said: Mapping[tuple[str, str], str] = field(default_factory=dict)
    adds_organisations: bool = True
    remove_missing: bool = False

    def to(self, sort: str, about: str) -> str:
        """The answer, or nothing."""
        return self.said.get((sort, about), "")
