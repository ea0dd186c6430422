"""What goes out, in words: the texts of `messages/*.toml` read, checked and filled with values."""

import re
import tomllib
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from lrflow.errors import Misused, NotFound
from lrflow.planner import WORDED

MOST_LINES = 7
LONGEST_SUBJECT = 78  # the line length that mail advises for a header
MOST_BYTES = 4095
LONGEST_CODE = 40
LONGEST_BODY = 600
# How many characters of a value are kept: the first width at which the whole fits.
LINE_WIDTHS = (120, 90, 60, 40, 25, 15, 8, 4)
SUBJECT_WIDTHS = range(60, 8, -4)

ANSWERS = ("done", "started", "blocked", "later", "not_mine", "stop", "start")
TOP = {
    "greeting": frozenset({"person"}),
    "closing": frozenset({"route", "coordinator", "sender", *ANSWERS}),
    "more": frozenset({"count"}),
    "next_step": frozenset({"who", "due"}),
}
SUBJECTS = {"one": frozenset({"code", "subject"}), "several": frozenset({"code", "count", "route"})}
PLACEHOLDERS = frozenset(
    {"route", "item", "code", "delegation", "due", "when", "count", "missing", "remedy", "visit_start"}
    | {"visit_end", "next_step"}
)
NUDGE = {"subject": PLACEHOLDERS, "line": PLACEHOLDERS, "past": PLACEHOLDERS}
TABLES = ("subjects", "answers", "nudges")
# Ours, not a participant's: short by nature, and wrong when cut.
OURS = frozenset({"code", "due", "when", "count", "visit_start", "visit_end", *ANSWERS})
LONG = frozenset({"missing", "remedy", "next_step"})  # sentences or lists, not names: they may be twice as long

PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
TURNS = re.compile(r"[\u202a-\u202e\u2066-\u2069]")  # they would show the rest of a line backwards


def read_messages(folder: Path) -> Mapping[str, "Words"]:
    """Read every `*.toml` of *folder*, by language.

    Raises `NotFound` when there is none, and one `Misused` with the faults of all files in `problems`,
    each with its file and key path.
    """
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise NotFound(f"no messages in {folder}", remedy="keep one file per language there, such as en.toml")
    problems: list[str] = []
    read: dict[str, Words] = {}
    for file in files:
        try:
            raw = tomllib.loads(file.read_text(encoding="utf-8-sig"))  # Notepad writes a byte order mark
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
            problems.append(f"{file.name}: cannot be read: {fault}")
            continue
        found = list(_faults_of_file(file, raw))
        problems += found
        if not found:
            read[file.stem] = _words(raw)
    if problems:
        raise Misused(
            f"the messages in {folder} cannot be used; faults: {len(problems)}",
            problems=problems,
            remedy="correct the files, then: lrflow workflow check",
        )
    return read


def faults(messages: Mapping[str, "Words"], rules: Iterable[str], languages: Iterable[str]) -> list[str]:
    """Name every text that *rules* and notices need in *languages* and that is missing; an empty list if complete."""
    rules = [*rules, *WORDED]
    found: list[str] = []
    for language in languages:
        if language not in messages:
            found.append(f"{language}.toml: missing, so nothing can be said in this language")
            continue
        nudges = messages[language].nudges
        spare = [rule for rule in nudges if rule not in rules]
        lacking = [rule for rule in rules if rule not in nudges]
        found += [f"{language}.toml: nudges.{rule}: missing{_near(rule, spare)}" for rule in lacking]
    return found


