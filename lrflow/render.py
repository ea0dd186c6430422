"""Show decisions and rows as text or as JSON-like data."""

import json
import shutil
import sys
import textwrap
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from lrflow.catalogue import KINDS, Money
from lrflow.catalogue.reading import weekdays_in_words
from lrflow.clock import from_us, zone_of
from lrflow.facts import Record, text_of
from lrflow.guards import Finding

SIGNS = {"met": "✓", "unmet": "✗", "unknown": "?", "waived": "~"}
SHOWN_KEYS = 40
SPEAKING = ("note", "tell")  # their text is what they say, not why


def finding_lines(findings: Sequence[Finding], *, everything: bool = False) -> list[str]:
    """A line for each guard that blocks or warns (every one, if asked), its remedy and command below."""
    lines: list[str] = []
    width = max((len(each.guard) for each in findings), default=0)
    for each in findings:
        if not everything and each.passes and not each.warns and each.outcome != "waived":
            continue
        sign = "!" if each.level == "warn" and each.outcome != "met" else SIGNS[each.outcome]
        lines += _wrapped(f"  {sign} {each.guard:<{width}}  ", each.warning or each.says)
        if each.outcome in ("unmet", "unknown"):
            lines.extend(_remedy(each, width))
    return lines


def _remedy(finding: Finding, width: int) -> list[str]:
    lines = _wrapped(f"    {'':<{width}}  ", finding.remedy) if finding.remedy else []
    return [*lines, f"    {'':<{width}}  -> {finding.run}"] if finding.run else lines


def _wrapped(head: str, text: str) -> list[str]:
    """*text* after *head*, folded under itself on a terminal; whole in a pipe. What is to be pasted is never folded."""
    room = shutil.get_terminal_size((100, 24)).columns - len(head) if sys.stdout.isatty() else 0
    first, *rest = textwrap.wrap(text, room, break_long_words=False) if room >= 30 and text else [text]
    return [f"{head}{first}", *(f"{'':<{len(head)}}{each}" for each in rest)]


def finding_data(finding: Finding) -> dict[str, Any]:
    """*finding* for JSON."""
    return {
        "guard": finding.guard,
        "title": finding.title,
        "level": finding.level,
        "outcome": finding.outcome,
        "passes": finding.passes,
        "have": finding.have,
        "need": finding.need,
        "missing": list(finding.missing),
        "says": finding.says,
        "warning": finding.warning,
        "remedy": finding.remedy,
        "run": finding.run,
        "waiver": finding.waiver,
    }


def day_in_words(day: date) -> str:
    """A day as people write it, with its weekday: Sunday 30 October 2016."""
    return f"{day:%A} {day.day} {day:%B %Y}"


def record_data(record: Record) -> dict[str, Any]:
    """*record* for JSON: its id and every field that holds something."""
    values = {name: _plain(value) for name, value in record.values.items() if value not in (None, "")}
    return {"kind": record.kind, "id": record.key, **values}


def _plain(value: Any) -> Any:
    return {"minor": value.minor, "currency": value.currency} if isinstance(value, Money) else value


def shown(value: Any, field_type: str = "", names: Mapping[int, str] | None = None) -> str:
    """A value as a person reads it; people and organisations by name."""
    if names is not None and field_type == "ref" and isinstance(value, int):
        return names.get(value, str(value))
    text = weekdays_in_words(value) if field_type == "weekdays" and value else text_of(value)
    return text if len(text) <= 400 else f"{text[:400]}… ({len(text)} characters)"


