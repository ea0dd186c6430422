"""Whose calendar holds for whom, holidays corrected the evening before, and days that nobody can have meant."""

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from planning import NOW, ground, only, visit
from programme import Programme

from lrflow import store
from lrflow.calendars import Calendar
from lrflow.database import Database
from lrflow.planner import plan
from lrflow.store.calendars import calendars_of

USUAL, FRIDAY, SATURDAY = frozenset({6, 7}), frozenset({5, 6}), frozenset({6})


def query(programme: Programme, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(programme.home / "lrflow.db")) as file, file:
        return file.execute(sql, values).fetchall()


def calendar_of(programme: Programme, email: str) -> Calendar:
    """The calendar by which what is meant for the person of that address is planned."""
    database = Database(programme.home / "lrflow.db")
    try:
        with database.begin() as unit:
            route = store.read_route(unit, "rwanda-2016")
            facts = store.facts_of(unit, route, store.read_definition(unit, route.digest), date(2016, 6, 10))
            person = next((int(each.key) for each in facts.of("person") if each["email"] == email), None)
            return calendars_of(unit, facts, store.programme_zone(unit, route))(person)
    finally:
        database.close()


# ---------------------------------------------------------------------------------------------------- whose calendar


@pytest.fixture
def dhaka(young: Programme) -> Programme:
    """A route in Rwanda of a programme in Blantyre, and an alliance of Bangladesh whose people name nothing."""
    for line in (
        'add organisation "Alliance BD" kind=csa country=BD in_registry=yes',
        'add delegation "Alliance BD"',
        'add participant "Rehana Begum" rehana@example.org --of D1',
        'add person "Nora New" nora@example.org',
        "set route viewer=nora@example.org",
    ):
        young.do(line)
    return young


@pytest.mark.requirement("F4")
def test_who_names_nothing_has_the_calendar_of_the_delegation_s_country(dhaka: Programme) -> None:
    found = calendar_of(dhaka, "rehana@example.org")

    assert (found.zone, found.weekend, found.opens, found.closes) == ("Asia/Dhaka", FRIDAY, time(8), time(18))
    assert found.holidays[date(2016, 12, 16)] == "Victory Day"


@pytest.mark.requirement("F4")
@pytest.mark.parametrize(
    ("typed", "zone", "weekend", "hours"),
    [
        (("organisation 'Alliance BD' weekend=sat hours=10:00-16:00",), "Asia/Dhaka", SATURDAY, "10:00-16:00"),
        (("organisation 'Alliance BD' zone=Asia/Kolkata",), "Asia/Kolkata", FRIDAY, "08:00-18:00"),
        (
            ("organisation 'Alliance BD' weekend=sat hours=10:00-16:00", "person rehana@example.org weekend=fri+sun"),
            *("Asia/Dhaka", frozenset({5, 7}), "10:00-16:00"),
        ),
        (("person rehana@example.org zone=Europe/London hours=9:00-17:30",), "Europe/London", FRIDAY, "09:00-17:30"),
        # Who works elsewhere has the days of that country, whatever the organisation says of its own; hours are kept.
        (
            (
                "organisation 'Alliance BD' zone=Asia/Kolkata weekend=sat hours=10:00-16:00",
                "person rehana@example.org country=KE",
            ),
            *("Africa/Nairobi", USUAL, "10:00-16:00"),
        ),
        # An organisation of one's own comes before the one that sends, and the country of that one where it names none.
        (
            ("person rehana@example.org organisation=Procasur",),
            *("America/Santiago", USUAL, "08:00-18:00"),
        ),
        (
            ("organisation Procasur country= hours=11:00-15:00", "person rehana@example.org organisation=Procasur"),
            *("Asia/Dhaka", FRIDAY, "11:00-15:00"),
        ),
    ],
)
def test_the_person_comes_before_the_organisation_and_that_before_the_country(
    dhaka: Programme, typed: tuple[str, ...], zone: str, weekend: frozenset[int], hours: str
) -> None:
    for line in typed:
        dhaka.do(f"set {line}")

    found = calendar_of(dhaka, "rehana@example.org")

    assert (found.zone, found.weekend, f"{found.opens:%H:%M}-{found.closes:%H:%M}") == (zone, weekend, hours)


