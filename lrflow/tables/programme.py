"""The programme, its people and organisations, its routes, and the log that nothing rewrites.

Days are ISO text (a month, 2016-09, where the day is not known yet), instants are UTC microseconds, money is
minor units with a currency, lists are JSON text: the same words in SQLite and PostgreSQL, readable with any tool.
"""

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

import lrflow.tables.naming  # noqa: F401  (before the first table is declared)


class Programme(SQLModel, table=True):
    """What the donor pays for; its routes share budget, registry and last day."""

    id: int | None = Field(default=None, primary_key=True)
    name: str
    donor: str | None = None
    budget_minor: int | None = Field(default=None, sa_type=BigInteger)
    budget_currency: str | None = Field(default=None, max_length=3)
    starts_on: str | None = None
    ends_on: str | None = None
    routes_planned: int | None = None
    link: str | None = None
    version: int = 1
    zone: str = "UTC"
    closed_us: int | None = Field(default=None, sa_type=BigInteger)  # handed over: this copy writes and sends no more
    closed_for: str | None = None  # to whom


class Organisation(SQLModel, table=True):
    """An alliance, a facilitator, a donor: anyone who sends people or is shared with."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    kind: str | None = None
    country: str | None = None
    zone: str | None = None
    language: str | None = None
    email: str | None = None
    in_registry: bool | None = None
    version: int = 1
    removed_us: int | None = Field(default=None, sa_type=BigInteger)
    weekend: str | None = None
    hours: str | None = None


class Person(SQLModel, table=True):
    """Someone who travels, teaches, coordinates or answers. The one place where names and addresses are kept."""

    __table_args__ = (Index("person_email", text("lower(email)"), unique=True),)

    id: int | None = Field(default=None, primary_key=True)
    name: str
    email: str | None = None
    phone: str | None = None
    organisation: int | None = Field(default=None, foreign_key="organisation.id")
    language: str | None = None
    country: str | None = None
    zone: str | None = None
    sex: str | None = None
    age_band: str | None = None
    opted_out: bool | None = None
    left_on: str | None = None
    successor: int | None = Field(default=None, foreign_key="person.id")
    version: int = 1
    removed_us: int | None = Field(default=None, sa_type=BigInteger)
    away_until: str | None = None
    deputy: int | None = Field(default=None, foreign_key="person.id")
    weekend: str | None = None
    hours: str | None = None


class OptOut(SQLModel, table=True):
    """A person who asked for silence: about one record, on one route; asking for all of it is `person.opted_out`."""

    __tablename__ = "opt_out"

    id: int | None = Field(default=None, primary_key=True)
    person: int = Field(foreign_key="person.id", index=True)
    route_id: int | None = Field(default=None, foreign_key="route.id")
    subject: str | None = None
    how: str
    actor: int | None = Field(default=None, foreign_key="person.id")
    since_us: int = Field(sa_type=BigInteger)
    ended_us: int | None = Field(default=None, sa_type=BigInteger)


class Address(SQLModel, table=True):
    """What mail to an address met; it belongs to the address, so a person with a new one begins anew."""

    __table_args__ = (CheckConstraint("state IN ('good', 'suspect', 'dead')", name="state"),)

    email: str = Field(primary_key=True)
    state: str
    soft: int = 0  # times in a row that the mailbox did not take it
    since_us: int = Field(sa_type=BigInteger)
    detail: str | None = None


class Definition(SQLModel, table=True):
    """The exact text of a workflow, kept as long as a route follows it."""

    digest: str = Field(primary_key=True)
    name: str
    text: str
    folder: str | None = None  # where its messages and calendars are read, when it did not come with the program
    added_us: int = Field(sa_type=BigInteger)


class Route(SQLModel, table=True):
    """A Learning Route: where it stands (`stage` on the path, `status` beside it) and its own dates."""

    __table_args__ = (
        CheckConstraint("status IN ('active', 'on_hold', 'closed', 'cancelled')", name="status"),
        CheckConstraint("rev > 0", name="rev"),
    )

    id: int | None = Field(default=None, primary_key=True)
    programme_id: int = Field(foreign_key="programme.id")
    key: str = Field(unique=True)
    digest: str = Field(foreign_key="definition.digest")
    stage: str
    status: str = "active"
    rev: int = 1
    stage_entered_on: str
    sent_back: str = "{}"  # stage -> how often the route was sent back from it
    review_on: str | None = None
    held_on: str | None = None
    live_on: str | None = None
    title: str | None = None
    region: str | None = None
    languages: str | None = None
    host_country: str | None = None
    host: int | None = Field(default=None, foreign_key="organisation.id")
    facilitator: int | None = Field(default=None, foreign_key="organisation.id")
    places: str | None = None
    planned_visit: str | None = None
    visit_start: str | None = None
    visit_end: str | None = None
    record_on: str | None = None
    record_link: str | None = None
    donor_report_on: str | None = None
    budget_minor: int | None = Field(default=None, sa_type=BigInteger)
    budget_currency: str | None = Field(default=None, max_length=3)
    version: int = 1
    created_us: int = Field(sa_type=BigInteger)
    removed_us: int | None = Field(default=None, sa_type=BigInteger)  # opened by mistake, and taken back


class RoleHolder(SQLModel, table=True):
    """Who coordinates, facilitates or owns; without a route it holds for the whole programme."""

    __tablename__ = "role_holder"

    id: int | None = Field(default=None, primary_key=True)
    route_id: int | None = Field(default=None, foreign_key="route.id", index=True)
    role: str
    person: int = Field(foreign_key="person.id")
    since_us: int = Field(sa_type=BigInteger)
    until_us: int | None = Field(default=None, sa_type=BigInteger)


class Parameter(SQLModel, table=True):
    """A number of the workflow that the owner changed for one route, with a reason."""

    __table_args__ = (UniqueConstraint("route_id", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    route_id: int = Field(foreign_key="route.id")
    name: str
    value: str
    reason: str


class Waiver(SQLModel, table=True):
    """A guard set aside by a named person for one stay in one stage; never recorded as met."""

    route_id: int = Field(foreign_key="route.id", primary_key=True)
    key: str = Field(primary_key=True)
    number: int
    guard: str
    stage: str
    reason: str
    actor: int = Field(foreign_key="person.id")
    role: str
    approved_by: int | None = Field(default=None, foreign_key="person.id")
    given_on: str
    until_on: str
    have: int | None = None
    floor: int | None = None
    state: str = "active"
    ended_on: str | None = None


class Log(SQLModel, table=True):
    """What happened, who did it and why; appended to, never changed. It holds ids, never names."""

    __table_args__ = (
        Index("log_number", text("coalesce(route_id, 0)"), "number", unique=True),
        CheckConstraint("outcome IN ('done', 'blocked', 'refused')", name="outcome"),
    )

    id: int | None = Field(default=None, primary_key=True)
    route_id: int | None = Field(default=None, foreign_key="route.id")
    number: int
    batch: int  # the number of the first entry of the same command: undo takes a batch back
    verb: str
    subject: str
    actor: int | None = Field(default=None, foreign_key="person.id")
    role: str
    outcome: str
    source: str | None = None
    target: str | None = None
    reason: str
    happened_on: str
    recorded_us: int = Field(sa_type=BigInteger)
    findings: str
    changes: str
    digest: str | None = None
    previous: str
    hash: str
    shared_batch: int | None = None  # what the same command wrote into the programme's log, taken back with it


class PersonalChange(SQLModel, table=True):
    """Names, addresses and numbers before and after an edit: the log leaves them out, and only undo reads them."""

    __tablename__ = "personal_change"

    number: int = Field(primary_key=True)  # of the entry in the programme's log
    person: int = Field(foreign_key="person.id", primary_key=True)
    field: str = Field(primary_key=True)
    before: str | None = None
    after: str | None = None


class HeaderMap(SQLModel, table=True):
    """Which field each column of a foreign list was, the last time a list with these headers came."""

    __tablename__ = "header_map"

    headers: str = Field(primary_key=True)
    kind: str
    columns: str
    kept_us: int = Field(sa_type=BigInteger)


class Country(SQLModel, table=True):
    """Zone and weekend of a country, copied from the calendars so that planning reads nothing else."""

    code: str = Field(primary_key=True, max_length=2)
    zone: str
    weekend: str
    years: str  # the years whose holidays were copied


class Holiday(SQLModel, table=True):
    """A public holiday; a `cancelled` one was taken out by a person and does not come back."""

    country: str = Field(primary_key=True, max_length=2)
    on_day: str = Field(primary_key=True)
    name: str
    source: str
    cancelled: bool = False
