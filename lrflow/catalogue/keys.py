"""How ids are read: E1, P1-P24, A1.2, Q3.6; and the kinds they belong to."""

import re

from lrflow.catalogue.kinds import KINDS
from lrflow.catalogue.shapes import Kind
from lrflow.errors import Misused

LETTERS: dict[str, tuple[str, ...]] = {
    letter: tuple(kind.name for kind in KINDS.values() if kind.letter == letter)
    for letter in sorted({kind.letter for kind in KINDS.values()} - {""})
}
SUB_KEYED = {"action": "plan", "checkin": "delegation"}  # A1.2 is the second action of A1; Q3.6 asks D3 at month 6

_KEY = re.compile(r"^(?P<letter>[A-Za-z])(?P<number>\d{1,6})(?:\.(?P<sub>\d{1,4}))?$")
_RANGE = re.compile(r"^(?P<first>[A-Za-z]\d{1,6})-(?P<last>[A-Za-z]?\d{1,6})$")


def kind_of(word: str) -> Kind:
    """The kind called *word*, singular or plural, with or without dash; `Misused` names near words."""
    folded = word.strip().lower().replace("-", "").replace("_", "").replace(" ", "")
    for kind in KINDS.values():
        if folded in (kind.name, kind.plural.replace(" ", ""), kind.letter.lower() or "-"):
            return kind
    raise Misused(f"there is no kind of record called {word!r}", problems=_near(word), remedy="lrflow add --help")


def _near(word: str) -> list[str]:
    from difflib import get_close_matches

    return [f"did you mean {name}?" for name in get_close_matches(word, KINDS, n=1)]


def kind_of_key(key: str) -> tuple[str, ...]:
    """The kinds an id such as E1, A1.2 or R4 may belong to; empty when it is no id."""
    match = _KEY.match(key)
    if not match:
        return ()
    names = LETTERS.get(match["letter"].upper(), ())
    wants_sub = match["sub"] is not None
    return tuple(name for name in names if (name in SUB_KEYED) == wants_sub)


def read_key(text: str) -> str | None:
    """*text* as an id in its written form (e1 -> E1), or None when it is none."""
    match = _KEY.match(text.strip())
    if not match or not kind_of_key(text.strip()):
        return None
    return text.strip().upper()


def split_keys(text: str) -> list[str]:
    """The ids of a range such as P1-P24; a single id gives itself; anything else gives []."""
    match = _RANGE.match(text.strip())
    if not match:
        key = read_key(text)
        return [key] if key else []
    letter, first = match["first"][0].upper(), int(match["first"][1:])
    last = int(match["last"].lstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    if last < first or last - first > 5000:
        raise Misused(f"{text} is not a range", remedy=f"write {letter}1-{letter}24")
    return [f"{letter}{number}" for number in range(first, last + 1)]
