"""Take a handover file apart: only members with known names, of a possible size, that match their fingerprints."""

import hashlib
import shutil
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from lrflow.errors import Misused, Unavailable
from lrflow.handing.packing import (
    CHUNK,
    DATABASE,
    KB,
    MANIFEST,
    MB,
    WORKFLOWS,
    Manifest,
    Seal,
    can_travel,
    largest_of,
    read_manifest,
)

if TYPE_CHECKING:
    from zipfile import ZipFile, ZipInfo

MOST_MEMBERS = 200_000
TIGHTEST = 200  # times smaller: a database packs to a tenth, a bomb to a thousandth
_SQLITE = b"SQLite format 3\0"


def is_handover(file: Path) -> bool:
    """Whether *file* is an archive, not a bare database. Raises `Misused` when it is neither."""
    from zipfile import is_zipfile

    try:
        with file.open("rb") as reading:
            head = reading.read(len(_SQLITE))
        if head != _SQLITE and not is_zipfile(file):
            says = f"{file} is neither a handover file nor a copy of a programme; if it should be one, it is damaged"
            raise Misused(says, remedy="copy it again from where it was written")
    except OSError as fault:
        raise Unavailable(f"{file} cannot be read: {fault.strerror or fault}") from None
    return head != _SQLITE


def unpack(file: Path, into: Path) -> Manifest:
    """Take every member of the handover *file* out into the empty folder *into*; the manifest, which all of it matches.

    Raises `Unavailable` when the file is damaged, holds anything that does not belong there, or needs more room than
    the disk has; then what is in *into* is of no use.
    """
    from zipfile import BadZipFile, ZipFile

    try:
        with ZipFile(file) as archive:
            manifest = _manifest_of(archive)
            infos = _checked(archive, manifest)
            _check_room(into, infos)
            for info in infos:
                _take_out(archive, info, manifest.members[info.filename], into)
    except (BadZipFile, zlib.error, EOFError, ValueError, TypeError, KeyError, RuntimeError) as fault:
        raise damaged(file, str(fault)) from None
    return manifest


def damaged(file: Path, what: str) -> Unavailable:
    """That *file* cannot be taken over, because *what*."""
    says = f"{file} is damaged, or was changed after it was written: {what}: nothing was taken over"
    return Unavailable(says, remedy="copy it again from where it was written, or let it be written again")


def _manifest_of(archive: "ZipFile") -> Manifest:
    if len(archive.infolist()) > MOST_MEMBERS:
        raise ValueError(f"it has {len(archive.infolist())} members")
    info = next((each for each in archive.infolist() if each.filename == MANIFEST), None)
    if info is None:
        raise ValueError("it has no manifest")
    _check_size(info, 64 * MB)
    return read_manifest(archive.read(info).decode())


def _checked(archive: "ZipFile", manifest: Manifest) -> list["ZipInfo"]:
    """The members beside the manifest: exactly those it names, each of a possible name and size."""
    infos = [each for each in archive.infolist() if each.filename != MANIFEST]
    names = [each.filename for each in infos]
    if sorted(names) != sorted(manifest.members) or len(archive.infolist()) != len(names) + 1:
        raise ValueError("its members are not those of its manifest")
    if DATABASE not in names:
        raise ValueError("it holds no database")
    for folder in manifest.folders.values():
        top, _, name = str(folder).partition("/")
        if top != WORKFLOWS or not can_travel(name):
            raise ValueError(f"{str(folder)[:100]!r} is no folder of a workflow")
    for info in infos:
        largest = largest_of(info.filename)
        if largest is None:
            raise ValueError(f"{info.filename[:100]!r} does not belong there")
        _check_size(info, largest)
        if info.file_size != manifest.members[info.filename].size:
            raise ValueError(f"{info.filename} is not as large as its manifest says")
    return infos


def _check_size(info: "ZipInfo", largest: int) -> None:
    from zipfile import ZIP_DEFLATED, ZIP_STORED

    if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise ValueError(f"{info.filename} is packed in a way that lrflow never uses")
    if info.file_size > largest or info.file_size > TIGHTEST * (info.compress_size + KB):
        raise ValueError(f"{info.filename} would unpack to {info.file_size} bytes")


def _check_room(into: Path, infos: Iterable["ZipInfo"]) -> None:
    needed, free = sum(each.file_size for each in infos), shutil.disk_usage(into).free
    if needed > free:
        says = f"{needed // MB + 1} MB are needed in {into.parent}, {free // MB} MB are free: nothing was taken over"
        raise Unavailable(says, remedy="free some space on the disk, or choose a folder on another one")


def _take_out(archive: "ZipFile", info: "ZipInfo", seal: Seal, into: Path) -> None:
    place = into.joinpath(*info.filename.split("/"))
    place.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with archive.open(info) as reading, place.open("xb") as writing:
        while piece := reading.read(CHUNK):
            digest.update(piece)
            size += len(piece)
            writing.write(piece)
    if (size, digest.hexdigest()) != (seal.size, seal.sha256):
        raise ValueError(f"{info.filename} does not match its fingerprint")
