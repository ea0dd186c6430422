"""Carry out workbook and export, and word what came of them."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from lrflow.catalogue import KINDS, kind_of
from lrflow.commands.door import Door, tell
from lrflow.lists import exporting
from lrflow.lists.workbook import make_workbook
from lrflow.tracks.narrowing import is_condition


def make(door: Door, file: Path, kinds: Sequence[str], whom: str, *, replace: bool) -> None:
    """Make a workbook, and say what is in it and what comes next."""
    made = make_workbook(door.database, door.route_key(), file, door.act(), whom=whom, kinds=kinds, replace=replace)
    sign = f"would write {file}:" if door.dry_run else f"✓ {file}:"
    lines = [f"{sign} {_counted(made.rows)}"]
    if not door.dry_run:
        sent = f"send it to {made.title}; when it comes back:" if whom else "fill it in, save it, then:"
        lines.append(f"Next: {sent} lrflow import {_quoted(str(file))}")
    data = {"file": str(file), "for": whom, "rows": dict(made.rows), "dry_run": door.dry_run}
    tell(door, "workbook", data, lines)


def export(door: Door, file: str, words: Sequence[str], *, replace: bool) -> None:
    """Write the records out, and say how many of what."""
    kinds = [each for each in words if not is_condition(each)]
    conditions = [each for each in words if is_condition(each)]
    is_shared = bool(kinds) and all(not kind_of(each).letter for each in kinds)
    route = "" if is_shared else door.route_key()
    taken = exporting.take(door.database, route, door.act(), kinds, conditions)
    if file == "-":
        exporting.show(taken, sys.stdout, as_json=door.as_json)
        return
    path = Path(file)
    if door.dry_run:
        exporting.check(taken, path, replace=replace)
    else:
        exporting.save(taken, path, replace=replace)
    sign = f"would write {file}:" if door.dry_run else f"✓ {file}:"
    data = {"file": file, "rows": taken.counts, "dry_run": door.dry_run}
    tell(door, "exported", data, [f"{sign} {_counted(taken.counts)}"])


def _counted(rows: Mapping[str, int]) -> str:
    """How many records of what; kinds without any are left out, unless there is nothing else to say."""
    found = [f"{number} {KINDS[kind].plural if number != 1 else kind}" for kind, number in rows.items() if number]
    return (
        ", ".join(found) or f"no {' and no '.join(KINDS[kind].plural for kind in rows) if len(rows) < 4 else 'records'}"
    )


def _quoted(file: str) -> str:
    return f'"{file}"' if " " in file else file
