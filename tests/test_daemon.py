"""The daemon as a real process, and what one tick may and may not send."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from itertools import pairwise
from pathlib import Path
from typing import Any

import domain_routes
import pytest
from post_office import Post, mailing, open_post
from processes import dump, forked, rows, void
from programme import Programme

from lrflow import nudges, service
from lrflow.calendars import holidays_of, read_corrections, weekends_of
from lrflow.channels.drafts import DraftsChannel
from lrflow.database import Database, connection
from lrflow.errors import Busy
from lrflow.nudges import Mailer, Ticked

ROOT = Path(__file__).parent.parent
CORRECTIONS = read_corrections(ROOT / "workflows" / "sun-csn" / "calendars.toml")
COUNTRIES = ("MW", "RW", "BD", "NP", "JP", "BN", "IR", "HK", "CD", "VE", "QA", "DZ", "NE", "KP")  # weekends differ


@dataclass(frozen=True)
class Noon:
    """A zone in which it is about noon now, and a country of which today is a working day there."""

    zone: str
    country: str


def noon_now() -> Noon:
    """Where people are at work at this moment, at whatever hour and day the tests run."""
    hours = 12 - datetime.now(UTC).hour
    zone = f"Etc/GMT{-hours:+d}"  # these names count the other way round
    here = (datetime.now(UTC) + timedelta(hours=hours)).date()
    country = next((each for each in COUNTRIES if is_working(each, here)), None)
    if country is None:
        pytest.skip(f"{here} is a day off everywhere")
    return Noon(zone, country)


def is_working(country: str, day: date) -> bool:
    """Whether *day* is neither weekend nor holiday in *country*."""
    days_off = {holiday.on for holiday in holidays_of(country, [day.year], CORRECTIONS)}
    weekend = weekends_of(country, [day.year], CORRECTIONS).first
    return day.isoweekday() not in weekend and day not in days_off


@pytest.fixture
def live(tmp_path: Path) -> Programme:
    """A live route of today: whoever is added to its delegation D1 hears about papers at once."""
    noon, today = noon_now(), datetime.now(UTC).date()
    programme = Programme(tmp_path / "csn", now="")  # the present
    programme.do(f'init --me "Grace Phiri <grace@example.org>" --programme "SUN CSN" --timezone {noon.zone}')
    ends_on = today + timedelta(days=700)
    programme.do(f'set programme donor=CIFF budget="1009038.00 GBP" starts_on={today.year}-01-01 ends_on={ends_on}')
    programme.do(f'add organisation "The alliance" kind=csa country={noon.country} in_registry=yes')
    programme.do(f'add route now-route "Learning Route now" planned_visit={today + timedelta(days=80)}')
    programme.do("set route visit_start=+80d visit_end=+86d")
    programme.do('add delegation "The alliance"')
    programme.do("nudge go-live --yes")
    return programme


def add_traveller(programme: Programme, name: str) -> None:
    """Someone who is at work now joins the delegation."""
    noon = noon_now()
    programme.do(f'add person "{name}" {name}@example.org zone={noon.zone} country={noon.country}')
    programme.do(f"add participant {name}@example.org --of D1")


class Daemon:
    """`lrflow run` as a real process."""

    def __init__(self, programme: Programme, *words: str, **more: str) -> None:
        variables = {**os.environ, "LRFLOW_HOME": str(programme.home), "PYTHONPATH": str(ROOT), **more}
        command = [sys.executable, "-m", "lrflow", "run", *words]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        self.process = subprocess.Popen(command, env=variables, cwd=programme.home, text=True, **pipes)

    def begin(self) -> "Daemon":
        """Wait until it says that it sends."""
        line = self.process.stderr.readline()
        assert "lrflow sends for" in line, line + self.process.stderr.read()
        return self

    def end(self, sign: int | None = signal.SIGTERM) -> tuple[int, str]:
        """Send *sign* and wait; its exit code and what it said."""
        if sign is not None:
            self.process.send_signal(sign)
        out, err = self.process.communicate(timeout=30)
        return self.process.returncode, out + err


@pytest.fixture
def start(live: Programme) -> Iterator[Callable[..., Daemon]]:
    """Start `lrflow run` on the live route; whatever still runs at the end of the test is killed."""
    started: list[Daemon] = []

    def starting(*words: str, **more: str) -> Daemon:
        started.append(Daemon(live, *words, **more))
        return started[-1]

    yield starting
    for daemon in started:
        if daemon.process.poll() is None:
            daemon.process.kill()
            daemon.process.communicate()


def until(is_so: Callable[[], Any], seconds: float = 20) -> None:
    """Wait until *is_so*, and fail after *seconds*."""
    ends = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < ends, "it did not happen in time"
        time.sleep(0.02)


def readers(programme: Programme) -> list[str]:
    """The addresses of the drafts in the outbox."""
    letters = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in drafts(programme)]
    return sorted(letter["To"].addresses[0].addr_spec for letter in letters)


def drafts(programme: Programme) -> list[Path]:
    """The files in the outbox."""
    return sorted((programme.home / "outbox").glob("*.eml"))


def sender(programme: Programme) -> dict[str, Any]:
    """The row that says who sends."""
    return rows(programme.home, "SELECT * FROM sender")[0]


def test_the_daemon_drafts_what_is_due_and_what_comes_later_and_stops_when_told(live, start):
    add_traveller(live, "ana")
    daemon = start().begin()
    until(lambda: "ana@example.org" in readers(live))
    assert sender(live)["pid"] == daemon.process.pid

    add_traveller(live, "ben")
    until(lambda: "ben@example.org" in readers(live), seconds=10)
    started = time.monotonic()
    code, said = daemon.end()

    assert code == 0, said
    assert time.monotonic() - started < 10
    assert said.rstrip().endswith("stopped") and "Traceback" not in said
    assert sender(live)["beat_us"] == 0
    assert [row["state"] for row in rows(live.home, "SELECT state FROM nudge WHERE message_id IS NOT NULL")] == [
        "drafted"
    ] * len(drafts(live))


@pytest.mark.parametrize("signs", [(signal.SIGTERM, signal.SIGTERM), (signal.SIGINT, signal.SIGTERM, signal.SIGINT)])
def test_a_second_signal_does_not_disturb_the_stop(live, start, signs):
    daemon = start().begin()
    for sign in signs[:-1]:
        daemon.process.send_signal(sign)

    code, said = daemon.end(signs[-1])

    assert code == 0, said
    assert "Traceback" not in said
    assert sender(live)["beat_us"] == 0


@pytest.mark.requirement("A4")
def test_a_second_sender_says_who_sends_and_a_dead_one_is_followed_at_once(live, start):
    first = start().begin()
    for words in ((), ("--once",)):
        code, said = start(*words).end(sign=None)
        assert code == 6
        assert f"{socket.gethostname()} (process {first.process.pid}) sends for this programme since" in said
    assert sender(live)["pid"] == first.process.pid

    first.process.kill()
    first.process.wait()
    second = start().begin()

    assert sender(live)["pid"] == second.process.pid
    assert second.end()[0] == 0
    assert start("--once").end(sign=None)[0] == 0


DRIVEN = """
import os, sys, threading, time
from pathlib import Path
from lrflow import daemon
from lrflow.channels.smtp import SmtpAccess, SmtpChannel
from lrflow.database import Database
from lrflow.nudges import Mailer
from lrflow.channels.drafts import DraftsChannel

