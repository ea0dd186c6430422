"""How a record lies in a sheet: which column holds which field, and every cell in words that are read again."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from lrflow.catalogue import KINDS, Field, Money, kind_of_key, minor_places
from lrflow.catalogue.reading import weekdays_in_words
from lrflow.errors import Misused
from lrflow.facts import Facts, Record, full_day
from lrflow.sheets.cells import clean_text
from lrflow.sheets.shapes import Cell

SHEETS = {
    "organisation": "Organisations",
    "person": "People",
    "offer": "Host offers",
    "experience": "Experiences",
    "evidence": "Evidence",
    "case": "Cases",
    "objective": "Objectives",
    "champion": "Champions",
    "delegation": "Delegations",
    "participant": "Participants",
    "session": "Sessions",
    "plan": "Plans",
    "action": "Actions",
    "checkin": "Check-ins",
    "cascade": "Cascade",
    "sharing": "Sharing",
    "budget": "Budget",
}
FORM = "Plan"  # the sheet of a plan as a form; further plans of the same delegation are "Plan A7"
FORMAT = "1"
LONGEST_CELL = 32_767  # what a spreadsheet's cell can hold, in units of UTF-16

_TITLES = {
    "on": "Day",
    "msp_engagement": "MSP engagement",
    "zone": "Time zone",
    "weekend": "Days off each week",
    "hours": "Hours for mail",
    "email": "E-mail",
    "why": "Reason",
    "can_decide": "Can decide at home",
    "in_registry": "In the registry",
}
_LEFT_OUT = {"evidence": ("sha256", "size"), "person": ("away_until", "deputy")}
_OF_PERSON = {
    "participant": ("name", "email", "phone", "language", "sex", "age_band"),
    "champion": ("name", "email", "phone", "organisation", "language", "sex", "age_band"),
}
_SHOWN = {  # what an id stands for, beside the field that holds it; never read again
    "evidence": ("about", "About, in words", "about"),
    "case": ("experience", "Experience title", "experience.title"),
    "participant": ("delegation", "Alliance", "delegation.organisation.name"),
    "session": ("experience", "Experience title", "experience.title"),
    "plan": ("delegation", "Alliance", "delegation.organisation.name"),
    "action": ("plan", "Plan title", "plan.title"),
    "checkin": ("delegation", "Alliance", "delegation.organisation.name"),
    "cascade": ("delegation", "Alliance", "delegation.organisation.name"),
}
_NOT_ASKED = ("delegation", "final_on", "awarded_on", "award", "award_rate", "why")  # of an alliance, in its form
_LABELS = {  # a form is read by people who never saw a list of fields
    "title": "Title of the plan",
    "kind": "Kind of plan",
    "change": "The change you want",
    "innovation": "The innovation you saw",
    "experience": "Where you saw it",
    "adapted": "What you adapt",
    "applied_by": "Who applies it",
    "themes": "Themes of the route",
    "serves": "Objectives of the programme",
    "strategy_fit": "How it fits a strategy",
    "local_need": "The local need",
    "msp_engagement": "Work with platforms (MSP)",
    "beneficiaries": "Who benefits, how many",
    "months": "How many months",
    "starts_on": "Planned start",
    "ends_on": "Planned end",
    "cost": "Budget of the plan",
    "owner": "Who answers for it",
    "started_on": "Work began on",
    "finished_on": "Work ended on",
    "result": "What came of it",
}


@dataclass(frozen=True, slots=True)
class LaidColumn:
    """One column, or one line of a form: its title and what it holds.

    *target* is `id`, `version`, `state`, a field, or `person.` and a field of the person; empty where the cell only
    *shows* what is held elsewhere. What is locked is not typed into.
    """

    title: str
    target: str
    field: Field | None = None
    is_locked: bool = False
    shows: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """A kind as a sheet: its name, and its columns from left to right (the lines of a form from top to bottom)."""

    kind: str
    sheet: str
    columns: tuple[LaidColumn, ...]

    def column(self, title: str) -> LaidColumn | None:
        """The column with that *title*, if there is one."""
        return next((each for each in self.columns if each.title == title), None)

    @property
    def typed(self) -> tuple[LaidColumn, ...]:
        """The columns a person types into: those that a fingerprint covers."""
        return tuple(each for each in self.columns if each.target and not each.is_locked)


@lru_cache(maxsize=64)
def layout_of(kind: str, whom: str = "") -> Layout:
    """How *kind* is laid out; in the workbook of one delegation, without what goes without saying there."""
    own = bool(whom) and kind_of_key(whom) == ("delegation",)
    columns = [LaidColumn("id", "id", is_locked=True), LaidColumn("version", "version", is_locked=True)]
    if KINDS[kind].has_life:
        columns.append(LaidColumn("State", "state"))
    for each in KINDS[kind].fields:
        if each.name in _LEFT_OUT.get(kind, ()) or (own and each.to == "delegation"):
            continue
        columns += _laid(kind, each)
        beside, title, path = _SHOWN.get(kind, ("", "", ""))
        if each.name == beside:
            columns.append(LaidColumn(title, "", is_locked=True, shows=path))
    return Layout(kind, SHEETS[kind], tuple(columns))


def _laid(kind: str, described: Field) -> list[LaidColumn]:
    if kind in _OF_PERSON and described.name == "person":
        fields = [KINDS["person"].field(name) for name in _OF_PERSON[kind]]
        return [LaidColumn(title_of(each), f"person.{each.name}", each) for each in fields if each]
    return [LaidColumn(title_of(described), described.name, described)]


def title_of(described: Field) -> str:
    """The header of a field: Good practice, Learning objectives, Day."""
    return title_called(described.name)


def title_called(name: str) -> str:
    """The header of the field called *name*."""
    return _TITLES.get(name) or name.replace("_", " ").capitalize()


@lru_cache(maxsize=4)
def form_layout(kind: str = "plan", number: str = "") -> Layout:
    """How *kind* is asked from top to bottom: the same targets, without what an alliance is not asked.

    *number* is the id of a further record of the kind, which gets a sheet of its own.
    """
    asked = [each for each in layout_of(kind).columns if each.target and each.target not in _NOT_ASKED]
    lines = tuple(replace(each, title=_LABELS.get(each.target, each.title)) for each in asked)
    return Layout(kind, f"{FORM} {number}".strip(), lines)


def layout_called(sheet: str, whom: str = "") -> Layout | None:
    """The layout of the sheet called *sheet* in a workbook made for *whom*; None for a sheet that holds no records."""
    if sheet == FORM or (sheet.startswith(f"{FORM} ") and kind_of_key(sheet.removeprefix(f"{FORM} ")) == ("plan",)):
        return form_layout("plan", sheet.removeprefix(FORM).strip())
    kind = next((kind for kind, name in SHEETS.items() if name == sheet), "")
    return layout_of(kind, whom) if kind else None


def is_form(layout: Layout) -> bool:
    """Whether *layout* runs from top to bottom."""
    return layout.sheet != SHEETS[layout.kind]


# ---------------------------------------------------------------------------------------------------------------- cells


@dataclass(frozen=True, slots=True)
class Names:
    """What people and organisations are called in a cell, and who is called so."""

    written: Mapping[str, Mapping[int, str]]
    meant: Mapping[str, Mapping[str, int]] = field(repr=False)

    def text(self, kind: str, number: Any) -> str:
        """The address of a person, else the name; the name of an organisation. Each stands for one alone."""
        return self.written[kind].get(number, f"(no. {number})")

    def number(self, kind: str, text: str) -> int | None:
        """Whom *text* means, however it is capitalised; None when nobody is called exactly so."""
        return self.meant[kind].get(_folded(text))


def names_from(known: Iterable[Record], called: Mapping[str, Mapping[int, str]]) -> Names:
    """The names of the *known* people and organisations, and of the removed ones, whom *called* names by number."""
    written = {kind: dict(names) for kind, names in called.items()}
    for each in known:
        own = each["email"] if each.kind == "person" else ""
        written[each.kind][int(each.key)] = str(own or each["name"])
    meant: dict[str, dict[str, int]] = {}
    for kind, names in written.items():
        times = Counter(_folded(name) for name in names.values())
        for number, name in names.items():
            names[number] = name if times[_folded(name)] == 1 else f"{name} (no. {number})"
        meant[kind] = {_folded(name): number for number, name in names.items()}
    return Names(written, meant)


def _folded(name: str) -> str:
    return plain_text(name).casefold()


def cell_of(described: Field, value: Any, names: Names) -> Cell:
    """*value* as it is written into a cell: a day as a date, a number as a number, everything else as text.

    `plain_text` of it is what `catalogue.reading.read_value` reads back as *value*; names are read by `Names.number`.
    """
    if value is None or value in ("", []):
        return None
    match described.type:
        case "day" if not described.month:  # a date cell would turn 2016-09 into its first day
            return full_day(value) or str(value)
        case "number":
            return int(value)
        case "decimal":
            return _decimal(str(value))
        case "ref" if described.to in names.written:
            return names.text(described.to, value)
    return _text(described, value)


def _text(described: Field, value: Any) -> str:
    match described.type:
        case "yes":
            return "yes" if value else "no"
        case "money":
            return money_text(value)
        case "codes" | "refs":
            return "+".join(str(each) for each in value)
        case "texts":
            return "; ".join(value)
        case "pairs":
            return "; ".join(f"{lesson} | {context}" if context else str(lesson) for lesson, context in value)
        case "weekdays":
            return weekdays_in_words(value)
    return str(value)


def money_text(amount: Money) -> str:
    """An amount without signs between the thousands, which some countries read as decimals: 5000.00 USD."""
    return f"{Decimal(amount.minor).scaleb(-minor_places(amount.currency)):f} {amount.currency}"


def _decimal(text: str) -> Cell:
    """A number cell where it holds the number exactly, and text otherwise."""
    number = float(text)
    return number if Decimal(repr(number)) == Decimal(text) else text


def fitting(cell: Cell) -> Cell:
    """*cell* as a spreadsheet can hold it: in place of a text that is too long for one stands a sentence that says so.

    Read back unchanged it is what `texts_of` says, so that the long text stays as it is.
    """
    if not isinstance(cell, str) or len(cell.encode("utf-16-le")) // 2 <= LONGEST_CELL:
        return cell
    return f"(a text of {len(cell):,} characters, too long for a cell; lrflow keeps it as it is)"


def plain_text(cell: Cell) -> str:
    """What a cell says, as it would be typed; the same whether a spreadsheet keeps 24 or 24.0, a day or its text."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat(sep=" ")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else f"{Decimal(repr(cell)):f}"
    return clean_text(str(cell)).strip()


