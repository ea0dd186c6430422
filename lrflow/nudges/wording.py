"""Put the nudges of one message into words, in the reader's language, from the facts as they are now."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from lrflow import messages, workflow
from lrflow.checks import Answer
from lrflow.database import Row, Unit
from lrflow.definition import Definition, Rule
from lrflow.facts import Facts, Record, full_day
from lrflow.guards import blocking, fill, judge, shorten
from lrflow.messages import CALL, Line, NudgeWords, Worded, Words, day_in_words, foretells
from lrflow.nudges.monday import monday
from lrflow.nudges.week import Week, is_overview, week_of
from lrflow.planner import ALARM, NOTICES, POSTPONED, RUNG, TOLD, Ground, anchor_of, rule_of, senders

FALLBACK = "en"
Step = tuple[str, date, bool]  # who is asked next, on which day, and whether by a call
Inheritance = tuple[str, int]  # from whom it was taken over, and how many messages were sent before
Call = tuple[str, str, int, date]  # who is called, at which number, how many messages were sent, since when
PERSONAL = ("participant", "champion")
ALONE, AMONG_OTHERS = NudgeWords("{heading}", "{body}", None), NudgeWords("{heading}", "{heading}: {body}", None)


@dataclass(frozen=True, slots=True)
class Reading:
    """One route as it is when messages about it are worded; *sent_by*, the delegation of each person."""

    definition: Definition
    facts: Facts
    words: Mapping[str, Words]
    sent_by: Mapping[int, Record]


def reading(definition: Definition, facts: Facts) -> Reading:
    """The route with the texts of its workflow, as the files say them today."""
    folder = workflow.place_of(definition) / "messages"
    stamp = tuple((path.name, path.stat().st_mtime_ns) for path in sorted(folder.glob("*.toml")))
    return Reading(definition, facts, _texts(folder, stamp), senders(facts))


@lru_cache(maxsize=4)
def _texts(folder: Path, _stamp: tuple[tuple[str, int], ...]) -> Mapping[str, Words]:
    """The texts of *folder*, read again only when a file has changed."""
    return messages.read_messages(folder)


def language_of(person: Record | None, seen: Reading) -> str:
    """The person's language, else the organisation's, else the delegation's, else the route's first."""
    facts, delegation = seen.facts, seen.sent_by.get(int(person.key)) if person else None
    own = person["language"] if person else None
    organised = facts.value(person, "organisation.language") if person else None
    sent_by = facts.value(delegation, "organisation.language") if delegation else None
    return str(own or organised or sent_by or (facts.route["languages"] or [FALLBACK])[0])


def worded(
    rows: Sequence[Row],
    seen: Mapping[int, Reading],
    sender: str,
    today: date,
    *,
    next_steps: Mapping[int, Step] | None = None,
    inherited: Mapping[int, Inheritance] | None = None,
    calls: Mapping[int, Call] | None = None,
    weeks: Mapping[int, Week] | None = None,
) -> Worded:
    """The message that the nudges *rows* of one person make on *today*; *seen* holds each route by number.

    By the number of a row: what its line announces (*next_steps*), says of its past (*inherited*), or that it asks for
    a call. *weeks*, by route, holds what overviews are made from: with a nudge that brings one, the message is the
    overview. Raises `KeyError` with the language when nothing can be said in it, `Misused` naming every text that is
    missing: the message is held, never sent in another language, and nothing is foretold that lies behind.
    """
    first = seen[rows[0]["route_id"]]
    person = first.facts.find("person", rows[0]["person"])
    words = first.words[language_of(person, first)]
    beside = _Beside(words, next_steps or {}, inherited or {}, calls or {}, alone=len(rows) == 1)
    frame = {
        "person": str(person["name"]) if person else "",
        "route": str(first.facts.route["title"] or first.facts.route["key"]),
        "sender": sender,
        "coordinator": _coordinator(first.facts),
    }
    ordered = _in_order(rows, seen)
    pages = [row for row in ordered if row["route_id"] in (weeks or {}) and is_overview(_rule(row, seen))]
    lines = [_line(row, seen[row["route_id"]], beside) for row in ordered if row not in pages]
    if not pages or weeks is None:
        return messages.word(words, lines, **frame, today=today)
    shown = [weeks[route] for route in dict.fromkeys(row["route_id"] for row in pages)]
    page = _line(pages[0], seen[pages[0]["route_id"]], beside)
    page = replace(page, code="+".join(each.route for each in shown))
    return messages.overview(words, page, lines, lambda room: monday(shown, words, room), **frame, today=today)


def weeks_for(unit: Unit, rows: Sequence[Row], grounds: Iterable[Ground], on: date, now: datetime) -> dict[int, Week]:
    """What the overviews among the nudges *rows* are made from, by route; nothing is read where there are none.

    *grounds* are those of the routes of *rows*, as a plan of that moment has them.
    """
    known = {int(each.facts.route.key): each for each in grounds}
    named = [row for row in rows if is_overview(rule_of(known[row["route_id"]].definition, row["rule"]))]
    return {row["route_id"]: week_of(unit, known[row["route_id"]], on, now) for row in named}


def _rule(row: Row, seen: Mapping[int, Reading]) -> Rule:
    return rule_of(seen[row["route_id"]].definition, row["rule"])


@dataclass(frozen=True, slots=True)
class _Beside:
    """What is known of the lines besides their records: the reader's texts, and by row what comes after and before."""

    words: Words
    next_steps: Mapping[int, Step]
    inherited: Mapping[int, Inheritance]
    calls: Mapping[int, Call]
    alone: bool

    def next_step(self, row: Row) -> str:
        """Who is asked next, and when, if nothing is heard; empty where nobody is."""
        if row["id"] not in self.next_steps:
            return ""
        who, day, is_call = self.next_steps[row["id"]]
        announce = messages.next_call if is_call else messages.next_step
        return announce(self.words, who, day)

    def inheritance(self, row: Row) -> str:
        """From whom it was taken over; empty where the reader had it from the beginning."""
        return messages.inherited(self.words, *self.inherited[row["id"]]) if row["id"] in self.inherited else ""


