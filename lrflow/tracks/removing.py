"""Remove records that should not be there: they stay in the file, marked, and undo brings them back."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from lrflow import store
from lrflow.catalogue import KINDS, kind_of_key
from lrflow.database import Database, Unit
from lrflow.errors import Refused
from lrflow.facts import Facts, Record
from lrflow.guards import Finding, judge, shorten
from lrflow.machine import passed_needs
from lrflow.store import Act, Standing
from lrflow.tracks.choosing import Which, choose


@dataclass(frozen=True, slots=True)
class Removed:
    """What was removed, what was left and why, and the number of the log entry."""

    done: tuple[str, ...]
    refused: dict[str, str]
    entry: int


def remove(database: Database, route: str, which: Which, act: Act) -> Removed:
    """Take the records *which* out of the route; those that others refer to, or that a passed guard needs, stay.

    Ids are never used again. `undo` brings a removed record back as it was.
    """
    with database.begin(write=True, keep=not act.dry_run) as unit:
        standing = store.stand(unit, route, act)
        chosen = choose(which, standing)
        for kind in dict.fromkeys(each.kind for each in chosen):
            standing.require_edit(kind)
        standing, done, refused = remove_all(unit, standing, act, chosen)
        if done:
            store.touch_route(unit, standing.route)
            store.replan(unit, route, act.now, act.day)
    return Removed(tuple(each.key for each in done), refused, standing.batch.route)


def remove_all(
    unit: Unit, standing: Standing, act: Act, records: Sequence[Record]
) -> tuple[Standing, list[Record], dict[str, str]]:
    """Remove *records* inside an open transaction, first what nothing refers to; what went, what stays and why."""
    waiting, done, refused = list(records), [], dict[str, str]()
    while waiting:
        by = references(standing.facts)
        free = [each for each in waiting if not by.get(each.key)]
        if not free:
            break
        for record in free:
            waiting.remove(record)
            try:
                standing = remove_one(unit, standing, act, record)
                done.append(record)
            except Refused as fault:
                refused[record.key] = fault.message
    for record in waiting:
        refused[record.key] = _stays(record.key, references(standing.facts)[record.key])
    return standing, done, refused


def remove_one(unit: Unit, standing: Standing, act: Act, record: Record) -> Standing:
    """Remove one record inside an open transaction; where one stands then. `Refused` when a passed guard needs it."""
    refuse_if_needed(standing, record)
    kind, row = store.row_of(unit, standing.route.id, record.key)
    if row is not None:
        store.write_record(unit, kind, row, {"removed_us": store.removed_at(act.now, True)})
    changes = [{"of": record.key, "field": "removed", "before": False, "after": True}]
    store.log_entry(unit, standing, store.entry_of(standing, act, "remove", record.key, "done", changes=changes))
    return standing.seeing(standing.facts.without(record))


def _stays(name: str, found: Sequence[str]) -> str:
    return f"{name} stays: {shorten(found, 8)} {'refers' if len(found) == 1 else 'refer'} to it"


def refuse_if_referred(unit: Unit, standing: Standing, gone: Collection[str]) -> None:
    """Raise `Refused` naming what still refers to what has gone: records of the route, people, organisations."""
    shared = {kind: store.references_to(unit, kind) for kind in ("person", "organisation")}
    own = references(standing.facts)
    for of in gone:
        kind, _, number = of.partition(":")
        found = shared[kind].get(int(number), []) if number and kind in shared else own.get(of, [])
        if found:
            name = str(store.shared_record(unit, kind, int(number))["name"]) if number else of
            raise Refused(_stays(name, found))


def references(facts: Facts) -> Mapping[str, list[str]]:
    """The ids of the records that refer to each record of the same route."""
    found: dict[str, list[str]] = {}
    for kind in KINDS.values():
        fields = [each.name for each in kind.fields if each.type in ("ref", "refs", "key")]
        for record in facts.of(kind.name) if fields and kind.letter else ():
            for value in (record[name] for name in fields):
                for key in value if isinstance(value, list) else [value]:
                    if isinstance(key, str):  # people and organisations are numbers
                        found.setdefault(key, []).append(record.key)
    return found


def refuse_if_needed(standing: Standing, record: Record) -> None:
    """Raise `Refused` when a record that *record* speaks for or belongs to would lose a hard guard it has passed."""
    after = standing.facts.without(record)
    for other in spoken_for(record, standing.facts):
        life = standing.definition.lives.get(other.kind)
        needs = passed_needs(life, other.state) if life else ()
        if not needs:
            continue
        was = {each.guard: each.passes for each in _judged(standing, needs, standing.facts, other)}
        lost = [
            each
            for each in _judged(standing, needs, after, other)
            if each.level == "hard" and not each.passes and was[each.guard]
        ]
        if lost:
            raise Refused(f"{other.key} is {other.state} and needs it: {'; '.join(each.says for each in lost)}")


def _judged(standing: Standing, needs: Sequence[str], facts: Facts, record: Record) -> Sequence[Finding]:
    return judge(standing.definition, needs, facts.focused(record, record.state))


def spoken_for(record: Record, facts: Facts) -> list[Record]:
    """The records of the route that *record* refers to."""
    found: list[Record] = []
    for field in KINDS[record.kind].fields:
        value = record[field.name]
        keys = value if isinstance(value, list) else [value]
        for key in keys if field.type in ("ref", "refs", "key") else ():
            kinds = kind_of_key(str(key)) if field.type == "key" else (field.to,)
            found += [other for kind in kinds if (other := facts.find(kind, key)) and KINDS[kind].letter]
    return found
