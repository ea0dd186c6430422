"""Read what people type into values: days, money, choices, lists. Wrong words get the right ones back."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Any

from lrflow.catalogue.keys import split_keys
from lrflow.catalogue.shapes import Field, Money, minor_places
from lrflow.errors import Misused

_YES = frozenset({"yes", "y", "true", "1", "oui", "sí", "si", "sim", "x"})
_NO = frozenset({"no", "n", "false", "0", "non", "não", "nao"})
_SLASHED = re.compile(r"^(\d{1,2})[/.-](\d{1,2})[/.-](\d{2,4})$")
_AMOUNT = re.compile(r"^(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d{1,4}))?$")
_COUNTRY = re.compile(r"^[A-Za-z]{2}$")
LONGEST_LINE = 2000
FAR = 5  # years: a day further from the programme is a slip of the keyboard


@dataclass(frozen=True, slots=True)
class Period:
    """The days that a programme is about, and what its *first* and *last* day are called."""

    first: date
    last: date
    first_is: str
    last_is: str


def period_of(starts_on: str | None, ends_on: str | None, today: date) -> Period:
    """The days of a programme from *starts_on* to *ends_on*, and *today*: what is late may still be written down."""
    first, last = (date.fromisoformat(each) if each else today for each in (starts_on, ends_on))
    first_is = "when the programme begins" if first < today else "today"
    last_is = "when the programme ends" if last > today else "today"
    return Period(min(first, today), max(last, today), first_is, last_is)


def read_value(
    field: Field, text: str, today: date, vocabulary: Sequence[str] = (), period: Period | None = None
) -> Any:
    """What *text* means as the value of *field*; empty text clears it. `Misused` says how to write it instead.

    A day is refused when it is far from *period*.
    """
    text = text.strip()
    if not text:
        return None
    match field.type:
        case "day":
            return read_day(text, today, month=field.month, period=period)
        case "money":
            return read_money(text)
        case "yes":
            return read_yes(field.name, text)
        case "number":
            return _read_number(field.name, text)
        case "decimal":
            return str(_read_decimal(field.name, text))
        case "choice" | "language":
            return read_choice(field.name, text, field.choices or vocabulary)
        case "codes":
            known = field.choices or vocabulary
            return list(dict.fromkeys(read_choice(field.name, each, known) for each in _parts(text, r"[+,;]")))
        case "texts":
            return _parts(text, r"[;\n]")
        case "pairs":
            return [_read_pair(each) for each in _parts(text, r"[;\n]")]
        case "refs":
            return _read_refs(field, text)
        case "country":
            return read_country(text)
        case "email":
            return read_email(text)
        case "zone":
            return _read_zone(text)
        case "weekdays":
            return read_weekdays(text)
        case "hours":
            return read_hours(text)
        case "prose":
            return _clean(text, keep_lines=True)
    return _read_line(field, text)


def _parts(text: str, separators: str) -> list[str]:
    return [_clean(part) for part in re.split(separators, text) if part.strip()]


def _clean(text: str, *, keep_lines: bool = False) -> str:
    """*text* without control characters; line breaks stay only where they are meant."""
    allowed = "\n\t" if keep_lines else ""
    return "".join(sign if sign.isprintable() or sign in allowed else " " for sign in text).strip()


def _read_line(field: Field, text: str) -> str:
    line = " ".join(_clean(text).split())
    if len(line) > LONGEST_LINE:
        raise Misused(f"{field.name} is longer than {LONGEST_LINE} characters")
    return line


def read_day(text: str, today: date, *, month: bool = False, period: Period | None = None) -> str:
    """An ISO day, `today`, `tomorrow`, `yesterday`, `+14d`; a month such as 2016-09 where *month* allows it.

    A day written with slashes is refused with both readings, never guessed. What is entered is judged by *period*: a
    day before 1990, or more than five years off it, is refused with the reading made of it. A question is not.
    """
    word = text.strip().lower()
    named = {"today": 0, "tomorrow": 1, "yesterday": -1}
    shift = re.fullmatch(r"([+-][0-9]{1,4})d", word)
    if word in named or shift:
        return _plausible(text, today + timedelta(days=int(shift[1]) if shift else named[word]), period)
    if re.fullmatch(r"\d{4}-\d{2}", word):
        return _read_month(word, month, period)
    if slashed := _SLASHED.match(word):
        raise Misused(
            f"{text} can be read two ways", problems=_readings(*slashed.groups()), remedy="write the day as 2016-11-05"
        )
    return _plausible(text, _typed_day(word, text), period)


def _typed_day(word: str, text: str) -> date:
    try:
        day = date.fromisoformat(word) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", word) else None
    except ValueError:
        day = None
    if day is None:
        raise Misused(f"{text!r} is not a day", remedy="write it as 2016-11-05, or today, tomorrow, +14d")
    return day


def _plausible(text: str, day: date, period: Period | None) -> str:
    if why := _too_far(day, period):
        raise Misused(f"{text} lies too far away: it is read as {_in_words(day)}, {why}", remedy="check the year")
    return day.isoformat()


def _too_far(day: date, period: Period | None) -> str:
    """Why nobody can have meant *day*; empty when somebody may."""
    if not 1990 <= day.year <= 2100:
        return "before 1990" if day.year < 1990 else "after 2100"
    if period is None:
        return ""
    if day < _years_off(period.first, -FAR):
        return f"more than {FAR} years before {_in_words(period.first)}, {period.first_is}"
    if day > _years_off(period.last, FAR):
        return f"more than {FAR} years after {_in_words(period.last)}, {period.last_is}"
    return ""


def _years_off(day: date, years: int) -> date:
    return day.replace(year=day.year + years, day=min(day.day, 28) if day.month == 2 else day.day)


def _in_words(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B} {day.year}"


def _read_month(word: str, allowed: bool, period: Period | None) -> str:
    if not 1 <= int(word[5:]) <= 12 or int(word[:4]) == 0:
        raise Misused(f"{word} is not a month", remedy="write it as 2016-09")
    if not allowed:
        raise Misused(f"{word} is only a month; the day is needed here", remedy=f"write it as {word}-15")
    first = date(int(word[:4]), int(word[5:]), 1)
    if why := _too_far(first, period):
        raise Misused(
            f"{word} lies too far away: it is read as {first:%B} {first.year}, {why}", remedy="check the year"
        )
    return first.isoformat()[:7]


def _readings(first: str, second: str, year: str) -> list[str]:
    whole = year if len(year) == 4 else f"20{year}"
    readings = []
    for day, month in ((first, second), (second, first)):
        try:
            found = date(int(whole), int(month), int(day))
        except ValueError:
            continue
        readings.append(f"{_in_words(found)} is {found}")
    return list(dict.fromkeys(readings)) or ["neither is a day of the calendar"]


def read_money(text: str) -> Money:
    """An amount with its currency: 5000 USD, USD 5000, 1,009,038.00 GBP."""
    words = text.upper().split()
    currency = next((word for word in words if re.fullmatch(r"[A-Z]{3}", word)), "")
    amount = _AMOUNT.match("".join(word for word in words if word != currency))
    places = minor_places(currency)
    if not currency or not amount or len(amount[2] or "") > places:
        raise Misused(f"{text!r} is not an amount", remedy="write it as '5000 USD' or '1009038.00 GBP'")
    whole, cents = amount[1].replace(",", ""), (amount[2] or "").ljust(places, "0")
    return Money(int(whole + cents), currency)


def read_yes(name: str, text: str) -> bool:
    """Yes or no, in any of the programme's languages."""
    word = text.lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise Misused(f"{name} is yes or no, not {text!r}", remedy=f"{name}=yes")


