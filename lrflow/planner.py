"""Say what is due when, to whom: rules, facts and the ledger in, intended nudges out. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from lrflow import checks
from lrflow.calendars import Calendar, later, read_span, read_when
from lrflow.clock import today
from lrflow.definition import Definition, Rule
from lrflow.facts import Facts, Record, full_day
from lrflow.guards import judge

RUNG = 1000  # the number of the first rung of a ladder, after every repeat
HORIZON = timedelta(days=35)  # a repeat further ahead is planned when it comes nearer
FEW = 12  # so many repeats are planned at once, however far ahead
OPEN = ("planned", "held")
SPOKEN = ("sent", "drafted")
OVER = (*SPOKEN, "failed", "suppressed", "expired")
Key = tuple[str, str, str, int, int]  # rule, subject, role, seq, epoch
CalendarOf = Callable[[int | None], Calendar]


@dataclass(frozen=True, slots=True)
class Arming:
    """Whether a rule is armed for a subject: for which time in a row, since which day, counted from which day."""

    rule: str
    subject: str
    epoch: int
    armed: bool
    armed_on: date
    anchor_on: date | None


@dataclass(frozen=True, slots=True)
class Known:
    """A nudge the ledger already has."""

    key: Key
    state: str
    local_on: date
    closed_on: date | None = None
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class Ledger:
    """What was planned and sent for one route so far."""

    armings: Mapping[tuple[str, str], Arming]
    nudges: Mapping[Key, Known]
    _of_subject: dict[tuple[str, str], list[Known]] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        # Every rule asks this for every subject: looking through all nudges each time would be quadratic.
        for key, each in self.nudges.items():
            self._of_subject.setdefault(key[:2], []).append(each)

    def of(self, rule: str, subject: str) -> Sequence[Known]:
        """The nudges of *rule* about *subject*, of every epoch."""
        return self._of_subject.get((rule, subject), ())


@dataclass(frozen=True, slots=True)
class Intended:
    """One intended contact: what makes it the same one (`key`), to whom, when, and why it stays silent if it does."""

    key: Key
    person: int | None
    state: str
    reason: str
    nominal_on: date
    local_on: date
    at: time
    zone: str
    due: datetime


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything intended for a route, what became of each arming, and why open nudges not in it fall silent."""

    intended: Mapping[Key, Intended]
    armings: tuple[Arming, ...]
    silenced: Mapping[tuple[str, str], str]
    without_day: tuple[tuple[str, str], ...]  # (rule, subject) whose date is known only to the month


@dataclass(frozen=True, slots=True)
class Moment:
    """When the plan is made: the instant, the day on which what caused it happened, and since when rules speak."""

    now: datetime
    day: date
    live_on: date | None


@dataclass(frozen=True, slots=True)
class Ground:
    """What a plan is made from besides the rules."""

    definition: Definition
    facts: Facts
    ledger: Ledger
    calendar_of: CalendarOf
    moment: Moment


@dataclass(frozen=True, slots=True)
class _Matter:
    """A rule armed for one subject, counted from one day."""

    name: str
    rule: Rule
    subject: str
    record: Record
    anchor: date
    arming: Arming

    def key(self, role: str, seq: int) -> Key:
        return (self.name, self.subject, role, seq, self.arming.epoch)


def plan(ground: Ground) -> Plan:
    """Every nudge that the rules intend for the route of the facts.

    The same ground gives the same plan: preview, `why` and the daemon all ask here. Nudges that were sent or ended are
    never intended anew; a new chance is a new epoch.
    """
    intended: dict[Key, Intended] = {}
    armings: list[Arming] = []
    silenced: dict[tuple[str, str], str] = {}
    waiting: list[tuple[str, str]] = []
    for name, rule in ground.definition.rules.items():
        for subject, record in _subjects(rule, ground):
            why_not = _why_silent(rule, record, ground)
            anchor = anchor_of(rule, record, ground.facts)
            day = full_day(anchor)
            arming = _arm(name, subject, None if why_not else day, ground)
            armings.append(arming)
            if arming.armed and day is not None:
                matter = _Matter(name, rule, subject, record, day, arming)
                intended.update({each.key: each for each in _nudges(matter, ground)})
            else:
                silenced[(name, subject)] = why_not or "no_anchor"
                if not why_not and anchor:
                    waiting.append((name, subject))
    for known in _left_behind(armings, ground):
        armings.append(replace(known, armed=False))
        silenced[(known.rule, known.subject)] = "stop_condition"
    return Plan(_latest_only(intended, ground), tuple(armings), silenced, tuple(waiting))


