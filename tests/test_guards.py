"""The one judge: every guard is judged always, nothing that is not known passes, a waiver never makes anything met."""

import re
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_facts import TODAY, anything, definition, facts, guard, record, shipped, waiver

from lrflow.catalogue import Money
from lrflow.checks import Answer
from lrflow.facts import Facts
from lrflow.guards import Finding, blocking, fill, judge, shorten

ENOUGH = {"check": "count", "of": "participant", "min": 3, "says": "{have} of {need}, {short} short"}
BROKEN = {"check": "count", "of": "participant", "min": "@parameters.nobody_has_it"}
NO_RATE = {
    "check": "total",
    "of": "programme",
    "limit": "@programme.budget",
    "of_all": [{"of": "budget", "field": "amount", "rate": "rate"}],
}
PEOPLE = tuple(record("participant", f"P{number}", "named") for number in range(1, 6))


def found(asks: Any, known: Facts, *waivers: Any, **more: Any) -> Finding:
    return judge(definition(guards={"it": guard(asks, **more)}), ["it"], known, waivers)[0]


def test_a_finding_is_not_a_bool() -> None:
    finding = found(ENOUGH, facts(*PEOPLE))

    with pytest.raises(TypeError, match=r"ask \.passes"):
        bool(finding)
    with pytest.raises(TypeError):
        all([finding])


def test_a_check_that_breaks_is_unknown_and_blocks_and_says_what_broke() -> None:
    finding = found(BROKEN, facts(*PEOPLE))

    assert (finding.outcome, finding.passes) == ("unknown", False)
    assert "KeyError" in finding.says
    assert "nobody_has_it" in finding.says
    assert finding.remedy == "lrflow workflow check"


def test_all_guards_are_judged_in_their_order_whatever_the_first_ones_say() -> None:
    guards = {"breaks": guard(BROKEN), "few": guard({**ENOUGH, "min": 9}), "met": guard(ENOUGH), "warns": guard(BROKEN)}
    guards["warns"]["level"] = "warn"

    findings = judge(definition(guards=guards), ["breaks", "few", "met", "warns"], facts(*PEOPLE))

    assert [(each.guard, each.outcome) for each in findings] == [
        ("breaks", "unknown"),
        ("few", "unmet"),
        ("met", "met"),
        ("warns", "unknown"),
    ]
    assert [each.guard for each in blocking(findings)] == ["breaks", "few"]


def test_every_question_of_a_guard_is_asked_and_each_unmet_one_is_said() -> None:
    asks = [{**ENOUGH, "min": 9, "says": "nine"}, ENOUGH, {**ENOUGH, "min": 8, "says": "eight"}]

    finding = judge(definition(guards={"it": guard(*asks)}), ["it"], facts(*PEOPLE))[0]

    assert (finding.says, finding.have, finding.need) == ("nine; eight", 5, 9)


@pytest.mark.parametrize("people", [(), PEOPLE])
def test_a_warning_never_blocks_and_shows_only_when_it_is_not_met(people: Any) -> None:
    finding = found(ENOUGH, facts(*people), level="warn")

    assert finding.passes
    assert finding.warns is (not people)


def test_fewer_than_desired_is_met_with_a_warning() -> None:
    asks = {"check": "each_has", "of": "experience", "has": "case", "desired": 2}

    finding = found(asks, facts(record("experience", "E1"), record("case", "K1", experience="E1")))

    assert (finding.outcome, finding.passes, finding.warns) == ("met", True, True)
    assert finding.warning == "E1: fewer than the 2 wished for"


# What a waiver may and may not do. Three are needed, two are there.


def with_waiver(known: Facts, level: str = "soft", asks: Any = ENOUGH, **values: Any) -> Finding:
    return found(asks, known, waiver("it", **values), level=level)


def test_a_waiver_sets_an_unmet_soft_guard_aside_by_name_and_never_makes_it_met() -> None:
    finding = with_waiver(facts(*PEOPLE[:2]))

    assert (finding.outcome, finding.waiver, finding.passes) == ("waived", "W1", True)
    assert finding.says == "2 of 3, 1 short; waived by Ana until 2016-12-31: agreed"


def test_what_is_met_stays_met_beside_a_waiver() -> None:
    finding = with_waiver(facts(*PEOPLE))

    assert (finding.outcome, finding.waiver) == ("met", "")


@pytest.mark.parametrize(("floor", "outcome"), [(None, "waived"), (1, "waived"), (2, "waived"), (3, "unmet")])
def test_a_waiver_holds_down_to_its_floor_and_never_below(floor: int | None, outcome: str) -> None:
    finding = with_waiver(facts(*PEOPLE[:2]), floor=floor)

    assert finding.outcome == outcome
    assert (f"holds only down to {floor}" in finding.says) is (outcome == "unmet")


