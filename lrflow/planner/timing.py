"""When one nudge leaves, where its reader is, and whether it stays silent instead."""

from dataclasses import replace
from datetime import date, datetime, time

from lrflow.calendars import Calendar, later, read_span
from lrflow.clock import today
from lrflow.definition import Rule
from lrflow.facts import full_day
from lrflow.planner.leavers import takes_part, why_nobody
from lrflow.planner.quiet import opted_out, paused
from lrflow.planner.rules import NOTICES
from lrflow.planner.shapes import ALREADY_SENT, OPEN, OVER, RUNG, UNREACHED, Arming, Ground, Intended, Key, Matter


def timed(matter: Matter, key: Key, person: int | None, nominal: date, ground: Ground) -> Intended:
    """The nudge *key* of *matter* to *person*, asked for on the day *nominal*: its own day, hour and state."""
    rule, calendar = matter.rule, ground.calendar_of(person)
    moved = ground.ledger.moved.get(key[:4])
    local, at = moved or _local_day(matter, key, nominal, calendar, ground), time.fromisoformat(rule.at)
    known = ground.ledger.nudges.get(key)
    is_woken = known is not None and known.woken
    due = calendar.instant(local, time() if is_woken else calendar.hour(at))  # from the day's first moment on
    state, reason = _state(matter, key, local, calendar, ground)
    if state == "planned":
        over = _nobody_after(matter, key, person, due, ground) or _after_the_end(matter, key, local, due, ground)
        state, reason = over or _quiet(matter, person, local, due, ground)
    return Intended(key, person, state, reason, nominal, local, calendar.hour(at), calendar.zone, due, moved)


def shifted(nominal: date, anchor: date, how: str, calendar: Calendar) -> date:
    """The day on which a nudge of day *nominal* leaves, off the days off as *how* says.

    Unless that says otherwise: the working day before, where it lies before what it counts from; else the one after.
    What goes on to the next one never passes what it precedes.
    """
    before = nominal < anchor
    if how == "none":
        return nominal
    if how == "previous" or (before and how != "next"):
        return calendar.previous_working(nominal)
    moved = calendar.next_working(nominal)
    return calendar.previous_working(nominal) if before and moved > anchor else moved


def _local_day(matter: Matter, key: Key, nominal: date, calendar: Calendar, ground: Ground) -> date:
    """The day on which it leaves, where its reader is; who joins later may hear it then, a story takes its time."""
    if matter.name in NOTICES:
        return _first_morning(matter, key, nominal, calendar, ground)
    local = shifted(nominal, matter.anchor, matter.rule.shift, calendar)
    if local < matter.arming.armed_on <= nominal:
        local = calendar.next_working(nominal)  # what came in since would have been said, had the day been no day off
    if matter.start.on is not None and matter.start.on > local:
        local = calendar.next_working(matter.start.on)
    since, newcomer = matter.arming.armed_on, matter.rule.newcomer == "now"
    past = [each for each in ground.ledger.before(key) if each.state in OVER and each.reason not in UNREACHED]
    if newcomer and since > local and not past:
        return calendar.next_working(since)  # who heard it, or missed it, is no newcomer, however the date moves about
    return local


def _first_morning(matter: Matter, key: Key, nominal: date, calendar: Calendar, ground: Ground) -> date:
    """The next working morning that has not begun yet; once planned, it stays. Old news has its own old day."""
    known = ground.ledger.nudges.get(key)
    if known is not None:
        return calendar.next_working(known.local_on)
    now, here = ground.moment.now, today(ground.moment.now, calendar.zone)
    day = calendar.next_working(nominal if _is_too_late(matter.rule, nominal, here, calendar) else max(nominal, here))
    if day < here:
        return day
    has_begun = now >= calendar.instant(day, calendar.hour(time.fromisoformat(matter.rule.at)))
    return calendar.plus_working(day, 1) if has_begun else day


def _state(matter: Matter, key: Key, local: date, calendar: Calendar, ground: Ground) -> tuple[str, str]:
    """The state in which it stands, and the reason when it stays silent."""
    before = _said_before(matter, key, local, calendar, ground)
    if before or matter.start.silence:
        return before or matter.start.silence or ("planned", "")
    if 0 < key[3] < RUNG and not _is_over(key, ground) and _is_too_near(matter, key, local, calendar, ground):
        return "suppressed", "min_gap"
    arming = replace(matter.arming, armed_on=local) if key[:4] in ground.ledger.moved else matter.arming
    return _silence(matter.rule, local, arming, calendar, ground)


