"""The workbook goes out and comes back: what was typed is done and judged, what two people changed is left alone."""

import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import domain_routes
import pytest
import sheet_files
from programme import Programme
from test_undo import difference, state_of
from workbooks import sheet, typed_into

from lrflow.database import Database
from lrflow.errors import Busy
from lrflow.lists import importing
from lrflow.lists.wishes import Answers
from lrflow.store import Act


@pytest.fixture
def ready(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Programme:
    """A route in champion training with everything in it, and its workbook book.xlsx in the folder."""
    programme = domain_routes.copied(domain_routes.ready, tmp_path_factory, tmp_path / "ready")
    programme.do(f"workbook {programme.home / 'book.xlsx'}")
    return programme


@pytest.fixture
def book(ready: Programme) -> Path:
    return ready.home / "book.xlsx"


def test_a_workbook_that_nobody_touched_changes_nothing(ready, book):
    before = state_of(ready.home)

    done = ready.do(f"import {book} --yes")

    assert difference(before, state_of(ready.home)) == {}
    assert " the same" in done.out and "imported" not in done.out


def test_cells_typed_over_are_changed_and_new_rows_added(ready, book):
    typed_into(
        book,
        {
            "E1": {"Place": "Huye", "Summary": "milk, from producer to consumer"},
            "P1": {"Name": "Esnart Banda", "Phone": "+265 999 123 456"},
        },
        rows={
            "Experiences": [{"Title": "School gardens", "Areas": "budget"}],
            "Budget": [{"What": "Bus", "Amount": "12 GBP"}],
        },
    )

    done = ready.do(f"import {book} --yes")

    first = ready.do("show E1 --json").data
    assert (first["place"], first["summary"]) == ("Huye", "milk, from producer to consumer")
    assert ready.do("show person v11@example.org --json").data["name"] == "Esnart Banda"
    assert ready.do("show E4 --json").data["title"] == "School gardens"
    assert "E1 place: - -> Huye" in done.out


def test_a_cell_that_was_emptied_is_cleared(ready, book):
    ready.do("set E1 place=Huye")
    ready.do(f"workbook {book} --replace")
    typed_into(book, {"E1": {"Place": None}})

    ready.do(f"import {book} --yes")

    assert "place" not in ready.do("show E1 --json").data


def test_a_changed_state_is_judged_and_logged_like_a_mark(ready, book):
    typed_into(book, {"C1": {"State": "confirmed"}, "K1": {"State": "published"}, "E2": {"State": "rejected"}})

    done = ready.run(f"import {book} --yes")

    assert done.code == 5
    assert ready.do("show C1 --json").data["state"] == "confirmed"
    assert ready.do("log C1 -N 1 --json").data[0]["verb"] == "mark"
    assert "E2 cannot become rejected" in done.out
    refused = sheet(ready.home / "book-to-fix.xlsx", "Experiences")
    assert [row["id"] for row in refused] == ["E2"]
    assert "cannot become rejected" in str(refused[0]["Problem"])


def test_a_reason_in_the_row_is_the_reason_of_its_move(ready, book):
    typed_into(book, {"P3": {"State": "withdrawn", "Reason": "visa refused"}})

    ready.do(f"import {book} --yes")

    entry = ready.do("log P3 -N 1 --json").data[0]
    assert (entry["target"], entry["reason"]) == ("withdrawn", "visa refused")


def test_what_two_people_changed_is_listed_and_not_overwritten(ready, book):
    typed_into(book, {"E1": {"Place": "Huye"}, "E2": {"Place": "Nyanza"}})
    ready.do("set E1 place=Kigali")

    done = ready.run(f"import {book} --yes")

    assert done.code == 6
    assert ready.do("show E1 --json").data["place"] == "Kigali"
    assert ready.do("show E2 --json").data["place"] == "Nyanza"
    assert "E1 was changed since this file was written: place is Kigali now, Huye in the file" in done.out


def test_two_who_typed_the_same_do_not_stand_against_each_other(ready, book):
    typed_into(book, {"E1": {"Place": "Huye"}})
    ready.do("set E1 place=Huye")

    assert ready.run(f"import {book} --yes").code == 0


def test_rows_taken_out_are_named_and_stay_unless_asked(ready, book):
    ready.do("add experience 'A mistake' areas=policy")
    ready.do(f"workbook {book} --replace")
    typed_into(book, without=("E4", "E1"))

    kept = ready.do(f"import {book} --yes")
    assert "missing from the file: E1 Milk way, E4 A mistake" in kept.out
    assert ready.run("show E4").code == 0

    removed = ready.run(f"import {book} --remove-missing --yes")
    assert removed.code == 5
    assert ready.run("show E4").code == 4
    assert "E1 stays" in removed.out


def test_new_rows_may_name_each_other(ready, book):
    typed_into(
        book,
        rows={
            "Organisations": [{"Name": "Alliance Ghana", "Kind": "csa", "Country": "Ghana"}],
            "Delegations": [{"Organisation": "Alliance Ghana"}],
            "Participants": [{"Name": "Ama Mensah", "E-mail": "ama@example.org", "Delegation": "Alliance Ghana"}],
            "Plans": [{"Title": "Ghana plan", "Delegation": "Alliance Ghana"}],
            "Actions": [{"Plan": "Ghana plan", "Title": "Dig", "Due": "2016-12-01"}],
        },
    )

    ready.do(f"import {book} --yes")

    assert ready.do("show A1.1 --json").data["title"] == "Dig"
    assert ready.do("show P25 --json").data["delegation"] == "D9"


def test_the_part_of_one_alliance_takes_its_plan_as_a_form_and_nothing_of_others(ready):
    path = ready.home / "d3.xlsx"
    ready.do(f"workbook {path} --for D3")
    assert [row["id"] for row in sheet(path, "Participants")] == ["P7", "P8", "P9"]
    typed_into(path, rows={"Actions": [{"Title": "Dig", "Plan": "A1"}]})
    _answer(path, {"Title of the plan": "Our gardens", "Kind of plan": "test", "How many months": 6})

    done = ready.run(f"import {path} --yes")

    assert done.code == 0, done.out + done.err
    plan = ready.do("show A1 --json").data
    assert (plan["title"], plan["delegation"], plan["months"]) == ("Our gardens", "D3", 6)
    assert ready.do("show A1.1 --json").data["plan"] == "A1"


def _answer(path: Path, answers: dict[str, object]) -> None:
    """Fill in the form of the sheet Plan."""
    from lrflow.sheets import Book, Column, Page, read_grids, write_book

    pages = []
    for grid in read_grids(path):
        if grid.name == "_lrflow":
            memory = [["" if cell is None else str(cell) for cell in line.cells] for line in grid.lines]
            continue
        width = max(len(line.cells) for line in grid.lines)
        rows = [[*line.cells, *([None] * (width - len(line.cells)))] for line in grid.lines]
        for row in rows:
            if grid.name == "Plan" and row[0] in answers:
                row[1] = answers[row[0]]
        pages.append(Page(grid.name, [Column(str(cell or "")) for cell in rows[0]], rows[1:]))
    write_book(path, Book(pages, memory), replace=True)


def test_a_workbook_of_another_route_or_programme_is_refused(ready, book, tmp_path):
    ready.do("add route asia-2017 'Asia' planned_visit=2017-04")

    other_route = ready.run(f"-r asia-2017 import {book} --yes")
    other = Programme(tmp_path / "other", now="2016-03-01")
    other.do('init --me "Ana Quispe <ana@example.org>" --timezone America/Lima')
    other.do("add route rwanda-2016 'Another' planned_visit=2016-09")
    other_programme = other.run(f"import {book} --yes")

    assert other_route.code == 2 and "was made for rwanda-2016" in other_route.err
    assert other_programme.code == 2 and "another programme" in other_programme.err


def test_a_copied_row_with_its_id_is_a_repetition_not_a_change(ready, book):
    row = next(each for each in sheet(book, "Experiences") if each["id"] == "E1")
    typed_into(book, rows={"Experiences": [{**row, "Title": "Copied"}]})

    done = ready.run(f"import {book} --yes")

    assert done.code == 5
    assert "E1 stands in a row above as well; clear the id to add a new one" in done.out
    assert ready.do("show E1 --json").data["title"] == "Milk way"


def test_an_edit_that_loses_a_guard_the_record_has_passed_is_refused_like_any_other(ready, book):
    typed_into(book, {"K1": {"Lessons": None}})

    done = ready.run(f"import {book} --yes")

    assert done.code == 5
    assert "K1 is validated" in done.out
    assert ready.do("show K1 --json").data["lessons"]


def test_one_undo_takes_a_workbook_back(ready, book):
    typed_into(
        book,
        {
            "E1": {"Place": "Huye"},
            "P1": {"Name": "Esnart B", "Phone": "+265 999 123 456"},
            "C1": {"State": "confirmed"},
        },
        rows={"Organisations": [{"Name": "New", "Kind": "cso"}], "Objectives": [{"Title": "Another"}]},
    )
    before = state_of(ready.home)
    ready.do(f"import {book} --yes")
    assert difference(before, state_of(ready.home)) != {}

    ready.do("undo --yes")

    assert difference(before, state_of(ready.home)) == {}


def test_what_was_shown_is_what_is_done_or_nothing_is(ready, book):
    typed_into(book, {"E1": {"Place": "Huye"}, "E2": {"Place": "Nyanza"}})
    database = Database(ready.home / "lrflow.db")
    act = Act(domain_routes.OWNER, datetime(2016, 10, 14, 9, tzinfo=UTC), "Africa/Blantyre")
    files = importing.open_files(database, [book], importing.Wanted())
    shown = importing.bring_in(database, "rwanda-2016", files, replace(act, dry_run=True), Answers())
    ready.do("set E1 place=Kigali")

    with pytest.raises(Busy, match="nothing was imported"):
        importing.bring_in(database, "rwanda-2016", files, act, Answers(), expected=shown)

    database.close()
    assert "place" not in ready.do("show E2 --json").data


def test_a_zip_bomb_and_a_sheet_of_a_million_empty_rows_are_refused(ready):
    bomb, empty = ready.home / "bomb.xlsx", ready.home / "empty.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 60_000_000)
    sheet_files.xlsx(empty, (sheet_files.row(number) for number in range(1, 1_000_001)))

    for path in (bomb, empty):
        refused = ready.run(f"import {path} --yes")
        assert refused.code == 2, refused.out + refused.err
        assert refused.err.strip()
