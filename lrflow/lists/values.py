"""From the texts of a row to values of the catalogue, every fault at once."""

from collections.abc import Container
from typing import Any

from lrflow.catalogue import KINDS, Field
from lrflow.catalogue.reading import read_value
from lrflow.errors import LrflowError
from lrflow.lists import referring
from lrflow.lists.known import Known, said
from lrflow.lists.layout import title_called
from lrflow.lists.wishes import Wish
from lrflow.store import Standing
from lrflow.tracks.choosing import vocabulary
from lrflow.tracks.values import BY_COMMAND, period_around


def row_values(wish: Wish, known: Known, standing: Standing) -> tuple[dict[str, Any], list[str]]:
    """The values of a row, and a sentence for each that cannot be read. An empty cell of a list says nothing."""
    values: dict[str, Any] = {}
    problems: list[str] = []
    for name, text in wish.texts.items():
        described = KINDS[wish.kind].field(name)
        if described is None or (wish.is_foreign and not text.strip()):
            continue
        if name in BY_COMMAND:
            problems.append(BY_COMMAND[name])
            continue
        try:
            values[name] = _value(described, text, known, standing)
        except LrflowError as fault:
            problems.append(f"{wish.called(name)}: {said(fault)}")
            wish.faulty.add(name)
            continue
        if described.required and values[name] in (None, "") and wish.key:
            problems.append(f"{wish.called(name)}: cannot be empty")
    return values, problems


def _value(described: Field, text: str, known: Known, standing: Standing) -> Any:
    if not text.strip():
        return None
    match described.type:
        case "ref":
            return referring.reference(known, described, text.strip())
        case "refs":
            return referring.references(known, described, text.strip())
        case "key":
            return referring.about(known, text.strip())
    facts = standing.facts
    return read_value(described, text, facts.today, vocabulary(described, standing), period_around(facts))


def missing_values(wish: Wish, given: Container[str]) -> list[str]:
    """A sentence for each field that a new record needs and that is not *given*, unless it is faulty already."""
    missing = [
        each
        for each in KINDS[wish.kind].fields
        # Who a row is about is looked for, and missed, where people are found.
        if each.required and each.name not in given and each.to != "person" and wish.kind != "person"
    ]
    return [_why_missing(each, wish) for each in missing if _asked_as(each, wish) not in wish.faulty]


def _why_missing(described: Field, wish: Wish) -> str:
    name = _asked_as(described, wish)
    words = f": {', '.join(described.choices)}" if described.choices else ""
    needed = "which alliance" if name == "organisation" else f"{described.help}{words}"
    if wish.is_foreign and name not in wish.titles:
        header = "Alliance" if name == "organisation" else title_called(name)
        wish.lacks.add(header)
        return f"{header}: no column says it, and it is needed ({needed})"
    return f"{wish.called(name)}: is empty, and is needed ({needed})"


def _asked_as(described: Field, wish: Wish) -> str:
    """The column that fills the field: a delegation is found by the alliance that a row names."""
    return "organisation" if described.to == "delegation" and wish.kind == "participant" else described.name


def edited_values(wish: Wish, values: dict[str, Any]) -> dict[str, Any]:
    """What a row changes of *record*: whatever a workbook's cells say anew, and what a list says at all."""
    return {name: value for name, value in values.items() if value is not None or not wish.is_foreign}
