"""Who gets what: every cell of the one table that decides, on a real route; and those who asked for silence."""

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from domain_routes import COORDINATOR, FACILITATOR, OWNER, copied, following
from processes import dump, rows
from programme import Programme

from lrflow import store
from lrflow.commands.helping import topic
from lrflow.database import Database
from lrflow.planner import REASONS
from lrflow.planner.reaching import DEPUTY, HELD, MATRIX, MESSAGES, SEND, SUCCESSOR

NOW = "2016-12-09T15:00"  # a Friday; on Monday a reminder, something told and the digest are due to the coordinator
MONDAY = "2016-12-12T12:00"
REMINDER = "action-due-soon"
RULES = {"reminder": REMINDER, "told": "told", "digest": "weekly-digest"}
STANDING = {
    "succeeded": f"person leave {COORDINATOR} --on 2016-12-10 --successor {FACILITATOR} --reason 'new post'",
    "left": f"person leave {COORDINATOR} --on 2016-12-10 --reason 'new post'",
    "away": f"away {COORDINATOR} --until 2016-12-20 --deputy {FACILITATOR}",
    "opted_out": f"person opt-out {COORDINATOR} --via reply",
    "opted_out_route": f"person opt-out {COORDINATOR} --on-route --via reply",
    "opted_out_item": f"person opt-out {COORDINATOR} --of A1.1 --via reply",
    "no_address": f"set person {COORDINATOR} email=",
    "dead": f"person address {COORDINATOR} dead",
    "paused": f"pause person {COORDINATOR} --reason bereaved",
    "suspect": "",
    "good": "status",
}


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Programme:
    """The coordinator is owed a reminder about A1.1, something told and the digest, all on Monday 12 December."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("LRFLOW_")]:
            patch.delenv(name)
        programme = copied(following, tmp_path_factory, tmp_path_factory.mktemp("reaching") / "csn")
        programme.actor = OWNER
        programme.do("nudge go-live --yes")
        programme.do(f"add action 'Meet the ministry' --of A1 person={COORDINATOR} due=2016-12-26")
        programme.do(f"tell {COORDINATOR} --subject Hello --text 'the fair is over' --yes", now=NOW)
    return programme


@pytest.fixture
def owed(lived: Programme, tmp_path: Path) -> Programme:
    """The same in a folder of the test's own."""
    shutil.copytree(lived.home, tmp_path / "csn")
    return Programme(tmp_path / "csn", now=lived.now, actor=OWNER)


def full_mailbox(programme: Programme) -> None:
    """Three times in a row, over eight days, the mailbox was full."""
    database = Database(programme.home / "lrflow.db")
    for day in (1, 4, 9):
        with database.begin(write=True) as unit:
            moment = datetime(2016, 12, day, 9, tzinfo=UTC)
            store.address_refused(unit, COORDINATOR, hard=False, detail="452 4.2.2 mailbox full", now=moment)
    database.close()


def became(programme: Programme, rule: str) -> tuple[str, str | None, str | None]:
    """State, reason and reader of what *rule* had for the coordinator on that Monday."""
    sql = f"""SELECT state, reason, person.name FROM nudge LEFT JOIN person ON person.id = nudge.person
              WHERE rule = '{rule}' AND local_on = '2016-12-12' AND role NOT LIKE '%#2' ORDER BY seq DESC LIMIT 1"""
    (found,) = rows(programme.home, sql)
    return found["state"], found["reason"], found["name"]


def expected(cell: str) -> tuple[str, str | None, str | None]:
    readers = {SEND: "Carla Ruiz", SUCCESSOR: "Felix Soto", DEPUTY: "Felix Soto"}
    if cell in readers:
        return "drafted", None, readers[cell]
    return ("held", "paused", "Carla Ruiz") if cell == HELD else ("suppressed", cell, "Carla Ruiz")


@pytest.mark.requirement("J1", "J3", "J7", "L4", "S15", "S16")
@pytest.mark.parametrize("standing", MATRIX)
def test_every_row_of_the_table_is_what_happens_on_a_route(owed: Programme, standing: str) -> None:
    owed.do(STANDING[standing], now=NOW) if STANDING[standing] else full_mailbox(owed)

    owed.do("run --once", now=MONDAY)

    seen = {kind: became(owed, RULES[kind]) for kind in MESSAGES}
    wanted = {kind: expected(MATRIX[standing].of(kind)) for kind in MESSAGES}
    if standing == "left":  # there is no reader any more
        wanted = {kind: (state, reason, None) for kind, (state, reason, _) in wanted.items()}
    assert seen == wanted
    said = owed.do("status --json", now=MONDAY).data["routes"][0]
    assert ("Carla Ruiz" in {each["name"] for each in (*said["calls"], *said["addresses"])}) == MATRIX[standing].calls


@pytest.mark.requirement("J1")
def test_the_help_page_is_made_from_the_table() -> None:
    page = topic("reach")

    assert [each.says for each in MATRIX.values() if each.says not in page] == []
    assert "{" not in page


def test_every_cell_of_the_table_is_a_way_or_a_reason_that_has_a_sentence() -> None:
    cells = {each.of(kind) for each in MATRIX.values() for kind in MESSAGES}

    assert cells - {SEND, HELD, SUCCESSOR, DEPUTY} <= set(REASONS)


# ------------------------------------------------------------------------------------------ those who asked for silence


