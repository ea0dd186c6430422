"""What is paused waits until the last day, is never lost, and is listed as long as it holds."""

import os
import shutil
from datetime import date
from pathlib import Path

import pytest
from domain_routes import COORDINATOR, FACILITATOR, OWNER, copied, following
from processes import dump, rows
from programme import Programme
from small_facts import facts, record

from lrflow.planner.quiet import NOTHING, OptOut, Pause, Quiet, opted_out, paused

NOW = "2016-12-09T15:00"  # a Friday
REASON = "--reason floods"


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Programme:
    """V11 has A1.1 and V21 has A2.1, each due on 26 December: reminded on Monday 12 and on 23 December."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("LRFLOW_")]:
            patch.delenv(name)
        programme = copied(following, tmp_path_factory, tmp_path_factory.mktemp("pausing") / "csn")
        programme.actor = OWNER
        programme.do("nudge go-live --yes")
        for plan in (1, 2):
            programme.do(f"add action 'Meet the ministry' --of A{plan} person=v{plan}1@example.org due=2016-12-26")
    return programme


@pytest.fixture
def waiting(lived: Programme, tmp_path: Path) -> Programme:
    """The same in a folder of the test's own."""
    shutil.copytree(lived.home, tmp_path / "csn")
    return Programme(tmp_path / "csn", now=lived.now, actor=OWNER)


def states(programme: Programme, rule: str = "action-due-soon") -> dict[tuple[str, str], str]:
    """How each nudge of *rule* stands, by what it is about and its day."""
    sql = f"SELECT subject, local_on, state, reason FROM nudge WHERE rule = '{rule}' ORDER BY id"
    return {
        (row["subject"], row["local_on"][5:]): f"{row['state']} {row['reason'] or ''}".strip()
        for row in rows(programme.home, sql)
    }


HELD, FREE = "held paused", "planned"
FIRST, SECOND = ("A1.1", "12-12"), ("A1.1", "12-23")
OTHER = ("A2.1", "12-13")  # the twelfth is a holiday in Tanzania


@pytest.mark.requirement("S16")
@pytest.mark.parametrize(
    ("what", "held"),
    [
        ("route", {FIRST, OTHER}),
        ("D1", {FIRST}),
        ("A1", {FIRST}),
        ("A1.1", {FIRST}),
        ("person v11@example.org", {FIRST}),
        ("rule action-due-soon", {FIRST, OTHER}),
        ("rule check-in", set()),
        ("D3", set()),
    ],
)
def test_a_pause_holds_what_it_names_and_nothing_else_until_its_last_day(waiting: Programme, what, held) -> None:
    waiting.do(f"pause {what} --until 2016-12-22 {REASON}", now=NOW)

    found = states(waiting)

    assert {place for place, state in found.items() if state == HELD} == held
    assert {state for place, state in found.items() if place not in held} == {FREE}


@pytest.mark.requirement("S16")
@pytest.mark.parametrize(("until", "second"), [("2016-12-22", FREE), ("2016-12-23", HELD)])
def test_the_day_named_is_the_last_day_of_silence(waiting: Programme, until: str, second: str) -> None:
    waiting.do(f"pause A1 --until {until} {REASON}", now=NOW)

    assert states(waiting)[SECOND] == second


@pytest.mark.requirement("S16", "C4")
def test_afterwards_what_waited_is_looked_at_as_after_an_outage(waiting: Programme) -> None:
    waiting.do(f"pause route --until 2016-12-23 {REASON}", now=NOW)

    waiting.do("run --once", now="2016-12-13T12:00")
    during = states(waiting)
    waiting.do("run --once", now="2016-12-28T12:00")
    after = states(waiting)

    assert (during[FIRST], during[SECOND]) == (HELD, HELD)
    assert after[FIRST] == "expired superseded"  # the newer one speaks
    assert after[SECOND].startswith(("drafted", "assembled", "planned"))


@pytest.mark.requirement("S16")
def test_what_is_too_late_afterwards_stays_silent_with_the_reason(waiting: Programme) -> None:
    waiting.do(f"pause route --until 2017-01-20 {REASON}", now=NOW)

    waiting.do("run --once", now="2017-01-23T12:00")

    assert states(waiting)[SECOND] == "expired too_late"


