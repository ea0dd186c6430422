"""What named people are told once: when, to whom, in which words, and what a withdrawal does."""

import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planning import EMPTY, WORKDAYS, applied, at, ground, sent
from programme import Programme
from small_facts import anything, facts, record, shipped

from lrflow.calendars import Calendar
from lrflow.database import Database
from lrflow.facts import Facts, Record, delegation_of
from lrflow.planner import Intended, Key, Ledger, Plan, plan, senders
from lrflow.store import replan

MONDAY = "2016-10-03"
KEY: Key = ("told", "L12", "person:1", 0, 1)


def notice(*people: int, rule: str = "told", on: str = MONDAY, withdrawn: bool = False, **route: Any) -> Facts:
    values = {"rule": rule, "people": list(people), "on_day": on, "withdrawn": withdrawn}
    persons = [record("person", number) for number in people]
    return facts(record("notice", "L12", **values), *persons, route=route)


def moment(day: str, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC).replace(hour=hour, minute=minute)


def planned(
    known: Facts,
    now: datetime,
    ledger: Ledger = EMPTY,
    calendars: Mapping[int, Calendar] | None = None,
    *,
    restoring: bool = False,
    **more: Any,
) -> Plan:
    calendar_of = lambda person: (calendars or {}).get(person, WORKDAYS)  # noqa: E731
    here = ground({}, known, now, ledger, calendar_of=calendar_of, **more)
    return plan(replace(here, moment=replace(here.moment, restoring=restoring)))


def lived(ledger: Ledger, known: Facts, now: datetime, **more: Any) -> Ledger:
    return applied(ledger, planned(known, now, ledger, **more), now)


def told(made: Plan) -> list[tuple[str, str, str]]:
    return [(each.local_on.isoformat(), each.state, each.reason) for each in made.intended.values()]


# When.


@pytest.mark.parametrize(
    ("day", "hour", "minute", "local"),
    [
        (MONDAY, 6, 0, MONDAY),
        (MONDAY, 8, 59, MONDAY),
        (MONDAY, 9, 0, "2016-10-04"),
        (MONDAY, 23, 0, "2016-10-04"),
        ("2016-10-07", 10, 0, "2016-10-10"),  # a Friday
        ("2016-10-08", 6, 0, "2016-10-10"),
    ],
)
def test_it_leaves_on_the_next_working_morning_that_has_not_begun(day: str, hour: int, minute: int, local: str) -> None:
    made = planned(notice(1), moment(day, hour, minute))

    assert told(made) == [(local, "planned", "")]
    assert [(each.key, each.due) for each in made.intended.values()] == [(KEY, at(local, 9))]


def test_each_is_told_in_the_morning_of_where_one_is() -> None:
    calendars = {
        1: Calendar("Asia/Kathmandu", frozenset({6}), {}),
        2: Calendar("Africa/Kigali", frozenset({6, 7}), {date(2016, 10, 3): "a holiday"}),
        3: Calendar("America/Lima", frozenset({6, 7}), {}),
    }

    made = planned(notice(1, 2, 3), moment(MONDAY, 6), calendars=calendars)  # a quarter to noon in Kathmandu

    assert [each.local_on.day for each in made.intended.values()] == [4, 4, 3]
    assert {each.at.hour for each in made.intended.values()} == {9}


def test_once_planned_it_stays_where_it_is() -> None:
    ledger = lived(EMPTY, notice(1), moment(MONDAY, 6))

    for hour in (9, 12, 23):
        assert lived(ledger, notice(1), moment(MONDAY, hour)) == ledger


@pytest.mark.parametrize(("day", "state"), [("2016-10-17", ("planned", "")), ("2016-10-18", ("expired", "too_late"))])
def test_it_may_be_ten_working_days_late(day: str, state: tuple[str, str]) -> None:
    ledger = lived(EMPTY, notice(1), moment(MONDAY, 6))

    assert told(planned(notice(1), moment(day, 8), ledger)) == [(MONDAY, *state)]


