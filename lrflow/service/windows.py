"""Write down and keep a job as a task of the Windows Task Scheduler."""

from pathlib import Path
from subprocess import list2cmdline
from xml.etree import ElementTree

from lrflow import __version__
from lrflow.service.jobs import Job, Pointing, State, Step

SCHEMA = "http://schemas.microsoft.com/windows/2004/02/mit/task"
Tree = dict[str, "str | Tree"]


class Windows:
    """The Task Scheduler, as it keeps the tasks of one user: they run while that user is logged on."""

    def file(self, job: Job) -> Path:
        """The task's XML, kept beside its log; what counts is the copy that the Task Scheduler made of it."""
        return job.computer.definitions / f"{job.name}.xml"

    def definition(self, job: Job) -> bytes:
        """The task."""
        root = ElementTree.Element("Task", {"version": "1.2", "xmlns": SCHEMA})
        _grow(root, _task(job))
        ElementTree.indent(root)
        text = ElementTree.tostring(root, encoding="unicode")
        return f'<?xml version="1.0" encoding="UTF-16"?>\n{text}\n'.encode("utf-16")

    def read(self, definition: bytes) -> Pointing:
        """Where a task points to."""
        try:
            execute = ElementTree.fromstring(definition).find(f"{{{SCHEMA}}}Actions/{{{SCHEMA}}}Exec")
        except ElementTree.ParseError as fault:
            raise ValueError(f"no task: {fault}") from None
        found = {each.tag.rpartition("}")[2]: each.text or "" for each in (() if execute is None else execute)}
        if not {"Command", "WorkingDirectory"} <= set(found):
            raise ValueError("a task without Command or WorkingDirectory")
        return Pointing(Path(found["WorkingDirectory"]), Path(found["Command"]))

    def start(self, job: Job, *, changed: bool) -> tuple[Step, ...]:
        """Register it, and run it now; when it runs already, the Task Scheduler leaves it alone."""
        register = _tasks("/Create", job, "/XML", str(self.file(job)), "/F")
        end = (Step(_tasks("/End", job).words, must=False),) if changed else ()
        return (register, *end, _tasks("/Run", job))

    def stop(self, job: Job) -> tuple[Step, ...]:
        """End it, and take it out of the Task Scheduler."""
        return (Step(_tasks("/End", job).words, must=False), _tasks("/Delete", job, "/F"))

    def forget(self, job: Job) -> tuple[Step, ...]:
        """Nothing: it was deleted."""
        return ()

    def look(self, job: Job) -> Step:
        """Ask whether it is registered; everything else the Task Scheduler says in the language of the computer."""
        return _tasks("/Query", job)

    def understand(self, answer: str) -> State:
        """An answer means that it is registered."""
        return State("registered with the Task Scheduler")

    def advise(self, job: Job, refused: tuple[str, ...], *, missing: bool) -> tuple[str, ...]:
        """Whoever looks after the computer may have to allow tasks."""
        return ("if tasks are not allowed on this computer, ask whoever looks after it, or leave lrflow run open",)

    def log(self, job: Job, lines: int) -> tuple[str, ...]:
        """The end of its log."""
        path = str(log_file(job)).replace("'", "''")
        command = f"Get-Content -Encoding utf8 -Tail {lines} -LiteralPath '{path}'"
        return ("powershell", "-NoProfile", "-Command", command)


def log_file(job: Job) -> Path:
    """Where a task that has no window writes what it says."""
    return job.computer.logs / f"{job.name}.log"


def _task(job: Job) -> Tree:
    """A task that starts at log-on, is looked after every ten minutes, and runs without an end, on battery too.

    It names its user, so that no administrator is needed, and holds no password: it runs while that user is logged on.
    """
    again: Tree = {"Interval": "PT10M"}
    words = ["-P", "-m", "lrflow.service.windowless", str(job.home), str(log_file(job))]
    return {
        "RegistrationInfo": {"Description": f"lrflow {__version__} sends what is due for {job.home}"},
        "Triggers": {
            "LogonTrigger": {"Enabled": "true", "UserId": job.computer.user},
            "TimeTrigger": {"Repetition": again, "StartBoundary": "2020-01-01T00:00:00", "Enabled": "true"},
        },
        "Principals": {
            "Principal": {
                "UserId": job.computer.user,
                "LogonType": "InteractiveToken",
                "RunLevel": "LeastPrivilege",
            }
        },
        "Settings": {
            "MultipleInstancesPolicy": "IgnoreNew",
            "DisallowStartIfOnBatteries": "false",
            "StopIfGoingOnBatteries": "false",
            "StartWhenAvailable": "true",
            "ExecutionTimeLimit": "PT0S",
            "RestartOnFailure": {"Interval": "PT1M", "Count": "255"},
            "IdleSettings": {"StopOnIdleEnd": "false", "RestartOnIdle": "false"},
        },
        "Actions": {
            "Exec": {
                "Command": str(job.computer.python),
                "Arguments": list2cmdline(words),
                "WorkingDirectory": str(job.home),
            }
        },
    }


def _grow(element: ElementTree.Element, tree: Tree) -> None:
    for name, inside in tree.items():
        child = ElementTree.SubElement(element, name)
        if isinstance(inside, str):
            child.text = inside
        else:
            _grow(child, inside)


def _tasks(verb: str, job: Job, *options: str) -> Step:
    return Step(("schtasks", verb, "/TN", job.name, *options))
