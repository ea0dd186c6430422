"""Look at what is to be taken over before anything is done: verified, put aside, compared with what is there."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lrflow import settings, store
from lrflow.clock import from_us
from lrflow.database import VERSION, Database, Unit, upgrade
from lrflow.errors import Misused, NotFound, Refused, Unavailable
from lrflow.handing.files import aside, snapshot, unwritten
from lrflow.handing.packing import DATABASE, Manifest
from lrflow.handing.unpacking import damaged, is_handover, unpack


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy of a programme: which one, and until when it knows anything.

    *closed* is when it was handed over, *sender_until* how long the process that last sent for it is believed to live,
    *sources* the instants of the handovers and copies it was taken over from.
    """

    name: str
    zone: str
    mark: str
    last: datetime
    closed: datetime | None
    sender_until: datetime | None
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """What *file* offers, put aside in *stage*; a bare copy has no *manifest*. *here* is the copy it replaces."""

    file: Path
    home: Path
    stage: Path
    manifest: Manifest | None
    copy: Copy
    here: Copy | None

    @property
    def may_have_sent(self) -> bool:
        """Whether another copy may have sent messages after this one was made.

        Not when it was handed over: that closed the other. But an older handover than the one which closed the copy
        here, or a bare copy, says nothing about what was sent since.
        """
        if self.manifest is None:
            return True
        made, closed = datetime.fromisoformat(self.manifest.made_at), self.here.closed if self.here else None
        return closed is not None and closed > made


@contextmanager
def offered(file: Path, home: Path) -> Iterator[Offer]:
    """Verify *file*, a handover or a bare copy of a database, and put it aside on the disk of *home*.

    Every fingerprint, the database's own checks, its schema (an older one is brought up to date in the copy). Raises
    `Misused`, `NotFound`, `Unavailable` when it cannot be taken over at all, `Refused` when *home* holds another one.
    """
    if not file.is_file():
        raise NotFound(f"there is no file {file}", remedy="give the path of a handover file, or of a copy in backups/")
    home = home.resolve()
    here = _here(file, home)
    place = home if home.is_dir() else next(each for each in home.parents if each.is_dir())
    with aside(place, f".{home.name}-") as folder:
        stage = folder / "new"
        stage.mkdir()
        try:
            manifest = _put_aside(file, stage)
        except OSError as fault:
            raise unwritten(place, fault, "nothing was taken over") from None
        _check_database(file, stage / DATABASE)
        copy = look_at(stage / DATABASE)
        if manifest and (manifest.mark, datetime.fromisoformat(manifest.made_at)) != (copy.mark, copy.closed):
            raise damaged(file, "its manifest speaks of another copy")
        offer = Offer(file, home, stage, manifest, copy, here)
        if here is not None:
            _check_here(offer, here)
        yield offer


def _check_here(offer: Offer, here: Copy) -> None:
    """Refuse to replace another programme, or, by a handover, an open copy: what was typed into it would be lost."""
    another = f"lrflow takeover {offer.file} FOLDER   with a new folder"
    if here.mark != offer.copy.mark:
        raise Refused(f"{offer.home} holds another programme, {here.name}: nothing was taken over", remedy=another)
    if offer.manifest is None or here.closed is not None:
        return
    if offer.manifest.made_at in here.sources:
        raise Refused(
            f"{offer.file} is taken over already, in {offer.home}: nothing was changed", remedy="lrflow status"
        )
    says = f"the copy in {offer.home} is open, and what was typed into it would be lost: nothing was taken over"
    raise Refused(says, remedy=[another, "lrflow handover FILE   closes the copy here"])


def _put_aside(file: Path, stage: Path) -> Manifest | None:
    if is_handover(file):
        return unpack(file, stage)
    snapshot(file, stage / DATABASE)
    return None


def _here(file: Path, home: Path) -> Copy | None:
    """The copy in *home*, if there is one."""
    database = home / settings.DATABASE
    if not database.is_file():
        if (rest := home / f"{settings.DATABASE}-wal").exists():
            says = f"{rest} is left of a database that is not there: it would be mixed into the new one"
            raise Refused(says, remedy=f"move {rest} out of the folder, then type this again")
        return None
    try:
        here = look_at(database)
    except Unavailable as fault:
        if "damaged" not in fault.message:
            raise
        move = f"move {database} and what begins with its name out of the folder, then type this again"
        raise Unavailable(fault.message, remedy=[*fault.remedy, move]) from None
    if here.closed is None and database.samefile(file):
        raise Misused(f"{file} is the copy in use: there is nothing to take over", remedy="lrflow status")
    return here


def look_at(database: Path) -> Copy:
    """The copy in the file *database*. Raises `Unavailable` when it is damaged, or not of this lrflow."""
    opened = Database(database)
    try:
        with opened.begin() as unit:
            return _copy(unit)
    finally:
        opened.close()


def _copy(unit: Unit) -> Copy:
    programme, sender = store.programme_of(unit), store.sender_row(unit)
    closed = from_us(programme["closed_us"]) if programme["closed_us"] else None
    until = from_us(sender["beat_us"]) + store.LEASE if sender and sender["beat_us"] else None
    last = from_us(store.last_moment(unit))
    sources = tuple(store.taken_over_from(unit))
    return Copy(programme["name"], programme["zone"], store.first_hash(unit), last, closed, until, sources)


def _check_database(file: Path, copy: Path) -> None:
    """Refuse a database that does not hold together; an older schema is brought up to date, in this copy alone."""
    try:
        with closing(sqlite3.connect(copy)) as connection:
            found = int(connection.execute("PRAGMA user_version").fetchone()[0])
            states = [state for (state,) in connection.execute("PRAGMA integrity_check") if state != "ok"]
            dangling = connection.execute("PRAGMA foreign_key_check").fetchall()
    except sqlite3.Error as fault:
        raise damaged(file, str(fault)) from None
    if states or dangling:
        what = states[0] if states else f"{len(dangling)} rows refer to others that are not there"
        raise damaged(file, f"its database does not hold together, {what}")
    if found == 0:
        raise Misused(f"{file} is not a copy of a programme of lrflow")
    if found > VERSION:
        says = f"{file} was written by a newer lrflow (schema {found}, this one knows {VERSION})"
        raise Unavailable(f"{says}: nothing was taken over", remedy="update lrflow")
    upgrade(copy)
    shutil.rmtree(copy.parent / "backups", ignore_errors=True)  # the file itself is the copy from before
