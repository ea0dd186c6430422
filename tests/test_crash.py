"""Nothing is half done: commands and ticks are killed at every write, and the disk is filled under them."""

import json
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path
from typing import Any

import domain_routes
import pytest
from post_office import Post, mailing, open_post
from processes import Say, difference, dump, forked, moments, mortal, rows, spread, twin, typing
from programme import Programme

from lrflow import nudges
from lrflow.channels.drafts import DraftsChannel
from lrflow.database import Database
from lrflow.errors import Busy, LrflowError
from lrflow.nudges import Mailer

ROOT = Path(__file__).parent.parent
Build = Callable[[Programme], None]


@pytest.fixture
def a_route(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Build], Programme]:
    """A programme as *build* of `domain_routes` leaves it, coordinated by Carla."""

    def made(build: Build) -> Programme:
        programme = domain_routes.copied(build, tmp_path_factory, tmp_path / "csn")
        programme.actor = domain_routes.COORDINATOR
        Path("people.csv").write_text(PEOPLE)
        return programme

    return made


def killed_everywhere(programme: Programme, line: str, code: int, most: int) -> None:
    """Kill `lrflow LINE` at each of its moments: all of it is there once COMMIT has returned, and nothing before."""
    before = dump(programme.home)
    whole = twin(programme, "whole")
    assert whole.run(line).code == code
    after = dump(whole.home)
    assert after != before
    for moment in spread(len(moments(typing(twin(programme, "counted"), line))), most):
        victim = twin(programme, "victim")

        ended = forked(mortal(typing(victim, line), moment)).end()

        assert ended.was_killed
        assert dump(victim.home) == (after if "committed" in ended.said else before), (line, moment)
        assert victim.run("status").code == 0
        if "committed" not in ended.said:
            assert victim.run(line).code == code
            assert dump(victim.home) == after, (line, moment)


COMMANDS = [
    pytest.param(domain_routes.selected, "advance", 0, id="advance"),
    pytest.param(domain_routes.begun, "advance", 3, id="blocked advance"),
    pytest.param(domain_routes.documenting, f"back identification {domain_routes.REASON}", 0, id="back"),
    pytest.param(domain_routes.selected, 'add experience "Fish ponds" areas=policy', 0, id="add"),
    pytest.param(domain_routes.documenting, "set route visit_start=2016-10-30 visit_end=2016-11-05", 0, id="set"),
    pytest.param(domain_routes.documenting, "mark K1-K3 validated", 0, id="mark"),
    pytest.param(domain_routes.begun, f"hold --review 2016-07-10 {domain_routes.REASON}", 0, id="hold"),
    pytest.param(domain_routes.documenting, "nudge go-live --yes", 0, id="nudge go-live"),
    pytest.param(domain_routes.selected, "attach E1 https://example.org/more --for innovation", 0, id="attach"),
    pytest.param(domain_routes.selected, "undo --yes", 0, id="undo"),
    pytest.param(domain_routes.begun, "import people.csv --yes", 0, id="import"),
    pytest.param(domain_routes.ready, f"replace P1 Ana ana@example.org {domain_routes.REASON}", 0, id="replace"),
    pytest.param(domain_routes.ready, f"postpone +2w {domain_routes.REASON} --yes", 0, id="postpone"),
]
PEOPLE = (
    "Name,Email,Alliance,Country\nAma Mensah,ama@example.org,Alliance Ghana,Ghana\nKofi,k@example.org,Alliance Ghana,\n"
)


@pytest.mark.parametrize(("build", "line", "code"), COMMANDS)
def test_a_command_killed_at_any_write_is_whole_or_did_not_happen(a_route, build, line, code):
    killed_everywhere(a_route(build), line, code, most=8)


@pytest.mark.slow
@pytest.mark.parametrize(("build", "line", "code"), COMMANDS)
def test_a_command_killed_at_every_single_write_is_whole_or_did_not_happen(a_route, build, line, code):
    killed_everywhere(a_route(build), line, code, most=10_000)


