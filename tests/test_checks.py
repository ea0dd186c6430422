"""The eight checks at their edges."""

from datetime import date
from typing import Any

import pytest
from small_facts import TODAY, definition, facts, record

from lrflow.catalogue import Money
from lrflow.checks import CHECKS, Answer, ask, has_reached, is_filled, matches
from lrflow.definition import Ask
from lrflow.facts import Facts

SMALL = definition()


def asked(known: Facts, check: str, of: str = "participant", **question: Any) -> Answer:
    return ask(Ask(check, of, **question), known, SMALL)  # type: ignore[arg-type]


def people(*states: str, **values: Any) -> Facts:
    return facts(*(record("participant", f"P{n}", state, **values) for n, state in enumerate(states, 1)))


@pytest.mark.parametrize(
    ("state", "reached"),
    [("named", False), ("confirmed", True), ("cleared", True), ("withdrawn", False), ("never heard of", False)],
)
def test_reached_means_that_state_or_a_later_one_of_the_path_and_never_one_beside_it(state: str, reached: bool) -> None:
    assert has_reached(SMALL, record("participant", "P1", state), "confirmed") is reached


@pytest.mark.parametrize(
    ("condition", "fits"),
    [
        ({}, True),
        ({"state": "named"}, True),
        ({"state": ["confirmed", "named"]}, True),
        ({"state": "confirmed"}, False),
        ({"visa": "needed", "state": "named"}, True),
        ({"visa": "needed", "state": "confirmed"}, False),
        ({"any": [{"state": "confirmed"}, {"visa": "needed"}]}, True),
        ({"any": [{"state": "confirmed"}, {"visa": "obtained"}]}, False),
        ({"any": []}, False),
        ({"age": {"min": 17}}, True),
        ({"age": {"min": 18}}, False),
        ({"age": {"max": 17}}, True),
        ({"age": {"max": 16}}, False),
        ({"themes": {"min": 2, "max": 2}}, True),
        ({"themes": {"min": 3}}, False),
        ({"never": {"min": 0}}, False),
        ({"never": {"max": 0}}, False),
        ({"never": {"filled": False}}, True),
        ({"blank": {"filled": True}}, False),
        ({"none_of": {"filled": True}}, False),
        ({"no": {"filled": True}}, True),
        ({"country": "@route.host_country"}, True),
        ({"age": {"min": "@parameters.adult"}}, False),
        ({"day": "@today"}, True),
        ({"donor": "@programme.donor"}, True),
    ],
)
def test_a_condition_holds_when_every_clause_does(condition: dict[str, Any], fits: bool) -> None:
    known = facts(route={"host_country": "RW"}, programme={"donor": "CIFF"}, parameters={"adult": 18})
    values = {"visa": "needed", "age": 17, "themes": ["O1", "O2"], "blank": "  ", "none_of": [], "no": False}
    person = record("participant", "P1", "named", **values, country="RW", day=TODAY.isoformat(), donor="CIFF")

    assert matches(person, condition, known, SMALL) is fits


@pytest.mark.parametrize(("value", "filled"), [(None, False), ("", False), (" \n", False), ([], False), ((), False)])
def test_nothing_blanks_and_empty_lists_are_no_answer(value: Any, filled: bool) -> None:
    assert is_filled(value) is filled


@pytest.mark.parametrize("value", [0, False, "no", ["x"], date(2016, 1, 1)])
def test_no_false_and_nought_are_answers(value: Any) -> None:
    assert is_filled(value)


@pytest.mark.parametrize(("number", "met"), [(20, False), (21, True), (24, True), (25, False)])
def test_count_is_met_from_its_minimum_to_its_maximum(number: int, met: bool) -> None:
    found = asked(people(*["confirmed"] * number), "count", min=21, max=24)

    assert (found.met, found.have, found.need, found.most) == (met, number, 21, 24)


def test_count_proposes_those_who_could_make_up_the_number_and_nobody_at_an_end() -> None:
    found = asked(people("confirmed", "named", "withdrawn"), "count", where={"reached": "confirmed"}, min=2)

    assert (found.have, found.candidates) == (1, ("P2",))


def test_count_proposes_those_it_counted_when_they_are_too_many() -> None:
    found = asked(people("confirmed", "named", "cleared"), "count", where={"reached": "confirmed"}, max=1)

    assert (found.met, found.candidates) == (False, ("P1", "P3"))


