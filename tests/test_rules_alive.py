"""Every rule speaks: the shipped ones over a year worked out by hand; one that cannot is named, with the reason."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from planning import EMPTY, LIVE, NOW, WORKDAYS, applied, at, ground, sent
from programme import Programme
from small_facts import definition, facts, guard, numbers, record, shipped, stage

from lrflow.facts import Facts, Record
from lrflow.planner import Ground, Ledger, Moment, plan
from lrflow.planner.alive import Broken, broken
from lrflow.planner.possible import can_be_met, impossible
from lrflow.workflow import folder_of

# --------------------------------------------------------------- D6: a route on which everything is late, day by day

FIRST, LAST = date(2016, 2, 11), date(2018, 1, 31)
STAGES = (
    ("2016-02-11", "identification", "2016-06-01"),
    ("2016-06-30", "systematization", "2016-09-12"),
    ("2016-09-15", "champion_training", "2016-10-25"),
    ("2016-10-21", "learning_visit", "2016-11-05"),
    ("2016-11-05", "follow_up", "2017-11-04"),
)
HELD = ("2016-04-04", "2016-04-22")
# Every record: kind, id, the day from which it is in each state, its fields. P1 leads the delegation, P2 follows.
LIVES: tuple[tuple[str, str, tuple[tuple[str, str], ...], dict[str, Any]], ...] = (
    ("waiver", "W1", (("2016-05-02", "active"),), {"until_on": "2016-06-20", "guard": "min-csas"}),
    ("experience", "E1", (("2016-06-30", "selected"),), {}),
    ("champion", "C1", (("2016-09-20", "trained"),), {"person": 14, "experiences": ["E1"]}),
    (
        "delegation",
        "D1",
        (("2016-04-01", "confirmed"), ("2016-11-05", "attended")),
        {"organisation": 1, "visiting": True, "lead": 11, "focal_point": 13},
    ),
    *(
        (
            "participant",
            f"P{number}",
            (
                ("2016-07-01", "named"),
                ("2016-09-20", "confirmed"),
                ("2016-10-27", "cleared"),
                ("2016-11-05", "attended"),
            ),
            {"delegation": "D1", "person": 10 + number},
        )
        for number in (1, 2)
    ),
    *(
        (
            "checkin",
            f"Q1.{month}",
            (("2016-11-05", "scheduled"), ("2017-01-20", "missed")),
            {"delegation": "D1", "month": month, "due": due},
        )
        for month, due in ((0, "2016-11-05"), (1, "2016-12-05"))
    ),
    (
        "plan",
        "A1",
        (("2016-11-05", "drafted"), ("2017-01-20", "final"), ("2017-01-31", "awarded")),
        {"delegation": "D1", "final_on": "2017-01-20", "awarded_on": "2017-01-31"},
    ),
    ("action", "A1.1", (("2017-01-31", "planned"),), {"plan": "A1", "person": 12, "due": "2017-03-15"}),
)
CHANGES = sorted({day for *_, steps, _ in LIVES for day, _ in steps} | {day for day, *_ in STAGES} | {*HELD})


def mondays() -> str:
    first = date(2016, 2, 15)
    return ", ".join(f"{first + timedelta(weeks=number)} coordinator" for number in range(103))


# By hand: the visit is from Sunday 30 October to Saturday 5 November 2016, final plans are due on Wednesday 30.
# Nobody ever answers; every message arrives on its day. Weekends are Saturday and Sunday, and there is no holiday.
SAID = {
    "stage-due": (
        "2016-05-18 coordinator, 2016-05-18 facilitator, 2016-05-30 coordinator, 2016-05-30 facilitator, "
        "2016-08-29 coordinator, 2016-08-29 facilitator, 2016-09-09 coordinator, 2016-09-09 facilitator, "
        "2016-10-11 coordinator, 2016-10-11 facilitator, 2016-11-02 coordinator, 2016-11-02 facilitator, "
        "2017-10-23 coordinator, 2017-10-23 facilitator, 2017-11-01 coordinator, 2017-11-01 facilitator"
    ),
    "guard-missing": "2016-08-29 coordinator, 2016-08-29 facilitator, 2016-09-12 coordinator, 2016-09-12 facilitator",
    "travel-docs": "2016-08-08 P1, 2016-08-08 P2, 2016-09-05 P1, 2016-09-05 P2, 2016-10-03 P1, 2016-10-03 P2",
    "travel-docs-lead": "2016-09-05 lead, 2016-10-03 lead",
    "champion-ready": "2016-10-03 C1, 2016-10-24 C1",
    "reading": "2016-10-03 P1, 2016-10-03 P2",
    "survey": "2016-11-07 people:P1, 2016-11-07 people:P2",
    "share-learning": "2016-11-14 lead",
    "final-plan-soon": "2016-11-23 lead",
    "final-plan-overdue": "2016-12-05 lead",
    "final-plan-escalation": "2016-12-12 coordinator, 2016-12-12 focal_point, 2016-12-26 then1:coordinator",
    "award-start": "2017-03-02 owner",
    "award-start-late": "2017-04-03 coordinator, 2017-04-03 owner",
    "action-due-soon": "2017-03-01 person, 2017-03-13 person",
    "action-overdue": "2017-03-17 person, 2017-03-24 person, 2017-04-07 then1:owner, 2017-04-21 then2:coordinator",
    "check-in": "2016-12-05 lead",
    "check-in-again": "2016-12-12 lead",
    "check-in-escalation": "2016-12-19 coordinator, 2016-12-19 focal_point, 2017-01-02 then1:coordinator",
    "plan-stalled": "2017-04-03 coordinator",
    "weekly-digest": mondays(),
    "hold-review": "2016-04-15 coordinator",
    "waiver-ends": "2016-06-13 coordinator",
    "programme-end-half-year": "2017-08-04 coordinator, 2017-08-04 owner",
    "programme-end-quarter": "2017-11-02 coordinator, 2017-11-02 owner",
    "programme-end-month": "2018-01-01 coordinator, 2018-01-01 owner",
}


def records(day: str) -> Iterator[Record]:
    """What the route had on *day*; a date of a plan is known once it has come."""
    for kind, key, steps, values in LIVES:
        state = max(((first, state) for first, state in steps if first <= day), default=("", ""))[1]
        if state:
            known = {name: value for name, value in values.items() if not name.endswith("ed_on") or value <= day}
            yield record(kind, key, state, **{name: each for name, each in known.items() if each is not None})


def standing(day: date) -> Facts:
    """Everything known on *day*."""
    on = day.isoformat()
    _, here, due = max(each for each in STAGES if each[0] <= on)
    is_held = HELD[0] <= on < HELD[1]
    route = {"stage": here, "stage_due": due, "status": "on_hold" if is_held else "active", "host_country": "RW"}
    route |= {"review_on": "2016-04-15" if is_held else None, "live_on": FIRST.isoformat()}
    people = [record("person", number, organisation=1) for number in (11, 12, 13, 14)]
    return facts(
        record("organisation", 1, country="MW"),
        *people,
        *records(on),
        route={**route, "visit_start": "2016-10-30", "visit_end": "2016-11-05"},
        programme={"ends_on": LAST.isoformat()},
        parameters=numbers(shipped()),
        roles={"coordinator": (1,), "facilitator": (2,), "owner": (3,)},
        today=day,
    )


@cache
def lived() -> Ledger:
    """The ledger at the end: planned anew when anything changed or left, every message sent on its day."""
    ledger, day = EMPTY, FIRST
    while day <= LAST:
        now = at(day.isoformat(), 9)
        here = Ground(shipped(), standing(day), ledger, lambda _: WORKDAYS, Moment(now, day, FIRST))
        ledger = sent(applied(ledger, plan(here), now), day.isoformat())
        ahead = [each.local_on for each in ledger.nudges.values() if each.state == "planned"]
        ahead += [date.fromisoformat(each) for each in CHANGES]
        day = min([each for each in ahead if each > day], default=LAST + timedelta(days=1))
    return ledger


def spoken(rule: str) -> list[str]:
    """The days on which *rule* spoke, with the role; the id where a person is spoken to about it as `self`."""
    said = [(key, known) for key, known in lived().nudges.items() if key[0] == rule and known.state == "sent"]
    return sorted(f"{known.closed_on} {key[1] if key[2] == 'self' else key[2]}" for key, known in said)


@pytest.mark.requirement("D6")
@pytest.mark.parametrize("rule", sorted(shipped().rules))
def test_each_shipped_rule_speaks_on_the_days_worked_out_by_hand(rule: str) -> None:
    assert rule in SAID, "a new rule needs a row in this table: the days on which it speaks"

    assert ", ".join(spoken(rule)) == SAID[rule]


@pytest.mark.requirement("D6")
def test_the_table_has_no_row_for_a_rule_that_is_gone() -> None:
    assert set(SAID) == set(shipped().rules)


@pytest.mark.requirement("D5")
@pytest.mark.parametrize("day", [day for day in CHANGES if day >= FIRST.isoformat()])
def test_on_a_route_that_has_all_it_needs_no_rule_is_broken(day: str) -> None:
    here = Ground(
        shipped(), standing(date.fromisoformat(day)), EMPTY, lambda _: WORKDAYS, Moment(at(day), at(day).date(), None)
    )

    assert [each for each in broken(here, plan(here)) if each.remedy] == []


# --------------------------------------------------------------------------- D5, C7: a rule that cannot speak, and why

ROLES = {name: {"title": name} for name in ("coordinator", "facilitator", "owner")}
ASKED = {
    "guards": {"dated": guard({"check": "filled", "of": "route", "fields": ["visit_end"]})},
    "stages": {"first": stage("dated"), "second": stage()},
}
HELD_BY = {"coordinator": (1,), "facilitator": (2,), "owner": (3,)}


def found(rule: dict[str, Any], *rows: Record, ledger: Ledger = EMPTY, **known: Any) -> list[Broken]:
    """What is broken about the one rule `it` on a route with *rows*: a live one in its second stage, unless said."""
    parts = {"roles": ROLES, **ASKED, **known.pop("parts", {})}
    live_on, now = known.pop("live_on", LIVE), known.pop("now", NOW)
    route = {"stage": "second", "visit_end": "2016-11-04", **known.pop("route", {})}
    here = facts(*rows, route=route, **{"roles": HELD_BY, "programme": {"ends_on": "2017-12-31"}, **known})
    asked = ground({"it": rule}, here, now, ledger, live_on=live_on, **parts)
    return broken(asked, plan(asked))


def why(*given: Any, **known: Any) -> str:
    said = found(*given, **known)
    assert len(said) < 2
    return said[0].why if said else ""


AFTER = {"when": "visit_end + 3d"}
TWO_ACTIONS = (record("action", "A1.1", "planned"), record("action", "A1.2", "planned"))


@pytest.mark.requirement("D5")
@pytest.mark.parametrize(
    ("route", "says"),
    [
        ({"visit_end": None}, "it counts from visit_end, which is not set"),
        ({"visit_end": None, "stage": "first"}, ""),  # a guard of this stage still asks for it
        ({"visit_end": "2016-11"}, ""),  # it waits for a day
        ({}, ""),
    ],
)
def test_a_date_that_a_left_stage_should_have_brought_is_missing(route: dict[str, Any], says: str) -> None:
    assert why(AFTER, route=route) == says


@pytest.mark.requirement("D5")
def test_a_date_that_comes_when_it_comes_is_not_missing() -> None:
    assert why({"when": "review_on"}) == ""


@pytest.mark.requirement("D5")
@pytest.mark.parametrize(
    ("ends_on", "here", "says"),
    [(None, "second", "the programme's last day is not set"), (None, "first", ""), ("2017-12-31", "second", "")],
)
def test_a_programme_without_a_last_day_has_no_warning_of_it(ends_on: str | None, here: str, says: str) -> None:
    assert why({"when": "programme_end - 30d"}, programme={"ends_on": ends_on}, route={"stage": here}) == says


@pytest.mark.requirement("D5")
def test_records_that_all_lack_the_date_are_counted_and_one_that_has_it_is_enough() -> None:
    rule = {"about": "action", "when": "due + 2d"}
    dated = record("action", "A1.3", "planned", due="2016-12-01")

    assert found(rule, *TWO_ACTIONS) == [
        Broken("it", "it counts from due, which none of 2 actions has", "lrflow list action due=")
    ]
    assert found(rule, *TWO_ACTIONS, dated) == found(rule) == []
    assert found(rule, *TWO_ACTIONS, route={"stage": "first"}) == []  # a later step may bring it


@pytest.mark.requirement("D5")
def test_a_role_nobody_holds_breaks_a_rule_or_a_part_of_it() -> None:
    both = {**AFTER, "to": ["coordinator", "facilitator"]}
    only = {"coordinator": (1,)}

    assert found(AFTER, roles={}) == [Broken("it", "nobody is coordinator", "lrflow set route coordinator=EMAIL")]
    assert found(both, roles={}) == [
        Broken("it", "nobody is coordinator or facilitator", "lrflow set route coordinator=EMAIL")
    ]
    assert found(both, roles=only) == [
        Broken("it", "nobody is facilitator", "lrflow set route facilitator=EMAIL", in_part=True)
    ]
    assert found(both) == []


@pytest.mark.requirement("D5")
def test_a_role_whose_holder_left_without_a_successor_is_held_by_nobody() -> None:
    gone = record("person", 1, left_on="2016-09-01")
    followed = record("person", 1, left_on="2016-09-01", successor=2)

    assert why(AFTER, gone) == "nobody is coordinator"
    assert why(AFTER, followed, record("person", 2)) == ""


@pytest.mark.requirement("D5")
def test_whom_a_ladder_asks_last_must_be_somebody() -> None:
    rule = {**AFTER, "then": [{"after": "5wd", "to": ["owner"]}]}

    assert found(rule, roles={"coordinator": (1,)}) == [
        Broken("it", "nobody is owner, whom it asks last", "lrflow set route owner=EMAIL", in_part=True)
    ]


def delegations(*leads: int | None) -> list[Record]:
    people = [record("person", 10), record("person", 11), record("organisation", 1)]
    rows = [record("delegation", f"D{number}", "confirmed", lead=lead) for number, lead in enumerate(leads, 1)]
    return [*people, *rows]


@pytest.mark.requirement("D5")
@pytest.mark.parametrize(("now", "is_far"), [("2016-10-23", True), ("2016-10-24", False)])
def test_a_lead_who_is_missing_is_urgent_a_fortnight_before_the_first_reminder(now: str, is_far: bool) -> None:
    rule = {**AFTER, "about": "delegation", "to": ["lead"]}  # it leaves on 7 November

    said = found(rule, *delegations(None), now=at(now))

    assert [each.in_part for each in said] == [is_far]


@pytest.mark.requirement("D5")
@pytest.mark.parametrize(
    ("leads", "says", "in_part"),
    [
        ((None, None), "no lead is known for D1, D2", False),
        ((10, None), "no lead is known for D2", True),
        ((10, 11), "", False),
        ((), "", False),  # none was invited yet
    ],
)
def test_delegations_without_a_lead_are_named(leads: tuple[int | None, ...], says: str, in_part: bool) -> None:
    said = found({**AFTER, "about": "delegation", "to": ["lead"]}, *delegations(*leads), now=at("2016-11-01"))

    assert said == ([Broken("it", says, "lrflow list delegation lead=", in_part)] if says else [])


@pytest.mark.requirement("C7")
@pytest.mark.parametrize(
    ("ends_on", "says"),
    [
        ("2016-11-06", "all would leave after the programme's last day, 2016-11-06: D1 on 2016-11-07"),
        ("2016-11-07", "1 of 2 would leave after the programme's last day, 2016-11-07: D1 on 2016-11-14"),
        ("2016-11-13", "1 of 2 would leave after the programme's last day, 2016-11-13: D1 on 2016-11-14"),
        ("2016-11-14", ""),
        (None, ""),
    ],
)
def test_a_day_that_working_days_move_past_the_programmes_end_is_told(ends_on: str | None, says: str) -> None:
    weekly = {"when": "visit_end + 1d", "repeat": {"every": "1w", "times": 1}, "about": "delegation", "to": ["lead"]}

    said = found(weekly, *delegations(10), programme={"ends_on": ends_on})  # a Saturday: it leaves on Monday

    assert [each.why for each in said] == ([says] if says else [])
    assert [each.in_part for each in said] == ([says.startswith("1 of")] if says else [])


@pytest.mark.requirement("C7")
def test_who_runs_the_route_is_written_to_after_the_programmes_end_too() -> None:
    assert why(AFTER, programme={"ends_on": "2016-11-05"}) == ""


@pytest.mark.requirement("C7", "D5")
def test_what_lies_before_messages_began_to_leave_is_silent_and_needs_no_remedy() -> None:
    late = date(2016, 12, 1)

    assert found(AFTER, live_on=late) == [Broken("it", "its day was before messages began to leave (go-live)")]
    assert found({**AFTER, "repeat": {"every": "1w", "times": 1}}, live_on=late) == [
        Broken("it", "all 2 stay silent: its day was before messages began to leave (go-live)")
    ]
    assert found({**AFTER, "repeat": {"every": "4w", "times": 1}}, live_on=late) == []  # one is still to come


@pytest.mark.requirement("D5")
def test_a_rule_that_once_spoke_is_alive_though_all_that_is_left_is_silent() -> None:
    rule = {**AFTER, "about": "action", "to": ["coordinator"]}
    first, second = (record("action", f"A1.{number}", "planned") for number in (1, 2))
    spoke = ground({"it": rule}, replace(facts(first, route={"visit_end": "2016-11-04"}), roles=HELD_BY), NOW)
    ledger = sent(applied(EMPTY, plan(spoke), NOW), "2016-11-07")

    assert why(rule, second, ledger=ledger, now=at("2016-12-01")) == ""
    assert (
        why(rule, second, now=at("2016-12-01")) == "it came into being after the day on which it would have been said"
    )


@pytest.mark.requirement("D5")
def test_a_rule_whose_stages_are_over_is_not_broken_but_done() -> None:
    assert why({**AFTER, "stages": ["first"]}, roles={}) == ""
    assert why({**AFTER, "stages": ["second"]}, roles={}) == "nobody is coordinator"
    assert why({**AFTER, "stages": ["second"]}, roles={}, route={"stage": "first"}) == "nobody is coordinator"


@pytest.mark.requirement("D5", "C7")
@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ({"stages": ["third"]}, "none of its stages is on the path"),
        ({"when": "graduation + 2d"}, "it counts from graduation, which no route has"),
        (
            {"when": "programme_end + 5d"},
            "it counts onwards from the programme's last day, after which nothing is sent",
        ),
        ({"about": "participant", "condition": {"state": ["flown"]}}, "no participant can ever meet its condition"),
        ({"about": "participant", "condition": {"state": "named"}}, ""),
        ({"when": "programme_end - 5d"}, ""),
    ],
)
def test_a_rule_that_can_never_speak_whatever_happens_is_broken(rule: dict[str, Any], says: str) -> None:
    said = found({**AFTER, **rule})

    assert [each.why for each in said] == ([says] if says else [])
    assert all(each.remedy == "mend nudges.toml of small before the next route begins" for each in said)


@pytest.mark.requirement("D5")
@pytest.mark.parametrize(
    ("condition", "can"),
    [
        ({"state": "cleared"}, True),
        ({"state": "withdrawn"}, True),
        ({"state": ["named", "flown"]}, True),
        ({"state": []}, False),
        ({"state": "named", "reached": "confirmed"}, False),
        ({"state": ["named", "cleared"], "reached": "confirmed"}, True),
        ({"state": "withdrawn", "reached": "named"}, False),  # it has left the path
        ({"any": [{"state": "flown"}, {"state": "named"}]}, True),
        ({"any": [{"state": "flown"}]}, False),
        ({"age": {"min": 30, "max": 20}}, False),
        ({"age": {"min": 20, "max": "@parameters.oldest"}}, True),
        ({"visa": ["obtained", "no_such_word"]}, True),
        ({"visa": "no_such_word"}, False),
        ({}, True),
    ],
)
def test_a_condition_is_met_by_a_state_that_a_record_can_come_into(condition: dict[str, Any], can: bool) -> None:
    assert can_be_met(condition, "participant", definition()) is can


@pytest.mark.requirement("D5")
def test_a_state_that_no_move_leads_into_is_met_by_nothing() -> None:
    moves = {"validated": {"sources": ["drafted"]}, "sold": {"sources": ["printed"]}}
    lives = {"case": {"path": ["drafted", "validated", "printed", "sold"], "moves": moves}}

    able = {state: can_be_met({"state": state}, "case", definition(lives=lives)) for state in lives["case"]["path"]}

    assert able == {"drafted": True, "validated": True, "printed": False, "sold": False}


@pytest.mark.requirement("D5")
def test_every_shipped_rule_is_possible() -> None:
    assert {name: says for name, rule in shipped().rules.items() if (says := impossible(rule, shipped()))} == {}


@pytest.mark.requirement("C7", "D5")
def test_a_rule_that_can_never_speak_is_told_when_its_folder_is_checked(empty: Programme, tmp_path: Path) -> None:
    own = tmp_path / "own"
    shutil.copytree(folder_of("sun-csn"), own)
    text = (own / "nudges.toml").read_text("utf-8")
    (own / "nudges.toml").write_text(
        text.replace('when = "programme_end - 30d"', 'when = "programme_end + 30d"'), "utf-8"
    )

    checked = empty.run(f"workflow check {own}")

    assert checked.code == 2
    says = "it counts onwards from the programme's last day, after which nothing is sent"
    assert f"rules.programme-end-month: {says}" in checked.err


# ----------------------------------------------------------------------------------------- E7: a date that is taken out


def nudges_about(programme: Programme, key: str) -> set[tuple[str, str, str]]:
    rows = programme.do("nudge list --all --json").data
    return {(each["rule"], each["state"], each["reason"] or "") for each in rows if each["subject"] == key}


@pytest.mark.requirement("E7")
def test_a_due_date_taken_out_silences_what_was_planned_and_status_lists_it_without_a_date(
    follow_up: Programme,
) -> None:
    follow_up.do('add action "Dig" --of A1 due=2017-03-15')
    planned = nudges_about(follow_up, "A1.1")

    follow_up.do("set A1.1 due=")

    assert {state for _, state, _ in planned} == {"planned"}
    assert {rule for rule, *_ in planned} == {"action-due-soon", "action-overdue"}
    assert nudges_about(follow_up, "A1.1") == {(rule, "cancelled", "no_anchor") for rule, *_ in planned}
    line = "without a date: A1.1. Nothing reminds of it: lrflow set A1.1 due=..."
    assert line in follow_up.do("status").out.splitlines()
    assert follow_up.do("status --json").data["routes"][0]["without_date"] == ["A1.1"]


@pytest.mark.requirement("E7")
def test_a_date_set_again_is_said_again_and_the_line_is_gone(follow_up: Programme) -> None:
    follow_up.do('add action "Dig" --of A1 due=2017-03-15')
    follow_up.do("set A1.1 due=")

    follow_up.do("set A1.1 due=2017-04-15")

    assert "planned" in {state for _, state, _ in nudges_about(follow_up, "A1.1")}
    assert "without a date" not in follow_up.do("status").out


@pytest.mark.requirement("E7")
def test_a_date_known_to_the_month_is_told_as_such(follow_up: Programme) -> None:
    follow_up.do('add action "Dig" --of A1 due=2017-03')

    told = follow_up.do("status --json").data["routes"][0]

    assert (told["known_to_the_month"], told["without_date"]) == (["A1.1 due"], [])
    assert nudges_about(follow_up, "A1.1") == set()


@pytest.mark.requirement("D5")
def test_actions_that_all_lack_a_date_break_their_rules(follow_up: Programme) -> None:
    follow_up.do('add action "Dig" --of A1')

    said = [each for each in follow_up.run("doctor --json").data["found"] if "which A1.1 lacks" in each["what"]]

    assert [each["level"] for each in said] == ["fault"]
    assert said[0]["what"].startswith("rwanda-2016: action-due-soon, action-overdue: cannot speak: ")
    assert follow_up.do(said[0]["remedy"][0].removeprefix("lrflow ")).out.count("A1.1") == 1