def table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Aligned columns on a terminal, tab-separated ones in a pipe, where nothing is cut."""
    if not sys.stdout.isatty():
        return ["\t".join(_flat(cell) for cell in row) for row in (headers, *rows)]
    widths = [max(len(row[column]) for row in (headers, *rows)) for column in range(len(headers))]
    room = shutil.get_terminal_size((100, 24)).columns - sum(widths[:-1]) - 2 * (len(widths) - 1)
    lines = []
    for row in (headers, *rows):
        cells = [cell.ljust(width) for cell, width in zip(row[:-1], widths, strict=False)]
        last = textwrap.shorten(row[-1], max(room, 20), placeholder="…") if len(row[-1]) > room else row[-1]
        lines.append("  ".join([*cells, last]).rstrip())
    return lines


def _flat(cell: str) -> str:
    return cell.replace("\t", " ").replace("\n", " ")


def log_lines(entries: Sequence[Mapping[str, Any]], zone: str) -> list[str]:
    """Log entries for people, newest first: when it happened, who, what, and why."""
    return [line for entry in entries for line in _entry_lines(entry, zone)]


def _entry_lines(entry: Mapping[str, Any], zone: str) -> list[str]:
    recorded = from_us(entry["recorded_us"]).astimezone(zone_of(zone))
    what = f"{entry['verb']} {entry['subject']}"
    if entry["source"] or entry["target"]:
        what += f": {entry['source'] or 'new'} -> {entry['target'] or entry['source']}"
    sign = {"done": "", "blocked": " BLOCKED", "refused": " REFUSED"}[entry["outcome"]]
    late = "" if recorded.date().isoformat() == entry["happened_on"] else f" (recorded {recorded:%Y-%m-%d})"
    lines = [
        f"L{entry['number']:<4} {entry['happened_on']}{late}  {what}{sign}"
        f"  {entry['actor_name'] or '-'}, {entry['role']}"
    ]
    if entry["reason"]:
        lines.append(f"      {'' if entry['verb'] in SPEAKING else 'because '}{entry['reason']}")
    blocked = [
        each["guard"]
        for each in entry["findings"]
        if each["outcome"] in ("unmet", "unknown") and each["level"] != "warn"
    ]
    if entry["outcome"] == "blocked" and blocked:
        lines.append(f"      unmet: {', '.join(blocked)}")
    return [*lines, *_change_lines(entry)]


def _change_lines(entry: Mapping[str, Any]) -> list[str]:
    back = [each["of"] for each in entry["changes"] if each["field"] == "undone"]
    lines = [f"      takes back {back[0]}"] if back else []
    if entry["verb"] not in ("set", "undo", "postpone"):
        return lines
    return lines + [
        f"      {each['field']}: {_said(each, 'before')} -> {_said(each, 'after')}"
        for each in entry["changes"]
        if each["field"] not in ("touched_on", "undone", "state", "stage")
    ]


def _said(change: Mapping[str, Any], side: str) -> str:
    kind = KINDS.get(str(change["of"]).partition(":")[0])  # people and organisations alone: person:17
    field = kind.field(change["field"]) if kind else None
    return shown(change[side], field.type if field and field.type == "weekdays" else "")


def entry_data(entry: Mapping[str, Any]) -> dict[str, Any]:
    """A log entry for JSON."""
    kept = (
        "verb",
        "subject",
        "outcome",
        "source",
        "target",
        "reason",
        "happened_on",
        "role",
        "findings",
        "changes",
        "digest",
    )
    recorded = from_us(entry["recorded_us"]).isoformat()
    return {
        "id": f"L{entry['number']}",
        "actor": entry["actor_email"],
        "recorded_at": recorded,
        **{name: entry[name] for name in kept},
    }


def field_lines(record: Record, names: Mapping[str, Mapping[int, str]]) -> list[str]:
    """Every field of *record* that holds something, one a line."""
    lines = []
    for field in KINDS[record.kind].fields:
        value = record[field.name]
        if value in (None, "", []):
            continue
        text = shown(value, field.type, names.get(field.to)) if field.type == "ref" else shown(value, field.type)
        lines.append(f"  {field.name:<20} {text}")
    return lines


def to_json(value: Any) -> str:
    """*value* as one line of JSON."""
    return json.dumps(value, ensure_ascii=False, default=str)
