"""What people decide about single nudges: on another day, not at all, or now."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from lrflow import store
from lrflow.calendars import read_when
from lrflow.clock import today
from lrflow.database import Database, Row, Unit
from lrflow.errors import Misused
from lrflow.facts import full_day
from lrflow.nudges.assembling import ground_now
from lrflow.nudges.chosen import Settled, as_they_are, meant, nothing, stand_for, step, write
from lrflow.nudges.wording import subject_of
from lrflow.planner import WINDOW, Ground, anchor_of, rule_of, why_not_today
from lrflow.render import day_in_words
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

    def moved(unit: Unit, row: Row, ground: Ground) -> bool:
        calendar = ground.calendar_of(row["person"])
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
    Of a message that may have left (`unsure`), this sends the same one again. Raises `Misused` for what would be untrue
    today.
    """
    waits: list[tuple[str, str]] = []

    def sent(unit: Unit, row: Row, ground: Ground) -> bool:
        calendar = ground.calendar_of(row["person"])
        here = today(act.now, calendar.zone)
        _check_true(row, ground, here)
        written = store.recent_days(unit, row["person"] or 0, here - WINDOW)
        if why := why_not_today(calendar, act.now, written, urgent=False, woken=wake):
            waits.append((f"N{row['number']}", why))
        if row["state"] == "unsure":
            return store.send_again(unit, row["message_id"], act.now) > 0
        return store.move_nudge(unit, row["id"], here, act.now, woken=wake)

    return Sent(_decide(database, key, which, act, "send-nudge", sent), tuple(waits))


def _check_true(row: Row, ground: Ground, here: date) -> None:
    """Refuse to say today what is only true after a day that lies ahead: that something was due."""
    rule = rule_of(ground.definition, row["rule"])
    anchor = full_day(anchor_of(rule, subject_of(row["subject"], rule, ground.facts), ground.facts))
    if read_when(rule.when).span and read_when(rule.when).sign > 0 and anchor and anchor > here:
        says = f"N{row['number']} speaks of {day_in_words(anchor)} as gone by, and that day lies ahead"
        raise Misused(says, remedy=f'lrflow tell {row["subject"]} --subject "..." --text "..."   says it in your words')


def _decide(
    database: Database, key: str, which: str, act: Act, verb: str, how: Callable[[Unit, Row, Ground], bool]
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
        done = [row for row in chosen if how(unit, row, ground)]
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
