"""Word the lines of one message: which are said, how far values are shortened, what the subject names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from lrflow.errors import Misused
from lrflow.messages.filling import PLACEHOLDER, WIDEST, cut, fill, plain
from lrflow.messages.markup import page
from lrflow.messages.shapes import LONGEST_SUBJECT, MOST_BYTES, MOST_LINES, Line, NudgeWords, Worded, Words
from lrflow.messages.speech import day_in_words, relative

# How many characters of a value are kept: the first width at which the whole fits.
LINE_WIDTHS = (WIDEST, 90, 60, 40, 25, 15, 8, 4)
SUBJECT_WIDTHS = range(60, 4, -4)


def word(
    words: Words,
    lines: Sequence[Line],
    *,
    person: str,
    route: str,
    sender: str,
    coordinator: str,
    today: date,
) -> Worded:
    """Word *lines*, most urgent first, as one message sent to *person* on *today*, their local day.

    The first seven are said, numbered from 1 when there are several; the others are counted. *route* stands
    in for a line that names none. A value is text: it makes no new line, is not read as a placeholder, and
    is shortened so that the subject stays within 60 characters and the text under 4 KB (texts in an alphabet
    of several bytes a letter may exceed that). The HTML says the same; it is left out where it does not fit into 4 KB.
    Raises `Misused` when there is no line, no text for a rule, or no value for a placeholder, naming all.
    """
    frame = {"person": person, "route": route, "sender": sender, "coordinator": coordinator, **words.answers}
    said = said_of(words, lines, route, today)
    for width in LINE_WIDTHS:
        shown = _Shown.of(words, said, frame, width)
        if len((text := shown.text()).encode()) <= MOST_BYTES:
            break
    html = page(words.language, shown.greeting, shown.lines, shown.rest, shown.closing)
    fits = len(html.encode()) <= MOST_BYTES
    return Worded(subject_of(words, said, route), text, words.language, html if fits else "")


def said_of(words: Words, lines: Sequence[Line], route: str, today: date) -> "list[Said]":
    """*lines* with their texts chosen for *today*; raises `Misused` naming all that is missing."""
    said = [Said.of(line, words, route, today) for line in lines]
    problems = [problem for one in said for problem in one.lacking()]
    if problems or not said:
        raise Misused(
            "the message cannot be worded" if said else "a message needs at least one line",
            problems=problems,
            remedy="lrflow messages check",
        )
    return said


def subject_of(words: Words, said: "Sequence[Said]", route: str) -> str:
    """The subject of a message of the lines *said*: the code, then what it is about, in 60 characters."""
    return cut(_fitted(words, said, route), LONGEST_SUBJECT)


def is_cut(words: Words, line: Line, route: str, today: date) -> bool:
    """Whether the subject of *line* alone loses the end of its own words, however short its names are made."""
    return len(_fitted(words, said_of(words, [line], route, today), route)) > LONGEST_SUBJECT


def numbered(lines: Sequence[str]) -> list[str]:
    """*lines* with numbers in front when there are several, for an answer to name one."""
    return [f"{number}. {line}" for number, line in enumerate(lines, 1)] if len(lines) > 1 else list(lines)


def next_step(words: Words, who: str, day: date) -> str:
    """Announce that *who* is asked next if nothing is heard by *day*: the value of `{next_step}`."""
    return plain(fill(words.next_step, {"who": who, "due": day_in_words(day, words.language)}))


def next_call(words: Words, who: str, day: date) -> str:
    """Announce that *who* will call if nothing is heard by *day*: the value of `{next_step}` before a call."""
    return plain(fill(words.next_call, {"who": who, "due": day_in_words(day, words.language)}))


def inherited(words: Words, who: str, count: int) -> str:
    """Say that something was taken over from *who*, about which *count* messages were sent before."""
    return plain(fill(words.inherited, {"who": who, "count": str(count)}))


def alarm(words: Words, kind: str, *, since: str = "", count: int = 0, people: int = 0) -> str:
    """Say what is wrong with the sending itself: *kind* is flood (how many to how many), clock, restored or mail."""
    return plain(fill(words.alarms[kind], {"since": since, "count": str(count), "people": str(people)}))


def _fitted(words: Words, said: "Sequence[Said]", route: str) -> str:
    for width in SUBJECT_WIDTHS:
        if len(subject := _subject(words, said, route, width)) <= LONGEST_SUBJECT:
            break
    return subject


def _subject(words: Words, said: "Sequence[Said]", route: str, width: int) -> str:
    if len(said) == 1:
        values = {"code": said[0].values["code"] or route, "subject": said[0].subject(width)}
        return plain(fill(words.subject_one, values, width))
    # Not a record's code: a bare "done" in reply to several lines must not be taken for the first.
    routes = dict.fromkeys(one.values["code"].partition(":")[0] for one in said if one.values["code"])
    values = {"code": "+".join(routes) or route, "count": str(len(said)), "route": route}
    return plain(fill(words.subject_several, values, width))


@dataclass(frozen=True, slots=True)
class _Shown:
    """Everything that is read in one message, values shortened to one width."""

    greeting: str
    lines: list[str]
    rest: str
    closing: list[str]

    @classmethod
    def of(cls, words: Words, said: "Sequence[Said]", frame: Mapping[str, str], width: int) -> "_Shown":
        lines = [one.line(width) for one in said[:MOST_LINES]]
        count = len(said) - len(lines)
        rest = fill(words.more, {"count": str(count)}) if count else ""
        closing = [fill(line, frame, width) for line in words.closing.strip().splitlines()]
        return cls(fill(words.greeting, frame, width), lines, rest, closing)

    def text(self) -> str:
        """The same as plain text."""
        rest = [self.rest] if self.rest else []
        return plain("\n".join([self.greeting, "", *numbered(self.lines), *rest, "", *self.closing, ""]))


@dataclass(frozen=True, slots=True)
class Said:
    """A line with its texts chosen and its values complete; without a *template* the text at *place* is missing."""

    rule: str
    place: str
    heading: str
    template: str
    values: Mapping[str, str]

    @classmethod
    def of(cls, line: Line, words: Words, route: str, today: date) -> "Said":
        """*line* in *words* on *today*; what its rule says before the due day is never said after it."""
        texts = line.own or words.nudges.get(line.rule, NudgeWords("", "", None))
        is_past = line.due is not None and line.due < today
        outlived = is_past and line.foretells and bool(texts.line) and not texts.past
        template = "" if outlived else (texts.past if is_past else None) or texts.line
        values = {"next_step": "", "route": route, **line.values, "code": line.code, "after": line.after}
        if line.due:
            values["due"] = day_in_words(line.due, words.language)
            values["when"] = relative((line.due - today).days, words.language)
        place = f"{words.language}.toml: nudges.{line.rule}{'.past' if outlived else ''}"
        return cls(line.rule, place, texts.subject, _with_ends(template, line), values)

    def lacking(self) -> list[str]:
        """What stands against saying it: a text that is not there, or values."""
        if not self.template:
            return [f"{self.place}: missing"]
        names = dict.fromkeys(PLACEHOLDER.findall(self.heading + self.template))
        return [f"{self.rule}: no value for {{{name}}}" for name in names if name not in self.values]

    def subject(self, width: int) -> str:
        """What it is about, for the header."""
        return fill(self.heading, self.values, width)

    def line(self, width: int) -> str:
        """What is read of it."""
        return fill(self.template, self.values, width)


def _with_ends(template: str, line: Line) -> str:
    """*template* with what follows it, and the code; one that shows its code already ends with a command to paste."""
    if not template:
        return ""
    if "{code}" in template:
        return f"{{after}} {template}" if line.after else template
    code = " [{code}]" if line.code and not line.own else ""
    return f"{template}{' {after}' if line.after else ''}{code}"
