"""Days as people write them in lists: which order a column is in is told by the column itself, never guessed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from lrflow.errors import Misused
from lrflow.lists.likeness import folded
from lrflow.lists.words import NOT_FOUND, is_blank
from lrflow.sheets.shapes import Cell

Order = Literal["dmy", "mdy", "open", "mixed", "plain"]
_SLASHED = re.compile(r"^(\d{1,2})\s?[/.\-\s]\s?(\d{1,2})\s?[/.\-\s]\s?(\d{4}|\d{2})\.?$")
_ISO = re.compile(r"^(\d{4})([-/.]?)(\d{1,2})\2(\d{1,2})$")
_TIME = re.compile(r"[T\s,]+(?:à\s|at\s)?\d{1,2}[:hH]\d{0,2}(?::\d{2}(?:\.\d+)?)?\s*(?:[ap]\.?m\.?|Z)?$", re.IGNORECASE)
_NUMBERED = re.compile(
    r"^(?:day|jour|d[ií]a|j)\s*\d{1,2}(?:er|re|º)?(?:\s*[-–—:.,(/]+\s*|\s+(?=\D|\d+[/.-]))", re.IGNORECASE
)
_WEEKDAY = re.compile(
    r"^(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:lun|mar|mercre|jeu|vendre|same)di|dimanche|lunes|martes"
    r"|mi[eé]rcoles|jueves|viernes|s[aá]bado|domingo|(?:segunda|ter[cç]a|quarta|quinta|sexta)(?:-feira)?"
    r"|mon|tue|wed|thu|fri|sat|sun|lun|mer|jeu|ven|sam|dim|mi[eé]|jue|vie|s[aá]b|dom|seg|ter|qua|qui|sex)\b"
    r"[.,]*\s*(?:le\s+)?(?=\d)",
    re.IGNORECASE,
)
_MONTH = re.compile(r"^(\d{4})[-/.](\d{1,2})$|^(\d{1,2})[-/.](\d{4})$")
_SHORT_YEAR = re.compile(r"[-/'’]\d{2}$")  # Sep-16; without the sign, April 16 is a day of some year
_IN_ITINERARY = re.compile(r"^(?:day|jour|d[ií]a|j)\W*\d{1,2}\b", re.IGNORECASE)
_SERIAL_ZERO = date(1899, 12, 30)  # Excel's day 0
_SERIALS = range(25569, 73051)  # 1970 to 2099
_YEARS = range(1900, 2101)
_MONTHS = {
    1: "january jan janvier janv enero ene janeiro",
    2: "february feb fevrier fev fevr febrero fevereiro",
    3: "march mar mars marzo marco",
    4: "april apr avril avr abril abr",
    5: "may mai mayo maio",
    6: "june jun juin junio junho",
    7: "july jul juillet juil julio julho",
    8: "august aug aout aou agosto ago",
    9: "september sep sept septembre septiembre setiembre setembro set",
    10: "october oct octobre octubre outubro out",
    11: "november nov novembre noviembre novembro",
    12: "december dec decembre diciembre dic dezembro dez",
}
_BY_NAME = {word: number for number, words in _MONTHS.items() for word in words.split()}


class YearMissing(Misused):
    """A day is named, but of no year."""


@dataclass(frozen=True, slots=True)
class DayColumn:
    """How the days of one column are written, and an example that shows it."""

    order: Order
    example: str = ""


def read_column(cells: Sequence[Cell]) -> DayColumn:
    """Find out from *cells* themselves whether 03/04/2017 is day first or month first.

    `open` when every one fits both ways, `mixed` when some say this and some that, `plain` when none is written so.
    True dates of the spreadsheet do not decide: the program that made them had its own order.
    """
    texts = [cell for cell in cells if isinstance(cell, str) and _slashed(cell)]
    by_readings = {tuple(_dated(text, order) for order in ("dmy", "mdy")): text for text in reversed(texts)}
    day_first = next((text for (one, other), text in by_readings.items() if one and not other), "")
    month_first = next((text for (one, other), text in by_readings.items() if other and not one), "")
    either = next((text for (one, other), text in by_readings.items() if one and other and one != other), "")
    same = next((text for (one, other), text in by_readings.items() if one and one == other), "")
    if day_first and month_first:
        return DayColumn("mixed", f"{day_first} and {month_first}")
    if day_first or month_first:
        return DayColumn("dmy" if day_first else "mdy", day_first or month_first)
    if either:
        return DayColumn("open", either)
    return DayColumn("dmy", same) if same else DayColumn("plain")


def _slashed(cell: Cell) -> re.Match[str] | None:
    return _SLASHED.match(_bare(cell)) if isinstance(cell, str) else None


def _bare(text: str) -> str:
    """*text* without what stands beside the day itself: its number in the programme, the weekday, the time."""
    said = _WEEKDAY.sub("", _NUMBERED.sub("", " ".join(text.split())).strip(" )"))
    return _TIME.sub("", said)


def says(column: DayColumn) -> str:
    """How the column is read, with its own example; empty when nothing had to be decided."""
    if column.order in ("dmy", "mdy"):
        day = date.fromisoformat(day_text(column.example, column.order))
        order = "day/month" if column.order == "dmy" else "month/day"
        return f"read as {order}: {column.example} is {_in_words(day)}"
    if column.order == "open":
        return " or ".join(f"{column.example} is {_in_words(day)}" for day in _readings(column.example))
    return (
        f"some days are written day first, some month first, as in {column.example}" if column.order == "mixed" else ""
    )


def _in_words(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B %Y}"


def _readings(text: str) -> list[date]:
    found = [_dated(text, order) for order in ("dmy", "mdy")]
    return list(dict.fromkeys(each for each in found if each is not None))


def day_text(cell: Cell, order: str = "plain", month_allowed: bool = False) -> str:
    """*cell* as ISO text (a month where that is allowed), empty for none; `Misused` gives both readings of one.

    A number is taken for the day it is in a spreadsheet that shows it as one.
    """
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        cell = str(int(cell))
    whole = str(cell or "")
    text = _bare(whole)
    if is_blank(text) or text in NOT_FOUND:
        return ""
    if text.isdecimal() and len(text) < 8:
        return _serial(text)
    if match := _ISO.match(text):
        return _made(int(match[1]), int(match[3]), int(match[4]), text)
    if match := _MONTH.match(text):
        year, month = (match[1], match[2]) if match[1] else (match[4], match[3])
        return _month(int(year), int(month), text, month_allowed)
    if _SLASHED.match(text):
        return _from_slashes(text, order)
    try:
        return _named(text, month_allowed)
    except YearMissing:
        raise
    except Misused:
        if _IN_ITINERARY.match(whole):
            raise Misused(f"{whole!r} says no date", remedy="write it as 2016-11-05") from None
        raise


def day_in(text: str) -> str:
    """What a line over the rows of an itinerary says of their day, ready to be read as one; empty when it says none."""
    said = _bare(text)
    if _SLASHED.match(said):
        return said
    try:
        return day_text(said)
    except YearMissing:
        return said
    except Misused:
        return text if _IN_ITINERARY.match(text) else ""


def _serial(digits: str) -> str:
    if int(digits) in _YEARS:
        raise Misused(f"{digits} is only a year; the day is needed here", remedy="write it as 2016-11-05")
    if int(digits) not in _SERIALS:
        raise Misused(f"{digits} is not a day", remedy="write it as 2016-11-05")
    return (_SERIAL_ZERO + timedelta(days=int(digits))).isoformat()


def _made(year: int, month: int, day: int, text: str) -> str:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        raise Misused(f"{text!r} is no day of the calendar") from None


def _month(year: int, month: int, text: str, allowed: bool) -> str:
    if not 1 <= month <= 12:
        raise Misused(f"{text!r} is not a month")
    if not allowed:
        raise Misused(f"{text!r} is only a month; the day is needed here")
    return f"{year:04}-{month:02}"


def _dated(text: str, order: str) -> date | None:
    match = _SLASHED.match(_bare(text))
    if match is None:
        return None
    first, second, year = int(match[1]), int(match[2]), int(match[3])
    day, month = (first, second) if order == "dmy" else (second, first)
    try:
        return date(_whole(year), month, day)
    except ValueError:
        return None


def _whole(year: int) -> int:
    """16 is 2016 and 98 is 1998."""
    return year if year > 99 else 2000 + year if year < 70 else 1900 + year


def _from_slashes(text: str, order: str) -> str:
    readings = _readings(text)
    if not readings:
        raise Misused(f"{text!r} is no day of the calendar")
    if len(readings) == 1:
        return readings[0].isoformat()
    found = _dated(text, order) if order in ("dmy", "mdy") else None
    if found is None:
        both, plain = (" or ".join(map(each, readings)) for each in (_in_words, date.isoformat))
        raise Misused(f"{text} can be {both}", remedy=f"write it as {plain}, or say --dates dmy or --dates mdy")
    return found.isoformat()


def _named(text: str, month_allowed: bool) -> str:
    """A day with the name of its month: 3 avril 2017, 3-Apr-17, April 3, 2017, abril de 2017."""
    words = re.findall(r"\d+|[^\W\d]+", folded(re.sub(r"(\d)(st|nd|rd|th|er|re|º|°|ª)\b", r"\1", text, flags=re.I)))
    month = next((_BY_NAME[word] for word in words if word in _BY_NAME), None)
    numbers = [int(word) for word in words if word.isdigit()]
    if month is None or not numbers:
        raise Misused(f"{text!r} is not a day", remedy="write it as 2016-11-05")
    if len(numbers) == 1 and (numbers[0] in _YEARS or _SHORT_YEAR.search(text)):
        return _month(_whole(numbers[0]), month, text, month_allowed)
    if len(numbers) == 1:
        raise YearMissing(f"{text!r} names no year", remedy="write it as 2016-11-05")
    if len(numbers) > 2:
        raise Misused(f"{text!r} is more than one day", remedy="write it as 2016-11-05")
    day, year = (numbers[1], numbers[0]) if numbers[0] > 31 else (numbers[0], numbers[1])
    return _made(_whole(year), month, day, text)
