"""The words that go out: four languages, whole and equal, and values that stay values."""

import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from html import unescape
from itertools import product
from pathlib import Path

import pytest

from lrflow.channels import Letter
from lrflow.channels.letters import build_message
from lrflow.errors import Misused, NotFound
from lrflow.messages import (
    Line,
    Worded,
    Words,
    alarm,
    day_in_words,
    faults,
    inherited,
    next_call,
    next_step,
    read_messages,
    relative,
    word,
)
from lrflow.planner import REASONS

FOLDER = Path(__file__).parents[1] / "workflows" / "sun-csn" / "messages"
LANGUAGES = ("en", "fr", "es", "pt")
RULES = (
    "stage-due", "travel-docs", "travel-docs-lead", "champion-ready", "reading", "survey", "share-learning",
    "final-plan-soon", "final-plan-overdue", "final-plan-escalation", "award-start",
    "award-start-late", "action-due-soon", "action-overdue", "check-in", "check-in-again",
    "check-in-escalation", "plan-stalled", "guard-missing", "programme-end", "weekly-digest",
    "hold-review", "waiver-ends", "postponed", "postponed-month", "call",
)  # fmt: skip
TODAY = date(2016, 11, 27)  # a Sunday
DUE = date(2016, 11, 30)
NAMED = (
    *("item", "delegation", "count", "missing", "remedy", "visit_start", "visit_end", "next_step"),
    *("whom", "phone"),
)
COMMAND = 'lrflow -r asia-2017-nepal note A12.10 "..."'
OVERRIGHT = "\u202e"  # right-to-left override
ENDOVERRIDE = "\u202c"


@pytest.fixture(scope="module")
def messages():
    return read_messages(FOLDER)


def typical(language: str) -> dict[str, str]:
    return {
        "item": "Nutrition in 5 districts",
        "delegation": "CSONA Malawi",
        "count": "3",
        "missing": "P3, P7, P9",
        "remedy": "lrflow mark P3 cleared",
        "visit_start": day_in_words(date(2016, 10, 30), language),
        "visit_end": day_in_words(date(2016, 11, 5), language),
        "next_step": "",
        "command": COMMAND,
        "whom": "Amina Banda",
        "phone": "+265 1 234",
    }


def worded(words: Words, *lines: Line, today: date = TODAY, person: str = "Ana") -> Worded:
    return word(
        words,
        lines,
        person=person,
        route="Rwanda 2016",
        sender="SUN CSN Learning Routes",
        coordinator="Maria Rivera",
        today=today,
    )


def page(language: str, *blocks: str) -> str:
    head = f'<!DOCTYPE html>\n<html lang="{language}"><head><meta charset="utf-8"></head>'
    return "\n".join([head, '<body style="font-family:sans-serif;line-height:1.4">', *blocks, "</body></html>", ""])


def said(words: Words, rule: str, *, today: date = TODAY, due: date | None = DUE, **values: str) -> str:
    line = Line(rule, typical(words.language) | values, due, "rwanda-2016:A3")
    return worded(words, line, today=today).text.splitlines()[2]


def placeholders(words: Words, rule: str) -> set[str]:
    texts = words.nudges[rule]
    return set(re.findall(r"\{(\w+)\}", f"{texts.subject} {texts.line} {texts.past}"))


def spoilt(folder: Path, *changes: tuple[str, str]) -> Path:
    text = (FOLDER / "en.toml").read_text(encoding="utf-8")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    (folder / "en.toml").write_text(text, encoding="utf-8")
    return folder


# The four languages


def test_every_language_has_every_rule(messages):
    found = faults(messages, RULES, LANGUAGES)

    assert found == []
    assert all(set(messages[language].nudges) == set(RULES) for language in LANGUAGES)


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_asks_for_the_same_values_in_every_language(messages, rule):
    used = {language: placeholders(messages[language], rule) for language in LANGUAGES}

    assert {frozenset(names) for names in used.values()} == {frozenset(used["en"])}, used