def test_a_blocked_advance_leaves_no_trace_but_its_log_entry(a_route):
    programme = a_route(domain_routes.begun)
    before = dump(programme.home)

    assert programme.run("advance").code == 3

    changed = difference(before, dump(programme.home))
    assert list(changed) == ["log"]
    (entry,) = rows(programme.home, "SELECT * FROM log ORDER BY id DESC LIMIT 1")
    assert len(changed["log"]) == 1
    assert (entry["verb"], entry["outcome"], entry["target"]) == ("advance", "blocked", None)
    assert json.loads(entry["findings"])


def test_a_busy_or_misused_command_leaves_no_trace_at_all(a_route):
    programme = a_route(domain_routes.begun)
    before = dump(programme.home)

    assert programme.run("advance --from follow_up").code == 6
    assert programme.run("back nowhere").code == 2
    assert programme.run("set E99 title=none").code == 4

    assert dump(programme.home) == before


KILLED = """
import os, signal, sys
import processes

dies_at, moment = int(sys.argv.pop(1)), 0

def before(sql):
    global moment
    if sql.lstrip().upper().startswith(processes.WRITES):
        if moment == dies_at:
            os.kill(os.getpid(), signal.SIGKILL)
        moment += 1

processes.watch(before)
from lrflow.__main__ import main
main()
"""


def test_a_real_process_killed_in_mid_write_leaves_no_trace(a_route, tmp_path):
    programme = a_route(domain_routes.selected)
    before = dump(programme.home)
    variables = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")]),
        "LRFLOW_HOME": str(programme.home),
        "LRFLOW_NOW": programme.now,
        "LRFLOW_AS": programme.actor,
    }
    for moment in (0, 5):
        ended = subprocess.run([sys.executable, "-c", KILLED, str(moment), "advance"], env=variables, cwd=tmp_path)

        assert ended.returncode == -signal.SIGKILL
        assert dump(programme.home) == before
    programme.do("advance")


def on_a_full_disk(programme: Programme, line: str, room: int) -> Callable[[Say], int]:
    """Work for a child: type *line* where no file may grow beyond *room* bytes."""

    def work(say: Say) -> int:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
        return typing(programme, line)(say)

    return work


@pytest.mark.parametrize("line", ["advance", 'add experience "Fish ponds"'])
@pytest.mark.parametrize("room", [0, 4096, 16384])
def test_a_file_that_cannot_grow_changes_nothing(a_route, line, room):
    programme = a_route(domain_routes.selected)
    before = dump(programme.home)

    ended = forked(on_a_full_disk(programme, line, room)).end()

    assert ended.code == 7, ended.said
    assert "nothing was changed" in ended.result.err
    assert dump(programme.home) == before
    programme.do(line)


def test_what_was_committed_stays_when_the_log_cannot_be_brought_into_the_file(a_route):
    programme = a_route(domain_routes.selected)

    ended = forked(on_a_full_disk(programme, "advance", 128 * 1024)).end()  # room for the log, none for the file

    assert ended.code == 0, ended.said
    assert programme.do("status --json").data["routes"][0]["stage"] == "systematization"


@contextmanager
def small_disk(place: Path) -> Iterator[Path]:
    """A file system of 4 MB, mounted at *place*."""
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place)], capture_output=True).returncode:
        pytest.skip("only root may mount a small disk")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(disk: Path, room: int) -> Path:
    """Leave *room* bytes free on *disk*; the file that takes the rest."""
    ballast = disk / "ballast"
    state = os.statvfs(disk)
    ballast.write_bytes(bytes(max(state.f_bavail * state.f_frsize - room, 0)))
    return ballast


def test_a_disk_that_fills_up_in_mid_command_loses_nothing(a_route, tmp_path):
    programme = a_route(domain_routes.selected)
    with small_disk(tmp_path / "disk") as disk:
        small = Programme(disk / "csn", now=programme.now, actor=programme.actor)
        shutil.copytree(programme.home, small.home)
        before = dump(small.home)
        for room in (0, 36864, 45056, 65536):
            ballast = fill(disk, room)

            result = small.run("advance")

            ballast.unlink()  # even reading needs room for a moment
            assert result.code == 7, result
            assert dump(small.home) == before
        small.do("advance")


