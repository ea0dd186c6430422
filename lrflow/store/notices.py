"""Notices: what named people are told once, as records that a plan is made from."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from lrflow.database import Unit
from lrflow.facts import Record
from lrflow.rows import record_of
from lrflow.store.addresses import PEOPLE


@dataclass(frozen=True, slots=True)
class Notice:
    """What is to be told: under which rule, in which own words if any, to which people, from which day on."""

    rule: str
    people: Sequence[int]
    on_day: date
    subject: str | None = None
    body: str | None = None


def add_notice(unit: Unit, route_id: int, number: int, notice: Notice) -> str:
    """Keep *notice*, which the log entry *number* brought; what a plan calls it, e.g. L12."""
    unit.insert(
        "notice",
        {
            "route_id": route_id,
            "number": number,
            "rule": notice.rule,
            "subject": notice.subject,
            "body": notice.body,
            "people": json.dumps(list(notice.people)),
            "on_day": notice.on_day.isoformat(),
            "withdrawn": False,
        },
    )
    return f"L{number}"


def read_notices(unit: Unit, route_id: int) -> tuple[Record, ...]:
    """Every notice of the route, oldest first, the withdrawn ones too: they say why their messages fell silent."""
    rows = unit.all("SELECT * FROM notice WHERE route_id = $1 ORDER BY number", route_id)
    return tuple(Record("notice", f"L{row['number']}", _values(row)) for row in rows)


def _values(row: dict[str, Any]) -> dict[str, Any]:
    kept = {name: row[name] for name in ("number", "rule", "subject", "body", "on_day")}
    return {**kept, "people": json.loads(row["people"]), "withdrawn": bool(row["withdrawn"])}


def people_told(unit: Unit, notices: Iterable[Record], known: Iterable[Record]) -> list[Record]:
    """The people whom *notices* name and who are not among the *known*: they may have left the route since."""
    here = {each.key for each in known}
    wanted = dict.fromkeys(str(person) for each in notices for person in each["people"])
    rows = (unit.one(f"{PEOPLE} WHERE person.id = $1", int(each)) for each in wanted if each not in here)
    return [record_of("person", row) for row in rows if row is not None]


def unsaid_notices(unit: Unit, route_id: int, rule: str) -> list[dict[str, Any]]:
    """The notices under *rule* that someone has still to be told: number, body, and to how many it was said already."""
    return unit.all(
        """SELECT notice.number, notice.body,
               sum(CASE WHEN nudge.state IN ('sent', 'drafted', 'unsure') THEN 1 ELSE 0 END) AS said
           FROM notice JOIN nudge ON nudge.route_id = notice.route_id AND nudge.rule = notice.rule
               AND nudge.subject = 'L' || notice.number
           WHERE notice.route_id = $1 AND notice.rule = $2 AND NOT notice.withdrawn
           GROUP BY notice.number, notice.body
           HAVING sum(CASE WHEN nudge.state IN ('planned', 'held', 'assembled') THEN 1 ELSE 0 END) > 0
           ORDER BY notice.number""",
        route_id,
        rule,
    )
