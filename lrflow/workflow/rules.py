"""What is wrong with a nudge rule: what it is about, when, to whom, and on what it follows."""

from collections.abc import Iterator
from datetime import date

from lrflow.calendars import PLAIN, later, read_span, read_when
from lrflow.catalogue import KINDS
from lrflow.definition import Definition, Rule
from lrflow.errors import Misused
from lrflow.workflow.names import Fault, condition_faults, field_names, span_faults, unknown

A_MONDAY = date(2024, 1, 1)
RECIPIENTS = frozenset({"self", "lead", "focal_point", "owner", "person", "people"})


def rule_faults(where: str, rule: Rule, definition: Definition) -> Iterator[Fault]:
    """Everything that is wrong with *rule*, whose key path is *where*."""
    kind, _, guard = rule.about.partition(":")
    if kind == "guard":
        if guard not in definition.guards:
            yield where, unknown(guard, definition.guards, "guard")
        elif not any(guard in definition.stages[stage].needs for stage in rule.stages if stage in definition.stages):
            yield where, f"{guard} is no need of its stages: the rule can never speak"
    elif kind not in KINDS and kind != "waiver":
        yield where, unknown(kind, KINDS, "kind")
    else:
        yield from condition_faults(where, kind, rule.condition, definition)
    yield from (
        (where, unknown(stage, definition.path, "stage")) for stage in rule.stages if stage not in definition.path
    )
    yield from _when_faults(where, rule, "route" if kind == "guard" else kind)
    known = RECIPIENTS | set(definition.roles)
    for role in (*rule.to, *(role for step in rule.then for role in step.to)):
        if role not in known:
            yield where, unknown(role, known, "recipient")
    if not rule.to:
        yield where, "speaks to nobody"
    if rule.after:
        yield from _after_faults(where, rule, definition)
    if rule.repeat and _is_swallowed(rule):
        yield f"{where}.repeat", f"every {rule.repeat.every} is nearer than min_gap {rule.min_gap}: none would be said"


def _is_swallowed(rule: Rule) -> bool:
    """Whether each repeat comes too soon after the one before, counted from a Monday without holidays."""
    try:
        every, gap = (read_span(text) for text in (rule.repeat.every if rule.repeat else "", rule.min_gap))
        return later(A_MONDAY, every, PLAIN) < later(A_MONDAY, gap, PLAIN)
    except Misused:
        return False  # told as a span that cannot be read


def _after_faults(where: str, rule: Rule, definition: Definition) -> Iterator[Fault]:
    """A later part of a story follows on one about the same kind of record that stands above it."""
    name, rules = rule.after.rule if rule.after else "", list(definition.rules)
    if name not in rules:
        yield f"{where}.after", unknown(name, rules, "rule")
    elif rules.index(name) >= rules.index(where.partition(".")[2]):
        yield f"{where}.after", f"{name} must stand above it"
    elif definition.rules[name].about != rule.about:
        yield f"{where}.after", f"{name} is about {definition.rules[name].about}, not {rule.about}"
    yield from span_faults(f"{where}.after", {"grace": rule.after.grace if rule.after else ""})


def _when_faults(where: str, rule: Rule, kind: str) -> Iterator[Fault]:
    spans = {
        "max_late": rule.max_late,
        "min_gap": rule.min_gap,
        **({"repeat.every": rule.repeat.every} if rule.repeat else {}),
    }
    yield from span_faults(where, {**spans, **{f"then.{number}": step.after for number, step in enumerate(rule.then)}})
    try:
        anchor = read_when(rule.when).anchor
    except Misused as fault:
        yield f"{where}.when", fault.message
        return
    known = field_names(kind) | field_names("delegation") | field_names("route") | {"programme_end"}
    if anchor not in known:
        yield f"{where}.when", unknown(anchor, known, "date")
