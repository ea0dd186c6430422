"""Look at what leaves: whether someone sends, what is held or waits for a person's word, and rules that are dead."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from lrflow import store
from lrflow.clock import from_us
from lrflow.database import Row, Unit
from lrflow.doctor.found import Found, Level
from lrflow.errors import LrflowError
from lrflow.guards import shorten
from lrflow.planner import sentence
from lrflow.planner.alive import Broken
from lrflow.store import LEASE, RouteRow, alarms, health, rules_alive

SHOWN = 5
HELD = "lrflow nudge list --state held"
ALARMS = {
    "flood": (HELD, "lrflow nudge release all"),
    "restored": (HELD, "lrflow nudge release WHICH   or, where it was sent: lrflow nudge confirm WHICH"),
    "clock": ("set the clock of this computer right, then: lrflow run",),
    "mail": ("lrflow settings show",),
    "mailbox": ("lrflow settings show",),
    "plan": ("lrflow workflow check",),
}
NO_TROUBLE = ("paused", "opted_out")  # said elsewhere, and taken back by whoever asked for it


def look_at_sender(unit: Unit, now: datetime) -> Iterator[Found]:
    """Whether someone sends, where routes are live, and every alarm that stands."""
    if store.programme_of(unit).get("closed_us"):
        says = "this copy was handed over: nothing is written or sent from it any more"
        yield Found("note", says, ("lrflow status",))
        return
    yield _sender(unit, now)
    for alarm in alarms.alarms_of(unit):
        says = f"{alarm.says} (since {alarm.since:%Y-%m-%d %H:%M} UTC)"
        yield Found("fault", says, ALARMS.get(alarm.kind, ("lrflow status",)))


def _sender(unit: Unit, now: datetime) -> Found:
    live, row = health.live_routes(unit), store.sender_row(unit)
    ticked = from_us(row["ticked_us"]) if row and row["ticked_us"] else None
    last = f"last tick on {ticked:%Y-%m-%d at %H:%M} UTC" if ticked else "no tick yet"
    is_late = any(each.kind == alarms.SILENT for each in alarms.troubles_of(unit, now))
    if row and abs(now - from_us(row["beat_us"])) < LEASE:
        says = f"{row['host']} (process {row['pid']}) sends; {last}"
        return Found("fault", f"{says}: it is stuck", ("end it, then: lrflow run",)) if is_late else Found("ok", says)
    if not live:
        return Found("ok", f"no route is live, so nothing has to be sent; {last}")
    says = f"messages of {', '.join(live)} are to leave, but nobody sends: lrflow run is not running; {last}"
    return Found("fault" if is_late else "note", says, ("lrflow run", "lrflow run --once"))


def look_at_nudges(unit: Unit) -> Iterator[Found]:
    """What waits for a person's word: nudges that are held, not known to have arrived, or failed; endless pauses."""
    for row in health.waiting_for_a_person(unit):
        if row["state"] != "held" or row["reason"] not in NO_TROUBLE:
            yield _waiting(row)
    for row in health.endless_pauses(unit):
        about = f"{row['route']}: " if row["route"] else ""
        says = f"{about}{_paused(row['what'])} is paused without an end since {from_us(row['since_us']):%Y-%m-%d}"
        why = f": {row['reason']}" if row["reason"] else ""
        yield Found("note", f"{says}{why}", (_on(row["route"], "lrflow pause list"),))


def _waiting(row: Row) -> Found:
    route, number, state = row["route"], row["number"], row["state"]
    nudges = "1 nudge" if number == 1 else f"{number} nudges"
    if state == "unsure":
        remedies = ("lrflow nudge list --state unsure", "lrflow nudge confirm WHICH")
        says = f"{route}: it is not known whether {nudges} arrived"
        return Found("fault", says, tuple(_on(route, each) for each in remedies))
    if state == "failed":
        says = f"{route}: {nudges} could not be sent"
        return Found("note", says, (_on(route, "lrflow nudge list --state failed"),))
    says = f"{route}: {nudges} held: {sentence(row['reason'])}"
    level: Level = "note" if row["reason"] == store.BY_HAND else "fault"
    return Found(level, says, (_on(route, HELD), _on(route, "lrflow nudge release WHICH")))


def _paused(what: str) -> str:
    kind, _, which = what.partition(":")
    return f"{kind} {which}" if which else what


def _on(route: str, command: str) -> str:
    return command.replace("lrflow ", f"lrflow -r {route} ", 1) if route else command


def look_at_rules(unit: Unit, route: RouteRow, now: datetime) -> Iterator[Found]:
    """Rules of *route* that can speak to nobody; where only a part is missed, or time has passed, it is a note."""
    try:
        found = rules_alive.broken_of(unit, route, now)
    except LrflowError as fault:
        yield Found("fault", f"{route.key} cannot be planned: {fault.message}", fault.remedy or (ALARMS["plan"]))
        return
    alike: dict[Broken, list[str]] = {}
    for each in found:
        alike.setdefault(replace(each, rule=""), []).append(each.rule)
    for what, rules in alike.items():
        says = f"{route.key}: {shorten(rules, SHOWN)}: {_said_of(what)}: {what.why}"
        do = _on(route.key, what.remedy or "lrflow nudge list --all")
        yield Found("fault" if what.remedy and not what.in_part else "note", says, (do,))
    if not found:
        yield Found("ok", f"{route.key}: every rule can speak")


def _said_of(what: Broken) -> str:
    if what.in_part:
        return "not everyone is reached"
    return "cannot speak" if what.remedy else "silent so far"
