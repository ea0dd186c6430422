"""Tell what became of the service: installed, removed, or how it stands."""

import getpass
import os
import shlex
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from lrflow import clock, service
from lrflow.commands.door import Door, tell
from lrflow.errors import PartlyDone
from lrflow.service import Done, Job, Sender, Standing
from lrflow.settings import KNOWN

MANAGERS = {"systemd": "systemd", "launchd": "launchd", "windows": "the Task Scheduler"}


def install(door: Door) -> None:
    """Install it for the programme of this command."""
    rehearsing = service.check_programme(door.database)
    done = service.install(_job(door), dry_run=door.dry_run)
    waits_for = _sender_instead(door, done)
    if done.refused and waits_for is None:
        _refuse(done)
    lines = _plan(done) if door.dry_run else _installed(done, waits_for) + _remarks(done.job, rehearsing)
    tell(door, "service", _done_data(done), [*lines, "Next: lrflow service show"])


def _job(door: Door) -> Job:
    return service.job_of(door.settings.home, service.this_computer(sys.platform, os.environ, sys.executable))


def _sender_instead(door: Door, done: Done) -> Sender | None:
    """Who sends already, when that is why the service did not start."""
    if done.refused is None or len(done.left) > 1:
        return None
    sender = service.sender_of(door.database, door.now())
    return sender if sender.pid else None


def _refuse(done: Done) -> None:
    """Say which command was refused, and what to type; what is written stays."""
    assert done.refused is not None
    missing = done.refused.is_missing
    typed = () if missing else tuple(_typed(done.job, step.words) for step in done.left)
    says = f"{done.file} is written, but {MANAGERS[done.job.computer.kind]} does not run it yet"
    raise PartlyDone(
        says,
        problems=[f"{_typed(done.job, done.refused.words)}: {done.refused.says}"],
        remedy=[*typed, *service.keeper_of(done.job).advise(done.job, done.refused.words, missing=missing)],
    )


def _typed(job: Job, words: Sequence[str]) -> str:
    """A command as a person types it on that computer."""
    return subprocess.list2cmdline(words) if job.computer.kind == "windows" else shlex.join(words)


def _plan(done: Done) -> list[str]:
    """The file as it would be written, and the commands."""
    text = service.definition_text(done.job)
    head = f"would write {done.file}:" if done.changed else f"{done.file} is there already, and stays as it is:"
    commands = [f"    {_typed(done.job, step.words)}" for step in done.steps]
    return [head, *(f"    {line}" for line in text.splitlines()), "would run:", *commands]


def _installed(done: Done, waits_for: Sender | None) -> list[str]:
    what = "is installed" if done.changed else "was installed already"
    lines = [f"✓ {done.job.name} {what}: it sends for {done.job.home}, from each log-in on"]
    if waits_for is not None:
        lines.append(f"  {waits_for.host} (process {waits_for.pid}) sends now: the service takes over when that ends")
    return lines


def _remarks(job: Job, rehearsing: bool) -> list[str]:
    """What to know about a service that runs."""
    lines = [f"  {after}"] if (after := service.after_logout(job, getpass.getuser())) else []
    for name in (name for name in KNOWN if os.environ.get(f"LRFLOW_{name.upper()}")):
        lines.append(f"  ! LRFLOW_{name.upper()} is known in this window only: lrflow settings set {name}=...")
    return [*lines, "  no route is live: nothing leaves until lrflow nudge go-live"] if rehearsing else lines


def _done_data(done: Done) -> dict[str, Any]:
    return {
        "name": done.job.name,
        "home": str(done.job.home),
        "file": str(done.file),
        "changed": done.changed,
        "content": service.definition_text(done.job),
        "commands": [_typed(done.job, step.words) for step in done.steps],
    }


def remove(door: Door, name: str) -> None:
    """End and delete it, or the one called *name*."""
    done = service.remove(service.named(_job(door), name), dry_run=door.dry_run)
    commands = [_typed(done.job, step.words) for step in done.steps]
    if done.refused is not None:
        raise PartlyDone(
            f"{done.file} is deleted, but it may still run until you log out",
            problems=[f"{_typed(done.job, done.refused.words)}: {done.refused.says}"],
            remedy="lrflow service show   names the process that sends, if one does",
        )
    if door.dry_run:
        lines = [f"would delete {done.file}, and run:", *(f"    {each}" for each in commands)]
    else:
        lines = [f"✓ {done.job.name} is ended and deleted: nothing is sent from now on, unless lrflow run runs"]
    data = {"name": done.job.name, "file": str(done.file), "commands": commands}
    tell(door, "service", data, [*lines, "Next: lrflow service show"])


def show(door: Door) -> None:
    """How it stands."""
    stands = service.look(_job(door), door.database, door.now())
    tell(door, "service", _standing_data(stands), _standing_lines(stands, door.zone))


def _standing_lines(stands: Standing, zone: str) -> list[str]:
    job = stands.job
    head = f"{job.name} is installed: {stands.file}" if stands.installed else f"no service is installed for {job.home}"
    lines = [head, *_manager_lines(stands), *(f"  ! {each}" for each in stands.differs)]
    lines += _sender_lines(stands, zone)
    lines += [f"  ! {each}" for each in stands.others]
    if stands.installed:
        lines += ["  it said last:", *(f"    {each}" for each in stands.last)] if stands.last else []
        lines.append(f"  more of it: {_typed(job, service.keeper_of(job).log(job, 100))}")
    is_well = stands.installed and not stands.differs and stands.state is not None
    return [*lines, f"Next: lrflow {'status' if is_well else 'service install'}"]


def _manager_lines(stands: Standing) -> list[str]:
    manager = MANAGERS[stands.job.computer.kind]
    if stands.state is not None:
        process = f", process {stands.state.pid}" if stands.state.pid else ""
        return [f"  {manager}: {stands.state.says}{process}"]
    return [f"  ! {manager} does not know it: {stands.silent.says}"] if stands.silent else []


def _sender_lines(stands: Standing, zone: str) -> list[str]:
    sender = stands.sender
    if sender is None:
        return [f"  ! {stands.trouble}"]
    last = f"last tick {_local(sender.ticked, zone)}" if sender.ticked else "no tick yet"
    if sender.pid is None or sender.since is None:
        return [f"  nobody sends for this programme now; {last}"]
    is_other = stands.state is not None and stands.state.pid not in (None, sender.pid)
    other = ", which is not this service: it takes over when that ends" if is_other else ""
    return [f"  {sender.host} (process {sender.pid}) sends since {_local(sender.since, zone)}{other}; {last}"]


def _local(instant: datetime, zone: str) -> str:
    return f"{instant.astimezone(clock.zone_of(zone)):%Y-%m-%d %H:%M}"


def _standing_data(stands: Standing) -> dict[str, Any]:
    sender, state = stands.sender, stands.state
    return {
        "name": stands.job.name,
        "home": str(stands.job.home),
        "file": str(stands.file),
        "installed": stands.installed,
        "state": state.says if state else None,
        "process": state.pid if state else None,
        "differs": list(stands.differs),
        "sender": {"host": sender.host, "process": sender.pid} if sender and sender.pid else None,
        "since": sender.since.isoformat() if sender and sender.since else None,
        "ticked": sender.ticked.isoformat() if sender and sender.ticked else None,
        "others": list(stands.others),
        "last": list(stands.last),
    }
