"""Take back what one command did, as long as nothing depends on it: a compensating entry, never a rewriting."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lrflow import store
from lrflow.database import Database, Row, Unit
from lrflow.errors import NotFound, Refused
from lrflow.history.net import Change, net_of, swapped
from lrflow.history.restoring import check_rights, check_since, restore
from lrflow.store import Act, Standing

FINAL = {
    "init": "it began the programme",
    "go-live": "people may have been written to; lrflow hold stops what is planned",
    "confirm": "what was sent stays sent",
    "hold-nudge": "lrflow nudge release lets it go",
    "move-nudge": "lrflow nudge move puts it on another day",
    "skip-nudge": "lrflow tell says what was left out",
    "send-nudge": "it may be on its way",
    "release": "a message that was let go may be on its way",
    "opt-out": "what a person asked for holds until the person says otherwise: lrflow person opt-in",
    "opt-in": "the person wants to hear: lrflow person opt-out",
    "address": "it says what is known of the address: lrflow person address WHO good",
    "pause": "lrflow pause end lets it go",
    "end-pause": "lrflow pause lets it wait again",
    "add-holiday": "lrflow holiday remove is its opposite",
    "remove-holiday": "lrflow holiday add is its opposite",
    "handover": "the colleague's copy may be in use; lrflow takeover brings it back",
    "takeover": "other copies may have been closed since",
}


@dataclass(frozen=True, slots=True)
class Past:
    """One command as the logs know it: its entries on the route and in the programme's log, in their order."""

    entries: tuple[Row, ...]
    shared: tuple[Row, ...]

    @property
    def every(self) -> tuple[Row, ...]:
        """All entries, the programme's first."""
        return (*self.shared, *self.entries)

    @property
    def name(self) -> str:
        """What it is called: L12, of the route's log where it wrote there."""
        return f"L{(self.entries or self.shared)[0]['batch']}"


@dataclass(frozen=True, slots=True)
class Undone:
    """What was taken back: the command, what changed by it, the mail that has gone all the same, the new entry."""

    past: Past
    changes: tuple[Change, ...]
    gone: tuple[Row, ...]
    entry: int
    is_shared: bool
    planned: tuple[int, int] = (0, 0)


def look_back(database: Database, route: str, number: int | None = None, *, shared: bool = False) -> Past:
    """The command that an undo would take back: the newest one that stands, or that of entry *number*.

    *route* may be empty where there is none yet; *shared* looks into the programme's own log. Raises `NotFound` when
    there is nothing, `Refused` when that command cannot be undone.
    """
    with database.begin() as unit:
        return _past(unit, store.read_route(unit, route, removed=True).id if route else None, number, shared)


def _past(unit: Unit, route_id: int | None, number: int | None, shared: bool) -> Past:
    first = _numbered(unit, None if shared else route_id, number) if number else _newest(unit, route_id)
    entries = store.batch_of(unit, first["route_id"], first["number"])
    batches = dict.fromkeys(each["shared_batch"] for each in entries if each["shared_batch"])
    beside = [each for batch in batches for each in store.batch_of(unit, None, batch)]
    past = Past((), tuple(entries)) if first["route_id"] is None else Past(tuple(entries), tuple(beside))
    _check_undoable(unit, past)
    return past


def _numbered(unit: Unit, route_id: int | None, number: int) -> Row:
    found = store.batch_of(unit, route_id, number)
    if not found:
        where = "the programme's log" if route_id is None else "the log of this route"
        raise NotFound(f"nothing was done in L{number} of {where}", remedy="lrflow log")
    return found[0]


def _newest(unit: Unit, route_id: int | None) -> Row:
    """The newest command that stands: undos, and what they took back, are passed over."""
    undone = {None: store.undone_batches(unit, None), route_id: store.undone_batches(unit, route_id)}
    for row in store.newest_commands(unit, route_id):
        is_beside = row["route_id"] is None and store.routes_with(unit, row["batch"])
        if row["verb"] != "undo" and row["batch"] not in undone[row["route_id"]] and not is_beside:
            return row
    raise NotFound("there is nothing to undo", remedy="lrflow log")


def _check_undoable(unit: Unit, past: Past) -> None:
    first = (past.entries or past.shared)[0]
    why = FINAL.get(first["verb"], "")
    if why:
        told = f"{first['verb']} {first['subject']} of {first['happened_on']}"
        raise Refused(f"{past.name} cannot be undone ({told}): {why}", remedy="lrflow log")
    if past.name in {f"L{number}" for number in store.undone_batches(unit, first["route_id"])}:
        raise Refused(f"{past.name} is undone already", remedy="lrflow log")
    if first["route_id"] is None and (beside := store.routes_with(unit, first["batch"])):
        names = [f"L{each['batch']} of {each['key']}" for each in beside]
        again = [f"lrflow -r {each['key']} undo L{each['batch']}" for each in beside]
        raise Refused(f"{past.name} was part of {', '.join(names)}: undo that", remedy=again)


