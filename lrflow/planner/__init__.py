"""Say what is due when, to whom: rules, facts and the ledger in, intended nudges out. Pure."""

from lrflow.planner.people import recipients, senders
from lrflow.planner.planning import anchor_of, may_write_today, plan, shifted
from lrflow.planner.reasons import REASONS, sentence
from lrflow.planner.rules import NOTICES, POSTPONED, TOLD, WORDED, rule_of
from lrflow.planner.shapes import (
    OPEN,
    RUNG,
    SAID,
    SUPERSEDED,
    Arming,
    CalendarOf,
    Ground,
    Intended,
    Key,
    Known,
    Ledger,
    Moment,
    Plan,
)

__all__ = [
    "NOTICES",
    "OPEN",
    "POSTPONED",
    "REASONS",
    "RUNG",
    "SAID",
    "SUPERSEDED",
    "TOLD",
    "WORDED",
    "Arming",
    "CalendarOf",
    "Ground",
    "Intended",
    "Key",
    "Known",
    "Ledger",
    "Moment",
    "Plan",
    "anchor_of",
    "may_write_today",
    "plan",
    "recipients",
    "rule_of",
    "senders",
    "sentence",
    "shifted",
]
