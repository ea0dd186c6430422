"""Copy zones, weekends and holidays of the countries in use into the database, so that planning needs nothing else."""

from collections.abc import Mapping
from datetime import datetime

from lrflow.calendars import Correction, holidays_of, read_corrections, weekends_of, zone_of_country
from lrflow.database import Unit
from lrflow.store.people import programme_of
from lrflow.store.shared import countries_without_days, keep_country, keep_holiday
from lrflow.store.states import read_definition
from lrflow.workflow import folder_of, place_of

DEFAULT = "sun-csn"
ESTIMATED = "estimated"  # what `source` says of a feast that the moon decides


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
