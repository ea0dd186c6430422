"""Everything a list may refer to, ready to be found by what people write: addresses, names, titles, ids."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lrflow import store
from lrflow.catalogue import KINDS
from lrflow.database import Unit
from lrflow.errors import LrflowError
from lrflow.facts import Facts, Record
from lrflow.lists.likeness import Index, folded, near
from lrflow.store import Standing
from lrflow.tracks.placing import is_gone, once_by

_NAMED = {  # the fields by which a record of a kind is the same one, where a list gives no id
    "offer": ("organisation",),
    "experience": ("title",),
    "evidence": ("about", "what"),
    "case": ("experience",),
    "objective": ("title",),
    "champion": ("person",),
    "delegation": ("organisation",),
    "participant": ("person",),
    "session": ("on", "kind", "experience", "title"),
    "plan": ("delegation", "title"),
    "action": ("plan", "title"),
    "checkin": ("delegation", "month"),
    "cascade": ("delegation", "on", "level", "organisation", "what"),
    "sharing": ("sort", "organisation", "title"),
    "budget": ("what", "amount", "on"),
}

_SHORT_NAME = re.compile(r"^(.+?)\s*\((\S*[A-Z]\S*[A-Z]\S*[A-Z]\S*)\)\s*$")  # Nutrition Alliance (CSONA)
_SEVERAL = 0  # in place of a number: more than one is called so


class Known:
    """What there is: organisations and people of the programme, records of the route. It learns as a list is read."""

    def __init__(self, unit: Unit, standing: Standing) -> None:
        self.facts = standing.facts
        self.records: dict[tuple[str, str], Record] = {}
        self.organisations: dict[str, int] = {}
        self.by_email: dict[str, Record] = {}
        self.by_name: dict[str, list[Record]] = {}
        self.shared: dict[tuple[str, int], Record] = {}
        self._twins: dict[tuple[Any, ...], Record] = {}
        self._gone: dict[tuple[Any, ...], Record] = {}
        self.expected: frozenset[str] = frozenset()  # names of organisations that the rows may bring
        self.notes: dict[str, None] = {}  # what was taken to mean what, once each, in order
        self._titles: dict[tuple[str, str], list[str]] = {}
        self._aliases: dict[str, int] = {}  # what organisations are called beside their whole names
        self._alliances: dict[str, list[int]] | None = None  # by country
        self._near: dict[str, Index] = {}
        self._words: dict[str, Mapping[str, Sequence[Record]]] = {}
        self._learnt_of: set[str] = set()
        self._learnt: list[tuple[dict[Any, Any], Any, Any]] = []  # of this row: where, under which key, what before
        for kind in ("organisation", "person"):
            for record in store.all_shared(unit, kind):
                self.learn(record)
        for described in KINDS.values():
            for record in standing.facts.of(described.name) if described.letter else ():
                self.learn(record)

    def learn(self, record: Record) -> None:
        """Know *record*, as it is now."""
        self._learnt_of.add(record.kind)
        if record.kind != "organisation" or record["name"] not in self.expected:
            self._look_anew(record.kind)
        if record.kind == "organisation":
            self._alliances = None
            self._learn_organisation(record)
            return
        if record.kind == "person":
            self._learn_person(record)
            return
        self._keep(self.records, (record.kind, record.key), record)
        self._keep(self._gone if is_gone(record) else self._twins, twin_key(record.kind, record.values), record)
        title = (record.kind, folded(str(record["title"] or "")))
        if title[1]:
            keys = self._titles.get(title, [])
            self._keep(self._titles, title, keys if record.key in keys else [*keys, record.key])

    def _learn_organisation(self, record: Record) -> None:
        name, number = str(record["name"]), int(record.key)
        self._keep(self.organisations, folded(name), number)
        self._keep(self.shared, ("organisation", number), record)
        for alias in short_names(name):
            other = self._aliases.get(alias, number)
            self._keep(self._aliases, alias, number if other == number else _SEVERAL)

    def _learn_person(self, record: Record) -> None:
        if record["email"]:
            self._keep(self.by_email, str(record["email"]).casefold(), record)
        name = folded(str(record["name"]))
        same = [each for each in self.by_name.get(name, []) if each.key != record.key]
        self._keep(self.by_name, name, [*same, record])
        self._keep(self.shared, ("person", int(record.key)), record)

    def _keep(self, place: dict[Any, Any], key: Any, value: Any) -> None:
        self._learnt.append((place, key, place.get(key)))
        place[key] = value

    def begin_row(self) -> None:
        """From here on, what is learnt can be forgotten together."""
        self._learnt.clear()
        self._learnt_of.clear()

    def forget_row(self) -> None:
        """Forget what was learnt since the row began: it did not stay."""
        for place, key, before in reversed(self._learnt):
            if before is None:
                del place[key]
            else:
                place[key] = before
        self._learnt.clear()
        for kind in self._learnt_of - {"organisation"}:  # an organisation that is not there is never near
            self._look_anew(kind)
        self._alliances = None if "organisation" in self._learnt_of else self._alliances

    def _look_anew(self, kind: str) -> None:
        """Let go of what was worked out of the records of *kind*."""
        self._near.pop(kind, None)
        self._words.pop(kind, None)

    def note(self, sentence: str) -> None:
        """Keep what people should see before anything is written: what was taken to mean what."""
        self.notes[sentence] = None

    def record(self, kind: str, key: str) -> Record | None:
        """The record of *kind* with that id."""
        return self.records.get((kind, key))

    def twin(self, kind: str, values: Mapping[str, Any]) -> Record | None:
        """The record of *kind* that is the same one as a row with *values*, if there is one."""
        return self._twins.get(twin_key(kind, values))

    def of(self, kind: str) -> Iterator[Record]:
        """Every record of *kind*."""
        return (each for (of, _), each in self.records.items() if of == kind)

    def gone(self, kind: str, values: Mapping[str, Any]) -> Record | None:
        """The record that was the same one, and left: withdrawn, declined, replaced."""
        return self._gone.get(twin_key(kind, values))

    def organisation(self, name: str) -> int | None:
        """The organisation called *name*, however it is typed, by its whole name or by a short one in brackets."""
        found = self.organisations.get(folded(name))
        if found is None and "(" not in name:
            found = self._aliases.get(folded(name))
        elif found is None:
            # Of two names with brackets, only one of which can be in them, neither is the other's.
            found = next((self.organisations[each] for each in short_names(name) if each in self.organisations), None)
        return found or None

    def near_organisations(self, name: str) -> tuple[str, ...]:
        """The names that *name* may be a slip of."""
        if "organisation" not in self._near:
            names = [str(each["name"]) for (kind, _), each in self.shared.items() if kind == "organisation"]
            self._near["organisation"] = Index.of([*names, *self.expected])
        return tuple(each for each in near(name, self._near["organisation"]) if folded(each) in self.organisations)

    def alliance_of(self, country: str) -> int | None:
        """The only alliance of *country*; None where there are several or none."""
        if self._alliances is None:
            self._alliances = {}
            for (kind, number), each in self.shared.items():
                if kind == "organisation" and (each["kind"] == "csa" or each["in_registry"]) and each["country"]:
                    self._alliances.setdefault(str(each["country"]), []).append(number)
        found = self._alliances.get(country, [])
        return found[0] if len(found) == 1 else None

    def titled(self, kind: str, title: str) -> list[str]:
        """The ids of the records of *kind* with that title."""
        return self._titles.get((kind, folded(title)), [])

    def near_titles(self, kind: str, title: str) -> tuple[str, ...]:
        """The titles of *kind* that *title* may be a slip of."""
        if kind not in self._near:
            self._near[kind] = Index.of(str(each["title"]) for each in self.of(kind) if each["title"])
        return near(title, self._near[kind])

    def with_words(self, kind: str, text: str) -> list[Record]:
        """The records of *kind* in whose title, or in whose person's name, the words of *text* stand together."""
        said = folded(text)
        if kind not in self._words:
            by_word: dict[str, list[Record]] = {}
            for record in self.of(kind):
                for word in set(folded(self.called(record)).split()):
                    by_word.setdefault(word, []).append(record)
            self._words[kind] = by_word
        with_each = [self._words[kind].get(word, ()) for word in said.split()]
        rarest: Sequence[Record] = min(with_each, key=len, default=())
        return [each for each in rarest if f" {said} " in f" {folded(self.called(each))} "]

    def called(self, record: Record) -> str:
        """What people call *record*: its person, its organisation, its title."""
        for name in ("person", "organisation"):
            number = record[name]
            if isinstance(number, int) and (shared := self.shared.get((name, number))):
                return str(shared["name"])
        words = (record[name] for name in ("title", "what", "name", "experience", "kind", "sort", "delegation"))
        return str(next((word for word in words if word), ""))

    def person(self, name: str, organisation: int | None = None) -> Record | None:
        """The one person called *name* (of *organisation*, where several are)."""
        same = self.by_name.get(folded(name), [])
        own = [each for each in same if organisation is not None and each["organisation"] == organisation]
        found = own or same
        return found[0] if len(found) == 1 else None


