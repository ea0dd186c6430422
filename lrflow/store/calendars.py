"""The calendar of each reader: zone, weekend, holidays and hours, each from the nearest who says something of it.

Zone, weekend and hours are those of the person; failing that, of the organisation: the person's own, or the one that
sends the delegation the person travels with, leads or answers for. An organisation speaks of where it is: somebody who
works in another country has the zone and the weekend of that country, and of the organisation the hours alone.

Failing that, zone and weekend are those of the country, and so are the holidays, always. The country is the person's,
else the organisation's, else that of the delegation; a champion's is the host country.

Where no country is known, the route's hold: weekend and holidays of the host country, and the zone of the programme.
Hours are 08:00 to 18:00 where nobody says otherwise; Saturday and Sunday are the weekend where nothing is known at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from lrflow.calendars import USUAL_WEEKEND, Calendar, Weekends, weekdays_from, weekends_from
from lrflow.database import Row, Unit
from lrflow.facts import Facts, Record
from lrflow.planner import CalendarOf, senders

HOURS = "08:00-18:00"


@dataclass(frozen=True, slots=True)
class _Country:
    """What is known of one country; where none is known, what holds instead."""

    zone: str
    weekends: Weekends
    holidays: Mapping[date, str]


def calendars_of(unit: Unit, facts: Facts, zone: str) -> CalendarOf:
    """The calendar of each reader of the route of *facts*; of nobody (None) it is the route's. *zone*: the programme's.

    It is worked out once for each person. Readers of whom the same is said share one.
    """
    countries = _countries(unit, zone)
    host = countries.get(str(facts.route["host_country"] or "")) or _nowhere(zone)
    route = _Country(zone, host.weekends, host.holidays)
    home = _Home(facts, senders(facts), {each["person"] for each in facts.of("champion")})
    made: dict[int | None, Calendar] = {}
    alike: dict[tuple[str, ...], Calendar] = {}

    def calendar_of(person: int | None) -> Calendar:
        if person not in made:
            said = home.said_of(person)
            if said not in alike:
                alike[said] = _calendar(*said[1:], countries.get(said[0]) or route)
            made[person] = alike[said]
        return made[person]

    return calendar_of


def country_calendar(unit: Unit, code: str) -> Calendar:
    """The calendar of a country: Saturday and Sunday, and no holidays, of one that nothing is known of."""
    return _calendar("", "", "", _countries(unit, "UTC").get(code) or _nowhere("UTC"))


def _countries(unit: Unit, zone: str) -> dict[str, _Country]:
    holidays: dict[str, dict[date, str]] = {}
    for row in unit.all("SELECT country, on_day, name FROM holiday WHERE NOT cancelled"):
        holidays.setdefault(row["country"], {})[date.fromisoformat(row["on_day"])] = row["name"]
    rows: list[Row] = unit.all("SELECT code, zone, weekend FROM country")
    return {
        row["code"]: _Country(row["zone"] or zone, weekends_from(row["weekend"]), holidays.get(row["code"], {}))
        for row in rows
    }


def _nowhere(zone: str) -> _Country:
    return _Country(zone, Weekends(USUAL_WEEKEND), {})


def _calendar(zone: str, weekend: str, hours: str, country: _Country) -> Calendar:
    own = Weekends(weekdays_from(weekend)) if weekend else country.weekends
    opens, closes = (time.fromisoformat(each) for each in (hours or HOURS).split("-"))
    return Calendar(zone or country.zone, own.first, country.holidays, opens, closes, own.later)


@dataclass(frozen=True, slots=True)
class _Home:
    """Where each reader works, as far as anybody says so."""

    facts: Facts
    sent_by: Mapping[int, Record]  # looked through once, not for each person
    champions: set[Any]

    def said_of(self, person: int | None) -> tuple[str, str, str, str]:
        """Country, zone, weekend and hours of *person*; empty where nobody says anything."""
        known = self.facts.find("person", person) if person is not None else None
        if known is None:
            return ("", "", "", "")
        sender = self.sent_by.get(int(known.key))
        sending = self.facts.find("organisation", sender["organisation"]) if sender else None
        own = self.facts.find("organisation", known["organisation"])
        speaking = own or sending
        country = known["country"] or (own and own["country"]) or (sending and sending["country"])
        here = speaking if speaking and known["country"] in (None, "", speaking["country"]) else None
        zone, weekend = (known[name] or (here and here[name]) or "" for name in ("zone", "weekend"))
        hours = known["hours"] or (speaking and speaking["hours"]) or ""
        return (self._or_host(country, known), zone, weekend, hours)

    def _or_host(self, country: Any, known: Record) -> str:
        if not country and int(known.key) in self.champions:
            country = self.facts.route["host_country"]
        return str(country or "")
