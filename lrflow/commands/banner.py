"""One line under every command while messages do not leave as they should: nobody sends, mail fails, some are held."""

import sys
from contextlib import suppress

import click

from lrflow.commands.door import Door

# They tell of it themselves, or of another programme.
QUIET = frozenset({"run", "service", "doctor", "init", "demo", "completion"})
_HELD = "nudge list --state held"
_NEXT = {"silent": "run", "restored": _HELD, "flood": _HELD}
LONGEST = 160  # of what one trouble says


def show(door: Door) -> None:
    """Print the line on stderr, if there is one to print; as JSON beside JSON. Nothing that goes wrong here shows."""
    if not door.verb or door.verb in QUIET:
        return
    with suppress(Exception):  # a door: the command is done, and its answer must not suffer from this one
        line = _line(door)
        if line and door.as_json:
            import json

            line = json.dumps({"lrflow": 1, "banner": line}, ensure_ascii=False)
        if line:
            sys.stdout.flush()  # under the answer, not above it
            click.echo(line, err=True)


def _line(door: Door) -> str:
    if not door.settings.database.is_file():
        return ""
    from lrflow.store import alarms

    with door.glance() as unit:
        troubles = alarms.troubles_of(unit, door.now())
    if not troubles:
        return ""
    says = "; ".join(_short(each.says) for each in troubles)
    first = troubles[0]
    command = _HELD if first.route else _NEXT.get(first.kind, "doctor")
    return f"! {says}. Next: lrflow {f'-r {first.route} ' if first.route else ''}{command}"


def _short(says: str) -> str:
    line = " ".join(says.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
