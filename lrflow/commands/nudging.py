"""What goes out: list, preview, confirm, hold, release, go-live."""

from typing import TYPE_CHECKING, Any

import click

from lrflow.commands import deciding
from lrflow.commands.door import Door, Group, everywhere, tell, verb

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lrflow.nudges import Settled


@click.group("nudge", cls=Group)
@everywhere
def nudge_group() -> None:
    """What goes out to whom, when, and why something does not."""


@verb("list")
@click.option(
    "--state", "state", default="", metavar="STATE", help="planned, held, drafted, sent, unsure, failed, suppressed ..."
)
@click.option("--all", "everything", is_flag=True, help="Also what is over.")
@click.option("--since", "since", default="", metavar="DATE", help="All that was due from that day to today.")
def nudge_list(door: Door, state: str, everything: bool, since: str) -> None:
    """The nudges of the route in the order of their days; those that are over with --all.

    
    lrflow nudge list --since 2016-11-01      what became of all that was due, after an outage
    """
    from lrflow import store
    from lrflow.render import table
    from lrflow.store.rules_alive import broken_of

    unfinished = ["planned", "held", "assembled", "drafted", "unsure", "failed"]
    states = [state] if state else [] if everything or since else unfinished
    key = door.route_key()
    with door.database.begin() as unit:
        route = store.read_route(unit, key)
        rows = [row for row in store.nudges_of(unit, route.id, states) if _is_asked(row, since, door)]
        broken = broken_of(unit, route, door.now())
    headers = ["id", "day", "at", "rule", "about", "to", "state"]
    lines = (
        table(headers, [_row(row) for row in rows]) if rows else ["no nudges; they are planned as dates become known"]
    )
    stuck = [each for each in broken if each.remedy and not each.in_part]  # what no command mends is told by the doctor
    lines += [f"! {each.rule} cannot speak: {each.why} ({each.remedy})" for each in stuck]
    tell(door, "nudges", [_data(row) for row in rows], lines)


def _is_asked(row: dict[str, Any], since: str, door: Door) -> bool:
    from lrflow.catalogue.reading import read_day

    return not since or read_day(since, door.today()) <= row["local_on"] <= door.today().isoformat()


def _row(row: dict[str, Any]) -> list[str]:
    state = f"{row['state']}: {row['reason']}" if row["reason"] else row["state"]
    zone = f"{row['at']} {row['zone']}"
    return [
        f"N{row['number']}",
        row["local_on"],
        zone,
        row["rule"],
        row["subject"],
        row["person_name"] or row["role"],
        state,
    ]


def _data(row: dict[str, Any]) -> dict[str, Any]:
    kept = ("rule", "subject", "role", "seq", "epoch", "state", "reason", "nominal_on", "local_on", "at", "zone")
    return {"id": f"N{row['number']}", "to": row["person_name"], **{name: row[name] for name in kept}}


@verb("preview")
@click.argument("who", required=False, default="")
@click.option("--day", "day", default="", metavar="DATE", help="The day; the next one with messages unless set.")
def nudge_preview(door: Door, who: str, day: str) -> None:
    """The messages as they would be sent, word for word: of a day, of a person, about a record."""
    from datetime import date

    from lrflow import nudges
    from lrflow.catalogue.reading import read_day
    from lrflow.commands.nudge_words import preview_data, preview_lines

    on = date.fromisoformat(read_day(day, door.today())) if day else None
    sender = door.settings.get("sender_name") or door.settings.get("sender_address")
    found = nudges.preview(door.database, door.route_key(), door.now(), sender, on=on, who=who)
    tell(door, "preview", [preview_data(each) for each in found], preview_lines(found))