@pytest.mark.requirement("F4")
def test_who_has_no_country_has_the_days_off_of_the_host_and_the_zone_of_the_programme(dhaka: Programme) -> None:
    in_rwanda, nobody = (calendar_of(dhaka, email) for email in ("nora@example.org", "-"))
    dhaka.do("set route host_country=NP")
    in_nepal = calendar_of(dhaka, "nora@example.org")

    assert (in_rwanda.zone, in_rwanda.weekend) == ("Africa/Blantyre", USUAL)
    assert in_rwanda.holidays[date(2016, 7, 4)] == "Liberation Day"
    assert nobody == in_rwanda  # what is meant for a role that nobody holds is planned by the route's calendar
    assert (in_nepal.zone, in_nepal.weekend) == ("Africa/Blantyre", SATURDAY)
    assert date(2016, 7, 4) not in in_nepal.holidays


@pytest.mark.requirement("F4")
def test_a_champion_without_a_country_lives_where_the_visit_goes(dhaka: Programme) -> None:
    dhaka.do('add champion "Jean Bosco" jean@example.org')

    assert calendar_of(dhaka, "jean@example.org").zone == "Africa/Kigali"


def test_people_of_a_country_that_nobody_knows_follow_the_route_and_are_not_copied_each_time(dhaka: Programme) -> None:
    dhaka.do("set person rehana@example.org country=ZZ")

    database = Database(dhaka.home / "lrflow.db")
    with database.begin(write=True) as unit:
        copied = store.copy_calendars(unit, datetime(2016, 6, 10, tzinfo=UTC))
    database.close()

    assert copied == []
    assert calendar_of(dhaka, "rehana@example.org") == calendar_of(dhaka, "nora@example.org")


@pytest.mark.requirement("F4")
def test_a_weekend_that_changed_comes_with_its_country(dhaka: Programme) -> None:
    dhaka.do('set programme ends_on=2022-12-31 --reason "prolonged"')
    dhaka.do("set person rehana@example.org country=AE")

    found = calendar_of(dhaka, "rehana@example.org")

    days = (date(2021, 12, 24), date(2021, 12, 26), date(2022, 1, 7), date(2022, 1, 9))
    assert [found.is_working(day) for day in days] == [False, True, True, False]
    assert query(dhaka, "SELECT weekend FROM country WHERE code = 'AE'") == [("5+6;2022-01-02:6+7",)]


# ------------------------------------------------------------------------------------------ what a plan makes of them


@pytest.mark.requirement("F3")
@pytest.mark.parametrize(
    ("zone", "due"),
    [
        ("Pacific/Auckland", datetime(2017, 6, 30, 21, tzinfo=UTC)),
        ("Asia/Kathmandu", datetime(2017, 7, 1, 3, 15, tzinfo=UTC)),
        ("America/Lima", datetime(2017, 7, 1, 14, tzinfo=UTC)),
    ],
)
def test_what_is_due_on_the_thirtieth_is_overdue_on_the_first_where_its_owner_is(zone: str, due: datetime) -> None:
    everyday = Calendar(zone, frozenset(), {})
    rules = {"it": {"when": "visit_end + 1d"}}

    found = only(plan(ground(rules, visit("2017-06-30"), NOW, calendar_of=lambda _: everyday)))

    assert (found.local_on, found.due) == (date(2017, 7, 1), due)


@pytest.mark.requirement("F1", "S3")
@pytest.mark.parametrize(
    ("end", "due"),
    [
        ("2017-03-26", datetime(2017, 3, 26, 1, 30, tzinfo=UTC)),  # 01:30 is skipped: 02:30 BST
        ("2017-10-29", datetime(2017, 10, 29, 0, 30, tzinfo=UTC)),  # 01:30 comes twice: the first
    ],
)
def test_an_hour_that_is_skipped_or_comes_twice_is_read_as_calendars_everywhere_do(end: str, due: datetime) -> None:
    london = Calendar("Europe/London", frozenset(), {}, opens=time(1), closes=time(5))
    rules = {"it": {"when": "visit_end", "at": "01:30"}}

    found = only(plan(ground(rules, visit(end), NOW, calendar_of=lambda _: london)))

    assert (found.at, found.due) == (time(1, 30), due)


# --------------------------------------------------------------------------------------- the evening before a feast


