"""Two people at once: one of them wins, the other is told, and no change is lost."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import domain_routes
import pytest
from processes import Child, Ended, Say, all_end, dump, forked, rows, twin, typing, watch
from programme import Programme, Result

from lrflow.database import connection

ROOT = Path(__file__).parent.parent
ANA, BEN = domain_routes.COORDINATOR, domain_routes.OWNER


@pytest.fixture
def a_route(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[domain_routes.Build], Programme]:
    """A programme as *build* of `domain_routes` leaves it."""
    return lambda build: domain_routes.copied(build, tmp_path_factory, tmp_path / "csn")


@contextmanager
def writing(programme: Programme) -> Iterator[Child]:
    """Another process holds the write lock, with a change that it takes back at the end."""
    gate, opener = os.pipe()

    def holding(say: Say) -> int:
        with closing(sqlite3.connect(programme.home / "lrflow.db", isolation_level=None)) as held:
            held.execute("BEGIN IMMEDIATE")
            held.execute("UPDATE route SET title = 'not yet'")
            say("held")
            os.read(gate, 1)
            held.execute("ROLLBACK")
        return 0

    # In a process of its own: a child forked from the one that holds a lock of SQLite's would believe it holds it too.
    child = forked(holding)
    assert child.hear() == "held"
    try:
        yield child
    finally:
        os.write(opener, b"!")
        child.end()
        os.close(gate)
        os.close(opener)


def until_it_asks(programme: Programme, line: str, actor: str) -> Child:
    """A child that types *line*, as soon as it asks for the write lock: what it looked at before is read."""

    def work(say: Say) -> int:
        watch(lambda sql: say("asks") if sql == "BEGIN IMMEDIATE" else None)
        return typing(programme, line, actor)(say)

    child = forked(work)
    assert child.hear() == "asks"
    return child


def at_once(programme: Programme, *typed: tuple[str, str]) -> list[Ended]:
    """Type each (line, actor) in a process of its own; all have read before any of them may write."""
    with writing(programme):
        children = [until_it_asks(programme, line, actor) for line, actor in typed]
    return all_end(children)


def results(ended: list[Ended]) -> list[Result]:
    """What they printed, the one that succeeded first."""
    return sorted((each.result for each in ended), key=lambda result: result.code)


@pytest.mark.parametrize("actors", [(ANA, BEN), (ANA, ANA)], ids=["two coordinators", "one coordinator twice"])
def test_of_two_who_advance_at_once_one_wins_and_the_other_is_told_by_whom(a_route, actors):
    template = a_route(domain_routes.selected)
    names = {ANA: "Carla Ruiz", BEN: "Grace Phiri"}
    for _ in range(10):
        programme = twin(template, "race")

        won, lost = results(at_once(programme, *(("advance", actor) for actor in actors)))

        assert (won.code, lost.code) == (0, 6), (won, lost)
        (done,) = rows(programme.home, "SELECT * FROM log WHERE verb = 'advance' AND target = 'systematization'")
        winner = rows(programme.home, "SELECT name FROM person WHERE id = ?", done["actor"])[0]["name"]
        assert winner in {names[actor] for actor in actors}
        assert f"was moved to Systematization by {winner} 0 seconds ago (L{done['number']})" in lost.err
        assert "nothing was changed" in lost.err and "lrflow advance --from systematization" in lost.err
        alone = twin(template, "alone")
        alone.do("advance", actor=actors[0] if winner == names[actors[0]] else actors[1])
        assert dump(programme.home) == dump(alone.home)


def test_two_real_processes_that_advance_move_the_route_once(a_route, tmp_path):
    programme = a_route(domain_routes.selected)
    variables = {**os.environ, "LRFLOW_HOME": str(programme.home), "LRFLOW_NOW": programme.now}
    variables["PYTHONPATH"] = str(ROOT)
    command = [sys.executable, "-m", "lrflow", "advance", "--as"]
    with writing(programme):
        both = [subprocess.Popen([*command, each], env=variables, cwd=tmp_path) for each in (ANA, BEN)]
    codes = sorted(each.wait(timeout=60) for each in both)

    assert codes == [0, 6]
    assert len(rows(programme.home, "SELECT * FROM log WHERE verb = 'advance' AND source = 'identification'")) == 1


def test_whoever_comes_minutes_later_is_told_who_moved_the_route_and_may_insist(a_route):
    programme = a_route(domain_routes.selected)
    programme.do("advance", actor=ANA, now="2016-06-10T09:00")
    before = dump(programme.home)

    late = programme.run("advance", actor=BEN, now="2016-06-10T09:03")

    assert late.code == 6
    assert "by Carla Ruiz 3 minutes ago" in late.err
    assert dump(programme.home) == before
    assert programme.run("advance --from systematization", actor=BEN, now="2016-06-10T09:04").code == 3
    assert programme.run("advance", actor=BEN, now="2016-06-10T09:20").code == 3


def test_four_who_add_participants_at_once_lose_none_and_share_no_id(a_route):
    programme = a_route(domain_routes.training)
    programme.do('add organisation "Alliance MW" kind=csa country=MW in_registry=yes')
    programme.do('add delegation "Alliance MW"')
    before = rows(programme.home, "SELECT max(number) AS last FROM log WHERE route_id IS NOT NULL")[0]["last"]

    def adding(which: int) -> Callable[[Say], int]:
        def work(say: Say) -> int:
            lines = (f'add participant "Visitor {which}{n}" v{which}{n}@example.org --of D1' for n in range(6))
            return max(programme.run(line, actor=ANA).code for line in lines)

        return work

    with writing(programme):
        children = [forked(adding(which)) for which in range(4)]
    ended = all_end(children)

    assert [each.code for each in ended] == [0] * 4, ended
    found = rows(programme.home, "SELECT key, number, person FROM participant ORDER BY number")
    assert [row["key"] for row in found] == [f"P{number}" for number in range(1, 25)]
    assert len({row["person"] for row in found}) == 24
    entries = rows(programme.home, "SELECT number, previous, hash FROM log WHERE route_id IS NOT NULL ORDER BY number")
    assert [row["number"] for row in entries] == list(range(1, len(entries) + 1))
    assert len(entries) - before >= 24
    assert [row["previous"] for row in entries[1:]] == [row["hash"] for row in entries[:-1]]


def test_who_reads_while_another_writes_is_answered_at_once_from_before(a_route):
    programme = a_route(domain_routes.selected)
    with writing(programme):
        started = time.monotonic()
        status = programme.do("status --json").data
        listed = programme.do("list experience --json").data
        checked = programme.run("check")
        seconds = time.monotonic() - started

    assert status["routes"][0]["title"] == "Learning Route in Rwanda"
    assert len(listed["rows"] if isinstance(listed, dict) else listed) == 3
    assert checked.code == 0
    assert seconds < 5


def test_a_mark_and_an_edit_that_undoes_its_ground_never_both_hold(a_route):
    template = a_route(domain_routes.documenting)
    orders = set()
    for _ in range(6):
        programme = twin(template, "race")

        marked, edited = at_once(programme, ("mark K1 validated", ANA), ('set K1 lessons=""', ANA))

        case = rows(programme.home, "SELECT state, lessons FROM \"case\" WHERE key = 'K1'")[0]
        orders.add((marked.code, edited.code))
        assert (case["state"], case["lessons"] is None) in {("validated", False), ("drafted", True)}, case
    assert all(0 in codes for codes in orders)


def test_edits_of_one_record_at_once_are_all_kept(a_route):
    programme = a_route(domain_routes.selected)
    fields = {"title": "A new title", "owner": "The mothers", "place": "Nyanza", "areas": "policy"}

    ended = at_once(programme, *((f'set E1 {name}="{value}"', ANA) for name, value in fields.items()))

    assert [each.code for each in ended] == [0] * 4, [each.said for each in ended]
    (experience,) = rows(programme.home, "SELECT * FROM experience WHERE key = 'E1'")
    assert (experience["title"], experience["owner"]) == ("A new title", "The mothers")
    assert (experience["place"], experience["areas"]) == ("Nyanza", '["policy"]')


def held_up(programme: Programme, seconds: float) -> Callable[[Say], int]:
    """Work for a child: advance, with *seconds* of patience instead of thirty."""

    def work(say: Say) -> int:
        connection.BUSY_SECONDS = seconds
        return typing(programme, "advance", ANA)(say)

    return work


def test_a_writer_who_holds_the_lock_too_long_is_told_of_and_nothing_changes(a_route):
    programme = a_route(domain_routes.selected)
    before = dump(programme.home)
    with writing(programme):
        ended = forked(held_up(programme, 0.3)).end()

    assert ended.code == 6
    assert "someone else is writing" in ended.result.err and "nothing was changed" in ended.result.err
    assert dump(programme.home) == before
    programme.do("advance", actor=ANA)


@pytest.mark.slow
def test_a_command_waits_half_a_minute_for_the_lock_before_it_gives_up(a_route):
    programme = a_route(domain_routes.selected)
    started = time.monotonic()
    with writing(programme):
        ended = until_it_asks(programme, "advance", ANA).end()

    assert ended.code == 6
    assert 29 < time.monotonic() - started < 45


def test_a_lock_of_a_process_that_was_killed_is_nobody_s(a_route):
    programme = a_route(domain_routes.selected)

    with writing(programme) as child:
        os.kill(child.pid, signal.SIGKILL)

    programme.do("advance", actor=ANA)

    assert programme.do("status --json").data["routes"][0]["title"] == "Learning Route in Rwanda"
