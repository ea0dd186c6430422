"""Move a route: advance, back, hold, resume, cancel, reopen, waive."""

from typing import TYPE_CHECKING

import click

from lrflow.commands import completing
from lrflow.commands.door import Door, verb

if TYPE_CHECKING:
    from lrflow.routes import Moved

reason = click.option("--reason", default="", metavar="TEXT", help="Why.")
confirmed = click.option(
    "--confirm", "confirmed", default="", metavar="ROUTE", help="The route's name, instead of being asked."
)


def _told(door: Door, moved: "Moved") -> None:
    from lrflow.commands import moved as words

    words.tell_moved(door, moved)


@verb("advance")
@click.option("--note", default="", metavar="TEXT", help="A line for the log.")
@click.option("--from", "seen", default="", metavar="STAGE", help="The stage you believe it is in.")
@confirmed
def advance(door: Door, note: str, seen: str, confirmed: str) -> None:
    """Move the route on, or say what stands in the way.

    Exit 3 when blocked. Nothing is changed then but the log.
    """
    from lrflow import routes
    from lrflow.commands.moved import seen_now

    key = door.route_key(changing=True)
    stage, closes = seen_now(door, key)
    if closes:
        door.confirm_name(f"This closes {key}", key, confirmed)
    moved = routes.advance(door.database, key, door.act(note), seen=seen or stage, insisting=bool(seen))
    _told(door, moved)


@verb("back")
@click.argument("stage", shell_complete=completing.stages_behind)
@reason
def back(door: Door, stage: str, reason: str) -> None:
    """Send the route back to an earlier stage.

    The evidence that the stage it leaves gave must be given again.
    """
    from lrflow import routes

    _told(door, routes.back(door.database, door.route_key(changing=True), stage.replace("-", "_"), door.act(reason)))


@verb("hold")
@click.option("--review", required=True, metavar="DATE", help="When it will be looked at again.")
@reason
def hold(door: Door, review: str, reason: str) -> None:
    """Put the route on hold until a day of review.

    lrflow hold --review +30d --reason "..."
    """
    from lrflow import routes

    day = door.read_day(review).isoformat()
    _told(door, routes.hold(door.database, door.route_key(changing=True), day, door.act(reason)))


@verb("resume")
@click.option("--note", default="", metavar="TEXT", help="A line for the log.")
def resume(door: Door, note: str) -> None:
    """Let a route on hold go on from where it was."""
    from lrflow import routes

    _told(door, routes.resume(door.database, door.route_key(changing=True), door.act(note)))


@verb("cancel")
@reason
@confirmed
def cancel(door: Door, reason: str, confirmed: str) -> None:
    """End the route before its time.

    Everything is kept; nothing is sent any more.
    """
    from lrflow import routes

    key = door.route_key(changing=True)
    door.confirm_name(f"This cancels {key}", key, confirmed)
    _told(door, routes.cancel(door.database, key, door.act(reason)))


@verb("reopen")
@reason
def reopen(door: Door, reason: str) -> None:
    """Open a closed or cancelled route again, for an owner."""
    from lrflow import routes

    _told(door, routes.reopen(door.database, door.route_key(changing=True), door.act(reason)))


@verb("waive")
@click.argument("guard", shell_complete=completing.guards)
@reason
@click.option("--until", default="", metavar="DATE", help="Until when; the longest that is allowed unless set.")
@click.option(
    "--approved-by",
    "approved_by",
    default="",
    metavar="EMAIL",
    help="Who consented, when you may not yourself.",
    shell_complete=completing.people,
)
def waive(door: Door, guard: str, reason: str, until: str, approved_by: str) -> None:
    """Set a soft guard aside, with a reason.

    For this stay in the stage. It stays visible, and is never recorded as met.
    """
    from lrflow import routes
    from lrflow.commands.moved import tell_waived

    day = door.read_day(until) if until else None
    key = door.route_key(changing=True)
    tell_waived(door, routes.waive(door.database, key, guard, door.act(reason), until=day, approved_by=approved_by))


COMMANDS: tuple[click.Command, ...] = (advance, back, hold, resume, cancel, reopen, waive)
