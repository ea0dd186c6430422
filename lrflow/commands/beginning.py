"""Begin a programme: ask what was not said, make the folder, the settings and the database."""

import re
import sys
from pathlib import Path

import click

from lrflow.commands.door import Door

_WHO = re.compile(r"^\s*(?P<name>[^<>]+?)\s*<(?P<email>[^<>]+)>\s*$")


def begin(door: Door, folder: str | None, me: str | None, name: str | None, zone: str | None) -> dict[str, str]:
    """Make the programme; what is to be told of it. Refuses a folder that holds one already."""
    from lrflow import clock, settings
    from lrflow.errors import Misused

    home = Path(folder) if folder else settings.default_home() if not _named_home() else Path(_named_home())
    if (home / settings.DATABASE).exists():
        raise Misused(f"{home} holds a programme already", remedy=["cd " + str(home), "lrflow status"])
    who, email = _who(door, me)
    zone = clock.zone_of(_asked(door, "Time zone", zone, "UTC")).key
    title = _asked(door, "Programme", name, "Learning Routes")
    if not door.dry_run:
        _make(home, title, (who, email), zone)
    entering = f"cd {home} && " if home != Path.cwd() and folder else ""
    following = f'{entering}lrflow add route rwanda-2016 "Learning Route in Rwanda" planned_visit=2016-09'
    return {"programme": title, "home": str(home), "me": email, "next": following}


def _make(home: Path, title: str, me: tuple[str, str], zone: str) -> None:
    from lrflow import clock, settings, tracks
    from lrflow.database import Database, create
    from lrflow.errors import Unavailable
    from lrflow.store import Act

    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise Unavailable(f"{home} cannot be made: {fault.strerror}", remedy="choose another folder") from None
    create(home / settings.DATABASE)
    database = Database(home / settings.DATABASE)
    tracks.start_programme(database, title, me, Act(me[1], clock.now(zone), zone))
    database.close()
    for key, value in (("me", me[1]), ("timezone", zone), ("sender_address", me[1]), ("sender_name", me[0])):
        settings.keep(settings.load_from(home), key, value)


def _named_home() -> str:
    import os

    return os.environ.get("LRFLOW_HOME", "")


def _who(door: Door, me: str | None) -> tuple[str, str]:
    from lrflow.catalogue.reading import read_email
    from lrflow.errors import Misused

    said = me or door.actor or _asked(door, "Your name and e-mail, as NAME <EMAIL>", None, "")
    match = _WHO.match(said)
    if match:
        return match["name"], read_email(match["email"])
    if "@" in said:
        return said.split("@")[0], read_email(said)
    raise Misused("who are you? a programme needs its first coordinator", remedy='--me "NAME <EMAIL>"')


def _asked(door: Door, question: str, given: str | None, default: str) -> str:
    if given:
        return given
    if door.no_input or door.yes or not sys.stdin.isatty():
        return default
    return str(click.prompt(question, default=default or None, err=True))