database = Database(Path(os.environ["LRFLOW_HOME"]) / "lrflow.db")
drafts = Mailer(DraftsChannel(database.path.parent / "outbox"), "SUN CSN", "route@example.org")
access = lambda port: SmtpAccess("127.0.0.1", int(port), "none", timeout_seconds=600)
silent = lambda port: Mailer(SmtpChannel(access(port)), "SUN CSN", "route@example.org")
say = lambda line: print(line, file=sys.stderr, flush=True)
"""
THREAD_DIES = """
from apscheduler.schedulers.background import BackgroundScheduler
whole = BackgroundScheduler._process_jobs
def dying(self):
    whole(self)
    raise SystemExit
BackgroundScheduler._process_jobs = dying
sys.exit(daemon.run(database, drafts, say))
"""
SWEEP_HANGS = """
daemon.DEAD_AFTER = 1
sys.exit(daemon.run(database, silent(sys.argv[1]), say))
"""


def driven(programme: Programme, script: str, *words: str) -> tuple[int, str]:
    """Run the daemon by a script; its exit code and what it said."""
    variables = {**os.environ, "LRFLOW_HOME": str(programme.home), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", DRIVEN + script, *words]
    ended = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=30)
    return ended.returncode, ended.stdout + ended.stderr


def test_a_daemon_whose_scheduler_died_ends_so_that_it_is_started_anew(live, start):
    code, said = driven(live, THREAD_DIES)

    assert code == 70, said
    assert "stands still" in said
    assert start().begin().end()[0] == 0


def test_a_daemon_whose_sweep_hangs_ends_and_its_message_waits_for_the_next(live, start):
    add_traveller(live, "ana")
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:  # it accepts, and never says a word
        code, said = driven(live, SWEEP_HANGS, str(silent.getsockname()[1]))

    assert code == 70, said
    start().begin()
    until(lambda: "ana@example.org" in readers(live))


@dataclass
class Manager:
    """A service manager's ear: a real datagram socket, in the file system or abstract."""

    ear: socket.socket
    address: str
    heard: list[tuple[float, str]] = field(default_factory=list)

    def hear(self) -> list[str]:
        """Everything it was told so far, assignment by assignment."""
        with suppress(BlockingIOError):
            while True:
                told, now = self.ear.recv(4096).decode(), time.monotonic()
                self.heard += [(now, line) for line in told.splitlines()]
        return [line for _, line in self.heard]

    def listen(self, until_ended: subprocess.Popen[str]) -> float:
        """Hear everything until a process has ended; when that was."""
        until(lambda: self.hear() and until_ended.poll() is not None, seconds=30)
        return time.monotonic()


