"""What is wrong with the sending itself, since when: a standing alarm is shown by every command until it is ended."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from lrflow.clock import from_us, to_us
from lrflow.database import Row, Unit
from lrflow.planner import sentence

SILENT, MAIL = "silent", "mail"
SILENT_AFTER = timedelta(hours=26)  # a task scheduler that starts the sending once a day may be two hours late
# What stops all comes before what stops some.
URGENCY = (SILENT, "clock", "restored", "flood", MAIL, "plan", "mailbox")
_LIVE = "live_on IS NOT NULL AND status IN ('active', 'on_hold') AND removed_us IS NULL"
_STANDING = f"""
    SELECT min(live_on) AS live_on, (SELECT ticked_us FROM sender WHERE id = 1) AS ticked_us,
        (SELECT max(closed_us) FROM programme) AS closed_us FROM route WHERE {_LIVE}
"""
_WENT_LIVE = f"""
    SELECT min(log.recorded_us) AS since_us FROM log JOIN route ON route.id = log.route_id
    WHERE log.verb = 'go-live' AND log.outcome = 'done' AND {_LIVE}
"""
# A message tried once may be greylisted, which mends itself; what is our own fault is charged to no message.
_TROUBLES = """
    SELECT 'alarm' AS sort, kind, since_us, says, 1 AS number, '' AS route FROM alarm
    UNION ALL
    SELECT 'mail', 'mail', min(next_us), max(detail), count(*), '' FROM message
    WHERE state IN ('due', 'sending') AND state = 'due' AND next_us > $1 AND attempts <> 1 AND detail IS NOT NULL
        AND detail NOT LIKE 'waits for %' AND detail NOT LIKE '%cannot be planned%' GROUP BY state
    UNION ALL
    SELECT 'held', nudge.reason, min(nudge.due_us), '', count(*), min(route.key) FROM nudge
    JOIN route ON route.id = nudge.route_id WHERE nudge.state = 'held'
        AND nudge.reason IN ('flood', 'restored', 'taken_over', 'no_translation', 'clock') GROUP BY nudge.reason
"""


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing that is wrong: its kind, since when it stands (aware, UTC), and a sentence without a full stop."""

    kind: str
    since: datetime
    says: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why messages of live routes do not leave, in a sentence; *route* where nudges of one are held."""

    kind: str
    says: str
    route: str = ""


def raise_alarm(unit: Unit, kind: str, says: str, now: datetime) -> None:
    """Let an alarm of *kind* stand, saying *says*; one that stands already keeps the instant since which it does."""
    unit.run(
        """INSERT INTO alarm (kind, since_us, says) VALUES ($1, $2, $3)
           ON CONFLICT (kind) DO UPDATE SET says = excluded.says WHERE alarm.says <> excluded.says""",
        kind,
        to_us(now),
        says,
    )


def end_alarm(unit: Unit, kind: str) -> bool:
    """End the alarm of *kind*; whether one stood."""
    return unit.run("DELETE FROM alarm WHERE kind = $1", kind) > 0


def alarms_of(unit: Unit) -> tuple[Alarm, ...]:
    """Every standing alarm, the oldest first."""
    rows = unit.all("SELECT * FROM alarm ORDER BY since_us, kind")
    return tuple(Alarm(str(row["kind"]), from_us(row["since_us"]), str(row["says"])) for row in rows)


def troubles_of(unit: Unit, now: datetime) -> tuple[Trouble, ...]:
    """Why messages do not leave as they should, the most urgent first; none where no route is live.

    A rehearsal is no trouble, and neither is a copy that was handed over. Every command asks this, so it is two
    statements on indexes, and a third one only when nobody sends.
    """
    standing = unit.one(_STANDING)
    if standing is None or not standing["live_on"] or standing["closed_us"]:
        return ()
    found = [*_silent(unit, standing, now), *_others(unit, now)]
    return tuple(sorted(found, key=_urgency))


def _urgency(trouble: Trouble) -> int:
    return URGENCY.index(trouble.kind) if trouble.kind in URGENCY and not trouble.route else len(URGENCY)


def _silent(unit: Unit, standing: Row, now: datetime) -> Iterator[Trouble]:
    """That no tick was completed for too long, counted from going live when that was later."""
    ticked = from_us(standing["ticked_us"]) if standing["ticked_us"] else None
    if ticked and now - ticked <= SILENT_AFTER:
        return
    went_live = unit.one(_WENT_LIVE)
    live = from_us(went_live["since_us"]) if went_live and went_live["since_us"] else None
    if live is None or now - live > SILENT_AFTER:
        last = f"the last tick was on {ticked:%Y-%m-%d at %H:%M} UTC" if ticked else "there was no tick yet"
        yield Trouble(SILENT, f"nobody sends: {last}")


def _others(unit: Unit, now: datetime) -> Iterator[Trouble]:
    rows = unit.all(_TROUBLES, to_us(now))
    told = {row["kind"] for row in rows if row["sort"] == "alarm"}
    for row in rows:
        if row["sort"] == "alarm":
            yield Trouble(row["kind"], row["says"])
        elif row["kind"] not in told:
            yield Trouble(row["kind"], _says(row), row["route"])


def _says(row: Row) -> str:
    if row["sort"] == MAIL:
        return f"mail does not leave: {row['says']}"
    held = "1 nudge is" if row["number"] == 1 else f"{row['number']} nudges are"
    return f"{held} held: {sentence(row['kind'])}"
