"""The names that a workflow may use: kinds, fields, states, words, pointers; what is none is a fault."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from lrflow.calendars import read_span
from lrflow.catalogue import KINDS, derived_fields
from lrflow.definition import Condition, Definition
from lrflow.errors import Misused

EXTRA_FIELDS = {
    "route": {"key", "stage", "status", "coordinator", "owner", "stage_due", "review_on", "stage_entered_on"},
    "waiver": {"state", "guard", "until_on"},
}
CLAUSES = ("filled", "min", "max")
Fault = tuple[str, str]  # the key path, what is wrong there


def unknown(word: str, known: Any, what: str) -> str:
    """That *word* is not known, and the nearest that is."""
    near = get_close_matches(word, [str(each) for each in known], n=1)
    return f"unknown {what} {word!r}" + (f", did you mean {near[0]!r}?" if near else "")


def span_faults(where: str, spans: Mapping[str, str]) -> Iterator[Fault]:
    """What is no length of time."""
    for name, text in spans.items():
        try:
            read_span(text)
        except Misused as fault:
            yield f"{where}.{name}", fault.message


def condition_faults(where: str, kind: str, condition: Condition, definition: Definition) -> Iterator[Fault]:
    """What in *condition* no record of *kind* has."""
    life = definition.lives.get(kind)
    for name, wanted in condition.items():
        if name == "any":
            for each in wanted:
                yield from condition_faults(where, kind, each, definition)
        elif name in ("state", "reached"):
            states = life.states if life and name == "state" else life.path if life else ("active",)
            words = wanted if isinstance(wanted, list | tuple) else [wanted]
            yield from ((where, unknown(word, states, f"state of {kind}")) for word in words if word not in states)
        else:
            yield from field_faults(where, kind, name)
            yield from _value_faults(where, kind, name, wanted, definition)


def field_names(kind: str) -> set[str]:
    """Every field of *kind*: typed, derived, and of its own."""
    typed = {field.name for field in KINDS[kind].fields} if kind in KINDS else set()
    return typed | set(derived_fields(kind)) | EXTRA_FIELDS.get(kind, set())


def field_faults(where: str, kind: str, path: str) -> Iterator[Fault]:
    """Whether *path* leads to a field, through references too."""
    name, _, rest = path.partition(".")
    if name not in field_names(kind):
        yield where, unknown(name, field_names(kind), f"field of {kind}")
    elif rest:
        described = KINDS[kind].field(name)
        yield from field_faults(where, described.to if described else "organisation", rest)


def _value_faults(where: str, kind: str, name: str, wanted: Any, definition: Definition) -> Iterator[Fault]:
    described = KINDS[kind].field(name) if kind in KINDS else None
    known = described.choices or tuple(definition.vocabularies.get(described.vocabulary, ())) if described else ()
    values = wanted.values() if isinstance(wanted, dict) else wanted if isinstance(wanted, list) else [wanted]
    for clause in wanted if isinstance(wanted, dict) else ():
        if clause not in CLAUSES:
            yield where, unknown(clause, CLAUSES, "clause")
    for value in values:
        yield from pointer_faults(where, value, definition)
        if known and isinstance(value, str) and not value.startswith("@") and value not in known:
            yield where, unknown(value, known, f"{name} of {kind}")


def pointer_faults(where: str, value: Any, definition: Definition) -> Iterator[Fault]:
    """Whether what begins with @ points somewhere."""
    if not isinstance(value, str) or not value.startswith("@"):
        return
    head, _, rest = value[1:].partition(".")
    if head == "parameters":
        if rest not in definition.parameters:
            yield where, unknown(rest, definition.parameters, "parameter")
    elif head in ("route", "programme"):
        yield from field_faults(where, head, rest)
    elif value != "@today":
        yield where, f"{value!r} points nowhere"
