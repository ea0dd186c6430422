"""How alike two texts are: folded to what is said rather than how it is typed, and near by their letters."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from heapq import nsmallest
from itertools import pairwise
from math import ceil

NEAR = 0.9
NEAR_APART = 0.6  # what only one of the two has, compared by itself: Rute Seto is not Detu Nenga
SHORTEST = NEAR / (2 - NEAR)  # the shorter of two near texts has this share of the longer one's letters
MOST_ANSWERS = 5
MOST_COMPARED = 20
MOST_LOOKED_AT = 300
SIGNATURE_BITS = 251

_UNDECOMPOSED = str.maketrans({"ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "ı": "i", "ð": "d", "þ": "th"})
_ASCII = str.maketrans({chr(code): " " for code in range(128) if not chr(code).isalnum()})


def folded(text: str) -> str:
    """*text* in small letters, without accents, with one space for each run of blanks and punctuation.

    Letters of every script stay, and marks that are part of a letter outside Latin, Greek, Cyrillic, Hebrew, Arabic.
    """
    if text.isascii():
        return " ".join(text.casefold().translate(_ASCII).split())
    apart = unicodedata.normalize("NFKD", text.casefold()).translate(_UNDECOMPOSED)
    kept = "".join(_fold_sign(sign) for sign in apart)
    return " ".join(unicodedata.normalize("NFC", kept).split())


def _fold_sign(sign: str) -> str:
    # Classes 10 and above are accents and vowel points; below lie nukta, virama: they make another letter.
    if sign.isascii() or sign.isalnum():
        return sign if sign.isalnum() else " "
    category = unicodedata.category(sign)
    if category.startswith("M"):
        return "" if unicodedata.combining(sign) >= 10 else sign
    return "" if category == "Cf" else " "


@dataclass(frozen=True, slots=True)
class Shelf:
    """Texts of one length, cut into pieces at the same places: by place of the cut, who holds which piece."""

    spans: tuple[tuple[int, int], ...]
    holding: tuple[Mapping[str, Sequence[int]], ...]


@dataclass(frozen=True, slots=True)
class Index:
    """Names made ready to be compared with; `Index.of` makes one in time linear in the names."""

    names: tuple[str, ...]
    texts: tuple[str, ...]  # each name folded
    signatures: tuple[int, ...]  # each text's pairs of letters, one bit a pair
    shelves: Mapping[tuple[str, int], Shelf]  # by the digits of the text, and its length
    by_words: Mapping[str, Sequence[int]]  # the places of the texts made of these words, in any order

    @classmethod
    def of(cls, names: Iterable[str]) -> "Index":
        """An index of *names*; one written twice is kept once."""
        kept = tuple(dict.fromkeys(names))
        texts = tuple(folded(name) for name in kept)
        alike: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
        by_words: defaultdict[str, list[int]] = defaultdict(list)
        for place, text in enumerate(texts):
            alike[_digits(text), len(text)].append(place)
            by_words[_words_in_order(text)].append(place)
        shelves = {key: _shelf(key[1], places, texts) for key, places in alike.items()}
        return cls(kept, texts, tuple(map(_signature, texts)), shelves, dict(by_words))


def _shelf(length: int, places: Sequence[int], texts: Sequence[str]) -> Shelf:
    # One piece more than there may be mistakes, and one to spare: some piece is free of them.
    pieces = min(int(length * (1 - NEAR)) + 2, max(length, 1))
    cuts = [length * number // pieces for number in range(pieces + 1)]
    spans = tuple(pairwise(cuts))
    holding: tuple[defaultdict[str, list[int]], ...] = tuple(defaultdict(list) for _ in spans)
    for place in places:
        for (start, end), held in zip(spans, holding, strict=True):
            held[texts[place][start:end]].append(place)
    return Shelf(spans, tuple(dict(held) for held in holding))


def near(text: str, known: Index) -> tuple[str, ...]:
    """The names of *known* that *text* may be meant for, the nearest first, at most five.

    Near are the same words in another order, and texts whose letters agree to nine tenths (`SequenceMatcher.ratio`),
    but for those that differ in a number, an initial or a code of two letters, or whose own words are little alike:
    these differ on purpose. A name written exactly like *text* is not near, it is the same.

    One mistake is found, wherever it stands; among thousands of names, two in one name may be overlooked: what a name
    is compared with is limited, so that long lists, and lists of names all alike, take no longer a name than others.
    """
    said = folded(text)
    found = dict.fromkeys(known.by_words.get(_words_in_order(said), ()), 1.0)
    for place in _candidates(said, known):
        if place not in found and (ratio := _likeness(said, known.texts[place])) >= NEAR:
            found[place] = ratio
    best = nsmallest(MOST_ANSWERS + 1, found, key=lambda place: (-found[place], place))
    return tuple(known.names[place] for place in best if known.names[place] != text)[:MOST_ANSWERS]


def _candidates(said: str, known: Index) -> Sequence[int]:
    """The places of the texts that share a whole piece with *said*, about where it stands, and most pairs of letters.

    Rare pieces come first, and no more than `MOST_LOOKED_AT` texts are looked at: half a list may be called Awa.
    """
    mine, length, signatures = _signature(said), len(said), known.signatures
    most = 4 * int(1.05 * length * (1 - NEAR)) + 3  # another letter changes four pairs, and a tenth may be others
    kept: set[int] = set()
    left = MOST_LOOKED_AT
    for places in sorted(_sharing(said, known.shelves), key=len):
        kept.update([place for place in places[:left] if (mine ^ signatures[place]).bit_count() <= most])
        left -= len(places)
        if left <= 0:
            break
    if len(kept) <= MOST_COMPARED:
        return list(kept)
    return nsmallest(MOST_COMPARED, kept, key=lambda place: ((mine ^ signatures[place]).bit_count(), place))


def _sharing(said: str, shelves: Mapping[tuple[str, int], Shelf]) -> Iterator[Sequence[int]]:
    length, digits = len(said), _digits(said)
    shift = int(length * (1 - NEAR)) + 1
    for other in range(ceil(length * SHORTEST), int(length / SHORTEST) + 1):
        if shelf := shelves.get((digits, other)):
            for (start, end), held in zip(shelf.spans, shelf.holding, strict=True):
                for by in range(max(-shift, -start), shift + 1):
                    if places := held.get(said[start + by : end + by]):
                        yield places


def _likeness(one: str, other: str) -> float:
    mine, theirs = one.split(), other.split()
    left = [word for word in mine if word not in theirs]
    right = [word for word in theirs if word not in mine]
    if left and right and (_are_codes(left, right) or _ratio(" ".join(left), " ".join(right)) < NEAR_APART):
        return 0.0
    return _ratio(one, other)


def _are_codes(left: Sequence[str], right: Sequence[str]) -> bool:
    """Whether initials or codes of two letters stand against each other, as in Team KE and Team MW."""
    short = [{word[0] for word in words if len(word) <= 2} for words in (left, right)]
    return bool(short[0] and short[1] and not short[0] & short[1])


def _ratio(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _digits(text: str) -> str:
    return "" if text.replace(" ", "").isalpha() else "".join(sign for sign in text if sign.isdigit())


def _signature(text: str) -> int:
    signature = 0
    for one, two in pairwise(text):
        # Not hash(): it differs from run to run, and what is near must not.
        signature |= 1 << (ord(one) * 31 + ord(two)) % SIGNATURE_BITS
    return signature


def _words_in_order(text: str) -> str:
    return " ".join(sorted(text.split()))
