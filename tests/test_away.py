"""Someone is away: messages go to the deputy, who may do what the one away may, until the last day."""

import json

import pytest
from domain_routes import COORDINATOR, FACILITATOR, HOST, OWNER
from processes import dump, rows
from programme import Programme

TODAY = "2016-06-10"


def away(programme: Programme, until: str = "2016-06-20", deputy: str = FACILITATOR, who: str = COORDINATOR) -> None:
    """The coordinator is away; the facilitator stands in, who may not do the like."""
    programme.do(f"away --until {until} --deputy {deputy}", actor=who)


def test_a_deputy_may_do_what_the_one_away_may_until_the_last_day_of_the_absence(young):
    alone = young.run('hold --review 2016-07-10 --reason "floods in the valley"', actor=FACILITATOR)

    away(young)

    assert alone.code == 3
    young.do('hold --review 2016-07-10 --reason "floods in the valley"', actor=FACILITATOR, now="2016-06-20")
    assert young.run("resume", actor=FACILITATOR, now="2016-06-21").code == 3
    newest = rows(young.home, "SELECT role, actor FROM log WHERE verb = 'hold' AND outcome = 'done'")
    assert newest == [{"role": "coordinator", "actor": 3}]


def test_a_deputy_of_the_owner_may_do_what_only_owners_may_and_looks_around(young):
    line = "set route min_csas=5 --reason 'two share a delegation'"
    assert young.run(line, actor=HOST).code == 3

    away(young, deputy=HOST, who=OWNER)

    young.do(line, actor=HOST)
    assert young.run("check", actor=HOST).code == 3
    assert "you stand in for Grace Phiri until 2016-06-20" in young.do("status", actor=HOST).out


def test_who_stands_in_for_a_deputy_stands_in_for_both(young):
    away(young, deputy=FACILITATOR, until="2016-06-20")

    told = young.do(f"away --until 2016-06-15 --deputy {HOST}", actor=FACILITATOR)
    later = young.do(f"away --until 2016-06-30 --deputy {FACILITATOR}", actor=COORDINATOR)

    assert "Hope Uwera stands in" in told.out
    assert "! Felix Soto is away too: Hope Uwera until 2016-06-15 stands in for both" in later.out
    line = 'hold --review 2016-07-10 --reason "floods in the valley"'
    assert young.run(line, actor=HOST, now="2016-06-16").code == 3
    young.do(line, actor=HOST, now="2016-06-15")


def test_messages_meant_for_who_is_away_go_to_the_deputy_and_come_back(young):
    young.do("nudge go-live --yes")
    to = "SELECT person.email, rule FROM nudge JOIN person ON person.id = person WHERE nudge.state = 'planned'"
    mine = [row for row in rows(young.home, f"{to} AND local_on <= '2016-06-20'") if row["email"] == COORDINATOR]
    assert mine

    away(young)
    during = [row["email"] for row in rows(young.home, f"{to} AND local_on <= '2016-06-20'")]
    young.do("away --back", actor=COORDINATOR)
    after = [row for row in rows(young.home, f"{to} AND local_on <= '2016-06-20'") if row["email"] == COORDINATOR]

    assert COORDINATOR not in during and FACILITATOR in during
    assert after == mine


def test_everybody_sees_who_is_away_until_it_is_over(young):
    away(young)

    lines = {who: young.do("status", actor=who).out.splitlines()[0] for who in (OWNER, COORDINATOR, FACILITATOR)}

    assert lines == {
        OWNER: "Carla Ruiz is away until 2016-06-20: Felix Soto stands in",
        COORDINATOR: "you are away until 2016-06-20: Felix Soto stands in (lrflow away --back)",
        FACILITATOR: "you stand in for Carla Ruiz until 2016-06-20",
    }
    data = young.do("status --json").data
    assert data["away"] == [{"name": "Carla Ruiz", "away_until": "2016-06-20", "deputy_name": "Felix Soto"}]
    assert "away" not in young.do("status", now="2016-06-21").out


