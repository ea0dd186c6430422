"""The few generic checks that guards are made of: a question about records in, an answer with numbers and ids out."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from lrflow.catalogue import KINDS, Money, minor_places
from lrflow.definition import Ask, Condition, Definition
from lrflow.facts import Facts, Record


@dataclass(frozen=True, slots=True)
class Answer:
    """What a check found: whether it is met (None = cannot be told), the numbers, the ids of what is missing."""

    met: bool | None
    have: int | None = None
    need: int | None = None
    most: int | None = None
    missing: tuple[str, ...] = ()
    note: str = ""
    candidates: tuple[str, ...] = ()  # records that could make up the number
    below_desired: tuple[str, ...] = ()


Check = Callable[[Ask, Facts, Definition], Answer]


def ask(question: Ask, facts: Facts, definition: Definition) -> Answer:
    """Answer *question* about *facts*. Pure; raises whatever a broken definition makes it raise."""
    return CHECKS[question.check](question, facts, definition)


def matches(record: Record, condition: Condition, facts: Facts, definition: Definition) -> bool:
    """Whether *record* satisfies every clause of *condition* (`any`: at least one of several)."""
    return all(_clause(record, name, wanted, facts, definition) for name, wanted in condition.items())


def _clause(record: Record, name: str, wanted: Any, facts: Facts, definition: Definition) -> bool:
    if name == "any":
        return any(matches(record, each, facts, definition) for each in wanted)
    if name == "reached":
        return has_reached(definition, record, wanted)
    return satisfies(facts.value(record, name), wanted, facts)


def has_reached(definition: Definition, record: Record, state: str) -> bool:
    """Whether *record* is in *state* or a later one of the forward path of its life."""
    path = definition.lives[record.kind].path
    return record.state in path and path.index(record.state) >= path.index(state)


def satisfies(value: Any, wanted: Any, facts: Facts) -> bool:
    """Whether *value* is *wanted*: equal, one of a list, inside {min, max}, or {filled}; @pointers are followed."""
    if isinstance(wanted, Mapping):
        return _within(value, wanted, facts)
    if isinstance(wanted, list | tuple):
        return any(satisfies(value, each, facts) for each in wanted)
    return bool(value == facts.pointed(wanted))


def _within(value: Any, wanted: Mapping[str, Any], facts: Facts) -> bool:
    if "filled" in wanted and is_filled(value) is not wanted["filled"]:
        return False
    size = len(value) if isinstance(value, list | tuple) else value
    low, high = facts.pointed(wanted.get("min")), facts.pointed(wanted.get("max"))
    if (low is not None or high is not None) and size is None:
        return False
    return (low is None or size >= low) and (high is None or size <= high)


def is_filled(value: Any) -> bool:
    """Whether something was typed: no, 0 and False are answers; nothing, blanks and empty lists are not."""
    if isinstance(value, str):
        return bool(value.strip())
    return value is not None and value != [] and value != ()


def _asked(question: Ask, facts: Facts, definition: Definition) -> list[Record]:
    return [each for each in facts.subjects(question.of) if matches(each, question.where, facts, definition)]


def _keys(records: Iterable[Record]) -> tuple[str, ...]:
    return tuple(record.key for record in records)


def count(question: Ask, facts: Facts, definition: Definition) -> Answer:
    """How many records match, between `min` and `max`."""
    asked = _asked(question, facts, definition)
    answer = _between(len(asked), question, facts)
    surplus = answer.most is not None and len(asked) > answer.most
    return replace(answer, candidates=_keys(asked) if surplus else _could_match(asked, question, facts, definition))


def _could_match(asked: Sequence[Record], question: Ask, facts: Facts, definition: Definition) -> tuple[str, ...]:
    """Records of the kind that match but for their state, and have not come to an end."""
    life = definition.lives.get(question.of)
    besides = {name: wanted for name, wanted in question.where.items() if name not in ("state", "reached")}
    others = (each for each in facts.subjects(question.of) if each not in asked)
    return _keys(
        each for each in others if life and each.state not in life.ends and matches(each, besides, facts, definition)
    )


def distinct(question: Ask, facts: Facts, definition: Definition) -> Answer:
    """How many different values of `field` the matching records have."""
    values = {facts.value(each, question.field) for each in _asked(question, facts, definition)} - {None, ""}
    return _between(len(values), question, facts)


def _between(have: int, question: Ask, facts: Facts) -> Answer:
    low, high = facts.pointed(question.min), facts.pointed(question.max)
    met = (low is None or have >= low) and (high is None or have <= high)
    return Answer(met, have, low, high)


def every(question: Ask, facts: Facts, definition: Definition) -> Answer:
    """Each matching record satisfies `having`. An empty set never passes, unless `min = 0` says it may be empty."""
    asked = _asked(question, facts, definition)
    missing = [each for each in asked if not matches(each, question.having, facts, definition)]
    may_be_empty = facts.pointed(question.min) == 0
    return Answer(
        (bool(asked) or may_be_empty) and not missing, len(asked) - len(missing), len(asked), missing=_keys(missing)
    )


def each_has(question: Ask, facts: Facts, definition: Definition) -> Answer:
    """Each matching record has at least `min` related records; below `desired` it is met, with a warning."""
    asked = _asked(question, facts, definition)
    need, desired = facts.pointed(question.min) or 1, facts.pointed(question.desired) or 0
    counted = {each.key: _related(each, question, facts, definition) for each in asked}
    missing = [each for each in asked if counted[each.key] < need]
    few = tuple(each.key for each in asked if need <= counted[each.key] < desired)
    return Answer(
        bool(asked) and not missing, len(asked) - len(missing), len(asked), missing=_keys(missing), below_desired=few
    )


def _related(record: Record, question: Ask, facts: Facts, definition: Definition) -> int:
    by = question.by or _field_to(question.has, record.kind)
    others = (each for each in facts.of(question.has) if _points(facts.value(each, by), record.key))
    return sum(1 for each in others if matches(each, question.having, facts, definition))


def _field_to(kind: str, target: str) -> str:
    return next(each.name for each in KINDS[kind].fields if each.to == target)


def _points(value: Any, key: str) -> bool:
    return key in (str(each) for each in value) if isinstance(value, list | tuple) else str(value) == key


def filled(question: Ask, facts: Facts, definition: Definition) -> Answer:
    """The named fields of each matching record are not empty. An empty set never passes."""
    asked = _asked(question, facts, definition)
    gaps = [
        f"{each.key} {name}" if len(asked) > 1 or each.kind not in ("route", "programme") else name
        for each in asked
        for name in question.fields
        if not is_filled(facts.value(each, name))
    ]
    need = len(asked) * len(question.fields)
    return Answer(bool(asked) and not gaps, need - len(gaps), need, missing=tuple(gaps))


def dates(question: Ask, facts: Facts, definition: Definition) -> Answer:
    """A day is set and, as asked, reached, before another, or within a span; one known to the month cannot be told."""
    asked = _asked(question, facts, definition)
    verdicts = {each.key: _date_verdict(facts.value(each, question.field), question, facts) for each in asked}
    missing = tuple(key for key, verdict in verdicts.items() if verdict is not True)
    if any(verdict is None for verdict in verdicts.values()):
        return Answer(None, need=len(asked), missing=missing, note="known only to the month")
    if not asked and question.min != 0:
        return Answer(False, 0, 1)
    value = str(facts.value(asked[0], question.field) or "not set") if len(asked) == 1 else ""
    return Answer(not missing, len(asked) - len(missing), len(asked), missing=missing, note=value)


def _date_verdict(value: Any, question: Ask, facts: Facts) -> bool | None:
    """Whether the day keeps every limit; None when only the month is known and the limit lies inside it."""
    if not is_filled(value):
        return False
    own = day_range(str(value))
    kept = [
        *([_in_order(own, (facts.today, facts.today))] if question.reached else []),
        *([_before(own, question.before, facts)] if question.before else []),
        *(_in_order(low, own) for low in _ends(question, facts, 0)),
        *(_in_order(own, high) for high in _ends(question, facts, 1)),
    ]
    return False if False in kept else None if None in kept else True


def day_range(value: str) -> tuple[date, date]:
    """The first and the last day that *value* may mean: one day, or a whole month."""
    if len(value) == 10:
        return date.fromisoformat(value), date.fromisoformat(value)
    first = date.fromisoformat(f"{value}-01")
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _in_order(earlier: tuple[date, date], later: tuple[date, date]) -> bool | None:
    """Whether *earlier* is not after *later*; None when it hangs on the day in a month."""
    return False if earlier[0] > later[1] else True if earlier[1] <= later[0] else None


def _before(own: tuple[date, date], pointer: str, facts: Facts) -> bool | None:
    other = facts.pointed(pointer)
    return _in_order(own, day_range(str(other))) if is_filled(other) else False


def _ends(question: Ask, facts: Facts, which: int) -> list[tuple[date, date]]:
    pointer = question.within[which] if question.within else ""
    value = facts.pointed(pointer) if pointer else None
    return [day_range(str(value))] if is_filled(value) else []


def covers(question: Ask, facts: Facts, definition: Definition) -> Answer:
    """Each value of a list (programme areas, objectives) is served by at least one matching record's `field`."""
    wanted = _values(question, facts, definition)
    served: set[str] = set()
    for each in _asked(question, facts, definition):
        value = facts.value(each, question.field)
        served.update(value if isinstance(value, list | tuple) else [value] if value else [])
    missing = tuple(value for value in wanted if value not in served)
    low = facts.pointed(question.min)
    have, need = len(wanted) - len(missing), len(wanted) if low is None else low
    return Answer(bool(wanted) and have >= need, have, need, missing=missing)


