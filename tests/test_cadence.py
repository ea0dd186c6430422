"""How often the sender looks changes nothing: the same messages leave on the same local days."""

from datetime import UTC, date, datetime, time, timedelta
from random import Random

import pytest
from living import DAY, Scene, World, small
from route_life import START, Life, copy_of

from lrflow.calendars import Calendar

BEGINS = datetime(2017, 2, 15, tzinfo=UTC)  # before the clocks change in Auckland, London and Lima's neighbours
SIX_HOURS, TEN_MINUTES, A_MINUTE = timedelta(hours=6), timedelta(minutes=10), timedelta(minutes=1)
SEASON, TWO_YEARS = 90, 730
PLACES = (
    ("Pacific/Auckland", {6, 7}),
    ("America/Lima", {6, 7}),
    ("Asia/Kathmandu", {6}),
    ("Europe/London", {6, 7}),
    ("Asia/Dhaka", {5, 6}),
    ("Africa/Kigali", {6, 7}),
)
ROUTES, PEOPLE, ITEMS = 12, 4, 20  # 48 people, 240 plans and check-ins
NAMES = ("soon", "overdue", "again", "check-in")


def calendars_of(chance: Random, days: int) -> dict[int | None, Calendar]:
    """Where the people of one route work, and when they do not."""
    found: dict[int | None, Calendar] = {None: Calendar("Africa/Kigali", frozenset({6, 7}), {})}
    for person in range(1, PEOPLE + 1):
        zone, weekend = chance.choice(PLACES)
        off = {BEGINS.date() + DAY * chance.randint(0, days): "a holiday" for _ in range(days // 30)}
        found[person] = Calendar(zone, frozenset(weekend), off)
    return found


def route_of(chance: Random, days: int) -> Scene:
    """Twenty plans and check-ins of two alliances, due on any day of the time, some done on the way."""
    records = {f"p{n}": {"name": f"Person {n}", "email": f"p{n}@example.org"} for n in range(1, PEOPLE + 1)}
    records |= {"D1": {"lead": 1, "focal_point": 2}, "D2": {"lead": 3, "focal_point": 2}}
    for number in range(1, ITEMS // 2 + 1):
        due = [(BEGINS.date() + DAY * chance.randint(5, days)).isoformat() for _ in range(2)]
        sent_by = {"delegation": f"D{1 + number % 2}"}
        records[f"A{number}"] = {"state": "drafted", "final_due": due[0], **sent_by}
        records[f"Q{number}"] = {"state": "scheduled", "due": due[1], **sent_by}
    return Scene(records, {"status": "active", "record_on": None, "final_due": None}, calendars_of(chance, days))


def events_of(chance: Random, scene: Scene, days: int) -> dict[datetime, list[tuple[str, str, str]]]:
    """When each item is done, or its date moves: at an instant at which every cadence has just looked."""
    found: dict[datetime, list[tuple[str, str, str]]] = {}
    for key in [each for each in scene.records if each[0] in "AQ"]:
        name, end = ("final_due", "final") if key[0] == "A" else ("due", "answered")
        due = date.fromisoformat(scene.records[key][name])
        at = datetime.combine(due, time(), UTC) + SIX_HOURS * chance.randint(-40, 100)
        what = ("state", end) if chance.random() < 0.7 else (name, (due + DAY * chance.randint(-9, 30)).isoformat())
        found.setdefault(max(at, BEGINS), []).append((key, *what))
    return found


def lived(seed: int, every: timedelta, days: int) -> tuple[list, int]:
    """What one route said in that time, ticked *every* so often; and how often that was."""
    chance = Random(seed)
    scene = route_of(chance, days)
    events = events_of(chance, scene, days)
    world = World(small(NAMES), scene.facts(), scene.calendar_of, "Africa/Kigali")
    now, end, ticks = BEGINS, BEGINS + DAY * days, 0
    world.edit(now)
    while now < end:
        world.tick(now)
        ticks += 1
        for key, name, value in events.pop(now, ()):
            scene.records[key][name] = value
            world.edit(now, scene.facts())
            world.tick(now)  # what a deed makes due at once must not wait for the evening, when its reader is gone
        now += every
    whole = (end - 2 * DAY).date()  # what falls due at the very end is a tick late, and so not there yet
    return [each for each in world.summary() if each[1] < whole], ticks


def differences(days: int, *cadences: timedelta) -> tuple[list, int, int]:
    """Where the cadences do not say the same; how many messages left, and how many ticks were run for each route."""
    found, messages, most = [], 0, 0
    for seed in range(ROUTES):
        first, *others = (lived(seed, every, days) for every in cadences)
        messages += len(first[0])
        most = max([most, *(ticks for _, ticks in others)])
        found += [(seed, set(said) ^ set(first[0])) for said, _ in others if said != first[0]]
    return found, messages, most


def test_a_tick_every_six_hours_says_in_a_season_what_one_every_ten_minutes_does():
    found, messages, ticks = differences(SEASON, SIX_HOURS, TEN_MINUTES)

    assert found == []
    assert (messages > 150, ticks) == (True, 90 * 144)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_tick_every_six_hours_says_in_two_years_what_one_every_ten_minutes_does():
    found, messages, ticks = differences(TWO_YEARS, SIX_HOURS, TEN_MINUTES)

    assert found == []
    assert (messages > 200, ticks) == (True, 730 * 144)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_tick_every_minute_says_in_two_years_what_one_every_six_hours_does():
    found, _, ticks = differences(TWO_YEARS, SIX_HOURS, A_MINUTE)

    assert found == []
    assert ticks == 730 * 1440


@pytest.mark.parametrize("days", [5, pytest.param(61, marks=pytest.mark.slow)])
def test_on_a_real_database_ten_minutes_and_six_hours_say_the_same(days, tmp_path_factory, tmp_path):
    said = []
    for name, every in (("often", TEN_MINUTES * (3 if days == 5 else 1)), ("seldom", SIX_HOURS)):
        life = Life(copy_of(tmp_path_factory, tmp_path / name))
        now = datetime.fromisoformat(START)
        end = now + DAY * days
        while now < end:
            life.tick(now)
            now += every
        rows = life.rows(
            """SELECT message.person, message.local_on, nudge.number FROM nudge
               JOIN message ON message.id = nudge.message_id WHERE nudge.state = 'sent' ORDER BY 1, 2, 3"""
        )
        said.append(rows)

    assert said[0] == said[1]
    assert len(said[0]) > (2 if days == 5 else 20)