def _read_number(name: str, text: str) -> int:
    digits = text.replace(",", "").rstrip("%").strip()
    if not re.fullmatch(r"\d{1,12}", digits):
        raise Misused(f"{name} is a whole number, not {text!r}", remedy=f"{name}=12")
    return int(digits)


def _read_decimal(name: str, text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal(0)
    if not value.is_finite() or value <= 0:
        raise Misused(f"{name} is a number above zero, not {text!r}", remedy=f"{name}=0.79")
    return value


def read_choice(name: str, text: str, known: Sequence[str]) -> str:
    """One of the *known* words; a near one is suggested."""
    word = text.strip()
    folded = {each.lower().replace("-", "_"): each for each in known}
    found = folded.get(word.lower().replace("-", "_").replace(" ", "_"))
    if found is None:
        near = get_close_matches(word, known, n=1)
        hint = f", did you mean {near[0]}?" if near else ""
        raise Misused(f"{name} cannot be {text!r}{hint}", remedy=f"one of: {', '.join(known)}")
    return found


def _read_pair(text: str) -> list[str]:
    lesson, _, context = text.partition("|")
    return [lesson.strip(), context.strip()]


def _read_refs(field: Field, text: str) -> list[str]:
    keys = [key for part in re.split(r"[+,\s]+", text) for key in (split_keys(part) or [part])]
    return list(dict.fromkeys(key for key in keys if key))


def read_country(text: str) -> str:
    """An ISO code as it is kept: rw is RW."""
    if not _COUNTRY.match(text):
        raise Misused(f"{text!r} is not a country code", remedy="two letters, e.g. RW for Rwanda")
    return text.upper()


def read_email(text: str) -> str:
    """An address in its plain form, checked for shape only."""
    from email_validator import EmailNotValidError, validate_email

    try:
        # Addresses of the reserved example domains are how people rehearse, so they are let through.
        checked = validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError as fault:
        raise Misused(f"{text!r} is not an e-mail address: {fault}", remedy="write it as name@example.org") from None
    return checked.normalized


def _read_zone(text: str) -> str:
    from lrflow.clock import zone_of

    return str(zone_of(text).key)


WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_HOURS = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])\s*[-–]\s*([01]?[0-9]|2[0-3]):([0-5][0-9])")


def read_weekdays(text: str) -> str:
    """Days of the week as they are kept: fri+sat, or 5+6, is 5+6 (Monday is 1). At least one day is left to work on."""
    found = {_weekday(word) for word in _parts(text.lower(), r"[+,;\s]")}
    if not found or not found < set(range(1, 8)):
        raise Misused(f"{text!r} names no days off", remedy="write them as fri+sat; a day to work on must be left")
    return "+".join(map(str, sorted(found)))


def _weekday(word: str) -> int:
    """The number of a day named by three letters or more, or by its number; 0 when it is none."""
    named = [number for number, name in enumerate(WEEKDAYS, 1) if len(word) >= 3 and name.startswith(word)]
    return next(iter(named), int(word) if re.fullmatch("[1-7]", word) else 0)


def weekdays_in_words(kept: str) -> str:
    """Days of the week as people type them: 5+6 is fri+sat."""
    return "+".join(WEEKDAYS[int(each) - 1][:3] for each in kept.split("+"))


def read_hours(text: str) -> str:
    """Hours as they are kept: 8:00-17:30 is 08:00-17:30; they end after they begin, on the same day."""
    match = _HOURS.fullmatch(text)
    if match is None or (int(match[1]), match[2]) >= (int(match[3]), match[4]):
        raise Misused(f"{text!r} are no hours of a day", remedy="write them as 08:00-17:30")
    return f"{int(match[1]):02}:{match[2]}-{int(match[3]):02}:{match[4]}"
