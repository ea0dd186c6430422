"""From the texts of a row to values of the catalogue, every fault at once."""

from typing import Any

from lrflow.catalogue import KINDS, Field
from lrflow.catalogue.reading import read_value
from lrflow.errors import LrflowError
from lrflow.lists.known import Known, said
from lrflow.lists.wishes import Wish
from lrflow.store import Standing
from lrflow.tracks.choosing import vocabulary
from lrflow.tracks.values import BY_COMMAND


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
            problems.append(f"{name}: {said(fault)}")
            continue
        if described.required and values[name] in (None, "") and wish.key:
            problems.append(f"{name}: cannot be empty")
    return values, problems


def _value(described: Field, text: str, known: Known, standing: Standing) -> Any:
    if not text.strip():
        return None
    if described.type == "ref":
        return known.reference(described, text.strip())
    value = read_value(described, text, standing.facts.today, vocabulary(described, standing))
    if described.type == "refs":
        return [known.reference(described, key) for key in value]
    return value


def edited_values(wish: Wish, values: dict[str, Any]) -> dict[str, Any]:
    """What a row changes of *record*: whatever a workbook's cells say anew, and what a list says at all."""
    return {name: value for name, value in values.items() if value is not None or not wish.is_foreign}
