"""Every fault of a workflow's files at once: shape first, then each reference against the catalogue."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from lrflow.calendars import read_span, read_when
from lrflow.catalogue import KINDS, derived_fields
from lrflow.definition import Ask, Condition, Creation, Definition, Guard, Life, Rule, plain
from lrflow.errors import Misused

TRACK_CHECKS = ("every", "each_has", "filled", "dates")
TEXT_WORDS = frozenset({"have", "need", "short", "over", "missing", "first", "all", "gaps", "note", "route", "today"})
RECIPIENTS = frozenset({"self", "lead", "focal_point", "owner", "person", "people"})
EXTRA_FIELDS = {
    "route": {"key", "stage", "status", "coordinator", "owner", "stage_due", "review_on", "stage_entered_on"},
    "waiver": {"state", "guard", "until_on"},
}
NEEDED = {
    "every": ("having",),
    "each_has": ("has",),
    "distinct": ("field",),
    "filled": ("fields",),
    "dates": ("field",),
    "covers": ("field", "values"),
    "total": ("limit", "of_all"),
}
CLAUSES = ("filled", "min", "max")
VERBS = ("advance", "back", "hold", "resume", "cancel", "reopen", "waive", "live", "parameters")
OWN_PARAMETERS = {  # what is worked out with them
    "final_plan_due_days_after_visit_end": "final_due",
    "checkpoint_months": "last_checkin",
}
Fault = tuple[str, str]  # the key path, what is wrong there


def find_faults(texts: dict[str, str]) -> tuple[Definition | None, list[str]]:
    """The definition in *texts* (file name -> TOML), if it can be read, and its faults: file, line, key path, why."""
    tables: dict[str, Any] = {}
    for name, text in texts.items():
        try:
            tables.update(tomllib.loads(text))
        except tomllib.TOMLDecodeError as fault:
            return None, [f"{name}: {fault}"]
    try:
        definition = _shape().validate_json(json.dumps(tables, default=str))
    except ValidationError as wrong:
        return None, [_place(texts, _path(each["loc"]), _worded(each)) for each in wrong.errors()]
    return definition, [_place(texts, path, says) for path, says in _references(definition)]


@cache
def _shape() -> TypeAdapter[Definition]:
    return TypeAdapter(Definition)


def _path(loc: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in loc)


def _worded(error: Mapping[str, Any]) -> str:
    if error["type"] in ("unexpected_keyword_argument", "extra_forbidden"):
        return f"unknown key {error['loc'][-1]!r}"
    if error["type"] in ("missing", "missing_argument"):
        return f"{error['loc'][-1]!r} is missing"
    return str(error["msg"])


def _place(texts: Mapping[str, str], path: str, says: str) -> str:
    name, line = _line_of(texts, path)
    return f"{name}{f' line {line}' if line else ''}: {path}: {says}"


def _line_of(texts: Mapping[str, str], path: str) -> tuple[str, int]:
    """The file and line nearest to *path*: of itself or a table around it, else of the first thing inside."""
    places = [(found, name, line) for name, text in texts.items() for line, found in _paths(text)]
    around = [place for place in places if f"{path}.".startswith(f"{place[0]}.")]
    if around:
        return max(around, key=lambda place: len(place[0]))[1:]
    while path:
        inside = next((place for place in places if place[0].startswith(f"{path}.")), None)
        if inside:
            return inside[1:]
        path = path.rpartition(".")[0]
    return next(iter(texts)), 0


def _paths(text: str) -> Iterator[tuple[int, str]]:
    """Each table header and key of *text* with its line and its dotted path; arrays of tables are numbered."""
    table = ""
    seen: dict[str, int] = {}
    for line, raw in enumerate(text.splitlines(), 1):
        if head := re.match(r"\[\[([\w.-]+)\]\]", raw):
            seen[head[1]] = seen.get(head[1], -1) + 1
            table = f"{head[1]}.{seen[head[1]]}"
            yield line, table
        elif head := re.match(r"\[([\w.-]+)\]", raw):
            table = head[1]
            yield line, table
        elif key := re.match(r"([\w.-]+)\s*=", raw):
            yield line, f"{table}.{key[1]}" if table else key[1]


def _references(definition: Definition) -> Iterator[Fault]:
    yield from _stage_faults(definition)
    for kind, life in definition.lives.items():
        yield from _life_faults(kind, life, definition)
    for name, guard in definition.guards.items():
        yield from _guard_faults(f"guards.{name}", guard, definition)
    yield from _unused_guards(definition)
    yield from _parameter_faults(definition)
    yield from _role_faults(definition)
    for name, rule in definition.rules.items():
        yield from _rule_faults(f"rules.{name}", rule, definition)
    for described in KINDS.values():
        if described.letter and described.name not in definition.lives:
            yield "lives", f"the life of {described.name} is missing"
        for named in {field.vocabulary for field in described.fields} - {"", *definition.vocabularies}:
            yield "vocabularies", f"{named!r} is missing: {described.name} is described with it"


def _unknown(word: str, known: Any, what: str) -> str:
    near = get_close_matches(word, [str(each) for each in known], n=1)
    return f"unknown {what} {word!r}" + (f", did you mean {near[0]!r}?" if near else "")


def _stage_faults(definition: Definition) -> Iterator[Fault]:
    for step in definition.path:
        if step not in definition.stages:
            yield "path", f"{step!r} has no [stages.{step}]"
    for name, stage in definition.stages.items():
        where = f"stages.{name}"
        if name not in definition.path:
            yield where, "is not on the path"
        yield from (
            (f"{where}.needs", _unknown(need, definition.guards, "guard"))
            for need in stage.needs
            if need not in definition.guards
        )
        yield from _span_faults(where, {"target": stage.target, "limit": stage.limit})
        earlier = definition.path[: definition.path.index(name)] if name in definition.path else ()
        for to in stage.back.to if stage.back else ():
            if to not in earlier:
                yield f"{where}.back", f"{to!r} is no earlier stage"
        for kind, state in (stage.back.reopens if stage.back else {}).items():
            if kind not in definition.lives or state not in definition.lives[kind].states:
                yield f"{where}.back.reopens", f"{kind} has no state {state!r}"
        for made in stage.creates:
            yield from _creation_faults(f"{where}.creates", made, definition)


def _creation_faults(where: str, made: Creation, definition: Definition) -> Iterator[Fault]:
    for kind in (made.kind, made.each):
        if kind not in KINDS:
            yield where, _unknown(kind, KINDS, "kind")
            return
    yield from _condition_faults(where, made.each, made.where, definition)
    for kind, name in ((made.kind, made.field), (made.kind, made.due), ("route", made.anchor)):
        yield from _field_faults(where, kind, name)
    for value in made.values:
        yield from _pointer_faults(where, value, definition)


def _span_faults(where: str, spans: Mapping[str, str]) -> Iterator[Fault]:
    for name, text in spans.items():
        try:
            read_span(text)
        except Misused as fault:
            yield f"{where}.{name}", fault.message


def _life_faults(kind: str, life: Life, definition: Definition) -> Iterator[Fault]:
    where = f"lives.{kind}"
    if kind not in KINDS:
        yield where, _unknown(kind, KINDS, "kind")
        return
    for state in (*life.path[1:], *life.ends):
        if state not in life.moves:
            yield where, f"no move leads into {state!r}"
    for state, name in life.begins.items():
        if state not in life.path or KINDS[kind].field(name) is None:
            yield f"{where}.begins", f"{state} = {name!r}: no such state or field"
    for state, move in life.moves.items():
        at = f"{where}.moves.{state}"
        yield from (
            (at, _unknown(source, life.states, "state")) for source in move.sources if source not in life.states
        )
        yield from (
            (at, _unknown(name, [each.name for each in KINDS[kind].fields], "field"))
            for name in move.fields
            if KINDS[kind].field(name) is None
        )
        for taken, to in move.takes.items():
            if taken not in definition.lives or to not in definition.lives[taken].states:
                yield at, f"takes: {taken} has no state {to!r}"
        for need in move.needs:
            if need not in definition.guards:
                yield at, _unknown(need, definition.guards, "guard")
            elif bad := [ask.check for ask in definition.guards[need].asks if ask.check not in TRACK_CHECKS]:
                yield at, f"{need} asks {bad[0]}, which cannot be judged on one record"


def _unused_guards(definition: Definition) -> Iterator[Fault]:
    used = {need for stage in definition.stages.values() for need in stage.needs}
    used |= {need for life in definition.lives.values() for move in life.moves.values() for need in move.needs}
    yield from (
        (f"guards.{name}", "is needed by no stage and no move") for name in definition.guards if name not in used
    )


def _parameter_faults(definition: Definition) -> Iterator[Fault]:
    # A misspelt name would leave a number without effect, in silence.
    said = str([plain(part) for part in (definition.stages, definition.guards, definition.rules)])
    used = {*OWN_PARAMETERS, *re.findall(r"@parameters\.(\w+)", said)}
    yield from ((f"parameters.{name}", "is used by nothing") for name in definition.parameters if name not in used)
    for name, fact in OWN_PARAMETERS.items():
        if name not in definition.parameters and re.search(rf"\b{fact}\b", said):
            yield "parameters", f"{name!r} is missing: {fact} is worked out with it"


def _role_faults(definition: Definition) -> Iterator[Fault]:
    for name, role in definition.roles.items():
        known = {"may": (role.may, VERBS), "edits": (role.edits, ("*", *KINDS))}
        for key, (words, allowed) in known.items():
            yield from ((f"roles.{name}", _unknown(word, allowed, key)) for word in words if word not in allowed)


def _guard_faults(where: str, guard: Guard, definition: Definition) -> Iterator[Fault]:
    if (guard.level == "soft") != (guard.waive is not None):
        yield where, "a soft guard says who may waive it; no other guard does"
    for role in guard.waive.by if guard.waive else ():
        if role not in definition.roles:
            yield f"{where}.waive", _unknown(role, definition.roles, "role")
    if not guard.asks:
        yield where, "asks nothing"
    for text in (guard.remedy, guard.run, guard.run_none, guard.too_many, *_texts(guard)):
        yield from (
            (where, _unknown(word, TEXT_WORDS, "word"))
            for word in re.findall(r"\{(\w+)\}", text)
            if word not in TEXT_WORDS
        )
    if guard.keep and guard.keep not in definition.path:
        yield f"{where}.keep", _unknown(guard.keep, definition.path, "stage")
    for number, ask in enumerate(guard.asks):
        yield from _ask_faults(f"{where}.asks.{number}", ask, definition)


def _texts(guard: Guard) -> Iterator[str]:
    for ask in guard.asks:
        yield from (ask.says, ask.run)


def _ask_faults(where: str, ask: Ask, definition: Definition) -> Iterator[Fault]:
    if ask.of not in KINDS:
        yield where, _unknown(ask.of, KINDS, "kind")
        return
    for name in re.findall(r"\{its (\w+)\}", ask.says + ask.run):
        yield from _field_faults(where, ask.of, name)
    yield from _condition_faults(where, ask.of, ask.where, definition)
    yield from _condition_faults(where, ask.has or ask.of, ask.having, definition)
    for name in (*ask.fields, *([ask.field] if ask.field else [])):
        yield from _field_faults(where, ask.of, name)
    for value in (ask.min, ask.max, ask.desired, ask.limit, ask.before, *ask.within):
        yield from _pointer_faults(where, value, definition)
    yield from _shape_faults(where, ask, definition)
    low, high = ask.min, ask.max
    if isinstance(low, int) and isinstance(high, int) and low > high:
        yield where, f"min {low} is above max {high}: it can never be met"


def _shape_faults(where: str, ask: Ask, definition: Definition) -> Iterator[Fault]:
    """What a check cannot do without, and the names that only one check reads."""
    for needed in NEEDED.get(ask.check, ()):
        if not getattr(ask, needed):
            yield where, f"{ask.check} needs {needed!r}"
    if ask.check in ("count", "distinct") and ask.min is None and ask.max is None:
        yield where, f"{ask.check} needs 'min' or 'max'"
    if ask.has and ask.has not in KINDS:
        yield where, _unknown(ask.has, KINDS, "kind")
    elif ask.by:
        yield from _field_faults(where, ask.has, ask.by)
    yield from _pointer_faults(where, ask.values, definition)
    lists = {*definition.vocabularies, *KINDS}
    if ask.values and not ask.values.startswith("@") and ask.values not in lists:
        yield where, _unknown(ask.values, lists, "list")
    for line in ask.of_all:
        if set(line) != {"of", "field", "rate"} or line["of"] not in KINDS:
            yield where, "each line of of_all says of = a kind, field and rate"
        else:
            yield from _field_faults(where, line["of"], line["field"])
            yield from _field_faults(where, line["of"], line["rate"])


def _condition_faults(where: str, kind: str, condition: Condition, definition: Definition) -> Iterator[Fault]:
    life = definition.lives.get(kind)
    for name, wanted in condition.items():
        if name == "any":
            for each in wanted:
                yield from _condition_faults(where, kind, each, definition)
        elif name in ("state", "reached"):
            states = life.states if life and name == "state" else life.path if life else ("active",)
            words = wanted if isinstance(wanted, list | tuple) else [wanted]
            yield from ((where, _unknown(word, states, f"state of {kind}")) for word in words if word not in states)
        else:
            yield from _field_faults(where, kind, name)
            yield from _value_faults(where, kind, name, wanted, definition)


def _field_names(kind: str) -> set[str]:
    typed = {field.name for field in KINDS[kind].fields} if kind in KINDS else set()
    return typed | set(derived_fields(kind)) | EXTRA_FIELDS.get(kind, set())


def _field_faults(where: str, kind: str, path: str) -> Iterator[Fault]:
    name, _, rest = path.partition(".")
    if name not in _field_names(kind):
        yield where, _unknown(name, _field_names(kind), f"field of {kind}")
    elif rest:
        described = KINDS[kind].field(name)
        yield from _field_faults(where, described.to if described else "organisation", rest)


def _value_faults(where: str, kind: str, name: str, wanted: Any, definition: Definition) -> Iterator[Fault]:
    described = KINDS[kind].field(name) if kind in KINDS else None
    known = described.choices or tuple(definition.vocabularies.get(described.vocabulary, ())) if described else ()
    values = wanted.values() if isinstance(wanted, dict) else wanted if isinstance(wanted, list) else [wanted]
    for clause in wanted if isinstance(wanted, dict) else ():
        if clause not in CLAUSES:
            yield where, _unknown(clause, CLAUSES, "clause")
    for value in values:
        yield from _pointer_faults(where, value, definition)
        if known and isinstance(value, str) and not value.startswith("@") and value not in known:
            yield where, _unknown(value, known, f"{name} of {kind}")


def _pointer_faults(where: str, value: Any, definition: Definition) -> Iterator[Fault]:
    if not isinstance(value, str) or not value.startswith("@"):
        return
    head, _, rest = value[1:].partition(".")
    if head == "parameters":
        if rest not in definition.parameters:
            yield where, _unknown(rest, definition.parameters, "parameter")
    elif head in ("route", "programme"):
        yield from _field_faults(where, head, rest)
    elif value != "@today":
        yield where, f"{value!r} points nowhere"


def _rule_faults(where: str, rule: Rule, definition: Definition) -> Iterator[Fault]:
    kind, _, guard = rule.about.partition(":")
    if kind == "guard":
        if guard not in definition.guards:
            yield where, _unknown(guard, definition.guards, "guard")
        elif not any(guard in definition.stages[stage].needs for stage in rule.stages if stage in definition.stages):
            yield where, f"{guard} is no need of its stages: the rule can never speak"
    elif kind not in KINDS and kind != "waiver":
        yield where, _unknown(kind, KINDS, "kind")
    else:
        yield from _condition_faults(where, kind, rule.condition, definition)
    yield from (
        (where, _unknown(stage, definition.path, "stage")) for stage in rule.stages if stage not in definition.path
    )
    yield from _when_faults(where, rule, "route" if kind == "guard" else kind)
    known = RECIPIENTS | set(definition.roles)
    for role in (*rule.to, *(role for step in rule.then for role in step.to)):
        if role not in known:
            yield where, _unknown(role, known, "recipient")
    if not rule.to:
        yield where, "speaks to nobody"


def _when_faults(where: str, rule: Rule, kind: str) -> Iterator[Fault]:
    spans = {"max_late": rule.max_late, **({"repeat.every": rule.repeat.every} if rule.repeat else {})}
    yield from _span_faults(where, {**spans, **{f"then.{number}": step.after for number, step in enumerate(rule.then)}})
    try:
        anchor = read_when(rule.when).anchor
    except Misused as fault:
        yield f"{where}.when", fault.message
        return
    known = _field_names(kind) | _field_names("delegation") | _field_names("route") | {"programme_end"}
    if anchor not in known:
        yield f"{where}.when", _unknown(anchor, known, "date")
