"""What belongs to a programme beside its database: evidence, drafts not sent yet, workflows of one's own, settings."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lrflow import settings, store
from lrflow.database import Unit
from lrflow.handing.packing import EVIDENCE, OF_WORKFLOW, OUTBOX, SETTINGS, WORKFLOWS, largest_of
from lrflow.settings import Settings

# What is true on any computer. Not: who one is, the current route, and where this computer keeps its secrets.
CARRIED = ("timezone", "sender_name", "sender_address", "smtp_host", "smtp_port", "smtp_security", "smtp_user")
STAYING = {
    "smtp_password_file": "smtp_password_file=PATH",
    "smtp_password_command": "smtp_password_command=PROGRAM",
    "smtp_ca_file": "smtp_ca_file=PATH",
}


@dataclass(frozen=True, slots=True)
class Belongings:
    """Files to carry, as member name and place; the member folder of each workflow of one's own; what stays behind."""

    members: tuple[tuple[str, Path], ...]
    folders: Mapping[str, str]
    left_out: tuple[str, ...]

    def count(self, top: str) -> int:
        """How many files of one sort there are: evidence, outbox."""
        return sum(name.startswith(f"{top}/") for name, _ in self.members)


def belongings_of(unit: Unit, home: Path) -> Belongings:
    """What belongs to the programme in *home*, as the database behind *unit* and the disk have it now.

    What no takeover would let in stays behind, and is named.
    """
    evidence, odd = _evidence(home / EVIDENCE)
    missing = [f"{name} of {route} is not in {EVIDENCE}/ any more" for route, name in missing_evidence(unit, home)]
    folders, texts, gone = _workflows(unit)
    drafts = [(f"{OUTBOX}/{path.name}", path) for path in _drafts(unit, home / OUTBOX)]
    every = [*evidence, *texts, *drafts]
    fit = tuple(each for each in every if _fits(*each))
    says = "is too large, or has a name that cannot be carried"
    unfit = [f"{path} {says}" for name, path in every if not _fits(name, path)]
    return Belongings(fit, folders, (*odd, *unfit, *missing, *gone))


def _fits(name: str, path: Path) -> bool:
    return path.stat().st_size <= (largest_of(name) or -1)


def missing_evidence(unit: Unit, home: Path) -> list[tuple[str, str]]:
    """The attached files that are not in *home*: route and file name."""
    return [each for each in store.evidence_files(unit) if not home.joinpath(EVIDENCE, *each).is_file()]


def _evidence(folder: Path) -> tuple[list[tuple[str, Path]], list[str]]:
    found, left = [], []
    for path in sorted(folder.glob("*/*")):
        if path.name.startswith("."):  # a copy that was cut off
            continue
        if path.is_file() and not path.is_symlink():
            found.append((f"{EVIDENCE}/{path.parent.name}/{path.name}", path))
        else:
            left.append(f"{path} is no plain file")
    return found, left


def _drafts(unit: Unit, outbox: Path) -> list[Path]:
    """The draft files that still wait to be sent; each is named by the fingerprint of its Message-ID."""
    marks = [hashlib.sha256(each.encode()).hexdigest()[:16] for each in store.waiting_drafts(unit)]
    return sorted(path for mark in marks for path in outbox.glob(f"*-{mark}.eml"))


def _workflows(unit: Unit) -> tuple[dict[str, str], list[tuple[str, Path]], list[str]]:
    """The member folder of each workflow of one's own, the texts in it, and the folders that are gone."""
    folders: dict[str, str] = {}
    places: dict[str, str] = {}
    texts: list[tuple[str, Path]] = []
    gone = []
    for row in store.own_folders(unit):
        folder = Path(row["folder"])
        if not folder.is_dir():
            gone.append(f"the folder of the workflow {row['name']} is gone: {folder}")
            continue
        if row["folder"] not in places:
            places[row["folder"]] = _free_name(folder.name, set(places.values()))
            texts += [
                (f"{places[row['folder']]}/{path.relative_to(folder).as_posix()}", path) for path in _texts(folder)
            ]
        folders[row["digest"]] = places[row["folder"]]
    return folders, texts, gone


def _texts(folder: Path) -> list[Path]:
    named = [folder / name for name in OF_WORKFLOW]
    return [path for path in (*named, *sorted((folder / "messages").glob("*.toml"))) if path.is_file()]


def _free_name(name: str, taken: set[str]) -> str:
    plain = "".join(sign if sign.isalnum() or sign in "-_" else "-" for sign in name).strip("-") or "own"
    numbered = (f"{WORKFLOWS}/{plain}{f'-{number}' if number > 1 else ''}" for number in range(1, 1000))
    return next(each for each in numbered if each not in taken)


def write_carried(folder: Path, local: Settings) -> Path:
    """Write the settings that are carried into *folder*; the file."""
    (folder / SETTINGS).touch()
    for name in CARRIED:
        if name in local.values:
            settings.keep(settings.load_from(folder), name, str(local.values[name]))
    return folder / SETTINGS


def staying(local: Settings) -> list[str]:
    """What this computer has set and the next one has to set anew, as name=value to type."""
    return [typed for name, typed in STAYING.items() if name in local.values]
