"""The records of a route: one table per kind, keyed by the id people use, so that no reference leaves its route."""

from sqlalchemy import BigInteger, ForeignKeyConstraint
from sqlmodel import Field, SQLModel

import lrflow.tables.naming  # noqa: F401  (before the first table is declared)


def _within_route(field: str, table: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["route_id", field], [f"{table}.route_id", f"{table}.key"])


class OfRoute(SQLModel):
    """What every record has: its route, its id, its state, a version that counts edits; removed ones stay, marked."""

    route_id: int = Field(foreign_key="route.id", primary_key=True)
    key: str = Field(primary_key=True)
    number: int
    state: str
    version: int = 1
    touched_on: str
    removed_us: int | None = Field(default=None, sa_type=BigInteger)


class Offer(OfRoute, table=True):
    """One of the offers of a route."""

    organisation: int | None = Field(default=None, foreign_key="organisation.id")
    offered_on: str | None = None
    strengths: str | None = None
    why: str | None = None


class Experience(OfRoute, table=True):
    """One of the experiences of a route."""

    title: str | None = None
    owner: str | None = None
    place: str | None = None
    country: str | None = None
    areas: str | None = None
    learning_objectives: str | None = None
    objectives: str | None = None
    good_practice: bool | None = None
    innovation: bool | None = None
    summary: str | None = None
    scaling_potential: str | None = None
    scaling_why: str | None = None
    levels: str | None = None
    beneficiary_groups: str | None = None
    why: str | None = None


class Evidence(OfRoute, table=True):
    """One of the evidence of a route."""

    about: str | None = None
    claims: str | None = None
    what: str | None = None
    source: str | None = None
    on: str | None = None
    sha256: str | None = None
    size: int | None = None
    why: str | None = None


class Case(OfRoute, table=True):
    """One of the cases of a route."""

    __table_args__ = (_within_route("experience", "experience"),)

    experience: str | None = None
    author: str | None = None
    how: str | None = None
    who: str | None = None
    what: str | None = None
    success_factors: str | None = None
    practices: str | None = None
    innovations: str | None = None
    lessons: str | None = None
    validated_on: str | None = None
    validated_by: str | None = None
    approved: bool | None = None
    link: str | None = None
    why: str | None = None


class Objective(OfRoute, table=True):
    """One of the objectives of a route."""

    title: str | None = None
    sort: str | None = None
    area: str | None = None
    learning_objective: str | None = None
    why: str | None = None


class Champion(OfRoute, table=True):
    """One of the champions of a route."""

    person: int | None = Field(default=None, foreign_key="person.id")
    experiences: str | None = None
    role: str | None = None
    success: str | None = None
    trained_on: str | None = None
    outcome: str | None = None
    trained_by: str | None = None
    why: str | None = None


class Delegation(OfRoute, table=True):
    """One of the delegations of a route."""

    organisation: int | None = Field(default=None, foreign_key="organisation.id")
    visiting: bool | None = None
    lead: int | None = Field(default=None, foreign_key="person.id")
    focal_point: int | None = Field(default=None, foreign_key="person.id")
    applied_on: str | None = None
    committed_on: str | None = None
    needs: str | None = None
    why: str | None = None


class Participant(OfRoute, table=True):
    """One of the participants of a route."""

    __table_args__ = (
        _within_route("delegation", "delegation"),
        _within_route("replaces", "participant"),
    )

    person: int | None = Field(default=None, foreign_key="person.id")
    delegation: str | None = None
    visa: str | None = None
    can_decide: bool | None = None
    replaces: str | None = None
    why: str | None = None


class Session(OfRoute, table=True):
    """One of the sessions of a route."""

    __table_args__ = (_within_route("experience", "experience"),)

    on: str | None = None
    kind: str | None = None
    title: str | None = None
    place: str | None = None
    experience: str | None = None
    leads: str | None = None
    objectives: str | None = None
    stakeholders: str | None = None
    presenters: str | None = None
    why: str | None = None


class Plan(OfRoute, table=True):
    """One of the plans of a route."""

    __table_args__ = (
        _within_route("delegation", "delegation"),
        _within_route("experience", "experience"),
    )

    title: str | None = None
    delegation: str | None = None
    kind: str | None = None
    change: str | None = None
    innovation: str | None = None
    experience: str | None = None
    adapted: str | None = None
    applied_by: int | None = Field(default=None, foreign_key="organisation.id")
    country: str | None = None
    themes: str | None = None
    serves: str | None = None
    strategy_fit: str | None = None
    local_need: str | None = None
    msp_engagement: str | None = None
    beneficiaries: str | None = None
    months: int | None = None
    starts_on: str | None = None
    ends_on: str | None = None
    cost_minor: int | None = Field(default=None, sa_type=BigInteger)
    cost_currency: str | None = Field(default=None, max_length=3)
    owner: int | None = Field(default=None, foreign_key="person.id")
    final_on: str | None = None
    awarded_on: str | None = None
    award_minor: int | None = Field(default=None, sa_type=BigInteger)
    award_currency: str | None = Field(default=None, max_length=3)
    award_rate: str | None = None
    started_on: str | None = None
    finished_on: str | None = None
    result: str | None = None
    why: str | None = None


class Action(OfRoute, table=True):
    """An action of a plan."""

    __table_args__ = (_within_route("plan", "plan"),)

    plan: str | None = None
    title: str | None = None
    person: int | None = Field(default=None, foreign_key="person.id")
    due: str | None = None
    done_on: str | None = None
    why: str | None = None


class Checkin(OfRoute, table=True):
    """One of the checkins of a route."""

    __table_args__ = (_within_route("delegation", "delegation"),)

    delegation: str | None = None
    month: int | None = None
    due: str | None = None
    answered_on: str | None = None
    learning_used: str | None = None
    learning_shared: str | None = None
    plan_state: str | None = None
    percent: int | None = None
    blocked_by: str | None = None
    help_needed: str | None = None
    via: str | None = None
    why: str | None = None


class Cascade(OfRoute, table=True):
    """One of the cascades of a route."""

    __table_args__ = (
        _within_route("delegation", "delegation"),
        _within_route("plan", "plan"),
    )

    delegation: str | None = None
    on: str | None = None
    level: str | None = None
    organisation: str | None = None
    women: int | None = None
    men: int | None = None
    people: int | None = None
    plan: str | None = None
    what: str | None = None
    why: str | None = None


class Sharing(OfRoute, table=True):
    """One of the sharings of a route."""

    sort: str | None = None
    organisation: int | None = Field(default=None, foreign_key="organisation.id")
    on: str | None = None
    title: str | None = None
    link: str | None = None
    via: str | None = None
    why: str | None = None


class Budget(OfRoute, table=True):
    """One of the budget lines of a route."""

    what: str | None = None
    step: str | None = None
    amount_minor: int | None = Field(default=None, sa_type=BigInteger)
    amount_currency: str | None = Field(default=None, max_length=3)
    rate: str | None = None
    on: str | None = None
    why: str | None = None
