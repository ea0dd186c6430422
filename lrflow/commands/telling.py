"""Tell people something once, or print their addresses."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from lrflow.commands.door import Door, tell, verb
from lrflow.commands.editing import narrowing

if TYPE_CHECKING:
    from lrflow.database import Row
    from lrflow.nudges import Audience, Told
    from lrflow.tracks import Which
NAMED = 6  # so many people are named for each morning


@verb("tell")
@click.argument("words", nargs=-1, required=True, metavar="WHICH...")
@click.option("--emails", is_flag=True, help="Print their addresses, to paste into a mail program; send nothing.")
@click.option("--subject", default="", metavar="TEXT", help="The subject of the message.")
@click.option("--text", default="", metavar="TEXT|@FILE|-", help="What it says: 600 characters, as you type it.")
@narrowing
def tell_people(
    door: Door,
    words: tuple[str, ...],
    emails: bool,
    subject: str,
    text: str,
    parent: str,
    where: tuple[str, ...],
    but: tuple[str, ...],
) -> None:
    """Write to people once, or print their addresses.

    It shows the message and asks. It leaves on the next working morning of each, with whatever else is due to them.
    WHICH: P and C themselves, D its lead and focal point, A its owner, a role, an address.

    \b
    lrflow tell P --where state=confirmed --subject "Bring your passport" --text @passport.txt
    lrflow tell D3 coordinator --subject "Call on Monday" --text "We call you at ten."
    lrflow tell P1-P24 --emails
    """
    from lrflow.tracks import Which

    which = Which(words, parent, where, but)
    if emails:
        _print_emails(door, which)
    else:
        _tell(door, which, subject, text)


def _print_emails(door: Door, which: "Which") -> None:
    from lrflow import nudges

    found = nudges.audience(door.database, door.route_key(), which, door.today())
    data = {"people": _people(found), "left_out": list(found.left_out)}
    tell(door, "emails", data, ["; ".join(_pasted(each["name"], each["email"]) for each in _people(found))])
    for each in found.left_out if not door.as_json else ():
        click.echo(f"left out: {each}", err=True)


def _people(found: "Audience") -> list[dict[str, str]]:
    from lrflow.messages import flat

    return [{"name": flat(str(each["name"])), "email": str(each["email"])} for each in found.people]


def _pasted(name: str, address: str) -> str:
    """One address as mail programs read it in a list: a name with signs that mean something there is quoted."""
    if any(sign in name for sign in '",;:<>()[]@\\'):
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        name = f'"{escaped}"'
    return f"{name} <{address}>"


def _tell(door: Door, which: "Which", subject: str, text: str) -> None:
    from dataclasses import replace

    from lrflow import nudges
    from lrflow.commands.words import fields_of
    from lrflow.errors import Misused

    if not text:
        both = ['lrflow tell WHICH --subject "..." --text "..."', "lrflow tell WHICH --emails"]
        raise Misused("say what to tell them, or ask for their addresses", remedy=both)
    body = fields_of([f"text={'@-' if text == '-' else text}"])["text"]
    key, act = door.route_key(changing=True), door.act()
    sender = door.settings.get("sender_name") or door.settings.get("sender_address")
    if not door.yes and not door.dry_run:
        seen = nudges.tell(door.database, key, which, (subject, body), sender, replace(act, dry_run=True))
        click.echo("\n".join(_preview(seen)), err=True)
        door.confirm(f"Send this to {_many(len(seen.audience.people))}?")
    told = nudges.tell(door.database, key, which, (subject, body), sender, act)
    lines = [*(_preview(told) if door.dry_run else []), *_lines(door, told)]
    data: dict[str, Any] = {
        "entry": f"L{told.entry}",
        "people": [
            {"name": row["person_name"], "on": row["local_on"], "at": row["at"], "zone": row["zone"]}
            for row in told.nudges
        ],
        "left_out": list(told.audience.left_out),
        "dry_run": door.dry_run,
    }
    tell(door, "told", data, lines)


def _many(number: int) -> str:
    return f"{number} {'person' if number == 1 else 'people'}"


def _preview(told: "Told") -> list[str]:
    """The first message word for word, and who gets it when."""
    from lrflow.commands.nudge_words import preview_lines

    return [*preview_lines([told.first]), *_who_and_when(told)]


def _lines(door: Door, told: "Told") -> list[str]:
    people = _many(len(told.audience.people))
    if door.dry_run:
        return [f"{people} would be told (L{told.entry})", "Next: the same without -n"]
    lines = [f"✓ {people} will be told (L{told.entry})", *_who_and_when(told)]
    return [*lines, "  to take it back before it leaves: lrflow undo", f"Next: lrflow nudge preview L{told.entry}"]


def _who_and_when(told: "Told") -> list[str]:
    left_out = [f"  not told: {each}" for each in told.audience.left_out]
    rehearsal = [] if told.live_on else ["  REHEARSAL: nothing is sent until: lrflow nudge go-live"]
    return [*morning_lines(told.nudges), *left_out, *rehearsal]


def morning_lines(nudges: Sequence["Row"]) -> list[str]:
    """A line for each morning, in the time of those who are told then."""
    from datetime import date

    from lrflow.guards import shorten

    groups: dict[tuple[str, str, str], list[str]] = {}
    for row in nudges:
        groups.setdefault((row["local_on"], row["at"], row["zone"]), []).append(str(row["person_name"]))
    return [
        f"  {date.fromisoformat(day):%a} {day} {at} {zone}: {shorten(names, NAMED)}"
        for (day, at, zone), names in groups.items()
    ]


COMMANDS: tuple[click.Command, ...] = (tell_people,)
