"""Objectives and themes, sentence by sentence: what plans serve, what is passed on, what the route teaches.

Not here:
- people reached by level, alliances with none, items shared, plans by engagement, because they are reports.
- the matrix of experiences by area, and areas that no route covered, because they are reports; the warning is below.
- asking for news of learning passed on at +7 days and at each check-in, because they are messages.
- "stronger, more aligned civil society alliances" as the heading of the donor report, because it is a report.
"""

import pytest
from domain_routes import COORDINATOR, OWNER, REASON

COMPLETE = (
    'set A1 innovation="milk co-operative" experience=E1 adapted="goats for cows" themes=O2+O3 serves=SO1+SO4 months=6'
)


# brief: "capacity to actively contribute to national efforts while responding to needs on the ground"
def test_a_plan_says_how_it_fits_a_strategy_and_which_local_need_it_answers(follow_up):
    """'contribute to national efforts while responding to needs on the ground'."""
    follow_up.do('set A1 strategy_fit="National plan 2015, goal 3" local_need="little milk in the dry season"')

    kept = follow_up.do("show A1 --json").data

    assert (kept["strategy_fit"], kept["local_need"]) == ("National plan 2015, goal 3", "little milk in the dry season")


# brief: "CSAs are able to effectively contribute to multi-stakeholder platforms"
@pytest.mark.parametrize("engagement", ["national", "sub_national", "none"])
def test_a_plan_says_whether_it_works_with_a_platform(follow_up, engagement):
    """'contribute to multi-stakeholder platforms'."""
    follow_up.do(f"set A1 msp_engagement={engagement}")

    assert follow_up.do("show A1 --json").data["msp_engagement"] == engagement


def test_an_engagement_with_platforms_is_one_of_three(follow_up):
    """'multi-stakeholder platforms': a word that cannot be counted is refused with those that can."""
    refused = follow_up.run("set A1 msp_engagement=somewhat")

    assert refused.code == 2
    assert "national, sub_national, none" in refused.err


# brief: "cascade capacity strengthening ... (from villages and communities to municipalities to districts ...)"
@pytest.mark.parametrize(
    "level", ["village", "community", "municipality", "district", "county", "province", "region", "national"]
)
def test_learning_passed_on_is_recorded_at_each_level(follow_up, level):
    """'from villages and communities to municipalities to districts / regions / provinces / counties to national'."""
    follow_up.do(f'add cascade 2016-11-20 {level} --of D2 organisation="Members" women=12 men=9 plan=A2')

    kept = follow_up.do("list cascade --json").data[0]

    assert {name: kept[name] for name in ("on", "level", "organisation", "women", "men", "plan", "delegation")} == {
        "on": "2016-11-20",
        "level": level,
        "organisation": "Members",
        "women": 12,
        "men": 9,
        "plan": "A2",
        "delegation": "D2",
    }


@pytest.mark.parametrize("wrong", ["2016-11-20 planet", "2016-11-20 village women=-3", "20/11/16 village", "village"])
def test_learning_passed_on_needs_a_known_level_a_clear_day_and_whole_people(follow_up, wrong):
    """'cascade capacity strengthening': what cannot be counted is refused."""
    assert follow_up.run(f"add cascade {wrong} --of D2").code == 2
    assert follow_up.do("list cascade --json").data == []


def test_a_delegation_counts_how_often_it_passed_learning_on(follow_up):
    """'cascade capacity strengthening': a report found wrong does not count."""
    follow_up.do("add cascade 2016-11-20 village --of D2")
    follow_up.do("add cascade 2016-11-21 district --of D2")
    assert "cascades             2 " in follow_up.do("show D2").out

    follow_up.do('mark R2 rejected --reason "it was another meeting"')

    assert "cascades             1 " in follow_up.do("show D2").out


# brief: the four specific objectives
@pytest.mark.parametrize("objective", ["SO1", "SO2", "SO3", "SO4"])
def test_a_plan_serves_at_least_one_of_the_four_specific_objectives(follow_up, objective):
    """'nutrition advocates', 'budget tracking', 'share learning', 'government understanding': one of them at least."""
    follow_up.do(COMPLETE)
    follow_up.do("set A1 serves=")
    refused = follow_up.run("mark A1 final final_on=2016-11-30")
    follow_up.do(f"set A1 serves={objective}")

    follow_up.do("mark A1 final final_on=2016-11-30")

    assert refused.code == 3
    assert "A1 serves" in refused.out


def test_an_objective_the_programme_does_not_have_is_refused(follow_up):
    """'Specific objectives': there are four."""
    assert follow_up.run("set A1 serves=SO5").code == 2


# brief: "Learn from the CSAs and share learning with the SUN community of practice"
@pytest.mark.parametrize("sort", ["webinar", "post", "newsletter", "article", "meeting"])
def test_learning_shared_with_the_community_is_recorded_with_day_and_link(follow_up, sort):
    """'share learning with the SUN community of practice'."""
    follow_up.do(f'add sharing {sort} "Alliance MW" on=2016-11-21 link=https://example.org/{sort}')

    kept = follow_up.do("list sharing --json").data[0]

    assert (kept["sort"], kept["on"], kept["link"]) == (sort, "2016-11-21", f"https://example.org/{sort}")


# brief: "process and the factors that brought the success and analyse the potential for scaling up/out"
@pytest.mark.parametrize("potential", ["up", "out", "both", "none"])
def test_an_experience_says_whether_it_can_grow_and_why(young, potential):
    """'analyse the potential for scaling up/out'."""
    young.do(f'add experience "Milk way" scaling_potential={potential} scaling_why="cheap"')

    kept = young.do("show E1 --json").data

    assert (kept["scaling_potential"], kept["scaling_why"]) == (potential, "cheap")


