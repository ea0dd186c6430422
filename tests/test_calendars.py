"""Promises of lrflow.calendars: days off, quiet hours and spans of time, country by country."""

import ast
import subprocess
import sys
import time as clocks
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrflow.calendars import (
    Calendar,
    Correction,
    Holiday,
    Span,
    Weekends,
    When,
    holidays_of,
    later,
    read_corrections,
    read_span,
    read_when,
    weekends_from,
    weekends_of,
    zone_of_country,
)
from lrflow.errors import Misused, NotFound

ROOT = Path(__file__).parents[1]
SHIPPED = ROOT / "workflows" / "sun-csn" / "calendars.toml"
PLAIN = Calendar("Africa/Kigali", frozenset({6, 7}), {})
LONDON = Calendar(
    "Europe/London",
    frozenset({6, 7}),
    {
        date(2016, 12, 26): "Boxing Day",
        date(2016, 12, 27): "Christmas Day",
        date(2017, 1, 2): "New Year's Day",
    },
)
DHAKA = Calendar("Asia/Dhaka", frozenset({5, 6}), {})
KATHMANDU = Calendar("Asia/Kathmandu", frozenset({6}), {})

# The Rwanda route of 2016: zones, and the holidays among the days on which its nudges would fall.
RWANDA_CASE = {
    "ET": ("Africa/Addis_Ababa", {date(2017, 3, 2), date(2017, 5, 5)}),
    "KE": ("Africa/Nairobi", {date(2016, 12, 12)}),
    "MW": ("Africa/Blantyre", set()),
    "NG": ("Africa/Lagos", {date(2016, 12, 12)}),
    "RW": ("Africa/Kigali", set()),
    "SL": ("Africa/Freetown", {date(2016, 12, 12)}),
    "TZ": ("Africa/Dar_es_Salaam", {date(2016, 12, 12)}),
    "UG": ("Africa/Kampala", set()),
    "ZW": ("Africa/Harare", set()),
    "GB": ("Europe/London", {date(2016, 12, 26), date(2016, 12, 27), date(2017, 1, 2)}),
}
# Nominal days of that route's nudges and check-ins (on a weekend: the Monday after).
RWANDA_DAYS = {
    date(2016, 11, 7),
    date(2016, 11, 14),
    date(2016, 11, 23),
    date(2016, 11, 30),
    date(2016, 12, 5),
    date(2016, 12, 12),
    date(2017, 2, 6),
    date(2017, 3, 2),
    date(2017, 4, 3),
    date(2017, 5, 5),
    date(2017, 11, 6),
}

days = st.dates(date(1990, 1, 1), date(2060, 12, 31))
calendars = st.builds(
    Calendar,
    zone=st.sampled_from(["Africa/Kigali", "Asia/Kathmandu", "Europe/London", "America/Santiago"]),
    weekend=st.frozensets(st.integers(1, 7), max_size=6),
    holidays=st.dictionaries(st.dates(date(2016, 1, 1), date(2017, 12, 31)), st.just("holiday"), max_size=20),
)
instants = st.integers(0, 2 * 366 * 24 * 3600).map(
    lambda seconds: datetime(2016, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)


# Spans and dates told from dates


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("3d", Span(3, "d")),
        ("2w", Span(2, "w")),
        ("1mo", Span(1, "mo")),
        ("5wd", Span(5, "wd")),
        ("12h", Span(12, "h")),
        (" 9999d ", Span(9999, "d")),
    ],
)
def test_a_span_is_a_count_and_a_unit(text, span):
    assert read_span(text) == span


@pytest.mark.parametrize("text", ["", "3", "d", "0d", "-3d", "3 d", "1m", "3D", "1.5d", "10000d", "٣d", "3d\n4d"])
def test_a_bad_span_is_answered_with_examples(text):
    with pytest.raises(Misused) as caught:
        read_span(text)

    assert repr(text) in caught.value.message
    assert all(example in caught.value.remedy[0] for example in ["3d", "2w", "1mo", "5wd", "12h"])


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("due", When("due", None, 1)),
        ("final_due + 3d", When("final_due", Span(3, "d"), 1)),
        ("visit_end+1mo", When("visit_end", Span(1, "mo"), 1)),
        ("visit_start - 12w", When("visit_start", Span(12, "w"), -1)),
        (" visit_end  -5wd ", When("visit_end", Span(5, "wd"), -1)),
    ],
)
def test_a_when_is_an_anchor_with_or_without_a_span(text, when):
    assert read_when(text) == when


