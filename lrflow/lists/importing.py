"""Bring whole files in: read them, show what would happen, do just that in one transaction."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from lrflow import store
from lrflow.database import Database, Unit
from lrflow.errors import Busy, Misused, NotFound, Refused
from lrflow.lists.applying import Applying
from lrflow.lists.foreign import ForeignList, foreign_lists, keep_maps
from lrflow.lists.foreign import wishes_of as foreign_wishes
from lrflow.lists.own import OwnBook, check_origin, own_book
from lrflow.lists.own import wishes_of as own_wishes
from lrflow.lists.reading import reading_of
from lrflow.lists.wishes import Answers, Bad, Done, Outcome, Question, Wish
from lrflow.lists.workbook import read
from lrflow.sheets import TEXTS, WORKBOOKS, read_grids
from lrflow.store import Act, Standing
from lrflow.tracks.removing import refuse_if_referred, remove_one

MOST_FILES = 200


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


def files_in(paths: Sequence[Path]) -> list[Path]:
    """The files that *paths* mean: each itself, and of a folder every list in it. `NotFound` for what is not there."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            lists = [each for each in sorted(path.iterdir()) if _is_list(each)]
            if not lists:
                raise NotFound(f"there is no list in {path}", remedy="lists end in .xlsx, .xls, .ods or .csv")
            found += lists
        elif path.exists():
            found.append(path)
        else:
            raise NotFound(f"there is no file {path}")
    if len(found) > MOST_FILES:
        raise Misused(f"{len(found)} files at once are too many; {MOST_FILES} can be read")
    return found


def _is_list(path: Path) -> bool:
    # ~$ marks what Excel has open.
    return path.is_file() and path.suffix.lower() in (*WORKBOOKS, *TEXTS) and not path.name.startswith((".", "~$"))


def open_files(database: Database, paths: Sequence[Path], wanted: Wanted) -> Files:
    """Read every file of *paths*; which column is which field is taken from *wanted*, from before, or from the header.

    Raises `Misused` when nothing in them is a list.
    """
    found = Files()
    for path in files_in(paths):
        grids = read_grids(path)
        book = own_book(path.name, grids)
        if book is not None:
            found.own.append(book)
            continue
        with database.begin() as unit:
            lists = foreign_lists(unit, path, grids, wanted.kind, wanted.told)
        found.foreign += lists
        found.notes += [] if lists else [f"{path.name} holds no list: a line of headers over rows"]
    if not found.own and not found.foreign:
        raise Misused("there is nothing to import", problems=found.notes, remedy="lrflow help excel")
    return found


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
    with database.begin(write=True, keep=not act.dry_run) as unit:
        standing = store.stand(unit, route, act) if route else store.stand_aside(unit, act)
        wishes, questions = _wishes(unit, standing, route, files, act, days, answers)
        names = ", ".join(dict.fromkeys([*(each.file for each in files.own), *(each.file for each in files.foreign)]))
        from_files = replace(act, reason=act.reason or f"imported from {names[:200]}")
        applying = Applying(unit, standing, from_files, answers, wishes)
        outcome = applying.apply(wishes, step)
        outcome.questions += questions
        for book in files.own:
            _missing(applying, book, outcome, remove=answers.remove_missing)
        outcome.entry = standing.batch.route or standing.batch.shared
        if expected is not None and outcome.gist != expected.gist:
            raise Busy("someone changed something meanwhile: nothing was imported", remedy="type the command again")
        if outcome.done:
            keep_maps(unit, files.foreign, act.now)
            _plan_anew(unit, standing, act, outcome)
    return outcome


def _wishes(
    unit: Unit, standing: Standing, route: str, files: Files, act: Act, days: str, answers: Answers
) -> tuple[list[Wish], list[Question]]:
    """What every row of *files* asks for, and what only a person can say before."""
    seen = read(unit, route, act) if route else None
    reading = reading_of(standing)
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
    leaving = {key for _, key in book.missing}
    for kind, key in book.missing:
        record = applying.known.record(kind, key)
        if record is None:
            continue
        name = applying.called(record)
        if not remove:
            outcome.missing.append((kind, key, name))
            continue
        try:
            applying.standing.require_edit(kind)
            refuse_if_referred(applying.unit, applying.standing, key, leaving=leaving)
            applying.standing = remove_one(applying.unit, applying.standing, applying.act, record)
            outcome.done.append(Done(kind, key, name, "removed"))
        except Refused as fault:
            outcome.bad.append(Bad(Wish(kind, book.spot(kind), key), (fault.message,)))


def _plan_anew(unit: Unit, standing: Standing, act: Act, outcome: Outcome) -> None:
    shared = any(each.kind in ("organisation", "person") for each in outcome.done)
    if shared:
        store.copy_calendars(unit, act.now)
    if standing.batch.route:
        store.touch_route(unit, standing.route)
        outcome.planned = store.replan(unit, standing.route.key, act.now, act.day)
    if any(each.kind in ("organisation", "person") and each.what == "changed" for each in outcome.done):
        store.replan_all(unit, act.now)
