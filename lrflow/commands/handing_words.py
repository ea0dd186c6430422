"""Ask before a change of hands, do it, and word what came of it."""

import sys
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from lrflow import clock, settings
from lrflow.catalogue import Field
from lrflow.catalogue.reading import read_email, read_value
from lrflow.commands.door import Door, tell
from lrflow.errors import Misused
from lrflow.handing.absence import come_back, go_away
from lrflow.handing.belongings import Belongings, staying
from lrflow.handing.leaving import HandedOver, hand_over
from lrflow.handing.looking import hands_of
from lrflow.handing.offering import Offer, offered
from lrflow.handing.taking import Taken, take_over
from lrflow.render import day_in_words, table
from lrflow.store import Act

MB = 1024 * 1024
NAME = Field("name", "text", "full name")


def give(door: Door, file: str, to: str, given: str) -> None:
    """Hand over, after asking for the programme's name; a closed copy writes its file again without a question."""
    address = read_email(to) if to else ""
    hands = hands_of(door.database, door.today())
    again = hands.closed is not None
    if not again:
        what = (
            f"{hands.programme} will be closed here: nothing is written or sent from this copy any more. No undo; "
            "lrflow takeover of the same file, on this computer, opens it again"
        )
        _ask_for_name(door, what, hands.programme, given)
    done = hand_over(door.database, door.settings, Path(file), address, door.act(), again=again)
    if not isinstance(done, HandedOver):
        lines = [f"would write {file} and close this copy; in it: {_carried(done)}", *_left_out(done.left_out)]
        tell(door, "handover", {"dry_run": True, "left_out": list(done.left_out)}, lines)
        return
    tell(door, "handover", _given_data(done), _given_lines(door, done))


def _given_lines(door: Door, done: HandedOver) -> list[str]:
    to = done.manifest.to
    size = f"{max(done.size / MB, 0.1):.1f} MB"
    head = f"✓ {done.manifest.programme} is handed over{f' to {to}' if to else ''}: {done.path} ({size}; L{done.entry})"
    if not done.entry:
        closed = _local(datetime.fromisoformat(done.manifest.made_at), door.zone)
        head = f"✓ written again, as of {closed}: {done.path} ({size})"
    anew = staying(door.settings)
    lines = [head, f"  in it: {_carried(done.belongings)}", *_left_out(done.belongings.left_out)]
    lines += [f"  not in it, to be set on the other computer: {', '.join(anew)}"] if anew else []
    lines += [
        "  this copy is closed: it can be read, but nothing is written or sent from it; end `lrflow run` and its tasks",
        "  the file holds names and addresses: hand it over in person, or encrypted",
        f"  to have it back: lrflow takeover {done.path}",
    ]
    who = f'--me "NAME <{to}>"' if to else f'--me "NAME <EMAIL>" --approved-by {done.manifest.by}'
    return [*lines, f"Next, on the other computer: lrflow takeover {done.path.name} {who}"]


def _carried(found: Belongings) -> str:
    """What is in the file, in words."""
    parts = ["the database", "the settings", _many(found.count("evidence"), "file of evidence", "files of evidence")]
    parts += [_many(len(set(found.folders.values())), "workflow of your own", "workflows of your own")]
    parts += [_many(found.count("outbox"), "draft not confirmed yet", "drafts not confirmed yet")]
    return ", ".join(part for part in parts if part)


def _many(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}" if number else ""


def _left_out(what: tuple[str, ...]) -> list[str]:
    return [f"  ! not in it: {each}" for each in what]


def _given_data(done: HandedOver) -> dict[str, Any]:
    made = done.manifest
    return {
        "file": str(done.path),
        "size": done.size,
        "programme": made.programme,
        "made_at": made.made_at,
        "by": made.by,
        "to": made.to,
        "members": len(made.members),
        "left_out": list(done.belongings.left_out),
        "again": not done.entry,
    }


def _local(instant: datetime, zone: str) -> str:
    return f"{instant.astimezone(clock.zone_of(zone)):%Y-%m-%d %H:%M}"


def take(door: Door, file: str, folder: str, words: tuple[str, str, str]) -> None:
    """Take over, after asking what the case asks for."""
    me, approver, given = words
    home = Path(folder) if folder else settings.find_home()
    who = _who(door, me, home)
    with offered(Path(file), home) as offer:
        act = _act(door, who[1], offer.copy.zone)
        _ask(door, offer, given)
        taken = take_over(offer, who, act, approved_by=approver)
        tell(door, "takeover", _taken_data(taken), _taken_lines(door, taken))


