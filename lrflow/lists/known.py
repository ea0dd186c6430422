"""Everything a list may refer to, ready to be found by what people write: addresses, names, titles, ids."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lrflow import store
from lrflow.catalogue import KINDS, Field, read_key
from lrflow.database import Unit
from lrflow.errors import LrflowError, Misused, NotFound
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

_NUMBERED = re.compile(r"\(no\. (\d+)\)$")  # how a workbook tells two of the same name apart


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
        self._titles: dict[tuple[str, str], list[str]] = {}
        self._near: dict[str, Index] = {}
        self._learnt: list[tuple[dict[Any, Any], Any, Any]] = []  # of this row: where, under which key, what before
        for kind in ("organisation", "person"):
            for record in store.all_shared(unit, kind):
                self.learn(record)
        for described in KINDS.values():
            for record in standing.facts.of(described.name) if described.letter else ():
                self.learn(record)

    def learn(self, record: Record) -> None:
        """Know *record*, as it is now."""
        if record.kind == "organisation":
            self._keep(self.organisations, folded(str(record["name"])), int(record.key))
            self._keep(self.shared, ("organisation", int(record.key)), record)
            self._near.pop("organisation", None)
            return
        if record.kind == "person":
            self._learn_person(record)
            return
        self._keep(self.records, (record.kind, record.key), record)
        if not is_gone(record):
            self._keep(self._twins, twin_key(record.kind, record.values), record)
        title = (record.kind, folded(str(record["title"] or "")))
        if title[1]:
            keys = self._titles.get(title, [])
            self._keep(self._titles, title, keys if record.key in keys else [*keys, record.key])

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

    def forget_row(self) -> None:
        """Forget what was learnt since the row began: it did not stay."""
        for place, key, before in reversed(self._learnt):
            if before is None:
                del place[key]
            else:
                place[key] = before
        self._learnt.clear()
        self._near.clear()

    def record(self, kind: str, key: str) -> Record | None:
        """The record of *kind* with that id."""
        return self.records.get((kind, key))

    def twin(self, kind: str, values: Mapping[str, Any]) -> Record | None:
        """The record of *kind* that is the same one as a row with *values*, if there is one."""
        return self._twins.get(twin_key(kind, values))

    def organisation(self, name: str) -> int | None:
        """The organisation called *name*, however it is typed."""
        return self.organisations.get(folded(name))

    def near_organisations(self, name: str) -> tuple[str, ...]:
        """The names that *name* may be a slip of."""
        if "organisation" not in self._near:
            names = [str(each["name"]) for (kind, _), each in self.shared.items() if kind == "organisation"]
            self._near["organisation"] = Index.of(names)
        return near(name, self._near["organisation"])

    def person(self, name: str, organisation: int | None = None) -> Record | None:
        """The one person called *name* (of *organisation*, where several are)."""
        same = self.by_name.get(folded(name), [])
        own = [each for each in same if organisation is not None and each["organisation"] == organisation]
        found = own or same
        return found[0] if len(found) == 1 else None

    def reference(self, field: Field, text: str) -> Any:
        """The id of what *text* names, for a field that refers to one. `NotFound` and `Misused` say what there is."""
        numbered = _NUMBERED.search(text)
        if numbered and (field.to, int(numbered[1])) in self.shared:
            return int(numbered[1])
        if field.to == "organisation":
            found = self.organisation(text)
            return found if found is not None else self._unknown(field, text)
        if field.to == "person":
            return self._person(text)
        key = read_key(text)
        if key:
            if self.record(field.to, key) is None:
                raise NotFound(f"there is no {field.to} {text}")
            return key
        keys = self._titles.get((field.to, folded(text)), [])
        if not keys and field.to in ("delegation", "participant", "champion"):
            keys = self._by_bearer(field.to, text)
        if len(keys) != 1:
            what = f"{text!r} may mean {', '.join(keys)}" if keys else f"there is no {field.to} {text!r}"
            raise (Misused if keys else NotFound)(what)
        return keys[0]

    def _by_bearer(self, kind: str, text: str) -> list[str]:
        """A delegation by its alliance, a participant or champion by name or address."""
        if kind == "delegation":
            number: Any = self.organisation(text)
            twin = self.twin(kind, {"organisation": number}) if number is not None else None
            return [twin.key] if twin else []
        person = self.by_email.get(text.casefold()) or self.person(text)
        twin = self.twin(kind, {"person": int(person.key)}) if person else None
        return [twin.key] if twin else []

    def _person(self, text: str) -> int:
        found = self.by_email.get(text.strip().casefold()) or (None if "@" in text else self.person(text))
        if found is None:
            same = self.by_name.get(folded(text), [])
            if len(same) > 1:
                raise Misused(f"{len(same)} people are called {text!r}: give the address")
            raise NotFound(f"nobody is known as {text!r}")
        return int(found.key)

    def _unknown(self, field: Field, text: str) -> Any:
        alike = self.near_organisations(text)
        hint = f", did you mean {alike[0]}?" if alike else ""
        raise NotFound(f"{text!r} is not known as an organisation{hint}")


def twin_key(kind: str, values: Mapping[str, Any]) -> tuple[Any, ...]:
    """What makes a record of *kind* the same one as another: names folded, the rest as it is."""
    names = (once_by(kind, values),) if once_by(kind, values) else _NAMED.get(kind, ())
    if kind == "sharing" and names == ("organisation",):
        names = ("sort", "organisation")
    parts = (values.get(name) for name in names)
    return (kind, *(folded(each) if isinstance(each, str) else str(each) for each in parts))


def said(fault: LrflowError) -> str:
    """*fault* as the reason beside a row."""
    return "; ".join(each.rstrip(".") for each in (fault.message, *fault.problems))


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
