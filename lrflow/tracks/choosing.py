"""From what was typed to the records meant: ids, ranges, kinds with filters, addresses, parts of names."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lrflow import store
from lrflow.catalogue import KINDS, Field, kind_of, kind_of_key, read_key, split_keys
from lrflow.database import Unit
from lrflow.definition import Definition
from lrflow.errors import Misused, NotFound
from lrflow.facts import Facts, Record
from lrflow.store import Standing
from lrflow.tracks.naming import name_of as name_of
from lrflow.tracks.narrowing import narrow


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
        for record in _meant(word, standing.facts):
            found[(record.kind, record.key)] = record
    kinds = list(dict.fromkeys([each.kind for each in found.values()]))
    kept = _narrowed(list(found.values()), kinds, which, standing.facts, standing.definition)
    if not kept:
        kinds = [kind for word in which.words for kind in _kinds_called(word)]
        sought = " ".join((*which.words, *which.where))
        raise NotFound(f"no record matches {sought}", remedy=f"lrflow list {(kinds or ['KIND'])[0]}")
    return sorted(kept, key=lambda each: (each.kind, each.order))


def choose_all(kind: str, which: Which, facts: Facts, definition: Definition | None) -> list[Record]:
    """The records of *kind* that the filters of *which* leave, by id (people and organisations by name), or none."""
    found = _narrowed(list(facts.of(kind)), [kind], which, facts, definition)
    return sorted(found, key=lambda each: each.order) if KINDS[kind].letter else found


def _narrowed(
    records: list[Record], kinds: Sequence[str], which: Which, facts: Facts, definition: Definition | None
) -> list[Record]:
    left_out = {key for each in which.but for key in (split_keys(each) or [each.upper()])}
    kept = [each for each in records if each.key not in left_out]
    if which.of:
        parents = _meant(which.of, facts)
        kept = [each for each in kept if any(belongs(each, parent, facts) for parent in parents)]
    return narrow(kept, kinds, which.where, facts, definition)


def belongs(record: Record, parent: Record, facts: Facts) -> bool:
    """Whether *record* refers to *parent*, or belongs to a record that does: the actions of a delegation's plans."""
    described = KINDS[record.kind]
    for field in described.fields:
        if field.to == parent.kind or field.type == "key":
            value = record[field.name]
            if parent.key in (value if isinstance(value, list) else [str(value)]):
                return True
    above = described.field(described.parent)
    owner = facts.find(above.to, record[above.name]) if above and record[above.name] else None
    return owner is not None and belongs(owner, parent, facts)


def _meant(word: str, facts: Facts) -> Sequence[Record]:
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
