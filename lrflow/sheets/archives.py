"""Look over a workbook's archive before it is opened: that it is whole, not too large, and not a trap."""

import copy
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import IO, TypeVar
from xml.parsers import expat

from lrflow.errors import Misused
from lrflow.sheets.extents import Extent
from lrflow.sheets.records import shared_lengths as binary_shared_lengths
from lrflow.sheets.records import sheet_names as binary_sheet_names
from lrflow.sheets.records import walk_records
from lrflow.sheets.walking import Attributes, OdsWalk, XlsxWalk, local, shared_lengths, walk

# A list of 50,000 people with ten columns is a file of 3 MB that unpacks to 20 MB: this is ten times more.
UNPACKED = 400_000_000
# What people type packs to a tenth; only a file made to explode packs to a two-hundredth and is large as well.
RATIO = 200
RATIO_FROM = 20_000_000

_Answer = TypeVar("_Answer")
_CHUNK = 1 << 16
_DAMAGED = (zipfile.BadZipFile, zlib.error, expat.ExpatError, struct.error, EOFError, LookupError, RuntimeError)


def check_archive(file: IO[bytes], name: str) -> dict[str, Extent]:
    """Give how far each sheet of the workbook in *file* reaches, by the sheet's name.

    Nothing is kept but counts: this may be asked of any file.

    Raises:
        Misused: it is damaged, protected by a password, no workbook, or larger than a list of people can be.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            _check_sizes(archive, name)
            _check_password(archive, name)
            extents = _Parts(archive, name).walk()
    except (*_DAMAGED, ValueError) as fault:
        raise damaged(name) from fault
    if not extents:
        raise Misused(f"{name} holds no sheets: it is not a workbook", remedy="open it in Excel and save it as .xlsx")
    return extents


def damaged(name: str) -> Misused:
    """Give the refusal of a file that cannot be read to its end."""
    return Misused(
        f"{name} is damaged, or it is not what its name says",
        remedy="open it in Excel and save it again, or ask for it once more",
    )


def protected(name: str) -> Misused:
    """Give the refusal of a file that asks for a password."""
    return Misused(
        f"{name} is protected by a password",
        remedy="save it without one (File, Info, Protect Workbook, Encrypt with Password: leave it empty)",
    )


def _check_sizes(archive: zipfile.ZipFile, name: str) -> None:
    """Unpack every part to see how large it really is: what an archive says of itself may be wrong."""
    total = 0
    for part in archive.infolist():
        if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise damaged(name)  # no spreadsheet program writes another
        unbounded = copy.copy(part)
        unbounded.file_size = UNPACKED + 1
        size = 0
        with archive.open(unbounded) as stream:
            while chunk := stream.read(_CHUNK):
                size += len(chunk)
                if total + size > UNPACKED or (size > RATIO_FROM and size > RATIO * part.compress_size):
                    raise Misused(
                        f"{name} would unpack to far more than a list can be: it was not opened",
                        remedy="copy the rows you need into a new workbook, and use that",
                    )
        total += size


def _check_password(archive: zipfile.ZipFile, name: str) -> None:
    names = archive.namelist()
    if "encrypted-package" in names:
        raise protected(name)
    if "META-INF/manifest.xml" in names and b"encryption-data" in archive.read("META-INF/manifest.xml"):
        raise protected(name)


class _Parts:
    """The parts of one workbook, each walked as what it is: a sheet is known by how it begins, not by its name."""

    def __init__(self, archive: zipfile.ZipFile, file: str) -> None:
        self._archive, self._file = archive, file
        self._places = {part.filename.replace("\\", "/").lower(): part for part in archive.infolist()}
        self._extents: dict[str, Extent] = {}

    def walk(self) -> dict[str, Extent]:
        names = self._sheet_names()
        shared = self._asked("xl/sharedstrings.xml", shared_lengths) or []
        binary_shared = self._asked("xl/sharedstrings.bin", lambda stream: binary_shared_lengths(stream.read())) or []
        for place, part in self._places.items():
            sheet = names.get(place, "")
            extent = Extent(self._file, sheet)
            is_sheet = self._is_worksheet(part, XlsxWalk(extent, shared))
            if not is_sheet and place.endswith(".bin"):
                is_sheet = walk_records(self._archive.read(part), extent, binary_shared)
            if is_sheet:
                self._extents[sheet or place] = extent
        self._asked("content.xml", OdsWalk(self._extent_of).run)
        return self._extents

    def _is_worksheet(self, part: zipfile.ZipInfo, sheet: XlsxWalk) -> bool:
        with self._archive.open(part) as stream:
            try:
                return sheet.run(stream)
            except expat.ExpatError:
                if sheet.is_sheet:
                    raise
                return False  # a picture, a macro, a font

    def _extent_of(self, sheet: str) -> Extent:
        return self._extents.setdefault(sheet, Extent(self._file, sheet))

    def _sheet_names(self) -> dict[str, str]:
        """Give the sheets' names by the parts that hold them."""
        names = self._asked("xl/workbook.xml", _sheet_names)
        if names is None:
            names = self._asked("xl/workbook.bin", lambda stream: binary_sheet_names(stream.read())) or {}
        targets = self._asked("xl/_rels/workbook.xml.rels", _targets) or {}
        targets |= self._asked("xl/_rels/workbook.bin.rels", _targets) or {}
        return {targets[relation]: name for relation, name in names.items() if relation in targets}

    def _asked(self, place: str, ask: Callable[[IO[bytes]], _Answer]) -> _Answer | None:
        if place not in self._places:
            return None
        with self._archive.open(self._places[place]) as stream:
            return ask(stream)


def _sheet_names(stream: IO[bytes]) -> dict[str, str]:
    names = {}

    def start(element: str, attributes: Attributes) -> None:
        if element == "sheet":
            relation = next((value for key, value in attributes.items() if local(key) == "id"), "")
            names[relation] = attributes.get("name", "")

    walk(stream, start)
    return names


def _targets(stream: IO[bytes]) -> dict[str, str]:
    """Give the part each relation leads to, as the archive names it, in small letters."""
    targets = {}

    def start(element: str, attributes: Attributes) -> None:
        if element == "Relationship" and "Id" in attributes:
            target = attributes.get("Target", "").lower()
            targets[attributes["Id"]] = target[1:] if target.startswith("/") else f"xl/{target}"

    walk(stream, start)
    return targets
