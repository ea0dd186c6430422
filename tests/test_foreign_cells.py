"""What the cells of other people's lists mean: taken as a person would, refused with a sentence, never guessed."""

import subprocess
import sys
from collections import Counter
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrflow.catalogue import KINDS, Field
from lrflow.catalogue.reading import read_value
from lrflow.errors import Misused
from lrflow.lists.amounts import parted_currency
from lrflow.lists.cells import Reading, claimed, leads, name_of_parts, read_cell, spoken_name
from lrflow.lists.choosing import is_pause, kind_within
from lrflow.lists.days import day_in, day_text, read_column, says
from lrflow.lists.likeness import Index, folded, near
from lrflow.lists.words import words

VOCABULARIES = {
    "areas": ("policy", "msp", "budget", "advocacy", "governance"),
    "objectives": ("SO1", "SO2", "SO3", "SO4"),
    "learning_objectives": ("LO1", "LO2", "LO3", "LO4"),
}
TITLES = {"areas": {"policy": "Policy review, policy tracking, communications"}}
READING = Reading(VOCABULARIES, titles=TITLES)
STATES = Field("state", "choice", "", choices=("named", "confirmed", "cleared", "attended", "no_show", "withdrawn"))


def field(name: str) -> Field:
    kind, _, of = name.partition(".")
    found = KINDS[kind].field(of)
    assert found is not None
    return found


def cell(name: str, value, **reading) -> str:
    return read_cell(field(name), value, Reading(VOCABULARIES, titles=TITLES, **reading))


def refused(name: str, value, **reading) -> str:
    with pytest.raises(Misused) as fault:
        cell(name, value, **reading)
    return fault.value.message


