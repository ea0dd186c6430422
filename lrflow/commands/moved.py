"""Word a move that was made, and what a person sees before making one."""

from typing import Any

from lrflow import store
from lrflow.commands.door import Door, tell
from lrflow.guards import shorten
from lrflow.render import finding_data
from lrflow.routes import Moved, Waived


def seen_now(door: Door, key: str) -> tuple[str, bool]:
    """The stage of the route as it is before the lock is taken, and whether the next one closes it."""
    with door.database.begin() as unit:
        route = store.read_route(unit, key)
        definition = store.read_definition(unit, route.digest)
    return route.stage, route.status == "active" and route.stage == definition.path[-1]


def tell_moved(door: Door, moved: Moved) -> None:
    """What changed, what followed from it, what to type next."""
    decision = moved.decision
    verb = "would move" if door.dry_run else "✓"
    lines = [f"{verb} {moved.route}: {decision.source} -> {decision.target} (L{moved.entry})"]
    lines += [f"  ~ {each.guard}: {each.says}" for each in decision.findings if each.outcome == "waived"]
    lines += [f"  ! {each.guard}: {each.warning or each.says}" for each in decision.findings if each.warns]
    if moved.watched:
        lines.append(f"  watched from now on: {', '.join(moved.watched)}")
    if moved.made:
        lines.append(f"  made: {shorten(moved.made)}")
    if moved.reopened:
        lines.append(f"  to be given again: {shorten(moved.reopened)}")
    if moved.waivers_ended:
        lines.append(f"  waivers that ended with the stage: {', '.join(moved.waivers_ended)}")
    planned, withdrawn = moved.planned
    if planned or withdrawn:
        lines.append(f"  nudges: {planned} planned, {withdrawn} withdrawn")
    lines.append(f"Next: {_next(moved)}")
    data: dict[str, Any] = {"route": moved.route, "verb": decision.verb, "from": decision.source, "to": decision.target}
    data |= {"entry": f"L{moved.entry}", "findings": [finding_data(each) for each in decision.findings]}
    tell(door, "moved", {**data, "made": list(moved.made), "dry_run": door.dry_run}, lines)


def _next(moved: Moved) -> str:
    return {
        "on_hold": "lrflow resume",
        "closed": "lrflow log",
        "cancelled": "lrflow log",
        "follow_up": "lrflow calendar",
    }.get(moved.decision.target, "lrflow check")


def tell_waived(door: Door, waived: Waived) -> None:
    """Which guard is set aside, until when, and that it stays visible."""
    sign = "would waive:" if door.dry_run else "✓"
    stay = f"for this stay in the stage ({waived.key}, L{waived.entry})"
    lines = [
        f"{sign} {waived.guard} is waived until {waived.until_on}, {stay}",
        f"  it stays unmet and visible: {waived.finding.says}",
        "Next: lrflow check",
    ]
    data = {
        "waiver": waived.key,
        "guard": waived.guard,
        "until": waived.until_on.isoformat(),
        "entry": f"L{waived.entry}",
    }
    tell(door, "waived", data, lines)
