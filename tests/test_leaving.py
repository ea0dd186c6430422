"""People leave: nothing is deleted, the successor has what was open, and what is nobody's is said until it is not."""

import os
import shutil
from dataclasses import fields, replace
from datetime import date
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from domain_routes import COORDINATOR, FACILITATOR, HOST, OWNER, copied, following
from planning import EMPTY, at, ground
from processes import dump, rows
from programme import Programme
from small_facts import definition, facts, record

from lrflow.definition import Rule
from lrflow.facts import Facts
from lrflow.planner import Known, Ledger, plan
from lrflow.planner.leavers import Orphan, inherited, orphans
from lrflow.planner.people import reader_of, recipients

TODAY = "2016-11-30"
LEAVES = "2017-01-10"  # between the first and the second reminder of A1.1
SOON = "SELECT local_on, person.email, state FROM nudge LEFT JOIN person ON person.id = nudge.person WHERE rule = "


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Programme:
    """V11 leads D1 and has A1.1, due on 20 January: reminded on 6, 17, 23 and 30 January."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("LRFLOW_")]:
            patch.delenv(name)
        programme = copied(following, tmp_path_factory, tmp_path_factory.mktemp("leaving") / "csn")
        programme.actor = OWNER
        programme.do("set D1 lead=v11@example.org focal_point=v12@example.org")
        programme.do("add action 'Meet the ministry' --of A1 person=v11@example.org due=2017-01-20")
        programme.do("nudge go-live --yes")
    return programme


@pytest.fixture
def owing(lived: Programme, tmp_path: Path) -> Programme:
    """The same in a folder of the test's own."""
    shutil.copytree(lived.home, tmp_path / "csn")
    return Programme(tmp_path / "csn", now=lived.now, actor=OWNER)


def readers(programme: Programme, rule: str, subject: str) -> list[tuple[str, str | None]]:
    """The days of the nudges of *rule* about *subject* and who reads them."""
    found = rows(programme.home, f"{SOON} '{rule}' AND subject = '{subject}' ORDER BY local_on")
    return [(each["local_on"], each["email"]) for each in found]


def drafted_to(programme: Programme) -> set[str]:
    letters = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in programme.home.rglob("*.eml")]
    return {letter["To"].addresses[0].addr_spec for letter in letters}


def leave(programme: Programme, words: str = "", on: str = LEAVES, who: str = "v11@example.org", **more: str):
    return programme.do(f"person leave {who} --on {on} {words} --reason 'new post'", **more)


@pytest.mark.requirement("M1", "J7")
def test_until_the_day_messages_go_to_who_leaves_and_from_then_on_to_the_successor(owing: Programme) -> None:
    told = leave(owing, "--successor v13@example.org")

    assert "Visitor MW3 has from then on, on rwanda-2016: D1 (lead), A1.1 (person)" in told.out
    assert readers(owing, "action-due-soon", "A1.1") == [
        ("2017-01-06", "v11@example.org"),
        ("2017-01-17", "v13@example.org"),
    ]
    owing.do("run --once", now="2017-01-06T12:00")
    before = drafted_to(owing)
    owing.do("run --once", now="2017-01-17T12:00")
    assert "v13@example.org" in drafted_to(owing) - before
    assert "v11@example.org" in before and "v13@example.org" not in before


@pytest.mark.requirement("M1", "J7")
def test_on_the_very_day_nothing_goes_to_who_left(owing: Programme) -> None:
    leave(owing, "--successor v13@example.org", on="2017-01-06")

    owing.do("run --once", now="2017-01-06T12:00")

    assert readers(owing, "action-due-soon", "A1.1")[0] == ("2017-01-06", "v13@example.org")
    assert "v11@example.org" not in drafted_to(owing)


