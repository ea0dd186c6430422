"""Messages as they are assembled, claimed and closed; every step a small commit of its own."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from lrflow.clock import to_us
from lrflow.database import Row, Unit
from lrflow.store.senders import LEASE


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that is ours to send until the lease ends; *token* proves it."""

    id: int
    person: int
    token: str
    message_id: str
    local_on: date
    attempts: int


def open_message(unit: Unit, person: int, local_on: date) -> int | None:
    """The message of that day to *person* that has not left yet."""
    row = unit.one(
        "SELECT id FROM message WHERE person = $1 AND local_on = $2 AND state = 'due'", person, local_on.isoformat()
    )
    return int(row["id"]) if row else None


def add_message(unit: Unit, person: int, channel: str, local_on: date, *, message_id: str, now: datetime) -> int | None:
    """Open the one message of that day to *person*; its number, or None when that day's is over already."""
    row = unit.one(
        "SELECT id, state FROM message WHERE person = $1 AND channel = $2 AND local_on = $3 OR message_id = $4",
        person,
        channel,
        local_on.isoformat(),
        message_id,
    )
    if row is None:
        values: Row = {"person": person, "channel": channel, "local_on": local_on.isoformat(), "state": "due"}
        return unit.insert(
            "message", {**values, "next_us": to_us(now), "rev": 1, "attempts": 0, "message_id": message_id}
        )
    if row["state"] != "dropped":  # what was closed takes no more lines: they would wait in it for ever
        return None
    unit.run(
        """UPDATE message SET state = 'due', next_us = $2, local_on = $3, detail = NULL, closed_us = NULL
           WHERE id = $1""",
        row["id"],
        to_us(now),
        local_on.isoformat(),
    )
    return int(row["id"])


def waiting_messages(unit: Unit, now: datetime) -> list[Row]:
    """Messages to be sent now that were opened before: number, person, day, and the zone of the reader."""
    return unit.all(
        """SELECT message.id, message.person, message.local_on, max(nudge.zone) AS zone FROM message
           JOIN nudge ON nudge.message_id = message.id AND nudge.state = 'assembled'
           WHERE message.state IN ('due', 'sending') AND message.state = 'due' AND message.next_us <= $1
           GROUP BY message.id, message.person, message.local_on""",
        to_us(now),
    )


def bring_to_day(unit: Unit, message: int, local_on: date, now: datetime) -> None:
    """Make a message that waited the one of a new day. When that day has its own, the lines wait for another."""
    moved = unit.run(
        """UPDATE message SET local_on = $2 WHERE id = $1 AND state = 'due' AND NOT EXISTS (
               SELECT 1 FROM message AS other WHERE other.person = message.person AND other.local_on = $2)""",
        message,
        local_on.isoformat(),
    )
    begun = unit.one("SELECT data_started_us FROM message WHERE id = $1", message)
    if begun and begun["data_started_us"] is not None:
        return  # one that may have arrived stays the same message, and waits for a day of its own
    if not moved:
        unit.run(
            "UPDATE nudge SET state = 'planned', message_id = NULL WHERE message_id = $1 AND state = 'assembled'",
            message,
        )
        unit.run(
            "UPDATE message SET state = 'dropped', detail = $2, closed_us = $3 WHERE id = $1 AND state = 'due'",
            message,
            "its day passed, and the new day has a message of its own",
            to_us(now),
        )


def put_into(unit: Unit, message: int, nudges: Sequence[Row]) -> int:
    """Put *nudges* into *message*; how many were still open, and still for the same person."""
    return sum(
        unit.run(
            """UPDATE nudge SET state = 'assembled', message_id = $2
               WHERE id = $1 AND state = 'planned' AND person = $3""",
            each["id"],
            message,
            each["person"],
        )
        for each in nudges
    )