@pytest.mark.parametrize("rule", RULES)
def test_a_past_wording_exists_in_all_languages_or_in_none(messages, rule):
    assert len({messages[language].nudges[rule].past is None for language in LANGUAGES}) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_is_worded_short_and_without_a_brace_left(messages, language):
    for rule, today in product(RULES, [date(2016, 11, 16), date(2016, 12, 14)]):
        code = "rwanda-2016" if rule.startswith("postponed") else "rwanda-2016:A3"
        month = {"visit_start": "October 2016"} if rule == "postponed-month" else {}
        line = Line(rule, typical(language) | month, DUE, code)

        message = worded(messages[language], line, today=today)

        own = messages[language].nudges[rule].subject.rpartition("}")[2]
        assert len(message.subject) <= 60 and message.subject.endswith(own), (rule, message.subject)
        assert not re.search(r"[{}]", message.subject + message.text), rule
        assert len(message.text.encode()) < 2048, rule


def test_no_answer_word_means_two_things_whatever_the_language(messages):
    meanings: dict[str, set[str]] = {}

    for words in messages.values():
        for meaning, answer in words.answers.items():
            meanings.setdefault(answer.casefold(), set()).add(meaning)

    assert {answer: found for answer, found in meanings.items() if len(found) > 1} == {}


def test_the_whole_message_in_english(messages):
    message = worded(messages["en"], Line("action-due-soon", {"item": "Meet the budget officer"}, DUE, "asia:A3.2"))

    assert message == Worded(
        subject="[asia:A3.2] Meet the budget officer - due in 3 days",
        html=page(
            "en",
            "<p>Dear Ana,</p>",
            "<p>“Meet the budget officer” is due on Wednesday 30 November 2016 (in 3 days). Is it on course? "
            "If you need help or another date, just say so. [asia:A3.2]</p>",
            "<p>Just reply in your own words, or with: done / started / blocked / later (with a date) / not mine.<br>"
            "Several points? One line each, beginning with its number: 2 done<br>"
            "Why you get this: you are part of this Learning Route (Rwanda 2016), coordinated by Maria Rivera.<br>"
            "No more messages: reply stop. To hear from us again: start.<br>SUN CSN Learning Routes</p>",
        ),
        text="""Dear Ana,

“Meet the budget officer” is due on Wednesday 30 November 2016 (in 3 days). Is it on course? \
If you need help or another date, just say so. [asia:A3.2]

Just reply in your own words, or with: done / started / blocked / later (with a date) / not mine.
Several points? One line each, beginning with its number: 2 done
Why you get this: you are part of this Learning Route (Rwanda 2016), coordinated by Maria Rivera.
No more messages: reply stop. To hear from us again: start.
SUN CSN Learning Routes
""",
        language="en",
    )


