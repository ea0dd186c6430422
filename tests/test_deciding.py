"""What people decide about single nudges, and the one sentence that says why."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from processes import dump, rows
from programme import Programme

from lrflow import nudges
from lrflow.channels.drafts import DraftsChannel
from lrflow.database import Database
from lrflow.nudges import Mailer


@pytest.fixture
def live(follow_up: Programme) -> Programme:
    """A live route in its follow-up, three delegations of which have a lead; it is Tuesday 8 November 2016."""
    for number in (1, 2, 3):
        follow_up.do(f"set D{number} lead=v{number}1@example.org focal_point=v{number}2@example.org", now="2016-11-08")
    follow_up.do("set person v31@example.org phone=+254700000031 zone=Asia/Kathmandu country=NP", now="2016-11-08")
    follow_up.do("nudge go-live --yes", now="2016-11-08")
    follow_up.now = "2016-11-08T10:00"
    return follow_up


def tick(csn: Programme, at: str) -> dict[str, int]:
    """What one tick of drafts at *at* (UTC) ended with."""
    database, now = Database(csn.home / "lrflow.db"), datetime.fromisoformat(at).replace(tzinfo=UTC)
    mailer = Mailer(DraftsChannel(csn.home / "outbox"), "SUN CSN", "route@example.org")
    holder = nudges.hold_sending(database, now)
    try:
        return dict(nudges.tick(database, mailer, holder, lambda: now).ended)
    finally:
        nudges.stop_sending(database, holder)
        database.close()


def number_of(csn: Programme, rule: str, subject: str, role: str = "lead") -> str:
    found = rows(
        csn.home,
        "SELECT number FROM nudge WHERE rule = ? AND subject = ? AND role = ? ORDER BY id DESC LIMIT 1",
        rule,
        subject,
        role,
    )
    return f"N{found[0]['number']}"


def letters(csn: Programme) -> list[Path]:
    return sorted((csn.home / "outbox").glob("*.eml"))


# -------------------------------------------------------------------------------------------------------------- moved


@pytest.mark.requirement("E4")
def test_a_nudge_that_was_moved_by_hand_stays_there_when_its_date_moves(live):
    name = number_of(live, "final-plan-soon", "A1")

    live.do(f"nudge move {name} 2016-11-19")  # a Saturday
    live.do("set route final_plan_due_days_after_visit_end=40 --reason later", now="2016-11-09")

    moved = live.do("nudge list --json").data
    assert [each["local_on"] for each in moved if each["id"] == name] == ["2016-11-21"]
    others = {each["local_on"] for each in moved if each["rule"] == "final-plan-soon" and each["subject"] == "A2"}
    assert others == {"2016-12-08"}
    assert "moved by hand to Monday 21 November 2016" in live.do(f"nudge why {name}").out
    tick(live, "2016-11-18T10:00")
    assert tick(live, "2016-11-21T10:00") and rows(live.home, "SELECT state FROM nudge WHERE number = ?", name[1:])[0][
        "state"
    ] in ("drafted", "sent")


def test_a_day_gone_by_and_a_nudge_that_is_over_are_refused_with_what_to_type(live):
    name = number_of(live, "final-plan-soon", "A1")

    past = live.run(f"nudge move {name} 2016-11-07")
    none = live.run("nudge move N99999 2016-11-21")

    assert (past.code, none.code) == (2, 4)
    assert "lrflow nudge send N12" in past.err and "lrflow nudge list" in none.err


# --------------------------------------------------------------------------------------------------------------- skip


@pytest.mark.requirement("B4", "I3")
def test_a_nudge_that_is_left_out_stays_silent_and_names_who_decided(live):
    name = number_of(live, "share-learning", "D2")

    assert live.run(f"nudge skip {name}").code == 2
    live.do(f'nudge skip {name} --reason "told by telephone"')

    assert live.run(f"nudge skip {name} --reason again").code == 4
    why = live.do(f"nudge why {name}").out
    entry = rows(live.home, "SELECT number, reason FROM log WHERE verb = 'skip-nudge'")[0]
    assert entry["reason"] == "told by telephone"
    assert f"a coordinator left it out, decided by L{entry['number']}: skip-nudge {name} by Grace Phiri" in why
    tick(live, "2016-11-14T10:00")
    assert not any("v21@" in path.name for path in letters(live))


# --------------------------------------------------------------------------------------------------------------- send


@pytest.mark.requirement("G2")
def test_send_at_night_waits_for_the_morning_there_unless_it_is_woken(live):
    name = number_of(live, "share-learning", "D3")
    live.now = "2016-11-08T17:45"  # in Blantyre; half past nine in the evening in Kathmandu

    asked = live.do(f"nudge send {name}").out
    assert f"{name} waits for the next working morning: quiet hours there" in asked
    assert f"lrflow nudge send {name} --wake" in asked
    assert tick(live, "2016-11-08T15:50") == {}

    live.do(f"nudge send {name} --wake")
    assert tick(live, "2016-11-08T15:55") == {"drafted": 1}
    assert ["v31@" in path.name for path in letters(live)] == [True]


@pytest.mark.requirement("G1", "G2")
def test_what_came_along_with_a_woken_line_that_fell_out_waits_for_the_morning(live):
    woken, other = number_of(live, "share-learning", "D1"), number_of(live, "final-plan-soon", "A1")
    live.do(f"nudge move {other} 2016-11-08")
    live.do(f"nudge send {woken} --wake")
    database, night = Database(live.home / "lrflow.db"), datetime(2016, 11, 8, 21, tzinfo=UTC)
    mailer = Mailer(DraftsChannel(live.home / "outbox"), "SUN CSN", "route@example.org")
    nudges.assemble(database, mailer, night)

    live.do("add cascade 2016-11-07 village --of D1 people=30", now="2016-11-08T22:00")  # what the woken line asks for
    ended = nudges.deliver(database, mailer, lambda: night)
    database.close()

    assert dict(ended) == {"waiting": 1} and letters(live) == []
    assert tick(live, "2016-11-09T09:00") == {"drafted": 1}


@pytest.mark.requirement("G2", "S4")
def test_send_by_day_leaves_at_once_and_a_second_message_of_that_day_does_not(live):
    first, second = number_of(live, "share-learning", "D1"), number_of(live, "final-plan-soon", "A1")

    live.do(f"nudge send {first}")
    assert tick(live, "2016-11-08T09:00") == {"drafted": 1}
    said = live.do(f"nudge send {second} --wake").out

    assert "one message a day was sent already" in said
    assert tick(live, "2016-11-08T09:30") == {}
    assert tick(live, "2016-11-09T09:30") == {"drafted": 1}


@pytest.mark.requirement("B6")
def test_what_would_be_untrue_today_is_not_sent_today(live):
    overdue = number_of(live, "final-plan-overdue", "A1")

    early = live.run(f"nudge send {overdue}")

    assert early.code == 2
    assert f"{overdue} speaks of Wednesday 30 November 2016 as gone by, and that day lies ahead" in early.err
    assert "lrflow tell A1" in early.err
    assert live.run(f"nudge send {overdue}", now="2016-12-01T10:00").code == 0


# --------------------------------------------------------------------------------------------------------------- test


@pytest.mark.requirement("I4")
def test_a_test_goes_to_the_team_alone_is_marked_and_leaves_nothing_behind(live):
    before = dump(live.home)

    live.do("nudge test final-plan-soon --to carla@example.org")
    refused = live.run("nudge test final-plan-soon --to v11@example.org")
    stranger = live.run("nudge test final-plan-soon --to nobody@example.com")
    unknown = live.run("nudge test final-plan --to carla@example.org")

    assert dump(live.home) == before
    assert (refused.code, stranger.code, unknown.code) == (3, 3, 4)
    (path,) = letters(live)
    letter = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert letter["Subject"].startswith("[TEST] ") and letter["To"].addresses[0].addr_spec == "carla@example.org"


def test_every_rule_can_be_tried_or_says_why_not(live):
    rules = [each["rule"] for each in live.do("nudge list --all --json").data]

    for rule in sorted(set(rules)):
        done = live.run(f"nudge test {rule} --to carla@example.org")
        assert done.code == 0, done.err


# ---------------------------------------------------------------------------------------------------------------- why


@pytest.mark.requirement("I3")
def test_why_says_rule_dates_shifts_version_and_what_decided_in_one_sentence(live):
    name = number_of(live, "share-learning", "D1")

    said = live.do(f"nudge why {name}").out

    assert said.startswith(
        f"{name} share-learning about D1 to Visitor MW1; visit_end + 7d with visit_end 2016-11-05: Saturday 12 November"
        " 2016, which became Monday 14 November 2016 because of the weekend there; leaves at 09:00 Africa/Blantyre"
    )
    assert said.count("\n") == 1 and "rules of sun-csn" in said


@pytest.mark.requirement("I2", "I3")
@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2016-11-14", "one message at 09:00 with share-learning D1"),
        ("2016-11-12", "nothing is planned for that day; the next message is planned for Monday 14 November 2016"),
        ("2016-11-07", "nothing, because of N"),
        ("2016-11-01", "nothing was planned for that day"),
    ],
)
def test_why_a_person_gets_something_on_a_day_or_nothing(live, day, said):
    assert said in live.do(f"nudge why v11@example.org --day {day}").out


@pytest.mark.requirement("I3")
def test_why_a_message_waits_is_said_for_the_day_on_which_it_waits(live):
    for subject in ("D1", "A1"):
        rule = "share-learning" if subject == "D1" else "final-plan-soon"
        live.do(f"nudge move {number_of(live, rule, subject)} 2016-11-{'09' if subject == 'D1' else 10}")
    third = number_of(live, "final-plan-overdue", "A1")
    live.do(f"nudge move {third} 2016-11-11")

    said = live.do("nudge why v11@example.org --day 2016-11-11").out

    assert "nothing, because two messages were sent within seven days; final-plan-overdue A1 waits" in said
    assert "Wednesday 16 November 2016" in said


def test_the_day_may_be_said_with_on_as_everywhere(live):
    assert "one message at 09:00" in live.do("nudge why v11@example.org --on 2016-11-14").out


def test_why_asks_which_person_when_several_are_meant(live):
    assert live.run("nudge why Visitor").code == 2
    assert live.run("nudge why nobody@example.org").code == 4


@pytest.mark.requirement("C1", "I2")
def test_after_an_outage_everything_that_was_due_in_it_is_listed_with_what_became_of_it(live):
    tick(live, "2016-11-08T10:00")
    tick(live, "2016-11-28T10:00")

    listed = live.do("nudge list --since 2016-11-08 --json", now="2016-11-28T12:00").data

    fates = {each["rule"]: (each["state"], each["reason"]) for each in listed if each["subject"] in ("D1", "A1")}
    assert fates == {"share-learning": ("drafted", None), "final-plan-soon": ("drafted", None)}
    digests = [(each["local_on"], each["reason"]) for each in listed if each["rule"] == "weekly-digest"]
    assert ("2016-11-14", "too_late") in digests and ("2016-11-28", None) in digests
    assert {each["state"] for each in listed} <= {"drafted", "expired", "suppressed"}
    assert {each["local_on"] for each in listed} <= {f"2016-11-{day:02}" for day in range(8, 29)}


@pytest.mark.requirement("H5")
def test_a_message_holds_what_is_due_and_nothing_that_is_merely_known(live):
    (seen,) = live.do("nudge preview v11@example.org --json").data

    assert seen["on"] == "2016-11-14" and seen["nudges"] == [number_of(live, "share-learning", "D1")]
    assert "final" not in seen["text"].lower()


@pytest.mark.requirement("I2")
def test_a_person_is_shown_with_what_went_and_what_is_to_come_apart(live):
    assert tick(live, "2016-11-14T10:00")["drafted"] >= 3
    live.do("nudge confirm all", now="2016-11-14T12:00")

    said = live.do("show person v11@example.org", now="2016-11-14T13:00").out
    mail = live.do("show person v11@example.org --json", now="2016-11-14T13:00").data["mail"]

    assert "messages that went:\n  2016-11-14  sent " in said
    assert "messages to come:\n  2016-11-23 09:00  rwanda-2016    [rwanda-2016:A1] " in said
    assert "lrflow -r rwanda-2016 nudge preview v11@example.org --day 2016-11-23" in said
    assert [each["on"] for each in mail["gone"]] == ["2016-11-14"]
    assert [each["on"] for each in mail["coming"]][:2] == ["2016-11-23", "2016-12-05"]
    live.do("set person v11@example.org language=fr", now="2016-11-14T13:00")
    assert "Gardens 1 - plan final : dans 7 jours" in live.do("show person v11@example.org", now="2016-11-14T13:00").out
