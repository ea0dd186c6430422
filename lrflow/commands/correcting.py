"""Correct what was done: undo, remove, replace, note."""

import click

from lrflow.commands import completing
from lrflow.commands.door import Door, verb
from lrflow.commands.editing import narrowing


@verb("undo")
@click.argument("entry", required=False, default="", metavar="[L12]")
@click.option("--programme", "shared", is_flag=True, help="L12 of the programme's own log (lrflow log --programme).")
def undo(door: Door, entry: str, shared: bool) -> None:
    """Take back the last command, or that of L12.

    It shows what that was and asks. Nothing is erased: the log keeps both. Mail that has gone stays gone. Not for
    settings, a new route, go-live, confirmed messages, handover: they say so themselves.

    \b
    lrflow undo            the last command that stands
    lrflow undo L12        that one, as long as nothing depends on it
    """
    from lrflow.commands.correcting_words import take_back

    take_back(door, entry, shared)


@verb("remove")
@click.argument("words", nargs=-1, required=True, metavar="WHICH...", shell_complete=completing.ids)
@click.option("--reason", default="", metavar="TEXT", help="Why, for the log.")
@narrowing
def remove(
    door: Door, words: tuple[str, ...], reason: str, parent: str, where: tuple[str, ...], but: tuple[str, ...]
) -> None:
    """Remove records that should not be there.

    Asks first. Someone who drops out is not removed but marked: lrflow mark P7 withdrawn --reason "..."

    \b
    lrflow remove E9          lrflow remove S3-S5
    """
    from lrflow.commands.correcting_words import take_out

    take_out(door, words, reason, (parent, where, but))


@verb("replace")
@click.argument("key", metavar="P8|C3", shell_complete=completing.ids)
@click.argument("words", nargs=-1, required=True, metavar="NAME EMAIL [FIELD=VALUE...]")
@click.option("--reason", default="", metavar="TEXT", help="Why; asked for.")
def replace(door: Door, key: str, words: tuple[str, ...], reason: str) -> None:
    """Let someone else come in the place of P8 or C3.

    The new one gets what the other was named for: delegation, state, sessions to lead, plans to answer for.

    \b
    lrflow replace P8 "Esnart Banda" esnart@example.org --reason "visa refused"
    """
    from lrflow.commands.correcting_words import put_in_place

    put_in_place(door, key, words, reason)


@verb("note")
@click.argument("which", metavar="ID|route", shell_complete=completing.ids)
@click.argument("text", nargs=-1, required=True)
def note(door: Door, which: str, text: tuple[str, ...]) -> None:
    """Write a line beside a record, into the log.

    Ids, not names: the log is never changed.

    \b
    lrflow note A3 "district council met, decision in May"
    """
    from lrflow import history
    from lrflow.commands.door import tell

    subject, entry = history.note(door.database, door.route_key(changing=True), which, " ".join(text), door.act())
    sign = "would note" if door.dry_run else "✓ noted"
    lines = [f"{sign} beside {subject} (L{entry})", f"Next: lrflow log {subject}"]
    tell(door, "noted", {"of": subject, "entry": f"L{entry}"}, lines)


COMMANDS: tuple[click.Command, ...] = (undo, remove, replace, note)