def test_the_whole_message_in_french(messages):
    message = replace(worded(messages["fr"], Line("survey", {}, None, "rwanda-2016:P3")), html="")

    assert message == Worded(
        subject="[rwanda-2016:P3] Comment s'est passée la visite ?",
        text="""Bonjour Ana,

Merci d'avoir parcouru cette route avec nous. Dites-nous en quelques mots : (a) ce qui a été le plus utile ; \
(b) ce que vous changeriez ; (c) une chose que vous utiliserez chez vous. [rwanda-2016:P3]

Répondez avec vos propres mots, ou simplement : fait / commencé / bloqué / plus tard (avec une date) / pas pour moi.
Plusieurs points ? Une ligne pour chacun, en commençant par son numéro : 2 fait
Pourquoi ce message : vous faites partie de cette route d'apprentissage (Rwanda 2016), coordonnée par Maria Rivera.
Ne plus rien recevoir : répondez stop. Recevoir à nouveau : reprendre.
SUN CSN Learning Routes
""",
        language="fr",
    )


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The final version of “Nutrition in 5 districts” was due on Wednesday 30 November 2016 (3 days ago). "
               "If it is ready, please send it; if something holds it up, tell us what, or give us a new date. "
               "If we have no news by Monday 5 December 2016, we will also ask Amina. [rwanda-2016:A3]"),
        ("fr", "La version finale de « Nutrition in 5 districts » était attendue le mercredi 30 novembre 2016 "
               "(il y a 3 jours). Si elle est prête, merci de l'envoyer ; si quelque chose la retarde, dites-nous "
               "quoi, ou proposez une nouvelle date. Sans nouvelles d'ici le lundi 5 décembre 2016, nous nous "
               "adresserons aussi à Amina. [rwanda-2016:A3]"),
        ("es", "La versión final de «Nutrition in 5 districts» debía llegar a más tardar el miércoles 30 de "
               "noviembre de 2016 (hace 3 días). Si está lista, envíela por favor; si algo la retrasa, díganos qué, "
               "o proponga otra fecha. Si no tenemos noticias a más tardar el lunes 5 de diciembre de 2016, "
               "preguntaremos también a Amina. [rwanda-2016:A3]"),
        ("pt", "O prazo para a versão final de «Nutrition in 5 districts» era quarta-feira, 30 de novembro de 2016 "
               "(há 3 dias). Se está pronta, envie-a por favor; se algo a atrasa, diga-nos o quê, ou proponha outra "
               "data. Se não tivermos notícias até segunda-feira, 5 de dezembro de 2016, perguntaremos também a "
               "Amina. [rwanda-2016:A3]"),
    ],
)  # fmt: skip
def test_an_overdue_plan_says_since_when_and_who_is_asked_next(messages, language, text):
    words = messages[language]
    announced = next_step(words, "Amina", date(2016, 12, 5))

    line = said(words, "final-plan-overdue", today=date(2016, 12, 3), next_step=announced)

    assert line == text


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Nutrition in 5 districts: planned to end by Wednesday 30 November 2016 (in 3 days). "
               "Is it on course, or should the date move? [rwanda-2016:A3]"),
        ("fr", "Nutrition in 5 districts : fin prévue le mercredi 30 novembre 2016 (dans 3 jours). "
               "Tout avance-t-il comme prévu, ou faut-il changer la date ? [rwanda-2016:A3]"),
        ("es", "Nutrition in 5 districts: final previsto para el miércoles 30 de noviembre de 2016 (dentro de 3 "
               "días). ¿Avanza según lo previsto o hay que cambiar la fecha? [rwanda-2016:A3]"),
        ("pt", "Nutrition in 5 districts: fim previsto para quarta-feira, 30 de novembro de 2016 (dentro de 3 "
               "dias). Está a avançar como previsto ou é preciso mudar a data? [rwanda-2016:A3]"),
    ],
)  # fmt: skip
def test_a_stage_due_soon_is_said_in_each_language(messages, language, text):
    assert said(messages[language], "stage-due") == text


def test_nothing_announced_leaves_no_gap_in_the_line(messages):
    assert said(messages["en"], "final-plan-soon", next_step="").endswith("still open. [rwanda-2016:A3]")


@pytest.mark.requirement("L2")
def test_a_call_is_announced_as_one(messages):
    said = {language: next_call(words, "Amina", date(2016, 12, 5)) for language, words in messages.items()}

    assert said == {
        "en": "If we have no news by Monday 5 December 2016, Amina will call you.",
        "fr": "Sans nouvelles d'ici le lundi 5 décembre 2016, Amina vous appellera.",
        "es": "Si no tenemos noticias a más tardar el lunes 5 de diciembre de 2016, Amina le llamará.",
        "pt": "Se não tivermos notícias até segunda-feira, 5 de dezembro de 2016, receberá uma chamada de Amina.",
    }


@pytest.mark.requirement("L5")
def test_a_call_task_says_whom_why_since_when_and_what_to_type(messages):
    values = {"item": "Gardens", "whom": "Rehana B.", "phone": "+880 1", "count": "3", "command": COMMAND}

    message = worded(messages["en"], Line("call", values, DUE, "asia:A3"), today=date(2016, 12, 20))

    assert message.subject == "[asia:A3] Rehana B. - please call"
    assert message.text.splitlines()[2] == (
        "Please call Rehana B. (+880 1): no answer about “Gardens” (asia:A3). Messages sent: 3, the first on "
        'Wednesday 30 November 2016. Write down what you hear: lrflow -r asia-2017-nepal note A12.10 "..."'
    )


@pytest.mark.requirement("M2")
@pytest.mark.parametrize("language", LANGUAGES)
def test_who_took_over_hears_from_whom_and_what_was_said_before_the_code(messages, language):
    words = messages[language]
    after = inherited(words, "Ana Silva", 2)

    message = worded(words, Line("survey", {}, None, "asia:P3", after=after))

    assert "Ana Silva" in after and "2" in after
    assert message.text.splitlines()[2].endswith(f" {after} [asia:P3]")