@pytest.fixture
def december(follow_up: Programme) -> Programme:
    """Live in follow-up: the leads of Tanzania and Kenya are asked on Monday 5 December 2016."""
    follow_up.now = "2016-12-01"
    follow_up.do("set D2 lead=v21@example.org")
    follow_up.do("set D3 lead=v31@example.org")
    follow_up.do("nudge go-live --yes")
    follow_up.now = "2016-12-04T19:00"
    return follow_up


def planned(programme: Programme, email: str, *states: str) -> list[tuple[str, str]]:
    """Day and state of what goes to a person for the fifth of December or a day near it."""
    found = query(
        programme,
        """SELECT DISTINCT nudge.local_on, nudge.state FROM nudge JOIN person ON person.id = nudge.person
           WHERE person.email = ? AND nudge.local_on BETWEEN '2016-12-02' AND '2016-12-09' ORDER BY 1, 2""",
        email,
    )
    return [each for each in found if not states or each[1] in states]


@pytest.mark.requirement("F6")
def test_a_feast_announced_the_evening_before_moves_what_is_planned_there_and_nothing_else(december: Programme) -> None:
    before = planned(december, "v31@example.org")

    said = december.do('holiday add TZ 2016-12-05 "Maulid Day" --reason "the moon was seen"')

    assert before == [("2016-12-05", "planned")]
    assert planned(december, "v21@example.org") == [("2016-12-06", "planned")]
    assert planned(december, "v31@example.org") == before
    first, moved, *rest = said.out.splitlines()
    assert first.startswith("✓ Monday 5 December 2016 is a holiday in TZ: Maulid Day (L")
    assert moved.startswith("  rwanda-2016: 2 nudges moved from Monday 5 December 2016 to Tuesday 6 December 2016: N")
    # What waits for working days of the one in Tanzania waits a day longer too: the next question, the escalations.
    assert [line.partition(": N")[0] for line in rest[:-1]] == [
        "  rwanda-2016: 4 nudges moved from Tuesday 13 December 2016 to Wednesday 14 December 2016",
        "  rwanda-2016: 3 nudges moved from Monday 19 December 2016 to Tuesday 20 December 2016",
    ]
    assert rest[-1] == "Next: lrflow holiday remove TZ 2016-12-05   to take it back"


@pytest.mark.requirement("F6")
def test_what_was_sent_stays_sent_when_its_day_turns_out_to_be_a_holiday(december: Programme) -> None:
    december.do("run --once", now="2016-12-05T10:00")
    december.do("nudge confirm all", now="2016-12-05T11:00")

    said = december.do('holiday add KE 2016-12-05 "A feast"', now="2016-12-05T12:00")
    december.do("run --once", now="2016-12-06T10:00")

    assert planned(december, "v31@example.org") == [("2016-12-05", "sent")]
    assert "no nudge moves" in said.out
    letters = [path for path in (december.home / "outbox").rglob("*.eml") if "v31" in path.name]
    assert len(letters) == 1


@pytest.mark.requirement("F6")
def test_a_holiday_taken_out_lets_what_had_moved_leave_on_its_own_day(december: Programme) -> None:
    december.do('holiday add TZ 2016-12-05 "Maulid Day"')

    said = december.do("holiday remove TZ 2016-12-05 --json").data

    assert planned(december, "v21@example.org") == [("2016-12-05", "planned")]
    assert (said["country"], said["on"], said["is_holiday"]) == ("TZ", "2016-12-05", False)
    assert {"route": "rwanda-2016", "before": "2016-12-06", "after": "2016-12-05"}.items() <= said["moved"][0].items()


@pytest.mark.requirement("F6")
def test_a_dry_run_says_what_would_move_and_moves_nothing(december: Programme) -> None:
    said = december.do('holiday add TZ 2016-12-05 "Maulid Day" -n').out

    assert said.startswith("Monday 5 December 2016 would be a holiday in TZ: Maulid Day")
    assert "2 nudges moved" in said
    assert planned(december, "v21@example.org") == [("2016-12-05", "planned")]
    assert "2016-12-05" not in december.do("holiday list TZ --year 2016").out