@pytest.mark.requirement("S16")
def test_a_pause_that_ends_earlier_lets_everything_go(waiting: Programme) -> None:
    before = states(waiting)
    waiting.do(f"pause route {REASON}", now=NOW)

    told = waiting.do("pause end route", now=NOW)

    assert "go their way again" in told.out
    assert states(waiting) == before


@pytest.mark.requirement("S16", "H4")
def test_a_pause_of_the_route_holds_neither_the_monday_page_nor_what_is_told(waiting: Programme) -> None:
    waiting.do(f"pause route {REASON}", now=NOW)
    waiting.do(f"tell {COORDINATOR} --subject Hello --text 'the fair is over' --yes", now=NOW)

    assert states(waiting, "weekly-digest")[("route", "12-12")] == FREE
    assert set(states(waiting, "told").values()) == {FREE}


@pytest.mark.requirement("S16")
def test_the_pause_of_a_person_holds_on_every_route_and_for_everything(waiting: Programme) -> None:
    waiting.do("add route kenya-2017 Kenya planned_visit=2017-06")
    waiting.do(f"-r kenya-2017 set route coordinator={COORDINATOR}")
    waiting.do("-r kenya-2017 nudge go-live --yes")
    waiting.do(f"-r rwanda-2016 tell {COORDINATOR} --subject Hello --text 'the fair is over' --yes", now=NOW)

    waiting.do(f"-r rwanda-2016 pause person {COORDINATOR} {REASON}", now=NOW)

    sql = "SELECT DISTINCT route_id, state FROM nudge WHERE person = 2 AND state IN ('planned', 'held') ORDER BY 1"
    assert rows(waiting.home, sql) == [{"route_id": 1, "state": "held"}, {"route_id": 2, "state": "held"}]
    listed = waiting.do("-r kenya-2017 pause list --json", now=NOW).data
    assert [(each["words"], each["everywhere"], each["until"]) for each in listed] == [("Carla Ruiz", True, None)]


@pytest.mark.requirement("S16")
def test_whoever_joins_what_is_paused_waits_too(waiting: Programme) -> None:
    waiting.do(f"pause D1 {REASON}", now=NOW)

    waiting.do("add action 'Write a brief' --of A1 person=v12@example.org due=2016-12-27", now=NOW)

    assert {state for (subject, _), state in states(waiting).items() if subject == "A1.2"} == {HELD}


@pytest.mark.requirement("S16")
def test_a_pause_is_listed_with_its_reason_until_it_is_over(waiting: Programme) -> None:
    waiting.do(f"pause D1 --until 2016-12-22 {REASON}", now=NOW)
    waiting.do("pause rule check-in --reason 'the form is redone'", now=NOW)

    during = waiting.do("status", now=NOW).out
    listed = waiting.do("pause list", now=NOW).out.splitlines()
    after = waiting.do("status", now="2016-12-23").out

    assert "paused: D1 until 2016-12-22, the rule check-in without an end. Next: lrflow pause list" in during
    assert listed[1:] == [
        "D1\tthis route\t2016-12-22\tfloods",
        "the rule check-in\tthis route\tno end\tthe form is redone",
    ]
    assert "paused: the rule check-in without an end" in after


def test_a_second_pause_of_the_same_replaces_the_first(waiting: Programme) -> None:
    waiting.do(f"pause A1 --until 2016-12-22 {REASON}", now=NOW)
    waiting.do(f"pause A1 --until 2016-12-23 {REASON}", now=NOW)

    assert [each["until"] for each in waiting.do("pause list --json", now=NOW).data] == ["2016-12-23"]
    waiting.do("pause end A1", now=NOW)
    assert waiting.do("pause list", now=NOW).out == "nothing is paused\n"


@pytest.mark.requirement("S16")
def test_a_pause_is_in_the_log_of_the_route_and_a_persons_in_the_programmes(waiting: Programme) -> None:
    waiting.do(f"pause D1 --until 2016-12-22 {REASON}", now=NOW)
    waiting.do(f"pause person {COORDINATOR} {REASON}", now=NOW)
    waiting.do("pause end D1", now=NOW)

    found = rows(waiting.home, "SELECT route_id, verb, subject, reason FROM log ORDER BY id DESC LIMIT 3")
    assert [tuple(each.values()) for each in reversed(found)] == [
        (1, "pause", "D1", "floods"),
        (None, "pause", "person:2", "floods"),
        (1, "end-pause", "D1", ""),
    ]