def _left_behind(armings: Sequence[Arming], ground: Ground) -> list[Arming]:
    """What was armed for a subject that is there no more: a guard's that was met, a record's that was removed."""
    here = {(each.rule, each.subject) for each in armings}
    return [known for place, known in ground.ledger.armings.items() if place not in here]


def _subjects(rule: Rule, ground: Ground) -> Iterator[tuple[str, Record]]:
    facts = ground.facts
    kind, _, guard = rule.about.partition(":")
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


def _arm(name: str, subject: str, anchor: date | None, ground: Ground) -> Arming:
    """What becomes of the arming: counted from *anchor*, or not armed without one."""
    known, day, armed = ground.ledger.armings.get((name, subject)), ground.moment.day, anchor is not None
    if known is None:
        return Arming(name, subject, 1, armed, day, anchor)
    past = [each for each in ground.ledger.of(name, subject) if each.key[4] == known.epoch]
    if armed and not known.armed:
        return Arming(name, subject, known.epoch + bool(past), True, day, anchor)
    if anchor is not None and _rearmed(known, anchor, past, ground):
        return Arming(name, subject, known.epoch + 1, True, day, anchor)
    return replace(known, armed=armed, anchor_on=anchor or known.anchor_on)


def _rearmed(known: Arming, anchor: date, past: Sequence[Known], ground: Ground) -> bool:
    """A date that moved later gives what is over one more chance, if its new day lies two working days ahead."""
    if known.anchor_on is None or anchor <= known.anchor_on:
        return False
    rule, calendar = ground.definition.rules[known.rule], ground.calendar_of(None)
    ahead = calendar.plus_working(ground.moment.day, 2)
    over = (each.key[3] for each in past if each.state in OVER and each.key[3] < RUNG)
    return any(_nominal(rule, anchor, seq, calendar) >= ahead for seq in over)


def _nominal(rule: Rule, anchor: date, seq: int, calendar: Calendar) -> date:
    first = read_when(rule.when).on(anchor, calendar)
    return later(first, read_span(rule.repeat.every), calendar, times=seq) if rule.repeat and seq else first


def _nudges(matter: _Matter, ground: Ground) -> Iterator[Intended]:
    rule, seen = matter.rule, set[int | None]()
    for role, person in recipients(rule.to, matter.record, ground.facts):
        if person is not None and person in seen:
            continue  # one person in two roles hears it once
        seen.add(person)
        calendar = ground.calendar_of(person)
        first = _nominal(rule, matter.anchor, 0, calendar)
        for seq in range(1 + (rule.repeat.times if rule.repeat else 0)):
            nominal = _nominal(rule, matter.anchor, seq, calendar)
            if seq and nominal > max(ground.moment.day, first) + HORIZON and rule.repeat and rule.repeat.times > FEW:
                break
            yield _timed(matter, matter.key(role, seq), person, nominal, ground)
    yield from _rungs(matter, ground)


def shifted(nominal: date, anchor: date, before: bool, calendar: Calendar) -> date:
    """The working day on which a nudge of day *nominal* leaves: the next one, unless that passes what it precedes."""
    moved = calendar.next_working(nominal)
    return calendar.previous_working(nominal) if before and moved > anchor else moved


def _timed(matter: _Matter, key: Key, person: int | None, nominal: date, ground: Ground) -> Intended:
    rule, arming, calendar = matter.rule, matter.arming, ground.calendar_of(person)
    local = shifted(nominal, matter.anchor, nominal < matter.anchor, calendar)
    if arming.armed_on > local and rule.newcomer == "now" and not _was_said(matter, key, ground):
        local = calendar.next_working(arming.armed_on)
    at = time.fromisoformat(rule.at)
    state, reason = _silence(rule, local, arming, calendar, ground)
    return Intended(key, person, state, reason, nominal, local, at, calendar.zone, calendar.instant(local, at))


def _was_said(matter: _Matter, key: Key, ground: Ground) -> bool:
    """Whether the same went out in an earlier epoch: who heard it is no newcomer, however the date moves about."""
    known = ground.ledger.of(matter.name, matter.subject)
    return any(each.key[2:4] == key[2:4] and each.key[4] < key[4] and each.state in SPOKEN for each in known)


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