def test_distinct_counts_values_and_not_records_and_no_empty_one() -> None:
    known = facts(
        *(record("participant", f"P{n}", country=code) for n, code in enumerate(["MW", "MW", "KE", "", None]))
    )

    assert asked(known, "distinct", field="country", min=2) == Answer(True, 2, 2)
    assert asked(known, "distinct", field="country", min=3) == Answer(False, 2, 3)


@pytest.mark.parametrize(
    ("check", "question"),
    [
        ("every", {"having": {"state": "confirmed"}}),
        ("each_has", {"has": "case"}),
        ("filled", {"fields": ("visa",)}),
        ("dates", {"field": "day"}),
        ("covers", {"field": "areas", "values": "objective"}),
    ],
)
def test_an_empty_set_never_passes(check: str, question: dict[str, Any]) -> None:
    assert asked(facts(), check, **question).met is False


def test_an_empty_set_passes_every_and_dates_only_where_a_minimum_of_nought_says_so() -> None:
    assert asked(facts(), "every", having={"state": "x"}, min=0).met is True
    assert asked(facts(), "dates", field="day", min=0).met is True


def test_every_names_each_record_that_falls_short() -> None:
    found = asked(people("confirmed", "named", "cleared", "named"), "every", having={"reached": "confirmed"})

    assert found == Answer(False, 2, 4, missing=("P2", "P4"))


def test_each_has_counts_related_records_and_tells_the_missing_from_the_few() -> None:
    cases = [record("case", f"K{n}", "validated", experience=of) for n, of in enumerate(["E1", "E1", "E2"])]
    known = facts(*(record("experience", f"E{n}") for n in (1, 2, 3)), *cases, record("case", "K9", experience="E3"))

    found = asked(known, "each_has", of="experience", has="case", having={"reached": "validated"}, desired=2)

    assert found == Answer(False, 2, 3, missing=("E3",), below_desired=("E2",))


def test_each_has_finds_the_relation_in_a_list_of_ids() -> None:
    known = facts(record("experience", "E1"), record("champion", "C1", experiences=["E1", "E2"]))

    assert asked(known, "each_has", of="experience", has="champion", by="experiences").met is True
    assert asked(known, "each_has", of="experience", has="champion", by="experiences", min=2).met is False


def test_filled_names_the_gaps_with_their_record_unless_there_is_only_the_route() -> None:
    route = asked(facts(route={"host": 1}), "filled", of="route", fields=("host", "facilitator"))
    cases = asked(facts(record("case", "K1", how="so", who=" ")), "filled", of="case", fields=("how", "who"))

    assert route == Answer(False, 1, 2, missing=("facilitator",))
    assert cases == Answer(False, 1, 2, missing=("K1 who",))


@pytest.mark.parametrize(
    ("least", "answer"),
    [
        (None, Answer(False, 1, 2, missing=("msp",))),
        (1, Answer(True, 1, 1, missing=("msp",))),
        (0, Answer(True, 1, 0, missing=("msp",))),
    ],
)
def test_covers_asks_for_each_value_or_for_so_many(least: int | None, answer: Answer) -> None:
    known = facts(record("experience", "E1", areas=["policy"]), record("experience", "E2", areas=None))

    assert asked(known, "covers", of="experience", field="areas", values="areas", min=least) == answer


def test_covers_reads_its_values_from_a_pointer_or_from_what_is_locked() -> None:
    locked = [record("objective", "O1", "locked"), record("objective", "O2", "proposed")]
    known = facts(*locked, record("session", "S1", objectives=["O1"]), route={"languages": ["O1", "O3"]})

    assert asked(known, "covers", of="session", field="objectives", values="objective").met is True
    assert asked(known, "covers", of="session", field="objectives", values="@route.languages").missing == ("O3",)


@pytest.mark.parametrize(
    ("value", "met"),
    [
        ("2016-10-02", True),
        ("2016-10-03", True),
        ("2016-10-04", False),
        ("", False),
        (None, False),
        ("2016-09", True),
        ("2016-10", None),
        ("2016-11", False),
    ],
)
def test_a_day_is_reached_from_its_own_day_on_and_a_month_once_it_is_over(value: Any, met: bool | None) -> None:
    assert asked(facts(route={"visit_end": value}), "dates", of="route", field="visit_end", reached=True).met is met


