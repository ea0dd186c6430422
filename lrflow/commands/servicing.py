"""Keep the sending running without anybody: install the service, show it, remove it."""

import click

from lrflow.commands.door import Door, Group, everywhere, verb


@click.group("service", cls=Group)
@everywhere
def service_group() -> None:
    """Keep `lrflow run` running, from log-in on and after a failure.

    By systemd on Linux, launchd on macOS, the Task Scheduler on Windows: for you and this programme, without an
    administrator.
    """


@verb("install")
def service_install(door: Door) -> None:
    """Install the service of this programme, and start it.

    A file for the service manager of this computer: it holds the programme's folder and the Python that runs lrflow,
    no password. Settings stay in lrflow.toml. Again after an update, or after the folder was moved: it then points
    to where things are. With -n it shows the file and the commands.

    \b
    lrflow service install -n         what would be written and run
    lrflow service install
    """
    from lrflow.commands.servicing_words import install

    install(door)


@verb("show")
def service_show(door: Door) -> None:
    """Is it installed, does it run, when was the last tick, what did it say.

    \b
    lrflow service show
    lrflow service show --json
    """
    from lrflow.commands.servicing_words import show

    show(door)


@verb("remove")
@click.argument("name", required=False, default="", metavar="[NAME]")
def service_remove(door: Door, name: str) -> None:
    """End the service of this programme, and delete it.

    NAME is for one that `lrflow service show` found in the way: of a folder that was moved, say.

    \b
    lrflow service remove
    lrflow service remove lrflow-csn-1a2b3c4d
    """
    from lrflow.commands.servicing_words import remove

    remove(door, name)


for each in (service_install, service_show, service_remove):
    service_group.add_command(each)

COMMANDS: tuple[click.Command, ...] = (service_group,)
