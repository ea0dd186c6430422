"""What was planned and sent before decides what is planned now: epochs, newcomers, delays, holds, ladders."""

from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

import pytest
from planning import EMPTY, NOW, applied, at, days, ground, only, sent, visit
from small_facts import facts, guard, record, stage

from lrflow.facts import Facts
from lrflow.planner import RUNG, Arming, Key, Ledger, Plan, plan

AFTER = {"it": {"when": "visit_end + 3d"}}  # Monday 7 November
CHASE = {
    "it": {"about": "plan", "when": "final_due - 7d", "condition": {"state": "drafted"}, "to": ["lead"]},
}


def due(day: str | None, state: str = "drafted") -> Facts:
    return facts(record("delegation", "D1", lead=1), record("plan", "A1", state, delegation="D1", final_due=day))


def keys(made: Plan) -> set[tuple[int, str, str]]:
    return {(key[4], each.local_on.isoformat(), each.state) for key, each in made.intended.items()}


def test_a_rule_is_silent_once_its_record_leaves_the_state_and_speaks_anew_when_it_is_back() -> None:
    planned = applied(EMPTY, plan(ground(CHASE, due("2016-11-30"), NOW)), NOW)

    left = plan(ground(CHASE, due("2016-11-30", "final"), NOW, planned))
    ledger = applied(planned, left, NOW)
    back = plan(ground(CHASE, due("2016-11-30"), at("2016-10-10"), ledger))

    assert (left.intended, left.silenced) == ({}, {("it", "A1"): "stop_condition"})
    assert [each.state for each in ledger.nudges.values()] == ["cancelled"]
    assert keys(back) == {(2, "2016-11-23", "planned")}
    assert back.armings == (Arming("it", "A1", 2, True, date(2016, 10, 10), date(2016, 11, 30)),)


def gone_out() -> Ledger:
    """A nudge for the final plan of 30 November, sent on 23 November."""
    return sent(applied(EMPTY, plan(ground(CHASE, due("2016-11-30"), NOW)), NOW), "2016-11-23")


def test_a_date_that_moves_before_anything_was_said_moves_the_nudge() -> None:
    ledger = applied(EMPTY, plan(ground(CHASE, due("2016-11-30"), NOW)), NOW)

    assert keys(plan(ground(CHASE, due("2016-12-14"), NOW, ledger))) == {(1, "2016-12-07", "planned")}


@pytest.mark.requirement("S9")
def test_a_date_that_moves_later_after_it_was_said_gives_one_more_chance() -> None:
    now = at("2016-11-24")

    moved = plan(ground(CHASE, due("2016-12-14"), now, gone_out()))
    again = plan(ground(CHASE, due("2016-12-14"), now, applied(gone_out(), moved, now)))

    assert keys(moved) == {(2, "2016-12-07", "planned")}
    assert keys(again) == keys(moved)


@pytest.mark.parametrize(("new", "epoch"), [("2016-12-04", 1), ("2016-12-05", 1), ("2016-12-06", 2)])
def test_the_new_day_of_the_nudge_itself_lies_two_working_days_ahead(new: str, epoch: int) -> None:
    found = plan(ground(CHASE, due(new), at("2016-11-25"), gone_out()))  # a Friday; the second working day is the 29th

    assert {key[4] for key in found.intended} == {epoch}


@pytest.mark.requirement("S9")
def test_a_date_that_moves_earlier_is_not_said_again() -> None:
    found = plan(ground(CHASE, due("2016-11-29"), at("2016-11-24"), gone_out()))

    assert {key[4] for key in found.intended} == {1}


@pytest.mark.parametrize("newcomer", ["skip", "now"])
def test_a_date_that_moves_forth_and_back_says_nothing_twice(newcomer: str) -> None:
    rules = {"it": {**CHASE["it"], "newcomer": newcomer}}
    ledger = gone_out()
    for day in ("2016-12-14", "2016-11-30", "2016-12-20", "2016-11-30"):
        ledger = applied(ledger, plan(ground(rules, due(day), at("2016-11-24"), ledger)), at("2016-11-24"))

    assert [each.state for each in ledger.nudges.values() if each.state in ("planned", "sent")] == ["sent"]


