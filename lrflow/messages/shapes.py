"""The shapes of what is said: the texts of a language, a line to be worded, and a message that is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

MOST_LINES = 7
LONGEST_SUBJECT = 60  # what a telephone shows of it
MOST_BYTES = 4095
LONGEST_CODE = 40
LONGEST_BODY = 600


@dataclass(frozen=True, slots=True)
class Words:
    """All texts of one language; *answers* are the words a reader may reply with, by meaning.

    *alarms* say what is wrong with the sending itself, *reasons* why a nudge is silent, *monday* is the overview.
    """

    language: str
    greeting: str
    closing: str
    more: str
    next_step: str
    next_call: str
    inherited: str
    no_phone: str
    subject_one: str
    subject_several: str
    answers: Mapping[str, str]
    alarms: Mapping[str, str]
    monday: Mapping[str, str]
    reasons: Mapping[str, str]
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
    *own* are texts that follow no translation; they show no code. *foretells*: its rule speaks before *due*, so that
    after that day only its *past* can be said. *after* is a sentence that follows the line.
    """

    rule: str
    values: Mapping[str, str]
    due: date | None
    code: str
    own: NudgeWords | None = None
    foretells: bool = False
    after: str = ""


@dataclass(frozen=True, slots=True)
class Worded:
    """A message ready for a channel: one header line, and plain text that ends with a line break.

    *html* says the same lines in light HTML; it is empty where it would not stay under 4 KB, and for an overview,
    whose lines are meant to be read as they stand.
    """

    subject: str
    text: str
    language: str
    html: str = ""