TAKEN = [
    ("person.name", "  Awa   Diop ", "Awa Diop"),
    ("person.name", "DIOP Awa\nMarie", "DIOP Awa Marie"),
    ("person.name", "محمد علي", "محمد علي"),
    ("person.name", "2. O’Brien", "O’Brien"),
    ("person.name", "\u202eJosé\u200b María", "José María"),
    ("person.email", " ET3@Example.org ", "et3@example.org"),
    ("person.email", "mailto:a@b.org?subject=x", "a@b.org"),
    ("person.email", "Awa Diop <a@b.org>;", "a@b.org"),
    ("person.email", "a @b.org (perso)", "a@b.org"),
    ("person.email", "n/a", ""),
    ("person.phone", 250788000001.0, "+250 788 000 001"),
    ("person.phone", "00 250 788 000 001", "+250 788 000 001"),
    ("person.phone", "Tél. : +250-788-000-001 (WhatsApp)", "+250 788 000 001"),
    ("person.phone", "+44 (0)20 7946 0958", "+44 20 7946 0958"),
    ("person.phone", "-", ""),
    ("person.country", "Côte d’Ivoire", "CI"),
    ("person.country", "RDC", "CD"),
    ("person.country", "R.D.C.", "CD"),
    ("person.country", "Congo (RDC)", "CD"),
    ("person.country", "République démocratique du Congo", "CD"),
    ("person.country", "Congo-Brazzaville", "CG"),
    ("person.country", "Tanzanie", "TZ"),
    ("person.country", "Tanzania, United Republic of", "TZ"),
    ("person.country", "Kyrgyzstan", "KG"),
    ("person.country", "Kirghizistan", "KG"),
    ("person.country", "República de Moçambique", "MZ"),
    ("person.country", "Guinée Bissau", "GW"),
    ("person.country", "the Gambia", "GM"),
    ("person.country", "NA", "NA"),
    ("person.country", "rwa", "RW"),
    ("person.country", "Etats-Unis", "US"),
    ("person.language", "anglais", "en"),
    ("person.language", "Castellano", "es"),
    ("person.language", "pt-BR", "pt"),
    ("person.language", "Français (Canada)", "fr"),
    ("person.language", "wolof, français", "fr"),
    ("person.sex", "F", "female"),
    ("person.sex", "M.", "male"),
    ("person.sex", "H", "male"),
    ("person.sex", "Mujer", "female"),
    ("person.sex", "homem", "male"),
    ("person.sex", "Mme", "female"),
    ("person.age_band", "<35", "under_35"),
    ("person.age_band", "moins de 35 ans", "under_35"),
    ("person.age_band", 41.0, "35_or_over"),
    ("person.age_band", "35 y más", "35_or_over"),
    ("person.age_band", "18-35", "under_35"),
    ("experience.good_practice", True, "yes"),
    ("experience.good_practice", "✓", "yes"),
    ("experience.good_practice", "VRAI", "yes"),
    ("experience.good_practice", 0.0, "no"),
    ("experience.good_practice", "não", "no"),
    ("experience.good_practice", "-", ""),
    ("experience.areas", "msp, policy", "msp+policy"),
    ("experience.areas", "Plaidoyer / Suivi budgétaire et gouvernance", "advocacy+budget+governance"),
    ("experience.areas", "• Incidencia\n• Orçamento", "advocacy+budget"),
    ("experience.areas", "Policy review, policy tracking, communications; MSP", "policy+msp"),
    ("experience.levels", "Communauté, district y nacional", "community+district+national"),
    ("experience.learning_objectives", "LO 1; lo2", "LO1+LO2"),
    ("session.kind", "Visite de terrain", "field_visit"),
    ("session.kind", "Feria de experiencias", "experience_fair"),
    ("session.stakeholders", "Ministère, ONU & bailleurs", "government+un+donor"),
    ("organisation.kind", "ONG", "cso"),
    ("participant.visa", "pas nécessaire", "not_needed"),
    ("champion.outcome", "Aprobado", "passed"),
    ("plan.msp_engagement", "aucun", "none"),
    ("plan.cost", "5 000 USD", "5000.00 USD"),
    ("plan.cost", "US$ 5,000.00", "5000.00 USD"),
    ("plan.cost", "1.000,50 EUR", "1000.50 EUR"),
    ("plan.cost", "£1,009,038", "1009038.00 GBP"),
    ("plan.cost", "5.000 RWF", "5000 RWF"),
    ("plan.cost", "Ksh 25,000", "25000.00 KES"),
    ("plan.months", "6 mois", "6"),
    ("checkin.month", "M3", "3"),
    ("checkin.percent", 0.35, "35"),
    ("checkin.percent", "35 %", "35"),
    ("checkin.percent", "0,35", "35"),
    ("cascade.women", 12.0, "12"),
    ("cascade.women", "1 200", "1200"),
    ("budget.rate", "0,79", "0.79"),
    ("case.how", "first\nthen", "first\nthen"),
    ("case.success_factors", "- trust\n- time", "trust\ntime"),
    ("case.success_factors", "trust, time, money", "trust\ntime\nmoney"),
    ("experience.title", '=HYPERLINK("x")', '=HYPERLINK("x")'),
    ("experience.title", 12.0, "12"),
    ("experience.title", "#N/A", ""),
]


@pytest.mark.parametrize(("name", "value", "text"), TAKEN, ids=lambda each: str(each)[:30])
def test_a_cell_is_read_as_a_person_would_and_the_catalogue_takes_it(name, value, text):
    found = cell(name, value)

    assert found == text
    described = field(name)
    if described.type != "day":
        read_value(described, found, date(2016, 6, 10), VOCABULARIES.get(described.vocabulary, ()))


