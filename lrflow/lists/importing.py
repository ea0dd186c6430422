"""Bring whole files in: read them, show what would happen, do just that in one transaction."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from lrflow import store
from lrflow.catalogue import KINDS
from lrflow.database import Database, Unit
from lrflow.errors import Busy, LrflowError, Misused, NotFound, Refused
from lrflow.lists.applying import SHARED, Applying
from lrflow.lists.foreign import ForeignList, foreign_lists, keep_maps
from lrflow.lists.foreign import wishes_of as foreign_wishes
from lrflow.lists.known import said
from lrflow.lists.own import OwnBook, check_origin, own_book
from lrflow.lists.own import wishes_of as own_wishes
from lrflow.lists.reading import reading_of
from lrflow.lists.wishes import Answers, Bad, Done, Outcome, Question, Wish
from lrflow.lists.workbook import read
from lrflow.sheets import TEXTS, WORKBOOKS, read_grids
from lrflow.store import Act, Standing
from lrflow.tracks.removing import remove_all

MOST_FILES = 200
TO_FIX = re.compile(r"-to-fix(-\d+)?$")  # how the name of a file of rows to be corrected ends


@dataclass(frozen=True, slots=True)
class Wanted:
    """How files are to be read: as which kind, which header is which field, in which order days are written."""

    kind: str = ""
    told: Mapping[str, str] = field(default_factory=dict)
    days: str = ""  # dmy or mdy


@dataclass(slots=True)
class Files:
    """What was found in the files: workbooks of ours, foreign lists, and sheets that hold no list."""

    own: list[OwnBook] = field(default_factory=list)
    foreign: list[ForeignList] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)  # files that could not be read, beside others that could


def files_in(paths: Sequence[Path]) -> list[Path]:
    """The files that *paths* mean: each itself, of a folder every list in it but those to be corrected.

    `NotFound` for what is not there.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            lists = [each for each in sorted(path.iterdir()) if _is_list(each)]
            if not lists:
                raise NotFound(f"there is no list in {path}", remedy="lists end in .xlsx, .xls, .ods or .csv")
            # What was left out of a list stands in that list as well.
            found += [each for each in lists if not TO_FIX.search(each.stem)] or lists
        elif path.exists():
            found.append(path)
        else:
            raise NotFound(f"there is no file {path}")
    if len(found) > MOST_FILES:
        raise Misused(f"{len(found)} files at once are too many; {MOST_FILES} can be read")
    return found


def names_of(paths: Sequence[Path]) -> dict[Path, str]:
    """What each file is called for people: its name, with its folder where two have the same."""
    times = Counter(path.name for path in paths)
    return {path: path.name if times[path.name] == 1 else str(path) for path in paths}


def _is_list(path: Path) -> bool:
    # ~$ marks what Excel has open.
    return path.is_file() and path.suffix.lower() in (*WORKBOOKS, *TEXTS) and not path.name.startswith((".", "~$"))


def open_files(database: Database, paths: Sequence[Path], wanted: Wanted) -> Files:
    """Read every file of *paths*; which column is which field is taken from *wanted*, from before, or from the header.

    Of several files, one that cannot be read does not hold up the others. Raises `Misused` when nothing is a list.
    """
    found = Files()
    every = files_in(paths)
    for path, name in names_of(every).items():
        try:
            _open(database, path, name, wanted, found)
        except LrflowError as fault:
            if len(every) == 1:
                raise
            found.faults.append(f"{name}: {said(fault)}")
    beside = {each for path in paths if path.is_dir() for each in path.glob("*-to-fix*.xlsx")} - set(every)
    found.notes += [f"{each.name} is not read with its folder: once corrected, import it" for each in sorted(beside)]
    if not found.own and not found.foreign:
        raise Misused("there is nothing to import", problems=[*found.notes, *found.faults], remedy="lrflow help excel")
    known = [header for each in found.foreign for header in each.table.headers]
    unused = [header for header in wanted.told if header not in known]
    if unused and found.foreign:
        raise Misused(f"no column is called {', '.join(unused)}", problems=[f"there are: {', '.join(known)}"])
    return found


def _open(database: Database, path: Path, name: str, wanted: Wanted, found: Files) -> None:
    grids = read_grids(path)
    book = own_book(name, grids)
    if book is not None:
        found.own.append(book)
        return
    with database.begin() as unit:
        lists, notes = foreign_lists(unit, name, grids, wanted.kind, wanted.told)
    found.foreign += lists
    found.notes += notes


