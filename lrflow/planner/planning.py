"""Put rules, facts and the ledger together: what is armed, what is due when, what stays silent and why."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from lrflow import checks
from lrflow.calendars import Calendar, later, read_span, read_when
from lrflow.clock import today
from lrflow.definition import Definition, Rule
from lrflow.facts import Facts, Record, full_day
from lrflow.guards import judge
from lrflow.planner.arming import arm
from lrflow.planner.arming import nominal as nominal_day
from lrflow.planner.people import recipients
from lrflow.planner.rules import NOTICES, rule_of, rules_of
from lrflow.planner.shapes import RUNG, SUPERSEDED, Arming, Ground, Intended, Key, Known, Matter, Plan

HORIZON = timedelta(days=35)  # a repeat further ahead is planned when it comes nearer
DAY = timedelta(days=1)
FEW = 12  # so many repeats are planned at once, however far ahead
ALREADY_SENT = "already_sent"
UNREACHED = ("no_recipient", "person_left", "opted_out", "no_reachable_channel")


def plan(ground: Ground) -> Plan:
    """Every nudge that the rules intend for the route of the facts.

    The same ground gives the same plan: preview, `why` and the daemon all ask here. Nudges that were sent or ended are
    never intended anew; a new chance is a new epoch.
    """
    intended: dict[Key, Intended] = {}
    armings: list[Arming] = []
    silenced: dict[tuple[str, str], str] = {}
    waiting: list[tuple[str, str]] = []
    for name, rule in rules_of(ground.definition).items():
        for subject, record in _subjects(name, rule, ground):
            why_not = _why_silent(rule, record, ground)
            anchor = anchor_of(rule, record, ground.facts)
            day = full_day(anchor)
            arming = arm(name, subject, None if why_not else day, ground)
            if arming.armed and day is not None:
                arming, nudges = _intended(Matter(name, rule, subject, record, day, arming), ground)
                intended.update({each.key: each for each in nudges})
            else:
                silenced[(name, subject)] = why_not or "no_anchor"
                if not why_not and anchor:
                    waiting.append((name, subject))
            armings.append(arming)
    for known in _left_behind(armings, ground):
        armings.append(replace(known, armed=False))
        silenced[(known.rule, known.subject)] = "stop_condition"
    return Plan(_latest_only(intended, ground), tuple(armings), silenced, tuple(waiting))


def _left_behind(armings: Sequence[Arming], ground: Ground) -> list[Arming]:
    """What was armed for a subject that is there no more: a guard's that was met, a record's that was removed."""
    here = {(each.rule, each.subject) for each in armings}
    return [known for place, known in ground.ledger.armings.items() if place not in here]


def _subjects(name: str, rule: Rule, ground: Ground) -> Iterator[tuple[str, Record]]:
    facts = ground.facts
    kind, _, guard = rule.about.partition(":")
    if name in NOTICES:
        yield from ((record.key, record) for record in facts.of(kind) if record["rule"] == name)
        return
    if kind != "guard":
        yield from ((record.key if kind != "route" else "route", record) for record in facts.of(kind))
        return
    finding = judge(ground.definition, [guard], facts, facts.waivers)[0]
    if finding.outcome == "unmet":
        yield from ((f"{guard}/{key}", facts.route) for key in finding.missing or ("route",))


def _why_silent(rule: Rule, record: Record, ground: Ground) -> str:
    facts = ground.facts
    if facts.route["status"] in ("closed", "cancelled"):
        return "route_ended"
    if facts.route["status"] == "on_hold" and rule.on_hold == "cancel":
        return "on_hold"
    if record["withdrawn"]:
        return "withdrawn"
    if rule.stages and facts.route["stage"] not in rule.stages:
        return "stop_condition"
    return "" if checks.matches(record, rule.condition, facts, ground.definition) else "stop_condition"


def anchor_of(rule: Rule, record: Record, facts: Facts) -> str | None:
    """The day *rule* counts from, as written: of the record, its delegation, the route, or the programme's end."""
    name = read_when(rule.when).anchor
    if name == "programme_end":
        return facts.programme["ends_on"] or None
    owner = facts.find("delegation", record["delegation"]) if record["delegation"] else None
    for each in (record, owner, facts.route):
        value = facts.value(each, name) if each is not None else None
        if value:
            return str(value)
    return None


def _intended(matter: Matter, ground: Ground) -> tuple[Arming, list[Intended]]:
    """The nudges of *matter*, and its arming: what had fallen silent meanwhile and is meant again needs a new epoch.

    So it is when a role came to another person and back, or someone did take part after all.
    """
    known = ground.ledger.armings.get((matter.name, matter.subject))
    matter = replace(matter, goes_on=ground.moment.restoring and known is not None and not known.armed)
    nudges = list(_nudges(matter, ground))
    if any(_has_gone(ground.ledger.nudges.get(each.key)) for each in nudges):
        arming = replace(matter.arming, epoch=matter.arming.epoch + 1)
        matter = replace(matter, arming=arming, goes_on=True)
        nudges = list(_nudges(matter, ground))
    return matter.arming, nudges


def _has_gone(known: Known | None) -> bool:
    return known is not None and (known.state, known.reason) == ("cancelled", SUPERSEDED)


def _nudges(matter: Matter, ground: Ground) -> Iterator[Intended]:
    feet = list(_feet(matter, ground))
    yield from feet
    if matter.rule.then:
        yield from _rungs(matter, feet, ground)


