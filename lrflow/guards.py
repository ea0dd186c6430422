"""Judge needs against facts: the one place where "may this happen?" is answered, with numbers, ids and what to type."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from lrflow import checks
from lrflow.catalogue import KINDS, read_key
from lrflow.checks import Answer
from lrflow.definition import Ask, Definition, Guard
from lrflow.facts import Facts, Waiver

FindingOutcome = Literal["met", "unmet", "unknown", "waived"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one guard: outcome, numbers, missing ids, one sentence, the remedy, a command to paste."""

    guard: str
    title: str
    level: str
    outcome: FindingOutcome
    says: str
    have: int | None = None
    need: int | None = None
    missing: tuple[str, ...] = ()
    remedy: str = ""
    run: str = ""
    waiver: str = ""
    warning: str = ""

    def __bool__(self) -> bool:
        raise TypeError("a Finding is not a bool: ask .passes")

    @property
    def passes(self) -> bool:
        """Whether a move may happen as far as this guard is concerned. A warning never stands in the way."""
        return self.outcome in ("met", "waived") or self.level == "warn"

    @property
    def warns(self) -> bool:
        """Whether it should be shown although it does not block."""
        return bool(self.warning) or (self.level == "warn" and self.outcome != "met")


def judge(
    definition: Definition, needs: Iterable[str], facts: Facts, waivers: Sequence[Waiver] = ()
) -> tuple[Finding, ...]:
    """Judge every guard named in *needs*, all of them always, on *facts* as they stand on `facts.today`.

    A check that breaks answers `unknown`, which blocks. A waiver sets a soft guard aside while it has not expired
    and the number has not fallen under its floor; it never makes the guard met.
    """
    return tuple(_judge_one(name, definition, facts, waivers) for name in needs)


def _judge_one(name: str, definition: Definition, facts: Facts, waivers: Sequence[Waiver]) -> Finding:
    guard = definition.guards[name]
    try:
        answers = [(question, checks.ask(question, facts, definition)) for question in guard.asks]
    except Exception as fault:  # a door of its own: whatever breaks in a check must block and be named, never pass
        return _unknown(name, guard, f"the check broke: {type(fault).__name__}: {fault}")
    found = _finding(name, guard, answers, facts)
    return _set_aside(found, guard, facts, waivers)


def _unknown(name: str, guard: Guard, says: str) -> Finding:
    return Finding(name, guard.title, guard.level, "unknown", says, remedy="lrflow workflow check")


def _finding(name: str, guard: Guard, answers: Sequence[tuple[Ask, Answer]], facts: Facts) -> Finding:
    bad = [(question, answer) for question, answer in answers if answer.met is not True]
    unknown = any(answer.met is None for _, answer in bad)
    shown = bad or [next((each for each in answers if each[1].need), answers[0])]
    question, first = shown[0]
    missing = tuple(dict.fromkeys(key for _, answer in bad for key in answer.missing))
    few = tuple(key for _, answer in answers for key in answer.below_desired)
    too_many = bool(bad) and first.most is not None and (first.have or 0) > first.most
    remedy = guard.too_many if too_many and guard.too_many else guard.remedy
    return Finding(
        guard=name,
        title=guard.title,
        level=guard.level,
        outcome="unknown" if unknown else "unmet" if bad else "met",
        says=_joined(shown, facts) if bad else _met(question, first),
        have=first.have,
        need=first.need,
        missing=missing,
        remedy=fill(remedy, first, facts, missing) if bad else "",
        run=_command(guard, question, first, facts) if bad else "",
        warning=_few(few, answers, facts) if not bad else "",
    )


def _few(few: Sequence[str], answers: Sequence[tuple[Ask, Answer]], facts: Facts) -> str:
    desired = next((facts.pointed(question.desired) for question, answer in answers if answer.below_desired), None)
    return f"{shorten(few)}: fewer than the {desired} wished for" if few else ""


