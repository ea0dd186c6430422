"""A route written into a workbook: a sheet for each kind, filled in by hand and read again by `import`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

from lrflow import store
from lrflow.catalogue import KINDS, Field, kind_of, kind_of_key
from lrflow.database import Database, Unit
from lrflow.definition import Definition
from lrflow.errors import Misused
from lrflow.facts import Facts, Record
from lrflow.lists.layout import (
    SHEETS,
    LaidColumn,
    Layout,
    Memory,
    Names,
    cells_of,
    fingerprint,
    fitting,
    form_layout,
    layout_of,
    memory_rows,
    names_from,
)
from lrflow.render import day_in_words
from lrflow.sheets.shapes import Book, Cell, Column, Form, Page, Question, Sort
from lrflow.store import Act
from lrflow.tracks.naming import name_of

SPARE = 200  # empty rows below those that are there
OF_A_DELEGATION = ("plan", "participant", "action", "checkin", "cascade")
NAMED_IN_A_NOTE = 25  # as many records are listed beside the field that takes their ids

_WIDTHS = {"prose": 44, "texts": 40, "pairs": 44, "codes": 24, "email": 28, "day": 13, "yes": 9, "number": 10}
_WIDE = {"Title": 44, "Name": 26, "Organisation": 28, "Owner": 26}
_PROSE = ("prose", "texts", "pairs")
_HINTS = {
    "codes": ("Several are joined by +.",),
    "refs": ("Ids; several are joined by +.",),
    "ref": ("An id.",),
    "texts": ("Several are parted by a semicolon.",),
    "pairs": ("Several are parted by a semicolon.",),
    "money": ("With its currency: 5000.00 USD.",),
    "day": ("Written 2016-11-05.",),
    "person": ("An e-mail address that lrflow knows.",),
    "organisation": ("The name of an organisation that lrflow knows.",),
}
_MONTH = ("A month, 2016-11, will do.",)


@dataclass(frozen=True, slots=True)
class Made:
    """A workbook that was made, and how many records of each kind are in it."""

    path: Path
    rows: Mapping[str, int]
    title: str = ""  # of the part, where it is one


@dataclass(frozen=True, slots=True)
class Part:
    """What goes into one workbook: which kinds, of which delegation alone, and who is told to fill it in."""

    kinds: tuple[str, ...]
    whom: str = ""
    title: str = ""
    delegation: Record | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything a workbook is made from, read in one snapshot."""

    route: store.RouteRow
    definition: Definition
    facts: Facts
    names: Names
    programme: str
    everyone: Mapping[str, tuple[Record, ...]]  # people and organisations of the programme, removed ones left out


def make_workbook(
    database: Database,
    route: str,
    path: Path,
    act: Act,
    *,
    whom: str = "",
    kinds: Sequence[str] = (),
    replace: bool = False,
) -> Made:
    """Write the records of *route* into a workbook at *path*, whole or not at all.

    *whom* is a role (the kinds it may edit), a delegation's id (its own part, the plan as a form), or empty for
    everything. *kinds* narrows it further. A file that is there is left alone unless *replace*. Raises `Misused` for
    an unknown *whom*, with near ones.
    """
    check_path(path, ".xlsx", replace=replace)
    with database.begin() as unit:
        seen = read(unit, route, act)
    part = part_of(whom, kinds, seen.facts, seen.definition)
    book, rows = book_of(seen, part, act, path.name)
    if not act.dry_run:
        from lrflow.sheets import write_book

        write_book(path, book, replace=replace)
    return Made(path, rows, part.title)


def check_path(path: Path, *suffixes: str, replace: bool) -> None:
    """Refuse a file of another sort, one that is there already unless *replace*, and a folder that is not there."""
    if path.suffix.lower() not in suffixes:
        near = Path(path.stem or "rwanda-2016").with_suffix(suffixes[0])
        raise Misused(f"{path} is not a file that ends in {' or '.join(suffixes)}", remedy=f"write it as {near}")
    if path.exists() and not replace:
        raise Misused(f"{path} is there already: it was left alone", remedy="choose another name, or add --replace")


