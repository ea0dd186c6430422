"""Attach evidence to a record: a file that is copied and fingerprinted, or a link."""

import hashlib
import os
import re
from pathlib import Path
from typing import Any

from lrflow import store
from lrflow.database import Database
from lrflow.errors import Misused, NotFound, Unavailable
from lrflow.store import Act
from lrflow.tracks.adding import Added, evidence_folder
from lrflow.tracks.choosing import Which, choose
from lrflow.tracks.placing import place
from lrflow.tracks.values import read_values

LARGEST = 50 * 1024 * 1024


def attach(
    database: Database, home: Path, route: str, target: str, source: str, claims: str, act: Act, what: str = ""
) -> Added:
    """Attach *source* to the record *target* as evidence for *claims*; a file is copied into the programme's folder.

    The same file for the same record and claims is attached once. Raises `NotFound` for a file that is not there.
    """
    is_link = bool(re.match(r"https?://", source))
    path = None if is_link else _readable(Path(source))
    with database.begin(write=True, keep=not act.dry_run) as unit:
        standing = store.stand(unit, route, act)
        standing.require_edit("evidence")
        record = choose(Which((target,)), standing)[0]
        values: dict[str, Any] = read_values(unit, "evidence", {"claims": claims}, standing)
        kept = _keep(path, evidence_folder(home, route), act.dry_run) if path else {"source": source}
        values |= {
            "about": record.key,
            "what": what or (path.name if path else source),
            "on": act.day.isoformat(),
            **kept,
        }
        standing, kept_as, entry = place(unit, standing, act, "evidence", values)
        store.touch_route(unit, standing.route)
        store.replan(unit, route, act.now, act.day)
    return Added("evidence", kept_as.key, str(values["what"]), entry, values)


def _readable(path: Path) -> Path:
    if not path.is_file():
        raise NotFound(
            f"there is no file {path}", remedy="give the path of a file, or a link that begins with https://"
        )
    if path.stat().st_size > LARGEST:
        raise Misused(f"{path.name} is larger than {LARGEST // 1024**2} MB", remedy="attach a link instead")
    return path


def _keep(path: Path, folder: Path, dry_run: bool) -> dict[str, Any]:
    """Copy the file under its fingerprint, so that two files of one name never meet and a copy is made once."""
    content = path.read_bytes()
    fingerprint = hashlib.sha256(content).hexdigest()
    kept = folder / f"{fingerprint[:12]}-{path.name}"
    if not dry_run and not kept.exists():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            temporary = kept.with_name(f".{kept.name}.{os.getpid()}")
            temporary.write_bytes(content)
            temporary.replace(kept)
        except OSError as fault:
            raise Unavailable(
                f"{kept} cannot be written: {fault.strerror}", remedy="check the disk and the folder"
            ) from None
    return {"source": kept.name, "sha256": fingerprint, "size": len(content)}