def test_what_was_taken_over_stands_before_a_command_to_paste(messages):
    after = inherited(messages["en"], "Ana Silva", 2)
    line = Line("guard-missing", typical("en"), None, "asia", after=after)

    said = worded(messages["en"], line).text.splitlines()[2]

    assert said.startswith("You took this over from Ana Silva; messages sent about it before: 2. The next stage")
    assert said.endswith("What to do: lrflow mark P3 cleared")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_alarm_says_what_is_wrong_and_what_to_type(messages, language):
    said = [alarm(messages[language], kind, since="5 Dec 2016", count=19, people=12)
            for kind in ("flood", "clock", "restored", "mail")]  # fmt: skip

    assert all(re.search(r"lrflow (nudge|doctor)", text) and "{" not in text for text in said)
    assert "19" in said[0] and "12" in said[0]
    assert all("5 Dec 2016" in text for text in said[1:])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_of_silence_has_its_words(messages, language):
    assert set(messages[language].reasons) >= set(REASONS)


# Days and relative words


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["3 days ago", "2 days ago", "yesterday", "today", "tomorrow", "in 3 days", "in 14 days"]),
        ("fr", ["il y a 3 jours", "il y a 2 jours", "hier", "aujourd'hui", "demain", "dans 3 jours", "dans 14 jours"]),
        ("es", ["hace 3 días", "hace 2 días", "ayer", "hoy", "mañana", "dentro de 3 días", "dentro de 14 días"]),
        ("pt", ["há 3 dias", "há 2 dias", "ontem", "hoje", "amanhã", "dentro de 3 dias", "dentro de 14 dias"]),
    ],
)
def test_relative_words_count_days(language, words):
    assert [relative(days, language) for days in (-3, -2, -1, 0, 1, 3, 14)] == words


@pytest.mark.parametrize(
    ("language", "first", "last"),
    [
        ("en", "Thursday 1 December 2016", "Wednesday 30 November 2016"),
        ("fr", "jeudi 1er décembre 2016", "mercredi 30 novembre 2016"),
        ("es", "jueves 1 de diciembre de 2016", "miércoles 30 de noviembre de 2016"),
        ("pt", "quinta-feira, 1 de dezembro de 2016", "quarta-feira, 30 de novembro de 2016"),
    ],
)
def test_a_day_is_said_with_weekday_and_the_name_of_its_month(language, first, last):
    assert (day_in_words(date(2016, 12, 1), language), day_in_words(DUE, language)) == (first, last)


def test_another_language_known_to_babel_has_days_too():
    assert (day_in_words(DUE, "ru"), relative(3, "ru")) == ("среда, 30 ноября 2016\u202fг.", "через 3 дня")


def test_an_unknown_language_is_refused():
    with pytest.raises(Misused, match="klingon"):
        day_in_words(DUE, "klingon")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_past_wording_begins_the_day_after_the_due_day(messages, language):
    texts = messages[language].nudges["action-due-soon"]

    on_the_day = said(messages[language], "action-due-soon", today=DUE)
    day_after = said(messages[language], "action-due-soon", today=date(2016, 12, 1))

    assert on_the_day.endswith(texts.line.rpartition(")")[2] + " [rwanda-2016:A3]")
    assert relative(0, language) in on_the_day
    assert day_after.endswith(texts.past.rpartition(")")[2] + " [rwanda-2016:A3]")
    assert relative(-1, language) in day_after


@pytest.mark.requirement("B6")
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_nudge_says_how_far_its_day_is_from_the_day_on_which_it_leaves(messages, language):
    days = [date(2016, 11, 27), date(2016, 11, 29), DUE, date(2016, 12, 1), date(2016, 12, 10)]

    said = [said_on(messages[language], "final-plan-soon", day) for day in days]

    for day, (subject, text) in zip(days, said, strict=True):
        when = relative((DUE - day).days, language)
        assert when in text and (
            when in subject or "{when}" not in messages[language].nudges["final-plan-soon"].subject
        )


