"""The rules of a route: those of its workflow, and those that no workflow needs to hold."""

from collections.abc import Mapping
from dataclasses import replace

from lrflow.definition import Definition, Rule

TOLD, POSTPONED, ALARM = "told", "postponed", "alarm"
_NOTICE = Rule(
    about="notice", when="on_day", to=("people",), max_late="10wd", newcomer="now", on_hold="run", priority=2
)
# A workflow pinned long ago does not hold them, and they are about what a person did, not about its dates.
NOTICES: Mapping[str, Rule] = {TOLD: _NOTICE, POSTPONED: _NOTICE, ALARM: replace(_NOTICE, priority=1)}
WORDED = (POSTPONED, f"{POSTPONED}-month")  # whose texts a folder of messages must have


def rules_of(definition: Definition) -> Mapping[str, Rule]:
    """Every rule that speaks on a route of *definition*, by name; the names of notices are taken."""
    return {**definition.rules, **NOTICES}


def rule_of(definition: Definition, name: str) -> Rule:
    """The rule called *name* that a nudge of a route of *definition* follows."""
    return NOTICES.get(name) or definition.rules[name]
