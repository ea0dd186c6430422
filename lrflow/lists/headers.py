"""Tell which column of a list is which field, and what kind of records its rows are."""

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher, get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any

from lrflow.catalogue import KINDS
from lrflow.errors import Misused
from lrflow.lists.amounts import parted_currency
from lrflow.lists.layout import title_of
from lrflow.lists.likeness import folded

NEAR = 0.82
CLOSE = 1.5  # kinds whose headers score so little less than the best may still be meant
SHORTEST = 4  # letters: a shorter header is never taken for a slip of another
PROBLEM = "Problem"
_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]|\*")
_BESIDE = re.compile(r"[/|\n]|\s[-–]\s")  # Name / Nom
_COUNT = re.compile(r"(?<=[^\W\d]) ?1$")  # the first of several: Email 1
_SMALL = frozenset(
    "a an the of de du des d la le les l del el los las da do dos das e et y and s your votre su sua".split()  # noqa: SIM905
)
_BARE_NAMES = frozenset({"name", "names", "nom", "noms", "nombre", "nome", "nomes"})
_LAST_FIRST = re.compile(r"^(?:apellidos?|apelidos?|surname|last name|family name|nom et prenoms?|noms et prenoms?)\b")
_OF_PERSON = ("participant", "champion", "person")
_TELLING = {  # headers that tell a kind from its neighbours
    "participant": ("email", "lead", "visa", "sex", "passport"),
    "organisation": ("in_registry", "acronym"),
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
    "organisation": ("name", "acronym"),
    "delegation": ("organisation",),
    "experience": ("title",),
    "case": ("experience",),
    "evidence": ("about",),
    "session": ("on",),
    "objective": ("title",),
    "plan": ("title", "delegation"),
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
class Fit:
    """A field that a header may be: how loosely (0: word for word), and how early that word stands in its list."""

    target: str
    looseness: int
    rank: int


@dataclass(frozen=True, slots=True)
class Phrases:
    """What the headers of a kind may be called: word for word, without small words, in any order."""

    whole: Mapping[str, Sequence[Fit]]
    bare: Mapping[str, Sequence[Fit]]
    turned: Mapping[str, Sequence[Fit]]


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
    known = _targets(kind)
    for header, target in (told or {}).items():
        if target and target not in known:
            near = get_close_matches(target, known, n=1)
            hint = f", did you mean {near[0]}?" if near else ""
            raise Misused(
                f"{kind} has no field {target!r} for {header!r}{hint}", problems=[f"it has {', '.join(sorted(known))}"]
            )
    return _matched(kind, headers, told or {}, remembered or {})


def _matched(kind: str, headers: Sequence[str], told: Mapping[str, str], kept: Mapping[str, str]) -> Matched:
    found: dict[int, Column] = {}
    taken: set[str] = set()
    for how, mapping in (("told", told), ("remembered", kept)):
        for place, header in enumerate(headers):
            if place not in found and header in mapping and (not mapping[header] or mapping[header] not in taken):
                found[place] = Column(header, place, mapping[header], how)
                taken.add(mapping[header] or f"-{place}")
    fits = {place: fitting for place, fitting in _all_fits(kind, headers).items() if place not in found}
    for place, target in _best(kind, fits, taken):
        found[place] = Column(headers[place], place, target, "exact")
    doubts = [
        f"{headers[place]} is not read: another column is {fitting[0].target} already"
        for place, fitting in fits.items()
        if fitting and place not in found
    ]
    for place, target in _near_ones(headers, kind, [place for place in fits if not fits[place]], taken):
        found[place] = Column(headers[place], place, target, "near")
        doubts.append(f'{headers[place]} is taken for {target} (--map "{headers[place]}=" if it is not)')
    rest = [place for place in range(len(headers)) if place not in found]
    numbering = tuple(headers[place] for place in rest if _is_numbering(headers[place]))
    left = tuple(headers[place] for place in rest if headers[place] not in (*numbering, PROBLEM))
    columns = tuple(_with_parts_of_names([found[place] for place in sorted(found)]))
    return Matched(kind, columns, left, numbering, tuple(doubts))


def _best(kind: str, fits: Mapping[int, Sequence[Fit]], taken: set[str]) -> Iterator[tuple[int, str]]:
    """Give each field to the header that fits it best, what a list needs first, each header once; *taken* grows."""
    used: set[int] = set()
    every = [
        (fit.looseness, fit.target not in _first_of(kind), fit.rank, place, fit)
        for place, fitting in fits.items()
        for fit in fitting
    ]
    for *_, place, fit in sorted(every, key=lambda each: each[:4]):
        if place not in used and fit.target not in taken:
            used.add(place)
            taken.add(fit.target)
            yield place, fit.target


def _first_of(kind: str) -> Sequence[str]:
    # Of a list of participants, Delegation says who sends them, unless another column does: then it is an id.
    return (*_NEEDED[kind], "organisation") if kind == "participant" else _NEEDED[kind]


def _with_parts_of_names(columns: Sequence[Column]) -> Iterator[Column]:
    """*columns*, Nom beside Prénom as the last name, Nombre beside Apellidos as the first."""
    targets = {column.target for column in columns}
    other = {"first_name": "last_name", "last_name": "first_name"}
    beside = [other[target] for target in sorted(targets & other.keys())]
    for column in columns:
        is_part = column.target == "name" and column.how == "exact" and _said(column.header) in _BARE_NAMES
        yield replace(column, target=beside[0]) if is_part and len(beside) == 1 else column


def _near_ones(headers: Sequence[str], kind: str, places: Sequence[int], taken: set[str]) -> Iterator[tuple[int, str]]:
    """The slips: a header near to one of a field that no other column is; the nearest first. *taken* grows."""
    scored: list[tuple[float, int, str]] = []
    whole = _phrases(kind).whole
    for place in places:
        said = _said(headers[place])
        if len(said) < SHORTEST or _is_numbering(headers[place]):
            continue
        for words in (
            *get_close_matches(said, whole, n=3, cutoff=NEAR),
            *_with_letters_of(kind).get(_letters(said), ()),
        ):
            target = whole[words][0].target
            if target not in taken and len(words) >= SHORTEST and _is_slip(said, words):
                scored.append((_ratio(said, words), place, target))
    used: set[int] = set()
    for _, place, target in sorted(scored, key=lambda each: (-each[0], each[1])):
        if place not in used and target not in taken:
            used.add(place)
            taken.add(target)
            yield place, target


@lru_cache(maxsize=32)
def _with_letters_of(kind: str) -> Mapping[str, Sequence[str]]:
    """The headers of *kind* by their letters in order: two letters that changed places are a slip as well."""
    found: dict[str, list[str]] = {}
    for words in _phrases(kind).whole:
        found.setdefault(_letters(words), []).append(words)
    return found


def _letters(words: str) -> str:
    return "".join(sorted(words))


def _is_slip(said: str, words: str) -> bool:
    """Whether the words that only one of the two has are near too: nacimiento is no slip of vencimiento."""
    mine, theirs = said.split(), words.split()
    left, right = (
        " ".join(word for word in one if word not in other) for one, other in ((mine, theirs), (theirs, mine))
    )
    return not (left and right) or _letters(left) == _letters(right) or _ratio(left, right) >= NEAR


def _ratio(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio()


def _all_fits(kind: str, headers: Sequence[str]) -> dict[int, Sequence[Fit]]:
    # The last column of a file to fix says why the row was left out; elsewhere a problem may be one of the list.
    given = headers[:-1] if headers and headers[-1] == PROBLEM else headers
    return {place: _fits(kind, header) for place, header in enumerate(given)}


def _fits(kind: str, header: str) -> Sequence[Fit]:
    """The fields that *header* may be, the likeliest first: by its words, without the small ones, in any order.

    A header in two languages (Name / Nom) is what both its parts are.
    """
    phrases, said = _phrases(kind), _said(header)
    fits = phrases.whole.get(said) or phrases.bare.get(_bare(said)) or phrases.turned.get(_turned(said))
    if fits:
        return fits
    parts = [part for part in _BESIDE.split(_BRACKETS.sub(" ", header)) if folded(part)]
    each = [_fits(kind, part) for part in parts] if len(parts) > 1 else []
    agreed = {fitting[0].target if fitting else "" for fitting in each}
    return each[0] if len(agreed) == 1 and agreed != {""} else ()


def _said(header: str) -> str:
    return _COUNT.sub("", _spelt(_BRACKETS.sub(" ", header)) or _spelt(header))


def _spelt(header: str) -> str:
    """*header* folded, in one of the two spellings of English, without the currency of its amounts."""
    return folded(parted_currency(header)[0]).replace("organiz", "organis")


def _bare(said: str) -> str:
    """*said* without its small words, or as it is when it has no other."""
    return " ".join(word for word in said.split() if word not in _SMALL) or said


def _turned(said: str) -> str:
    return " ".join(sorted(_bare(said).split()))


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
def _phrases(kind: str) -> Phrases:
    """Every header known for *kind*, folded, with the fields it may mean."""
    forms: tuple[dict[str, list[Fit]], ...] = ({}, {}, {})
    for target, known in _headers_of(kind).items():
        for rank, words in enumerate(known):
            said = _spelt(words)
            for looseness, form in enumerate((said, _bare(said), _turned(said))):
                known_for = forms[looseness].setdefault(form, [])
                if all(fit.target != target for fit in known_for):
                    known_for.append(Fit(target, looseness, rank))
    for fits in (fits for form in forms for fits in form.values()):
        fits.sort(key=lambda fit: fit.rank)
    return Phrases(*forms)


def _headers_of(kind: str) -> Mapping[str, Sequence[str]]:
    """By field of *kind*, what its column may be called, the surest first: its own name, then what people say."""
    of_person = {name: words for name, words in _words()["person"].items() if kind != "champion" or name != "lead"}
    own = dict(_words()["kind"].get(kind, {}))
    if kind in _OF_PERSON:
        own = {**of_person, **own}
    if kind == "person":
        own.pop("lead")
    if kind == "organisation":
        own |= {name: [*of_person[name], *own.get(name, ())] for name in ("country", "language", "zone", "email")}
    if kind == "delegation":
        own |= {name: of_person[name] for name in ("organisation", "country")}
    named: dict[str, list[str]] = {}
    for described in KINDS[kind].fields:
        if not (kind in ("participant", "champion") and described.name == "person"):
            named[described.name] = [described.name, described.name.replace("_", " "), title_of(described)]
    every = {**own, **_words()["everywhere"]}
    return {target: [*named.get(target, ()), *every.get(target, ())] for target in (*every, *named)}


@lru_cache(maxsize=32)
def _targets(kind: str) -> frozenset[str]:
    return frozenset(_headers_of(kind))


def _kind_of(headers: Sequence[str]) -> str:
    """The kind whose fields explain most of the *headers*; `Misused` when none does."""
    scores = {str(kind): _score(kind, headers) for kind in (*_words()["kind"], "person")}
    leading = [kind for kind, score in scores.items() if score >= max(scores.values()) - CLOSE]
    scores |= {kind: _score(kind, headers, slips=True) for kind in leading}
    best = max(leading, key=lambda kind: (scores[kind], -_PREFERRED.index(kind)))
    if scores[best] <= 0 or _is_by_chance(best, headers):
        what = "it cannot be told what the rows are"
        raise Misused(
            what, problems=[f"the headers are {', '.join(headers)}"], remedy="--kind participant (or another)"
        )
    return best


def _is_by_chance(kind: str, headers: Sequence[str]) -> bool:
    """Whether only one of several headers speaks for *kind*, or none but by a slip."""
    assigned, near, _ = _explained(kind, headers, slips=True)
    others = sum(not _is_numbering(header) for header in headers) - assigned - near
    return (assigned <= 1 and near == 0 and others > 1) or (assigned == 0 and near == 1)


def _score(kind: str, headers: Sequence[str], *, slips: bool = False) -> float:
    """How well *headers* fit *kind*: a field counts one, a telling one more, a slip of the pen less."""
    assigned, near, hit = _explained(kind, headers, slips=slips)
    if not hit & set(_NEEDED[kind]):
        return 0.0
    telling = hit & set(_TELLING.get(kind, ()))
    return assigned + 0.7 * near + 0.5 * len(telling) - _doubtful(kind, headers, hit)


def _explained(kind: str, headers: Sequence[str], *, slips: bool) -> tuple[int, int, set[str]]:
    """How many of *headers* are fields of *kind*, how many more are near to one, and which fields these are."""
    fits = _all_fits(kind, headers)
    hit: set[str] = set()
    assigned = list(_best(kind, fits, hit))
    near = list(_near_ones(headers, kind, [place for place in fits if not fits[place]], hit)) if slips else []
    return len(assigned), len(near), hit


def _doubtful(kind: str, headers: Sequence[str], hit: set[str]) -> float:
    """What speaks against *kind*, where another explains the same headers."""
    if kind == "participant" and not hit & {"organisation", "delegation", "lead"}:
        return 1.0  # who travels is sent by somebody
    if kind == "organisation" and not hit & {"kind", "in_registry"}:
        return 0.5 if any(_said(header) in _BARE_NAMES for header in headers) else 0.0
    return 0.75 if kind == "person" else 0.0


def is_called(kind: str, target: str, text: str) -> bool:
    """Whether a column of *target* may be called *text*."""
    return any(fit.target == target for fit in _fits(kind, text))


def says_last_first(header: str) -> bool:
    """Whether a column of names says that the last name comes first: Apellidos y nombres."""
    return bool(_LAST_FIRST.match(_spelt(header)))


def key_of(headers: Sequence[str]) -> str:
    """A fingerprint of a set of headers, whatever their order and capitals."""
    said = "|".join(sorted(folded(header) for header in headers))
    return hashlib.sha256(said.encode()).hexdigest()[:24]
