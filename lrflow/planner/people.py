"""Who is meant by a role for a record: holders, those who took over, those who stand in."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from lrflow.facts import Facts, Record

CHAIN = 5  # so many may have left, or be away, one after the other
Visitors = Mapping[str, Sequence[Record]]  # those who took part, by the id of their delegation


def visitors_of(facts: Facts) -> Visitors:
    """Everyone who took part in the visit, by delegation: one look through all, not one for each delegation."""
    found: dict[str, list[Record]] = {}
    for each in facts.of("participant"):
        if each.state in ("attended", "left_early"):
            found.setdefault(each["delegation"], []).append(each)
    return found


def senders(facts: Facts) -> Mapping[int, Record]:
    """The delegation that each person travels with, leads or answers for: `delegation_of` for all at once."""
    found: dict[int, Record] = {}
    for participant in facts.of("participant"):
        delegation = facts.find("delegation", participant["delegation"])
        if delegation is not None:
            found.setdefault(participant["person"], delegation)
    for delegation in facts.of("delegation"):
        for person in (delegation["lead"], delegation["focal_point"]):
            if person is not None:
                found.setdefault(person, delegation)
    return found


def recipients(
    roles: Sequence[str], record: Record, facts: Facts, visitors: Visitors | None = None, day: date | None = None
) -> list[tuple[str, int | None]]:
    """Who reads what is meant for *roles* of *record* on *day*, today unless given, as (role, person).

    A role that nobody holds gives the role without a person, as does one whose holder left with nobody after.
    *visitors* spares a look through all participants, where many records are asked about.
    """
    held = holders(roles, record, facts, visitors)
    return [(role, reader_of(person, facts, day, role)) for role, person in held]


def holders(
    roles: Sequence[str], record: Record, facts: Facts, visitors: Visitors | None = None
) -> list[tuple[str, int | None]]:
    """Who holds *roles* for *record* as it is written down, there still or not, as (role, person)."""
    found: list[tuple[str, int | None]] = []
    for role in roles:
        found.extend(list(_holders(role, record, facts, visitors)) or [(role, None)])
    return found


def _holders(role: str, record: Record, facts: Facts, visitors: Visitors | None) -> Iterator[tuple[str, int]]:
    if role == "people" and record.kind == "notice":
        yield from ((f"person:{each}", each) for each in record["people"])
        return
    if role == "people":
        took_part = visitors_of(facts) if visitors is None else visitors
        yield from ((f"people:{each.key}", each["person"]) for each in took_part.get(record["delegation"], ()))
        return
    direct = {"self": "person", "person": "person", "owner": "owner"}.get(role)
    if direct and record.kind not in ("route", "waiver"):
        person = record[direct] or _owner_of(record, facts)
        yield from [(role, person)] if person else []
        return
    if role in ("lead", "focal_point"):
        delegation = _delegation_of(record, facts)
        person = delegation[role] if delegation else None
        yield from [(role, person)] if person else []
        return
    for number, each in enumerate(facts.roles.get(role, ())):
        yield (role if not number else f"{role}#{number + 1}", each)


def _delegation_of(record: Record, facts: Facts) -> Record | None:
    if record.kind == "delegation":
        return record
    if record.kind == "action":
        plan_of = facts.find("plan", record["plan"])
        return facts.find("delegation", plan_of["delegation"]) if plan_of else None
    return facts.find("delegation", record["delegation"]) if record["delegation"] else None


def _owner_of(record: Record, facts: Facts) -> Any:
    """An action falls to its plan's owner, a plan to its delegation's lead."""
    if record.kind == "action":
        plan_of = facts.find("plan", record["plan"])
        return (plan_of["owner"] or _owner_of(plan_of, facts)) if plan_of else None
    delegation = _delegation_of(record, facts) if record.kind == "plan" else None
    return delegation["lead"] if delegation else None


def reader_of(person: int | None, facts: Facts, day: date | None = None, role: str = "") -> int | None:
    """Who reads on *day*, today unless given, what is meant for *person*: whoever took over, the deputy of one away.

    When everyone in the row is away, it waits for the one it was meant for. None when the last of them left. What a
    visitor lived through (the *role* people:P7) nobody else can answer.
    """
    if person is None or role.startswith("people:"):
        return person
    on = (day or facts.today).isoformat()
    first = here = _successor(person, facts, on)
    for _ in range(1 + CHAIN):
        known = facts.find("person", here)
        if known is None or (known["away_until"] or "") < on:
            return here
        here = _successor(known["deputy"], facts, on)
        if here is None:
            break
    return first


def _successor(person: Any, facts: Facts, on: str) -> int | None:
    """The person, or who took over from one who has left by that day; rows that end nowhere give nobody."""
    for _ in range(1 + CHAIN):
        known = facts.find("person", person)
        if known is None or not known["left_on"] or known["left_on"] > on:
            return int(person) if person is not None else None
        person = known["successor"]
    return None