def test_what_was_silent_for_a_day_gone_by_speaks_when_the_day_moves_ahead() -> None:
    early = plan(ground(CHASE, due("2016-10-05"), NOW))
    ledger = applied(EMPTY, early, NOW)

    later = plan(ground(CHASE, due("2016-11-30"), NOW, ledger))

    assert keys(early) == {(1, "2016-09-28", "suppressed")}
    assert keys(later) == {(2, "2016-11-23", "planned")}


def test_what_was_silent_stays_so_while_its_day_stays() -> None:
    live_on = date(2016, 12, 1)
    ledger = applied(EMPTY, plan(ground(CHASE, due("2016-11-30"), NOW, live_on=live_on)), NOW)

    found = plan(ground(CHASE, due("2016-11-30"), NOW, ledger, live_on=live_on))

    assert keys(found) == {(1, "2016-11-23", "suppressed")}


def test_a_rule_that_counts_from_the_last_word_speaks_again_after_a_new_silence() -> None:
    rules = {"it": {"when": "record_on + 60d"}}
    word = {"coordinator": (1,)}
    first = facts(route={"record_on": "2016-10-03"}, roles=word)
    ledger = sent(applied(EMPTY, plan(ground(rules, first, NOW)), NOW), "2016-12-02")

    heard = facts(route={"record_on": "2016-12-20"}, roles=word)

    assert keys(plan(ground(rules, heard, at("2016-12-21"), ledger))) == {(2, "2017-02-20", "planned")}


MISSING = {
    "rules": {"it": {"about": "guard:cases", "stages": ["first"], "when": "stage_due - 7d"}},
    "guards": {"cases": guard({"check": "each_has", "of": "experience", "has": "case"})},
    "stages": {"first": stage("cases"), "second": stage()},
}


def without_case(*experiences: str, cases: tuple[str, ...] = (), at_stage: str = "first") -> Facts:
    return facts(
        *(record("experience", key) for key in experiences),
        *(record("case", f"K{number}", experience=key) for number, key in enumerate(cases, 1)),
        route={"stage": at_stage, "stage_due": "2016-11-30"},
        roles={"coordinator": (1,)},
    )


def test_a_guard_is_said_for_each_record_that_is_missing_while_its_stage_lasts() -> None:
    some = plan(ground(known=without_case("E1", "E2", "E3", cases=("E2",)), now=NOW, **MISSING))
    none = plan(ground(known=without_case(), now=NOW, **MISSING))
    past = plan(ground(known=without_case("E1", at_stage="second"), now=NOW, **MISSING))

    assert [key[1] for key in some.intended] == ["cases/E1", "cases/E3"]
    assert [key[1] for key in none.intended] == ["cases/route"]
    assert (past.intended, set(past.silenced.values())) == ({}, {"stop_condition"})


def test_a_guard_that_was_met_and_is_unmet_again_is_said_again() -> None:
    ask = partial(ground, now=NOW, **MISSING)
    ledger = applied(EMPTY, plan(ask(known=without_case("E1"))), NOW)

    met = plan(ask(known=without_case("E1", cases=("E1",)), ledger=ledger))
    again = plan(ask(known=without_case("E1"), ledger=applied(ledger, met, NOW)))

    assert (met.intended, met.silenced) == ({}, {("it", "cases/E1"): "stop_condition"})
    assert keys(again) == {(2, "2016-11-23", "planned")}


# Newcomers, the day of going live, delays.


def joined(on: str, **rule: Any) -> tuple[str, str, str]:
    """Day, state and reason of a nudge of Monday 10 October, armed *on* a day and asked for again the day after."""
    rules = {"it": {"when": "visit_end - 25d", **rule}}
    ledger = applied(EMPTY, plan(ground(rules, visit(), at(on))), at(on))
    found, again = (only(plan(ground(rules, visit(), at(day), ledger))) for day in (on, "2016-10-17"))
    assert again.local_on == found.local_on
    return found.local_on.isoformat(), found.state, found.reason