def bring_in(
    database: Database,
    route: str,
    files: Files,
    act: Act,
    answers: Answers,
    *,
    days: str = "",
    expected: Outcome | None = None,
    step: Callable[[], None] = lambda: None,
) -> Outcome:
    """Do what *files* ask for, the good rows in one transaction; what came of every row.

    *route* may be empty while there is none: then only organisations and people can come in. With *expected*, what was
    shown before, `Busy` is raised when it would come out otherwise now, and nothing is changed. A dry run changes
    nothing. Importing the same files again changes nothing.
    """
    if not route:
        _check_shared(files)
    with database.begin(write=True, keep=not act.dry_run) as unit:
        standing = store.stand(unit, route, act) if route else store.stand_aside(unit, act)
        wishes, questions = _wishes(unit, standing, route, files, act, days, answers)
        names = ", ".join(dict.fromkeys([*(each.file for each in files.own), *(each.file for each in files.foreign)]))
        from_files = replace(act, reason=act.reason or f"imported from {names[:200]}")
        applying = Applying(unit, standing, from_files, answers, wishes)
        outcome = applying.apply(wishes, step)
        outcome.questions += questions
        outcome.notes += applying.known.notes
        for book in files.own:
            _missing(applying, book, outcome, remove=answers.remove_missing)
        outcome.entry = standing.batch.route or standing.batch.shared
        if expected is not None and outcome.gist != expected.gist:
            raise Busy("someone changed something meanwhile: nothing was imported", remedy="type the command again")
        if outcome.done:
            keep_maps(unit, files.foreign, act.now)
            _plan_anew(unit, standing, act, outcome)
    return outcome


def _check_shared(files: Files) -> None:
    """Refuse lists of which no row can come in while there is no route."""
    kinds = {each.matched.kind for each in files.foreign}
    if files.foreign and not files.own and not kinds & set(SHARED):
        what = " and ".join(sorted(KINDS[kind].plural for kind in kinds))
        raise NotFound(
            f"{what} belong to a route, and there is none yet",
            remedy='lrflow add route rwanda-2016 "Learning Route in Rwanda" planned_visit=2016-09',
        )


def _wishes(
    unit: Unit, standing: Standing, route: str, files: Files, act: Act, days: str, answers: Answers
) -> tuple[list[Wish], list[Question]]:
    """What every row of *files* asks for, and what only a person can say before."""
    seen = read(unit, route, act) if route else None
    reading = reading_of(unit, standing)
    wishes: list[Wish] = []
    questions: list[Question] = []
    for book in files.own:
        if seen is None:
            raise Refused(f"{book.file} was made for a route, and there is none yet")
        check_origin(book, seen)
        book.ids.clear()
        book.same.clear()
        wishes += own_wishes(book, seen, reading)
    for each in files.foreign:
        rows, asked = foreign_wishes(each, reading, days, answers)
        wishes += rows
        questions += asked
    return wishes, questions


def _missing(applying: Applying, book: OwnBook, outcome: Outcome, *, remove: bool) -> None:
    """Name the rows that are gone from a workbook; take their records out where that was asked for."""
    for kind, count in book.same.items():
        outcome.same[kind] = outcome.same.get(kind, 0) + count
    gone = [found for kind, key in book.missing if (found := applying.known.record(kind, key))]
    if not remove:
        outcome.missing += [(each.kind, each.key, applying.known.called(each)) for each in gone]
        return
    for kind in dict.fromkeys(each.kind for each in gone):
        applying.standing.require_edit(kind)
    applying.standing, done, refused = remove_all(applying.unit, applying.standing, applying.act, gone)
    outcome.done += [Done(each.kind, each.key, applying.known.called(each), "removed") for each in done]
    stay = [each for each in gone if each.key in refused]
    outcome.bad += [Bad(Wish(each.kind, book.spot(each.kind), each.key), (refused[each.key],)) for each in stay]


def _plan_anew(unit: Unit, standing: Standing, act: Act, outcome: Outcome) -> None:
    shared = any(each.kind in ("organisation", "person") for each in outcome.done)
    if shared:
        store.copy_calendars(unit, act.now)
    if standing.batch.route:
        store.touch_route(unit, standing.route)
        outcome.planned = store.replan(unit, standing.route.key, act.now, act.day)
    if any(each.kind in ("organisation", "person") and each.what == "changed" for each in outcome.done):
        store.replan_all(unit, act.now)