@pytest.fixture(params=["a path", "an abstract name"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Manager]:
    """A service manager that listens."""
    address = f"@lrflow-test-{os.getpid()}" if "abstract" in request.param else f"/tmp/lrflow-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(address.replace("@", "\0", 1))
        ear.setblocking(False)
        yield Manager(ear, address)
    Path(address).unlink(missing_ok=True)


def test_a_service_manager_hears_that_the_sending_began_that_it_lives_how_it_fares_and_that_it_ends(
    live, start, manager
):
    add_traveller(live, "ana")
    daemon = start(NOTIFY_SOCKET=manager.address, WATCHDOG_USEC="2000000")
    until(lambda: "READY=1" in manager.hear())
    held_by, before = sender(live)["pid"], list(manager.hear())
    until(lambda: manager.hear().count("WATCHDOG=1") >= 3 and "ana@example.org" in readers(live), seconds=10)
    until(lambda: any("1 drafted" in line for line in manager.hear() if line.startswith("STATUS=")))
    code, said = daemon.end()

    assert (held_by, code) == (daemon.process.pid, 0), said
    assert "WATCHDOG=1" not in before and "STOPPING=1" not in manager.hear()[: len(before)]
    assert manager.hear()[-1] == "STOPPING=1" and manager.hear().count("READY=1") == 1
    assert f"STATUS=sends for {live.home / 'lrflow.db'}" in manager.hear()
    beats = [at for at, line in manager.heard if line == "WATCHDOG=1"]
    assert all(later - earlier < 2 for earlier, later in pairwise(beats))
    assert not any("example.org" in line for line in manager.hear())


@pytest.mark.parametrize(
    ("variables", "seconds"),
    [
        ({}, 0),
        ({"WATCHDOG_USEC": "600000000"}, 600),
        ({"WATCHDOG_USEC": "600000000", "WATCHDOG_PID": str(os.getpid())}, 600),
        ({"WATCHDOG_USEC": "600000000", "WATCHDOG_PID": "1"}, 0),
        ({"WATCHDOG_USEC": "soon"}, 0),
        ({"WATCHDOG_USEC": "-1"}, 0),
        ({"WATCHDOG_USEC": ""}, 0),
    ],
)
def test_a_watchdog_is_answered_only_when_it_watches_this_process(variables, seconds):
    assert service.Manager(variables).watches_every == seconds


SWEEP_HANGS_UNDER_A_WATCHDOG = """
daemon.QUIET_AFTER, daemon.DEAD_AFTER = 1, 4
sys.exit(daemon.run(database, silent(sys.argv[1]), say))
"""


@pytest.mark.parametrize("manager", ["a path"], indirect=True)
def test_a_sweep_that_hangs_is_no_sign_of_life_though_the_main_thread_lives(live, manager, monkeypatch):
    add_traveller(live, "ana")
    monkeypatch.setenv("NOTIFY_SOCKET", manager.address)
    monkeypatch.setenv("WATCHDOG_USEC", "1000000")
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:  # it accepts, and never says a word
        port = str(silent.getsockname()[1])
        command = [sys.executable, "-c", DRIVEN + SWEEP_HANGS_UNDER_A_WATCHDOG, port]
        variables = {**os.environ, "LRFLOW_HOME": str(live.home), "PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(command, env=variables, text=True, stderr=subprocess.PIPE)
        ended = manager.listen(process)
        said = process.communicate()[1]

    assert process.returncode == 70, said
    last_beat = max(at for at, line in manager.heard if line == "WATCHDOG=1")
    assert ended - last_beat > 2
    assert "STOPPING=1" not in manager.hear()


def full(address: str) -> socket.socket:
    """A socket at *address* that nobody reads, and that holds no more."""
    ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    ear.bind(address)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as telling, suppress(BlockingIOError):
        telling.setblocking(False)
        while True:
            telling.sendto(b"x", address)
    return ear


@pytest.mark.parametrize("address", ["/nowhere/notify", __file__, f"/{'x' * 200}", "@", "vsock:2:1", "relative", ""])
def test_a_notify_socket_that_is_broken_is_passed_over(address):
    manager = service.Manager({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "1"})

    manager.ready("sends")
    manager.alive()
    manager.status("nothing was due")
    manager.stopping()


@pytest.mark.parametrize("is_gone", [True, False])
def test_a_service_manager_that_is_gone_or_does_not_read_stops_nothing(is_gone, live, start, tmp_path):
    name = str(tmp_path / "notify")
    add_traveller(live, "ana")

    with nullcontext() if is_gone else closing(full(name)):
        daemon = start(NOTIFY_SOCKET=name, WATCHDOG_USEC="1000000").begin()
        until(lambda: "ana@example.org" in readers(live))
        code, said = daemon.end()

    assert code == 0, said
    assert "Traceback" not in said


@dataclass
class Office:
    """A programme that is ticked at instants handed in, through one mailer."""

    programme: Programme
    mailer: Mailer

    def tick(self, at: str) -> Ticked:
        """One tick of a fresh sender at *at* (UTC)."""
        return self.step(at, nudges.tick)

    def step(self, at: str, does: Callable[..., Any]) -> Any:
        """Do what a tick does, or a part of it."""
        now = datetime.fromisoformat(at).replace(tzinfo=UTC)
        database = Database(self.programme.home / "lrflow.db")
        holder = nudges.hold_sending(database, now)
        try:
            if does is nudges.tick:
                return does(database, self.mailer, holder, lambda: now)
            return does(database, self.mailer, now if does is nudges.assemble else lambda: now)
        finally:
            nudges.stop_sending(database, holder)
            database.close()

    def lines(self, rule: str = "", **where: Any) -> list[tuple[str, str | None]]:
        """State and reason of each nudge of *rule*, in order."""
        chosen = "".join(f" AND {name} = ?" for name in where)
        sql = f"SELECT state, reason FROM nudge WHERE rule = ? {chosen} ORDER BY number"
        return [(row["state"], row["reason"]) for row in rows(self.programme.home, sql, rule, *where.values())]

    def messages(self) -> list[tuple[str, str]]:
        """Day and state of each message, in order."""
        found = rows(self.programme.home, "SELECT local_on, state FROM message ORDER BY id")
        return [(row["local_on"], row["state"]) for row in found]


@pytest.fixture
def office(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Office]:
    """A live programme as *build* of `domain_routes` leaves it, with drafts."""

    def made(build: domain_routes.Build, live_on: str) -> Office:
        programme = domain_routes.copied(build, tmp_path_factory, tmp_path / "csn")
        programme.actor = domain_routes.COORDINATOR
        if live_on:
            programme.do("nudge go-live --yes", now=live_on)
        return Office(programme, Mailer(DraftsChannel(programme.home / "outbox"), "SUN CSN", "route@example.org"))

    return made


@pytest.fixture
def post() -> Iterator[Post]:
    """A real mail server on this machine."""
    with open_post() as opened:
        yield opened


@pytest.mark.requirement("A1", "H3")
def test_run_once_twice_at_the_same_instant_sends_nothing_more(office):
    programme = office(domain_routes.begun, "2016-04-20").programme
    first = programme.do("run --once", now="2016-04-21T10:00")
    before = dump(programme.home)

    second = programme.do("run --once --json", now="2016-04-21T10:00")

    assert "3 drafts written to" in first.out
    assert second.data["messages"] == 0 and second.data["ended"] == {}
    assert {name: found for name, found in dump(programme.home).items() if name != "sender"} == {
        name: found for name, found in before.items() if name != "sender"
    }
    assert len(drafts(programme)) == 3


@pytest.mark.requirement("S18")
def test_a_rehearsal_sends_nothing_and_closes_nothing(office):
    begun = office(domain_routes.begun, "")
    before = begun.lines("stage-due")

    result = begun.programme.do("run --once", now="2016-04-21T10:00")

    assert "REHEARSAL" in result.out
    assert set(begun.lines("stage-due")) == {("planned", None)} == set(before)
    assert begun.messages() == [] and drafts(begun.programme) == []


@pytest.mark.requirement("C2")
def test_after_an_outage_of_a_fortnight_each_person_gets_one_message_at_most(office):
    route = office(domain_routes.following, "2016-11-06")

    route.tick("2016-11-21 10:00")

    letters = Counter(readers(route.programme))
    assert set(letters.values()) == {1}
    assert len([reader for reader in letters if reader.startswith("v")]) == 24
    then = int(datetime(2016, 11, 21, 10, tzinfo=UTC).timestamp() * 1_000_000)
    left = rows(route.programme.home, "SELECT * FROM nudge WHERE due_us <= ?", then)
    assert {row["state"] for row in left} <= {"drafted", "suppressed", "expired", "cancelled"}
    assert all(row["reason"] for row in left if row["state"] != "drafted")
    route.tick("2016-11-21 11:00")
    assert Counter(readers(route.programme)) == letters


@pytest.fixture
def escalating(office) -> Office:
    """On 5 December nobody could be asked for the final plans, so on the 12th others are: of all eight plans."""
    route = office(domain_routes.following, "2016-12-04")
    route.tick("2016-12-05 10:00")
    for path in drafts(route.programme):
        path.unlink()
    return route


@pytest.mark.requirement("H1")
def test_many_nudges_of_a_day_are_one_message_to_each_person(escalating):
    route = escalating

    ticked = route.tick("2016-12-12 10:00")

    assert ticked.ended["drafted"] == len(drafts(route.programme)) == len(set(readers(route.programme)))
    carla = rows(route.programme.home, "SELECT id FROM person WHERE email = ?", domain_routes.COORDINATOR)[0]["id"]
    assert route.lines("final-plan-escalation", person=carla) == [("drafted", None)] * 8
    assert readers(route.programme).count(domain_routes.COORDINATOR) == 1


@pytest.mark.requirement("B1", "B5")
def test_a_plan_that_became_final_after_the_message_was_assembled_is_not_asked_for(escalating):
    route = escalating
    route.step("2016-12-12 10:00", nudges.assemble)
    assert ("assembled", None) in route.lines("final-plan-escalation", subject="A1")
    route.programme.do(
        'set A1 innovation="made up" adapted="made up" experience=E1 serves=SO1 themes=O2+O3 strategy_fit="made up"',
        now="2016-12-12T12:00",
    )
    route.programme.do("mark A1 final final_on=2016-12-12", now="2016-12-12T12:00")

    route.step("2016-12-12 10:05", nudges.deliver)

    assert set(route.lines("final-plan-escalation", subject="A1")) == {
        ("cancelled", "stop_condition"),
        ("suppressed", "no_recipient"),
    }
    assert ("drafted", None) in route.lines("final-plan-escalation", subject="A2")
    carla = next(file for file in drafts(route.programme) if "carla" in file.name)
    text = message_from_bytes(carla.read_bytes(), policy=policy.default).get_body(("plain",)).get_content()
    assert "Gardens 2" in text and "Gardens 1" not in text


@pytest.mark.requirement("B5")
def test_a_message_of_which_no_line_holds_any_more_is_dropped(office):
    route = office(domain_routes.following, "2016-11-06")
    route.step("2016-11-07 10:00", nudges.assemble)
    route.programme.do("mark Q1.0 answered answered_on=today", now="2016-11-07T12:01")

    ended = route.step("2016-11-07 10:05", nudges.deliver)

    assert ended["dropped"] == 3
    assert route.lines("survey", subject="Q1.0") == [("cancelled", "stop_condition")] * 3
    assert not {"v11@example.org", "v12@example.org", "v13@example.org"} & set(readers(route.programme))


def test_a_route_on_hold_is_silent_and_speaks_again_when_it_goes_on(office):
    route = office(domain_routes.begun, "2016-04-20")
    route.programme.do(f"hold --review 2016-05-20 {domain_routes.REASON}", now="2016-04-20")

    route.tick("2016-04-21 10:00")
    assert set(route.lines("stage-due")) == {("held", "paused")}
    assert drafts(route.programme) == []

    route.programme.do("resume", now="2016-04-26")
    route.tick("2016-04-26 10:00")
    assert route.lines("stage-due", local_on="2016-04-21") == [("drafted", None)] * 3


@pytest.mark.requirement("C4")
def test_a_route_put_on_hold_after_the_message_was_assembled_keeps_the_line_for_later(office):
    route = office(domain_routes.begun, "2016-04-20")
    route.step("2016-04-21 10:00", nudges.assemble)
    route.programme.do(f"hold --review 2016-05-20 {domain_routes.REASON}", now="2016-04-21T12:01")

    assert route.step("2016-04-21 10:05", nudges.deliver) == {"dropped": 3}
    assert set(route.lines("stage-due")) == {("held", "paused")}

    route.programme.do("resume", now="2016-04-22")
    route.tick("2016-04-22 10:00")
    assert route.lines("stage-due", local_on="2016-04-21") == [("drafted", None)] * 3


@pytest.mark.requirement("B2")
def test_a_line_follows_its_role_to_the_person_who_has_it_at_the_claim(office):
    route = office(domain_routes.begun, "2016-04-20")
    route.step("2016-04-21 10:00", nudges.assemble)
    route.programme.do('add person "Nora New" nora@example.org country=RW', now="2016-04-21T12:01")
    route.programme.do("set route facilitator=nora@example.org", now="2016-04-21T12:02")

    route.step("2016-04-21 10:05", nudges.deliver)
    route.tick("2016-04-21 10:06")

    assert "nora@example.org" in readers(route.programme)
    assert domain_routes.FACILITATOR not in readers(route.programme)
    assert route.lines("stage-due", local_on="2016-04-21") == [("drafted", None)] * 3


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("set felix@example.org opted_out=yes", "opted_out"),
        ("set felix@example.org email=", "no_reachable_channel"),
        ("person address felix@example.org dead", "no_reachable_channel"),
    ],
)
@pytest.mark.parametrize("when", ["before", "after the message was assembled"])
def test_who_cannot_or_will_not_be_reached_gets_nothing_and_the_reason_is_kept(office, line, reason, when):
    route = office(domain_routes.begun, "2016-04-20")
    felix = rows(route.programme.home, "SELECT id FROM person WHERE email = 'felix@example.org'")[0]["id"]
    if when != "before":
        route.step("2016-04-21 09:00", nudges.assemble)
    route.programme.do(line, now="2016-04-21T11:30")

    route.tick("2016-04-21 10:00")

    assert route.lines("stage-due", person=felix, local_on="2016-04-21") == [("suppressed", reason)]
    assert readers(route.programme) == [domain_routes.COORDINATOR, domain_routes.OWNER]