def said_on(words: Words, rule: str, today: date) -> tuple[str, str]:
    message = worded(words, Line(rule, typical(words.language), DUE, "rwanda-2016:A3"), today=today)
    return message.subject, message.text.splitlines()[2]


@pytest.mark.requirement("B6")
def test_what_is_foretold_is_never_said_after_its_day(messages):
    words = messages["en"]
    own = replace(words, nudges={"soon": replace(words.nudges["action-due-soon"], past=None)})
    line = Line("soon", typical("en"), DUE, "asia:A1", foretells=True)

    on_the_day = worded(own, line, today=DUE)
    with pytest.raises(Misused) as refusal:
        worded(own, line, today=date(2016, 12, 1))

    assert "is due on Wednesday 30 November 2016 (today)" in on_the_day.text
    assert refusal.value.problems == ("en.toml: nudges.soon.past: missing",)


# Several lines


@pytest.mark.requirement("H2")
def test_nine_lines_become_seven_and_the_number_of_the_others(messages):
    lines = [Line("action-due-soon", {"item": f"Action {n}"}, DUE, f"asia:A1.{n}") for n in range(1, 10)]

    message = worded(messages["fr"], *lines)

    shown = message.text.splitlines()[2:10]
    assert [line.partition(" : ")[0] for line in shown[:7]] == [f"{n}. « Action {n} »" for n in range(1, 8)]
    assert [line.rpartition(" ")[2] for line in shown[:7]] == [f"[asia:A1.{n}]" for n in range(1, 8)]
    assert shown[7] == "et 2 de plus"
    assert message.subject == "[asia] 9 points sur Rwanda 2016"


def test_seven_lines_are_all_said(messages):
    message = worded(messages["en"], *[Line("survey", {}, None, "asia:P1")] * 7)

    assert "7. Thank you" in message.text and "more\n" not in message.text


def test_a_message_with_several_lines_carries_no_single_records_code_in_its_subject(messages):
    message = worded(messages["en"], Line("survey", {}, None, "asia:P1"), Line("survey", {}, None, "rwanda-2016:P2"))

    assert message.subject == "[asia+rwanda-2016] 2 points about Rwanda 2016"


def test_a_line_may_name_another_route_than_the_message(messages):
    line = Line("weekly-digest", {"route": "Asia 2017", "count": "0", "missing": ""}, None, "asia")

    assert "\nAsia 2017 - waiting for you: 0. First: -. The whole picture" in worded(messages["en"], line).text


def test_a_command_to_paste_is_not_followed_by_a_code(messages):
    assert said(messages["en"], "guard-missing").endswith("What to do: lrflow mark P3 cleared")


# Values stay values


HOSTILE = f"Ana {{item}} {{0.__class__}}\r\nBcc: all@example.org\u2028=HYPERLINK(1){OVERRIGHT}evil{ENDOVERRIDE}\x00%s"
TAMED = "Ana {item} {0.__class__} Bcc: all@example.org =HYPERLINK(1)evil %s"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_hostile_value_stays_text_on_its_line(messages, language):
    plain = worded(messages[language], Line("action-due-soon", {"item": "Ana"}, DUE, "asia:A1"), person="Ana")

    message = worded(messages[language], Line("action-due-soon", {"item": HOSTILE}, DUE, "asia:A1"), person=HOSTILE)

    assert message.text == plain.text.replace("Ana", TAMED)
    assert len(message.text.split("\n")) == len(plain.text.split("\n"))
    assert message.subject.isprintable() and message.subject.startswith("[asia:A1] Ana {item} {0.__class__")


def test_a_hostile_code_or_route_makes_no_header(messages):
    hostile = "asia\r\nBcc: all@example.org"
    one = Line("survey", {}, None, hostile)

    subjects = [worded(messages["en"], one).subject, worded(messages["en"], one, one).subject]

    assert all(subject.isprintable() and len(subject) <= 60 for subject in subjects)


