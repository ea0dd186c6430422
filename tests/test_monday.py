"""The Monday overview: always sent, at most 60 lines, what needs the coordinator first, each line with its command."""

import re
import shlex
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from domain_routes import COORDINATOR
from programme import Programme

from lrflow import store
from lrflow.clock import to_us
from lrflow.database import Database
from lrflow.messages import read_messages
from lrflow.nudges.assembling import ground_now
from lrflow.nudges.monday import monday
from lrflow.nudges.week import Week, week_of

MONDAY = "2016-11-28"
WORDS = read_messages(Path(__file__).parents[1] / "workflows" / "sun-csn" / "messages")


@pytest.fixture
def live(follow_up: Programme) -> Programme:
    """The route in follow-up, live since Thursday 24 November 2016; D1 and D2 have a lead, no other delegation has."""
    follow_up.now = "2016-11-24"
    follow_up.do("set D1 lead=v11@example.org focal_point=v12@example.org")
    follow_up.do("set D2 lead=v21@example.org focal_point=v22@example.org")
    follow_up.do("nudge go-live --yes")
    return follow_up


def overview(programme: Programme, day: str = MONDAY, who: str = COORDINATOR) -> dict[str, Any]:
    """The message to the coordinator on *day*, as `nudge preview` shows it on the morning of that day."""
    found = programme.do(f"nudge preview {who} --day {day} --json", now=f"{day}T06:00").data
    return next(each for each in found if each["to"] == who)


def lines(programme: Programme, day: str = MONDAY) -> list[str]:
    return str(overview(programme, day)["text"]).splitlines()


def week(programme: Programme, day: str = MONDAY) -> Week:
    now = datetime.fromisoformat(f"{day}T07:00:00+00:00")
    with Database(programme.home / "lrflow.db").begin() as unit:
        return week_of(unit, ground_now(unit, "rwanda-2016", now), date.fromisoformat(day), now)


def change(programme: Programme, sql: str, *values: Any) -> None:
    from lrflow.database.connection import connect

    with closing(connect(programme.home / "lrflow.db")) as connection:
        connection.execute(sql, values)


def drafts(programme: Programme, who: str) -> list[Any]:
    files = sorted((programme.home / "outbox").glob(f"*{who}*.eml"))
    return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]


# The whole of it.


@pytest.mark.requirement("H4")
def test_the_whole_overview_of_a_week_in_follow_up(live: Programme) -> None:
    live.do('add action "Meet the budget officer" due=2016-11-20 --of A1')
    live.do('add action "Share the case" --of A2')

    found = overview(live)

    assert found["subject"] == "[rwanda-2016] Your Monday overview"
    assert (
        found["text"]
        == """Dear Carla Ruiz,

Machine: last tick never; mail ok; held 0; drafts waiting 0. Last week: messages sent 0; answers -. -> lrflow doctor

Learning Route in Rwanda - Monday 28 November 2016 (week 48) - Follow-up
1 NEEDS YOU (2)
  nobody is lead: D3, D4, D5, D6, D7, D8 -> lrflow set D3 lead=EMAIL
  nobody is focal_point: D3, D4, D5, D6, D7, D8 -> lrflow set D3 focal_point=EMAIL
2 REACHING PEOPLE (0)
3 THIS WEEK: due 8, overdue 9, without a date 1; the oldest: Q1.0, since 5 Nov 2016 -> lrflow show Q1.0
4 WILL BE SENT THIS WEEK: messages 1, people 1 -> lrflow nudge list
  not sent, last week and this week: 8 before go-live, 1 came up after its day -> lrflow nudge list --all
5 BY ALLIANCE: done/all, overdue, last heard from
  Alliance MW: 0/2, 2, 5 Nov 2016 -> lrflow show D1
  Alliance ET: 0/1, 1, 5 Nov 2016 -> lrflow show D6
  Alliance GM: 0/1, 1, 5 Nov 2016 -> lrflow show D8
  Alliance KE: 0/1, 1, 5 Nov 2016 -> lrflow show D3
  Alliance NG: 0/1, 1, 5 Nov 2016 -> lrflow show D5
  Alliance SL: 0/1, 1, 5 Nov 2016 -> lrflow show D7
  Alliance TZ: 0/2, 1, 5 Nov 2016 -> lrflow show D2
  Alliance UG: 0/1, 1, 5 Nov 2016 -> lrflow show D4
6 CHANGED LAST WEEK: add action 2, set delegation 2, go-live 1 -> lrflow log
7 AHEAD: conditions for Closed that are met: 2/6; donor report still to be delivered; \
end of the programme: 31 Jan 2018 (in 429 days) -> lrflow check

You get this every Monday, in a quiet week too. If one does not come, nothing is being sent: lrflow doctor
Grace Phiri
"""
    )


