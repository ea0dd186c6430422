"""A visit that is postponed: new days, what moves along, what must be redone, who is told once."""

import json
from contextlib import closing
from datetime import date
from typing import Any

import pytest
from domain_routes import COORDINATOR, FACILITATOR
from programme import Programme

from lrflow.clock import read_instant
from lrflow.database import Database
from lrflow.database.connection import connect
from lrflow.errors import Busy, Misused
from lrflow.routes.postponing import Dates, new_dates, postpone
from lrflow.store import Act

WHY = '--reason "elections in the host country"'
TODAY = date(2016, 10, 14)
VISIT: Dates = ("2016-10-30", "2016-11-05")


def postponed(csn: Programme, dates: str, *, now: str = "") -> dict[str, Any]:
    data: dict[str, Any] = csn.do(f"postpone {dates} {WHY} --yes --json", now=now).data
    return data


def visit_of(csn: Programme) -> list[str]:
    shown = csn.do("show route --json").data
    return [shown.get(name) for name in ("visit_start", "visit_end", "planned_visit")]


def notices(csn: Programme, state: str = "planned") -> list[tuple[str, str]]:
    """To whom, and about which entry, a notice stands in *state*."""
    listed = csn.do("nudge list --all --json").data
    return [(each["to"], each["subject"]) for each in listed if (each["rule"], each["state"]) == ("postponed", state)]


def opened(csn: Programme) -> set[tuple[str, ...]]:
    names = ("rule", "subject", "role", "local_on", "at", "zone", "to")
    return {tuple(each[name] for name in names) for each in csn.do("nudge list --json").data}


def records(csn: Programme) -> str:
    """Every record as it is, without what counts its edits."""
    with closing(connect(csn.home / "lrflow.db")) as connection:
        rows = {
            name: connection.execute(f'SELECT * FROM "{name}"') for name in ("session", "checkin", "plan", "action")
        }
        kept = {
            name: [dict(zip([each[0] for each in cursor.description], row, strict=True)) for row in cursor]
            for name, cursor in rows.items()
        }
        counted = ("version", "touched_on")
        plain = {name: [{k: v for k, v in row.items() if k not in counted} for row in kept[name]] for name in kept}
        return json.dumps(plain)


# The days.


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("2016-11-27..2016-12-03", ("2016-11-27", "2016-12-03")),
        ("2016-11-27..2016-11-30", ("2016-11-27", "2016-11-30")),
        (" 2016-11-27 .. 2016-12-03 ", ("2016-11-27", "2016-12-03")),
        ("2016-11-27", ("2016-11-27", "2016-12-03")),
        ("+4w", ("2016-11-27", "2016-12-03")),
        ("+28d", ("2016-11-27", "2016-12-03")),
        ("2016-10-23", ("2016-10-23", "2016-10-29")),  # a week earlier
        ("2016-12", ("2016-12", "2016-12")),
        ("2016-10", ("2016-10", "2016-10")),  # this month, but on which days?
    ],
)
def test_new_days_are_read_as_they_are_typed(text: str, after: Dates) -> None:
    assert new_dates(text, VISIT, TODAY) == after


@pytest.mark.parametrize(
    ("text", "before", "says"),
    [
        ("2016-12-03..2016-11-27", VISIT, "before it starts"),
        ("2016-10-30..2016-11-05", VISIT, "already"),
        ("+0d", VISIT, "already"),
        ("2016-10-01", VISIT, "has passed"),
        ("2016-09", VISIT, "has passed"),
        ("3/4/2017", VISIT, "two ways"),
        ("soon", VISIT, "is not a day"),
        ("2016-13", VISIT, "not a month"),
        ("2016-11..2016-12", VISIT, "the day is needed"),
        ("+4w", ("2016-11", "2016-11"), "its days are unknown"),
        ("2016-11-27", (None, None), "its length is unknown"),
    ],
)
def test_days_that_cannot_be_are_refused_with_what_to_type(text: str, before: Dates, says: str) -> None:
    with pytest.raises(Misused, match=says) as refused:
        new_dates(text, before, TODAY)

    assert refused.value.remedy or refused.value.problems