def test_a_rehearsal_plans_it_and_what_was_rehearsed_is_not_said_later() -> None:
    rehearsed = lived(EMPTY, notice(1), moment(MONDAY, 6), live_on=None)

    live = planned(notice(1), moment("2016-10-10", 6), rehearsed, live_on=date(2016, 10, 10))

    assert [each.state for each in rehearsed.nudges.values()] == ["planned"]
    assert told(live) == [(MONDAY, "suppressed", "before_active")]


# Where it is silent.


@pytest.mark.parametrize("rule", ["told", "postponed"])
def test_a_hold_does_not_silence_it_and_the_end_of_the_route_does(rule: str) -> None:
    on_hold, cancelled = (planned(notice(1, rule=rule, status=each), at(MONDAY)) for each in ("on_hold", "cancelled"))

    assert told(on_hold) == [(MONDAY, "planned", "")]
    assert (cancelled.intended, cancelled.silenced) == ({}, {(rule, "L12"): "route_ended"})


def test_a_route_that_is_opened_again_does_not_tell_old_news() -> None:
    ledger = lived(EMPTY, notice(1), at(MONDAY))
    ledger = lived(ledger, notice(1, status="cancelled"), at(MONDAY))

    soon, late = (planned(notice(1), at(day), ledger) for day in ("2016-10-04", "2017-01-10"))

    assert told(soon) == [("2016-10-04", "planned", "")]
    assert told(late) == [(MONDAY, "suppressed", "subject_after_nominal")]


def test_one_that_is_withdrawn_falls_silent_and_comes_back_with_a_redo_for_those_not_told_yet() -> None:
    ledger = sent(lived(EMPTY, notice(1, 2), at(MONDAY)), MONDAY, KEY)
    withdrawn = planned(notice(1, 2, withdrawn=True), at(MONDAY), ledger)
    gone = applied(ledger, withdrawn, at(MONDAY))

    again = planned(notice(1, 2), moment(MONDAY, 12), gone, restoring=True)

    assert (withdrawn.intended, withdrawn.silenced) == ({}, {("told", "L12"): "withdrawn"})
    assert [each.state for each in gone.nudges.values()] == ["sent", "cancelled"]
    assert [(each.person, *line) for each, line in zip(again.intended.values(), told(again), strict=True)] == [
        (1, "2016-10-04", "suppressed", "already_sent"),
        (2, "2016-10-04", "planned", ""),
    ]


def test_two_who_stand_for_one_another_are_told_once() -> None:
    known = notice(1, 2)
    away = record("person", 1, away_until="2016-10-14", deputy=2)
    known = known.with_record(away)

    found: list[Intended] = list(planned(known, at(MONDAY)).intended.values())

    assert [(each.key[2], each.person) for each in found] == [("person:1", 2)]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_who_sends_a_person_is_found_for_all_at_once_as_for_each_alone(seed: int) -> None:
    known = anything(Random(seed), shipped())
    sent_by = senders(known)

    for person in range(8):
        alone = delegation_of(person, known)
        if alone is not None:
            assert sent_by[person] == alone


class Watched(tuple[Any, ...]):
    """What makes a nudge the same one, counting how often it is looked at."""

    looks = 0

    def __getitem__(self, place: Any) -> Any:
        Watched.looks += 1
        return super().__getitem__(place)


def looks_at(known: Facts, monkeypatch: pytest.MonkeyPatch, **rules: Mapping[str, Any]) -> int:
    """How often a plan that follows an earlier one looks at a record or at a nudge."""
    first = applied(EMPTY, plan(ground(rules, known, at(MONDAY))), at(MONDAY))
    nudges = {Watched(key): replace(each, key=Watched(key)) for key, each in first.nudges.items()}
    here = ground(rules, known, at(MONDAY), Ledger(first.armings, nudges))
    looks = [0]
    plainly = Record.__getitem__

    def counted(of: Record, name: str) -> Any:
        looks[0] += 1
        return plainly(of, name)

    Watched.looks = 0
    with monkeypatch.context() as watching:
        watching.setattr(Record, "__getitem__", counted)
        made = plan(here)
    assert len(made.intended) == len(nudges)
    return looks[0] + Watched.looks