# brief: "vulnerable and disadvantaged population", "at community, provincial, national and international level"
def test_an_experience_says_whom_it_benefits_and_at_which_levels(young):
    """'vulnerable and disadvantaged population', 'community, provincial, national and international level'."""
    young.do(
        'add experience "Milk way" beneficiary_groups="widows; landless families" '
        "levels=community+province+national+international"
    )

    kept = young.do("show E1 --json").data

    assert kept["beneficiary_groups"] == ["widows", "landless families"]
    assert kept["levels"] == ["community", "province", "national", "international"]


# brief: "Program learning objectives" I to IV
@pytest.mark.parametrize("code", ["LO1", "LO2", "LO3", "LO4"])
def test_an_objective_of_the_route_makes_one_of_four_programme_objectives_specific(chosen, code):
    """'Program learning objectives' I to IV; a fifth is unknown."""
    chosen.do(f'add objective "More specific" learning_objective={code}')

    assert chosen.do("show O4 --json").data["learning_objective"] == code
    assert chosen.run("set O4 learning_objective=LO5").code == 2


@pytest.mark.parametrize(
    ("without", "line"), [("experience", "set S2 objectives=O4"), ("session", "set E1 objectives=O4")]
)
def test_an_objective_needs_both_an_experience_and_a_session_that_serve_it(csn, without, line):
    """'with specific learning objectives': each is served by a selected experience and by a session."""
    csn.do('add objective "Hold leaders accountable" learning_objective=LO3')
    csn.do("mark O4 locked")
    if without == "session":
        csn.do("set S1-S9 objectives=O1 --yes")
    csn.do(line)
    assert csn.check()["objectives-covered"]["missing"] == ["O4"]

    csn.do("set E1 objectives=O4")
    csn.do("set S2 objectives=O1+O4")

    assert csn.check()["objectives-covered"]["outcome"] == "met"


def test_an_experience_that_was_not_selected_covers_no_objective(csn):
    """'successful experiences will be identified': a proposal teaches nothing yet."""
    csn.do('add objective "Hold leaders accountable"')
    csn.do("mark O4 locked")
    csn.do("set S2 objectives=O1+O4")
    csn.do('add experience "Only proposed" objectives=O4')

    assert csn.check()["objectives-covered"]["missing"] == ["O4"]


def test_an_uncovered_objective_may_be_waived(csn):
    """'Program learning objectives': soft, with a reason."""
    csn.do("set E1-E3 learning_objectives=")
    csn.do("set S1-S9 objectives=O1 --yes")
    assert csn.failing() == ["objectives-covered"]

    csn.do(f"waive objectives-covered {REASON}", actor=COORDINATOR)

    assert csn.failing() == []


# brief: "Specific learning objectives and thematic areas ... will be defined once the ... experiences ... identified"
def test_objectives_and_themes_are_locked_only_after_an_experience_is_selected(young):
    """'will be defined once the successful experiences will be identified': hard, and in this order."""
    young.do('add experience "Milk way" areas=msp good_practice=yes')
    young.do('add objective "How it is scaled"')
    young.do('add objective "Platforms" sort=theme')
    too_early = young.run("mark O locked")
    young.do("attach E1 https://example.org/e1 --for good_practice+challenge+livelihoods")
    young.do("mark E1 selected")

    young.do("mark O locked")

    assert too_early.code == 3
    assert "no experience is selected yet" in too_early.out
    assert young.run(f"waive objective-after-selection {REASON}", actor=OWNER).code == 3


@pytest.mark.parametrize("open_again", ["O1", "O2-O3"])
def test_identification_ends_with_a_locked_objective_and_a_locked_theme(chosen, open_again):
    """'learning objectives and thematic areas ... will be defined': both, hard."""
    assert chosen.failing() == []

    chosen.do(f'mark {open_again} proposed --reason "the host wants to discuss it"')

    assert chosen.failing() == ["objectives-defined"]
    assert chosen.run(f"waive objectives-defined {REASON}", actor=OWNER).code == 3
    assert chosen.run("advance").code == 3


# brief: "The thematic areas of learning will be:"
def test_there_are_five_thematic_areas(young):
    """'Policy', 'multi stakeholder', 'Budget ... accountability', 'Advocacy', 'Good governance'."""
    young.do('add experience "All of it" areas=policy+msp+budget+advocacy+governance')

    refused = young.run("set E1 areas=health")

    assert refused.code == 2
    assert "advocacy, budget, governance, msp, policy" in refused.err


def test_an_experience_without_an_area_is_not_selected(young):
    """'thematic areas of learning': at least one, hard."""
    young.do('add experience "Milk way" good_practice=yes')
    young.do("attach E1 https://example.org/e1 --for good_practice+challenge+livelihoods")
    refused = young.run("mark E1 selected")
    young.do("set E1 areas=msp")

    young.do("mark E1 selected")

    assert refused.code == 3
    assert "E1 has no area" in refused.out
    assert young.run("set E1 areas=").code == 5  # nor is the area taken away again


def test_an_uncovered_area_is_a_warning_and_never_blocks(chosen):
    """'The thematic areas of learning': the real route of 2016 had nothing on budgets, and went ahead."""
    found = chosen.check()["areas-covered"]

    assert (found["level"], found["outcome"], found["missing"]) == ("warn", "unmet", ["budget"])
    assert "area budget is covered by no experience" in chosen.do("check").out
    chosen.do("advance")


def test_only_selected_experiences_cover_an_area(chosen):
    """'thematic areas': a proposal covers none."""
    chosen.do('add experience "Budget club" areas=budget')

    assert chosen.check()["areas-covered"]["missing"] == ["budget"]