def test_a_role_that_nobody_has_falls_silent_with_the_reason(escalating):
    route = escalating

    route.tick("2016-12-12 10:00")

    focal = "SELECT state, reason FROM nudge WHERE role = 'focal_point' AND rule = 'final-plan-escalation'"
    assert {(row["state"], row["reason"]) for row in rows(route.programme.home, focal)} == {
        ("suppressed", "no_recipient")
    }


def carla_of(programme: Programme) -> list[str]:
    """The days on which Carla got a draft."""
    return [file.name[:10] for file in drafts(programme) if "carla" in file.name]


@pytest.fixture
def busy_week(office) -> Office:
    """Carla had two messages, on Monday and Thursday, and on Friday one about her papers is due."""
    route = office(domain_routes.begun, "2016-04-17")
    route.programme.do("set route visit_start=2016-07-15 visit_end=2016-07-21", now="2016-04-17")
    route.programme.do('add delegation "SUN Alliance Rwanda"', now="2016-04-17")
    route.programme.do("add participant carla@example.org --of D1", now="2016-04-17")
    route.tick("2016-04-18 10:00")
    route.tick("2016-04-21 10:00")
    assert carla_of(route.programme) == ["2016-04-18", "2016-04-21"]
    return route


def test_a_person_gets_two_messages_a_week_and_the_third_waits(busy_week):
    busy_week.tick("2016-04-22 10:00")
    assert busy_week.lines("travel-docs", local_on="2016-04-22") == [("planned", None)]
    assert len(carla_of(busy_week.programme)) == 2

    busy_week.tick("2016-04-25 10:00")

    assert busy_week.lines("travel-docs", local_on="2016-04-22") == [("drafted", None)]
    assert carla_of(busy_week.programme) == ["2016-04-18", "2016-04-21", "2016-04-25"]