def word(
    words: "Words",
    lines: Sequence["Line"],
    *,
    person: str,
    route: str,
    sender: str,
    coordinator: str,
    today: date,
) -> "Worded":
    """Word *lines*, most urgent first, as one plain-text message sent to *person* on *today*, their local day.

    The first seven are said, numbered from 1 when there are several; the others are counted. *route* stands
    in for a line that names none. A value is text: it makes no new line, is not read as a placeholder, and
    is shortened so that the subject stays within 78 characters and the text under 4 KB (texts in an alphabet
    of several bytes a letter may exceed that).
    Raises `Misused` when there is no line, no text for a rule, or no value for a placeholder, naming all.
    """
    frame = {"person": person, "route": route, "sender": sender, "coordinator": coordinator, **words.answers}
    said = [_Said.of(line, words, route, today) for line in lines]
    problems = [problem for one in said for problem in one.lacking()]
    if problems or not said:
        raise Misused(
            "the message cannot be worded" if said else "a message needs at least one line",
            problems=problems,
            remedy="lrflow workflow check",
        )
    for width in SUBJECT_WIDTHS:
        if len(subject := _subject(words, said, route, width)) <= LONGEST_SUBJECT:
            break
    for width in LINE_WIDTHS:
        if len((text := _text(words, said, frame, width)).encode()) <= MOST_BYTES:
            break
    return Worded(_cut(subject, LONGEST_SUBJECT), text, words.language)


def next_step(words: "Words", who: str, day: date) -> str:
    """Announce that *who* is asked next if nothing is heard by *day*: the value of `{next_step}`."""
    return _fill(words.next_step, {"who": who, "due": day_in_words(day, words.language)}, LINE_WIDTHS[0])


def day_in_words(day: date, language: str) -> str:
    """Say *day* with its weekday and the name of its month, as in Wednesday 30 November 2016."""
    from babel.dates import format_date  # slow to load, and needed by few commands

    speech = _speech(language)
    return format_date(day, speech.first if day.day == 1 else speech.day, locale=speech.locale)


def relative(days: int, language: str) -> str:
    """Say how far away a day lies: today, tomorrow, in 3 days, 2 days ago (*days* negative)."""
    from babel.dates import format_timedelta  # slow to load, and needed by few commands

    speech = _speech(language)
    if speech.near and abs(days) <= 1:
        return speech.near[days + 1]
    beyond = 10**9  # never rounded to weeks or months: a deadline is counted in days
    return format_timedelta(
        timedelta(days=days), granularity="day", threshold=beyond, add_direction=True, locale=speech.locale
    )


def _speech(language: str) -> "_Speech":
    if language in SPEECHES:
        return SPEECHES[language]
    from babel import Locale, UnknownLocaleError

    try:
        return _Speech(str(Locale.parse(language)))
    except (UnknownLocaleError, ValueError):
        raise Misused(f"no language known as {language!r}", remedy="use en, fr, es or pt") from None


def _text(words: "Words", said: Sequence["_Said"], frame: Mapping[str, str], width: int) -> str:
    shown = [one.line(width) for one in said[:MOST_LINES]]
    if len(shown) > 1:
        shown = [f"{number}. {line}" for number, line in enumerate(shown, 1)]
    if len(said) > MOST_LINES:
        shown.append(_fill(words.more, {"count": str(len(said) - MOST_LINES)}, width))
    closing = [_fill(line, frame, width) for line in words.closing.strip().splitlines()]
    return "\n".join([_fill(words.greeting, frame, width), "", *shown, "", *closing, ""])


def _subject(words: "Words", said: Sequence["_Said"], route: str, width: int) -> str:
    if len(said) == 1:
        values = {"code": said[0].values["code"] or route, "subject": said[0].subject(width)}
        return _fill(words.subject_one, values, width)
    # Not a record's code: a bare "done" in reply to several lines must not be taken for the first.
    routes = dict.fromkeys(one.values["code"].partition(":")[0] for one in said if one.values["code"])
    values = {"code": "+".join(routes) or route, "count": str(len(said)), "route": route}
    return _fill(words.subject_several, values, width)