def visitors(number: int) -> Facts:
    """So many visitors, five of each delegation, and a check-in for each delegation."""
    return facts(
        *(record("person", each) for each in range(number)),
        *(
            record("participant", f"P{each}", "attended", delegation=f"D{each // 5}", person=each)
            for each in range(number)
        ),
        *(record("delegation", f"D{each}", "attended") for each in range(number // 5)),
        *(
            record("checkin", f"Q{each}.0", "scheduled", delegation=f"D{each}", due="2016-10-10")
            for each in range(number // 5)
        ),
    )


def test_a_plan_for_four_times_the_people_looks_four_times_as_often(monkeypatch: pytest.MonkeyPatch) -> None:
    survey = {"about": "checkin", "when": "due", "to": ["people"]}

    for made in (lambda number: notice(*range(1, number + 1)), visitors):
        few, many = (looks_at(made(number), monkeypatch, survey=survey) for number in (100, 400))

        assert few < many < 5 * few


# In which words.


@pytest.fixture
def soon(young: Programme) -> Programme:
    """A live route whose visit has its days; facilitator Felix reads French, host Hope Spanish."""
    young.do("set route visit_start=2016-10-30 visit_end=2016-11-05")
    young.do("set person felix@example.org language=fr")
    young.do("set person hope@example.org language=es")
    young.do("nudge go-live --yes")
    return young


def tell(csn: Programme, which: str, text: str, subject: str = "Your passport") -> None:
    (csn.home / "text.txt").write_text(text, encoding="utf-8")
    csn.do(f'tell {which} --subject "{subject}" --text @{csn.home / "text.txt"} --yes')


def letters(csn: Programme, now: str = "2016-06-13T10:00") -> dict[str, Any]:
    """What `run --once` writes, by address."""
    csn.do("run --once", now=now)
    read = [
        message_from_bytes(path.read_bytes(), policy=policy.default) for path in (csn.home / "outbox").glob("*.eml")
    ]
    return {str(each["To"].addresses[0].addr_spec): each for each in read}


def body(letter: Any) -> str:
    return str(letter.get_body(("plain",)).get_content()).replace("\r\n", "\n")


def test_a_text_is_said_as_typed_and_framed_in_the_readers_language(soon: Programme) -> None:
    tell(soon, "facilitator", "Please bring your passport,\n  two photos\tand a smile.\n\nThank you {person}!")

    letter = letters(soon)["felix@example.org"]

    assert letter["Subject"] == "[rwanda-2016] Your passport"
    assert letter["Content-Language"] == "fr"
    assert body(letter).split("\n\n")[:2] == [
        "Bonjour Felix Soto,",
        "Please bring your passport, two photos and a smile. Thank you {person}!",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{code} {{x}} {nowhere} %s ${HOME}", "{code} {{x}} {nowhere} %s ${HOME}"),
        ("a\u202eb\u2066c\x07d\x1b[31m", "abc d [31m"),
        ("=1+1 <b>bold</b> BCC: x@example.org", "=1+1 <b>bold</b> BCC: x@example.org"),
        ("é" * 600, "é" * 600),
    ],
)
def test_a_text_is_never_a_template_nor_turns_a_line(soon: Programme, text: str, said: str) -> None:
    tell(soon, "facilitator", text)

    assert body(letters(soon)["felix@example.org"]).splitlines()[2] == said


def test_what_is_previewed_is_what_is_sent_together_with_all_else_of_the_day(soon: Programme) -> None:
    tell(soon, "owner", "Please sign the contract.", "Contract")  # Grace also reads the overview on Mondays

    previewed = soon.do("nudge preview grace --day 2016-06-13 --json").data
    letter = letters(soon)["grace@example.org"]

    assert [(each["subject"], each["text"]) for each in previewed] == [(letter["Subject"], body(letter))]
    assert len(list((soon.home / "outbox").glob("*grace*"))) == 1
    assert "Contract" in letter["Subject"] or "Contract: Please sign the contract." in body(letter)


def test_several_points_of_a_day_keep_the_subject_of_what_was_typed(soon: Programme) -> None:
    for subject in ("First", "Second"):
        tell(soon, "facilitator", f"{subject} text.", subject)

    letter = letters(soon)["felix@example.org"]

    assert "1. First: First text." in body(letter)
    assert "2. Second: Second text." in body(letter)


def test_new_dates_are_told_in_each_readers_language(soon: Programme) -> None:
    soon.do('postpone +4w --reason "elections" --yes')

    found = letters(soon)

    assert found["felix@example.org"]["Subject"] == "[rwanda-2016] Nouvelles dates de la visite d'apprentissage"
    assert "du dimanche 27 novembre 2016 au samedi 3 décembre 2016" in body(found["felix@example.org"])
    assert "del domingo 27 de noviembre de 2016 al sábado 3 de diciembre" in body(found["hope@example.org"])


def test_a_month_is_told_in_words_and_the_dates_are_those_of_the_day_it_leaves(soon: Programme) -> None:
    soon.do('postpone 2016-12 --reason "elections" --yes')

    first = soon.do("nudge preview felix --json").data[0]
    soon.do('set route visit_start=2017-01 visit_end=2017-01 --reason "later still"')
    letter = letters(soon)["felix@example.org"]

    assert "décembre 2016" in first["text"]
    assert letter["Subject"] == "[rwanda-2016] La visite est déplacée : janvier 2017"


def test_a_workflow_of_ones_own_without_the_words_is_held_and_the_check_asks_for_them(
    empty: Programme, tmp_path: Path
) -> None:
    own = tmp_path / "mine"
    shutil.copytree(Path(__file__).parents[1] / "workflows" / "sun-csn", own)
    for file in (own / "messages").glob("*.toml"):
        text = file.read_text(encoding="utf-8")
        file.write_text(text[: text.index("[nudges.postponed]")], encoding="utf-8")
    empty.do("add organisation Procasur kind=facilitator country=CL")
    empty.do('add person "Felix Soto" felix@example.org country=RW')
    empty.do(f'add route own-2016 "Our own" planned_visit=2016-09 facilitator=Procasur --workflow {own}')
    empty.do("set route facilitator=felix@example.org visit_start=2016-10-30 visit_end=2016-11-05 host_country=RW")
    empty.do("advance")
    empty.do("nudge go-live --yes")

    empty.do('postpone +4w --reason "elections" --yes')
    checked = empty.run(f"workflow check {own}")
    seen = empty.do("nudge preview felix").out
    empty.do("run --once", now="2016-02-12T10:00")

    assert "fr.toml: nudges.postponed: missing" in checked.err
    assert "fr.toml: nudges.postponed-month: missing" in checked.err
    assert [each["state"] for each in empty.do("nudge list --json").data if each["rule"] == "postponed"] == ["held"]
    assert "no_translation" in seen


# How it is kept.


def test_numbers_are_counted_once_for_a_plan_however_many_nudges_it_adds(soon: Programme) -> None:
    tell(soon, "facilitator host coordinator owner", "Hello.")
    asked: list[str] = []

    with Database(soon.home / "lrflow.db").begin(write=True, keep=False) as unit:
        unit.run("DELETE FROM nudge WHERE rule = 'told'")
        unit.connection.set_trace_callback(asked.append)
        added, _ = replan(unit, "rwanda-2016", at("2016-06-10"))
        unit.connection.set_trace_callback(None)

    assert added == 4
    assert sum("max(number)" in each for each in asked) == 1


def test_who_was_told_and_is_on_the_route_no_more_is_still_known_to_its_plan(soon: Programme) -> None:
    soon.do('add person "Aline Uwase" aline@example.org country=RW language=fr zone=Asia/Kathmandu')
    tell(soon, "aline@example.org", "Hello.")

    row = next(each for each in soon.do("nudge list --json").data if each["rule"] == "told")

    assert (row["to"], row["zone"]) == ("Aline Uwase", "Asia/Kathmandu")
    assert letters(soon)["aline@example.org"]["Content-Language"] == "fr"
