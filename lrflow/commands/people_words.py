"""Carry out what is said about people, and word what came of it."""

from datetime import date
from typing import TYPE_CHECKING, Any

from lrflow.catalogue.reading import read_day
from lrflow.clock import from_us, today
from lrflow.commands.door import Door, tell
from lrflow.database import Row, Unit
from lrflow.errors import Misused
from lrflow.facts import Record
from lrflow.render import day_in_words, table
from lrflow.store import address_of, opt_outs_by
from lrflow.tracks import leaving, opting, reaching
from lrflow.tracks.leaving import Left, Owed
from lrflow.tracks.opting import ALL, ROUTE, Opted

if TYPE_CHECKING:
    from lrflow.nudges import Mail


def leave(door: Door, who: str, successor: str, reason: str) -> None:
    """Let a person leave, and say who has what then, and what is nobody's."""
    on = date.fromisoformat(read_day(door.happened or "today", door.today()))
    door.happened = ""  # it is the day of leaving, which may lie ahead, not the one on which it was typed
    done = leaving.leave(door.database, who, on, successor, door.act(reason))
    lies_ahead = on > door.today()
    sign, verb = ("", "would leave") if door.dry_run else ("✓ ", "leaves" if lies_ahead else "left")
    head = f"{sign}{done.name} {verb} on {day_in_words(on)}"
    lines = [f"{head}: {done.successor} takes over (L{done.entry})" if done.successor else f"{head} (L{done.entry})"]
    lines += [f"  until the day before, messages still go to {done.name}"] if lies_ahead else []
    lines += _inherited(done) + _orphaned(done)
    lines += [] if done.owed else [f"  {done.name} answers for nothing that is open"]
    lines.append(f"  if it comes otherwise: lrflow set person {_whom(done)} left_on= successor=")
    tell(door, "left", _left_data(done), [*lines, f"Next: lrflow show person {_whom(done)}"])


def _whom(done: Left | Opted) -> str:
    """The person as a command takes it."""
    return done.email or f'"{done.name}"'


def _inherited(done: Left) -> list[str]:
    kept = [each for each in done.owed if each.heir]
    found: dict[tuple[str, str], list[str]] = {}
    for each in kept:
        found.setdefault((each.heir, each.route), []).append(_named(each))
    return [f"  {heir} has from then on, on {route}: {', '.join(what)}" for (heir, route), what in found.items()]


def _named(each: Owed) -> str:
    return each.field if each.key == "route" else f"{each.key} ({each.field.replace('_', ' ')})"


def _orphaned(done: Left) -> list[str]:
    if not done.orphans:
        return []
    rows = [[each.route, _named(each), command_for(each.route, each.key, each.field)] for each in done.orphans]
    again = f"lrflow person leave {_whom(done)} --on {done.on} --successor EMAIL --reason TEXT"
    return [
        f"  ! nobody's from then on: {len(rows)}, listed every Monday until somebody has it",
        *(f"    {line}" for line in table(["route", "what", "give it to somebody"], rows)),
        f"    all of it to one person: {again}",
    ]


def command_for(route: str, key: str, field: str) -> str:
    """What gives a field of a record, or a role of the route, to somebody."""
    return f"lrflow -r {route} set {key} {field}=EMAIL"


def _left_data(done: Left) -> dict[str, Any]:
    owed = [{"route": each.route, "id": each.key, "field": each.field, "to": each.heir or None} for each in done.owed]
    data = {"person": done.name, "left_on": done.on.isoformat(), "successor": done.successor or None}
    return {**data, "owed": owed, "orphans": len(done.orphans), "entry": f"L{done.entry}"}


def opt_out(door: Door, who: str, about: tuple[str, bool], said: tuple[str, str]) -> None:
    """Keep that a person wants no more messages, and say of what, and what that does not change."""
    route, scope = _scope(door, about)
    done = opting.opt_out(door.database, route, who, scope, door.act(_how(said)))
    head = f"{done.name} {'would get' if door.dry_run else 'gets'} no more messages{_about(done)} (L{done.entry})"
    calls = "nobody is asked to call" if done.scope == ALL else "the coordinator is asked to call instead"
    lines = [f"{'' if door.dry_run else '✓ '}{head}", f"  whatever is owed stays owed; {calls}"]
    option = {ALL: "", ROUTE: " --on-route"}.get(done.scope, f" --of {done.scope}")
    here = f"-r {route} " if route else ""
    back = f"lrflow {here}person opt-in {_whom(done)}{option} --via call"
    tell(door, "opted_out", _opted_data(done), [*lines, f"Next: {back}   if it is to end"])


