"""What every command shares: the options given anywhere, and from them the actor, the route, the database."""

import re
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from lrflow.commands import completing

if TYPE_CHECKING:
    from lrflow.database import Database, Unit
    from lrflow.settings import Settings
    from lrflow.store import Act

STALE_AFTER = timedelta(days=7)
GLANCE_SECONDS = 0.2


@dataclass(slots=True)
class Door:
    """The options of this command line, before or after the verb; the innermost wins."""

    route: str = ""
    actor: str = ""
    happened: str = ""
    as_json: bool = False
    dry_run: bool = False
    yes: bool = False
    no_input: bool = False
    debug: bool = False
    verb: str = ""  # what was really done, not only asked for help about
    _settings: "Settings | None" = field(default=None, repr=False)
    _database: "Database | None" = field(default=None, repr=False)

    @property
    def settings(self) -> "Settings":
        """The settings in force, read once."""
        if self._settings is None:
            from lrflow import settings

            self._settings = settings.load()
        return self._settings

    @property
    def database(self) -> "Database":
        """The programme's database; `NotFound` says how to begin when there is none."""
        if self._database is None:
            from lrflow.database import Database

            self._database = Database(self.settings.database)
        return self._database

    @property
    def has_written(self) -> bool:
        """Whether this command changed anything."""
        return self._database is not None and self._database.has_written

    @property
    def zone(self) -> str:
        """The zone in which days are meant."""
        return self.settings.get("timezone") or "UTC"

    def now(self) -> datetime:
        """The instant of this command, aware, UTC."""
        from lrflow import clock

        return clock.now(self.zone)

    def today(self) -> date:
        """Today in the programme's zone."""
        from lrflow import clock

        return clock.today(self.now(), self.zone)

    def read_day(self, text: str) -> date:
        """The day that is entered as *text*; one far from the programme is refused."""
        from contextlib import closing

        from lrflow import store
        from lrflow.catalogue.reading import period_of, read_day
        from lrflow.database import Database
        from lrflow.errors import NotFound

        try:
            # A look of its own: what asks may be in the middle of a transaction.
            with closing(Database(self.settings.database)) as database, database.begin() as unit:
                programme = store.programme_of(unit)
        except NotFound:  # it is only begun, or taken over
            programme = {"starts_on": None, "ends_on": None}
        period = period_of(programme["starts_on"], programme["ends_on"], self.today())
        return date.fromisoformat(read_day(text, self.today(), period=period))

    def act(self, reason: str = "") -> "Act":
        """Who acts, when, and on which day it happened. A day ahead is refused."""
        from lrflow.errors import Misused
        from lrflow.store import Act

        day = self.read_day(self.happened) if self.happened else None
        if day and day > self.today():
            raise Misused(f"--on {day} lies ahead: only what has happened can be recorded")
        actor = self.actor or self.settings.get("as") or self.settings.get("me")
        return Act(actor, self.now(), self.zone, day, reason, self.dry_run)

    def route_key(self, *, changing: bool = False) -> str:
        """The route meant: named, chosen with `lrflow use`, or the only one open. A changing verb asks when unsure."""
        if self.route:
            return self.route
        from lrflow.errors import Misused, NotFound

        chosen = self.settings.get("route")
        if chosen and not (changing and self._is_stale()):
            return chosen
        open_routes = self._open_routes()
        if chosen:
            if len(open_routes) > 1:
                self.confirm(f"This will change {chosen} (chosen a while ago; open: {', '.join(open_routes)}). Go on?")
            return chosen
        if len(open_routes) == 1:
            return open_routes[0]
        if not open_routes:
            raise NotFound("there is no route yet", remedy='lrflow add route rwanda-2016 "Learning Route in Rwanda"')
        raise Misused("several routes are open: say which", problems=open_routes, remedy=f"lrflow use {open_routes[0]}")

    def _open_routes(self) -> list[str]:
        from lrflow import store

        with self.database.begin() as unit:
            return [each.key for each in store.routes_of(unit) if each.status in ("active", "on_hold")]

    def _is_stale(self) -> bool:
        """Whether the current route was chosen longer ago than people remember; an unreadable day counts as that."""
        chosen_on = self.settings.get("route_on")
        try:
            return bool(chosen_on) and self.today() - date.fromisoformat(chosen_on) > STALE_AFTER
        except ValueError:
            return True

    def confirm(self, question: str) -> None:
        """Ask before going on; without a terminal, --yes must have been said."""
        if self.yes or self.dry_run:
            return
        from lrflow.errors import Misused

        if self.no_input or not sys.stdin.isatty():
            raise Misused(f"{question} A yes is needed here", remedy="add --yes to the command")
        if not click.confirm(question, err=True):
            raise click.Abort

    def confirm_name(self, what: str, name: str, given: str) -> None:
        """Ask for the route's *name* before what cannot be taken back lightly; --confirm NAME answers it."""
        if self.dry_run or given == name:
            return
        from lrflow.errors import Misused

        if given or self.no_input or not sys.stdin.isatty():
            raise Misused(f"{what}: this needs the route's name", remedy=f"add --confirm {name}")
        if click.prompt(f"{what}. Type {name} to go on", err=True) != name:
            raise click.Abort

    def glance(self) -> "AbstractContextManager[Unit]":
        """A look at the database by the connection that is open anyway; else one of its own, which waits for nobody."""
        if self._database is not None:
            return self._database.begin()
        from lrflow.store import health

        return health.left_alone(self.settings.database, GLANCE_SECONDS)

    def close(self) -> None:
        """Let go of the database."""
        if self._database is not None:
            self._database.close()


