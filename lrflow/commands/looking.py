"""Look without changing anything: status, check, show, list, log, calendar."""

from typing import TYPE_CHECKING

import click

from lrflow.commands import completing
from lrflow.commands.door import Door, tell, verb

if TYPE_CHECKING:
    from lrflow.routes import Outlook


_OF, _WHERE = "Only those that belong to ID, e.g. D2.", "The same as FIELD=VALUE alone."
_EXCEPT = "But not this one."


def show_status(door: Door) -> None:
    """Print where the current route stands, or how to begin."""
    from lrflow.commands import standing

    if not door.settings.database.is_file() and not door.route:
        tell(door, "welcome", {"home": str(door.settings.home)}, standing.WELCOME)
        return
    keys = standing.route_keys(door)
    if not keys:
        line = 'No route yet. Next: lrflow add route rwanda-2016 "Learning Route in Rwanda" planned_visit=2016-09'
        tell(door, "status", {"routes": []}, [line])
        return
    standing.tell_status(door, keys)


@verb("status")
@click.option("--all", "everything", is_flag=True, help="Every route, a line each.")
def status(door: Door, everything: bool) -> None:
    """Where the route stands, and what needs you.

    What blocks the next stage, what goes out this week, what waits for your word.
    """
    if everything:
        from lrflow.commands import standing

        standing.tell_board(door)
        return
    show_status(door)


def _look(door: Door) -> "Outlook":
    from lrflow import routes

    return routes.look(door.database, door.route_key(), door.today())


@verb("check")
@click.option("--all", "everything", is_flag=True, help="Also the guards that are met.")
@click.option(
    "--to",
    "stage",
    default="",
    metavar="STAGE",
    help="Up to a later stage, judged as of today.",
    shell_complete=completing.stages_ahead,
)
@click.pass_context
def check(ctx: click.Context, door: Door, everything: bool, stage: str) -> int:
    """What the next stage asks, guard by guard.

    With numbers, what is missing and what to type. Exit 3 when something stands in the way.

    \b
    lrflow check --to learning_visit      what every step up to there will ask
    """
    if stage:
        from lrflow.commands import outlook

        return outlook.tell_way(door, _look(door), stage, everything)
    from lrflow.commands import standing

    return standing.tell_check(door, _look(door), everything)


@verb("show")
@click.argument("words", nargs=-1, required=True, metavar="ID|ROUTE|NAME", shell_complete=completing.things)
def show(door: Door, words: tuple[str, ...]) -> None:
    """Everything known of one record.

    Of a person or organisation, of the route or the programme too.

    \b
    lrflow show E1        lrflow show person mw1@example.org
    lrflow show route     lrflow show programme
    """
    from lrflow.commands import showing

    showing.tell_one(door, words)


@verb("list")
@click.argument("kind", shell_complete=completing.kinds)
@click.argument("conditions", nargs=-1, metavar="[FIELD=VALUE...]", shell_complete=completing.conditions)
@click.option("--of", "parent", default="", metavar="ID", help=_OF, shell_complete=completing.ids)
@click.option("--where", multiple=True, metavar="FIELD=VALUE", help=_WHERE, shell_complete=completing.conditions)
@click.option("--except", "but", multiple=True, metavar="ID", help=_EXCEPT, shell_complete=completing.ids)
@click.option("--columns", default="", metavar="FIELDS", help="What to show, e.g. name,email,organisation.country.")
def list_records(
    door: Door,
    kind: str,
    conditions: tuple[str, ...],
    parent: str,
    where: tuple[str, ...],
    but: tuple[str, ...],
    columns: str,
) -> None:
    """The records of a kind, a line each.

    Signs: = != < <= > >=; quote < and > for the shell. lead= is empty, a+b is either, a path leads on.

    \b
    lrflow list participant state=confirmed+cleared language=fr --of D2
    lrflow list action "due<2016-12-01" state!=done
    lrflow list delegation reached=confirmed organisation.country=MW lead=
    lrflow list person --columns email,organisation,language
    """
    from lrflow.commands import showing
    from lrflow.tracks import Which

    showing.tell_many(door, kind, Which((kind,), parent, (*conditions, *where), but), columns)


@verb("log")
@click.argument("subject", required=False, default="", shell_complete=completing.ids)
@click.option("-N", "limit", type=click.IntRange(min=1), default=20, show_default=True, help="How many, newest first.")
@click.option("--programme", "shared", is_flag=True, help="What happened to people, organisations, the programme.")
def log(door: Door, subject: str, limit: int, shared: bool) -> None:
    """What happened, who did it and why.

    Newest first; of one record if named: lrflow log E1, lrflow log route
    """
    from lrflow import store
    from lrflow.render import entry_data, log_lines

    key = "" if shared else door.route_key()
    with door.database.begin() as unit:
        route = None if shared else store.read_route(unit, key).id
        about = subject if subject in ("", "route") else subject.upper()
        entries = store.entries_of(unit, route, limit=limit, subject=about)
    if subject and not entries:
        from lrflow.errors import NotFound

        raise NotFound(f"nothing is known of {subject}", remedy="lrflow log")
    tell(door, "log", [entry_data(each) for each in entries], log_lines(entries, door.zone) or ["nothing yet"])


@verb("calendar")
@click.option("--from", "first", default="", metavar="DATE", help="From this day; today unless set.")
@click.option("--to", "last", default="", metavar="DATE", help="Until this day; 60 days on unless set.")
def calendar(door: Door, first: str, last: str) -> None:
    """What lies ahead, day by day.

    The visit, sessions, deadlines, check-ins, nudges, holidays.
    """
    from lrflow.commands import standing

    standing.tell_calendar(door, first, last)


COMMANDS: tuple[click.Command, ...] = (status, check, show, list_records, log, calendar)
