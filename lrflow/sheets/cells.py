"""What one cell holds: clean values coming in, plain text going out."""

import math
import re
import unicodedata
from datetime import date, datetime, time, timedelta

from lrflow.sheets.shapes import Cell

# What XML cannot carry (lone surrogates, two non-characters) and what nobody sees: all controls but tab and newline.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_HARD_SPACES = re.compile("[\u00a0\u2007\u202f]")
_DIGITS_KEPT = 10**15  # a spreadsheet keeps 15 digits of a number


def clean_text(text: str) -> str:
    """Give *text* composed (NFC), with plain spaces and line ends, without control characters."""
    if text.isascii() and text.isprintable():
        return text
    return _HARD_SPACES.sub(" ", writable_text(unicodedata.normalize("NFC", text)))


def writable_text(text: str) -> str:
    """Give *text* as every file can carry it: without control characters, lines ended by a newline alone."""
    if text.isascii() and text.isprintable():
        return text
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def read_value(value: object) -> Cell:
    """Give the cell for *value* as a file held it: text cleaned, blank text None, midnight a date, times as text."""
    if isinstance(value, str):
        text = clean_text(value)
        return text if text.strip() else None
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, datetime):
        return value if value.time() != time() else value.date()
    if isinstance(value, time):
        return value.isoformat("seconds" if value.second else "minutes")
    if isinstance(value, timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")
    return value if isinstance(value, int | date) else None


def text_of(value: Cell) -> str:
    """Give *value* as a person types it: 250788000001, 2016-09-01, 2016-09-01 13:05, yes; nothing for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < _DIGITS_KEPT else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds" if value.second else "minutes")
    if isinstance(value, date | int):
        return str(value)
    return writable_text(value)


def is_exact(number: float) -> bool:
    """Whether a spreadsheet keeps every digit of *number*."""
    return math.isfinite(number) and (isinstance(number, float) or abs(number) < _DIGITS_KEPT)
