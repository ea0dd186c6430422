"""The real route of Rwanda 2016, lived through the command line day by day: what blocked it, what it counted."""

import os
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from programme import Programme
from rwanda import ROUTE, YEAR

At = Callable[[str], Programme]

BLOCKED = (
    ("2016-06-10", "identification", ["experiences-selected", "objectives-defined"]),
    ("2016-09-01", "systematization", ["case-complete"]),
    ("2017-10-27", "follow_up", ["followup-complete", "shared-with-all-csas"]),
)
ALLOWED = (
    ("2016-06-30", "identification", "systematization"),
    ("2016-10-21", "champion_training", "learning_visit"),
    ("2016-11-05", "learning_visit", "follow_up"),
)
GAP = re.compile(r"\.\.\.|\b(DAY|KIND|NAME|EMAIL|FILE)\b")  # what a command leaves to the person who pastes it


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The year lived once; a copy of the programme's folder as it was each evening, before the move of that day."""
    folder = tmp_path_factory.mktemp("rwanda")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("LRFLOW_")]:
            patch.delenv(name)
        programme = Programme(folder / "csn")
        for day in YEAR:
            for line in day.lines:
                programme.do(line, now=day.on)
            shutil.copytree(programme.home, folder / day.on)
            if day.move:
                programme.do(day.move, now=day.on)
        shutil.copytree(programme.home, folder / "closed")
    yield folder


@pytest.fixture
def at(days: Path, tmp_path: Path) -> At:
    """The programme as it was on the evening of a day, to do with as one likes."""

    def programme(day: str) -> Programme:
        home = tmp_path / day
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(days / day, home)
        return Programme(home, now="2017-11-06" if day == "closed" else day)

    return programme


def stage(programme: Programme) -> str:
    return programme.do("status --json").data["routes"][0]["stage"]


@pytest.mark.parametrize(("day", "before", "failing"), BLOCKED)
def test_the_route_was_blocked_by_exactly_these_guards(at: At, day: str, before: str, failing: list[str]) -> None:
    csn = at(day)

    assert csn.run("check --json").code == 3
    assert csn.run(f"advance --confirm {ROUTE}").code == 3

    assert sorted(csn.failing()) == failing
    assert stage(csn) == before


@pytest.mark.parametrize(("day", "before", "after"), ALLOWED)
def test_the_route_was_allowed_to_move_on(at: At, day: str, before: str, after: str) -> None:
    csn = at(day)
    assert stage(csn) == before
    assert csn.failing() == []

    assert csn.run("advance").code == 0

    assert stage(csn) == after


def test_the_area_that_no_experience_covers_is_a_warning(at: At) -> None:
    csn = at("2016-06-30")

    warned = [each["says"] for each in csn.check().values() if each["outcome"] != "met"]
    moved = csn.do("advance")

    assert warned == ["area budget is covered by no experience"]
    assert "area budget is covered by no experience" in moved.out


def test_the_experiences_without_a_validated_case_are_named(at: At) -> None:
    assert at("2016-09-01").check()["case-complete"]["missing"] == ["E1", "E2", "E3", "E4", "E5"]


def test_the_alliance_that_waits_for_the_record_is_named(at: At) -> None:
    found = at("2017-10-27").check()["shared-with-all-csas"]

    assert (found["have"], found["need"]) == (38, 39)
    assert "Alliance 39" in found["remedy"]


def test_the_check_ins_still_open_are_named(at: At) -> None:
    found = at("2017-10-27").check()["followup-complete"]

    assert found["missing"] == [f"Q{number}.12" for number in range(1, 10)]


def test_the_route_closes_once_the_last_alliance_and_the_last_answer_are_in(at: At) -> None:
    csn = at("2017-11-06")
    assert csn.failing() == []

    csn.do(f"advance --confirm {ROUTE}")

    assert csn.do("status --json").data["routes"][0]["status"] == "closed"
    assert csn.do("log -N 1 --json").data[0]["happened_on"] == "2017-11-06"


def test_the_closed_route_stays_closed(at: At) -> None:
    csn = at("closed")

    refused = csn.run("advance")

    assert refused.code == 3
    assert stage(csn) == "closed"