@pytest.mark.parametrize("text", ["", "+ 3d", "due +", "due 3d", "due + 3d + 1w", "due + 3x", "due + 2h", "Due", "a.b"])
def test_a_bad_when_is_answered_with_examples(text):
    with pytest.raises(Misused) as caught:
        read_when(text)

    assert "3d" in caught.value.remedy[0]


def test_a_when_is_arithmetic_that_weekends_and_holidays_do_not_move():
    anchor = date(2016, 12, 23)

    found = [read_when(text).on(anchor, LONDON) for text in ["due", "due + 3d", "due - 12w", "due + 1wd", "due - 1wd"]]

    assert found == [anchor, date(2016, 12, 26), date(2016, 9, 30), date(2016, 12, 28), date(2016, 12, 22)]


@pytest.mark.requirement("F7", "S1")
def test_months_are_counted_from_the_anchor_and_stop_at_the_last_day():
    grid = [later(date(2017, 1, 31), Span(1, "mo"), PLAIN, times=times) for times in [-2, -1, 0, 1, 2, 3, 13]]

    assert [day.isoformat() for day in grid] == [
        "2016-11-30",
        "2016-12-31",
        "2017-01-31",
        "2017-02-28",
        "2017-03-31",
        "2017-04-30",
        "2018-02-28",
    ]
    assert later(date(2016, 1, 31), Span(1, "mo"), PLAIN) == date(2016, 2, 29)


@pytest.mark.requirement("F7")
@given(days, st.integers(1, 40), st.integers(-12, 12))
def test_a_month_later_is_the_same_day_of_the_month_or_its_last(day, count, times):
    found = later(day, Span(count, "mo"), PLAIN, times=times)

    assert (found.year - day.year) * 12 + found.month - day.month == count * times
    assert found.day == min(day.day, monthrange(found.year, found.month)[1])


@given(days, st.integers(1, 50), st.integers(-20, 20))
def test_days_and_weeks_later_are_seven_to_one(day, count, times):
    assert later(day, Span(count, "w"), PLAIN, times=times) == day + timedelta(days=7 * count * times)
    assert later(day, Span(7 * count, "d"), PLAIN, times=times) == day + timedelta(days=7 * count * times)


@pytest.mark.parametrize("unit", ["d", "w", "mo", "wd"])
@pytest.mark.parametrize(("day", "times"), [(date.max, 1), (date.min, -1)])
def test_a_day_beyond_the_calendar_is_refused(unit, day, times):
    with pytest.raises(Misused, match="leaves the calendar"):
        later(day, Span(40, unit), PLAIN, times=times)


def test_hours_cannot_be_added_to_a_day():
    with pytest.raises(Misused, match="12h"):
        later(date(2017, 1, 31), Span(12, "h"), PLAIN)


# Working days


@pytest.mark.requirement("S1")
def test_working_days_are_counted_over_weekends_and_holidays():
    friday = date(2016, 12, 23)

    assert [LONDON.plus_working(friday, count) for count in [-1, 0, 1, 2, 3, 4]] == [
        date(2016, 12, 22),
        friday,
        date(2016, 12, 28),
        date(2016, 12, 29),
        date(2016, 12, 30),
        date(2017, 1, 3),
    ]
    assert LONDON.working_between(friday, date(2017, 1, 3)) == 4
    assert LONDON.working_between(friday, friday) == LONDON.working_between(friday, date(2016, 12, 1)) == 0


@pytest.mark.requirement("F5")
@pytest.mark.parametrize(
    ("calendar", "day", "instant"),
    [
        (LONDON, date(2016, 12, 24), datetime(2016, 12, 28, 9, tzinfo=UTC)),  # over Christmas
        (LONDON, date(2017, 3, 25), datetime(2017, 3, 27, 8, tzinfo=UTC)),  # over the night of summer time
        (KATHMANDU, date(2017, 4, 22), datetime(2017, 4, 23, 3, 15, tzinfo=UTC)),  # from Saturday to Sunday
        (DHAKA, date(2017, 6, 16), datetime(2017, 6, 18, 3, tzinfo=UTC)),
    ],
)
def test_a_shift_to_a_working_day_keeps_nine_in_the_morning(calendar, day, instant):
    assert calendar.instant(calendar.next_working(day), time(9)) == instant


