"""Put values into the texts: a value stays text on its line, and is shortened where there is no room."""

import re
import unicodedata
from collections.abc import Mapping

from lrflow.messages.shapes import LONGEST_BODY, LONGEST_CODE, LONGEST_SUBJECT

ANSWERS = ("done", "started", "blocked", "later", "not_mine", "stop", "start")
# Ours, not a participant's: short by nature, and wrong when cut.
OURS = frozenset({"code", "due", "when", "count", "visit_start", "visit_end", *ANSWERS})
LONG = frozenset(
    {"missing", "remedy", "next_step", "after"}
)  # sentences or lists, not names: they may be twice as long
LONGEST_COMMAND = 120
WIDEST = 120
OPTIONAL = frozenset({"next_step", "after"})  # leaves no dash where it is empty

PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
TURNS = re.compile(r"[\u202a-\u202e\u2066-\u2069]")  # they would show the rest of a line backwards
ISOLATE, RELEASE = "\u2068", "\u2069"  # around a value that reads from right to left; no value brings them itself


def fill(template: str, values: Mapping[str, str], width: int = WIDEST) -> str:
    """*template* with *values*, names and titles among them shortened to *width*; a value that is empty is a dash.

    One pass: what a value brings in is never looked at again. Values that read from right to left are marked.
    """

    def value(match: re.Match[str]) -> str:
        name = match[1]
        text = cut(flat(values[name]), _room(name, width))
        return isolated(text) or ("" if name in OPTIONAL else "-")

    return " ".join(PLACEHOLDER.sub(value, template).split())


def isolated(text: str) -> str:
    """*text*, marked when it reads from right to left, so that what stands beside it stays in its place."""
    turns = any(unicodedata.bidirectional(sign) in ("R", "AL") for sign in text)
    return f"{ISOLATE}{text}{RELEASE}" if turns else text


def plain(line: str) -> str:
    """*line* without marks, for a header or a text that any program shows."""
    return line.replace(ISOLATE, "").replace(RELEASE, "")


def flat(value: str) -> str:
    """*value* on one line, without signs that break or turn it."""
    # split() also takes the line and paragraph separators of Unicode.
    return " ".join(TURNS.sub("", BREAKS.sub(" ", value)).split())


def cut(text: str, width: int) -> str:
    """*text*, shortened to *width* characters with a sign that says so."""
    return text if len(text) <= width else text[: width - 1].rstrip() + "…"


def _room(name: str, width: int) -> int:
    if name in ("subject", *OURS):
        return LONGEST_SUBJECT if name == "subject" else LONGEST_CODE
    if name == "command":
        return LONGEST_COMMAND  # half a command does something else
    if name == "body":
        return min(LONGEST_BODY, width * 24)  # somebody's own words are the last to be cut
    return width * 2 if name in LONG else width
