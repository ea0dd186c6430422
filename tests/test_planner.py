"""What is due when, to whom: days, recipients, the plan of the programme."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planning import EMPTY, LIVE, NOW, WORKDAYS, applied, at, days, ground, only, sent, visit
from small_facts import anything, facts, numbers, record, shipped

from lrflow.calendars import Calendar
from lrflow.facts import Facts
from lrflow.planner import OPEN, Ground, Moment, plan, recipients, why_not_today

AFTER = {"it": {"when": "visit_end + 3d"}}


def test_a_nudge_is_the_same_one_whatever_its_date() -> None:
    first, second = (only(plan(ground(AFTER, visit(end), NOW))) for end in ("2016-11-04", "2016-12-02"))

    assert first.key == second.key == ("it", "route", "coordinator", 0, 1)
    assert (first.local_on, second.local_on) == (date(2016, 11, 7), date(2016, 12, 5))


@pytest.mark.parametrize(
    ("when", "end", "local"),
    [
        ("visit_end + 3d", "2016-11-01", "2016-11-04"),  # Friday
        ("visit_end + 1d", "2016-11-04", "2016-11-08"),  # Saturday; Monday is a holiday
        ("visit_end - 3d", "2016-11-08", "2016-11-04"),  # Saturday: back, where it lies before the anchor
        ("visit_end - 2d", "2016-11-07", "2016-11-04"),  # Saturday
        ("visit_end - 1d", "2016-11-07", "2016-11-04"),  # Sunday
        ("visit_end", "2016-11-05", "2016-11-08"),  # the day itself is not before itself
        ("visit_end + 1mo", "2016-10-31", "2016-11-30"),
        ("visit_end + 2wd", "2016-11-04", "2016-11-09"),
    ],
)
def test_it_leaves_on_a_working_day_and_before_an_anchor_never_past_it(when: str, end: str, local: str) -> None:
    holiday = Calendar("Africa/Lagos", frozenset({6, 7}), {date(2016, 11, 7): "a holiday"})

    found = only(plan(ground({"it": {"when": when}}, visit(end), NOW, calendar_of=lambda _: holiday)))

    assert (found.local_on.isoformat(), found.at, found.zone) == (local, time(9), "Africa/Lagos")
    assert found.due == at(local, 8)


@pytest.mark.parametrize(
    ("shift", "when", "end", "local"),
    [
        ("next", "visit_end - 3d", "2016-11-08", "2016-11-08"),  # the anchor's own day is not past it
        ("next", "visit_end - 2d", "2016-11-07", "2016-11-04"),  # Tuesday would be past the anchor
        ("previous", "visit_end + 1d", "2016-11-04", "2016-11-04"),
        ("none", "visit_end + 1d", "2016-11-04", "2016-11-05"),
    ],
)
def test_a_rule_may_say_to_which_side_it_leaves_a_day_off(shift: str, when: str, end: str, local: str) -> None:
    holiday = Calendar("Africa/Lagos", frozenset({6, 7}), {date(2016, 11, 7): "a holiday"})
    rules = {"it": {"when": when, "shift": shift}}

    assert only(plan(ground(rules, visit(end), NOW, calendar_of=lambda _: holiday))).local_on.isoformat() == local


@pytest.mark.requirement("S2")
def test_a_weekend_of_friday_and_saturday_is_passed_backwards_before_an_anchor() -> None:
    dhaka = Calendar("Asia/Dhaka", frozenset({5, 6}), {})

    found = only(
        plan(ground({"it": {"when": "visit_end - 2d"}}, visit("2017-06-18"), NOW, calendar_of=lambda _: dhaka))
    )

    assert found.local_on == date(2017, 6, 15)


@pytest.mark.requirement("S5")
def test_repeats_stand_on_a_grid_that_neither_shifts_nor_late_sending_move() -> None:
    rules = {"it": {"when": "visit_end + 1d", "repeat": {"every": "7d", "times": 2}}}
    grid = [("2016-11-07", "planned"), ("2016-11-14", "planned"), ("2016-11-21", "planned")]
    ledger = applied(EMPTY, plan(ground(rules, visit(), NOW)), NOW)

    late = sent(ledger, "2016-11-09", ("it", "route", "coordinator", 0, 1))

    assert [each.nominal_on.day for each in plan(ground(rules, visit(), NOW)).intended.values()] == [5, 12, 19]
    assert days(plan(ground(rules, visit(), NOW))) == grid
    assert days(plan(ground(rules, visit(), at("2016-11-09", 10), late)))[1:] == grid[1:]


def test_of_many_repeats_only_the_next_weeks_are_planned() -> None:
    rules = {"it": {"when": "visit_end", "repeat": {"every": "1w", "times": 400}}}

    first = plan(ground(rules, visit("2016-10-10"), NOW)).intended.values()
    later = plan(ground(rules, visit("2016-10-10"), at("2017-10-03"))).intended.values()

    assert max(each.local_on for each in first) == date(2016, 11, 14)
    assert max(each.local_on for each in later) == date(2017, 11, 6)


@pytest.mark.parametrize(("end", "waits"), [("2016-11", (("it", "route"),)), (None, ())])
def test_a_date_known_to_the_month_waits_and_one_not_set_is_silent(end: str | None, waits: Any) -> None:
    made = plan(ground(AFTER, visit(end), NOW))

    assert (made.intended, made.without_day) == ({}, waits)
    assert made.silenced == {("it", "route"): "no_anchor"}


def test_one_person_in_two_roles_hears_it_once() -> None:
    rules = {"it": {"when": "visit_end + 3d", "to": ["coordinator", "facilitator", "owner"]}}
    known = replace(visit(), roles={"coordinator": (1, 2), "facilitator": (1,), "owner": (3,)})

    made = plan(ground(rules, known, NOW))

    assert [(key[2], each.person) for key, each in made.intended.items()] == [
        ("coordinator", 1),
        ("coordinator#2", 2),
        ("owner", 3),
    ]


def test_a_role_nobody_holds_is_planned_for_nobody_and_not_forgotten() -> None:
    assert only(plan(ground(AFTER, replace(visit(), roles={}), NOW))).person is None


PEOPLE = (
    record("organisation", 1, name="CSONA"),
    *(record("person", number) for number in (10, 11, 12)),
    record("person", 20, left_on="2016-09-01", successor=21),
    record("person", 21, left_on="2016-09-02", successor=22),
    record("person", 22),
    record("person", 30, left_on="2016-09-01"),
    record("person", 40, left_on="2016-09-01", successor=41),
    record("person", 41, left_on="2016-09-01", successor=40),
    record("delegation", "D1", "confirmed", lead=10, focal_point=20),
    record("participant", "P1", "attended", delegation="D1", person=11),
    record("participant", "P2", "no_show", delegation="D1", person=12),
    record("champion", "C1", "trained", person=30),
    record("champion", "C2", "trained", person=40),
    record("plan", "A1", "final", delegation="D1"),
    record("plan", "A2", "final", delegation="D1", owner=12),
    record("action", "A1.1", "planned", plan="A1"),
    record("action", "A2.1", "planned", plan="A2"),
    record("action", "A2.2", "planned", plan="A2", person=11),
    record("checkin", "Q1.1", "scheduled", delegation="D1"),
)


@pytest.mark.parametrize(
    ("kind", "key", "role", "who"),
    [
        ("participant", "P1", "self", [("self", 11)]),
        ("participant", "P1", "lead", [("lead", 10)]),
        ("delegation", "D1", "lead", [("lead", 10)]),
        ("delegation", "D1", "focal_point", [("focal_point", 22)]),  # twice somebody left
        ("champion", "C1", "self", [("self", None)]),  # left without a successor
        ("champion", "C2", "self", [("self", None)]),  # two who point at each other
        ("plan", "A1", "owner", [("owner", 10)]),
        ("plan", "A2", "owner", [("owner", 12)]),
        ("action", "A1.1", "person", [("person", 10)]),
        ("action", "A2.1", "person", [("person", 12)]),
        ("action", "A2.2", "person", [("person", 11)]),
        ("action", "A2.2", "owner", [("owner", 12)]),
        ("action", "A2.2", "lead", [("lead", 10)]),
        ("checkin", "Q1.1", "people", [("people:P1", 11)]),
        ("route", "", "owner", [("owner", 5)]),
        ("route", "", "host", [("host", None)]),
    ],
)
def test_a_role_means_somebody_and_who_left_is_stood_in_for(kind: str, key: str, role: str, who: Any) -> None:
    known = facts(*PEOPLE, roles={"owner": (5,)})
    subject = known.route if kind == "route" else known.find(kind, key)
    assert subject is not None

    assert recipients([role], subject, known) == who


MALAWI = Calendar("Africa/Blantyre", frozenset({6, 7}), {date(2016, 10, 4): "a holiday"})


@pytest.mark.parametrize(
    ("now", "written", "urgent", "may"),
    [
        ("2016-10-03T05:59", (), False, False),  # 07:59 in Blantyre
        ("2016-10-03T06:00", (), False, True),
        ("2016-10-03T15:59", (), False, True),
        ("2016-10-03T16:00", (), False, False),  # 18:00
        ("2016-10-02T22:30", (), True, False),  # Monday, but half past midnight
        ("2016-10-02T08:00", (), True, False),  # Sunday
        ("2016-10-04T08:00", (), True, False),  # holiday
        ("2016-10-03T08:00", ("2016-10-03",), True, False),  # one today
        ("2016-10-03T08:00", ("2016-09-30",), False, True),
        ("2016-10-03T08:00", ("2016-09-30", "2016-09-30"), False, True),  # two on one day are one
        ("2016-10-03T08:00", ("2016-09-29", "2016-09-30"), False, False),
        ("2016-10-03T08:00", ("2016-09-29", "2016-09-30"), True, True),
    ],
)
def test_nobody_is_written_to_outside_work_twice_a_day_or_three_times_a_week(
    now: str, written: tuple[str, ...], urgent: bool, may: bool
) -> None:
    moment = datetime.fromisoformat(f"{now}+00:00")

    why = why_not_today(MALAWI, moment, [date.fromisoformat(day) for day in written], urgent=urgent)

    assert (why == "") is may


# The programme's own rules over any facts: the route lives some weeks, its messages leave or do not.


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32))
def test_a_plan_written_down_is_the_same_plan_and_what_is_over_stays_as_it_is(seed: int) -> None:
    chance, ledger, now = Random(seed), EMPTY, NOW
    calendar_of = {None: WORKDAYS, 1: MALAWI, 2: WORKDAYS, 3: WORKDAYS}.__getitem__
    for _ in range(3):
        known = replace(anything(chance, shipped()), today=now.date())
        here = Ground(shipped(), known, ledger, calendar_of, Moment(now, now.date(), LIVE))
        made = plan(here)
        written = applied(ledger, made, now)
        again = plan(replace(here, ledger=written))

        assert plan(here) == made
        assert applied(written, again, now) == written
        assert all(written.nudges[key] == each for key, each in ledger.nudges.items() if each.state not in OPEN)
        for key, each in made.intended.items():
            calendar = calendar_of(each.person)
            assert calendar.is_working(each.local_on)
            assert each.due == calendar.instant(each.local_on, time(9))
            assert each.key == key
            assert bool(each.reason) is (each.state != "planned")
        now += timedelta(days=chance.randint(0, 20))
        ledger = sent(written, now.date().isoformat())


# The route of Rwanda 2016: the visit ends on Saturday 5 November, final plans are due on Wednesday 30 November, awards
# are of Tuesday 31 January, check-ins fall on Monday 5 December, Sunday 5 February, Friday 5 May, Sunday 5 November.

COUNTRIES = {
    "ET": ("Africa/Addis_Ababa", "2017-03-02 2017-05-05"),
    "KE": ("Africa/Nairobi", "2016-12-12"),
    "MW": ("Africa/Blantyre", ""),
    "NG": ("Africa/Lagos", "2016-12-12"),
    "SL": ("Africa/Freetown", "2016-12-12"),
    "TZ": ("Africa/Dar_es_Salaam", "2016-12-12"),
    "UG": ("Africa/Kampala", ""),
    "ZW": ("Africa/Harare", ""),
    "RW": ("Africa/Kigali", ""),
    "GB": ("Europe/London", "2016-12-26 2016-12-27 2017-01-02"),
}
CALENDARS = {
    code: Calendar(zone, frozenset({6, 7}), {date.fromisoformat(day): "a holiday" for day in free.split()})
    for code, (zone, free) in COUNTRIES.items()
}
DUE = {0: "2016-11-05", 1: "2016-12-05", 3: "2017-02-05", 6: "2017-05-05", 12: "2017-11-05"}
NINE = ("ET", "KE", "MW", "NG", "SL", "TZ", "UG", "ZW", "RW")
FEAST = ("KE", "NG", "SL", "TZ")  # where Monday 12 December 2016 was a holiday


def everywhere(day: str, **others: str) -> dict[str, str]:
    """*day* in all nine countries but the *others*."""
    return {**dict.fromkeys(NINE, day), **others}


WITH_FEAST = everywhere("2016-12-12", **dict.fromkeys(FEAST, "2016-12-13"))
SAID = {
    "survey": {"": everywhere("2016-11-07")},
    "share-learning": {"": everywhere("2016-11-14")},
    "final-plan-soon": {"": everywhere("2016-11-23")},
    "final-plan-overdue": {"": everywhere("2016-12-05")},
    "final-plan-escalation": {"": {**WITH_FEAST, "GB": "2016-12-12"}},
    "award-start": {"": everywhere("2017-03-02", ET="2017-03-03")},
    "award-start-late": {"": everywhere("2017-04-03", GB="2017-04-03")},
    "check-in": {
        "1": everywhere("2016-12-05"),
        "3": everywhere("2017-02-06"),
        "6": everywhere("2017-05-05", ET="2017-05-08"),
        "12": everywhere("2017-11-06"),
    },
    "check-in-again": {
        "1": WITH_FEAST,
        "3": everywhere("2017-02-13"),
        "6": everywhere("2017-05-12"),
        "12": everywhere("2017-11-13"),
    },
    "check-in-escalation": {
        "1": everywhere("2016-12-19", GB="2016-12-19"),
        "3": everywhere("2017-02-20", GB="2017-02-20"),
        "6": everywhere("2017-05-19", GB="2017-05-19"),
        "12": everywhere("2017-11-20", GB="2017-11-20"),
    },
}


def rwanda(state: str) -> Facts:
    """Nine delegations, each with a lead who answers at home as well, a plan in *state* and five check-ins."""
    people = [
        each
        for number, code in enumerate(NINE, 1)
        for each in (
            record("organisation", number, country=code),
            record("person", number, organisation=number),
            record("delegation", f"D{number}", "attended", organisation=number, lead=number, focal_point=number),
            record("participant", f"P{number}", "attended", delegation=f"D{number}", person=number),
            record("plan", f"A{number}", state, delegation=f"D{number}", awarded_on="2017-01-31"),
            *(
                record("checkin", f"Q{number}.{month}", "scheduled", delegation=f"D{number}", month=month, due=day)
                for month, day in DUE.items()
            ),
        )
    ]
    standing = {"stage": "follow_up", "visit_end": "2016-11-05", "host_country": "RW"}
    return facts(*people, route=standing, parameters=numbers(shipped()), roles={"coordinator": (100,)})


def spoken(state: str, now: str) -> dict[str, dict[str, dict[str, str]]]:
    """Rule -> month of the check-in -> country -> the days on which 09:00 was meant there."""
    zones = dict(enumerate(NINE, 1)) | {100: "GB"}
    here = Ground(
        shipped(),
        replace(rwanda(state), today=at(now).date()),
        EMPTY,
        lambda person: CALENDARS[zones[person or 100]],
        Moment(at(now), at(now).date(), LIVE),
    )
    told: dict[str, dict[str, dict[str, str]]] = {}
    for (rule, subject, *_), each in plan(here).intended.items():
        code, month = zones[each.person or 100], subject.partition(".")[2] if rule.startswith("check") else ""
        local = each.due.astimezone(ZoneInfo(COUNTRIES[code][0]))
        assert local.time() == time(9)
        if each.state != "planned":
            assert local.date() < at(now).date()  # its day was before anything was armed here
            continue
        days_of_rule = told.setdefault(rule, {}).setdefault(month, {})
        assert days_of_rule.setdefault(code, local.date().isoformat()) == local.date().isoformat()
    return told


def test_after_the_visit_of_rwanda_each_nudge_leaves_on_the_day_worked_out_by_hand() -> None:
    told = spoken("drafted", "2016-11-05")

    assert {rule: told[rule] for rule in SAID if "award" not in rule} == {
        rule: said for rule, said in SAID.items() if "award" not in rule
    }


def test_after_the_awards_of_rwanda_each_nudge_leaves_on_the_day_worked_out_by_hand() -> None:
    told = spoken("awarded", "2017-01-31")

    assert {rule: told[rule] for rule in ("award-start", "award-start-late")} == {
        rule: SAID[rule] for rule in ("award-start", "award-start-late")
    }
    assert not {rule for rule in told if rule.startswith("final-plan")}
