"""Decide about single nudges, and ask why: move, skip, send, why, test, rules."""

from typing import TYPE_CHECKING, Any

import click

from lrflow.commands.door import Door, tell, verb

if TYPE_CHECKING:
    from lrflow.nudges import Settled


@verb("move")
@click.argument("which", metavar="N12")
@click.argument("day", metavar="DATE")
def nudge_move(door: Door, which: str, day: str) -> None:
    """Let nudges leave on another day; they stay there whatever happens to the date they count from.

    \b
    lrflow nudge move N12 2016-11-21          lrflow nudge move N12-N15 +3d
    """
    from datetime import date

    from lrflow import nudges
    from lrflow.catalogue.reading import read_day

    on = date.fromisoformat(read_day(day, door.today()))
    done = nudges.move(door.database, door.route_key(changing=True), which, on, door.act())
    _tell(door, "moved", done, "would move" if door.dry_run else "✓ moved", [])


@verb("skip")
@click.argument("which", metavar="N12")
@click.option("--reason", default="", metavar="TEXT", help="Why; it is kept in the log.")
def nudge_skip(door: Door, which: str, reason: str) -> None:
    """Leave nudges out for good. It cannot be undone; lrflow tell says something in their place.

    \b
    lrflow nudge skip N12 --reason "told by telephone"
    """
    from lrflow import nudges

    done = nudges.skip(door.database, door.route_key(changing=True), which, door.act(reason))
    _tell(door, "skipped", done, "would leave out" if door.dry_run else "✓ left out", [])


@verb("send")
@click.argument("which", metavar="N12")
@click.option("--wake", is_flag=True, help="Also at night, on a day off, or beyond the week's two messages.")
def nudge_send(door: Door, which: str, wake: bool) -> None:
    """Let nudges leave today, before their day. The sending itself is done by lrflow run.

    \b
    lrflow nudge send N12                     when the reader's working hours allow it
    lrflow nudge send N12 --wake              at once
    """
    from lrflow import nudges

    done = nudges.send(door.database, door.route_key(changing=True), which, door.act(), wake=wake)
    waits = [
        f"  {name} waits for the next working morning: {why} (now all the same: lrflow nudge send {name} --wake)"
        for name, why in done.waits
    ]
    _tell(door, "sending", done.settled, "would send" if door.dry_run else "✓ leaves next", waits)


def _tell(door: Door, kind: str, done: "Settled", head: str, more: list[str]) -> None:
    lines = [f"{head} (L{done.entry})" if done.nudges else "nothing was changed"]
    for row in done.nudges:
        name = f"N{row['number']} {row['rule']} {row['subject']} to {row['person_name'] or row['role']}"
        reason = f": {row['reason']}" if row["reason"] else ""
        lines.append(f"  {name}, {row['local_on']} {row['at']} {row['zone']}, {row['state']}{reason}")
    lines += [f"  too late for {', '.join(done.too_late)}: the message is leaving"] if done.too_late else []
    kept = ("rule", "subject", "state", "reason", "local_on", "at", "zone")
    data = [{"id": f"N{row['number']}", **{name: row[name] for name in kept}} for row in done.nudges]
    found: dict[str, Any] = {"nudges": data, "too_late": list(done.too_late), "entry": f"L{done.entry}"}
    tell(door, kind, found, [*lines, *more, "Next: lrflow nudge preview"])


@verb("why")
@click.argument("which", metavar="N12|PERSON")
@click.option("--day", default="", metavar="DATE", help="For a person: the day; today unless set.")
def nudge_why(door: Door, which: str, day: str) -> None:
    """Why a nudge leaves when it does or stays silent; or what a person gets on a day, and why nothing.

    \b
    lrflow nudge why N12
    lrflow nudge why ana@example.org --day 2016-11-14
    """
    import re
    from datetime import date

    from lrflow import nudges
    from lrflow.catalogue.reading import read_day

    if re.fullmatch(r"N\d[\dN+-]*", which, re.IGNORECASE):
        lines = nudges.why_nudge(door.database, door.route_key(), which, door.now())
    else:
        asked = day or door.happened  # --on says the same here
        on = date.fromisoformat(read_day(asked, door.today())) if asked else door.today()
        lines = [nudges.why_person(door.database, door.route_key(), which, on, door.now())]
    tell(door, "why", lines, lines)


@verb("test")
@click.argument("rule", metavar="RULE")
@click.option("--to", "to", default="", metavar="EMAIL", help="Who gets it, one of the team; you unless set.")
def nudge_test(door: Door, rule: str, to: str) -> None:
    """Send what a rule would say, marked [TEST], to one of the team. Nothing is written down.

    \b
    lrflow nudge test final-plan-overdue
    """
    from lrflow import nudges
    from lrflow.channels import Outcome
    from lrflow.errors import Unavailable

    to = to or door.settings.get("me")
    if door.dry_run:
        tell(door, "test", {"to": to}, [f"would send {rule} to {to}, marked [TEST]"])
        return
    mailer = nudges.mailer_of(door.settings)
    words, carried = nudges.try_rule(door.database, door.route_key(), rule, to, mailer, door.now())
    if carried.outcome is not Outcome.accepted:
        raise Unavailable(f"the test did not leave: {carried.detail}", remedy="lrflow doctor")
    where = "sent" if mailer.channel.is_real else f"written to {door.settings.home / 'outbox'}"
    tell(door, "test", {"to": to, "subject": words.subject}, [f"✓ {where} for {to}: [TEST] {words.subject}"])


COMMANDS: tuple[click.Command, ...] = (nudge_move, nudge_skip, nudge_send, nudge_why, nudge_test)
