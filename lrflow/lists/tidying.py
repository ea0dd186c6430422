"""Make a list of what was laid out for the eye: headings between its rows, cells that stand for those below them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from statistics import median

from lrflow.errors import Misused
from lrflow.lists.choosing import is_pause
from lrflow.lists.days import day_in
from lrflow.lists.headers import Matched, match
from lrflow.lists.layout import plain_text
from lrflow.lists.likeness import folded
from lrflow.lists.places import is_of_several, named_country
from lrflow.sheets import Cell, Line, Table

_NARROWEST = 3  # filled cells of a usual row: below it, a row with one cell is none that stands out
_LONGEST = 120  # characters: a heading is short
_FEWEST_EMPTY = 3  # of so many cells one is empty at least, where each stands for those below it
_PARTS = re.compile(r"\s+[-–—|/]\s+|\s*[:(),–—]\s*")
_FOOTER = re.compile(
    r"^\W*(?:n\.?\s?b\b|notes?\b|nota\b|source|fuente|fonte|fait (?:a|le)\b|done (?:at|in)\b|hecho en|feito em"
    r"|prepared by|compiled by|approved by|submitted by|prepare par|etabli par|elabore par|soumis par|approuve par"
    r"|elaborado por|preparado por|aprobado por|aprovado por|signature|signed|signe|firma|assinatura|date|fecha|data"
    r"|end of|fin de)\b"
)
_HEADED = {  # what a line between the rows may say of those below it
    **dict.fromkeys(("participant", "champion", "person"), ("organisation", "country")),
    **dict.fromkeys(("plan", "checkin", "cascade"), ("delegation",)),
    **dict.fromkeys(("organisation", "delegation", "experience"), ("country",)),
    "session": ("on",),
    "budget": ("step",),
    "action": ("plan",),
}
_ALONE = {"participant": ("delegation",), "champion": ("experiences",)}  # which no line above says, but merged cells do
_HEADERS = {"organisation": "Alliance", "delegation": "Alliance", "on": "Day", "country": "Country", "step": "Step"}


@dataclass(frozen=True, slots=True)
class Tidied:
    """A list whose every row says all it means; what *adds* a column no header was given for, by field."""

    table: Table
    adds: tuple[str, ...] = ()


def kind_under_headings(table: Table) -> str:
    """The kind of a list whose headings are days: an itinerary has no other column for them. Else empty."""
    alone = [plain_text(own[0]) for line in table.lines if len(own := [each for each in line.cells if each]) == 1]
    if not any(map(day_in, alone)) or len(table.headers) < _NARROWEST:
        return ""
    try:
        found = match((*table.headers, _HEADERS["on"])).kind
    except Misused:
        return ""
    return found if found == "session" else ""


def tidied(table: Table, matched: Matched) -> Tidied:
    """Take headings and footers out of *table*, and give the rows below what they and merged cells say of them.

    What was taken out or filled in is added to what the table says of itself. A cell is filled only where it is empty.
    """
    places = {each.target: each.index for each in matched.columns if each.target}
    if matched.kind == "session":
        table = _without_pauses(table, [places[each] for each in ("title", "kind") if each in places])
    headings, footers = _standing_out(table, matched.kind, places)
    if headings or footers:
        gone = headings.keys() | footers.keys()
        lines = [line for line in table.lines if line.number not in gone]
        said = (*_said("heads the rows below it", headings), *_said("is no row of the list", footers))
        table = replace(table, lines=lines, left_out=(*table.left_out, *said))
    made = _under_headings(table, matched.kind, places, headings)
    return Tidied(_filled_down(made.table, matched.kind, places), made.adds)


def _said(what: str, lines: Mapping[int, str]) -> list[str]:
    return [f"row {number} {what}: {text[:_LONGEST]}" for number, text in lines.items()]


# ------------------------------------------------------------------------------------------------ headings and footers


def _standing_out(table: Table, kind: str, places: Mapping[str, int]) -> tuple[dict[int, str], dict[int, str]]:
    """The lines that are no rows, by number: headings of the rows below them, and what stands at the end."""
    filled = [[place for place, cell in enumerate(line.cells) if cell is not None] for line in table.lines]
    rows = [len(own) for own in filled if len(own) > 1]
    if not rows or median(rows) < _NARROWEST:
        return {}, {}
    targets = {place: target for target, place in places.items()}
    headings: dict[int, str] = {}
    footers: dict[int, str] = {}
    is_end = True
    for line, own in reversed(list(zip(table.lines, filled, strict=True))):
        text = " ".join(" ".join(plain_text(line.cells[place]) for place in own).split())
        is_alone = len(own) == 1 and len(text) <= _LONGEST
        if len(own) <= 2 and is_end and _FOOTER.match(folded(text)):
            footers[line.number] = text
        elif is_alone and _is_apart(text, targets.get(own[0], ""), kind):
            (footers if is_end else headings)[line.number] = text
        else:
            is_end = False
    return dict(reversed(headings.items())), dict(reversed(footers.items()))


def _is_apart(text: str, target: str, kind: str) -> bool:
    """Whether a text alone in its line is about other lines: not where a row says who or what it is about."""
    if not target or target in _HEADED.get(kind, ()) or (kind == "session" and day_in(text)):
        return True
    if kind == "budget":
        return True  # what costs nothing is no line of a budget
    return text.endswith(":") or bool(_FOOTER.match(folded(text))) or any(map(_is_country, _parts(text)))


def _under_headings(table: Table, kind: str, places: Mapping[str, int], headings: Mapping[int, str]) -> Tidied:
    """Fill what each heading says of the rows below it, in a column of its own where the list has none for it."""
    meant = {number: _meaning(text, kind) for number, text in headings.items()}
    if not meant and "country" in _HEADED.get(kind, ()) and not {"organisation", "country"} & places.keys():
        meant = {0: {"country": table.name}} if _is_country(table.name) else {}  # a sheet for each country
    said = {target for each in meant.values() for target in each}
    said -= {"organisation"} if "delegation" in places and kind == "participant" else set()
    if not said:
        return Tidied(table)
    new = [target for target in _HEADED[kind] if target in said and target not in places]
    at = {target: place for target, place in places.items() if target in said}
    at |= {target: len(table.headers) + number for number, target in enumerate(new)}
    headers = (*table.headers, *(_HEADERS.get(target, target.capitalize()) for target in new))
    numbers = sorted(meant)
    lines: list[Line] = []
    current: Mapping[str, str] = {}
    for line in table.lines:
        while numbers and numbers[0] < line.number:
            current = meant[numbers.pop(0)]
        lines.append(_with(line, {at[target]: text for target, text in current.items() if target in at}, len(headers)))
    return Tidied(replace(table, headers=headers, lines=lines), tuple(new))


def _with(line: Line, cells: Mapping[int, Cell], width: int) -> Line:
    """*line* with *cells* where it has none."""
    own = [*line.cells, *([None] * (width - len(line.cells)))]
    for place, cell in cells.items():
        if not plain_text(own[place]):
            own[place] = cell
    return Line(line.number, tuple(own))


def _meaning(text: str, kind: str) -> Mapping[str, str]:
    """What a heading says, by field: KENYA - SUN CSA Kenya is a country and an alliance."""
    text = text.strip(" :*-–—")
    targets = _HEADED.get(kind, ())
    if "on" in targets:
        return {"on": day} if (day := day_in(text)) else {}
    if "country" not in targets:
        return dict.fromkeys(targets, text)
    if _is_country(text):
        return {"country": text}
    parts = _parts(text)
    country = next(filter(_is_country, parts), "")
    rest = " ".join(part for part in parts if part != country)
    found = {"country": country, "organisation": rest if country else text}
    return {target: found[target] for target in targets if found[target]}


def _parts(text: str) -> list[str]:
    return [part for part in _PARTS.split(text) if part.strip()]


@lru_cache(maxsize=1024)
def _is_country(text: str) -> bool:
    return bool(named_country(text)) or is_of_several(text)


def _without_pauses(table: Table, places: Sequence[int]) -> Table:
    said = {line.number: plain_text(_at(line, place)) for line in table.lines for place in places if _at(line, place)}
    pauses = {number: text for number, text in said.items() if is_pause(text)}
    lines = [line for line in table.lines if line.number not in pauses]
    return replace(table, lines=lines, left_out=(*table.left_out, *_said("is no session", pauses)))


# -------------------------------------------------------------------------------------------------------- merged cells


def _filled_down(table: Table, kind: str, places: Mapping[str, int]) -> Table:
    """Fill the empty cells of columns in which each cell stands for those below it, as merged ones do."""
    own = (*_HEADED.get(kind, ()), *_ALONE.get(kind, ()))
    columns = [places[target] for target in own if target in places]
    merged = [place for place in columns if _is_merged([_at(line, place) for line in table.lines])]
    written = table.lines
    for place in merged:
        others = [each for each in merged if each != place]
        lines: list[Line] = []
        above: Cell = None
        count = 0
        for line, original in zip(table.lines, written, strict=True):
            cell = _at(original, place)
            # Where the alliance changes, its country is not the one above.
            if cell is not None or any(_at(original, each) is not None for each in others):
                above = cell
            is_filled = cell is None and above is not None
            count += is_filled
            lines.append(_with(line, {place: above}, len(table.headers)) if is_filled else line)
        says = [f"{table.headers[place]}: {count} empty cells are filled from the row above"] if count else []
        table = replace(table, lines=lines, left_out=(*table.left_out, *says))
    return table


def _at(line: Line, place: int) -> Cell:
    return line.cells[place] if place < len(line.cells) else None


def _is_merged(cells: Sequence[Cell]) -> bool:
    """Whether each cell stands for the empty ones below it: the first is filled, none says what the one above says."""
    filled = [cell for cell in cells if cell is not None]
    if not filled or cells[0] is None or (len(cells) - len(filled)) * _FEWEST_EMPTY < len(cells):
        return False
    return all(one != two for one, two in pairwise(filled))
