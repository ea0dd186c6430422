"""The journey to the visit, sentence by sentence: experiences, their cases, the champions.

Not here:
- "since 1996 ... more than 35 countries ... over 3000 development practitioners", because it is background only.
"""

import pytest
from domain_routes import (
    COORDINATOR,
    FACILITATOR,
    OWNER,
    REASON,
    ended,
)
from programme import Programme


# brief: "Main steps of the learning route" 1 to 5
def test_a_route_takes_the_five_steps_in_their_order_one_at_a_time(follow_up):
    """'1. Identifying ... 2. Systematization ... 3. Identifying champions ... 4. Learning visit ... 5. Follow up'."""
    log = follow_up.do("log route --json").data

    steps = [(each["source"], each["target"]) for each in reversed(log) if each["verb"] == "advance"]

    assert steps == [
        ("draft", "identification"),
        ("identification", "systematization"),
        ("systematization", "champion_training"),
        ("champion_training", "learning_visit"),
        ("learning_visit", "follow_up"),
    ]


def test_a_step_is_not_left_out(chosen):
    """'Main steps': nothing leads past the next one."""
    chosen.do("advance")

    refused = chosen.run("advance")

    assert refused.code == 3
    assert chosen.do("status --json").data["routes"][0]["stage"] == "systematization"


def test_a_route_goes_back_only_with_a_reason_and_writes_down_who_when_from_where_and_why(csn):
    """'Main steps': back is a decision of someone, and the case documents must be validated again."""
    without = csn.run("back systematization", actor=COORDINATOR)
    csn.do('back systematization --reason "a case was copied"', actor=COORDINATOR)

    entry = csn.do("log route --json").data[0]
    assert without.code == 2
    assert {name: entry[name] for name in ("actor", "happened_on", "source", "target", "reason")} == {
        "actor": COORDINATOR,
        "happened_on": "2016-10-14",
        "source": "champion_training",
        "target": "systematization",
        "reason": "a case was copied",
    }
    assert csn.failing() == ["case-complete"]


def test_a_route_does_not_go_back_two_steps_at_once(csn):
    """'Main steps': in order, also backwards."""
    assert csn.run("back identification --reason 'begin again'").code == 3


def test_a_closed_route_is_reopened_by_the_owner_alone_with_a_reason(follow_up):
    """'Main steps': what is closed stays closed unless the owner says why not."""
    ended(follow_up)
    follow_up.do("set route record_on=2016-11-30 donor_report_on=2016-11-30")
    follow_up.do(f"waive shared-with-all-csas {REASON}")
    follow_up.do("advance --confirm rwanda-2016")
    assert follow_up.run('reopen --reason "a plan went on"', actor=COORDINATOR).code == 3
    assert follow_up.run("reopen", actor=OWNER).code == 2

    follow_up.do('reopen --reason "a plan went on"', actor=OWNER)

    assert follow_up.do("status --json").data["routes"][0]["stage"] == "follow_up"


# brief: "Identifying and selecting the host country experiences that will be documented"
@pytest.mark.parametrize(("number", "outcome"), [(2, "unmet"), (3, "met")])
def test_of_many_proposed_experiences_three_are_selected(chosen, number, outcome):
    """'Identifying and selecting': many are proposed, a few are chosen."""
    chosen.do('add experience "Proposed only" areas=budget')
    if number == 2:
        chosen.do('mark E3 withdrawn --reason "the owner left"')

    found = chosen.check()["experiences-selected"]

    assert (found["have"], found["outcome"]) == (number, outcome)


def test_two_selected_experiences_are_enough_with_a_waiver_and_one_never(chosen):
    """'a set of Best Practice examples': a waiver goes down to two."""
    chosen.do('mark E3 withdrawn --reason "the owner left"')
    assert chosen.run(f"waive experiences-selected {REASON}", actor=FACILITATOR).code == 3
    chosen.do(f"waive experiences-selected {REASON}", actor=COORDINATOR)
    assert chosen.failing() == []

    chosen.do('mark E2 withdrawn --reason "the owner left"')

    assert chosen.failing() == ["experiences-selected"]
    assert "only down to 2" in chosen.check()["experiences-selected"]["says"]


def test_a_rejected_experience_is_kept_with_its_reason(chosen):
    """'Identifying and selecting': who proposed it must be able to learn why not."""
    chosen.do('add experience "Proposed only" areas=budget')
    without = chosen.run("mark E4 rejected")

    chosen.do('mark E4 rejected --reason "no evidence of success"')

    assert without.code == 3
    assert [each["id"] for each in chosen.do("list experience state=rejected --json").data] == ["E4"]
    assert "because no evidence of success" in chosen.do("log E4").out


