"""What a cell of somebody's list means: the words that the catalogue reads, or a sentence on what is wrong."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from lrflow.catalogue import Field
from lrflow.catalogue.shared import LANGUAGES
from lrflow.errors import Misused
from lrflow.lists.amounts import decimal_number, money, whole_number
from lrflow.lists.choosing import one_of, several_of, yes_or_no
from lrflow.lists.layout import plain_text
from lrflow.lists.likeness import folded
from lrflow.lists.places import country_code, language_code
from lrflow.lists.words import NOT_FOUND, is_blank, is_fault, meanings
from lrflow.sheets.shapes import Cell

_ADDRESSED = re.compile(
    r"^(?:(?:mrs?|ms|miss|mmes?|mlles?|mme|madame|monsieur|messrs|dr|dra|dre|prof|professor|professeur|sr|sra|srta"
    r"|señor|señora|senhor|senhora|eng|ing|lic|hon)\b\.?\s+)+(?=\S)",
    re.IGNORECASE,
)
_TITLES = ("title", "what")  # where a list may count its rows once more
_FREE = ("text", "prose", "texts", "pairs", "key")  # where - may be what somebody means
_FORMULA = re.compile(r"^'?\s*(?:[=+@]|-\s*(?:\w*\(|[\d(=+].*[-+*/|!(]))")
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_COUNTED = re.compile(r"^\s*(?:\(?\d{1,3}\s*[.)]|[-–•·*])\s+")
_WRAPPED = re.compile(r"^[^<]*<([^<>]+)>\W*$")
_ADDRESS = re.compile(r"[^\s;,<>/]+@[^\s;,<>/]+")
_SPLIT = re.compile(r"[+;,/&\n]|\s(?:et|and|y|e)\s")
_LABEL = re.compile(
    r"^\s*(?:tel|tél|telephone|téléphone|phone|mobile|mob|cell|cel|gsm|whatsapp|wa)[\s.:]*(?=[\d+(])", re.I
)
_SEVERAL = re.compile(r"[/;,|\n]|\s(?:ou|or|o|et|and|y|e)\s")
_CUT_SHORT = re.compile(r"^\d([.,]\d+)?E\+?\d+$", re.I)
_REMARK = re.compile(r"\([^)\d]*\)|\(0\)|(?:\b(?:ext|extension|poste|anexo|ramal)|\bx)[\s.:]*\d{1,5}$", re.IGNORECASE)
_BULLETED = re.compile(r"^\s*[-–•·*]\s+", re.MULTILINE)
_SHORT_ITEM = 4  # words: a list of such, parted by commas only, is a list


@dataclass(frozen=True, slots=True)
class Reading:
    """Against what cells are read: the workflow's own words by vocabulary, the country of the row, and what was said.

    *homes* are the countries of the alliances that are known, by name folded; *host* is the country that is visited,
    *year* that of the visit.
    *spoken* is which language to use for one without texts; *is_m_female*, that M is mujer in this list, not male;
    *currency*, what another column of the row says of an amount; *titles*, what the words of a vocabulary are called.
    """

    vocabularies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    country: str = ""
    spoken: Mapping[str, str] = field(default_factory=dict)
    is_m_female: bool = False
    homes: Mapping[str, str] = field(default_factory=dict)
    host: str = ""
    year: str = ""
    currency: str = ""
    titles: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def read_cell(described: Field, cell: Cell, reading: Reading) -> str:
    """*cell* as the text that `catalogue.reading.read_value` takes for the field; `Misused` says what is wrong.

    Empty for an empty cell, and for one that says so (-, n/a) where a field takes no free text.
    """
    text = plain_text(cell)
    if text in NOT_FOUND:
        return ""
    if is_fault(text):
        raise Misused(f"{text} is where the spreadsheet failed to work out the cell")
    if described.name == "name" and described.type == "text":
        return _name(text) if text else ""
    is_phone = described.name == "phone"
    if not text or (is_blank(text) and (is_phone or described.type not in _FREE)):
        return ""
    match described.type:
        case "choice" | "codes":
            return _words_of(described, text, reading)
        case "language":
            return reading.spoken.get(folded(text)) or language_code(text)
        case "number":
            return whole_number(described, cell, text)
        case "money":
            return money(cell, text, reading.currency, reading.country)
        case "texts" | "pairs":
            return _items(described, text)
    if is_phone:
        return phone_number(text, reading.country)
    if described.type == "text" and described.name in _TITLES:
        return _COUNTED.sub("", text)
    return _READERS[described.type](text) if described.type in _READERS else text


def state_of(kind: str) -> str:
    """The name under which the states of *kind* are among the vocabularies of a `Reading`."""
    return f"state of {kind}"


def name_of_parts(first: str, last: str) -> str:
    """A full name from its two columns."""
    return " ".join(f"{first} {last}".split())


def spoken_name(text: str, *, is_last_first: bool = False) -> str:
    """A name as it is spoken: without Mrs or Dr, and DIOP, Awa turned round where the last name is sure to be first."""
    name = _ADDRESSED.sub("", " ".join(text.split()))
    last, comma, first = (part.strip() for part in name.partition(","))
    is_turned = comma and first and "," not in first and folded(first) not in meanings("degrees")
    if is_turned and (is_last_first or (last.isupper() and not first.isupper())):
        return f"{_ADDRESSED.sub('', first)} {last}"
    return name


def claimed(text: str) -> dict[str, str]:
    """What a column says that holds both: a good practice, an innovation, or the two of them."""
    described = Field("it", "codes", "", choices=("good_practice", "innovation", "both"))
    said = several_of(described, text, described.choices, {})
    return {each: "yes" if {each, "both"} & set(said) else "no" for each in ("good_practice", "innovation")}


def without_bullets(text: str) -> str:
    """*text* on one line, the items of a list parted by semicolons."""
    return "; ".join(" ".join(_COUNTED.sub("", line).split()).rstrip(";") for line in text.splitlines() if line.strip())


def leads(text: str) -> bool:
    """Whether what a list says of somebody's role, or in a column for who leads, is that the person leads."""
    said = folded(text)
    return said in meanings("roles") or meanings("signs").get(said) == "yes"


