"""The banner: while messages do not leave as they should, every command says so in one line on stderr."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from programme import Programme

from lrflow.clock import to_us
from lrflow.database import Database
from lrflow.store import alarms

LIVE = datetime(2016, 6, 10, 7, tzinfo=UTC)  # 09:00 in Blantyre
pytestmark = pytest.mark.requirement("O1")


@pytest.fixture
def live(young: Programme) -> Programme:
    """A live route for which one tick was completed the moment it went live."""
    young.do("nudge go-live --yes")
    ticked(young, LIVE)
    return young


def ticked(programme: Programme, moment: datetime | None) -> None:
    change(programme, "DELETE FROM sender")
    if moment is not None:
        values = f"1, 'laptop', 4711, 'x', 0, 0, {to_us(moment)}"
        change(programme, f"INSERT INTO sender (id, host, pid, token, since_us, beat_us, ticked_us) VALUES ({values})")


def change(programme: Programme, *statements: str) -> None:
    """Change the database behind the program's back."""
    with closing(sqlite3.connect(programme.home / "lrflow.db", isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def alarm(programme: Programme, kind: str, says: str, now: datetime = LIVE) -> None:
    database = Database(programme.home / "lrflow.db")
    with database.begin(write=True) as unit:
        alarms.raise_alarm(unit, kind, says, now)
    database.close()


def hold(programme: Programme, reason: str, number: int = 1) -> None:
    """Hold so many of the planned nudges, as the machine does."""
    some = f"SELECT id FROM nudge WHERE state = 'planned' ORDER BY id LIMIT {number}"
    change(programme, f"UPDATE nudge SET state = 'held', reason = '{reason}', pinned = 1 WHERE id IN ({some})")


def wait_with(programme: Programme, detail: str | None, *, attempts: int = 0, ahead: timedelta) -> None:
    values = f"1, 'email', '2016-06-10', 'due', {to_us(LIVE + ahead)}, 1, {attempts}, 'm@x'"
    said = "NULL" if detail is None else f"'{detail}'"
    columns = "person, channel, local_on, state, next_us, rev, attempts, message_id, detail"
    change(programme, f"INSERT INTO message ({columns}) VALUES ({values}, {said})")


def banner(programme: Programme, line: str = "status", *, now: str = "") -> str:
    return programme.do(line, now=now or "2016-06-10T09:00").err


# ----------------------------------------------------------------------------------------------------- when it is there


@pytest.mark.parametrize(
    ("now", "says"),
    [
        ("2016-06-11T11:00:00", ""),
        (
            "2016-06-11T11:00:00.000001",
            "! nobody sends: the last tick was on 2016-06-10 at 07:00 UTC. Next: lrflow run\n",
        ),
    ],
)
def test_no_tick_completed_for_26_hours(live, now, says):
    assert banner(live, now=now) == says


@pytest.mark.parametrize(
    ("now", "says"),
    [
        ("2016-06-11T11:00:00", ""),
        ("2016-06-11T11:00:00.000001", "! nobody sends: there was no tick yet. Next: lrflow run\n"),
    ],
)
def test_live_for_26_hours_and_never_a_tick(live, now, says):
    ticked(live, None)

    assert banner(live, now=now) == says


def test_a_tick_long_before_going_live_is_no_fault_of_the_first_day(live):
    ticked(live, LIVE - timedelta(days=90))

    assert banner(live) == ""
    assert "the last tick was on 2016-03-12" in banner(live, now="2016-06-12")


@pytest.mark.parametrize(
    ("kind", "command"),
    [
        ("clock", "doctor"),
        ("restored", "nudge list --state held"),
        ("flood", "nudge list --state held"),
        ("mail", "doctor"),
        ("plan", "doctor"),
        ("mailbox", "doctor"),
    ],
)
def test_a_standing_alarm_is_shown_until_it_ends(live, kind, command):
    alarm(live, kind, "the clock is out by a day")

    assert banner(live) == f"! the clock is out by a day. Next: lrflow {command}\n"
    change(live, "DELETE FROM alarm")
    assert banner(live) == ""


def test_the_command_to_type_works(live):
    hold(live, "flood")

    line = banner(live).rpartition("Next: lrflow ")[2].strip()

    assert line == "-r rwanda-2016 nudge list --state held"
    assert "flood" in live.do(line).out


@pytest.mark.parametrize("reason", ["flood", "restored", "taken_over", "no_translation", "clock"])
def test_nudges_held_by_the_machine_are_counted(live, reason):
    hold(live, reason, 2)

    assert banner(live).startswith("! 2 nudges are held: ")


@pytest.mark.parametrize("reason", ["held_back", "paused"])
def test_what_a_person_holds_or_pauses_is_no_trouble(live, reason):
    hold(live, reason)

    assert banner(live) == ""


@pytest.mark.parametrize(
    ("detail", "attempts", "is_shown"),
    [
        ("login failed: 535", 0, True),
        ("RCPT: 450 later", 2, True),
        ("RCPT: 450 greylisted", 1, False),  # once refused is no trouble yet
        ("waits for the reader''s working hours", 0, False),
        (None, 0, False),
    ],
)
def test_mail_that_waits_with_an_error(live, detail, attempts, is_shown):
    wait_with(live, detail, attempts=attempts, ahead=timedelta(minutes=5))

    says = f"! mail does not leave: {detail}. Next: lrflow doctor\n"
    assert banner(live) == (says if is_shown else "")


def test_mail_that_is_tried_again_now_is_no_trouble(live):
    wait_with(live, "login failed: 535", ahead=timedelta())

    assert banner(live) == ""


def test_one_line_for_all_with_the_most_urgent_first(live):
    wait_with(live, "login failed: 535", ahead=timedelta(days=9))
    alarm(live, "plan", "rwanda-2016 cannot be planned")
    alarm(live, "flood", "48 messages nobody foresaw", LIVE + timedelta(hours=1))
    hold(live, "flood")
    hold(live, "no_translation")

    said = banner(live, now="2016-06-13")

    assert said.count("\n") == 1
    assert [each.split(":")[0].split(" (")[0] for each in said.split("; ")] == [
        "! nobody sends",
        "48 messages nobody foresaw",
        "mail does not leave",
        "rwanda-2016 cannot be planned",
        "1 nudge is held",
    ]
    assert said.endswith(" Next: lrflow run\n")


def test_an_alarm_of_many_words_and_lines_stays_one_line(live):
    alarm(live, "mail", "550 no\r\n" + "x" * 900)

    assert banner(live).count("\n") == 1
    assert len(banner(live)) < 200


# ---------------------------------------------------------------------------------------- where, and where it is not


@pytest.mark.parametrize("line", ["", "check --all", "list person", "nudge list", "settings show", "log", "help files"])
def test_every_command_shows_it(live, line):
    alarm(live, "mail", "the login fails")

    looked = live.run(line)

    assert looked.err == "! the login fails. Next: lrflow doctor\n"
    assert "login fails" not in looked.out


def test_a_command_that_was_refused_shows_it_under_the_refusal(live):
    alarm(live, "mail", "the login fails")

    looked = live.run("advance")

    assert looked.code == 3
    assert looked.err.splitlines()[-1] == "! the login fails. Next: lrflow doctor"


def test_beside_json_it_is_json_and_only_on_stderr(live):
    alarm(live, "mail", "the login fails")

    looked = live.do("status --json")

    assert json.loads(looked.out)["kind"] == "status"
    assert json.loads(looked.err) == {"lrflow": 1, "banner": "! the login fails. Next: lrflow doctor"}


@pytest.mark.parametrize("line", ["run --once", "doctor", "init other", "completion show bash", "status --help", "-h"])
def test_some_commands_do_not_show_it(live, line):
    alarm(live, "mail", "the login fails")

    assert "the login fails. Next" not in live.run(line).err


def test_a_rehearsal_is_no_fault(young):
    alarm(young, "mail", "the login fails")
    hold(young, "flood")

    assert banner(young, now="2017-06-10") == ""


@pytest.mark.parametrize("status", ["closed", "cancelled"])
def test_a_route_that_is_over_needs_no_sender(live, status):
    change(live, f"UPDATE route SET status = '{status}'")

    assert banner(live, now="2017-06-10") == ""


def test_a_copy_that_was_handed_over_is_silent(live):
    change(live, "UPDATE programme SET closed_us = 1, closed_for = 'x'")

    assert banner(live, now="2017-06-10") == ""


def test_where_there_is_no_programme_it_is_silent_and_makes_none(tmp_path):
    nowhere = Programme(tmp_path / "nowhere")
    nowhere.home.mkdir()

    assert nowhere.do("settings show").err == ""
    assert list(nowhere.home.iterdir()) == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_bytes(b"Dear Grace, " * 500),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:9000]),
    ],
    ids=["other-file", "empty", "cut"],
)
def test_a_broken_database_breaks_no_command(live, spoil):
    spoil(live.home / "lrflow.db")

    assert live.do("settings show", now="2017-06-10").err == ""


