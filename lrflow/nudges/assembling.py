"""Put the nudges whose hour has come into one message a person a day; what reaches nobody falls silent."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from lrflow import store
from lrflow.channels.letters import fixed_message_id
from lrflow.clock import today
from lrflow.database import Database, Row, Unit
from lrflow.nudges.mailers import Mailer
from lrflow.planner import Ground, may_write_today, rule_of
from lrflow.planner.reaching import unreachable

WINDOW = timedelta(days=6)


@dataclass(frozen=True, slots=True)
class Assembled:
    """How many messages were opened or filled, and how many nudges stay silent."""

    messages: int
    silent: int


def assemble(database: Database, mailer: Mailer, now: datetime) -> Assembled:
    """Open today's message of each person who is owed something; the rest waits for the next working day.

    A message that could not leave on its day becomes today's. Each person is a transaction of its own, so that whoever
    types a command does not wait for all of them.
    """
    with database.begin(write=True) as unit:
        _bring_to_today(unit, now)
    by_person: dict[int | None, list[Row]] = defaultdict(list)
    with database.begin() as unit:
        for row in store.due_nudges(unit, now):
            by_person[row["person"]].append(row)
    grounds: dict[str, Ground] = {}  # read once for all people of a route
    messages = silent = 0
    for person, rows in by_person.items():
        with database.begin(write=True) as unit:
            known = store.shared_record(unit, "person", person) if person is not None else None
            if silence := unreachable(known, today(now, rows[0]["zone"])):
                for row in rows:
                    silent += store.silence(unit, row, "suppressed", silence, now)
            elif _is_told(unit, mailer, rows, grounds, now):
                messages += 1
    return Assembled(messages, silent)


def _bring_to_today(unit: Unit, now: datetime) -> None:
    for row in store.waiting_messages(unit, now):
        here = today(now, row["zone"])
        if row["local_on"] != here.isoformat():
            store.bring_to_day(unit, row["id"], here, now)


def _is_told(unit: Unit, mailer: Mailer, rows: list[Row], grounds: dict[str, Ground], now: datetime) -> bool:
    """Put *rows*, all of one person, into that person's message of today, if there may be one now."""
    for row in rows:
        if row["route_key"] not in grounds:
            grounds[row["route_key"]] = ground_now(unit, row["route_key"], now)
    person = rows[0]["person"]
    calendar = grounds[rows[0]["route_key"]].calendar_of(person)
    here = today(now, calendar.zone)
    if now < calendar.instant(here, time.fromisoformat(rows[0]["at"])):
        return False  # what had to wait leaves at its hour too, together with the day's own
    message = store.open_message(unit, person, here)
    if message is None:
        written = store.recent_days(unit, person, here - WINDOW)
        urgent = any(rule_of(grounds[row["route_key"]].definition, row["rule"]).priority == 1 for row in rows)
        if not may_write_today(calendar, now, written, urgent=urgent):
            return False
        parts = [unit_mark(unit), str(person), mailer.channel.name, here.isoformat()]
        identity = fixed_message_id(parts, mailer.domain)
        message = store.add_message(unit, person, mailer.channel.name, here, message_id=identity, now=now)
    return message is not None and store.put_into(unit, message, rows) > 0


def unit_mark(unit: Unit) -> str:
    """What tells this programme's messages from another's: the fingerprint of its first log entry."""
    row = unit.one("SELECT hash FROM log ORDER BY id LIMIT 1")
    return str(row["hash"]) if row else ""


def ground_now(unit: Unit, key: str, now: datetime) -> Ground:
    """What a plan for the route *key* is made from at this moment."""
    route = store.read_route(unit, key)
    definition = store.read_definition(unit, route.digest)
    facts = store.facts_of(unit, route, definition, today(now, store.programme_zone(unit, route)))
    return store.ground_of(unit, route, definition, facts, now)