# brief: "relevant when it shows evidence of the use of good practice and/or innovation that has proved successful in
# addressing local challenges and in improving local people's livelihoods/ nutrition"
@pytest.mark.parametrize(
    ("claims", "evidence", "relevant"),
    [
        ("good_practice=yes", "good_practice+challenge+livelihoods", True),
        ("innovation=yes", "innovation+challenge+livelihoods", True),
        ("good_practice=yes innovation=yes", "good_practice+innovation+challenge+livelihoods", True),
        ("", "challenge+livelihoods", False),  # neither practice nor innovation
        ("good_practice=no innovation=no", "challenge+livelihoods", False),
        ("good_practice=yes", "good_practice", False),  # no success at all
        ("good_practice=yes", "good_practice+livelihoods", False),  # no local challenge
        ("good_practice=yes", "good_practice+challenge", False),  # no livelihoods or nutrition
        ("good_practice=yes", "challenge+livelihoods", False),  # the practice itself is not shown
        ("good_practice=yes innovation=yes", "good_practice+challenge+livelihoods", False),  # the innovation is not
        ("good_practice=yes", "other", False),
    ],
)
def test_an_experience_is_selected_only_when_relevant(young, claims, evidence, relevant):
    """'good practice and/or innovation that has proved successful': each claim with its evidence."""
    young.do(f'add experience "Milk way" areas=msp {claims}')
    young.do(f"attach E1 https://example.org/e1 --for {evidence}")

    result = young.run("mark E1 selected")

    assert result.code == (0 if relevant else 3), result.out
    assert young.do("show E1 --json").data["state"] == ("selected" if relevant else "proposed")


def test_evidence_may_come_from_several_sources(young):
    """'shows evidence': what, from where and when, a record for each."""
    young.do('add experience "Milk way" areas=msp good_practice=yes')
    young.do('attach E1 https://example.org/1 --for good_practice+challenge --what "district survey" --on 2016-05-02')
    young.do("attach E1 https://example.org/2 --for livelihoods")

    young.do("mark E1 selected")

    kept = young.do("show F1 --json").data
    assert (kept["what"], kept["source"], kept["on"]) == ("district survey", "https://example.org/1", "2016-05-02")


def test_evidence_found_wrong_proves_nothing(young):
    """'shows evidence'."""
    young.do('add experience "Milk way" areas=msp good_practice=yes')
    young.do("attach E1 https://example.org/e1 --for good_practice+challenge+livelihoods")
    young.do('mark F1 rejected --reason "another village"')

    assert young.run("mark E1 selected").code == 3


def test_nobody_can_waive_the_relevance_of_an_experience(young):
    """'An experience is relevant when': hard."""
    young.do('add experience "Milk way" areas=msp good_practice=yes')

    assert young.run(f"waive experience-relevance {REASON}", actor=OWNER).code == 3


# brief: "capture the process (the how, who, what) to enable other people to adopt and scale up these successes"
@pytest.mark.parametrize("field", ["how", "who", "what"])
@pytest.mark.parametrize("value", ["", "   "])
def test_a_case_tells_how_who_and_what(cases, field, value):
    """'capture the process (the how, who, what)': blanks tell nothing."""
    cases.do(f'set K1 {field}="{value}"')

    assert blocked(cases, "mark K1 validated") == ["case-process"]
    assert f"empty: K1 {field}" in cases.run("mark K1 validated").out


def blocked(csn: Programme, line: str) -> list[str]:
    """The guards that *line* met with, none when it was allowed."""
    if csn.run(line).code == 0:
        return []
    entry = csn.do("log --json").data[0]
    return [each["guard"] for each in entry["findings"] if each["outcome"] != "met"]


# brief: "identify and analyze the key of success of the experience, its good practices and innovations"
@pytest.mark.parametrize(
    ("edit", "stops"),
    [
        ("success_factors=", ["case-success"]),
        ("practices=", ["case-success"]),
        ("practices= innovations='milk powder'", []),
        ("innovations='milk powder'", []),
    ],
)
def test_a_case_names_a_key_of_success_and_a_practice_or_innovation(cases, edit, stops):
    """'the key of success of the experience, its good practices and innovations'."""
    cases.do(f"set K1 {edit}")

    assert blocked(cases, "mark K1 validated") == stops


# brief: "extract lessons that can be applied for scaling-up the experience to other similar contexts"
@pytest.mark.parametrize(
    ("lessons", "stops"),
    [
        ("", ["case-lessons"]),
        ("begin small", ["case-lessons"]),
        ("begin small |", ["case-lessons"]),
        ("begin small | a leader; ask the mothers", ["case-lessons"]),
        ("begin small | a leader; ask the mothers | a meeting place", []),
    ],
)
def test_each_lesson_says_which_context_it_needs(cases, lessons, stops):
    """'lessons that can be applied ... to other similar contexts'."""
    cases.do(f'set K1 lessons="{lessons}"')

    assert blocked(cases, "mark K1 validated") == stops


