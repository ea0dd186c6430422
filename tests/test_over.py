"""What is over is silent: a route that ended, an alliance or a visitor that withdrew, a record taken back."""

import os
import shutil
from pathlib import Path

import pytest
from domain_routes import OWNER, copied, following, ready
from planning import at, ground
from processes import rows
from programme import Programme
from small_facts import facts, record

from lrflow.planner import plan
from lrflow.workflow import folder_of
from lrflow.workflow.faults import find_faults

OPEN = "SELECT count(*) AS number FROM nudge WHERE state IN ('planned', 'held', 'assembled')"


def built(build, factory: pytest.TempPathFactory, *lines: str) -> Programme:
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("LRFLOW_")]:
            patch.delenv(name)
        programme = copied(build, factory, factory.mktemp("over") / "csn")
        programme.actor = OWNER
        for line in lines:
            programme.do(line)
    return programme


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Programme:
    """Live before the visit, with travel papers, reading and the visit ahead."""
    return built(ready, tmp_path_factory, "mark P1 named --reason 'no visa yet' --yes", "nudge go-live --yes")


@pytest.fixture(scope="module")
def after(tmp_path_factory: pytest.TempPathFactory) -> Programme:
    """Live after the visit, with plans, check-ins and an action A1.1 of V11, due on 26 December."""
    action = "add action 'Meet the ministry' --of A1 person=v11@example.org due=2016-12-26"
    return built(following, tmp_path_factory, "set D1 lead=v11@example.org", action, "nudge go-live --yes")


def own(model: Programme, folder: Path) -> Programme:
    shutil.copytree(model.home, folder / "csn")
    return Programme(folder / "csn", now=model.now, actor=OWNER)


def open_about(programme: Programme, where: str) -> int:
    return rows(programme.home, f"{OPEN} AND {where}")[0]["number"]


def reasons(programme: Programme, where: str) -> set[tuple[str, str | None]]:
    """How what was to come stands now."""
    found = rows(programme.home, f"SELECT state, reason FROM nudge WHERE {where}")
    return {(row["state"], row["reason"]) for row in found}


@pytest.mark.requirement("B3")
@pytest.mark.parametrize(
    ("line", "where", "reason"),
    [
        ("cancel --reason war --confirm rwanda-2016", "TRUE", "route_ended"),
        ("mark D1 withdrew --reason war", "subject IN ('P1', 'P2', 'P3')", "stop_condition"),
        ("mark P1 withdrawn --reason ill", "subject = 'P1'", "stop_condition"),
        ("remove P1 --yes", "subject = 'P1'", "stop_condition"),
    ],
)
def test_what_is_over_before_the_visit_has_nothing_planned_any_more(before, tmp_path, line, where, reason) -> None:
    programme = own(before, tmp_path)
    had = open_about(programme, where)

    told = programme.run(line)

    assert (told.code, had > 0, open_about(programme, where)) == (0, True, 0), told
    assert ("cancelled", reason) in reasons(programme, where)


@pytest.mark.requirement("B3")
@pytest.mark.parametrize(
    ("line", "where", "reason"),
    [
        ("cancel --reason war --confirm rwanda-2016", "TRUE", "route_ended"),
        ("mark A1 abandoned --reason war", "subject = 'A1'", "stop_condition"),
        ("mark A1.1 dropped --reason war", "subject = 'A1.1'", "stop_condition"),
        ("remove A1.1 --yes", "subject = 'A1.1'", "stop_condition"),
        ("mark Q1.3 excused --reason war", "subject = 'Q1.3'", "stop_condition"),
    ],
)
def test_what_is_over_after_the_visit_has_nothing_planned_any_more(after, tmp_path, line, where, reason) -> None:
    programme = own(after, tmp_path)
    had = open_about(programme, where)

    told = programme.run(line)

    assert (told.code, had > 0, open_about(programme, where)) == (0, True, 0), told
    assert ("cancelled", reason) in reasons(programme, where)


