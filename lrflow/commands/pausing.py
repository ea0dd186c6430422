"""Pause: let messages wait until a day, list what waits, let it go."""

import click

from lrflow.commands.door import Door, verb


@verb("pause")
@click.argument("words", nargs=-1, required=True, metavar="WHAT")
@click.option("--until", "until", default="", metavar="DATE", help="The last day of silence; without one, no end.")
@click.option("--reason", "reason", default="", metavar="TEXT", help="Why; shown wherever the pause is listed.")
def pause(door: Door, words: tuple[str, ...], until: str, reason: str) -> None:
    """Let messages wait until a day.

    Of the route, about a record, to a person, of a rule. Nothing is lost: what waited is looked at again afterwards, as
    after an outage. A pause of the route leaves alone what you tell by hand and the Monday page, which lists it. A
    person's pause holds on every route.

    \b
    lrflow pause route --until 2016-10-16 --reason "elections in Rwanda"
    lrflow pause D3 --until +14d --reason "floods"        all that is D3's
    lrflow pause person v11@example.org --reason "bereaved"
    lrflow pause rule check-in --until +7d --reason "the form is being redone"
    lrflow pause list
    lrflow pause end D3
    """
    from lrflow.commands.pausing_words import begin, end, tell_pauses

    if words == ("list",):
        tell_pauses(door, until, reason)
    elif words[0] == "end" and len(words) > 1:
        end(door, words[1:], until, reason)
    else:
        begin(door, words, until, reason)


COMMANDS: tuple[click.Command, ...] = (pause,)