def test_what_is_urgent_goes_beyond_the_two_of_a_week_and_takes_the_rest_along(busy_week):
    busy_week.programme.do(f"hold --review 2016-04-22 {domain_routes.REASON}", now="2016-04-21T13:00")

    busy_week.tick("2016-04-22 10:00")

    assert ("drafted", None) in busy_week.lines("hold-review")
    assert busy_week.lines("travel-docs", local_on="2016-04-22") == [("drafted", None)]
    assert carla_of(busy_week.programme) == ["2016-04-18", "2016-04-21", "2016-04-22"]


@pytest.mark.requirement("G1")
def test_nothing_leaves_at_night_or_on_a_day_off(office):
    route = office(domain_routes.begun, "2016-04-20")
    for instant in ("2016-04-21 05:59", "2016-04-21 06:59", "2016-04-21 16:00", "2016-04-23 10:00", "2016-04-24 10:00"):
        route.tick(instant)  # before the hours, before nine, at the end of the hours, Saturday, Sunday
        assert drafts(route.programme) == []

    route.tick("2016-04-25 07:00")

    assert len(drafts(route.programme)) == 3


@pytest.fixture
def mailed(office, post) -> Office:
    """A live route that owes three people a message by e-mail on 21 April 2016, from nine o'clock (07:00 UTC)."""
    route = office(domain_routes.begun, "2016-04-20")
    return Office(route.programme, mailing(post.port))


