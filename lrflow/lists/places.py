"""Which country and which language a cell names, in English, French, Spanish or Portuguese, or by a code."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import lru_cache

from lrflow.catalogue.shared import LANGUAGES
from lrflow.errors import Misused
from lrflow.lists.likeness import folded
from lrflow.lists.words import meanings, words

TONGUES = ("en", "fr", "es", "pt")
_NO_COUNTRIES = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})  # what the dictionaries list among them
_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_OFFICIAL = re.compile(
    r"^(?:the )?(?:(?:federal|federative|islamic|united|plurinational|socialist|democratic|people s) )*"
    r"(?:republic|kingdom|state|union|commonwealth|sultanate) of (?:the )?"
    r"|^(?:republique|royaume|etat|union) (?:(?:unie?|federale|islamique|democratique) )*(?:de la|de l|du|des|de|d) "
    r"|^(?:republica|reino|estado|uniao|union) (?:(?:unida|federal|federativa|islamica|democratica) )*"
    r"(?:de la|de los|del|do|da|dos|de) "
    r"|^(?:the|la|le|les|l|el|los|o|a|os|as) "
)
_BETWEEN = re.compile(r"[/,;+&\n]|\s(?:et|and|y|e|ou|or|o)\s", re.IGNORECASE)


def country_code(text: str) -> str:
    """The ISO code of a country named in any of four languages, or by a code. `Misused` names a near one."""
    known = _countries()
    for said in _readings(text):
        if said in words()["ambiguous"]:
            raise Misused(f"{text.strip()!r} may be {' or '.join(map(_called, words()['ambiguous'][said]))}")
        if said in known:
            return known[said]
    parts = [known[folded(part)] for part in re.split(r"[,/(]", text) if folded(part) in known]
    slips = get_close_matches(folded(text), known, n=1, cutoff=0.8) if len(folded(text)) > 3 else []
    near = parts or [known[each] for each in slips]
    hint = f", did you mean {_called(near[0])}?" if near else ""
    raise Misused(f"{text.strip()!r} is not a country{hint}")


def named_country(text: str) -> str:
    """The code of the country that *text* is the name of; empty when it is none, or the name of several."""
    known = _countries()
    found = [known[said] for said in _readings(text) if said in known]
    return found[0] if found and len(text.strip()) > 3 and not is_of_several(text) else ""


def is_of_several(text: str) -> bool:
    """Whether *text* is a name that more than one country has: Congo."""
    return folded(text) in words()["ambiguous"]


def _readings(text: str) -> list[str]:
    """*text* folded, and as it is without brackets, points, what follows a comma put first, and official titles."""
    whole, bare = folded(text), folded(_BRACKETS.sub(" ", text))
    first, comma, rest = text.partition(",")
    turned = folded(f"{rest} {first}") if comma else bare
    letters = whole.replace(" ", "") if all(len(word) == 1 for word in whole.split()) else whole
    shorter = [_OFFICIAL.sub("", said) for said in (whole, bare, turned)]
    return list(dict.fromkeys((whole, letters, bare, turned, *shorter)))


def text_of_country(code: str) -> str:
    """The English name of a country."""
    from babel import Locale

    return str(Locale.parse("en").territories.get(code, code))


def _called(code: str) -> str:
    return f"{text_of_country(code)} ({code})"


@lru_cache(maxsize=1)
def _countries() -> Mapping[str, str]:
    from babel import Locale

    found: dict[str, str] = {}
    for tongue in TONGUES:
        for code, name in Locale.parse(tongue).territories.items():
            if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRIES:
                found.setdefault(folded(name), str(code))
                found[str(code).casefold()] = str(code)
    pairs = {pair[:3].casefold(): pair[3:] for pair in words()["three_letters"]["codes"].split()}
    return {**found, **pairs, **meanings("countries")}


def language_code(text: str) -> str:
    """One of the languages that messages are written in, by code or by name in any of them."""
    said, tag = folded(_BRACKETS.sub(" ", text)), re.match(r"\s*([A-Za-z]{2})[-_][A-Za-z]{2}\b", text)
    known = _languages()
    code = known.get(said) or (known.get(tag[1].casefold(), "") if tag else "")
    if code in LANGUAGES:
        return code
    spoken = {known[folded(part)] for part in _BETWEEN.split(text) if folded(part) in known}
    written = spoken & set(LANGUAGES)
    if len(written) == 1:
        return written.pop()  # of wolof and français, messages can only be in one
    if len(spoken) > 1:
        raise Misused(f"{text.strip()!r} are several languages; messages are written in one: en, fr, es or pt")
    if code:
        raise Misused(f"{text.strip()!r} is a language without texts; use en, fr, es or pt")
    near = [known[each] for each in get_close_matches(said, known, n=1, cutoff=0.8) if len(said) > 3]
    hint = f", did you mean {near[0]}?" if near and near[0] in LANGUAGES else "; use en, fr, es or pt"
    raise Misused(f"{text.strip()!r} is not known as a language{hint}")


@lru_cache(maxsize=1)
def _languages() -> Mapping[str, str]:
    from babel import Locale

    found: dict[str, str] = {}
    for tongue in TONGUES:
        for code, name in Locale.parse(tongue).languages.items():
            # pt_BR is a way of writing pt.
            found.setdefault(folded(name), str(code).partition("_")[0])
            if "_" not in code:
                found.setdefault(str(code).casefold(), str(code))
    return {**found, **meanings("languages")}
