"""Read field=value words for one kind, all faults at once."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from lrflow.catalogue import KINDS, Field
from lrflow.catalogue.reading import Period, period_of, read_value
from lrflow.database import Unit
from lrflow.errors import LrflowError, Misused, NotFound
from lrflow.facts import Facts
from lrflow.store import Standing
from lrflow.tracks.choosing import referred, vocabulary

# Who stands in for somebody holds that person's roles meanwhile: not for everyone who may correct an address.
BY_COMMAND = dict.fromkeys(("away_until", "deputy"), "an absence is set by: lrflow away --until DATE --deputy EMAIL")


def split_words(words: Sequence[str]) -> dict[str, str]:
    """*words* of the form field=value by field. `Misused` for anything else."""
    pairs: dict[str, str] = {}
    for word in words:
        name, sign, value = word.partition("=")
        if not sign or not name:
            raise Misused(f"{word!r} is not field=value", remedy="write field=value, with quotes around blanks")
        pairs[name.strip().replace("-", "_")] = value
    return pairs


def read_values(unit: Unit, kind: str, words: Mapping[str, str], standing: Standing) -> dict[str, Any]:
    """The values of *words* for *kind*. Unknown fields and unreadable values are listed together."""
    values: dict[str, Any] = {}
    problems: list[str] = []
    remedies: list[str] = []
    kinds_of_fault: list[type[LrflowError]] = []
    for name, text in words.items():
        field = KINDS[kind].field(name)
        if field is None or name in BY_COMMAND:
            problems.append(BY_COMMAND.get(name) or unknown_field(kind, name))
            continue
        try:
            values[name] = read_field(unit, field, text, standing, standing.facts)
            if field.required and values[name] is None:
                problems.append(f"{name} cannot be empty")
        except LrflowError as fault:
            problems.extend([f"{name}: {fault.message}", *fault.problems])
            remedies.extend(fault.remedy)
            kinds_of_fault.append(type(fault))
    if problems:
        missing = bool(kinds_of_fault) and all(each is NotFound for each in kinds_of_fault)
        error = NotFound if missing else Misused
        raise error(f"{kind} cannot be written like this: nothing was changed", problems=problems, remedy=remedies)
    return values


def unknown_field(kind: str, name: str) -> str:
    """A sentence that *kind* has no such field, with a near one."""
    known = [field.name for field in KINDS[kind].fields]
    near = get_close_matches(name, known, n=1)
    return f"{kind} has no field {name!r}" + (f", did you mean {near[0]}?" if near else f"; it has {', '.join(known)}")


def read_field(unit: Unit, field: Field, text: str, standing: Standing, facts: Facts) -> Any:
    """One value, with references looked up."""
    if not text.strip():
        return None
    if not text.strip(" .…|"):
        raise Misused(f"... stands for what only you know: {field.help}", remedy=_words_of(field, standing))
    if field.type == "ref":
        return referred(unit, field, text.strip(), facts)
    value = read_value(field, text, facts.today, vocabulary(field, standing), period_around(facts))
    if field.type == "refs":
        return [referred(unit, field, key, facts) for key in value]
    return value


def period_around(facts: Facts) -> Period:
    """The days near which whatever is entered must lie: those of the programme, and today."""
    return period_of(facts.programme["starts_on"], facts.programme["ends_on"], facts.today)


def _words_of(field: Field, standing: Standing) -> Sequence[str]:
    known = field.choices or vocabulary(field, standing)
    return [f"{field.name}: one of {', '.join(known)}"] if known else []