@pytest.mark.parametrize(
    ("newcomer", "on", "told"),
    [
        ("skip", "2016-10-09", ("2016-10-10", "planned", "")),
        ("skip", "2016-10-10", ("2016-10-10", "planned", "")),
        ("skip", "2016-10-11", ("2016-10-10", "suppressed", "subject_after_nominal")),
        ("now", "2016-10-10", ("2016-10-10", "planned", "")),
        ("now", "2016-10-11", ("2016-10-11", "planned", "")),
        ("now", "2016-10-15", ("2016-10-17", "planned", "")),  # a Saturday
    ],
)
def test_who_comes_after_the_day_hears_it_now_or_not_at_all(newcomer: str, on: str, told: tuple[str, str, str]) -> None:
    assert joined(on, newcomer=newcomer) == told


@pytest.mark.requirement("D1")
@pytest.mark.parametrize(
    ("live_on", "told"),
    [
        (date(2016, 11, 7), ("planned", "")),
        (date(2016, 11, 8), ("suppressed", "before_active")),
        (None, ("planned", "")),
    ],
)
def test_rules_speak_from_the_day_of_going_live_on(live_on: date | None, told: tuple[str, str]) -> None:
    found = only(plan(ground(AFTER, visit(), NOW, live_on=live_on)))

    assert (found.state, found.reason) == told


@pytest.mark.parametrize(
    ("rule", "today", "told"),
    [
        ({"max_late": "2wd"}, "2016-11-09", ("planned", "")),
        ({"max_late": "2wd"}, "2016-11-10", ("expired", "too_late")),
        ({"max_late": "5wd"}, "2016-11-14", ("planned", "")),
        ({"max_late": "5wd"}, "2016-11-15", ("expired", "too_late")),
        ({"late": "drop"}, "2016-11-07", ("planned", "")),
        ({"late": "drop"}, "2016-11-08", ("expired", "too_late")),
    ],
)
def test_a_delay_is_borne_up_to_its_limit(rule: dict[str, Any], today: str, told: tuple[str, str]) -> None:
    rules = {"it": {**AFTER["it"], **rule}}
    ledger = applied(EMPTY, plan(ground(rules, visit(), NOW)), NOW)

    found = only(plan(ground(rules, visit(), at(today), ledger)))

    assert (found.state, found.reason) == told


def test_a_rehearsal_expires_nothing() -> None:
    rules = {"it": {**AFTER["it"], "repeat": {"every": "7d", "times": 1}}}
    ledger = applied(EMPTY, plan(ground(rules, visit(), NOW, live_on=None)), NOW)

    made = plan(ground(rules, visit(), at("2017-11-07"), ledger, live_on=None))

    assert [state for _, state in days(made)] == ["planned", "planned"]


@pytest.mark.parametrize(
    ("late", "states"),
    [
        ("latest", ["expired superseded", "planned ", "planned "]),
        ("each", ["planned ", "planned ", "planned "]),
        ("drop", ["expired too_late", "planned ", "planned "]),
    ],
)
def test_after_an_outage_the_newest_of_a_series_speaks_or_each_or_none(late: str, states: list[str]) -> None:
    rules = {"it": {**AFTER["it"], "repeat": {"every": "7d", "times": 2}, "late": late}}  # 7, 14 and 21 November
    ledger = applied(EMPTY, plan(ground(rules, visit(), NOW)), NOW)

    found = plan(ground(rules, visit(), at("2016-11-14", 10), ledger)).intended.values()

    assert [f"{each.state} {each.reason}" for each in found] == states


def test_two_rules_and_two_people_are_no_series() -> None:
    rules = {name: {**AFTER["it"], "to": ["coordinator", "facilitator"]} for name in ("it", "other")}

    assert [state for _, state in days(plan(ground(rules, visit(), at("2016-11-07", 10))))] == ["planned"] * 4


# Holds.


@pytest.mark.parametrize(
    ("on_hold", "planned", "silenced"),
    [
        ("pause", [("2016-11-07", "held")], {}),
        ("run", [("2016-11-07", "planned")], {}),
        ("cancel", [], {("it", "route"): "on_hold"}),
    ],
)
def test_a_hold_pauses_ends_or_passes_by_a_rule(on_hold: str, planned: Any, silenced: Any) -> None:
    made = plan(ground({"it": {**AFTER["it"], "on_hold": on_hold}}, visit(status="on_hold"), NOW))

    assert (days(made), made.silenced) == (planned, silenced)