@pytest.mark.requirement("M1")
def test_every_record_keeps_who_left_as_its_owner(owing: Programme) -> None:
    tables = ("participant", "delegation", "plan", "action", "role_holder")
    before = [rows(owing.home, f"SELECT * FROM {table}") for table in tables]

    leave(owing, "--successor v13@example.org", on=TODAY)
    owing.do("run --once", now="2017-01-20T12:00")

    assert [rows(owing.home, f"SELECT * FROM {table}") for table in tables] == before
    assert rows(owing.home, "SELECT id FROM person WHERE removed_us IS NOT NULL") == []


@pytest.mark.requirement("M1")
def test_what_is_nobodys_is_listed_with_what_gives_it_to_somebody_until_somebody_has_it(owing: Programme) -> None:
    told = leave(owing, on=TODAY)

    lines = [line.split() for line in told.out.splitlines() if "lrflow -r rwanda-2016 set" in line]
    assert [line[-1] for line in lines] == ["lead=EMAIL", "person=EMAIL"]
    assert (
        "nobody's since Visitor MW1 left: D1 lead, A1.1 person. Next: lrflow set D1 lead=EMAIL"
        in owing.do("status").out
    )
    for line in lines:
        owing.do(" ".join(line[line.index("lrflow") + 1 :]).replace("EMAIL", "v12@example.org"))
    assert "nobody's" not in owing.do("status").out


@pytest.mark.requirement("M1", "S14", "J7")
def test_a_reminder_of_what_is_nobodys_stays_silent_with_the_reason(owing: Programme) -> None:
    leave(owing, on=TODAY)

    owing.do("run --once", now="2017-01-06T12:00")

    (row,) = rows(owing.home, "SELECT state, reason FROM nudge WHERE subject = 'A1.1' AND local_on = '2017-01-06'")
    assert (row["state"], row["reason"]) == ("suppressed", "person_left")
    assert "v11@example.org" not in drafted_to(owing)


@pytest.mark.requirement("M1")
def test_who_leaves_later_is_no_orphan_maker_yet(owing: Programme) -> None:
    told = leave(owing, on=LEAVES)

    assert "! nobody's from then on: 2" in told.out
    assert "nobody's" not in owing.do("status", now="2017-01-09").out
    assert "nobody's since Visitor MW1 left" in owing.do("status", now=LEAVES).out


@pytest.mark.requirement("M1", "M3")
def test_the_rules_go_on_when_who_set_the_route_up_leaves(owing: Programme) -> None:
    leave(owing, f"--successor {FACILITATOR}", on=TODAY, who=OWNER)

    owing.do("run --once", now="2016-12-05T12:00", actor=COORDINATOR)

    digests = rows(owing.home, f"{SOON} 'weekly-digest' AND local_on = '2016-12-05'")
    assert [(each["email"], each["state"]) for each in digests] == [(COORDINATOR, "drafted"), (FACILITATOR, "drafted")]
    assert {each.name for each in fields(Rule)} & {"owner", "actor", "person"} == set()  # a rule is nobody's


@pytest.mark.requirement("M1", "L4")
def test_a_role_whose_holder_leaves_is_the_successors_and_nobodys_without_one(owing: Programme) -> None:
    told = leave(owing, on=TODAY, who=COORDINATOR)

    assert "rwanda-2016\tcoordinator\tlrflow -r rwanda-2016 set route coordinator=EMAIL" in told.out.replace("    ", "")
    again = leave(owing, f"--successor {HOST}", on=TODAY, who=COORDINATOR)
    assert "Hope Uwera has from then on, on rwanda-2016: coordinator" in again.out


@pytest.mark.requirement("M1")
def test_leaving_is_one_entry_that_an_undo_takes_back(owing: Programme) -> None:
    before = rows(owing.home, "SELECT left_on, successor FROM person"), readers(owing, "action-due-soon", "A1.1")

    leave(owing, "--successor v13@example.org")
    entry = rows(owing.home, "SELECT * FROM log ORDER BY id DESC LIMIT 1")[0]
    owing.do("undo --yes")

    assert (entry["verb"], entry["reason"], entry["route_id"]) == ("leave", "new post", None)
    assert (
        rows(owing.home, "SELECT left_on, successor FROM person"),
        readers(owing, "action-due-soon", "A1.1"),
    ) == before


