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
    """Who is meant by *roles* for *record*, as (role, person); a role nobody holds gives the role without a person.

    A role whose holders all left, with nobody after them, gives it so too. Who took over and who stands in is asked for
    *day*, today unless given. *visitors* spares a look through all participants, where many records are asked about.
    """
    found: list[tuple[str, int | None]] = []
    for role in roles:
        held = meant(role, record, facts, visitors)
        found.extend((name, person if _is_own(name) else reader_of(person, facts, day)) for name, person in held)
        found.extend([] if held else [(role, None)])
    return found


def _is_own(role: str) -> bool:
    """Whether nobody can answer in place of the one who is meant: what a visitor lived through has no successor."""
    return role.startswith("people:")


def meant(role: str, record: Record, facts: Facts, visitors: Visitors | None = None) -> list[tuple[str, int]]:
    """Who holds *role* for *record* as it is written down, as (role, person): whether there still or not."""
    return list(_holders(role, record, facts, visitors))


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


def reader_of(person: Any, facts: Facts, day: date | None = None) -> int | None:
    """Who reads on *day*, today unless given, what is meant for *person*: whoever took over, the deputy of one away.

    When everyone in the row is away, it waits for the one it was meant for. None when the last of them left.
    """
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
