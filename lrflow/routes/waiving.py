"""Set one soft guard aside for one stay in a stage: a record with a name, a reason, a floor and an end."""

from dataclasses import dataclass
from datetime import date, timedelta

from lrflow import store
from lrflow.database import Database, Row, Unit
from lrflow.definition import Guard, Waivable
from lrflow.errors import Misused, NotFound, Refused
from lrflow.guards import Finding, judge
from lrflow.store import Act, Standing

SHORTEST_REASON = 15


@dataclass(frozen=True, slots=True)
class Waived:
    """A waiver that was given."""

    key: str
    guard: str
    until_on: date
    finding: Finding
    entry: int


def waive(
    database: Database, key: str, guard: str, act: Act, *, until: date | None = None, approved_by: str = ""
) -> Waived:
    """Waive *guard* on the route *key* until a day, in the actor's own right or as approved by someone who has it.

    It is never recorded as met. Raises `Refused` for a hard guard, a met one, one that cannot be judged, a number
    under the floor, or a role that may not; `Misused` for a short reason or a day too far ahead.
    """
    with database.begin(write=True, keep=not act.dry_run) as unit:
        standing = store.stand(unit, key, act)
        approver = store.actor_of(unit, approved_by) if approved_by else None
        refusal, finding, until_on = _weigh(unit, standing, act, guard, until, approver)
        if refusal:
            store.note_refusal(unit, standing, act, "waive", guard, ())
        else:
            waiver, number = _write(unit, standing, act, finding, until_on, approver)
    if refusal:
        raise Refused(f"{guard} cannot be waived on {key}", problems=[refusal])
    return Waived(waiver, guard, until_on, finding, number)


def _weigh(
    unit: Unit, standing: Standing, act: Act, name: str, until: date | None, approver: Row | None
) -> tuple[str, Finding, date]:
    guard = _guard(standing, name)
    finding = judge(standing.definition, [name], standing.facts, standing.facts.waivers)[0]
    terms = guard.waive or Waivable(by=(), days=0)
    until_on = until or act.day + timedelta(days=terms.days)
    refusal = _against(standing, guard, finding, terms) or _without_right(unit, standing, terms, approver)
    if refusal:
        return refusal, finding, until_on
    if len(act.reason.strip()) < SHORTEST_REASON:
        raise Misused(f"a waiver needs a reason of at least {SHORTEST_REASON} characters", remedy='--reason "TEXT"')
    if not act.day <= until_on <= act.day + timedelta(days=terms.days):
        raise Misused(f"{name} can be waived for {terms.days} days at most", remedy=f"--until +{terms.days}d")
    return "", finding, until_on


def _guard(standing: Standing, name: str) -> Guard:
    from difflib import get_close_matches

    guards = standing.definition.guards
    if name not in guards:
        near = [f"did you mean {each}?" for each in get_close_matches(name, guards, n=1)]
        raise NotFound(f"there is no guard {name!r}", problems=near, remedy="lrflow check")
    return guards[name]


def _against(standing: Standing, guard: Guard, finding: Finding, terms: Waivable) -> str:
    if guard.level != "soft":
        return f"it is {guard.level}: {'there is no way past it' if guard.level == 'hard' else 'it never blocks'}"
    if finding.outcome in ("met", "waived"):
        return f"it is already {finding.outcome}: {finding.says}"
    if finding.outcome == "unknown":
        return f"it cannot be judged, so it cannot be waived: {finding.says}"
    if terms.floor is not None and finding.have is not None and finding.have < terms.floor:
        return f"{finding.says}; no waiver goes below {terms.floor}"
    return ""


def _held_by(unit: Unit, person: Row, standing: Standing) -> tuple[str, ...]:
    return store.roles_of(unit, person["id"], standing.route.id, on=standing.facts.today)


def _without_right(unit: Unit, standing: Standing, terms: Waivable, approver: Row | None) -> str:
    roles = _held_by(unit, approver, standing) if approver else standing.roles
    if set(roles) & set(terms.by) and (approver or standing.may("waive")):
        return ""
    who = (approver or standing.actor)["email"]
    return f"{who} is {', '.join(roles) or 'nobody'} here; it takes: {', '.join(terms.by)} (or --approved-by WHO)"


def _write(
    unit: Unit, standing: Standing, act: Act, finding: Finding, until_on: date, approver: Row | None
) -> tuple[str, int]:
    terms = standing.definition.guards[finding.guard].waive
    values = {
        "guard": finding.guard,
        "stage": standing.route.stage,
        "reason": act.reason,
        "actor": standing.actor["id"],
        "role": standing.role,
        "approved_by": approver["id"] if approver else None,
        "given_on": act.day.isoformat(),
        "until_on": until_on.isoformat(),
        "have": finding.have,
        "floor": terms.floor if terms else None,
    }
    key = store.add_waiver(unit, standing.route.id, values)
    store.touch_route(unit, standing.route)
    changes = [{"of": key, "field": "state", "before": None, "after": "active"}]
    entry = store.entry_of(standing, act, "waive", finding.guard, "done", findings=[finding], changes=changes)
    number = store.log_entry(unit, standing, entry)
    store.replan(unit, standing.route.key, act.now, act.day)
    return key, number