# brief: "facilitate appropriation of the learning by the actors of the experience and enhance their ability to share"
@pytest.mark.parametrize("edit", ["validated_on=", "validated_by=", "approved=no", "approved="])
def test_a_case_is_validated_on_a_day_by_named_actors_who_approved_it(cases, edit):
    """'appropriation of the learning by the actors'."""
    cases.do(f"set K1 {edit}")

    assert blocked(cases, "mark K1 validated") == ["case-appropriation"]


def test_a_case_that_was_only_drafted_does_not_end_systematization(cases):
    """'appropriation ... by the actors': drafted is not validated."""
    cases.do("mark K1 K2 validated")

    found = cases.check()["case-complete"]

    assert (found["level"], found["missing"]) == ("hard", ["E3"])
    assert cases.run(f"waive case-complete {REASON}", actor=OWNER).code == 3


def test_a_validated_case_does_not_lose_what_made_it_so(cases):
    """'capture the process': an edit that would empty it is refused."""
    cases.do("mark K1 validated")

    refused = cases.run("set K1 how=")

    assert refused.code == 5
    assert cases.do("show K1 --json").data["how"] == "door to door"


# brief: "People who are successful in their own work are trained to become capacity builders"
def test_a_champion_has_a_part_in_the_experience_and_a_success(teachers):
    """'People who are successful in their own work'."""
    teachers.do('set C1 role="dairy farmer" success="twelve litres a day"')

    kept = teachers.do("show C1 --json").data

    assert (kept["role"], kept["success"]) == ("dairy farmer", "twelve litres a day")


@pytest.mark.parametrize(
    ("training_record", "trained"),
    [
        ("trained_on=2016-10-13 outcome=passed", True),
        ("trained_on=2016-10-13 outcome=partly", False),
        ("trained_on=2016-10-13 outcome=failed", False),
        ("trained_on=2016-10-13", False),
        ("outcome=passed", False),
    ],
)
def test_a_champion_is_trained_on_a_day_and_with_success(teachers, training_record, trained):
    """'are trained to become capacity builders': hard."""
    assert blocked(teachers, f"mark C1 trained {training_record}") == ([] if trained else ["champion-trained"])
    assert teachers.run(f"waive champion-trained {REASON}", actor=OWNER).code == 3


def test_every_selected_experience_has_one_trained_champion_and_better_two(csn):
    """'trained to become capacity builders': one is hard, two are wished for."""
    assert csn.check()["champion-per-experience"]["warning"] == "E1, E2, E3: fewer than the 2 wished for"
    for number in (1, 2, 3):
        csn.do(f'add champion "Second {number}" second{number}@example.org experiences=E{number}')
    csn.do("mark C4-C6 trained trained_on=2016-10-13 outcome=passed")
    assert csn.check()["champion-per-experience"]["warning"] == ""

    csn.do('mark C1 C4 replaced --reason "moved away"')

    found = csn.check()["champion-per-experience"]
    assert (found["level"], found["missing"]) == ("hard", ["E1"])
    assert csn.run(f"waive champion-per-experience {REASON}", actor=OWNER).code == 3


# brief: "who use their own experiences as the source of training"
@pytest.mark.parametrize("experiences", ["", "E4"])
def test_a_champion_is_an_actor_of_a_selected_experience(teachers, experiences):
    """'their own experiences': not of none, nor of one that was only proposed."""
    teachers.do('add experience "Only proposed" areas=msp')
    teachers.do(f"set C1 experiences={experiences}")

    assert blocked(teachers, "mark C1 trained trained_on=2016-10-13 outcome=passed") == ["champion-is-actor"]


@pytest.mark.parametrize(("leads", "outcome"), [("C1", "met"), ("C2", "unmet"), ("C1+C2", "unmet")])
def test_a_champion_leads_only_own_cases(csn, leads, outcome):
    """'use their own experiences as the source of training': hard."""
    csn.do(f"set S2 leads={leads}")

    found = csn.check()["champion-leads-own-case"]

    assert (found["level"], found["outcome"]) == ("hard", outcome)
    if outcome == "unmet":
        assert found["missing"] == ["S2"]
        assert csn.run(f"waive champion-leads-own-case {REASON}", actor=OWNER).code == 3


def test_a_champion_of_two_experiences_leads_both(csn):
    """'their own experiences': more than one may be their own."""
    csn.do("set C1 experiences=E1+E2")
    csn.do("set S4 leads=C1")

    assert csn.check()["champion-leads-own-case"]["outcome"] == "met"