def test_what_was_held_is_planned_again_when_the_route_goes_on() -> None:
    before = plan(ground(AFTER, visit(), NOW))
    ledger = applied(EMPTY, before, NOW)
    for status in ("on_hold", "active"):
        ledger = applied(ledger, plan(ground(AFTER, visit(status=status), at("2016-10-20"), ledger)), NOW)

    assert plan(ground(AFTER, visit(), at("2016-10-20"), ledger)).intended == before.intended


@pytest.mark.parametrize("status", ["closed", "cancelled"])
def test_a_route_that_ended_says_nothing(status: str) -> None:
    made = plan(ground({"it": {**AFTER["it"], "on_hold": "run"}}, visit(status=status), NOW))

    assert (made.intended, made.silenced) == ({}, {("it", "route"): "route_ended"})


@pytest.mark.requirement("S5")
@pytest.mark.parametrize(
    ("said", "gap", "second"),
    [
        ("2016-11-07", "3wd", ("2016-11-14", "planned", "")),
        ("2016-11-09", "3wd", ("2016-11-14", "planned", "")),  # Wednesday to Monday
        ("2016-11-10", "3wd", ("2016-11-14", "suppressed", "min_gap")),
        ("2016-11-10", "2wd", ("2016-11-14", "planned", "")),
    ],
)
def test_a_repeat_too_near_to_one_said_late_is_left_out_and_the_grid_stays(
    said: str, gap: str, second: tuple[str, str, str]
) -> None:
    rules = {"it": {**AFTER["it"], "repeat": {"every": "7d", "times": 2}, "min_gap": gap}}
    ledger = applied(EMPTY, plan(ground(rules, visit(), NOW)), NOW)
    late = sent(ledger, said, ("it", "route", "coordinator", 0, 1))

    found = plan(ground(rules, visit(), at(said, 12), late)).intended

    told = {key[3]: (each.local_on.isoformat(), each.state, each.reason) for key, each in found.items()}
    assert (told[1], told[2]) == (second, ("2016-11-21", "planned", ""))


# The ladder.

LADDER = {
    "it": {
        **AFTER["it"],
        "repeat": {"every": "7d", "times": 1},
        "then": [{"after": "5wd", "to": ["facilitator"]}, {"after": "10wd", "to": ["owner"], "channel": "call"}],
    }
}
FOOT: Key = ("it", "route", "coordinator", 0, 1)
FIRST: Key = ("it", "route", "then1:facilitator", RUNG, 1)
SECOND: Key = ("it", "route", "then2:owner", RUNG + 1, 1)


def climb(ledger: Ledger, day: str) -> dict[Key, str]:
    """The rungs that stand on *ledger*, each with its day."""
    made = plan(ground(LADDER, visit(), at(day), ledger))
    return {key: each.local_on.isoformat() for key, each in made.intended.items() if key[3] >= RUNG}


def test_a_rung_stands_only_on_a_message_that_went_out_and_counts_from_its_day() -> None:
    ledger = applied(EMPTY, plan(ground(LADDER, visit(), NOW)), NOW)
    said = sent(ledger, "2016-11-08", FOOT)
    after = applied(said, plan(ground(LADDER, visit(), at("2016-11-08"), said)), NOW)

    assert climb(ledger, "2016-11-08") == {}
    assert climb(said, "2016-11-08") == {FIRST: "2016-11-15"}
    assert climb(sent(after, "2016-11-15", FIRST), "2016-11-15") == {FIRST: "2016-11-15", SECOND: "2016-11-29"}


def test_a_reminder_in_between_moves_the_rung() -> None:
    ledger = applied(EMPTY, plan(ground(LADDER, visit(), NOW)), NOW)
    said = sent(sent(ledger, "2016-11-08", FOOT), "2016-11-14", (*FOOT[:3], 1, 1))

    assert climb(said, "2016-11-14") == {FIRST: "2016-11-21"}


