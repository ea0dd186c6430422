"""`check --to STAGE`: what will be asked later, judged by the one judge on what is known today."""

import pytest
from domain_routes import ALLIANCES, REASON, ended, share


def stages(programme, stage: str, *, now: str = "") -> list[dict]:
    """The steps that `check --to` lists, as JSON."""
    return programme.run(f"check --to {stage} --json", now=now).data["stages"]


def findings(leg: dict) -> dict[str, dict]:
    return {each["guard"]: each for each in leg["findings"]}


def finish(programme) -> None:
    """Leave nothing to ask before the route closes."""
    ended(programme)
    programme.do("set route record_on=2016-11-30 record_link=https://example.org donor_report_on=2016-11-30")
    share(programme, "SUN Alliance Rwanda", *ALLIANCES)


def test_every_step_up_to_the_stage_stands_under_its_own_heading(young):
    asked = young.run("check --to follow-up")

    headings = [line.split(" · ")[0] for line in asked.out.splitlines() if " -> " in line and not line.startswith(" ")]
    assert headings == [
        "Identification -> Systematization",
        "Systematization -> Champion training",
        "Champion training -> Learning visit",
        "Learning visit -> Follow-up",
    ]
    assert asked.out.startswith(
        "rwanda-2016 · from Identification to Follow-up, as of today, Friday 10 June 2016\nLater "
    )
    assert asked.code == 3


def test_the_next_step_is_judged_as_check_judges_it(young):
    first, check = stages(young, "closed")[0], young.check()

    assert {name: {**each, "not_yet": ""} for name, each in check.items()} == findings(first)


def test_a_later_step_is_judged_as_check_will_judge_it_there(chosen):
    later = stages(chosen, "closed")[1]

    chosen.do("advance")
    assert {name: {**each, "not_yet": ""} for name, each in chosen.check().items()} == findings(later)


def test_nothing_in_the_way_of_any_step_is_exit_0_and_names_the_next_command(follow_up):
    finish(follow_up)

    asked = follow_up.do("check --to closed")

    assert asked.out.splitlines()[-1] == "Nothing stands in the way. Next: lrflow advance"


def test_a_step_that_is_open_names_the_next_command_though_later_ones_are_not(csn):
    asked = csn.run("check --to closed")

    assert "Stand in the way: 6 later. Next: lrflow advance" in asked.out.splitlines()
    assert asked.code == 3


@pytest.mark.parametrize(
    ("today", "reason"), [("2016-11-04", "not before 2016-11-05"), ("2016-11-05", ""), ("2016-11-06", "")]
)
def test_a_day_that_lies_ahead_is_named_as_what_only_time_can_bring(csn, today, reason):
    leg = stages(csn, "follow_up", now=today)[1]

    assert findings(leg)["visit-over"]["not_yet"] == reason


def test_what_only_time_can_bring_gets_no_command(csn):
    lines = csn.run("check --to closed").out.splitlines()

    number = next(at for at, line in enumerate(lines) if "visit-over" in line)
    assert lines[number].endswith("(cannot be met yet: not before 2016-11-05)")
    assert lines[number + 1].startswith("Follow-up -> Closed · ")
    assert lines[-1].startswith("Only time can bring: visit-over (not before 2016-11-05); followup-complete (only once")


def test_records_that_a_later_stage_makes_are_waited_for(visit):
    last = findings(stages(visit, "closed")[-1])

    assert last["followup-complete"]["not_yet"] == "only once the route has entered Follow-up"
    assert last["record-published"]["not_yet"] == ""


def test_records_that_a_stage_has_made_are_not_waited_for_any_more(follow_up):
    (last,) = stages(follow_up, "closed")

    assert {each["not_yet"] for each in last["findings"]} == {""}


def test_a_guard_that_several_steps_ask_is_shown_where_it_first_stands(young):
    lines = young.run("check --to closed --all").out.splitlines()

    asked = [line for line in lines if line.startswith("  ") and " experiences-selected " in line]
    assert len(asked) == 1
    assert asked[0].endswith("(also asked at Systematization)")


def test_a_waiver_counts_for_the_stage_it_was_given_for_and_no_other(chosen):
    chosen.do('mark E3 withdrawn --reason "its people moved away"')
    chosen.do(f"waive experiences-selected {REASON}")

    first, second, *_ = stages(chosen, "closed")
    shown = [line for line in chosen.run("check --to closed").out.splitlines() if " experiences-selected " in line]

    assert (findings(first)["experiences-selected"]["outcome"], first["ready"]) == ("waived", True)
    assert (findings(second)["experiences-selected"]["outcome"], second["ready"]) == ("unmet", False)
    assert [line[2] for line in shown] == ["~", "✗"]


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("champion_training", "rwanda-2016 stands in Champion training already"),
        ("draft", "rwanda-2016 stands in Champion training: Draft lies behind it"),
    ],
)
def test_a_stage_that_was_reached_is_refused_with_where_the_route_stands(teachers, word, says):
    asked = teachers.run(f"check --to {word}")

    assert (asked.code, asked.out) == (2, "")
    assert asked.err.splitlines() == [
        says,
        "  -> lrflow check --to learning_visit",
        "  -> lrflow check --to follow_up",
        "  -> lrflow check --to closed",
    ]


@pytest.mark.parametrize("word", ["visit", "learning_vist", "Learnig-visit"])
def test_an_unknown_stage_is_answered_with_the_near_one(young, word):
    asked = young.run(f"check --to {word}")

    assert asked.code == 4
    assert asked.err.splitlines()[1:] == ["  did you mean learning_visit?", "  -> lrflow check --to learning_visit"]


@pytest.mark.parametrize("word", ["learning-visit", "'Learning visit'", "LEARNING_VISIT"])
def test_a_stage_is_understood_as_people_write_it(young, word):
    assert stages(young, word)[-1]["to"] == "learning_visit"


def test_a_route_on_hold_is_judged_and_said_not_to_move(csn):
    csn.do(f"hold --review +30d {REASON}")

    asked = csn.do("check --to learning_visit")

    assert asked.out.splitlines()[-2:] == ["Nothing stands in the way.", "The route is on hold: it does not move."]


def test_nothing_lies_ahead_of_a_closed_route(follow_up):
    finish(follow_up)
    follow_up.do("advance --confirm rwanda-2016")

    asked = follow_up.run("check --to closed")

    assert (asked.code, asked.err.splitlines()[0]) == (2, "rwanda-2016 is closed: no stage lies ahead")


def test_looking_ahead_writes_nothing(young):
    before = young.do("log --json").out

    young.run("check --to closed")

    assert young.do("log --json").out == before
