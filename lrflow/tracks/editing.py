"""Change fields: of records, of a route and its roles and parameters, of what the programme shares."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

from lrflow import records, store
from lrflow.catalogue import KINDS
from lrflow.database import Database, Unit
from lrflow.definition import Parameter
from lrflow.errors import Misused, Refused
from lrflow.facts import Record
from lrflow.guards import judge
from lrflow.machine import passed_needs
from lrflow.store import Act, Standing
from lrflow.tracks.choosing import Which, choose, referred
from lrflow.tracks.values import read_values, split_words, unknown_field

DATED = ("planned_visit", "visit_start", "visit_end")


@dataclass(frozen=True, slots=True)
class Edited:
    """What an edit changed, record by record, and what it could not."""

    changes: tuple[Mapping[str, Any], ...]
    entry: int
    refused: Mapping[str, str]


def edit(database: Database, route: str, which: Which, words: Sequence[str], act: Act) -> Edited:
    """Set fields of the records *which*; each is judged again on the needs it has passed.

    Records that would lose a hard need are left as they are and listed. Raises `Misused` with every unreadable value.
    """
    with database.begin(write=True, keep=not act.dry_run) as unit:
        standing = store.stand(unit, route, act)
        chosen = choose(which, standing)
        pairs = split_words(words)
        changes: list[Mapping[str, Any]] = []
        refused: dict[str, str] = {}
        for record in chosen:
            standing.require_edit(record.kind)
            values = read_values(unit, record.kind, pairs, standing)
            try:
                standing = edit_one(unit, standing, act, record, values)
            except Refused as fault:
                refused[record.key] = fault.message
                continue
            changes.extend(store.differences(record, values))
        if standing.batch.route:
            store.touch_route(unit, standing.route)
            store.replan(unit, route, act.now, act.day)
    return Edited(tuple(changes), standing.batch.route, refused)


def edit_one(unit: Unit, standing: Standing, act: Act, record: Record, values: dict[str, Any]) -> Standing:
    """Write *values* into one record inside an open transaction, and log it; where one stands then.

    Raises `Refused` when the record would lose a hard need it has passed. Nothing is planned anew.
    """
    edited = write_edit(unit, standing, act, record, values)
    return standing.seeing(standing.facts.with_record(edited)) if edited else standing


def write_edit(unit: Unit, standing: Standing, act: Act, record: Record, values: dict[str, Any]) -> Record | None:
    """The same, giving the record as it is then, or None when it is so already; the standing is left as it was."""
    changes = store.differences(record, values)
    if not changes:
        return None
    after = {"version": record["version"] + 1, "touched_on": act.day.isoformat()}
    edited = replace(record, values={**record.values, **values, **after})
    check_edit(standing, edited, record)
    records.edit(unit, standing.route.id, record, values, act.day)
    changes += store.touched(record, act)
    store.log_entry(unit, standing, store.entry_of(standing, act, "set", record.key, "done", changes=changes))
    return edited


def check_edit(standing: Standing, record: Record, before: Record) -> None:
    """Refuse an edit that takes away a hard need the record has already passed."""
    needs = passed_needs(standing.definition.lives[record.kind], record.state)
    if not needs:
        return
    definition, facts = standing.definition, standing.facts
    was = {each.guard: each for each in judge(definition, needs, facts.focused(before, before.state))}
    now = judge(definition, needs, facts.with_record(record).focused(record, record.state))
    lost = [each for each in now if each.level == "hard" and not each.passes and was[each.guard].passes]
    if lost:
        raise Refused(f"{record.key} is {record.state}: {'; '.join(each.says for each in lost)}")


def edit_route(database: Database, key: str, words: Sequence[str], act: Act) -> Edited:
    """Set fields, roles and parameters of the route. A date that was set once changes only with a reason."""
    pairs = split_words(words)
    with database.begin(write=True, keep=not act.dry_run) as unit:
        standing = store.stand(unit, key, act)
        parameters = {name: pairs.pop(name) for name in [*pairs] if name in standing.definition.parameters}
        standing.require_edit("route")
        changes = [*write_roles(unit, standing, act, pairs), *_write_parameters(unit, standing, act, parameters)]
        _explain_unknown(pairs, standing)
        values = read_values(unit, "route", pairs, standing)
        differences = store.differences(standing.facts.route, values)
        _check_dates(standing.facts.route, values, act)
        if differences:
            records.edit(unit, None, standing.facts.route, values, act.day)
        changes += [{**each, "of": "route"} for each in differences]
        if not changes:
            return Edited((), 0, {})
        store.touch_route(unit, standing.route)
        if "host_country" in values:
            store.copy_calendars(unit, act.now)
        entry = store.log_entry(unit, standing, store.entry_of(standing, act, "set", "route", "done", changes=changes))
        store.replan(unit, key, act.now, act.day)
    return Edited(tuple(changes), entry, {})


def _explain_unknown(pairs: Mapping[str, str], standing: Standing) -> None:
    unknown = [name for name in pairs if KINDS["route"].field(name) is None]
    if unknown:
        others = (
            f"roles: {', '.join(standing.definition.roles)}; parameters: {', '.join(standing.definition.parameters)}"
        )
        raise Misused(
            "the route cannot be written like this: nothing was changed",
            problems=[*(_near_rule(name, standing) or unknown_field("route", name) for name in unknown), others],
        )


def _near_rule(name: str, standing: Standing) -> str:
    known = (*standing.definition.parameters, *(field.name for field in KINDS["route"].fields))
    near = [each for each in get_close_matches(name, known, n=1) if each in standing.definition.parameters]
    return f"route has no field {name!r}, did you mean {near[0]}?" if near else ""


def _check_dates(route: Record, values: Mapping[str, Any], act: Act) -> None:
    moved = [
        name
        for name in DATED
        # A day within the month that was known is no new date.
        if name in values and route[name] and not str(values[name]).startswith(str(route[name]))
    ]
    if moved and not act.reason.strip():
        raise Misused(f"{', '.join(moved)} was set before: say why it changes", remedy='--reason "TEXT"')
    start, end = (values.get(name, route[name]) for name in ("visit_start", "visit_end"))
    if start and end and str(end)[: len(str(start))] < str(start)[: len(str(end))]:
        raise Misused(f"the visit would end ({end}) before it starts ({start})")


def write_roles(unit: Unit, standing: Standing, act: Act, pairs: dict[str, str]) -> list[dict[str, Any]]:
    """Take role=EMAIL words out of *pairs* and hand the roles over; facilitator and host mean people only with an @.

    Several addresses are joined by +. The holders before are kept with the day they ended.
    """
    from lrflow.catalogue.shapes import Field

    held = [name for name in pairs if name in standing.definition.roles]
    names = [name for name in held if name not in ("facilitator", "host") or "@" in pairs[name]]
    changes = []
    for name in names:
        who = [each for each in pairs.pop(name).split("+") if each.strip()]
        people = [referred(unit, Field("person", "ref", "", to="person"), each.strip(), standing.facts) for each in who]
        before = store.holders_of(unit, standing.route.id, name)
        store.hand_over(unit, standing.route.id, name, people, act.now)
        changes.append({"of": "route", "field": name, "before": before, "after": people})
    return changes


def _write_parameters(unit: Unit, standing: Standing, act: Act, parameters: Mapping[str, str]) -> list[dict[str, Any]]:
    """Override numbers of the workflow for this route: an owner's right, with a reason, within the floors."""
    if not parameters:
        return []
    if not standing.may("parameters"):
        raise Refused(f"{act.actor} is {standing.role} on {standing.route.key}: parameters are the owner's")
    if not act.reason.strip():
        raise Misused(
            f"{', '.join(parameters)} is a rule of the workflow: say why it changes", remedy='--reason "TEXT"'
        )
    _check_ends(standing.facts.parameters, parameters)
    changes = []
    for name, text in parameters.items():
        _check_parameter(name, text, standing.definition.parameters[name])
        before = _as_typed(standing.facts.parameters[name])
        store.keep_parameter(unit, standing.route.id, name, text, act.reason)
        changes.append({"of": "route", "field": name, "before": before, "after": text})
    return changes


