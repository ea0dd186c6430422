"""The ledger of nudges: read what is known, plan, write the difference, in the transaction of what caused it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from lrflow.clock import from_us, to_us, today, zone_of
from lrflow.database import Row, Unit
from lrflow.definition import Definition
from lrflow.facts import Facts
from lrflow.planner import (
    OPEN,
    SUPERSEDED,
    Arming,
    Ground,
    Intended,
    Key,
    Known,
    Ledger,
    Moment,
    Plan,
    plan,
)
from lrflow.store.calendars import calendars_of
from lrflow.store.facts_of import RouteRow, facts_of, read_route
from lrflow.store.pauses import quiet_of
from lrflow.store.states import read_definition

# Only what a plan asks: a route's ledger is read for every change, and most of its columns are for people.
_KNOWN = """
    SELECT rule, subject, role, seq, epoch, state, reason, local_on, zone, closed_us, pinned, person, moved_on, woken
    FROM nudge
    WHERE route_id = $1
"""
_OPEN = """
    SELECT rule, subject, role, seq, epoch, person, state, reason, nominal_on, local_on, "at", zone, due_us, closed_us,
        moved_on
    FROM nudge WHERE route_id = $1 AND state IN ('planned', 'held')
"""


def replan(unit: Unit, key: str, now: datetime, day: date | None = None, *, restoring: bool = False) -> tuple[int, int]:
    """Bring the nudges of the route *key* in line with its facts; how many were planned anew and how many withdrawn.

    *day* is when what caused it happened; *restoring*, an undo brings back what was. Asking again changes nothing.
    """
    route = read_route(unit, key, removed=True)  # what is taken back falls silent
    zone = programme_zone(unit, route)
    definition = read_definition(unit, route.digest)
    facts = facts_of(unit, route, definition, today(now, zone))
    ground = ground_of(unit, route, definition, facts, now, day)
    if restoring:
        ground = replace(ground, moment=replace(ground.moment, restoring=True))
    return write_plan(unit, route, plan(ground), ground.ledger, now)


def replan_all(unit: Unit, now: datetime, *, restoring: bool = False) -> None:
    """Bring the nudges of every open route in line: something they share has changed."""
    ask_words_again(unit)
    for row in unit.all("SELECT key FROM route WHERE status IN ('active', 'on_hold') ORDER BY key"):
        replan(unit, row["key"], now, restoring=restoring)


def ask_words_again(unit: Unit) -> None:
    """Let what could not be put into words be tried again: a language, or a text, may have changed since."""
    unit.run(
        """UPDATE nudge SET pinned = FALSE WHERE state IN ('planned', 'held') AND state = 'held'
           AND reason IN ('no_translation', 'unworded')"""
    )


def ground_of(
    unit: Unit, route: RouteRow, definition: Definition, facts: Facts, now: datetime, day: date | None = None
) -> Ground:
    """Everything a plan for *route* is made from."""
    live_on = date.fromisoformat(route.row["live_on"]) if route.row["live_on"] else None
    calendar_of = calendars_of(unit, facts, programme_zone(unit, route))
    moment = Moment(now, day or facts.today, live_on)
    return Ground(definition, facts, read_ledger(unit, route.id), calendar_of, moment, quiet_of(unit, route.id))


def programme_zone(unit: Unit, route: RouteRow) -> str:
    """The zone in which the programme's days are meant."""
    row = unit.one("SELECT zone FROM programme WHERE id = $1", route.row["programme_id"])
    return str(row["zone"]) if row else "UTC"


