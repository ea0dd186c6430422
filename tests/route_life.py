"""A small live route on a real database: ticked at instants handed in, changed by real commands, beside its memory."""

import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from living import DAY, Died, World
from programme import Programme

from lrflow import nudges, store
from lrflow.channels import Carried, Letter, Outcome
from lrflow.clock import today
from lrflow.database import Database
from lrflow.nudges import Mailer, Ticked
from lrflow.nudges.assembling import ground_now
from lrflow.planner import Key

START = "2016-10-03T07:00+00:00"
ROUTE = "r"
PEOPLE = (
    ("NZ", "Pacific/Auckland"),
    ("PE", "America/Lima"),
    ("NP", "Asia/Kathmandu"),
    ("GB", "Europe/London"),
    ("BD", "Asia/Dhaka"),
    ("RW", "Africa/Kigali"),
)
REASON = '--reason "as agreed on the telephone"'


def small_route(programme: Programme) -> None:
    """Two alliances with a plan, an action and a check-in each; everybody is somewhere else, fewer than a flood."""
    programme.now = START
    programme.do('init --me "Grace Phiri <grace@example.org>" --programme "SUN CSN" --timezone Africa/Blantyre')
    programme.do('set programme donor=CIFF budget="1009038.00 GBP" starts_on=2015-02-02 ends_on=2018-01-31')
    programme.do('add organisation "SUN Alliance Rwanda" kind=csa country=RW in_registry=yes')
    for number, (country, zone) in enumerate(PEOPLE, 1):
        programme.do(f'add person "Person {number}" p{number}@example.org country={country} zone={zone}')
    programme.do(f'add route {ROUTE} "Learning Route" planned_visit=2016-09')
    programme.do("set route coordinator=p4@example.org visit_start=2016-09-20 visit_end=2016-10-10")
    for number, country in ((1, "NZ"), (2, "NP")):
        programme.do(f'add organisation "Alliance {country}" kind=csa country={country} in_registry=yes')
        programme.do(f'add delegation "Alliance {country}"')
        programme.do(f"set D{number} lead=p{2 * number - 1}@example.org focal_point=p2@example.org")
        programme.do(f'add plan "Gardens {number}" kind=test --of D{number}')
        programme.do(f'add action "Meet the officer" --of A{number} due=2016-10-{18 + number}')
        programme.do(f"add checkin --of D{number} month=6 due=2016-10-{24 + number}")
    programme.do("nudge go-live --yes")


def copy_of(factory: pytest.TempPathFactory, home: Path) -> Programme:
    """A programme of one's own as `small_route` leaves it, which is built once a run."""
    model = factory.getbasetemp() / "model-small-route"
    if not model.exists():
        aside = factory.mktemp("small-route") / "csn"
        small_route(Programme(aside))
        aside.rename(model)
    shutil.copytree(model, home)
    return Programme(home, now=START)


class Transport:
    """A channel that is as real as any, and takes every letter; *fate* is where the sender dies at the next one."""

    name = "email"
    is_real = True

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.fate = ""

    def carry(self, letter: Letter, before_data: Callable[[], None]) -> Carried:
        fate, self.fate = self.fate, ""
        if fate == "claimed":
            raise Died
        before_data()
        self.letters.append(letter)
        if fate == "begun":
            raise Died
        return Carried(Outcome.accepted, 250, "taken")

    def close(self) -> None:
        pass


@dataclass
class Life:
    """A live programme, the transport it sends through, and its double in memory."""

    programme: Programme
    transport: Transport = field(default_factory=Transport)

    @property
    def database(self) -> Path:
        return self.programme.home / "lrflow.db"

    def tick(self, now: datetime, fate: str = "") -> Ticked | None:
        """One tick of a fresh sender at *now*; None when it dies."""
        self.transport.fate = fate
        database = Database(self.database)
        holder = nudges.hold_sending(database, now)
        mailer = Mailer(self.transport, "SUN CSN", "route@example.org")
        try:
            with suppress(Died):
                return nudges.tick(database, mailer, holder, lambda: now)
            return None
        finally:
            self.transport.fate = ""
            nudges.stop_sending(database, holder)
            database.close()

    def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        database = Database(self.database)
        try:
            with database.begin() as unit:
                return [dict(row) for row in unit.all(sql, *values)]
        finally:
            database.close()

    def next_due(self) -> int | None:
        database = Database(self.database)
        try:
            with database.begin() as unit:
                return store.next_due(unit)
        finally:
            database.close()

    def nudges(self) -> dict[Key, tuple[Any, ...]]:
        """State, reason, day, reader and hour of each nudge, in the words of the database."""
        found = self.rows("SELECT * FROM nudge ORDER BY number")
        told = ("state", "reason", "local_on", "person", "due_us")
        return {store.key_of(row): tuple(row[name] or "" for name in told) for row in found}

    def letters(self) -> list[tuple[str, datetime]]:
        """To which address each letter that reached the transport went, and when."""
        return sorted((each.to_address, each.sent_at) for each in self.transport.letters)

    def world(self, now: datetime) -> World:
        """The same route in memory, as it stands now."""
        database = Database(self.database)
        try:
            with database.begin() as unit:
                ground = ground_now(unit, ROUTE, now)
                zone = store.programme_zone(unit, store.read_route(unit, ROUTE))
        finally:
            database.close()
        world = World(ground.definition, ground.facts, ground.calendar_of, zone, ground.moment.live_on, ground.quiet)
        world.nudges, world.armings = dict(ground.ledger.nudges), dict(ground.ledger.armings)
        world.seen = now
        world.replan(now)
        return world

    def follow(self, world: World, now: datetime) -> None:
        """Let the memory know what a command has changed, and plan as the command did."""
        seen = self.world(now)
        parts = {"calendar_of": seen.calendar_of, "quiet": seen.quiet, "live_on": seen.live_on}
        world.edit(now, seen.facts, **parts)


