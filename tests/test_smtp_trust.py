"""Sending that people trust: a real mail server refuses, puts off, dies, is slow or cannot be trusted."""

import sqlite3
import ssl
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import domain_routes
import pytest
import trustme
from aiosmtpd.smtp import AuthResult
from domain_routes import COORDINATOR, FACILITATOR, OWNER
from planning import EMPTY, NOW, applied, ground, sent, visit
from post_office import DIES, SLEEPS, Post, mailing, open_post
from processes import forked, rows, void
from programme import Programme

from lrflow import nudges, store
from lrflow.calendars import Calendar
from lrflow.channels import Carried, Channel, Letter
from lrflow.database import Database
from lrflow.nudges import Mailer, Ticked
from lrflow.planner import plan

DAY = "2016-04-21"  # a Thursday on which three people are owed a message, from nine o'clock in Kigali (07:00 UTC)
TEN = f"{DAY} 08:00"
CARLA, FELIX, GRACE = "carla", "felix", "grace"
PASSWORD = "correct-horse-battery"
LEADS = "set D1 lead=v11@example.org focal_point=v12@example.org"
OF_THE_DAY = "SELECT * FROM nudge WHERE rule = 'stage-due' AND local_on = ? ORDER BY number"
OVER = {"sent", "drafted", "unsure", "failed", "suppressed", "expired", "cancelled"}


@dataclass
class Sender:
    """A programme that is ticked at instants handed in, through one mailer, by a new process each time."""

    programme: Programme
    mailer: Mailer

    def tick(self, at: str) -> Ticked:
        """One tick at *at* (UTC), after which every row is accounted for."""
        try:
            return self.once(at)
        finally:
            assert_accounted_for(self.programme)

    def once(self, at: str) -> Ticked:
        """One tick at *at* (UTC), and nothing more."""
        now = datetime.fromisoformat(at).replace(tzinfo=UTC)
        with closing(Database(self.programme.home / "lrflow.db")) as database:
            holder = nudges.hold_sending(database, now)
            try:
                return nudges.tick(database, self.mailer, holder, lambda: now)
            finally:
                nudges.stop_sending(database, holder)

    def sweep(self, at: str) -> Counter[str]:
        """The same process goes on sending at *at*."""
        now = datetime.fromisoformat(at).replace(tzinfo=UTC)
        with closing(Database(self.programme.home / "lrflow.db")) as database:
            try:
                return nudges.deliver(database, self.mailer, lambda: now)
            finally:
                assert_accounted_for(self.programme)

    def states(self) -> dict[str, str]:
        """The state of each of the three nudges, by reader."""
        people = {row["id"]: row["email"].partition("@")[0] for row in self.rows("SELECT id, email FROM person")}
        return {people[row["person"]]: row["state"] for row in self.rows(OF_THE_DAY, DAY)}

    def message(self, reader: str) -> dict[str, Any]:
        """The newest message of *reader*."""
        sql = "SELECT message.* FROM message JOIN person ON person.id = message.person WHERE person.email = ?"
        return self.rows(f"{sql} ORDER BY message.id", f"{reader}@example.org")[-1]

    def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        """What a query gives."""
        return rows(self.programme.home, sql, *values)

    def banner(self, now: str) -> str:
        """The line under a command."""
        return self.programme.do("status", now=now).err

    def listed(self, state: str, now: str) -> list[str]:
        """What `nudge list` says of the nudges in *state*."""
        return [each["reason"] for each in self.programme.do(f"nudge list --state {state} --json", now=now).data]


def assert_accounted_for(programme: Programme) -> None:
    """Each nudge stands in one state, and its message in one that fits; nothing is left half sent."""
    sql = """SELECT nudge.state, message.state AS message, nudge.reason, nudge.closed_us FROM nudge
             LEFT JOIN message ON message.id = nudge.message_id"""
    for row in rows(programme.home, sql):
        fits = {
            "assembled": {"due"},
            "planned": {None},
            "sent": {"sent"},
            "drafted": {"drafted"},
            "unsure": {"unsure"},
            "failed": {"failed"},
        }.get(row["state"])
        assert fits is None or row["message"] in fits, row
        assert (row["closed_us"] is not None) == (row["state"] in OVER), row
        assert row["reason"] or row["state"] not in {"held", "suppressed", "expired", "cancelled"}, row
    assert rows(programme.home, "SELECT * FROM message WHERE state = 'sending'") == []


def assert_never_twice(post: Post) -> None:
    """No letter was taken twice."""
    assert set(post.counted.values()) <= {1}, post.counted


