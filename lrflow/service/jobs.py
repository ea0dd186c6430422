"""What a service manager is asked for: which programme, by which Python, on what kind of computer; and who answers."""

import os
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal, Protocol

from lrflow.errors import Misused

Kind = Literal["systemd", "launchd", "windows"]
PREFIX = "lrflow-"


@dataclass(frozen=True, slots=True)
class Computer:
    """What keeps programs running on this computer for this user, and the folders it reads and writes."""

    kind: Kind
    definitions: Path
    logs: Path
    python: Path
    user: str  # as the manager names the user; empty where it needs no name


@dataclass(frozen=True, slots=True)
class Job:
    """`lrflow run` for the programme in *home*, kept up by the service manager of *computer* under *name*."""

    name: str
    home: Path
    computer: Computer


@dataclass(frozen=True, slots=True)
class Step:
    """One command for the service manager. When it does not have to succeed, its failure means: nothing to do."""

    words: tuple[str, ...]
    must: bool = True
    tries: int = 1


@dataclass(frozen=True, slots=True)
class Pointing:
    """Where a definition that was written earlier points to."""

    home: Path
    python: Path


@dataclass(frozen=True, slots=True)
class State:
    """What the manager says of a job; *pid* when it runs."""

    says: str
    pid: int | None = None


class Keeper(Protocol):
    """One kind of service manager: how a job is written down, started, looked at and ended."""

    def file(self, job: Job) -> Path:
        """The file of the definition."""

    def definition(self, job: Job) -> bytes:
        """What is in it. The same job always gives the same bytes."""

    def read(self, definition: bytes) -> Pointing:
        """Where *definition* points to; `ValueError` when it was not written here."""

    def start(self, job: Job, *, changed: bool) -> tuple[Step, ...]:
        """What makes it run from now on; anew when its definition has *changed*, and otherwise only if it does not."""

    def stop(self, job: Job) -> tuple[Step, ...]:
        """What ends it for good, before its file goes."""

    def forget(self, job: Job) -> tuple[Step, ...]:
        """What is to do when its file is gone."""

    def look(self, job: Job) -> Step:
        """What asks how it is."""

    def understand(self, answer: str) -> State:
        """What the answer to `look` means."""

    def advise(self, job: Job, refused: tuple[str, ...], *, missing: bool) -> tuple[str, ...]:
        """What else a person can do when the manager *refused* a command of `start`, or is *missing* altogether."""

    def log(self, job: Job, lines: int) -> tuple[str, ...]:
        """The command that prints the last *lines* of what it said; for a person to type as well."""


def this_computer(platform: str, environment: Mapping[str, str], python: str) -> Computer:
    """The computer of *platform* (as `sys.platform` names it), for the user of *environment*."""
    own = Path(environment.get("HOME") or environment.get("USERPROFILE") or Path.home())
    started_by = Path(python).absolute()  # not resolved: the link in a virtual environment is what makes it one
    if platform == "win32":
        local = Path(environment.get("LOCALAPPDATA") or own / "AppData" / "Local") / "lrflow" / "service"
        domain, name = environment.get("USERDOMAIN", ""), environment.get("USERNAME", "")
        return Computer("windows", local, local, _windowless(started_by), f"{domain}\\{name}" if domain else name)
    if platform == "darwin":
        library = own / "Library"
        return Computer("launchd", library / "LaunchAgents", library / "Logs" / "lrflow", started_by, _domain())
    config = Path(environment.get("XDG_CONFIG_HOME") or own / ".config")
    return Computer("systemd", config / "systemd" / "user", config, started_by, "")


def _windowless(python: Path) -> Path:
    beside = python.with_name("pythonw.exe")
    return beside if beside.is_file() else python


def _domain() -> str:
    return f"gui/{os.getuid()}" if hasattr(os, "getuid") else "gui/0"


def job_of(home: Path, computer: Computer) -> Job:
    """The job for the programme in *home*. The same folder always has the same name, another one never.

    Raises `Misused` when the folder's path cannot be written into a definition of this computer.
    """
    real = home.resolve()
    _check(str(real), computer.kind)
    _check(str(computer.python), computer.kind)
    if computer.kind == "systemd" and "=" in str(computer.python):
        says = f"{computer.python} cannot be written down for systemd: there is an equals sign in it"
        raise Misused(says, remedy="install lrflow into a folder without one")
    known_as = str(real).lower() if computer.kind == "windows" else str(real)
    plain = unicodedata.normalize("NFKD", real.name).encode("ascii", "ignore").decode().lower()
    slug = re.sub("[^a-z0-9]+", "-", plain)[:24].strip("-") or "programme"
    return Job(f"{PREFIX}{slug}-{sha256(known_as.encode()).hexdigest()[:8]}", real, computer)


def _check(path: str, kind: Kind) -> None:
    if any(unicodedata.category(sign) in ("Cc", "Cs") for sign in path):
        raise Misused(f"{path!a} cannot be written down for a service: a sign in it is no letter", remedy=_MOVE)
    if kind == "systemd" and path.endswith((" ", "\\")):
        raise Misused(f"{path!r} cannot be written down for systemd: it ends in a blank or a backslash", remedy=_MOVE)
    if kind == "windows" and (re.search("%[^%]+%", path) or "$(" in path):
        says = f"{path!r} cannot be written down for the Task Scheduler, which would put a variable in its place"
        raise Misused(says, remedy=_MOVE)


_MOVE = "give the folder a plainer name, then: lrflow service install"