def _as_typed(value: Any) -> str:
    return "+".join(map(str, value)) if isinstance(value, list) else str(value)


def _check_ends(now: Mapping[str, Any], wanted: Mapping[str, str]) -> None:
    """Refuse a least number above its greatest: nothing could satisfy both."""
    after = {**now, **{name: int(text) for name, text in wanted.items() if text.isdigit()}}
    for name in (each for each in after if each.endswith("_min")):
        most = name.removesuffix("min") + "max"
        if after[name] > after.get(most, after[name]):
            raise Misused(f"{name} would be {after[name]}, above {most}, which is {after[most]}")


def _check_parameter(name: str, text: str, parameter: Parameter) -> None:
    numbers = text.split("+")
    if not all(each.isdigit() for each in numbers) or (len(numbers) > 1) > isinstance(parameter.value, tuple):
        raise Misused(f"{name} is {'numbers joined by +' if isinstance(parameter.value, tuple) else 'a whole number'}")
    low, high = parameter.floor, parameter.ceiling
    if any((low is not None and int(each) < low) or (high is not None and int(each) > high) for each in numbers):
        raise Misused(f"{name}={text} lies outside {low or 0} to {high if high is not None else 'any'}")


def edit_shared(database: Database, kind: str, name: str, words: Sequence[str], act: Act) -> Edited:
    """Set fields of a person or an organisation, known to every route."""
    from lrflow.catalogue.shapes import Field

    with database.begin(write=True, keep=not act.dry_run) as unit:
        standing = store.stand_aside(unit, act)
        standing.require_edit(kind)
        number = referred(unit, Field(kind, "ref", "", to=kind), name, standing.facts)
        record = store.shared_record(unit, kind, number)
        values = read_values(unit, kind, split_words(words), standing)
        changes = store.differences(record, values)
        if not changes:
            return Edited((), 0, {})
        edit_shared_one(unit, standing, act, record, values)
        entry = standing.batch.shared
        store.copy_calendars(unit, act.now)
        store.replan_all(unit, act.now)
    return Edited(tuple({**each, "of": kind} for each in changes), entry, {})