@pytest.mark.parametrize("day", [day.on for day in YEAR])
def test_every_command_a_guard_proposes_works_when_pasted(at: At, day: str) -> None:
    """It does something, or says what comes first; with a gap left to the person it is refused and changes nothing."""
    found = at(day).check()
    for name, finding in found.items():
        if finding["outcome"] == "met":
            continue
        csn, line = at(day), finding["run"].removeprefix("lrflow ")

        pasted = csn.run(f"{line} --yes")

        said = f"{name}: {line}\nexit {pasted.code}\n{pasted.out}{pasted.err}"
        if GAP.search(line):
            assert pasted.code in (2, 4), said
            assert csn.check() == found, said
        else:
            assert pasted.code == 0 or (pasted.code == 3 and "-> lrflow " in pasted.out), said


def test_24_visitors_of_8_alliances_and_3_of_the_host_took_part(at: At) -> None:
    csn = at("2016-11-05")

    assert len(csn.do("list participant visiting=yes state=attended --json").data) == 24
    assert len(csn.do("list participant visiting=no state=attended --json").data) == 3
    assert len(csn.do("list delegation visiting=yes --json").data) == 8
    assert len(csn.do("list delegation state=attended --json").data) == 9


def test_the_gate_counted_24_visitors_of_8_alliances(at: At) -> None:
    found = at("2016-10-21").check()

    assert found["participants-range"]["have"] == 24
    assert found["min-csas"]["have"] == 8


def test_5_of_15_experiences_were_selected_and_10_champions_trained(at: At) -> None:
    csn = at("2016-10-21")

    assert len(csn.do("list experience --json").data) == 15
    assert len(csn.do("list experience state=selected --json").data) == 5
    assert len(csn.do("list champion state=trained --json").data) == 10


def test_the_selected_experiences_cover_four_areas_of_five(at: At) -> None:
    csn = at("2016-10-21")

    selected = csn.do("list experience state=selected --json").data
    covered = Counter(area for each in selected for area in each["areas"])

    assert covered == {"policy": 2, "msp": 2, "advocacy": 4, "governance": 1}
    assert at("2016-06-30").check()["areas-covered"]["missing"] == ["budget"]


def test_the_visit_lasted_seven_days(at: At) -> None:
    assert at("2016-10-21").do("show route --json").data["worked_out"]["visit_days"] == 7


def test_3_of_9_plans_were_awarded_15000_dollars(at: At) -> None:
    csn = at("2017-01-31")

    plans = csn.do("list plan --json").data
    awarded = csn.do("list plan state=awarded --json").data

    assert len(plans) == 9
    assert len(awarded) == 3
    assert {each["award"]["currency"] for each in awarded} == {"USD"}
    assert sum(each["award"]["minor"] for each in awarded) == 1_500_000


def test_four_plans_of_known_budget_cost_72750_dollars(at: At) -> None:
    costs = [each["cost"] for each in at("2017-01-31").do("list plan --json").data if "cost" in each]

    assert len(costs) == 4
    assert {each["currency"] for each in costs} == {"USD"}
    assert sum(each["minor"] for each in costs) == 7_275_000


def test_final_plans_were_due_at_the_end_of_november(at: At) -> None:
    assert at("2016-11-16").do("show route --json").data["worked_out"]["final_due"] == "2016-11-30"


def test_each_delegation_was_asked_after_1_3_6_and_12_months_within_the_programme(at: At) -> None:
    csn = at("2016-11-16")

    asked = csn.do("list checkin --json").data
    due = {each["month"]: each["due"] for each in asked}

    assert Counter(each["month"] for each in asked) == dict.fromkeys((0, 1, 3, 6, 12), 9)
    assert {(each["month"], each["due"]) for each in asked} == set(due.items())
    assert [due[month] for month in (1, 3, 6, 12)] == ["2016-12-05", "2017-02-05", "2017-05-05", "2017-11-05"]
    assert max(due.values()) <= csn.do("show programme --json").data["ends_on"]


def test_the_registry_holds_39_alliances(at: At) -> None:
    assert len(at("2016-02-11").do("list organisation in_registry=yes --json").data) == 39
