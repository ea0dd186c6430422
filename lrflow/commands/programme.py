"""Set up: a new programme, its settings, the current route, the database."""

import click

from lrflow.commands import completing
from lrflow.commands.door import Door, Group, everywhere, tell, verb


@verb("init")
@click.argument("folder", required=False, type=click.Path(file_okay=False))
@click.option("--me", help='Who you are: "NAME <EMAIL>".')
@click.option("--programme", "name", help="The programme's name.")
@click.option("--timezone", "zone", help="The zone in which days are meant, e.g. Africa/Kigali.")
def init(door: Door, folder: str | None, me: str | None, name: str | None, zone: str | None) -> None:
    """Begin a programme.

    In FOLDER, or in your own place when none is named.

    \b
    lrflow init csn --me "Grace Phiri <grace@csona.example>" --timezone Africa/Blantyre
    """
    from lrflow.commands.beginning import begin

    done = begin(door, folder, me, name, zone)
    head = "would begin:" if door.dry_run else "✓ Ready:"
    lines = [f"{head} {done['programme']}, in {done['home']}. You own and coordinate it."]
    tell(door, "init", done, [*lines, f"Next: {done['next']}"])


@verb("demo")
@click.argument("folder", required=False, type=click.Path(file_okay=False))
def demo(door: Door, folder: str | None) -> None:
    """Live a real route, Rwanda 2016, and look around.

    From an empty folder to its end, in ten seconds; the folder is left to explore.
    """
    from pathlib import Path

    from lrflow import demo as story

    story.live(Path(folder or "lrflow-demo"), click.echo)


@verb("use")
@click.argument("key", metavar="ROUTE", shell_complete=completing.routes)
def use(door: Door, key: str) -> None:
    """Make ROUTE the current one."""
    from lrflow import settings, store

    with door.database.begin() as unit:
        found = store.read_route(unit, key)
    if not door.dry_run:
        settings.keep(door.settings, "route", found.key)
        settings.keep(settings.load_from(door.settings.home), "route_on", door.today().isoformat())
    line = f"would use {found.key}" if door.dry_run else f"✓ {found.key} is the current route. Next: lrflow status"
    tell(door, "use", {"route": found.key, "dry_run": door.dry_run}, [line])


@click.group("settings", cls=Group)
@everywhere
def settings_group() -> None:
    """Show and change the settings of this computer."""


def _show(door: Door) -> None:
    from lrflow import settings

    rows = [(name, door.settings.get(name), door.settings.source(name)) for name in settings.KNOWN]
    lines = [f"Settings of {door.settings.home}"]
    lines += [f"  {name:<22} {value or '-':<32} {source}" for name, value, source in rows]
    tell(door, "settings", {name: {"value": value, "source": source} for name, value, source in rows}, lines)


@verb("show")
def settings_show(door: Door) -> None:
    """Every setting, its value and where it came from."""
    _show(door)


@verb("set")
@click.argument("words", nargs=-1, required=True, metavar="NAME=VALUE...", shell_complete=completing.settings_to_set)
def settings_set(door: Door, words: tuple[str, ...]) -> None:
    """Set one or more: lrflow settings set smtp_host=mail.example.org smtp_port=587

    Settings are of this computer: undo does not reach them, but what was set before is shown.
    """
    from lrflow import settings
    from lrflow.commands.words import fields_of

    pairs = fields_of(words)
    for name, value in pairs.items():
        settings.check(name, value)
    before = [f"  {name}: {door.settings.get(name) or '-'} -> {value}" for name, value in pairs.items()]
    for name, value in pairs.items() if not door.dry_run else ():
        settings.keep(settings.load_from(door.settings.home), name, value)
    tell(door, "settings", pairs, ["would set" if door.dry_run else "✓ set", *before, "Next: lrflow settings show"])


@verb("unset")
@click.argument("name", shell_complete=completing.settings)
def settings_unset(door: Door, name: str) -> None:
    """Remove a setting, so that its default holds."""
    from lrflow import settings

    settings.check(name, None)
    if not door.dry_run:
        settings.keep(door.settings, name, None)
    line = f"would remove {name}" if door.dry_run else f"✓ {name} is not set any more"
    tell(door, "settings", {name: None}, [line])


for each in (settings_show, settings_set, settings_unset):
    settings_group.add_command(each)


@click.group("database", cls=Group)
@everywhere
def database_group() -> None:
    """Look after the database file."""


@verb("upgrade")
def database_upgrade(door: Door) -> None:
    """Bring a database of an older lrflow up to date; a copy is kept in backups/ first."""
    from lrflow.database import upgrade
    from lrflow.errors import Misused

    if door.dry_run:
        raise Misused("an upgrade has no dry run: it keeps a copy in backups/ first", remedy="lrflow database upgrade")
    version = upgrade(door.settings.database)
    tell(door, "database.upgrade", {"schema": version}, [f"✓ {door.settings.database} has schema {version}"])


database_group.add_command(database_upgrade)

COMMANDS: tuple[click.Command, ...] = (init, demo, use, settings_group, database_group)
