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
from lrflow.errors import Busy
from lrflow.nudges.assembling import assemble
from lrflow.nudges.delivering import deliver
from lrflow.nudges.doubting import may_leave_twice
from lrflow.nudges.guarding import UNKNOWN, Uptime, guard_clock, guard_database, guard_flood
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
    held: int = 0  # nudges that nobody foresaw, held until a coordinator looks
    stopped: str = ""  # why nothing was done at all

    @property
    def did_something(self) -> bool:
        """Whether it is worth a line."""
        return bool(self.messages or self.ended or self.silent or self.due_again or self.unsure or self.held)


def hold_sending(database: Database, now: datetime, *, running: Uptime = UNKNOWN, trusted: bool = False) -> Holder:
    """Become the one process that sends for this database. Raises `Busy` naming the one that does.

    What a dead sender left is mended, unless the clock cannot be believed.
    """
    holder = Holder(socket.gethostname(), os.getpid(), secrets.token_hex(8))
    with database.begin(write=True) as unit:
        row = store.sender_row(unit)
        store.take_sending(unit, holder, now, is_alive=_is_alive(row["host"], row["pid"]) if row else False)
        if not guard_clock(unit, now, running, trusted=trusted):
            store.recover(unit, now, everything=True, resends=may_leave_twice(unit))
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
    running: Uptime = UNKNOWN,
    trusted: bool = False,
) -> Ticked:
    """Do everything that is due, once. Running it again at the same instant sends nothing more.

    *now* gives the instant at each step, so that a long batch does not outlive its leases; *go_on* says no when it is
    time to stop between two messages. What only a new day changes in the plans is brought in once a day; all else was
    planned by the command that caused it. Where the clock cannot be believed nothing is done (*running* is what the
    computer says of itself, *trusted* a person's word for it); what may have left already, and what would be a flood,
    is held.
    """
    started = now()
    with database.begin(write=True) as unit:
        if why := guard_clock(unit, started, running, trusted=trusted):
            return Ticked(0, Counter(), 0, 0, 0, (), stopped=why)
        store.take_sending(unit, holder, started, is_alive=True)
        due_again, unsure = store.recover(unit, started, everything=False, resends=may_leave_twice(unit))
        guard_database(unit, database.path, started)
        rehearsing = _rehearsing(unit)
        is_new_day = bool(store.copy_calendars(unit, started)) or not _was_planned(unit, started)
        keys = [each.key for each in store.routes_of(unit) if each.status in ("active", "on_hold")]
    if is_new_day and not _plan_all(database, holder, keys, now, go_on):
        return Ticked(0, Counter(), 0, due_again, unsure, rehearsing)
    with database.begin(write=True) as unit:
        held = guard_flood(unit, started)
    assembled = assemble(database, mailer, now())
    try:
        ended = deliver(database, mailer, now, go_on=_beating(database, holder, now, go_on))
    finally:
        mailer.channel.close()
    with database.begin(write=True) as unit:
        store.beat(unit, holder.token, now(), ticked=started)
    return Ticked(assembled.messages, ended, assembled.silent, due_again, unsure, rehearsing, held)


def _plan_all(
    database: Database, holder: Holder, keys: list[str], now: Callable[[], datetime], go_on: Callable[[], bool]
) -> bool:
    """Plan every route anew, as a new day does; False when it was time to stop.

    One that cannot be planned keeps what it had and raises an alarm: the others speak.
    """
    failed: list[str] = []
    with database.begin(write=True) as unit:
        store.ask_words_again(unit)
    for key in keys:
        if not go_on():
            return False
        try:
            with database.begin(write=True) as unit:
                store.replan(unit, key, now())
                store.beat(unit, holder.token, now())
        except Busy:
            raise
        except Exception as fault:  # a door: whatever is wrong with one route must not silence the others
            failed.append(f"{key} ({type(fault).__name__}: {fault})")
    with database.begin(write=True) as unit:
        if failed:
            store.raise_alarm(unit, "plan", f"cannot be planned: {'; '.join(failed)}"[:300], now())
        else:
            store.end_alarm(unit, "plan")
    return True


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
