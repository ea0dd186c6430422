"""Messages and who sends them: assembled, claimed, closed; every step a small commit of its own."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from lrflow.clock import from_us, to_us
from lrflow.database import Row, Unit
from lrflow.errors import Busy

LEASE = timedelta(seconds=90)


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that is ours to send until the lease ends; *token* proves it."""

    id: int
    person: int
    token: str
    message_id: str
    local_on: date
    attempts: int
    was_tried: bool


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
    unit.run("DELETE FROM sender WHERE id = 1 AND token <> $1", holder.token)
    unit.run(
        """INSERT INTO sender (id, host, pid, token, since_us, beat_us, ticked_us) VALUES (1, $1, $2, $3, $4, $4, $5)
           ON CONFLICT (id) DO UPDATE SET beat_us = excluded.beat_us""",
        holder.host,
        holder.pid,
        holder.token,
        to_us(now),
        row["ticked_us"] if row else None,
    )


def sender_row(unit: Unit) -> Row | None:
    """Who holds the sending, if anyone."""
    return unit.one("SELECT * FROM sender WHERE id = 1")


def beat(unit: Unit, token: str, now: datetime, *, ticked: bool = False) -> bool:
    """Renew the lease; whether it was still ours."""
    extra = ", ticked_us = $1" if ticked else ""
    return unit.run(f"UPDATE sender SET beat_us = $1{extra} WHERE id = 1 AND token = $2", to_us(now), token) == 1


def leave_sending(unit: Unit, token: str) -> None:
    """Give the sending back; the time of the last tick stays known."""
    unit.run("UPDATE sender SET beat_us = 0 WHERE id = 1 AND token = $1", token)


def due_nudges(unit: Unit, now: datetime) -> list[Row]:
    """Nudges whose hour has come, of routes that are live and active, oldest first."""
    return unit.all(
        """SELECT nudge.*, route.key AS route_key, route.live_on AS live_on FROM nudge
           JOIN route ON route.id = nudge.route_id
           WHERE nudge.state IN ('planned', 'held') AND nudge.state = 'planned' AND nudge.due_us <= $1
             AND route.live_on IS NOT NULL AND route.status IN ('active', 'on_hold')
           ORDER BY nudge.due_us, nudge.route_id, nudge.number""",
        to_us(now),
    )


def recent_days(unit: Unit, person: int, since: date) -> list[date]:
    """The days since *since* on which a message to *person* left or is leaving."""
    rows = unit.all(
        "SELECT local_on FROM message WHERE person = $1 AND local_on >= $2 AND state NOT IN ('dropped', 'failed')",
        person,
        since.isoformat(),
    )
    return [date.fromisoformat(row["local_on"]) for row in rows]


def add_message(unit: Unit, person: int, channel: str, local_on: date, message_id: str, now: datetime) -> int:
    """Open the one message of that day to *person*; its number. It is there already after a crash: the same number."""
    row = unit.one(
        "SELECT id, state FROM message WHERE person = $1 AND channel = $2 AND local_on = $3",
        person,
        channel,
        local_on.isoformat(),
    )
    if row and row["state"] == "dropped":  # nothing of it had left, so the day's message is still to be written
        unit.run("UPDATE message SET state = 'due', next_us = $2 WHERE id = $1", row["id"], to_us(now))
    if row:
        return int(row["id"])
    values: Row = {"person": person, "channel": channel, "local_on": local_on.isoformat(), "state": "due"}
    return unit.insert("message", {**values, "next_us": to_us(now), "rev": 1, "attempts": 0, "message_id": message_id})


def put_into(unit: Unit, message: int, nudges: Sequence[int]) -> int:
    """Put open nudges into *message*; how many were still open."""
    return sum(
        unit.run(
            "UPDATE nudge SET state = 'assembled', message_id = $2 WHERE id = $1 AND state = 'planned'", each, message
        )
        for each in nudges
    )


def claim(unit: Unit, now: datetime) -> Claim | None:
    """Claim the message that waits longest, for the length of a lease; None when none is due."""
    row = unit.one(
        """SELECT * FROM message WHERE state IN ('due', 'sending') AND state = 'due' AND next_us <= $1
           ORDER BY next_us, id LIMIT 1""",
        to_us(now),
    )
    if row is None:
        return None
    token = secrets.token_hex(8)
    unit.run(
        """UPDATE message SET state = 'sending', token = $2, next_us = $3, attempts = attempts + 1, rev = rev + 1
           WHERE id = $1 AND state = 'due'""",
        row["id"],
        token,
        to_us(now + LEASE),
    )
    day = date.fromisoformat(row["local_on"])
    return Claim(row["id"], row["person"], token, row["message_id"], day, row["attempts"] + 1, row["attempts"] > 0)


def lines_of(unit: Unit, message: int) -> list[Row]:
    """The nudges inside *message*."""
    return unit.all(
        """SELECT nudge.*, route.key AS route_key FROM nudge JOIN route ON route.id = nudge.route_id
           WHERE message_id = $1 AND nudge.state = 'assembled' ORDER BY nudge.due_us, nudge.number""",
        message,
    )


def silence(unit: Unit, nudge: int, state: str, reason: str, now: datetime) -> None:
    """End an open nudge without a message, with the reason."""
    unit.run(
        "UPDATE nudge SET state = $2, reason = $3, closed_us = $4 WHERE id = $1 AND state IN ('planned', 'held')",
        nudge,
        state,
        reason,
        to_us(now),
    )


