"""One move decided: over every stage, event, status and outcome of guards; over every life of the programme."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from itertools import product
from random import Random
from typing import Any

import pytest
from small_facts import anything, definition, facts, guard, record, shipped, stage, waiver

from lrflow.definition import Life, Move
from lrflow.facts import Facts
from lrflow.guards import blocking, judge
from lrflow.machine import (
    STATUSES,
    decide_stage,
    decide_status,
    decide_track,
    is_back,
    life_machine,
    passed_needs,
    stage_machine,
    status_machine,
    steps_to,
)

GUARDS = ("h1", "h2", "s1", "s2", "w1")  # hard, soft, warning
NEEDS = {"first": ("h1", "s1", "w1"), "second": ("h1", "h2", "s1", "s2"), "third": ()}
BACK = {"second": ("first",), "third": ("first", "second")}
EVENTS = ("advance", "back_to_first", "back_to_second", "back_to_third", "reopen", "hold", "to_third", "_is", "")
DAYS = {"met": "2016-10-01", "unmet": "2016-12-01", "waived": "2016-12-01", "unknown": "2016-10"}
PASSES = {"h": {"met"}, "s": {"met", "waived"}, "w": {"met", "unmet", "waived", "unknown"}}


FIRST: dict[str, Any] = {"route": {"stage": "first"}}


def the_day_of(name: str) -> dict[str, Any]:
    levels = {"h": "hard", "s": "soft", "w": "warn"}
    return guard({"check": "dates", "of": "route", "field": name, "reached": True}, level=levels[name[0]])


GATES = definition(
    path=list(NEEDS),
    stages={
        name: stage(*needs, **({"back": {"to": list(BACK[name]), "max": 1}} if name in BACK else {}))
        for name, needs in NEEDS.items()
    },
    guards={name: the_day_of(name) for name in GUARDS},
)


def vectors(needs: tuple[str, ...]) -> Iterator[dict[str, str]]:
    """Every way in which *needs* may turn out."""
    yield from (dict(zip(needs, outcomes, strict=True)) for outcomes in product(DAYS, repeat=len(needs)))


def standing(at: str, status: str, outcomes: dict[str, str]) -> Facts:
    days = {name: DAYS[outcome] for name, outcome in outcomes.items()}
    waivers = tuple(waiver(name) for name, outcome in outcomes.items() if outcome == "waived")
    return facts(route={"stage": at, "status": status, **days}, waivers=waivers)


def test_a_route_moves_if_and_only_if_it_is_active_and_all_guards_of_that_move_pass() -> None:
    tried = 0
    for at, status in product((*NEEDS, "closed"), STATUSES):
        for outcomes in vectors(NEEDS.get(at, ())):
            known = standing(at, status, outcomes)
            for event in EVENTS:
                decision = decide_stage(GATES, known, event)
                assert (decision.outcome, decision.target) == expected(at, status, event, outcomes)
                assert decision.source == at
                tried += 1

    assert tried == len(EVENTS) * len(STATUSES) * (4**3 + 4**4 + 1 + 1)


def expected(at: str, status: str, event: str, outcomes: dict[str, str]) -> tuple[str, str]:
    if event == "reopen" and at == "closed":
        return "done", "third"
    if status != "active" or at == "closed":
        return "refused", at
    if event == "advance":
        target = {"first": "second", "second": "third", "third": "closed"}[at]
        free = all(outcome in PASSES[name[0]] for name, outcome in outcomes.items())
        return ("done" if free else "blocked"), target
    target = event.removeprefix("back_to_")
    return ("done", target) if event.startswith("back_to_") and target in BACK.get(at, ()) else ("refused", at)


@pytest.mark.parametrize("at", ["first", "second"])
def test_a_decision_names_every_need_with_its_outcome_and_those_in_the_way(at: str) -> None:
    for outcomes in vectors(NEEDS[at]):
        decision = decide_stage(GATES, standing(at, "active", outcomes), "advance")

        told = {name: "unmet" if out == "waived" and name[0] != "s" else out for name, out in outcomes.items()}
        assert {each.guard: each.outcome for each in decision.findings} == told
        assert [each.guard for each in decision.blocking] == [
            name for name, out in outcomes.items() if out not in PASSES[name[0]]
        ]


def test_a_gate_judges_each_need_once_for_one_move() -> None:
    asked: list[str] = []
    guards = {name: guard({"check": "every", "of": "route", "having": {name: True}}) for name in GUARDS}
    counting = {("route", name): lambda record, _, name=name: asked.append(name) for name in GUARDS}

    decide_stage(
        replace(GATES, guards=definition(guards=guards).guards), facts(derivations=counting, **FIRST), "advance"
    )

    assert asked == list(NEEDS["first"])


def test_a_refused_event_judges_nothing() -> None:
    assert decide_stage(GATES, facts(**FIRST), "back_to_second").findings == ()


def test_nothing_stays_in_a_machine_and_no_back_door_leads_into_it() -> None:
    for status in STATUSES:
        decide_stage(GATES, standing("first", status, {"h1": "met"}), "advance")
        decide_status(GATES, standing("first", status, {}), "hold")

    assert stage_machine(GATES).models == status_machine().models == life_machine(GATES, "case").models == []
    assert sorted(stage_machine(GATES).events) == ["advance", "back_to_first", "back_to_second", "reopen"]


def test_the_same_question_has_the_same_answer_and_leaves_the_facts_as_they_were() -> None:
    known = standing("second", "active", {"h1": "met", "h2": "unknown", "s1": "waived", "s2": "unmet"})
    before = deepcopy(known)

    assert decide_stage(GATES, known, "advance") == decide_stage(GATES, known, "advance")
    assert known == before


def test_a_route_that_stands_still_says_how_it_goes_on() -> None:
    says = {status: decide_stage(GATES, standing("first", status, {}), "advance").says for status in STATUSES[1:]}

    assert "lrflow resume" in says["on_hold"]
    assert "lrflow reopen" in says["closed"]
    assert "lrflow reopen" in says["cancelled"]


STATUS_MOVES = {
    ("active", "hold"): "on_hold",
    ("on_hold", "resume"): "active",
    ("active", "cancel"): "cancelled",
    ("on_hold", "cancel"): "cancelled",
    ("active", "close"): "closed",
    ("closed", "reopen"): "active",
    ("cancelled", "reopen"): "active",
}


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("verb", ["hold", "resume", "cancel", "close", "reopen", "advance"])
def test_a_status_changes_only_along_its_few_ways(status: str, verb: str) -> None:
    decision = decide_status(GATES, facts(route={"status": status}), verb)

    target = STATUS_MOVES.get((status, verb))
    assert (decision.outcome, decision.target) == (("done", target) if target else ("refused", status))


# One record: what it lacks, what it is judged on, and the ways back.

LIFE = Life(
    path=("a", "b", "c", "d"),
    moves={
        "b": Move(("a",), needs=("own",)),
        "c": Move(("b",), fields=("visa",)),
        "d": Move(("c", "x")),
        "x": Move(("a", "b", "c"), reason=True),
    },
    ends=("d", "x"),
)
OWN = {"check": "every", "of": "participant", "having": {"state": ["b", "c"], "ready": True}}
TRACKS = replace(
    definition(guards={"own": guard(OWN, level="soft")}), lives={"participant": LIFE}, digest="tracks of one record"
)


@pytest.mark.parametrize(
    ("source", "target", "reason", "values", "outcome", "says"),
    [
        ("a", "b", "", {"ready": True}, "done", ""),
        ("a", "b", "", {}, "blocked", ""),
        ("b", "c", "", {"visa": "obtained"}, "done", ""),
        ("b", "c", "", {"visa": " "}, "refused", "c needs visa=..."),
        ("b", "x", "", {}, "refused", "x needs --reason TEXT"),
        ("b", "x", "ill", {}, "done", ""),
        ("a", "d", "", {}, "refused", "from a it can become b, x"),
        ("b", "b", "why", {}, "refused", "it is already b"),
        ("d", "x", "late", {}, "refused", "d is an end"),
        ("d", "c", "", {"visa": "obtained"}, "refused", "d is an end; going back needs --reason TEXT"),
        ("d", "c", "wrong", {"visa": "obtained", "ready": True}, "done", ""),
        ("d", "c", "wrong", {"visa": "obtained"}, "blocked", ""),
        ("d", "c", "wrong", {"ready": True}, "refused", "c needs visa=..."),
        ("x", "a", "came back", {}, "done", ""),
        ("x", "d", "", {}, "done", ""),
        ("a", "nowhere", "why", {}, "refused", "from a it can become b, x"),
    ],
)
def test_a_record_moves_along_its_life(
    source: str, target: str, reason: str, values: dict[str, Any], outcome: str, says: str
) -> None:
    subject = record("participant", "P1", source, **values)

    decision = decide_track(TRACKS, facts(subject), subject, target, reason)

    assert (decision.outcome, decision.says) == (outcome, says)
    assert (decision.source, decision.target, decision.subject) == (source, target, "P1")


def test_a_record_is_judged_alone_and_as_if_it_were_in_its_new_state() -> None:
    others = [record("participant", f"P{number}", "a") for number in (2, 3)]
    subject = record("participant", "P1", "a", ready=True)

    decision = decide_track(TRACKS, facts(subject, *others), subject, "b", "")

    assert (decision.outcome, decision.findings[0].have, decision.findings[0].need) == ("done", 1, 1)


def test_a_waiver_lets_a_record_pass() -> None:
    subject = record("participant", "P1", "a")
    known = facts(subject, waivers=(waiver("own"),))

    decision = decide_track(TRACKS, known, subject, "b", "")

    assert (decision.outcome, decision.findings[0].outcome) == ("done", "waived")


# Every life of the programme.

LIVES = shipped().lives
PAIRS = [(kind, source, target) for kind, life in LIVES.items() for source in life.states for target in life.states]


def silent(life: Life, state: str) -> bool:
    move = life.moves[state]
    return not (move.needs or move.fields or move.reason)


def ways(life: Life, source: str, target: str) -> list[list[str]]:
    """Every walk forward along the path from *source* into *target*, found by trying all of them."""
    if target not in life.moves:
        return []
    direct = [[target]] if source in life.moves[target].sources else []
    later = life.path[life.path.index(source) + 1 :] if source in life.path else ()
    return direct + [
        [middle, *rest]
        for middle in later
        if middle != target and source in life.moves[middle].sources and silent(life, middle)
        for rest in ways(life, middle, target)
    ]


@pytest.mark.parametrize("kind", LIVES)
def test_every_state_is_reached_from_the_first(kind: str) -> None:
    life, reached = LIVES[kind], {LIVES[kind].path[0]}
    for _ in life.states:
        reached |= {state for state, move in life.moves.items() if reached & set(move.sources)}

    assert reached == set(life.states)


@pytest.mark.parametrize("kind", LIVES)
def test_ends_and_beginnings_are_states_and_nothing_is_its_own_source(kind: str) -> None:
    life = LIVES[kind]

    assert {*life.ends, *life.begins, *life.path} <= set(life.states)
    assert not [state for state, move in life.moves.items() if state in move.sources]


def test_walking_passes_only_states_that_ask_for_nothing_and_finds_a_way_where_there_is_one() -> None:
    walked = 0
    for kind, source, target in PAIRS:
        life, steps = LIVES[kind], steps_to(LIVES[kind], source, target)

        assert steps[-1] == target
        assert all(silent(life, state) for state in steps[:-1])
        if source != target and ways(life, source, target):
            assert steps in ways(life, source, target), (kind, source, target)
        else:
            assert steps == [target]
        walked += len(steps) > 1

    assert walked > 10


@pytest.mark.parametrize("asks", [{"needs": ("own",)}, {"fields": ("visa",)}, {"reason": True}])
def test_a_state_that_asks_for_anything_is_not_walked_past(asks: dict[str, Any]) -> None:
    free = Life(("a", "b", "c"), {"b": Move(("a",)), "c": Move(("b",))})
    asking = replace(free, moves={**free.moves, "b": Move(("a",), **asks)})

    assert steps_to(free, "a", "c") == ["b", "c"]
    assert steps_to(asking, "a", "c") == ["c"]


def test_back_is_earlier_on_the_path_or_from_beside_it() -> None:
    for kind, source, target in PAIRS:
        path = LIVES[kind].path
        earlier = source in path and target in path and path.index(target) < path.index(source)

        assert is_back(LIVES[kind], source, target) is (earlier or (source not in path and target in path))


def test_the_needs_passed_are_those_of_every_state_up_to_here_and_none_beside_the_path() -> None:
    for kind, life in LIVES.items():
        passed: list[str] = []
        for state in life.path:
            passed += life.moves[state].needs if state in life.moves else ()
            assert passed_needs(life, state) == tuple(dict.fromkeys(passed))
        for beside in set(life.states) - set(life.path):
            assert passed_needs(life, beside) == (), kind


@pytest.mark.parametrize("seed", range(5))
def test_a_record_of_the_programme_moves_only_when_its_needs_are_met(seed: int) -> None:
    workflow, known = shipped(), anything(Random(seed), shipped())
    for kind, life in workflow.lives.items():
        for subject, target in product(known.of(kind), life.states):
            decision = decide_track(workflow, known, subject, target, "a reason")
            if decision.outcome != "refused":
                is_move = target in life.moves and subject.state in life.moves[target].sources
                needs = life.moves[target].needs if is_move else passed_needs(life, target)
                in_the_way = blocking(judge(workflow, needs, known.focused(subject, target)))
                assert decision.outcome == ("blocked" if in_the_way else "done")
                assert is_move or is_back(life, subject.state, target)