@dataclass
class Doubled:
    """A life and its memory, to which the same happens."""

    life: Life
    chance: Random
    now: datetime
    world: World = field(init=False)
    told: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.world = self.life.world(self.now)

    def tick(self, fate: str = "") -> None:
        self.told.append(f"{self.now:%m-%d %H:%M} tick {fate}")
        self.life.tick(self.now, fate)
        self.world.tick(self.now, fate)

    def deed(self) -> None:
        """A person types something; refused or not, the memory follows."""
        if self.chance.random() < 0.25 and (line := self.about_one()):
            self.told.append(f"{self.now:%m-%d %H:%M} {line}")
            return
        line = a_line(self.chance, self.now)
        result = self.life.programme.run(line, now=self.now.isoformat())
        self.told.append(f"{self.now:%m-%d %H:%M} {line} -> {result.code}")
        if result.code == 0:
            self.life.follow(self.world, self.now)

    def differences(self) -> list[tuple[Any, ...]]:
        """Where the database and the memory do not agree: nudges, with state, reason, day and reader; letters."""
        here = {key: each[:4] for key, each in self.life.nudges().items()}
        there = {
            key: (each.state, each.reason, row.local_on.isoformat(), row.person or "")
            for key, each in self.world.nudges.items()
            if (row := self.world.rows.get(key))
        }
        found = [(key, here.get(key), there.get(key)) for key in here.keys() | there.keys()]
        addresses = {str(row["id"]): row["email"] for row in self.life.rows("SELECT id, email FROM person")}
        said = sorted((addresses[str(each.person)], each.at) for each in self.world.transport)
        letters = [] if said == self.life.letters() else [(said, self.life.letters())]
        return [each for each in found if each[1] != each[2]] + letters

    def about_one(self) -> str:
        """Move, leave out, hold back or let go one open nudge."""
        open_ones = self.life.rows("SELECT * FROM nudge WHERE state IN ('planned', 'held')")
        if not open_ones:
            return ""
        row = self.chance.choice(open_ones)
        key, number = store.key_of(row), f"N{row['number']}"
        calendar = self.world.calendar_of(row["person"])
        here = today(self.now, calendar.zone)
        if row["pinned"]:
            line, values = f"nudge release {number}", {"state": "planned", "reason": "", "pinned": False}
            values["is_planned_anew"] = False
        else:
            day = here + DAY * self.chance.randint(0, 10)
            moved = {"state": "planned", "reason": "", "moved_on": calendar.next_working(day), "woken": False}
            gone = {"state": "suppressed", "reason": "skipped", "closed_on": today(self.now, row["zone"])}
            still = {"state": "held", "pinned": True, "is_planned_anew": False}
            line, values = self.chance.choice(
                [
                    (f"nudge move {number} {day}", moved),
                    (f"nudge send {number} --wake --yes", {**moved, "moved_on": here, "woken": True}),
                    (f"nudge skip {number} {REASON}", gone),
                    (f"nudge hold {number}", {**still, "reason": "held_back"}),
                ]
            )
        result = self.life.programme.run(line, now=self.now.isoformat())
        if result.code == 0:
            self.world.decide(key, self.now, **values)
        return f"{line} -> {result.code} {result.err[:80]}"


def a_line(chance: Random, now: datetime) -> str:
    """Something that a coordinator might type at this moment."""
    here = now.date()
    day = here + DAY * chance.randint(-10, 40)
    person, plan = f"p{chance.randint(1, 5)}@example.org", chance.choice(["A1", "A2"])
    number = chance.choice([1, 2])
    lines = [
        f"set {plan}.1 due={day} {REASON}",
        f"set {plan}.1 due={day} {REASON}",
        f"set Q{number}.6 due={day} {REASON}",
        f"set route visit_end={here + DAY * chance.randint(-30, 10)} {REASON}",
        f"set D{number} lead=p{chance.randint(1, 6)}@example.org {REASON}",
        f"set D{number} focal_point=p{chance.randint(1, 6)}@example.org {REASON}",
        f"mark {plan}.1 {chance.choice(['doing', 'done'])} {REASON}",
        f"note {plan} word",
        f"hold --review {here + 14 * DAY} {REASON}",
        f"resume {REASON}",
        f"pause {chance.choice(['D1', 'A2', 'route', person])} --until {here + DAY * chance.randint(1, 9)} {REASON}",
        f"person opt-out {person} --via call",
        f"person address {person} dead",
        f"person leave {person} --on {here} --successor p6@example.org {REASON}",
        f"holiday add {chance.choice(PEOPLE)[0]} {here + DAY} Feast",
        f"set person {person} away_until={here + DAY * chance.randint(1, 9)} deputy=p6@example.org",
    ]
    return chance.choice(lines)


def live_through(both: Doubled, steps: int) -> None:
    """Ticks and deeds at random instants; the sender dies now and then."""
    for _ in range(steps):
        if both.chance.random() < 0.4:
            both.deed()
        else:
            both.tick(both.chance.choice(["", "", "", "claimed", "begun"]))
        both.now += timedelta(minutes=both.chance.choice([0, 1, 60, 360, 720, 1440, 1440, 4320]))
