"""Write records: add, set, mark, attach."""

from collections.abc import Callable
from typing import Any

import click

from lrflow.commands import completing
from lrflow.commands.door import Door, verb

_OF, _WHERE = "Only those that belong to ID, e.g. D2.", "Only those with this value."
_EXCEPT, _PARENT = "But not this one.", "What it belongs to: --of D2, --of A1, --of E3."


def narrowing(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give *command* the options that narrow a whole kind: --of, --where, --except."""
    options = (
        click.option("--of", "parent", default="", metavar="ID", help=_OF, shell_complete=completing.ids),
        click.option(
            "--where", multiple=True, metavar="FIELD=VALUE", help=_WHERE, shell_complete=completing.conditions
        ),
        click.option("--except", "but", multiple=True, metavar="ID", help=_EXCEPT, shell_complete=completing.ids),
    )
    for option in options:
        command = option(command)
    return command


@verb("add")
@click.argument("kind", shell_complete=completing.kinds)
@click.argument("words", nargs=-1, metavar="[NAME] [FIELD=VALUE...]", shell_complete=completing.fields)
@click.option("--of", "parent", default="", metavar="ID", help=_PARENT, shell_complete=completing.ids)
@click.option("--workflow", default="sun-csn", show_default=True, help="For a route: the workflow it follows.")
def add(door: Door, kind: str, words: tuple[str, ...], parent: str, workflow: str) -> None:
    """Add a record, a person, an organisation, a route.

    \b
    lrflow add route rwanda-2016 "Learning Route in Rwanda" planned_visit=2016-09
    lrflow add organisation CSONA kind=csa country=MW in_registry=yes
    lrflow add experience "Milk way" areas=advocacy+policy good_practice=yes
    lrflow add delegation CSONA
    lrflow add participant "Esnart Banda" mw1@example.org --of D3
    lrflow add session 2016-10-31 case_presentation experience=E1 leads=C1
    lrflow list KIND shows what is there; a wrong field name shows the right ones.
    """
    from lrflow.commands import writing

    writing.add(door, kind, words, parent, workflow)


@verb("set")
@click.argument("words", nargs=-1, required=True, metavar="WHICH... FIELD=VALUE...", shell_complete=completing.changes)
@click.option("--reason", default="", metavar="TEXT", help="Why; asked for when a date or a rule changes.")
@narrowing
def set_fields(
    door: Door, words: tuple[str, ...], reason: str, parent: str, where: tuple[str, ...], but: tuple[str, ...]
) -> None:
    """Change fields of records, people, the route.

    Of the route's roles and rules, of an organisation, of the programme too.

    \b
    lrflow set E1 E4-E5 areas=msp+policy          lrflow set K1 how=@how.txt
    lrflow set S objectives=O1 --where kind=analysis
    lrflow set route host="SUN Alliance Rwanda" host_country=RW coordinator=grace@csona.example
    lrflow set route min_csas=5 --reason "two alliances share one delegation"
    lrflow set person mw1@example.org language=en
    lrflow set programme budget="1009038.00 GBP" ends_on=2018-01-31
    """
    from lrflow.commands import writing

    writing.set_fields(door, words, reason, (parent, where, but))


@verb("mark")
@click.argument(
    "words", nargs=-1, required=True, metavar="WHICH... STATE [FIELD=VALUE...]", shell_complete=completing.moves
)
@click.option("--reason", default="", metavar="TEXT", help="Why; asked for when someone leaves or it goes back.")
@narrowing
def mark(
    door: Door, words: tuple[str, ...], reason: str, parent: str, where: tuple[str, ...], but: tuple[str, ...]
) -> int:
    """Move records to a state, each judged alone.

    Exit 5 when some could not move, 3 when none could.

    \b
    lrflow mark E1 E2 E5 selected
    lrflow mark P1-P24 confirmed                  lrflow mark P cleared --where state=confirmed
    lrflow mark C1-C4 trained trained_on=2016-10-14 outcome=passed
    lrflow mark A1 awarded award="5000 USD" awarded_on=2017-01-31
    """
    from lrflow.commands import writing

    return writing.mark(door, words, reason, (parent, where, but))


@verb("attach")
@click.argument("target", shell_complete=completing.ids)
@click.argument("source", metavar="FILE|URL", shell_complete=completing.files)
@click.option(
    "--for",
    "claims",
    required=True,
    metavar="CLAIMS",
    shell_complete=completing.claims,
    help="good_practice, innovation, challenge, livelihoods or other; joined by +.",
)
@click.option("--what", default="", metavar="TEXT", help="What it is.")
def attach(door: Door, target: str, source: str, claims: str, what: str) -> None:
    """Attach a file or a link as evidence.

    It speaks for what is claimed of the record.

    \b
    lrflow attach E1 survey.pdf --for good_practice+challenge+livelihoods
    """
    from lrflow.commands import writing

    writing.attach(door, target, source, claims, what)


COMMANDS: tuple[click.Command, ...] = (add, set_fields, mark, attach)
