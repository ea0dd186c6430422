"""Write down and keep a job as a launchd agent of macOS."""

import plistlib
import re
from pathlib import Path

from lrflow import __version__
from lrflow.service.jobs import Job, Pointing, State, Step

_FACT = re.compile(r"^\s*(state|pid|last exit code) = (.+?)\s*$", re.MULTILINE)


class Launchd:
    """launchd, as it keeps the agents of one user."""

    def file(self, job: Job) -> Path:
        """The agent's property list."""
        return job.computer.definitions / f"{job.name}.plist"

    def definition(self, job: Job) -> bytes:
        """The property list."""
        log = str(_log(job))
        return plistlib.dumps(
            {
                "Label": job.name,
                "LrflowVersion": __version__,  # launchd passes it over; a newer one is loaded anew
                "ProgramArguments": [str(job.computer.python), "-P", "-m", "lrflow", "run"],
                "EnvironmentVariables": {"LRFLOW_HOME": str(job.home)},
                "WorkingDirectory": str(job.home),
                "RunAtLoad": True,
                "KeepAlive": True,
                "ThrottleInterval": 30,
                "ExitTimeOut": 180,
                "StandardOutPath": log,
                "StandardErrorPath": log,
            }
        )

    def read(self, definition: bytes) -> Pointing:
        """Where a property list points to."""
        try:
            found = plistlib.loads(definition)
            return Pointing(Path(found["WorkingDirectory"]), Path(found["ProgramArguments"][0]))
        except (plistlib.InvalidFileException, KeyError, IndexError, TypeError) as fault:
            raise ValueError(f"not an agent of lrflow: {fault}") from None

    def start(self, job: Job, *, changed: bool) -> tuple[Step, ...]:
        """Load it, unless it is loaded, and start it. launchd takes a while to let go of the one before."""
        plist, target = str(self.file(job)), _target(job)
        out = (Step(("launchctl", "bootout", target), must=False),) if changed else ()
        load = Step(("launchctl", "bootstrap", job.computer.user, plist), must=changed, tries=4 if changed else 1)
        return (*out, load, Step(("launchctl", "kickstart", target)))

    def stop(self, job: Job) -> tuple[Step, ...]:
        """End and unload it."""
        return (Step(("launchctl", "bootout", _target(job)), must=False),)

    def forget(self, job: Job) -> tuple[Step, ...]:
        """Nothing: it was unloaded."""
        return ()

    def look(self, job: Job) -> Step:
        """Print what launchd knows of it."""
        return Step(("launchctl", "print", _target(job)))

    def understand(self, answer: str) -> State:
        """Its state, and how its last process ended."""
        found: dict[str, str] = {}
        for name, value in _FACT.findall(answer):
            found.setdefault(name, value)  # the first of each is the agent's own
        code = found.get("last exit code", "")
        ended = f", its last process left with exit code {code}" if code.isdigit() and code != "0" else ""
        pid = found.get("pid", "")
        return State(found.get("state", "unknown") + ended, int(pid) if pid.isdigit() else None)

    def advise(self, job: Job, refused: tuple[str, ...], *, missing: bool) -> tuple[str, ...]:
        """A log-in at the screen; agents do not start over ssh alone."""
        return ("log in at the screen of this Mac, and type the commands above again",)

    def log(self, job: Job, lines: int) -> tuple[str, ...]:
        """The end of its log."""
        return ("tail", "-n", str(lines), str(_log(job)))


def _target(job: Job) -> str:
    return f"{job.computer.user}/{job.name}"


def _log(job: Job) -> Path:
    return job.computer.logs / f"{job.name}.log"