def _words_of(described: Field, text: str, reading: Reading) -> str:
    if described.choices == LANGUAGES:
        return "+".join(language_code(part) for part in _SPLIT.split(text) if part.strip())
    known = described.choices or reading.vocabularies.get(described.vocabulary, ())
    titles = reading.titles.get(described.vocabulary, {})
    if described.type == "codes":
        return "+".join(several_of(described, text, known, titles))
    if described.name == "sex" and folded(text) == "m" and reading.is_m_female:
        return "female"
    return one_of(described, text, known, titles)


def _name(text: str) -> str:
    name = " ".join(_UNSEEN.sub("", text).split())
    if _FORMULA.match(name):
        raise Misused(f"{name!r} looks like a formula, not a name")
    name = _COUNTED.sub("", name)
    if "@" in name:
        raise Misused(f"{name!r} is an address, not a name")
    if is_blank(name):
        raise Misused(f"{name!r} is nobody's name")
    if not any(sign.isalpha() for sign in name):
        raise Misused(f"{name!r} is not a name")
    return name


def _email(text: str) -> str:
    from lrflow.catalogue.reading import read_email

    bare = _UNSEEN.sub("", text)
    found = _WRAPPED.match(bare)
    address = (found[1] if found else bare).strip()
    if len(_ADDRESS.findall(address)) > 1:
        raise Misused(f"{text!r} holds several addresses; one is needed")
    address = re.sub(r"^mailto:|\?.*$|\s*\([^()@]*\)\s*$", "", address, flags=re.I)
    address = re.sub(r"\s*@\s*", "@", address).strip(" .;,<>")
    return read_email(address.lower())  # nobody means two people by ET3@ and et3@


def _items(described: Field, text: str) -> str:
    """A list one item a line, without bullets; short items parted by commas alone are items too."""
    text = "\n".join(line.strip() for line in _BULLETED.sub("", text.replace("•", "\n")).splitlines() if line.strip())
    parts = [part.strip() for part in text.split(",")]
    is_list = described.type == "texts" and not re.search(r"[;\n]", text)
    if is_list and all(0 < len(part.split()) <= _SHORT_ITEM for part in parts):
        return "\n".join(parts)
    return text


def phone_numbers(text: str) -> list[str]:
    """The telephone numbers that a cell holds, as they are written."""
    return [part for part in _SEVERAL.split(text) if len(re.sub(r"\D", "", part)) >= 6]


def phone_number(text: str, country: str = "") -> str:
    """A telephone number with its country code; a number without one is read as one of *country*."""
    if _CUT_SHORT.match(text):
        raise Misused(f"{text!r} was cut short by the spreadsheet", remedy="format the column as text, type it again")
    if len(phone_numbers(text)) > 1:
        raise Misused(f"{text!r} holds several numbers; one is needed")
    bare = re.sub(r"^00|^\+\s*00", "+", _LABEL.sub("", _REMARK.sub(" ", _UNSEEN.sub("", text))).strip())
    digits = re.sub(r"\D", "", bare)
    found = _number_of(bare, digits, country) if 7 <= len(digits) <= 20 else ""
    if not found:
        remedy = "write it with the country code, as +250 788 000 001" if len(digits) >= 7 else ()
        raise Misused(f"{text!r} is not a telephone number", remedy=remedy)
    return found


def _number_of(text: str, digits: str, country: str) -> str:
    """The number in its international form: as *country* has it, else with its own code; empty when it is neither."""
    import phonenumbers

    # A number whose range nobody has handed out yet is let through only where the code or the country is certain.
    sure, likely = phonenumbers.is_valid_number, phonenumbers.is_possible_number
    abroad = (f"+{digits}", "")
    tries = [(text, "", likely)] if text.startswith("+") else [(*abroad, sure)]
    if country and not text.startswith("+"):
        # A 0 before the number of a country that has none is a habit from elsewhere.
        bare = (text.lstrip("(0 "), country)
        tries = [(text, country, sure), (*abroad, sure), (*bare, sure), (text, country, likely)]
    for number, region, fits in tries:
        try:
            parsed = phonenumbers.parse(number, region or None)
        except phonenumbers.NumberParseException:
            continue
        if fits(parsed):
            return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL))
    return ""


_READERS = {"email": _email, "country": country_code, "yes": yes_or_no, "decimal": decimal_number}
