"""What the demonstration left behind, counted from its database, and commands to look around with."""

from collections import Counter
from datetime import date
from pathlib import Path

from lrflow import store
from lrflow.catalogue import Money
from lrflow.clock import from_us, zone_of
from lrflow.database import Row
from lrflow.demo.desk import Desk, count_of

COMMANDS = (
    ("lrflow status", "where the route stands"),
    ("lrflow log -N 30", "who did what, when and why; refusals too"),
    ("lrflow nudge list --all", "every message, and every silence with its reason"),
    ("lrflow show A6", "Tanzania's plan, and what became of it"),
    ("lrflow list participant", "who travelled"),
    ("lrflow check", "what the next stage asks (none is left)"),
)


def tell(desk: Desk, folder: Path) -> None:
    """Count what is there, message by message, and say what to type next."""
    _tell_route(desk)
    _tell_messages(desk, desk.nudges())
    desk.say("")
    desk.say(f"All of it is in {folder}. Look around with the real commands:")
    desk.say(f"  cd {folder}")
    for command, what in COMMANDS:
        desk.say(f"  {command:<26} {what}")


def _tell_route(desk: Desk) -> None:
    facts = desk.facts()
    with desk.database.begin() as unit:
        entries = store.entries_of(unit, store.read_route(unit, desk.key).id, limit=1)
    visitors = [each for each in facts.of("participant") if facts.value(each, "visiting") and each.state == "attended"]
    sending = {facts.value(each, "organisation") for each in visitors}
    awards = [each["award"] for each in facts.of("plan") if each["award"]]
    total = Money(sum(each.minor for each in awards), awards[0].currency)
    shared = sum(1 for each in facts.of("organisation") if each["in_registry"] and facts.value(each, "record_shared"))
    desk.say("")
    desk.tell(
        f"  {len(visitors)} visitors from {len(sending)} alliances; {count_of(facts, 'session', 'held')} sessions; "
        f"{len(facts.of('plan'))} plans; {len(awards)} awards of {awards[0]}, together {total}; "
        f"{count_of(facts, 'checkin', 'answered')} answers to {len(facts.of('checkin'))} check-ins; the record shared "
        f"with {shared} alliances; {entries[0]['number']} entries in the log."
    )


def _tell_messages(desk: Desk, rows: list[Row]) -> None:
    sent = [row for row in rows if row["state"] == "sent"]
    messages = {row["message_id"]: (row["person"], _local_day(row)) for row in sent}
    busiest = max(Counter(messages.values()).values(), default=0)
    about = sorted(Counter(row["rule"] for row in sent).items(), key=lambda each: (-each[1], each[0]))
    silent = Counter(row["reason"] for row in rows if row["state"] in ("cancelled", "suppressed", "expired"))
    desk.tell(
        f"  {len(messages)} messages with {len(sent)} lines went to {len({row['person'] for row in sent})} people, "
        f"each at 09:00 of a working day where they live, to nobody more than {busiest} a day:"
    )
    desk.tell(f"    {', '.join(f'{count} {rule}' for rule, count in about)}.")
    reasons = ", ".join(f"{count} {reason}" for reason, count in silent.most_common())
    desk.tell(f"  {sum(silent.values())} stayed silent, each with its reason: {reasons}.")


def _local_day(row: Row) -> date:
    return from_us(row["closed_us"]).astimezone(zone_of(row["zone"])).date()
