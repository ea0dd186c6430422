"""What the rows of a list say without saying it: that an answer came, that an action is done, who are alliances."""

from datetime import date
from typing import Any

from lrflow.facts import Record
from lrflow.lists.known import Known
from lrflow.lists.likeness import folded
from lrflow.lists.wishes import Wish

_SHORT = 60  # characters of a text in a sentence on it
_ALLIANCE = frozenset({"alliance", "alliances", "alianza", "alianzas", "alianca", "aliancas", "csa", "asc"})
_ANSWERS = ("learning_used", "learning_shared", "plan_state", "percent", "blocked_by", "help_needed")
_ENTAILS = {  # which day says that a record has left its first state
    "checkin": ("answered_on", "answered"),
    "action": ("done_on", "done"),
    "delegation": ("applied_on", "applied"),
}


def entailed_state(record: Record) -> str:
    """The state that a day of the list stands for: an answer that came is not asked for again. Empty for none."""
    name, state = _ENTAILS.get(record.kind, ("", ""))
    return state if name and record[name] else ""


def day_of_answer(
    wish: Wish, record: Record | None, values: dict[str, Any], known: Known, today: date
) -> dict[str, Any]:
    """The day of an answer that names none: of the command, and said so. Nothing where there is no answer, or a day."""
    is_answer = wish.kind == "checkin" and wish.is_foreign and any(values.get(name) for name in _ANSWERS)
    if not is_answer or values.get("answered_on") or (record is not None and record["answered_on"]):
        return {}
    known.note(f"answers without a day are taken to be of {today} (--on DATE says another)")
    return {"answered_on": today.isoformat()}


def kind_of_organisation(wish: Wish, values: dict[str, Any]) -> dict[str, Any]:
    """That a new organisation is an alliance, where the list is one of alliances and says no kind."""
    says = _ALLIANCE & set(folded(wish.titles.get("name", "")).split())
    is_alliance = wish.kind == "organisation" and wish.is_foreign and (values.get("in_registry") or says)
    return {"kind": "csa"} if is_alliance and not values.get("kind") else {}


def differing(wish: Wish, first: Wish) -> list[str]:
    """What a row that repeats another says otherwise, a sentence for each."""
    pairs = [("organisation", wish.organisation, first.organisation)]
    for mine, theirs in ((wish.texts, first.texts), (wish.person, first.person)):
        pairs += [(name, text, theirs.get(name, "")) for name, text in mine.items()]
    return [
        f"{wish.called(name)} is {text[:_SHORT]} here, {other[:_SHORT]} there"
        for name, text, other in dict.fromkeys(pairs)
        if text and other and text != other
    ]
