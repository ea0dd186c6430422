"""Which rules cannot speak, on one route or on all open ones: what `nudge list`, the doctor and Mondays show."""

from datetime import datetime

from lrflow.clock import today
from lrflow.database import Unit
from lrflow.planner import plan
from lrflow.planner.alive import Broken, broken
from lrflow.store.facts_of import RouteRow, facts_of, routes_of
from lrflow.store.ledger import ground_of, programme_zone
from lrflow.store.states import read_definition

__all__ = ["Broken", "broken_of", "broken_rules"]


def broken_of(unit: Unit, route: RouteRow, now: datetime) -> list[Broken]:
    """The rules of *route* that cannot speak, whole or in part, in the order of its workflow."""
    definition = read_definition(unit, route.digest)
    facts = facts_of(unit, route, definition, today(now, programme_zone(unit, route)))
    ground = ground_of(unit, route, definition, facts, now)
    return broken(ground, plan(ground))


def broken_rules(unit: Unit, now: datetime) -> list[tuple[str, str, str]]:
    """Every rule of an open route that cannot speak to anyone, as (route, rule, why), by route."""
    routes = [each for each in routes_of(unit) if each.status in ("active", "on_hold")]
    return [
        (route.key, each.rule, each.why) for route in routes for each in broken_of(unit, route, now) if not each.in_part
    ]
