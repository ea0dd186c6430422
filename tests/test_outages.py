"""After any outage everything that fell due in it has come to one end, and nobody is flooded."""

from collections import Counter
from datetime import datetime, timedelta

import domain_routes
import pytest
from living import DAY
from route_life import START, Life, copy_of

from lrflow.clock import to_us
from lrflow.planner import REASONS

STOPS = datetime.fromisoformat("2016-10-19T06:30+00:00")  # half an hour before the first message of a busy week
HOUR = timedelta(hours=1)
OUTAGES = (HOUR, DAY, 3 * DAY, 10 * DAY, 60 * DAY)
ENDS = ("sent", "suppressed", "expired", "cancelled")


def after(life: Life, outage: timedelta) -> tuple[datetime, list[dict]]:
    """Live until the sender stops, leave it lying, and start it again for a week; what fell due meanwhile."""
    now = datetime.fromisoformat(START)
    while now <= STOPS:
        life.tick(now)
        now += 12 * HOUR
    life.tick(STOPS)
    back = STOPS + outage
    for step in range(7 * 4):
        life.tick(back + step * 6 * HOUR)
    rows = life.rows("SELECT * FROM nudge WHERE due_us > $1 AND due_us <= $2", to_us(STOPS), to_us(back))
    return back, rows


@pytest.mark.requirement("C1", "C2", "S10")
@pytest.mark.parametrize("outage", OUTAGES, ids=str)
def test_everything_due_in_an_outage_comes_to_one_end_and_each_person_gets_one_message(
    outage, tmp_path_factory, tmp_path
):
    life = Life(copy_of(tmp_path_factory, tmp_path / "csn"))

    back, rows = after(life, outage)

    assert {row["state"] for row in rows} <= set(ENDS)
    assert all(row["reason"] in REASONS for row in rows if row["state"] != "sent")
    assert rows
    first_day = [each for each in life.transport.letters if back <= each.sent_at < back + DAY]
    assert max(Counter(each.to_address for each in first_day).values(), default=0) <= 1
    shown = life.programme.do(f"nudge list --since {STOPS.date()} --json", now=(back + 7 * DAY).isoformat()).data
    assert {f"N{row['number']}" for row in rows} <= {each["id"] for each in shown}


@pytest.mark.requirement("C2", "C5")
def test_a_recovery_of_many_people_waits_for_a_coordinator_and_then_leaves_once(tmp_path_factory, tmp_path):
    programme = domain_routes.copied(domain_routes.following, tmp_path_factory, tmp_path / "csn")
    programme.do("nudge go-live --yes", now="2016-11-05T12:00")
    life, back = Life(programme), datetime.fromisoformat("2016-11-10T10:00+00:00")
    life.tick(datetime.fromisoformat("2016-11-05T12:00+00:00"))
    before = len(life.transport.letters)

    life.tick(back)
    held = life.rows("SELECT * FROM nudge WHERE state = 'held' AND reason = 'flood'")
    told = {each.to_address for each in life.transport.letters[before:]}
    programme.do("nudge release all --yes", now=(back + HOUR).isoformat())
    life.tick(back + HOUR)
    life.tick(back + 2 * HOUR)

    people = {row["person"] for row in held}
    assert len(people) > 10
    assert told <= {"grace@example.org", domain_routes.COORDINATOR}
    letters = Counter(each.to_address for each in life.transport.letters[before:])
    assert max(letters.values()) == 1
    numbers = {row["id"]: row["email"] for row in life.rows("SELECT id, email FROM person")}
    assert {numbers[each] for each in people} - told <= set(letters)
    assert not life.rows("SELECT * FROM nudge WHERE state = 'held' AND reason = 'flood'")