@pytest.mark.requirement("C4", "G1")
def test_a_message_put_off_by_the_server_waits_out_the_night_and_becomes_the_message_of_the_new_day(mailed, post):
    post.refusal = "451 greylisted, try again later"
    assert mailed.tick("2016-04-21 15:50").ended == {"retry": 3}
    post.refusal = ""

    assert mailed.tick("2016-04-21 16:10").ended == {"waiting": 3}  # ten past six where they live
    assert mailed.tick("2016-04-21 20:00").ended == {}
    assert post.taken == []

    assert mailed.tick("2016-04-22 06:59").ended == {}
    assert mailed.tick("2016-04-22 07:00").ended == {"sent": 3}
    assert mailed.messages() == [("2016-04-22", "sent")] * 3
    assert len(post.readers) == len(set(post.readers)) == 3


def test_a_message_that_waited_over_the_weekend_takes_along_what_is_due_by_then(mailed, post):
    post.refusal = "451 4.7.1 try again later"
    mailed.tick("2016-04-22 15:50")
    post.refusal = ""

    for instant in ("2016-04-23 10:00", "2016-04-24 10:00", "2016-04-25 06:30", "2016-04-25 07:00", "2016-04-25 10:00"):
        mailed.tick(instant)

    assert sorted(post.readers) == [domain_routes.COORDINATOR, domain_routes.FACILITATOR, domain_routes.OWNER]
    assert mailed.lines("stage-due", local_on="2016-04-21") == [("sent", None)] * 3
    monday = rows(
        mailed.programme.home, "SELECT state FROM nudge WHERE rule = 'weekly-digest' AND local_on = '2016-04-25'"
    )
    assert [row["state"] for row in monday] == ["sent"] * 2


