"""Two routes besides Rwanda, from draft to closed: Nepal 2017, in English; Senegal 2014, in French and after the fact.

Of both little is public (days, number of delegations, languages); people, texts and answers are made up.
"""

import email
import email.policy
import os
import pty
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from programme import Programme

At = Callable[[str], Programme]
Days = tuple[tuple[str, str, tuple[str, ...]], ...]

PROVED = "for {}+challenge+livelihoods"
TOLD = (
    'how="from house to house" who=mothers what=gardens success_factors=trust practices=visits '
    'lessons="begin small | a trusted leader" validated_by="Ana; Jean" approved=yes'
)
MATURE = "innovation=gardens experience=E1 adapted=scale serves=SO1 themes=O2+O3"


def begin(me: str, zone: str, ends_on: str) -> tuple[str, ...]:
    """A programme of its own and the route's facilitator."""
    return (
        f'init --me "{me}" --timezone {zone}',
        f"set programme donor=CIFF starts_on=2013-02-02 ends_on={ends_on}",
        "add organisation Procasur kind=facilitator country=CL",
    )


def sending(codes: str, people: int, language: str = "en", *, on: str = "") -> tuple[str, ...]:
    """For each country an alliance, its delegation with *people* in it, its lead and its focal point."""
    lines: list[str] = []
    for number, code in enumerate(codes.split(), 1):
        spoken = "en" if code in ("GH", "SL") else language
        lines += [f'add organisation "Alliance {code}" kind=csa country={code} in_registry=yes language={spoken}']
        lines += [f'add delegation "Alliance {code}"{on}']
        lines += [
            f'add participant "Guest {code}{n}" {code.lower()}{n}@example.org --of D{number}' for n in range(people)
        ]
        lines += [f"set D{number} lead={code.lower()}0@example.org focal_point={code.lower()}1@example.org"]
    return tuple(lines)


def sharing(codes: str, on: str) -> tuple[str, ...]:
    """The route's record published, sent to every alliance, reported."""
    shared = tuple(f'add sharing route_record "Alliance {code}" on={on}' for code in codes.split())
    return (f"set route record_on={on} record_link=https://example.org/record donor_report_on={on}", *shared)