def _in_order(rows: Sequence[Row], seen: Mapping[int, Reading]) -> list[Row]:
    """The most urgent first; then by day, rule and record, which a nudge has before it is written down."""
    rules = {row["id"]: _rule(row, seen).priority for row in rows}

    def place(row: Row) -> tuple[Any, ...]:
        subject = Record("", row["subject"], {}).order  # words and numbers by turns, so that E2 comes before E10
        return (rules[row["id"]], row["nominal_on"], row["rule"], subject, row["role"], row["seq"], row["route_key"])

    return sorted(rows, key=place)


def _coordinator(facts: Facts) -> str:
    person = facts.find("person", next(iter(facts.roles.get("coordinator", ())), None))
    return str(person["name"]) if person else ""


def _line(row: Row, seen: Reading, beside: _Beside) -> Line:
    rule, language = rule_of(seen.definition, row["rule"]), beside.words.language
    record = subject_of(row["subject"], rule, seen.facts)
    if row["rule"] in NOTICES:
        return _notice_line(row, record, seen, beside)
    code = seen.facts.route["key"] if record.kind == "route" else f"{seen.facts.route['key']}:{record.key}"
    values = {**_values(row, rule, record, seen, language), "next_step": beside.next_step(row)}
    if row["id"] in beside.calls:
        whom, phone, count, since = beside.calls[row["id"]]
        values |= {"whom": whom, "phone": phone or beside.words.no_phone, "count": str(count)}
        return Line(CALL, values, since, str(code))
    anchor = full_day(anchor_of(rule, record, seen.facts))
    text = text_of(row, rule)
    return Line(text, values, anchor, str(code), foretells=foretells(rule), after=beside.inheritance(row))


def text_of(row: Row, rule: Rule) -> str:
    """Whose text says the nudge *row*: that of its rung where it has one, else the rule's."""
    rung = row["seq"] - RUNG
    own = rule.then[rung].words if 0 <= rung < len(rule.then) else ""
    return own or rule.words or str(row["rule"])