DUE_AT = datetime(2016, 4, 21, 8, tzinfo=UTC)  # ten o'clock in Kigali and Blantyre, a Thursday
TODAY = "SELECT * FROM nudge WHERE rule = 'stage-due' AND local_on = '2016-04-21' ORDER BY number"


@pytest.fixture
def due(a_route) -> Programme:
    """A live route that owes a message to three people at `DUE_AT`."""
    programme = a_route(domain_routes.begun)
    programme.do("nudge go-live --yes", now="2016-04-20")
    programme.now = "2016-04-21T10:00"
    return programme


def ticking(programme: Programme, mailer: Mailer) -> Callable[[Say], int]:
    """Work for a child: what `lrflow run --once` does, at `DUE_AT`, through *mailer*."""

    def work(say: Say) -> int:
        database = Database(programme.home / "lrflow.db")
        holder = nudges.hold_sending(database, DUE_AT)
        nudges.tick(database, mailer, holder, lambda: DUE_AT)
        nudges.stop_sending(database, holder)
        database.close()
        return 0

    return work


def drafting(programme: Programme) -> Mailer:
    """A mailer that writes drafts into the outbox."""
    return Mailer(DraftsChannel(programme.home / "outbox"), "SUN CSN", "route@example.org")


def states(programme: Programme) -> list[str]:
    """The states of the three nudges."""
    return [row["state"] for row in rows(programme.home, TODAY)]


def first_message(passed: list[str]) -> list[int]:
    """The moments from the opening of the first message until it is closed, and a few of the others."""
    opened = next(n for n, sql in enumerate(passed) if sql.startswith('INSERT INTO "message"'))
    closed = next(n for n, sql in enumerate(passed) if "SET state = 'drafted'" in sql or "SET state = 'sent'" in sql)
    return sorted({0, 7, opened - 2, *range(opened, closed + 5), len(passed) - 4, len(passed) - 1})


def every_moment(passed: list[str]) -> list[int]:
    """All of them."""
    return list(range(len(passed)))


Choice = Callable[[list[str]], list[int]]


def draft_everything_although_killed(due: Programme, chosen: Choice) -> None:
    """Kill a tick at *chosen* moments, tick again: one draft for each person, whenever it was."""
    for moment in chosen(moments(ticking(counted := twin(due, "counted"), drafting(counted)))):
        victim = twin(due, "victim")
        assert forked(mortal(ticking(victim, drafting(victim)), moment)).end().was_killed
        assert set(states(victim)) <= {"planned", "assembled", "drafted"}, moment

        again = forked(ticking(victim, drafting(victim))).end()

        assert again.code == 0, again.said
        assert states(victim) == ["drafted"] * 3, moment
        files = sorted((victim.home / "outbox").iterdir())
        assert [file.suffix for file in files] == [".eml"] * 3, files
        assert len({message_from_bytes(file.read_bytes())["To"] for file in files}) == 3
        assert [row["state"] for row in rows(victim.home, "SELECT state FROM message")] == ["drafted"] * 3
        assert forked(ticking(victim, drafting(victim))).end().code == 0
        assert sorted((victim.home / "outbox").iterdir()) == files


def test_a_tick_killed_at_any_write_leaves_one_draft_for_each_person(due):
    draft_everything_although_killed(due, first_message)


@pytest.mark.slow
def test_a_tick_killed_at_every_single_write_leaves_one_draft_for_each_person(due):
    draft_everything_although_killed(due, every_moment)


@pytest.fixture
def post() -> Iterator[Post]:
    """A real mail server on this machine."""
    with open_post() as opened:
        yield opened