def test_a_day_off_is_left_in_both_directions():
    assert LONDON.next_working(date(2016, 12, 24)) == date(2016, 12, 28)
    assert LONDON.previous_working(date(2016, 12, 27)) == date(2016, 12, 23)
    assert LONDON.next_working(date(2016, 12, 28)) == LONDON.previous_working(date(2016, 12, 28)) == date(2016, 12, 28)


@pytest.mark.requirement("F4", "F5", "S2")
def test_friday_and_saturday_are_the_weekend_in_dhaka():
    due = date(2017, 6, 18)  # a Sunday, at work in Dhaka

    reminder = DHAKA.previous_working(due - timedelta(days=2))

    assert DHAKA.is_working(due)
    assert reminder == date(2017, 6, 15)
    assert DHAKA.next_working(due - timedelta(days=2)) == due
    assert DHAKA.instant(reminder, time(9)) == datetime(2017, 6, 15, 3, 0, tzinfo=UTC)


@given(calendars, days)
def test_the_next_working_day_is_the_nearest_that_is_working(calendar, day):
    found = calendar.next_working(day)

    assert calendar.is_working(found)
    assert found >= day
    assert not any(calendar.is_working(day + timedelta(days=n)) for n in range((found - day).days))
    assert calendar.previous_working(found) == found


@given(calendars, days, st.integers(-30, 30))
def test_one_more_working_day_is_always_later(calendar, day, count):
    assert calendar.plus_working(day, count) < calendar.plus_working(day, count + 1)


@given(calendars, days, st.integers(1, 30))
def test_counting_working_days_undoes_adding_them(calendar, day, count):
    found = calendar.plus_working(day, count)

    assert calendar.is_working(found)
    assert calendar.working_between(day, found) == count
    assert calendar.plus_working(found, -count) == calendar.previous_working(day) or not calendar.is_working(day)


@pytest.mark.parametrize(
    "calendar",
    [
        {"weekend": frozenset(range(1, 8))},
        {"weekend": frozenset({0})},
        {"weekend": frozenset({6}), "weekends": {date(2022, 1, 1): frozenset(range(1, 8))}},
        {"weekend": frozenset({6}), "opens": time(18), "closes": time(8)},
        {"weekend": frozenset({6}), "opens": time(8), "closes": time(8)},
    ],
)
def test_a_calendar_without_a_working_hour_is_refused(calendar):
    with pytest.raises(Misused):
        Calendar("Asia/Kathmandu", holidays={}, **calendar)


# Wall time and instants


@pytest.mark.requirement("F1")
def test_nine_in_kathmandu_is_a_quarter_past_three_utc():
    assert KATHMANDU.instant(date(2017, 4, 18), time(9)) == datetime(2017, 4, 18, 3, 15, tzinfo=UTC)


@pytest.mark.requirement("F1", "S3")
def test_a_time_the_clocks_skip_keeps_the_offset_before_the_gap():
    assert LONDON.instant(date(2017, 3, 26), time(1, 30)) == datetime(2017, 3, 26, 1, 30, tzinfo=UTC)  # 02:30 BST


@pytest.mark.requirement("F1", "S3")
@pytest.mark.parametrize("fold", [0, 1])
def test_a_time_that_comes_twice_is_the_first(fold):
    assert LONDON.instant(date(2017, 10, 29), time(1, 30, fold=fold)) == datetime(2017, 10, 29, 0, 30, tzinfo=UTC)