def _notice_line(row: Row, record: Record, seen: Reading, beside: _Beside) -> Line:
    """What a person wrote, as typed; or that the visit moved, with its days as they are now."""
    code = str(seen.facts.route["key"])
    if row["rule"] == ALARM:
        told = json.loads(record["body"] or "{}")
        says = messages.alarm(beside.words, record["subject"], count=told["count"], people=told["people"])
        return Line(ALARM, {"heading": says, "body": says}, None, code, ALONE)
    if row["rule"] == TOLD:
        typed = {"heading": str(record["subject"] or ""), "body": str(record["body"] or "")}
        return Line(TOLD, typed, None, code, ALONE if beside.alone else AMONG_OTHERS)
    known = full_day(seen.facts.route["visit_start"]) and full_day(seen.facts.route["visit_end"])
    values = _values(row, rule_of(seen.definition, row["rule"]), record, seen, beside.words.language)
    return Line(POSTPONED if known else f"{POSTPONED}-month", values, None, code)


def subject_of(subject: str, rule: Rule, facts: Facts) -> Record:
    """The record a nudge is about; the route for guards and for the route itself."""
    kind = rule.about.partition(":")[0]
    found = facts.find(kind, subject) if kind not in ("guard", "route") else None
    return found or facts.route


def _values(row: Row, rule: Rule, record: Record, seen: Reading, language: str) -> dict[str, str]:
    facts = seen.facts
    values = {
        "item": _item(record, seen),
        "delegation": _delegation(record, facts),
        "route": str(facts.route["title"] or facts.route["key"]),
        "count": "1",
        "command": f'lrflow -r {facts.route["key"]} note {"route" if record.kind == "route" else record.key} "..."',
        **{name: _day(facts.route[name], language) for name in ("visit_start", "visit_end")},
    }
    return {**values, **_guard_values(rule, row["subject"], seen)}


def _guard_values(rule: Rule, subject: str, seen: Reading) -> dict[str, str]:
    guard = rule.about.partition(":")[2]
    if not guard:
        return _open_guards(seen) if rule.about == "route" else {"missing": "", "remedy": ""}
    finding = judge(seen.definition, [guard], seen.facts, seen.facts.waivers)[0]
    missing = tuple(each for each in finding.missing if each == subject.partition("/")[2]) or finding.missing
    remedy = fill(seen.definition.guards[guard].remedy, Answer(False, finding.have, finding.need), seen.facts, missing)
    return {"item": finding.title, "missing": shorten(missing), "remedy": remedy}


def _open_guards(seen: Reading) -> dict[str, str]:
    """What stands between the route and its next stage, for those who hear about the route as a whole."""
    stage = seen.definition.stages.get(str(seen.facts.route["stage"]))
    found = blocking(judge(seen.definition, stage.needs if stage else (), seen.facts, seen.facts.waivers))
    return {"count": str(len(found)), "missing": shorten([each.guard for each in found], 6), "remedy": ""}


def _item(record: Record, seen: Reading) -> str:
    if record.kind == "route":
        return seen.definition.stage_title(str(record["stage"]))
    if record.kind == "waiver":
        return str(record["guard"])
    named = record["title"] or (seen.facts.value(record, "person.name") if record.kind in PERSONAL else None)
    return str(named or "") or f"{record.kind} {record.key}"


def _delegation(record: Record, facts: Facts) -> str:
    owner: Any = record if record.kind == "delegation" else facts.find("delegation", record["delegation"])
    return str(facts.value(owner, "organisation.name") or "") if owner else ""


def _day(value: Any, language: str) -> str:
    day = full_day(value)
    return day_in_words(day, language) if day else _month(str(value), language) if value else ""


def _month(text: str, language: str) -> str:
    """A month as people write it: October 2016."""
    from babel import UnknownLocaleError
    from babel.dates import format_skeleton

    try:
        return format_skeleton("yMMMM", date.fromisoformat(f"{text}-01"), locale=language)
    except (UnknownLocaleError, ValueError):
        return text
