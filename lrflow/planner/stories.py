"""What follows on what was said: the rungs of a ladder, and the later parts of a story. Only what arrived counts."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from lrflow.calendars import Calendar, later, read_span
from lrflow.clock import today
from lrflow.facts import full_day
from lrflow.planner.people import recipients
from lrflow.planner.shapes import ALREADY_SENT, OPEN, RUNG, UNREACHED, Ground, Intended, Known, Matter, Start
from lrflow.planner.timing import timed

WAITS = (*OPEN, "assembled")
UNKNOWN = ("drafted", "unsure")


def rungs(matter: Matter, feet: Sequence[Intended], ground: Ground) -> Iterator[Intended]:
    """The ladder above *feet*: each rung stands on a delivered message of the one before it.

    It counts the working days of whoever was written to last, from that message or a later sign of life. A rung that
    reached nobody is passed over: the next one counts from the message before; where the first message had nobody to
    go to, from the day on which it would have gone.
    """
    below, span = list(feet), range(RUNG)
    since = _delivered(matter, below, span, ground) or _unreached(matter, span, ground)
    for number, step in enumerate(matter.rule.then):
        if since is None:
            return
        (heard_on, waited_for), span, below = since, range(RUNG + number, RUNG + number + 1), []
        day = later(_last_sign(matter, heard_on), read_span(step.after), ground.calendar_of(waited_for))
        asked_on = max(day, ground.facts.today)
        for role, person in recipients(step.to, matter.record, ground.facts, ground.visitors, asked_on):
            key = matter.key(f"then{number + 1}:{role}", RUNG + number)
            below.append(timed(replace(matter, anchor=day, start=Start()), key, person, day, ground))
        yield from below
        delivered = _delivered(matter, below, span, ground)
        since = delivered or (since if _reached_nobody(matter, span, ground) else None)


def _last_sign(matter: Matter, said_on: date) -> date:
    """The last day on which anybody did something about the record, if that was after *said_on*."""
    return max(said_on, full_day(matter.record["touched_on"]) or said_on)


def _delivered(
    matter: Matter, below: Sequence[Intended], span: range, ground: Ground
) -> tuple[date, int | None] | None:
    """The last day on which a message of that part of the ladder went out, and to whom.

    One of an earlier epoch may stand for it.
    """
    said_before = {each.key[2:4] for each in below if each.reason == ALREADY_SENT}
    days = [
        (each.closed_on, each.person)
        for each in ground.ledger.of(matter.name, matter.subject)
        if each.state == "sent" and each.closed_on and each.key[3] in span
        if each.key[4] == matter.arming.epoch or each.key[2:4] in said_before
    ]
    return max(days, key=lambda each: (each[0], each[1] or 0), default=None)


def _reached_nobody(matter: Matter, span: range, ground: Ground) -> bool:
    known = ground.ledger.of(matter.name, matter.subject)
    found = [each for each in known if each.key[4] == matter.arming.epoch and each.key[3] in span]
    return bool(found) and all(each.state == "suppressed" and each.reason in UNREACHED for each in found)


def _unreached(matter: Matter, span: range, ground: Ground) -> tuple[date, int | None] | None:
    """The last day on which that part of the ladder had nobody to go to, if that is so of all of it."""
    if not _reached_nobody(matter, span, ground):
        return None
    known = ground.ledger.of(matter.name, matter.subject)
    return max(each.local_on for each in known if each.key[4] == matter.arming.epoch and each.key[3] in span), None


def start_of(matter: Matter, earlier: Sequence[Intended], ground: Ground) -> Start:
    """From when *matter* may be said, which follows on *earlier*; without anything before it, at any time.

    After what was delivered, or will be, so many working days of its readers later, counted from their last sign of
    life. What was left out because its day had gone takes the rest of the story with it; what nobody could be reached
    with is passed over.
    """
    if matter.rule.after is None or not earlier:
        return Start()
    became = [(each, _fate(each, ground)) for each in earlier]
    spoken = [(day, each.person) for each, known in became if (day := _spoken_on(each, known, ground))]
    if spoken:
        said_on, waited_for = max(spoken, key=lambda each: (each[0], each[1] or 0))
        return Start(on=_after_grace(matter, _last_sign(matter, said_on), ground.calendar_of(waited_for)))
    reasons = {known.reason for _, known in became} | {each.reason for each, known in became if known.state in OPEN}
    states = {known.state for _, known in became}
    if states & set(UNKNOWN):
        return Start(silence=("held", "unconfirmed"))
    if reasons & set(UNREACHED):
        return Start()
    return Start(silence=("suppressed", "not_delivered" if "failed" in states else "mid_series"))


def _after_grace(matter: Matter, day: date, calendar: Calendar) -> date:
    return later(day, read_span(matter.rule.after.grace), calendar) if matter.rule.after else day


def _fate(each: Intended, ground: Ground) -> Known:
    """What became of *each*, or how it stands."""
    known = ground.ledger.nudges.get(each.key)
    if known is not None and known.state not in OPEN:
        return known
    return Known(each.key, each.state, each.local_on, reason=each.reason, person=each.person)


def _spoken_on(each: Intended, known: Known, ground: Ground) -> date | None:
    """The day on which it arrived, or is to be said; None when neither."""
    if known.state in WAITS:
        zone = ground.calendar_of(each.person).zone
        return max(each.local_on, today(ground.moment.now, zone))
    if known.state == "sent":
        return known.closed_on or known.local_on
    if known.reason == ALREADY_SENT:
        before = [old.closed_on or old.local_on for old in ground.ledger.before(each.key) if old.state == "sent"]
        return max(before, default=None)
    return None