def opt_in(door: Door, who: str, about: tuple[str, bool], said: tuple[str, str]) -> None:
    """Keep that a person wants messages again, and say which silences have ended."""
    route, scope = _scope(door, about)
    done = opting.opt_in(door.database, route, who, scope, door.act(_how(said)))
    head = f"{done.name} {'would get' if door.dry_run else 'gets'} messages{_about(done)} again (L{done.entry})"
    lines = [f"{'' if door.dry_run else '✓ '}{head}", "  what was left out meanwhile is not sent after all"]
    lines += [f"  ended: silence about {', '.join(done.ended)}"] if done.ended and done.scope != done.ended[0] else []
    tell(door, "opted_in", _opted_data(done), [*lines, "Next: lrflow nudge preview"])


def _scope(door: Door, about: tuple[str, bool]) -> tuple[str, str]:
    """The route and the scope that --of and --on-route mean."""
    of, on_route = about
    if of and on_route:
        raise Misused("--of is one record, --on-route all of the route: say one of them")
    return (door.route_key(changing=True), of or ROUTE) if of or on_route else ("", ALL)


def _how(said: tuple[str, str]) -> str:
    via, words = said
    return f"by {via}: {words}" if words else f"by {via}"


def _about(done: Opted) -> str:
    return {ALL: " of any route", ROUTE: f" of {done.route}"}.get(done.scope, f" about {done.scope} of {done.route}")


def _opted_data(done: Opted) -> dict[str, Any]:
    scope = {"person": done.name, "route": done.route or None, "about": done.scope or "all"}
    return {**scope, "ended": list(done.ended), "entry": f"L{done.entry}"}


def address(door: Door, who: str, state: str, reason: str) -> None:
    """Keep what somebody knows of an address, and say what that means."""
    done = reaching.mark_address(door.database, who, state, door.act(reason))
    head = f"{done.email} of {done.name} {'would be' if door.dry_run else 'is'} {done.state}, was {done.before}"
    means = "messages go there again" if done.state == "good" else "nothing is sent there; call instead"
    lines = [f"{'' if door.dry_run else '✓ '}{head} (L{done.entry})", f"  {means}"]
    following = "lrflow nudge preview" if done.state == "good" else f"lrflow set person {done.email} email=NEW"
    data = {"person": done.name, "email": done.email, "before": done.before, "state": done.state}
    tell(door, "address", {**data, "entry": f"L{done.entry}"}, [*lines, f"Next: {following}"])


def standing_lines(unit: Unit, person: Record, zone: str) -> list[str]:
    """What keeps messages from a person, a line each: the address, and silence that was asked for."""
    known = address_of(unit, str(person["email"])) if person["email"] else None
    lines = []
    if known and known["state"] != "good":
        since = day_in_words(today(from_us(known["since_us"]), zone))
        way = f"lrflow person address {person['email']} good"
        lines.append(f"  {'address':<20} {known['state']} since {since}: {known['detail']} ({way})")
    return [*lines, *(_silence_line(row, zone) for row in opt_outs_by(unit, int(person.key)))]


def _silence_line(row: Row, zone: str) -> str:
    since = day_in_words(today(from_us(row["since_us"]), zone))
    about = f"{row['subject']} of {row['route_key']}" if row["subject"] else row["route_key"]
    return f"  {'no messages about':<20} {about}, since {since}, {row['how']}"


def mail_lines(mail: "Mail", who: str) -> list[str]:
    """What went to a person and what will, apart from each other."""
    lines = ["messages that went:"] if mail.gone else []
    for row in mail.gone:
        state = {"drafted": "drafted", "unsure": "may have left"}.get(row["state"], row["state"])
        lines.append(f"  {row['local_on']}  {state:<14} {row['subject'] or ''}")
    lines += ["messages to come:"] if mail.coming else []
    lines += [f"  {each.on} {each.at}  {each.route:<14} {each.subject}" for each in mail.coming]
    if mail.coming:
        first = mail.coming[0]
        lines.append(f"  word for word: lrflow -r {first.route} nudge preview {who} --day {first.on}")
    return lines


def mail_data(mail: "Mail") -> dict[str, list[dict[str, str]]]:
    """The same for JSON."""
    gone = [{"on": row["local_on"], "state": row["state"], "subject": row["subject"] or ""} for row in mail.gone]
    coming = [
        {"on": each.on.isoformat(), "at": each.at, "route": each.route, "subject": each.subject} for each in mail.coming
    ]
    return {"gone": gone, "coming": coming}
