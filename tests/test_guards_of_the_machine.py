"""The machine doubts itself first: a clock that jumped, an older copy put back, a flood that nobody foresaw."""

import json
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from processes import rows
from programme import Programme

from lrflow import nudges
from lrflow.channels.drafts import DraftsChannel
from lrflow.database import Database
from lrflow.nudges import Mailer, Ticked, Uptime
from lrflow.nudges.guarding import MARK, doubt_of_clock

EVENING, MORNING = "2016-11-29T18:00", "2016-11-30T08:00"


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def tick(csn: Programme, at: str, running: Uptime = nudges.UNKNOWN, *, trusted: bool = False) -> Ticked:
    """One tick of drafts at *at* (UTC), on a computer that has been *running*."""
    database = Database(csn.home / "lrflow.db")
    mailer = Mailer(DraftsChannel(csn.home / "outbox"), "SUN CSN", "route@example.org")
    now = instant(at)
    holder = nudges.hold_sending(database, now, running=running, trusted=trusted)
    try:
        return nudges.tick(database, mailer, holder, lambda: now, running=running, trusted=trusted)
    finally:
        nudges.stop_sending(database, holder)
        database.close()


def states(csn: Programme) -> dict[str, int]:
    """How many nudges are in each state, the reason of those held beside it."""
    found = rows(csn.home, "SELECT state, reason, count(*) AS number FROM nudge GROUP BY state, reason")
    counted: dict[str, int] = {}
    for each in found:
        name = f"held:{each['reason']}" if each["state"] == "held" else each["state"]
        counted[name] = counted.get(name, 0) + each["number"]
    return counted


@pytest.fixture
def crowd(visit: Programme) -> Programme:
    """A live route on the eve of its end, whose 24 visitors are to be asked how it was."""
    visit.do("nudge go-live --yes", now="2016-10-28")
    return visit


# -------------------------------------------------------------------------------------------------------- the clock

DAY = timedelta(days=1)
LAST = instant("2016-11-29T18:00")


@pytest.mark.requirement("C6")
@pytest.mark.parametrize(
    ("now", "boot", "ran", "is_doubted"),
    [
        ("1970-01-01T00:10", "another", 600, True),
        ("2038-01-19T03:14", "another", 600, True),
        ("2016-11-29T17:54", "same", 0, True),
        ("2016-11-29T17:56", "same", 0, False),  # less than five minutes back: clocks are set right by so much
        ("2016-12-01T07:00", "same", 60, True),  # 37 hours ahead of its own count of a minute
        ("2016-12-01T05:00", "same", 60, False),
        ("2016-12-13T18:00", "same", 14 * 86400, False),  # it slept for a fortnight, and counted
        ("2016-12-13T18:00", "another", 60, False),  # it was switched off for a fortnight
        ("2018-01-10T18:00", "another", 60, True),
    ],
)
def test_a_clock_is_doubted_that_goes_back_or_runs_ahead_of_the_computers_own_count(now, boot, ran, is_doubted):
    then = Uptime("same", timedelta(hours=5))

    doubt = doubt_of_clock(instant(now), LAST, Uptime(boot, then.ran + timedelta(seconds=ran)), then)

    assert bool(doubt) is is_doubted


@pytest.mark.requirement("C6")
@pytest.mark.parametrize("wrong", ["1970-01-01T00:10", "2038-01-19T09:00"])
def test_a_computer_that_wakes_in_another_age_sends_nothing_and_writes_no_row_of_that_date(crowd, wrong):
    tick(crowd, "2016-10-31T08:00")
    before = rows(crowd.home, "SELECT * FROM nudge") + rows(crowd.home, "SELECT * FROM message")

    done = tick(crowd, wrong, Uptime("another", timedelta(minutes=1)))

    assert done.stopped and not done.ended
    assert rows(crowd.home, "SELECT * FROM nudge") + rows(crowd.home, "SELECT * FROM message") == before
    assert "nothing is sent" in crowd.run("status", now="2016-10-31T09:00").err
    assert not tick(crowd, "2016-10-31T10:00").stopped
    assert "this computer says" not in crowd.run("status", now="2016-10-31T10:30").err


@pytest.mark.requirement("C6")
def test_a_person_may_vouch_for_the_date(crowd):
    tick(crowd, "2016-10-31T08:00")

    refused = crowd.run("run --once", now="2018-02-01T09:00")
    believed = crowd.run("run --once --date-is-right", now="2018-02-01T09:00")

    assert refused.code == 7 and "--date-is-right" in refused.err
    assert believed.code == 0
    assert crowd.run("run --once", now="2018-02-01T10:00").code == 0


# --------------------------------------------------------------------------------------------------- the older copy


@pytest.mark.requirement("invariant-9")
def test_an_older_copy_of_the_database_put_back_sends_nothing_again_until_a_person_looks(crowd, tmp_path):
    for name in ("lrflow.db", "lrflow.db-wal", "lrflow.db-shm"):
        if (crowd.home / name).exists():
            shutil.copy(crowd.home / name, tmp_path / name)
    crowd.do("nudge release all --yes", now="2016-11-05T12:00") if states(crowd).get("held:flood") else None
    sent = tick(crowd, "2016-11-07T10:00").ended
    assert sent["drafted"] > 0
    for path in crowd.home.glob("lrflow.db*"):
        path.unlink()
    for path in tmp_path.glob("lrflow.db*"):
        shutil.copy(path, crowd.home / path.name)

    again = tick(crowd, "2016-11-07T11:00")

    assert not again.ended
    assert states(crowd)["held:restored"] >= sent["drafted"]
    said = crowd.run("status", now="2016-11-07T11:30")
    assert "older copy" in said.err
    crowd.do("nudge release all --yes", now="2016-11-07T11:30")
    assert tick(crowd, "2016-11-07T12:00").ended["drafted"] > 0
    assert not tick(crowd, "2016-11-07T12:30").ended
    assert "older copy" not in crowd.run("status", now="2016-11-07T13:00").err


