"""Who asked for silence, and what waits: opt-outs and pauses, asked for one nudge at a time. Pure."""

from dataclasses import dataclass
from datetime import date

from lrflow.catalogue import KINDS
from lrflow.facts import Facts, Record
from lrflow.planner.rules import NOTICES

DIGEST = "weekly-digest"
# A pause of the whole route holds what the rules say, not what a coordinator tells by hand, nor the page that lists it.
UNPAUSED = (*NOTICES, DIGEST)
ROUTE, PERSON, RULE = "route", "person:", "rule:"


@dataclass(frozen=True, slots=True)
class Pause:
    """What waits until a day, the last one, or without an end: `route`, a record's id, `person:17` or `rule:NAME`."""

    what: str
    until: date | None
    reason: str = ""

    def covers(self, day: date) -> bool:
        """Whether it holds what would leave on *day*."""
        return self.until is None or day <= self.until


@dataclass(frozen=True, slots=True)
class OptOut:
    """A person who asked for silence on a route: about one record, or about all of it without a *subject*."""

    person: int
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Quiet:
    """Every pause and every opt-out that holds on one route."""

    pauses: tuple[Pause, ...]
    opt_outs: tuple[OptOut, ...]


NOTHING = Quiet((), ())


def paused(quiet: Quiet, rule: str, subject: str, record: Record, person: int | None, facts: Facts, day: date) -> bool:
    """Whether a nudge of *rule* about *subject* (whose record is *record*) to *person* waits on *day*.

    *day* is the one on which it would leave where its reader is: its own, or today there once that has passed. The day
    until which something is paused is the last day of silence, as with `away --until`.
    """
    return any(each.covers(day) and _concerns(each.what, rule, subject, record, person, facts) for each in quiet.pauses)


def _concerns(what: str, rule: str, subject: str, record: Record, person: int | None, facts: Facts) -> bool:
    if what == ROUTE:
        return rule not in UNPAUSED
    if what.startswith(PERSON):
        return what == f"{PERSON}{person}"
    if what.startswith(RULE):
        return what == f"{RULE}{rule}"
    return _is_about(what, subject, record, facts)


def called(what: str, name: str = "") -> str:
    """What is paused in words; *name* is the person's where it is a person."""
    if what.startswith(PERSON):
        return name
    return "the route" if what == ROUTE else f"the rule {what.removeprefix(RULE)}" if what.startswith(RULE) else what


def opted_out(quiet: Quiet, subject: str, person: int | None, record: Record | None, facts: Facts) -> bool:
    """Whether *person* asked for silence about *subject* (whose record is *record*), or about all of the route."""
    return any(
        each.person == person and (each.subject is None or _is_about(each.subject, subject, record, facts))
        for each in quiet.opt_outs
    )


def _is_about(key: str, subject: str, record: Record | None, facts: Facts) -> bool:
    """Whether *subject* is the record *key* or hangs on it: a plan's actions, all that is a delegation's."""
    of_guard = subject.partition("/")[2]  # case-complete/K3
    if key in (subject, of_guard):
        return True
    return record is not None and not of_guard and _hangs_on(record, key, facts)


def _hangs_on(record: Record, key: str, facts: Facts) -> bool:
    if record.key == key:
        return True
    described = KINDS.get(record.kind)
    above = described.field(described.parent) if described else None
    owner = facts.find(above.to, record[above.name]) if above and record[above.name] else None
    return owner is not None and _hangs_on(owner, key, facts)