def claim(unit: Unit, now: datetime) -> Claim | None:
    """Claim the message that waits longest, for the length of a lease; None when none is due.

    Of those put off together the one claimed least often goes first: what stops the sending cannot stand in its way.
    """
    row = unit.one(
        """SELECT * FROM message WHERE state IN ('due', 'sending') AND state = 'due' AND next_us <= $1
           ORDER BY next_us, rev, id LIMIT 1""",
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
    return Claim(row["id"], row["person"], token, row["message_id"], day, row["attempts"] + 1)


def begun_since(unit: Unit, minute: datetime, day: datetime) -> tuple[int, int]:
    """How many messages a mail server was given after the first instant, and since the second."""
    row = unit.one(
        """SELECT count(CASE WHEN data_started_us > $1 THEN 1 END) AS recent, count(CASE WHEN data_started_us >= $2
               THEN 1 END) AS today FROM message WHERE data_started_us > $1 OR data_started_us >= $2""",
        to_us(minute),
        to_us(day),
    )
    return (int(row["recent"]), int(row["today"])) if row else (0, 0)


def lines_of(unit: Unit, message: int) -> list[Row]:
    """The nudges inside *message*."""
    return unit.all(
        """SELECT nudge.*, route.key AS route_key FROM nudge JOIN route ON route.id = nudge.route_id
           WHERE message_id = $1 AND nudge.state = 'assembled' ORDER BY nudge.due_us, nudge.number""",
        message,
    )


# The newest entry about what the line is about since it was due, else of its route; about its reader, when that is why.
_CAUSE = """cause = CASE $2
    WHEN 'cancelled' THEN (SELECT coalesce(
            max(CASE WHEN log.subject = nudge.subject AND log.recorded_us >= nudge.due_us THEN log.id END), max(log.id))
        FROM log WHERE log.outcome = 'done' AND log.route_id = nudge.route_id)
    WHEN 'suppressed' THEN (SELECT max(log.id) FROM log WHERE log.outcome = 'done'
        AND log.subject = 'person:' || nudge.person AND (log.verb IN ('address', 'leave', 'opt-out')
            OR log.verb = 'set' AND (log.changes LIKE '%"email"%' OR log.changes LIKE '%"opted_out"%'))) END"""


def silence(unit: Unit, nudge: Row, state: str, reason: str, now: datetime) -> int:
    """End a nudge without a message, with the reason; 1 when it was still open, and still for the same person."""
    return unit.run(
        f"""UPDATE nudge SET state = $2, reason = $3, closed_us = $4, {_CAUSE}
            WHERE id = $1 AND state IN ('planned', 'held') AND coalesce(person, 0) = $5""",
        nudge["id"],
        state,
        reason,
        to_us(now),
        nudge["person"] or 0,
    )


def drop_line(unit: Unit, nudge: int, state: str, reason: str, now: datetime) -> None:
    """Take a line out of its message before it is sent, with the reason and the log entry that decided."""
    unit.run(
        f"""UPDATE nudge SET state = $2, reason = $3, closed_us = $4, {_CAUSE} WHERE id = $1 AND state = 'assembled'""",
        nudge,
        state,
        reason,
        to_us(now),
    )


def put_back(unit: Unit, nudge: int, state: str, reason: str = "", *, pinned: bool = False) -> None:
    """Take a line out of its message because its time is not now, or its reader another: it is open again, or held.

    *pinned*: no plan lets it go by itself.
    """
    unit.run(
        """UPDATE nudge SET state = $2, reason = $3, pinned = $4, message_id = NULL
           WHERE id = $1 AND state = 'assembled'""",
        nudge,
        state,
        reason or None,
        pinned,
    )


def start_data(unit: Unit, claimed: Claim, words: tuple[str, str, str], *, is_real: bool, now: datetime) -> bool:
    """Write down that the next bytes are the message itself (address, subject, body); whether it is still ours.

    Only on a *real* channel is that a point of no return: a draft is a file that a redo writes over.
    """
    address, subject, body = words
    return (
        unit.run(
            """UPDATE message SET data_started_us = $3, address = $4, subject = $5, body = $6
               WHERE id = $1 AND token = $2 AND state = 'sending'""",
            claimed.id,
            claimed.token,
            to_us(now) if is_real else None,
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


def try_again(
    unit: Unit,
    claimed: Claim,
    when: datetime,
    answer: tuple[int | None, str],
    *,
    charged: bool = True,
    may_have_left: bool = False,
) -> None:
    """Give a claimed message back, to be tried at *when*; not *charged*, the try does not count.

    One that *may have left* stays begun.
    """
    code, detail = answer
    unit.run(
        """UPDATE message SET state = 'due', token = NULL, next_us = $3, code = $4, detail = $5,
               attempts = attempts - $6, data_started_us = CASE WHEN $7 = 1 THEN data_started_us END
           WHERE id = $1 AND token = $2 AND state = 'sending'""",
        claimed.id,
        claimed.token,
        to_us(when),
        code,
        detail,
        0 if charged else 1,
        int(may_have_left),
    )


def pause(unit: Unit, until: datetime) -> None:
    """Put off every message: the sender's own side is at fault, and each try would only show it again."""
    unit.run(
        "UPDATE message SET next_us = $1 WHERE state IN ('due', 'sending') AND state = 'due' AND next_us < $1",
        to_us(until),
    )


def unpause(unit: Unit, now: datetime) -> None:
    """Let messages that nobody has refused yet go on at once: a new sender may have better settings."""
    unit.run(
        """UPDATE message SET next_us = $1
           WHERE state IN ('due', 'sending') AND state = 'due' AND attempts = 0 AND next_us > $1""",
        to_us(now),
    )


def recover(
    unit: Unit, now: datetime, *, everything: bool, resends: Callable[[int], bool] = lambda _: False
) -> tuple[int, int]:
    """Free what a dead sender left: untouched messages are due again, those begun are `unsure`. How many of each.

    *everything* frees live leases as well: only who holds the sending alone may ask for that. A message of which
    *resends* says so may be sent twice rather than not at all: begun, it is due again, with the same Message-ID.
    """
    late = "" if everything else " AND next_us <= $1"
    values = () if everything else (to_us(now),)
    rows = unit.all(
        f"""SELECT id, data_started_us FROM message
            WHERE state IN ('due', 'sending') AND state = 'sending'{late}""",
        *values,
    )
    begun = [row["id"] for row in rows if row["data_started_us"] is not None and not resends(row["id"])]
    for row in rows:
        if row["id"] in begun:
            _unsure(unit, row["id"], now)
        else:
            unit.run(
                "UPDATE message SET state = 'due', token = NULL, next_us = $2 WHERE id = $1", row["id"], to_us(now)
            )
    return len(rows) - len(begun), len(begun)


def _unsure(unit: Unit, message: int, now: datetime) -> None:
    at = to_us(now)
    unit.run("UPDATE message SET state = 'unsure', token = NULL, closed_us = $2 WHERE id = $1", message, at)
    unit.run(
        "UPDATE nudge SET state = 'unsure', closed_us = $2 WHERE message_id = $1 AND state = 'assembled'", message, at
    )


def send_again(unit: Unit, message: int, now: datetime) -> int:
    """Let an `unsure` message leave once more, on a person's word, as the same message; how many lines it holds."""
    opened = unit.run(
        """UPDATE message SET state = 'due', next_us = $2, closed_us = NULL, attempts = 0 WHERE id = $1
           AND state = 'unsure'""",
        message,
        to_us(now),
    )
    if opened != 1:
        return 0
    return unit.run(
        "UPDATE nudge SET state = 'assembled', closed_us = NULL WHERE message_id = $1 AND state = 'unsure'", message
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
    """The nudges of a route in *states* (all of them when empty), in the order of their days.

    What waits or failed has for its reason what was last said of its message.
    """
    marks = ", ".join(f"${number}" for number in range(2, len(states) + 2))
    chosen = f"AND nudge.state IN ({marks})" if states else ""
    rows = unit.all(
        f"""SELECT nudge.*, person.name AS person_name, message.state AS message_state, message.subject AS wording,
                message.detail AS said
            FROM nudge LEFT JOIN person ON person.id = nudge.person LEFT JOIN message ON message.id = nudge.message_id
            WHERE nudge.route_id = $1 {chosen} ORDER BY nudge.due_us, nudge.number""",
        route_id,
        *states,
    )
    told = ("assembled", "failed", "unsure")
    return [{**row, "reason": row["reason"] or (row["said"] if row["state"] in told else None)} for row in rows]


def next_due(unit: Unit) -> int | None:
    """The instant (UTC microseconds) at which something is to be done next: a nudge of a live route, or a message."""
    nudge = unit.one(
        """SELECT min(due_us) AS next FROM nudge JOIN route ON route.id = nudge.route_id
           WHERE nudge.state IN ('planned', 'held') AND nudge.state = 'planned' AND route.live_on IS NOT NULL"""
    )
    message = unit.one("SELECT min(next_us) AS next FROM message WHERE state IN ('due', 'sending')")
    found = [row["next"] for row in (nudge, message) if row and row["next"] is not None]
    return min(found, default=None)
