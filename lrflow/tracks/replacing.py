"""Let one person come in the place of another: as a participant, or as a champion."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from lrflow import store
from lrflow.database import Database, Unit
from lrflow.errors import Misused, Refused
from lrflow.facts import Record
from lrflow.store import Act, Standing
from lrflow.tracks.adding import lead_person
from lrflow.tracks.choosing import Which, choose, name_of
from lrflow.tracks.editing import edit_one
from lrflow.tracks.marking import walk
from lrflow.tracks.placing import place
from lrflow.tracks.values import read_values, split_words

_LEAVES = {"participant": "withdrawn", "champion": "replaced"}
_AS_FAR_AS = {"participant": ("named", "confirmed"), "champion": ("nominated", "agreed", "in_training")}
_FEW = 3


@dataclass(frozen=True, slots=True)
class Replaced:
    """Who came for whom: ids, name, the state reached, what was taken over, how many there are, what goes out next."""

    old: str
    new: str
    name: str
    state: str
    taken: tuple[str, ...]
    count: str
    ahead: tuple[str, ...]
    entry: int


def replace(database: Database, route: str, word: str, lead: Sequence[str], words: Sequence[str], act: Act) -> Replaced:
    """Withdraw the participant or champion *word* and put the person named by *lead* in the place, as one command.

    The new one comes as far as nobody else's papers or training are needed: confirmed at most, or in training. Raises
    `Refused` when the old one cannot leave any more, `Misused` for anyone who is neither.
    """
    with database.begin(write=True, keep=not act.dry_run) as unit:
        standing = store.stand(unit, route, act)
        old = choose(Which((word,)), standing)[0]
        if old.kind not in _LEAVES:
            raise Misused(f"{old.key} is no person who can be replaced", remedy='lrflow replace P8 "NAME" EMAIL')
        standing.require_edit(old.kind)
        _, people, _ = lead_person(unit, standing, act, lead)
        given = {**people, **read_values(unit, old.kind, split_words(words), standing)}
        standing = _leave(unit, standing, act, old)
        standing, new = _come(unit, standing, act, old, given)
        standing, taken = _take_over(unit, standing, act, old, new)
        store.touch_route(unit, standing.route)
        store.replan(unit, route, act.now, act.day)
        seen = store.facts_of(unit, standing.route, standing.definition, act.day)
        ahead = _ahead(unit, standing, new)
    count = _count(standing) if old.kind == "participant" else ""
    state = (seen.find(new.kind, new.key) or new).state
    return Replaced(old.key, new.key, name_of(new, seen), state, taken, count, ahead, standing.batch.route)


def _leave(unit: Unit, standing: Standing, act: Act, old: Record) -> Standing:
    standing, decision = walk(unit, standing, act, old, _LEAVES[old.kind], {})
    if decision.outcome != "done":
        raise Refused(f"{old.key} is {old.state} and cannot be replaced", problems=[decision.says])
    return standing


def _come(unit: Unit, standing: Standing, act: Act, old: Record, given: dict[str, Any]) -> tuple[Standing, Record]:
    if old.kind == "participant":
        values = {"delegation": old["delegation"], "can_decide": old["can_decide"], "replaces": old.key}
    else:
        values = {"experiences": old["experiences"], "role": old["role"]}
    standing, new, _ = place(unit, standing, act, old.kind, {**values, **given})
    path, steps = standing.definition.lives[old.kind].path, _AS_FAR_AS[old.kind]
    reached = [each for each in steps if old.state in path and path.index(each) <= path.index(old.state)]
    if reached and reached[-1] != new.state:
        standing, _ = walk(unit, standing, act, new, reached[-1], {})
    return standing, standing.facts.find(new.kind, new.key) or new


def _take_over(unit: Unit, standing: Standing, act: Act, old: Record, new: Record) -> tuple[Standing, tuple[str, ...]]:
    """What named the old one now names the new one: sessions, plans, actions, the lead of the delegation."""
    taken: list[str] = []
    for kind, field in (("delegation", "lead"), ("plan", "owner"), ("action", "person")):
        for record in standing.facts.of(kind):
            if record[field] == old["person"] and old.kind == "participant":
                standing = edit_one(unit, standing, act, record, {field: new["person"]})
                taken.append(f"{field} of {record.key}")
    for record in standing.facts.of("session"):
        if old.key in (record["leads"] or ()):
            leads = [new.key if each == old.key else each for each in record["leads"]]
            standing = edit_one(unit, standing, act, record, {"leads": leads})
            taken.append(f"leads {record.key}")
    return standing, tuple(taken)


def _count(standing: Standing) -> str:
    """How many visitors are confirmed, from how many alliances."""
    life = standing.definition.lives["participant"].path
    coming = [
        each
        for each in standing.facts.of("participant")
        if each.state in life
        and life.index(each.state) >= life.index("confirmed")
        and standing.facts.value(each, "visiting")
    ]
    senders = {standing.facts.value(each, "organisation") for each in coming}
    visitors = "visitor is" if len(coming) == 1 else "visitors are"
    return f"{len(coming)} {visitors} confirmed, of {len(senders)} {'alliance' if len(senders) == 1 else 'alliances'}"


def _ahead(unit: Unit, standing: Standing, new: Record) -> tuple[str, ...]:
    """The next messages planned for the new one."""
    rows = store.nudges_of(unit, standing.route.id, ["planned", "held"])
    own = [row for row in rows if row["person"] == new["person"]][:_FEW]
    days = [date.fromisoformat(row["local_on"]) for row in own]
    return tuple(
        f"{row['rule']} on {day:%a} {day} {row['at']} {row['zone']}" for row, day in zip(own, days, strict=True)
    )