def test_a_lone_surrogate_can_still_be_sent(messages):
    message = worded(messages["en"], Line("action-due-soon", {"item": "A\ud800B"}, DUE, "asia:A1"))

    assert "“A B”" in message.text.encode().decode()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_very_long_name_is_shortened_but_never_the_date(messages, language):
    line = Line("final-plan-soon", typical(language) | {"item": "N" * 500}, DUE, "rwanda-2016:A3")

    message = worded(messages[language], line)

    assert len(message.subject) <= 60
    assert message.subject.startswith("[rwanda-2016:A3] NNNN") and "…" in message.subject
    assert relative(3, language) in message.subject
    assert "N" * 119 + "…" in message.text and "N" * 120 not in message.text
    assert day_in_words(DUE, language) in message.text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("letter", ["n", "é", "ন", "🌽"])
def test_the_longest_message_stays_under_four_kilobytes(messages, language, letter):
    day = day_in_words(DUE, language)
    values = dict.fromkeys(NAMED, letter * 500) | {"count": "999", "visit_start": day, "command": COMMAND}

    for rule in RULES:
        message = word(
            messages[language],
            [Line(rule, values, DUE, "asia-2017-nepal:A12.10")] * 9,
            person=letter * 500,
            route=letter * 500,
            sender=letter * 500,
            coordinator=letter * 500,
            today=TODAY,
        )

        dated = {"due", "visit_start"} & set(re.findall(r"\w+", messages[language].nudges[rule].line))
        assert len(message.text.encode()) < 4096, rule
        assert len(message.subject) <= 60, rule
        assert message.text.count(day) == (7 if dated else 0), rule


def test_texts_as_long_as_allowed_leave_room_for_seven_lines(tmp_path):
    needs = "{item} {delegation} {due} {when} {missing} {next_step} "
    text = (FOLDER / "en.toml").read_text(encoding="utf-8")
    text = re.sub('line = "“{item}” was due.*', f'line = "{needs}{"x" * (320 - len(needs))}"', text, count=1)
    text = re.sub('closing = """.*?"""', 'closing = "' + "y" * 600 + '"', text, flags=re.DOTALL)
    (tmp_path / "en.toml").write_text(text, encoding="utf-8")
    words = read_messages(tmp_path)["en"]
    line = Line("action-overdue", dict.fromkeys(NAMED, "🌽" * 500), DUE, "asia-2017-nepal:A12.10")

    message = worded(words, *[line] * 9)

    assert message.text.count("x" * 200) == 7 and len(message.text.encode()) < 4096


def test_what_to_do_may_be_longer_than_a_name(messages):
    remedy = "lrflow mark " + " ".join(f"P{n}" for n in range(1, 60))

    assert said(messages["en"], "guard-missing", remedy=remedy).endswith(f"What to do: {remedy}")


LONG_NAME = "Alliance of Civil Society Organisations for Better Nutrition"


@pytest.mark.requirement("K4")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("rule", RULES)
def test_every_text_fits_with_names_of_sixty_characters(messages, rule, language):
    words = messages[language]
    code = "rwanda-2016" if rule.startswith("postponed") else "rwanda-2016:Q12.12"
    values = typical(language) | dict.fromkeys(("item", "delegation", "whom"), LONG_NAME)
    values |= {"visit_start": "septiembre de 2016"} if rule == "postponed-month" else {}
    frame = dict.fromkeys(("person", "sender", "coordinator", "route"), LONG_NAME)
    own = re.split(r"\{\w+\}", words.nudges[rule].subject)

    for today in (date(2016, 11, 16), DUE, date(2016, 12, 14)):
        one, nine = (word(words, [Line(rule, values, DUE, code)] * n, today=today, **frame) for n in (1, 9))

        assert len(LONG_NAME) == 60
        assert one.subject.startswith(f"[{code}] {own[0]}") and len(one.subject) <= 60
        assert all(part in one.subject for part in own), one.subject
        assert len(nine.text.encode()) <= 4095 and len(one.html.encode()) <= 4095
        assert [line[:2] for line in nine.text.splitlines()[2:9]] == [f"{n}." for n in range(1, 8)]


# The light HTML beside it


@pytest.mark.requirement("K4")
def test_the_html_says_the_same_as_the_text_in_a_numbered_list(messages):
    lines = [Line("action-due-soon", {"item": f"Action {n}"}, DUE, f"asia:A1.{n}") for n in range(1, 10)]

    message = worded(messages["en"], *lines)

    assert read_as_text(message.html) == message.text.replace("\n\n", "\n")
    assert message.html.count("<li>") == 7 and message.html.count("<ol>") == 1


