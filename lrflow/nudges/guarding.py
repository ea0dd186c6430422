"""What the sending asks before it sends: is the clock right, is this the database I knew, would it be a flood."""

import json
import os
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from lrflow import clock, store
from lrflow.clock import from_us, today
from lrflow.database import Row, Unit
from lrflow.planner import ALARM
from lrflow.store import Entry, Notice

BACKWARDS, FORWARDS = timedelta(minutes=5), timedelta(hours=36)
TOO_FAR = timedelta(days=400)  # no programme lies still for so long; a computer without its battery jumps further
MARK = ".lrflow-sent"


@dataclass(frozen=True, slots=True)
class Uptime:
    """How long this computer has been running, sleep included, and since which start; empty where it does not tell."""

    boot: str = ""
    ran: timedelta = timedelta()


UNKNOWN = Uptime()


def uptime() -> Uptime:
    """What this computer says of itself; nothing where time is handed in, which no clock can vouch for."""
    with suppress(OSError, AttributeError):
        if not clock.is_handed_in():
            boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
            return Uptime(boot, timedelta(seconds=time.clock_gettime(time.CLOCK_BOOTTIME)))
    return UNKNOWN


def doubt_of_clock(now: datetime, last: datetime | None, running: Uptime, then: Uptime) -> str:
    """Why *now* cannot be believed, given the *last* instant that was; empty when it can.

    It went backwards; it ran ahead of what the computer itself counted since *then*; or, after a new start, it lies
    further ahead than any programme ever lies still.
    """
    if last is None:
        return ""
    if now < last - BACKWARDS:
        return f"this computer says {now:%Y-%m-%d %H:%M} UTC, but {last:%Y-%m-%d %H:%M} has passed already"
    same_start = bool(running.boot) and running.boot == then.boot
    gone, counted = now - last, running.ran - then.ran
    if same_start and gone > FORWARDS and gone - counted > FORWARDS:
        return f"this computer says {now:%Y-%m-%d %H:%M} UTC, days ahead of {last:%Y-%m-%d %H:%M} by its own count"
    if not same_start and gone > TOO_FAR:
        return f"this computer says {now:%Y-%m-%d %H:%M} UTC, {gone.days} days after anything that was done here"
    return ""


def guard_clock(unit: Unit, now: datetime, running: Uptime, *, trusted: bool) -> str:
    """Believe *now*, or say why not; a person's word (*trusted*) is believed. Nothing is written with a wrong date."""
    row = store.sender_row(unit)
    moments = [int(store.newest_mark(unit).get("recorded_us") or 0), int(row["seen_us"] or 0) if row else 0]
    last = from_us(max(moments)) if any(moments) else None
    then = Uptime(str(row["boot"] or ""), timedelta(microseconds=row["uptime_us"] or 0)) if row else Uptime()
    why = "" if trusted else doubt_of_clock(now, last, running, then)
    if why and last:
        store.raise_alarm(unit, "clock", f"{why}: nothing is sent", last)
        return why
    store.believe(unit, now, running.boot, running.ran // timedelta(microseconds=1))
    store.end_alarm(unit, "clock")
    return ""


def guard_database(unit: Unit, path: Path, now: datetime) -> bool:
    """Whether an older copy of the database was put back: what may have left since is held, until a person looks.

    How many messages were begun is kept in a file of its own beside the database, which a copy of it does not change.
    """
    row, known = store.sender_row(unit), _read(path)
    begun = int(row["begun"] or 0) if row else 0
    if known.get("programme") == store.first_hash(unit) and int(known.get("begun", 0)) > begun:
        says = "an older copy of the database was put back, and messages may have left since"
        store.hold_what_may_have_left(unit, now, says, store.RESTORED)
        store.raise_alarm(unit, "restored", says, now)
        unit.run("UPDATE sender SET begun = $1 WHERE id = 1", int(known["begun"]))
        return True
    if not store.held_for(unit, store.RESTORED):
        store.end_alarm(unit, "restored")
    return False


def keep_mark(path: Path, programme: str, begun: int) -> None:
    """Write beside the database at *path* how many messages were begun; where it cannot be, it is not."""
    place = path.with_name(MARK)
    temporary = place.with_name(f"{MARK}.{os.getpid()}")
    with suppress(OSError):
        temporary.write_text(json.dumps({"programme": programme, "begun": begun}), encoding="utf-8")
        temporary.replace(place)


def _read(path: Path) -> dict[str, str]:
    try:
        found = json.loads(path.with_name(MARK).read_text(encoding="utf-8"))
        return found if isinstance(found, dict) else {}
    except (OSError, ValueError):
        return {}


def guard_flood(unit: Unit, now: datetime) -> int:
    """Hold what would leave now although nobody foresaw it, when it is far more than usual; how many nudges that were.

    The coordinators of each route are told once; it leaves when they release it.
    """
    row = store.sender_row(unit)
    recovering = bool(row and row["ticked_us"] and now - from_us(row["ticked_us"]) > store.FORECAST)
    rows = store.unforeseen(unit, now, now, recovering=recovering)
    if not store.is_flood(unit, rows):
        if not store.held_for(unit, store.FLOOD):
            store.end_alarm(unit, "flood")
        return 0
    store.hold_for(unit, rows, store.FLOOD)
    people = len({each["person"] for each in rows})
    store.raise_alarm(unit, "flood", f"{people} people would have got an unforeseen message at once: it is held", now)
    for key in dict.fromkeys(each["route_key"] for each in rows):
        _tell_coordinators(unit, key, [each for each in rows if each["route_key"] == key], now)
    return len(rows)


def _tell_coordinators(unit: Unit, key: str, rows: list[Row], now: datetime) -> None:
    """Say so in the route's log and, once, to its coordinators: how many, to how many, of which rules."""
    route = store.read_route(unit, key)
    zone = store.programme_zone(unit, route)
    holders = [store.holders_of(unit, where, role) for role in ("coordinator", "owner") for where in (route.id, None)]
    people = dict.fromkeys(person for found in (holders[:2] if any(holders[:2]) else holders) for person in found)
    rules = Counter(each["rule"] for each in rows)
    said = {"count": len(rows), "people": len({each["person"] for each in rows}), "rules": dict(rules.most_common(5))}
    entry = Entry(
        verb="nudge",
        subject="route",
        actor=None,
        role="daemon",
        outcome="blocked",
        happened_on=today(now, zone),
        recorded=now,
        reason=f"{said['count']} unforeseen nudges to {said['people']} people are held",
        digest=route.digest,
    )
    number = store.write_entry(unit, route.id, entry)
    notice = Notice(ALARM, list(people), today(now, zone), store.FLOOD, json.dumps(said))
    store.add_notice(unit, route.id, number, notice)
    try:
        with unit.attempt():
            store.replan(unit, key, now)
    except Exception as fault:  # a door: what is wrong with this route must not silence the others
        store.raise_alarm(unit, "plan", f"{key} cannot be planned: {type(fault).__name__}", now)