@pytest.mark.requirement("S8")
def test_a_server_that_never_takes_a_message_makes_it_fail_and_says_why(mailed, post):
    post.refusal = "451 4.2.1 mailbox busy"
    at = datetime(2016, 4, 21, 7, tzinfo=UTC)
    while mailed.lines("stage-due", local_on="2016-04-21")[0][0] != "failed":
        mailed.tick(f"{at:%Y-%m-%d %H:%M}")
        at += timedelta(hours=1)
        assert at < datetime(2016, 4, 29, tzinfo=UTC), mailed.lines("stage-due")

    assert mailed.lines("stage-due", local_on="2016-04-21") == [("failed", None)] * 3
    listed = mailed.programme.do("nudge list --state failed --json", now="2016-04-29").data
    assert {each["reason"] for each in listed} == {"RCPT: 451 4.2.1 mailbox busy"}
    assert "could not be sent" in mailed.programme.do("status", now="2016-04-29").out


@pytest.mark.requirement("A8")
def test_an_address_that_does_not_exist_fails_alone_and_at_once(mailed, post):
    post.refusal = "550 5.1.1 no such user"

    assert mailed.tick("2016-04-21 10:00").ended == {"failed": 3}

    listed = mailed.programme.do("nudge list --state failed --json", now="2016-04-21").data
    assert {each["reason"] for each in listed} == {"RCPT: 550 5.1.1 no such user"}


def test_a_new_nudge_on_the_day_of_a_failed_message_goes_the_next_day(mailed, post):
    post.refusal = "554 5.5.0 transaction failed"
    mailed.tick("2016-04-21 08:00")
    post.refusal = ""
    mailed.programme.do("set route visit_start=2016-07-14 visit_end=2016-07-20", now="2016-04-21T11:00")
    mailed.programme.do('add delegation "SUN Alliance Rwanda"', now="2016-04-21T11:00")
    mailed.programme.do("add participant felix@example.org --of D1", now="2016-04-21T11:00")

    mailed.tick("2016-04-21 10:00")
    assert mailed.lines("travel-docs", local_on="2016-04-21") == [("planned", None)]

    mailed.tick("2016-04-22 10:00")
    assert mailed.lines("travel-docs", local_on="2016-04-21") == [("sent", None)]