def read_ledger(unit: Unit, route_id: int) -> Ledger:
    """What was armed, planned and sent for the route."""
    armings = {
        (row["rule"], row["subject"]): Arming(
            row["rule"],
            row["subject"],
            row["epoch"],
            bool(row["armed"]),
            date.fromisoformat(row["armed_on"]),
            _day(row),
        )
        for row in unit.all("SELECT * FROM arming WHERE route_id = $1", route_id)
    }
    nudges = {
        (key := key_of(row)): Known(
            key,
            row["state"],
            date.fromisoformat(row["local_on"]),
            _closed(row),
            bool(row["pinned"]),
            row["reason"] or "",
            row["person"],
            date.fromisoformat(row["moved_on"]) if row["moved_on"] else None,
            bool(row["woken"]),
        )
        for row in unit.all(_KNOWN, route_id)
    }
    return Ledger(armings, nudges)


def _day(row: Row) -> date | None:
    return date.fromisoformat(row["anchor_on"]) if row["anchor_on"] else None


def _closed(row: Row) -> date | None:
    return from_us(row["closed_us"]).astimezone(zone_of(row["zone"])).date() if row["closed_us"] else None


def key_of(row: Row) -> Key:
    """What makes the nudge of *row* the same one."""
    return (row["rule"], row["subject"], row["role"], row["seq"], row["epoch"])


def write_plan(unit: Unit, route: RouteRow, made: Plan, ledger: Ledger, now: datetime) -> tuple[int, int]:
    """Write where *made* differs from *ledger*. Nudges that were sent or ended stay as they are.

    What a person holds back is held in a new epoch too, until it is released: then it follows the plan again.
    """
    _write_armings(unit, route.id, made.armings, ledger)
    standing = {key_of(row): row for row in unit.all(_OPEN, route.id)}
    held = {key[:4] for key, known in ledger.nudges.items() if known.pinned and known.state in OPEN}
    added, last, cause = 0, _last_number(unit, route.id), caused_by(unit, now)
    for key, intended in made.intended.items():
        known = ledger.nudges.get(key)
        if known is None and key[:4] not in held:
            last += 1
            _add(unit, route.id, last, _columns(intended, now, cause), intended.key, now)
            added += intended.state == "planned"
        elif known and known.state in OPEN and not known.pinned and not _is_in_line(standing[key], intended, now):
            _bring_in_line(unit, route.id, standing[key], (key, _columns(intended, now, cause)), now)
    meant = held & {key[:4] for key in made.intended}
    gone = [
        known
        for key, known in ledger.nudges.items()
        if known.state in OPEN and key not in made.intended and not (known.pinned and key[:4] in meant)
    ]
    for known in gone:
        reason = made.silenced.get((known.key[0], known.key[1]), SUPERSEDED)
        _close(unit, route.id, known.key, reason, (now, cause))
    return added, len(gone)


def _write_armings(unit: Unit, route_id: int, armings: Sequence[Arming], ledger: Ledger) -> None:
    for each in armings:
        if ledger.armings.get((each.rule, each.subject)) == each:
            continue
        unit.run(
            """INSERT INTO arming (route_id, rule, subject, epoch, armed, armed_on, anchor_on)
               VALUES ($1, $2, $3, $4, $5, $6, $7)
               ON CONFLICT (route_id, rule, subject) DO UPDATE SET epoch = excluded.epoch, armed = excluded.armed,
                   armed_on = excluded.armed_on, anchor_on = excluded.anchor_on""",
            route_id,
            each.rule,
            each.subject,
            each.epoch,
            each.armed,
            each.armed_on.isoformat(),
            each.anchor_on.isoformat() if each.anchor_on else None,
        )


def _columns(intended: Intended, now: datetime, cause: int | None = None) -> Row:
    return {
        "person": intended.person,
        "state": intended.state,
        "reason": intended.reason or None,
        "nominal_on": intended.nominal_on.isoformat(),
        "local_on": intended.local_on.isoformat(),
        "at": intended.at.isoformat("minutes"),
        "zone": intended.zone,
        "due_us": to_us(intended.due),
        "closed_us": None if intended.state in OPEN else to_us(now),
        "moved_on": intended.moved_on.isoformat() if intended.moved_on else None,
        "cause": None if intended.state in OPEN else cause,
    }


