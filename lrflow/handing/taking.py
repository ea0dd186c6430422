"""Take a programme over: from a handover file, which closed the other copy, or from a bare copy, which did not.

After a handover nothing can have been sent since. After anything else, what was due between the last moment that the
copy knows of and now may have been sent by another copy as well: it is held, listed, and waits for a person's word.
"""

from dataclasses import dataclass, replace
from typing import Any

from lrflow import records, store
from lrflow.database import Database, Row, Unit
from lrflow.errors import Busy, Refused
from lrflow.handing.belongings import missing_evidence
from lrflow.handing.files import settle
from lrflow.handing.installing import Installed, install
from lrflow.handing.offering import Offer
from lrflow.handing.packing import DATABASE
from lrflow.store import Act, Entry


@dataclass(frozen=True, slots=True)
class Taken:
    """A programme that was taken over: who coordinates it, the entry, the nudges held, and what is to be seen to."""

    offer: Offer
    name: str
    entry: int
    held: tuple[Row, ...]
    drafts: int
    missing: tuple[tuple[str, str], ...]
    installed: Installed | None


def take_over(offer: Offer, me: tuple[str, str], act: Act, *, approved_by: str = "") -> Taken:
    """Put what is offered in its place, open, coordinated by *me* (name and address); whole, or nothing is changed.

    May do so: who owns or coordinates the programme, whom the file was made for, and whoever an owner approves of.
    Raises `Refused` for others, `Busy` while a process sends for the copy that is replaced. In a dry run nothing is put
    in its place.
    """
    _check_sender(offer, act)
    opened = Database(offer.stage / DATABASE)
    try:
        with opened.begin(write=True, closed=True) as unit:
            person = _admit(unit, offer, me, approved_by)
            entry = _open(unit, offer, person, act, approved_by)
            held, drafts = store.held_after_takeover(unit), len(store.waiting_drafts(unit))
    finally:
        opened.close()
    settle(offer.stage / DATABASE)
    installed = None if act.dry_run else install(offer, person)
    missing = _missing(offer) if installed else ()
    return Taken(offer, str(person["name"]), entry, tuple(held), drafts, missing, installed)


def _check_sender(offer: Offer, act: Act) -> None:
    """Refuse to put an older copy back under a process that sends."""
    until = offer.here.sender_until if offer.here and offer.here.closed is None else None
    if until is not None and until > act.now:
        remedy = "stop it first: Ctrl-C, or the task that starts it"
        raise Busy(f"a process sends for the copy in {offer.home}: nothing was taken over", remedy=remedy)


def _admit(unit: Unit, offer: Offer, me: tuple[str, str], approved_by: str) -> Row:
    """The person who takes over, made known if need be."""
    name, email = me
    known = [row for row in store.find_people(unit, email) if (row["email"] or "").lower() == email.lower()]
    is_meant = offer.manifest is not None and offer.manifest.to.lower() == email.lower()
    if known and (is_meant or _has_say(unit, known[0])):
        return known[0]
    if not is_meant:
        _check_approval(unit, offer, email, approved_by)
    return known[0] if known else _introduce(unit, name, email)


def _has_say(unit: Unit, person: Row) -> bool:
    return any(store.places_of_role(unit, role, person["id"]) for role in ("owner", "coordinator"))


def _check_approval(unit: Unit, offer: Offer, email: str, approved_by: str) -> None:
    owners = store.holders_of(unit, None, "owner")
    if approved_by and {row["id"] for row in store.find_people(unit, approved_by)} & set(owners):
        return
    addresses = [str(store.shared_record(unit, "person", each)["email"]) for each in owners] or ["EMAIL"]
    problems = [f"the file was made for {offer.manifest.to}"] if offer.manifest and offer.manifest.to else []
    problems += [f"{approved_by} is no owner"] if approved_by else []
    raise Refused(
        f"{email} neither owns nor coordinates {offer.copy.name}: an owner has to agree",
        problems=[*problems, f"owners: {', '.join(addresses)}"],
        remedy=f'lrflow takeover {offer.file} --me "NAME <{email}>" --approved-by {addresses[0]}',
    )


