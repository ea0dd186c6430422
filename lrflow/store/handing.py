"""What a change of hands reads and writes: the closing of a copy, its marks, its folders, who stands in for whom."""

import json
from datetime import date, datetime

from lrflow.clock import to_us
from lrflow.database import Row, Unit

_MOMENTS = """
    SELECT max(at) AS last FROM (
        SELECT max(recorded_us) AS at FROM log UNION ALL SELECT max(ticked_us) FROM sender
        UNION ALL SELECT max(closed_us) FROM message) AS moments
"""


def closed_copy(unit: Unit) -> Row | None:
    """When this copy was handed over (closed_us), to whom (closed_for), the programme's zone; None while it is open."""
    return unit.one("SELECT closed_us, closed_for, zone FROM programme WHERE closed_us IS NOT NULL")


def close_copy(unit: Unit, now: datetime, to: str) -> None:
    """Close this copy, handed over *to* an address if one was named: from the commit on nothing writes to it."""
    unit.run("UPDATE programme SET closed_us = $1, closed_for = $2", to_us(now), to or None)


def reopen_copy(unit: Unit) -> None:
    """Open a copy that is taken over; whoever sent from it before holds the sending no more."""
    unit.run("UPDATE programme SET closed_us = NULL, closed_for = NULL")
    unit.run("UPDATE sender SET beat_us = 0")


def newest_mark(unit: Unit) -> Row:
    """Row number, fingerprint and instant of the newest log entry."""
    return unit.one("SELECT id, hash, recorded_us FROM log ORDER BY id DESC LIMIT 1") or {}


def taken_over_from(unit: Unit) -> list[str]:
    """From which handovers or copies this one was taken over so far: their instants, as its entries say."""
    rows = unit.all(
        "SELECT changes FROM log WHERE verb = 'takeover' AND route_id IS NULL AND outcome = 'done' ORDER BY id"
    )
    changes = [change for row in rows for change in json.loads(row["changes"])]
    return [str(each["after"]) for each in changes if each["field"] == "taken_over_from"]


def last_moment(unit: Unit) -> int:
    """The last instant (UTC microseconds) of which this copy knows anything: an entry, a tick, a message that left."""
    row = unit.one(_MOMENTS)
    return int(row["last"] or 0) if row else 0


def own_folders(unit: Unit) -> list[Row]:
    """The folders outside the program in which messages and calendars of the routes are read: digest, name, folder."""
    return unit.all(
        """SELECT DISTINCT definition.digest, definition.name, definition.folder FROM definition
           JOIN route ON route.digest = definition.digest
           WHERE definition.folder IS NOT NULL ORDER BY definition.folder, definition.digest"""
    )


def place_folder(unit: Unit, digest: str, folder: str) -> None:
    """Read the messages and calendars of the workflow *digest* in *folder* from now on."""
    unit.run("UPDATE definition SET folder = $2 WHERE digest = $1", digest, folder)


def waiting_drafts(unit: Unit) -> list[str]:
    """The Message-IDs of drafts of which nobody has said yet that they were sent."""
    return [row["message_id"] for row in unit.all("SELECT message_id FROM message WHERE state = 'drafted' ORDER BY id")]


def evidence_files(unit: Unit) -> list[tuple[str, str]]:
    """The files attached as evidence: route and file name."""
    rows = unit.all(
        """SELECT route.key, evidence.source FROM evidence JOIN route ON route.id = evidence.route_id
           WHERE evidence.sha256 IS NOT NULL AND evidence.removed_us IS NULL ORDER BY route.key, evidence.number"""
    )
    return [(row["key"], row["source"]) for row in rows]


def places_of_role(unit: Unit, role: str, person: int) -> list[int | None]:
    """The routes on which *person* holds *role*; None stands for the whole programme."""
    rows = unit.all(
        "SELECT route_id FROM role_holder WHERE role = $1 AND person = $2 AND until_us IS NULL ORDER BY id",
        role,
        person,
    )
    return [row["route_id"] for row in rows]


def people_away(unit: Unit, on: date) -> list[Row]:
    """Who is away on that day with a deputy, soonest back first; names and addresses of both."""
    return unit.all(
        """SELECT person.id, person.name, person.email, person.away_until, deputy.id AS deputy,
                deputy.name AS deputy_name, deputy.email AS deputy_email
            FROM person JOIN person AS deputy ON deputy.id = person.deputy
            WHERE person.away_until >= $1 AND person.removed_us IS NULL ORDER BY person.away_until, person.name""",
        on.isoformat(),
    )


def deputies_from(unit: Unit, person: int, on: date) -> list[Row]:
    """Who answers for *person* on that day, if *person* is away, and for those in turn: the chain, nearest first."""
    found: list[Row] = []
    standing = {row["id"]: row for row in people_away(unit, on)}
    while person in standing and standing[person] not in found:
        found.append(standing[person])
        person = int(standing[person]["deputy"])
    return found
