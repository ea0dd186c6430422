"""Every fault of a workflow's files at once: shape first, then each reference against the catalogue."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from lrflow.catalogue import KINDS
from lrflow.definition import Ask, Creation, Definition, Guard, Life, plain
from lrflow.workflow.names import Fault, condition_faults, field_faults, pointer_faults, span_faults, unknown
from lrflow.workflow.rules import rule_faults

TRACK_CHECKS = ("every", "each_has", "filled", "dates")
TEXT_WORDS = frozenset({"have", "need", "short", "over", "missing", "first", "all", "gaps", "note", "route", "today"})
NEEDED = {
    "every": ("having",),
    "each_has": ("has",),
    "distinct": ("field",),
    "filled": ("fields",),
    "dates": ("field",),
    "covers": ("field", "values"),
    "total": ("limit", "of_all"),
}
VERBS = ("advance", "back", "hold", "resume", "cancel", "reopen", "waive", "live", "parameters")
OWN_PARAMETERS = {  # what is worked out with them
    "final_plan_due_days_after_visit_end": "final_due",
    "checkpoint_months": "last_checkin",
}


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
        yield from rule_faults(f"rules.{name}", rule, definition)
    for described in KINDS.values():
        if described.letter and described.name not in definition.lives:
            yield "lives", f"the life of {described.name} is missing"
        for named in {field.vocabulary for field in described.fields} - {"", *definition.vocabularies}:
            yield "vocabularies", f"{named!r} is missing: {described.name} is described with it"


def _stage_faults(definition: Definition) -> Iterator[Fault]:
    for step in definition.path:
        if step not in definition.stages:
            yield "path", f"{step!r} has no [stages.{step}]"
    for name, stage in definition.stages.items():
        where = f"stages.{name}"
        if name not in definition.path:
            yield where, "is not on the path"
        yield from (
            (f"{where}.needs", unknown(need, definition.guards, "guard"))
            for need in stage.needs
            if need not in definition.guards
        )
        yield from span_faults(where, {"target": stage.target, "limit": stage.limit})
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
            yield where, unknown(kind, KINDS, "kind")
            return
    yield from condition_faults(where, made.each, made.where, definition)
    for kind, name in ((made.kind, made.field), (made.kind, made.due), ("route", made.anchor)):
        yield from field_faults(where, kind, name)
    for value in made.values:
        yield from pointer_faults(where, value, definition)


def _life_faults(kind: str, life: Life, definition: Definition) -> Iterator[Fault]:
    where = f"lives.{kind}"
    if kind not in KINDS:
        yield where, unknown(kind, KINDS, "kind")
        return
    for state in (*life.path[1:], *life.ends):
        if state not in life.moves:
            yield where, f"no move leads into {state!r}"
    for state, name in life.begins.items():
        if state not in life.path or KINDS[kind].field(name) is None:
            yield f"{where}.begins", f"{state} = {name!r}: no such state or field"
    for state, move in life.moves.items():
        at = f"{where}.moves.{state}"
        yield from ((at, unknown(source, life.states, "state")) for source in move.sources if source not in life.states)
        yield from (
            (at, unknown(name, [each.name for each in KINDS[kind].fields], "field"))
            for name in move.fields
            if KINDS[kind].field(name) is None
        )
        for taken, to in move.takes.items():
            if taken not in definition.lives or to not in definition.lives[taken].states:
                yield at, f"takes: {taken} has no state {to!r}"
        for need in move.needs:
            if need not in definition.guards:
                yield at, unknown(need, definition.guards, "guard")
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
            yield from ((f"roles.{name}", unknown(word, allowed, key)) for word in words if word not in allowed)


def _guard_faults(where: str, guard: Guard, definition: Definition) -> Iterator[Fault]:
    if (guard.level == "soft") != (guard.waive is not None):
        yield where, "a soft guard says who may waive it; no other guard does"
    for role in guard.waive.by if guard.waive else ():
        if role not in definition.roles:
            yield f"{where}.waive", unknown(role, definition.roles, "role")
    if not guard.asks:
        yield where, "asks nothing"
    for text in (guard.remedy, guard.run, guard.run_none, guard.too_many, *_texts(guard)):
        yield from (
            (where, unknown(word, TEXT_WORDS, "word"))
            for word in re.findall(r"\{(\w+)\}", text)
            if word not in TEXT_WORDS
        )
    if guard.keep and guard.keep not in definition.path:
        yield f"{where}.keep", unknown(guard.keep, definition.path, "stage")
    for number, ask in enumerate(guard.asks):
        yield from _ask_faults(f"{where}.asks.{number}", ask, definition)


def _texts(guard: Guard) -> Iterator[str]:
    for ask in guard.asks:
        yield from (ask.says, ask.run)


def _ask_faults(where: str, ask: Ask, definition: Definition) -> Iterator[Fault]:
    if ask.of not in KINDS:
        yield where, unknown(ask.of, KINDS, "kind")
        return
    for name in re.findall(r"\{its (\w+)\}", ask.says + ask.run):
        yield from field_faults(where, ask.of, name)
    yield from condition_faults(where, ask.of, ask.where, definition)
    yield from condition_faults(where, ask.has or ask.of, ask.having, definition)
    for name in (*ask.fields, *([ask.field] if ask.field else [])):
        yield from field_faults(where, ask.of, name)
    for value in (ask.min, ask.max, ask.desired, ask.limit, ask.before, *ask.within):
        yield from pointer_faults(where, value, definition)
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
        yield where, unknown(ask.has, KINDS, "kind")
    elif ask.by:
        yield from field_faults(where, ask.has, ask.by)
    yield from pointer_faults(where, ask.values, definition)
    lists = {*definition.vocabularies, *KINDS}
    if ask.values and not ask.values.startswith("@") and ask.values not in lists:
        yield where, unknown(ask.values, lists, "list")
    for line in ask.of_all:
        if set(line) != {"of", "field", "rate"} or line["of"] not in KINDS:
            yield where, "each line of of_all says of = a kind, field and rate"
        else:
            yield from field_faults(where, line["of"], line["field"])
            yield from field_faults(where, line["of"], line["rate"])