def assert_all_is_accounted_for(programme: Programme, post: Post) -> list[str]:
    """Never twice, never lost: each line is known to have left, or listed as unsure. The states."""
    assert set(post.counted.values()) <= {1}, post.counted
    found = states(programme)
    assert set(found) <= {"sent", "unsure"}, found
    assert found.count("unsure") <= 1
    assert found.count("sent") <= len(post.taken) <= 3
    messages = [row["state"] for row in rows(programme.home, "SELECT state FROM message ORDER BY id")]
    assert sorted(messages) == sorted(found)
    return found


def mail_everything_although_killed(due: Programme, post: Post, chosen: Choice) -> None:
    """Kill a tick at *chosen* moments, tick again: nobody gets two, and what may be lost is listed."""
    was_unsure = 0
    for moment in chosen(moments(ticking(twin(due, "counted"), mailing(post.port)))):
        victim = twin(due, "victim")
        post.taken.clear()
        assert forked(mortal(ticking(victim, mailing(post.port)), moment)).end().was_killed

        again = forked(ticking(victim, mailing(post.port))).end()

        assert again.code == 0, again.said
        found = assert_all_is_accounted_for(victim, post)
        was_unsure += settle(victim, post, found)
    assert was_unsure


def settle(victim: Programme, post: Post, found: list[str]) -> int:
    """What is unsure is listed, is not sent again by itself, and ends on a person's word."""
    if "unsure" not in found:
        return 0
    listed = victim.do("nudge list --state unsure --json").data
    assert len(listed) == 1
    assert "may or may not have arrived" in victim.do("status").out
    before = post.counted
    assert forked(ticking(victim, mailing(post.port))).end().code == 0
    assert states(victim) == found
    other = twin(victim, "other")
    victim.do(f"nudge confirm {listed[0]['id']}")
    other.do(f"nudge confirm {listed[0]['id']} --not-sent")
    assert "unsure" not in states(victim) and "failed" not in states(victim)
    assert states(other).count("failed") == 1
    for each in (victim, other):
        assert forked(ticking(each, mailing(post.port))).end().code == 0
    assert post.counted == before
    return 1


@pytest.mark.requirement("A1", "A3")
@pytest.mark.requirement("S6")
def test_a_tick_killed_at_any_write_sends_nothing_twice_and_loses_nothing_in_silence(due, post):
    mail_everything_although_killed(due, post, first_message)


@pytest.mark.slow
def test_a_tick_killed_at_every_single_write_sends_nothing_twice_and_loses_nothing_in_silence(due, post):
    mail_everything_although_killed(due, post, every_moment)


PHASES = {"MAIL": 0, "RCPT": 0, "LOST": 1, "DATA": 1}  # how many messages are unsure after a death there
Place = int | tuple[str, int]


