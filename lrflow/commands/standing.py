"""Word where a route stands: status, check, board, calendar."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

from lrflow.commands.door import Door, tell
from lrflow.errors import Misused
from lrflow.guards import shorten
from lrflow.handing.looking import hands_of
from lrflow.render import day_in_words, finding_data, finding_lines, table
from lrflow.routes import Outlook, look

WELCOME = [
    "lrflow keeps Learning Routes on course. Nothing is set up here yet. Three ways to begin:",
    "  lrflow demo                                        live a real route and look around",
    '  lrflow init csn --me "Grace Phiri <grace@csona.example>"   begin your programme in the folder csn',
    "  lrflow --help                                      every command",
]


def route_keys(door: Door) -> list[str]:
    """The route to speak of; every open one when several are open and none was chosen."""
    if door.route or door.settings.get("route"):
        return [door.route_key()]
    from lrflow import store

    with door.database.begin() as unit:
        found = store.routes_of(unit)
    return [each.key for each in found if each.status in ("active", "on_hold")] or [each.key for each in found]


def tell_status(door: Door, keys: list[str]) -> None:
    """Each route in a few lines: stage, what blocks, what needs someone, what goes out this week."""
    outlooks = [look(door.database, key, door.today()) for key in keys]
    hands = hands_of(door.database, door.today())
    lines = hands.lines(door.actor or door.settings.get("as") or door.settings.get("me"))
    lines += [line for each in outlooks for line in _status_lines(each, door.today())]
    data = {"routes": [_status_data(each, door.today()) for each in outlooks], **hands.data()}
    tell(door, "status", data, lines)


def _status_lines(seen: Outlook, today: date) -> list[str]:
    route, definition = seen.route, seen.definition
    parts = [route.key, f"{definition.ordinal(route.stage)} {definition.stage_title(route.stage)}".strip()]
    parts += [_visit(seen, today)] if _visit(seen, today) else []
    parts.append(
        {"active": _sending(seen), "on_hold": f"ON HOLD, review on {route.row['review_on']}"}.get(
            route.status, route.status
        )
    )
    lines = [" · ".join(parts)]
    if route.status == "active":
        lines += _ahead(seen)
    lines += [f"watched: {each.guard} has fallen: {each.says}" for each in seen.watched]
    soon = [each for each in seen.going_out if _goes_soon(each, seen, today)]
    lines += seen.unheard.lines()
    month_only = _known_to_the_month(seen)
    going = f"going out this week: {len(soon)}" if seen.route.row["live_on"] else f"would go out this week: {len(soon)}"
    lines.append(f"needs you: {'; '.join(seen.needs_me) or 'nothing'} · {going}")
    if month_only:
        lines.append(f"known only to the month: {', '.join(month_only)}. Nudges that count from there wait for a day")
    if undated := _without_date(seen):
        lines.append(f"without a date: {shorten(undated, 6)}. Nothing reminds of it: lrflow set {undated[0]} due=...")
    return lines


def _goes_soon(nudge: dict[str, Any], seen: Outlook, today: date) -> bool:
    """Whether *nudge* leaves within a week; a rehearsal never goes back to days before."""
    from_day = "" if seen.route.row["live_on"] else today.isoformat()
    is_going = nudge["state"] == "planned" and nudge["person"] is not None
    return is_going and from_day <= nudge["local_on"] <= (today + timedelta(days=7)).isoformat()


def _ahead(seen: Outlook) -> list[str]:
    if not seen.findings:
        return []
    target = seen.definition.stage_title(seen.definition.stage_after(seen.route.stage))
    blocking = seen.blocking
    if not blocking:
        return [f"Ready for {target}. Next: lrflow advance"]
    names = shorten([each.guard for each in blocking], 6)
    return [f"To enter {target}: {len(blocking)} unmet: {names}. Next: lrflow check"]


def _visit(seen: Outlook, today: date) -> str:
    start, end = (seen.facts.route[name] for name in ("visit_start", "visit_end"))
    if not start or len(start) < 10:
        planned = start or seen.facts.route["planned_visit"]
        return f"visit planned for {planned}" if planned else ""
    days = (date.fromisoformat(start) - today).days
    if days > 0:
        return f"visit in {days} days" if days > 1 else "visit tomorrow"
    return "visit under way" if end and today.isoformat() <= end else f"visit ended {end}"


def _sending(seen: Outlook) -> str:
    live = seen.route.row["live_on"]
    return f"live since {live}" if live else "REHEARSAL: nothing is being sent (lrflow nudge go-live)"


def _known_to_the_month(seen: Outlook) -> list[str]:
    dates = {name: seen.facts.route[name] for name in ("visit_start", "visit_end")}
    actions = [each for each in seen.facts.of("action") if each.state in ("planned", "doing")]
    dates |= {f"{each.key} due": each["due"] for each in actions}
    return [name for name, value in dates.items() if value and len(value) == 7]


def _without_date(seen: Outlook) -> list[str]:
    """The actions and check-ins still to come of which nobody knows when."""
    actions = [each for each in seen.facts.of("action") if each.state in ("planned", "doing")]
    checkins = [each for each in seen.facts.of("checkin") if each.state == "scheduled"]
    return [each.key for each in (*actions, *checkins) if not each["due"]]


def _status_data(seen: Outlook, today: date) -> dict[str, Any]:
    return {
        "route": seen.route.key,
        "title": seen.facts.route["title"],
        "stage": seen.route.stage,
        "status": seen.route.status,
        "rev": seen.route.rev,
        "live_on": seen.route.row["live_on"],
        "blocking": [each.guard for each in seen.blocking],
        "watched": [finding_data(each) for each in seen.watched],
        "needs_you": list(seen.needs_me),
        "planned": len(seen.going_out),
        "known_to_the_month": _known_to_the_month(seen),
        "without_date": _without_date(seen),
        **seen.unheard.data(),
    }


def tell_check(door: Door, seen: Outlook, everything: bool) -> int:
    """What the next stage asks; 3 when something stands in the way, 0 otherwise."""
    if not seen.findings:
        tell(
            door,
            "check",
            {"route": seen.route.key, "findings": []},
            [f"{seen.route.key} is {seen.route.status}: no stage lies ahead"],
        )
        return 0
    target = seen.definition.stage_after(seen.route.stage)
    title = (
        f"{seen.route.key} · {seen.definition.stage_title(seen.route.stage)} -> {seen.definition.stage_title(target)}"
    )
    blocking, met = seen.blocking, sum(1 for each in seen.findings if each.outcome == "met")
    lines = [title, *finding_lines(seen.findings, everything=everything)]
    summary = f"{met} of {len(seen.findings)} guards are met"
    lines.append(
        f"{summary}; {len(blocking)} {'stands' if len(blocking) == 1 else 'stand'} in the way."
        if blocking
        else f"{summary}; nothing stands in the way."
        + (" Next: lrflow advance" if seen.route.status == "active" else "")
    )
    if seen.route.status != "active":
        lines.append(f"The route is {seen.route.status.replace('_', ' ')}: it does not move.")
    data = {"route": seen.route.key, "from": seen.route.stage, "to": target, "ready": not blocking}
    tell(door, "check", {**data, "findings": [finding_data(each) for each in seen.findings]}, lines)
    return 3 if blocking else 0


def tell_board(door: Door, only: Collection[str] | None = None) -> None:
    """Every route of the programme, or *only* those of these keys, a line each."""
    from lrflow import store

    with door.database.begin() as unit:
        routes = [each for each in store.routes_of(unit) if only is None or each.key in only]
    rows = [
        [each.key, each.stage, each.status, each.row["visit_start"] or each.row["planned_visit"] or "-"]
        for each in routes
    ]
    data = [{"route": each.key, "stage": each.stage, "status": each.status} for each in routes]
    tell(door, "board", data, table(["route", "stage", "status", "visit"], rows))


def tell_calendar(door: Door, first: str, last: str) -> None:
    """The days between *first* and *last*, a line for each thing that happens."""
    from lrflow import nudges
    from lrflow.catalogue.reading import read_day

    today = door.today()
    start = read_day(first, today) if first else today.isoformat()
    end = read_day(last, today) if last else (date.fromisoformat(start) + timedelta(days=60)).isoformat()
    if end < start:
        raise Misused(f"the calendar would end ({end}) before it begins ({start})")
    seen = look(door.database, door.route_key(), today)
    ahead = nudges.days_ahead(door.database, seen.route.key, door.now(), date.fromisoformat(end))
    leaving = [(day.isoformat(), "nudge", what) for day, what in ahead]
    rows = sorted({each for each in [*_happenings(seen), *leaving] if start <= each[0] <= end})
    lines = [f"{day} {date.fromisoformat(day):%a}  {sort:<9} {what}" for day, sort, what in rows]
    data = [{"on": day, "sort": sort, "what": what} for day, sort, what in rows]
    nothing = [f"nothing between {day_in_words(date.fromisoformat(start))} and {day_in_words(date.fromisoformat(end))}"]
    tell(door, "calendar", data, lines or nothing)


def _happenings(seen: Outlook) -> list[tuple[str, str, str]]:
    facts, found = seen.facts, []
    for name, what in (
        ("visit_start", "first day of the visit"),
        ("visit_end", "last day of the visit"),
        ("final_due", "final plans are due"),
    ):
        found.append((facts.value(facts.route, name), "visit" if "visit" in name else "due", what))
    found.append((facts.route["stage_due"], "stage", f"{seen.definition.stage_title(seen.route.stage)} should be left"))
    found.append((facts.route["review_on"], "hold", "review of the hold"))
    found.append((facts.programme["ends_on"], "programme", "last day of the programme"))
    found += [
        (each["on"], "session", f"{each.key} {each['kind']} {each['place'] or ''}".rstrip())
        for each in facts.of("session")
        if each.state != "cancelled"
    ]
    found += [
        (each["due"], "check-in", f"{each.key} is asked") for each in facts.of("checkin") if each.state == "scheduled"
    ]
    found += [
        (each["due"], "action", f"{each.key} {each['title']}")
        for each in facts.of("action")
        if each.state in ("planned", "doing")
    ]
    found += [
        (day.isoformat(), "holiday", f"{name} ({code})")
        for code, days in facts.holidays.items()
        for day, name in days.items()
    ]
    return [(str(day), sort, what) for day, sort, what in found if day and len(str(day)) == 10]
