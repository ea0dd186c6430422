"""Read a list as an alliance sends it: which column is what, and what each row asks for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from lrflow import store
from lrflow.catalogue import KINDS, Field, Kind, kind_of_key
from lrflow.catalogue.shared import LANGUAGES
from lrflow.database import Unit
from lrflow.errors import LrflowError, Misused
from lrflow.lists.cells import Reading, name_of_parts, read_cell
from lrflow.lists.days import DayColumn, day_text, read_column, says
from lrflow.lists.headers import Column, Matched, key_of, match
from lrflow.lists.known import said
from lrflow.lists.layout import plain_text
from lrflow.lists.likeness import folded
from lrflow.lists.own import PROBLEM
from lrflow.lists.wishes import Answers, Question, Spot, Wish
from lrflow.sheets import Cell, Grid, Line, Table, find_table

PERSONAL = ("participant", "champion")
DAY_FIRST, MONTH_FIRST = "the day comes first", "the month comes first"
_WITH_ALLIANCE = (*PERSONAL, "person", "delegation")
_LEADS = ("lead", "leader", "chef", "cheffe", "jefe", "jefa", "lider", "chefe", "head", "responsable", "coordinateur")


@dataclass(slots=True)
class ForeignList:
    """One list of a file: its rows under headers, and which field each header is."""

    file: str
    table: Table
    matched: Matched
    headers: str  # the fingerprint by which the mapping is remembered
    days: dict[int, DayColumn] = field(default_factory=dict)

    @property
    def says(self) -> list[str]:
        """How the list was understood, for people."""
        rows, kind = len(self.table.lines), KINDS[self.matched.kind]
        where = f"sheet {self.table.name!r}, " if self.table.name and self.table.name != Path(self.file).stem else ""
        lines = [f"{self.file}: {where}{rows} {'row' if rows == 1 else 'rows'} as {kind.plural}"]
        taken = [f"{each.header} -> {each.target}" for each in self.matched.columns if each.target]
        lines.append(f"  {' · '.join(taken)}")
        left = [header for header in self.matched.left if header != PROBLEM]
        lines += [f'  not read: {", ".join(left)} (--map "{left[0]}=FIELD")'] if left else []
        lines += [f"  {each}" for each in (*self.table.left_out, *self.matched.doubts)]
        echoed = ((self.table.headers[place], column) for place, column in self.days.items())
        return [*lines, *(f"  {header}: {says(column)}" for header, column in echoed if says(column))]


def foreign_lists(
    unit: Unit, path: Path, grids: Sequence[Grid], kind: str, told: Mapping[str, str]
) -> list[ForeignList]:
    """The lists in the sheets of one file. Raises `Misused` when it cannot be told what the rows are."""
    found: list[ForeignList] = []
    for grid in grids:
        table = None if grid.is_hidden else find_table(grid)
        if table is None:
            continue
        headers = key_of([header for header in table.headers if header != PROBLEM])
        kept = store.remembered_map(unit, headers)
        own = {header: target for header, target in told.items() if header in table.headers}
        matched = match(
            table.headers, kind=kind or (kept[0] if kept else ""), told=own, remembered=kept[1] if kept else {}
        )
        found.append(ForeignList(path.name, table, matched, headers))
    unused = [header for header in told if not any(header in each.table.headers for each in found)]
    if unused and found:
        known = [header for each in found for header in each.table.headers]
        raise Misused(f"no column is called {', '.join(unused)}", problems=[f"there are: {', '.join(known)}"])
    return found


def keep_maps(unit: Unit, lists: Sequence[ForeignList], now: object) -> None:
    """Remember which column was which field, for the next list with these headers."""
    for each in lists:
        columns = {column.header: column.target for column in each.matched.columns}
        store.keep_map(unit, each.headers, each.matched.kind, columns, now)  # type: ignore[arg-type]


def wishes_of(listed: ForeignList, reading: Reading, order: str, answers: Answers) -> tuple[list[Wish], list[Question]]:
    """What each row of *listed* asks for; and the questions that only a person can answer."""
    questions: list[Question] = []
    _read_days(listed, order, answers, questions)
    spoken = {about: said for (sort, about), said in answers.said.items() if sort == "language" and said in LANGUAGES}
    reading = replace(reading, spoken=spoken, is_m_female=_says_hombre(listed))
    wishes = [_wish(listed, line, reading) for line in listed.table.lines]
    return wishes, [*questions, *_unknown_languages(listed, wishes, answers)]


def _unknown_languages(listed: ForeignList, wishes: Sequence[Wish], answers: Answers) -> list[Question]:
    """Ask for a language instead of one without texts, where nothing else is wrong with the row."""
    place = next((each.index for each in listed.matched.columns if each.target == "language"), None)
    found: dict[str, Question] = {}
    for wish in wishes if place is not None else ():
        text = plain_text(wish.cells[place]) if place is not None and place < len(wish.cells) else ""
        about = folded(text)
        if len(wish.problems) == 1 and "language" in wish.problems[0] and not answers.to("language", about):
            says = f"{text!r} has no texts: in which language is written instead?"
            found.setdefault(about, Question("language", about, says, (*LANGUAGES, "leave out")))
    return list(found.values())


def _says_hombre(listed: ForeignList) -> bool:
    """Whether a column of sexes has H (hombre, homem) and never F, so that its M is mujer or mulher."""
    place = next((each.index for each in listed.matched.columns if each.target == "sex"), None)
    if place is None:
        return False
    words = {folded(plain_text(_at(line, place))) for line in listed.table.lines}
    return "h" in words and not words & {"f", "femme", "female"}


def _read_days(listed: ForeignList, order: str, answers: Answers, questions: list[Question]) -> None:
    """Find out of each column of days in which order they are written, once for the column."""
    for column in listed.matched.columns:
        described = _field(listed.matched.kind, column.target)
        if described is None or described.type != "day":
            continue
        place = column.index
        read = read_column([_at(line, place) for line in listed.table.lines])
        if read.order == "open":
            said_order = order or answers.to("days", folded(column.header))
            if said_order:
                read = replace(read, order="mdy" if said_order in ("mdy", MONTH_FIRST) else "dmy")
            else:
                both = f"the days in {column.header!r} can be read two ways: {says(read)}"
                questions.append(Question("days", folded(column.header), both, (DAY_FIRST, MONTH_FIRST)))
        listed.days[place] = read


def _field(kind: str, target: str) -> Field | None:
    """The field that *target* means in a list of *kind*."""
    described: Kind = KINDS[kind]
    if kind in PERSONAL and described.field(target) is None:
        return KINDS["person"].field(target)
    return described.field(target)


def _at(line: Line, place: int) -> Cell:
    return line.cells[place] if place < len(line.cells) else None


def _wish(listed: ForeignList, line: Line, reading: Reading) -> Wish:
    kind = listed.matched.kind
    wish = Wish(kind, Spot(listed.file, listed.table.name, line.number), cells=line.cells)
    cells = {column.target: _at(line, column.index) for column in listed.matched.columns if column.target}
    at_home = _with_country(wish, cells, reading)
    for column in listed.matched.columns:
        cell = _at(line, column.index)
        if column.target and plain_text(cell):
            try:
                _say(wish, column, cell, listed, at_home)
            except LrflowError as fault:
                wish.problems.append(f"{column.header}: {said(fault)}")
    _join(wish, cells, at_home)
    return wish


def _with_country(wish: Wish, cells: Mapping[str, Cell], reading: Reading) -> Reading:
    """How the cells of this row are read: a telephone number by the row's country."""
    described = KINDS["organisation"].field("country")
    if described is None or not plain_text(cells.get("country")):
        return reading
    try:
        wish.country = read_cell(described, cells["country"], reading)
    except LrflowError:
        return reading  # the column itself says what is wrong with it
    return replace(reading, country=wish.country)


