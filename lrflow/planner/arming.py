"""What becomes of a rule for a subject: armed since when, for which time in a row, counted from which day."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from lrflow.calendars import Calendar, later, read_span, read_when
from lrflow.definition import Rule
from lrflow.planner.rules import rule_of
from lrflow.planner.shapes import OVER, RUNG, SAID, SUPERSEDED, Arming, Ground, Known


def arm(name: str, subject: str, anchor: date | None, ground: Ground) -> Arming:
    """What becomes of the arming: counted from *anchor*, or not armed without one.

    Where something is brought back, it is armed since it was, and what was said gets no further chance by it.
    """
    known, day, armed = ground.ledger.armings.get((name, subject)), ground.moment.day, anchor is not None
    if known is None:
        return Arming(name, subject, 1, armed, day, anchor)
    since = known.armed_on if ground.moment.restoring else day
    past = [each for each in ground.ledger.of(name, subject) if each.key[4] == known.epoch]
    if armed and not known.armed:
        return Arming(name, subject, known.epoch + bool(past), True, since, anchor)
    if anchor is not None and _is_rearmed(known, anchor, past, ground):
        return Arming(name, subject, known.epoch + 1, True, since, anchor)
    if anchor and known.anchor_on and anchor < known.anchor_on:  # undone, or typed back
        known = replace(known, armed_on=_since_before(known, ground))
    return replace(known, armed=armed, anchor_on=anchor or known.anchor_on)


def _is_rearmed(known: Arming, anchor: date, past: Sequence[Known], ground: Ground) -> bool:
    """A date that moved later gives what is over one more chance, if its new day lies two working days ahead.

    One that an undo brings back does so only for what the date that is taken back had silenced.
    """
    if known.anchor_on is None or anchor <= known.anchor_on:
        return False
    rule, calendar = rule_of(ground.definition, known.rule), ground.calendar_of(None)
    over = [each for each in past if each.state in OVER and each.key[3] < RUNG]
    if ground.moment.restoring:
        silent = {nominal(rule, anchor, each.key[3], calendar) for each in over if each.state not in SAID}
        return any(calendar.next_working(day) >= ground.moment.day for day in silent)
    ahead = calendar.plus_working(ground.moment.day, 2)
    return any(nominal(rule, anchor, each.key[3], calendar) >= ahead for each in over)


def _since_before(known: Arming, ground: Ground) -> date:
    """Since when it was armed before its date moved, as far as what was open then tells: a new epoch took its place."""
    open_then = [
        each.local_on
        for each in ground.ledger.of(known.rule, known.subject)
        if each.key[4] == known.epoch - 1
        and (each.state == "assembled" or (each.state, each.reason) == ("cancelled", SUPERSEDED))
    ]
    return min([known.armed_on, *open_then])


def nominal(rule: Rule, anchor: date, seq: int, calendar: Calendar) -> date:
    """The day that *rule* asks for, its repeat number *seq* counted on a grid from *anchor*; weekends stay."""
    first = read_when(rule.when).on(anchor, calendar)
    return later(first, read_span(rule.repeat.every), calendar, times=seq) if rule.repeat and seq else first
