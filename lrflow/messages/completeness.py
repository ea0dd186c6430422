"""What is missing from the texts, for given rules and languages, and whether every one of them fits with long names."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta

from lrflow.calendars import read_when
from lrflow.definition import Definition, Rule
from lrflow.messages.filling import PLACEHOLDER
from lrflow.messages.reading import CALL, near
from lrflow.messages.shapes import LONGEST_SUBJECT, MOST_BYTES, MOST_LINES, Line, Words
from lrflow.messages.speech import day_in_words
from lrflow.messages.wording import is_cut, word
from lrflow.planner import REASONS, WORDED

LONG_NAME = "Alliance of Civil Society Organisations for Better Nutrition"  # 60 characters
CODE = "rwanda-2016:Q12.12"
A_DAY, A_MONTH = date(2016, 11, 30), "septiembre de 2016"


def faults(messages: Mapping[str, Words], rules: Iterable[str], languages: Iterable[str]) -> list[str]:
    """Name every text that *rules* and notices need in *languages* and that is missing; an empty list if complete."""
    wanted = [*rules, *WORDED, CALL]
    found: list[str] = []
    for language in languages:
        if language not in messages:
            found.append(f"{language}.toml: missing, so nothing can be said in this language")
            continue
        words = messages[language]
        spare = [rule for rule in words.nudges if rule not in wanted]
        lacking = [rule for rule in wanted if rule not in words.nudges]
        found += [f"{language}.toml: nudges.{rule}: missing{near(rule, spare)}" for rule in lacking]
        found += [f"{language}.toml: reasons.{reason}: missing" for reason in REASONS if reason not in words.reasons]
    return found


def texts_of(definition: Definition) -> dict[str, bool]:
    """The texts that the rules of *definition* need, each with whether a rule says it before the day it is about."""
    found: dict[str, bool] = {}
    for name, rule in definition.rules.items():
        text = rule.words or name
        found[text] = found.get(text, False) or foretells(rule)
        found.update({step.words: found.get(step.words, False) for step in rule.then if step.words})
    return found


def foretells(rule: Rule) -> bool:
    """Whether *rule* speaks before the day it counts from, so that what it says may be outlived."""
    when = read_when(rule.when)
    return when.span is not None and when.sign < 0


def outlived(words: Words, texts: Mapping[str, bool]) -> list[str]:
    """The texts that are said before a day and have none for afterwards."""
    named = [text for text, early in texts.items() if early and text in words.nudges and not words.nudges[text].past]
    return [f"{words.language}.toml: nudges.{text}.past: missing, and its rule speaks before the day" for text in named]


def misfits(words: Words) -> list[str]:
    """The texts that do not fit once names are 60 characters long: the subject, seven lines, 4 KB."""
    days = [A_DAY + timedelta(days=each) for each in (-1, 0, 1)]
    return list(dict.fromkeys(fault for rule in words.nudges for day in days for fault in _misfits(words, rule, day)))


def _misfits(words: Words, rule: str, today: date) -> Iterator[str]:
    place, texts = f"{words.language}.toml: nudges.{rule}", words.nudges[rule]
    names = PLACEHOLDER.findall(f"{texts.subject} {texts.line} {texts.past}")
    values = {**dict.fromkeys(names, LONG_NAME), "count": "999"}
    is_notice = rule in WORDED  # about the route, whose visit moved to a month
    day = A_MONTH if is_notice else day_in_words(A_DAY, words.language)
    values |= {"visit_start": day, "visit_end": day}
    line = Line(rule, values, A_DAY, CODE.partition(":")[0] if is_notice else CODE)
    if is_cut(words, line, LONG_NAME, today):
        yield f"{place}.subject: the code and its own words are longer than {LONGEST_SUBJECT} characters"
    several = [line] * (MOST_LINES + 2)
    who = {"person": LONG_NAME, "sender": LONG_NAME, "coordinator": LONG_NAME}
    text = word(words, several, route=LONG_NAME, today=today, **who).text
    if len(text.encode()) > MOST_BYTES:
        yield f"{place}: {MOST_LINES} of them are longer than 4 KB"
    if f"\n{MOST_LINES}. " not in text or f"\n{MOST_LINES + 1}. " in text:
        yield f"{place}: not {MOST_LINES} lines, and the number of the others"
