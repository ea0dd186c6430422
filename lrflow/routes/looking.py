"""Look at a route without changing it: where it stands, what the next stage asks, what is watched."""

from dataclasses import dataclass, replace
from datetime import date

from lrflow import store
from lrflow.database import Database, Row
from lrflow.definition import Definition
from lrflow.facts import Facts
from lrflow.guards import Finding, blocking, judge
from lrflow.routes.unheard import Unheard, unheard
from lrflow.store import RouteRow


@dataclass(frozen=True, slots=True)
class Outlook:
    """A route as it stands: what the next stage asks, what is watched, the last move, and what is to go out."""

    route: RouteRow
    definition: Definition
    facts: Facts
    findings: tuple[Finding, ...]
    watched: tuple[Finding, ...]
    last_move: Row | None
    going_out: tuple[Row, ...]
    needs_me: tuple[str, ...]
    unheard: Unheard

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """What stands in the way of the next stage."""
        return blocking(self.findings)


Blocker = Finding


def look(database: Database, key: str, today: date) -> Outlook:
    """Everything a coordinator asks first, read in one snapshot."""
    with database.begin() as unit:
        route = store.read_route(unit, key)
        definition = store.read_definition(unit, route.digest)
        facts = store.facts_of(unit, route, definition, today)
        facts = replace(facts, elsewhere=store.spent_elsewhere(unit, route.id))
        last = store.last_move(unit, route.id)
        going_out = store.going_out(unit, route.id, today)
        needs_me = store.needs_attention(unit, route.id)
        missed = unheard(unit, route, definition, facts)
    stage = definition.stages.get(route.stage)
    findings = judge(definition, stage.needs if stage else (), facts, facts.waivers)
    return Outlook(route, definition, facts, findings, watched(definition, facts), last, going_out, needs_me, missed)


def watched(definition: Definition, facts: Facts) -> tuple[Finding, ...]:
    """Guards that were passed and are watched until their stage ends: those that have fallen since."""
    path, stage = definition.path, facts.route["stage"]
    if stage not in path:
        return ()
    here = path.index(stage)
    kept = [
        need
        for number, name in enumerate(path[:here])
        for need in definition.stages[name].needs
        if (until := definition.guards[need].keep) and number < here <= path.index(until)
    ]
    return tuple(each for each in judge(definition, dict.fromkeys(kept), facts, facts.waivers) if each.outcome != "met")
