"""Put the nudges whose hour has come into one message a person a day; what reaches nobody falls silent."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from lrflow import store
from lrflow.channels.letters import fixed_message_id
from lrflow.clock import today
from lrflow.database import Database, Row, Unit
from lrflow.facts import Record
from lrflow.nudges.mailers import Mailer
from lrflow.planner import Ground, may_write_today

WINDOW = timedelta(days=6)


@dataclass(frozen=True, slots=True)
class Assembled:
    """How many messages were opened or filled, and how many nudges stay silent."""

    messages: int
    silent: int


def assemble(database: Database, mailer: Mailer, now: datetime) -> Assembled:
    """Open today's message of each person who is owed something; the rest waits for the next working day."""
    with database.begin(write=True) as unit:
        by_person: dict[int | None, list[Row]] = defaultdict(list)
        for row in store.due_nudges(unit, now):
            by_person[row["person"]].append(row)
        found = [_for_one(unit, mailer, person, rows, now) for person, rows in by_person.items()]
    return Assembled(sum(each[0] for each in found), sum(each[1] for each in found))


def _for_one(unit: Unit, mailer: Mailer, person: int | None, rows: list[Row], now: datetime) -> tuple[int, int]:
    known = store.shared_record(unit, "person", person) if person is not None else None
    if silence := unreachable(known):
        for row in rows:
            store.silence(unit, row["id"], "suppressed", silence, now)
        return 0, len(rows)
    assert person is not None and known is not None  # unreachable() says no_recipient without a person
    ground = _ground(unit, rows[0], now)
    calendar = ground.calendar_of(person)
    here = today(now, calendar.zone)
    written = store.recent_days(unit, person, here - WINDOW)
    urgent = any(ground.definition.rules[row["rule"]].priority == 1 for row in rows)
    if not may_write_today(calendar, now, written, urgent=urgent):
        return 0, 0
    parts = [str(person), mailer.channel.name, here.isoformat()]
    identity = fixed_message_id([unit_mark(unit), *parts], mailer.domain)
    message = store.add_message(unit, person, mailer.channel.name, here, identity, now)
    store.put_into(unit, message, [row["id"] for row in rows])
    return 1, 0


def unit_mark(unit: Unit) -> str:
    """What tells this programme's messages from another's: the fingerprint of its first log entry."""
    row = unit.one("SELECT hash FROM log ORDER BY id LIMIT 1")
    return str(row["hash"]) if row else ""


def _ground(unit: Unit, row: Row, now: datetime) -> Ground:
    route = store.read_route(unit, row["route_key"])
    definition = store.read_definition(unit, route.digest)
    facts = store.facts_of(unit, route, definition, today(now, "UTC"))
    return store.ground_of(unit, route, definition, facts, now)


def unreachable(person: Record | None) -> str:
    """Why nothing can be sent to *person*; empty when it can."""
    if person is None:
        return "no_recipient"
    if person["opted_out"]:
        return "opted_out"
    if person["left_on"]:
        return "person_left"
    return "no_reachable_channel" if not person["email"] or person["bounced"] else ""
