"""Door two: call one tick again and again until told to stop."""

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
from lrflow.store import Holder

SWEEP_SECONDS = 30
GLANCE_SECONDS = 0.5
STEP_SECONDS = 2.0  # a wall clock that jumps further than this was set by someone
DEAD_AFTER = 10 * SWEEP_SECONDS
SCHEDULER_DIED = 70


class _Stop:
    """Told to stop by a signal; a plain flag, because a handler must take no lock."""

    def __init__(self) -> None:
        self.asked = False
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, self._ask)

    def _ask(self, *_: object) -> None:
        self.asked = True


def run(database: Database, mailer: Mailer, say: Callable[[str], None]) -> int:
    """Send what is due, when it is due, until SIGTERM or Ctrl-C; 0 then, 70 when the scheduler itself died.

    Raises `Busy` when another process sends for this database. Only this thread touches the scheduler: a sweep every
    30 seconds bounds every other fault, a wake-up stands at the next due row.
    """
    from apscheduler.schedulers.background import BackgroundScheduler

    stop, beat = _Stop(), _Beat(database, mailer, say)
    holder = nudges.hold_sending(database, clock.now())
    beat.begin(holder, lambda: not stop.asked)
    scheduler = BackgroundScheduler(
        timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    scheduler.add_job(beat.sweep, "interval", seconds=SWEEP_SECONDS, id="sweep", next_run_time=datetime.now(UTC))
    scheduler.start()
    say(f"lrflow sends for {database.path} (process {holder.pid}); Ctrl-C stops it")
    try:
        code = _watch(scheduler, beat, stop)
    finally:
        scheduler.shutdown(wait=True)
        nudges.stop_sending(database, holder)
    say("stopped")
    return code


class _Beat:
    """The sweep and what is known of it: one at a time, on a connection of its own thread."""

    def __init__(self, database: Database, mailer: Mailer, say: Callable[[str], None]) -> None:
        self._database = Database(database.path)
        self._mailer = mailer
        self._say = say
        self._lock = threading.Lock()
        self._holder: Holder | None = None
        self._go_on: Callable[[], bool] = lambda: True
        self.ended_at = time.monotonic()

    def begin(self, holder: Holder, go_on: Callable[[], bool]) -> None:
        """Send as *holder* while *go_on* says so."""
        self._holder, self._go_on = holder, go_on

    def sweep(self) -> None:
        """One tick. A failure is said and the next sweep tries again; a bug is a failure too: the daemon stays up."""
        if self._holder is None or not self._go_on() or not self._lock.acquire(blocking=False):
            return
        try:
            ticked = nudges.tick(self._database, self._mailer, self._holder, lambda: clock.now(), go_on=self._go_on)
            if ticked.did_something:
                self._say(_line(ticked))
        except LrflowError as fault:
            self._say(f"this sweep failed, the next one tries again: {fault.message}")
        finally:
            self.ended_at = time.monotonic()
            self._lock.release()

    def next_due(self) -> int | None:
        """When the next row is due, UTC microseconds; None while a sweep runs."""
        if not self._lock.acquire(blocking=False):
            return None
        try:
            with self._database.begin() as unit:
                return store.next_due(unit)
        finally:
            self._lock.release()

    def data_version(self) -> int | None:
        """A number that changes when another process commits; None while a sweep runs."""
        if not self._lock.acquire(blocking=False):
            return None
        try:
            return self._database.data_version()
        finally:
            self._lock.release()


def _watch(scheduler: Any, beat: _Beat, stop: _Stop) -> int:
    """Look twice a second: re-arm the wake-up when rows change, sweep at once when the clock was set, notice death."""
    seen, offset = None, time.time() - time.monotonic()
    while not stop.asked:
        time.sleep(GLANCE_SECONDS)
        version, drift = beat.data_version(), time.time() - time.monotonic()
        if abs(drift - offset) > STEP_SECONDS:
            offset = drift
            _wake(scheduler, beat, datetime.now(UTC))
        if version is not None and version != seen:
            seen = version
            due = beat.next_due()
            if due is not None:
                _wake(scheduler, beat, max(clock.from_us(due), datetime.now(UTC)))
        if time.monotonic() - beat.ended_at > DEAD_AFTER or not scheduler._thread.is_alive():
            return SCHEDULER_DIED
    return 0


def _wake(scheduler: Any, beat: _Beat, when: datetime) -> None:
    scheduler.add_job(beat.sweep, "date", run_date=when, id="wake", replace_existing=True)


def _line(ticked: Ticked) -> str:
    ended = ", ".join(f"{count} {state}" for state, count in sorted(ticked.ended.items()))
    return f"{ticked.messages} messages: {ended or 'none left'}; {ticked.silent} silent; {ticked.unsure} unsure"
