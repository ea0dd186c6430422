"""What a cell of somebody's list means: the words that the catalogue reads, or a sentence on what is wrong."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache

from lrflow.catalogue import Field
from lrflow.catalogue.shared import LANGUAGES
from lrflow.errors import Misused
from lrflow.lists.layout import plain_text
from lrflow.lists.likeness import folded
from lrflow.sheets.shapes import Cell

TONGUES = ("en", "fr", "es", "pt")
_YES = frozenset(
    ["yes", "y", "true", "vrai", "verdadero", "verdadeiro", "oui", "si", "sim", "x", "ok", "1", "✓", "✔", "☑", "v"]
)
_NO = frozenset("no n false faux falso non nao 0 - ✗ ☐".split())  # noqa: SIM905
_SEXES = {
    "female": "f female femme feminin feminine woman mujer mulher femenino feminino fille dame girl",
    "male": "m h male homme masculin man hombre homem masculino garcon boy",
    "other": "other autre otro outro",
    "undisclosed": "undisclosed non communique",
}
_BANDS = {
    "under_35": "under 35 moins de 35 menos de 35 jeune youth joven jovem 18 35 15 35",
    "35_or_over": "35 or over 35 ou plus 35 et plus 35 o mas 35 ou mais over 35 plus de 35 mas de 35",
}
_WORDS = {  # what people write for the codes of the programme, beside the codes themselves
    "areas": {
        "policy": "policies politique politiques politica politicas policy review policy tracking",
        "msp": "multi stakeholder platform multi stakeholder platforms plateforme multi acteurs "
        "plateforme multiacteurs "
        "pma plataforma multiactor plataforma multissectorial multi stakeholder coordination",
        "budget": "budgets budget tracking suivi budgetaire presupuesto orcamento budgeting",
        "advocacy": "plaidoyer incidencia abogacia advocacia social mobilisation social mobilization communication",
        "governance": "gouvernance gobernanza governanca good governance bonne gouvernance",
    },
    "visa": {
        "needed": "necessaire a demander required necesario necessario to be obtained a obtenir",
        "obtained": "obtenu ok issued granted obtenido obtido",
        "not_needed": "not required pas necessaire non requis no necesario nao necessario none exempt dispense",
        "refused": "refuse rejected denied rechazado recusado",
    },
}
_SPLIT = re.compile(r"[+;,/\n]|\s+(?:et|and|y|e|&)\s+")
_FORMULA = re.compile(r"^\s*[=+@]|^\s*-\s*\w+\(")
_WRAPPED = re.compile(r"^[^<]*<([^<>]+)>\s*$")
_SIGNS = {"$": "USD", "£": "GBP", "€": "EUR"}
_VARIANTS = {  # countries as people call them where the dictionaries do not
    "drc": "CD", "rdc": "CD", "dr congo": "CD", "congo kinshasa": "CD", "congo brazzaville": "CG", "ivory coast": "CI",
    "cote divoire": "CI", "tanzania": "TZ", "swaziland": "SZ", "burma": "MM", "laos": "LA", "lao pdr": "LA",
    "viet nam": "VN", "kyrgyz republic": "KG", "the gambia": "GM", "cape verde": "CV", "uk": "GB", "usa": "US",
    "guinee conakry": "GN", "guinea conakry": "GN", "guinee bissau": "GW", "timor leste": "TL", "rca": "CF",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading:
    """Against what cells are read: the workflow's own words by vocabulary, the country of the row, and what was said.

    *spoken* is which language to use for one without texts; *is_m_female*, that M is mujer in this list, not male.
    """

    vocabularies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    country: str = ""
    spoken: Mapping[str, str] = field(default_factory=dict)
    is_m_female: bool = False


def read_cell(described: Field, cell: Cell, reading: Reading) -> str:
    """*cell* as the text that `catalogue.reading.read_value` takes for the field; `Misused` says what is wrong."""
    text = plain_text(cell)
    if not text:
        return ""
    match described.type:
        case "email":
            return _email(text)
        case "country":
            return country_code(text)
        case "language":
            return reading.spoken.get(folded(text)) or language_code(text)
        case "yes":
            return _yes(text)
        case "choice":
            return _choice(described, text, reading)
        case "codes":
            if described.choices == LANGUAGES:
                return "+".join(language_code(part) for part in _SPLIT.split(text) if part.strip())
            return "+".join(_choice(described, part, reading) for part in _parts(described, text, reading))
        case "money":
            return _money(text)
        case "number":
            return _number(described, cell, text)
        case "day":
            return text
    if described.name == "phone":
        return phone_number(text, reading.country)
    return _name(text) if described.name == "name" else text


def name_of_parts(first: str, last: str) -> str:
    """A full name from its two columns."""
    return " ".join(f"{first} {last}".split())


def _name(text: str) -> str:
    name = " ".join(text.split())
    if _FORMULA.match(name):
        raise Misused(f"{name!r} looks like a formula, not a name")
    if not any(sign.isalpha() for sign in name):
        raise Misused(f"{name!r} is not a name")
    return name


def _email(text: str) -> str:
    from lrflow.catalogue.reading import read_email

    found = _WRAPPED.match(text)
    address = (found[1] if found else text).strip().removeprefix("mailto:").strip(" .;,")
    if len(re.findall(r"[^\s;,<>]+@[^\s;,<>]+", address)) > 1:
        raise Misused(f"{text!r} holds several addresses; one is needed")
    return read_email(address.lower())  # nobody means two people by ET3@ and et3@


def _yes(text: str) -> str:
    word = folded(text) or text.strip().lower()
    if word in _YES or text.strip() in _YES:
        return "yes"
    if word in _NO or text.strip() in _NO:
        return "no"
    raise Misused(f"{text!r} is neither yes nor no")


def _parts(described: Field, text: str, reading: Reading) -> list[str]:
    """The words of a list; a word that is one of the known ones as it stands is not taken apart."""
    try:
        _choice(described, text, reading)
    except Misused:
        return [part for part in _SPLIT.split(text) if part.strip()]
    return [text]


def _choice(described: Field, text: str, reading: Reading) -> str:
    known = described.choices or reading.vocabularies.get(described.vocabulary, ())
    meant = _meanings(known, described.vocabulary or described.name)
    word = folded(text)
    if described.name == "sex" and word == "m" and reading.is_m_female:
        return "female"
    if word in meant:
        return meant[word]
    near = get_close_matches(word, meant, n=1, cutoff=0.75)
    hint = f", did you mean {meant[near[0]]}?" if near else f"; it is one of {', '.join(known)}"
    raise Misused(f"{described.name} cannot be {text.strip()!r}{hint}")


@lru_cache(maxsize=64)
def _meanings(known: tuple[str, ...], vocabulary: str) -> Mapping[str, str]:
    meant = {folded(each): each for each in known}
    others = _SEXES if vocabulary == "sex" else _BANDS if vocabulary == "age_band" else _WORDS.get(vocabulary, {})
    for code, words in others.items():
        if code in known:
            meant |= {phrase: code for phrase in _phrases(words) if phrase not in meant}
    return meant


def _phrases(words: str) -> list[str]:
    """Each word alone, and each run of two to four: "suivi budgetaire" is one, "budgets" another."""
    each = words.split()
    runs = [" ".join(each[start : start + size]) for size in (2, 3, 4) for start in range(len(each) - size + 1)]
    return [*(word for word in each if len(word) > 3 or vocabulary_word(word)), *runs]


def vocabulary_word(word: str) -> bool:
    """Whether a short word stands for itself: F, M, H, ok, pma."""
    return word in ("f", "m", "h", "ok", "pma")


def _number(described: Field, cell: Cell, text: str) -> str:
    if described.name == "percent" and isinstance(cell, float) and 0 < cell <= 1:
        return str(round(cell * 100))
    return re.sub(r"(?<=\d)[\s.,'](?=\d{3}\b)", "", text).rstrip(" %")


def _money(text: str) -> str:
    """An amount with its currency: 5 000 USD, $5,000.00, 1.000,50 EUR."""
    currency = next((word for word in re.findall(r"[A-Za-z]{3}", text)), "").upper()
    currency = currency or next((code for sign, code in _SIGNS.items() if sign in text), "")
    digits = re.sub(r"[^\d.,]", "", text)
    if not currency or not digits:
        raise Misused(f"{text!r} is no amount with a currency", remedy="write it as 5000 USD")
    if re.search(r",\d{1,2}$", digits):
        digits = digits.replace(".", "").replace(",", ".")
    elif re.search(r"\.\d{3}(\.|$)", digits) and "," not in digits:
        digits = digits.replace(".", "")
    return f"{digits.replace(',', '')} {currency}"


def phone_number(text: str, country: str = "") -> str:
    """A telephone number with its country code; a number without one is read as one of *country*."""
    import phonenumbers

    digits = re.sub(r"\D", "", text)
    tries = [text] if text.strip().startswith("+") else [*((text,) if country else ()), f"+{digits}"]
    for number in tries:
        try:
            parsed = phonenumbers.parse(number, country or None)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_possible_number(parsed) and len(digits) >= 7:
            return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL))
    raise Misused(f"{text!r} is not a telephone number")


def country_code(text: str) -> str:
    """The ISO code of a country named in English, French, Spanish or Portuguese, or by its code."""
    word = folded(text)
    known = _countries()
    if word.upper() in known.values() and len(word) == 2:
        return word.upper()
    if word in known:
        return known[word]
    near = get_close_matches(word, known, n=1, cutoff=0.8)
    hint = f", did you mean {text_of_country(known[near[0]])}?" if near else ""
    raise Misused(f"{text.strip()!r} is not a country{hint}")


def text_of_country(code: str) -> str:
    """The English name of a country."""
    from babel import Locale

    return str(Locale.parse("en").territories.get(code, code))


@lru_cache(maxsize=1)
def _countries() -> Mapping[str, str]:
    from babel import Locale

    found: dict[str, str] = {}
    for tongue in TONGUES:
        for code, name in Locale.parse(tongue).territories.items():
            if len(code) == 2 and code.isalpha():
                found.setdefault(folded(name), str(code))
    return {**found, **_three_letters(), **_VARIANTS}


def _three_letters() -> Mapping[str, str]:
    """The three-letter codes, as far as the calendars' own library knows them."""
    import holidays

    listed = [code for code in holidays.list_supported_countries(include_aliases=True) if len(code) == 3]
    made = {code: getattr(holidays, code, None) for code in listed}
    return {code.lower(): str(each.country) for code, each in made.items() if each and getattr(each, "country", "")}


def language_code(text: str) -> str:
    """One of the languages that messages are written in, by code or by name in any of them."""
    word = folded(text)
    known = _languages()
    code = known.get(word, "")
    if code in LANGUAGES:
        return code
    if code or len(word) > 3:
        what = "is a language without texts" if code else "is not known as a language"
        raise Misused(f"{text.strip()!r} {what}; use en, fr, es or pt")
    raise Misused(f"{text.strip()!r} is not a language; use en, fr, es or pt")


@lru_cache(maxsize=1)
def _languages() -> Mapping[str, str]:
    from babel import Locale

    found: dict[str, str] = {}
    for tongue in TONGUES:
        for code, name in Locale.parse(tongue).languages.items():
            found.setdefault(folded(name), str(code))
            found.setdefault(folded(str(code)), str(code))
    return {**found, "castellano": "es", "castilian": "es", "anglophone": "en", "francophone": "fr", "lusophone": "pt"}
