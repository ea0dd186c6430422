"""How each language says a day, and how far away it lies."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from lrflow.errors import Misused


def day_in_words(day: date, language: str) -> str:
    """Say *day* with its weekday and the name of its month, as in Wednesday 30 November 2016."""
    from babel.dates import format_date  # slow to load, and needed by few commands

    speech = _speech(language)
    return format_date(day, speech.first if day.day == 1 else speech.day, locale=speech.locale)


def short_day(day: date, language: str) -> str:
    """Say *day* in a few letters, as in 30 Nov 2016."""
    from babel.dates import format_date  # slow to load, and needed by few commands

    return format_date(day, "medium", locale=_speech(language).locale)


def relative(days: int, language: str) -> str:
    """Say how far away a day lies: today, tomorrow, in 3 days, 2 days ago (*days* negative)."""
    from babel.dates import format_timedelta  # slow to load, and needed by few commands

    speech = _speech(language)
    if speech.near and abs(days) <= 1:
        return speech.near[days + 1]
    beyond = 10**9  # never rounded to weeks or months: a deadline is counted in days
    return format_timedelta(
        timedelta(days=days), granularity="day", threshold=beyond, add_direction=True, locale=speech.locale
    )


def _speech(language: str) -> "_Speech":
    if language in SPEECHES:
        return SPEECHES[language]
    from babel import Locale, UnknownLocaleError

    try:
        return _Speech(str(Locale.parse(language)))
    except (UnknownLocaleError, ValueError):
        raise Misused(f"no language known as {language!r}", remedy="use en, fr, es or pt") from None


@dataclass(frozen=True, slots=True)
class _Speech:
    """How a language says a day: Babel's locale and patterns; yesterday, today and tomorrow."""

    locale: str
    day: str = "full"
    first: str = "full"
    near: tuple[str, ...] = ()


# Babel knows the months and the plurals, but neither "today" nor the French "1er".
SPEECHES: Mapping[str, _Speech] = {
    "en": _Speech("en_GB", "EEEE d MMMM y", "EEEE d MMMM y", ("yesterday", "today", "tomorrow")),
    "fr": _Speech("fr", "full", "EEEE d'er' MMMM y", ("hier", "aujourd'hui", "demain")),
    "es": _Speech("es", "EEEE d 'de' MMMM 'de' y", "EEEE d 'de' MMMM 'de' y", ("ayer", "hoy", "mañana")),
    "pt": _Speech("pt_PT", "full", "full", ("ontem", "hoje", "amanhã")),
}
