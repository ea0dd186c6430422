"""The overview that a coordinator gets every Monday: its texts, and how a message is put together of its lines."""

from collections.abc import Callable, Sequence
from datetime import date

from lrflow.messages.filling import WIDEST, cut, fill, plain
from lrflow.messages.shapes import LONGEST_SUBJECT, MOST_LINES, Line, Worded, Words
from lrflow.messages.wording import Said, numbered, said_of

MOST_OVERVIEW_LINES = 60
BARE = frozenset[str]()
MONDAY = {
    "title": frozenset({"route", "day", "week", "stage"}),
    "machine": frozenset({"tick", "mail", "held", "drafts"}),
    "last_week": frozenset({"sent", "answers"}),
    **dict.fromkeys(
        ("mail_ok", "mail_paused", "never", "quiet", "nothing", "report", "also", "why", "alliances"), BARE
    ),
    **dict.fromkeys(("needs", "reaching", "unsure", "failed", "drafts", "routes"), frozenset({"number"})),
    "call": frozenset({"who", "phone", "id", "item", "number", "day"}),
    "orphan": frozenset({"id", "item", "who"}),
    "role": frozenset({"role", "ids"}),
    "paused": frozenset({"what", "day", "reason"}),
    **dict.fromkeys(("dead", "suspect"), frozenset({"who", "address", "day"})),
    "no_address": frozenset({"number", "who"}),
    "week": frozenset({"number", "overdue", "undated"}),
    "oldest": frozenset({"id", "day"}),
    "going": frozenset({"number", "people"}),
    "silent": frozenset({"reasons"}),
    "changed": frozenset({"changes"}),
    "ahead": frozenset({"stage", "number"}),
    "end": frozenset({"day", "when"}),
    "brief": frozenset({"route", "number", "overdue", "sent"}),
}
Body = Callable[[int], Sequence[str]]


def overview(
    words: Words,
    page: Line,
    also: Sequence[Line],
    body: Body,
    *,
    person: str,
    route: str,
    sender: str,
    coordinator: str,
    today: date,
) -> Worded:
    """The overview for *person*: what else is theirs today first (*also*, said as usual), then *body*, then why.

    *page* names it in the subject, and bears the code of its route or routes. *body* is asked for its lines with the
    number of lines there is room for, so that all of it stays within 60. What holds for a participant's message, seven
    lines and 4 KB, does not hold here; nor does it have HTML, for its lines are read as they stand.
    Raises `Misused` as `word` does.
    """
    frame = {"person": person, "route": route, "sender": sender, "coordinator": coordinator, **words.answers}
    said = said_of(words, [page, *also], route, today)
    top = [fill(words.greeting, frame), "", *_also(words, said[1:])]
    closing = words.closing.strip().splitlines() if also else ["{sender}"]
    end = ["", words.monday["why"], *(fill(line, frame) for line in closing)]
    lines = [*top, *body(MOST_OVERVIEW_LINES - len(top) - len(end)), *end]
    title = fill(words.subject_one, {"code": page.code, "subject": said[0].subject(WIDEST)})
    return Worded(cut(plain(title), LONGEST_SUBJECT), plain("\n".join([*lines, ""])), words.language)


def _also(words: Words, said: Sequence[Said]) -> list[str]:
    if not said:
        return []
    rest = len(said) - MOST_LINES
    more = [fill(words.more, {"count": str(rest)})] if rest > 0 else []
    shown = [one.line(WIDEST) for one in said[:MOST_LINES]]
    return [words.monday["also"], *numbered(shown), *more, ""]