def _fill(template: str, values: Mapping[str, str], width: int) -> str:
    # One pass: what a value brings in is never looked at again.
    def value(match: re.Match[str]) -> str:
        name = match[1]
        return _cut(flat(values[name]), _room(name, width)) or ("" if name == "next_step" else "-")

    return " ".join(PLACEHOLDER.sub(value, template).split())


def _room(name: str, width: int) -> int:
    if name in ("subject", *OURS):
        return LONGEST_SUBJECT if name == "subject" else LONGEST_CODE
    if name == "body":
        return min(LONGEST_BODY, width * 24)  # somebody's own words are the last to be cut
    return width * 2 if name in LONG else width


def flat(value: str) -> str:
    """*value* on one line, without signs that break or turn it."""
    # split() also takes the line and paragraph separators of Unicode.
    return " ".join(TURNS.sub("", BREAKS.sub(" ", value)).split())


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1].rstrip() + "…"


def _faults_of_file(file: Path, raw: Mapping[str, Any]) -> Iterator[str]:
    spot = f"{file.name}: "
    yield from _unknown(spot, raw, ["language", *TOP, *TABLES])
    if raw.get("language") != file.stem:
        yield f"{spot}language: must be {file.stem!r}, the name of the file"
    yield from _faults_of_table(spot, raw, TOP, strange=False)
    tables = {name: raw.get(name) for name in TABLES}
    yield from _faults_of_table(f"{spot}subjects.", tables["subjects"], SUBJECTS)
    yield from _faults_of_table(f"{spot}answers.", tables["answers"], dict.fromkeys(ANSWERS, frozenset()))
    yield from _twins(spot, tables["answers"])
    nudges = tables["nudges"]
    if not isinstance(nudges, dict) or not nudges:
        yield f"{spot}nudges: missing"
        return
    for rule, nudge in nudges.items():
        yield from _faults_of_table(f"{spot}nudges.{rule}.", nudge, NUDGE, optional=("past",))


def _faults_of_table(
    spot: str,
    table: Any,
    texts: Mapping[str, frozenset[str]],
    *,
    optional: Sequence[str] = (),
    strange: bool = True,
) -> Iterator[str]:
    if not isinstance(table, dict):
        yield f"{spot[:-1]}: {'missing' if table is None else 'must be a table'}"
        return
    if strange:
        yield from _unknown(spot, table, texts)
    for key, allowed in texts.items():
        if key in table:
            yield from (f"{spot}{key}: {fault}" for fault in _faults_of_text(key, table[key], allowed))
        elif key not in optional:
            yield f"{spot}{key}: missing"


def _faults_of_text(key: str, text: Any, allowed: frozenset[str]) -> Iterator[str]:
    if not isinstance(text, str) or not text.strip():
        yield "must be a text in quotes"
        return
    longest = 600 if key == "closing" else 320  # seven lines and the closing have to stay under 4 KB
    if len(text) > longest:
        yield f"{len(text)} characters, {longest} at most"
    if key != "closing" and flat(text) != text:
        yield "must be one line, without doubled or outer spaces"
    for name in PLACEHOLDER.findall(text):
        if name not in allowed:
            yield f"unknown placeholder {{{name}}}{_near(name, allowed)}"
    if re.search(r"[{}]", PLACEHOLDER.sub("", text)):
        yield "a brace that is no placeholder; write {name}, in small letters, nothing else inside"


def _unknown(spot: str, table: Mapping[str, Any], known: Collection[str]) -> Iterator[str]:
    return (f"{spot}{key}: unknown{_near(key, known)}" for key in table if key not in known)


def _twins(spot: str, answers: Any) -> Iterator[str]:
    seen: dict[str, str] = {}
    for key, answer in (answers if isinstance(answers, dict) else {}).items():
        if isinstance(answer, str) and (first := seen.setdefault(_folded(answer), key)) != key:
            yield f"{spot}answers.{key}: the same word as answers.{first}"