def test_a_mark_that_is_broken_or_of_another_programme_stops_nothing(crowd):
    for text in ("", "no json", "[1]", json.dumps({"programme": "another", "begun": 10**6})):
        (crowd.home / MARK).write_text(text)

        assert tick(crowd, "2016-10-31T08:00").ended is not None
        assert "held:restored" not in states(crowd)


# -------------------------------------------------------------------------------------------------------- the flood


def more_visitors(csn: Programme, answer: str = "") -> str:
    """Twelve more people are confirmed on an evening, five at a time: all get their reading tomorrow morning."""
    said = ""
    for number in range(1, 13):
        csn.do(f'add person "Late {number}" late{number}@example.org country=MW')
        csn.do(f"add participant late{number}@example.org --of D1")
    for which in ("P25-P28", "P29-P32", "P33-P36"):
        said = csn.do(f"mark {which} confirmed {answer}").err
    return said


@pytest.fixture
def ready(csn: Programme) -> Programme:
    """A live route that has told its 24 visitors what to read."""
    csn.do("nudge go-live --yes", now="2016-10-14T08:00")
    told = sum(tick(csn, day).ended["drafted"] for day in ("2016-10-14T10:00", "2016-10-17T10:00"))
    assert told >= 24  # it was a holiday in Tanzania, who hears on Monday
    csn.now = "2016-10-17T18:00"
    return csn


@pytest.mark.requirement("C5")
def test_far_more_than_was_foreseen_is_held_told_once_and_leaves_when_it_is_released(ready):
    said = more_visitors(ready)
    assert "12 people get a message soon: reading to 12 on 2016-10-18, travel-docs to 12 on 2016-10-18" in said
    assert "it is held when its hour comes. Next: lrflow nudge preview, then: lrflow nudge release all" in said

    held = tick(ready, "2016-10-18T08:00")

    assert held.held == 24 and states(ready)["held:flood"] == 24 and not held.ended
    log = rows(ready.home, "SELECT role, outcome, reason FROM log ORDER BY id DESC LIMIT 1")[0]
    assert log == {"role": "daemon", "outcome": "blocked", "reason": "24 unforeseen nudges to 12 people are held"}
    assert "12 people would have got an unforeseen message at once" in ready.run("status", now="2016-10-18T08:30").err
    coordinators = tick(ready, "2016-10-19T08:00")
    assert dict(coordinators.ended) == {"drafted": 2} and not tick(ready, "2016-10-20T08:00").ended
    letters = [path.read_text().replace("=\n", "") for path in (ready.home / "outbox").glob("2016-10-19-*.eml")]
    assert all("messages 24, people 12" in each and "lrflow nudge release all" in each for each in letters)

    ready.do("nudge release all --yes", now="2016-10-20T10:00")
    assert dict(tick(ready, "2016-10-20T11:00").ended) == {"drafted": 12}
    assert "unforeseen" not in ready.run("status", now="2016-10-20T12:00").err


@pytest.mark.requirement("C5", "O3")
def test_a_flood_on_a_route_that_cannot_be_read_is_held_all_the_same(ready):
    more_visitors(ready)
    with closing(sqlite3.connect(ready.home / "lrflow.db")) as opened, opened:
        opened.execute("UPDATE route SET stage_entered_on = 'no day'")

    assert tick(ready, "2016-10-18T08:00").held == 48  # which of a series is the latest, only a plan would tell

    said = ready.run("doctor", now="2016-10-18T09:00")
    assert "rwanda-2016 cannot be planned" in said.out + said.err


@pytest.mark.requirement("C5", "D3")
def test_what_a_command_listed_and_a_person_accepted_is_no_flood(ready):
    more_visitors(ready, "--yes")

    assert dict(tick(ready, "2016-10-18T08:00").ended) == {"drafted": 12}


@pytest.mark.requirement("C5")
def test_what_stood_in_the_plan_a_day_before_passes_however_many_it_are(ready):
    more_visitors(ready)

    assert dict(tick(ready, "2016-10-18T18:30").ended) == {}  # after the hours there

    assert dict(tick(ready, "2016-10-19T08:00").ended)["drafted"] >= 12


@pytest.mark.requirement("C2", "C5", "S10")
def test_a_backlog_of_many_people_is_shown_before_it_leaves_and_each_gets_one_message(follow_up):
    follow_up.do("nudge go-live --yes", now="2016-11-05")
    assert tick(follow_up, "2016-11-05T12:00").held == 0

    recovery = tick(follow_up, "2016-11-18T09:00")  # nobody sent for thirteen days: 24 surveys lie there

    assert recovery.held >= 24 and not recovery.ended
    follow_up.do("nudge release all --yes", now="2016-11-18T10:00")
    left = tick(follow_up, "2016-11-18T10:30").ended["drafted"]
    per_reader = rows(follow_up.home, "SELECT person, count(*) AS number FROM message GROUP BY person")
    assert left == len(per_reader) and {each["number"] for each in per_reader} == {1}
