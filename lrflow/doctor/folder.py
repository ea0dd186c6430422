"""Look at where the programme lies: folders that sync, the network, rights, space, what a killed command left."""

import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePath, PureWindowsPath

from lrflow.doctor.file import megabytes
from lrflow.doctor.found import Found

LITTLE = 500_000_000
TOO_LITTLE = 50_000_000
SERVICES = {
    "onedrive": "OneDrive",
    "dropbox": "Dropbox",
    "google drive": "Google Drive",
    "googledrive": "Google Drive",
    "my drive": "Google Drive",
    "mon drive": "Google Drive",
    "mi unidad": "Google Drive",
    "meu drive": "Google Drive",
    "icloud": "iCloud",
    "iclouddrive": "iCloud",
    "mobile documents": "iCloud",
    "cloudstorage": "a cloud service",
    "box sync": "Box",
    "nextcloud": "Nextcloud",
    "owncloud": "ownCloud",
    "pcloud": "pCloud",
}
VARIABLES = {
    "OneDrive": "OneDrive",
    "OneDriveConsumer": "OneDrive",
    "OneDriveCommercial": "OneDrive",
    "DROPBOX": "Dropbox",
    "DROPBOX_PATH": "Dropbox",
}
NETWORKS = ("nfs", "cifs", "smb", "afpfs", "ncpfs", "davfs", "sshfs", "fuse.sshfs", "fuse.rclone", "fuse.davfs2")
STORE_PYTHON = "pythonsoftwarefoundation.python"


def syncing(path: PurePath, environment: Mapping[str, str]) -> str:
    """The service that copies the folder *path* elsewhere behind one's back; empty when none is known."""
    kind = type(path)
    # Most telling first: ~/Library/CloudStorage/Dropbox is Dropbox.
    for start, service in SERVICES.items():
        called = re.compile(rf"{start}($|[ (~-])", re.IGNORECASE)
        if any(called.match(part) for part in path.parts):
            return service
    named = {variable.lower(): value for variable, value in environment.items() if value}
    for variable, service in VARIABLES.items():
        if (root := named.get(variable.lower())) and path.is_relative_to(kind(root)):
            return service
    return ""


def on_network(path: PurePath, mounts: str) -> bool:
    """Whether *path* is on another computer: a UNC path, or below a network file system of *mounts* (/proc/mounts)."""
    if path.drive.startswith(("\\\\", "//")):
        return not path.drive.startswith(("\\\\?\\", "\\\\.\\")) or path.drive.upper().startswith("\\\\?\\UNC\\")
    rows = [line.split() for line in mounts.splitlines()]
    places = [(row[1].replace("\\040", " "), row[2]) for row in rows if len(row) > 2]
    above = [(place, kind) for place, kind in places if path.is_relative_to(place)]
    _, kind = max(above, key=lambda each: len(each[0]), default=("", ""))
    return kind.startswith(NETWORKS)


def moved_by_store(given: PurePath, real: PurePath) -> bool:
    """Whether Python of the Windows Store keeps the folder *given* somewhere else, at *real*."""
    return given != real and any(part.lower().startswith(STORE_PYTHON) for part in real.parts)


def look_at_folder(home: Path, environment: Mapping[str, str]) -> Iterator[Found]:
    """Where the folder really is, who else touches it, and whether it can be written."""
    real = home.resolve()
    yield Found("ok", f"the programme's folder is {real}")
    if moved_by_store(home, real):
        says = f"Python of the Windows Store keeps {home} at {real}: other programs look for it there"
        yield Found("note", says, (f'cd "{real}"',))
    service = syncing(real, environment) or syncing(home, environment)
    if service:
        says = f"{service} copies this folder while lrflow writes to it: the database can be damaged, or fork in two"
        yield Found("fault", says, _move(real))
    if on_network(real, _mounts()):
        yield Found("fault", "this folder is on another computer: locks do not hold there, so move it", _move(real))
    place = next(each for each in (real, *real.parents) if each.is_dir())
    yield _rights(place)
    yield room(shutil.disk_usage(place).free, _size(real))
    yield from leftovers(real)


def _mounts() -> str:
    try:
        return Path("/proc/mounts").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""  # not Linux; Windows tells by the path


def _move(real: Path) -> tuple[str, ...]:
    first = "end every lrflow that runs, then move the folder to a disk of this computer:"
    if isinstance(real, PureWindowsPath):
        return (first, f'move "{real}" "%USERPROFILE%\\{real.name}"')
    return (first, f"mv '{real}' ~/{real.name}-lrflow")


def _rights(place: Path) -> Found:
    try:
        with tempfile.TemporaryFile(dir=place):
            return Found("ok", "files can be written there")
    except OSError as fault:
        return Found("fault", f"{place} takes no files: {fault.strerror}", (_allow(place),))


def _allow(place: Path) -> str:
    return f'icacls "{place}" /grant "%USERNAME%":M' if sys.platform == "win32" else f"chmod u+rwx '{place}'"


def _size(real: Path) -> int:
    return sum(each.stat().st_size for each in real.glob("lrflow.db*") if each.is_file())


def room(free: int, size: int) -> Found:
    """What *free* bytes on the disk mean for a database of *size* bytes: a copy of it must always fit."""
    if free < TOO_LITTLE + 2 * size:
        return Found("fault", f"the disk is nearly full: {megabytes(free)} are free", ("free some space on it",))
    if free < LITTLE:
        return Found("note", f"the disk has only {megabytes(free)} left", ("free some space on it",))
    return Found("ok", f"the disk has {megabytes(free)} left")


def leftovers(real: Path) -> Iterator[Found]:
    """What a killed command left behind in the folder: nothing needs it."""
    places = (real, real / "backups", real / "outbox")
    patterns = (".lrflow*", ".*.tmp")
    left = sorted({each for place in places for pattern in patterns for each in place.glob(pattern)})
    if left:
        names = ", ".join(each.relative_to(real).as_posix() for each in left[:5])
        says = f"{len(left)} leftover{'' if len(left) == 1 else 's'} of a command that was killed: {names}"
        remove = "rmdir /s /q" if sys.platform == "win32" else "rm -r"
        yield Found("note", says, (f'when no lrflow runs: {remove} "{left[0]}"',))
