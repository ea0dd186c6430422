"""What is wrong with the sending itself, since when: a standing alarm is shown by every command until it is ended."""

from dataclasses import dataclass
from datetime import datetime

from lrflow.clock import from_us, to_us
from lrflow.database import Row, Unit

FLOOD = "flood"
CLOCK = "clock"
RESTORED = "restored"
MAIL = "mail"
PLAN = "plan"
MAILBOX = "mailbox"


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing that is wrong: its kind, since when it stands (aware, UTC), and a sentence without a full stop."""

    kind: str
    since: datetime
    says: str


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
    return tuple(_alarm(row) for row in unit.all("SELECT * FROM alarm ORDER BY since_us, kind"))


def _alarm(row: Row) -> Alarm:
    return Alarm(str(row["kind"]), from_us(row["since_us"]), str(row["says"]))
