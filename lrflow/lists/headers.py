"""Tell which column of a list is which field, and what kind of records its rows are."""

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any

from lrflow.catalogue import KINDS
from lrflow.errors import Misused
from lrflow.lists.layout import title_of
from lrflow.lists.likeness import folded

NEAR = 0.82
SHORTEST = 4  # letters: a shorter header is never taken for a slip of another
PROBLEM = "Problem"
_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]|\*")
_OF_PERSON = ("participant", "champion", "person")
_TELLING = {  # headers that tell a kind from its neighbours
    "participant": ("email", "lead", "visa", "sex", "passport"),
    "person": ("email",),
    "experience": ("evidence:success", "evidence:challenge", "good_practice", "innovation", "areas", "title"),
    "session": ("on", "kind", "leads"),
    "budget": ("what", "amount"),
    "cascade": ("level", "women", "men"),
    "action": ("due", "plan"),
}
_PREFERRED = (  # of two that fit alike, what a list is more often
    *("participant", "experience", "organisation", "session", "budget", "plan", "action", "cascade", "sharing"),
    *("champion", "delegation", "case", "objective", "evidence", "checkin", "offer", "person"),
)
_NEEDED = {  # without these a list can hardly be one of that kind
    "participant": ("name", "first_name", "last_name", "email"),
    "champion": ("experiences",),
    "person": ("name", "first_name", "last_name", "email"),
    "organisation": ("name",),
    "delegation": ("organisation",),
    "experience": ("title",),
    "case": ("experience",),
    "evidence": ("about",),
    "session": ("on",),
    "objective": ("title",),
    "plan": ("title",),
    "action": ("title",),
    "checkin": ("month",),
    "cascade": ("level",),
    "sharing": ("sort",),
    "budget": ("amount",),
    "offer": ("offered_on", "strengths"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its header, its place, the field it is (empty when it is none), and how that was known."""

    header: str
    index: int
    target: str
    how: str = ""  # told, remembered, exact or near


@dataclass(frozen=True, slots=True)
class Matched:
    """A list understood: the kind of its rows, each column, the headers that fit nothing, and what is doubtful."""

    kind: str
    columns: tuple[Column, ...]
    left: tuple[str, ...]
    numbering: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


def match(
    headers: Sequence[str],
    *,
    kind: str = "",
    told: Mapping[str, str] | None = None,
    remembered: Mapping[str, str] | None = None,
) -> Matched:
    """Find the field of each of *headers*, and the *kind* of the rows unless it is given.

    What was *told* holds, then what is *remembered*, then the header itself in any of four languages, then a near miss.
    Raises `Misused` when the kind cannot be told, or when a told field does not exist.
    """
    kind = kind or _kind_of(headers)
    targets = _targets(kind)
    for header, target in (told or {}).items():
        if target and target not in targets.values():
            near = get_close_matches(target, set(targets.values()), n=1)
            hint = f", did you mean {near[0]}?" if near else ""
            known = sorted(set(targets.values()))
            raise Misused(
                f"{kind} has no field {target!r} for {header!r}{hint}", problems=[f"it has {', '.join(known)}"]
            )
    return _matched(kind, headers, targets, told or {}, remembered or {})


def _matched(
    kind: str, headers: Sequence[str], targets: Mapping[str, str], told: Mapping[str, str], kept: Mapping[str, str]
) -> Matched:
    found: dict[int, Column] = {}
    taken: set[str] = set()
    doubts: list[str] = []
    passes = (("told", told), ("remembered", kept))
    for how, mapping in passes:
        for place, header in enumerate(headers):
            if place not in found and header in mapping and (not mapping[header] or mapping[header] not in taken):
                found[place] = Column(header, place, mapping[header], how)
                taken.add(mapping[header] or f"-{place}")
    for place, header in enumerate(headers):
        target = targets.get(_said(header), "")
        if place not in found and target and target not in taken:
            found[place] = Column(header, place, target, "exact")
            taken.add(target)
        elif place not in found and target and kind:
            doubts.append(f"{header} is not read: another column is {target} already")
    for place, target in _near_ones(headers, targets, found, taken):
        found[place] = Column(headers[place], place, target, "near")
        doubts.append(f'{headers[place]} is taken for {target} (--map "{headers[place]}=" if it is not)')
    rest = [place for place in range(len(headers)) if place not in found]
    numbering = tuple(headers[place] for place in rest if _is_numbering(headers[place]))
    left = tuple(headers[place] for place in rest if headers[place] not in (*numbering, PROBLEM))
    columns = tuple(found[place] for place in sorted(found))
    return Matched(kind, columns, left, numbering, tuple(doubts))


def _near_ones(
    headers: Sequence[str], targets: Mapping[str, str], found: Mapping[int, Column], taken: set[str]
) -> Iterator[tuple[int, str]]:
    """The slips: a header near to one of a field that no other column is; the nearest first."""
    scored: list[tuple[float, int, str]] = []
    for place, header in enumerate(headers):
        said = _said(header)
        if place in found or len(said) < SHORTEST or _is_numbering(header):
            continue
        for words, target in targets.items():
            if target not in taken and abs(len(words) - len(said)) <= 4 and len(words) >= SHORTEST:
                scored.append((SequenceMatcher(None, said, words).ratio(), place, target))
    used: set[int] = set()
    for ratio, place, target in sorted(scored, key=lambda each: (-each[0], each[1])):
        if ratio >= NEAR and place not in used and target not in taken:
            used.add(place)
            taken.add(target)
            yield place, target


def _said(header: str) -> str:
    return folded(_BRACKETS.sub(" ", header)) or folded(header)


def _is_numbering(header: str) -> bool:
    said = _said(header)
    return said in _numbers() or header.strip() in _words()["numbering"]


@lru_cache(maxsize=1)
def _words() -> Mapping[str, Any]:
    """What people call their columns: a file, so that a new word needs no programmer."""
    return tomllib.loads(Path(__file__).with_name("headers.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def _numbers() -> frozenset[str]:
    return frozenset(folded(each) for each in _words()["numbering"])


@lru_cache(maxsize=32)
def _targets(kind: str) -> Mapping[str, str]:
    """Every header known for *kind*, folded, with the field it means."""
    found: dict[str, str] = {}
    of_person = {name: words for name, words in _words()["person"].items() if kind != "champion" or name != "lead"}
    own = dict(_words()["kind"].get(kind, {}))
    if kind in _OF_PERSON:
        own = {**of_person, **own}
    if kind == "organisation":
        own |= {name: of_person[name] for name in ("country", "language", "zone", "email")}
    if kind == "delegation":
        own["organisation"] = of_person["organisation"]
    for target, words in {**own, **_words()["everywhere"]}.items():
        for each in words:
            found.setdefault(folded(each), target)
    for described in KINDS[kind].fields:
        for said in (described.name, described.name.replace("_", " "), title_of(described)):
            if not (kind in ("participant", "champion") and described.name == "person"):
                found.setdefault(folded(said), described.name)
    return found


def _kind_of(headers: Sequence[str]) -> str:
    """The kind whose fields explain most of the *headers*; `Misused` when none does."""
    scores = {str(kind): _score(kind, headers) for kind in (*_words()["kind"], "person")}
    best = max(scores, key=lambda kind: (scores[kind], -_PREFERRED.index(kind)))
    if scores[best] <= 0:
        what = "it cannot be told what the rows are"
        raise Misused(
            what, problems=[f"the headers are {', '.join(headers)}"], remedy="--kind participant (or another)"
        )
    return best


def _score(kind: str, headers: Sequence[str]) -> float:
    targets = _targets(kind)
    hit = [targets[said] for header in headers if (said := _said(header)) in targets]
    if not set(hit) & set(_NEEDED[kind]):
        return 0.0
    telling = set(hit) & set(_TELLING.get(kind, ()))
    return len(set(hit)) + 0.5 * len(telling) - (0.75 if kind == "person" else 0)


def key_of(headers: Sequence[str]) -> str:
    """A fingerprint of a set of headers, whatever their order and capitals."""
    said = "|".join(sorted(folded(header) for header in headers))
    return hashlib.sha256(said.encode()).hexdigest()[:24]
