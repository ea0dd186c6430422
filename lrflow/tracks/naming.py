"""What people call a record."""

from lrflow.catalogue import KINDS
from lrflow.facts import Facts, Record, text_of

_NAMED_BY = ("title", "person.name", "person.email", "organisation.name", "guard")
_ELSE_BY = {"case": "experience.title", "evidence": "what", "budget": "what", "sharing": "sort", "session": "kind"}


def name_of(record: Record, facts: Facts) -> str:
    """What people call *record*: its title, its person with the address, or its organisation."""
    if record.kind in ("person", "organisation"):
        return str(record["name"] or "")
    parts = [facts.value(record, path) for path in _NAMED_BY if "." not in path or _leads_on(record, path)]
    words = [str(part) for part in parts if part]
    return " ".join(words) or text_of(facts.value(record, _ELSE_BY.get(record.kind, "delegation.organisation.name")))


def _leads_on(record: Record, path: str) -> bool:
    field = KINDS[record.kind].field(path.partition(".")[0]) if record.kind in KINDS else None
    return field is not None and field.type == "ref"