def forty_places(due: Programme, post: Post) -> list[Place]:
    """Where a sender is killed: at each phase of each of three letters, and at 28 writes from the first claim on."""
    passed = moments(ticking(twin(due, "counted"), mailing(post.port)))
    claimed = next(n for n, sql in enumerate(passed) if "SET state = 'sending'" in sql) - 2
    writes = [claimed + n * (len(passed) - 1 - claimed) // 27 for n in range(28)]
    return [*((phase, number) for phase in PHASES for number in range(3)), *writes]


def kill_at(victim: Programme, post: Post, place: Place) -> None:
    """Let a sender of *victim* die at *place*."""
    if isinstance(place, int):
        assert forked(mortal(ticking(victim, mailing(post.port)), place)).end().was_killed
        return
    gate, opener = os.pipe()

    def waiting(say: Say) -> int:
        os.read(gate, 1)  # until the server knows whom to kill
        return ticking(victim, mailing(post.port))(say)

    child = forked(waiting)
    post.kills, post.victim = place, child.pid
    os.write(opener, b"!")
    assert child.end().was_killed
    post.victim = 0


def go_on_after_each_death(due: Programme, post: Post, places: list[Place]) -> None:
    """A new sender goes on: never lost, never twice, unsure exactly where a letter was begun without an answer."""
    for place in places:
        victim = twin(due, "victim")
        post.taken.clear()
        kill_at(victim, post, place)
        begun = rows(victim.home, "SELECT * FROM message WHERE state = 'sending' AND data_started_us IS NOT NULL")

        again = forked(ticking(victim, mailing(post.port))).end()

        assert again.code == 0, again.said
        found = assert_all_is_accounted_for(victim, post)
        assert found.count("unsure") == len(begun), place
        assert isinstance(place, int) or len(begun) == PHASES[place[0]], place
        if not isinstance(place, int) and place[0] == "DATA":
            settle(victim, post, found)


@pytest.mark.requirement("A1", "A2", "A3")
def test_a_sender_killed_here_and_there_is_followed_by_one_that_goes_on(due, post):
    go_on_after_each_death(due, post, forty_places(due, post)[::6])


@pytest.mark.slow
@pytest.mark.requirement("A1", "A2", "A3")
def test_a_sender_killed_at_each_of_forty_places_is_followed_by_one_that_goes_on(due, post):
    places = forty_places(due, post)
    assert len(set(places)) == 40
    go_on_after_each_death(due, post, places)


def failing(work: Callable[[Say], int], number: int) -> Callable[[Say], int]:
    """*work* in which statement *number* fails, counted from when the first letter was begun; it says if it came."""

    def broken(say: Say) -> int:
        connect, passed, is_begun = sqlite3.connect, -1, False

        class Broken(sqlite3.Connection):
            def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
                nonlocal passed, is_begun
                if passed >= 0:
                    passed += 1
                    if passed == number + 1:
                        say("failed")
                        raise sqlite3.OperationalError("disk I/O error")
                is_begun = is_begun or "SET data_started_us" in sql
                done = super().execute(sql, *values)
                if is_begun and sql == "COMMIT" and passed < 0:
                    passed = 0
                return done

        sqlite3.connect = lambda *places, **options: connect(*places, **options, factory=Broken)
        try:
            return work(say)
        except LrflowError as fault:
            say(fault.message)
            return 7

    return broken


def send_although_each_statement_fails(due: Programme, post: Post, most: int) -> int:
    """Fail each statement after the first letter was begun in turn; how many there were."""
    for number in range(most):
        victim = twin(due, "victim")
        post.taken.clear()
        ended = forked(failing(ticking(victim, mailing(post.port)), number)).end()
        if "failed" not in ended.said:
            return number

        again = forked(ticking(victim, mailing(post.port))).end()

        assert again.code == 0, again.said
        assert_all_is_accounted_for(victim, post)
        assert len(post.taken) == 3, number
    return most


@pytest.mark.requirement("A2")
def test_a_failure_to_write_down_that_a_letter_left_does_not_send_it_again(due, post):
    assert send_although_each_statement_fails(due, post, 8) == 8


@pytest.mark.slow
@pytest.mark.requirement("A2")
def test_no_statement_that_fails_after_the_first_letter_sends_one_again_or_loses_one(due, post):
    assert 20 < send_although_each_statement_fails(due, post, 1000) < 1000


@pytest.mark.requirement("A4")
def test_of_eight_who_send_at_once_one_sends_and_the_others_say_who(due, post):
    def sending(say: Say) -> int:
        try:
            return ticking(due, mailing(post.port))(say)
        except Busy as busy:
            say(busy.message)
            return 6

    post.holds = True
    children = {child.pid: child for child in (forked(sending) for _ in range(8))}
    while len(children) > 1:  # the one that is left waits for the server's answer
        pid = os.wait()[0]
        said = os.read(children.pop(pid).heard, 10_000).decode()
        assert "sends for this programme since 2016-04-21" in said
        told = int(said.partition("(process ")[2].partition(")")[0])
        assert told not in (pid, os.getpid())
    ((winner, child),) = children.items()
    post.holds = False

    assert told == winner
    assert child.end().code == 0
    assert states(due) == ["sent"] * 3
    assert sorted(post.counted.values()) == [1, 1, 1]