def _rungs(matter: _Matter, ground: Ground) -> Iterator[Intended]:
    """The ladder: a rung stands only on a delivered message of the one before it."""
    if not matter.rule.then:
        return
    known = ground.ledger.of(matter.name, matter.subject)
    below = [each for each in known if each.key[4] == matter.arming.epoch and each.state == "sent"]
    for number, step in enumerate(matter.rule.then):
        foot = range(RUNG) if number == 0 else range(RUNG + number - 1, RUNG + number)
        said = [each.closed_on for each in below if each.key[3] in foot and each.closed_on]
        if not said:
            return
        for role, person in recipients(step.to, matter.record, ground.facts):
            day = later(max(said), read_span(step.after), ground.calendar_of(person))
            key = matter.key(f"then{number + 1}:{role}", RUNG + number)
            yield _timed(replace(matter, anchor=day), key, person, day, ground)


def _latest_only(intended: Mapping[Key, Intended], ground: Ground) -> dict[Key, Intended]:
    """After an outage only the newest of a series speaks, where the rule says so."""
    newest: dict[tuple[Any, ...], int] = {}
    due = {key for key, each in intended.items() if each.state == "planned" and each.due <= ground.moment.now}
    for key in due:
        series = (*key[:3], key[4])
        newest[series] = max(newest.get(series, 0), key[3])
    return {
        key: replace(each, state="expired", reason="superseded")
        if key in due and ground.moment.live_on is not None and _outdated(key, newest, ground.definition)
        else each
        for key, each in intended.items()
    }


def _outdated(key: Key, newest: Mapping[tuple[Any, ...], int], definition: Definition) -> bool:
    return definition.rules[key[0]].late == "latest" and newest[(*key[:3], key[4])] > key[3]


A_WEEK = 2  # messages to one person in seven days, over all rules


def may_write_today(calendar: Calendar, now: datetime, written: Sequence[date], *, urgent: bool) -> bool:
    """Whether a person may get a message now: a working day, inside the hours, none today, at most two in a week.

    *written* are the days of the last seven on which one left. Only what is *urgent* goes beyond the week's two.
    """
    here = today(now, calendar.zone)
    if not calendar.is_working(here) or calendar.in_quiet_hours(now) or here in written:
        return False
    return urgent or len(set(written)) < A_WEEK


def recipients(roles: Sequence[str], record: Record, facts: Facts) -> list[tuple[str, int | None]]:
    """Who is meant by *roles* for *record*, as (role, person); a role nobody holds gives the role without a person."""
    found: list[tuple[str, int | None]] = []
    for role in roles:
        people = _holders(role, record, facts)
        found.extend(people or [(role, None)])
    return found


def _holders(role: str, record: Record, facts: Facts) -> list[tuple[str, int | None]]:
    if role == "people":
        return [
            (f"people:{each.key}", each["person"])
            for each in facts.of("participant")
            if each["delegation"] == record["delegation"] and each.state in ("attended", "left_early")
        ]
    direct = {"self": "person", "person": "person", "owner": "owner"}.get(role)
    if direct and record.kind not in ("route", "waiver"):
        person = record[direct] or _owner_of(record, facts)
        return [(role, _standing_in(person, facts))] if person else []
    if role in ("lead", "focal_point"):
        delegation = _delegation_of(record, facts)
        person = delegation[role] if delegation else None
        return [(role, _standing_in(person, facts))] if person else []
    people = facts.roles.get(role, ())
    return [
        (role if not number else f"{role}#{number + 1}", _standing_in(each, facts))
        for number, each in enumerate(people)
    ]


def _delegation_of(record: Record, facts: Facts) -> Record | None:
    if record.kind == "delegation":
        return record
    if record.kind == "action":
        plan_of = facts.find("plan", record["plan"])
        return facts.find("delegation", plan_of["delegation"]) if plan_of else None
    return facts.find("delegation", record["delegation"]) if record["delegation"] else None


def _owner_of(record: Record, facts: Facts) -> Any:
    """An action falls to its plan's owner, a plan to its delegation's lead."""
    if record.kind == "action":
        plan_of = facts.find("plan", record["plan"])
        return (plan_of["owner"] or _owner_of(plan_of, facts)) if plan_of else None
    delegation = _delegation_of(record, facts) if record.kind == "plan" else None
    return delegation["lead"] if delegation else None


def _standing_in(person: Any, facts: Facts) -> int | None:
    """The person, or who took over from one who left."""
    for _ in range(5):
        known = facts.find("person", person)
        if known is None or not known["left_on"]:
            return int(person) if person is not None else None
        person = known["successor"]
    return None