def edit_shared_one(unit: Unit, standing: Standing, act: Act, record: Record, values: Mapping[str, Any]) -> Record:
    """Write *values* of a person or an organisation inside an open transaction, and log it; the record then."""
    standing.require_edit(record.kind)
    records.edit(unit, None, record, dict(values), act.day)
    store.note_shared(unit, standing, act, "set", f"{record.kind}:{record.key}", values, record)
    return replace(record, values={**record.values, **values, "version": record["version"] + 1})


def edit_programme(database: Database, words: Sequence[str], act: Act) -> Edited:
    """Set donor, budget, dates of the programme: the owner's right; what was set once changes only with a reason."""
    with database.begin(write=True, keep=not act.dry_run) as unit:
        standing = store.stand_aside(unit, act)
        if not {"owner", "coordinator"} & set(standing.roles):
            raise Refused(f"{act.actor} may not edit the programme", remedy="ask the programme's owner")
        record = standing.facts.programme
        values = read_values(unit, "programme", split_words(words), standing)
        changes = store.differences(record, values)
        reset = [each["field"] for each in changes if each["before"] not in (None, "")]
        if reset and not act.reason.strip():
            raise Misused(f"{', '.join(reset)} was set before: say why it changes", remedy='--reason "TEXT"')
        if not changes:
            return Edited((), 0, {})
        records.edit(unit, None, record, values, act.day)
        entry = store.note_shared(unit, standing, act, "set", f"programme:{record.key}", values, record)
        store.copy_calendars(unit, act.now)
        store.replan_all(unit, act.now)
    return Edited(tuple({**each, "of": "programme"} for each in changes), entry, {})
