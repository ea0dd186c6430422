"""Change hands: hand the programme over to a colleague, take one over, be away."""

import click

from lrflow.commands.door import Door, verb


@verb("handover")
@click.argument("file", metavar="FILE", type=click.Path())
@click.option("--to", "to", default="", metavar="EMAIL", help="Who takes over; the file then lets that person in.")
@click.option(
    "--confirm", "given", default="", metavar="NAME", help="The programme's name, to go on without a question."
)
def handover(door: Door, file: str, to: str, given: str) -> None:
    """Hand the programme over: one file, and this copy is closed.

    FILE (or a new file in that folder) holds the database, the evidence, the settings that are not this computer's
    own, your workflow folders, and drafts not confirmed yet. From then on nothing is written or sent from this copy; it
    can still be read. There is no undo: takeover of the same file, here, opens it again. If FILE is lost, handover
    writes the same again.

    \b
    lrflow handover csn-2016-10-21.lrflow --to carla@example.org
    """
    from lrflow.commands.handing_words import give

    give(door, file, to, given)


@verb("takeover")
@click.argument("file", metavar="FILE", type=click.Path())
@click.argument("folder", required=False, default="", metavar="[FOLDER]")
@click.option("--me", "me", default="", metavar='"NAME <EMAIL>"', help="Who takes over: you.")
@click.option(
    "--approved-by", "approver", default="", metavar="EMAIL", help="The owner who agrees, if FILE is not for you."
)
@click.option(
    "--confirm", "given", default="", metavar="NAME", help="The programme's name, to go on without a question."
)
def takeover(door: Door, file: str, folder: str, me: str, approver: str, given: str) -> None:
    """Take a programme over, from a handover file or a copy.

    Into FOLDER; without one, where lrflow looks for your programme. A closed copy there is replaced, and kept in
    backups/. From a bare copy (lrflow.db, or one in backups/), what another copy may have sent since is listed and
    held: release it, or confirm that it was sent.

    \b
    lrflow takeover csn-2016-10-21.lrflow csn --me "Carla Ruiz <carla@example.org>"
    lrflow takeover backups/lrflow-until-2016-10-20.db
    """
    from lrflow.commands.handing_words import take

    take(door, file, folder, (me, approver, given))


@verb("away")
@click.argument("person", required=False, default="", metavar="[PERSON]")
@click.option("--until", "until", default="", metavar="DATE", help="The last day of the absence.")
@click.option("--deputy", "deputy", default="", metavar="WHO", help="Who stands in: messages, and what one may do.")
@click.option("--back", "back", is_flag=True, help="Back again: the absence ends.")
def away(door: Door, person: str, until: str, deputy: str, back: bool) -> None:
    """Be away: a deputy stands in until a day.

    Messages go to the deputy, who may do what the one away may. For somebody else: name PERSON.

    \b
    lrflow away --until 2016-10-30 --deputy carla@example.org
    lrflow away --until +14d --deputy carla@example.org felix@example.org
    lrflow away --back
    """
    from lrflow.commands.handing_words import leave, return_

    if back:
        return_(door, person, until, deputy)
    else:
        leave(door, person, until, deputy)


COMMANDS: tuple[click.Command, ...] = (handover, takeover, away)