@pytest.mark.requirement("C8")
def test_a_line_that_is_down_for_days_is_charged_to_nobody(office, post):
    route = office(domain_routes.begun, "2016-04-20")
    with closing(socket.create_server(("127.0.0.1", 0))) as closed:
        nobody = closed.getsockname()[1]
    down = Office(route.programme, mailing(nobody))
    for hours in range(0, 24 * 4, 3):
        at = datetime(2016, 4, 21, 7, tzinfo=UTC) + timedelta(hours=hours)
        assert down.tick(f"{at:%Y-%m-%d %H:%M}").ended.keys() <= {"retry", "waiting"}

    Office(route.programme, mailing(post.port)).tick("2016-04-25 10:00")

    assert route.lines("stage-due", local_on="2016-04-21") == [("sent", None)] * 3
    assert len(post.readers) == len(set(post.readers)) == 3


@pytest.mark.requirement("C8")
def test_a_refused_login_or_sender_stops_all_and_is_not_tried_again_for_half_an_hour(mailed, post):
    post.refusal = "530 5.7.0 authentication required"
    first = mailed.tick("2016-04-21 08:00")
    assert first.ended == {"paused": 1}

    now = datetime(2016, 4, 21, 8, 20, tzinfo=UTC)
    database = Database(mailed.programme.home / "lrflow.db")
    assert nudges.deliver(database, mailed.mailer, lambda: now) == {}
    database.close()
    post.refusal = ""
    again = mailed.tick("2016-04-21 08:21")  # a new process: its settings may be better

    assert again.ended == {"sent": 3}


def test_a_busy_database_at_the_last_moment_is_no_fault_of_the_message(mailed, post, monkeypatch):
    place, held = mailed.programme.home / "lrflow.db", []

    def locked_for_a_while(phase: str) -> None:  # from when the reader is named until the letter is taken back
        if phase == "RCPT" and not held:
            held.append(sqlite3.connect(place, isolation_level=None, check_same_thread=False))
            held[0].execute("BEGIN IMMEDIATE")
        elif phase == "RSET" and held:
            held[0].close()

    monkeypatch.setattr(connection, "BUSY_SECONDS", 0.2)
    monkeypatch.setattr(post, "_meet", locked_for_a_while)
    with pytest.raises(Busy):
        mailed.tick("2016-04-21 08:00")

    assert mailed.tick("2016-04-21 08:05").ended == {"sent": 3}
    assert len(post.readers) == len(set(post.readers)) == 3


def test_what_cannot_be_said_in_the_reader_s_language_is_held_and_said_later(office):
    route = office(domain_routes.begun, "2016-04-20")
    with closing(sqlite3.connect(route.programme.home / "lrflow.db")) as opened, opened:
        opened.execute("UPDATE person SET language = 'rw' WHERE email = 'felix@example.org'")

    assert route.tick("2016-04-21 08:00").ended == {"drafted": 2, "held": 1}
    listed = route.programme.do("nudge list --json", now="2016-04-21").data
    assert [each["reason"] for each in listed if each["state"] == "held"] == ["no_translation"]

    route.programme.do("set felix@example.org language=fr", now="2016-04-21T11:00")
    assert route.tick("2016-04-21 09:01").ended == {"drafted": 1}
    assert "felix@example.org" in readers(route.programme)


def test_commands_do_not_wait_while_a_slow_server_takes_a_message(mailed, post):
    post.holds = True
    child = forked(lambda say: void(mailed.tick("2016-04-21 10:00")))
    until(lambda: post.taken)

    mailed.programme.do("add person Guest guest@example.org", now="2016-04-21T12:00")

    assert len(post.taken) == 1  # the server still has not answered, so the sender is still inside DATA
    post.holds = False
    assert child.end().code == 0
    assert len(post.taken) == 3


def test_a_programme_left_alone_with_its_daemon_keeps_its_log_short(office, monkeypatch):
    monkeypatch.setattr(connection, "WAL_LIMIT", 64 * 1024)
    route = office(domain_routes.begun, "2016-04-20")
    database = Database(route.programme.home / "lrflow.db")
    now = datetime(2016, 4, 21, 8, tzinfo=UTC)
    holder = nudges.hold_sending(database, now)
    wal = route.programme.home / "lrflow.db-wal"
    longest = 0
    for _ in range(60):
        nudges.tick(database, route.mailer, holder, lambda: now)
        longest = max(longest, wal.stat().st_size)
        database.shorten_log()
        assert wal.stat().st_size <= 64 * 1024

    database.close()
    assert longest > 64 * 1024
