"""People who leave, ask for silence, or whose address is dead."""

import click

from lrflow.commands import completing
from lrflow.commands.door import Door, Group, everywhere, verb

WAYS = ("reply", "call", "in-person", "letter")


@click.group("person", cls=Group)
@everywhere
def person_group() -> None:
    """People who leave, ask for silence, or whose address is dead.

    Everything else about people: lrflow set person EMAIL field=value
    """


@verb("leave")
@click.argument("who", metavar="PERSON", shell_complete=completing.people)
@click.option("--successor", "successor", default="", metavar="WHO", help="Who takes over what is open.")
@click.option("--reason", "reason", required=True, metavar="TEXT", help="Why; kept in the log.")
def person_leave(door: Door, who: str, successor: str, reason: str) -> None:
    """Say that a person leaves: nothing is deleted.

    --on DATE is the first day on which the person is not there any more, today unless set; it may lie ahead. From then
    on messages go to the successor, and the first one says what was inherited. Without a successor, what is nobody's is
    listed, and comes back every Monday.

    \b
    lrflow person leave v11@example.org --on 2016-10-01 --successor v12@example.org --reason "new post"
    """
    from lrflow.commands.people_words import leave

    leave(door, who, successor, reason)


@verb("opt-out")
@click.argument("who", metavar="PERSON", shell_complete=completing.people)
@click.option("--of", "of", default="", metavar="ID", help="Silence about this record only, and what hangs on it.")
@click.option("--on-route", "on_route", is_flag=True, help="Silence about everything of this route.")
@click.option("--via", "via", required=True, type=click.Choice(WAYS), help="How the person said so.")
@click.option("--reason", "reason", default="", metavar="TEXT", help="In which words.")
def person_opt_out(door: Door, who: str, of: str, on_route: bool, via: str, reason: str) -> None:
    """Keep that a person wants no more messages.

    At all, unless --of or --on-route says of what. Whatever the person owes stays owed. Of one record or one route you
    are asked to call instead; who wants no messages at all is left in peace. Back: person opt-in.

    \b
    lrflow person opt-out v11@example.org --of A3 --via call --reason "done by the ministry"
    lrflow person opt-out v11@example.org --on-route --via reply
    lrflow person opt-out v11@example.org --via reply
    """
    from lrflow.commands.people_words import opt_out

    opt_out(door, who, (of, on_route), (via, reason))


@verb("opt-in")
@click.argument("who", metavar="PERSON", shell_complete=completing.people)
@click.option("--of", "of", default="", metavar="ID", help="Messages about this record again.")
@click.option("--on-route", "on_route", is_flag=True, help="Messages of this route again, its records included.")
@click.option("--via", "via", required=True, type=click.Choice(WAYS), help="How the person said so.")
@click.option("--reason", "reason", default="", metavar="TEXT", help="In which words.")
def person_opt_in(door: Door, who: str, of: str, on_route: bool, via: str, reason: str) -> None:
    """Keep that a person wants messages again.

    Of everything, unless --of or --on-route says of what. What was left out meanwhile is not sent after all.

    \b
    lrflow person opt-in v11@example.org --via call
    """
    from lrflow.commands.people_words import opt_in

    opt_in(door, who, (of, on_route), (via, reason))


@verb("address")
@click.argument("who", metavar="PERSON", shell_complete=completing.people)
@click.argument("state", type=click.Choice(("good", "dead")))
@click.option("--reason", "reason", default="", metavar="TEXT", help="How you know.")
def person_address(door: Door, who: str, state: str, reason: str) -> None:
    """Say that mail to a person's address arrives, or comes back.

    lrflow notices by itself when a server refuses an address; a new address begins anew:
    lrflow set person EMAIL email=NEW

    \b
    lrflow person address v11@example.org good --reason "the mailbox was full, she says"
    """
    from lrflow.commands.people_words import address

    address(door, who, state, reason)


for each in (person_leave, person_opt_out, person_opt_in, person_address):
    person_group.add_command(each)

COMMANDS: tuple[click.Command, ...] = (person_group,)
