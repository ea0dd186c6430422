"""Put rules, facts and the ledger together: what is armed, what is due when, what stays silent and why."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from lrflow import checks
from lrflow.calendars import read_when
from lrflow.definition import Definition, Rule
from lrflow.facts import Facts, Record, full_day
from lrflow.guards import judge
from lrflow.planner.arming import arm
from lrflow.planner.arming import nominal as nominal_day
from lrflow.planner.people import holders, reader_of
from lrflow.planner.rules import NOTICES, rule_of, rules_of
from lrflow.planner.shapes import SUPERSEDED, Arming, Ground, Intended, Key, Known, Matter, Plan
from lrflow.planner.stories import rungs, start_of
from lrflow.planner.timing import timed

HORIZON = timedelta(days=35)  # a repeat further ahead is planned when it comes nearer
FEW = 12  # so many repeats are planned at once, however far ahead


def plan(ground: Ground) -> Plan:
    """Every nudge that the rules intend for the route of the facts.

    The same ground gives the same plan: preview, `why` and the daemon all ask here. Nudges that were sent or ended are
    never intended anew; a new chance is a new epoch.
    """
    intended: dict[Key, Intended] = {}
    of_subject: dict[tuple[str, str], list[Intended]] = {}
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
                earlier = of_subject.get((rule.after.rule, subject), []) if rule.after else []
                arming, nudges = _intended(Matter(name, rule, subject, record, day, arming), earlier, ground)
                intended.update({each.key: each for each in nudges})
                of_subject[(name, subject)] = nudges
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


def _intended(matter: Matter, earlier: Sequence[Intended], ground: Ground) -> tuple[Arming, list[Intended]]:
    """The nudges of *matter*, and its arming: what had fallen silent meanwhile and is meant again needs a new epoch.

    So it is when a role came to another person and back, or someone did take part after all.
    """
    known = ground.ledger.armings.get((matter.name, matter.subject))
    goes_on = ground.moment.restoring and known is not None and not known.armed
    matter = replace(matter, goes_on=goes_on, start=start_of(matter, earlier, ground))
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
        yield from rungs(matter, feet, ground)


def _feet(matter: Matter, ground: Ground) -> Iterator[Intended]:
    """The nudges themselves and their repeats, below any ladder."""
    rule, seen = matter.rule, set[tuple[int, int]]()
    for role, holder in holders(rule.to, matter.record, ground.facts, ground.visitors):
        first, _ = _asked_for(matter, role, holder, 0, ground)
        for seq in range(1 + (rule.repeat.times if rule.repeat else 0)):
            nominal, person = _asked_for(matter, role, holder, seq, ground)
            if seq and nominal > max(ground.moment.day, first) + HORIZON and rule.repeat and rule.repeat.times > FEW:
                break
            if person is not None and (person, seq) in seen:
                continue  # one person in two roles hears it once
            seen.add((person or 0, seq))
            yield timed(matter, matter.key(role, seq), person, nominal, ground)


def _asked_for(matter: Matter, role: str, holder: int | None, seq: int, ground: Ground) -> tuple[date, int | None]:
    """The day for which the rule asks, and who reads then what is meant for *holder*: people leave, and are away."""
    person = reader_of(holder, ground.facts, role=role)
    day = nominal_day(matter.rule, matter.anchor, seq, ground.calendar_of(person))
    then = reader_of(holder, ground.facts, max(day, ground.facts.today), role)
    return (nominal_day(matter.rule, matter.anchor, seq, ground.calendar_of(then)) if then != person else day), then


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
