"""Which of a field's own words a cell means, in four languages; a near one is asked about, never taken."""

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache

from lrflow.catalogue import Field
from lrflow.errors import Misused
from lrflow.lists.likeness import folded
from lrflow.lists.words import meanings, words

_CHECKED = {"✓": "yes", "✔": "yes", "☑": "yes", "✅": "yes", "✗": "no", "✘": "no", "❌": "no", "☐": "no"}
_BETWEEN = (r"[;\n|•]", r"[+,/&]", r"\s(?:et|and|y|e)\s")  # what parts a list, the surest first
_BULLET = re.compile(r"^\s*(?:[-–•·*]|\(?\d{1,2}[.)])\s+")
_AGES = re.compile(r"\d{1,3}")
_UNDER = re.compile(r"<|\b(?:under|below|less|moins|menos|menor|menores)\b")
_OVER = re.compile(r"[>≥+]|\b(?:over|above|plus|mas|mais|mayor|mayores|maior|older)\b")
_YOUNG = frozenset({"youth", "young", "jeune", "jeunes", "joven", "jovenes", "jovem", "jovens"})
_ADULT = frozenset({"adult", "adulte", "adulto", "adulta"})


def yes_or_no(text: str) -> str:
    """`yes` or `no`, from a word, a tick or a cross."""
    word = _CHECKED.get(text.strip("\ufe0f ")) or meanings("signs").get(folded(text), "")
    if word not in ("yes", "no"):
        raise Misused(f"{text!r} is neither yes nor no")
    return word


def one_of(described: Field, text: str, known: Sequence[str], titles: Mapping[str, str]) -> str:
    """The one of *known* that *text* means, by itself, by its title or by a synonym. `Misused` names a near one."""
    found = _found(described, text, known, titles)
    if found:
        return found
    word, meant = folded(text), _meant(tuple(known), tuple(titles.items()))
    near = get_close_matches(word, meant, n=1, cutoff=0.75) if len(word) > 2 else []
    hint = f", did you mean {meant[near[0]]}?" if near else f"; it is one of {', '.join(known)}"
    raise Misused(f"{described.name} cannot be {text.strip()!r}{hint}")


def _found(described: Field, text: str, known: Sequence[str], titles: Mapping[str, str]) -> str:
    """The one of *known* that *text* means; empty when it means none."""
    if described.name == "age_band" and (band := _age_band(text)):
        return band
    word, meant = folded(text), _meant(tuple(known), tuple(titles.items()))
    return meant.get(word) or meant.get(word.replace(" ", ""), "")


def reads_as(described: Field, text: str) -> bool:
    """Whether *text* by itself means one of the field's own words."""
    return bool(_found(described, text, described.choices, {}))


def kind_within(text: str) -> str:
    """The kind of session that words in the name of an activity tell; empty when none do, or several."""
    said = f" {folded(text)} "
    found = {code for phrase, code in meanings("activities").items() if f" {phrase} " in said}
    return found.pop() if len(found) == 1 else ""


def is_pause(text: str) -> bool:
    """Whether a line of an itinerary is a meal or a break, and no session."""
    said = folded(text)
    return any(said == phrase or said.startswith(f"{phrase} ") for phrase in meanings("pauses"))


def several_of(described: Field, text: str, known: Sequence[str], titles: Mapping[str, str]) -> list[str]:
    """Those of *known* that *text* lists. A part that is one of them as it stands is not taken apart."""
    found = _parts(described, text, known, titles, _BETWEEN)
    return list(dict.fromkeys(one_of(described, part, known, titles) for part in found))


def _parts(
    described: Field, text: str, known: Sequence[str], titles: Mapping[str, str], signs: Sequence[str]
) -> list[str]:
    text = _BULLET.sub("", text)
    if not signs or _found(described, text, known, titles):
        return [text]
    pieces = [piece for piece in re.split(signs[0], text) if piece.strip()]
    rest = [_parts(described, piece, known, titles, signs[1:]) for piece in pieces]
    return [part for parts in rest for part in parts] or [text]


@lru_cache(maxsize=256)
def _meant(known: tuple[str, ...], titles: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    """Every phrase that means one of *known*, folded: codes come before titles, titles before synonyms."""
    synonyms = words()["codes"]
    instead = {code: others for code, others in words()["instead"].items() if not set(others) & set(known)}
    spoken = {code: (code, *instead.get(code, ())) for code in known}
    meant = {folded(word): code for code in known for each in spoken[code] for word in (each, *synonyms.get(each, ()))}
    meant |= {folded(title): code for code, title in titles if code in known}
    meant |= {folded(code).replace(" ", ""): code for code in known}
    return meant | {folded(code): code for code in known}


def _age_band(text: str) -> str:
    """The band of an age, or of a span of ages that does not reach over 35; empty when *text* says neither."""
    said, ages = folded(text), [int(age) for age in _AGES.findall(text)]
    if not ages:
        group = set(said.split())
        return "under_35" if group & _YOUNG else "35_or_over" if group & _ADULT else ""
    if len(ages) == 1 and (_UNDER.search(text.casefold()) or _UNDER.search(said)):
        return "under_35" if ages[0] <= 35 else ""
    if len(ages) == 1 and (_OVER.search(text) or _OVER.search(said)):
        return "35_or_over" if ages[0] >= 34 else ""
    # 18-35 is how a programme for the young calls them.
    return "under_35" if max(ages) <= 35 and min(ages) < 35 else "35_or_over" if min(ages) >= 35 else ""
