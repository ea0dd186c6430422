"""Holidays: those of the countries in use, and the ones that a person knows better."""

from typing import TYPE_CHECKING, Any

import click

from lrflow.commands import completing
from lrflow.commands.door import Door, Group, everywhere, verb

if TYPE_CHECKING:
    from collections.abc import Callable


@click.group("holiday", cls=Group)
@everywhere
def holiday_group() -> None:
    """Holidays on which nobody is written to, and their corrections."""


def of_country(command: "Callable[..., Any]") -> "Callable[..., Any]":
    """Give *command* the country and the day that it corrects, and why."""
    options = (
        click.argument("day", metavar="DATE"),
        click.argument("country", metavar="COUNTRY", shell_complete=completing.countries),
        click.option("--reason", default="", metavar="TEXT", help="Why, or who said so; kept in the log."),
    )
    for option in options:
        command = option(command)
    return command


@verb("list")
@click.argument("country", required=False, default="", metavar="[COUNTRY]", shell_complete=completing.countries)
@click.option("--year", type=click.IntRange(1990, 2100), help="Of this year; from today for a year unless set.")
def holiday_list(door: Door, country: str, year: int | None) -> None:
    """The holidays of the countries in use, or of one.

    Estimated ones are decided by the moon: correct them as they are announced.

    \b
    lrflow holiday list                   lrflow holiday list RW --year 2017
    """
    from lrflow.commands.holiday_words import tell_holidays

    tell_holidays(door, country, year)


@verb("add")
@of_country
@click.argument("name", nargs=-1, required=True, metavar="NAME")
def holiday_add(door: Door, country: str, day: str, name: tuple[str, ...], reason: str) -> None:
    """Let a day be a holiday, even from today to tomorrow.

    What is planned for it moves to the next working day of each reader there; what was sent stays sent.

    \b
    lrflow holiday add RW 2017-06-26 "Eid al-Fitr"
    """
    from lrflow.commands.holiday_words import tell_corrected
    from lrflow.tracks.holidays import add_holiday

    tell_corrected(door, add_holiday(door.database, country, day, " ".join(name), door.act(reason)), is_off=True)


@verb("remove")
@of_country
def holiday_remove(door: Door, country: str, day: str, reason: str) -> None:
    """Let a day be no holiday, whatever the calendars say.

    \b
    lrflow holiday remove RW 2017-06-27 --reason "the moon was seen a day earlier"
    """
    from lrflow.commands.holiday_words import tell_corrected
    from lrflow.tracks.holidays import remove_holiday

    tell_corrected(door, remove_holiday(door.database, country, day, door.act(reason)), is_off=False)


for each in (holiday_list, holiday_add, holiday_remove):
    holiday_group.add_command(each)

COMMANDS: tuple[click.Command, ...] = (holiday_group,)