_OPTIONS: tuple[tuple[tuple[str, ...], dict[str, Any]], ...] = (
    (
        ("-r", "--route", "route"),
        {"metavar": "ROUTE", "help": "Act on this route.", "shell_complete": completing.routes},
    ),
    (
        ("--as", "actor"),
        {"metavar": "EMAIL", "help": "Who acts; your own address unless set.", "shell_complete": completing.people},
    ),
    (("--on", "happened"), {"metavar": "DATE", "help": "The day it happened, when it was not today."}),
    (("--json", "as_json"), {"is_flag": True, "help": "Print JSON."}),
    (("-n", "--dry-run", "dry_run"), {"is_flag": True, "help": "Show what would happen; change nothing."}),
    (("-y", "--yes", "yes"), {"is_flag": True, "help": "Answer every question with yes."}),
    (("--no-input", "no_input"), {"is_flag": True, "help": "Never ask; fail instead."}),
    (("--debug", "debug"), {"is_flag": True, "help": "Show the traceback of an unexpected error."}),
)


def _take(ctx: click.Context, param: click.Parameter, value: Any) -> Any:
    if value:
        setattr(ctx.ensure_object(Door), str(param.name), value)
    return value


# Made once and shared by all commands: a help page would otherwise make hundreds of them.
_SHARED = tuple(click.Option(names, expose_value=False, callback=_take, **how) for names, how in _OPTIONS)


def everywhere(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give *command* the options that may stand anywhere on the line."""
    described: Any = command
    described.__click_params__ = [*getattr(command, "__click_params__", ()), *reversed(_SHARED)]  # as its decorators do
    return command


class Command(click.Command):
    """A verb; the options for everywhere stand in a section of their own, after its own."""

    def invoke(self, ctx: click.Context) -> Any:
        ctx.ensure_object(Door).verb = ctx.command_path.split()[1]
        return super().invoke(ctx)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        shared = {names[-1] for names, _ in _OPTIONS}
        own = [each for each in self.get_params(ctx) if isinstance(each, click.Option) and each.name not in shared]
        rows = [row for param in own if (row := param.get_help_record(ctx)) is not None]
        if rows:
            with formatter.section("Options"):
                formatter.write_dl(rows)
        with formatter.section("Everywhere"):
            formatter.write_text("-r ROUTE  --as EMAIL  --on DATE  --json  -n/--dry-run  -y/--yes  --no-input  --debug")


class Group(click.Group):
    """A group of verbs."""

    command_class = Command

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        self.format_commands(ctx, formatter)
        with formatter.section("Everywhere"):
            rows = [row for param in self.get_params(ctx) if (row := param.get_help_record(ctx)) is not None]
            formatter.write_dl(rows)


def verb(name: str) -> Callable[[Callable[..., Any]], click.Command]:
    """A command called *name* with the options for everywhere; the function gets the `Door` first."""

    def made(function: Callable[..., Any]) -> click.Command:
        return click.command(name, cls=Command)(everywhere(click.pass_obj(function)))

    return made


def tell(door: Door, kind: str, data: Any, lines: "list[str]") -> None:
    """Print *data* as a versioned JSON envelope when asked for, otherwise *lines*."""
    if door.as_json:
        import json

        click.echo(json.dumps({"lrflow": 1, "kind": kind, "data": data}, ensure_ascii=False, default=str))
    else:
        click.echo("\n".join(_for_route(line, door.route) for line in lines))


def _for_route(line: str, route: str) -> str:
    """A command to paste, for the *route* this command was for, whatever the current one is."""
    return re.sub(r"(-> |Next: )lrflow (?!-r )", rf"\1lrflow -r {route} ", line) if route else line