def _command(guard: Guard, question: Ask, answer: Answer, facts: Facts) -> str:
    """What to type, about the ids that the first unmet question misses, or those that could make up its number."""
    template, named = question.run or guard.run, answer.missing or answer.candidates
    if not named and ("{first}" in template or "{all}" in template):
        template = guard.run_none
    return fill(template, answer, facts, named)


def _joined(shown: Sequence[tuple[Ask, Answer]], facts: Facts) -> str:
    return "; ".join(dict.fromkeys(_sentence(question, answer, facts) for question, answer in shown))


def _sentence(question: Ask, answer: Answer, facts: Facts) -> str:
    if answer.met is False and answer.need == 0 and not answer.missing:
        return question.says_none or f"there are no such {KINDS[question.of].plural} yet"
    if question.says:
        text = fill(question.says, answer, facts, answer.missing)
        return f"{text} ({answer.note})" if answer.met is None and answer.note not in text else text
    return answer.note or "not met"


def _met(question: Ask, answer: Answer) -> str:
    if answer.note:
        return answer.note
    if answer.have is None or answer.need is None:
        return "met"
    if answer.have == answer.need and answer.most is None:
        return f"{answer.have} of {answer.need}"
    return f"{answer.have}, need {answer.need}" + (f"-{answer.most}" if answer.most is not None else "")


def fill(text: str, answer: Answer, facts: Facts, missing: Sequence[str]) -> str:
    """Put the numbers and ids of *answer* into the {words} of a guard's text; unknown words stay as they are."""
    words: dict[str, Any] = {
        "have": answer.have,
        "need": answer.need if answer.most is None else f"{answer.need}-{answer.most}",
        "short": max((answer.need or 0) - (answer.have or 0), 0),
        "over": max((answer.have or 0) - (answer.most or 0), 0) if answer.most is not None else 0,
        "missing": shorten([_called(key, facts) for key in missing]) or "each",
        "first": _id_of(_called(missing[0], facts)) if missing else "",
        "all": " ".join(dict.fromkeys(each.split()[0] for each in missing)),
        "gaps": " ".join(dict.fromkeys(f"{each.split()[-1]}=..." for each in missing)),
        "note": answer.note,
        "route": facts.route["key"],
        "today": facts.today.isoformat(),
    }
    own = re.sub(r"\{its (\w+)\}", lambda match: _own(match[1], facts), text)
    return re.sub(r"\{(\w+)\}", lambda match: str(words.get(match[1], match[0])), own)


def _own(field: str, facts: Facts) -> str:
    """A list of the record that is judged alone, as a command takes it: {its unproved} is innovation+challenge."""
    return "+".join(facts.value(facts.focus, field) or ()) if facts.focus else ""


def _called(key: str, facts: Facts) -> str:
    """An organisation by its name, for its number is unknown to people; anything else by its id."""
    found = facts.find("organisation", key) if key.isdigit() else None
    return str(found["name"]) if found else key


def _id_of(word: str) -> str:
    """The id in front of a gap (K1 of "K1 how"); a name is left whole."""
    return read_key(word.split()[0]) or word


def shorten(keys: Sequence[str], most: int = 12) -> str:
    """Ids joined for a line, the rest counted."""
    return ", ".join(keys[:most]) + (f" and {len(keys) - most} more" if len(keys) > most else "")


def _set_aside(found: Finding, guard: Guard, facts: Facts, waivers: Sequence[Waiver]) -> Finding:
    waiver = next((each for each in waivers if each.guard == found.guard and facts.today <= each.until_on), None)
    if waiver is None or found.outcome != "unmet" or guard.level != "soft":
        return found
    if waiver.floor is not None and found.have is not None and found.have < waiver.floor:
        return replace(found, says=f"{found.says}; the waiver {waiver.key} holds only down to {waiver.floor}")
    says = f"{found.says}; waived by {waiver.actor} until {waiver.until_on}: {waiver.reason}"
    return replace(found, outcome="waived", waiver=waiver.key, says=says)


def blocking(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings that stand in the way."""
    return tuple(each for each in findings if not each.passes)