def test_the_dates_are_changed_as_one_entry_with_a_reason_and_planned_dates_keep_their_story(csn: Programme) -> None:
    data = postponed(csn, "+4w")
    entry = csn.do("log route -N 1 --json").data[0]

    assert visit_of(csn) == ["2016-11-27", "2016-12-03", "2016-09"]
    assert (data["before"], data["after"]) == (list(VISIT), ["2016-11-27", "2016-12-03"])
    assert (entry["id"], entry["verb"], entry["subject"]) == (data["entry"], "postpone", "route")
    assert entry["reason"] == "elections in the host country"
    assert [(each["field"], each["before"], each["after"]) for each in entry["changes"]] == [
        ("visit_start", "2016-10-30", "2016-11-27"),
        ("visit_end", "2016-11-05", "2016-12-03"),
    ]


@pytest.mark.parametrize(
    ("line", "actor", "code", "says"),
    [
        ("postpone +4w --yes", "", 2, "postpone needs a reason"),
        (f"postpone +4w {WHY} --yes", FACILITATOR, 3, "may not edit the route"),
        (
            f"postpone +4w {WHY}",
            "",
            2,
            "Move the visit and write to 29?",
        ),  # 24 visitors, 3 champions, host, facilitator
    ],
)
def test_it_needs_a_reason_a_right_and_a_yes(csn: Programme, line: str, actor: str, code: int, says: str) -> None:
    before = csn.do("show route").out

    refused = csn.run(line, actor=actor)

    assert (refused.code, says in refused.err) == (code, True)
    assert csn.do("show route").out == before


@pytest.mark.parametrize("end", ['hold --review +30d --reason "flood"', ""])
def test_a_route_on_hold_may_be_postponed_too(csn: Programme, end: str) -> None:
    if end:
        csn.do(end)

    assert postponed(csn, "+4w")["after"][0] == "2016-11-27"


def test_a_visit_that_began_is_not_postponed_and_one_still_ahead_is(visit: Programme) -> None:
    began = visit.run(f"postpone +4w {WHY} --yes")
    ahead = visit.run(f"postpone +4w {WHY} -n", now="2016-10-29")

    assert (began.code, "the visit began on 2016-10-30" in began.err) == (3, True)
    assert ahead.code == 0


def test_a_route_that_ended_is_not_postponed(young: Programme) -> None:
    young.do('cancel --reason "no funds" --confirm rwanda-2016')

    ended = young.run(f"postpone 2016-11-01..2016-11-05 {WHY} --yes")

    assert (ended.code, "rwanda-2016 is cancelled" in ended.err) == (3, True)


# What moves along.


def test_planned_sessions_of_the_visit_move_as_far_as_its_first_day(csn: Programme) -> None:
    csn.do("add session 2016-10-20 induction")  # before the visit
    csn.do('mark S1 cancelled --reason "no hall"')

    data = postponed(csn, "+3d")
    entries = csn.do("log -N 9 --json").data

    assert [(each["of"], each["after"]) for each in data["sessions"]] == [
        ("S2", "2016-11-03"),
        ("S3", "2016-11-03"),
        ("S4", "2016-11-04"),
        ("S5", "2016-11-05"),
        ("S6", "2016-11-06"),
        ("S7", "2016-11-06"),
        ("S8", "2016-11-08"),
        ("S9", "2016-11-08"),
    ]
    assert csn.do("show S1 --json").data["on"] == "2016-10-30"
    assert csn.do("show S10 --json").data["on"] == "2016-10-20"
    assert [each["verb"] for each in entries] == ["set"] * 8 + ["postpone"]
    assert [each["of"] for each in data["days_off"]] == ["S5", "S6", "S7"]  # from working days onto a weekend
    assert data["outside"] == []