def read_as_text(html: str) -> str:
    body = html[html.index("<body") :].replace("<br>", "\n")
    for number in range(1, 8):
        body = body.replace("<li>", f"{number}. ", 1)
    return "\n".join(line for line in unescape(re.sub(r"<[^>]+>", "", body)).splitlines() if line) + "\n"


@pytest.mark.requirement("K4")
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_html_names_its_language_and_fetches_nothing(messages, language):
    html = worded(messages[language], Line("check-in", typical(language), DUE, "asia:Q1.3")).html

    assert f'<html lang="{language}">' in html
    assert not re.search(r"(?i)src|href|url\(|<link|<img|<script|@import|on\w+=", html)
    assert len(html.encode()) < 4096


def test_a_value_never_becomes_markup(messages):
    hostile = '<img src=x onerror=alert(1)>"&amp;<b>'

    html = worded(messages["en"], Line("action-due-soon", {"item": hostile}, DUE, "asia:A1"), person=hostile).html

    assert "<img" not in html and "<b>" not in html
    assert "&lt;img src=x onerror=alert(1)&gt;&quot;&amp;amp;&lt;b&gt;" in html


@pytest.mark.parametrize("name", ["حديقة المدرسة", "גן בית הספר"])
def test_a_name_from_right_to_left_has_a_direction_of_its_own_and_the_text_no_marks(messages, name):
    message = worded(messages["en"], Line("action-due-soon", {"item": name}, DUE, "asia:A1"), person="Ana")

    assert f'“<span dir="auto">{name}</span>” is due on' in message.html
    assert f"“{name}” is due on" in message.text and f"[asia:A1] {name} - due" in message.subject
    assert message.html.count("dir=") == 1


def test_html_that_does_not_fit_into_four_kilobytes_is_left_out(messages):
    line = Line("action-due-soon", {"item": "&" * 120}, DUE, "asia:A1")

    message = worded(messages["en"], *[line] * 7)

    assert message.html == ""
    assert len(message.text.encode()) < 4096


@pytest.mark.requirement("K4")
def test_a_letter_carries_both_the_text_first_and_is_the_same_when_written_again(messages):
    message = worded(messages["fr"], Line("action-due-soon", {"item": "Café & <b>"}, DUE, "asia:A1"), person="Zoé")
    letter = Letter(
        *("<0123@example.org>", "Grace", "grace@example.org", "Zoé", "zoe@example.org"),
        *(message.subject, message.text, "fr", datetime(2016, 11, 27, tzinfo=UTC)),
        html=message.html,
    )

    read = message_from_bytes(build_message(letter).as_bytes(), policy=policy.default)

    kinds = [part.get_content_type() for part in read.iter_parts()]
    assert (read.get_content_type(), kinds) == ("multipart/alternative", ["text/plain", "text/html"])
    said = [part.get_content().replace("\r\n", "\n") for part in read.iter_parts()]
    assert said == [message.text, message.html]
    assert read["Content-Language"] == "fr"
    assert build_message(letter).as_bytes() == build_message(letter).as_bytes()
    assert build_message(letter).as_bytes().isascii()


# Refusals


def test_every_missing_value_and_text_is_named_at_once(messages):
    lines = [Line("final-plan-escalation", {"item": "x"}, None, "a:A1"), Line("surveys", {}, None, "a:P1")]

    with pytest.raises(Misused) as refusal:
        worded(messages["fr"], *lines)

    assert refusal.value.problems == (
        "final-plan-escalation: no value for {delegation}",
        "final-plan-escalation: no value for {due}",
        "final-plan-escalation: no value for {when}",
        "fr.toml: nudges.surveys: missing",
    )


def test_a_message_without_a_line_is_refused(messages):
    with pytest.raises(Misused, match="at least one line"):
        worded(messages["en"])


def test_missing_translations_are_listed_with_the_near_name(messages):
    found = faults({"en": messages["en"]}, [*RULES, "wave", "check-ins"], ["en", "pt"])

    assert found == [
        "en.toml: nudges.wave: missing",
        "en.toml: nudges.check-ins: missing",
        "pt.toml: missing, so nothing can be said in this language",
    ]
    assert faults(messages, ["surveys"], ["es"]) == ["es.toml: nudges.surveys: missing, did you mean survey?"]


