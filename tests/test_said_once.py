"""What was said is not said again: dates and states that go and come back, undo, who stands in for whom."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planning import EMPTY, NOW, applied, at, ground, sent, visit
from small_facts import facts, record

from lrflow.facts import Facts
from lrflow.planner import OPEN, RUNG, SAID, Key, Known, Ledger, Plan, plan, recipients, senders

CHASE = {"it": {"about": "plan", "when": "final_due - 7d", "condition": {"state": "drafted"}, "to": ["lead"]}}
KEY: Key = ("it", "A1", "lead", 0, 1)


def due(day: str | None, state: str = "drafted", focal_point: int | None = None) -> Facts:
    delegation = record("delegation", "D1", lead=1, focal_point=focal_point)
    return facts(delegation, record("plan", "A1", state, delegation="D1", final_due=day))


def planned(known: Facts, day: str, ledger: Ledger = EMPTY, *, restoring: bool = False, **rule: Any) -> Plan:
    here = ground({"it": {**CHASE["it"], **rule}}, known, at(day), ledger)
    return plan(replace(here, moment=replace(here.moment, restoring=restoring)))


def lived(ledger: Ledger, known: Facts, day: str, **more: Any) -> Ledger:
    return applied(ledger, planned(known, day, ledger, **more), at(day))


def told(made: Plan) -> set[tuple[int, str, str, str]]:
    return {(key[4], each.local_on.isoformat(), each.state, each.reason) for key, each in made.intended.items()}


SENT = sent(lived(EMPTY, due("2016-11-30"), "2016-10-03"), "2016-11-23")  # said on 23 November for the 30th


# Said in an earlier epoch.


def test_what_comes_back_into_its_state_is_not_asked_for_the_same_day_again() -> None:
    left = lived(SENT, due("2016-11-30", "final"), "2016-11-24")

    back = planned(due("2016-11-30"), "2016-11-24", left)
    moved = planned(due("2016-12-14"), "2016-11-24", left)

    assert told(back) == {(2, "2016-11-23", "suppressed", "already_sent")}
    assert told(moved) == {(2, "2016-12-07", "planned", "")}


@pytest.mark.parametrize(
    ("state", "again"),
    [("sent", "suppressed"), ("drafted", "suppressed"), ("unsure", "suppressed"), ("failed", "planned")],
)
def test_said_is_what_a_person_has_or_may_have(state: str, again: str) -> None:
    known = Ledger(SENT.armings, {KEY: replace(SENT.nudges[KEY], state=state)})
    left = lived(known, due("2016-11-30", "final"), "2016-11-23")

    back = planned(due("2016-11-30"), "2016-11-23", left)

    assert {each.state for each in back.intended.values()} == {again}


def test_one_that_is_on_its_way_is_asked_again_before_it_leaves() -> None:
    on_its_way = Ledger(SENT.armings, {KEY: replace(SENT.nudges[KEY], state="assembled", closed_on=None)})
    left = lived(on_its_way, due("2016-11-30", "final"), "2016-11-23")

    back = planned(due("2016-11-30"), "2016-11-23", left, restoring=True)
    after = planned(due("2016-11-30"), "2016-11-24", applied(SENT, back, at("2016-11-23")))

    assert KEY not in back.intended  # the line in the message does not hold any more: the new one leaves instead
    assert told(back) == {(2, "2016-11-23", "planned", "")}
    assert told(after) == {(2, "2016-11-23", "suppressed", "already_sent")}  # it left after all


def test_one_said_late_counts_until_the_day_on_which_it_was_said() -> None:
    late = Ledger(SENT.armings, {KEY: replace(SENT.nudges[KEY], closed_on=date(2016, 11, 28))})
    left = lived(late, due("2016-11-30", "final"), "2016-11-28")

    assert told(planned(due("2016-12-02"), "2016-11-28", left, restoring=True)) == {
        (2, "2016-11-25", "suppressed", "already_sent")
    }


@pytest.mark.parametrize("restoring", [False, True])
def test_a_day_too_near_to_be_worth_another_word_is_so_after_a_detour_too(restoring: bool) -> None:
    near = lived(SENT, due("2016-12-05"), "2016-11-25")  # said on the 23rd; this would be said on the 28th
    far = lived(near, due("2016-12-28"), "2016-11-25")

    assert {each.state for key, each in near.nudges.items()} == {"sent"}
    assert still_open(far) == {("it", "A1", "lead", 0, date(2016, 12, 21))}
    assert told(planned(due("2016-12-05"), "2016-11-25", far, restoring=restoring)) == {
        (2, "2016-11-28", "suppressed", "already_sent")
    }


# Undo.


def test_what_was_said_for_a_mistaken_date_is_not_said_for_the_one_that_is_brought_back() -> None:
    rule = {"repeat": {"every": "7d", "times": 1}}
    mistaken = lived(EMPTY, due("2016-10-05"), "2016-10-03", **rule)  # the first was due on 28 September
    said = sent(mistaken, "2016-10-05")

    assert told(planned(due("2016-11-30"), "2016-10-06", said, restoring=True, **rule)) == {
        (2, "2016-11-23", "planned", ""),
        (2, "2016-11-30", "suppressed", "already_sent"),
    }


def test_an_undo_brings_back_what_was_planned_as_if_it_had_never_gone() -> None:
    before = lived(EMPTY, due("2016-10-12"), "2016-10-03")  # to be said on Wednesday the 5th
    gone = lived(before, due("2016-10-12", "final"), "2016-10-06")

    again = planned(due("2016-10-12"), "2016-10-06", gone)
    undone = planned(due("2016-10-12"), "2016-10-06", gone, restoring=True)

    assert told(again) == {(2, "2016-10-05", "suppressed", "subject_after_nominal")}
    assert told(undone) == {(2, "2016-10-05", "planned", "")}
    assert undone.armings[0].armed_on == date(2016, 10, 3)


def test_a_date_that_an_undo_brings_back_gives_what_was_said_no_second_chance() -> None:
    earlier = sent(lived(EMPTY, due("2016-10-12"), "2016-10-03"), "2016-10-05")

    undone = planned(due("2016-11-30"), "2016-10-06", earlier, restoring=True)

    assert {key[4] for key in undone.intended} == {1}


def test_what_a_mistaken_date_had_silenced_speaks_again_after_the_undo() -> None:
    rule = {"repeat": {"every": "7d", "times": 1}}
    before = sent(lived(EMPTY, due("2016-11-30"), "2016-11-22", **rule), "2016-11-23")
    mistaken = lived(before, due("2015-11-30"), "2016-11-24", **rule)

    undone = planned(due("2016-11-30"), "2016-11-24", mistaken, restoring=True, **rule)
    later = planned(due("2016-11-30"), "2016-11-25", applied(mistaken, undone, at("2016-11-24")), **rule)

    assert [each.state for key, each in mistaken.nudges.items() if key[3] == 1] == ["suppressed"]
    assert told(undone) == {(2, "2016-11-23", "suppressed", "already_sent"), (2, "2016-11-30", "planned", "")}
    assert told(later) == told(undone)


def test_what_was_overdue_before_its_date_moved_is_overdue_again_after_the_undo() -> None:
    rule = {"repeat": {"every": "7d", "times": 1}}
    first = sent(lived(EMPTY, due("2016-11-30"), "2016-11-22", **rule), "2016-11-23")
    moved = lived(first, due("2016-12-28"), "2016-12-01", **rule)  # the repeat of 30 November had not left yet

    undone = planned(due("2016-11-30"), "2016-12-01", moved, restoring=True, **rule)

    assert told(undone) == {(2, "2016-11-23", "suppressed", "already_sent"), (2, "2016-11-30", "planned", "")}


def test_an_undo_elsewhere_leaves_a_second_chance_alone() -> None:
    moved = lived(SENT, due("2016-12-14"), "2016-11-24")

    assert told(planned(due("2016-12-14"), "2016-11-24", moved, restoring=True)) == {(2, "2016-12-07", "planned", "")}


# Recipients that go and come back.

BOTH = {"to": ["lead", "focal_point"], "repeat": {"every": "7d", "times": 1}}


def test_a_role_that_was_somebody_elses_for_a_while_hears_what_was_planned_and_nothing_twice() -> None:
    first = sent(lived(EMPTY, due("2016-11-30", focal_point=2), "2016-10-03", **BOTH), "2016-11-23")
    held_by_one = lived(first, due("2016-11-30", focal_point=1), "2016-11-24", **BOTH)

    back = planned(due("2016-11-30", focal_point=2), "2016-11-25", held_by_one, **BOTH)
    later = lived(held_by_one, due("2016-11-30", focal_point=2), "2016-11-25", **BOTH)

    assert [key[2:4] for key, each in held_by_one.nudges.items() if each.state in OPEN] == [("lead", 1)]
    assert {(key[2], key[3], each.state) for key, each in back.intended.items()} == {
        ("lead", 0, "suppressed"),
        ("focal_point", 0, "suppressed"),
        ("lead", 1, "planned"),
        ("focal_point", 1, "planned"),
    }
    assert lived(later, due("2016-11-30", focal_point=2), "2016-11-26", **BOTH) == later


def test_what_was_passed_over_in_a_series_stays_so_when_a_role_comes_back() -> None:
    rule = {**BOTH, "repeat": {"every": "7d", "times": 2}}
    before = lived(EMPTY, due("2016-11-30", focal_point=2), "2016-10-03", **rule)
    late = sent(lived(before, due("2016-11-30", focal_point=2), "2016-12-01", **rule), "2016-12-01")
    gone = lived(late, due("2016-11-30", focal_point=1), "2016-12-02", **rule)

    back = planned(due("2016-11-30", focal_point=2), "2016-12-05", gone, **rule)

    assert {(key[3], each.state, each.reason) for key, each in back.intended.items()} == {
        (0, "expired", "superseded"),
        (1, "suppressed", "already_sent"),
        (2, "planned", ""),
    }
    assert [(each.epoch, each.armed_on) for each in back.armings] == [(2, date(2016, 10, 3))]


# A plan's weeks: dates and states change, are taken back, and what is due goes out.

DATES = (None, "2016-10", "2016-10-12", "2016-10-20", "2016-10-31", "2016-11-14", "2016-12-01")
RULES: tuple[Mapping[str, Any], ...] = (
    {},
    {"newcomer": "now"},
    {"repeat": {"every": "7d", "times": 2}},
    {"when": "final_due + 3d", "repeat": {"every": "5d", "times": 1}, "late": "each"},
    {"to": ["lead", "focal_point"], "repeat": {"every": "7d", "times": 1}},
)


def changed(chance: Random, known: Facts) -> Facts:
    plan_now, focal_point = known.of("plan")[0], known.of("delegation")[0]["focal_point"]
    if chance.random() < 0.3:
        return due(plan_now["final_due"], plan_now.state, chance.choice([None, 1, 2]))  # 1 leads as well
    if chance.random() < 0.4:
        return due(plan_now["final_due"], chance.choice(["drafted", "final"]), focal_point)
    return due(chance.choice(DATES), plan_now.state, focal_point)


def still_open(ledger: Ledger) -> set[tuple[Any, ...]]:
    return {(*key[:4], each.local_on) for key, each in ledger.nudges.items() if each.state in OPEN}


def gone_out(ledger: Ledger) -> dict[tuple[Any, ...], list[Known]]:
    found: dict[tuple[Any, ...], list[Known]] = {}
    for key, each in sorted(ledger.nudges.items(), key=lambda pair: pair[0][4]):
        if each.state in SAID:
            found.setdefault(key[:4], []).append(each)
    return found


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32))
def test_nothing_is_said_twice_for_a_day_however_dates_states_and_undos_alternate(seed: int) -> None:
    chance = Random(seed)
    rule, known, now, ledger = chance.choice(RULES), due("2016-10-20"), NOW, EMPTY
    for _ in range(12):
        day, before, restoring = now.date().isoformat(), known, chance.random() < 0.3
        known = changed(chance, known)
        ledger = lived(ledger, known, day, **rule)
        if restoring:
            ledger, known = lived(ledger, before, day, restoring=True, **rule), before
        assert lived(ledger, known, day, **rule) == ledger
        ledger = sent(ledger, day)
        for said in gone_out(ledger).values():
            assert all(first.local_on < second.local_on for first, second in pairwise(said))
        now += timedelta(days=chance.randint(0, 5))


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32))
def test_after_an_undo_the_same_is_open_for_the_same_days_as_before(seed: int) -> None:
    chance = Random(seed)
    rule, known, now, ledger = chance.choice(RULES), due("2016-10-20"), NOW, EMPTY
    for _ in range(6):
        day = now.date().isoformat()
        known = changed(chance, known)
        ledger = lived(sent(ledger, day), known, day, **rule)

        other = lived(ledger, changed(chance, known), day, **rule)
        undone = lived(other, known, day, restoring=True, **rule)

        assert {each for each in still_open(ledger) if each[-1] >= now.date()} <= still_open(undone)
        # What was never said, and silent only because its day had moved too late, may be said after all.
        assert not {each[:4] for each in still_open(undone) - still_open(ledger)} & gone_out(ledger).keys()
        assert still_open(lived(undone, known, day, **rule)) == still_open(undone)
        ledger = undone
        now += timedelta(days=chance.randint(0, 5))


# The ladder.

LADDER = {
    "it": {
        "when": "visit_end + 3d",
        "then": [{"after": "5wd", "to": ["facilitator"]}, {"after": "10wd", "to": ["owner"]}],
    }
}
FOOT: Key = ("it", "route", "coordinator", 0, 1)


def climbing(ledger: Ledger, day: str, known: Facts | None = None, *, restoring: bool = False) -> Plan:
    here = ground(LADDER, known or visit(), at(day), ledger)
    return plan(replace(here, moment=replace(here.moment, restoring=restoring)))


def rungs(made: Plan) -> dict[int, tuple[str, str]]:
    return {
        key[3] - RUNG: (each.local_on.isoformat(), each.state) for key, each in made.intended.items() if key[3] >= RUNG
    }


def test_a_ladder_goes_on_where_it_stood_when_its_state_comes_back() -> None:
    ledger = sent(applied(EMPTY, climbing(EMPTY, "2016-10-03"), NOW), "2016-11-08", FOOT)
    ledger = applied(ledger, climbing(ledger, "2016-11-08"), at("2016-11-08"))
    gone = applied(ledger, climbing(ledger, "2016-11-09", visit(None)), at("2016-11-09"))

    back = climbing(gone, "2016-11-09", restoring=True)
    said = sent(applied(gone, back, at("2016-11-09")), "2016-11-15")
    twice = applied(said, climbing(said, "2016-11-16", visit(None)), at("2016-11-16"))

    assert rungs(back) == {0: ("2016-11-15", "planned")}
    assert rungs(climbing(twice, "2016-11-16", restoring=True)) == {
        0: ("2016-11-15", "suppressed"),
        1: ("2016-11-29", "planned"),
    }


@pytest.mark.parametrize("reason", ["no_recipient", "person_left", "opted_out", "no_reachable_channel"])
def test_a_rung_that_reaches_nobody_is_passed_over(reason: str) -> None:
    rung: Key = ("it", "route", "then1:facilitator", RUNG, 1)
    ledger = sent(applied(EMPTY, climbing(EMPTY, "2016-10-03"), NOW), "2016-11-08", FOOT)
    ledger = applied(ledger, climbing(ledger, "2016-11-08"), at("2016-11-08"))
    silent = replace(ledger.nudges[rung], state="suppressed", reason=reason, closed_on=date(2016, 11, 15))

    passed = climbing(Ledger(ledger.armings, {**ledger.nudges, rung: silent}), "2016-11-15")
    waiting = climbing(
        Ledger(ledger.armings, {**ledger.nudges, rung: replace(silent, reason="too_late")}), "2016-11-15"
    )

    assert rungs(passed)[1] == ("2016-11-22", "planned")  # ten working days after the foot, not after the rung
    assert 1 not in rungs(waiting)


# Who stands in for whom; today is Monday 3 October 2016.

AWAY = (
    *(record("person", number) for number in (1, 2)),
    record("person", 10, away_until="2016-10-03", deputy=1),
    record("person", 11, away_until="2016-10-02", deputy=1),
    record("person", 12, away_until="2016-12-01"),
    record("person", 13, away_until="2016-12-01", deputy=10),
    record("person", 14, away_until="2016-12-01", deputy=12),
    record("person", 15, away_until="2016-12-01", deputy=16),
    record("person", 16, away_until="2016-12-01", deputy=15),
    record("person", 17, left_on="2016-09-01", successor=10),
    record("person", 18, away_until="2016-12-01", deputy=19),
    record("person", 19, left_on="2016-09-01", successor=2),
    record("person", 20, away_until="2016-12-01", deputy=21),
    record("person", 21, left_on="2016-09-01"),
    *(record("person", number, away_until="2016-12-01", deputy=number + 1) for number in range(30, 37)),
    record("person", 37),
)


@pytest.mark.parametrize(
    ("person", "reader"),
    [
        (1, 1),
        (10, 1),  # away until today
        (11, 11),  # back since today
        (12, 12),  # nobody stands in
        (13, 1),  # the deputy is away too, and has one
        (14, 14),  # both are away: it waits for the one it was meant for
        (15, 15),  # two who point at each other
        (17, 1),  # who took over is away
        (18, 2),  # the deputy left, and somebody took over
        (20, 20),  # the deputy left, and nobody did
        (32, 37),  # five in a row
        (31, 31),  # six in a row
        (99, 99),
    ],
)
def test_a_deputy_reads_what_is_meant_for_who_is_away(person: int, reader: int) -> None:
    known = facts(*AWAY, record("delegation", "D1", lead=person))
    subject = known.of("delegation")[0]

    assert recipients(["lead"], subject, known) == [("lead", reader)]


def test_a_person_is_sent_by_the_delegation_one_travels_with_before_any_one_answers_for() -> None:
    known = facts(
        record("delegation", "D1", lead=1, focal_point=2),
        record("delegation", "D2", lead=1, focal_point=3),
        record("participant", "P1", delegation="D2", person=2),
        record("participant", "P2", delegation="D1", person=2),
    )

    assert {person: each.key for person, each in senders(known).items()} == {1: "D1", 2: "D2", 3: "D2"}
