"""Conditions that narrow many records to a few: state=confirmed+cleared, due<2016-12-01, organisation.country=MW."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from lrflow.catalogue import KINDS, Field, Money, derived_fields, read_key, split_keys
from lrflow.catalogue.reading import read_choice, read_day, read_value, read_yes
from lrflow.checks import day_range, has_reached, is_filled
from lrflow.definition import Definition
from lrflow.errors import Misused, NotFound
from lrflow.facts import DERIVED_REFS, Facts, Record, text_of
from lrflow.tracks.naming import name_of

_CONDITION = re.compile(r"^\s*([A-Za-z][\w.-]*?)\s*(!=|<=|>=|=|<|>)(.*)$", re.DOTALL)
_LIKE_TEXT = ("text", "prose", "texts", "pairs", "email", "zone")  # what may hold a + of its own
_ORDERED = ("day", "number", "decimal", "money")
_OF_ROUTES = ("key", "stage", "status")
_INHERITED = {"person.language": ("person.organisation.language", "delegation.organisation.language")}

Test = Callable[[Record], bool]
Matcher = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition as typed: a field or a path, a sign, a text; an empty text asks whether something is there."""

    path: str
    sign: str
    text: str


def read_condition(word: str) -> Condition:
    """*word* taken apart; `Misused` when it is none."""
    match = _CONDITION.match(word)
    if not match:
        raise Misused(f"{word!r} is not field=value", remedy="--where state=confirmed")
    return Condition(match[1].replace("-", "_"), match[2], match[3].strip())


def is_condition(word: str) -> bool:
    """Whether *word* is a condition rather than a name or an id."""
    return _CONDITION.match(word) is not None


def narrow(
    records: Iterable[Record],
    kinds: Sequence[str],
    conditions: Sequence[str],
    facts: Facts,
    definition: Definition | None,
) -> list[Record]:
    """Those of *records* that meet every condition, in their order.

    Each condition is read once for each of *kinds*. Where several kinds are meant, those without the field have no
    record that meets it; where none has it, `Misused` names near ones. A value is one of several joined by +.
    """
    kept = list(records)
    for condition in [read_condition(word) for word in conditions]:
        tests = _tests(kinds, condition, facts, definition)
        kept = [each for each in kept if each.kind in tests and tests[each.kind](each)]
    return kept


def _tests(kinds: Sequence[str], condition: Condition, facts: Facts, definition: Definition | None) -> dict[str, Test]:
    known = [kind for kind in kinds if _has(kind, condition.path, definition)]
    return {kind: _test(kind, condition, facts, definition) for kind in known or kinds[:1]}


def _has(kind: str, path: str, definition: Definition | None) -> bool:
    if path == "reached":
        return definition is not None and kind in definition.lives
    try:
        return bool(place_of(kind, path, definition))
    except Misused:
        return False


# ------------------------------------------------------------------------------------------------- from words to places


def place_of(kind: str, path: str, definition: Definition | None = None) -> tuple[str, Field | None]:
    """*path* as the facts are asked for it, and the field it ends in; None where the value is worked out.

    A participant or a champion has the fields of the person too. `Misused` names near words, and kinds that do have it.
    """
    name, _, rest = path.partition(".")
    life = definition.lives.get(kind) if definition else None
    described = KINDS[kind].field(name)
    if name == "state" and KINDS[kind].letter:
        field: Field | None = Field("state", "choice", "the state of its life", choices=life.states if life else ())
    elif described is None and (name == "id" or (name == "name" and KINDS[kind].lead != ("person",))):
        field = Field(name, "key" if name == "id" else "text", "")
    elif described is None and (kind, name) in DERIVED_REFS:
        field = Field(name, "ref", derived_fields(kind)[name], to=DERIVED_REFS[(kind, name)])
    elif described is not None or name in derived_fields(kind) or (kind == "route" and name in _OF_ROUTES):
        field = described
    elif KINDS[kind].lead == ("person",) and KINDS["person"].field(name):
        return place_of(kind, f"person.{path}", definition)
    else:
        raise _unknown(kind, name)
    if not rest:
        return path, field
    if field is None or field.type != "ref":
        raise Misused(f"{name} of {kind} leads to no other record", remedy=f"lrflow list {kind} {name}=...")
    further, end = place_of(field.to, rest, definition)
    return f"{name}.{further}", end


def fields_known(kind: str) -> list[str]:
    """Every word that may stand on the left of a condition on *kind*."""
    own = ["state", "reached", "id"] if KINDS[kind].letter else ["id"]
    person = [each.name for each in KINDS["person"].fields] if KINDS[kind].lead == ("person",) else []
    named = [each.name for each in KINDS[kind].fields]
    return list(dict.fromkeys([*named, *own, *derived_fields(kind), *person]))


