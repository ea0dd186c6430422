"""Which rules of a route cannot speak as things stand, and why: no date, nobody, too late, all silent. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from lrflow.calendars import read_when
from lrflow.catalogue import KINDS
from lrflow.definition import Definition, Rule
from lrflow.guards import shorten
from lrflow.planner.people import recipients
from lrflow.planner.possible import impossible, kind_of
from lrflow.planner.reasons import sentence
from lrflow.planner.shapes import OPEN, SAID, Ground, Intended, Plan
from lrflow.workflow.names import field_names

MOST = 5
SOON = timedelta(days=14)  # a lead is named when it is time, and until then its reminders wait
OF_A_DELEGATION = ("lead", "focal_point")


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that cannot speak: why, and what to type, if anything helps. *in_part*: it speaks, but not to all."""

    rule: str
    why: str
    remedy: str = ""
    in_part: bool = False


@dataclass(frozen=True, slots=True)
class _View:
    """A route's rules with what was planned of each, by rule."""

    ground: Ground
    intended: Mapping[str, Sequence[Intended]]
    undated: Mapping[str, Sequence[str]]
    dated: frozenset[str]

    @property
    def definition(self) -> Definition:
        return self.ground.definition

    def open_of(self, name: str) -> list[Intended]:
        """What of the rule is still to be said."""
        return [each for each in self.intended.get(name, ()) if self.state_of(each)[0] in OPEN]

    def state_of(self, each: Intended) -> tuple[str, str]:
        """The state it is in, and why: as the ledger has it once it is over."""
        known = self.ground.ledger.nudges.get(each.key)
        return (known.state, known.reason) if known and known.state not in OPEN else (each.state, each.reason)


def broken(ground: Ground, made: Plan) -> list[Broken]:
    """Every rule of the route that cannot speak, in the order of the workflow, with the first reason that holds.

    *made* is the plan of *ground*. A rule that waits for what a later stage brings, or whose stages are over, is not
    broken. Those that only part of their readers will hear come as *in_part*.
    """
    view = _seen(ground, made)
    found = [list(_reasons(name, rule, view)) for name, rule in ground.definition.rules.items()]
    return [min(reasons, key=lambda each: each.in_part) for reasons in found if reasons]


def _seen(ground: Ground, made: Plan) -> _View:
    intended: dict[str, list[Intended]] = {}
    for each in made.intended.values():
        intended.setdefault(each.key[0], []).append(each)
    month, undated = set(made.without_day), dict[str, list[str]]()
    for place, why in made.silenced.items():
        if why == "no_anchor" and place not in month:
            undated.setdefault(place[0], []).append(place[1])
    return _View(ground, intended, undated, frozenset([*intended, *(name for name, _ in month)]))


def _reasons(name: str, rule: Rule, view: _View) -> Iterator[Broken]:
    says = impossible(rule, view.definition)
    if says:
        yield Broken(name, says, f"mend nudges.toml of {view.definition.name} before the next route begins")
    if _is_over(rule, view):
        return
    yield from _no_date(name, rule, view)
    yield from _nobody(name, rule, view)
    yield from _after_the_end(name, rule, view)
    yield from _all_silent(name, view)


def _is_over(rule: Rule, view: _View) -> bool:
    path, here = view.definition.path, view.ground.facts.route["stage"]
    return bool(rule.stages) and here in path and all(_stands_before(each, here, path) for each in rule.stages)


def _stands_before(stage: str, here: str, path: Sequence[str]) -> bool:
    return stage not in path or path.index(stage) < path.index(here)


def _no_date(name: str, rule: Rule, view: _View) -> Iterator[Broken]:
    """Everything that it is about lacks the date, and no later step of the route will bring it."""
    subjects, kind, anchor = view.undated.get(name, ()), kind_of(rule), read_when(rule.when).anchor
    if not subjects or name in view.dated:
        return
    if anchor == "programme_end":
        if view.ground.facts.route["stage"] != view.definition.path[0]:
            yield Broken(name, "the programme's last day is not set", "lrflow set programme ends_on=...")
    elif kind != "route" and anchor in field_names(kind):
        if _is_last_stage(view) or _was_asked(kind, anchor, view):
            yield _undated(name, kind, anchor, subjects)
    elif _was_asked("route", anchor, view):
        yield Broken(name, f"it counts from {anchor}, which is not set", f"lrflow set route {anchor}=...")