@pytest.mark.requirement("F1")
@pytest.mark.parametrize(
    ("zone", "day", "hour"),
    [
        ("Europe/London", date(2017, 3, 24), 9),  # the Friday before summer time
        ("Europe/London", date(2017, 3, 27), 8),
        ("Europe/London", date(2017, 10, 27), 8),
        ("Europe/London", date(2017, 10, 30), 9),
        ("Africa/Cairo", date(2022, 7, 1), 7),  # no summer time that year
        ("Africa/Cairo", date(2023, 7, 1), 6),  # summer time came back
        ("Africa/Juba", date(2021, 1, 31), 6),
        ("Africa/Juba", date(2021, 2, 1), 7),  # from UTC+3 to UTC+2
    ],
)
def test_nine_stays_nine_when_a_country_changes_its_clocks(zone, day, hour):
    assert Calendar(zone, frozenset(), {}).instant(day, time(9)) == datetime(
        day.year, day.month, day.day, hour, tzinfo=UTC
    )


@pytest.mark.requirement("F2")
@pytest.mark.skipif(not hasattr(clocks, "tzset"), reason="this system cannot change its zone while running")
@pytest.mark.parametrize("zone", ["UTC", "Pacific/Auckland", "America/Lima", "Asia/Kathmandu"])
def test_the_zone_of_the_server_changes_nothing(zone, monkeypatch):
    monkeypatch.setenv("TZ", zone)
    clocks.tzset()
    try:
        late = datetime(2016, 12, 23, 18, 0, tzinfo=UTC)

        found = (
            LONDON.instant(date(2017, 6, 1), time(9)),
            LONDON.in_quiet_hours(late),
            LONDON.next_opening(late),
        )
    finally:
        monkeypatch.undo()
        clocks.tzset()

    assert found == (
        datetime(2017, 6, 1, 8, tzinfo=UTC),
        True,
        datetime(2016, 12, 28, 8, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("local", "quiet"),
    [
        ("2017-04-18 07:59:59.999999", True),
        ("2017-04-18 08:00", False),
        ("2017-04-18 17:59:59.999999", False),
        ("2017-04-18 18:00", True),
        ("2017-04-18 23:30", True),
        ("2017-04-22 12:00", False),  # a Saturday: off, yet not quiet
    ],
)
def test_quiet_hours_end_at_opening_and_begin_at_closing(local, quiet):
    instant = datetime.fromisoformat(f"{local}+05:45")

    assert KATHMANDU.in_quiet_hours(instant) is quiet


@pytest.mark.requirement("G1")
@pytest.mark.parametrize(
    ("opens", "closes", "at", "leaves"),
    [
        (time(8), time(18), time(9), time(9)),
        (time(9), time(18), time(9), time(9)),
        (time(9, 1), time(18), time(9), time(9, 1)),
        (time(10), time(16), time(9), time(10)),  # begins work at ten
        (time(5), time(9), time(9), time(5)),  # is closing as it would come
        (time(5), time(9, 1), time(9), time(9)),
    ],
)
def test_a_nudge_leaves_at_its_hour_or_at_the_opening_of_the_same_day(opens, closes, at, leaves):
    calendar = Calendar("Africa/Kigali", frozenset({6, 7}), {}, opens, closes)

    assert calendar.hour(at) == leaves
    assert not calendar.in_quiet_hours(calendar.instant(date(2017, 4, 18), calendar.hour(at)))


@pytest.mark.parametrize(
    ("instant", "opening"),
    [
        ("2016-12-23 07:59Z", "2016-12-23 08:00Z"),  # early: the same day
        ("2016-12-23 12:01Z", "2016-12-23 12:01Z"),  # open: now
        ("2016-12-23 17:59:59.999999Z", "2016-12-23 17:59:59.999999Z"),
        ("2016-12-23 18:00Z", "2016-12-28 08:00Z"),  # closing: over Christmas
        ("2016-12-26 12:00Z", "2016-12-28 08:00Z"),  # noon on a holiday
        ("2017-03-24 18:00Z", "2017-03-27 07:00Z"),  # the clocks go forward in between
    ],
)
def test_the_next_opening_skips_the_days_off(instant, opening):
    assert LONDON.next_opening(datetime.fromisoformat(instant)) == datetime.fromisoformat(opening)


@given(calendars, instants)
def test_the_next_opening_is_open_not_earlier_and_stays(calendar, instant):
    opening = calendar.next_opening(instant)

    assert opening >= instant
    assert opening.tzinfo is UTC
    assert not calendar.in_quiet_hours(opening)
    assert calendar.next_opening(opening) == opening


def test_an_hour_that_comes_twice_does_not_close_the_doors_again():
    night = Calendar("Europe/London", frozenset(), {}, opens=time(1, 30), closes=time(5))
    second_quarter_past_one = datetime(2017, 10, 29, 1, 15, tzinfo=UTC)

    assert not night.in_quiet_hours(second_quarter_past_one)
    assert night.next_opening(second_quarter_past_one) == second_quarter_past_one


# Countries


@pytest.mark.parametrize(("country", "zone"), [(country, zone) for country, (zone, _) in RWANDA_CASE.items()])
def test_a_country_of_the_rwanda_route_has_its_zone(country, zone):
    assert zone_of_country(country) == zone


def test_other_countries_have_zones_and_unknown_ones_none():
    assert [zone_of_country(country) for country in ["NP", "BD", "CL", "XX", "", "rw"]] == [
        "Asia/Kathmandu",
        "Asia/Dhaka",
        "America/Santiago",
        None,
        None,
        None,
    ]


@pytest.mark.parametrize("country", RWANDA_CASE)
def test_the_rwanda_route_meets_exactly_the_holidays_it_had(country):
    _, holidays = RWANDA_CASE[country]
    corrections = read_corrections(SHIPPED)

    found = {holiday.on: holiday for holiday in holidays_of(country, [2016, 2017], corrections)}

    assert holidays <= found.keys()
    assert found.keys() & RWANDA_DAYS == holidays & RWANDA_DAYS
    assert not any(found[day].estimated for day in holidays)
    assert weekends_of(country, [2016, 2017], corrections) == Weekends(frozenset({6, 7}))


@pytest.mark.requirement("F4")
@pytest.mark.parametrize(
    ("country", "weekend"),
    [("NP", {6}), ("BD", {5, 6}), ("BN", {5, 7}), ("GB", {6, 7}), ("XX", {6, 7})],  # Nepal on Saturday only
)
def test_a_country_rests_on_the_days_of_its_own_weekend(country, weekend):
    assert weekends_of(country, [2017], read_corrections(SHIPPED)) == Weekends(frozenset(weekend))


@pytest.mark.requirement("F4")
def test_the_emirates_rest_on_friday_until_2021_and_on_sunday_from_2022_on():
    known = weekends_of("AE", range(2021, 2024))
    calendar = Calendar("Asia/Dubai", known.first, {}, weekends=known.later)

    off = [date(2021, 12, 24) + timedelta(days=n) for n in range(25)]
    assert [f"{day:%a %d}" for day in off if calendar.is_weekend(day)] == [
        *("Fri 24", "Sat 25", "Fri 31", "Sat 01", "Sun 02"),
        *("Sat 08", "Sun 09", "Sat 15", "Sun 16"),
    ]
    assert calendar.next_working(date(2021, 12, 31)) == date(2022, 1, 3)
    assert calendar.previous_working(date(2022, 1, 2)) == date(2021, 12, 30)
    assert calendar.plus_working(date(2021, 12, 30), 5) == date(2022, 1, 7)  # a Friday, at work now


@pytest.mark.requirement("F4")
def test_a_weekend_that_changed_is_corrected_and_kept_as_it_is():
    corrected = {"RW": Correction(weekend=frozenset({7}), weekends={date(2020, 5, 1): frozenset({6, 7})})}

    known = weekends_of("RW", [2019, 2020], corrected)

    assert known == Weekends(frozenset({7}), {date(2020, 5, 1): frozenset({6, 7})})
    assert str(known) == "7;2020-05-01:6+7"
    assert weekends_from(str(known)) == known
    assert weekends_from("5+6") == Weekends(frozenset({5, 6}))


@pytest.mark.requirement("F4")
@given(calendars, days)
def test_a_weekend_rests_on_exactly_its_days_whichever_they_are(calendar, day):
    week = {day + timedelta(days=n) for n in range(7)}

    assert {each.isoweekday() for each in week if calendar.is_weekend(each)} == calendar.weekend


# Nothing but a calendar knows which days are off: not the wording, not the demo, not the planner.
MAY_ASK_FOR_A_WEEKDAY = {"lrflow/facts/derived.py: _digest_on"}  # a digest is written on Mondays


@pytest.mark.requirement("F4")
def test_no_code_outside_the_calendars_asks_which_day_of_the_week_it_is():
    asking = {
        f"{path.relative_to(ROOT).as_posix()}: {function.name}"
        for path in sorted((ROOT / "lrflow").rglob("*.py"))
        if "calendars" not in path.parts
        for function in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute) and node.attr in ("weekday", "isoweekday")
    }

    assert asking == MAY_ASK_FOR_A_WEEKDAY