def _who(door: Door, me: str, home: Path) -> tuple[str, str]:
    """Name and address of the one who takes over."""
    said = me or door.actor or door.settings.get("as") or settings.load_from(home).get("me")
    if not said and not door.no_input and sys.stdin.isatty():
        said = click.prompt("Your name and e-mail, as NAME <EMAIL>", err=True)
    if "@" not in said:
        raise Misused("who are you? a programme is taken over by somebody", remedy='--me "NAME <EMAIL>"')
    name, _, email = said.rstrip(" >").rpartition("<")
    return str(read_value(NAME, name, door.today()) or ""), read_email(email.strip())


def _act(door: Door, email: str, zone: str) -> Act:
    """The act in the zone of the programme that is taken over, which has no settings here yet."""
    return replace(door.act(), actor=email, now=clock.now(zone), zone=zone)


def _ask(door: Door, offer: Offer, given: str) -> None:
    name, here = offer.copy.name, offer.here
    until = _local(offer.copy.last, offer.copy.zone)
    if here is not None and here.closed is None:
        what = f"The copy in {offer.home} goes back to {until}: what was typed since is lost (a copy stays in backups/)"
        _ask_for_name(door, what, name, given)
    elif offer.manifest is None:
        door.confirm(f"{offer.file} is a copy of {until}, not a handover. Does no other copy send any more?")
    elif offer.may_have_sent:
        door.confirm(f"{offer.file} is older than the copy in {offer.home}, which was handed over later. Go on?")
    elif here is not None and here.closed is not None and here.closed.isoformat() == offer.manifest.made_at:
        door.confirm(f"{name} was handed over from here with this file. Has nobody else taken it over?")


def _ask_for_name(door: Door, what: str, name: str, given: str) -> None:
    """Ask for the programme's *name* before what cannot be taken back lightly; --confirm NAME answers it."""
    if door.dry_run or given == name:
        return
    if given or door.no_input or not sys.stdin.isatty():
        raise Misused(f"{what}: this needs the programme's name", remedy=f'add --confirm "{name}"')
    if click.prompt(f"{what}. Type {name} to go on", err=True) != name:
        raise click.Abort


def _taken_lines(door: Door, taken: Taken) -> list[str]:
    offer = taken.offer
    head = "would take over" if door.dry_run else "✓ You have taken over"
    lines = [f"{head} {offer.copy.name}, in {offer.home}: {taken.name} coordinates it (L{taken.entry})"]
    if offer.manifest is not None and not offer.may_have_sent:
        made = offer.manifest
        left = _local(datetime.fromisoformat(made.made_at), offer.copy.zone)
        lines.append(f"  as {made.by_name} left it on {left}; the other copy is closed")
    lines += _held_lines(taken)
    lines += _loose_ends(taken)
    lines += _settings_lines(taken)
    return [*lines, f"Next: {_entering(taken)}{'lrflow nudge list --state held' if taken.held else 'lrflow status'}"]


def _loose_ends(taken: Taken) -> list[str]:
    """What a person has to ask or to fetch."""
    made, lines = taken.offer.manifest, []
    if taken.drafts and made:
        drafts = _many(taken.drafts, "draft waits", "drafts wait")
        lines.append(f"  {drafts} in outbox/: ask {made.by_name} what was sent by hand, then: lrflow nudge confirm")
    elif taken.drafts:
        drafts = _many(taken.drafts, "draft lies", "drafts lie")
        lines.append(f"  {drafts} in the outbox/ of the other copy: ask what was sent, then: lrflow nudge confirm")
    if taken.missing:
        files = _many(len(taken.missing), "file of evidence", "files of evidence")
        lines.append(f"  ! {files} did not come along: copy evidence/ of the other computer into {taken.offer.home}")
    return lines


