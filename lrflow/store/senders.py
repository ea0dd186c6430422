"""Who sends for this database: one process at a time, by a lease that it renews."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from lrflow.clock import from_us, to_us
from lrflow.database import Row, Unit
from lrflow.errors import Busy

LEASE = timedelta(seconds=90)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds the sending of this database."""

    host: str
    pid: int
    token: str


def take_sending(unit: Unit, holder: Holder, now: datetime, *, is_alive: bool) -> None:
    """Become the one who sends, or raise `Busy` naming who is. A lease that ended, or a dead process, is taken over.

    *is_alive* tells whether the process written down still runs, as far as this computer can know.
    """
    row = unit.one("SELECT * FROM sender WHERE id = 1")
    if row and row["token"] != holder.token:
        fresh = now - from_us(row["beat_us"]) < LEASE and from_us(row["beat_us"]) <= now + LEASE
        if fresh and is_alive:
            since = from_us(row["since_us"])
            raise Busy(
                f"{row['host']} (process {row['pid']}) sends for this programme since {since:%Y-%m-%d %H:%M} UTC",
                remedy="stop it first, or let it do the sending",
            )
    unit.run(
        """INSERT INTO sender (id, host, pid, token, since_us, beat_us) VALUES (1, $1, $2, $3, $4, $4)
           ON CONFLICT (id) DO UPDATE SET host = excluded.host, pid = excluded.pid, beat_us = excluded.beat_us,
               since_us = CASE WHEN sender.token = excluded.token THEN sender.since_us ELSE excluded.since_us END,
               token = excluded.token""",
        holder.host,
        holder.pid,
        holder.token,
        to_us(now),
    )


def sender_row(unit: Unit) -> Row | None:
    """Who holds the sending, if anyone."""
    return unit.one("SELECT * FROM sender WHERE id = 1")


def beat(unit: Unit, token: str, now: datetime, *, ticked: datetime | None = None) -> bool:
    """Renew the lease; whether it was still ours. *ticked* is when the tick began that is whole now."""
    return (
        unit.run(
            "UPDATE sender SET beat_us = $2, ticked_us = coalesce($3, ticked_us) WHERE id = 1 AND token = $1",
            token,
            to_us(now),
            to_us(ticked) if ticked else None,
        )
        == 1
    )


def believe(unit: Unit, now: datetime, boot: str, uptime_us: int) -> None:
    """Write down the instant that this sender believes, and how long the computer had run since that start of it."""
    unit.run("UPDATE sender SET seen_us = $1, boot = $2, uptime_us = $3 WHERE id = 1", to_us(now), boot, uptime_us)


def count_begun(unit: Unit) -> int:
    """Count one more message that is begun; how many that are by now."""
    unit.run("UPDATE sender SET begun = coalesce(begun, 0) + 1 WHERE id = 1")
    row = sender_row(unit)
    return int(row["begun"] or 0) if row else 0


def leave_sending(unit: Unit, token: str) -> None:
    """Give the sending back; the time of the last tick stays known."""
    unit.run("UPDATE sender SET beat_us = 0 WHERE id = 1 AND token = $1", token)