def test_all_faults_of_all_files_are_reported_at_once(tmp_path):
    spoilt(
        tmp_path,
        ('language = "en"', 'language = "fr"'),
        ('more = "and {count} more"\n', ""),
        ("{person}", "{persn}"),
        ('[nudges.survey]\nsubject = "How', '[nudges.survey]\nsubjekt = "How'),
        ('line = "“{item}” is due on {due}', 'line = "“{item.name}” is due on {deu}'),
        ("- has it started?", "- has it started {0}{{}}?"),
        ('blocked = "blocked"', 'blocked = "Done"'),
        ('start = "start"', "start = 1"),
        ("Your Monday overview", "Your\\nMonday"),
    )
    (tmp_path / "es.toml").write_text('language = "es"\ngreeting = "Hola\n', encoding="utf-8")
    (tmp_path / "fr.toml").write_bytes(b'language = "fr"\ngreeting = "\xe9"\n')
    (tmp_path / "pt.toml").write_text('language = "pt"\nanswers = 3\n[nudges]\nsurvey = "x"\n', encoding="utf-8")

    with pytest.raises(Misused) as refusal:
        read_messages(tmp_path)

    assert refusal.value.problems == (
        "en.toml: language: must be 'en', the name of the file",
        "en.toml: greeting: unknown placeholder {persn}, did you mean person?",
        "en.toml: more: missing",
        "en.toml: answers.start: must be a text in quotes",
        "en.toml: answers.blocked: the same word as answers.done",
        "en.toml: nudges.survey.subjekt: unknown, did you mean subject?",
        "en.toml: nudges.survey.subject: missing",
        "en.toml: nudges.award-start.subject: a brace that is no placeholder; "
        "write {name}, in small letters, nothing else inside",
        "en.toml: nudges.action-due-soon.line: unknown placeholder {deu}, did you mean due?",
        "en.toml: nudges.action-due-soon.line: a brace that is no placeholder; "
        "write {name}, in small letters, nothing else inside",
        "en.toml: nudges.weekly-digest.subject: must be one line, without doubled or outer spaces",
        "es.toml: cannot be read: Illegal character '\\n' (at line 2, column 17)",
        "fr.toml: cannot be read: 'utf-8' codec can't decode byte 0xe9 in position 28: invalid continuation byte",
        "pt.toml: greeting: missing",
        "pt.toml: closing: missing",
        "pt.toml: more: missing",
        *(f"pt.toml: {each}: missing" for each in ("next_step", "next_call", "inherited", "no_phone")),
        "pt.toml: subjects: missing",
        "pt.toml: answers: must be a table",
        *(f"pt.toml: {each}: missing" for each in ("alarms", "monday", "reasons")),
        "pt.toml: nudges.survey: must be a table",
    )


def test_a_text_that_would_burst_the_message_is_refused(tmp_path):
    spoilt(tmp_path, ("Is it on course, or should", "Is it on course, " + "very " * 100 + "or should"))

    with pytest.raises(Misused) as refusal:
        read_messages(tmp_path)

    assert refusal.value.problems == ("en.toml: nudges.stage-due.line: 583 characters, 320 at most",)


def test_a_folder_without_messages_is_named(tmp_path):
    with pytest.raises(NotFound, match="no messages"):
        read_messages(tmp_path)


def test_a_file_saved_by_a_windows_editor_is_read_the_same(messages, tmp_path):
    text = (FOLDER / "fr.toml").read_text(encoding="utf-8")
    (tmp_path / "fr.toml").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())

    assert read_messages(tmp_path)["fr"] == messages["fr"]


def test_reading_the_messages_does_not_load_babel():
    code = (
        "import sys; from pathlib import Path; from lrflow.messages import read_messages;"
        "read_messages(Path(sys.argv[1])); print('babel' in sys.modules)"
    )

    answer = subprocess.run(
        [sys.executable, "-c", code, str(FOLDER)],
        cwd=Path(__file__).parents[1], capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert answer.stdout == "False\n"
