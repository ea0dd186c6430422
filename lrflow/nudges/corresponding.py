"""What went to one person, and what will: the ledger behind, the daemon's own course ahead."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from lrflow import store
from lrflow.database import Database, Row, Unit
from lrflow.errors import Misused
from lrflow.nudges.composing import compose
from lrflow.nudges.foreseeing import Seen, course_of, messages_until, rows_of
from lrflow.planner import Foreseen

MOST = 5
AHEAD = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Coming:
    """A message to come: its day, its hour there, the route it is about, and its subject in the reader's language."""

    on: date
    at: str
    route: str
    subject: str


@dataclass(frozen=True, slots=True)
class Mail:
    """The last messages that went to a person or may have, newest first, and the next ones that will."""

    gone: tuple[Row, ...]
    coming: tuple[Coming, ...]


def mail_of(database: Database, person: int, now: datetime, sender: str) -> Mail:
    """What the ledger knows of messages to *person*, and those of the next sixty days on live routes."""
    with database.begin() as unit:
        gone = store.messages_to(unit, person, MOST)
        keys = store.routes_writing_to(unit, person)
        coming = _coming(unit, keys[0], person, now, sender) if keys else []
    return Mail(tuple(gone), tuple(coming))


def _coming(unit: Unit, key: str, person: int, now: datetime, sender: str) -> list[Coming]:
    """From the course of one of the routes: those that write to the same people are lived along."""
    found: list[Coming] = []
    seen: Seen = {}
    for message in messages_until(course_of(unit, key, now), now.date() + AHEAD):
        if message.person == person:
            found.append(_worded(unit, message, sender, seen))
        if len(found) == MOST:
            break
    return found


def _worded(unit: Unit, message: Foreseen, sender: str, seen: Seen) -> Coming:
    rows, views = rows_of(unit, message, seen)
    try:
        subject = compose(unit, rows, views, sender, message.local_on, message.at).subject
    except (KeyError, Misused) as fault:
        subject = f"held: there is no text in the reader's language ({fault})"
    route, first = message.lines[0]
    return Coming(message.local_on, first.at.isoformat("minutes"), route, subject)
