"""Look at what the programme counts on: who acts, time zones, holidays, workflows, and addresses that take mail."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from lrflow import store
from lrflow.clock import zone_of
from lrflow.database import Unit
from lrflow.doctor.found import Found, Level, told
from lrflow.errors import LrflowError
from lrflow.settings import Settings
from lrflow.store import addresses, health
from lrflow.workflow import place_of

SAMPLES = ("Africa/Kigali", "Asia/Kathmandu", "America/Lima")
SHOWN = 5


def look_at_zones(used: Sequence[str]) -> Iterator[Found]:
    """Whether this computer knows the time zones of the programme."""
    unknown = []
    for name in dict.fromkeys((*SAMPLES, *used)):
        try:
            zone_of(name)
        except LrflowError:
            unknown.append(name)
    if unknown == [*SAMPLES, *(name for name in used if name not in SAMPLES)]:
        yield Found("fault", "this computer knows no time zones", ("python -m pip install --upgrade tzdata",))
    elif unknown:
        says = f"unknown time zones: {', '.join(unknown)}"
        fixes = ("python -m pip install --upgrade tzdata", "lrflow list person --columns email,zone")
        yield Found("fault", says, fixes)
    else:
        names = ", ".join((used or SAMPLES)[:SHOWN])
        more = f" and {len(used) - SHOWN} more" if len(used) > SHOWN else ""
        yield Found("ok", f"time zones are known: {names}{more}")


def look_at_actor(unit: Unit, current: Settings) -> Iterator[Found]:
    """Whether the one who acts here is known, and may do something."""
    email = current.get("as") or current.get("me")
    try:
        person = store.actor_of(unit, email)
    except LrflowError as fault:
        yield told(fault)
        return
    roles = health.roles_anywhere(unit, person["id"])
    if roles:
        yield Found("ok", f"you are {email}: {', '.join(roles)}")
    else:
        says = f"you are {email}, and hold no role: you may look, not change"
        yield Found("note", says, (f"ask the coordinator to type: lrflow set ROUTE coordinator={email}",))


def look_at_workflows(unit: Unit) -> Iterator[Found]:
    """Whether the messages and calendars of every route's workflow are still there."""
    routes = store.routes_of(unit)
    gone = 0
    for digest in dict.fromkeys(each.digest for each in routes):
        try:
            place_of(store.read_definition(unit, digest))
        except LrflowError as fault:
            gone += 1
            keys = ", ".join(each.key for each in routes if each.digest == digest)
            yield Found("fault", f"{keys}: {fault.message}", fault.remedy)
    if routes and not gone:
        yield Found("ok", f"{len(routes)} route{'' if len(routes) == 1 else 's'}, each with the folder of its workflow")


def look_at_holidays(unit: Unit, now: datetime) -> Iterator[Found]:
    """Whether the holidays of this year and the next are known for every country in use."""
    used = health.countries_in_use(unit)
    without = [code for code, years in used.items() if not _covers(years, now.year)]
    if without and store.routes_of(unit):
        says = f"holidays of {now.year} and {now.year + 1} are not known yet for {', '.join(without)}"
        yield Found("note", says, ("lrflow run --once",))
    elif used:
        yield Found("ok", f"holidays of {now.year} and {now.year + 1} are known for {', '.join(used)}")


def _covers(years: str, year: int) -> bool:
    first, _, last = years.partition("-")
    return first.isdigit() and last.isdigit() and int(first) <= year and year + 1 <= int(last)


def look_at_addresses(unit: Unit) -> Iterator[Found]:
    """Whether everyone who takes part can be written to, and their mailboxes take mail."""
    without = health.people_without_address(unit)
    if without:
        more = f" and {len(without) - SHOWN} more" if len(without) > SHOWN else ""
        says = f"no address is known of {', '.join(without[:SHOWN])}{more}: no message reaches them"
        yield Found("note", says, ("lrflow list person email=", f'lrflow set person "{without[0]}" email=...'))
    yield from _bounced(unit)


def _bounced(unit: Unit) -> Iterator[Found]:
    routes = [each for each in store.routes_of(unit) if each.status in ("active", "on_hold")]
    rows = {row["person"]: row for route in routes for row in addresses.troubled_addresses(unit, route.id)}
    kinds: tuple[tuple[str, Level, str], ...] = (
        ("dead", "fault", "mail comes back from addresses that do not exist any more"),
        ("suspect", "note", "mailboxes have taken nothing for a week"),
    )
    for state, level, says in kinds:
        found = [row for row in rows.values() if row["state"] == state]
        if found:
            named = ", ".join(f"{row['name']} ({row['email']})" for row in found[:SHOWN])
            more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
            yield Found(level, f"{says}: {named}{more}", (f'lrflow set person "{found[0]["name"]}" email=...',))