def drop_line(unit: Unit, nudge: int, state: str, reason: str, now: datetime) -> None:
    """Take a line out of its message before it is sent, with the reason."""
    unit.run(
        "UPDATE nudge SET state = $2, reason = $3, closed_us = $4 WHERE id = $1 AND state = 'assembled'",
        nudge,
        state,
        reason,
        to_us(now),
    )


def start_data(unit: Unit, claimed: Claim, now: datetime, words: tuple[str, str, str]) -> bool:
    """Write down that the next bytes are the message itself (address, subject, body); whether it is still ours."""
    address, subject, body = words
    return (
        unit.run(
            """UPDATE message SET data_started_us = $3, address = $4, subject = $5, body = $6
               WHERE id = $1 AND token = $2 AND state = 'sending'""",
            claimed.id,
            claimed.token,
            to_us(now),
            address,
            subject,
            body,
        )
        == 1
    )


def close_message(unit: Unit, claimed: Claim, state: str, answer: tuple[int | None, str], now: datetime) -> bool:
    """End the sending of a message and its lines alike; whether it was still ours."""
    code, detail = answer
    ours = unit.run(
        """UPDATE message SET state = $3, token = NULL, code = $4, detail = $5, closed_us = $6
           WHERE id = $1 AND token = $2 AND state = 'sending'""",
        claimed.id,
        claimed.token,
        state,
        code,
        detail,
        to_us(now),
    )
    if ours == 1 and state in ("sent", "drafted", "unsure", "failed"):
        unit.run(
            "UPDATE nudge SET state = $2, closed_us = $3 WHERE message_id = $1 AND state = 'assembled'",
            claimed.id,
            state,
            to_us(now),
        )
    return ours == 1


def try_again(unit: Unit, claimed: Claim, when: datetime, answer: tuple[int | None, str]) -> None:
    """Give a claimed message back, to be tried at *when*."""
    code, detail = answer
    unit.run(
        """UPDATE message SET state = 'due', token = NULL, next_us = $3, data_started_us = NULL, code = $4, detail = $5
           WHERE id = $1 AND token = $2 AND state = 'sending'""",
        claimed.id,
        claimed.token,
        to_us(when),
        code,
        detail,
    )


def recover(unit: Unit, now: datetime, *, everything: bool) -> tuple[int, int]:
    """Free what a dead sender left: untouched messages are due again, those begun are `unsure`. How many of each.

    Drafts are files that a redo writes over, so they are always tried again. *everything* frees live leases as well:
    only who holds the sending alone may ask for that.
    """
    late = "" if everything else " AND next_us <= $1"
    values = () if everything else (to_us(now),)
    rows = unit.all(
        f"""SELECT id, data_started_us, channel FROM message
            WHERE state IN ('due', 'sending') AND state = 'sending'{late}""",
        *values,
    )
    begun = [row["id"] for row in rows if row["data_started_us"] is not None and row["channel"] != "drafts"]
    for row in rows:
        if row["id"] in begun:
            _unsure(unit, row["id"], now)
        else:
            unit.run(
                "UPDATE message SET state = 'due', token = NULL, data_started_us = NULL, next_us = $2 WHERE id = $1",
                row["id"],
                to_us(now),
            )
    return len(rows) - len(begun), len(begun)


def _unsure(unit: Unit, message: int, now: datetime) -> None:
    at = to_us(now)
    unit.run("UPDATE message SET state = 'unsure', token = NULL, closed_us = $2 WHERE id = $1", message, at)
    unit.run(
        "UPDATE nudge SET state = 'unsure', closed_us = $2 WHERE message_id = $1 AND state = 'assembled'", message, at
    )


def confirm_message(unit: Unit, message: int, sent: bool, by: int, now: datetime) -> int:
    """Close a draft or an unsure message on a person's word; how many lines it held."""
    state, at = ("sent" if sent else "failed"), to_us(now)
    changed = unit.run(
        """UPDATE message SET state = $2, confirmed_by = $3, closed_us = $4
           WHERE id = $1 AND state IN ('drafted', 'unsure')""",
        message,
        state,
        by,
        at,
    )
    if changed != 1:
        return 0
    return unit.run(
        "UPDATE nudge SET state = $2, closed_us = $3 WHERE message_id = $1 AND state IN ('drafted', 'unsure')",
        message,
        state,
        at,
    )


def nudges_of(unit: Unit, route_id: int, states: Sequence[str]) -> list[Row]:
    """The nudges of a route in *states* (all of them when empty), in the order of their days."""
    marks = ", ".join(f"${number}" for number in range(2, len(states) + 2))
    chosen = f"AND nudge.state IN ({marks})" if states else ""
    return unit.all(
        f"""SELECT nudge.*, person.name AS person_name, message.state AS message_state, message.subject AS wording
            FROM nudge LEFT JOIN person ON person.id = nudge.person LEFT JOIN message ON message.id = nudge.message_id
            WHERE nudge.route_id = $1 {chosen} ORDER BY nudge.due_us, nudge.number""",
        route_id,
        *states,
    )


def next_due(unit: Unit) -> int | None:
    """The instant (UTC microseconds) at which something is to be done next: a nudge of a live route, or a message."""
    nudge = unit.one(
        """SELECT min(due_us) AS next FROM nudge JOIN route ON route.id = nudge.route_id
           WHERE nudge.state IN ('planned', 'held') AND nudge.state = 'planned' AND route.live_on IS NOT NULL"""
    )
    message = unit.one("SELECT min(next_us) AS next FROM message WHERE state IN ('due', 'sending')")
    found = [row["next"] for row in (nudge, message) if row and row["next"] is not None]
    return min(found, default=None)
