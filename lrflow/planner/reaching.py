"""Who can be written to: one table of how a person stands against the kinds of message. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from lrflow.facts import Record
from lrflow.planner.reasons import REASONS

REMINDER, TOLD, DIGEST = "reminder", "told", "digest"
MESSAGES: Mapping[str, str] = {
    REMINDER: "what a rule says: reminders, their repeats, whom they go to when nobody answers",
    TOLD: "what a coordinator tells by hand: tell, postpone",
    DIGEST: "the Monday page of coordinators",
}
SEND, HELD, SUCCESSOR, DEPUTY = "send", "held", "successor", "deputy"


@dataclass(frozen=True, slots=True)
class Reach:
    """How a person stands, in words, and what becomes of each kind of message: one of the four, or why it is silent."""

    says: str
    reminder: str
    told: str
    digest: str
    calls: bool = False  # a coordinator is asked to call instead

    def of(self, message: str) -> str:
        """What becomes of a message of that kind."""
        return {REMINDER: self.reminder, TOLD: self.told, DIGEST: self.digest}[message]


def _all(says: str, cell: str, *, calls: bool = False) -> Reach:
    return Reach(says, cell, cell, cell, calls)


# The one place that says who gets what; the first that fits decides. `lrflow help reach` is made from it.
MATRIX: Mapping[str, Reach] = {
    "succeeded": _all("left, and somebody took over", SUCCESSOR),
    "left": _all("left, and nobody took over", "person_left"),
    "away": _all("is away, and a deputy stands in", DEPUTY),
    "opted_out": _all("asked for no more messages at all", "opted_out"),
    "opted_out_route": _all("asked for no more messages on this route", "opted_out", calls=True),
    "opted_out_item": Reach("asked for no more messages about this record", "opted_out", SEND, SEND, calls=True),
    "no_address": _all("has no address", "no_reachable_channel", calls=True),
    "dead": _all("has an address that does not exist any more", "no_reachable_channel", calls=True),
    "paused": _all("is paused by a coordinator", HELD),
    "suspect": _all("has a mailbox that took nothing for a week", SEND, calls=True),
    "good": _all("has an address that takes mail", SEND),
}


def standing_of(person: Record, on: date) -> str:
    """How *person* stands on that day, as far as it is the same for every message: a row of the table.

    Whoever took over or stands in was asked before: a reader who has left is one nobody took over from.
    """
    if person["left_on"] and person["left_on"] <= on.isoformat():
        return "left"
    if person["opted_out"]:
        return "opted_out"
    if not person["email"]:
        return "no_address"
    return str(person["address_state"] or "good")


def unreachable(person: Record | None, on: date) -> str:
    """Why nothing can be sent to *person* on that day, the reader's own; empty when it can."""
    if person is None:
        return "no_recipient"
    cell = MATRIX[standing_of(person, on)].reminder
    return cell if cell in REASONS else ""
