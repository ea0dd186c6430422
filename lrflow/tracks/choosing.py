"""From what was typed to the records meant: ids, ranges, kinds with filters, addresses, parts of names."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from lrflow import store
from lrflow.catalogue import KINDS, Field, derived_fields, kind_of, kind_of_key, read_key, split_keys
from lrflow.catalogue.reading import read_value
from lrflow.database import Unit
from lrflow.errors import Misused, NotFound
from lrflow.facts import Facts, Record, text_of
from lrflow.store import Standing

_NAMED_BY = ("title", "person.name", "person.email", "organisation.name", "guard")
_ELSE_BY = {"case": "experience.title", "evidence": "what", "budget": "what", "sharing": "sort", "session": "kind"}


@dataclass(frozen=True, slots=True)
class Which:
    """The records a command is about, as typed: words, and filters that narrow a whole kind."""

    words: tuple[str, ...]
    of: str = ""
    where: tuple[str, ...] = ()
    but: tuple[str, ...] = ()


def choose(which: Which, standing: Standing) -> list[Record]:
    """The records meant by *which*, in the order of their ids. `NotFound` and `Misused` name the candidates."""
    found: dict[tuple[str, str], Record] = {}
    for word in which.words:
        for record in _meant(word, which, standing.facts):
            found[(record.kind, record.key)] = record
    left_out = {key for each in which.but for key in (split_keys(each) or [each.upper()])}
    kept = [each for each in found.values() if each.key not in left_out and _passes(each, which, standing)]
    if not kept:
        kinds = [kind for word in which.words for kind in _kinds_called(word)]
        sought = " ".join((*which.words, *which.where))
        raise NotFound(f"no record matches {sought}", remedy=f"lrflow list {(kinds or ['KIND'])[0]}")
    return sorted(kept, key=lambda each: (each.kind, each.order))


def _meant(word: str, which: Which, facts: Facts) -> Sequence[Record]:
    keys = split_keys(word)
    if len(keys) > 1:
        return [found for key in keys if (found := _by_key(key, facts))] or _missing(word)
    if keys or read_key(word):
        found = _by_key(read_key(word) or word, facts)
        return [found] if found else _missing(word)
    kinds = _kinds_called(word)
    if kinds:
        return [record for kind in kinds for record in facts.of(kind)]
    return [one_called(word, facts)]


def _missing(word: str) -> Sequence[Record]:
    raise NotFound(f"there is no {word}", remedy=f"lrflow list {(kind_of_key(word.split('-')[0]) or ('KIND',))[0]}")


def _by_key(key: str, facts: Facts) -> Record | None:
    return next((found for kind in kind_of_key(key) if (found := facts.find(kind, key))), None)


def _kinds_called(word: str) -> list[str]:
    letter = word.strip().upper()
    by_letter = [kind.name for kind in KINDS.values() if kind.letter == letter]
    if by_letter:
        return by_letter
    try:
        return [kind_of(word).name]
    except Misused:
        return []


def one_called(word: str, facts: Facts, kinds: Sequence[str] = ()) -> Record:
    """The one record whose name contains *word*; several or none is an error that lists what there is."""
    wanted = word.casefold()
    pool = [
        each for kind in (kinds or [kind.name for kind in KINDS.values() if kind.letter]) for each in facts.of(kind)
    ]
    named = [(each, name_of(each, facts)) for each in pool]
    found = [each for each, name in named if wanted in name.casefold()]
    if len(found) == 1:
        return found[0]
    if not found:
        raise NotFound(f"nothing is called {word!r}", remedy="lrflow list KIND shows ids and names")
    candidates = [f"{each.key}  {name}" for each, name in named if each in found][:12]
    raise Misused(f"{word!r} may mean {len(found)} records", problems=candidates, remedy="type the id instead")


def name_of(record: Record, facts: Facts) -> str:
    """What people call *record*: its title, its person with the address, or its organisation."""
    parts = [facts.value(record, path) for path in _NAMED_BY if "." not in path or _leads_on(record, path)]
    words = [str(part) for part in parts if part]
    return " ".join(words) or text_of(facts.value(record, _ELSE_BY.get(record.kind, "delegation.organisation.name")))


def _leads_on(record: Record, path: str) -> bool:
    field = KINDS[record.kind].field(path.partition(".")[0]) if record.kind in KINDS else None
    return field is not None and field.type == "ref"


def _passes(record: Record, which: Which, standing: Standing) -> bool:
    if which.of and not _belongs(record, which.of.upper()):
        return False
    return all(_satisfies(record, condition, standing) for condition in which.where)


def _belongs(record: Record, parent: str) -> bool:
    fields = KINDS[record.kind].fields
    return any(parent == record[field.name] for field in fields if field.type == "ref") or any(
        parent in (record[field.name] or ()) for field in fields if field.type == "refs"
    )


def _satisfies(record: Record, condition: str, standing: Standing) -> bool:
    name, sign, text = condition.partition("=")
    if not sign:
        raise Misused(f"{condition!r} is not field=value", remedy="--where state=confirmed")
    field = KINDS[record.kind].field(name)
    _check_known(record, name.partition(".")[0])
    value = standing.facts.value(record, name)
    if field is None or field.type in ("ref", "key", "text", "prose"):
        return text_of(value).casefold() == text.casefold()
    wanted = read_value(field, text, standing.facts.today, vocabulary(field, standing))
    return bool(
        wanted in value
        if isinstance(value, list) and not isinstance(wanted, list)
        else value == wanted or _in(value, wanted)
    )


def _check_known(record: Record, name: str) -> None:
    known = [*(field.name for field in KINDS[record.kind].fields), *derived_fields(record.kind), *record.values]
    if name not in known:
        near = [f"did you mean {each}?" for each in get_close_matches(name, known, n=1)]
        raise Misused(f"{record.kind} has no field {name!r}", problems=near, remedy=f"lrflow show {record.key}")


def _in(value: Any, wanted: Any) -> bool:
    return isinstance(value, list) and isinstance(wanted, list) and set(wanted) <= set(value)


def vocabulary(field: Field, standing: Standing) -> tuple[str, ...]:
    """The words *field* accepts in the workflow of the route."""
    return tuple(standing.definition.vocabularies.get(field.vocabulary, ()))


def referred(unit: Unit, field: Field, text: str, facts: Facts | None) -> Any:
    """The id of the record, person or organisation that *text* names, for a field that refers to one."""
    if not text.strip(" .…"):
        raise Misused(f"... stands for what only you know: {field.help or field.name}")
    if field.to == "person":
        who = f'"NAME" {text}' if "@" in text else f'"{text}" EMAIL'
        return _one_row("person", store.find_people(unit, text), text, f"lrflow add person {who}")
    if field.to == "organisation":
        return _one_row(
            "organisation",
            store.find_organisations(unit, text),
            text,
            f'lrflow add organisation "{text}" kind=csa country=XX',
        )
    if facts is None:
        raise Misused(f"{field.name} refers to a record of a route", remedy="lrflow use ROUTE")
    key = read_key(text)
    if key:
        if facts.find(field.to, key) is None:
            raise NotFound(f"there is no {field.to} {text}", remedy=f"lrflow list {field.to}")
        return key
    return one_called(text, facts, [field.to]).key


def _one_row(what: str, rows: Sequence[dict[str, Any]], text: str, remedy: str) -> int:
    if not rows:
        raise NotFound(f"there is no {what} {text!r}", remedy=remedy)
    if len(rows) > 1:
        candidates = [f"{row['name']}  {row.get('email') or ''}".rstrip() for row in rows[:12]]
        raise Misused(
            f"{text!r} may mean {len(rows)} {KINDS[what].plural}", problems=candidates, remedy="type it in full"
        )
    return int(rows[0]["id"])