def test_a_database_that_another_program_holds_delays_no_command(live):
    with closing(sqlite3.connect(live.home / "lrflow.db", isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN IMMEDIATE")
        other.execute("UPDATE route SET title = title")

        assert live.do("settings show", now="2017-06-10").err == ""


def test_time_that_cannot_be_read_breaks_no_command(live):
    assert live.do("settings show", now="next Monday").err == ""


def test_it_leaves_no_files_behind(live):
    before = sorted(live.home.iterdir())

    live.do("settings show", now="2017-06-10")

    assert sorted(live.home.iterdir()) == before


def test_what_it_asks_is_answered_by_indexes(live):
    with closing(sqlite3.connect(live.home / "lrflow.db")) as connection:
        sql = alarms._TROUBLES.replace("$1", "1")
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}")]

    assert [each for each in plan if each.startswith("SCAN") and "alarm" not in each] == []
    assert any("USING INDEX nudge_held" in each for each in plan)
    assert any("USING INDEX message_open" in each for each in plan)


# ------------------------------------------------------------------------------------------------------------- alarms


def test_an_alarm_that_stands_keeps_its_beginning_and_says_the_newest(live):
    alarm(live, "mail", "login failed")
    alarm(live, "mail", "quota used up", LIVE + timedelta(hours=3))
    alarm(live, "clock", "it jumped", LIVE - timedelta(hours=1))
    database = Database(live.home / "lrflow.db")

    with database.begin(write=True) as unit:
        standing = alarms.alarms_of(unit)
        ended = [alarms.end_alarm(unit, "mail"), alarms.end_alarm(unit, "mail")]
    database.close()

    assert [(each.kind, each.since, each.says) for each in standing] == [
        ("clock", LIVE - timedelta(hours=1), "it jumped"),
        ("mail", LIVE, "quota used up"),
    ]
    assert ended == [True, False]
