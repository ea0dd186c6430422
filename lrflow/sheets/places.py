"""Where files are put: whole or not at all, and never over another file unasked."""

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lrflow.errors import LrflowError, Misused, NotFound, Unavailable

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def free_name(path: Path) -> Path:
    """Give *path*, or the first of name-2, name-3 ... that no file has."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return free


@contextmanager
def whole_file(path: Path, *, replace: bool) -> Iterator[Path]:
    """Give a place to write to; what is there when the block ends well becomes *path*, otherwise nothing changes.

    The place is in a folder of its own beside *path*, so that putting it there is one step on the same disk.

    Raises:
        Misused: there is such a file already and *replace* was not asked, or *path* is a folder.
        NotFound: there is no such folder.
        Unavailable: the folder or the file cannot be written, or the disk is full.
    """
    _check(path, replace)
    try:
        with tempfile.TemporaryDirectory(prefix=".lrflow-", dir=path.parent, ignore_cleanup_errors=True) as beside:
            place = Path(beside) / f"new{path.suffix}"
            yield place
            _flush(place)
            _put(place, path)
    except OSError as fault:
        raise _unavailable(path, fault) from fault


def _check(path: Path, replace: bool) -> None:
    if path.is_dir():
        raise Misused(f"{path} is a folder, not a file", remedy="name the file to write in it")
    if not path.parent.is_dir():
        raise NotFound(f"there is no folder {path.parent}", remedy="make the folder first, or name another")
    if path.exists() and not replace:
        raise Misused(
            f"there is a file {path} already, and it was not touched",
            remedy=f"choose another name, such as {free_name(path).name}",
        )


def _flush(place: Path) -> None:
    """Wait until the disk has *place*: a full disk may say so only now."""
    with place.open("rb+") as file:
        os.fsync(file.fileno())


def _put(place: Path, path: Path) -> None:
    try:
        place.replace(path)
    except PermissionError as fault:  # what Windows says of a file that is open in Excel
        raise Unavailable(
            f"{path} cannot be replaced: another program has it open, or it is protected",
            remedy="close it in Excel first, or choose another name",
        ) from fault


def _unavailable(path: Path, fault: OSError) -> LrflowError:
    if fault.errno in _FULL:
        return Unavailable(f"the disk is full: {path} was not written", remedy="free some space, then try again")
    return Unavailable(
        f"{path} cannot be written: {fault.strerror or fault}", remedy="check the folder's permissions, or name another"
    )