REFUSED = [
    ("person.name", '=HYPERLINK("http://example.org","x")', "looks like a formula, not a name"),
    ("person.name", "@SUM(1)", "looks like a formula, not a name"),
    ("person.name", "-2+3|cmd", "looks like a formula, not a name"),
    ("person.name", "a@b.org", "is an address, not a name"),
    ("person.name", "TBC", "is nobody's name"),
    ("person.name", 12345.0, "is not a name"),
    ("person.email", "awa.diop@", "is not an e-mail address"),
    ("person.email", "a@b.org / c@d.org", "holds several addresses"),
    ("person.phone", "12", "'12' is not a telephone number"),
    ("person.phone", "0788000001", "is not a telephone number"),
    ("person.phone", "2.50788E+11", "was cut short by the spreadsheet"),
    ("person.phone", "+250788000001 ou +250788000002", "holds several numbers"),
    ("person.country", "Congo", "may be Congo - Brazzaville (CG) or Congo - Kinshasa (CD)"),
    ("person.country", "Rwnda", "did you mean Rwanda (RW)?"),
    ("person.country", "Kigali, Rwanda", "did you mean Rwanda (RW)?"),
    ("person.country", "EU", "is not a country"),
    ("person.language", "wolof", "'wolof' is a language without texts; use en, fr, es or pt"),
    ("person.language", "kinyarwanda", "'kinyarwanda' is a language without texts; use en, fr, es or pt"),
    ("person.language", "anglais/français", "are several languages"),
    ("person.language", "Englsh", "did you mean en?"),
    ("person.sex", "?", "sex cannot be '?'"),
    ("person.age_band", "30-40", "age_band cannot be '30-40'"),
    ("experience.good_practice", "maybe", "'maybe' is neither yes nor no"),
    ("experience.areas", "nutrition", "areas cannot be 'nutrition'; it is one of policy, msp"),
    ("experience.areas", "advocasy", "did you mean advocacy?"),
    ("plan.cost", "5000", "'5000' says no currency"),
    ("plan.cost", "5k USD", "is not one amount with its currency"),
    ("plan.cost", "environ 5000 USD", "is not one amount with its currency"),
    ("plan.cost", "5000-6000 USD", "is not one amount above zero"),
    ("plan.cost", "-5 USD", "is not one amount above zero"),
    ("plan.cost", "1200.555 USD", "has more decimals than USD has"),
    ("plan.cost", "500 000 FCFA", "FCFA is XOF or XAF"),
    ("cascade.women", 12.5, "'12.5' is not a whole number"),
    ("cascade.women", "about 30", "'about 30' is not a whole number"),
    ("experience.title", "#REF!", "#REF! is where the spreadsheet failed"),
]


@pytest.mark.parametrize(("name", "value", "says"), REFUSED, ids=lambda each: str(each)[:30])
def test_what_cannot_be_read_is_refused_with_a_sentence(name, value, says):
    message = refused(name, value)

    assert says in message
    assert not message.endswith(".") or "e-mail" in says  # that sentence is the library's own


def test_the_country_of_the_row_completes_a_telephone_number():
    assert cell("person.phone", "77 123 45 67", country="SN") == "+221 77 123 45 67"
    assert cell("person.phone", 788000001.0, country="RW") == "+250 788 000 001"
    assert cell("person.phone", 250788000001.0, country="ET") == "+250 788 000 001"
    assert cell("person.phone", "+254 700 000 000", country="RW") == "+254 700 000000"


def test_the_country_and_the_column_of_currencies_complete_an_amount():
    assert cell("plan.cost", 5000.0, currency="USD") == "5000.00 USD"
    assert cell("plan.cost", 1200.3333, currency="EUR") == "1200.33 EUR"
    assert cell("plan.cost", "500 000 FCFA", country="SN") == "500000 XOF"
    assert cell("plan.cost", "500 000 F CFA", country="CM") == "500000 XAF"
    assert "two currencies" in refused("plan.cost", "5000 EUR", currency="USD")
    assert "may be USD or the currency of CL" in refused("plan.cost", "$5,000", country="CL")


def test_m_is_mujer_only_where_the_list_says_hombre():
    assert cell("person.sex", "M") == "male"
    assert cell("person.sex", "M", is_m_female=True) == "female"
    assert cell("person.sex", "Mujer", is_m_female=True) == "female"


def test_a_language_asked_about_once_is_used():
    assert cell("person.language", "Wolof", spoken={"wolof": "fr"}) == "fr"


@pytest.mark.parametrize(
    ("text", "state"), [("Confirmé", "confirmed"), ("presente", "attended"), ("no show", "no_show")]
)
def test_states_are_known_by_their_words_in_four_languages(text, state):
    assert read_cell(STATES, text, READING) == state