def _held_lines(taken: Taken) -> list[str]:
    """What is held, a line each, and how each route's are let go or closed."""
    if not taken.offer.may_have_sent:
        return []
    since = _local(taken.offer.copy.last, taken.offer.copy.zone)
    if not taken.held:
        return [f"  nothing was due since {since}, the last that this copy knows of: nothing is held"]
    rows = [
        [row["route_key"], f"N{row['number']}", *(row[each] for each in ("local_on", "rule", "subject"))]
        for row in taken.held
    ]
    cells = [[*row, each["person_name"] or each["role"]] for row, each in zip(rows, taken.held, strict=True)]
    lines = [f"  held: {len(rows)} that another copy may have sent since {since}, the last that this copy knows of"]
    lines += [f"    {line}" for line in table(["route", "id", "day", "rule", "about", "to"], cells)]
    for route in dict.fromkeys(row[0] for row in rows):
        lines += [
            f"  if the other copy did not send them, let them go:   lrflow -r {route} nudge release all   (or N12)",
            f"  if it sent them, close them, never sent from here:  lrflow -r {route} nudge confirm held  (or N12)",
        ]
    return lines


def _settings_lines(taken: Taken) -> list[str]:
    if taken.installed is None:
        return []
    local = taken.installed.local
    lines = [f"  messages come from {local.get('sender_name')} <{local.get('sender_address')}>"]
    if local.get("smtp_user") and not (local.get("smtp_password_file") or local.get("smtp_password_command")):
        lines += [
            f"  mail leaves by {local.get('smtp_host')} as {local.get('smtp_user')}, whose password is not known here:",
            "    lrflow settings set smtp_password_file=PATH   (and smtp_user=... if you log in as somebody else)",
        ]
    lines += [f"  the copy that was here is kept: {taken.installed.kept}"] if taken.installed.kept else []
    return lines


def _entering(taken: Taken) -> str:
    """How to get to where lrflow finds the programme, if it does not from here."""
    return "" if settings.find_home().resolve() == taken.offer.home else f"cd {taken.offer.home} && "


def _taken_data(taken: Taken) -> dict[str, Any]:
    offer = taken.offer
    return {
        "programme": offer.copy.name,
        "home": str(offer.home),
        "from": offer.manifest.made_at if offer.manifest else offer.copy.last.isoformat(),
        "is_handover": offer.manifest is not None,
        "coordinator": taken.name,
        "entry": f"L{taken.entry}",
        "held": [
            {"route": row["route_key"], "id": f"N{row['number']}", "on": row["local_on"], "rule": row["rule"]}
            | {"about": row["subject"], "to": row["person_name"]}
            for row in taken.held
        ],
        "drafts": taken.drafts,
        "missing_evidence": [f"{route}/{name}" for route, name in taken.missing],
        "kept": str(taken.installed.kept) if taken.installed and taken.installed.kept else None,
    }


def leave(door: Door, person: str, until: str, deputy: str) -> None:
    """Begin an absence."""
    if not until or not deputy:
        says = "an absence has a last day, and somebody who stands in"
        raise Misused(says, remedy=["lrflow away --until +14d --deputy EMAIL", "lrflow away --back   when it is over"])
    day = door.read_day(until).isoformat()
    done = go_away(door.database, person, day, deputy, door.act())
    last = day_in_words(date.fromisoformat(day))
    head = f"{done.name} {'would be' if door.dry_run else 'is'} away until {last}"
    lines = [f"{'' if door.dry_run else '✓ '}{head}: {done.deputy} stands in (L{done.entry})"]
    lines.append(f"  messages for {done.name} go to {done.deputy}")
    lines += [f"  {done.deputy} may do what {done.name} may: {', '.join(done.roles)}"] if done.roles else []
    lines += [f"  ! {done.deputy} is away too: {done.behind} stands in for both"] if done.behind else []
    back = f" {person}" if person else ""
    data = {"person": done.name, "until": day, "deputy": done.deputy, "roles": list(done.roles)}
    tell(door, "away", data, [*lines, f"Next: lrflow away --back{back}   when it is over earlier"])


def return_(door: Door, person: str, until: str, deputy: str) -> None:
    """End an absence."""
    if until or deputy:
        raise Misused("--back ends an absence: it takes no day and no deputy", remedy="lrflow away --back")
    done = come_back(door.database, person, door.act())
    head = "would be back" if door.dry_run else "is back"
    lines = [f"{'' if door.dry_run else '✓ '}{done.name} {head} (L{done.entry})"]
    lines += [f"  {done.deputy} stands in no more"] if done.deputy else []
    tell(door, "away", {"person": done.name, "until": None, "deputy": None}, [*lines, "Next: lrflow status"])
