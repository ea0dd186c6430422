"""Door two: call one tick again and again until told to stop."""

import os
import signal
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from lrflow import clock, nudges, store
from lrflow.database import Database
from lrflow.errors import LrflowError
from lrflow.nudges import Mailer, Ticked
from lrflow.service import Manager
from lrflow.store import Holder

SWEEP_SECONDS = 30
GLANCE_SECONDS = 0.5
STEP_SECONDS = 2.0  # a wall clock that jumps further than this was set by someone
DEAD_AFTER = 10 * SWEEP_SECONDS
QUIET_AFTER = 2 * SWEEP_SECONDS  # a sweep that stands still for longer is no sign of life to a service manager
SCHEDULER_DIED = 70


class _Stop:
    """Told to stop by a signal; a plain flag, because a handler must take no lock."""

    def __init__(self) -> None:
        self.asked = False
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, self._ask)

    def _ask(self, *_: object) -> None:
        self.asked = True


def run(database: Database, mailer: Mailer, say: Callable[[str], None], *, trusted: bool = False) -> int:
    """Send what is due, when it is due, until SIGTERM or Ctrl-C; 0 then.

    When the scheduler itself died, the process ends at once with exit code 70, for a service manager to start it anew.
    One that listens on NOTIFY_SOCKET hears when the sending has begun, how it fares, and when it ends. Raises `Busy`
    when another process sends for this database. Only this thread touches the scheduler: a sweep every 30 seconds
    bounds every other fault, a wake-up stands at the next due row. *trusted*: a person vouches for the clock, once.
    """
    from apscheduler.schedulers.background import BackgroundScheduler

    manager = Manager()
    stop, beat = _Stop(), _Beat(database, mailer, say, manager)
    holder = nudges.hold_sending(database, clock.now(), running=nudges.uptime(), trusted=trusted)
    beat.begin(holder, lambda: not stop.asked)
    scheduler = BackgroundScheduler(
        timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    scheduler.add_job(beat.sweep, "interval", seconds=SWEEP_SECONDS, id="sweep", next_run_time=datetime.now(UTC))
    scheduler.start()
    manager.ready(f"sends for {database.path}")
    say(f"lrflow sends for {database.path} (process {holder.pid}); Ctrl-C stops it")
    try:
        is_alive = _watch(scheduler, beat, stop, manager)
        if not is_alive:
            say("the scheduler stands still: this process ends, start it anew")
            os._exit(SCHEDULER_DIED)  # an orderly end would wait for the thread that hangs
    finally:
        manager.stopping()
        scheduler.shutdown(wait=True)
        nudges.stop_sending(database, holder)
    say("stopped")
    return 0


class _Beat:
    """The sweep and what is known of it: one at a time, on a connection of its own thread."""

    def __init__(self, database: Database, mailer: Mailer, say: Callable[[str], None], manager: Manager) -> None:
        self._database = Database(database.path)
        self._mailer = mailer
        self._say = say
        self._manager = manager
        self._lock = threading.Lock()
        self._holder: Holder | None = None
        self._go_on: Callable[[], bool] = lambda: True
        self._stopped = ""  # why the last sweep did nothing, said once
        self.steps = 0  # grows as long as sweeps come to an end, or get on

    def begin(self, holder: Holder, go_on: Callable[[], bool]) -> None:
        """Send as *holder* while *go_on* says so."""
        self._holder, self._go_on = holder, go_on

    def sweep(self) -> None:
        """One tick. A failure is said and the next sweep tries again; a bug is a failure too: the daemon stays up."""
        if self._holder is None or not self._go_on() or not self._lock.acquire(blocking=False):
            return
        try:
            running = nudges.uptime()
            ticked = nudges.tick(
                self._database, self._mailer, self._holder, lambda: clock.now(), go_on=self._step, running=running
            )
            if ticked.did_something or ticked.stopped != self._stopped:
                self._say(_line(ticked))
            self._stopped = ticked.stopped
            self._manager.status(f"{clock.now():%Y-%m-%d %H:%M} UTC: {_line(ticked)}")
            self._database.shorten_log()
        except LrflowError as fault:
            self._say(f"this sweep failed, the next one tries again: {fault.message}")
            self._manager.status(f"the last sweep failed, the next one tries again: {fault.message}")
        finally:
            self.steps += 1
            self._lock.release()

    def _step(self) -> bool:
        self.steps += 1
        return self._go_on()

    def glance(self, seen: int | None) -> tuple[int | None, int | None]:
        """What another process committed changes the first number; the second is the next due row's instant, if so.

        UTC microseconds. While a sweep runs nothing is asked, and nothing has changed.
        """
        if not self._lock.acquire(blocking=False):
            return seen, None
        try:
            version = self._database.data_version()
            if version == seen:
                return seen, None
            with self._database.begin() as unit:
                return version, store.next_due(unit)
        finally:
            self._lock.release()


def _watch(scheduler: Any, beat: _Beat, stop: _Stop, manager: Manager) -> bool:
    """Look twice a second: re-arm the wake-up when rows change, sweep at once when the clock was set, notice death.

    Whether the scheduler was alive to the end. How long it stands still is counted in glances, since a suspended
    computer makes clocks jump, and glances not. The manager hears that it lives only as long as sweeps get on.
    """
    seen, offset = None, time.time() - time.monotonic()
    steps, still = beat.steps, 0.0
    while not stop.asked:
        time.sleep(GLANCE_SECONDS)
        if abs(time.time() - time.monotonic() - offset) > STEP_SECONDS:
            offset = time.time() - time.monotonic()
            scheduler.modify_job("sweep", next_run_time=datetime.now(UTC))
        seen, due = beat.glance(seen)
        if due is not None:
            when = max(clock.from_us(due), datetime.now(UTC))
            scheduler.add_job(beat.sweep, "date", run_date=when, id="wake", replace_existing=True)
        still = still + GLANCE_SECONDS if beat.steps == steps else 0.0
        steps = beat.steps
        if still > DEAD_AFTER or not scheduler._thread.is_alive():
            return False
        if still <= QUIET_AFTER:
            manager.alive()
    return True


def _line(ticked: Ticked) -> str:
    if ticked.stopped:
        return f"nothing is sent: {ticked.stopped}. If the date is right: lrflow run --date-is-right"
    ended = ", ".join(f"{count} {state}" for state, count in sorted(ticked.ended.items()))
    return f"{ticked.messages} messages: {ended or 'none left'}; {ticked.silent} silent; {ticked.unsure} unsure"