def test_a_holiday_of_the_host_country_is_named_and_what_the_new_days_leave_out_is_listed(csn: Programme) -> None:
    dry = csn.do(f"postpone 2016-12-22..2016-12-26 {WHY} -n").out
    data = postponed(csn, "2016-12-22..2016-12-26")  # S2 and S3 on the 23rd, S4 on the 24th

    assert [(each["of"], each["after"], each["note"]) for each in data["days_off"]] == [
        ("S4", "2016-12-24", "weekend"),
        ("S5", "2016-12-25", "Christmas Day"),
        ("S6", "2016-12-26", "Boxing Day"),
        ("S7", "2016-12-26", "Boxing Day"),
    ]
    assert [(each["of"], each["after"]) for each in data["outside"]] == [("S8", "2016-12-28"), ("S9", "2016-12-28")]
    assert "! not on the new days (2): S8 2016-12-28 plan_drafting, S9 2016-12-28 evaluation" in dry
    assert "-> lrflow set S8 on=..." in dry


def test_a_month_takes_the_days_away_and_nudges_wait_for_a_day(csn: Programme) -> None:
    csn.do("set S1 place=Nyanza")

    data = postponed(csn, "2016-12")

    assert visit_of(csn)[:2] == ["2016-12", "2016-12"]
    assert (data["sessions"], len(data["outside"])) == ([], 9)
    assert [(each["of"], each["after"]) for each in data["targets"]] == [("final plans", None)]
    assert (len(data["nudges"]["withdrawn"]), data["nudges"]["moved"]) == (30, [])
    assert "visit-dates" in data["failing"]
    assert "known only to the month: visit_start, visit_end" in csn.do("status").out


def test_targets_and_check_ins_follow_and_a_check_in_moved_by_hand_keeps_its_distance(visit: Programme) -> None:
    """A visit that was entered too early: sent on to follow-up and back, it has its check-ins already."""
    visit.do("mark P attended --yes", now="2016-11-05")
    for number in range(1, 9):
        visit.do(f'add plan "Gardens {number}" kind=test --of D{number}', now="2016-11-05")
    visit.do("advance", now="2016-11-05")
    visit.do("set Q1.1 due=2016-12-08", now="2016-11-05")
    visit.do('back learning_visit --reason "it was only rehearsed"', now="2016-11-05")
    visit.do('back champion_training --reason "it was only rehearsed"', now="2016-11-05")

    data = postponed(visit, "2017-01-29..2017-01-31", now="2016-11-06")
    moved = {each["of"]: each["after"] for each in data["targets"]}

    assert moved["final plans"] == "2017-02-25"
    assert (moved["Q1.0"], moved["Q2.1"], moved["Q2.3"]) == ("2017-01-31", "2017-02-28", "2017-04-30")
    assert moved["Q1.1"] == "2017-03-05"  # 87 days later, as the last day of the visit


def test_plans_and_actions_keep_their_days_and_those_now_too_early_are_listed(csn: Programme) -> None:
    csn.do('add plan "Gardens" kind=test starts_on=2016-11-20 ends_on=2017-05-01 --of D1')
    csn.do('add action "Dig" due=2016-11-30 --of A1')
    csn.do('add action "Sow" due=2016-12-20 --of A1')

    data = postponed(csn, "+4w")

    assert [(each["of"], each["note"], each["after"]) for each in data["early"]] == [
        ("A1.1", "due", "2016-11-30"),
        ("A1", "starts_on", "2016-11-20"),
    ]
    assert csn.do("show A1.1 --json").data["due"] == "2016-11-30"


def test_who_must_be_asked_again_is_listed_and_stays_as_it_is(csn: Programme) -> None:
    csn.do("mark C1 C2 confirmed")

    data = postponed(csn, "+4w")

    assert (len(data["cleared"]), data["available"]) == (24, ["C1", "C2"])
    assert csn.do("show P1 --json").data["state"] == "cleared"
    assert csn.do("show C1 --json").data["state"] == "confirmed"
    assert "cleared for the old days: P1-P24" in csn.do(f"postpone +1w {WHY} -n").out


def test_a_guard_that_would_fail_is_named_before(csn: Programme) -> None:
    assert postponed(csn, "+4w")["failing"] == []

    late = csn.do(f"postpone 2018-01-28..2018-02-03 {WHY} -n")

    assert "! within-programme will not pass: the visit lies outside the programme" in late.out