def _last_number(unit: Unit, route_id: int) -> int:
    row = unit.one("SELECT max(number) AS last FROM nudge WHERE route_id = $1", route_id)
    return int((row or {}).get("last") or 0)


def _add(unit: Unit, route_id: int, number: int, columns: Row, key: Key, now: datetime) -> None:
    rule, subject, role, seq, epoch = key
    identity = {"route_id": route_id, "number": number, "rule": rule, "subject": subject, "role": role, "seq": seq}
    unit.insert("nudge", {**identity, "epoch": epoch, "pinned": False, **columns, "foreseen_us": to_us(now)})


def caused_by(unit: Unit, now: datetime) -> int | None:
    """The log entry (its number among all) that causes what happens now; None when only time has passed."""
    row = unit.one("SELECT id, recorded_us FROM log ORDER BY id DESC LIMIT 1")
    return int(row["id"]) if row and row["recorded_us"] == to_us(now) else None


def _is_in_line(row: Row, intended: Intended, now: datetime) -> bool:
    return all(row[name] == value for name, value in _columns(intended, now).items() if name != "cause")


def _bring_in_line(unit: Unit, route_id: int, row: Row, new: tuple[Key, Row], now: datetime) -> None:
    key, columns = new
    if columns["due_us"] < row["due_us"] or columns["person"] != row["person"]:
        columns["foreseen_us"] = to_us(now)  # nobody foresaw that it would leave so soon, or to this person
    names = ", ".join(f"{name} = ${number}" for number, name in enumerate(columns, 7))
    unit.run(
        f"""UPDATE nudge SET {names} WHERE route_id = $1 AND rule = $2 AND subject = $3 AND role = $4 AND seq = $5
            AND epoch = $6 AND state IN ('planned', 'held')""",
        route_id,
        *key,
        *columns.values(),
    )


def _close(unit: Unit, route_id: int, key: Key, reason: str, when: tuple[datetime, int | None]) -> None:
    """Withdraw an open nudge with a *reason*; one that was sent or ended already stays as it is."""
    now, cause = when
    unit.run(
        """UPDATE nudge SET state = 'cancelled', reason = $7, closed_us = $8, cause = $9 WHERE route_id = $1
           AND rule = $2 AND subject = $3 AND role = $4 AND seq = $5 AND epoch = $6 AND state IN ('planned', 'held')""",
        route_id,
        *key,
        reason or None,
        to_us(now),
        cause,
    )


def going_out(unit: Unit, route_id: int, today_on: date) -> tuple[Row, ...]:
    """The nudges planned for the route, soonest first."""
    return tuple(
        unit.all(
            """SELECT nudge.*, person.name AS person_name, person.email AS person_email FROM nudge
               LEFT JOIN person ON person.id = nudge.person
               WHERE route_id = $1 AND state IN ('planned', 'held') ORDER BY due_us, number""",
            route_id,
        )
    )


def needs_attention(unit: Unit, route_id: int) -> tuple[str, ...]:
    """What a person must look at: drafts to confirm, messages not known to have arrived, failures."""
    rows = unit.all(
        """SELECT state, count(*) AS number FROM nudge WHERE route_id = $1 AND state IN ('drafted', 'unsure', 'failed')
           GROUP BY state ORDER BY state""",
        route_id,
    )
    words = {
        "drafted": "drafts wait in outbox/ (send them, then: lrflow nudge confirm all)",
        "unsure": "lines may or may not have arrived (lrflow nudge list --state unsure)",
        "failed": "lines could not be sent (lrflow nudge list --state failed)",
    }
    found = [f"{row['number']} {words[row['state']]}" for row in rows]
    to_nobody = unit.all(
        """SELECT count(*) AS number FROM nudge WHERE route_id = $1 AND state IN ('planned', 'held') AND person IS NULL
           AND role IN ('lead', 'focal_point')""",
        route_id,
    )[0]["number"]
    found += [f"{to_nobody} nudges have nobody to go to (lrflow set D1 lead=... focal_point=...)"] if to_nobody else []
    return tuple(found)
