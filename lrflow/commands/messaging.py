"""Look at the texts of messages: check that nothing is missing in anybody's language."""

from typing import TYPE_CHECKING, Any

import click

from lrflow.commands.door import Door, Group, everywhere, tell, verb

if TYPE_CHECKING:
    from lrflow.nudges.texts import Checked

FAULTS = 2


@click.group("messages", cls=Group)
@everywhere
def messages_group() -> None:
    """The texts that go out, language by language."""


@verb("check")
@click.argument("folder", required=False, default="")
def messages_check(door: Door, folder: str) -> int:
    """Look for texts that are missing or too long.

    Without FOLDER: the texts of every open route, in each language that a reader, an organisation or the route has.
    With the folder or the name of a workflow: its texts, in each language of which it has a file. Every text is tried
    with names of 60 characters: the subject in 60, the message in seven lines and 4 KB. Exit 2 when anything is wrong.

    \b
    lrflow messages check
    lrflow messages check sun-csn
    """
    from lrflow import workflow
    from lrflow.errors import NotFound
    from lrflow.nudges.texts import check_folder, check_routes

    checked = [check_folder(workflow.folder_of(folder))] if folder else check_routes(door.database, door.today())
    if not checked:
        raise NotFound("no route is open, whose texts could be checked", remedy="lrflow messages check sun-csn")
    tell(door, "messages.check", [_data(each) for each in checked], [line for each in checked for line in _lines(each)])
    return FAULTS if any(found for each in checked for found in each.faults.values()) else 0


def _lines(checked: "Checked") -> list[str]:
    routes = f", for {', '.join(checked.routes)}" if checked.routes else ""
    lines = [f"{checked.folder.name}{routes}: {checked.folder / 'messages'}"]
    for language, faults in checked.faults.items():
        number = f"{len(faults)} fault{'' if len(faults) == 1 else 's'}"
        lines += [f"  ✗ {language}: {number}" if faults else f"  ✓ {language}: complete"]
        lines += [f"      {fault}" for fault in faults]
    if any(checked.faults.values()):
        lines.append("Mend the files; until then what cannot be said in its reader's language is held.")
    return lines


def _data(checked: "Checked") -> dict[str, Any]:
    faults = {language: list(found) for language, found in checked.faults.items()}
    return {"folder": str(checked.folder), "routes": list(checked.routes), "faults": faults}


messages_group.add_command(messages_check)

COMMANDS: tuple[click.Command, ...] = (messages_group,)