def test_nudges_are_compared_before_and_after(csn: Programme) -> None:
    before = opened(csn)

    dry = csn.do(f"postpone +4w {WHY} -n --json").data
    data = postponed(csn, "+4w")

    assert data["nudges"] == dry["nudges"]
    assert (len(data["nudges"]["moved"]), data["nudges"]["withdrawn"], data["nudges"]["added"]) == (30, [], [])
    assert {(each["of"], each["before"]) for each in data["nudges"]["moved"]} == {
        (f"{rule} {subject}", day) for rule, subject, _, day, *_ in before if rule in ("reading", "champion-ready")
    }


def test_a_dry_run_says_the_same_and_changes_nothing(csn: Programme) -> None:
    before = (records(csn), visit_of(csn), opened(csn), csn.do("log").out)

    dry = csn.do(f"postpone +4w {WHY} -n").out.splitlines()

    assert (records(csn), visit_of(csn), opened(csn), csn.do("log").out) == before
    done = csn.do(f"postpone +4w {WHY} --yes").out.splitlines()
    assert dry[1:-1] == done[1:-1]
    assert dry[0].replace("would move", "✓").removesuffix(" (L166)") in done[0]
    assert (dry[-1], done[-1]) == ("Next: the same without -n", "Next: lrflow nudge preview L166")


def test_it_is_whole_or_did_not_happen_when_somebody_moves_the_route_meanwhile(csn: Programme) -> None:
    database = Database(csn.home / "lrflow.db")
    act = Act(COORDINATOR, read_instant(csn.now, "UTC"), reason="elections")
    before = records(csn)

    with pytest.raises(Busy):
        postpone(database, "rwanda-2016", "+4w", act, seen=1)

    database.close()
    assert (records(csn), visit_of(csn)[0]) == (before, "2016-10-30")


def test_what_a_person_holds_back_stays_held_however_its_day_moves(csn: Programme) -> None:
    csn.do("nudge go-live --yes")
    csn.do("run --once", now="2016-10-18T10:00")  # C1 is asked for the first time
    held = next(each for each in ready(csn) if each["state"] == "planned")
    csn.do(f"nudge hold {held['id']}", now="2016-10-18T11:00")

    postponed(csn, "+4w", now="2016-10-18T12:00")
    after = {(each["seq"], each["epoch"]): each["state"] for each in ready(csn)}
    csn.do(f"nudge release {held['id']}", now="2016-10-18T13:00")
    released = [(each["seq"], each["epoch"], each["local_on"]) for each in ready(csn) if each["state"] == "planned"]

    assert after == {(0, 1): "drafted", (1, 1): "held", (0, 2): "planned"}
    assert released == [(0, 2, "2016-10-31"), (1, 2, "2016-11-21")]


def ready(csn: Programme) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = csn.do("nudge list --all --json").data
    return [each for each in listed if (each["rule"], each["subject"]) == ("champion-ready", "C1")]


# Who is told.


def test_those_who_count_on_the_days_are_told_once_and_who_moves_them_is_not(csn: Programme) -> None:
    csn.do("set D1 lead=v11@example.org focal_point=carla@example.org")
    csn.do('mark P2 withdrawn --reason "ill"')
    csn.do('mark D2 withdrew --reason "no funds"')
    csn.do('mark C3 replaced --reason "moved away"')

    postponed(csn, "+4w")
    names = sorted(name for name, _ in notices(csn))

    visitors = [f"Visitor {country}{n}" for country in ("KE", "UG", "NG", "ET", "SL", "GM") for n in (1, 2, 3)]
    others = ["Visitor MW1", "Visitor MW3", "Carla Ruiz", "Champion 1", "Champion 2", "Felix Soto", "Hope Uwera"]
    assert names == sorted([*visitors, *others])


def test_nobody_is_told_of_days_that_nobody_knew(young: Programme) -> None:
    first = postponed(young, "2016-10-30..2016-11-05")  # only a period was planned so far
    young.do("set person felix@example.org language=en")
    second = postponed(young, "+1w")

    assert (first["told"], len(second["told"])) == ([], 2)