@pytest.mark.requirement("F4")
def test_no_code_outside_the_calendars_holds_a_weekend_of_its_own():
    holding = [
        f"{path.relative_to(ROOT).as_posix()}:{node.lineno}"
        for path in sorted((ROOT / "lrflow").rglob("*.py"))
        if "calendars" not in path.parts
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Tuple | ast.Set | ast.List) and _numbers(node) in ([5, 6], [6, 7])
    ]

    assert holding == []


def _numbers(node):
    return [each.value for each in node.elts if isinstance(each, ast.Constant)]


def test_holidays_come_in_order_once_a_day_in_english_and_say_when_the_moon_decides():
    found = holidays_of("ET", [2017, 2016, 2017])

    assert [holiday.on for holiday in found] == sorted({holiday.on for holiday in found})
    assert {holiday.on.year for holiday in found} == {2016, 2017}
    assert Holiday("ET", date(2017, 3, 2), "Adwa Victory Day", False, "holidays") in found
    assert Holiday("ET", date(2017, 6, 25), "Eid al-Fitr", True, "holidays") in found


def test_holidays_have_the_same_names_on_every_machine(monkeypatch):
    monkeypatch.setenv("LANGUAGE", "fr")

    found = {holiday.on: holiday.name for holiday in holidays_of("RW", [2017])}

    assert found[date(2017, 7, 1)] == "Independence Day"


