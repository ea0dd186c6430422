"""Bring lists in: import."""

import click

from lrflow.commands import completing
from lrflow.commands.door import Door, verb


@verb("import")
@click.argument("paths", nargs=-1, required=True, metavar="FILE|FOLDER...", type=click.Path())
@click.option(
    "--kind",
    default="",
    metavar="KIND",
    help="What the rows are, when the headers do not say: participant ...",
    shell_complete=completing.kinds,
)
@click.option(
    "--map", "maps", multiple=True, metavar="HEADER=FIELD", help='Which field a column is: --map "Courriel=email".'
)
@click.option(
    "--dates", "days", default="", type=click.Choice(["", "dmy", "mdy"]), help="How 03/04/2017 is meant: dmy or mdy."
)
@click.option("--remove-missing", is_flag=True, help="Take out the records whose rows were deleted from the workbook.")
def import_lists(
    door: Door, paths: tuple[str, ...], kind: str, maps: tuple[str, ...], days: str, remove_missing: bool
) -> int:
    """Bring in a workbook, a list, or a folder of lists.

    Shows what is added, changed, missing, and asks. Good rows come in together; bad ones go to a file beside yours,
    ...-to-fix.xlsx, with the reason beside each. Your own file is never touched, nothing is deleted unless you ask.
    Exit 5 when rows were left out, 6 when someone else changed the same records.

    \b
    lrflow import rwanda-2016.xlsx               a workbook made by lrflow workbook
    lrflow import people.xls --map "Contact=email"
    lrflow import lists/                         .xlsx .xls .ods .csv
    """
    from lrflow.commands.importing_words import bring

    return bring(door, paths, kind, maps, days, remove_missing)


COMMANDS: tuple[click.Command, ...] = (import_lists,)
