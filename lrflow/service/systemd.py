"""Write down and keep a job as a systemd user unit."""

import re
import shlex
from pathlib import Path

from lrflow import __version__
from lrflow.service.jobs import Job, Pointing, State, Step

SUFFIX = ".service"
PROPERTIES = "ActiveState,SubState,MainPID,ExecMainStatus,StatusText"

# Exit codes that starting anew does not mend: usage, a copy that was handed over, no programme in the folder. Busy (6)
# waits for its turn, and what is unavailable (7) comes back when a person has mended it.
HOPELESS = "2 3 4"

# Longer than the daemon itself takes to notice that its sweep stands still and to leave with exit code 70, which says
# more than being killed does.
WATCHDOG_SECONDS = 600

_UNIT = """\
[Unit]
Description=lrflow {version} sends what is due ({name})
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=main
ExecStart=/usr/bin/env {python} -P -m lrflow run
Environment={environment}
WorkingDirectory={folder}
Restart=always
RestartSec=30
RestartPreventExitStatus={hopeless}
WatchdogSec={watchdog}
TimeoutStopSec=180

[Install]
WantedBy=default.target
"""
_EXEC = re.compile(r'^ExecStart=/usr/bin/env "((?:[^"\\]|\\.)*)"', re.MULTILINE)
_FOLDER = re.compile(r"^WorkingDirectory=(.+)$", re.MULTILINE)


def quoted(text: str) -> str:
    """*text* as one word of a unit file."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'


class Systemd:
    """systemd, as it keeps the units of one user."""

    def file(self, job: Job) -> Path:
        """The unit's file."""
        return job.computer.definitions / f"{job.name}{SUFFIX}"

    def definition(self, job: Job) -> bytes:
        """The unit."""
        return _UNIT.format(
            version=__version__,  # a newer one writes another unit, so that install starts it anew
            name=job.name,
            # As an argument of env: the name of a program itself may hold no quotation mark and no apostrophe.
            python=quoted(str(job.computer.python)).replace("$", "$$"),
            environment=quoted(f"LRFLOW_HOME={job.home}"),
            folder=str(job.home).replace("%", "%%"),
            hopeless=HOPELESS,
            watchdog=WATCHDOG_SECONDS,
        ).encode()

    def read(self, definition: bytes) -> Pointing:
        """Where a unit points to."""
        text = definition.decode()
        python, folder = _EXEC.search(text), _FOLDER.search(text)
        if python is None or folder is None:
            raise ValueError("a unit without ExecStart or WorkingDirectory")
        bare = re.sub(r"\\(.)", r"\1", python[1]).replace("%%", "%").replace("$$", "$")
        return Pointing(Path(folder[1].replace("%%", "%")), Path(bare))

    def start(self, job: Job, *, changed: bool) -> tuple[Step, ...]:
        """Read the unit, start it at each log-in, start it now; `start` returns when it says that it is ready."""
        begin = "restart" if changed else "start"
        return (_control("daemon-reload"), _control("enable", job), _control(begin, job))

    def stop(self, job: Job) -> tuple[Step, ...]:
        """End it, and start it at no log-in any more."""
        return (_control("disable", job, "--now"),)

    def forget(self, job: Job) -> tuple[Step, ...]:
        """Let systemd notice that the unit is gone."""
        return (_control("daemon-reload"), Step(_control("reset-failed", job).words, must=False))

    def look(self, job: Job) -> Step:
        """Ask for a few properties."""
        return _control("show", job, f"--property={PROPERTIES}")

    def understand(self, answer: str) -> State:
        """Active or not, how its last process ended, what it says of itself."""
        found = dict(line.split("=", 1) for line in answer.splitlines() if "=" in line)
        says = f"{found.get('ActiveState', 'unknown')} ({found.get('SubState', 'unknown')})"
        if found.get("ExecMainStatus", "0") != "0":
            says += f", its last process left with exit code {found['ExecMainStatus']}"
        if found.get("StatusText"):
            says += f"; {found['StatusText']}"
        pid = int(found.get("MainPID") or 0)
        return State(says, pid or None)

    def advise(self, job: Job, refused: tuple[str, ...], *, missing: bool) -> tuple[str, ...]:
        """What it said last, when it did not start; otherwise a log-in of one's own, or cron."""
        if refused[2:3] and refused[2] in ("start", "restart"):
            return (shlex.join(self.log(job, 20)),)
        by_cron = ("without systemd, let cron send every hour; type crontab -e and add the line:", cron_line(job))
        if missing:
            return by_cron
        return ("log in as yourself, not by su or sudo, and type the commands above again", *by_cron)

    def log(self, job: Job, lines: int) -> tuple[str, ...]:
        """The journal of the unit."""
        return ("journalctl", "--user", f"--unit={job.name}", f"--lines={lines}", "--no-pager", "--quiet")


def cron_line(job: Job) -> str:
    """A line for crontab that sends what is due every hour; to cron a percent sign is the end of a line."""
    home, python = shlex.quote(str(job.home)), shlex.quote(str(job.computer.python))
    command = f"LRFLOW_HOME={home} {python} -P -m lrflow run --once >/dev/null"
    return f"0 * * * * {command}".replace("%", "\\%")


def lingering(user: str) -> Step:
    """What asks whether the services of *user* go on after the log-out; it answers yes or no."""
    return Step(("loginctl", "show-user", user, "--property=Linger", "--value"))


def _control(verb: str, job: Job | None = None, *options: str) -> Step:
    return Step(("systemctl", "--user", verb, *options, *((job.name + SUFFIX,) if job else ())))