def undo(database: Database, route: str, past: Past, act: Act) -> Undone:
    """Take *past* back: every value as it was before, in one transaction, with entries that say so.

    Raises `Refused` when something was changed since, refers to what would go, or when a hard guard would be lost; and
    when the actor might not have done it in the first place.
    """
    with database.begin(write=True, keep=not act.dry_run) as unit:
        standing = store.stand(unit, route, act, removed=True) if past.entries else store.stand_aside(unit, act)
        first = (past.entries or past.shared)[0]
        past = _past(unit, first["route_id"], first["number"], first["route_id"] is None)
        changes = (*net_of(unit, past.shared, shared=True), *net_of(unit, past.entries))
        check_rights(standing, changes, past.every)
        check_since(unit, standing, changes, past.every)
        straight = store.is_last(unit, max(each["id"] for each in past.every))
        changes = restore(unit, standing, act, changes, straight=straight)
        changes = (*changes, *_withdraw_notices(unit, standing, past))
        gone = _gone(unit, standing, past)
        entry = _write_entries(unit, standing, act, past, changes)
        planned = _plan_anew(unit, standing, act, past)
    return Undone(past, changes, gone, entry, not past.entries, planned)


def _withdraw_notices(unit: Unit, standing: Standing, past: Past) -> list[Change]:
    """What the command had told people, as far as it has not left; given back where an undo is undone."""
    numbers = [each["number"] for each in past.entries]
    rows = store.notices_of(unit, standing.route.id, numbers) if numbers else []
    if past.entries and past.entries[0]["verb"] == "undo":
        return []  # its net changes name the notices
    for row in rows:
        store.keep_notice(unit, standing.route.id, row["number"], True)
    return [Change(f"notice:{row['number']}", "withdrawn", True, False) for row in rows]


def _gone(unit: Unit, standing: Standing, past: Past) -> tuple[Row, ...]:
    if not past.entries:
        return ()
    subjects = {each["subject"] for each in past.entries} | {f"L{each['number']}" for each in past.entries}
    about = () if "route" in subjects else tuple(sorted(subjects))
    return tuple(store.gone_mail(unit, standing.route.id, past.entries[0]["recorded_us"], about))


def _write_entries(unit: Unit, standing: Standing, act: Act, past: Past, changes: Sequence[Change]) -> int:
    """An entry for each thing that changed; the first of each log names the command that is taken back."""
    number = 0
    for shared, entries in ((True, past.shared), (False, past.entries)):
        if not entries:
            continue
        redo = entries[0]["verb"] == "undo"
        own: dict[str, list[Change]] = {}
        for change in changes:
            if change.is_shared == shared:
                own.setdefault(change.of, []).append(change)
        subjects = list(own) or [entries[0]["subject"]]
        lines = {subject: own.get(subject, []) for subject in subjects}
        if not redo:
            undone = Change(f"L{entries[0]['batch']}", "undone", True, False, shared)
            lines[subjects[0]] = [*lines[subjects[0]], undone]
        for subject, each in lines.items():
            written = _entry(unit, standing, act, subject, each, shared)
            number = number or written if shared else written if not standing.batch.route else standing.batch.route
    return number


def _entry(unit: Unit, standing: Standing, act: Act, subject: str, changes: Sequence[Change], shared: bool) -> int:
    step = next(((each.after, each.before) for each in changes if each.field in ("state", "stage")), (None, None))
    plain: list[dict[str, Any]] = [swapped(each) for each in changes]
    entry = store.entry_of(standing, act, "undo", subject, "done", step=step, changes=plain)
    number = store.log_entry(unit, standing, entry, shared=shared)
    for each in changes:
        if each.is_personal:
            person = int(each.of.partition(":")[2])
            store.keep_personal(unit, number, person, each.field, (each.after, each.before))
    return number


def _plan_anew(unit: Unit, standing: Standing, act: Act, past: Past) -> tuple[int, int]:
    if past.shared:
        store.replan_all(unit, act.now, restoring=True)
    if not past.entries:
        return (0, 0)
    store.touch_route(unit, store.read_route(unit, standing.route.key, removed=True))
    return store.replan(unit, standing.route.key, act.now, act.day, restoring=True)
