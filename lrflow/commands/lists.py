"""Whole lists at once: a workbook to fill in, records written out."""

import click

from lrflow.commands.door import Door, verb


@verb("workbook")
@click.argument("file", metavar="FILE.xlsx", type=click.Path())
@click.argument("kinds", nargs=-1, metavar="[KIND...]")
@click.option(
    "--for", "whom", default="", metavar="WHO", help="Only the part of facilitator, host, or a delegation: D3."
)
@click.option("--replace", is_flag=True, help="Write over a file that is there.")
def workbook(door: Door, file: str, kinds: tuple[str, ...], whom: str, replace: bool) -> None:
    """Write a workbook to fill in with Excel.

    A sheet a kind, with what is known. When it is filled in: lrflow import FILE.xlsx

    \b
    lrflow workbook rwanda.xlsx                       everything of the route
    lrflow workbook people.xlsx participant delegation
    lrflow workbook procasur.xlsx --for facilitator   what the facilitator edits
    lrflow workbook malawi.xlsx --for D3              one alliance, its plan a form
    """
    from pathlib import Path

    from lrflow.commands import listing

    listing.make(door, Path(file), kinds, whom, replace=replace)


@verb("export")
@click.argument("file", metavar="FILE|-")
@click.argument("words", nargs=-1, metavar="[KIND...] [FIELD=VALUE...]")
@click.option("--replace", is_flag=True, help="Write over a file that is there.")
def export(door: Door, file: str, words: tuple[str, ...], replace: bool) -> None:
    """Write records to a file: .csv, .xlsx or .json.

    A CSV holds one kind; the others hold all, or those named. - prints a CSV, with --json JSON.

    \b
    lrflow export participants.csv participant state=attended
    lrflow export rwanda.xlsx
    lrflow export rwanda.json plan action
    lrflow export - person language=fr
    """
    from lrflow.commands import listing

    listing.export(door, file, words, replace=replace)


COMMANDS: tuple[click.Command, ...] = (workbook, export)