@pytest.mark.requirement("H4")
def test_a_quiet_week_says_so_in_one_line_and_the_overview_still_goes_out(young: Programme) -> None:
    young.now = "2016-02-12"
    young.do("nudge go-live --yes")
    young.run("run --once", now="2016-02-15T10:00")

    young.run("run --once", now="2016-02-22T10:00")

    said = [each.get_content() for each in drafts(young, COORDINATOR)]
    assert len(said) == 2
    assert said[1].splitlines()[4:] == [
        "Learning Route in Rwanda - Monday 22 February 2016 (week 8) - Identification",
        "A quiet week: nothing needs you, nothing is due, nothing will be sent.",
        "7 AHEAD: conditions for Systematization that are met: 2/4; "
        "end of the programme: 31 Jan 2018 (in 709 days) -> lrflow check",
        "",
        "You get this every Monday, in a quiet week too. If one does not come, nothing is being sent: lrflow doctor",
        "Grace Phiri",
    ]


@pytest.mark.requirement("H4", "I1")
def test_what_was_previewed_is_what_leaves_line_for_line(live: Programme) -> None:
    live.do("tell coordinator --subject Contract --text 'Please sign it.' --yes", now="2016-11-27")
    live.do("run --once", now="2016-11-27T12:00")

    previewed = overview(live)
    live.do("run --once", now=f"{MONDAY}T10:00")

    letter = drafts(live, COORDINATOR)[-1]
    said = letter.get_content().replace("\r\n", "\n")
    assert (letter["Subject"], said) == (previewed["subject"], previewed["text"])
    assert letter.get_content_type() == "text/plain"


def test_participants_get_no_overview(live: Programme) -> None:
    live.do("run --once", now=f"{MONDAY}T10:00")

    assert {each["To"].addresses[0].addr_spec for each in drafts(live, "@")} >= {COORDINATOR, "grace@example.org"}
    assert all("overview" not in each["Subject"] for each in drafts(live, "v1"))


# What needs the coordinator.


@pytest.mark.requirement("L5")
def test_a_call_stands_there_with_the_number_until_something_is_noted(live: Programme) -> None:
    live.do('set person v11@example.org phone="+265 991 234 567"')
    for number, (rule, day, seq, state) in enumerate(
        [("final-plan-overdue", "2016-11-10", 0, "sent"), ("final-plan-escalation", "2016-11-25", 1000, "drafted")]
    ):
        at = to_us(datetime.fromisoformat(f"{day}T09:00+00:00"))
        change(
            live,
            """INSERT INTO nudge (route_id, number, rule, subject, role, seq, epoch, person, state, nominal_on,
                   local_on, "at", zone, due_us, pinned, closed_us)
               SELECT route_id, ?, ?, 'A1', ?, ?, epoch, person, ?, ?, ?, '09:00', 'UTC', 0, FALSE, ?
               FROM nudge WHERE rule = 'final-plan-overdue' AND subject = 'A1' ORDER BY epoch DESC LIMIT 1""",
            *(9000 + number, rule, f"then1:{number}", seq, state, day, day, at),
        )

    before = [line for line in lines(live) if line.startswith("  call")]
    live.do('note A1 "will be sent on Friday"', now="2016-11-27")
    after = [line for line in lines(live) if line.startswith("  call")]

    assert before == [
        "  call Visitor MW1 (+265 991 234 567): A1 “Gardens 1”, messages sent 1, the first on 10 Nov 2016 "
        '-> lrflow note A1 "..."'
    ]
    assert after == []


@pytest.mark.requirement("A3")
def test_what_is_unsure_failed_or_still_a_draft_is_counted_in_messages(live: Programme) -> None:
    live.do('add action "Meet the budget officer" due=2016-11-22 --of A1')
    live.do("run --once", now="2016-11-24T10:00")
    live.do("run --once", now="2016-11-25T10:00")
    states = {"drafted": "drafts in outbox/ to send and to confirm: 1 -> lrflow nudge confirm all"}
    states["unsure"] = "may or may not have arrived: 1 -> lrflow nudge list --state unsure"
    states["failed"] = "could not be sent last week: 1 -> lrflow nudge list --state failed"

    for state, said in states.items():
        change(live, "UPDATE nudge SET state = ? WHERE rule = 'action-overdue' AND state <> 'planned'", state)

        assert f"  {said}" in lines(live), state


