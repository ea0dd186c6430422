"""What people decide about single nudges: on another day, not at all, or now."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from lrflow import store
from lrflow.calendars import Calendar
from lrflow.clock import today
from lrflow.database import Database, Row, Unit
from lrflow.errors import Misused
from lrflow.nudges.assembling import ground_now
from lrflow.nudges.chosen import Settled, as_they_are, meant, nothing, stand_for, step, write
from lrflow.planner import WINDOW, why_not_today
from lrflow.store import Act, Standing

OPEN = ["planned", "assembled", "held"]


@dataclass(frozen=True, slots=True)
class Sent:
    """Nudges that leave as soon as they may, and for each (N12) why that is not this moment."""

    settled: Settled
    waits: tuple[tuple[str, str], ...]


def move(database: Database, key: str, which: str, day: date, act: Act) -> Settled:
    """Let the nudges *which* leave on *day*, or on the next working day of each reader, whatever their rule says.

    They stay there when the date they count from moves. Raises `Misused` for a day gone by.
    """

    def moved(unit: Unit, row: Row, calendar: Calendar) -> bool:
        if day < today(act.now, calendar.zone):
            raise Misused(f"{day} has passed", remedy="lrflow nudge send N12   to let it leave now")
        return store.move_nudge(unit, row["id"], calendar.next_working(day), act.now)

    return _decide(database, key, which, act, "move-nudge", moved)


def skip(database: Database, key: str, which: str, act: Act) -> Settled:
    """Leave the nudges *which* out: they stay silent for good, with the reason in the log."""
    if not act.reason:
        raise Misused("leaving a nudge out needs a reason", remedy=f'lrflow nudge skip {which} --reason "..."')
    return _decide(database, key, which, act, "skip-nudge", lambda unit, row, _: store.skip_nudge(unit, row, act.now))


def send(database: Database, key: str, which: str, act: Act, *, wake: bool = False) -> Sent:
    """Let the nudges *which* leave today instead of on their day, within the hours of each reader.

    With *wake* neither quiet hours, days off nor the week's two messages hold them; one message a day always does.
    Of a message that may have left (`unsure`), this sends the same one again.
    """
    waits: list[tuple[str, str]] = []

    def sent(unit: Unit, row: Row, calendar: Calendar) -> bool:
        here = today(act.now, calendar.zone)
        written = store.recent_days(unit, row["person"] or 0, here - WINDOW)
        if why := why_not_today(calendar, act.now, written, urgent=False, woken=wake):
            waits.append((f"N{row['number']}", why))
        if row["state"] == "unsure":
            return store.send_again(unit, row["message_id"], act.now) > 0
        return store.move_nudge(unit, row["id"], here, act.now, woken=wake)

    return Sent(_decide(database, key, which, act, "send-nudge", sent), tuple(waits))


def _decide(
    database: Database, key: str, which: str, act: Act, verb: str, how: Callable[[Unit, Row, Calendar], bool]
) -> Settled:
    """Decide *how* on each nudge of *which* that is open, and plan anew."""
    with database.begin(write=True, keep=not act.dry_run) as unit:
        standing = stand_for(unit, key, act, "decide about nudges")
        states = [*OPEN, "unsure"] if verb == "send-nudge" else OPEN
        rows = [row for row in store.nudges_of(unit, standing.route.id, states) if not row["pinned"]]
        chosen = meant(which, rows)
        if not chosen:
            raise nothing(which, "no open nudge", rows)
        ground = ground_now(unit, key, act.now)
        done = [row for row in chosen if how(unit, row, ground.calendar_of(row["person"]))]
        late = tuple(f"N{row['number']}" for row in chosen if row not in done)
        return _kept(unit, standing, act, (verb, which), done, late)


def _kept(
    unit: Unit, standing: Standing, act: Act, what: tuple[str, str], done: list[Row], late: tuple[str, ...]
) -> Settled:
    state = {"skip-nudge": "suppressed"}.get(what[0], "planned")
    entry = write(unit, standing, act, *what, [step(row, state) for row in done])
    if state == "suppressed":
        store.note_cause(unit, done)
    store.replan(unit, standing.route.key, act.now, act.day)
    return replace(Settled((), late, entry), nudges=as_they_are(unit, standing, done))
