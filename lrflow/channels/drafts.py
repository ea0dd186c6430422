"""Letters as `.eml` drafts in a folder, for a person to open and send; needs no server and no password."""

import hashlib
import os
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from lrflow.channels import Carried, Letter, Outcome
from lrflow.channels.letters import ascii_address, build_message
from lrflow.channels.verdicts import detail

LONGEST_ADDRESS = 80


class DraftsChannel:
    """Drafts in *folder*, which is made when the first letter comes."""

    name = "drafts"
    is_real = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def carry(self, letter: Letter, before_data: Callable[[], None]) -> Carried:
        """Write *letter* whole or not at all (see `Channel.carry`); the detail then is the file's name.

        *before_data* runs when the bytes are on the disk and only the name is missing. The same Message-ID
        again, on whatever day, replaces the one file. `retry`: the folder or the disk does not take it.
        """
        message = build_message(letter)
        message["X-Unsent"] = "1"  # classic Outlook then opens it as a message still to be sent
        aside = self._folder / f".{_mark(letter)}.tmp"
        try:
            _write_aside(aside, message.as_bytes())
            draft = self._place(letter)
        except OSError as error:
            return self._failed(aside, error)
        try:
            before_data()
        except BaseException:
            _forget(aside)
            raise
        try:
            aside.replace(draft)
            _sync_folder(self._folder)
        except OSError as error:
            return self._failed(aside, error)
        return Carried(Outcome.accepted, None, draft.name)

    def close(self) -> None:
        """Nothing is held open."""

    def _place(self, letter: Letter) -> Path:
        mark = _mark(letter)
        named = f"{letter.sent_at:%Y-%m-%d}-{_file_safe(ascii_address(letter.to_address))}-{mark}.eml"
        return next(self._folder.glob(f"*-{mark}.eml"), self._folder / named)

    def _failed(self, aside: Path, error: OSError) -> Carried:
        _forget(aside)
        return Carried(Outcome.retry, None, detail(f"no draft in {self._folder}: {error.strerror or error}"))


def _mark(letter: Letter) -> str:
    return hashlib.sha256(letter.message_id.encode()).hexdigest()[:16]


def _file_safe(address: str) -> str:
    return re.sub(r"[^A-Za-z0-9@._+-]", "_", address)[:LONGEST_ADDRESS]


def _write_aside(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Make the new name survive a power cut, where folders can be opened (not on Windows)."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _forget(path: Path) -> None:
    with suppress(OSError):
        path.unlink()
