"""One tick: hold the sending, mend what a crash left, plan, assemble, send."""

import os
import secrets
import socket
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from lrflow import store
from lrflow.clock import from_us, today
from lrflow.database import Database, Unit
from lrflow.nudges.assembling import assemble
from lrflow.nudges.delivering import deliver
from lrflow.nudges.mailers import Mailer
from lrflow.store import Holder


@dataclass(frozen=True, slots=True)
class Ticked:
    """What one tick did: messages assembled, how each ended, what was mended, who is still rehearsing."""

    messages: int
    ended: Counter[str]
    silent: int
    due_again: int
    unsure: int
    rehearsing: tuple[str, ...]

    @property
    def did_something(self) -> bool:
        """Whether it is worth a line."""
        return bool(self.messages or self.ended or self.silent or self.due_again or self.unsure)


def hold_sending(database: Database, now: datetime) -> Holder:
    """Become the one process that sends for this database. Raises `Busy` naming the one that does."""
    holder = Holder(socket.gethostname(), os.getpid(), secrets.token_hex(8))
    with database.begin(write=True) as unit:
        row = store.sender_row(unit)
        store.take_sending(unit, holder, now, is_alive=_is_alive(row["host"], row["pid"]) if row else False)
        store.recover(unit, now, everything=True)
        store.unpause(unit, now)
    return holder


def _is_alive(host: str, pid: int) -> bool:
    """Whether the process still runs, as far as can be told from here: otherwise its lease has to end."""
    if host != socket.gethostname() or os.name == "nt":  # on Windows the question below would be a Ctrl-C
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def stop_sending(database: Database, holder: Holder) -> None:
    """Let another process send at once."""
    with database.begin(write=True) as unit:
        store.leave_sending(unit, holder.token)


def tick(
    database: Database,
    mailer: Mailer,
    holder: Holder,
    now: Callable[[], datetime],
    *,
    go_on: Callable[[], bool] = lambda: True,
) -> Ticked:
    """Do everything that is due, once. Running it again at the same instant sends nothing more.

    *now* gives the instant at each step, so that a long batch does not outlive its leases; *go_on* says no when it is
    time to stop between two messages. What only a new day changes in the plans is brought in once a day; all else was
    planned by the command that caused it.
    """
    started = now()
    with database.begin(write=True) as unit:
        store.take_sending(unit, holder, started, is_alive=True)
        due_again, unsure = store.recover(unit, started, everything=False)
        rehearsing = _rehearsing(unit)
        is_new_day = bool(store.copy_calendars(unit, started)) or not _was_planned(unit, started)
        keys = [each.key for each in store.routes_of(unit) if each.status in ("active", "on_hold")]
    for key in keys if is_new_day else ():
        if not go_on():
            return Ticked(0, Counter(), 0, due_again, unsure, rehearsing)
        with database.begin(write=True) as unit:
            store.replan(unit, key, started)
            store.beat(unit, holder.token, now())
    assembled = assemble(database, mailer, now())
    try:
        ended = deliver(database, mailer, now, go_on=_beating(database, holder, now, go_on))
    finally:
        mailer.channel.close()
    with database.begin(write=True) as unit:
        store.beat(unit, holder.token, now(), ticked=started)
    return Ticked(assembled.messages, ended, assembled.silent, due_again, unsure, rehearsing)


def _was_planned(unit: Unit, now: datetime) -> bool:
    """Whether a whole tick began, and so planned every route, on this day of the programme."""
    row, zone = store.sender_row(unit), store.programme_of(unit)["zone"]
    return row is not None and bool(row["ticked_us"]) and today(from_us(row["ticked_us"]), zone) == today(now, zone)


def _beating(
    database: Database, holder: Holder, now: Callable[[], datetime], go_on: Callable[[], bool]
) -> Callable[[], bool]:
    """Ask *go_on* and renew the lease before each message; stop when someone else holds the sending."""

    def ask() -> bool:
        with database.begin(write=True) as unit:
            return go_on() and store.beat(unit, holder.token, now())

    return ask


def _rehearsing(unit: Unit) -> tuple[str, ...]:
    return tuple(each.key for each in store.routes_of(unit) if each.status == "active" and not each.row["live_on"])