ASIA = "BD KH ID LA MM PK LK VN"
NEPAL: Days = (
    (
        "2017-01-09",
        "begun",
        (
            *begin("Anita Rai <anita@example.org>", "Asia/Kathmandu", "2018-01-31"),
            'add organisation "Alliance NP" kind=csa country=NP in_registry=yes',
            'add route nepal-2017 "Learning Exchange in Nepal" planned_visit=2017-04 facilitator=Procasur',
            'set route host="Alliance NP" host_country=NP',
            'add person "Bina Gurung" bina@example.org country=NP',
            'add person "Vi Ewer" vi@example.org',
            "set route coordinator=bina@example.org viewer=vi@example.org",
            "advance",
        ),
    ),
    (
        "2017-01-20",
        "systematization",
        (
            'add experience "Kitchen gardens" areas=advocacy good_practice=yes',
            'add experience "Ward budget" areas=budget+governance innovation=yes',
            'add experience "Media fellows" areas=policy+msp good_practice=yes',
            f"attach E1 https://example.org/e1 --{PROVED.format('good_practice')}",
            f"attach E2 https://example.org/e2 --{PROVED.format('innovation')}",
            f"attach E3 https://example.org/e3 --{PROVED.format('good_practice')}",
            "mark E1-E3 selected",
            'add objective "How wards budget for nutrition"',
            'add objective "Women lead" sort=theme',
            'add objective "Wards decide" sort=theme',
            "mark O locked",
            "advance",
        ),
    ),
    (
        "2017-02-20",
        "training",
        (
            'set route planned_visit=2017-07 --reason "the host asked for July"',
            "add case E1",
            "add case E2",
            "add case E3",
            f"set K1-K3 {TOLD} validated_on=2017-02-18",
            "mark K1-K3 validated",
            "advance --as bina@example.org",
        ),
    ),
    (
        "2017-06-28",
        "invited",
        (
            'set route participants_min=14 participants_max=16 --reason "two people of each alliance"',
            "set route visit_start=2017-07-17 visit_end=2017-07-20",
            *(f'add champion "Champion {n}" c{n}@example.org experiences=E{n}' for n in (1, 2, 3)),
            *(f"set person c{n}@example.org country=NP" for n in (1, 2, 3)),
            "mark C trained trained_on=2017-06-20 outcome=passed",
            *sending(ASIA, 2),
            "mark D confirmed --yes",
            "mark P cleared visa=not_needed --yes",
            "set E1-E3 objectives=O1",
            "add session 2017-07-17 experience_fair objectives=O1 stakeholders=government+community",
            "add session 2017-07-17 case_presentation experience=E1 leads=C1",
            "add session 2017-07-18 field_visit experience=E2 leads=C2",
            "add session 2017-07-18 field_visit experience=E3 leads=C3",
            "add session 2017-07-18 analysis objectives=O1",
            "add session 2017-07-20 plan_drafting objectives=O1",
            "add session 2017-07-20 ceremony",
            'mark S7 cancelled --reason "no time"',
        ),
    ),
    ("2017-07-16", "visit", ("advance",)),
    (
        "2017-07-20",
        "follow-up",
        (
            'mark D8 withdrew --reason "elections"',
            "mark P attended --where state=cleared --yes",
            *(f'add plan "Plan {n}" kind=test --of D{n}' for n in range(1, 8)),
            "advance",
        ),
    ),
    (
        "2018-01-22",
        "ready",
        (
            f"set A1 {MATURE}",
            "mark A1 final final_on=2017-08-10",
            "mark A1 completed finished_on=2018-01-15",
            'mark A2-A7 no_word --reason "never answered" --yes',
            'mark Q missed --where state=scheduled --reason "never answered" --yes',
            *sharing(f"{ASIA} NP", "2018-01-20"),
        ),
    ),
    ("2018-01-22", "closed", ("advance --confirm nepal-2017",)),
)
AFRICA = "BJ NE ML GN GH SL MG"
SENEGAL: Days = (
    (
        "2014-11-03",
        "training",
        (
            *begin("Awa Diop <awa@example.org>", "Africa/Dakar", "2015-06-30"),
            'add organisation "CLM Senegal" kind=msp country=SN language=fr',
            'add route senegal-2014 "Route au Sénégal" planned_visit=2014-05 facilitator=Procasur languages=fr+en '
            "--on 2014-01-15",
            'set route host="CLM Senegal" host_country=SN --on 2014-01-20',
            "advance --on 2014-01-31",
            'add experience "Nutrition à Kaolack" areas=msp good_practice=oui --on 2014-02-05',
            'add experience "Sel iodé" areas=policy innovation=oui --on 2014-02-05',
            f"attach E1 https://example.org/e1 --{PROVED.format('good_practice')} --on 2014-02-10",
            f"attach E2 https://example.org/e2 --{PROVED.format('innovation')} --on 2014-02-10",
            "mark E1-E2 selected --on 2014-02-20",
            'add objective "Comprendre la plateforme" --on 2014-02-20',
            'add objective "Ancrage" sort=theme --on 2014-02-20',
            'add objective "Plateformes" sort=theme --on 2014-02-20',
            "mark O locked --on 2014-02-21",
            'waive experiences-selected --reason "two experiences are enough for a pilot" --on 2014-02-21',
            "advance --on 2014-02-28",
            "add case E1 --on 2014-03-10",
            "add case E2 --on 2014-03-10",
            f"set K1-K2 {TOLD} validated_on=2014-04-01 --on 2014-04-01",
            "mark K1-K2 validated --on 2014-04-02",
            'set route min_experiences=2 --reason "un pilote" --on 2014-04-02',
            "advance --on 2014-04-05",
        ),
    ),
    (
        "2014-11-03",
        "follow-up",
        (
            "set route visit_start=2014-05-26 visit_end=2014-06-01 --on 2014-05-01",
            *(f'add champion "Champion {n}" c{n}@example.org experiences=E{n} --on 2014-04-10' for n in (1, 2)),
            *(f"set person c{n}@example.org country=SN" for n in (1, 2)),
            "mark C trained trained_on=2014-05-10 outcome=passed --on 2014-05-10",
            *sending(AFRICA, 3, "fr", on=" --on 2014-03-20"),
            "mark D confirmed --yes --on 2014-04-20",
            "mark P cleared visa=not_needed --yes --on 2014-05-15",
            "set E1-E2 objectives=O1",
            "add session 2014-05-26 experience_fair objectives=O1 stakeholders=government+community --on 2014-05-15",
            "add session 2014-05-27 case_presentation experience=E1 leads=C1 --on 2014-05-15",
            "add session 2014-05-28 field_visit experience=E2 leads=C2 --on 2014-05-15",
            "add session 2014-05-28 analysis objectives=O1 --on 2014-05-15",
            "add session 2014-05-31 plan_drafting objectives=O1 --on 2014-05-15",
            "advance --on 2014-05-25",
            "mark P attended --yes --on 2014-06-01",
            *(f'add plan "Plan {n}" kind=implement --of D{n} --on 2014-06-01' for n in range(1, 8)),
            "advance --on 2014-06-01",
        ),
    ),
    (
        "2015-06-15",
        "closed",
        (
            'mark A no_word --reason "recorded years later" --yes',
            'mark Q excused --where state=scheduled --reason "recorded years later" --yes',
            *sharing(AFRICA, "2015-06-10"),
            "advance --confirm senegal-2014",
        ),
    ),
)