@pytest.mark.requirement("B3")
def test_a_route_that_is_reopened_speaks_of_what_lies_ahead_alone(after: Programme, tmp_path: Path) -> None:
    programme = own(after, tmp_path)
    programme.do("cancel --reason war --confirm rwanda-2016", now="2016-12-01")

    programme.do("reopen --reason peace", now="2016-12-20")
    programme.do("run --once", now="2016-12-20T12:00")

    sql = "SELECT local_on, state FROM nudge WHERE state IN ('planned', 'drafted', 'sent') AND rule <> 'weekly-digest'"
    spoken = rows(programme.home, sql)
    assert spoken and min(row["local_on"] for row in spoken) >= "2016-12-20"
    again = rows(programme.home, "SELECT local_on FROM nudge WHERE subject = 'A1.1' AND state = 'planned'")
    assert "2016-12-23" in {row["local_on"] for row in again}


@pytest.mark.requirement("B3")
def test_after_the_programmes_last_day_nobody_who_took_part_is_written_to(after: Programme, tmp_path: Path) -> None:
    programme = own(after, tmp_path)

    programme.do("set programme ends_on=2016-12-20 --reason 'the money is spent'")
    programme.do("run --once", now="2016-12-23T12:00")

    late = "local_on > '2016-12-20' AND state IN ('planned', 'drafted', 'sent')"
    said_to = {row["role"].partition("#")[0] for row in rows(programme.home, f"SELECT role FROM nudge WHERE {late}")}
    assert said_to == {"coordinator", "facilitator"}
    (row,) = rows(programme.home, "SELECT state, reason FROM nudge WHERE subject = 'A1.1' AND local_on = '2016-12-23'")
    assert (row["state"], row["reason"]) == ("suppressed", "route_ended")


@pytest.mark.requirement("B3")
def test_an_end_that_moves_on_lets_what_lies_before_it_be_said(after: Programme, tmp_path: Path) -> None:
    programme = own(after, tmp_path)
    sql = "SELECT rule, subject, role, seq, local_on, state, reason FROM nudge WHERE rule <> 'stage-due' ORDER BY id"
    had = [each for each in rows(programme.home, sql) if not each["rule"].startswith("programme-end")]
    programme.do("set programme ends_on=2016-12-20 --reason 'the money is spent'")

    programme.do("set programme ends_on=2018-01-31 --reason 'more money'")

    now = [each for each in rows(programme.home, sql) if not each["rule"].startswith("programme-end")]
    assert now == had


@pytest.mark.requirement("D4")
@pytest.mark.parametrize("to", [[], ["nobody-there"], ["lead"]])
def test_an_expression_that_selects_nobody_means_nobody(to: list[str]) -> None:
    known = facts(
        record("person", 1, name="Ana", email="ana@example.org"),
        record("person", 2, name="Ben", email="ben@example.org"),
        route={"visit_end": "2016-11-04"},
        roles={"coordinator": (1,), "facilitator": (2,)},
    )

    made = plan(ground({"after": {"when": "visit_end + 1d", "to": to}}, known, at("2016-10-03")))

    assert {each.person for each in made.intended.values()} <= {None}


@pytest.mark.requirement("D4")
@pytest.mark.parametrize("to", ["[]", '["everybody"]', '["all"]', '["*"]', '["people", "everyone"]'])
def test_no_expression_means_everybody_and_one_that_means_nobody_is_a_fault(to: str) -> None:
    folder = folder_of("sun-csn")
    texts = {name: (folder / name).read_text(encoding="utf-8") for name in ("workflow.toml", "nudges.toml")}
    nudges = texts["nudges.toml"].replace('to = ["self"]', f"to = {to}", 1)

    faults = find_faults({**texts, "nudges.toml": nudges})[1]

    assert len(faults) == 1 and faults[0].startswith("nudges.toml line"), faults