@pytest.fixture
def live(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Programme:
    """A live route that owes three people a message on `DAY`."""
    programme = domain_routes.copied(domain_routes.begun, tmp_path_factory, tmp_path / "csn")
    programme.actor = COORDINATOR
    programme.do("nudge go-live --yes", now="2016-04-20")
    return programme


@pytest.fixture
def post() -> Iterator[Post]:
    with open_post() as opened:
        yield opened
        assert_never_twice(opened)


@pytest.fixture
def sender(live: Programme, post: Post) -> Sender:
    return Sender(live, mailing(post.port))


# ---------------------------------------------------------------------------------------------- it refuses one reader


@pytest.mark.requirement("A8", "J3", "J4")
@pytest.mark.parametrize("refused", [CARLA, FELIX, GRACE])
def test_one_refused_address_is_dead_and_all_others_get_their_message(sender: Sender, post: Post, refused: str) -> None:
    post.answer("RCPT", refused, "550 5.1.1 no such user")

    ticked = sender.tick(TEN)

    assert ticked.ended == {"sent": 2, "failed": 1}
    assert sender.states() == {CARLA: "sent", FELIX: "sent", GRACE: "sent"} | {refused: "failed"}
    assert sender.rows("SELECT email, state FROM address") == [{"email": f"{refused}@example.org", "state": "dead"}]
    assert sender.listed("failed", f"{DAY}T11:00") == ["RCPT: 550 5.1.1 no such user"]
    assert "could not be sent" in sender.programme.do("status", now=f"{DAY}T11:00").out
    assert sender.banner(f"{DAY}T11:00") == ""  # the sending itself is in order


@pytest.mark.requirement("J4")
def test_what_was_refused_is_on_the_next_monday_page(sender: Sender, post: Post) -> None:
    post.answer("RCPT", FELIX, "550 5.1.1 no such user")
    sender.tick(TEN)

    sender.tick("2016-04-25 08:00")

    page = next(each for each in post.taken if each["To"].addresses[0].username == CARLA and "25" in each.as_string())
    text = page.get_body(("plain",)).get_content()
    assert "Felix Soto" in text and "nudge list --state failed" in text


@pytest.mark.requirement("J4", "L2")
def test_nothing_climbs_on_a_reminder_that_was_refused(
    post: Post, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    programme = domain_routes.copied(domain_routes.following, tmp_path_factory, tmp_path / "csn")
    programme.actor = COORDINATOR
    programme.do("nudge go-live --yes", now="2016-11-06")
    programme.do(LEADS, now="2016-11-06")
    programme.do("set D2 lead=v21@example.org", now="2016-11-06")
    sender = Sender(programme, mailing(post.port))
    post.answer("RCPT", "v11", "554 5.5.0 not here")
    sender.tick("2016-12-05 10:00")

    sender.tick("2016-12-12 10:00")
    sender.tick("2016-12-13 10:00")

    states = "SELECT state, reason FROM nudge WHERE rule = ? AND subject = ? AND role LIKE ? AND seq = 0"
    assert sender.rows(states, "final-plan-overdue", "A1", "lead")[0]["state"] == "failed"
    climbed = sender.rows(states, "final-plan-escalation", "A1", "coordinator%")
    assert {(row["state"], row["reason"]) for row in climbed} == {("suppressed", "not_delivered")}
    assert sender.rows(states, "final-plan-overdue", "A2", "lead")[0]["state"] == "sent"
    assert sender.rows(states, "final-plan-escalation", "A2", "coordinator%")[0]["state"] == "sent"


@pytest.mark.requirement("A8")
def test_only_the_one_that_was_put_off_is_tried_again(sender: Sender, post: Post) -> None:
    post.answer("RCPT", FELIX, "451 4.3.0 local error", "250")
    assert sender.tick(TEN).ended == {"sent": 2, "retry": 1}

    assert sender.sweep(f"{DAY} 08:04") == {}
    assert sender.sweep(f"{DAY} 08:05") == {"sent": 1}

    assert Counter(reader for phase, reader in post.asked if phase == "RCPT") == {CARLA: 1, FELIX: 2, GRACE: 1}


@pytest.mark.requirement("J3")
def test_greylisting_passes_at_the_second_try_and_says_nothing_of_the_address(sender: Sender, post: Post) -> None:
    for name in (CARLA, FELIX, GRACE):
        post.answer("RCPT", name, "450 4.2.0 greylisted, come back later", "250")

    assert sender.tick(TEN).ended == {"retry": 3}
    assert sender.states() == dict.fromkeys((CARLA, FELIX, GRACE), "assembled")
    assert sender.banner(f"{DAY}T10:01") == ""  # the first time is no trouble
    assert sender.listed("assembled", f"{DAY}T10:01") == ["RCPT: 450 4.2.0 greylisted, come back later"] * 3

    assert sender.sweep(f"{DAY} 08:04:59") == {}
    assert sender.sweep(f"{DAY} 08:05") == {"sent": 3}
    assert sender.rows("SELECT * FROM address") == []


@pytest.mark.requirement("J3")
def test_a_mailbox_full_for_a_week_is_suspect_still_written_to_and_good_with_the_first_letter(sender, post) -> None:
    post.answer("RCPT", FELIX, "452 4.2.2 mailbox full")
    for at in (TEN, f"{DAY} 08:05", f"{DAY} 08:40", "2016-04-22 08:00"):
        sender.tick(at)
    assert sender.rows("SELECT state, soft FROM address") == [{"state": "good", "soft": 4}]
    sender.tick("2016-05-02 08:00")
    assert sender.rows("SELECT email, state FROM address") == [{"email": FACILITATOR, "state": "suspect"}]

    post.answer("RCPT", FELIX, "250")
    sender.tick("2016-05-03 08:00")

    assert FACILITATOR in post.readers
    assert sender.rows("SELECT * FROM address") == []


# ------------------------------------------------------------------------------ it refuses the sender, or nobody is in

SENDER_FAULTS = [
    pytest.param("RCPT", "550 5.4.5 Daily user sending limit exceeded", id="over quota"),
    pytest.param("RCPT", "554 5.7.1 blocked using zen.example.org", id="on a blocklist"),
    pytest.param("RCPT", "450 too many messages in this hour", id="too fast"),
    pytest.param("MAIL", "530 5.7.0 authentication required", id="not logged in"),
    pytest.param("MAIL", "421 4.7.0 try again later", id="closing"),
    pytest.param("DATA", "550 5.7.1 message limit reached", id="at the end"),
]


@pytest.mark.requirement("C8", "J3")
@pytest.mark.parametrize(("phase", "says"), SENDER_FAULTS)
def test_a_fault_of_the_sender_is_charged_to_nobody_and_pauses_all(sender: Sender, post: Post, phase, says) -> None:
    post.answer(phase, "*", says)

    assert sender.tick(TEN).ended == {"paused": 1}

    assert sender.states() == dict.fromkeys((CARLA, FELIX, GRACE), "assembled")
    assert {row["attempts"] for row in sender.rows("SELECT attempts FROM message")} == {0}
    assert sender.rows("SELECT * FROM address") == []
    banner = sender.banner(f"{DAY}T10:01")
    assert banner == f"! mail does not leave: {phase}: {says}. Next: lrflow doctor\n"
    post.answer(phase, "*", "250")
    assert sender.sweep(f"{DAY} 08:29:59") == {}
    assert sender.sweep(f"{DAY} 08:30") == {"sent": 3}
    assert sender.banner(f"{DAY}T10:31") == ""


@pytest.mark.requirement("C8")
def test_a_quota_used_up_in_the_middle_leaves_the_rest_due(sender: Sender, post: Post) -> None:
    post.answer("RCPT", "*", "250", "250", "550 5.4.5 Daily user sending limit exceeded")

    assert sender.tick(TEN).ended == {"sent": 2, "paused": 1}

    assert Counter(sender.states().values()) == {"sent": 2, "assembled": 1}
    post.answer("RCPT", "*", "250")
    assert sender.tick("2016-04-22 08:00").ended["sent"] == 1
    assert Counter(sender.states().values()) == {"sent": 3}


@pytest.mark.requirement("C8", "C4")
def test_what_waits_too_long_for_the_sender_expires_with_the_reason(sender: Sender, post: Post) -> None:
    post.answer("RCPT", "*", "550 5.4.5 Daily user sending limit exceeded")
    sender.tick(TEN)

    post.answer("RCPT", "*", "250")
    sender.tick("2016-06-30 08:00")

    found = sender.rows("SELECT state, reason FROM nudge WHERE rule = 'stage-due' AND local_on = ?", DAY)
    assert {(row["state"], row["reason"]) for row in found} <= {("expired", "too_late"), ("cancelled", "superseded")}


@pytest.mark.requirement("A8", "C8")
@pytest.mark.parametrize("hostile", [{CARLA}, {CARLA, FELIX}, {FELIX, GRACE}])
@pytest.mark.parametrize("answer", ["550 5.7.1 we do not like you", DIES])
def test_a_server_that_blames_us_for_some_readers_keeps_no_other_from_a_message(sender, post, hostile, answer) -> None:
    for name in hostile:
        post.answer("RCPT", name, answer)

    sender.tick(TEN)
    for minutes in range(5, 180, 5):
        sender.sweep(f"{datetime(2016, 4, 21, 8, tzinfo=UTC) + timedelta(minutes=minutes):%Y-%m-%d %H:%M}")

    assert sender.states() == {name: "assembled" if name in hostile else "sent" for name in (CARLA, FELIX, GRACE)}


@pytest.mark.requirement("C8")
def test_a_server_that_dies_before_data_has_nothing_and_all_wait_for_the_line(sender: Sender, post: Post) -> None:
    post.answer("RCPT", "*", DIES, "250")

    assert sender.tick(TEN).ended == {"retry": 1}

    assert post.taken == []
    assert "mail does not leave: connection lost before DATA" in sender.banner(f"{DAY}T10:01")
    assert sender.sweep(f"{DAY} 08:05") == {"sent": 3}
    assert sender.banner(f"{DAY}T10:06") == ""


# ------------------------------------------------------------------------------------------- it dies with the letter


@pytest.mark.requirement("A3")
@pytest.mark.requirement("S7")
def test_a_letter_without_an_answer_is_unsure_and_never_sent_again_by_itself(sender: Sender, post: Post) -> None:
    post.answer("DATA", CARLA, DIES, "250")

    assert sender.tick(TEN).ended == {"unsure": 1, "sent": 2}

    assert sender.states() == {CARLA: "unsure", FELIX: "sent", GRACE: "sent"}
    assert "may or may not have arrived" in sender.programme.do("status", now=f"{DAY}T10:01").out
    assert sender.listed("unsure", f"{DAY}T10:01")[0].startswith("no answer after DATA")
    before = post.counted
    for at in (f"{DAY} 08:10", f"{DAY} 12:00", "2016-04-22 08:00"):
        sender.tick(at)
    assert post.counted == before
    assert sender.states()[CARLA] == "unsure"


@pytest.mark.requirement("A3")
def test_what_a_person_sends_again_is_the_same_message(live: Programme) -> None:
    with open_post() as post:
        sender = Sender(live, mailing(post.port))
        post.answer("DATA", CARLA, DIES, "250")
        sender.tick(TEN)
        number = live.do("nudge list --state unsure --json", now=f"{DAY}T10:01").data[0]["id"]

        live.do(f"nudge send {number}", now=f"{DAY}T11:00")
        sender.tick(f"{DAY} 09:05")

        assert sender.states()[CARLA] == "sent"
        to_carla = [each["Message-ID"] for each in post.taken if each["To"].addresses[0].addr_spec == COORDINATOR]
        assert len(to_carla) == 2 and len(set(to_carla)) == 1


@pytest.mark.requirement("A3")
@pytest.mark.requirement("S7")
def test_a_message_whose_rules_would_rather_come_twice_is_sent_again_as_the_same_one(live: Programme) -> None:
    with open_post() as post:
        sender = Sender(live, mailing(post.port))
        sender.tick("2016-04-21 08:00")
        post.answer("DATA", CARLA, DIES, "250")

        first = sender.tick("2016-04-25 08:00").ended  # a Monday: nothing but the overview is due
        again = sender.sweep("2016-04-25 08:05")

        assert (first, again) == ({"retry": 1, "sent": 1}, {"sent": 1})
        overviews = [each["Message-ID"] for each in post.taken if each["To"].addresses[0].addr_spec == COORDINATOR][1:]
        assert len(overviews) == 2 and len(set(overviews)) == 1
        assert sender.message(CARLA)["state"] == "sent"


@pytest.mark.requirement("C8")
def test_a_server_that_does_not_answer_before_data_is_left_and_nothing_is_charged(live: Programme, post: Post) -> None:
    sender = Sender(live, mailing(post.port, timeout_seconds=0.3))
    post.answer("RCPT", "*", SLEEPS)

    assert sender.tick(TEN).ended == {"retry": 1}

    assert {row["attempts"] for row in sender.rows("SELECT attempts FROM message")} == {0}
    assert "timed out" in sender.banner(f"{DAY}T10:01")


# ---------------------------------------------------------------------------- it cannot be trusted, or trusts us not


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def certified(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture(scope="module")
def trust(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.mark.requirement("C8", "O1")
@pytest.mark.parametrize("fault", ["no TLS", "a bad certificate", "a bad login"])
def test_a_server_that_cannot_be_used_pauses_all_says_why_and_gets_no_password_twice(
    live: Programme, certified: ssl.SSLContext, trust: ssl.SSLContext, fault: str
) -> None:
    shown: list[bytes] = []

    def door(*said: Any) -> AuthResult:
        shown.append(said[-1].password)
        return AuthResult(success=False, handled=False, message=f"535 5.7.8 no: {PASSWORD}")

    options: dict[str, Any] = {"authenticator": door, "auth_require_tls": False}
    options |= {} if fault == "no TLS" else {"tls_context": certified}
    believed = None if fault == "a bad certificate" else trust
    with open_post(**options) as post:
        mailer = mailing(post.port, "starttls", trust=believed, user="route", password=lambda: PASSWORD)
        sender = Sender(live, mailer)

        assert sender.tick(TEN).ended == {"paused": 1}
        tried = len(shown)
        sender.sweep(f"{DAY} 08:10")

    assert (post.asked, post.taken) == ([], [])
    assert len(shown) == tried  # a login tried again and again locks the account
    assert bool(tried) == (fault == "a bad login")
    assert sender.states() == dict.fromkeys((CARLA, FELIX, GRACE), "assembled")
    banner = sender.banner(f"{DAY}T10:11")
    says = {"no TLS": "the server offers no STARTTLS", "a bad certificate": "TLS failed", "a bad login": "login failed"}
    assert banner.startswith(f"! mail does not leave: {says[fault]}") and banner.endswith("Next: lrflow doctor\n")
    assert PASSWORD not in banner + str(sender.rows("SELECT * FROM message")) + str(sender.rows("SELECT * FROM alarm"))
    with open_post() as mended:
        assert Sender(live, mailing(mended.port)).tick(f"{DAY} 09:00").ended == {"sent": 3}
    assert sender.banner(f"{DAY}T11:01") == ""


# -------------------------------------------------------------------------------------------------- it takes so many


@pytest.mark.requirement("C8")
def test_no_more_leave_in_a_minute_than_the_server_takes_whoever_sends(live: Programme, post: Post) -> None:
    sender = Sender(live, mailing(post.port, rate="2/min"))

    assert sender.tick(TEN).ended == {"sent": 2}
    assert sender.tick(f"{DAY} 08:00:59").ended == {}  # a new process counts what the last one sent
    assert {row["attempts"] for row in sender.rows("SELECT attempts FROM message WHERE state = 'due'")} == {0}
    assert sender.tick(f"{DAY} 08:01").ended == {"sent": 1}
    assert sender.states() == dict.fromkeys((CARLA, FELIX, GRACE), "sent")


@pytest.mark.requirement("C8")
def test_no_more_leave_on_a_day_of_the_programme_than_the_server_takes(live: Programme, post: Post) -> None:
    sender = Sender(live, mailing(post.port, rate="2/day"))

    assert sender.tick(f"{DAY} 07:00").ended == {"sent": 2}
    assert sender.sweep(f"{DAY} 15:00") == {}
    assert sender.tick("2016-04-22 07:00").ended == {"sent": 1}


@pytest.mark.requirement("C8")
def test_what_the_server_did_not_take_does_not_count(live: Programme, post: Post) -> None:
    sender = Sender(live, mailing(post.port, rate="2/min"))
    post.answer("RCPT", CARLA, "450 4.2.0 greylisted", "250")

    assert sender.tick(TEN).ended == {"retry": 1, "sent": 2}


@pytest.mark.requirement("C8")
def test_the_setting_is_what_the_sender_keeps_to(live: Programme) -> None:
    from lrflow import settings

    (live.home / "lrflow.toml").write_text('me = "carla@example.org"\nsmtp_host = "127.0.0.1"\nsmtp_rate = "20/min"\n')

    assert nudges.mailer_of(settings.load_from(live.home)).rate.a_minute == 20


# --------------------------------------------------------------------------- it is done before the sender looks again


@dataclass(frozen=True)
class Done:
    """A nudge about *subject* that *lines* bring about, leaves at *at* (UTC), and is needless after *stop*."""

    build: domain_routes.Build
    live_on: str
    lines: tuple[str, ...]
    at: str
    rule: str
    subject: str
    stop: tuple[str, ...]
    reason: str = "stop_condition"


CASE = (
    "add case E1",
    'set K1 how="door to door" who=mothers what=milk success_factors=trust practices=visits '
    'lessons="begin small | a trusted leader" validated_on=2016-08-02 validated_by="Ana; Jean" approved=yes',
    "mark K1 validated",
)
WAIVER = (
    'mark E3 withdrawn --reason "its people moved away"',
    f"waive experiences-selected --until 2016-06-30 {domain_routes.REASON}",
)
DONE = {
    "route": Done(
        domain_routes.begun,
        "2016-04-20",
        (),
        TEN,
        "stage-due",
        "route",
        ("cancel --reason war --confirm rwanda-2016",),
        "route_ended",
    ),
    "guard": Done(
        domain_routes.selected,
        "2016-06-10",
        ("advance",),
        "2016-08-03 08:00",
        "guard-missing",
        "case-complete/E1",
        CASE,
    ),
    "waiver": Done(
        domain_routes.selected,
        "2016-06-10",
        WAIVER,
        "2016-06-23 08:00",
        "waiver-ends",
        "W1",
        ("advance",),
    ),
    "champion": Done(
        domain_routes.ready, "2016-10-14", (), "2016-10-14 10:00", "champion-ready", "C1", ("mark C1 confirmed",)
    ),
    "participant": Done(
        domain_routes.ready, "2016-10-14", (), "2016-10-14 10:00", "reading", "P7", ("mark P7 withdrawn --reason ill",)
    ),
    "checkin": Done(
        domain_routes.following,
        "2016-11-06",
        (),
        "2016-11-07 10:00",
        "survey",
        "Q2.0",
        ("mark Q2.0 answered answered_on=today",),
    ),
    "delegation": Done(
        domain_routes.following,
        "2016-11-06",
        (LEADS,),
        "2016-11-14 10:00",
        "share-learning",
        "D1",
        ("add cascade 2016-11-08 village --of D1",),
    ),
    "plan": Done(
        domain_routes.following,
        "2016-11-06",
        (LEADS,),
        "2016-12-05 10:00",
        "final-plan-overdue",
        "A1",
        ("mark A1 abandoned --reason war",),
    ),
    "action": Done(
        domain_routes.following,
        "2016-11-06",
        (f"add action 'Meet the ministry' --of A1 person={COORDINATOR} due=2016-12-26",),
        "2016-12-12 10:00",
        "action-due-soon",
        "A1.1",
        ("mark A1.1 dropped --reason war",),
    ),
}


@pytest.mark.requirement("B1", "B4", "B5")
@pytest.mark.parametrize("kind", DONE)
def test_what_is_done_just_before_the_claim_is_not_said_and_the_reason_is_kept(
    kind: str, post: Post, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    done = DONE[kind]
    programme = domain_routes.copied(done.build, tmp_path_factory, tmp_path / "csn")
    programme.actor = OWNER
    programme.do("nudge go-live --yes", now=done.live_on)
    for line in done.lines:
        programme.do(line, now=done.live_on)
    now = datetime.fromisoformat(done.at).replace(tzinfo=UTC)
    about = "SELECT * FROM nudge WHERE rule = ? AND subject = ? AND local_on <= ?"
    which = (done.rule, done.subject, done.at[:10])
    with closing(Database(programme.home / "lrflow.db")) as database:
        with database.begin(write=True) as unit:
            store.replan(unit, "rwanda-2016", now)
        nudges.assemble(database, mailing(post.port), now)
        waiting = [row["id"] for row in rows(programme.home, about, *which) if row["state"] == "assembled"]
        assert waiting

        for line in done.stop:
            programme.do(line, now=f"{now - timedelta(milliseconds=1):%Y-%m-%dT%H:%M:%S.%f}+00:00")
        entry = rows(programme.home, "SELECT max(id) AS id FROM log")[0]["id"]
        nudges.deliver(database, mailing(post.port), lambda: now)

    ended = [row for row in rows(programme.home, about, *which) if row["id"] in waiting]
    assert {(row["state"], row["reason"], row["cause"]) for row in ended} == {("cancelled", done.reason, entry)}
    assert_accounted_for(programme)
    listed = {row["id"]: row["state"] for row in rows(programme.home, "SELECT * FROM nudge WHERE state = 'sent'")}
    assert not set(waiting) & set(listed)


@pytest.mark.requirement("B4", "B5")
@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (f"person opt-out {FACILITATOR} --via reply", "opted_out"),
        (f"set {FACILITATOR} opted_out=yes", "opted_out"),
        (f"set {FACILITATOR} email=", "no_reachable_channel"),
        (f"person address {FACILITATOR} dead", "no_reachable_channel"),
    ],
)
@pytest.mark.parametrize("is_assembled", [False, True])
def test_who_is_not_to_be_written_to_any_more_is_not_and_the_entry_that_decided_is_named(
    sender: Sender, post: Post, line: str, reason: str, is_assembled: bool
) -> None:
    now = datetime.fromisoformat(TEN).replace(tzinfo=UTC)
    felix = sender.rows("SELECT id FROM person WHERE email = ?", FACILITATOR)[0]["id"]
    with closing(Database(sender.programme.home / "lrflow.db")) as database:
        if is_assembled:
            nudges.assemble(database, sender.mailer, now)
        sender.programme.do(line, now=f"{DAY}T09:59")
        entry = sender.rows("SELECT max(id) AS id FROM log")[0]["id"]
        sender.programme.do('add person "Someone Else" else@example.org', now=f"{DAY}T09:59")
        nudges.assemble(database, sender.mailer, now)
        nudges.deliver(database, sender.mailer, lambda: now)

    (ended,) = sender.rows("SELECT * FROM nudge WHERE rule = 'stage-due' AND local_on = ? AND person = ?", DAY, felix)
    assert (ended["state"], ended["reason"], ended["cause"]) == ("suppressed", reason, entry)
    assert sorted(post.readers) == [COORDINATOR, OWNER]


@pytest.mark.requirement("B4", "J3")
def test_what_a_server_decided_names_no_entry_of_the_log(sender: Sender, post: Post) -> None:
    post.answer("RCPT", FELIX, "550 5.1.1 no such user")
    sender.tick(TEN)

    sender.tick("2016-05-02 08:00")

    felix = sender.rows("SELECT id FROM person WHERE email = ?", FACILITATOR)[0]["id"]
    again = sender.rows(
        "SELECT * FROM nudge WHERE rule = 'stage-due' AND local_on = '2016-05-02' AND person = ?", felix
    )
    found = [(row["state"], row["reason"], row["cause"]) for row in again]
    assert found == [("suppressed", "no_reachable_channel", None)]


# ------------------------------------------------------------------------------------------------ whenever it leaves


CLOSED = (
    f"{DAY} 16:00",
    f"{DAY} 20:00",
    "2016-04-22 03:30",
    "2016-04-22 05:59",
)  # two hours on: from six, before eight


def held(sender: Sender) -> None:
    """They were put off by the server, in the last minutes of the day."""
    assert sender.tick(f"{DAY} 15:50").ended == {"retry": 3}


def recovered(sender: Sender) -> None:
    """A sender died when it had claimed them all."""
    with closing(Database(sender.programme.home / "lrflow.db")) as database:
        now = datetime.fromisoformat(f"{DAY} 15:58").replace(tzinfo=UTC)
        nudges.assemble(database, sender.mailer, now)
        for _ in range(3):
            with database.begin(write=True) as unit:
                assert store.claim(unit, now)


def late(sender: Sender) -> None:
    """No sender ran during the day."""


def told(sender: Sender) -> None:
    """A coordinator tells them something in the evening, beside what is late."""
    words = "--subject News --text 'the fair is over' --yes"
    sender.programme.do(f"tell {COORDINATOR} {FACILITATOR} {OWNER} {words}", now=f"{DAY}T21:00")


@pytest.mark.requirement("G1", "C4")
@pytest.mark.parametrize("path", [held, recovered, late, told])
def test_on_no_path_does_a_message_leave_in_quiet_hours_or_on_a_day_off(sender: Sender, post: Post, path) -> None:
    if path is held:
        post.answer("RCPT", "*", "450 4.2.0 greylisted")
    path(sender)
    post.answer("RCPT", "*", "250")
    before = len(post.asked)

    for at in CLOSED:
        sender.tick(at)
        assert len(post.asked) == before, at
    sender.tick("2016-04-22 07:00")

    assert sorted(post.readers) == [COORDINATOR, FACILITATOR, OWNER]
    assert sender.states() == dict.fromkeys((CARLA, FELIX, GRACE), "sent")


@pytest.mark.requirement("G1")
def test_an_escalation_waits_for_the_working_hours_of_its_reader(
    post: Post, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    programme = domain_routes.copied(domain_routes.following, tmp_path_factory, tmp_path / "csn")
    programme.actor = COORDINATOR
    programme.do("nudge go-live --yes", now="2016-11-06")
    programme.do(f"{LEADS}", now="2016-11-06")
    sender = Sender(programme, mailing(post.port))
    sender.tick("2016-12-05 10:00")
    escalated = "SELECT * FROM nudge WHERE rule = 'final-plan-escalation' AND subject = 'A1' AND state = 'sent'"
    before = len(post.asked)

    for at in ("2016-12-10 10:00", "2016-12-11 10:00", "2016-12-12 05:30"):  # Saturday, Sunday, early on Monday
        sender.tick(at)
        assert len(post.asked) == before, at
    assert rows(programme.home, escalated) == []
    sender.tick("2016-12-12 10:00")

    assert rows(programme.home, escalated)


@pytest.mark.requirement("G1")
def test_only_a_persons_word_wakes_a_reader_at_night(sender: Sender, post: Post) -> None:
    number = sender.programme.do("nudge list --json", now=f"{DAY}T06:00").data
    carla = next(each["id"] for each in number if each["rule"] == "stage-due" and each["to"] == "Carla Ruiz")

    sender.programme.do(f"nudge send {carla}", now=f"{DAY}T04:00")
    sender.tick(f"{DAY} 02:01")
    assert post.taken == []
    sender.programme.do(f"nudge send {carla} --wake", now=f"{DAY}T04:02")
    sender.tick(f"{DAY} 02:03")

    assert post.readers == [COORDINATOR]


@pytest.mark.requirement("C4", "B1")
def test_what_was_held_overnight_and_is_no_longer_true_is_not_said(sender: Sender, post: Post) -> None:
    post.answer("RCPT", "*", "450 4.2.0 greylisted")
    held(sender)
    post.answer("RCPT", "*", "250")
    sender.programme.do("cancel --reason war --confirm rwanda-2016", now=f"{DAY}T20:00", actor=OWNER)

    ended = sender.tick("2016-04-22 08:00").ended

    assert (ended, post.taken) == ({"dropped": 3}, [])
    found = sender.rows("SELECT state, reason, cause FROM nudge WHERE rule = 'stage-due' AND local_on = ?", DAY)
    assert {(row["state"], row["reason"]) for row in found} == {("cancelled", "route_ended")}
    assert all(row["cause"] for row in found)


@pytest.mark.requirement("C4", "B1")
@pytest.mark.parametrize("delay", ["retry", "pause", "rate", "lease"])
def test_after_any_delay_it_is_asked_again_whether_it_still_holds(sender: Sender, post: Post, delay: str) -> None:
    answers = {"retry": "450 4.2.0 greylisted", "pause": "550 5.4.5 Daily user sending limit exceeded"}
    post.answer("RCPT", "*", answers.get(delay, "250"))
    if delay == "lease":
        recovered(sender)
    else:
        Sender(sender.programme, mailing(post.port, rate="1/min" if delay == "rate" else "")).tick(TEN)
    post.answer("RCPT", "*", "250")
    sender.programme.do("cancel --reason war --confirm rwanda-2016", now=f"{DAY}T18:00", actor=OWNER)

    sender.tick("2016-04-22 09:00")

    taken = 1 if delay == "rate" else 0
    assert len(post.taken) == taken
    found = sender.rows("SELECT state, reason FROM nudge WHERE rule = 'stage-due' AND local_on = ?", DAY)
    assert Counter((row["state"], row["reason"]) for row in found) == Counter(
        {("cancelled", "route_ended"): 3 - taken, ("sent", None): taken}
    )


# ----------------------------------------------------------------------------------------- one route is out of order


def break_route(programme: Programme, key: str) -> None:
    """Make a row of the route unreadable, as a bad disk or a bad migration may."""
    with closing(sqlite3.connect(programme.home / "lrflow.db")) as opened, opened:
        opened.execute("UPDATE route SET stage_entered_on = 'yesterday' WHERE key = ?", (key,))


@pytest.mark.requirement("O3")
@pytest.mark.parametrize("when", ["before the day", "after the messages were put together"])
def test_a_route_that_cannot_be_planned_silences_no_other_and_raises_the_alarm(
    live: Programme, post: Post, when: str
) -> None:
    live.do(
        'add route second "Another route" planned_visit=2016-09 facilitator=Procasur', now="2016-02-11", actor=OWNER
    )
    live.do('set route host="SUN Alliance Rwanda" host_country=RW -r second', now="2016-02-11", actor=OWNER)
    live.do(
        f"set route coordinator={COORDINATOR} facilitator=hope@example.org -r second", now="2016-02-11", actor=OWNER
    )
    live.do("advance -r second", now="2016-02-11", actor=OWNER)
    live.do("nudge go-live --yes -r second", now="2016-04-20", actor=OWNER)
    sender = Sender(live, mailing(post.port))
    if when != "before the day":
        now = datetime.fromisoformat(f"{DAY} 07:00").replace(tzinfo=UTC)
        with closing(Database(live.home / "lrflow.db")) as database:
            nudges.assemble(database, sender.mailer, now)
    break_route(live, "second")

    sender.tick(TEN)

    assert sorted(post.readers) == [COORDINATOR, FACILITATOR, OWNER]
    of_the_first = f"{OF_THE_DAY.replace('ORDER', 'AND route_id = 1 ORDER')}"
    assert [row["state"] for row in sender.rows(of_the_first, DAY)] == ["sent"] * 3
    assert "second" in sender.rows("SELECT says FROM alarm WHERE kind = 'plan'")[0]["says"]
    # Of a route that cannot be read no command can tell; of the other one all can.
    line = live.do("-r rwanda-2016 nudge list", now=f"{DAY}T10:01").err
    assert "second" in line and "cannot be planned" in line


class Faulty:
    """A channel with a fault of its own: one reader's letter makes it stumble, before or after the letter began."""

    name = "email"
    is_real = True

    def __init__(self, sound: Channel, after: bool) -> None:
        self.sound, self.after = sound, after

    def carry(self, letter: Letter, before_data: Callable[[], None]) -> Carried:
        if letter.to_address != FACILITATOR:
            return self.sound.carry(letter, before_data)
        if self.after:
            before_data()
        raise ZeroDivisionError("a fault of the channel")

    def close(self) -> None:
        self.sound.close()


@pytest.mark.requirement("O3", "A8")
@pytest.mark.parametrize(("after", "state"), [(False, "failed"), (True, "unsure")])
def test_a_fault_of_the_channel_ends_one_letter_and_no_other(live: Programme, post: Post, after, state) -> None:
    sound = mailing(post.port)
    sender = Sender(live, replace(sound, channel=Faulty(sound.channel, after)))

    assert sender.tick(TEN).ended == {"sent": 2, state: 1}

    assert sender.states() == {CARLA: "sent", FELIX: state, GRACE: "sent"}
    assert sender.listed(state, f"{DAY}T10:01") == [
        "it could not be handed over: ZeroDivisionError: a fault of the channel"
    ]


# ------------------------------------------------------------------------------------------------------ it is slow


class Slow:
    """A clock that goes on by so much each time it is looked at, as for a sender whose server is slow."""

    def __init__(self, at: str, step: timedelta) -> None:
        self.now, self.step = datetime.fromisoformat(at).replace(tzinfo=UTC), step

    def __call__(self) -> datetime:
        self.now += self.step
        return self.now


@pytest.mark.requirement("A1", "C4")
def test_a_letter_is_not_begun_when_the_lease_is_nearly_over(sender: Sender, post: Post) -> None:
    with closing(Database(sender.programme.home / "lrflow.db")) as database:
        nudges.assemble(database, sender.mailer, datetime(2016, 4, 21, 8, tzinfo=UTC))

        ended = nudges.deliver(database, sender.mailer, Slow(TEN, timedelta(seconds=45)))

    assert (ended, post.taken) == ({"lost": 3}, [])
    assert sender.tick(f"{DAY} 09:00").ended == {"sent": 3}


@pytest.mark.requirement("A1", "A3", "A4")
def test_one_who_waits_for_an_answer_longer_than_the_lease_is_followed_and_nothing_leaves_twice(
    sender: Sender, post: Post
) -> None:
    post.holds = True
    child = forked(lambda say: void(sender.once(TEN)))
    while not post.taken:
        time.sleep(0.01)
    with closing(Database(sender.programme.home / "lrflow.db")) as database:
        now = datetime.fromisoformat(TEN).replace(tzinfo=UTC) + store.LEASE
        other = nudges.hold_sending(database, now)  # another computer: the first one's lease is over
        post.holds = False
        ended = nudges.deliver(database, mailing(post.port), lambda: now)
        nudges.stop_sending(database, other)
    child.end()

    assert_accounted_for(sender.programme)
    assert Counter(sender.states().values()) == {"unsure": 1, "sent": 2}
    assert ended["sent"] == 2
    assert len(post.taken) == 3


# ------------------------------------------------------------------------------------------------- never said again


@pytest.mark.requirement("A7")
@pytest.mark.parametrize(
    "change", [{"at": "16:00"}, {"words": "other"}, {"when": "visit_end + 3d", "shift": "next"}, {"max_late": "1wd"}]
)
def test_another_hour_text_or_zone_makes_no_second_one_of_what_was_said(change: dict[str, str]) -> None:
    rule = {"when": "visit_end + 3d"}
    now = datetime(2016, 11, 7, 10, tzinfo=UTC)
    ledger = applied(EMPTY, plan(ground({"r": rule}, visit(), NOW)), NOW)
    said = sent(ledger, "2016-11-07")
    tokyo = Calendar("Asia/Tokyo", frozenset({6, 7}), {})

    made = plan(ground({"r": rule | change}, visit(), now, said, calendar_of=lambda _: tokyo))

    assert list(made.intended) == list(said.nudges)
    assert {each.state for each in said.nudges.values()} == {"sent"}
    assert applied(said, made, now).nudges == said.nudges