@pytest.mark.parametrize(("days", "outcome"), [(-1, "unmet"), (0, "waived"), (1, "waived")])
def test_a_waiver_holds_through_its_last_day(days: int, outcome: str) -> None:
    assert with_waiver(facts(*PEOPLE[:2]), until_on=TODAY + timedelta(days=days)).outcome == outcome


def test_a_hard_guard_is_never_waived() -> None:
    assert with_waiver(facts(*PEOPLE[:2]), level="hard").outcome == "unmet"


@pytest.mark.parametrize("asks", [BROKEN, NO_RATE])
def test_what_is_not_known_is_never_waived(asks: Any) -> None:
    known = facts(record("budget", "B1", amount=Money(1, "USD")), programme={"budget": Money(9, "GBP")})

    assert with_waiver(known, asks=asks).outcome == "unknown"


def test_a_waiver_of_another_guard_says_nothing() -> None:
    assert found(ENOUGH, facts(*PEOPLE[:2]), waiver("other"), level="soft").outcome == "unmet"


# What is shown: numbers, ids, a remedy, a command to paste.


def test_too_many_have_a_remedy_of_their_own() -> None:
    asks = {"check": "count", "of": "participant", "min": 1, "max": 3, "says": "{have}, need {need}"}

    finding = found(asks, facts(*PEOPLE), too_many="withdraw {over}", run="lrflow mark {all} withdrawn")

    assert (finding.says, finding.remedy) == ("5, need 1-3", "withdraw 2")
    assert finding.run == "lrflow mark P1 P2 P3 P4 P5 withdrawn"


def test_a_command_names_what_is_missing_and_another_stands_in_while_nothing_is_there_to_name() -> None:
    asks = {"check": "filled", "of": "case", "fields": ["how", "who"], "says": "empty: {missing}"}
    words = {"run": "lrflow set {first} {gaps}", "run_none": "lrflow add case E1"}

    some = found(asks, facts(record("case", "K2", how="so"), record("case", "K3")), **words)
    none = found(asks, facts(), **words)

    assert (some.says, some.run) == ("empty: K2 who, K3 how, K3 who", "lrflow set K2 who=... how=...")
    assert (none.says, none.run) == ("there are no such cases yet", "lrflow add case E1")


def test_an_organisation_is_called_by_its_name() -> None:
    asks = {"check": "every", "of": "organisation", "having": {"in_registry": True}, "says": "{missing}"}

    finding = found(asks, facts(record("organisation", 4, name="CSONA Malawi")), run='lrflow set "{first}"')

    assert (finding.says, finding.run, finding.missing) == ("CSONA Malawi", 'lrflow set "CSONA Malawi"', ("4",))


def test_a_long_list_is_cut_and_counted() -> None:
    assert shorten([f"P{number}" for number in range(1, 15)]).endswith("P12 and 2 more")


def test_words_nobody_knows_and_braces_in_names_are_left_alone() -> None:
    known = facts(record("organisation", 1, name="{have}"))

    assert fill("{missing} {nobody}", Answer(False, 2, 3, missing=("1",)), known, ("1",)) == "{have} {nobody}"


# The shipped workflow, over any facts that keep the types of the catalogue.

SEEDS = st.integers(0, 2**32)


@settings(max_examples=120, deadline=None)
@given(SEEDS)
def test_every_guard_of_the_programme_answers_whatever_the_facts(seed: int) -> None:
    workflow, known = shipped(), anything(Random(seed), shipped())

    findings = judge(workflow, workflow.guards, known)

    assert [each.guard for each in findings] == list(workflow.guards)
    for each in findings:
        assert_worded(each)


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_every_need_of_a_record_is_judged_on_that_record_alone(seed: int) -> None:
    workflow, known = shipped(), anything(Random(seed), shipped())

    for kind, life in workflow.lives.items():
        for subject in known.of(kind):
            for state, move in life.moves.items():
                for each in judge(workflow, move.needs, known.focused(subject, state)):
                    assert_worded(each)
                    assert {word.split()[0] for word in each.missing} <= {subject.key}


def assert_worded(finding: Finding) -> None:
    shown = " ".join((finding.title, finding.says, finding.remedy, finding.run, finding.warning))
    assert re.findall(r"\{[\w ]+\}", shown) == [], finding
    assert "the check broke" not in shown, finding
    assert finding.says, finding
    assert finding.outcome == "met" or finding.remedy, finding


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.integers(0, 5))
def test_a_waiver_of_everything_never_turns_a_finding_into_met_nor_passes_a_hard_one(seed: int, floor: int) -> None:
    workflow, known = shipped(), anything(Random(seed), shipped())
    without = judge(workflow, workflow.guards, known)
    waivers = [waiver(name, floor=floor, until_on=date(2017, 1, 1)) for name in workflow.guards]

    for before, after in zip(without, judge(workflow, workflow.guards, known, waivers), strict=True):
        level = workflow.guards[before.guard].level
        if before.outcome != "unmet" or level != "soft" or (before.have is not None and before.have < floor):
            assert replace(after, says="") == replace(before, says="")
        else:
            assert after.outcome == "waived"
