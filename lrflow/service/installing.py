"""Install the service of a programme, and remove it: a file for the service manager, and its commands."""

import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from lrflow.errors import Misused, NotFound, Unavailable
from lrflow.service.asking import Answer, ask, carry_out
from lrflow.service.jobs import PREFIX, Job, Keeper, Kind, Step
from lrflow.service.launchd import Launchd
from lrflow.service.systemd import Systemd, lingering
from lrflow.service.windows import Windows

KEEPERS: Mapping[Kind, Keeper] = {"systemd": Systemd(), "launchd": Launchd(), "windows": Windows()}


@dataclass(frozen=True, slots=True)
class Done:
    """What was installed or removed, by which commands; *refused* when the service manager did not go along."""

    job: Job
    file: Path
    changed: bool
    steps: tuple[Step, ...]
    refused: Answer | None = None

    @property
    def left(self) -> tuple[Step, ...]:
        """The commands that are still to be typed, from the one that was refused on."""
        if self.refused is None:
            return ()
        return self.steps[[step.words for step in self.steps].index(self.refused.words) :]


def keeper_of(job: Job) -> Keeper:
    """What keeps *job* running."""
    return KEEPERS[job.computer.kind]


def install(job: Job, *, dry_run: bool) -> Done:
    """Write the definition of *job* and start it, now and at each log-in. A second time changes nothing.

    Only the definition's file is written when the service manager refuses or is missing; `Done.refused` says so.
    Raises `Unavailable` when the Python of the job does not find lrflow by itself, or the file cannot be written.
    """
    keeper = keeper_of(job)
    file, wanted = keeper.file(job), keeper.definition(job)
    _check_python(job.computer.python)
    changed = _content(file) != wanted
    steps = keeper.start(job, changed=changed)
    if dry_run:
        return Done(job, file, changed, steps)
    if changed:
        _write(file, wanted, job.computer.logs)
    return Done(job, file, changed, steps, carry_out(steps))


def remove(job: Job, *, dry_run: bool) -> Done:
    """End *job* and delete its definition. `NotFound` when there is none.

    The file goes even when the service manager refuses: then nothing starts it at the next log-in.
    """
    keeper = keeper_of(job)
    file, steps = keeper.file(job), keeper.stop(job)
    if not file.is_file():
        raise NotFound(f"there is no service {job.name}", problems=_others(job), remedy="lrflow service show")
    if dry_run:
        return Done(job, file, True, (*steps, *keeper.forget(job)))
    refused = carry_out(steps)
    try:
        for each in (*file.parent.glob(f"*.wants/{file.name}"), file):
            each.unlink()
    except OSError as fault:
        raise Unavailable(f"{file} cannot be deleted: {fault.strerror}", remedy=f'delete "{file}"') from None
    return Done(job, file, True, steps, refused or carry_out(keeper.forget(job)))


def named(job: Job, name: str) -> Job:
    """The job called *name* of the same computer; *job* itself without a name."""
    if not name:
        return job
    if not name.startswith(PREFIX) or Path(name).name != name:
        raise Misused(f"a service of lrflow is called {PREFIX}..., not {name!r}", remedy="lrflow service show")
    return Job(name.removesuffix(".service"), job.home, job.computer)


def definition_text(job: Job) -> str:
    """The definition of *job*, to be read by people."""
    return keeper_of(job).definition(job).decode("utf-16" if job.computer.kind == "windows" else "utf-8")


def after_logout(job: Job, user: str) -> str:
    """What the log-out of *user* means for the service; empty when it goes on."""
    if job.computer.kind != "systemd":
        return "it runs while you are logged in on this computer"
    answer = ask(lingering(user).words)
    return "" if answer.out.strip() == "yes" else "to go on after you log out: loginctl enable-linger"


def _others(job: Job) -> list[str]:
    return [f"there is {file.stem}" for file in definitions(job)]


def definitions(job: Job) -> list[Path]:
    """The definitions of every service of lrflow on this computer, of this user."""
    return sorted(job.computer.definitions.glob(f"{PREFIX}*{keeper_of(job).file(job).suffix}"))


def _content(file: Path) -> bytes | None:
    with suppress(OSError):
        return file.read_bytes()
    return None


def _write(file: Path, content: bytes, logs: Path) -> None:
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        for folder in (file.parent, logs):
            folder.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(content)
        temporary.replace(file)
    except OSError as fault:
        temporary.unlink(missing_ok=True)
        raise Unavailable(
            f"{file} cannot be written: {fault.strerror}", remedy="check the rights of that folder"
        ) from None


def _check_python(python: Path) -> None:
    """Try what the service will do: import lrflow, without the folder and the variables of this window."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    words = (str(python), "-P", "-c", "import lrflow.__main__")
    try:
        found = subprocess.run(words, env=bare, cwd=Path(sys.prefix).anchor, capture_output=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired) as fault:
        raise Unavailable(f"{python} cannot be started: {fault}", remedy="install Python, then lrflow, anew") from None
    if found.returncode:
        says = f"{python} does not find lrflow by itself, so a service could not start it"
        raise Unavailable(says, remedy=f'"{python}" -m pip install PATH   of the folder or wheel of lrflow')