@pytest.mark.parametrize(
    "text", ["chef de délégation", "Head of delegation", "Jefa de delegación", "Chefe", "x", "oui"]
)
def test_whoever_leads_is_told_from_a_role(text):
    assert leads(text)


@pytest.mark.parametrize("text", ["membre", "hôte", "Coordinateur national", "Responsable de programme", "", "no"])
def test_a_profession_is_not_a_lead(text):
    assert not leads(text)


def test_first_and_last_name_make_a_name():
    assert name_of_parts(" Awa ", "DIOP  Fall") == "Awa DIOP Fall"
    assert name_of_parts("", "Diop") == "Diop"


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=40) | st.floats(allow_nan=False, allow_infinity=False) | st.integers() | st.booleans())
def test_any_cell_of_any_field_is_read_or_refused(value):
    for described in KINDS["person"].fields + KINDS["plan"].fields + KINDS["experience"].fields:
        try:
            if described.type == "day":
                day_text(value, "dmy", described.month)
            else:
                read_cell(described, value, READING)
        except Misused as fault:
            assert fault.message


def test_no_word_means_two_choices_of_one_field():
    twice = []
    for described in {each.name: each for kind in KINDS.values() for each in kind.fields if each.choices}.values():
        phrases = Counter(
            folded(phrase) for code in described.choices for phrase in {*words()["codes"].get(code, ()), code}
        )
        twice += [(described.name, phrase) for phrase, count in phrases.items() if count > 1]

    assert twice == []


def test_every_code_of_the_words_is_one_that_is_used():
    used = {code for kind in KINDS.values() for each in kind.fields for code in each.choices}
    used |= {code for known in VOCABULARIES.values() for code in known}
    states = set(words()["codes"]) - used

    from lrflow.workflow.reading import folder_of, read

    lives = read(folder_of("sun-csn")).lives
    assert states - {state for life in lives.values() for state in life.states} == set()


def test_what_reads_cells_loads_no_heavy_library_before_it_needs_one():
    script = (
        "import sys, lrflow.lists.cells, lrflow.lists.days, lrflow.lists.headers; "
        "sys.exit(any(name in sys.modules for name in ('babel', 'phonenumbers', 'holidays', 'email_validator')))"
    )

    assert subprocess.run([sys.executable, "-c", script]).returncode == 0


# ----------------------------------------------------------------------------------------------------------------- days

DAYS = [
    ("3 avril 2017", "2017-04-03"),
    ("1er avril 2017", "2017-04-01"),
    ("3-Apr-17", "2017-04-03"),
    ("April 3rd, 2017", "2017-04-03"),
    ("mardi 3 avril 2018 à 14h30", "2018-04-03"),
    ("3 de abril de 2017", "2017-04-03"),
    ("15 déc. 2016", "2016-12-15"),
    ("12 Aout 2016", "2016-08-12"),
    ("2016-09-03 14:30", "2016-09-03"),
    ("2016/9/3", "2016-09-03"),
    ("20160903", "2016-09-03"),
    (42645.0, "2016-10-02"),
    ("42645", "2016-10-02"),
    (date(2016, 9, 3), "2016-09-03"),
    (datetime.fromisoformat("2016-09-03T14:30"), "2016-09-03"),
    ("25/03/2018", "2018-03-25"),
    ("05/05/2018", "2018-05-05"),
    ("13.04.98", "1998-04-13"),
    ("", ""),
    (None, ""),
    ("n/a", ""),
]


@pytest.mark.parametrize(("value", "day"), DAYS, ids=str)
def test_a_day_is_read_however_it_is_written(value, day):
    assert day_text(value) == day