def text_of_cell(described: Field, value: Any, names: Names) -> str:
    """*value* as it would be typed into a cell of the field."""
    return plain_text(cell_of(described, value, names))


# -------------------------------------------------------------------------------------------------------------- records


def cells_of(layout: Layout, record: Record, facts: Facts, names: Names) -> list[Cell]:
    """*record* as a row of its sheet, texts in full."""
    return [_cell(each, record, facts, names) for each in layout.columns]


def _cell(column: LaidColumn, record: Record, facts: Facts, names: Names) -> Cell:
    if column.target == "id":
        return record.key
    if column.target == "version":
        return version_of(record, facts)
    if column.target == "state":
        return record.state
    if not column.target:
        return _shown(record, column.shows, facts)
    path = column.target
    return cell_of(column.field, facts.value(record, path), names) if column.field else None


def _shown(record: Record, path: str, facts: Facts) -> str:
    if path != "about":
        return str(facts.value(record, path) or "")
    kinds = kind_of_key(str(record["about"]))
    about = next((found for kind in kinds if (found := facts.find(kind, record["about"]))), None)
    named = (facts.value(about, each) for each in ("title", "person.name", "organisation.name")) if about else ()
    return str(next((each for each in named if each), ""))


def version_of(record: Record, facts: Facts) -> str:
    """How often *record* was changed; a dot before how often its person was, where the sheet edits the person too."""
    if record.kind not in _OF_PERSON:
        return str(record["version"])
    person = facts.find("person", record["person"])
    return f"{record['version']}.{person['version'] if person else 0}"