@pytest.mark.parametrize(
    ("first", "last", "met"),
    [
        ("2016-10-30", "2016-10-30", True),
        ("2016-10-30", "2016-10-29", False),
        ("2016-10-30", "", False),
        ("2016-10", "2016-10-30", None),
        ("2016-10-30", "2016-10", None),
        ("2016-10", "2016-10", None),
        ("2016-09", "2016-10", True),
        ("2016-11", "2016-10", False),
    ],
)
def test_a_day_before_another_may_be_the_same_day(first: str, last: str, met: bool | None) -> None:
    known = facts(route={"visit_start": first, "visit_end": last})

    assert asked(known, "dates", of="route", field="visit_start", before="@route.visit_end").met is met


@pytest.mark.parametrize(
    ("value", "met"),
    [
        ("2015-02-02", True),
        ("2015-02-01", False),
        ("2018-01-31", True),
        ("2018-02-01", False),
        ("2015-02", None),
        ("2015-01", False),
        ("2018-01", True),
        ("2018-02", False),
    ],
)
def test_both_ends_of_a_span_belong_to_it(value: str, met: bool | None) -> None:
    span = ("@programme.starts_on", "@programme.ends_on")
    known = facts(route={"visit_end": value}, programme={"starts_on": "2015-02-02", "ends_on": "2018-01-31"})

    assert asked(known, "dates", of="route", field="visit_end", within=span).met is met


def test_an_end_that_is_not_set_is_no_limit() -> None:
    known = facts(route={"visit_end": "2099-01-01"})

    assert asked(known, "dates", of="route", field="visit_end", within=("", "@programme.ends_on")).met is True


def test_one_day_out_of_reach_is_enough_and_is_named() -> None:
    known = facts(*(record("plan", f"A{n}", ends_on=day) for n, day in ((1, "2017-01-01"), (2, "2019-01-01"))))

    assert asked(known, "dates", of="plan", field="ends_on", within=("", "@today")).missing == ("A1", "A2")


LINES = ({"of": "budget", "field": "amount", "rate": "rate"}, {"of": "plan", "field": "award", "rate": "award_rate"})


def spent(*records: Any, **question: Any) -> Answer:
    known = facts(*records, programme={"budget": Money(100_00, "GBP")})
    return asked(known, "total", of="programme", limit="@programme.budget", of_all=LINES, **question)


def line(amount: Money, rate: Any = None, state: str = "planned", key: str = "B1") -> Any:
    return record("budget", key, state, amount=amount, rate=rate)


@pytest.mark.parametrize(("pence", "met"), [(99_99, True), (100_00, True), (100_01, False)])
def test_money_may_reach_its_limit(pence: int, met: bool) -> None:
    assert spent(line(Money(pence, "GBP"))).met is met


@pytest.mark.parametrize(("pence", "met"), [(80_00, True), (80_01, False)])
def test_money_may_reach_a_share_of_its_limit(pence: int, met: bool) -> None:
    assert spent(line(Money(pence, "GBP")), max=80).met is met


def test_each_amount_is_converted_at_its_own_rate_and_its_own_minor_unit() -> None:
    award = record("plan", "A1", "awarded", award=Money(50_00, "USD"), award_rate="0.8")

    found = spent(line(Money(40_000, "RWF"), "0.001"), award)

    assert (found.have, found.need, found.note) == (80_00, 100_00, "80.00 GBP of 100.00 GBP")


def test_a_missing_rate_cannot_be_told_and_is_named() -> None:
    found = spent(line(Money(1, "USD")), line(Money(1, "GBP"), key="B2"))

    assert (found.met, found.missing) == (None, ("B1",))


def test_cancelled_lines_and_empty_amounts_cost_nothing() -> None:
    assert spent(line(Money(999_00, "USD"), state="cancelled"), record("plan", "A1", "drafted")).have == 0


def test_what_other_routes_cost_counts() -> None:
    elsewhere = (record("budget", "other-routes", amount=Money(60_00, "GBP"), rate=None),)
    known = facts(line(Money(50_00, "GBP")), programme={"budget": Money(100_00, "GBP")}, elsewhere=elsewhere)

    assert asked(known, "total", of="programme", limit="@programme.budget", of_all=LINES).have == 110_00


def test_without_a_budget_there_is_nothing_to_exceed() -> None:
    known = facts(line(Money(1, "USD")))

    assert asked(known, "total", of="programme", limit="@programme.budget", of_all=LINES).met is True


def test_each_of_the_eight_checks_is_tried_here() -> None:
    assert set(CHECKS) == {"count", "distinct", "every", "each_has", "filled", "dates", "covers", "total"}
