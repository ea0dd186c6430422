"""Carry out an import: show it, ask, do it, and word what came of every row."""

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from lrflow import store
from lrflow.catalogue import KINDS, kind_of
from lrflow.commands.door import Door, tell
from lrflow.commands.writing import change_lines
from lrflow.errors import Misused, Unavailable
from lrflow.guards import shorten
from lrflow.lists import importing
from lrflow.lists.importing import Files, Wanted
from lrflow.lists.tofix import write_to_fix
from lrflow.lists.wishes import Answers, Bad, Done, Outcome, Question
from lrflow.store import Act

_LONG = 500  # rows; shorter lists are done before a bar is drawn
_SHOWN = 12


def bring(door: Door, paths: Sequence[str], kind: str, maps: Sequence[str], days: str, remove_missing: bool) -> int:
    """Import *paths*: 0 when every row is in, 5 when some were left out, 6 when someone else changed the same."""
    wanted = Wanted(kind_of(kind).name if kind else "", dict(_told(each) for each in maps), days)
    files = importing.open_files(door.database, [Path(each) for each in paths], wanted)
    route = _route(door, files)
    answers = Answers(remove_missing=remove_missing)
    if door.yes or door.dry_run:
        outcome = _run(door, route, files, door.act(), answers, days)
    else:
        outcome = _asked(door, route, files, answers, days)
    written, warning = ([], "") if door.dry_run else _to_fix(door, files, outcome, paths)
    lines = [*_heads(files), *_outcome_lines(door, outcome)] if door.yes or door.dry_run else []
    lines += _ending(door, outcome, written, warning)
    tell(door, "imported", _data(outcome, files, written), lines)
    return 6 if outcome.conflicts else 5 if outcome.bad or files.faults else 0


def _to_fix(door: Door, files: Files, outcome: Outcome, paths: Sequence[str]) -> tuple[list[Path], str]:
    """The files of rows to be corrected; and a warning, where there is no place for them. The other rows are in."""
    try:
        return write_to_fix(files, outcome, _places(paths), door.settings.home), ""
    except Unavailable as fault:
        return (
            [],
            f"! what was left out could not be written: {fault.message}. Copy the list elsewhere, import it again",
        )


def _told(word: str) -> tuple[str, str]:
    header, sign, field = word.rpartition("=")
    if not sign:
        raise Misused(f"{word!r} is not HEADER=FIELD", remedy='--map "Courriel=email"')
    return header.strip(), field.strip()


def _route(door: Door, files: Files) -> str:
    """The route it goes into: the one named, the one a workbook was made for, the current one; none at first."""
    if door.route:
        return door.route
    made_for = {book.memory.route for book in files.own}
    if len(made_for) == 1:
        return made_for.pop()
    with door.database.begin() as unit:
        has_routes = bool(store.routes_of(unit))
    return door.route_key(changing=True) if has_routes else ""


def _places(paths: Sequence[str]) -> dict[str, Path]:
    named = importing.names_of(importing.files_in([Path(each) for each in paths]))
    return {name: path for path, name in named.items()}


def _run(door: Door, route: str, files: Files, act: Act, answers: Answers, days: str, **more: Any) -> Outcome:
    with _progress(files) as step:
        return importing.bring_in(door.database, route, files, act, answers, days=days, step=step, **more)


@contextmanager
def _progress(files: Files) -> Iterator[Callable[[], None]]:
    """A bar on stderr for long lists, where someone is looking."""
    rows = sum(len(each.table.lines) for each in files.foreign)
    rows += sum(len(grid.lines) for book in files.own for grid in book.grids)
    if rows < _LONG or not sys.stderr.isatty():
        yield lambda: None
        return
    with click.progressbar(length=rows, label=f"{rows} rows", file=sys.stderr) as bar:
        yield lambda: bar.update(1)


