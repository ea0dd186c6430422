"""Records and the facts made of them."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from lrflow.catalogue import KINDS, Money


@dataclass(frozen=True, slots=True)
class Record:
    """One row of the programme, frozen: its kind, its id and its fields (state among them)."""

    kind: str
    key: str
    values: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.values.get(name)

    @property
    def state(self) -> str:
        """The state of its life; empty where the kind has none."""
        return str(self.values.get("state") or "")

    @property
    def order(self) -> tuple[str | int, ...]:
        """Sorts E2 before E10."""
        return tuple(int(part) if part.isdigit() else part for part in re.split(r"(\d+)", self.key))


@dataclass(frozen=True, slots=True)
class Waiver:
    """One guard set aside for one stay in one stage: by whom, why, until when, down to which number."""

    key: str
    guard: str
    stage: str
    reason: str
    actor: str
    until_on: date
    have: int | None
    floor: int | None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one route on *today*; every question a guard, a nudge rule or a report may ask is asked of it.

    A *focus* is a record judged as if already in its new state: questions about its kind then concern it alone.
    """

    route: Record
    programme: Record
    records: Mapping[str, tuple[Record, ...]]
    parameters: Mapping[str, Any]
    today: date
    holidays: Mapping[str, Mapping[date, str]] = field(default_factory=dict)  # country -> day -> name
    elsewhere: tuple[Record, ...] = ()  # what the programme's other routes cost, summed
    waivers: tuple[Waiver, ...] = ()
    roles: Mapping[str, tuple[int, ...]] = field(default_factory=dict)  # role -> people, first holder first
    derivations: "Derivations" = field(default_factory=dict)
    focus: Record | None = None
    _by_key: dict[str, dict[str, Record]] = field(init=False, repr=False, compare=False, default_factory=dict)

    def of(self, kind: str) -> tuple[Record, ...]:
        """Every record of *kind*, in the order of their ids; a single one for route and programme."""
        if kind == "route":
            return (self.route,)
        if kind == "programme":
            return (self.programme,)
        return self.records.get(kind, ())

    def subjects(self, kind: str) -> tuple[Record, ...]:
        """The records of *kind* a check is about: the focused one alone where there is a focus of that kind."""
        if self.focus is not None and self.focus.kind == kind:
            return (self.focus,)
        return self.of(kind)

    def find(self, kind: str, key: Any) -> Record | None:
        """The record of *kind* with id *key*, if the route has it."""
        known = self._by_key.get(kind)
        if known is None:  # a guard over thousands of records would otherwise look through all of them for each
            known = self._by_key[kind] = {record.key: record for record in self.of(kind)}
        return known.get(str(key))

    def focused(self, record: Record, state: str) -> "Facts":
        """These facts as if *record* were already in *state*, asking about it alone."""
        seen = replace(record, values={**record.values, "state": state})
        return replace(self.with_record(seen), focus=seen)

    def with_record(self, record: Record) -> "Facts":
        """These facts with *record* in the place of the one that bears its id, or added."""
        if self.find(record.kind, record.key) is not None:
            kept = [record if each.key == record.key else each for each in self.of(record.kind)]
        else:
            kept = sorted([*self.of(record.kind), record], key=lambda each: each.order)
        changed = replace(self, records={**self.records, record.kind: tuple(kept)})
        changed._by_key.update({kind: known for kind, known in self._by_key.items() if kind != record.kind})
        return changed

    def without(self, record: Record) -> "Facts":
        """These facts as if *record* had never been."""
        kept = tuple(each for each in self.of(record.kind) if each.key != record.key)
        return replace(self, records={**self.records, record.kind: kept})

    def value(self, record: Record, path: str) -> Any:
        """The field *path* of *record*: typed, derived, or reached through refs (delegation.organisation)."""
        name, _, rest = path.partition(".")
        value = self._own(record, name)
        if not rest:
            return value
        described = KINDS[record.kind].field(name)
        target = described.to if described else DERIVED_REFS.get((record.kind, name), "")
        other = self.find(target, value) if value not in (None, "") else None
        return self.value(other, rest) if other else None

    def _own(self, record: Record, name: str) -> Any:
        if name in record.values:
            return record.values[name]
        derive = self.derivations.get((record.kind, name))
        return derive(record, self) if derive else None

    def pointed(self, value: Any) -> Any:
        """*value*, or what it points to when it begins with @ (@parameters.min_csas, @route.host_country, @today)."""
        if not isinstance(value, str) or not value.startswith("@"):
            return value
        head, _, rest = value[1:].partition(".")
        if head == "today":
            return self.today.isoformat()
        if head == "parameters":
            return self.parameters[rest]
        return self.value(self.route if head == "route" else self.programme, rest)


Derivations = Mapping[tuple[str, str], Callable[[Record, Facts], Any]]
DERIVED_REFS = {("participant", "organisation"): "organisation"}


def full_day(value: Any) -> date | None:
    """*value* as a day; None when it is empty or known only to the month."""
    return date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None


def text_of(value: Any) -> str:
    """*value* as a person reads it: lists joined, yes and no in words, money with its currency."""
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Money):
        return str(value)
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ", ".join(" | ".join(each) if isinstance(each, list) else str(each) for each in value) or "-"
    return str(value)