def test_coming_back_is_a_field_taken_out(owing: Programme) -> None:
    before = readers(owing, "action-due-soon", "A1.1")

    told = leave(owing, "--successor v13@example.org", on=TODAY)
    line = next(line for line in told.out.splitlines() if "if it comes otherwise" in line)
    owing.do(line.partition("lrflow ")[2])

    assert readers(owing, "action-due-soon", "A1.1") == before


def test_a_dry_run_says_what_would_be_and_changes_nothing(owing: Programme) -> None:
    before = dump(owing.home)

    told = leave(owing, "-n")

    assert told.out.startswith("Visitor MW1 would leave on Tuesday 10 January 2017")
    assert dump(owing.home) == before


@pytest.mark.parametrize(
    ("line", "code", "says"),
    [
        ("person leave v11@example.org", 2, "--reason"),
        ("person leave nobody@example.org --reason x", 4, "there is no person"),
        ("person leave v11@example.org --on 2017-13-01 --reason x", 2, "2017-13-01"),
        ("person leave v11@example.org --successor v11@example.org --reason x", 2, "cannot take over from"),
        ("person leave v11@example.org --successor v22@example.org --reason x", 2, "left on 2016-11-01"),
        ("person leave v11@example.org --successor v31@example.org --reason x", 2, "no more messages at all"),
        ("person leave v11@example.org --successor v32@example.org --reason x", 2, "does not exist any more"),
        ("person leave v33@example.org --successor v12@example.org --reason x", 2, "nobody would be there"),
        ("person leave v22@example.org --on 2016-11-01 --reason x", 2, "nothing changes"),
    ],
)
def test_a_leaving_that_leads_nowhere_is_refused_and_changes_nothing(owing, line, code, says) -> None:
    owing.do("person leave v22@example.org --on 2016-11-01 --reason 'new post'")
    owing.do("person opt-out v31@example.org --via call")
    owing.do("person address v32@example.org dead")
    owing.do("person leave v12@example.org --on 2017-02-01 --successor v33@example.org --reason 'new post'")
    before = dump(owing.home)

    refused = owing.run(line)

    assert (refused.code, says in refused.err) == (code, True), refused
    assert dump(owing.home) == before


def test_who_may_not_edit_people_cannot_let_somebody_leave(owing: Programme) -> None:
    refused = owing.run("person leave v12@example.org --reason x", actor="v11@example.org")

    assert (refused.code, "may not edit people" in refused.err) == (3, True)


# ------------------------------------------------------------------------------------------------ the pure parts of it


def people(*left: tuple[int, str, int | None], today: str = "2017-01-01") -> Facts:
    """People 1 to 9; of *left* each has a day and perhaps a successor."""
    gone = {number: {"left_on": day, "successor": heir} for number, day, heir in left}
    known = [
        record("person", number, name=f"Person {number}", email="x", **gone.get(number, {})) for number in range(1, 10)
    ]
    own = record("plan", "A1", "drafted", owner=1, delegation="D1"), record("delegation", "D1", "attended", lead=1)
    return replace(
        facts(*known, *own, roles={"coordinator": (1, 2)}, route={"status": "active"}), today=date.fromisoformat(today)
    )


OPEN = {
    "delegation": {"path": ["named", "attended"], "moves": {}, "ends": ["attended", "declined"]},
    "plan": {"path": ["drafted", "completed"], "moves": {}, "ends": ["completed"]},
    "action": {"path": ["planned", "done"], "moves": {}, "ends": ["done"]},
}


