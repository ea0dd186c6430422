"""Put a programme that was made ready aside into its place: whole, or the place is as it was.

Into a folder that does not exist yet everything comes with one renaming. Into one that exists the database comes last,
in one transaction, and what it refers to comes before it: evidence under its fingerprint, drafts, the texts of
workflows, settings. Killed before the database, there is no programme there, or the one that was there, closed as it
was; typing the command again does it all.
"""

import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from time import sleep

from lrflow import settings
from lrflow.database import Row
from lrflow.errors import Busy, Refused
from lrflow.handing.belongings import CARRIED
from lrflow.handing.files import publish, snapshot, sync_folder, told, unwritten
from lrflow.handing.offering import Copy, Offer, look_at
from lrflow.handing.packing import DATABASE, SETTINGS
from lrflow.settings import Settings

LOCK = ".takeover"
BACKUPS = "backups"


@dataclass(frozen=True, slots=True)
class Installed:
    """What was put in its place: the settings in force there, and where the copy that was there before is kept."""

    local: Settings
    kept: Path | None


def install(offer: Offer, person: Row) -> Installed:
    """Put the staged programme of *offer* into its home, for *person*. Raises `Busy`, `Refused` or `Unavailable`."""
    _write_settings(offer, person)
    try:
        if not offer.home.exists():
            offer.home.parent.mkdir(parents=True, exist_ok=True)
            return _whole_folder(offer)
        with _alone(offer.home):
            return _into(offer, offer.here)
    except OSError as fault:
        raise unwritten(offer.home, fault, "nothing was taken over") from fault


def _write_settings(offer: Offer, person: Row) -> None:
    """The settings there will be: what is set in this place, over it what was carried, over it who one is now."""
    stage, here, carried = offer.stage, settings.load_from(offer.home), settings.load_from(offer.stage)
    values = {name: value for name, value in here.values.items() if name in settings.KNOWN}
    values |= {name: carried.values[name] for name in CARRIED if name in carried.values}
    values |= {"me": person["email"], "timezone": values.get("timezone") or offer.copy.zone}
    giver = offer.manifest.by if offer.manifest else ""
    if values.get("sender_address", giver) in ("", giver):  # in one's own name; an office's address stays
        values |= {"sender_address": person["email"], "sender_name": person["name"]}
    (stage / SETTINGS).unlink(missing_ok=True)
    for name, value in values.items():
        settings.keep(settings.load_from(stage), name, str(value))


def _whole_folder(offer: Offer) -> Installed:
    try:
        offer.stage.rename(offer.home)
    except OSError:
        if offer.home.exists():  # since we looked
            raise _taken(offer) from None
        raise
    sync_folder(offer.home.parent)
    return Installed(settings.load_from(offer.home), None)


def _taken(offer: Offer) -> Refused:
    return Refused(f"there is something at {offer.home} by now: nothing was taken over", remedy="lrflow status")


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Let nobody else take over into *home* meanwhile. The lock is the database's own: it ends with the process."""
    with ExitStack() as stack:
        with told(home / LOCK):
            stack.enter_context(closing(_locked(home / LOCK)))
        yield
    with suppress(OSError):
        (home / LOCK).unlink()


def _locked(path: Path) -> sqlite3.Connection:
    """The lock at *path*, for the one who gets it; the others are patient for a moment and then told that it is busy.

    Two who begin at the same instant find each other in the way, and each tries again; a lock that was let go is a
    file that is there no more, so it is opened anew.
    """
    for patience in (*[0.02] * 50, 0.0):
        connection = sqlite3.connect(path, timeout=0, isolation_level=None)
        try:
            connection.execute("BEGIN EXCLUSIVE")
            return connection
        except sqlite3.Error:
            connection.close()
            if not patience:
                raise
            sleep(patience * (1 + os.getpid() % 7))
    raise AssertionError("the last try returns or raises")


def _into(offer: Offer, before: Copy | None) -> Installed:
    """Into a folder that exists: what the database refers to first, the database last."""
    database = offer.home / DATABASE
    here = look_at(database) if database.is_file() else None
    if here != before:
        raise Busy(f"the copy in {offer.home} has changed meanwhile: nothing was taken over", remedy="lrflow status")
    kept = _keep(offer, here) if here else None
    for place in sorted(path for path in offer.stage.rglob("*") if path.is_file() and path.parent != offer.stage):
        _put(place, offer.home / place.relative_to(offer.stage))
    (offer.stage / SETTINGS).replace(offer.home / SETTINGS)
    sync_folder(offer.home)
    if here is None:
        try:
            publish(offer.stage / DATABASE, database)
        except FileExistsError:
            raise _taken(offer) from None
    else:
        snapshot(offer.stage / DATABASE, database)
    return Installed(settings.load_from(offer.home), kept)


def _keep(offer: Offer, here: Copy) -> Path:
    """A copy of what is replaced, in backups/."""
    folder = offer.home / BACKUPS
    folder.mkdir(exist_ok=True)
    names = (f"lrflow-until-{here.last:%Y-%m-%d}{f'-{again}' if again > 1 else ''}.db" for again in count(1))
    copy = next(folder / name for name in names if not (folder / name).exists())
    snapshot(offer.home / DATABASE, offer.stage / copy.name)
    publish(offer.stage / copy.name, copy)
    return copy


def _put(new: Path, place: Path) -> None:
    """Put *new* at *place*, unless the very same is there."""
    if place.is_file() and place.stat().st_size == new.stat().st_size and _print_of(place) == _print_of(new):
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    new.replace(place)


def _print_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
