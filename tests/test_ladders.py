"""Ladders and stories: working days of whoever is waited for, only what arrived, any sign of life, then a call."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from living import DUE, World, scene_of, small
from planning import EMPTY, applied, at, ground, sent
from small_facts import facts, record

from lrflow.calendars import Calendar
from lrflow.facts import Facts
from lrflow.planner import (
    OPEN,
    RUNG,
    UNREACHED,
    Course,
    Foreseen,
    Key,
    Ledger,
    NextStep,
    Plan,
    call_of,
    next_step,
    plan,
    rule_of,
)

FOOT: Key = ("it", "A1", "lead", 0, 1)
FIRST: Key = ("it", "A1", "then1:focal_point", RUNG, 1)
TOP: Key = ("it", "A1", "then2:coordinator", RUNG + 1, 1)
LADDER = {
    "it": {
        **DUE,
        "when": "final_due",
        "then": [{"after": "5wd", "to": ["focal_point"]}, {"after": "5wd", "to": ["coordinator"], "channel": "call"}],
    }
}
USUAL = Calendar("UTC", frozenset({6, 7}), {})
DHAKA = Calendar("Asia/Dhaka", frozenset({5, 6}), {date(2016, 10, 5): "a feast"})


def owed(focal_point: int | None = 2, **plan_values: Any) -> Facts:
    """A plan that is due on Monday 3 October 2016, of an alliance with a lead (1) and a focal point; 4 coordinates."""
    people = [record("person", number, name=f"Person {number}") for number in range(1, 5)]
    delegation = record("delegation", "D1", lead=1, focal_point=focal_point)
    one = record("plan", "A1", "drafted", delegation="D1", final_due="2016-10-03", **plan_values)
    return facts(*people, delegation, one, roles={"coordinator": (4,)})


def made(ledger: Ledger, day: str, known: Facts | None = None, calendars: Mapping[int, Calendar] | None = None) -> Plan:
    here = ground(
        LADDER, known or owed(), at(day), ledger, calendar_of=lambda person: (calendars or {}).get(person, USUAL)
    )
    return plan(here)


def climbed(ledger: Ledger, day: str, *keys: Key, known: Facts | None = None) -> Ledger:
    """The ledger after *keys* went out on *day*, planned anew."""
    told = sent(ledger, day, *keys)
    return applied(told, made(told, day, known), at(day))


def days_of(found: Plan, ledger: Ledger) -> dict[Key, str]:
    """The day of each nudge that is still to be said."""
    over = {key for key, each in ledger.nudges.items() if each.state not in OPEN}
    return {
        key: each.local_on.isoformat()
        for key, each in found.intended.items()
        if each.state == "planned" and key not in over
    }


START = applied(EMPTY, made(EMPTY, "2016-10-03"), at("2016-10-03"))


@pytest.mark.requirement("L1")
def test_a_rung_counts_the_working_days_of_the_person_waited_for_not_of_the_one_it_goes_to():
    told = sent(START, "2016-10-03", FOOT)

    usual = made(told, "2016-10-04")
    of_lead = made(told, "2016-10-04", calendars={1: DHAKA})
    of_focal_point = made(told, "2016-10-04", calendars={2: DHAKA})

    assert days_of(usual, told) == {FIRST: "2016-10-10"}
    assert days_of(of_lead, told) == {FIRST: "2016-10-11"}  # neither Friday and Saturday nor the feast count
    assert days_of(of_focal_point, told) == {FIRST: "2016-10-10"}


@pytest.mark.requirement("L2", "J4")
@pytest.mark.parametrize("state", ["planned", "held", "drafted", "unsure", "failed", "expired"])
def test_nothing_stands_on_a_message_that_is_not_known_to_have_arrived(state):
    waiting = Ledger(START.armings, {FOOT: replace(START.nudges[FOOT], state=state)})

    assert FIRST not in made(waiting, "2016-10-20").intended


@pytest.mark.requirement("L3")
def test_any_sign_of_life_puts_the_next_rung_off_and_every_later_one():
    told = climbed(START, "2016-10-03", FOOT)

    heard = made(told, "2016-10-07", owed(touched_on="2016-10-07"))
    after = climbed(applied(told, heard, at("2016-10-07")), "2016-10-14", FIRST, known=owed(touched_on="2016-10-07"))
    later = made(after, "2016-10-17", owed(touched_on="2016-10-17"))

    assert days_of(heard, told) == {FIRST: "2016-10-14"}
    assert days_of(made(after, "2016-10-17", owed(touched_on="2016-10-07")), after) == {TOP: "2016-10-21"}
    assert days_of(later, after) == {TOP: "2016-10-24"}


@pytest.mark.requirement("L3")
def test_a_sign_of_life_before_the_message_counts_for_nothing():
    told = sent(START, "2016-10-03", FOOT)

    assert days_of(made(told, "2016-10-04", owed(touched_on="2016-09-20")), told) == {FIRST: "2016-10-10"}


@pytest.mark.requirement("L4")
@pytest.mark.parametrize("reason", UNREACHED)
def test_a_rung_that_reaches_nobody_is_passed_over_and_the_next_counts_from_the_message_before(reason):
    told = climbed(START, "2016-10-03", FOOT)
    silent = replace(told.nudges[FIRST], state="suppressed", reason=reason, closed_on=date(2016, 10, 10))

    passed = Ledger(told.armings, {**told.nudges, FIRST: silent})

    assert days_of(made(passed, "2016-10-10"), passed) == {TOP: "2016-10-10"}


@pytest.mark.requirement("L5")
def test_the_top_is_a_call_that_says_how_often_whom_and_since_when_and_then_there_is_silence():
    told = climbed(climbed(START, "2016-10-03", FOOT), "2016-10-10", FIRST)
    top = climbed(told, "2016-10-17", TOP)

    asked = call_of(ground(LADDER, owed(), at("2016-10-17"), told), TOP)

    assert (asked.person, asked.asked, asked.since) == (1, 2, date(2016, 10, 3))
    assert call_of(ground(LADDER, owed(), at("2016-10-17"), told), FIRST) is None
    for later in ("2016-10-18", "2016-11-30", "2017-09-01"):
        assert days_of(made(top, later), top) == {}


@pytest.mark.requirement("L3")
def test_a_plan_that_is_done_takes_its_ladder_down_and_coming_back_says_no_step_twice():
    told = climbed(climbed(START, "2016-10-03", FOOT), "2016-10-10", FIRST)
    done = owed()
    done = done.with_record(replace(done.of("plan")[0], values={**done.of("plan")[0].values, "state": "final"}))
    down = applied(told, made(told, "2016-10-11", done), at("2016-10-11"))

    back = made(down, "2016-10-12")

    assert days_of(made(told, "2016-10-11", done), told) == {}
    assert not {key for key in days_of(back, down) if key[:4] in (FOOT[:4], FIRST[:4])}


# A story in several rules.

STORY = {
    "first": {**DUE, "when": "final_due + 3d"},
    "second": {**DUE, "when": "final_due + 7d", "after": {"rule": "first", "grace": "4wd"}, "to": ["focal_point"]},
}


def told_of(ledger: Ledger, day: str, known: Facts | None = None) -> dict[str, tuple[str, str, str]]:
    found = plan(ground(STORY, known or owed(), at(day), ledger))
    return {key[0]: (each.local_on.isoformat(), each.state, each.reason) for key, each in found.intended.items()}


@pytest.mark.requirement("E5", "L2")
def test_a_later_part_waits_its_grace_after_what_it_follows_however_late_that_was():
    begun = applied(EMPTY, plan(ground(STORY, owed(), at("2016-10-03"))), at("2016-10-03"))
    late = sent(begun, "2016-10-14", ("first", "A1", "lead", 0, 1))

    assert told_of(begun, "2016-10-03")["second"] == ("2016-10-12", "planned", "")
    assert told_of(late, "2016-10-14")["second"] == ("2016-10-20", "planned", "")


@pytest.mark.requirement("E5")
def test_a_story_never_begins_in_the_middle():
    found = told_of(EMPTY, "2016-10-09")  # the plan came into being after the day of the first part

    assert found["first"][1:] == ("suppressed", "subject_after_nominal")
    assert found["second"][1:] == ("suppressed", "mid_series")


@pytest.mark.requirement("E6")
def test_what_is_due_at_this_very_moment_is_due():
    now = datetime.fromisoformat("2016-10-03T09:00+00:00")
    found = plan(ground({"it": {**DUE, "when": "final_due"}}, owed(), now)).intended[FOOT]

    assert (found.state, found.due <= now) == ("planned", True)


# What a message announces is what then happens.


def course(chance: Random) -> Course:
    """Two alliances with plans and check-ins anywhere, lived ahead by the programme's own course."""
    start = date(2016, 10, 3)
    scene = scene_of(chance, start, 2)
    world = World(small(("soon", "overdue", "again")), scene.facts(), scene.calendar_of)
    now = at(start.isoformat())
    return Course.of({"r": world.ground(now)}, {}, lambda person: "no_recipient" if person is None else "", "UTC", now)


def announced(message: Foreseen) -> list[tuple[Key, NextStep]]:
    here, ground_then = message.local_on, message.grounds["r"]
    found = []
    for _, each in message.lines:
        subject = ground_then.facts.find(rule_of(ground_then.definition, each.key[0]).about, each.key[1])
        if step := next_step(ground_then, message.plans["r"], each, subject, here):
            found.append((each.key, step))
    return found


@pytest.mark.requirement("L2", "L5")
def test_what_a_message_announces_of_the_next_step_is_what_happens_when_nobody_answers():
    kept = 0
    for seed in range(40):
        found = course(Random(seed))
        messages = [each for each in found.until(found.now + timedelta(days=120)) if isinstance(each, Foreseen)]
        for message in messages:
            for key, step in announced(message):
                about = [
                    (later.local_on, later.person)
                    for later in messages
                    for _, each in later.lines
                    if each.key[1] == key[1] and later.at > message.at and later.person in step.people
                ]
                assert about, f"seed {seed}: {key} announced {step} and it never came"
                day, _ = min(about)
                assert step.on <= day <= step.on + timedelta(days=7), f"seed {seed}: {key} announced {step}, came {day}"
                kept += 1
    assert kept > 40
