"""Hand the programme over: everything in one file for a colleague, and this copy closed for writing and sending.

Two things have to happen, the file and the closing, and no disk does two things at once. So the order is:

1. take the write lock and write, not yet committed, that this copy is closed;
2. copy the database as it stands under that lock, write the same into the copy, and put it with all that belongs to it
   into an archive in a hidden folder beside FILE, down to the disk;
3. commit: from here on this copy is closed;
4. give the archive its name.

Killed before 3, the copy is open, and there is no file that could be taken over. Killed between 3 and 4, it is closed
and the whole archive lies in the hidden folder. Closing it before the archive is whole would leave a programme that
nobody can go on with; naming it before the closing would leave two copies that both send. What was cut off is put right
by typing the command again: as nothing changes in a closed copy, it writes the same file as often as it is asked.
"""

import os
import secrets
import shutil
import socket
from dataclasses import dataclass
from glob import escape
from pathlib import Path
from typing import Any

from lrflow import __version__, store
from lrflow.clock import from_us
from lrflow.database import VERSION, Database, Unit
from lrflow.errors import Busy, Misused, NotFound, Refused, Unavailable
from lrflow.handing.belongings import Belongings, belongings_of, write_carried
from lrflow.handing.files import aside, publish, settle, snapshot, unwritten
from lrflow.handing.looking import told_of
from lrflow.handing.packing import DATABASE, SETTINGS, Manifest, pack
from lrflow.settings import Settings
from lrflow.store import Act, Holder

