"""The coordinator's desk: one route, day after day, and the messages that leave as the days pass."""

import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from typing import Any

from lrflow import nudges, routes, store, tracks
from lrflow.clock import from_us, today, zone_of
from lrflow.database import Database, Row
from lrflow.demo.case import Case, day_of, said_of
from lrflow.errors import LrflowError, Refused
from lrflow.facts import Facts
from lrflow.nudges import Mailer
from lrflow.render import finding_lines
from lrflow.routes.moving import Blocked
from lrflow.store import Act, Holder
from lrflow.tracks import Added, Which

EVENING = time(17)  # what happened on a day is written down at the end of it
MORNING = time(9)
WIDTH = 110


@dataclass(slots=True)
class Desk:
    """Where the coordinator sits: the route, the hour it is there, and everything a coordinator can do."""

    database: Database
    mailer: Mailer
    holder: Holder
    outbox: Path
    case: Case
    say: Callable[[str], None]
    now: datetime
    opening: str = ""
    drafts: bool = False

    @property
    def key(self) -> str:
        """The route."""
        return str(self.case["route"]["key"])

    @property
    def zone(self) -> str:
        """The zone in which days are meant."""
        return str(self.case["programme"]["zone"])

    @property
    def day(self) -> date:
        """The day it is at this desk."""
        return today(self.now, self.zone)

    def act(self, reason: str = "") -> Act:
        """The coordinator's wish, at this hour."""
        return Act(self.case["coordinator"]["email"], self.now, self.zone, reason=reason)

    def facts(self) -> Facts:
        """The facts of the route as they are now."""
        with self.database.begin() as unit:
            return store.stand(unit, self.key, self.act()).facts

    def nudges(self, *states: str) -> list[Row]:
        """The nudges of the route in *states*, or all of them."""
        with self.database.begin() as unit:
            return store.nudges_of(unit, store.read_route(unit, self.key).id, states)

    # -------------------------------------------------------------------------------------------------- telling

    def begin_day(self, name: str) -> None:
        """Live until the day *name* of the case; what happened on it opens the next paragraph."""
        self.live_until(day_of(self.case, name))
        self.opening = f"{self.day}  {said_of(self.case, name)} "

    def tell(self, text: str = "") -> None:
        """Tell *text* as a paragraph, under its day."""
        first, self.opening = self.opening, ""
        if first:
            self.say("")
        inside = "" if text.startswith("  ") else " " * 12
        whole = f"{first or inside}{text}".rstrip()
        self.say(textwrap.fill(whole, WIDTH, subsequent_indent=" " * 12, break_on_hyphens=False))

    def show_message(self, to: str, on: date) -> None:
        """Tell the message that *to* got on the day *on* in full, as the draft in the outbox has it."""
        path = next(self.outbox.glob(f"{on}-{to}-*.eml"))
        message = BytesParser(policy=default).parsebytes(path.read_bytes())
        body = message.get_body(("plain",))
        lines = [*(f"{name}: {message[name]}" for name in ("From", "To", "Date", "Subject")), ""]
        for line in [*lines, *(body.get_content().splitlines() if body else [])]:
            self.say(textwrap.fill(line, WIDTH, initial_indent="    | ", subsequent_indent="    | ") or "    |")

    # -------------------------------------------------------------------------------------- what a coordinator does

    def add_shared(self, kind: str, /, **fields: Any) -> Added:
        """Add an organisation or a person."""
        return tracks.add_shared(self.database, kind, (), _words(fields), self.act())

    def add(self, kind: str, /, *lead: str, **fields: Any) -> Added:
        """Add a record to the route."""
        return tracks.add(self.database, self.key, kind, lead, _words(fields), self.act())

    def set(self, which: str, /, **fields: Any) -> None:
        """Set fields of records of the route; ids, ranges and kinds apart from each other by a blank."""
        edited = tracks.edit(self.database, self.key, Which(tuple(which.split())), _words(fields), self.act())
        _insist(which, edited.refused)

    def set_route(self, reason: str = "", /, **fields: Any) -> None:
        """Set fields of the route itself."""
        tracks.edit_route(self.database, self.key, _words(fields), self.act(reason))

    def mark(self, which: str, state: str, reason: str = "", /, **fields: Any) -> None:
        """Bring records into *state*, every one of them."""
        words, act = tuple(which.split()), self.act(reason)
        marked = tracks.mark(self.database, self.key, Which(words), state, _words(fields), act)
        _insist(which, {key: decision.says for key, decision in marked.refused.items()})

    def advance(self) -> None:
        """Move the route to its next stage and tell what was waived or warned of."""
        moved = routes.advance(self.database, self.key, self.act())
        decision = moved.decision
        self.say(f"{self.day}  {decision.source} -> {decision.target}")
        for each in decision.findings:
            if each.warns or each.outcome == "waived":
                sign = "~" if each.outcome == "waived" else "!"
                self.tell(f"  {sign} {each.guard}: {each.warning or each.says}")

    def try_to_advance(self) -> None:
        """Ask for the next stage, be refused, and tell every reason."""
        try:
            moved = routes.advance(self.database, self.key, self.act())
        except Blocked as refused:
            decision = refused.decision
            self.say(f"{self.day}  {decision.source} -> {decision.target}: refused")
            for line in finding_lines(decision.blocking):
                self.say(line)
            return
        raise LrflowError(f"{self.key} was to be refused, and is in {moved.decision.target}")

    # ------------------------------------------------------------------------------------------- as the days pass

    def live_until(self, day: date) -> None:
        """Let time pass until the evening of *day*; at each instant at which a message is due, it leaves."""
        evening = datetime.combine(day, EVENING, zone_of(self.zone)).astimezone(UTC)
        while (due := self._next_post()) is not None and due <= evening:
            if today(due, self.zone) != self.day and self.drafts:
                self._send_drafts()  # what follows on them is planned only now
                continue
            nudges.let_leave(self.database, self.now)  # the coordinator has looked at what leaves
            self.now = due
            ticked = nudges.tick(self.database, self.mailer, self.holder, lambda: self.now)
            self.drafts = self.drafts or bool(ticked.ended["drafted"])
        self._send_drafts()
        self.now = evening

    def _next_post(self) -> datetime | None:
        with self.database.begin() as unit:
            live = [each for each in store.routes_of(unit) if each.row["live_on"]]
            rows = [row for each in live for row in store.nudges_of(unit, each.id, ["planned"])]
        return min((_next_chance(row, self.now) for row in rows), default=None)

    def _send_drafts(self) -> None:
        """The coordinator sends the drafts of the day by hand, and says so."""
        if self.drafts:
            nudges.confirm(self.database, self.key, "all", self.act())
            self.drafts = False


def _next_chance(row: Row, after: datetime) -> datetime:
    """When the nudge of *row* can leave: its instant, or the next morning when it had to wait."""
    due = from_us(row["due_us"])
    if due > after:
        return due
    zone = zone_of(row["zone"])
    here = after.astimezone(zone)
    morning = datetime.combine(here.date(), MORNING, zone)
    return (morning if morning > here else morning + timedelta(days=1)).astimezone(UTC)


def _words(fields: dict[str, Any]) -> list[str]:
    """*fields* as they would be typed; empty ones are left out."""
    said = {True: "yes", False: "no"}
    return [
        f"{name}={said[value] if isinstance(value, bool) else value}" for name, value in fields.items() if value != ""
    ]


def _insist(which: str, refused: Any) -> None:
    if refused:
        raise Refused(f"{which}: not all could be done", problems=[f"{key}: {why}" for key, why in refused.items()])


def count_of(facts: Facts, kind: str, *states: str) -> int:
    """How many records of *kind* are in one of *states*."""
    return sum(1 for each in facts.of(kind) if each.state in states)
