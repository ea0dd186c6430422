"""Door one: turn words into values, values into words, errors into exit codes."""

import os
import sys
from collections.abc import Sequence

import click

from lrflow import __version__
from lrflow.commands import (
    checking,
    completions,
    correcting,
    editing,
    handing,
    helping,
    holidays,
    importing,
    lists,
    looking,
    messaging,
    moving,
    nudging,
    pausing,
    people,
    postponing,
    programme,
    running,
    servicing,
    surge,
    telling,
    workflows,
)
from lrflow.commands.door import Door, Group, everywhere
from lrflow.commands.errors import report
from lrflow.errors import Busy, LrflowError, Misused

SECTIONS = {
    "Every day": ("status", "check", "advance", "add", "set", "mark", "attach", "list", "show", "calendar"),
    "Corrections": ("undo", "remove", "replace", "note"),
    "A route's way": ("back", "hold", "resume", "postpone", "cancel", "reopen", "waive", "log"),
    "Excel": ("workbook", "import", "export"),
    "Messages": ("nudge", "tell", "pause", "holiday", "run", "service", "messages"),
    "People": ("person", "away"),
    "Set up": (
        *("init", "demo", "use", "settings", "doctor", "help", "completion"),
        *("handover", "takeover", "workflow", "database"),
    ),
}


class Root(Group):
    """The root: its help is in sections, and without a command it shows the status."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, names in SECTIONS.items():
            with formatter.section(title):
                found = [(name, self.commands[name]) for name in names]
                formatter.write_dl([(name, command.get_short_help_str(60)) for name, command in found])


@click.group(cls=Root, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "--version", message="lrflow %(version)s")
@everywhere
@click.pass_context
def root(ctx: click.Context) -> None:
    """Keep Learning Routes on course: five steps, a reason for every move that may not happen yet, and nudges.

    Without a command it shows where the current route stands.
    """
    if ctx.invoked_subcommand is None:
        ctx.ensure_object(Door).verb = "status"
        looking.show_status(ctx.ensure_object(Door))


for module in (
    checking,
    completions,
    helping,
    programme,
    looking,
    moving,
    postponing,
    editing,
    correcting,
    importing,
    lists,
    nudging,
    messaging,
    pausing,
    holidays,
    telling,
    running,
    servicing,
    people,
    handing,
    workflows,
):
    for command in module.COMMANDS:
        root.add_command(command)


def run(words: Sequence[str]) -> int:
    """Run one command line; its exit code. Answers go to stdout, everything else to stderr."""
    _readable_output()
    if os.environ.get("_LRFLOW_COMPLETE"):  # a shell asks, at each press of Tab
        from lrflow.commands.shells import prepare

        prepare()
    door, stdout = Door(), sys.stdout
    try:
        result = root.main(args=list(words), prog_name="lrflow", standalone_mode=False, obj=door)
        surge.ask(door)
        return result if isinstance(result, int) else 0
    except click.exceptions.Abort:
        click.echo("interrupted: nothing more was done", err=True)
        return 130
    except click.ClickException as wrong:
        if "--json" not in words:
            wrong.show()
            return wrong.exit_code
        door.as_json = True
        return report(Misused(wrong.format_message(), remedy=f"{_verb_of(wrong)} --help"), door)
    except SystemExit:
        if sys.stdout is stdout:
            raise
        return 0  # click has wrapped stdout: whoever read it has left, as `| head` does
    except LrflowError as fault:
        if isinstance(fault, Busy):
            door.verb = ""  # whoever waited for the database once is not to wait for the banner too
        return report(fault, door)
    except Exception as bug:
        if door.debug:
            raise
        says = "nothing half-done was kept; type the command again with --debug and send what it prints"
        return report(LrflowError(f"lrflow stopped unexpectedly: {type(bug).__name__}: {bug}", remedy=says), door)
    finally:
        if door.verb:  # not for help, which is to be there at once
            from lrflow.commands import banner

            banner.show(door)
        door.close()


def _verb_of(wrong: click.ClickException) -> str:
    ctx = wrong.ctx if isinstance(wrong, click.UsageError) else None
    return ctx.command_path if ctx else "lrflow"


def _readable_output() -> None:
    # A pipe on Windows is cp1252, where a tick mark would be an error.
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8" if not stream.isatty() else None, errors="replace")