def _many(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


@verb("confirm")
@click.argument("which", metavar="N12|all|held")
@click.option("--not-sent", "not_sent", is_flag=True, help="It did not go out: close it as failed.")
def nudge_confirm(door: Door, which: str, not_sent: bool) -> None:
    """Say that drafts were sent by hand, or what became of an unsure message.

    It cannot be undone: what was sent stays sent. Of what a takeover holds: N12, or held for all of it, was sent by the
    other copy and never leaves from here.

    \b
    lrflow nudge confirm all          every draft and every unsure message was sent
    lrflow nudge confirm N12-N15
    """
    from lrflow import nudges

    done = nudges.confirm(door.database, door.route_key(changing=True), which, door.act(), sent=not not_sent)
    word = "not sent" if not_sent else "sent"
    head = "would close" if door.dry_run else "✓ closed"
    lines = [f"{head} {_many(done.messages, 'message')} with {_many(done.lines, 'line')} as {word}"]
    if done.elsewhere:
        there = f"{head} {_many(done.elsewhere, 'held nudge')} as sent by the other copy: not sent from here"
        lines = [*(lines if done.messages else []), there]
    data = {"messages": done.messages, "lines": done.lines, "elsewhere": done.elsewhere, "sent": not not_sent}
    tell(door, "confirmed", data, [*lines, "Next: lrflow status"])


@verb("hold")
@click.argument("which", metavar="N12|all")
def nudge_hold(door: Door, which: str) -> None:
    """Hold nudges back until they are released.

    \b
    lrflow nudge hold N12             lrflow nudge hold N12-N15
    """
    from lrflow import nudges

    key = door.route_key(changing=True)
    _ask_for_many(door, nudges.hold, key, which, "held back")
    done = nudges.hold(door.database, key, which, door.act())
    head = "would hold" if door.dry_run else "✓ held back:"
    lines = [f"{head} {_named(done.nudges)} (L{done.entry})" if done.nudges else "nothing was held back"]
    lines += [f"  too late for {', '.join(done.too_late)}: the message is leaving"] if done.too_late else []
    tell(door, "held", _settled(done), [*lines, f"Next: lrflow nudge release {which}"])


@verb("release")
@click.argument("which", metavar="N12|all")
def nudge_release(door: Door, which: str) -> None:
    """Let held nudges go.

    They leave at their hour if their rule still holds, and otherwise stay silent, with the reason.

    \b
    lrflow nudge release N12          lrflow nudge release all
    """
    from lrflow import nudges

    key = door.route_key(changing=True)
    _ask_for_many(door, nudges.release, key, which, "released")
    done = nudges.release(door.database, key, which, door.act())
    going = [row for row in done.nudges if row["state"] in ("planned", "held")]
    head = "would release" if door.dry_run else "✓ released"
    lines = [f"{head} {_many(len(done.nudges), 'nudge')} (L{done.entry})"]
    lines += [f"  planned again, for `lrflow run` to send: {_named(going)}"] if going else []
    lines += [f"  N{row['number']} stays silent: {row['reason']}" for row in done.nudges if row not in going]
    tell(door, "released", _settled(done), [*lines, "Next: lrflow nudge preview"])


def _ask_for_many(door: Door, use_case: "Callable[..., Settled]", key: str, which: str, word: str) -> None:
    """Ask before more than a handful; what it would be is tried without keeping anything."""
    from dataclasses import replace

    from lrflow.commands.writing import MANY

    wanted = use_case(door.database, key, which, replace(door.act(), dry_run=True)).nudges
    if len(wanted) > MANY:
        door.confirm(f"{len(wanted)} nudges of {key} would be {word}. Go on?")


def _named(rows: "Sequence[dict[str, Any]]") -> str:
    from lrflow.guards import shorten

    return shorten([f"N{row['number']}" for row in rows])


def _settled(done: "Settled") -> dict[str, Any]:
    return {"nudges": [_data(row) for row in done.nudges], "too_late": list(done.too_late), "entry": f"L{done.entry}"}


@verb("go-live")
def nudge_go_live(door: Door) -> None:
    """End the rehearsal: from today rules speak, never about days before.

    It cannot be undone; lrflow hold stops what is planned.
    """
    from lrflow import nudges

    key = door.route_key(changing=True)
    door.confirm(f"From today {key} writes to people; this cannot be undone. Go on?")
    live = nudges.go_live(door.database, key, door.act())
    head = f"{key} would be live" if door.dry_run else f"✓ {key} is live"
    lines = [f"{head} from {live.live_on} (L{live.entry}): {live.ahead} nudges lie ahead"]
    lines += [f"  {live.before} of days before stay silent"] if live.before else []
    how = "drafts in outbox/ (set smtp_host to send)" if not door.settings.get("smtp_host") else "e-mail"
    lines.append(f"  messages leave as {how}, when `lrflow run` or `lrflow run --once` runs")
    tell(
        door,
        "live",
        {"route": key, "live_on": live.live_on.isoformat(), "ahead": live.ahead},
        [*lines, "Next: lrflow nudge preview"],
    )


for each in (nudge_list, nudge_preview, nudge_confirm, nudge_hold, nudge_release, nudge_go_live, *deciding.COMMANDS):
    nudge_group.add_command(each)

COMMANDS: tuple[click.Command, ...] = (nudge_group,)
