"""Say in one sentence why a nudge leaves when it does, or stays silent; and what a person gets on a day."""

from datetime import date, datetime, timedelta

from lrflow import store
from lrflow.calendars import Calendar, read_when
from lrflow.clock import from_us, today
from lrflow.database import Database, Row, Unit
from lrflow.errors import Misused, NotFound
from lrflow.nudges.assembling import ground_now
from lrflow.nudges.chosen import meant
from lrflow.nudges.foreseeing import check_near, course_of, end_of
from lrflow.nudges.wording import subject_of
from lrflow.planner import NOTICES, RUNG, Foreseen, Ground, Put, anchor_of, rule_of, sentence
from lrflow.render import day_in_words


def why_nudge(database: Database, key: str, which: str, now: datetime) -> list[str]:
    """A sentence for each nudge that *which* names: the rule, the dates, the shifts, and what decided."""
    with database.begin() as unit:
        route = store.read_route(unit, key)
        rows = meant(which, store.nudges_of(unit, route.id, []))
        if not rows:
            raise NotFound(f"there is no nudge {which}", remedy="lrflow nudge list --all")
        ground = ground_now(unit, key, now)
        return [_told(unit, row, ground) for row in rows]


def _told(unit: Unit, row: Row, ground: Ground) -> str:
    to = row["person_name"] or f"nobody ({row['role']})"
    parts = [f"N{row['number']} {row['rule']} about {row['subject']} to {to}", _counted(row, ground), _end(unit, row)]
    version = f"rules of {ground.definition.name} {ground.definition.digest[:8]}"
    return f"{'; '.join(part for part in parts if part)} ({version})."


def _counted(row: Row, ground: Ground) -> str:
    """From which date it counts, and how its day came about."""
    rule, nominal, local = rule_of(ground.definition, row["rule"]), _day(row["nominal_on"]), _day(row["local_on"])
    calendar = ground.calendar_of(row["person"])
    if row["moved_on"]:
        return f"moved by hand to {day_in_words(local)}"
    if row["rule"] in NOTICES:
        return f"told by L{row['subject'].removeprefix('L')} for {day_in_words(local)}"
    if row["seq"] >= RUNG:
        from_where = f"step {row['seq'] - RUNG + 1} of its ladder, for {day_in_words(nominal)}"
    else:
        record = subject_of(row["subject"], rule, ground.facts)
        anchor = anchor_of(rule, record, ground.facts)
        again = f", repeat {row['seq']}" if row["seq"] else ""
        name = read_when(rule.when).anchor
        from_where = f"{rule.when} with {name} {anchor or 'not set'}{again}: {day_in_words(nominal)}"
    if nominal == local:
        return from_where
    return f"{from_where}, which became {day_in_words(local)}{_shift(nominal, calendar)}"


def _shift(nominal: date, calendar: Calendar) -> str:
    if calendar.is_working(nominal):
        return " because it follows on what was said, or came in later"
    return f" because of {calendar.holidays.get(nominal, 'the weekend')} there"


def _end(unit: Unit, row: Row) -> str:
    """How it stands, and which entry of the log decided."""
    state, reason = row["state"], row["reason"]
    if state in ("sent", "drafted", "unsure", "failed"):
        said = {
            "sent": "sent",
            "drafted": "drafted and not confirmed",
            "unsure": "it may have left",
            "failed": "failed",
        }
        on = f" on {day_in_words(today(from_us(row['closed_us']), row['zone']))}" if row["closed_us"] else ""
        return f"{said[state]}{on}{f' ({reason})' if reason else ''}"
    if state in ("planned", "assembled"):
        return f"leaves at {row['at']} {row['zone']}"
    return f"{'held' if state == 'held' else 'silent'} because {sentence(str(reason))}{_cause(unit, row)}"


def _cause(unit: Unit, row: Row) -> str:
    entry = store.entry_by_id(unit, row["cause"]) if row["cause"] else None
    if entry is None:
        return ""
    what = " ".join(str(entry[name]) for name in ("verb", "subject", "target") if entry[name])
    by = f" by {entry['actor_name']}" if entry["actor_name"] else ""
    return f", decided by L{entry['number']}: {what}{by} on {entry['happened_on']}"


def why_person(database: Database, key: str, who: str, on: date, now: datetime) -> str:
    """What the person whom *who* names gets on *on*, or why nothing: in one sentence."""
    check_near(on, now)
    with database.begin() as unit:
        found = store.find_people(unit, who)
        if len(found) != 1:
            names = [f"{each['name']} <{each['email']}>" for each in found[:10]]
            raise (Misused if found else NotFound)(
                f"{who!r} names {'several people' if found else 'nobody'}", problems=names, remedy="lrflow list person"
            )
        person = found[0]
        here = today(now, ground_now(unit, key, now).calendar_of(person["id"]).zone)
        told = _past(unit, key, person, on) if on < here else _ahead(unit, key, person, on, now)
        return f"{person['name']}, {day_in_words(on)}: {told}."


def _past(unit: Unit, key: str, person: Row, on: date) -> str:
    rows = store.nudges_to(unit, person["id"], on)
    said = [f"N{row['number']} {row['rule']} {row['subject']}" for row in rows if row["message_on"] == on.isoformat()]
    if said:
        return f"one message with {', '.join(said)}"
    silent = [f"N{row['number']} {row['rule']}: {sentence(str(row['reason'] or row['state']))}" for row in rows]
    return f"nothing, because of {'; '.join(silent)}" if silent else "nothing was planned for that day"


def _ahead(unit: Unit, key: str, person: Row, on: date, now: datetime) -> str:
    course, why, later = course_of(unit, key, now), "", None
    for happened in course.until(end_of(on + timedelta(days=14))):
        if happened.person != person["id"]:
            continue
        if isinstance(happened, Foreseen) and happened.local_on == on:
            return f"one message at {happened.lines[0][1].at:%H:%M} with {_lines(happened)}"
        if isinstance(happened, Put) and happened.on == on:
            why = f"nothing, because {sentence(happened.why)}; {_lines(happened)} waits"
        if isinstance(happened, Foreseen) and happened.local_on > on:
            later = happened
            break
    next_one = f"; the next message is planned for {day_in_words(later.local_on)} with {_lines(later)}" if later else ""
    silent = [] if why else _silent(unit, person, on)
    return f"{why or (silent[0] if silent else 'nothing is planned for that day')}{next_one}"


def _silent(unit: Unit, person: Row, on: date) -> list[str]:
    rows = [row for row in store.nudges_to(unit, person["id"], on) if row["reason"]]
    told = "; ".join(f"N{row['number']} {row['rule']} is {row['state']}: {sentence(row['reason'])}" for row in rows)
    return [f"nothing, because of {told}"] if told else []


def _lines(happened: Foreseen | Put) -> str:
    return ", ".join(f"{each.key[0]} {each.key[1]}" for _, each in happened.lines)


def _day(text: str) -> date:
    return date.fromisoformat(text)