def _unknown(kind: str, name: str) -> Misused:
    known = fields_known(kind)
    near = get_close_matches(name, known, n=1)
    others = [each.name for each in KINDS.values() if each.letter and each.field(name)]
    says = [f"did you mean {near[0]}?"] if near else [f"it has {', '.join(known)}"]
    says += [f"{', '.join(others)} {'has' if len(others) == 1 else 'have'} it"] if others else []
    remedy = f"lrflow list {kind} {near[0] if near else known[0]}=..."
    return Misused(f"{kind} has no field {name!r}", problems=says, remedy=remedy)


# ------------------------------------------------------------------------------------------------- from places to tests


def _test(kind: str, condition: Condition, facts: Facts, definition: Definition | None) -> Test:
    if condition.path == "reached":
        return _reached(kind, condition, definition)
    path, field = place_of(kind, condition.path, definition)
    is_name = field is not None and field.name == "name"
    if is_name and condition.text:  # what something is called may be given in part, as everywhere
        before = path.rpartition(".")[0]
        owner = place_of(kind, before, definition)[1] if before else None
        field = Field("name", "ref", "", to=owner.to if owner else kind)
        path = before or "id"
    matcher = _matcher(path, field, condition, facts, definition, is_name=is_name)

    def test(record: Record) -> bool:
        return matcher(value_at(record, path, facts))

    return test


def value_at(record: Record, path: str, facts: Facts) -> Any:
    """What *record* holds at a path of `place_of`: its id and its name too.

    The language of a person who names none is that of the organisation, in which messages are written.
    """
    if path == "id":
        return record.key
    if path == "name" and record["name"] is None:
        return name_of(record, facts)
    paths = (path, *_INHERITED.get(path, ()))
    return next((found for each in paths if is_filled(found := facts.value(record, each))), None)


def _reached(kind: str, condition: Condition, definition: Definition | None) -> Test:
    life = definition.lives.get(kind) if definition else None
    if life is None or definition is None:
        raise Misused(f"{KINDS[kind].plural} have no states")
    if condition.sign not in ("=", "!="):
        raise Misused("reached has no order: write reached=STATE", remedy=f"one of: {', '.join(life.path)}")
    states = [read_choice("reached", each, life.path) for each in condition.text.split("+")]
    wanted, known = condition.sign == "=", definition
    return lambda record: any(has_reached(known, record, state) for state in states) is wanted


def _matcher(
    path: str,
    field: Field | None,
    condition: Condition,
    facts: Facts,
    definition: Definition | None,
    *,
    is_name: bool,
) -> Matcher:
    text, sign = condition.text, condition.sign
    if sign not in ("=", "!="):
        return _ordered(field, condition, facts)
    if not text:
        equal: Matcher = _is_empty
    elif field is None:
        equal = _loosely(condition)
    elif field.type in ("ref", "refs", "key"):
        equal = _one_of(_keys(field, text, facts, may_be_none=is_name or field.type == "key"))
    elif field.type in _LIKE_TEXT:
        equal = _one_of({each.casefold() for each in _alternatives(text)})
    elif field.type == "day":
        days = [day_range(read_day(each, facts.today, month=True)) for each in text.split("+")]
        equal = _in_days(days)
    elif field.type == "weekdays":
        equal = _one_of_values([read_value(field, text, facts.today)])  # fri+sat is one value, not either of two
    else:
        equal = _one_of_values(_wanted(field, text, facts.today, definition))
    return equal if sign == "=" else lambda value: not equal(value)


def _is_empty(value: Any) -> bool:
    return not is_filled(value)


def _alternatives(text: str) -> list[str]:
    parts = [part.strip() for part in text.split("+") if part.strip()]
    return [text] if len(parts) < 2 else [text, *parts]


def _wanted(field: Field, text: str, today: date, definition: Definition | None) -> list[Any]:
    """The values of a closed list, or numbers and amounts, that *text* names; wrong words get the right ones back."""
    words = tuple(definition.vocabularies.get(field.vocabulary, ())) if definition else ()
    found = [read_value(field, part, today, words) for part in text.split("+") if part.strip()]
    return [value for each in found for value in (each if isinstance(each, list) else [each])]


def _one_of_values(wanted: Sequence[Any]) -> Matcher:
    return lambda value: any(each in wanted for each in value) if isinstance(value, list) else value in wanted


def _one_of(wanted: set[str]) -> Matcher:
    """Whether a text, or one text of a list, is among *wanted*, however it is written."""

    def equal(value: Any) -> bool:
        items = value if isinstance(value, list) else [value]
        return any(str(part).casefold() in wanted for item in items if item is not None for part in _parts(item))

    return equal