def test_the_way_back_of_a_pause_is_said_where_undo_is_tried(waiting: Programme) -> None:
    told = waiting.do(f"pause D1 {REASON}", now=NOW)

    refused = waiting.run("undo --yes", now=NOW)

    assert "Next: lrflow pause end D1" in told.out
    assert (refused.code, "lrflow pause end" in refused.err) == (3, True)


def test_a_dry_run_says_how_much_would_wait_and_changes_nothing(waiting: Programme) -> None:
    before = dump(waiting.home)

    told = waiting.do(f"pause A1.1 --until 2016-12-22 {REASON} -n", now=NOW)

    assert told.out.startswith("A1.1 would be paused on rwanda-2016 until Thursday 22 December 2016, the last day")
    assert "1 nudge waits" in told.out
    assert dump(waiting.home) == before


@pytest.mark.parametrize(
    ("line", "code", "says"),
    [
        ("pause", 2, "WHAT"),
        ("pause route", 2, "say why"),
        (f"pause route --until 2016-12-08 {REASON}", 2, "is over"),
        (f"pause route --until soon {REASON}", 2, "is not a day"),
        (f"pause route now {REASON}", 2, "cannot be paused"),
        (f"pause person {REASON}", 2, "cannot be paused"),
        (f"pause rule chek-in {REASON}", 4, "check-in"),
        (f"pause A {REASON}", 2, "pause one at a time"),
        (f"pause A99 {REASON}", 4, "there is no A99"),
        (f"pause person nobody@example.org {REASON}", 4, "there is no person"),
        ("pause end D1", 4, "D1 is not paused"),
        ("pause end", 2, "say why"),
        ("pause end route --until 2016-12-20", 2, "it takes no day"),
        ("pause list --until 2016-12-20", 2, "takes no day"),
    ],
)
def test_what_cannot_be_paused_is_refused_and_changes_nothing(waiting, line, code, says) -> None:
    before = dump(waiting.home)

    refused = waiting.run(line, now=NOW)

    assert (refused.code, says in refused.err) == (code, True), refused
    assert dump(waiting.home) == before


def test_only_who_may_let_messages_go_may_pause_them(waiting: Programme) -> None:
    refused = waiting.run(f"pause route {REASON}", actor=FACILITATOR, now=NOW)

    assert (refused.code, "may not pause messages" in refused.err) == (3, True)


# ------------------------------------------------------------------------------------------------ the pure parts of it

KNOWN = facts(
    record("delegation", "D1"),
    record("plan", "A1", delegation="D1"),
    record("action", "A1.1", plan="A1"),
    record("action", "A11.1", plan="A11"),
)
ACTION = KNOWN.find("action", "A1.1")
DAY = date(2016, 12, 12)


@pytest.mark.requirement("S16")
@pytest.mark.parametrize(
    ("what", "is_so"),
    [
        *(("route", True), ("A1.1", True), ("A1", True), ("D1", True), ("person:7", True), ("rule:soon", True)),
        *(("A11", False), ("A1.2", False), ("person:70", False), ("rule:soo", False)),
    ],
)
def test_a_pause_concerns_what_hangs_on_what_it_names(what: str, is_so: bool) -> None:
    quiet = Quiet((Pause(what, DAY),), ())

    assert paused(quiet, "soon", "A1.1", ACTION, 7, KNOWN, DAY) is is_so
    assert not paused(NOTHING, "soon", "A1.1", ACTION, 7, KNOWN, DAY)


def test_a_guards_nudge_is_about_the_record_that_is_missing() -> None:
    quiet = Quiet((Pause("K3", None),), (OptOut(7, "K3"),))

    assert paused(quiet, "guard-missing", "case-complete/K3", KNOWN.route, 7, KNOWN, DAY)
    assert not paused(quiet, "guard-missing", "case-complete/K30", KNOWN.route, 7, KNOWN, DAY)
    assert opted_out(quiet, "case-complete/K3", 7, KNOWN.route, KNOWN)
    assert not opted_out(quiet, "case-complete/K3", 8, KNOWN.route, KNOWN)


@pytest.mark.requirement("S15")
def test_silence_on_the_route_is_one_persons() -> None:
    quiet = Quiet((), (OptOut(7),))

    assert opted_out(quiet, "A1.1", 7, ACTION, KNOWN)
    assert not opted_out(quiet, "A1.1", 8, ACTION, KNOWN)
    assert not opted_out(quiet, "A1.1", None, ACTION, KNOWN)