@pytest.mark.parametrize(
    ("value", "month"),
    [("abril de 2017", "2017-04"), ("2016-09", "2016-09"), ("09/2016", "2016-09"), ("Sep-16", "2016-09")],
)
def test_a_month_is_taken_only_where_a_month_will_do(value, month):
    assert day_text(value, month_allowed=True) == month
    with pytest.raises(Misused) as fault:
        day_text(value)
    assert "is only a month" in fault.value.message


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("03/04/2018", "03/04/2018 can be Tuesday 3 April 2018 or Sunday 4 March 2018"),
        ("13/13/2018", "'13/13/2018' is no day of the calendar"),
        ("31 février 2017", "'31 février 2017' is no day of the calendar"),
        ("2016", "2016 is only a year; the day is needed here"),
        (2016.0, "2016 is only a year; the day is needed here"),
        ("April 16", "'April 16' names no year"),
        ("30 Oct - 5 Nov 2016", "'30 Oct - 5 Nov 2016' is more than one day"),
        ("soon", "'soon' is not a day"),
        (5.0, "5 is not a day"),
        (True, "'True' is not a day"),
    ],
    ids=str,
)
def test_what_is_no_day_for_sure_is_refused(value, message):
    with pytest.raises(Misused) as fault:
        day_text(value)

    assert fault.value.message == message


@pytest.mark.parametrize(
    ("cells", "order", "said"),
    [
        (["03/04/2018", "25/04/2018"], "dmy", "read as day/month: 25/04/2018 is Wednesday 25 April 2018"),
        (["03/04/2018", "04/25/2018"], "mdy", "read as month/day: 04/25/2018 is Wednesday 25 April 2018"),
        (
            ["03/04/2018", date(2019, 2, 13)],
            "open",
            "03/04/2018 is Tuesday 3 April 2018 or 03/04/2018 is Sunday 4 March 2018",
        ),
        (
            ["03/04/2018", "13/04/2018", "04/25/2018"],
            "mixed",
            "some days are written day first, some month first, as in 13/04/2018 and 04/25/2018",
        ),
        (["13/13/2018", "31/02/2018", "03/04/2018"], "open", None),
        (["2018-04-03", None, "3 avril 2018", 42645.0], "plain", ""),
        ([], "plain", ""),
    ],
)
def test_the_column_itself_tells_the_order_of_its_days(cells, order, said):
    column = read_column(cells)

    assert column.order == order
    assert said is None or says(column) == said


def test_the_order_of_the_column_decides_a_day_of_two_readings_and_no_other():
    assert day_text("03/04/2018", "dmy") == "2018-04-03"
    assert day_text("03/04/2018", "mdy") == "2018-03-04"
    assert day_text("25/04/2018", "mixed") == "2018-04-25"
    with pytest.raises(Misused):
        day_text("03/04/2018", "mixed")


# ------------------------------------------------------------------------------------------------------------- likeness


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("  Éthiopie — N°1 ", "ethiopie n 1"),
        ("Jusqu’au", "jusqu au"),
        ("ŁÓDŹ Ørsted œuvre", "lodz orsted oeuvre"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("مُحَمَّد", "محمد"),
        ("कि", "कि"),
        ("O\u2019Brien\u200b", "o brien"),
    ],
)
def test_folding_keeps_what_is_said(text, said):
    assert folded(text) == said


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("Jean Bosco Niyonkurru", "Jean-Bosco Niyonkuru"),
        ("Diop Awa", "Awa Diop"),
        ("aliance burundi", "Alliance Burundi"),
        ("SUN Civil Society Aliance Rwanda", "SUN Civil Society Alliance Rwanda"),
        ("María-José Quispe", "Maria Jose Quispe"),
        ("CSONA", "Csona"),
    ],
)
def test_a_slip_in_a_name_is_found(text, known):
    assert near(text, Index.of(["Ana Silva", known, "Rui Dias"])) == (known,)


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("Participant MW 1", "Participant MW 2"),
        ("Participante ET 3", "Participante KE 3"),
        ("Alliance A", "Alliance B"),
        ("Civil Society Alliance for Nutrition in Malawi", "Civil Society Alliance for Nutrition in Uganda"),
        ("Awa Diop", "Awa Diop"),
        ("Ana", "Rui"),
        ("", "Rui"),
    ],
)
def test_names_that_differ_on_purpose_are_not_near(text, known):
    assert near(text, Index.of([known])) == ()


