"""The calendar of each reader: own, else the organisation's, else the country's, else the route's."""

from collections.abc import Callable
from datetime import date

from lrflow.calendars import Calendar
from lrflow.database import Row, Unit
from lrflow.facts import Facts
from lrflow.planner import CalendarOf, senders

USUAL_WEEKEND = frozenset({6, 7})


def calendars_of(unit: Unit, facts: Facts, zone: str) -> CalendarOf:
    """The calendar of each person: own zone and country, else the organisation's, else the host country's."""
    countries = {row["code"]: row for row in unit.all("SELECT * FROM country")}
    holidays: dict[str, dict[date, str]] = {}
    for row in unit.all("SELECT country, on_day, name FROM holiday WHERE NOT cancelled"):
        holidays.setdefault(row["country"], {})[date.fromisoformat(row["on_day"])] = row["name"]
    made: dict[int | None, Calendar] = {}
    country_of = _countries(facts)

    def calendar_of(person: int | None) -> Calendar:
        if person not in made:
            code = country_of(person)
            made[person] = _calendar(person, facts, countries.get(code), holidays.get(code, {}), zone)
        return made[person]

    return calendar_of


def _calendar(person: int | None, facts: Facts, country: Row | None, holidays: dict[date, str], zone: str) -> Calendar:
    known = facts.find("person", person) if person is not None else None
    weekend = frozenset(int(each) for each in country["weekend"].split("+")) if country else USUAL_WEEKEND
    named = (known["zone"] if known else None) or (facts.value(known, "organisation.zone") if known else None)
    return Calendar(named or (country["zone"] if country else zone), weekend, holidays)


def _countries(facts: Facts) -> Callable[[int | None], str]:
    """Where each person works; failing that the country of the delegation, and for a champion the host country."""
    sent_by = senders(facts)  # looked through once, not for each person
    champions = {each["person"] for each in facts.of("champion")}

    def country_of(person: int | None) -> str:
        known = facts.find("person", person) if person is not None else None
        own, organised = (facts.value(known, path) if known else None for path in ("country", "organisation.country"))
        if own or organised or person is None:
            return str(own or organised or "")
        if person in sent_by:
            return str(facts.value(sent_by[person], "organisation.country") or "")
        return str(facts.route["host_country"] or "") if person in champions else ""

    return country_of


def weekend_of(unit: Unit, country: str) -> frozenset[int]:
    """The weekend of *country* as ISO weekdays, as its calendar says; Saturday and Sunday without one."""
    row = unit.one("SELECT weekend FROM country WHERE code = $1", country)
    return frozenset(int(each) for each in row["weekend"].split("+")) if row else USUAL_WEEKEND
