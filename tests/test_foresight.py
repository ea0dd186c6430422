"""What is previewed is what is sent: the course foretold from any state, against what the daemon then does."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from living import DAY
from route_life import ROUTE, START, Doubled, Life, a_line, copy_of

from lrflow import store
from lrflow.clock import today
from lrflow.database import Database
from lrflow.nudges.composing import compose
from lrflow.nudges.foreseeing import course_of, rows_of
from lrflow.planner import Foreseen, Put

AHEAD = 12 * DAY
SENDER = "SUN CSN"
DIGEST = "weekly-digest"
SECOND = ("action-due-soon", "A1.1", "person", 1, 1)


@dataclass(frozen=True)
class Letter:
    """A letter as it is compared: a digest only by being there, its figures are those of its moment."""

    to: str
    on: date
    subject: str
    text: str


@dataclass(frozen=True)
class Foretold:
    """What the course says will happen, when, and how every nudge stands at its end."""

    letters: list[Letter]
    silent: Counter
    instants: list[datetime]
    standing: dict[Any, tuple[str, str]]


def foretold(life: Life, now: datetime, end: datetime) -> Foretold:
    """The course of the route from *now* to *end*, worded as the preview words it."""
    letters, silent, instants = [], Counter(), []
    database = Database(life.database)
    try:
        with database.begin() as unit:
            course = course_of(unit, ROUTE, now)
            for happened in course.until(end):
                instants.append(course.now)
                if isinstance(happened, Foreseen):
                    rows, views = rows_of(unit, happened, {})
                    words = compose(unit, rows, views, SENDER, happened.local_on, happened.at)
                    person = store.shared_record(unit, "person", happened.person)
                    letters.append(letter(person["email"], happened.local_on, words.subject, words.text, rows))
                elif isinstance(happened, Put) and "_" in happened.why:
                    silent.update((each.key, happened.why) for _, each in happened.lines)
    finally:
        database.close()
    ledger = course.grounds[ROUTE].ledger
    return Foretold(letters, silent, instants, {key: (each.state, each.reason) for key, each in ledger.nudges.items()})


def letter(to: str, on: date, subject: str, text: str, rows: list[Any]) -> Letter:
    if any(row["rule"] == DIGEST for row in rows):
        return Letter(to, on, "the digest", "")
    return Letter(to, on, subject, text)


def run(life: Life, now: datetime, end: datetime, instants: list[datetime], chance: Random) -> list[Letter]:
    """Tick from *now* to *end*, at the foretold instants and at others, and take what reached the transport."""
    others = [now + timedelta(minutes=chance.randint(240, 480)) * n for n in range(1 + int(AHEAD / timedelta(hours=8)))]
    midnights = [
        datetime.combine(now.date() + DAY * n, datetime.min.time(), now.tzinfo) for n in range(1, AHEAD.days + 1)
    ]
    before = len(life.transport.letters)
    for at in sorted({now, end, *instants, *others, *midnights}):
        if now <= at <= end:
            life.tick(at)
    digests = {
        (row["person"], row["local_on"])
        for row in life.rows(
            """SELECT message.person, message.local_on FROM nudge JOIN message ON message.id = nudge.message_id
               WHERE nudge.rule = $1 AND nudge.state = 'sent'""",
            DIGEST,
        )
    }
    numbers = {row["email"]: row["id"] for row in life.rows("SELECT id, email FROM person")}
    zones = {row["person"]: row["zone"] for row in life.rows("SELECT person, zone FROM nudge WHERE person > 0")}
    found = []
    for each in life.transport.letters[before:]:
        person = numbers[each.to_address]
        on = today(each.sent_at, zones[person])
        is_digest = (person, on.isoformat()) in digests
        found.append(Letter(each.to_address, on, *(("the digest", "") if is_digest else (each.subject, each.text))))
    return found


def some_state(life: Life, seed: int) -> tuple[datetime, Random]:
    """The route after some days in which people did things and the sender sent, and died now and then."""
    chance = Random(seed)
    now = datetime.fromisoformat(START) + timedelta(minutes=chance.randint(0, 3000))
    for _ in range(chance.randint(3, 9)):
        if chance.random() < 0.6:
            life.programme.run(a_line(chance, now), now=now.isoformat())
        elif chance.random() < 0.3:
            both = Doubled(life, chance, now)
            both.about_one()
        else:
            life.tick(now, chance.choice(["", "", "claimed", "begun"]))
        now += timedelta(minutes=chance.choice([0, 1, 60, 720, 1440, 4320]))
    return now, chance


def check(life: Life, seed: int) -> None:
    now, chance = some_state(life, seed)
    end = now + AHEAD

    said = foretold(life, now, end)
    sent = run(life, now, end, said.instants, chance)

    def by_day(letters: list[Letter]) -> list[Letter]:
        return sorted(letters, key=lambda each: (each.on, each.to))

    assert by_day(sent) == by_day(said.letters), f"seed {seed}"
    ended = {key: value[:2] for key, value in life.nudges().items()}
    for key, why in said.silent:
        assert ended[key][1] == why, f"seed {seed}: {key}"
    assert ended == said.standing, f"seed {seed}"


@pytest.mark.requirement("I1", "I2")
@pytest.mark.parametrize("seed", range(12))
def test_what_is_foretold_from_any_state_is_what_is_sent_line_for_line(seed, tmp_path_factory, tmp_path):
    check(Life(copy_of(tmp_path_factory, tmp_path / "csn")), seed)


def test_what_is_held_back_is_not_foretold_after_its_date_moved_either(tmp_path_factory, tmp_path):
    life = Life(copy_of(tmp_path_factory, tmp_path / "csn"))
    now = datetime.fromisoformat("2016-10-06T00:00+00:00")
    for at in (START, "2016-10-04T20:00+00:00", "2016-10-05T08:00+00:00"):
        life.tick(datetime.fromisoformat(at))  # the first reminder of A1.1 leaves on the fifth
    second = next(row for row in life.rows("SELECT * FROM nudge ORDER BY number") if store.key_of(row) == SECOND)
    life.programme.do(f"nudge hold N{second['number']}", now=now.isoformat())
    life.programme.do("set A1.1 due=2016-10-29", now=now.isoformat())  # which gives both another chance
    end = now + 3 * AHEAD

    said = foretold(life, now, end)
    sent = run(life, now, end, said.instants, Random(0))

    assert said.letters and not [each for each in sent if each not in said.letters]
    assert {key[:4]: each for key, each in said.standing.items() if key[:4] == SECOND[:4]} == {
        SECOND[:4]: ("held", "held_back")
    }
    assert not [each for each in said.letters if each not in sent]


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("first", range(1000, 1100, 25))
def test_what_is_foretold_from_a_hundred_states_is_what_is_sent(first, tmp_path_factory, tmp_path):
    for seed in range(first, first + 25):
        check(Life(copy_of(tmp_path_factory, tmp_path / f"csn{seed}")), seed)