def test_the_nearest_come_first_and_five_at_most():
    index = Index.of([*(f"Esnart Mwandira Banda{sign}" for sign in "bcdefgh"), "ESNART Mwandira Banda"])

    found = near("Esnart Mwandira Banda", index)

    assert len(found) == 5
    assert found[0] == "ESNART Mwandira Banda"


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_one_mistake_in_a_long_name_is_found_wherever_it_stands(data):
    names = ["Esnart Mwandira Banda", "Jean-Bosco Niyonkuru Habimana", "María Fernanda Quispe Mamani"]
    name = data.draw(st.sampled_from(names))
    place = data.draw(st.integers(1, len(name) - 2))
    slipped = name[:place] + data.draw(st.sampled_from(["", "w", name[place] * 2])) + name[place + 1 :]

    assert folded(slipped) == folded(name) or name in near(slipped, Index.of(names)) or slipped in names


# ------------------------------------------------------------------------------------------ beside the cells themselves


@pytest.mark.parametrize(
    ("text", "is_last_first", "name"),
    [
        ("QUISPE MAMANI, Ana María", False, "Ana María QUISPE MAMANI"),
        ("Rojas Vargas, Luis", True, "Luis Rojas Vargas"),
        ("Rojas Vargas, Luis", False, "Rojas Vargas, Luis"),
        ("FLORES, Dr. José", False, "José FLORES"),
        ("Mary Chirwa, PhD", True, "Mary Chirwa, PhD"),
        ("Mme Awa DIOP", False, "Awa DIOP"),
        ("M. K. Gandhi", False, "M. K. Gandhi"),
        ("Drissa Traoré", False, "Drissa Traoré"),
        ("Sra", False, "Sra"),
        ("Dr", False, "Dr"),
    ],
)
def test_a_name_is_turned_and_freed_of_titles_only_where_that_is_sure(text, is_last_first, name):
    assert spoken_name(text, is_last_first=is_last_first) == name


@pytest.mark.parametrize(
    ("text", "good_practice", "innovation"),
    [("Both", "yes", "yes"), ("Les deux", "yes", "yes"), ("Buena práctica", "yes", "no"), ("Innovation", "no", "yes")],
)
def test_one_column_says_good_practice_or_innovation_or_both(text, good_practice, innovation):
    assert claimed(text) == {"good_practice": good_practice, "innovation": innovation}


@pytest.mark.parametrize(
    ("header", "said", "currency"),
    [
        ("Amount (USD)", "Amount", "USD"),
        ("Coût en FCFA", "Coût", "FCFA"),
        ("Budget US$", "Budget", "US$"),
        ("Name of CSA", "Name of CSA", ""),
        ("USD", "USD", ""),
    ],
)
def test_a_header_may_end_with_the_currency_of_its_amounts(header, said, currency):
    assert parted_currency(header) == (said, currency)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Day 1: Sunday 30 October 2016", "2016-10-30"),
        ("Jour 2 - lundi 31/10/2016", "31/10/2016"),
        ("Day 1 (30/10/2016)", "30/10/2016"),
        ("Saturday 5 November", "5 November"),
        ("Día 3", "Día 3"),
        ("Field visit", ""),
        ("Mars 2016", ""),
    ],
)
def test_a_line_over_the_rows_of_an_itinerary_says_their_day(text, said):
    assert day_in(text) == said


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Opening and welcome", "induction"),
        ("Visita al centro de acopio", "field_visit"),
        ("Presentation of the action plans", "plan_presentation"),
        ("Evaluation and closing", ""),
        ("Transport", ""),
    ],
)
def test_words_in_the_name_of_an_activity_tell_one_kind_of_session_or_none(text, kind):
    assert kind_within(text) == kind


def test_meals_and_breaks_are_no_sessions():
    assert all(map(is_pause, ("Lunch", "Pause café", "Almuerzo en el hotel")))
    assert not any(map(is_pause, ("Launch of the route", "Breaking the silence", "")))
