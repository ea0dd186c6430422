"""The demonstration: a real route lived to its end, told in numbers that its database holds, left to explore."""

import json
import sqlite3
import tomllib
from collections import Counter
from contextlib import closing
from datetime import date, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from programme import Programme

from lrflow import demo
from lrflow.errors import Misused

DAY_AFTER = "2017-11-13"


@pytest.fixture(scope="module")
def lived(tmp_path_factory) -> tuple[Path, list[str]]:
    """The folder of a demonstration that was lived once, and the lines it told."""
    folder, told = tmp_path_factory.mktemp("demo") / "lrflow-demo", []
    demo.live(folder, told.append)
    return folder, "\n".join(told).splitlines()


def ask(folder: Path, sql: str, *values: Any) -> list[sqlite3.Row]:
    with closing(sqlite3.connect(folder / "lrflow.db")) as connection:
        connection.row_factory = sqlite3.Row
        return connection.execute(sql, values).fetchall()


def number(folder: Path, sql: str) -> int:
    return int(ask(folder, sql)[0][0])


def letters(folder: Path) -> dict[str, EmailMessage]:
    """Every draft of the outbox by its Message-ID."""
    read = [message_from_bytes(path.read_bytes(), policy=default) for path in (folder / "outbox").iterdir()]
    return {str(each["Message-ID"]): each for each in read}


# ---------------------------------------------------------------------------------------------- the route and its facts


def test_the_route_goes_through_all_five_steps_and_ends_closed(lived):
    folder, _ = lived

    moves = ask(folder, "SELECT happened_on, target FROM log WHERE verb = 'advance' AND outcome = 'done' ORDER BY id")

    assert [tuple(each) for each in moves] == [
        ("2016-02-11", "identification"),
        ("2016-06-30", "systematization"),
        ("2016-09-15", "champion_training"),
        ("2016-10-21", "learning_visit"),
        ("2016-11-05", "follow_up"),
        ("2017-11-10", "closed"),
    ]
    assert tuple(ask(folder, "SELECT stage, status FROM route")[0]) == ("closed", "closed")


def test_moves_that_were_too_early_are_refused_with_every_guard_that_stood_against_them(lived):
    folder, _ = lived

    blocked = ask(folder, "SELECT happened_on, findings FROM log WHERE outcome = 'blocked' ORDER BY id")

    against = {
        each["happened_on"]: {
            finding["guard"]: finding["missing"]
            for finding in json.loads(each["findings"])
            if finding["outcome"] == "unmet" and finding["level"] != "warn"
        }
        for each in blocked
    }
    assert list(against) == ["2016-06-10", "2016-09-01", "2016-10-13", "2017-10-27"]
    assert set(against["2016-06-10"]) == {"experiences-selected", "objectives-defined"}
    assert against["2016-09-01"] == {"case-complete": ["E1", "E2", "E3", "E4", "E5"]}
    assert {"participants-range", "champion-per-experience", "travel-cleared"} <= set(against["2016-10-13"])
    assert against["2016-10-13"]["champion-per-experience"] == ["E1", "E2"]
    assert set(against["2017-10-27"]) == {"followup-complete", "shared-with-all-csas"}
    assert against["2017-10-27"]["followup-complete"] == [f"Q{delegation}.12" for delegation in range(1, 10)]


COUNTS = {
    "SELECT count(*) FROM participant JOIN delegation ON delegation.key = delegation WHERE visiting": 24,
    "SELECT count(*) FROM participant JOIN delegation ON delegation.key = delegation WHERE NOT visiting": 3,
    "SELECT count(DISTINCT organisation) FROM delegation WHERE visiting": 8,
    "SELECT count(DISTINCT organisation) FROM delegation": 9,
    "SELECT count(*) FROM experience": 15,
    "SELECT count(*) FROM experience WHERE state = 'selected'": 5,
    "SELECT count(*) FROM champion WHERE state = 'served' AND outcome = 'passed'": 10,
    "SELECT count(*) FROM session WHERE state = 'held'": 14,
    "SELECT count(*) FROM plan": 9,
    "SELECT count(*) FROM plan WHERE award_minor = 500000 AND award_currency = 'USD'": 3,
    "SELECT sum(award_minor) FROM plan": 1_500_000,
    "SELECT sum(cost_minor) FROM plan WHERE cost_currency = 'USD'": 7_275_000,
    "SELECT count(*) FROM plan WHERE cost_minor IS NOT NULL": 4,
    "SELECT count(*) FROM plan WHERE state = 'completed'": 3,
    "SELECT count(*) FROM organisation WHERE in_registry": 39,
    "SELECT count(DISTINCT organisation) FROM sharing WHERE sort = 'route_record' AND state = 'sent'": 39,
    "SELECT count(*) FROM checkin WHERE state = 'scheduled'": 0,
    "SELECT budget_minor FROM programme WHERE budget_currency = 'GBP'": 100_903_800,
    "SELECT julianday(visit_end) - julianday(visit_start) + 1 FROM route": 7,
}