def lived(days: Days, folder: Path) -> Path:
    """*days* lived once in *folder*; a copy of the programme as each of them left it, by its name."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("LRFLOW_")]:
            patch.delenv(name)
        programme = Programme(folder / "csn")
        for on, name, lines in days:
            for line in lines:
                programme.do(line, now=on)
            shutil.copytree(programme.home, folder / name)
            (folder / name / "now").write_text(on)
    return folder


@pytest.fixture(scope="module")
def nepal_days(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    yield lived(NEPAL, tmp_path_factory.mktemp("nepal"))


@pytest.fixture(scope="module")
def senegal_days(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    yield lived(SENEGAL, tmp_path_factory.mktemp("senegal"))


def copies(days: Path, tmp_path: Path) -> At:
    def programme(name: str) -> Programme:
        home = tmp_path / name
        shutil.copytree(days / name, home)
        return Programme(home, now=(home / "now").read_text())

    return programme


@pytest.fixture
def nepal(nepal_days: Path, tmp_path: Path) -> At:
    """The exchange in Nepal as the day called so left it, to do with as one likes."""
    return copies(nepal_days, tmp_path)


@pytest.fixture
def senegal(senegal_days: Path, tmp_path: Path) -> At:
    """The route in Senegal, typed in November 2014."""
    return copies(senegal_days, tmp_path)


def where(csn: Programme) -> tuple[str, str]:
    route = csn.do("status --json").data["routes"][0]
    return route["stage"], route["status"]


def letters(csn: Programme) -> dict[str, email.message.EmailMessage]:
    """The drafts in the outbox by whom they are to."""
    parsed = [
        email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        for path in (csn.home / "outbox").glob("*.eml")
    ]
    return {str(each["To"]): each for each in parsed}


# ------------------------------------------------------------------------------------------------------- the whole way


def test_an_exchange_of_four_days_in_asia_goes_from_draft_to_closed(nepal: At) -> None:
    csn = nepal("closed")

    assert where(csn) == ("closed", "closed")
    assert csn.do("show route --json").data["worked_out"]["visit_days"] == 4
    assert len(csn.do("list participant state=attended --json").data) == 14


def test_a_route_recorded_after_the_fact_goes_from_draft_to_closed_with_its_own_days(senegal: At) -> None:
    csn = senegal("closed")
    moves = [each for each in csn.do("log route -N 100 --json").data if each["verb"] == "advance"]

    assert where(csn) == ("closed", "closed")
    assert [each["happened_on"] for each in reversed(moves)] == [
        "2014-01-31",
        "2014-02-28",
        "2014-04-05",
        "2014-05-25",
        "2014-06-01",
        "2015-06-15",
    ]


def test_check_ins_that_fall_after_the_programme_are_flagged_before_the_visit_and_can_be_excused(nepal: At) -> None:
    assert nepal("visit").check()["followup-within-programme"]["says"] == (
        "check-ins would go on until 2018-07-20, after the programme"
    )
    csn = nepal("follow-up")
    found = csn.check()["within-programme"]
    assert found["missing"] == [f"Q{number}.12" for number in range(1, 8)]

    csn.do(found["run"].removeprefix("lrflow ").replace("...", "the donor agreed") + " --yes")

    assert csn.check()["within-programme"]["passes"]


# --------------------------------------------------------------------------------------------------- days and the past


def test_no_move_is_dated_before_the_stage_was_entered(senegal: At) -> None:
    csn = senegal("training")

    for line in ("advance --on 2014-02-01", 'back systematization --on 2014-02-01 --reason "a mistake"'):
        refused = csn.run(line)
        assert refused.code == 2 and "2014-04-05" in refused.err

    assert where(csn) == ("champion_training", "active")


def test_a_planned_month_moves_only_with_a_reason_but_its_day_needs_none(nepal: At) -> None:
    csn = nepal("training")

    assert csn.run("set route planned_visit=2017-08").code == 2
    csn.do("set route planned_visit=2017-07-10")

    assert csn.run("set route planned_visit=2017-07-11").code == 2


def test_what_is_known_only_to_the_month_is_named_by_status(nepal: At) -> None:
    csn = nepal("follow-up")

    csn.do("add action Workshop due=2017-10 --of A1")

    assert "A1.1 due" in csn.do("status").out


def test_a_visit_of_the_next_day_is_tomorrow(nepal: At) -> None:
    assert "visit tomorrow" in nepal("visit").do("status").out


def test_a_cancelled_session_is_not_in_the_calendar(nepal: At) -> None:
    seen = nepal("invited").do("calendar --from 2017-07-16 --to 2017-07-21").out

    assert "S6 plan_drafting" in seen
    assert "S7" not in seen


def test_the_holiday_of_a_visit_is_found_by_pasting_the_command(senegal: At) -> None:
    csn = senegal("training")
    csn.do("set route visit_start=2014-05-26 visit_end=2014-06-01 --on 2014-05-01")

    shown = csn.do(csn.check()["visit-holidays"]["run"].removeprefix("lrflow "))

    assert "2014-05-29" in shown.out


# ---------------------------------------------------------------------------------------------------------- who leaves


def test_a_delegation_that_withdraws_takes_its_people_with_it(nepal: At) -> None:
    csn = nepal("invited")
    assert csn.check()["participants-range"]["have"] == 16

    refused = csn.run("mark D8 withdrew")
    done = csn.do('mark D8 withdrew --reason "elections"')

    assert '-> lrflow mark D8 withdrew --reason "..."' in refused.out
    assert "with it: P15, P16" in done.out
    assert csn.check()["participants-range"]["have"] == 14
    assert csn.check()["min-csas"]["have"] == 7


def test_the_people_of_a_withdrawn_delegation_are_reminded_no_more(nepal: At) -> None:
    csn = nepal("invited")
    csn.do("nudge go-live --yes")
    assert {"P15", "P16"} <= {each["subject"] for each in csn.do("nudge list --json").data}

    csn.do('mark D8 withdrew --reason "elections"')

    assert not {"P15", "P16"} & {each["subject"] for each in csn.do("nudge list --json").data}


def test_a_participant_who_replaces_another_makes_the_number_whole_again(nepal: At) -> None:
    csn = nepal("invited")
    csn.do('mark P1 withdrawn --reason "visa refused"')
    assert csn.check()["participants-range"]["have"] == 15

    csn.do('add participant "Late Guest" late@example.org --of D1 replaces=P1 visa=not_needed')
    csn.do("mark P17 cleared")

    assert csn.check()["participants-range"]["have"] == 16


def test_an_experience_withdrawn_after_its_case_was_validated_leaves_too_few(nepal: At) -> None:
    csn = nepal("systematization")
    for line in NEPAL[2][2][1:6]:
        csn.do(line, now="2017-02-20")
    csn.now = "2017-02-20"
    assert csn.failing() == []

    csn.do('mark E3 withdrawn --reason "flooded"')

    assert csn.failing() == ["experiences-selected"]


def test_delegations_without_a_lead_are_warned_of_and_their_nudges_counted(nepal: At) -> None:
    csn = nepal("invited")
    csn.do("set D1 lead= focal_point=")
    assert csn.check()["leads-named"]["missing"] == ["D1"]

    later = nepal("follow-up")
    assert "needs you: nothing" in later.do("status").out
    later.do("set D1 lead= focal_point=")

    assert "nudges have nobody to go to (lrflow set D1 lead=... focal_point=...)" in later.do("status").out


# --------------------------------------------------------------------------------------------------- the way of a route


def test_a_route_on_hold_proposes_no_move_and_counts_no_paused_nudge(nepal: At) -> None:
    csn = nepal("invited")
    csn.do("nudge go-live --yes")

    csn.do('hold --review +14d --reason "monsoon floods"')

    assert "lrflow advance" not in csn.run("check").out
    held = csn.do("nudge list --state held --json").data
    assert held
    going = int(csn.do("status").out.rpartition("this week: ")[2].split()[0])
    planned = [each for each in csn.do("nudge list --state planned --json").data if each["local_on"] <= "2017-07-05"]
    assert going == len(planned)


def test_a_route_sent_back_has_its_cases_validated_again_by_the_command_it_names(nepal: At) -> None:
    csn = nepal("invited")
    csn.do('back systematization --reason "look again at the cases"')
    found = csn.check()["case-complete"]
    assert found["missing"] == ["E1", "E2", "E3"]

    for key in found["missing"]:
        csn.do(found["run"].removeprefix("lrflow ").replace("E1", key))

    assert csn.failing() == []


def test_a_cancelled_route_is_silent_and_stands_where_it_was_when_reopened(nepal: At) -> None:
    csn = nepal("follow-up")
    csn.do('cancel --reason "the donor left" --confirm nepal-2017')
    assert csn.do("nudge list --json").data == []
    assert csn.run("reopen --reason again", actor="bina@example.org").code == 3

    csn.do('reopen --reason "the donor is back"')

    assert where(csn) == ("follow_up", "active")
    assert csn.do("nudge list --json").data != []


def test_a_plan_that_is_still_a_draft_is_not_proposed_to_be_completed(nepal: At) -> None:
    csn = nepal("follow-up")
    assert csn.check()["followup-complete"]["run"] == "lrflow mark A1 final final_on=..."

    csn.do('mark A1-A6 abandoned --reason "no money" --yes')

    assert csn.check()["followup-complete"]["run"] == "lrflow mark A7 final final_on=..."


def test_reminders_of_a_case_end_because_it_is_validated_and_say_so(nepal: At) -> None:
    csn = nepal("systematization")
    csn.now = "2017-02-20"
    for line in NEPAL[2][2][:6]:
        csn.do(line)

    ended = [each for each in csn.do("nudge list --all --json").data if each["rule"] == "guard-missing"]

    assert ended
    assert {each["reason"] for each in ended} == {"stop_condition"}


# ---------------------------------------------------------------------------------------------------------------- roles


def test_a_coordinator_handed_over_to_may_move_the_route_but_not_change_its_rules(nepal: At) -> None:
    csn = nepal("visit")

    assert csn.run("set route min_csas=5 --reason why", actor="bina@example.org").code == 3
    csn.do('back champion_training --reason "too early"', actor="bina@example.org")

    assert where(csn) == ("champion_training", "active")


@pytest.mark.parametrize(
    "line", ["set E1 place=Pokhara", "add experience More", "nudge go-live --yes", "set programme donor=x", "advance"]
)
def test_a_viewer_changes_nothing(nepal: At, line: str) -> None:
    csn = nepal("invited")

    assert csn.run(line, actor="vi@example.org").code == 3

    assert where(csn) == ("champion_training", "active")


def test_a_changed_rule_is_echoed_as_it_was_typed(nepal: At) -> None:
    changed = nepal("invited").do('set route checkpoint_months=1+3+6 --reason "the programme ends"')

    assert "checkpoint_months: 1+3+6+12 -> 1+3+6" in changed.out


def test_a_least_number_above_the_greatest_and_a_misspelt_rule_are_refused(nepal: At) -> None:
    csn = nepal("invited")

    assert "above participants_max" in csn.run("set route participants_min=17 --reason why").err
    assert "did you mean participants_min?" in csn.run("set route participant_min=10 --reason why").err


def test_a_waiver_never_goes_below_its_floor(senegal: At) -> None:
    csn = senegal("training")
    csn.do('back systematization --reason "an experience is gone"')
    csn.do('mark E2 withdrawn --reason "salt is not iodised"')

    assert csn.run('waive experiences-selected --reason "one is enough for a pilot"').code == 3


# -------------------------------------------------------------------------------------------------- what it tells to do


def test_what_follows_an_addition_fits_what_was_added(nepal: At) -> None:
    csn = nepal("begun")
    assert "--for innovation+challenge+livelihoods" in csn.do('add experience "Ward budget" innovation=yes').out

    sent = csn.do('add sharing route_record "Alliance NP" on=2017-01-09')

    assert "mark R1 sent" not in sent.out


def test_what_is_to_be_pasted_names_the_route_that_was_asked_about(nepal: At) -> None:
    csn = nepal("ready")
    csn.do('add route laos-2018 "Learning Route in Laos" planned_visit=2017-12')

    seen = csn.run("check -r nepal-2017").out + csn.run("check -r laos-2018").out

    assert "Next: lrflow -r nepal-2017 advance" in seen
    assert "-> lrflow -r laos-2018 set" in seen


def test_a_part_of_a_routes_name_gets_the_command_to_choose_it(nepal: At) -> None:
    assert "-> lrflow use nepal-2017" in nepal("begun").run("use nepal").err


def test_an_empty_list_says_how_to_begin_it(nepal: At) -> None:
    csn = nepal("training")

    assert 'lrflow add participant "NAME" EMAIL --of D1' in csn.do("list participant").out
    assert "lrflow add delegation ORGANISATION" in csn.do("list delegation").out


def test_a_person_is_shown_by_name_and_an_alliance_too(nepal: At) -> None:
    csn = nepal("invited")

    assert csn.do("show person bina@example.org").out.startswith("Bina Gurung")
    assert "Alliance BD   (worked out)" in csn.do("show P1").out


def test_on_a_terminal_of_80_columns_sentences_fold_and_commands_do_not(nepal: At) -> None:
    csn = nepal("follow-up")
    parent, child = pty.openpty()
    variables = {**os.environ, "LRFLOW_HOME": str(csn.home), "LRFLOW_NOW": csn.now, "COLUMNS": "80"}
    subprocess.run([sys.executable, "-m", "lrflow", "check"], stdout=child, stderr=child, env=variables, check=False)
    os.close(child)
    shown = b""
    while piece := read(parent):
        shown += piece

    lines = shown.decode().splitlines()

    assert any("A1, A2, A3" in line for line in lines)
    assert all(len(line) <= 80 for line in lines if "-> lrflow" not in line)


def read(terminal: int) -> bytes:
    """What is left to read; nothing once the other side is closed."""
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


# ------------------------------------------------------------------------------------------------------------ languages


@pytest.mark.requirement("S13")
def test_people_read_in_the_language_of_the_alliance_that_sends_them(senegal: At) -> None:
    csn = senegal("follow-up")
    csn.do("nudge go-live --yes")

    for hour in ("07", "10", "12"):
        csn.do("run --once", now=f"2014-12-01T{hour}:30")

    found = letters(csn)
    assert found["Guest GH0 <gh0@example.org>"]["Content-Language"] == "en"
    assert found["Guest BJ0 <bj0@example.org>"]["Content-Language"] == "fr"
    assert "Bonjour Guest BJ0" in found["Guest BJ0 <bj0@example.org>"].get_body(("plain",)).get_content()
    assert "Dear Guest GH0" in found["Guest GH0 <gh0@example.org>"].get_body(("plain",)).get_content()


@pytest.mark.requirement("D1")
def test_go_live_in_the_middle_says_nothing_about_days_before(senegal: At) -> None:
    csn = senegal("follow-up")
    csn.do("nudge go-live --yes")

    assert min(each["local_on"] for each in csn.do("nudge list --json").data) >= "2014-11-03"
    assert csn.do("run --once", now="2014-11-04").code == 0
    assert all("due" not in str(each["Subject"]) for each in letters(csn).values())


def test_one_draft_confirmed_is_one_message(senegal: At) -> None:
    csn = senegal("follow-up")
    csn.do("nudge go-live --yes")
    # Monday the third is Ashura in Senegal: the coordinator, who names no country, has the days off of the host.
    csn.do("run --once", now="2014-11-04T10:00")

    assert "1 message with 1 line as sent" in csn.do("nudge confirm all", now="2014-11-04T11:00").out


def test_a_command_asked_to_give_a_reason_is_proposed_whole(nepal: At) -> None:
    csn = nepal("invited")

    for line in ("back systematization", "hold --review 2017-08-01"):
        proposed = csn.run(line).err.rpartition("-> lrflow ")[2].strip()
        assert shlex.split(proposed)[:-2] == line.split()


def test_a_route_that_follows_a_workflow_of_ones_own_speaks_its_words(empty, tmp_path):
    """The messages of a workflow are read where its folder is; when that is gone, it is said where it was."""
    shipped = Path(__file__).parent.parent / "workflows" / "sun-csn"
    own = tmp_path / "mine"
    shutil.copytree(shipped, own)
    for file, before, after in (
        (own / "workflow.toml", 'name = "sun-csn"', 'name = "mine"'),
        (own / "messages" / "en.toml", '"Dear {person},"', '"Greetings {person},"'),
    ):
        file.write_text(file.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")
    empty.do("add organisation Procasur kind=facilitator country=CL")
    empty.do(f'add route own-2016 "Our own" planned_visit=2016-09 facilitator=Procasur --workflow {own}')
    empty.do("nudge go-live --yes")

    preview = empty.do("nudge preview").out
    shutil.rmtree(own)
    gone = empty.run("nudge preview")

    assert "Greetings Grace Phiri," in preview
    assert gone.code == 4 and str(own) in gone.err
