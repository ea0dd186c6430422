"""What people decide about nudges: from which day rules speak, and that a draft was sent."""

from dataclasses import dataclass
from datetime import date

from lrflow import store
from lrflow.database import Database
from lrflow.errors import Misused, NotFound, Refused
from lrflow.store import Act


@dataclass(frozen=True, slots=True)
class Live:
    """A route that speaks from now on: how many nudges lie ahead, how many stay silent because their day was before."""

    live_on: date
    ahead: int
    before: int
    entry: int


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Messages that a person has vouched for, and how many lines they held."""

    messages: int
    lines: int


def go_live(database: Database, key: str, act: Act) -> Live:
    """End the rehearsal of the route *key*: rules speak from this day on, never about days before it."""
    with database.begin(write=True, keep=not act.dry_run) as unit:
        standing = store.stand(unit, key, act)
        if not standing.may("live"):
            raise Refused(f"{act.actor} is {standing.role} on {key} and may not go live", remedy="ask the coordinator")
        if standing.route.row["live_on"]:
            raise Misused(f"{key} is live since {standing.route.row['live_on']}")
        store.move_route(unit, standing.route, {"live_on": act.day.isoformat()})
        changes = [{"of": "route", "field": "live_on", "before": None, "after": act.day.isoformat()}]
        entry = store.write_entry(
            unit, standing.route.id, store.entry_of(standing, act, "go-live", "route", "done", changes=changes)
        )
        store.replan(unit, key, act.now, act.day)
        ahead = len(store.nudges_of(unit, standing.route.id, ["planned", "held"]))
        before = [
            row for row in store.nudges_of(unit, standing.route.id, ["suppressed"]) if row["reason"] == "before_active"
        ]
    return Live(act.day, ahead, len(before), entry)


def confirm(database: Database, key: str, which: str, act: Act, *, sent: bool = True) -> Confirmed:
    """Close drafts and unsure messages on a person's word: *which* is a nudge (N12) or all; *sent* or not."""
    with database.begin(write=True, keep=not act.dry_run) as unit:
        standing = store.stand(unit, key, act)
        if not standing.may("live"):
            raise Refused(f"{act.actor} is {standing.role} on {key} and may not confirm messages")
        messages = _meant(which, store.nudges_of(unit, standing.route.id, ["drafted", "unsure"]))
        lines = sum(store.confirm_message(unit, each, sent, standing.actor["id"], act.now) for each in messages)
        changes = [
            {"of": f"message:{each}", "field": "state", "before": None, "after": "sent" if sent else "failed"}
            for each in messages
        ]
        entry = store.entry_of(standing, act, "confirm", which, "done", changes=changes)
        store.write_entry(unit, standing.route.id, entry)
        store.replan(unit, key, act.now, act.day)
    return Confirmed(len(messages), lines)


def _meant(which: str, rows: list[dict[str, object]]) -> list[int]:
    wanted = which.upper()
    found = [row for row in rows if wanted == "ALL" or f"N{row['number']}" == wanted]
    if not found:
        waiting = [f"N{row['number']}" for row in rows]
        raise NotFound(f"no draft and no unsure message matches {which}", problems=waiting, remedy="lrflow nudge list")
    return list(dict.fromkeys(int(str(row["message_id"])) for row in found))