def read(unit: Unit, key: str, act: Act) -> Seen:
    """Everything known of the route *key*, and of the people and organisations of its programme."""
    route = store.read_route(unit, key)
    definition = store.read_definition(unit, route.digest)
    facts = store.facts_of(unit, route, definition, act.day)
    everyone = {kind: tuple(store.all_shared(unit, kind)) for kind in ("organisation", "person")}
    called = {kind: store.names_of(unit, kind) for kind in everyone}
    names = names_from([each for records in everyone.values() for each in records], called)
    return Seen(route, definition, facts, names, store.first_hash(unit), everyone)


def part_of(whom: str, kinds: Sequence[str], facts: Facts, definition: Definition) -> Part:
    """The part meant by *whom*, narrowed to *kinds*."""
    part = _whole_part(whom.strip(), facts, definition)
    wanted = [kind_of(each).name for each in kinds]
    for kind in wanted:
        if kind not in part.kinds:
            where = f"the workbook for {part.title}" if part.title else "a workbook"
            raise Misused(f"{KINDS[kind].plural} are not in {where}", problems=[f"it has {', '.join(part.kinds)}"])
    return replace(part, kinds=tuple(each for each in part.kinds if each in wanted)) if wanted else part


def _whole_part(whom: str, facts: Facts, definition: Definition) -> Part:
    if not whom:
        return Part(tuple(SHEETS))
    role = definition.roles.get(whom)
    if role is not None and role.edits:
        return Part(tuple(kind for kind in SHEETS if "*" in role.edits or kind in role.edits), whom, role.title)
    delegation = facts.find("delegation", whom.upper()) if kind_of_key(whom) == ("delegation",) else None
    if delegation is not None:
        return Part(OF_A_DELEGATION, delegation.key, name_of(delegation, facts), delegation)
    known = [name for name, role in definition.roles.items() if role.edits]
    delegations = [f"{each.key}  {name_of(each, facts)}" for each in facts.of("delegation")]
    near = [f"did you mean {each}?" for each in get_close_matches(whom, known, n=1)]
    says = [*near, f"roles: {', '.join(known)}", *(delegations or ["there is no delegation yet"])]
    raise Misused(
        f"no workbook can be made for {whom!r}", problems=says, remedy=f"--for {known[-1] if known else 'D1'}"
    )


# ---------------------------------------------------------------------------------------------------------- the sheets


def book_of(seen: Seen, part: Part, act: Act, file: str) -> tuple[Book, dict[str, int]]:
    """The workbook of one *part*, and how many records of each kind are in it. Pure."""
    pages: list[Page | Form] = [_read_me(seen, part, act, file)]
    kept: dict[tuple[str, str], tuple[str, str]] = {}
    counted: dict[str, int] = {}
    for kind in part.kinds:
        records = _records(kind, seen, part)
        counted[kind] = len(records)
        layouts = _layouts(kind, records, part)
        for layout, those in layouts:
            rows = [[fitting(cell) for cell in cells_of(layout, each, seen.facts, seen.names)] for each in those]
            kept.update(_remembered(layout, row) for row in rows)
            pages.append(_form(layout, rows, seen, part) if _is_form(kind, part) else _page(layout, rows, seen, part))
    made = act.day.isoformat()
    memory = Memory(seen.route.key, seen.route.digest, part.whom, made, seen.programme, kept)
    title = f"{seen.route.key} {part.title}".strip()
    return Book(pages, memory_rows(memory), {"title": title, "created": made}), counted


def _is_form(kind: str, part: Part) -> bool:
    return kind == "plan" and part.delegation is not None


def _layouts(kind: str, records: Sequence[Record], part: Part) -> list[tuple[Layout, Sequence[Record]]]:
    """The sheets of one kind with their records: a page for all, or a form for each plan, empty when there is none."""
    if not _is_form(kind, part):
        return [(layout_of(kind, part.whom), records)]
    first = [(form_layout(kind), records[:1])]
    return [*first, *((form_layout(kind, each.key), [each]) for each in records[1:])]


def _records(kind: str, seen: Seen, part: Part) -> Sequence[Record]:
    if kind in seen.everyone:
        everyone = seen.everyone[kind]
        # A colleague's part holds the people of this route, not everybody the programme ever met.
        return [each for each in everyone if not part.whom or kind != "person" or seen.facts.find("person", each.key)]
    records = sorted(seen.facts.of(kind), key=lambda each: each.order)
    return (
        records if part.delegation is None else [each for each in records if _is_of(each, part.delegation, seen.facts)]
    )