@pytest.mark.requirement("J5", "S15")
@pytest.mark.parametrize(
    ("words", "silent"),
    [
        ("--of A1", {REMINDER}),  # what hangs on the plan is the plan's
        ("--of D1", {REMINDER}),
        ("--of A2", set()),
        ("--on-route", set(RULES.values())),
        ("", set(RULES.values())),
    ],
)
def test_silence_is_about_what_was_asked_for_and_no_more(owed: Programme, words: str, silent: set[str]) -> None:
    owed.do(f"person opt-out {COORDINATOR} {words} --via reply", now=NOW)

    owed.do("run --once", now=MONDAY)

    assert {rule for rule in RULES.values() if became(owed, rule)[:2] == ("suppressed", "opted_out")} == silent


@pytest.mark.requirement("J5")
def test_opting_out_changes_nothing_that_is_owed(owed: Programme) -> None:
    before = rows(owed.home, "SELECT * FROM action")

    owed.do(f"person opt-out {COORDINATOR} --of A1.1 --via reply", now=NOW)
    owed.do("run --once", now=MONDAY)

    assert rows(owed.home, "SELECT * FROM action") == before


@pytest.mark.requirement("J5")
@pytest.mark.parametrize("scope", ["--of A1.1", "--on-route", ""])
def test_who_wants_to_hear_again_gets_what_is_still_to_come(owed: Programme, scope: str) -> None:
    before = rows(owed.home, "SELECT rule, subject, role, seq, state, reason FROM nudge ORDER BY id")
    owed.do(f"person opt-out {COORDINATOR} {scope} --via reply --reason 'too many'", now=NOW)

    told = owed.do(f"person opt-in {COORDINATOR} {scope} --via call", now=NOW)

    assert "again" in told.out
    assert rows(owed.home, "SELECT rule, subject, role, seq, state, reason FROM nudge ORDER BY id") == before
    owed.do("run --once", now=MONDAY)
    assert became(owed, REMINDER)[0] == "drafted"


@pytest.mark.requirement("J5")
def test_messages_of_a_route_again_ends_silence_about_its_records_too(owed: Programme) -> None:
    owed.do(f"person opt-out {COORDINATOR} --of A1.1 --via reply", now=NOW)
    owed.do(f"person opt-out {COORDINATOR} --of D1 --via call", now=NOW)

    told = owed.do(f"person opt-in {COORDINATOR} --on-route --via call", now=NOW)

    assert "ended: silence about A1.1, D1" in told.out
    assert rows(owed.home, "SELECT id FROM opt_out WHERE ended_us IS NULL") == []


def test_who_asked_for_silence_on_the_route_is_named_before_something_is_told(owed: Programme) -> None:
    owed.do("person opt-out v11@example.org --on-route --via reply", now=NOW)

    told = owed.do("tell P1 P2 --subject Hello --text again --yes --json", now=NOW).data

    assert told["left_out"] == ["P1 Visitor MW1: asked for no more messages"]
    assert [each["name"] for each in told["people"]] == ["Visitor MW2"]


def test_what_was_asked_for_is_shown_with_its_day_and_its_way(owed: Programme) -> None:
    owed.do("person opt-out v11@example.org --of A1 --via call --reason 'the ministry does it'", now=NOW)

    shown = owed.do("show person v11@example.org", now=NOW).out

    about = "A1 of rwanda-2016, since Friday 9 December 2016, by call: the ministry does it"
    assert f"  no messages about    {about}" in shown.splitlines()


@pytest.mark.requirement("J5")
def test_silence_that_was_asked_for_is_not_undone_by_an_undo(owed: Programme) -> None:
    owed.do("person opt-out v11@example.org --of A1 --via call", now=NOW)

    refused = owed.run("undo --yes", now=NOW)

    assert (refused.code, "lrflow person opt-in" in refused.err) == (3, True)


def test_the_log_of_silence_holds_numbers_and_no_names(owed: Programme) -> None:
    owed.do("person opt-out v11@example.org --of A1 --via call", now=NOW)

    (entry,) = rows(owed.home, "SELECT subject, changes, reason FROM log WHERE verb = 'opt-out'")

    assert entry["subject"].startswith("person:") and "Visitor" not in entry["changes"]
    assert entry["reason"] == "by call"


@pytest.mark.parametrize(
    ("line", "code", "says"),
    [
        ("person opt-out v11@example.org", 2, "--via"),
        ("person opt-out v11@example.org --of A1 --on-route --via call", 2, "say one of them"),
        ("person opt-out v11@example.org --of A --via call", 2, "silence is about one"),
        ("person opt-out v11@example.org --of A99 --via call", 4, "there is no A99"),
        ("person opt-out nobody@example.org --via call", 4, "there is no person"),
        ("person opt-out v12@example.org --of A1 --via call", 2, "already"),
        ("person opt-in v11@example.org --via call", 2, "did not ask for silence"),
        ("person opt-in v12@example.org --of A2 --via call", 2, "did not ask for silence about A2"),
    ],
)
def test_what_cannot_be_kept_is_refused_and_changes_nothing(owed: Programme, line: str, code: int, says: str) -> None:
    owed.do("person opt-out v12@example.org --of A1 --via reply", now=NOW)
    before = dump(owed.home)

    refused = owed.run(line, now=NOW)

    assert (refused.code, says in refused.err) == (code, True), refused
    assert dump(owed.home) == before


def test_a_visitor_says_it_of_oneself_and_not_of_others(owed: Programme) -> None:
    owed.do("person opt-out v11@example.org --via reply", actor="v11@example.org", now=NOW)

    refused = owed.run("person opt-out v12@example.org --via reply", actor="v11@example.org", now=NOW)

    assert (refused.code, "may not edit people" in refused.err) == (3, True)
