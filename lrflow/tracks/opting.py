"""People who ask for silence: about a record, on a route, or about everything; and those who want to hear again."""

from dataclasses import dataclass

from lrflow import store
from lrflow.database import Database, Row, Unit
from lrflow.errors import Misused
from lrflow.facts import Record
from lrflow.store import Act, Standing
from lrflow.tracks.choosing import Which, choose, referred
from lrflow.tracks.leaving import WHO, typed

ALL, ROUTE = "", "route"  # a scope is one of these, or a record's id


@dataclass(frozen=True, slots=True)
class Opted:
    """Who asked, about what: everything, a route, or a record of it; what was asked for before and is no more."""

    name: str
    email: str
    route: str
    scope: str
    entry: int
    ended: tuple[str, ...] = ()


def opt_out(database: Database, route: str, who: str, scope: str, act: Act) -> Opted:
    """Keep that a person wants no more messages: about a record (its id as *scope*), on the route, or any (`ALL`).

    Nothing that the person owes changes by it. Open nudges fall silent; about a record or a route, the coordinator
    is asked to call instead. Raises `Misused` when that was asked for already.
    """
    with database.begin(write=True, keep=not act.dry_run) as unit:
        standing = store.stand(unit, route, act) if scope else store.stand_aside(unit, act)
        person = _person(unit, standing, who)
        if scope == ALL:
            if person["opted_out"]:
                raise Misused(
                    f"{person['name']} gets no messages already", remedy=f"lrflow show person {typed(person)}"
                )
            return _written(person, "", ALL, _write_all(unit, standing, act, person, True))
        subject = None if scope == ROUTE else _one(scope, standing).key
        if any(row["subject"] in (None, subject) for row in _asked(unit, standing, person)):
            says = f"{person['name']} gets no messages about {subject or 'this route'} already"
            raise Misused(says, remedy=f"lrflow show person {typed(person)}")
        entry = _write(unit, standing, act, "opt-out", person, (None, subject or ROUTE))
        how, actor = act.reason, standing.actor["id"]
        store.add_opt_out(unit, int(person.key), standing.route.id, subject, how=how, actor=actor, now=act.now)
        store.replan(unit, route, act.now, act.day)
    return _written(person, route, subject or ROUTE, entry)


def opt_in(database: Database, route: str, who: str, scope: str, act: Act) -> Opted:
    """Keep that a person wants messages again; of a route (*scope* `ROUTE`), also those about its records.

    `ALL` ends every silence there is, on any route. What was left out meanwhile stays left out. Raises `Misused` when
    nothing of it was asked for.
    """
    with database.begin(write=True, keep=not act.dry_run) as unit:
        standing = store.stand(unit, route, act) if scope else store.stand_aside(unit, act)
        person = _person(unit, standing, who)
        if scope == ALL:
            return _end_all(unit, standing, act, person)
        subject = None if scope == ROUTE else _one(scope, standing).key
        rows = [row for row in _asked(unit, standing, person) if subject is None or row["subject"] == subject]
        if not rows:
            raise _nothing(unit, person, subject or ROUTE)
        for row in rows:
            store.end_opt_out(unit, row["id"], act.now)
        entry = _write(unit, standing, act, "opt-in", person, (subject or ROUTE, None))
        store.replan(unit, route, act.now, act.day)
    return _written(person, route, subject or ROUTE, entry, [row["subject"] or route for row in rows])


def _end_all(unit: Unit, standing: Standing, act: Act, person: Record) -> Opted:
    rows = store.opt_outs_by(unit, int(person.key))
    if not rows and not person["opted_out"]:
        raise _nothing(unit, person, ALL)
    for row in rows:
        store.end_opt_out(unit, row["id"], act.now)
    entry = _write_all(unit, standing, act, person, False)
    ended = [f"{row['route_key']}:{row['subject']}" if row["subject"] else row["route_key"] for row in rows]
    return _written(person, "", ALL, entry, ended)


def _person(unit: Unit, standing: Standing, who: str) -> Record:
    """The one who is meant; whoever edits people writes down what they ask for, and everyone what one asks oneself."""
    number = referred(unit, WHO, who, standing.facts)
    if number != standing.actor["id"]:
        standing.require_edit("person")
    return store.shared_record(unit, "person", number)


def _one(word: str, standing: Standing) -> Record:
    found = choose(Which((word,)), standing)
    if len(found) > 1:
        raise Misused(f"{word} is {len(found)} records: silence is about one, or the route", remedy="--on-route")
    return found[0]


def _asked(unit: Unit, standing: Standing, person: Record) -> list[Row]:
    return [row for row in store.opt_outs_of(unit, standing.route.id) if row["person"] == int(person.key)]


def _write_all(unit: Unit, standing: Standing, act: Act, person: Record, opted_out: bool) -> int:
    values = {"opted_out": opted_out}
    store.write_shared(unit, "person", int(person.key), values)
    verb = "opt-out" if opted_out else "opt-in"
    entry = store.note_shared(unit, standing, act, verb, f"person:{person.key}", values, person)
    store.replan_all(unit, act.now)
    return entry


def _write(
    unit: Unit, standing: Standing, act: Act, verb: str, person: Record, step: tuple[str | None, str | None]
) -> int:
    change = {"of": f"person:{person.key}", "field": "opted_out", "before": step[0], "after": step[1]}
    entry = store.entry_of(standing, act, verb, f"person:{person.key}", "done", changes=[change])
    return store.log_entry(unit, standing, entry)


def _nothing(unit: Unit, person: Record, scope: str) -> Misused:
    rows = store.opt_outs_by(unit, int(person.key))
    asked = [
        f"about {row['subject']} of {row['route_key']}" if row["subject"] else f"on {row['route_key']}" for row in rows
    ]
    asked += ["about everything"] if person["opted_out"] else []
    where = {ALL: "", ROUTE: " on this route"}.get(scope, f" about {scope}")
    says = f"{person['name']} did not ask for silence{where}"
    return Misused(says, problems=asked, remedy=f"lrflow show person {typed(person)}")


def _written(person: Record, route: str, scope: str, entry: int, ended: list[str] | None = None) -> Opted:
    return Opted(str(person["name"]), str(person["email"] or ""), route, scope, entry, tuple(ended or ()))
