"""Read a list as an alliance sends it: which column is what, and what each row asks for."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from lrflow import store
from lrflow.catalogue import KINDS, Field, Kind, kind_of_key
from lrflow.catalogue.shared import LANGUAGES
from lrflow.database import Unit
from lrflow.errors import LrflowError, Misused
from lrflow.lists.amounts import currency_code, parted_currency
from lrflow.lists.cells import (
    Reading,
    claimed,
    leads,
    name_of_parts,
    phone_number,
    phone_numbers,
    read_cell,
    spoken_name,
    state_of,
    without_bullets,
)
from lrflow.lists.choosing import kind_within, reads_as
from lrflow.lists.days import DayColumn, YearMissing, day_text, read_column, says
from lrflow.lists.headers import Column, Matched, is_called, key_of, match, says_last_first
from lrflow.lists.known import said
from lrflow.lists.layout import plain_text
from lrflow.lists.likeness import folded
from lrflow.lists.own import PROBLEM
from lrflow.lists.people import ANSWERS
from lrflow.lists.tidying import kind_under_headings, tidied
from lrflow.lists.wishes import Answers, Question, Spot, Wish
from lrflow.lists.words import is_blank, meanings
from lrflow.sheets import Cell, Grid, Line, Table, find_table

PERSONAL = ("participant", "champion")
DAY_FIRST, MONTH_FIRST = "the day comes first", "the month comes first"
_REQUIRED = re.compile(r"\b(?:requ\w+|need\w*|necess\w+|neces\w+|besoin)\b")  # Visa required? yes: one is needed
_OF_PEOPLE = (*PERSONAL, "person")
_WITH_ALLIANCE = (*PERSONAL, "person", "delegation", "offer", "sharing")
_AT_HOST = ("champion", "experience", "session")  # what is in the host country unless it says otherwise
_NAME = next(each for each in KINDS["organisation"].fields if each.name == "name")


@dataclass(slots=True)
class ForeignList:
    """One list of a file: its rows under headers, and which field each header is."""

    file: str
    table: Table
    matched: Matched
    headers: str  # the fingerprint by which the mapping is remembered
    days: dict[int, DayColumn] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)  # what its cells were taken to mean, an example of each

    @property
    def says(self) -> list[str]:
        """How the list was understood, for people."""
        rows, kind = len(self.table.lines), KINDS[self.matched.kind]
        where = f"sheet {self.table.name!r}, " if self.table.name and self.table.name != Path(self.file).stem else ""
        lines = [f"{self.file}: {where}{rows} {'row' if rows == 1 else 'rows'} as {kind.plural}"]
        taken = [f"{each.header} -> {each.target}" for each in self.matched.columns if each.target]
        lines.append(f"  {' · '.join(taken)}")
        lines += ["  if they are to travel: --kind participant"] if self.matched.kind == "person" else []
        left = [header for header in self.matched.left if header != PROBLEM]
        lines += [f'  not read: {", ".join(left)} (--map "{left[0]}=FIELD")'] if left else []
        lines += [f"  {each}" for each in (*self.table.left_out, *self.matched.doubts)]
        echoed = ((self.table.headers[place], column) for place, column in self.days.items())
        lines += [f"  {header}: {says(column)}" for header, column in echoed if says(column)]
        return [*lines, *(f"  {each}" for each in self.notes.values())]


def foreign_lists(
    unit: Unit, file: str, grids: Sequence[Grid], kind: str, told: Mapping[str, str]
) -> tuple[list[ForeignList], list[str]]:
    """The lists in the sheets of one file, and a sentence for each sheet that is not read.

    Raises `Misused` when of none it can be told what the rows are.
    """
    found: list[ForeignList] = []
    notes: list[str] = []
    faults: list[Misused] = []
    for grid in grids:
        table = None if grid.is_hidden else find_table(grid)
        if table is None:
            notes += [_why_no_list(file, grid)] if grid.lines else []
            continue
        try:
            found.append(_listed(unit, file, table, kind, told))
        except _Unclear as fault:
            faults.append(fault)
            notes.append(f"{file}, sheet {grid.name!r} is not read: {said(fault)}")
    if faults and not found:
        raise faults[0]
    return found, notes


class _Unclear(Misused):
    """It cannot be told what the rows of a sheet are."""


def _why_no_list(file: str, grid: Grid) -> str:
    sheet = f"{file}, sheet {grid.name!r}" if grid.name != Path(file).stem else file
    if grid.is_hidden:
        return f"{sheet} is hidden, and is not read"
    return f"{sheet} holds no list: above the rows there must be a line of headers, such as Name, E-mail, Alliance"


def _listed(unit: Unit, file: str, table: Table, kind: str, told: Mapping[str, str]) -> ForeignList:
    headers = key_of([header for header in table.headers if header != PROBLEM])
    kept = store.remembered_map(unit, headers)
    own = {header: target for header, target in told.items() if header in table.headers}
    kind, remembered = kind or (kept[0] if kept else kind_under_headings(table)), kept[1] if kept else {}
    try:
        matched = match(table.headers, kind=kind, told=own, remembered=remembered)
    except Misused as fault:
        if kind or own:
            raise
        raise _Unclear(fault.message, problems=fault.problems, remedy=fault.remedy) from None
    matched = _without_counts(matched, table)
    made = tidied(table, matched)
    if made.adds:
        matched = match(made.table.headers, kind=matched.kind, told=own, remembered=remembered)
        matched = _without_counts(matched, made.table)
    return ForeignList(file, made.table, _with_leads(matched, made.table), headers)


def _without_counts(matched: Matched, table: Table) -> Matched:
    """*matched*, but for a column ID in which no cell is an id of ours: passports, or a count of the rows."""
    column = next((each for each in matched.columns if each.target == "id"), None)
    if column is None or any(_is_id(matched.kind, plain_text(_at(line, column.index))) for line in table.lines):
        return matched
    columns = tuple(each for each in matched.columns if each is not column)
    return replace(matched, columns=columns, left=(*matched.left, column.header))


def _is_id(kind: str, text: str) -> bool:
    return folded(text) in ANSWERS[1:] or kind in kind_of_key(text.upper())


def _with_leads(matched: Matched, table: Table) -> Matched:
    """*matched*, with the column of functions in which somebody is called the head of a delegation."""
    if matched.kind != "participant" or any(each.target == "lead" for each in matched.columns):
        return matched
    for place, header in enumerate(table.headers):
        texts = [folded(plain_text(_at(line, place))) for line in table.lines] if header in matched.left else ()
        if any("deleg" in text and leads(text) for text in texts):
            columns = sorted((*matched.columns, Column(header, place, "lead", "exact")), key=lambda each: each.index)
            return replace(matched, columns=tuple(columns), left=tuple(e for e in matched.left if e != header))
    return matched


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
    titles = {each.target: each.header for each in listed.matched.columns}
    wishes = [_wish(listed, line, reading, titles) for line in listed.table.lines]
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


def _wish(listed: ForeignList, line: Line, reading: Reading, titles: Mapping[str, str]) -> Wish:
    kind = listed.matched.kind
    wish = Wish(kind, Spot(listed.file, listed.table.name, line.number), cells=line.cells, titles=titles)
    cells = {column.target: _at(line, column.index) for column in listed.matched.columns if column.target}
    own = _with_currency(wish, cells, _at_home(wish, cells, reading))
    for column in listed.matched.columns:
        cell = _at(line, column.index)
        if column.target and plain_text(cell):
            try:
                _say(wish, column, cell, listed, own)
            except LrflowError as fault:
                wish.problems.append(f"{column.header}: {said(fault)}")
                wish.faulty.add(column.target)
    _join(wish, cells, own)
    return wish


def _at_home(wish: Wish, cells: Mapping[str, Cell], reading: Reading) -> Reading:
    """How the cells of this row are read: a telephone number by the country of the row, or of its alliance."""
    described = KINDS["organisation"].field("country")
    if described is not None and plain_text(cells.get("country")):
        try:
            wish.country = read_cell(described, cells["country"], reading)
        except LrflowError:
            return reading  # the column itself says what is wrong with it
    home = wish.country or reading.homes.get(folded(plain_text(cells.get("organisation"))), "")
    return replace(reading, country=home or (reading.host if wish.kind in _AT_HOST else ""))


def _with_currency(wish: Wish, cells: Mapping[str, Cell], reading: Reading) -> Reading:
    """How the amounts of this row are read: in the currency of its own column."""
    if not plain_text(cells.get("currency")):
        return reading
    try:
        return replace(reading, currency=currency_code(plain_text(cells["currency"]), reading.country))
    except LrflowError as fault:
        wish.problems.append(f"{wish.called('currency')}: {said(fault)}")
        wish.faulty.add("amount")
        return reading


def _say(wish: Wish, column: Column, cell: Cell, listed: ForeignList, reading: Reading) -> None:
    """Add what one cell says to *wish*."""
    target, text = column.target, " ".join(plain_text(cell).split())
    if is_blank(text) and target != "name":
        return
    if target.startswith("evidence:"):
        claims = "challenge" if target.endswith("challenge") else "livelihoods+claimed"
        wish.evidence = (*wish.evidence, (claims, without_bullets(plain_text(cell))))
    elif target == "organisation" and wish.kind in _WITH_ALLIANCE:
        wish.organisation = read_cell(_NAME, cell, reading)
    elif target in ("lead", "role") and wish.kind == "participant":
        wish.leads = wish.leads or leads(text)
    elif target == "state":
        wish.state = read_cell(Field("state", "choice", "", vocabulary=state_of(wish.kind)), cell, reading)
    elif target == "id":
        wish.key = _key(wish, text)
    elif target == "claimed":
        wish.texts |= claimed(text)
    elif wish.kind == "session" and target == "kind":
        _say_kind(wish, text, listed, reading)
    elif (described := _field(wish.kind, target)) is not None:
        _put(wish, described.name, _read(described, column, cell, listed, reading))


def _say_kind(wish: Wish, text: str, listed: ForeignList, reading: Reading) -> None:
    """The kind of a session; where it is the name of an activity, the one that a word of the name stands for."""
    described = _field("session", "kind")
    has_title = any(each.target == "title" for each in listed.matched.columns)
    found = kind_within(text) if described is not None and not has_title else ""
    if described is None or (found and not reads_as(described, text)):
        wish.texts |= {"kind": found, "title": text}
        listed.notes.setdefault(text, f"{text!r} is taken for {found}")
    else:
        wish.texts["kind"] = read_cell(described, text, reading)


def _read(described: Field, column: Column, cell: Cell, listed: ForeignList, reading: Reading) -> str:
    text = plain_text(cell)
    if described.name == "name" and listed.matched.kind in _OF_PEOPLE:
        return _name(text, column, listed, reading)
    if described.type == "day":
        return _day(described, column, cell, listed, reading)
    if described.type == "money" and not reading.currency and (said_above := parted_currency(column.header)[1]):
        reading = replace(reading, currency=currency_code(said_above, reading.country))
    if described.name == "visa" and _REQUIRED.search(folded(column.header)):
        text = {"yes": "needed", "no": "not needed"}.get(meanings("signs").get(folded(text), ""), text)
        return read_cell(described, text, reading)
    if described.type == "yes" and is_called(listed.matched.kind, column.target, text):
        return "yes"  # Member under Member is a tick
    if described.name == "phone" and len(numbers := phone_numbers(text)) > 1:
        listed.notes.setdefault("phone", f"{column.header}: of several numbers in a cell the first is kept")
        return phone_number(numbers[0], reading.country)
    return read_cell(described, cell, reading)


def _day(described: Field, column: Column, cell: Cell, listed: ForeignList, reading: Reading) -> str:
    order = listed.days[column.index].order
    try:
        return day_text(cell, order, described.month)
    except YearMissing:
        if listed.matched.kind != "session" or not reading.year:
            raise
    listed.notes.setdefault("year", f"{column.header}: where no year is written, {reading.year} is meant, as the visit")
    return day_text(f"{plain_text(cell)} {reading.year}", order, described.month)


def _name(text: str, column: Column, listed: ForeignList, reading: Reading) -> str:
    """A person's name, the first name first and without what is said before it in letters."""
    name = spoken_name(text, is_last_first=says_last_first(column.header))
    if name != " ".join(text.split()):
        listed.notes.setdefault("name", f"{column.header}: names are written as {name}, not as {text.strip()}")
    return read_cell(_NAME, name, reading)


def _key(wish: Wish, text: str) -> str:
    if folded(text) in ANSWERS:
        return folded(text)
    if not _is_id(wish.kind, text):
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
    """What is written in two columns: first and last name, an alliance and its acronym."""
    first, last = (spoken_name(plain_text(cells.get(name))) for name in ("first_name", "last_name"))
    described = KINDS["person"].field("name")
    if (first or last) and described is not None:
        try:
            _put(wish, "name", read_cell(described, name_of_parts(first, last), reading))
        except LrflowError as fault:
            wish.problems.append(f"{wish.called('first_name')}: {said(fault)}")
            wish.faulty.add("name")
    short = " ".join(plain_text(cells.get("acronym")).split())
    if wish.kind == "organisation" and short and not is_blank(short):
        name = wish.texts.get("name", "")
        if folded(short) not in folded(name).split():
            wish.texts["name"] = f"{name} ({short})" if name else short