def _asked(door: Door, route: str, files: Files, answers: Answers, days: str) -> Outcome:
    """Show what would happen, ask what only a person knows, then whether to do it; and do just that."""
    rehearsal = replace(door.act(), dry_run=True)
    shown = _run(door, route, files, rehearsal, answers, days)
    heads = _heads(files)
    click.echo("\n".join(heads), err=door.as_json)
    while shown.questions and _is_person(door):
        answers = replace(answers, said={**answers.said, **{_place(each): _answer(each) for each in shown.questions}})
        shown = _run(door, route, files, rehearsal, answers, days)
    if shown.new_organisations and _is_person(door):
        answers = replace(answers, adds_organisations=_adds(shown.new_organisations))
        shown = _run(door, route, files, rehearsal, answers, days)
    news = [line for line in _heads(files) if line not in heads]
    click.echo("\n".join([*news, *_outcome_lines(door, shown)]), err=door.as_json)
    if not shown.done:
        return shown
    door.confirm(f"Import this into {route or 'the programme'}?")
    return _run(door, route, files, door.act(), answers, days, expected=shown)


def _adds(names: Sequence[str]) -> bool:
    what = "organisation is" if len(names) == 1 else "organisations are"
    return click.confirm(f"{len(names)} {what} not known yet: {shorten(names)}. Add?", default=True, err=True)


def _is_person(door: Door) -> bool:
    return not door.no_input and sys.stdin.isatty()


def _place(question: Question) -> tuple[str, str]:
    return question.sort, question.about


def _answer(question: Question) -> str:
    lines = [question.says, *(f"  {number}  {choice}" for number, choice in enumerate(question.choices, 1))]
    click.echo("\n".join(lines), err=True)
    number = click.prompt("Which?", type=click.IntRange(1, len(question.choices)), default=1, err=True)
    return question.choices[number - 1]


def _heads(files: Files) -> list[str]:
    lines: list[str] = []
    for book in files.own:
        whom = f" for {book.memory.whom}" if book.memory.whom else ""
        lines.append(f"{book.file}: the workbook of {book.memory.route}{whom}, written on {book.memory.made}")
    for each in files.foreign:
        lines += each.says
    return [*lines, *files.notes, *(f"✗ {each}" for each in files.faults)]


def _outcome_lines(door: Door, outcome: Outcome) -> list[str]:
    names = _names(door, outcome)
    lines = [f"  + {_counted(outcome.of('added'))}"] if outcome.of("added") else []
    lines += [f"  new organisations: {shorten(outcome.new_organisations)}"] if outcome.new_organisations else []
    lines += _few([f"  ! {note}" for note in outcome.notes])
    changed = outcome.of("changed")
    if changed:
        lines.append(f"  ~ changed: {_counted(changed)}")
        lines += _few([f"  {line}" for each in changed for line in change_lines(_changes(each, names), names)])
    marked = outcome.of("marked")
    steps: dict[str, list[str]] = {}
    for each in marked:
        steps.setdefault(each.state, []).append(each.key)
    lines += [f"  → {shorten(keys)}: {state}" for state, keys in steps.items()]
    removed = outcome.of("removed")
    lines += [f"  - removed: {shorten([f'{each.key} {each.name}' for each in removed])}"] if removed else []
    same = sum(outcome.same.values())
    lines += [f"  = {same} the same"] if same else []
    lines += _missing_lines(outcome)
    lines += _bad_lines("changed by someone else since, left as they are", outcome.conflicts)
    lines += _bad_lines("left out", outcome.bad)
    return lines or ["  no row says anything new"]


def _names(door: Door, outcome: Outcome) -> dict[str, dict[int, str]]:
    """What people and organisations are called, those too that would be added."""
    with door.database.begin() as unit:
        names = {to: dict(store.names_of(unit, to)) for to in ("person", "organisation")}
    for each in outcome.of("added"):
        if each.kind in names:
            names[each.kind].setdefault(int(each.key), each.name)
    return names


def _counted(done: Sequence[Done]) -> str:
    """How many of each kind, with the ids where a route has them."""
    by_kind: dict[str, list[str]] = {}
    for each in done:
        by_kind.setdefault(each.kind, []).append(each.key)
    return ", ".join(_of_kind(kind, keys) for kind, keys in by_kind.items())


