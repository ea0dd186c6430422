"""What is done where nobody knows whether a message left: a person decides, or its rules would rather say it twice."""

from collections.abc import Callable

from lrflow import store
from lrflow.database import Unit
from lrflow.planner import rule_of


def may_leave_twice(unit: Unit) -> Callable[[int], bool]:
    """Whether all that a message (by its number) says may rather be said twice than not at all (`if_unsure`)."""

    def asked(message: int) -> bool:
        rows = store.lines_of(unit, message)
        return bool(rows) and all(_resends(unit, row["route_key"], row["rule"]) for row in rows)

    return asked


def _resends(unit: Unit, key: str, rule: str) -> bool:
    try:
        definition = store.read_definition(unit, store.read_route(unit, key).digest)
    except Exception:  # a door: what is wrong with one route must not silence the others, and asking is always safe
        return False
    return rule_of(definition, rule).if_unsure == "resend"