def _feet(matter: Matter, ground: Ground) -> Iterator[Intended]:
    """The nudges themselves and their repeats, below any ladder."""
    rule, seen = matter.rule, set[int | None]()
    for role, person in recipients(rule.to, matter.record, ground.facts, ground.visitors):
        if person is not None and person in seen:
            continue  # one person in two roles hears it once
        seen.add(person)
        calendar = ground.calendar_of(person)
        first = nominal_day(rule, matter.anchor, 0, calendar)
        for seq in range(1 + (rule.repeat.times if rule.repeat else 0)):
            nominal = nominal_day(rule, matter.anchor, seq, calendar)
            if seq and nominal > max(ground.moment.day, first) + HORIZON and rule.repeat and rule.repeat.times > FEW:
                break
            yield _timed(matter, matter.key(role, seq), person, nominal, ground)


def shifted(nominal: date, anchor: date, before: bool, calendar: Calendar) -> date:
    """The working day on which a nudge of day *nominal* leaves: the next one, unless that passes what it precedes."""
    moved = calendar.next_working(nominal)
    return calendar.previous_working(nominal) if before and moved > anchor else moved


def _timed(matter: Matter, key: Key, person: int | None, nominal: date, ground: Ground) -> Intended:
    rule, calendar = matter.rule, ground.calendar_of(person)
    local, at = _local_day(matter, key, nominal, calendar, ground), time.fromisoformat(rule.at)
    before = _said_before(matter, key, local, calendar, ground)
    state, reason = before or _silence(rule, local, matter.arming, calendar, ground)
    return Intended(key, person, state, reason, nominal, local, at, calendar.zone, calendar.instant(local, at))


def _local_day(matter: Matter, key: Key, nominal: date, calendar: Calendar, ground: Ground) -> date:
    """The day on which it leaves, where its reader is; who joins later may hear it then."""
    if matter.name in NOTICES:
        return _first_morning(matter, key, nominal, calendar, ground)
    local = shifted(nominal, matter.anchor, nominal < matter.anchor, calendar)
    since, newcomer = matter.arming.armed_on, matter.rule.newcomer == "now"
    if newcomer and since > local and not any(each.said_on for each in ground.ledger.before(key)):
        return calendar.next_working(since)  # who heard it is no newcomer, however the date moves about
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
    has_begun = now >= calendar.instant(day, time.fromisoformat(matter.rule.at))
    return calendar.next_working(day + DAY) if has_begun else day


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
        return "expired" if last.state == "expired" else "suppressed", last.reason or last.state
    return None


def _silence(rule: Rule, local: date, arming: Arming, calendar: Calendar, ground: Ground) -> tuple[str, str]:
    """The state in which a nudge of day *local* stands, and the reason when it stays silent."""
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


def _rungs(matter: Matter, feet: Sequence[Intended], ground: Ground) -> Iterator[Intended]:
    """The ladder: a rung stands only on a delivered message of the one before it.

    A rung that reached nobody is passed over: the next one counts from the message before.
    """
    below, span = list(feet), range(RUNG)
    since = _delivered_on(matter, below, span, ground)
    for number, step in enumerate(matter.rule.then):
        if since is None:
            return
        span, below = range(RUNG + number, RUNG + number + 1), []
        for role, person in recipients(step.to, matter.record, ground.facts, ground.visitors):
            day = later(since, read_span(step.after), ground.calendar_of(person))
            key = matter.key(f"then{number + 1}:{role}", RUNG + number)
            below.append(_timed(replace(matter, anchor=day), key, person, day, ground))
        yield from below
        delivered = _delivered_on(matter, below, span, ground)
        since = delivered or (since if _reached_nobody(matter, span, ground) else None)


def _delivered_on(matter: Matter, below: Sequence[Intended], span: range, ground: Ground) -> date | None:
    """The last day on which a message of that part of the ladder went out; one of an earlier epoch may stand for it."""
    said_before = {each.key[2:4] for each in below if each.reason == ALREADY_SENT}
    days = [
        each.closed_on
        for each in ground.ledger.of(matter.name, matter.subject)
        if each.state == "sent" and each.closed_on and each.key[3] in span
        if each.key[4] == matter.arming.epoch or each.key[2:4] in said_before
    ]
    return max(days, default=None)


def _reached_nobody(matter: Matter, span: range, ground: Ground) -> bool:
    known = ground.ledger.of(matter.name, matter.subject)
    rungs = [each for each in known if each.key[4] == matter.arming.epoch and each.key[3] in span]
    return bool(rungs) and all(each.state == "suppressed" and each.reason in UNREACHED for each in rungs)


def _latest_only(intended: Mapping[Key, Intended], ground: Ground) -> dict[Key, Intended]:
    """After an outage only the newest of a series speaks, where the rule says so."""
    newest: dict[tuple[Any, ...], int] = {}
    due = {key for key, each in intended.items() if each.state == "planned" and each.due <= ground.moment.now}
    for key in due:
        series = (*key[:3], key[4])
        newest[series] = max(newest.get(series, 0), key[3])
    return {
        key: replace(each, state="expired", reason=SUPERSEDED)
        if key in due and ground.moment.live_on is not None and _outdated(key, newest, ground.definition)
        else each
        for key, each in intended.items()
    }


def _outdated(key: Key, newest: Mapping[tuple[Any, ...], int], definition: Definition) -> bool:
    return rule_of(definition, key[0]).late == "latest" and newest[(*key[:3], key[4])] > key[3]


A_WEEK = 2  # messages to one person in seven days, over all rules


def may_write_today(calendar: Calendar, now: datetime, written: Sequence[date], *, urgent: bool) -> bool:
    """Whether a person may get a message now: a working day, inside the hours, none today, at most two in a week.

    *written* are the days of the last seven on which one left. Only what is *urgent* goes beyond the week's two.
    """
    here = today(now, calendar.zone)
    if not calendar.is_working(here) or calendar.in_quiet_hours(now) or here in written:
        return False
    return urgent or len(set(written)) < A_WEEK