@pytest.mark.parametrize("sql", COUNTS)
def test_the_database_holds_what_the_case_counts(lived, sql):
    assert number(lived[0], sql) == COUNTS[sql]


def test_the_check_ins_fall_due_one_three_six_and_twelve_months_after_the_visit(lived):
    due = ask(lived[0], "SELECT DISTINCT month, due FROM checkin ORDER BY month")

    assert [tuple(each) for each in due[1:]] == [
        (1, "2016-12-05"),
        (3, "2017-02-05"),
        (6, "2017-05-05"),
        (12, "2017-11-05"),
    ]


def test_the_waived_guard_was_unmet_is_named_with_its_reason_and_was_met_later(lived):
    folder, _ = lived

    (waiver,) = ask(folder, "SELECT guard, stage, state, reason, given_on FROM waiver")
    (moved,) = ask(folder, "SELECT findings FROM log WHERE verb = 'advance' AND target = 'learning_visit'")
    (cleared,) = ask(folder, "SELECT happened_on FROM log WHERE subject = 'P15' AND target = 'cleared'")

    assert tuple(waiver)[:3] == ("travel-cleared", "champion_training", "ended")
    assert "visa" in waiver["reason"]
    (found,) = [each for each in json.loads(moved["findings"]) if each["guard"] == "travel-cleared"]
    assert (found["outcome"], found["missing"]) == ("waived", ["P15"])
    assert waiver["given_on"] == "2016-10-21" < cleared["happened_on"] < "2016-10-30"


# ------------------------------------------------------------------------------------------------------------- messages


def test_every_message_is_a_draft_that_parses_and_was_confirmed_as_sent(lived):
    folder, _ = lived

    sent = ask(folder, "SELECT message_id, address, subject, body, state FROM message")
    drafts = letters(folder)

    assert {each["state"] for each in sent} == {"sent"}
    assert set(drafts) == {each["message_id"] for each in sent}
    for each in sent:
        draft = drafts[each["message_id"]]
        assert draft.defects == []
        assert draft["To"].addresses[0].addr_spec == each["address"]
        assert draft["To"].addresses[0].domain == "example.org"
        assert draft.get_body(("plain",)).get_content().split() == each["body"].split()


def test_nobody_got_more_than_one_message_a_day(lived):
    days = Counter(tuple(each) for each in ask(lived[0], "SELECT person, local_on FROM message"))

    assert len(days) > 100
    assert set(days.values()) == {1}


def test_every_message_left_at_nine_of_a_working_day_where_its_reader_lives(lived):
    folder, _ = lived
    drafts = letters(folder)
    holidays = {tuple(each) for each in ask(folder, "SELECT country, on_day FROM holiday WHERE NOT cancelled")}
    country = {each["zone"]: each["code"] for each in ask(folder, "SELECT code, zone FROM country")}

    sent = ask(
        folder,
        """SELECT DISTINCT message.message_id, message.local_on, nudge.zone FROM message
           JOIN nudge ON nudge.message_id = message.id""",
    )

    for each in sent:
        left = parsedate_to_datetime(drafts[each["message_id"]]["Date"]).astimezone(ZoneInfo(each["zone"]))
        assert left == datetime.fromisoformat(f"{each['local_on']}T09:00").replace(tzinfo=ZoneInfo(each["zone"]))
        assert left.isoweekday() <= 5
        assert (country[each["zone"]], each["local_on"]) not in holidays
    assert len(sent) == len(drafts)
    assert len({each["zone"] for each in sent}) >= 8


def test_a_reminder_waits_where_its_day_is_a_holiday(lived):
    again = ask(
        lived[0],
        """SELECT zone, local_on FROM nudge
           WHERE rule = 'check-in-again' AND nominal_on = '2016-12-12' AND state = 'sent'""",
    )

    assert {each["zone"]: each["local_on"] for each in again} == {
        "Africa/Harare": "2016-12-12",
        "Africa/Nairobi": "2016-12-13",
        "Africa/Lagos": "2016-12-13",
        "Africa/Freetown": "2016-12-13",
    }


# ---------------------------------------------------------------------------------------------------------------- story


def test_the_story_tells_each_move_and_each_refusal_under_its_day(lived):
    _, told = lived

    for line in (
        "2016-06-10  identification -> systematization: refused",
        "2016-06-30  identification -> systematization",
        "2016-09-01  systematization -> champion_training: refused",
        "2016-10-13  champion_training -> learning_visit: refused",
        "2017-10-27  follow_up -> closed: refused",
        "2017-11-10  follow_up -> closed",
        "  ✗ case-complete  no validated case: E1, E2, E3, E4, E5",
    ):
        assert line in told
    days = [line[:10] for line in told if line[:2] == "20"]
    assert days == sorted(days)


