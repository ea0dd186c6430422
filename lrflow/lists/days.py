"""Days as people write them in lists: which order a column is in is told by the column itself, never guessed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from lrflow.errors import Misused
from lrflow.lists.likeness import folded
from lrflow.sheets.shapes import Cell

Order = Literal["dmy", "mdy", "open", "mixed", "plain"]
_SLASHED = re.compile(r"^(\d{1,2})[/.\-\s](\d{1,2})[/.\-\s](\d{4}|\d{2})$")
_ISO = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?$")
_MONTH = re.compile(r"^(\d{4})[-/.](\d{1,2})$|^(\d{1,2})[-/.](\d{4})$")
_SERIAL_ZERO = date(1899, 12, 30)  # Excel's day 0
_SERIALS = range(25569, 73051)  # 1970 to 2099
_MONTHS = {
    1: "january jan janvier janv enero ene janeiro",
    2: "february feb fevrier fev febrero fevereiro",
    3: "march mar mars marzo marco",
    4: "april apr avril avr abril abr",
    5: "may mai mayo maio",
    6: "june jun juin junio junho",
    7: "july jul juillet juil julio julho",
    8: "august aug aout agosto ago",
    9: "september sep sept septembre septiembre setembro set",
    10: "october oct octobre octubre outubro out",
    11: "november nov novembre noviembre novembro",
    12: "december dec decembre diciembre dic dezembro dez",
}
_BY_NAME = {word: number for number, words in _MONTHS.items() for word in words.split()}


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
    pairs = [(int(match[1]), int(match[2]), str(cell)) for cell in cells if (match := _slashed(cell))]
    if not pairs:
        return DayColumn("plain")
    day_first = any(first > 12 for first, second, _ in pairs)
    month_first = any(second > 12 for first, second, _ in pairs)
    decisive = next((text for first, second, text in pairs if max(first, second) > 12), pairs[0][2])
    if day_first and month_first:
        return DayColumn("mixed", decisive)
    if day_first or month_first:
        return DayColumn("dmy" if day_first else "mdy", decisive)
    alike = all(first == second for first, second, _ in pairs)
    return DayColumn("dmy" if alike else "open", next((text for one, two, text in pairs if one != two), pairs[0][2]))


def _slashed(cell: Cell) -> re.Match[str] | None:
    return _SLASHED.match(cell.strip()) if isinstance(cell, str) else None


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
    """*cell* as ISO text (a month where that is allowed); `Misused` gives both readings where there are two."""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _serial(cell)
    text = " ".join(str(cell or "").split())
    if match := _ISO.match(text):
        return _made(int(match[1]), int(match[2]), int(match[3]), text)
    if match := _MONTH.match(text):
        year, month = (match[1], match[2]) if match[1] else (match[4], match[3])
        return _month(int(year), int(month), text, month_allowed)
    if _SLASHED.match(text):
        return _from_slashes(text, order)
    return _named(text, month_allowed)


def _serial(number: float) -> str:
    if int(number) not in _SERIALS:
        raise Misused(f"{number:g} is not a day")
    return (_SERIAL_ZERO + timedelta(days=int(number))).isoformat()


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
    match = _SLASHED.match(text.strip())
    if match is None:
        return None
    first, second, year = int(match[1]), int(match[2]), int(match[3])
    day, month = (first, second) if order == "dmy" else (second, first)
    try:
        return date(year if year > 99 else 2000 + year, month, day)
    except ValueError:
        return None


def _from_slashes(text: str, order: str) -> str:
    readings = _readings(text)
    if not readings:
        raise Misused(f"{text!r} is no day of the calendar")
    if len(readings) == 1:
        return readings[0].isoformat()
    found = _dated(text, order) if order in ("dmy", "mdy") else None
    if found is None:
        both = " or ".join(_in_words(each) for each in readings)
        raise Misused(f"{text} can be {both}", remedy="write it as 2017-04-03, or say --dates dmy or --dates mdy")
    return found.isoformat()


def _named(text: str, month_allowed: bool) -> str:
    """A day with the name of its month: 3 avril 2017, 3-Apr-17, April 3, 2017, abril de 2017."""
    words = folded(re.sub(r"(\d)(st|nd|rd|th|er|º|°)\b", r"\1", text)).split()
    month = next((_BY_NAME[word] for word in words if word in _BY_NAME), None)
    numbers = [int(word) for word in words if word.isdigit()]
    if month is None or not 1 <= len(numbers) <= 2:
        raise Misused(f"{text!r} is not a day", remedy="write it as 2016-11-05")
    if len(numbers) == 1:
        return _month(numbers[0], month, text, month_allowed)
    day, year = (numbers[1], numbers[0]) if numbers[0] > 31 else (numbers[0], numbers[1])
    return _made(year if year > 99 else 2000 + year, month, day, text)
