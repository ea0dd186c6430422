"""Say what is due when, to whom: rules, facts and the ledger in, intended nudges out. Pure."""

from lrflow.planner.ahead import Course, Foreseen, Put, applied
from lrflow.planner.announcing import Call, NextStep, call_of, next_step
from lrflow.planner.assembling import WINDOW, Verdict, Waiting, assemble, why_not_today
from lrflow.planner.leavers import inherited
from lrflow.planner.people import recipients, senders
from lrflow.planner.planning import anchor_of, plan
from lrflow.planner.quiet import NOTHING, OptOut, Pause, Quiet, opted_out, paused
from lrflow.planner.reaching import unreachable
from lrflow.planner.reasons import REASONS, sentence
from lrflow.planner.rules import ALARM, NOTICES, POSTPONED, TOLD, WORDED, rule_of
from lrflow.planner.shapes import (
    OPEN,
    RUNG,
    SAID,
    SUPERSEDED,
    UNREACHED,
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
from lrflow.planner.timing import shifted

__all__ = [
    "ALARM",
    "NOTHING",
    "NOTICES",
    "OPEN",
    "POSTPONED",
    "REASONS",
    "RUNG",
    "SAID",
    "SUPERSEDED",
    "TOLD",
    "UNREACHED",
    "WINDOW",
    "WORDED",
    "Arming",
    "CalendarOf",
    "Call",
    "Course",
    "Foreseen",
    "Ground",
    "Intended",
    "Key",
    "Known",
    "Ledger",
    "Moment",
    "NextStep",
    "OptOut",
    "Pause",
    "Plan",
    "Put",
    "Quiet",
    "Verdict",
    "Waiting",
    "anchor_of",
    "applied",
    "assemble",
    "call_of",
    "inherited",
    "next_step",
    "opted_out",
    "paused",
    "plan",
    "recipients",
    "rule_of",
    "senders",
    "sentence",
    "shifted",
    "unreachable",
    "why_not_today",
]
