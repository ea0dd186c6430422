"""Postpone the visit: new days, what moves with them, what must be redone, who is told."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from lrflow import store
from lrflow.calendars import PLAIN, Calendar, Span, later
from lrflow.catalogue.reading import Period, period_of, read_day
from lrflow.clock import today
from lrflow.database import Database, Row, Unit
from lrflow.errors import Busy, Misused, Refused
from lrflow.facts import Facts, Record, full_day
from lrflow.guards import Finding, judge
from lrflow.planner import NOTICES, POSTPONED
from lrflow.store import Act, Notice, Standing

VISIT = "learning_visit"
HOW = ["lrflow postpone 2016-10-30..2016-11-05", "lrflow postpone +4w", "lrflow postpone 2016-10"]
_SHIFT = re.compile(r"\+(\d{1,3})([dw])")
_MONTH = re.compile(r"\d{4}-\d{2}")
Dates = tuple[str | None, str | None]  # first and last day, or the month of both


@dataclass(frozen=True, slots=True)
class Change:
    """One day that moved, or is to be looked at: of what, from when to when, and a word about it."""

    of: str
    before: str | None
    after: str | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Beside:
    """What the new days upset: days to look at, people to ask again, guards that pass no more."""

    outside: tuple[Change, ...]  # sessions planned on days that are none of the visit's now
    days_off: tuple[Change, ...]  # sessions moved onto a weekend or a holiday of the host country
    early: tuple[Change, ...]  # plans and actions due before the visit ends; they were not moved
    cleared: tuple[str, ...]  # participants whose papers are for the old days
    available: tuple[str, ...]  # champions who had confirmed the old days
    failing: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Rescheduled:
    """What became of the nudges that were open, and those that are new."""

    moved: tuple[Change, ...]
    withdrawn: tuple[Change, ...]
    added: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Postponed:
    """A visit that was postponed, and everything that follows from it."""

    route: str
    rev: int
    before: Dates
    after: Dates
    entry: int
    sessions: tuple[Change, ...]
    targets: tuple[Change, ...]  # when final plans are due, and check-ins
    beside: Beside
    nudges: Rescheduled
    told: tuple[Row, ...]
    untold: bool  # an earlier notice had not reached everybody, and is withdrawn
    live_on: str | None


@dataclass(frozen=True, slots=True)
class _Written:
    entry: int
    sessions: tuple[Change, ...]
    checkins: tuple[Change, ...]
    untold: bool


def postpone(database: Database, key: str, dates: str, act: Act, *, seen: int | None = None) -> Postponed:
    """Move the visit of the route *key* to *dates*, with its sessions and check-ins, and tell those concerned once.

    *dates* are first..last, a first day, +4w or +28d, or a month. Plans and actions keep their days. Raises `Misused`
    without a reason or for days that cannot be, `Refused` once the visit has begun, `Busy` when the route is not any
    more at the rev *seen*.
    """
    if not act.reason.strip():
        raise Misused("postpone needs a reason", remedy=f'lrflow postpone {dates} --reason "TEXT"')
    with database.begin(write=True, keep=not act.dry_run) as unit:
        standing = store.stand(unit, key, act)
        _check_may(standing, act)
        if seen not in (None, standing.route.rev):
            raise Busy(f"{key} was changed meanwhile: nothing was changed", remedy="lrflow status")
        before = (standing.facts.route["visit_start"], standing.facts.route["visit_end"])
        here, programme = today(act.now, act.zone), standing.facts.programme
        after = new_dates(dates, before, here, period_of(programme["starts_on"], programme["ends_on"], here))
        open_before = _open_nudges(unit, standing)
        written = _write(unit, standing, act, before, after)
        store.replan(unit, key, act.now, act.day)
        store.accept(unit, store.soon_unforeseen(unit, act.now, standing.route.id), act.now)  # all of it was listed
        route = store.read_route(unit, key)
        facts = store.facts_of(unit, route, standing.definition, act.day)
        facts = replace(facts, elsewhere=standing.facts.elsewhere)
        nudges = _compared(open_before, _open_nudges(unit, standing))
        rows = store.nudges_of(unit, standing.route.id, [])
        calendar = store.country_calendar(unit, str(facts.route["host_country"] or ""))
    return Postponed(
        key,
        standing.route.rev,
        before,
        after,
        written.entry,
        written.sessions,
        (*_final_due(standing.facts, facts), *written.checkins),
        _beside(standing, facts, written.sessions, calendar),
        nudges,
        tuple(row for row in rows if row["subject"] == f"L{written.entry}"),
        written.untold,
        standing.route.row["live_on"],
    )


def _check_may(standing: Standing, act: Act) -> None:
    for kind in ("route", "session", "checkin"):
        standing.require_edit(kind)
    key, status, path = standing.route.key, standing.route.status, standing.definition.path
    if status in ("closed", "cancelled"):
        raise Refused(f"{key} is {status}: its visit is not postponed any more")
    start = full_day(standing.facts.route["visit_start"])
    is_on = VISIT not in path or path.index(standing.route.stage) >= path.index(VISIT)
    if is_on and start is not None and start <= act.day:
        remedy = f'lrflow set {key} visit_end=... --reason "TEXT"   for another last day'
        raise Refused(f"the visit began on {start}: it is not postponed any more", remedy=remedy)


def new_dates(text: str, before: Dates, today_on: date, period: Period | None = None) -> Dates:
    """What *text* makes of the visit's dates *before*: first..last, a first day, +4w, +28d, or a month.

    Days far from *period*, the programme's, are refused.
    """
    word = text.strip()
    first, dots, last = word.partition("..")
    shift = _SHIFT.fullmatch(word)
    after: Dates
    if dots:
        after = (read_day(first, today_on, period=period), read_day(last, today_on, period=period))
    elif _MONTH.fullmatch(word):
        month = read_day(word, today_on, month=True, period=period)
        after = (month, month)
    else:
        start, end = (full_day(each) for each in before)
        if start is None or end is None:
            what = "its length is" if not shift else "its days are"
            raise Misused(f"the visit has no days yet, so {what} unknown: give both days", remedy=HOW[0])
        days = int(shift[1]) * (7 if shift[2] == "w" else 1) if shift else None
        first = word if days is None else (start + timedelta(days=days)).isoformat()
        new = date.fromisoformat(read_day(first, today_on, period=period))
        after = (new.isoformat(), (new + (end - start)).isoformat())
    _check_dates(before, after, today_on)
    return after


def _check_dates(before: Dates, after: Dates, today_on: date) -> None:
    start, end = (str(each) for each in after)
    if end < start:
        raise Misused(f"the visit would end ({end}) before it starts ({start})", remedy=HOW[0])
    if after == before:
        raise Misused(f"the visit is planned for {start} to {end} already", remedy=HOW)
    if start < today_on.isoformat()[: len(start)]:
        raise Misused(f"{start} has passed: a visit is postponed to days ahead", remedy=HOW)


# ------------------------------------------------------------------------------------------------------------ writing


def _write(unit: Unit, standing: Standing, act: Act, before: Dates, after: Dates) -> _Written:
    unsaid = store.unsaid_notices(unit, standing.route.id, POSTPONED)
    known = _known_dates(unsaid, before)
    entry = _write_dates(unit, standing, act, (before, after), unsaid)
    sessions = _move_sessions(unit, standing, act, (before, after))
    checkins = _move_checkins(unit, standing, act, (before, after))
    people = _concerned(standing) if _is_news(standing, known, after) else []
    if people:
        notice = Notice(POSTPONED, people, today(act.now, act.zone), body=f"{known[0]}..{known[1]}")
        store.add_notice(unit, standing.route.id, entry, notice)
    return _Written(entry, sessions, checkins, bool(unsaid))


def _write_dates(
    unit: Unit, standing: Standing, act: Act, dates: tuple[Dates, Dates], unsaid: Sequence[Mapping[str, Any]]
) -> int:
    before, after = dates
    columns = {"visit_start": after[0], "visit_end": after[1], "version": standing.route.row["version"] + 1}
    store.move_route(unit, standing.route, columns)
    changes: list[dict[str, Any]] = [
        {"of": "route", "field": name, "before": was, "after": now}
        for name, was, now in zip(("visit_start", "visit_end"), before, after, strict=True)
        if was != now
    ]
    for each in unsaid:  # one message only, with the latest dates
        store.keep_notice(unit, standing.route.id, each["number"], True)
        changes.append({"of": f"notice:{each['number']}", "field": "withdrawn", "before": False, "after": True})
    entry = store.entry_of(standing, act, "postpone", "route", "done", changes=changes)
    return store.log_entry(unit, standing, entry)


def _move_sessions(unit: Unit, standing: Standing, act: Act, dates: tuple[Dates, Dates]) -> tuple[Change, ...]:
    """Move what is planned inside the old visit as far as its first day moved; nothing when a day is not known."""
    (first, last), (to, _) = ([full_day(each) for each in pair] for pair in dates)
    if first is None or last is None or to is None or to == first:
        return ()
    moved: list[Change] = []
    for session in standing.facts.of("session"):
        on = full_day(session["on"])
        if session.state == "planned" and on is not None and first <= on <= last:
            new = (on + (to - first)).isoformat()
            _move(unit, standing, act, session, ("on", new))
            moved.append(Change(session.key, session["on"], new, str(session["kind"] or "")))
    return tuple(moved)


def _move_checkins(unit: Unit, standing: Standing, act: Act, dates: tuple[Dates, Dates]) -> tuple[Change, ...]:
    """Ask scheduled check-ins as long after the new last day as after the old one."""
    old, new = (full_day(pair[1]) for pair in dates)
    if old is None or new is None or old == new:
        return ()
    moved: list[Change] = []
    for checkin in standing.facts.of("checkin"):
        due = full_day(checkin["due"])
        if checkin.state != "scheduled" or due is None:
            continue
        month = int(checkin["month"] or 0)
        on_time = due == _months_after(old, month)
        to = _months_after(new, month) if on_time else due + (new - old)
        _move(unit, standing, act, checkin, ("due", to.isoformat()))
        moved.append(Change(checkin.key, checkin["due"], to.isoformat(), "asked"))
    return tuple(moved)


def _months_after(day: date, months: int) -> date:
    return later(day, Span(months, "mo"), PLAIN) if months else day


def _move(unit: Unit, standing: Standing, act: Act, record: Record, field: tuple[str, str]) -> None:
    name, day = field
    _, row = store.row_of(unit, standing.route.id, record.key)
    if row is not None:
        store.write_record(unit, record.kind, row, {name: day, "touched_on": act.day.isoformat()})
    changes = [{"of": record.key, "field": name, "before": record[name], "after": day}, *store.touched(record, act)]
    store.log_entry(unit, standing, store.entry_of(standing, act, "set", record.key, "done", changes=changes))


# ------------------------------------------------------------------------------------------------------- who is told


def _known_dates(unsaid: Sequence[Mapping[str, Any]], before: Dates) -> Dates:
    """The dates that people know: those before a notice that has reached nobody yet."""
    if not unsaid or any(each["said"] for each in unsaid):
        return before
    first, _, last = str(unsaid[0]["body"]).partition("..")
    return (first, last)


def _is_news(standing: Standing, known: Dates, after: Dates) -> bool:
    """Whether people must be told: they know other days, or were told that days would follow."""
    if standing.route.stage == standing.definition.path[0] or known == after:
        return False
    was_told = any(each["rule"] == POSTPONED and not each["withdrawn"] for each in standing.facts.of("notice"))
    return full_day(known[0]) is not None or was_told


def _concerned(standing: Standing) -> list[int]:
    """Who counts on the old days: visitors, who leads them and answers for them, champions, host and facilitator.

    Not who moves the days: that person knows.
    """
    facts = standing.facts
    found: list[int | None] = [
        each["person"]
        for each in facts.of("participant")
        if each.state in ("named", "confirmed", "cleared") and facts.value(each, "visiting")
    ]
    life = standing.definition.lives.get("delegation")
    for each in facts.of("delegation"):
        if each["visiting"] and life is not None and each.state in life.path:
            found += [each["lead"], each["focal_point"]]
    found += [each["person"] for each in facts.of("champion") if each.state in ("trained", "confirmed")]
    found += [person for role in ("host", "facilitator") for person in facts.roles.get(role, ())]
    return [person for person in dict.fromkeys(found) if person is not None and person != standing.actor["id"]]


# --------------------------------------------------------------------------------------------------- what it upsets


def _beside(standing: Standing, facts: Facts, sessions: Sequence[Change], calendar: Calendar) -> Beside:
    people, champions = standing.facts.of("participant"), standing.facts.of("champion")
    return Beside(
        outside=_outside(standing.facts, facts),
        days_off=_days_off(sessions, calendar),
        early=_early(facts),
        cleared=tuple(each.key for each in people if each.state == "cleared"),
        available=tuple(each.key for each in champions if each.state == "confirmed"),
        failing=_failing(standing, facts),
    )


def _outside(before: Facts, after: Facts) -> tuple[Change, ...]:
    """Sessions planned for the visit that its new days leave out; all of them where the days are not known."""
    left = [
        each for each in after.of("session") if each.state == "planned" and each["on"] and not _is_within(each, after)
    ]
    ours = [each for each in left if not _has_days(before) or _is_within(before.find("session", each.key), before)]
    return tuple(Change(each.key, each["on"], each["on"], str(each["kind"] or "")) for each in ours)


def _is_within(session: Record | None, facts: Facts) -> bool:
    return session is not None and _has_days(facts) and bool(facts.value(session, "in_visit"))


def _has_days(facts: Facts) -> bool:
    return all(full_day(facts.route[name]) for name in ("visit_start", "visit_end"))


def _days_off(sessions: Sequence[Change], calendar: Calendar) -> tuple[Change, ...]:
    """Sessions that moved onto a holiday of the host country, or from a working day onto its weekend."""
    found: list[Change] = []
    for each in sessions:
        old, new = date.fromisoformat(str(each.before)), date.fromisoformat(str(each.after))
        if new in calendar.holidays:
            found.append(replace(each, note=calendar.holidays[new]))
        elif calendar.is_weekend(new) and not calendar.is_weekend(old):
            found.append(replace(each, note="weekend"))
    return tuple(found)


def _early(facts: Facts) -> tuple[Change, ...]:
    """Plans and actions still open that are due before the visit ends."""
    end = str(facts.route["visit_end"] or "")
    dated = [(each, "due", each["due"]) for each in facts.of("action") if each.state in ("planned", "doing")]
    plans = [each for each in facts.of("plan") if each.state in ("drafted", "final", "awarded", "started")]
    dated += [(each, name, each[name]) for each in plans for name in ("starts_on", "ends_on")]
    return tuple(Change(each.key, day, day, name) for each, name, day in dated if day and str(day)[: len(end)] < end)


def _failing(standing: Standing, facts: Facts) -> tuple[Finding, ...]:
    """The guards of this stage and those ahead that were met before, and are not any more."""
    definition, path = standing.definition, standing.definition.path
    here = path.index(standing.route.stage) if standing.route.stage in path else 0
    needs = list(dict.fromkeys(need for stage in path[here:] for need in definition.stages[stage].needs))
    was = {each.guard: each.outcome for each in judge(definition, needs, standing.facts, standing.facts.waivers)}
    now = judge(definition, needs, facts, facts.waivers)
    good = ("met", "waived")
    return tuple(each for each in now if each.outcome not in good and was[each.guard] in good)


def _final_due(before: Facts, after: Facts) -> tuple[Change, ...]:
    was, now = (facts.value(facts.route, "final_due") for facts in (before, after))
    return (Change("final plans", was, now, "due"),) if was != now else ()


# ------------------------------------------------------------------------------------------------------------- nudges


def _open_nudges(unit: Unit, standing: Standing) -> dict[tuple[Any, ...], Row]:
    """What is planned or held, notices apart, by what makes it the same one in every epoch."""
    rows = store.nudges_of(unit, standing.route.id, ["planned", "held"])
    same = ("rule", "subject", "role", "seq")
    return {tuple(row[name] for name in same): row for row in rows if row["rule"] not in NOTICES}


def _compared(before: Mapping[tuple[Any, ...], Row], after: Mapping[tuple[Any, ...], Row]) -> Rescheduled:
    moved = [
        _change(after[key], row["local_on"], after[key]["local_on"])
        for key, row in before.items()
        if key in after and row["local_on"] != after[key]["local_on"]
    ]
    gone = [_change(row, row["local_on"], None) for key, row in before.items() if key not in after]
    new = [_change(row, None, row["local_on"]) for key, row in after.items() if key not in before]
    return Rescheduled(tuple(moved), tuple(gone), tuple(new))


def _change(row: Row, before: str | None, after: str | None) -> Change:
    return Change(f"{row['rule']} {row['subject']}", before, after, str(row["person_name"] or row["role"]))
