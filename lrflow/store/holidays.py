"""Holidays of the countries in use, copied so that planning needs nothing else; what a person corrected stays so."""

from collections.abc import Mapping
from datetime import date, datetime

from lrflow.calendars import Correction, holidays_of, read_corrections, weekends_of, zone_of_country
from lrflow.database import Row, Unit
from lrflow.store.people import programme_of
from lrflow.store.shared import countries_without_days, keep_country, keep_holiday
from lrflow.store.states import read_definition
from lrflow.workflow import folder_of, place_of

DEFAULT = "sun-csn"
# What `source` says of a feast that the moon decides, and of a day that a person typed in.
ESTIMATED, TYPED = "estimated", "person"


def copy_calendars(unit: Unit, now: datetime) -> list[str]:
    """Copy what is missing for the countries of organisations, people and routes; the countries that were new.

    The years are those of the programme, this one and the next. Days a person corrected stay as corrected.
    """
    first, last = _years(unit, now)
    span = f"{first}-{last}"
    missing = countries_without_days(unit, span)
    corrections = _corrections(unit) if missing else {}
    return [code for code in missing if _copy(unit, code, range(first, last + 1), corrections, span)]


def _years(unit: Unit, now: datetime) -> tuple[int, int]:
    programme = programme_of(unit)
    named = [int(programme[name][:4]) for name in ("starts_on", "ends_on") if programme[name]]
    return min([now.year, *named]), max([now.year + 1, *named])


def _corrections(unit: Unit) -> Mapping[str, Correction]:
    row = unit.one("SELECT digest FROM route ORDER BY id DESC LIMIT 1")
    place = place_of(read_definition(unit, row["digest"])) if row else folder_of(DEFAULT)
    path = place / "calendars.toml"
    return read_corrections(path) if path.is_file() else {}


def _copy(unit: Unit, code: str, years: range, corrections: Mapping[str, Correction], span: str) -> bool:
    zone = zone_of_country(code, corrections)
    if zone is None:
        return False  # no such country in the zone database: its people follow the route
    keep_country(unit, code, zone, weekends_of(code, years, corrections), span)
    for holiday in holidays_of(code, years, corrections):
        source = ESTIMATED if holiday.estimated else holiday.source
        keep_holiday(unit, code, holiday.on.isoformat(), holiday.name, source)
    return True


def countries_in_use(unit: Unit) -> list[str]:
    """The countries whose holidays are kept."""
    return [row["code"] for row in unit.all("SELECT code FROM country ORDER BY code")]


def holidays_kept(unit: Unit, first: date, last: date) -> list[Row]:
    """The holidays kept from *first* to *last*, those that a person took out included, by day and country."""
    return unit.all(
        "SELECT * FROM holiday WHERE on_day >= $1 AND on_day <= $2 ORDER BY on_day, country",
        first.isoformat(),
        last.isoformat(),
    )


def correct_holiday(unit: Unit, country: str, on_day: date, name: str, *, cancelled: bool) -> None:
    """Let *on_day* be a holiday of *country* on a person's word, or none (*cancelled*)."""
    unit.run(
        """INSERT INTO holiday (country, on_day, name, source, cancelled) VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT (country, on_day) DO UPDATE SET name = excluded.name, source = excluded.source,
               cancelled = excluded.cancelled""",
        country,
        on_day.isoformat(),
        name,
        TYPED,
        cancelled,
    )