def _parts(item: Any) -> Sequence[Any]:
    return (item[0], " | ".join(item)) if isinstance(item, list) else (item,)


def _loosely(condition: Condition) -> Matcher:
    """Equality with a value that is worked out, whose sort is known only when it is seen."""
    words = {each.casefold() for each in _alternatives(condition.text)}

    def equal(value: Any) -> bool:
        if isinstance(value, bool):
            return value in [read_yes(condition.path, each) for each in condition.text.split("+")]
        if isinstance(value, list):
            return any(str(each).casefold() in words for each in value)
        return value is not None and text_of(value).casefold() in words

    return equal


# ------------------------------------------------------------------------------------------------------------ by name


def _keys(field: Field, text: str, facts: Facts, *, may_be_none: bool) -> set[str]:
    """The ids, folded, of what *text* names: ids, a whole name, failing that a part of one; several joined by +."""
    if field.type == "key":
        return {key.casefold() for each in _alternatives(text) for key in split_keys(each) or [each]}
    whole = _called(field.to, text, facts)
    if whole or "+" not in text:
        return whole or _none(field, text, facts, may_be_none)
    parts = [each.strip() for each in text.split("+") if each.strip()]
    return {key for part in parts for key in _called(field.to, part, facts) or _none(field, part, facts, may_be_none)}


def _called(kind: str, text: str, facts: Facts) -> set[str]:
    key = read_key(text) if KINDS[kind].letter else None
    if key:
        return {key.casefold()} if facts.find(kind, key) else set()
    wanted = text.casefold()
    named = [(each.key.casefold(), name_of(each, facts).casefold(), each) for each in facts.of(kind)]
    exact = {key for key, name, each in named if wanted in (name, str(each["email"] or "").casefold())}
    return exact or {key for key, name, _ in named if wanted in name}


def _none(field: Field, text: str, facts: Facts, may_be_none: bool) -> set[str]:
    if may_be_none:
        return set()
    names = [name_of(each, facts) for each in facts.of(field.to)]
    near = [f"did you mean {each}?" for each in get_close_matches(text, names, n=2)]
    raise NotFound(f"there is no {field.to} {text!r}", problems=near, remedy=f"lrflow list {field.to}")


# ----------------------------------------------------------------------------------------------------------- by order


def _ordered(field: Field | None, condition: Condition, facts: Facts) -> Matcher:
    """Whether a day, a number or an amount lies on that side. What is empty lies nowhere."""
    if not condition.text:
        raise Misused(f"{condition.path}{condition.sign} lacks a value", remedy=f'"{condition.path}>=today"')
    if field is not None and field.type not in _ORDERED:
        says = f"{condition.path} has no order: use = or !="
        raise Misused(says, remedy="reached=STATE" if condition.path == "state" else f"{condition.path}=...")
    if field is None:
        field = Field(condition.path, "number" if condition.text.isdigit() else "day", "")
    if field.type == "day":
        return _by_days(condition.sign, day_range(read_day(condition.text, facts.today, month=True)))
    wanted = _number(read_value(field, condition.text, facts.today))

    def lies(value: Any) -> bool:
        found = _number(value)
        return found is not None and found[0] == wanted[0] and _compared(condition.sign, found[1], wanted[1])

    return lies


def _number(value: Any) -> Any:
    """*value* as a currency, which must be the same to compare, and a number; None when it is no number."""
    if isinstance(value, Money):
        return value.currency, value.minor
    is_number = isinstance(value, int | str) and not isinstance(value, bool) and re.fullmatch(r"[\d.]+", str(value))
    return ("", Decimal(str(value))) if is_number else None


def _compared(sign: str, left: Any, right: Any) -> bool:
    return bool({"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[sign])


def _days_of(value: Any) -> tuple[date, date] | None:
    is_day = isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}(-\d{2})?", value)
    return day_range(value) if is_day else None


def _in_days(wanted: Sequence[tuple[date, date]]) -> Matcher:
    def inside(value: Any) -> bool:
        found = _days_of(value)
        return found is not None and any(first <= found[0] and found[1] <= last for first, last in wanted)

    return inside


def _by_days(sign: str, wanted: tuple[date, date]) -> Matcher:
    """Compare with a day or a whole month; what is known only to the month must lie on that side with all its days."""
    first, last = wanted

    def lies(value: Any) -> bool:
        found = _days_of(value)
        if found is None:
            return False
        return {"<": found[1] < first, "<=": found[1] <= last, ">": found[0] > last, ">=": found[0] >= first}[sign]

    return lies