def test_an_absence_is_one_entry_that_an_undo_takes_back(young):
    before = rows(young.home, "SELECT away_until, deputy FROM person")

    away(young)
    entry = rows(young.home, "SELECT * FROM log ORDER BY id DESC LIMIT 1")[0]
    young.do("undo --yes", actor=COORDINATOR)

    assert (entry["route_id"], entry["verb"], entry["subject"], entry["actor"]) == (None, "away", "person:2", 2)
    assert [(each["field"], each["after"]) for each in json.loads(entry["changes"])] == [
        ("away_until", "2016-06-20"),
        ("deputy", 3),
    ]
    assert rows(young.home, "SELECT away_until, deputy FROM person") == before


@pytest.mark.parametrize(
    ("line", "code", "says"),
    [
        ("away", 2, "a last day, and somebody who stands in"),
        (f"away --until {TODAY} --deputy {FACILITATOR}", 2, "does not lie ahead"),
        (f"away --until 2016-06-09 --deputy {FACILITATOR}", 2, "does not lie ahead"),
        (f"away --until soon --deputy {FACILITATOR}", 2, "is not a day"),
        ("away --until +3d --deputy nobody@example.org", 4, "lrflow add person"),
        (f"away --until +3d --deputy {COORDINATOR}", 2, "cannot stand in for"),
        ("away --until +3d --deputy 'Gone Away'", 2, "left on 2016-05-01"),
        ("away --until +3d --deputy 'No Mail'", 2, "has no address"),
        ("away --back", 2, "Carla Ruiz is not away"),
        ("away --back --until +3d", 2, "takes no day"),
    ],
)
def test_an_absence_that_nobody_would_answer_for_is_refused(young, line, code, says):
    young.do('add person "Gone Away" gone@example.org left_on=2016-05-01')
    young.do('add person "No Mail" none@example.org')
    young.do("set person none@example.org email=")
    before = dump(young.home)

    result = young.run(line, actor=COORDINATOR)

    assert (result.code, says in result.err) == (code, True), result
    assert "->" in result.err and dump(young.home) == before


def test_two_who_are_away_cannot_stand_in_for_each_other(young):
    away(young, deputy=FACILITATOR)
    away(young, deputy=HOST, who=FACILITATOR)

    direct = young.run(f"away --until +3d --deputy {COORDINATOR}", actor=FACILITATOR)
    round_about = young.run(f"away --until +3d --deputy {COORDINATOR}", actor=HOST)

    assert (direct.code, round_about.code) == (2, 2)
    assert "Carla Ruiz is away until 2016-06-20" in direct.err and "nobody would be there" in direct.err
    assert "Felix Soto is away until 2016-06-20" in round_about.err
    young.do(f"away --until +30d --deputy {COORDINATOR}", actor=HOST, now="2016-06-21")  # they are back by then


def test_only_who_coordinates_or_owns_says_that_somebody_else_is_away(young):
    refused = young.run(f"away --until +3d --deputy {OWNER} {COORDINATOR}", actor=FACILITATOR)
    young.do(f"away --until +3d --deputy {OWNER} {FACILITATOR}", actor=COORDINATOR)

    assert refused.code == 3
    assert "Felix Soto is away until 2016-06-13" in young.do("status", actor=HOST).out
    young.do(f"away --back {FACILITATOR}", actor=COORDINATOR)
    assert "away" not in young.do("status", actor=HOST).out


def test_a_dry_run_says_what_would_be_and_changes_nothing(young):
    before = dump(young.home)

    told = young.do(f"away --until 2016-06-20 --deputy {FACILITATOR} -n", actor=COORDINATOR)

    assert told.out.startswith("Carla Ruiz would be away until Monday 20 June 2016: Felix Soto stands in")
    assert dump(young.home) == before
