"""Let Tab complete words, ids and names: print what a shell needs, or put it into the shell's profile."""

from typing import TYPE_CHECKING

import click

from lrflow.commands.door import Door, Group, everywhere, tell, verb

if TYPE_CHECKING:
    from pathlib import Path

SHELLS = ("bash", "zsh", "fish", "powershell")
shell_argument = click.argument("shell", required=False, type=click.Choice(SHELLS), metavar=f"[{'|'.join(SHELLS)}]")


@click.group("completion", cls=Group)
@everywhere
def completion_group() -> None:
    """Let Tab complete commands, ids, states and names.

    For bash, zsh, fish and PowerShell; the one in use unless named.
    """


@verb("show")
@shell_argument
def completion_show(door: Door, shell: str | None) -> None:
    """Print what the shell has to read."""
    from lrflow.commands import shells

    named = shell or _in_use()
    script = shells.script(named)
    tell(door, "completion", {"shell": named, "script": script}, [script.rstrip("\n")])


@verb("install")
@shell_argument
def completion_install(door: Door, shell: str | None) -> None:
    """Put it into the file that the shell reads when it starts.

    Between two marks, where a second time replaces it. With -n it only says into which file.

    \b
    lrflow completion install          for the shell in use
    lrflow completion install zsh
    """
    from lrflow.commands.profiles import BEGIN, END

    named = shell or _in_use()
    path, is_new = _install(named, dry_run=door.dry_run)
    if not is_new:
        head = f"✓ {named} knows it already, from {path}"
    else:
        head = f"would be written into {path}" if door.dry_run else f"✓ {named} completes the words of lrflow: {path}"
    lines = [head, f'  to undo it, take the lines from "{BEGIN}" to "{END}" out of that file']
    if named == "powershell":
        lines.append("  if PowerShell may not read it: Set-ExecutionPolicy -Scope CurrentUser RemoteSigned")
    data = {"shell": named, "file": str(path), "changed": is_new, "dry_run": door.dry_run}
    tell(door, "completion", data, [*lines, "Next: open a new window, type lrflow and a blank, and press Tab"])


def _in_use() -> str:
    import os

    from lrflow.commands.profiles import shell_in_use

    return shell_in_use(os.environ)


def _install(shell: str, *, dry_run: bool) -> "tuple[Path, bool]":
    import os
    from pathlib import Path

    from lrflow.commands import profiles, shells

    path = profiles.profile_of(shell, os.environ, Path.home())
    before, encoding = profiles.read(path)
    after = profiles.with_block(before, profiles.block(shell, shells.script(shell)))
    if after != before and not dry_run:
        profiles.write(path, after, encoding)
    return path, after != before


for each in (completion_show, completion_install):
    completion_group.add_command(each)

COMMANDS: tuple[click.Command, ...] = (completion_group,)