def test_a_feast_on_a_fixed_holiday_leaves_that_day_certain():
    found = {holiday.on: holiday for holiday in holidays_of("ET", [2016])}

    assert found[date(2016, 9, 11)] == Holiday(
        "ET", date(2016, 9, 11), "Eid al-Adha; Ethiopian New Year", False, "holidays"
    )
    assert found[date(2016, 7, 6)] == Holiday("ET", date(2016, 7, 6), "Eid al-Fitr", True, "holidays")


@pytest.mark.parametrize("country", ["XX", "", "utils", "rw", "RWA"])
def test_an_unknown_country_has_no_holidays(country):
    assert holidays_of(country, [2017]) == []


def test_a_correction_adds_removes_and_makes_certain():
    eid, new_year, election = date(2017, 9, 1), date(2017, 1, 1), date(2017, 8, 3)
    corrections = {
        "RW": Correction(
            add={eid: "Eid al-Adha", election: "Presidential election", date(2018, 1, 1): "another year"},
            remove=frozenset({new_year, date(2017, 3, 3)}),
            weekend=frozenset({7}),
            zone="Africa/Lubumbashi",
        )
    }

    before = {holiday.on: holiday for holiday in holidays_of("RW", [2017])}
    after = {holiday.on: holiday for holiday in holidays_of("RW", [2017], corrections)}

    assert before[eid].estimated
    assert after[eid] == Holiday("RW", eid, "Eid al-Adha", False, "correction")
    assert after.keys() == (before.keys() | {election}) - {new_year}
    assert weekends_of("RW", [2017], corrections) == Weekends(frozenset({7}))
    assert zone_of_country("RW", corrections) == "Africa/Lubumbashi"
    assert holidays_of("UG", [2017], corrections) == holidays_of("UG", [2017])


def test_a_country_the_package_lacks_has_the_days_added():
    corrections = {"XX": Correction(add={date(2017, 1, 2): "a day"})}

    assert holidays_of("XX", [2017], corrections) == [Holiday("XX", date(2017, 1, 2), "a day", False, "correction")]


# calendars.toml


