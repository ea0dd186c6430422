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
    """Every rule that speaks on a route of *definition*, by name; the names of notices are taken.

    What follows on another rule comes after it: how a pinned definition is sorted says nothing of that.
    """
    return {**dict(sorted(definition.rules.items(), key=lambda each: _depth(each[0], definition))), **NOTICES}


def _depth(name: str, definition: Definition) -> int:
    """How many parts of its story come before the rule *name*."""
    depth, rule = 0, definition.rules.get(name)
    while rule is not None and rule.after is not None and depth < len(definition.rules):
        depth, rule = depth + 1, definition.rules.get(rule.after.rule)
    return depth


def rule_of(definition: Definition, name: str) -> Rule:
    """The rule called *name* that a nudge of a route of *definition* follows."""
    return NOTICES.get(name) or definition.rules[name]