@pytest.mark.parametrize("state", ["drafted", "expired", "suppressed", "failed", "unsure", "cancelled"])
def test_nothing_climbs_on_what_was_not_delivered(state: str) -> None:
    ledger = sent(applied(EMPTY, plan(ground(LADDER, visit(), NOW)), NOW), "2016-11-08", FOOT)
    nudges = {**ledger.nudges, FOOT: replace(ledger.nudges[FOOT], state=state)}

    assert climb(Ledger(ledger.armings, nudges), "2016-11-08") == {}


@pytest.mark.requirement("L4")
def test_where_the_first_message_had_nobody_to_go_to_the_ladder_stands_on_its_day() -> None:
    ledger = applied(EMPTY, plan(ground(LADDER, visit(), NOW)), NOW)
    lost = {key: replace(each, state="suppressed", reason="no_recipient") for key, each in ledger.nudges.items()}

    assert climb(Ledger(ledger.armings, lost), "2016-11-15") == {FIRST: "2016-11-21"}  # five days after the 14th


def test_a_ladder_begins_at_its_foot_again_in_another_epoch() -> None:
    said = sent(applied(EMPTY, plan(ground(LADDER, visit(), NOW)), NOW), "2016-11-08", FOOT)

    made = plan(ground(LADDER, visit("2016-12-16"), at("2016-11-09"), said))

    assert {key[3:] for key in made.intended} == {(0, 2), (1, 2)}


# A story in several rules.

STORY = {
    "a-reminder": {
        "about": "plan",
        "when": "final_due + 10d",
        "to": ["lead"],
        "after": {"rule": "z-first", "grace": "4wd"},
    },
    "z-first": {"about": "plan", "when": "final_due + 3d", "to": ["lead"]},
}
FIRST_PART: Key = ("z-first", "A1", "lead", 0, 1)
SECOND_PART: Key = ("a-reminder", "A1", "lead", 0, 1)


def story(day: str, ledger: Ledger = EMPTY) -> dict[str, tuple[str, str, str]]:
    """Rule -> day, state and reason, as a plan made on *day* has them; names sort the other way round."""
    known = facts(
        record("delegation", "D1", lead=1), record("plan", "A1", "drafted", delegation="D1", final_due="2016-11-30")
    )
    made = plan(ground(STORY, known, at(day), ledger))
    return {key[0]: (each.local_on.isoformat(), each.state, each.reason) for key, each in made.intended.items()}


def told_story(state: str, closed: str, reason: str = "") -> Ledger:
    """The ledger in which the first part ended in *state*."""
    known = facts(
        record("delegation", "D1", lead=1), record("plan", "A1", "drafted", delegation="D1", final_due="2016-11-30")
    )
    ledger = applied(EMPTY, plan(ground(STORY, known, NOW)), NOW)
    ended = replace(ledger.nudges[FIRST_PART], state=state, closed_on=date.fromisoformat(closed), reason=reason)
    return Ledger(ledger.armings, {**ledger.nudges, FIRST_PART: ended})


@pytest.mark.requirement("E5", "L2")
def test_a_later_part_of_a_story_waits_for_the_first_however_the_rules_are_called() -> None:
    assert story("2016-10-03") == {
        "z-first": ("2016-12-05", "planned", ""),
        "a-reminder": ("2016-12-12", "planned", ""),
    }
    assert story("2016-12-13", told_story("sent", "2016-12-09"))["a-reminder"] == ("2016-12-15", "planned", "")


@pytest.mark.requirement("E5", "J4", "L2")
@pytest.mark.parametrize(
    ("state", "reason", "told"),
    [
        ("failed", "", ("suppressed", "not_delivered")),
        ("drafted", "", ("held", "unconfirmed")),
        ("unsure", "", ("held", "unconfirmed")),
        ("suppressed", "no_recipient", ("planned", "")),
        ("suppressed", "subject_after_nominal", ("suppressed", "mid_series")),
        ("expired", "too_late", ("suppressed", "mid_series")),
        ("suppressed", "skipped", ("suppressed", "mid_series")),
    ],
)
def test_a_story_goes_on_only_after_what_arrived(state: str, reason: str, told: tuple[str, str]) -> None:
    assert story("2016-12-06", told_story(state, "2016-12-05", reason))["a-reminder"][1:] == told
