"""Numbers, shares and money as people write them, in the form that the catalogue reads."""

import re
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from lrflow.catalogue import Field, minor_places
from lrflow.errors import Misused
from lrflow.lists.likeness import folded
from lrflow.lists.words import words
from lrflow.sheets.shapes import Cell

_GROUPED = re.compile(r"(?<=\d)[\s.,'’](?=\d{3}(?!\d))")
_SHARE = re.compile(r"0?[.,]\d+")
_MONTHS = re.compile(
    r"^(?:m|mois|months?|mes(?:es)?|mês)\s*(\d{1,3})$|^(\d{1,3})\s*(?:m|mois|months?|mes(?:es)?|mês)$", re.I
)
_FIGURES = re.compile(r"\d(?:[\d\s.,'’]*\d)?")
_THOUSANDS = re.compile(r"\d{1,3}(?:[\s.,'’]\d{3})+")
_ENDS_WITH_CURRENCY = re.compile(r"^(.*?\w)\W*(?:\s(?:in|en|em)\s+|\s|[(\[])\s*([A-Z]{3}|US\$|F ?CFA|[$€£])\W*$")
_FRANCS = ("XOF", "XAF")
_DOLLARS = frozenset({"$", "dollar", "dollars", "dólar", "dolar", "dólares", "dolares"})
_PESOS = frozenset({"ARS", "CLP", "COP", "CUP", "DOP", "MXN", "UYU"})
_CFA = frozenset({"fcfa", "f cfa", "cfa", "franc cfa", "francs cfa"})


def whole_number(described: Field, cell: Cell, text: str) -> str:
    """The digits of a whole number: 1 200, 1.200 and 1,200 are 1200; a share of one is so many percent."""
    if described.name == "percent" and (_SHARE.fullmatch(text) or (isinstance(cell, float) and 0 < cell <= 1)):
        return str(round(Decimal(text.replace(",", ".")) * 100))
    if described.name in ("month", "months") and (match := _MONTHS.match(text)):
        return match[1] or match[2]
    digits = _GROUPED.sub("", text).rstrip(" %")
    if not digits.isdecimal():
        raise Misused(f"{text!r} is not a whole number")
    return digits


def decimal_number(text: str) -> str:
    """A number with a decimal point: 0,79 is 0.79."""
    return _pointed(text) if _FIGURES.fullmatch(text) else text


def money(cell: Cell, text: str, currency: str = "", country: str = "") -> str:
    """An amount with its currency: 5 000 USD, US$ 5,000.00, 1.000,50 EUR.

    *currency* is what another column says; *country* tells one franc CFA from the other, and whose dollar $ is.
    `Misused` when the currency is not certain, and when it is not one amount above zero.
    """
    figures = _FIGURES.findall(text)
    own = _currency(_FIGURES.sub(" ", text), text, currency, country)
    if len(figures) != 1 or text.lstrip().startswith(("-", "(")):
        raise Misused(f"{text!r} is not one amount above zero", remedy="write it as 5000 USD")
    if own and currency and own != currency:
        raise Misused(f"{text!r} and {currency} are two currencies")
    if not (own or currency):
        raise Misused(f"{text!r} says no currency", remedy="write it as 5000 USD, or add a column Currency")
    places = minor_places(own or currency)
    is_grouped = not isinstance(cell, float) and _THOUSANDS.fullmatch(figures[0])
    amount = Decimal(re.sub(r"\D", "", figures[0]) if is_grouped else _pointed(figures[0]))
    if isinstance(cell, float) or amount == amount.to_integral_value():
        # What a formula worked out has digits that nobody wrote.
        amount = amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    if -int(amount.as_tuple().exponent) > places:
        raise Misused(f"{text!r} has more decimals than {own or currency} has", remedy="write it as 5000 USD")
    return f"{amount:f} {own or currency}"


def currency_code(text: str, country: str = "") -> str:
    """The ISO code of a currency: its code, its sign or its name; FCFA and $ by the *country*. None for no text."""
    return _currency(text, text, "", country)


def parted_currency(header: str) -> tuple[str, str]:
    """What the header of a column says, and the currency that it ends with: Amount (USD), Coût en FCFA, Budget US$."""
    found = _ENDS_WITH_CURRENCY.match(header)
    is_one = found is not None and (not found[2].isalpha() or found[2] in _codes() or folded(found[2]) in _CFA)
    return (found[1], found[2]) if found is not None and is_one else (header, "")


def _currency(said: str, whole: str, known: str, country: str) -> str:
    """The currency that *said*, the rest of *whole*, names; *known* where *said* may be several and *known* is one."""
    sign = " ".join(said.casefold().split()).strip(".,-() ")
    if not sign:
        return ""
    if folded(sign) in _CFA:
        return known if known in _FRANCS else _franc(country, whole)
    if sign in _DOLLARS:
        return known if known.endswith("D") or known in _PESOS else _dollar(country, whole)
    named = {_named(sign)} - {""} or {_named(word) for word in sign.split()}
    if len(named) == 1 and "" not in named:
        return named.pop()
    raise Misused(f"{whole!r} is not one amount with its currency", remedy="write it as 5000 USD")


def _named(sign: str) -> str:
    code = sign.upper()
    return code if code in _codes() else _signs().get(sign) or _signs().get(folded(sign), "")


def _franc(country: str, whole: str) -> str:
    found = [code for code in _FRANCS if country in words()["by_country"][code]]
    if not found:
        raise Misused(f"{whole!r}: FCFA is XOF or XAF", remedy="write it as 500000 XOF")
    return found[0]


def _dollar(country: str, whole: str) -> str:
    if country in words()["by_country"]["own_dollar"]:
        raise Misused(f"{whole!r}: $ may be USD or the currency of {country}", remedy="write it as 5000 USD")
    return "USD"


@lru_cache(maxsize=1)
def _signs() -> dict[str, str]:
    return {phrase: code for code, phrases in words()["currencies"].items() for phrase in phrases}


@lru_cache(maxsize=1)
def _codes() -> frozenset[str]:
    from babel import Locale

    return frozenset(str(code) for code in Locale.parse("en").currencies)


def _pointed(figures: str) -> str:
    """*figures* with a point before the decimals and nothing between the thousands; the last sign parts decimals."""
    digits = re.sub(r"[\s'’]", "", figures)
    signs = re.findall(r"[.,]", digits)
    if len(signs) > 1 and len(set(signs)) == 1:
        return re.sub(r"[.,]", "", digits)
    whole, point, decimals = digits.rpartition(signs[-1] if signs else ".")
    return f"{re.sub(r'[.,]', '', whole)}.{decimals}" if point else digits