def test_the_story_ends_with_the_numbers_of_its_database(lived):
    folder, told = lived
    text = " ".join(" ".join(told).split())
    by_rule = ask(folder, "SELECT rule, count(*) AS sent FROM nudge WHERE state = 'sent' GROUP BY rule")

    assert (
        "24 visitors from 8 alliances; 14 sessions; 9 plans; 3 awards of 5,000.00 USD, together 15,000.00 USD" in text
    )
    assert "the record shared with 39 alliances" in text
    assert f" {number(folder, 'SELECT count(*) FROM message')} messages with" in text
    assert "to nobody more than 1 a day" in text
    assert by_rule
    for each in by_rule:
        assert f" {each['sent']} {each['rule']}" in text


def test_one_message_is_shown_whole(lived):
    folder, told = lived
    shown = " ".join(line.strip()[1:].strip() for line in told if line.startswith("    |"))
    (sent,) = ask(
        folder, "SELECT subject, body FROM message WHERE address = 'tz1@example.org' AND local_on = '2016-11-23'"
    )

    assert f"Subject: {sent['subject']}" in shown
    assert " ".join(sent["body"].split()) in " ".join(shown.split())


def test_what_no_public_source_says_is_marked_as_invented(lived):
    _, told = lived
    text = " ".join(" ".join(told).split())
    days = tomllib.loads((Path(demo.__file__).parent / "rwanda-2016.toml").read_text("utf-8"))["days"]

    for each in days.values():
        filled_in = f"{each['on']} {each['says']} [invented]" in text
        told_at_all = f"{each['on']} {each['says']}" in text
        assert filled_in is (told_at_all and each["p"] in ("inferred", "invented")), each


@pytest.mark.slow
def test_the_same_story_is_told_every_time(lived, tmp_path):
    folder, told = lived
    again: list[str] = []

    demo.live(tmp_path / "again", again.append)

    assert "\n".join(again).replace(str(tmp_path / "again"), str(folder)).splitlines() == told
    assert sorted(path.name for path in (tmp_path / "again" / "outbox").iterdir()) == sorted(
        path.name for path in (folder / "outbox").iterdir()
    )


# --------------------------------------------------------------------------------------------------------------- folder


def test_the_commands_that_the_story_ends_with_work_in_its_folder(lived):
    folder, told = lived
    programme = Programme(folder, now=DAY_AFTER)
    commands = [line.split("  ")[1].removeprefix("lrflow ") for line in told if line.startswith("  lrflow ")]

    results = {line: programme.run(line) for line in commands}

    assert len(results) >= 5
    assert {line: each.code for line, each in results.items()} == dict.fromkeys(commands, 0)
    assert "closed" in results["status"].out
    assert "Accountable district nutrition steering committees" in results["show A6"].out


def test_the_folder_bears_the_settings_of_its_coordinator(lived):
    settings = tomllib.loads((lived[0] / "lrflow.toml").read_text("utf-8"))

    assert settings["me"] == settings["sender_address"] == "grace@example.org"
    assert (settings["route"], settings["timezone"]) == ("rwanda-2016", "Europe/London")


def test_a_folder_that_holds_something_is_refused_and_left_as_it_is(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "diary.txt").write_text("today", "utf-8")

    with pytest.raises(Misused) as refused:
        demo.live(tmp_path / "mine", lambda line: pytest.fail(line))

    assert "not empty" in refused.value.message
    assert refused.value.remedy
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["diary.txt"]


def test_a_second_demo_in_the_same_folder_is_refused(lived):
    folder, _ = lived
    entries = number(folder, "SELECT count(*) FROM log")

    second = Programme(folder, now=DAY_AFTER).run(f"demo {folder}")

    assert second.code == 2
    assert "not empty" in second.err
    assert number(folder, "SELECT count(*) FROM log") == entries


def test_a_folder_that_is_there_and_empty_will_do(tmp_path, monkeypatch):
    class EnoughError(Exception):
        pass

    def stop(line: str) -> None:
        raise EnoughError

    (tmp_path / "empty").mkdir()

    with pytest.raises(EnoughError):
        demo.live(tmp_path / "empty", stop)

    assert (tmp_path / "empty" / "lrflow.db").is_file()


def test_days_in_the_file_follow_each_other():
    days = tomllib.loads((Path(demo.__file__).parent / "rwanda-2016.toml").read_text("utf-8"))["days"]

    on = [date.fromisoformat(each["on"]) for each in days.values()]
    assert on == sorted(on)
    assert {each["p"] for each in days.values()} <= {"sourced", "derived", "inferred", "invented"}
    assert all("s" in each for each in days.values() if each["p"] == "sourced")
