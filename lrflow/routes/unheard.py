"""Whom messages do not reach on a route, and what is nobody's: what a coordinator sees until it is put right."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from lrflow import store
from lrflow.database import Row, Unit
from lrflow.definition import Definition
from lrflow.facts import Facts
from lrflow.guards import shorten
from lrflow.planner.leavers import Orphan, orphans
from lrflow.planner.quiet import PERSON, called
from lrflow.store import RouteRow


@dataclass(frozen=True, slots=True)
class Unheard:
    """What is nobody's, what is paused, which addresses refuse mail, whom to call; *names* of those who left."""

    route: str
    orphans: tuple[Orphan, ...]
    names: dict[int, str]
    pauses: tuple[tuple[str, Row], ...]  # in words, oldest first
    addresses: tuple[Row, ...]
    calls: tuple[Row, ...]

    def lines(self) -> list[str]:
        """A line for each, with what to type; none when there is nothing."""
        lines = [self._nobodys(person) for person in dict.fromkeys(each.person for each in self.orphans)]
        if self.pauses:
            listed = shorten([f"{words} {_until(row)}" for words, row in self.pauses])
            lines.append(f"paused: {listed}. Next: lrflow pause list")
        if self.addresses:
            listed = shorten([f"{row['name']} ({row['state']})" for row in self.addresses])
            lines.append(f"mail comes back from: {listed}. Next: lrflow show person {self.addresses[0]['email']}")
        if self.calls:
            listed = shorten(list(dict.fromkeys(f"{row['name']} about {row['subject']}" for row in self.calls)))
            lines.append(f"to call, not to write: {listed}. Next: lrflow nudge list --state suppressed")
        return lines

    def _nobodys(self, person: int) -> str:
        own = [each for each in self.orphans if each.person == person]
        listed = shorten([each.field if each.key == "route" else f"{each.key} {each.field}" for each in own])
        first = f"lrflow set {own[0].key} {own[0].field}=EMAIL"
        return f"nobody's since {self.names.get(person, 'somebody')} left: {listed}. Next: {first}"

    def data(self) -> dict[str, Any]:
        """The same for JSON."""
        return {
            "orphans": [{"id": each.key, "field": each.field} for each in self.orphans],
            "paused": [{"what": row["what"], "until": row["until_on"]} for _, row in self.pauses],
            "addresses": [{"name": row["name"], "state": row["state"]} for row in self.addresses],
            "calls": [{"name": row["name"], "about": row["subject"], "rule": row["rule"]} for row in self.calls],
        }


def _until(row: Row) -> str:
    return f"until {row['until_on']}" if row["until_on"] else "without an end"


def unheard(unit: Unit, route: RouteRow, definition: Definition, facts: Facts) -> Unheard:
    """Look at the route *route* on the day of *facts*."""
    found = tuple(orphans(definition, facts))
    rows = [row for row in store.pauses_of(unit, route.id) if not _is_over(row, facts.today)]
    return Unheard(
        route.key,
        found,
        {each.person: _name(facts, each.person) for each in found},
        tuple((called(row["what"], _person(unit, row["what"])), row) for row in rows),
        tuple(store.troubled_addresses(unit, route.id)),
        tuple(store.calls_of(unit, route.id)),
    )


def _is_over(row: Row, on: date) -> bool:
    return row["until_on"] is not None and row["until_on"] < on.isoformat()


def _name(facts: Facts, person: int) -> str:
    known = facts.find("person", person)
    return str(known["name"]) if known else ""


def _person(unit: Unit, what: str) -> str:
    if not what.startswith(PERSON):
        return ""
    return str(store.shared_record(unit, "person", int(what.removeprefix(PERSON)))["name"])
