"""Look at the service of a programme: installed, pointing here, running, and what it said last."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lrflow import store
from lrflow.clock import from_us
from lrflow.database import Database
from lrflow.errors import LrflowError, Refused
from lrflow.service.asking import Answer, ask
from lrflow.service.installing import definitions, keeper_of
from lrflow.service.jobs import Job, State
from lrflow.settings import DATABASE
from lrflow.store import LEASE

LINES = 5


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends for the programme, as its database knows: the process (None when nobody does), and the last tick."""

    host: str | None
    pid: int | None
    since: datetime | None
    ticked: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """How the service of a programme stands."""

    job: Job
    file: Path
    installed: bool
    differs: tuple[str, ...]  # how its definition is not what would be written now
    state: State | None
    silent: Answer | None  # what the service manager said instead of a state
    sender: Sender | None
    trouble: str  # why the database could not be asked
    last: tuple[str, ...]
    others: tuple[str, ...]  # services of other folders, or of this one under another name, that are in the way


def check_programme(database: Database) -> bool:
    """Whether everything is still rehearsed in *database*: no route is live.

    Raises `NotFound` when there is no programme, `Refused` when this copy was handed over: nothing is sent from it.
    """
    with database.begin() as unit:
        if store.closed_copy(unit) is not None:
            says = "this copy was handed over: nothing is sent from it any more, so it needs no service"
            raise Refused(says, remedy="lrflow status")
        return not any(each.row["live_on"] for each in store.routes_of(unit) if each.status == "active")


def look(job: Job, database: Database, now: datetime) -> Standing:
    """How *job* stands, as the service manager, its files and the programme's *database* tell. It always answers."""
    keeper = keeper_of(job)
    file = keeper.file(job)
    installed = file.is_file()
    answer = ask(keeper.look(job).words) if installed else None
    sender, trouble = None, ""
    try:
        sender = sender_of(database, now)
    except LrflowError as fault:
        trouble = fault.message
    return Standing(
        job,
        file,
        installed,
        tuple(_differences(job, file)) if installed else (),
        keeper.understand(answer.out) if answer and not answer.code else None,
        answer if answer and answer.code else None,
        sender,
        trouble,
        _last(job) if installed else (),
        tuple(_others(job)),
    )


def sender_of(database: Database, now: datetime) -> Sender:
    """Who sends at *now* for the programme in *database*."""
    with database.begin() as unit:
        row = store.sender_row(unit)
    if row is None:
        return Sender(None, None, None, None)
    ticked = from_us(row["ticked_us"]) if row["ticked_us"] else None
    if abs(now - from_us(row["beat_us"])) >= LEASE:
        return Sender(None, None, None, ticked)
    return Sender(row["host"], row["pid"], from_us(row["since_us"]), ticked)


def _differences(job: Job, file: Path) -> Iterator[str]:
    keeper = keeper_of(job)
    found = file.read_bytes()
    if found == keeper.definition(job):
        return
    try:
        points = keeper.read(found)
    except ValueError:
        yield "its file was changed by somebody and cannot be read"
        return
    if points.home != job.home:
        yield f"it sends for {points.home}, not for {job.home}"
    if points.python != job.computer.python:
        gone = "" if points.python.exists() else ", which is gone"
        yield f"it is run by {points.python}{gone}; lrflow is run by {job.computer.python} now"
    if points.home == job.home and points.python == job.computer.python:
        yield "its file is not what this version of lrflow writes"


def _others(job: Job) -> Iterator[str]:
    """Services whose folder holds no programme any more, and a second one for this folder."""
    keeper = keeper_of(job)
    for file in definitions(job):
        if file == keeper.file(job):
            continue
        try:
            home = keeper.read(file.read_bytes()).home
        except (OSError, ValueError):
            continue
        if home.resolve() == job.home:
            yield f"{file.stem} is a second service for this folder: lrflow service remove {file.stem}"
        elif not (home / DATABASE).is_file():
            yield f"{file.stem} points to {home}, where no programme is: lrflow service remove {file.stem}"


def _last(job: Job) -> tuple[str, ...]:
    answer = ask(keeper_of(job).log(job, LINES))
    return () if answer.code else tuple(answer.out.splitlines()[-LINES:])
