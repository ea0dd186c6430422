"""Every fact that is worked out from several records."""

from datetime import date

import pytest
from small_facts import facts, record

from lrflow.facts import DERIVATIONS

RECORDS = (
    record("organisation", 1, name="CSONA", country="MW", in_registry=True),
    record("organisation", 2, name="SUN Alliance Rwanda", country="RW", in_registry=True),
    record("person", 7, organisation=1, email="ana@example.org"),
    record("person", 8, organisation=2, country=None),
    record("experience", "E1", "selected", good_practice=True, objectives=["O1"], learning_objectives=["LO2"]),
    record("experience", "E2", "proposed", learning_objectives=["LO3"]),
    record("evidence", "F1", "given", about="E1", claims=["innovation", "challenge"]),
    record("evidence", "F2", "rejected", about="E1", claims=["livelihoods"]),
    record("case", "K1", "drafted", lessons=[["start early", "funds"], ["talk", ""]]),
    record("objective", "O1", "locked"),
    record("objective", "O2", "locked", learning_objective="LO2"),
    record("objective", "O3", "locked", learning_objective="LO3"),
    record("champion", "C1", "trained", person=8, experiences=["E1"]),
    record("champion", "C2", "declined", person=8, experiences=["E2"]),
    record("delegation", "D1", "confirmed", organisation=1, visiting=True, lead=7),
    record("delegation", "D2", "confirmed", organisation=2, visiting=False, lead=8),
    record("participant", "P1", "left_early", person=7, delegation="D1"),
    record("participant", "P2", "no_show", person=8, delegation="D2"),
    record("session", "S1", "planned", on="2016-11-03", kind="field_visit", experience="E1", leads=["C1"]),
    record("session", "S2", "planned", on="2016-11-04", kind="analysis", experience="E1", leads=["C2"]),
    record("session", "S3", "planned", on="2016-11-05", kind="plan_drafting", objectives=["O3"], presenters=["D2"]),
    record("session", "S4", "planned", on="2016-11-06", kind="ceremony", presenters=["D1"]),
    record("session", "S5", "cancelled", on="2016-11-05", kind="case_presentation", experience="E2", leads=["C1"]),
    record("plan", "A1", "drafted", delegation="D1", ends_on="2017-06-30", final_on="2016-11-28", awarded_on="2017-01"),
    record("checkin", "Q1.1", "answered", delegation="D1", due="2017-12-01", answered_on="2016-12-09"),
    record("checkin", "Q1.3", "scheduled", delegation="D1", due="2017-10-05"),
    record("checkin", "Q2.1", "scheduled", delegation="D2", due="2016-10-03"),
    record("cascade", "R1", "verified", delegation="D1"),
    record("cascade", "R2", "rejected", delegation="D1"),
    record("sharing", "R3", "sent", sort="route_record", organisation=1),
    record("sharing", "R4", "bounced", sort="route_record", organisation=2),
)
WORKED_OUT = {
    ("route", "r"): {
        "final_due": "2016-11-30",
        "visit_days": 7,
        "visit_holidays": ["2016-11-01 All Saints"],
        "last_checkin": None,
        "digest_on": "2016-10-10",
        "last_activity": "2017-10-05",
        "host_is_visiting": False,
        "last_working_session": "plan_drafting",
    },
    ("experience", "E1"): {
        "claims": ["good_practice", "innovation", "challenge"],
        "unproved": ["good_practice", "livelihoods"],
        "analysed": True,
        "is_visited": True,
    },
    ("experience", "E2"): {
        "claims": [],
        "unproved": ["challenge", "livelihoods"],
        "analysed": True,
        "is_visited": False,
    },
    ("case", "K1"): {"bare_lessons": ["talk"]},
    ("objective", "O1"): {"experience_selected": True, "is_session": True, "is_experience": True},
    ("objective", "O2"): {"is_session": True, "is_experience": True},
    ("objective", "O3"): {"is_session": True, "is_experience": False},
    ("champion", "C1"): {"country": "RW", "is_actor": True},
    ("champion", "C2"): {"is_actor": False},
    ("delegation", "D1"): {"attended": True, "cascades": 1, "is_host": False},
    ("delegation", "D2"): {"attended": False, "cascades": 0, "is_host": True},
    ("participant", "P1"): {
        "visiting": True,
        "organisation": 1,
        "country": "MW",
        "email": "ana@example.org",
        "is_lead": True,
    },
    ("session", "S1"): {
        "serves": ["O1", "O2"],
        "leads_own_case": True,
        "has_champion": True,
        "in_visit": True,
        "presents_all": True,
    },
    ("session", "S2"): {"leads_own_case": False, "has_champion": False},
    ("session", "S3"): {"serves": ["O3"], "leads_own_case": True, "has_champion": False, "presents_all": False},
    ("session", "S4"): {"serves": [], "in_visit": False, "presents_all": True},
    ("plan", "A1"): {"final_due": "2016-11-30", "visiting": True, "last_word_on": "2016-12-09"},
    ("checkin", "Q1.3"): {"asked": False},
    ("checkin", "Q2.1"): {"asked": True},
    ("organisation", "1"): {"record_shared": True},
    ("person", "7"): {"address_state": "good"},
    ("person", "8"): {"address_state": None},
    ("organisation", "2"): {"record_shared": False},
}
ROUTE = {"host_country": "RW", "visit_start": "2016-10-30", "visit_end": "2016-11-05", "live_on": "2016-10-05"}
NUMBERS = {"final_plan_due_days_after_visit_end": 25, "checkpoint_months": [1, 3, 6, 12]}
DAYS_OFF = {"RW": {date(2016, 11, 1): "All Saints", date(2016, 12, 25): "Christmas"}}


@pytest.mark.parametrize(("kind", "key"), WORKED_OUT)
def test_a_fact_is_worked_out_from_the_records_it_hangs_on(kind: str, key: str) -> None:
    known = facts(*RECORDS, route=ROUTE, parameters=NUMBERS, holidays=DAYS_OFF)
    subject = known.route if kind == "route" else known.find(kind, key)
    assert subject is not None

    assert {name: known.value(subject, name) for name in WORKED_OUT[kind, key]} == WORKED_OUT[kind, key]


def test_the_last_check_in_is_told_until_check_ins_are_made() -> None:
    known = facts(route=ROUTE, parameters=NUMBERS)

    assert known.value(known.route, "last_checkin") == "2017-11-05"


def test_a_visit_known_to_the_month_has_neither_days_nor_a_day_for_final_plans() -> None:
    known = facts(route={"visit_start": "2016-10", "visit_end": "2016-11"}, parameters=NUMBERS)

    assert [known.value(known.route, name) for name in ("final_due", "visit_days", "last_checkin")] == [None] * 3


def test_every_fact_that_is_worked_out_is_tried_here() -> None:
    assert {(kind, name) for (kind, _), told in WORKED_OUT.items() for name in told} == set(DERIVATIONS)