@pytest.mark.requirement("M1")
def test_what_a_person_left_to_nobody_stands_there_every_monday_until_somebody_has_it(live: Programme) -> None:
    live.do('person leave v11@example.org --reason "new post"', now="2016-11-25")
    said = "  D1 “Alliance MW”: Visitor MW1 left, and nobody took over -> lrflow set D1 lead=EMAIL"

    first, second = lines(live), lines(live, "2016-12-05")
    live.do("set D1 lead=v13@example.org", now="2016-12-06")

    assert said in first and said in second
    assert not any("nobody took over" in line for line in lines(live, "2016-12-12"))
    assert not any("nobody is lead: D1" in line for line in first)


@pytest.mark.requirement("S16")
def test_a_pause_without_an_end_stands_there_every_monday(live: Programme) -> None:
    live.do('pause D2 --reason "floods"', now="2016-11-25")
    live.do('pause D1 --until 2016-12-20 --reason "elections"', now="2016-11-25")

    for day in (MONDAY, "2016-12-05"):
        said = [line for line in lines(live, day) if "paused without" in line]

        assert said == ["  paused without an end since 25 Nov 2016: D2 (floods) -> lrflow pause list"]


@pytest.mark.requirement("J3", "J4")
def test_an_address_that_returns_mail_and_a_person_without_one_are_named(live: Programme) -> None:
    live.do("person address v11@example.org dead", now="2016-11-25")
    change(live, "UPDATE person SET email = NULL WHERE email = 'v21@example.org'")

    said = lines(live)

    place = said.index("2 REACHING PEOPLE (2)")
    assert said[place + 1 : place + 3] == [
        "  Visitor MW1 <v11@example.org>: mail comes back since 25 Nov 2016 "
        "-> lrflow set person v11@example.org email=NEW",
        "  no address known (1): Visitor TZ1 -> lrflow list person email=",
    ]


# Numbers.


def test_an_alliance_that_was_never_heard_of_has_a_dash_and_so_has_one_that_owes_nothing(csn: Programme) -> None:
    csn.do("nudge go-live --yes")

    said = lines(csn, "2016-10-17")

    assert "  Alliance ET: -, 0, - -> lrflow show D6" in said


def test_a_note_or_an_answer_is_a_sign_of_life(live: Programme) -> None:
    live.do('note A3 "spoke on the phone"', now="2016-11-26")
    live.do("mark Q4.0 answered answered_on=2016-11-25", now="2016-11-26")

    said = lines(live)

    assert "  Alliance KE: 0/1, 1, 26 Nov 2016 -> lrflow show D3" in said
    assert "  Alliance UG: 0/1, 0, 25 Nov 2016 -> lrflow show D4" in said


def test_messages_of_last_week_are_counted_once_and_silence_has_its_reason(live: Programme) -> None:
    live.do('add action "Meet the budget officer" due=2016-11-22 --of A1')
    live.do("person opt-out v21@example.org --via call")
    live.do("run --once", now="2016-11-24T10:00")
    live.do("run --once", now="2016-11-25T10:00")
    live.do("nudge confirm all", now="2016-11-25T11:00")

    said = lines(live, "2016-11-28")

    assert "Last week: messages sent 1; answers -." in said[2]
    assert any("asked for silence" in line for line in lines(live, "2016-12-05"))


def test_the_machine_line_says_that_mail_fails_and_an_alarm_has_a_line_of_its_own(live: Programme) -> None:
    now = datetime(2016, 11, 26, 12, tzinfo=UTC)
    with Database(live.home / "lrflow.db").begin(write=True) as unit:
        store.raise_alarm(unit, "mail", "the server refuses the login", now)
        store.raise_alarm(unit, "plan", "asia cannot be planned: KeyError", now)

    said = lines(live)

    assert "; mail PAUSED; " in said[2]
    assert said[3:5] == [
        "Sending fails since 26 Nov 2016; nobody gets mail. Look: lrflow doctor",
        "asia cannot be planned: KeyError -> lrflow doctor",
    ]


# How it is read.


def commands_in(text: Sequence[str]) -> list[str]:
    return [line.rpartition(" -> ")[2] for line in text if " -> " in line]


