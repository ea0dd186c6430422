"""Nudges held back until they are released: by a person, or because another copy may have sent them."""

from collections.abc import Sequence
from datetime import date, datetime

from lrflow.clock import to_us
from lrflow.database import Row, Unit

TAKEN_OVER = "taken_over"
RESTORED = "restored"
BY_HAND = "held_back"
_LIVE = "(SELECT id FROM route WHERE live_on IS NOT NULL AND status IN ('active', 'on_hold'))"
_WAITING = "(SELECT id FROM message WHERE state IN ('due', 'sending'))"


def hold_nudge(unit: Unit, number: int) -> bool:
    """Hold the nudge of that row back; whether it was still time: it had not ended, and its message had not begun."""
    changed = unit.run(
        """UPDATE nudge SET state = 'held', reason = $2, pinned = TRUE, message_id = NULL
           WHERE id = $1 AND NOT pinned AND (state IN ('planned', 'held') OR state = 'assembled'
               AND message_id IN (SELECT id FROM message WHERE state IN ('due', 'sending') AND state = 'due'))""",
        number,
        BY_HAND,
    )
    return changed == 1


_STILL = """(state IN ('planned', 'held') OR state = 'assembled'
    AND message_id IN (SELECT id FROM message WHERE state IN ('due', 'sending') AND state = 'due'))"""


def move_nudge(unit: Unit, number: int, day: date, now: datetime, *, woken: bool = False) -> bool:
    """Let the nudge of that row leave on *day* (*woken*: at once, whatever the hour); whether it was still time."""
    changed = unit.run(
        f"""UPDATE nudge SET state = 'planned', reason = NULL, message_id = NULL, moved_on = $2, woken = $3,
                accepted_us = $4
            WHERE id = $1 AND NOT pinned AND {_STILL}""",
        number,
        day.isoformat(),
        woken,
        to_us(now),
    )
    return changed == 1


def skip_nudge(unit: Unit, nudge: Row, now: datetime) -> bool:
    """Silence the nudge for good because a person left it out; whether it was still time."""
    changed = unit.run(
        f"""UPDATE nudge SET state = 'suppressed', reason = 'skipped', message_id = NULL, closed_us = $2, cause = NULL
            WHERE id = $1 AND NOT pinned AND {_STILL}""",
        nudge["id"],
        to_us(now),
    )
    return changed == 1


def note_cause(unit: Unit, nudges: Sequence[Row]) -> None:
    """Write down that the newest log entry silenced *nudges*."""
    for each in nudges:
        unit.run("UPDATE nudge SET cause = (SELECT max(id) FROM log) WHERE id = $1", each["id"])


def release_nudge(unit: Unit, nudge: Row, now: datetime) -> bool:
    """Let a nudge that was held back be planned like any other; whether it was."""
    changed = unit.run(
        """UPDATE nudge SET state = 'planned', reason = NULL, pinned = FALSE, message_id = NULL, accepted_us = $2
           WHERE id = $1 AND state = 'held' AND pinned""",
        nudge["id"],
        to_us(now),
    )
    _settle(unit, nudge["message_id"], now)
    return changed == 1


def confirm_held(unit: Unit, nudge: Row, by: int, now: datetime) -> int:
    """Close a nudge that another copy has sent, on a person's word: it never leaves from here; 1 if it was held."""
    changed = unit.run(
        """UPDATE nudge SET state = 'sent', reason = NULL, pinned = FALSE, closed_us = $3
           WHERE id = $1 AND state = 'held' AND reason IN ($2, $4)""",
        nudge["id"],
        TAKEN_OVER,
        to_us(now),
        RESTORED,
    )
    _settle(unit, nudge["message_id"], now, by)
    return changed


def _settle(unit: Unit, message: int | None, now: datetime, by: int | None = None) -> None:
    """End a held message when its last line was spoken for: sent if one of them was, otherwise as if it never was."""
    if message is None or unit.one("SELECT id FROM nudge WHERE message_id = $1 AND state = 'held'", message):
        return
    was_sent = unit.one("SELECT id FROM nudge WHERE message_id = $1 AND state = 'sent'", message) is not None
    unit.run(
        "UPDATE message SET state = $2, confirmed_by = $3, closed_us = $4 WHERE id = $1 AND state = 'held'",
        message,
        "sent" if was_sent else "dropped",
        by if was_sent else None,
        to_us(now),
    )


def hold_what_may_have_left(unit: Unit, now: datetime, says: str, reason: str = TAKEN_OVER) -> None:
    """Hold what another copy of this programme may have sent: nudges whose hour has come by *now*, unsent messages.

    *reason* is a takeover, or that an older copy was put back.

    Routes that rehearse send nothing, so theirs stay as they are. Asking again holds what has come since.
    """
    unit.run(
        f"""UPDATE nudge SET state = 'held', reason = $2, pinned = TRUE
            WHERE state IN ('planned', 'held') AND due_us <= $1 AND person IS NOT NULL AND NOT pinned
            AND route_id IN {_LIVE}""",
        to_us(now),
        reason,
    )
    unit.run(
        f"""UPDATE nudge SET state = 'held', reason = $1, pinned = TRUE
            WHERE state = 'assembled' AND message_id IN {_WAITING}""",
        reason,
    )
    unit.run(
        """UPDATE message SET token = NULL, detail = $1, closed_us = $2, state = CASE WHEN EXISTS (
               SELECT 1 FROM nudge WHERE nudge.message_id = message.id AND nudge.state = 'held')
               THEN 'held' ELSE 'dropped' END
           WHERE state IN ('due', 'sending')""",
        says,
        to_us(now),
    )


def held_for(unit: Unit, reason: str) -> int:
    """How many nudges are held for that *reason*."""
    row = unit.one(
        """SELECT count(*) AS number FROM nudge
           WHERE state IN ('planned', 'held') AND state = 'held' AND reason = $1""",
        reason,
    )
    return int(row["number"]) if row else 0


def held_after_takeover(unit: Unit) -> list[Row]:
    """Every nudge that waits for a person's word since a takeover, by route and day: with route_key and person_name."""
    return unit.all(
        """SELECT nudge.*, route.key AS route_key, person.name AS person_name FROM nudge
           JOIN route ON route.id = nudge.route_id LEFT JOIN person ON person.id = nudge.person
           WHERE nudge.state IN ('planned', 'held') AND nudge.state = 'held' AND nudge.reason = $1
           ORDER BY route.key, nudge.due_us, nudge.number""",
        TAKEN_OVER,
    )
