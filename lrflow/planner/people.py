"""Who is meant by a role for a record: holders, those who took over, those who stand in."""

from collections.abc import Iterator, Mapping, Sequence
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
    roles: Sequence[str], record: Record, facts: Facts, visitors: Visitors | None = None
) -> list[tuple[str, int | None]]:
    """Who is meant by *roles* for *record*, as (role, person); a role nobody holds gives the role without a person.

    *visitors* spares a look through all participants, where many records are asked about.
    """
    found: list[tuple[str, int | None]] = []
    for role in roles:
        people = list(_holders(role, record, facts, visitors))
        found.extend(people or [(role, None)])
    return found


def _holders(role: str, record: Record, facts: Facts, visitors: Visitors | None) -> Iterator[tuple[str, int | None]]:
    if role == "people" and record.kind == "notice":
        yield from ((f"person:{each}", _reader(each, facts)) for each in record["people"])
        return
    if role == "people":
        took_part = visitors_of(facts) if visitors is None else visitors
        yield from ((f"people:{each.key}", each["person"]) for each in took_part.get(record["delegation"], ()))
        return
    direct = {"self": "person", "person": "person", "owner": "owner"}.get(role)
    if direct and record.kind not in ("route", "waiver"):
        person = record[direct] or _owner_of(record, facts)
        yield from [(role, _reader(person, facts))] if person else []
        return
    if role in ("lead", "focal_point"):
        delegation = _delegation_of(record, facts)
        person = delegation[role] if delegation else None
        yield from [(role, _reader(person, facts))] if person else []
        return
    for number, each in enumerate(facts.roles.get(role, ())):
        yield (role if not number else f"{role}#{number + 1}", _reader(each, facts))


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


def _reader(person: Any, facts: Facts) -> int | None:
    """Who reads what is meant for *person*: who took over from one who left, the deputy of one who is away.

    When everyone in the row is away, it waits for the one it was meant for.
    """
    first = here = _successor(person, facts)
    for _ in range(1 + CHAIN):
        known = facts.find("person", here)
        if known is None or (known["away_until"] or "") < facts.today.isoformat():
            return here
        here = _successor(known["deputy"], facts)
        if here is None:
            break
    return first


def _successor(person: Any, facts: Facts) -> int | None:
    """The person, or who took over from one who left."""
    for _ in range(CHAIN):
        known = facts.find("person", person)
        if known is None or not known["left_on"]:
            return int(person) if person is not None else None
        person = known["successor"]
    return None