def _is_of(record: Record, delegation: Record, facts: Facts) -> bool:
    return delegation.key in (record["delegation"], facts.value(record, "plan.delegation"))


def _remembered(layout: Layout, row: Sequence[Cell]) -> tuple[tuple[str, str], tuple[str, str]]:
    cells = {each.target: cell for each, cell in zip(layout.columns, row, strict=True) if each.target}
    typed = {each.target: cells[each.target] for each in layout.typed}
    return (layout.kind, str(cells["id"])), (str(cells["version"]), fingerprint(typed))


def _page(layout: Layout, rows: Sequence[Sequence[Cell]], seen: Seen, part: Part) -> Page:
    # Check-ins are made by lrflow when the route enters its follow-up; nobody adds one by hand in a delegation's part.
    spare = 0 if layout.kind == "checkin" and part.delegation is not None else SPARE
    return Page(layout.sheet, [_column(each, layout, seen, part) for each in layout.columns], rows, spare)


def _column(laid: LaidColumn, layout: Layout, seen: Seen, part: Part) -> Column:
    choices, note = _choices(laid, layout, seen, part), _note(laid, seen, part)
    sort: Sort = "prose" if laid.target == "title" else sort_of(laid)  # a title may need a second line
    return Column(laid.title, sort, width_of(laid), choices, laid.is_locked, note)


def sort_of(laid: LaidColumn) -> Sort:
    """How the cells of a column are written and shown."""
    field = laid.field
    if laid.shows or (field and field.type in _PROSE):
        return "prose"
    if field is None or (field.type == "day" and field.month):
        return "text"
    return "day" if field.type == "day" else "number" if field.type in ("number", "decimal") else "text"


def width_of(laid: LaidColumn) -> int:
    """How wide a column is, in characters."""
    if laid.target in ("id", "version"):
        return 8
    described = _WIDTHS.get(laid.field.type, 18) if laid.field else 34 if laid.shows else 14
    return max(described, _WIDE.get(laid.title, 0), len(laid.title) + 2)


def _choices(laid: LaidColumn, layout: Layout, seen: Seen, part: Part) -> tuple[str, ...]:
    """The words to choose from; others may be typed, and several joined by +."""
    field = laid.field
    if laid.target == "state":
        return seen.definition.lives[layout.kind].states
    if field is None:
        return ()
    if field.type in ("choice", "codes", "language"):
        return field.choices or tuple(seen.definition.vocabularies.get(field.vocabulary, ()))
    if field.to in seen.everyone:
        return tuple(seen.names.text(field.to, int(each.key)) for each in _nameable(field.to, seen, part))
    if field.to:
        return tuple(each.key for each in _nameable(field.to, seen, part))
    return ("yes", "no") if field.type == "yes" else _countries() if field.type == "country" else ()


def _nameable(kind: str, seen: Seen, part: Part) -> Sequence[Record]:
    """The records that may be named in this part: an alliance sees no people or organisations but its own."""
    if kind not in seen.everyone:
        return _in_play(kind, seen, part if kind in OF_A_DELEGATION else Part(()))
    if part.delegation is None:
        return _records(kind, seen, part)
    own = {part.delegation["organisation"]}
    if kind == "person":
        own = {each["person"] for each in _records("participant", seen, part)}
        own |= {part.delegation["lead"], part.delegation["focal_point"]}
    return [each for each in seen.everyone[kind] if int(each.key) in own]


@lru_cache(maxsize=1)
def _countries() -> tuple[str, ...]:
    from babel import Locale

    groups = ("EU", "EZ", "QO", "UN", "XA", "XB", "ZZ")
    known = [str(code) for code in Locale("en").territories]
    return tuple(sorted(code for code in known if len(code) == 2 and code.isalpha() and code not in groups))


def _in_play(kind: str, seen: Seen, part: Part) -> Sequence[Record]:
    """The records of *kind* that have not left their path: what was rejected or dropped is not proposed any more."""
    path = seen.definition.lives[kind].path
    return [each for each in _records(kind, seen, part) if each.state in path]