def _introduce(unit: Unit, name: str, email: str) -> Row:
    values = {"name": name or email.split("@")[0], "email": email}
    twin = store.removed_twin(unit, "person", values)
    if twin is None:
        row: Any = records.add(unit, "person", values)
        return {"id": int(row.id), **values}
    store.revive(unit, "person", twin, values)
    return {"id": twin, **values}


def _open(unit: Unit, offer: Offer, person: Row, act: Act, approved_by: str) -> int:
    """Open the copy, pass the coordination on, hold what may have left, plan anew; the number of the log entry."""
    store.reopen_copy(unit)
    entry = _note(unit, offer, person, act, approved_by)
    for digest, member in (offer.manifest.folders if offer.manifest else {}).items():
        store.place_folder(unit, digest, str(offer.home.joinpath(*member.split("/"))))
    if offer.may_have_sent:
        store.hold_what_may_have_left(unit, act.now, _why(offer))
    store.replan_all(unit, act.now)
    if offer.may_have_sent:  # and what only the plan of today knows
        store.hold_what_may_have_left(unit, act.now, _why(offer))
    return entry


def _why(offer: Offer) -> str:
    return f"taken over from a copy of {offer.copy.last:%Y-%m-%d %H:%M} UTC: another copy may have sent it since"


def _note(unit: Unit, offer: Offer, person: Row, act: Act, approved_by: str) -> int:
    """Pass the coordination on, and write down from which instant the programme was taken over; the entry's number."""
    subject = f"programme:{store.programme_of(unit)['id']}"
    approvers = store.find_people(unit, approved_by) if approved_by else []
    reason = act.reason or (f"approved by person:{approvers[0]['id']}" if approvers else "")
    source = offer.manifest.made_at if offer.manifest else offer.copy.last.isoformat()
    giver = _giver(unit, offer, person)
    routes = [each for each in store.places_of_role(unit, "coordinator", giver or 0) if each is not None]
    changes = [
        {"of": subject, "field": "taken_over_from", "before": None, "after": source},
        *_pass_on(unit, None, giver, person, act),
    ]
    written = Entry(
        "takeover", subject, person["id"], "coordinator", "done", act.day, act.now, reason=reason, changes=changes
    )
    number = store.write_entry(unit, None, written)
    for route in routes:
        passed = replace(written, subject="route", changes=_pass_on(unit, route, giver, person, act))
        store.write_entry(unit, route, passed, shared_batch=number)
    return number


def _pass_on(unit: Unit, route: int | None, giver: int | None, person: Row, act: Act) -> list[dict[str, Any]]:
    """Let *person* coordinate in the place of *giver*, beside the others who do; the change, if it is one."""
    before = store.holders_of(unit, route, "coordinator")
    after = list(dict.fromkeys(person["id"] if each == giver else each for each in before))
    after += [] if person["id"] in after else [person["id"]]
    if after == before:
        return []
    store.hand_over(unit, route, "coordinator", after, act.now)
    of = "route" if route else f"programme:{store.programme_of(unit)['id']}"
    return [{"of": of, "field": "coordinator", "before": before, "after": after}]


def _giver(unit: Unit, offer: Offer, person: Row) -> int | None:
    """Who handed over, unless it is the one who takes the programme back."""
    rows = store.find_people(unit, offer.manifest.by) if offer.manifest else []
    return int(rows[0]["id"]) if rows and rows[0]["id"] != person["id"] else None


def _missing(offer: Offer) -> tuple[tuple[str, str], ...]:
    """The evidence that did not come along: a bare copy of a database holds none."""
    opened = Database(offer.home / DATABASE)
    try:
        with opened.begin() as unit:
            return tuple(missing_evidence(unit, offer.home))
    finally:
        opened.close()
