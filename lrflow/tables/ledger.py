"""The ledger of what goes out: what is armed, each intended contact, each message, and who sends."""

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

import lrflow.tables.naming  # noqa: F401  (before the first table is declared)

OPEN_MESSAGE = text("state IN ('due', 'sending')")
OPEN_NUDGE = text("state IN ('planned', 'held')")
HELD_NUDGE = text("state = 'held'")


class Arming(SQLModel, table=True):
    """Whether a rule is armed for a subject, for which time in a row, counted from which day."""

    route_id: int = Field(foreign_key="route.id", primary_key=True)
    rule: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    epoch: int
    armed: bool
    armed_on: str
    anchor_on: str | None = None


class Nudge(SQLModel, table=True):
    """One intended contact. No date, text, address or version is part of what makes it the same one."""

    __table_args__ = (
        UniqueConstraint("route_id", "rule", "subject", "role", "seq", "epoch"),
        UniqueConstraint("route_id", "number"),
        Index("nudge_open", "due_us", sqlite_where=OPEN_NUDGE, postgresql_where=OPEN_NUDGE),
        Index("nudge_owed", "person", "due_us", sqlite_where=OPEN_NUDGE, postgresql_where=OPEN_NUDGE),
        Index("nudge_held", "reason", sqlite_where=HELD_NUDGE, postgresql_where=HELD_NUDGE),
        Index("nudge_message", "message_id"),
        CheckConstraint(
            "state IN ('planned', 'held', 'assembled', 'drafted', 'sent', 'unsure', 'failed',"
            " 'suppressed', 'expired', 'cancelled')",
            name="state",
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    route_id: int = Field(foreign_key="route.id")
    number: int
    rule: str
    subject: str
    role: str
    seq: int
    epoch: int
    person: int | None = Field(default=None, foreign_key="person.id")
    state: str
    reason: str | None = None
    nominal_on: str
    local_on: str
    at: str
    zone: str
    due_us: int = Field(sa_type=BigInteger)
    message_id: int | None = Field(default=None, foreign_key="message.id")
    pinned: bool = False
    cause: int | None = None
    closed_us: int | None = Field(default=None, sa_type=BigInteger)
    moved_on: str | None = None  # the day a person chose in place of the rule's
    woken: bool | None = None  # a person decided that quiet hours and the week's two messages do not hold it
    foreseen_us: int | None = Field(default=None, sa_type=BigInteger)  # since when it stands planned for this instant
    accepted_us: int | None = Field(default=None, sa_type=BigInteger)  # when a person looked at it and let it leave


class Notice(SQLModel, table=True):
    """What named people are told once: a coordinator's own words, or that the visit moved. Known by its log entry."""

    route_id: int = Field(foreign_key="route.id", primary_key=True)
    number: int = Field(primary_key=True)  # of the log entry that brought it
    rule: str
    subject: str | None = None
    body: str | None = None
    people: str
    on_day: str
    withdrawn: bool = False


class Message(SQLModel, table=True):
    """What goes on the wire: one day's nudges to one person. Lease, attempts and the phase of sending live here."""

    __table_args__ = (
        UniqueConstraint("person", "channel", "local_on"),
        Index("message_open", "next_us", sqlite_where=OPEN_MESSAGE, postgresql_where=OPEN_MESSAGE),
        CheckConstraint(
            "state IN ('due', 'sending', 'drafted', 'sent', 'unsure', 'failed', 'held', 'dropped')",
            name="state",
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    person: int = Field(foreign_key="person.id")
    channel: str
    local_on: str
    state: str
    next_us: int = Field(sa_type=BigInteger)
    rev: int = 1
    attempts: int = 0
    token: str | None = None
    data_started_us: int | None = Field(default=None, sa_type=BigInteger)
    message_id: str = Field(unique=True)
    address: str | None = None
    subject: str | None = None
    body: str | None = None
    code: int | None = None
    detail: str | None = None
    closed_us: int | None = Field(default=None, sa_type=BigInteger)
    confirmed_by: int | None = Field(default=None, foreign_key="person.id")


class Sender(SQLModel, table=True):
    """Who holds the sending of this database, and when a tick last ended."""

    id: int = Field(primary_key=True)
    host: str
    pid: int
    token: str
    since_us: int = Field(sa_type=BigInteger)
    beat_us: int = Field(sa_type=BigInteger)
    ticked_us: int | None = Field(default=None, sa_type=BigInteger)
    seen_us: int | None = Field(default=None, sa_type=BigInteger)  # the last instant that this sender believed
    uptime_us: int | None = Field(default=None, sa_type=BigInteger)  # how long the computer had run then
    boot: str | None = None  # since which start of the computer
    begun: int | None = None  # how many messages were ever begun; also kept beside the database


class Alarm(SQLModel, table=True):
    """What is wrong with the sending itself, since when; every command shows it until it is over."""

    kind: str = Field(primary_key=True)
    since_us: int = Field(sa_type=BigInteger)
    says: str


class Pause(SQLModel, table=True):
    """Nudges that wait, until a day or without an end: of a route, a record, a rule; of a person on every route."""

    id: int | None = Field(default=None, primary_key=True)
    route_id: int | None = Field(default=None, foreign_key="route.id", index=True)
    what: str
    until_on: str | None = None
    reason: str
    number: int  # of the log entry that brought it
    since_us: int = Field(sa_type=BigInteger)
    ended_us: int | None = Field(default=None, sa_type=BigInteger)
