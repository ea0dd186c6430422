"""What the `holidays` package and the zone database know of a country, as a workflow corrects it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING

from lrflow.calendars.weekends import Weekends
from lrflow.calendars.working import DAY, USUAL_WEEKEND

if TYPE_CHECKING:
    from holidays import HolidayBase

ESTIMATED = "estimated)"


@dataclass(frozen=True, slots=True)
class Holiday:
    """A day off in a *country* (ISO code). *estimated*: the moon has yet to confirm it.

    *source* is "holidays" (the package) or "correction" (the workflow's `calendars.toml`).
    """

    country: str
    on: date
    name: str
    estimated: bool
    source: str


@dataclass(frozen=True, slots=True)
class Correction:
    """What a workflow knows better of one country: days off to add and to remove, its weekend, its zone.

    *weekends* are those that took the place of *weekend*, each by its first day.
    """

    add: Mapping[date, str] = field(default_factory=dict)
    remove: frozenset[date] = frozenset()
    weekend: frozenset[int] | None = None
    weekends: Mapping[date, frozenset[int]] = field(default_factory=dict)
    zone: str | None = None


Corrections = Mapping[str, Correction]
UNCORRECTED: Corrections = MappingProxyType({})


def holidays_of(country: str, years: Iterable[int], corrections: Corrections = UNCORRECTED) -> list[Holiday]:
    """The public holidays of *country* (ISO code, as "RW") in *years*, oldest first, one per day.

    Names are in English. A day added by a correction replaces the package's, and is certain. A day to remove
    that is not there is no fault: the package may have learnt. A country unknown to the package has only the
    days added.
    """
    wanted = frozenset(years)
    correction = corrections.get(country, Correction())
    known = {day.on: day for day in _from_package(country, wanted) if day.on not in correction.remove}
    added = {on: Holiday(country, on, name, False, "correction") for on, name in correction.add.items()}
    return [holiday for on, holiday in sorted((known | added).items()) if on.year in wanted]


def weekends_of(country: str, years: Iterable[int], corrections: Corrections = UNCORRECTED) -> Weekends:
    """The weekend of *country* (ISO code) in *years*, and those that took its place meanwhile.

    Saturday and Sunday where nothing is known. A correction that names the weekend leaves nothing of the package's.
    """
    corrected = corrections.get(country, Correction())
    known = Weekends(corrected.weekend) if corrected.weekend else _weekends_in_package(country, sorted(set(years)))
    return Weekends(known.first, {**known.later, **corrected.weekends})


def _weekends_in_package(country: str, years: list[int]) -> Weekends:
    known = _package_calendar(country, frozenset())
    if known is None or not years:
        return Weekends(USUAL_WEEKEND)
    day, last = date(years[0], 1, 1), date(years[-1], 12, 31)
    first = weekend = _seen_from(known, day)
    later: dict[date, frozenset[int]] = {}
    while day <= last:
        # The package answers for a day, and names no set: the first day that does not fit begins the next weekend.
        if known.is_weekend(day) != (day.isoweekday() in weekend):
            weekend = later[day] = _seen_from(known, day)
        day += DAY
    return Weekends(first, later)


def _seen_from(known: "HolidayBase", day: date) -> frozenset[int]:
    week = [day + DAY * n for n in range(7)]
    return frozenset(each.isoweekday() for each in week if known.is_weekend(each))


def zone_of_country(country: str, corrections: Corrections = UNCORRECTED) -> str | None:
    """The IANA zone of *country* (ISO code), the first in the zone database; None for an unknown code.

    First is not always foremost: some large countries (Australia, Brazil, Canada, Russia) begin at an edge.
    """
    return corrections.get(country, Correction()).zone or zones_by_country().get(country)


def zones_by_country() -> dict[str, str]:
    """The first zone of each country in the zone database's `zone.tab`, by ISO code."""
    from importlib import resources

    zones: dict[str, str] = {}
    table = resources.files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    for line in table.splitlines():
        if not line.startswith("#"):
            country, _, zone, *_ = line.split("\t")
            zones.setdefault(country, zone)
    return zones


def _from_package(country: str, years: frozenset[int]) -> Iterator[Holiday]:
    known = _package_calendar(country, years)
    if known is None:
        return
    for on in known:
        names = known.get_list(on)
        # A moon-sighted feast that falls on a fixed holiday makes that day no less certain.
        estimated = all(name.endswith(ESTIMATED) for name in names)
        yield Holiday(country, on, "; ".join(map(_plain, names)), estimated, "holidays")


def _package_calendar(country: str, years: frozenset[int]) -> "HolidayBase | None":
    # Imported here: heavy, and owed only by whoever fills the table of holidays.
    from holidays import country_holidays

    if len(country) != 2:
        return None  # the package would take any attribute of its module for a country
    try:
        return country_holidays(country, years=years, expand=False, language="en_US")
    except NotImplementedError:
        return None


def _plain(name: str) -> str:
    return name.replace(", estimated)", ")").removesuffix(" (estimated)")