SUFFIX = ".lrflow"
WHOLE = f"whole{SUFFIX}"


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A handover file: where, how large, what it says and holds; its log entry, 0 when it was written again."""

    path: Path
    size: int
    manifest: Manifest
    belongings: Belongings
    entry: int


@dataclass(frozen=True, slots=True)
class _Leave:
    """How a copy is left: for whom, by whose act, who held the sending last; *again* when it is closed already."""

    to: str
    act: Act
    holder: Holder
    again: bool


def hand_over(
    database: Database, local: Settings, file: Path, to: str, act: Act, *, again: bool = False
) -> HandedOver | Belongings:
    """Write the handover *file*, for the address *to* if one is named, and close this copy, in the order above.

    *again* writes the file of a copy that is closed already. A dry run gives what would be carried. Raises `Refused`
    when *file* is there or the actor has no say, `Busy` while a process sends, or when someone else closed the copy
    meanwhile; then, as on any other error, this copy is as it was.
    """
    leave = _Leave(to, act, Holder(socket.gethostname(), os.getpid(), secrets.token_hex(8)), again)
    path = _path_of(database, file, act)
    with aside(path.parent, _prefix(path)) as folder:
        with database.begin(write=True, keep=not act.dry_run, closed=True) as unit:
            _check(unit, path, leave)
            entry = 0 if again else _close(unit, leave)
            belongings = belongings_of(unit, local.home)
            if act.dry_run:
                return belongings
            manifest = _write(folder, path, database, local, belongings, leave)
        _name(folder / WHOLE, path)
    return HandedOver(path, path.stat().st_size, manifest, belongings, entry)


def _path_of(database: Database, file: Path, act: Act) -> Path:
    """Where the file goes: into a folder under the name of programme and day."""
    if file.is_dir():
        with database.begin() as unit:
            name = str(store.programme_of(unit)["name"])
        words = "".join(sign if sign.isalnum() else " " for sign in name.lower()).split()
        file = file / f"{'-'.join(words) or 'programme'}-{act.day}{SUFFIX}"
    if not file.parent.is_dir():
        raise NotFound(f"there is no folder {file.parent}", remedy="name a file in a folder that exists")
    return file.parent.resolve() / file.name


def _check(unit: Unit, path: Path, leave: _Leave) -> None:
    if path.exists() or path.is_symlink():
        raise Refused(f"there is something at {path} already: nothing was changed", remedy="choose another name")
    standing = store.stand_aside(unit, leave.act)
    if not {"owner", "coordinator"} & set(standing.roles):
        raise Refused(f"{leave.act.actor} is {standing.role} here and may not hand the programme over")
    closed = store.closed_copy(unit)
    if closed is not None and not leave.again:
        raise Busy(f"{told_of(closed)}, a moment ago: nothing was changed", remedy="lrflow status")
    if closed is None and leave.again:
        raise Busy("this copy was taken back a moment ago: nothing was changed", remedy="lrflow status")
    if closed is not None and leave.to and leave.to.lower() != (closed["closed_for"] or "").lower():
        raise Misused(f"{told_of(closed)}: the file is not written again for anybody else", remedy="leave --to out")


def _close(unit: Unit, leave: _Leave) -> int:
    """Close the copy behind *unit*; its entry. The original and the one in the file are closed alike, to the letter."""
    act = leave.act
    try:
        store.take_sending(unit, leave.holder, act.now, is_alive=True)
    except Busy as fault:
        remedy = ["stop it: Ctrl-C, or the task that starts it", "if it crashed, wait 90 seconds"]
        raise Busy(f"{fault.message}: nothing was changed", remedy=remedy) from None
    store.recover(unit, act.now, everything=True)
    store.leave_sending(unit, leave.holder.token)
    standing = store.stand_aside(unit, act)
    known = store.find_people(unit, leave.to) if leave.to else []
    subject = f"programme:{standing.facts.programme.key}"
    meant = f"person:{known[0]['id']}" if known else None  # the log holds no addresses
    changes: list[dict[str, Any]] = [{"of": subject, "field": "closed_for", "before": None, "after": meant}]
    entry = store.entry_of(standing, act, "handover", subject, "done", changes=changes)
    number = store.log_entry(unit, standing, entry, shared=True)
    store.close_copy(unit, act.now, leave.to)
    return number


def _prefix(path: Path) -> str:
    return f".{path.name}-"


def _write(folder: Path, path: Path, database: Database, local: Settings, found: Belongings, leave: _Leave) -> Manifest:
    """Write the archive into *folder*. The caller holds the write lock, so that nothing moves while it is read."""
    try:
        snapshot(database.path, folder / DATABASE)
        about = _closed_copy(folder / DATABASE, found, leave)
        members = [(DATABASE, folder / DATABASE), (SETTINGS, write_carried(folder, local)), *found.members]
        return pack(folder / WHOLE, members, about)
    except OSError as fault:
        raise unwritten(path, fault, "nothing was changed") from fault


def _closed_copy(copy: Path, found: Belongings, leave: _Leave) -> dict[str, Any]:
    """Close the copy that goes into the file as well, so that only a takeover opens it; what its manifest says."""
    twin = Database(copy)
    try:
        with twin.begin(write=True, closed=True) as unit:
            if not leave.again:
                _close(unit, leave)
            about = _about(unit, found, leave)
    finally:
        twin.close()
    settle(copy)
    return about


def _about(unit: Unit, found: Belongings, leave: _Leave) -> dict[str, Any]:
    closed, newest, by = store.closed_copy(unit) or {}, store.newest_mark(unit), store.actor_of(unit, leave.act.actor)
    return {
        "lrflow": __version__,
        "schema": VERSION,
        "programme": store.programme_of(unit)["name"],
        "mark": store.first_hash(unit),
        "made_at": from_us(closed["closed_us"]).isoformat(),
        "by": by["email"],
        "by_name": by["name"],
        "to": closed["closed_for"] or "",
        "entries": newest["id"],
        "newest": newest["hash"],
        "folders": dict(found.folders),
    }


def _name(whole: Path, path: Path) -> None:
    """Give the *whole* archive its name. This copy is closed by now, so a failure says how to get at the file."""
    try:
        publish(whole, path)
    except OSError as fault:
        says = f"this copy is closed, but its file could not be put at {path}: {fault.strerror or fault}"
        raise Unavailable(says, remedy="lrflow handover FILE   with another name writes the same file") from None
    for cut_off in path.parent.glob(f"{escape(_prefix(path))}*"):  # of a handover that was killed
        if cut_off != whole.parent:
            shutil.rmtree(cut_off, ignore_errors=True)