def _note(laid: LaidColumn, seen: Seen, part: Part) -> str:
    """What belongs into a column, in a few lines; nothing where there is nothing to type."""
    if laid.target == "state":
        return "Where the record stands. lrflow judges a change. Leave it empty when the record is new."
    field = laid.field
    if field is None:
        return ""
    if field.name == "why":
        return "Why it is in this state. Needed when it is rejected, withdrawn, or goes back."
    lines = [f"{field.help[:1].upper()}{field.help[1:]}{' (needed)' if field.required else ''}."]
    lines += _HINTS.get(field.to if field.to in seen.everyone else field.type, ())
    return "\n".join([*lines, *(_MONTH if field.month else ()), *_words(field, seen, part)])


def _words(field: Field, seen: Seen, part: Part) -> list[str]:
    """The words a field takes, each with its meaning; the records it may name."""
    meant = seen.definition.vocabularies.get(field.vocabulary, {})
    if field.choices and len(field.choices) <= NAMED_IN_A_NOTE:
        return [f"{'Of' if field.type == 'codes' else 'One of'}: {', '.join(field.choices)}."]
    if field.to not in SHEETS or field.to in seen.everyone:
        return [f"{code}: {text}" for code, text in meant.items()]
    named = [f"{each.key}: {name_of(each, seen.facts)}" for each in _nameable(field.to, seen, part)]
    return [*named[:NAMED_IN_A_NOTE], *(["..."] if len(named) > NAMED_IN_A_NOTE else [])]


def _form(layout: Layout, rows: Sequence[Sequence[Cell]], seen: Seen, part: Part) -> Form:
    row = rows[0] if rows else [None] * len(layout.columns)
    questions = [
        Question(
            laid.title,
            value,
            sort_of(laid),
            _choices(laid, layout, seen, part),
            _note(laid, seen, part),
            laid.is_locked,
        )
        for laid, value in zip(layout.columns, row, strict=True)
    ]
    return Form(layout.sheet, f"Action plan of {part.title}", questions)


# ---------------------------------------------------------------------------------------------------------- the opening


def _read_me(seen: Seen, part: Part, act: Act, file: str) -> Form:
    whose = f"For {part.title}: its part" if part.title else "Everything lrflow knows"
    lines = [
        (
            "This file",
            f"{whose} of {seen.route.key}, as of {day_in_words(act.day)}. One sheet a kind, one row a record.",
        ),
        ("White cells", "Type here. Point at a header to read what belongs below it, and which words it takes."),
        ("Grey cells", "Locked: ids, versions, and names that are shown to help you."),
        ("To change a record", "Type over what is there. To empty a field, clear its cell."),
        ("To add a record", "Fill in the next empty row. Leave its id and State empty: lrflow gives them."),
        ("To delete", "Nothing is deleted: rows that you take out stay in lrflow as they are."),
        ("State", "A State that you change is judged by lrflow, which may refuse it and say why. Some need a Reason."),
        ("Names and ids", "People by e-mail address, organisations by name, other records by id. Several: E1+E3."),
        ("Days and money", "2016-11-05 and 5000.00 USD. Several texts in one cell are parted by a semicolon."),
        ("Two at once", "What somebody else changed meanwhile is not overwritten: both are shown, and you decide."),
        *_ending(seen, part, file),
    ]
    title = str(seen.facts.route["title"] or seen.route.key)
    questions = [Question(label, text, is_locked=True) for label, text in lines]
    return Form("Read me", title, questions, headings=("", "How to use this workbook", ""))


def _ending(seen: Seen, part: Part, file: str) -> list[tuple[str, str]]:
    """What to do when it is filled in: colleagues send it back, the coordinator imports it."""
    command = f"lrflow import {file}"
    if not part.whom:
        return [("When you are done", "Save the file as it is, as .xlsx, and close it."), ("Then type", command)]
    holders = seen.facts.roles.get("coordinator") or seen.facts.roles.get("owner") or ()
    found = next((each for number in holders if (each := seen.facts.find("person", number))), None)
    who = f"{found['name']} <{found['email']}>" if found else "the coordinator of the route"
    done = f"Save the file as it is, as .xlsx, and send it to {who}."
    return [("When you are done", done), ("Coordinators then type", command)]