def _undated(name: str, kind: str, anchor: str, subjects: Sequence[str]) -> Broken:
    described = KINDS.get(kind)
    plural = described.plural if described else f"{kind}s"
    none = f"{subjects[0]} lacks" if len(subjects) == 1 else f"none of {len(subjects)} {plural} has"
    is_typed = described is None or described.field(anchor) is not None
    remedy = f"lrflow list {kind} {anchor}=" if is_typed else "lrflow check"
    return Broken(name, f"it counts from {anchor}, which {none}", remedy)


def _is_last_stage(view: _View) -> bool:
    return bool(view.ground.facts.route["stage"] == view.definition.path[-1])


def _was_asked(kind: str, anchor: str, view: _View) -> bool:
    """Whether a guard of a stage that the route has left asks for this date of a record of *kind*."""
    path, here = view.definition.path, view.ground.facts.route["stage"]
    left = path[: path.index(here)] if here in path else ()
    guards = [view.definition.guards[need] for stage in left for need in view.definition.stages[stage].needs]
    return any(
        ask.of == kind and anchor in (*ask.fields, *([ask.field] if ask.field and not ask.where else []))
        for guard in guards
        for ask in guard.asks
    )


def _nobody(name: str, rule: Rule, view: _View) -> Iterator[Broken]:
    """Nobody to speak to: roles of the route that nobody holds, records that lead to no person."""
    of_route = [role for role in rule.to if _is_of_route(role, rule, view)]
    vacant = [role for role in of_route if not _is_held(role, view)]
    waiting = [each for each in view.open_of(name) if each.key[2].partition("#")[0] not in of_route]
    lost = [each for each in waiting if each.person is None]
    in_part = len(of_route) > len(vacant) or len(waiting) > len(lost) or (len(rule.to) > len(of_route) and not waiting)
    if vacant:
        says, remedy = f"nobody is {' or '.join(vacant)}", f"lrflow set route {vacant[0]}=EMAIL"
        yield Broken(name, says, remedy, in_part)
    elif lost:
        is_far = min(each.local_on for each in lost) > view.ground.facts.today + SOON
        yield Broken(name, *_lost(lost), in_part or is_far)
    ladder = [role for step in rule.then for role in step.to if _is_of_route(role, rule, view)]
    for role in dict.fromkeys(each for each in ladder if not _is_held(each, view)):
        yield Broken(name, f"nobody is {role}, whom it asks last", f"lrflow set route {role}=EMAIL", in_part=True)


def _is_of_route(role: str, rule: Rule, view: _View) -> bool:
    return role in view.definition.roles and (role != "owner" or kind_of(rule) in ("route", "waiver"))


def _is_held(role: str, view: _View) -> bool:
    facts = view.ground.facts
    return any(person is not None for _, person in recipients([role], facts.route, facts))


def _lost(lost: Sequence[Intended]) -> tuple[str, str]:
    role = lost[0].key[2]
    subjects = list(dict.fromkeys(each.key[1] for each in lost if each.key[2] == role))
    remedy = f"lrflow list delegation {role}=" if role in OF_A_DELEGATION else f"lrflow show {subjects[0]}"
    return f"no {role.partition(':')[0].replace('_', ' ')} is known for {shorten(subjects, MOST)}", remedy


def _after_the_end(name: str, rule: Rule, view: _View) -> Iterator[Broken]:
    """Days after the programme's last one: only who runs the route is still written to then."""
    end = view.ground.facts.programme["ends_on"]
    open_ones = [each for each in view.open_of(name) if not _is_of_route(each.key[2].partition("#")[0], rule, view)]
    late = [each for each in open_ones if end and each.local_on.isoformat() > end]
    if late:
        first = min(late, key=lambda each: (each.local_on, each.key))
        number = f"{len(late)} of {len(open_ones)}" if len(late) < len(open_ones) else "all"
        says = f"{number} would leave after the programme's last day, {end}: {first.key[1]} on {first.local_on}"
        yield Broken(name, says, "lrflow calendar", in_part=len(late) < len(open_ones))


def _all_silent(name: str, view: _View) -> Iterator[Broken]:
    """All that it would have said is silent by now, and it never spoke on this route."""
    if any(key[0] == name and known.state in SAID for key, known in view.ground.ledger.nudges.items()):
        return
    states = [view.state_of(each) for each in view.intended.get(name, ())]
    if states and all(state == "suppressed" for state, _ in states):
        reason, _ = Counter(reason for _, reason in states).most_common(1)[0]
        yield Broken(
            name, f"all {len(states)} stay silent: {sentence(reason)}" if len(states) > 1 else sentence(reason)
        )