def _folded(text: str) -> str:
    return re.sub(r"[\u0300-\u036f\s]", "", unicodedata.normalize("NFKD", text.casefold()))


def _near(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, sorted(known), n=1)
    return f", did you mean {close[0]}?" if close else ""


def _words(raw: Mapping[str, Any]) -> "Words":
    return Words(
        language=raw["language"],
        greeting=raw["greeting"],
        closing=raw["closing"],
        more=raw["more"],
        next_step=raw["next_step"],
        subject_one=raw["subjects"]["one"],
        subject_several=raw["subjects"]["several"],
        answers=dict(raw["answers"]),
        nudges={name: NudgeWords(**{"past": None, **texts}) for name, texts in raw["nudges"].items()},
    )


@dataclass(frozen=True, slots=True)
class Words:
    """All texts of one language; *answers* are the words a reader may reply with, by meaning."""

    language: str
    greeting: str
    closing: str
    more: str
    next_step: str
    subject_one: str
    subject_several: str
    answers: Mapping[str, str]
    nudges: Mapping[str, "NudgeWords"]


@dataclass(frozen=True, slots=True)
class NudgeWords:
    """The texts of one rule; *past* is said instead of *line* once the due day lies behind."""

    subject: str
    line: str
    past: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """One nudge to be worded: *values* by placeholder, without due and when, which follow from *due*.

    *code* is the record's short id with its route, as in rwanda-2016:A3; a reply is matched by it.
    *own* are texts that follow no translation; they show no code.
    """

    rule: str
    values: Mapping[str, str]
    due: date | None
    code: str
    own: NudgeWords | None = None


@dataclass(frozen=True, slots=True)
class Worded:
    """A message ready for a channel: one header line, and plain text that ends with a line break."""

    subject: str
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class _Said:
    """A line with its texts chosen and its values complete."""

    rule: str
    language: str
    heading: str
    template: str
    values: Mapping[str, str]

    @classmethod
    def of(cls, line: Line, words: Words, route: str, today: date) -> "_Said":
        texts = line.own or words.nudges.get(line.rule, NudgeWords("", "", None))
        template = texts.past if texts.past and line.due and line.due < today else texts.line
        if template and not line.own and line.code and "{code}" not in template:
            template += " [{code}]"
        values = {"next_step": "", "route": route, **line.values, "code": line.code}
        if line.due:
            values["due"] = day_in_words(line.due, words.language)
            values["when"] = relative((line.due - today).days, words.language)
        return cls(line.rule, words.language, texts.subject, template, values)

    def lacking(self) -> list[str]:
        if not self.template:
            return [f"{self.language}.toml: nudges.{self.rule}: missing"]
        names = dict.fromkeys(PLACEHOLDER.findall(self.heading + self.template))
        return [f"{self.rule}: no value for {{{name}}}" for name in names if name not in self.values]

    def subject(self, width: int) -> str:
        return _fill(self.heading, self.values, width)

    def line(self, width: int) -> str:
        return _fill(self.template, self.values, width)


@dataclass(frozen=True, slots=True)
class _Speech:
    """How a language says a day: Babel's locale and patterns; yesterday, today and tomorrow."""

    locale: str
    day: str = "full"
    first: str = "full"
    near: tuple[str, ...] = ()


# Babel knows the months and the plurals, but neither "today" nor the French "1er".
SPEECHES: Mapping[str, _Speech] = {
    "en": _Speech("en_GB", "EEEE d MMMM y", "EEEE d MMMM y", ("yesterday", "today", "tomorrow")),
    "fr": _Speech("fr", "full", "EEEE d'er' MMMM y", ("hier", "aujourd'hui", "demain")),
    "es": _Speech("es", "EEEE d 'de' MMMM 'de' y", "EEEE d 'de' MMMM 'de' y", ("ayer", "hoy", "mañana")),
    "pt": _Speech("pt_PT", "full", "full", ("ontem", "hoje", "amanhã")),
}