@pytest.mark.requirement("F6")
def test_what_a_person_took_out_does_not_come_back_when_more_years_are_copied(december: Programme) -> None:
    december.do("holiday remove TZ 2016-12-25")
    december.do('holiday add TZ 2016-12-05 "Maulid Day"')

    december.do('set programme ends_on=2020-01-31 --reason "prolonged"')

    listed = december.do("holiday list TZ --year 2016").out.splitlines()
    assert "TZ\t2016-12-25\tSunday\ttaken out\tChristmas Day" in listed
    assert "TZ\t2016-12-05\tMonday\tby hand\tMaulid Day" in listed
    assert len(december.do("holiday list TZ --year 2019").out.splitlines()) > 5


def test_weekend_and_hours_of_a_person_move_what_is_planned_and_undo_moves_it_back(december: Programme) -> None:
    said = december.do("set person v31@example.org weekend=mon+sun hours=10:00-16:00").out
    moved = query(
        december,
        """SELECT DISTINCT local_on, "at" FROM nudge JOIN person ON person.id = nudge.person
           WHERE email = 'v31@example.org' AND state = 'planned' AND local_on BETWEEN '2016-12-05' AND '2016-12-09'""",
    )

    december.do("undo --yes")

    assert "weekend: - -> mon+sun" in said
    assert moved == [("2016-12-06", "10:00")]
    assert planned(december, "v31@example.org") == [("2016-12-05", "planned")]


# ------------------------------------------------------------------------------------------------------- the commands


def test_estimated_feasts_are_listed_as_such_and_named_beside_the_one_announced(young: Programme) -> None:
    listed = young.do("holiday list RW --year 2017").out.splitlines()

    assert "RW\t2017-09-01\tFriday\testimated\tEid al-Adha" in listed
    said = young.do('holiday add RW 2017-09-02 "Eid al-Adha"').out.splitlines()
    assert "  ! estimated: Friday 1 September 2017, Eid al-Adha; if it was not: " in said[2]
    assert said[2].endswith("lrflow holiday remove RW 2017-09-01")
    said = young.do('holiday add RW 2017-09-01 "Eid al-Adha"').out.splitlines()
    assert said[1] == "  it was estimated until now"
    assert said[-1] == "Next: lrflow holiday list RW --year 2017"
    assert "RW\t2017-09-01\tFriday\tby hand\tEid al-Adha" in young.do("holiday list RW --year 2017").out.splitlines()


def test_what_is_a_holiday_already_is_not_added_again(young: Programme) -> None:
    entries = young.do("log --programme").out

    said = young.do('holiday add RW 2016-07-04 "Liberation Day"').out

    assert said == "nothing changes: Monday 4 July 2016 is Liberation Day in RW already\n"
    assert young.do("log --programme").out == entries


def test_a_correction_is_written_into_the_log_and_its_opposite_takes_it_back(young: Programme) -> None:
    young.do('holiday add RW 2016-07-05 "Another day" --reason "said on the radio"')

    refused = young.run("undo --yes")
    log = young.do("log --programme -N 1").out

    assert "add-holiday RW 2016-07-05: new -> Another day" in log
    assert "because said on the radio" in log
    assert (refused.code, "lrflow holiday remove is its opposite" in refused.err) == (3, True)


@pytest.mark.parametrize(
    ("line", "code", "says"),
    [
        ("holiday list XX", 2, "there is no country XX"),
        ("holiday add Rwanda 2016-07-05 A", 2, "is not a country code"),
        ("holiday add KE 2016-07-05 A", 4, "nobody of this programme works in KE"),
        ("holiday add RW 05/07/2016 A", 2, "can be read two ways"),
        ("holiday add RW 2036-07-05 A", 2, "it is read as Saturday 5 July 2036"),
        ("holiday add RW 2016-07-05 ''", 2, "a holiday needs a name"),
        ("holiday remove RW 2016-07-05", 4, "2016-07-04 Liberation Day"),
        ("--as felix@example.org holiday add RW 2016-07-05 A", 3, "may not correct holidays"),
    ],
)
def test_what_cannot_be_corrected_is_said_and_changes_nothing(
    young: Programme, line: str, code: int, says: str
) -> None:
    before = query(young, "SELECT * FROM holiday ORDER BY country, on_day")

    result = young.run(line)

    assert (result.code, says in result.err) == (code, True), result.err
    assert query(young, "SELECT * FROM holiday ORDER BY country, on_day") == before