def _values(question: Ask, facts: Facts, definition: Definition) -> Sequence[str]:
    if question.values.startswith("@"):
        return list(facts.pointed(question.values) or ())
    if question.values in definition.vocabularies:
        return list(definition.vocabularies[question.values])
    return [each.key for each in facts.of(question.values) if each.state == "locked"]


def total(question: Ask, facts: Facts, definition: Definition) -> Answer:
    """Money adds up to at most `limit`, converted at each line's own rate; a missing rate cannot be told."""
    limit = facts.pointed(question.limit)
    if not isinstance(limit, Money):
        return Answer(True, note="no budget is set: there is nothing to exceed")
    spent, without_rate = Decimal(0), []
    for line in question.of_all:
        for record in (*facts.of(line["of"]), *(each for each in facts.elsewhere if each.kind == line["of"])):
            amount = facts.value(record, line["field"])
            if not isinstance(amount, Money) or record.state == "cancelled":
                continue
            rate = _rate(amount, facts.value(record, line["rate"]), limit)
            if rate is None:
                without_rate.append(record.key)
            else:
                spent += Decimal(amount.minor).scaleb(-minor_places(amount.currency)) * rate
    if without_rate:
        note = f"no rate to the programme's currency: {', '.join(without_rate)}"
        return Answer(None, missing=tuple(without_rate), note=note)
    minor = int((spent.scaleb(minor_places(limit.currency))).to_integral_value())
    return _share(Money(minor, limit.currency), limit, question, facts)


def _rate(amount: Money, rate: Any, limit: Money) -> Decimal | None:
    if amount.currency == limit.currency:
        return Decimal(1)
    return Decimal(str(rate)) if is_filled(rate) else None


def _share(spent: Money, limit: Money, question: Ask, facts: Facts) -> Answer:
    percent = facts.pointed(question.max) or 100
    met = spent.minor * 100 <= limit.minor * percent
    return Answer(met, spent.minor, limit.minor, note=f"{spent} of {limit}")


CHECKS: Mapping[str, Check] = {
    "count": count,
    "distinct": distinct,
    "every": every,
    "each_has": each_has,
    "filled": filled,
    "dates": dates,
    "covers": covers,
    "total": total,
}
