"""What every use case starts from: who acts, on which route, with which facts and roles."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from lrflow.catalogue import KINDS
from lrflow.clock import today
from lrflow.database import Row, Unit
from lrflow.definition import Definition, Role
from lrflow.errors import Refused
from lrflow.facts import Facts, Record
from lrflow.guards import Finding
from lrflow.rows import record_of
from lrflow.store.facts_of import RouteRow, facts_of, read_route, spent_elsewhere
from lrflow.store.log import Entry, write_entry
from lrflow.store.people import actor_of, programme_of, roles_anywhere, roles_of
from lrflow.store.states import read_definition


@dataclass(frozen=True, slots=True)
class Act:
    """A wish to change something: who (an address), when (aware, UTC), on which day it happened, and why."""

    actor: str
    now: datetime
    zone: str = "UTC"
    on: date | None = None
    reason: str = ""
    dry_run: bool = False

    @property
    def day(self) -> date:
        """The day it happened: the one named, or today in the programme's zone."""
        return self.on or today(self.now, self.zone)


@dataclass(slots=True)
class Batch:
    """What one command has written so far: the number of its first entry in the route's log, and in the shared one."""

    route: int = 0
    shared: int = 0
    numbers: dict[str, int] = field(default_factory=dict)  # the last number given to each letter, by this command


@dataclass(frozen=True, slots=True)
class Standing:
    """A route as a use case finds it, inside one transaction. All that it logs is one batch, taken back by one undo."""

    route: RouteRow
    definition: Definition
    facts: Facts
    actor: Row
    roles: tuple[str, ...]
    batch: Batch = field(default_factory=Batch)

    @property
    def role(self) -> str:
        """The role under which the actor is written down."""
        return self.roles[0] if self.roles else "none"

    def may(self, verb: str) -> bool:
        """Whether a role of the actor allows *verb*."""
        return any(verb in self.definition.roles[role].may for role in self.roles if role in self.definition.roles)

    def may_edit(self, kind: str) -> bool:
        """Whether a role of the actor allows edits of *kind*."""
        edits = [self.definition.roles[role].edits for role in self.roles if role in self.definition.roles]
        return any("*" in each or kind in each for each in edits)

    def require_edit(self, kind: str) -> None:
        """Raise `Refused` unless a role of the actor allows edits of *kind*."""
        if not self.may_edit(kind):
            where = f" on {self.route.key}" if self.route.key else ""
            plural = KINDS[kind].plural if kind != "route" else "the route"
            raise Refused(f"{self.actor['email']} is {self.role}{where} and may not edit {plural}")

    def seeing(self, facts: Facts) -> "Standing":
        """The same with *facts* as they are after a step."""
        return replace(self, facts=facts)


def stand(unit: Unit, key: str, act: Act, *, removed: bool = False) -> Standing:
    """Read everything one use case needs of the route *key*. Raises `NotFound`, and `Misused` for an unknown actor.

    A route that was taken back is found only with *removed*.
    """
    route = read_route(unit, key, removed=removed)
    definition = read_definition(unit, route.digest)
    actor = actor_of(unit, act.actor)
    facts = replace(facts_of(unit, route, definition, act.day), elsewhere=spent_elsewhere(unit, route.id))
    return Standing(route, definition, facts, actor, roles_of(unit, actor["id"], route.id, on=act.day))


def stand_aside(unit: Unit, act: Act) -> Standing:
    """Where one stands for what all routes share, people and organisations; it needs no route to exist."""
    programme, actor = programme_of(unit), actor_of(unit, act.actor)
    held = roles_anywhere(unit, actor["id"], on=act.day)
    facts = Facts(Record("route", "", {"key": ""}), record_of("programme", programme), {}, {}, act.day)
    return Standing(RouteRow(0, "", "", "", "", 0, {}), _ASIDE, facts, actor, held)


_ASIDE = Definition(
    schema=1,
    name="",
    title="",
    path=(),
    done="",
    stages={},
    lives={},
    guards={},
    roles={name: Role(name, edits=("*",)) for name in ("owner", "coordinator", "facilitator", "host")},
    parameters={},
    vocabularies={},
    rules={},
)


def entry_of(
    standing: Standing,
    act: Act,
    verb: str,
    subject: str,
    outcome: str,
    *,
    step: tuple[str | None, str | None] = (None, None),
    findings: Sequence[Finding] = (),
    changes: Sequence[dict[str, Any]] = (),
) -> Entry:
    """The log entry of *act* on *subject*; *step* is from which state to which."""
    return Entry(
        verb=verb,
        subject=subject,
        actor=standing.actor["id"],
        role=standing.role,
        outcome=outcome,
        happened_on=act.day,
        recorded=act.now,
        source=step[0],
        target=step[1],
        reason=act.reason,
        findings=[plain_finding(each) for each in findings],
        changes=list(changes),
        digest=standing.route.digest or None,
    )


def log_entry(unit: Unit, standing: Standing, entry: Entry, *, shared: bool = False) -> int:
    """Append *entry* to the log of the route (*shared*: of the programme) as part of the command's batch; its number.

    What a command writes into the shared log comes first, so that the route's entries can name it.
    """
    batch = standing.batch
    if shared:
        number = write_entry(unit, None, entry, batch.shared or None)
        batch.shared = batch.shared or number
    else:
        number = write_entry(unit, standing.route.id, entry, batch.route or None, batch.shared or None)
        batch.route = batch.route or number
    return number


def plain_finding(finding: Finding) -> dict[str, Any]:
    """*finding* as the log keeps it: ids and numbers, without the words that can be made again."""
    return {
        "guard": finding.guard,
        "level": finding.level,
        "outcome": finding.outcome,
        "have": finding.have,
        "need": finding.need,
        "missing": list(finding.missing),
        "waiver": finding.waiver,
    }


def note_refusal(unit: Unit, standing: Standing, act: Act, verb: str, subject: str, findings: Sequence[Finding]) -> int:
    """Keep a refused attempt in the log, once per actor, day and set of findings; the number of its entry."""
    outcome = "blocked" if findings else "refused"
    entry = entry_of(standing, act, verb, subject, outcome, findings=findings)
    same = unit.one(
        """SELECT number, findings FROM log WHERE route_id = $1 AND verb = $2 AND subject = $3 AND outcome = $4
           AND actor = $5 AND happened_on = $6 ORDER BY number DESC LIMIT 1""",
        standing.route.id,
        verb,
        subject,
        outcome,
        standing.actor["id"],
        act.day.isoformat(),
    )
    if same and json.loads(same["findings"]) == list(entry.findings):
        return int(same["number"])
    return write_entry(unit, standing.route.id, entry)
