"""What people decide about nudges: from which day rules speak, what is held back, and that a message was sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from lrflow import store
from lrflow.database import Database, Row, Unit
from lrflow.errors import Misused, NotFound, Refused
from lrflow.nudges.chosen import Settled, as_they_are, meant, names, nothing, stand_for, step, write
from lrflow.store import Act, Standing


@dataclass(frozen=True, slots=True)
class Live:
    """A route that speaks from now on: how many nudges lie ahead, how many stay silent because their day was before."""

    live_on: date
    ahead: int
    before: int
    entry: int


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Messages that a person has vouched for, how many lines they held, and nudges that another copy has sent."""

    messages: int
    lines: int
    elsewhere: int = 0


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
        store.accept(unit, store.soon_unforeseen(unit, act.now, standing.route.id), act.now)  # it was asked for
        ahead = len(store.nudges_of(unit, standing.route.id, ["planned", "held"]))
        before = [
            row for row in store.nudges_of(unit, standing.route.id, ["suppressed"]) if row["reason"] == "before_active"
        ]
    return Live(act.day, ahead, len(before), entry)


def confirm(database: Database, key: str, which: str, act: Act, *, sent: bool = True) -> Confirmed:
    """Close drafts and unsure messages on a person's word: *which* is N12, N12-N15 or all; *sent* or not.

    What is held since a takeover is closed as sent by the other copy, so that it never leaves from here: by its number,
    or all of it with `held`. When that did not send it either, it is released instead.
    """
    with database.begin(write=True, keep=not act.dry_run) as unit:
        standing = stand_for(unit, key, act, "confirm messages")
        rows = store.nudges_of(unit, standing.route.id, ["drafted", "unsure"])
        held = [row for row in _held(unit, standing) if row["reason"] == store.TAKEN_OVER]
        chosen = [] if which.lower() == "held" else meant(which, rows)
        elsewhere = [] if which.lower() == "all" else meant("all" if which.lower() == "held" else which, held)
        if not chosen and not elsewhere:
            raise _nothing_to_confirm(which, rows, held)
        if elsewhere and not sent:
            says = f"{names(elsewhere)} would be lost: what no copy has sent is let go, not closed"
            raise Misused(says, remedy=f"lrflow nudge release {which.replace('held', 'all')}")
        messages = list(dict.fromkeys(int(row["message_id"]) for row in chosen))
        lines = sum(store.confirm_message(unit, each, sent, standing.actor["id"], act.now) for each in messages)
        there = sum(store.confirm_held(unit, row, standing.actor["id"], act.now) for row in elsewhere)
        state = "sent" if sent else "failed"
        changes: list[dict[str, object]] = [
            {"of": f"message:{each}", "field": "state", "before": None, "after": state} for each in messages
        ]
        changes += [step(row, "sent") for row in elsewhere]
        store.log_entry(unit, standing, store.entry_of(standing, act, "confirm", which, "done", changes=changes))
        store.replan(unit, key, act.now, act.day)
    return Confirmed(len(messages), lines, there)


def hold(database: Database, key: str, which: str, act: Act) -> Settled:
    """Hold the nudges *which* (N12, N12-N15, all) back until they are released. Raises `NotFound` when none is open."""
    with database.begin(write=True, keep=not act.dry_run) as unit:
        standing = stand_for(unit, key, act, "hold nudges")
        rows = store.nudges_of(unit, standing.route.id, ["planned", "assembled", "held"])
        chosen = meant(which, [row for row in rows if not row["pinned"]])
        if not chosen:
            raise nothing(which, "no nudge that could be held", [])
        done = [row for row in chosen if store.hold_nudge(unit, row["id"])]
        late = tuple(f"N{row['number']}" for row in chosen if row not in done)
        entry = write(unit, standing, act, "hold-nudge", which, [step(row, "held") for row in done])
        now = as_they_are(unit, standing, done)
    return Settled(now, late, entry)


def release(database: Database, key: str, which: str, act: Act) -> Settled:
    """Let held nudges *which* (N12, N12-N15, all) go: planned anew, they leave if their rule still holds.

    Those that would be held when their hour comes, because nobody foresaw them, are let go as well.
    """
    with database.begin(write=True, keep=not act.dry_run) as unit:
        standing = stand_for(unit, key, act, "release nudges")
        held = _held(unit, standing)
        chosen = meant(which, held)
        soon = meant(which, store.soon_unforeseen(unit, act.now, standing.route.id))
        if not chosen and not soon:
            raise nothing(which, "no nudge is held that", held)
        store.accept(unit, soon, act.now)
        done = [*(row for row in chosen if store.release_nudge(unit, row, act.now)), *soon]
        entry = write(unit, standing, act, "release", which, [step(row, "planned") for row in done])
        store.replan(unit, key, act.now, act.day)
        now = as_they_are(unit, standing, done)
    return Settled(now, (), entry)


def _held(unit: Unit, standing: Standing) -> list[Row]:
    """What a person or a takeover holds back; what waits for a route on hold is no such thing."""
    return [row for row in store.nudges_of(unit, standing.route.id, ["held"]) if row["pinned"]]


def _nothing_to_confirm(which: str, rows: Sequence[Row], held: Sequence[Row]) -> NotFound:
    if which.lower() == "all" and held:
        remedy = "lrflow nudge confirm held   if the other copy has sent them"
        return NotFound(f"no draft and no unsure message waits; held since a takeover: {names(held)}", remedy=remedy)
    return nothing(which, "no draft, no unsure message and nothing held since a takeover", [*rows, *held])