def test_every_command_it_ends_a_line_with_can_be_typed(live: Programme) -> None:
    live.do('person leave v11@example.org --reason "new post"', now="2016-11-25")
    live.do('pause D2 --reason "floods"', now="2016-11-25")
    live.do("person address v21@example.org dead", now="2016-11-25")
    live.now = MONDAY

    typed = commands_in(lines(live))

    assert len(typed) > 15
    for command in dict.fromkeys(typed):
        line = command.removeprefix("lrflow ").replace("EMAIL", "v13@example.org").replace("NEW", "new@example.org")
        result = live.run(f"{line} -n")
        assert result.code in {"doctor": {0, 7}, "check": {3}}.get(line, {0}), (command, result.err)


def test_no_line_is_without_its_command_but_headings_that_have_nothing(live: Programme) -> None:
    said = lines(live)[2:-3]

    bare = [line for line in said if line and " -> lrflow " not in line]

    assert all(re.match(r"[1245] [A-Z ]+|Learning Route", line) for line in bare), bare


@pytest.mark.parametrize(
    ("language", "needs", "quiet"),
    [("fr", "1 À VOUS DE JOUER (2)", "calme"), ("es", "1 LE ESPERA A USTED (2)", "tranquila"),
     ("pt", "1 À SUA ESPERA (2)", "calma")],
)  # fmt: skip
def test_the_words_are_the_readers_and_the_commands_stay(
    live: Programme, language: str, needs: str, quiet: str
) -> None:
    english = commands_in(lines(live))
    live.do(f"set person {COORDINATOR} language={language}")

    said = lines(live)

    assert needs in said and commands_in(said) == english
    assert quiet in " ".join(said)


def test_what_else_is_due_that_day_comes_first_and_is_numbered(live: Programme) -> None:
    for subject in ("First", "Second"):
        live.do(f"tell coordinator --subject {subject} --text '{subject} text.' --yes", now="2016-11-27")

    said = lines(live)

    assert said[2:6] == ["Also for you:", "1. First: First text.", "2. Second: Second text.", ""]
    assert said[6].startswith("Machine: ")
    assert "1. 2. 3." not in " ".join(said) and "Several points? One line each" in said[-4]


@pytest.mark.requirement("H2")
def test_two_routes_of_one_coordinator_are_one_message_with_a_section_each(live: Programme) -> None:
    live.do('add route asia-2017 "Asia 2017" planned_visit=2017-06')
    live.do(f"-r asia-2017 set route coordinator={COORDINATOR}")
    live.do("-r asia-2017 nudge go-live --yes")

    found = live.do(f"-r rwanda-2016 nudge preview {COORDINATOR} --day {MONDAY} --json", now=f"{MONDAY}T06:00").data

    assert [each["subject"] for each in found] == ["[asia-2017+rwanda-2016] Your Monday overview"]
    said = found[0]["text"].splitlines()
    titles = [line for line in said if "(week 48)" in line]
    assert len(titles) == 2 and len(said) <= 60
    assert sum(line.startswith("Machine: ") for line in said) == 1
    assert all(" -r rwanda-2016 " in each or " -r asia-2017 " in each for each in commands_in(said)[1:])


@pytest.mark.requirement("H2")
@pytest.mark.parametrize("number", [1, 2, 3, 6, 25, 60])
@pytest.mark.parametrize("room", [56, 30])
def test_it_never_has_more_lines_than_there_is_room_for(live: Programme, number: int, room: int) -> None:
    one = week(live)
    weeks = [replace(one, route=f"route-{each}") for each in range(number)]

    said = monday(weeks, WORDS["en"], room)

    assert len(said) <= room
    assert said[0].startswith("Machine: ")
    if number == 60:
        assert said[-1] == f"and {60 - (len(said) - 3)} more routes -> lrflow list route"
    elif number > 6:
        assert sum("needs you" in line for line in said) == number
    if number == 2:
        hidden = [line for line in said if re.match(r"  and \d+ more -> lrflow", line)]
        assert bool(hidden) == (room == 30)


@pytest.mark.requirement("K4")
def test_names_of_any_kind_make_no_line_of_their_own(live: Programme) -> None:
    change(
        live, "UPDATE organisation SET name = ? WHERE name = 'Alliance MW'", "A\r\nBcc: x@example.org\u2028{code} " * 9
    )
    plain = lines(live)

    assert len(plain) == len(lines(live)) and not any(line.startswith("Bcc") for line in plain)
    row = next(line for line in plain if line.endswith("lrflow show D1"))
    assert len(row) < 140 and "\u2028" not in row


def test_the_command_line_of_a_row_is_split_as_a_shell_splits_it(live: Programme) -> None:
    assert all(shlex.split(each)[0] == "lrflow" for each in commands_in(lines(live)))