def _said_before(matter: Matter, key: Key, local: date, calendar: Calendar, ground: Ground) -> tuple[str, str] | None:
    """In which state, and why, it stays silent for what became of the same in an earlier epoch; None when it does not.

    What was said for that day or a later one is not said again: A, B and A again is said once. A day that moved later
    is worth another word when it lies two working days ahead. What goes on as before is as silent as it was; where an
    undo brings a date back, what was said for the date that is taken back is not said again.
    """
    before = ground.ledger.before(key)
    if not before:
        return None
    said, last = [each.said_on for each in before if each.said_on], before[-1]
    if said and (max(said) >= local or local < calendar.plus_working(matter.arming.armed_on, 2)):
        return "suppressed", ALREADY_SENT
    if key in ground.ledger.nudges or not (ground.moment.restoring or matter.goes_on):
        return None
    if last.said_on:
        return "suppressed", ALREADY_SENT
    if matter.goes_on and last.state in ("suppressed", "expired", "failed"):
        return "expired" if last.state == "expired" else "suppressed", last.reason or "not_taken"
    return None


def _nobody_after(
    matter: Matter, key: Key, person: int | None, due: datetime, ground: Ground
) -> tuple[str, str] | None:
    """That its reader left with nobody after, once its hour has come: until then somebody may take over."""
    if person is not None or due > ground.moment.now or ground.moment.live_on is None:
        return None
    why = why_nobody(key[2], matter.record, ground.facts)
    return ("suppressed", why) if why == "person_left" else None


def _after_the_end(matter: Matter, key: Key, local: date, due: datetime, ground: Ground) -> tuple[str, str] | None:
    """That the programme's last day is over, for those who took part: no rule writes to them any more.

    It waits until its hour has come: the end may move. Those who run the route are still told what is left to do, and a
    coordinator's own words still go to whomever they are meant for.
    """
    ends_on = full_day(ground.facts.programme["ends_on"])
    day = max(local, today(ground.moment.now, ground.calendar_of(None).zone))
    if ends_on is None or day <= ends_on or matter.name in NOTICES or not takes_part(key[2], matter.record):
        return None
    return "suppressed" if due <= ground.moment.now else "held", "route_ended"


def _quiet(matter: Matter, person: int | None, local: date, due: datetime, ground: Ground) -> tuple[str, str]:
    """Whether its reader asked for silence, or a coordinator paused it: both can be taken back until its hour."""
    if opted_out(ground.quiet, matter.subject, person, matter.record, ground.facts):
        return "suppressed" if due <= ground.moment.now else "held", "opted_out"
    day = max(local, today(ground.moment.now, ground.calendar_of(person).zone))
    if paused(ground.quiet, matter.name, matter.subject, matter.record, person, ground.facts, day):
        return "held", "paused"
    return "planned", ""


def _is_over(key: Key, ground: Ground) -> bool:
    known = ground.ledger.nudges.get(key)
    return known is not None and known.state not in OPEN


def _is_too_near(matter: Matter, key: Key, local: date, calendar: Calendar, ground: Ground) -> bool:
    """Whether the same was said so shortly before that a repeat is a nuisance: lateness moves, the grid stands."""
    known = ground.ledger.of(matter.name, matter.subject)
    said = [each.said_on for each in known if each.key[2] == key[2] and each.key[3] < key[3] and each.said_on]
    return bool(said) and local < later(max(said), read_span(matter.rule.min_gap), calendar)


def _silence(rule: Rule, local: date, arming: Arming, calendar: Calendar, ground: Ground) -> tuple[str, str]:
    live_on, here = ground.moment.live_on, today(ground.moment.now, calendar.zone)
    if arming.armed_on > local:
        return "suppressed", "subject_after_nominal"
    if live_on is not None and local < live_on:
        return "suppressed", "before_active"
    if live_on is not None and here > local and _is_too_late(rule, local, here, calendar):
        return "expired", "too_late"
    paused = ground.facts.route["status"] == "on_hold" and rule.on_hold == "pause"
    return ("held", "paused") if paused else ("planned", "")


def _is_too_late(rule: Rule, local: date, here: date, calendar: Calendar) -> bool:
    return rule.late == "drop" or here > later(local, read_span(rule.max_late), calendar)
