"""Word what will be asked on the way to a later stage: a heading a step, each guard once, as of today."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from lrflow.commands.door import Door, tell
from lrflow.guards import Finding
from lrflow.render import day_in_words, finding_data, finding_lines
from lrflow.routes import Leg, Outlook, way_to


def tell_way(door: Door, seen: Outlook, stage: str, everything: bool) -> int:
    """What every step to *stage* asks; 3 when something stands in the way, 0 otherwise."""
    legs = way_to(seen, stage)
    is_blocked = any(leg.blocking for leg in legs)
    lines = _heading(seen, legs)
    for leg, findings in zip(legs, _once(legs), strict=True):
        title = f"{_title(seen, leg.source)} -> {_title(seen, leg.target)}"
        lines += [f"{title} · {sum(1 for each in leg.findings if each.outcome == 'met')} of {len(leg.findings)} met"]
        noted = [_noted(each, leg, _also(seen, each, leg, legs)) for each in findings]
        lines += finding_lines(noted if leg is legs[0] else _briefly(noted, leg, everything), everything=everything)
    data = {"route": seen.route.key, "from": legs[0].source, "to": legs[-1].target, "ready": not is_blocked}
    data |= {"as_of": seen.facts.today.isoformat(), "stages": [_leg_data(each) for each in legs]}
    tell(door, "check", data, [*lines, *_summary(seen, legs)])
    return 3 if is_blocked else 0


def _title(seen: Outlook, stage: str) -> str:
    return seen.definition.stage_title(stage)


def _heading(seen: Outlook, legs: Sequence[Leg]) -> list[str]:
    way = f"{seen.route.key} · from {_title(seen, legs[0].source)} to {_title(seen, legs[-1].target)}"
    later = ["Later steps are judged as of today too, and asked again when the route gets there."]
    return [f"{way}, as of today, {day_in_words(seen.facts.today)}", *(later if len(legs) > 1 else [])]


def _once(legs: Sequence[Leg]) -> list[list[Finding]]:
    """The findings of each step that no step before it has shown; what was waived before and is not again, is."""
    told: set[tuple[str, str]] = set()
    firsts = []
    for leg in legs:
        firsts.append([each for each in leg.findings if (each.guard, each.outcome) not in told])
        told |= {(each.guard, each.outcome) for each in leg.findings}
    return firsts


def _also(seen: Outlook, finding: Finding, first: Leg, legs: Sequence[Leg]) -> str:
    """The later stages that ask the same with the same answer."""
    asked = (finding.guard, finding.outcome)
    later = [
        _title(seen, leg.source)
        for leg in legs[legs.index(first) + 1 :]
        if asked in {(each.guard, each.outcome) for each in leg.findings}
    ]
    return ", ".join(later)


def _noted(finding: Finding, leg: Leg, also: str) -> Finding:
    """*finding* with what only a way of several steps can say of it."""
    reason = leg.not_yet.get(finding.guard, "")
    notes = [f"cannot be met yet: {reason}"] if reason else []
    notes += [f"also asked at {also}"] if also else []
    note = f" ({'; '.join(notes)})" if notes else ""
    return replace(finding, says=f"{finding.says}{note}", warning=finding.warning and f"{finding.warning}{note}")


def _briefly(findings: Sequence[Finding], leg: Leg, everything: bool) -> list[Finding]:
    """*findings* with a command for all that share it and no advice where there is one: else it would be a wall."""
    shown = [each for each in findings if everything or not each.passes or each.warns or each.outcome == "waived"]
    possible = {each.guard: each.run or each.remedy for each in shown if each.guard not in leg.not_yet}
    groups = [[each for each in shown if possible.get(each.guard) == what] for what in dict.fromkeys(possible.values())]
    groups.append([each for each in shown if each.guard not in possible])
    return list(chain.from_iterable(_with_one_command(group, possible) for group in groups))


def _with_one_command(group: Sequence[Finding], possible: dict[str, str]) -> list[Finding]:
    bare = [replace(each, run="", remedy="") for each in group]
    if group and group[-1].guard in possible:
        bare[-1] = replace(bare[-1], run=group[-1].run, remedy="" if group[-1].run else group[-1].remedy)
    return bare


def _summary(seen: Outlook, legs: Sequence[Leg]) -> list[str]:
    now = {each.guard for each in legs[0].blocking}
    later = {each.guard for leg in legs[1:] for each in leg.blocking} - now
    is_active = seen.route.status == "active"
    counts = [f"{len(now)} now"] if now else []
    counts += [f"{len(later)} later"] if later else []
    if counts:
        lines = [f"Stand in the way: {', '.join(counts)}." + ("" if now or not is_active else " Next: lrflow advance")]
    else:
        lines = ["Nothing stands in the way." + (" Next: lrflow advance" if is_active else "")]
    waits = {guard: reason for leg in legs for guard, reason in leg.not_yet.items()}
    if waits:
        lines.append(f"Only time can bring: {'; '.join(f'{guard} ({reason})' for guard, reason in waits.items())}.")
    if not is_active:
        lines.append(f"The route is {seen.route.status.replace('_', ' ')}: it does not move.")
    return lines


def _leg_data(leg: Leg) -> dict[str, Any]:
    findings = [{**finding_data(each), "not_yet": leg.not_yet.get(each.guard, "")} for each in leg.findings]
    return {"from": leg.source, "to": leg.target, "ready": not leg.blocking, "findings": findings}
