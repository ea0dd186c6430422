"""What a command changed in the end: for each field the value before its first entry, and after its last."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from lrflow import store
from lrflow.database import Row, Unit
from lrflow.errors import Refused
from lrflow.store.shared import PERSONAL

SHARED = ("person", "organisation", "programme")


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one thing (E1, route, person:17, W2, L12): its value before the command, and after it."""

    of: str
    field: str
    before: Any
    after: Any
    is_shared: bool = False  # whether the programme's log holds it, not a route's

    @property
    def is_personal(self) -> bool:
        """Whether the log must not hold its values."""
        return self.of.startswith("person:") and self.field in PERSONAL


def net_of(unit: Unit, entries: Sequence[Row], *, shared: bool = False) -> tuple[Change, ...]:
    """The net changes of *entries*, in the order in which they were first touched.

    What was added counts as one change, from removed to there. Raises `Refused` when a name or an address before is not
    kept any more.
    """
    added = {each["subject"] for each in entries if each["verb"] == "add"}
    net: dict[tuple[str, str], Change] = {
        (subject, "removed"): Change(subject, "removed", True, False, shared)
        for subject in dict.fromkeys(each["subject"] for each in entries if each["subject"] in added)
    }
    for entry in entries:
        personal = store.personal_changes(unit, entry["number"]) if shared else {}
        for each in entry["changes"]:
            if each["of"] in added and (entry["verb"] == "add" or each["of"] != "route"):
                continue  # whatever was said of what goes; the roles of a route are no part of its row
            change = _still_kept(Change(each["of"], each["field"], each["before"], each["after"], shared), entry)
            if change.is_personal:
                change = _uncovered(change, personal.get((change.of, change.field)), entry)
            place = (change.of, change.field)
            first = net.get(place)
            net[place] = change if first is None else replace(change, before=first.before)
    return tuple(each for each in net.values() if each.before != each.after)


def _still_kept(change: Change, entry: Row) -> Change:
    """Refuse what is kept elsewhere since: that mail comes back was once said of people."""
    if change.of.startswith("person:") and change.field == "bounced":
        what = f"L{entry['number']} said that mail comes back, which is kept with the address now"
        raise Refused(f"{what}: it cannot be undone", remedy="lrflow person address EMAIL good")
    return change


def _uncovered(change: Change, kept: tuple[Any, Any] | None, entry: Row) -> Change:
    if kept is None:
        what = f"the {change.field} before L{entry['number']} is not kept any more"
        raise Refused(f"{what}: it cannot be undone", remedy="lrflow set person EMAIL field=value")
    return replace(change, before=kept[0], after=kept[1])


def swapped(change: Change) -> dict[str, Any]:
    """*change* as the log writes that it was taken back; names and addresses stay out."""
    before, after = (None, None) if change.is_personal else (change.after, change.before)
    return {"of": change.of, "field": change.field, "before": before, "after": after}
