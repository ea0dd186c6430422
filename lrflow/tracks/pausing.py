"""Let nudges wait until a day: of a route, about a record, of a rule, to a person; and let them go again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from lrflow import store
from lrflow.database import Database, Row, Unit
from lrflow.errors import Misused, NotFound, Refused
from lrflow.planner.quiet import PERSON, ROUTE, RULE, called
from lrflow.planner.rules import rules_of
from lrflow.store import Act, Standing
from lrflow.tracks.choosing import Which, choose, referred
from lrflow.tracks.leaving import WHO


@dataclass(frozen=True, slots=True)
class Paused:
    """What is paused, as typed and in words; on which route (none: on all); how many nudges wait because of it."""

    what: str
    words: str
    route: str
    held: int
    entry: int


@dataclass(frozen=True, slots=True)
class Ended:
    """A pause that is over: how many nudges go their way again, still wait for something else, or stay silent."""

    what: str
    words: str
    route: str
    planned: int
    waiting: int
    silent: int
    entry: int


def pause(database: Database, route: str, words: Sequence[str], until: date | None, act: Act) -> Paused:
    """Let what *words* name wait until that day, the last one, or without an end; a pause of the same is replaced.

    *words*: `route`, a record's id, `person WHO`, `rule NAME`. A person's pause holds on every route. Nudges stand
    `held: paused`. Raises `Misused` for a day that is over.
    """
    with database.begin(write=True, keep=not act.dry_run) as unit:
        standing = _stand(unit, route, act)
        what, called = _meant(unit, standing, words)
        if until is not None and until < act.day:
            raise Misused(f"{until} is over: name the last day of the pause", remedy="--until +14d")
        number = None if what.startswith(PERSON) else standing.route.id
        before = _held(unit, standing)
        entry = _log(unit, standing, act, "pause", what, (None, until.isoformat() if until else "open"))
        store.add_pause(unit, number, what, until, reason=act.reason, number=entry, now=act.now)
        _plan_anew(unit, standing, act, what)
        held = _held(unit, standing) - before
    return Paused(what, called, route if number else "", len(held), entry)


def end_pause(database: Database, route: str, words: Sequence[str], act: Act) -> Ended:
    """End the pause of what *words* name. What waited is planned as after an outage: at most one message a person.

    Raises `NotFound` when nothing of it is paused, naming what is.
    """
    with database.begin(write=True, keep=not act.dry_run) as unit:
        standing = _stand(unit, route, act)
        what, called = _meant(unit, standing, words)
        running = [row["what"] for row in store.pauses_of(unit, standing.route.id) if not is_over(row, act.day)]
        if what not in running:
            there = [_words(unit, each) for each in running]
            raise NotFound(f"{called} is not paused", problems=there, remedy="lrflow pause list")
        number = None if what.startswith(PERSON) else standing.route.id
        before = _held(unit, standing)
        entry = _log(unit, standing, act, "end-pause", what, ("paused", None))
        store.end_pauses(unit, number, [what], act.now)
        _plan_anew(unit, standing, act, what)
        rows = [row for row in store.nudges_of(unit, standing.route.id, []) if row["id"] in before]
    planned = sum(row["state"] == "planned" for row in rows)
    waiting = sum(row["state"] == "held" for row in rows)
    return Ended(what, called, route if number else "", planned, waiting, len(rows) - planned - waiting, entry)


def pauses(database: Database, route: str, on: date) -> list[tuple[str, Row]]:
    """Every pause that holds on the route on that day, in words, oldest first."""
    with database.begin() as unit:
        rows = store.pauses_of(unit, store.read_route(unit, route).id)
        return [(_words(unit, row["what"]), row) for row in rows if not is_over(row, on)]


def is_over(row: Row, on: date) -> bool:
    """Whether the last day of the pause has passed."""
    return row["until_on"] is not None and row["until_on"] < on.isoformat()


def _stand(unit: Unit, route: str, act: Act) -> Standing:
    standing = store.stand(unit, route, act)
    if not standing.may("live"):
        raise Refused(
            f"{act.actor} is {standing.role} on {route} and may not pause messages", remedy="ask the coordinator"
        )
    return standing


def _meant(unit: Unit, standing: Standing, words: Sequence[str]) -> tuple[str, str]:
    """What is paused, as a plan asks for it, and in words."""
    head, rest = words[0].lower(), " ".join(words[1:]).strip()
    if head == "person" and rest:
        what = f"{PERSON}{referred(unit, WHO, rest, standing.facts)}"
    elif head == "rule" and rest:
        what = f"{RULE}{_rule(rest, standing)}"
    elif head == ROUTE and not rest:
        what = ROUTE
    elif len(words) == 1 and head not in ("person", "rule"):
        found = choose(Which((words[0],)), standing)
        if len(found) > 1:
            says = f"{words[0]} is {len(found)} records: pause one at a time, or the route"
            raise Misused(says, remedy=f"lrflow pause {found[0].key} --reason TEXT")
        what = found[0].key
    else:
        ways = ["lrflow pause route", "lrflow pause D3", "lrflow pause person EMAIL", "lrflow pause rule check-in"]
        raise Misused(f"{' '.join(words)} cannot be paused", problems=ways, remedy="lrflow pause --help")
    return what, _words(unit, what)


def _rule(name: str, standing: Standing) -> str:
    rules = rules_of(standing.definition)
    if name not in rules:
        from difflib import get_close_matches

        near = get_close_matches(name, rules, n=3) or sorted(rules)
        raise NotFound(
            f"there is no rule {name!r}", problems=near, remedy="lrflow nudge list shows the rules that speak"
        )
    return name


def _words(unit: Unit, what: str) -> str:
    number = int(what.removeprefix(PERSON)) if what.startswith(PERSON) else 0
    return called(what, str(store.shared_record(unit, "person", number)["name"]) if number else "")


def _held(unit: Unit, standing: Standing) -> set[int]:
    rows = store.nudges_of(unit, standing.route.id, ["held"])
    return {row["id"] for row in rows if row["reason"] == "paused"}


def _log(unit: Unit, standing: Standing, act: Act, verb: str, what: str, step: tuple[str | None, str | None]) -> int:
    """Write it into the route's log; where it is a person's, which holds on every route, into the programme's."""
    shared = what.startswith(PERSON)
    change = {"of": what, "field": "paused", "before": step[0], "after": step[1]}
    entry = store.entry_of(standing, act, verb, what, "done", changes=[change])
    return store.log_entry(unit, standing, entry, shared=shared)


def _plan_anew(unit: Unit, standing: Standing, act: Act, what: str) -> None:
    if what.startswith(PERSON):
        store.replan_all(unit, act.now)
    else:
        store.replan(unit, standing.route.key, act.now, act.day)