def _say(wish: Wish, column: Column, cell: Cell, listed: ForeignList, reading: Reading) -> None:
    """Add what one cell says to *wish*."""
    target, text = column.target, " ".join(plain_text(cell).split())
    if target.startswith("evidence:"):
        claims = "challenge" if target.endswith("challenge") else "livelihoods+claimed"
        wish.evidence = (*wish.evidence, (claims, text))
    elif target == "organisation" and wish.kind in _WITH_ALLIANCE:
        wish.organisation = text
    elif target in ("lead", "role") and wish.kind == "participant":
        wish.leads = wish.leads or any(word in folded(text).split() for word in _LEADS)
    elif target == "state":
        wish.state = folded(text).replace(" ", "_")
    elif target == "id":
        wish.key = _key(wish, text)
    elif (described := _field(wish.kind, target)) is not None:
        if described.type == "day":
            value = day_text(cell, listed.days[column.index].order, described.month)
        else:
            value = read_cell(described, cell, reading)
        _put(wish, described.name, value)


def _key(wish: Wish, text: str) -> str:
    if folded(text) == "new":
        return "new"
    if wish.kind not in kind_of_key(text.upper()) and not text.isdigit():
        raise Misused(f"{text!r} is no id of a {wish.kind}; leave it empty for a new one")
    return text.upper()


def _put(wish: Wish, name: str, value: str) -> None:
    of_person = wish.kind in PERSONAL and KINDS[wish.kind].field(name) is None
    if of_person and name != "country":
        wish.person[name] = value
    elif not of_person:
        wish.texts[name] = value
        if wish.kind == "person":
            wish.person[name] = value


def _join(wish: Wish, cells: Mapping[str, Cell], reading: Reading) -> None:
    """What is written in two columns: first and last name, an amount and its currency."""
    first, last = (plain_text(cells.get(name)) for name in ("first_name", "last_name"))
    described = KINDS["person"].field("name")
    if (first or last) and described is not None:
        try:
            _put(wish, "name", read_cell(described, name_of_parts(first, last), reading))
        except LrflowError as fault:
            wish.problems.append(f"name: {said(fault)}")