def test_corrections_are_read_in_every_form(tmp_path):
    path = tmp_path / "calendars.toml"
    path.write_text(
        '[NP]\nweekend = [6]\nweekends = { 2022-05-15 = [6, 7], "2022-06-07" = [6] }\n'
        '[RW]\nzone = "Africa/Kigali"\nremove = ["2016-12-11", 2016-12-12]\n'
        '[RW.add]\n2017-08-04 = " Umuganura "\n[UG]\n',
        encoding="utf-8-sig",  # as some editors write it
    )

    assert read_corrections(path) == {
        "NP": Correction(
            weekend=frozenset({6}),
            weekends={date(2022, 5, 15): frozenset({6, 7}), date(2022, 6, 7): frozenset({6})},
        ),
        "RW": Correction(
            add={date(2017, 8, 4): "Umuganura"},
            remove=frozenset({date(2016, 12, 11), date(2016, 12, 12)}),
            zone="Africa/Kigali",
        ),
        "UG": Correction(),
    }


def test_every_fault_is_named_at_once(tmp_path):
    path = tmp_path / "calendars.toml"
    path.write_text(
        """
        BD = 3
        [np]
        weekend = [0]
        [RW]
        wekend = [6]
        zone = "Africa/Kigal"
        add = { "2017-13-04" = "Umuganura", "2017-08-05" = "", "2017-08-06" = "twice" }
        remove = ["2017-08-06", "20170804", 2017-08-04T09:00:00, 7]
        [NG]
        add = ["2017-08-04"]
        remove = "2017-08-04"
        weekend = [true]
        zone = 3
        [KE]
        weekend = [1, 2, 3, 4, 5, 6, 7]
        [UG]
        weekend = [6, 6]
        weekends = [6, 7]
        [MW]
        weekends = { 2022-01-01 = [8], 2022-13-01 = [6] }
        """,
        encoding="utf-8",
    )

    with pytest.raises(Misused) as caught:
        read_corrections(path)

    weekdays = "must be different ISO weekdays, 1 (Monday) to 7 (Sunday), and not all"
    assert caught.value.message == f"cannot use {path}"
    assert list(caught.value.problems) == [
        "BD: must be a table",
        f"np.weekend: {weekdays}: [0]",
        "RW.wekend: unknown key, did you mean weekend?",
        "RW.add.2017-13-04: not a day: '2017-13-04' (write 2017-08-04)",
        "RW.add.2017-08-05: the day needs a name",
        "RW.remove: not a day: '20170804' (write 2017-08-04)",
        "RW.remove: not a day: datetime.datetime(2017, 8, 4, 9, 0) (write 2017-08-04)",
        "RW.remove: not a day: 7 (write 2017-08-04)",
        "RW: 2017-08-06 is both added and removed",
        "RW.zone: unknown time zone 'Africa/Kigal', did you mean Africa/Kigali?",
        'NG.add: must be days with names, { "2017-08-04" = "Umuganura Day" }',
        'NG.remove: must be a list of days, ["2017-08-04"]',
        f"NG.weekend: {weekdays}: [True]",
        "NG.zone: must be the name of a time zone: 3",
        f"KE.weekend: {weekdays}: [1, 2, 3, 4, 5, 6, 7]",
        f"UG.weekend: {weekdays}: [6, 6]",
        'UG.weekends: must be first days with weekends, { "2022-01-01" = [6, 7] }',
        f"MW.weekends.2022-01-01: {weekdays}: [8]",
        "MW.weekends.2022-13-01: not a day: '2022-13-01' (write 2017-08-04)",
        "np: unknown country, did you mean NP?",
    ]


def test_what_is_no_toml_is_told_with_its_line(tmp_path):
    path = tmp_path / "calendars.toml"
    path.write_text("[NP]\nweekend = [6\n[RW]\n", encoding="utf-8")

    with pytest.raises(Misused) as caught:
        read_corrections(path)

    assert "line 3" in caught.value.problems[0]


def test_what_is_no_utf8_and_what_is_no_file_are_told_apart(tmp_path):
    path = tmp_path / "calendars.toml"
    path.write_bytes('[RW]\nadd = { "2017-08-04" = "Fête" }\n'.encode("cp1252"))

    with pytest.raises(Misused, match="cannot use"):
        read_corrections(path)
    with pytest.raises(NotFound, match="missing"):
        read_corrections(tmp_path / "missing.toml")


def test_importing_calendars_costs_no_heavy_library():
    heavy = "{'holidays', 'tzdata', 'tomllib', 'difflib', 'importlib.resources'}"
    code = f"import sys, lrflow.calendars; print(*sorted({heavy} & set(sys.modules)))"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.split() == []