def test_a_coordinator_of_the_route_may_correct_holidays(young: Programme) -> None:
    assert young.run('--as carla@example.org holiday add RW 2016-07-05 "A day"').code == 0


# ---------------------------------------------------------------------------------------- days nobody can have meant


@pytest.mark.requirement("F8")
@pytest.mark.parametrize(
    ("line", "reading"),
    [
        ("set route visit_start=2106-10-30", "2106-10-30 lies too far away: it is read as Saturday 30 October 2106"),
        ("set route planned_visit=2061-09", "2061-09 lies too far away: it is read as September 2061"),
        ("set route visit_start=+3000d", "+3000d lies too far away: it is read as Tuesday 27 August 2024"),
        ("set route record_on=1989-12-31", "it is read as Sunday 31 December 1989, before 1990"),
        ("set route record_on=2010-02-01", "more than 5 years before Monday 2 February 2015, when the programme"),
        ("set route record_on=2023-02-01", "more than 5 years after Wednesday 31 January 2018, when the programme"),
        ("set person hope@example.org left_on=2061-06-10", "it is read as Friday 10 June 2061"),
        ("set programme ends_on=2081-01-31 --reason longer", "it is read as Friday 31 January 2081"),
        ("mark E1 screened --on 2006-06-01", "it is read as Thursday 1 June 2006"),
        ("hold --review 2061-06-10 --reason flood", "it is read as Friday 10 June 2061"),
        ("waive areas-covered --reason why --until 2061-06-10", "it is read as Friday 10 June 2061"),
        ("away --until 2061-06-10 --deputy carla@example.org", "it is read as Friday 10 June 2061"),
        ("postpone 2061-10-30..2061-11-05 --reason rain --yes", "it is read as Sunday 30 October 2061"),
    ],
)
def test_a_day_far_from_the_programme_is_refused_with_the_reading_made_of_it(
    young: Programme, line: str, reading: str
) -> None:
    result = young.run(line)

    assert (result.code, reading in result.err) == (2, True), result.err
    assert "check the year" in result.err


@pytest.mark.requirement("F8")
@pytest.mark.parametrize("day", ["2010-02-02", "2023-01-31", "today"])
def test_a_day_within_five_years_of_the_programme_is_taken(young: Programme, day: str) -> None:
    assert young.run(f"set route record_on={day}").code == 0


@pytest.mark.requirement("F8")
def test_where_the_programme_has_no_dates_today_is_what_a_day_is_judged_by(tmp_path: Any) -> None:
    csn = Programme(tmp_path / "csn", now="2016-02-11")
    csn.do('init --me "Grace Phiri <grace@example.org>" --timezone Africa/Blantyre')

    refused = csn.run("set programme ends_on=2021-02-12")

    assert "more than 5 years after Thursday 11 February 2016, today" in refused.err
    csn.do("set programme ends_on=2021-02-11")


@pytest.mark.requirement("F8")
def test_a_list_with_such_a_day_is_told_and_its_other_rows_come_in(young: Programme, tmp_path: Any) -> None:
    path = tmp_path / "people.csv"
    path.write_text(
        "Name,E-mail,Left on\nAna Sosa,ana@example.org,2061-06-10\nBo Li,bo@example.org,\n", encoding="utf-8"
    )

    result = young.run(f"import {path} --kind person --yes")

    assert "it is read as Friday 10 June 2061" in result.out + result.err
    assert [name for (name,) in query(young, "SELECT name FROM person WHERE name LIKE 'Bo%'")] == ["Bo Li"]


@pytest.mark.requirement("F8")
def test_a_question_may_ask_about_any_day(young: Programme) -> None:
    assert young.run("list route visit_start<2061-01-01").code == 0
    assert young.run("calendar --to 2061-01-01").code == 0


@pytest.mark.requirement("F8", "O2")
def test_a_day_that_would_be_refused_now_does_not_stop_the_sending(december: Programme) -> None:
    december.do('add action "Dig a well" --of A3 due=2017-01-31')
    query(december, "UPDATE action SET due = '2099-01-31'")
    query(december, "UPDATE checkin SET due = '1985-01-31' WHERE key = 'Q4.1'")

    december.do("run --once", now="2016-12-05T10:00")

    assert planned(december, "v31@example.org") == [("2016-12-05", "drafted")]