def _of_kind(kind: str, keys: Sequence[str]) -> str:
    different = list(dict.fromkeys(keys))
    plural = KINDS[kind].plural
    name = plural if len(different) > 1 else plural.removesuffix("s") if " " in plural else kind
    ids = f" ({_span(different)})" if KINDS[kind].letter else ""
    return f"{len(different)} {name}{ids}"


def _span(keys: Sequence[str]) -> str:
    return f"{keys[0]}-{keys[-1]}" if len(keys) > 2 else ", ".join(keys)


def _changes(done: Done, names: Mapping[str, Mapping[int, str]]) -> list[dict[str, Any]]:
    of = done.key if KINDS[done.kind].letter else f"{done.kind} {done.name}"
    return [{**_called(change, done.kind, names), "of": of} for change in done.changes]


def _called(change: Mapping[str, Any], kind: str, names: Mapping[str, Mapping[int, str]]) -> dict[str, Any]:
    """*change* with people and organisations by name."""
    described = KINDS[kind].field(change["field"])
    known = names.get(described.to if described else "", {})
    return {**change, **{side: known.get(change[side], change[side]) for side in ("before", "after") if known}}


def _few(lines: list[str]) -> list[str]:
    return lines if len(lines) <= _SHOWN else [*lines[:_SHOWN], f"    and {len(lines) - _SHOWN} more"]


def _missing_lines(outcome: Outcome) -> list[str]:
    if not outcome.missing:
        return []
    named = shorten([f"{key} {name}".strip() for _, key, name in outcome.missing])
    return [f"  missing from the file: {named}. They stay; --remove-missing takes them out"]


def _bad_lines(what: str, bad: Sequence[Bad]) -> list[str]:
    if not bad:
        return []
    is_one = len({each.wish.spot.file for each in bad}) == 1
    lines = [f"    {each.wish.spot if is_one else each.wish.spot.in_full}  {'; '.join(each.problems)}" for each in bad]
    return [f"  ✗ {len(bad)} {'row' if len(bad) == 1 else 'rows'} {what}:", *_few(lines)]


def _ending(door: Door, outcome: Outcome, written: Sequence[Path], warning: str) -> list[str]:
    lines = [warning] if warning else []
    if outcome.done:
        sign, end = ("would import", "") if door.dry_run else ("✓ imported", f" (L{outcome.entry} · lrflow undo)")
        kinds = Counter(each.what for each in outcome.done)
        lines.append(f"{sign}: {', '.join(f'{count} {what}' for what, count in kinds.items())}{end}")
        planned, withdrawn = outcome.planned
        lines += [f"  nudges: {planned} planned, {withdrawn} withdrawn"] if planned or withdrawn else []
    for path in written:
        lines.append(f"! what was left out is in {path}, the reason beside each row: correct it there, save, import it")
    if door.dry_run:
        return [*lines, "Next: the same without -n"]
    return [*lines, "Next: lrflow check" if not written else f"Next: lrflow import {_typed(written[0])}"]


def _typed(path: Path) -> str:
    """*path* as it is typed: in quotes where it holds blanks or signs that a shell reads."""
    text = str(path)
    return text if re.fullmatch(r"[\w./\\:~@%+-]+", text) else f'"{text}"'


def _data(outcome: Outcome, files: Files, written: Sequence[Path]) -> dict[str, Any]:
    left = [*outcome.bad, *outcome.conflicts]
    return {
        "done": [{"what": each.what, "kind": each.kind, "id": each.key, "state": each.state} for each in outcome.done],
        "same": outcome.same,
        "missing": [key for _, key, _ in outcome.missing],
        "left_out": [
            {
                "file": each.wish.spot.file,
                "sheet": each.wish.spot.sheet,
                "row": each.wish.spot.line,
                "why": list(each.problems),
            }
            for each in left
        ],
        "read": _heads(files),
        "notes": outcome.notes,
        "not_read": files.faults,
        "conflicts": len(outcome.conflicts),
        "entry": f"L{outcome.entry}",
        "to_fix": [str(path) for path in written],
    }