def short_names(name: str) -> tuple[str, ...]:
    """What *name* says before brackets and in them, folded: CSONA, and the long name it stands behind."""
    match = _SHORT_NAME.match(name.strip())
    return tuple(each for each in map(folded, match.groups()) if each) if match else ()


def twin_key(kind: str, values: Mapping[str, Any]) -> tuple[Any, ...]:
    """What makes a record of *kind* the same one as another: names folded, the rest as it is."""
    names = (once_by(kind, values),) if once_by(kind, values) else _NAMED.get(kind, ())
    if kind == "sharing" and names == ("organisation",):
        names = ("sort", "organisation")
    parts = (values.get(name) for name in names)
    return (kind, *(folded(each) if isinstance(each, str) else str(each) for each in parts))


def said(fault: LrflowError) -> str:
    """*fault* as the reason beside a row, with how to write it instead where that is known."""
    how = next((f" ({each})" for each in fault.remedy if each.startswith("write it")), "")
    return "; ".join(each.rstrip(".") for each in (fault.message, *fault.problems)) + how


def facts_with(facts: Facts, known: Known) -> Facts:
    """*facts* with every record of the route that *known* has learnt."""
    by_kind: dict[str, list[Record]] = {}
    for (kind, _), record in known.records.items():
        by_kind.setdefault(kind, []).append(record)
    records = {kind: tuple(sorted(found, key=lambda each: each.order)) for kind, found in by_kind.items()}
    shared = {
        kind: tuple(each for (of, _), each in known.shared.items() if of == kind) for kind in ("organisation", "person")
    }
    return replace(facts, records={**facts.records, **records, **shared})
