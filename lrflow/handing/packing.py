"""The handover file: a zip archive of named members with a manifest that fingerprints each of them."""

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lrflow.tracks.attaching import LARGEST

if TYPE_CHECKING:
    from zipfile import ZipFile

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = "lrflow.db"
SETTINGS = "lrflow.toml"
EVIDENCE, WORKFLOWS, OUTBOX = "evidence", "workflows", "outbox"
OF_WORKFLOW = ("workflow.toml", "nudges.toml", "calendars.toml")
KB, MB = 1024, 1024 * 1024
CHUNK = MB
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*\.toml")


@dataclass(frozen=True, slots=True)
class Seal:
    """How large a member is, and its fingerprint."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a handover file says of itself.

    *mark* is the fingerprint of the programme's first log entry, *newest* that of the newest, whose row is *entries*;
    *made_at* (ISO, UTC) is the instant at which the copy was closed, *by* and *to* are addresses (*to* may be empty);
    *folders* says for each workflow of one's own under which member its texts are.
    """

    lrflow: str
    schema: int
    programme: str
    mark: str
    made_at: str
    by: str
    by_name: str
    to: str
    entries: int
    newest: str
    folders: Mapping[str, str]
    members: Mapping[str, Seal]
    format: int = FORMAT

    def text(self) -> str:
        """The manifest as it is written."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False, sort_keys=True)


def read_manifest(text: str) -> Manifest:
    """The manifest that *text* is. Raises `ValueError`, `TypeError` or `KeyError` when it is none."""
    raw: dict[str, Any] = json.loads(text)
    if raw["format"] != FORMAT:
        raise ValueError(f"its format is {raw['format']}, this lrflow reads {FORMAT}")
    raw["members"] = {name: Seal(int(each["size"]), str(each["sha256"])) for name, each in raw["members"].items()}
    made = Manifest(**raw)
    for name, kind in Manifest.__annotations__.items():
        wanted = {str: str, int: int}.get(kind, Mapping)
        if not isinstance(getattr(made, name), wanted):
            raise TypeError(f"{name} is not what it should be")
    if datetime.fromisoformat(made.made_at).tzinfo is None:
        raise ValueError("it does not say when it was made")
    return made


def pack(path: Path, members: Sequence[tuple[str, Path]], about: Mapping[str, Any]) -> Manifest:
    """Write the archive *path* with *members*, name and source of each, and the manifest about them; on the disk then.

    Raises `OSError` when a source or the disk fails; what is then at *path* is no archive.
    """
    from zipfile import ZipFile

    with open(path, "xb", opener=_for_me_alone) as file:
        with ZipFile(file, "w") as archive:
            seals = {name: _put(archive, name, source) for name, source in members}
            manifest = Manifest(members=seals, **about)
            archive.writestr(_info(MANIFEST), manifest.text())
        file.flush()
        os.fsync(file.fileno())
    return manifest


def _for_me_alone(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)  # names and addresses are in it


def _put(archive: "ZipFile", name: str, source: Path) -> Seal:
    digest, size = hashlib.sha256(), 0
    with source.open("rb") as reading, archive.open(_info(name), "w", force_zip64=True) as writing:
        for piece in _pieces(reading):
            digest.update(piece)
            size += len(piece)
            writing.write(piece)
    return Seal(size, digest.hexdigest())


def _pieces(reading: Any) -> Iterator[bytes]:
    while piece := reading.read(CHUNK):
        yield piece


def _info(name: str) -> Any:
    """Evidence is mostly pictures and scans, which packing makes no smaller."""
    from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipInfo

    info = ZipInfo(name)
    info.compress_type = ZIP_STORED if name.startswith(f"{EVIDENCE}/") else ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    return info


def largest_of(name: str) -> int | None:
    """How large the member *name* may be; None when no member is called like that."""
    top, *rest = name.split("/")
    if not all(can_travel(part) for part in rest):
        return None
    if not rest:
        return {DATABASE: 64 * 1024 * MB, SETTINGS: 64 * KB}.get(name)
    if top == EVIDENCE and len(rest) == 2:
        return LARGEST
    if top == OUTBOX and len(rest) == 1 and rest[0].endswith(".eml"):
        return MB
    is_text = top == WORKFLOWS and len(rest) == 2 and rest[1] in OF_WORKFLOW
    is_message = top == WORKFLOWS and len(rest) == 3 and rest[1] == "messages" and _LANGUAGE.fullmatch(rest[2])
    return MB if is_text or is_message else None


def can_travel(name: str) -> bool:
    """Whether a file of that *name* can be put into an archive, and taken out again on this kind of computer."""
    try:
        length = len(name.encode())
    except UnicodeEncodeError:
        return False
    foreign = '/\\<>:"|?*' if os.name == "nt" else "/\\"
    is_plain = not set(name) & set(foreign) and all(ord(sign) >= 32 for sign in name)
    return is_plain and 0 < length <= 255 and not name.startswith(".")