@pytest.mark.requirement("M1")
@pytest.mark.parametrize(
    ("left", "reader"),
    [
        ([(1, "2017-01-02", 3)], 1),  # not yet
        ([(1, "2017-01-01", 3)], 3),
        ([(1, "2016-01-01", 3), (3, "2016-06-01", 4)], 4),
        ([(1, "2016-01-01", None)], None),
        ([(1, "2016-01-01", 3), (3, "2016-06-01", 1)], None),  # in a ring nobody is there
        ([(number, "2016-01-01", number + 1) for number in range(1, 9)], None),  # as long a row ends as well
        ([(number, "2016-01-01", number + 1) for number in range(1, 6)], 6),
    ],
)
def test_rows_and_rings_of_successors_end(left: list, reader: int | None) -> None:
    assert reader_of(1, people(*left)) == reader


@pytest.mark.requirement("L4")
def test_who_is_away_when_it_is_said_is_who_the_deputy_stands_in_for() -> None:
    away = replace(people().find("person", 1), values={"email": "x", "away_until": "2017-01-20", "deputy": 5})
    known = people().with_record(away)
    lead = known.find("delegation", "D1")

    there = [recipients(["lead"], lead, known, day=date(2017, 1, day))[0][1] for day in (20, 21)]

    assert there == [5, 1]


@pytest.mark.requirement("M1")
def test_orphans_are_what_is_open_and_has_no_reader() -> None:
    shape = definition(rules={}, lives=OPEN)

    assert orphans(shape, people()) == []
    assert orphans(shape, people((1, "2017-01-01", None))) == [Orphan("D1", "lead", 1), Orphan("A1", "owner", 1)]
    assert orphans(shape, people((1, "2017-01-01", 4))) == []
    both = people((1, "2016-01-01", None), (2, "2016-01-01", None))
    assert [each.field for each in orphans(shape, both) if each.key == "route"] == ["coordinator", "coordinator"]
    ended = both.with_record(replace(both.find("plan", "A1"), values={"state": "completed", "owner": 1}))
    assert "A1" not in {each.key for each in orphans(shape, ended)}


def said(*readers: int) -> Ledger:
    keys = [("final-plan-soon", "A1", "owner", seq, 1) for seq in range(len(readers))]
    nudges = {
        key: Known(key, "sent", date(2016, 12, 1), date(2016, 12, 1), person=reader)
        for key, reader in zip(keys, readers, strict=True)
    }
    return Ledger({}, nudges)


@pytest.mark.requirement("M2")
def test_the_first_message_to_the_new_holder_says_what_was_inherited_and_the_next_does_not() -> None:
    known = people((1, "2016-12-20", 3))
    plan_of = known.find("plan", "A1")

    assert inherited(plan_of, "owner", 3, known, said(1, 1)) == ("Person 1", 2)
    assert inherited(plan_of, "owner", 3, known, said()) == ("Person 1", 0)
    assert inherited(plan_of, "then1:owner", 3, known, said(1)) == ("Person 1", 1)
    assert inherited(plan_of, "owner", 3, known, said(1, 3)) is None
    assert inherited(plan_of, "owner", 1, people(), said(1)) is None
    assert inherited(plan_of, "lead", 5, known, said(1)) is None


@pytest.mark.requirement("M1")
def test_a_repeat_after_the_day_of_leaving_is_planned_for_the_successor_at_once() -> None:
    known = replace(people((1, "2017-01-10", 3)), parameters={})
    rules = {"soon": {"about": "plan", "when": "due", "to": ["owner"], "repeat": {"every": "1w", "times": 2}}}
    dated = known.with_record(
        replace(known.find("plan", "A1"), values={"owner": 1, "due": "2017-01-02", "state": "drafted"})
    )

    made = plan(ground(rules, dated, at("2017-01-01"), EMPTY, lives=OPEN))

    assert [(each.local_on.isoformat(), each.person) for each in made.intended.values()] == [
        ("2017-01-02", 1),
        ("2017-01-09", 1),
        ("2017-01-16", 3),
    ]