def test_a_route_in_draft_tells_nobody(empty: Programme) -> None:
    empty.do('add person "Felix Soto" felix@example.org')
    empty.do("add organisation Procasur kind=facilitator country=CL")
    empty.do('add route r "R" planned_visit=2016-09 facilitator=Procasur')
    empty.do("set route facilitator=felix@example.org visit_start=2016-09-05 visit_end=2016-09-09")

    assert postponed(empty, "+1w")["told"] == []


def test_a_second_postponement_before_the_first_notice_left_makes_one_message_with_the_latest_dates(
    csn: Programme,
) -> None:
    csn.do("nudge go-live --yes")
    first, second = postponed(csn, "+4w"), postponed(csn, "+1w")

    csn.do("run --once", now="2016-10-18T10:00")

    assert {subject for _, subject in notices(csn, "cancelled")} == {first["entry"]}
    assert {subject for _, subject in notices(csn, "drafted")} == {second["entry"]}
    drafts = [path.read_text(encoding="utf-8") for path in (csn.home / "outbox").glob("*v11*")]
    assert len(drafts) == 1 and "4 December 2016" in drafts[0] and "27 November" not in drafts[0]


def test_back_to_the_days_that_everybody_knows_tells_nobody(csn: Programme) -> None:
    postponed(csn, "+4w")
    postponed(csn, "+1w")

    back = postponed(csn, "2016-10-30..2016-11-05")

    assert (back["told"], notices(csn)) == ([], [])


def test_who_was_told_already_is_told_of_the_next_change_too(csn: Programme) -> None:
    csn.do("nudge go-live --yes")
    postponed(csn, "+4w")
    csn.do("run --once", now="2016-10-18T10:00")
    csn.do("nudge confirm all", now="2016-10-18T11:00")

    back = postponed(csn, "2016-10-30..2016-11-05", now="2016-10-19")

    assert len(back["told"]) == 29


def test_days_that_were_promised_are_told_when_they_are_known(csn: Programme) -> None:
    csn.do("nudge go-live --yes")
    postponed(csn, "2016-12")
    csn.do("run --once", now="2016-10-18T10:00")

    known = postponed(csn, "2016-12-04..2016-12-10", now="2016-10-19")

    assert len(known["told"]) == 29


def test_who_cannot_be_reached_by_mail_is_named_to_be_called(csn: Programme) -> None:
    csn.do("set person v11@example.org opted_out=yes")

    assert "not by mail, so call: Visitor MW1" in csn.do(f"postpone +4w {WHY} -n").out


# Undo.


@pytest.mark.parametrize("dates", ["+4w", "2016-12", "2016-12-22..2016-12-24", "2016-10-23"])
def test_an_undo_brings_days_sessions_and_nudges_back_and_withdraws_the_notice(csn: Programme, dates: str) -> None:
    before = (records(csn), visit_of(csn), opened(csn))

    postponed(csn, dates)
    csn.do("undo --yes")

    assert (records(csn), visit_of(csn), opened(csn)) == before
    assert notices(csn) == []


def test_an_undo_of_the_second_lets_the_first_notice_hold_again(csn: Programme) -> None:
    first = postponed(csn, "+4w")
    then = opened(csn)
    postponed(csn, "+1w")

    csn.do("undo --yes")

    assert {subject for _, subject in notices(csn)} == {first["entry"]}
    assert opened(csn) == then


def test_nobody_reads_of_a_postponement_that_was_undone_or_twice_of_one_that_was_redone(csn: Programme) -> None:
    csn.do("nudge go-live --yes")
    postponed(csn, "+4w")
    csn.do("run --once", now="2016-10-14T12:00")  # those further west have it today
    told = len(notices(csn, "drafted"))

    csn.do("undo --yes", now="2016-10-14T13:00")
    undone = csn.do("log -N 1 --json").data[0]["id"]
    csn.do(f"undo {undone} --yes", now="2016-10-14T14:00")
    for day in ("2016-10-17T10:00", "2016-10-18T10:00"):
        csn.do("run --once", now=day)

    drafted = [name for name, _ in notices(csn, "drafted")]
    assert 0 < told < 29
    assert len(drafted) == len(set(drafted)) == 29
