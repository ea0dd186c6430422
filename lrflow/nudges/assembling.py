"""Put the nudges whose hour has come into one message a person a day; what reaches nobody falls silent."""

from dataclasses import dataclass
from datetime import datetime, time

from lrflow import store
from lrflow.channels.letters import fixed_message_id
from lrflow.channels.verdicts import LONGEST_DETAIL
from lrflow.clock import from_us, today
from lrflow.database import Database, Row, Unit
from lrflow.nudges.mailers import Mailer
from lrflow.planner import WINDOW, Ground, Waiting, rule_of
from lrflow.planner import assemble as decide
from lrflow.planner.reaching import unreachable


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
    with database.begin() as unit:
        people = store.people_due(unit, now)
    grounds: dict[str, Ground | None] = {}  # read once for all people of a route
    messages = silent = 0
    for person in people:
        with database.begin(write=True) as unit:
            due = store.due_nudges(unit, person, now)  # asked again: what a command has changed meanwhile holds
            silence = _why_unreachable(unit, person, due, now)
            silent += sum(store.silence(unit, row, "suppressed", silence, now) for row in due) if silence else 0
            due = [row for row in due if not silence and _ground(unit, row["route_key"], grounds, now)]
            if due and person is not None:
                messages += _is_told(unit, mailer, person, due[0]["route_key"], grounds, now)
    return Assembled(messages, silent)


def _why_unreachable(unit: Unit, person: int | None, due: list[Row], now: datetime) -> str:
    known = store.shared_record(unit, "person", person) if person is not None else None
    return unreachable(known, today(now, due[0]["zone"])) if due else ""


def _bring_to_today(unit: Unit, now: datetime) -> None:
    for row in store.waiting_messages(unit, now):
        here = today(now, row["zone"])
        if row["local_on"] != here.isoformat():
            store.bring_to_day(unit, row["id"], here, now)


def _is_told(
    unit: Unit, mailer: Mailer, person: int, first: str, grounds: dict[str, Ground | None], now: datetime
) -> bool:
    """Put what is owed to *person* into that person's message of today, if there may be one now.

    The calendar is that of the route *first*, of which the longest due is.
    """
    ground = _ground(unit, first, grounds, now)
    if ground is None:
        return False
    calendar = ground.calendar_of(person)
    here = today(now, calendar.zone)
    owed = [(row, _ground(unit, row["route_key"], grounds, now)) for row in store.owed_by(unit, person, here)]
    waiting = [_waiting(row, each) for row, each in owed if each]
    rows = [row for row, each in owed if each]
    message = store.open_message(unit, person, here)
    written = [] if message is not None else store.recent_days(unit, person, here - WINDOW)
    verdict = decide(calendar, waiting, written, now)
    if verdict.why:
        return False
    if message is None:
        parts = [unit_mark(unit), str(person), mailer.channel.name, here.isoformat()]
        identity = fixed_message_id(parts, mailer.domain)
        message = store.add_message(unit, person, mailer.channel.name, here, message_id=identity, now=now)
    return message is not None and store.put_into(unit, message, [rows[place] for place in verdict.chosen]) > 0


def _ground(unit: Unit, key: str, grounds: dict[str, Ground | None], now: datetime) -> Ground | None:
    """What a plan for the route *key* is made from; None, with an alarm, for one that is out of order."""
    if key not in grounds:
        try:
            grounds[key] = ground_now(unit, key, now)
        except Exception as fault:  # a door: what is wrong with one route must not silence the others
            grounds[key] = None
            store.raise_alarm(unit, "plan", cannot_be_planned(key, fault), now)
    return grounds[key]


def cannot_be_planned(key: str, fault: Exception) -> str:
    """That the route *key* is out of order, in a sentence of at most 300 characters."""
    return f"{key} cannot be planned: {type(fault).__name__}: {fault}"[:LONGEST_DETAIL]


def _waiting(row: Row, ground: Ground) -> Waiting:
    urgent = rule_of(ground.definition, row["rule"]).priority == 1
    day = datetime.fromisoformat(row["local_on"]).date()
    return Waiting(from_us(row["due_us"]), day, time.fromisoformat(row["at"]), urgent, bool(row["woken"]))


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