def texts_of(layout: Layout, record: Record, facts: Facts, names: Names) -> dict[str, str]:
    """What the typed cells of *record* say, by target. A cell that says the same was not changed, and is not read."""
    return {each.target: plain_text(fitting(_cell(each, record, facts, names))) for each in layout.typed}


def fingerprint(values: Mapping[str, Any]) -> str:
    """A short digest of what the typed cells of a row say, by target: cells or their texts, empty ones left out."""
    said = {target: plain_text(value) for target, value in values.items()}
    text = json.dumps(sorted((target, text) for target, text in said.items() if text), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


# --------------------------------------------------------------------------------------------------------------- memory


@dataclass(frozen=True, slots=True)
class Memory:
    """What a workbook remembers of its making: for which route and whom, on which day, and each row as it was then."""

    route: str
    digest: str
    whom: str
    made: str
    programme: str  # the fingerprint of the programme's first log entry: a workbook of another programme is none
    rows: Mapping[tuple[str, str], tuple[str, str]] = field(default_factory=dict)  # kind, id -> version, fingerprint


def memory_rows(memory: Memory) -> list[tuple[str, ...]]:
    """*memory* as the rows of the hidden sheet."""
    heads = (("lrflow", FORMAT), ("route", memory.route), ("digest", memory.digest), ("for", memory.whom))
    ends = (("made", memory.made), ("programme", memory.programme))
    return [*heads, *ends, *((*of, *was) for of, was in memory.rows.items())]


def read_memory(rows: Iterable[Sequence[Any]]) -> Memory | None:
    """The memory in the *rows* of a hidden sheet; None when it is none of ours, `Misused` when a newer one made it."""
    heads: dict[str, str] = {}
    kept: dict[tuple[str, str], tuple[str, str]] = {}
    for row in rows:
        words = [plain_text(each) for each in row]
        if words and words[0] in KINDS and len(words) >= 4:
            kept[(words[0], words[1])] = (words[2], words[3])
        elif words and words[0]:
            heads.setdefault(words[0], words[1] if len(words) > 1 else "")
    if "lrflow" not in heads:
        return None
    if heads["lrflow"] != FORMAT:
        raise Misused("this workbook was written by a newer lrflow", remedy="update lrflow")
    route, digest, whom, made, programme = (
        heads.get(name, "") for name in ("route", "digest", "for", "made", "programme")
    )
    return Memory(route, digest, whom, made, programme, kept)
