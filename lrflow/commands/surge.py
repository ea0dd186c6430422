"""Show what a command has made many people get, and ask before it leaves."""

import sys

import click

from lrflow.commands.door import Door

MOST_PARTS = 6
UNASKED = frozenset({"run", "service", "takeover", "handover"})


def ask(door: Door) -> None:
    """After a command that wrote: what it sends to far more people than usual needs a yes, or is held at its hour."""
    if door.verb in UNASKED or not door.has_written:
        return
    from lrflow import nudges

    surge = nudges.surge_of(door.database, door.now())
    if surge is None:
        return
    parts = [f"{rule} to {people} on {day}" for rule, day, people in surge.parts[:MOST_PARTS]]
    click.echo(f"! {surge.people} people get a message soon: {', '.join(parts)}", err=True)
    if door.yes or (_can_ask(door) and click.confirm("  Let it leave?", err=True)):
        nudges.let_leave(door.database, door.now())
        return
    click.echo("  it is held when its hour comes. Next: lrflow nudge preview, then: lrflow nudge release all", err=True)


def _can_ask(door: Door) -> bool:
    return not door.no_input and not door.as_json and sys.stdin.isatty()
