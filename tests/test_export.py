"""Records written out as they are: CSV, XLSX, JSON; whole or not at all, and text is never a formula."""

import csv
import io
import json
import os
import shutil
import tracemalloc
from pathlib import Path

import pytest
from programme import Programme
from small_facts import facts, record
from test_cli import typed
from test_workbook import LINES

from lrflow.catalogue import KINDS, derived_fields
from lrflow.lists.exporting import Taken, rows_of, write_json
from lrflow.lists.layout import SHEETS, Names, title_of
from lrflow.sheets import read_grids


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Programme:
    """A route with a record of every kind; no test changes it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("elsewhere"))
        programme = Programme(tmp_path_factory.mktemp("export") / "csn", now="2016-12-01")
        for line in LINES:
            programme.do(line)
    return programme


@pytest.fixture
def own(lived: Programme, tmp_path: Path) -> Programme:
    """The same in a folder of the test's own, to be changed."""
    shutil.copytree(lived.home, tmp_path / "csn")
    return Programme(tmp_path / "csn", now=lived.now)


def rows(text: str) -> list[dict[str, str]]:
    """A CSV as rows by header."""
    return list(csv.DictReader(io.StringIO(text, newline="")))


# ------------------------------------------------------------------------------------------------------------------ CSV


def test_a_csv_holds_one_kind_with_people_and_organisations_by_name_and_address(lived, tmp_path):
    path = tmp_path / "delegations.csv"

    result = lived.do(f"export {path} delegation")

    assert result.out == f"✓ {path}: 2 delegations\n"
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    first, second = rows(path.read_text(encoding="utf-8-sig"))
    assert (first["id"], first["State"]) == ("D1", "invited")
    assert (first["Organisation"], second["Organisation"]) == ("CSONA <office@csona.example>", "PANITA")
    assert (first["Lead"], first["Applied on"]) == ("Esnart Banda <esnart@example.org>", "2016-05-02")


def test_conditions_choose_the_rows(lived, tmp_path):
    lived.do(f"export {tmp_path / 'p.csv'} participant visa=needed organisation.country=MW")

    (only,) = rows((tmp_path / "p.csv").read_text(encoding="utf-8-sig"))
    assert (only["Name"], only["E-mail"], only["Phone"]) == ("Esnart Banda", "esnart@example.org", "0265123456")
    assert (only["Delegation"], only["Alliance"]) == ("D1", "CSONA")


def test_nothing_that_matches_still_makes_a_file_with_headers(lived, tmp_path):
    result = lived.do(f"export {tmp_path / 'p.csv'} participant visa=refused")

    assert result.out.endswith("p.csv: no participants\n")
    assert rows((tmp_path / "p.csv").read_text(encoding="utf-8-sig")) == []


def test_a_formula_stays_text_in_a_csv_and_comes_back_as_it_was(lived, tmp_path):
    lived.do(f"export {tmp_path / 'e.csv'} experience")

    first, _ = rows((tmp_path / "e.csv").read_text(encoding="utf-8-sig"))
    (grid,) = read_grids(tmp_path / "e.csv")
    assert first["Title"] == "'=HYPERLINK('x')"
    assert "=HYPERLINK('x')" in grid.lines[1].cells


def test_a_pipe_gets_the_same_csv_without_its_mark(lived, tmp_path):
    lived.do(f"export {tmp_path / 'e.csv'} experience")

    piped = typed(lived.home, "export", "-", "experience")

    saved = (tmp_path / "e.csv").read_text(encoding="utf-8-sig")
    assert (piped.returncode, piped.stderr) == (0, b"")
    assert piped.stdout.decode("utf-8") == saved.replace("\r\n", "\n").replace("\n", os.linesep)


def test_people_are_written_before_there_is_a_route(empty, tmp_path):
    empty.do(f"export {tmp_path / 'people.csv'} person")

    assert [each["Name"] for each in rows((tmp_path / "people.csv").read_text(encoding="utf-8-sig"))] == ["Grace Phiri"]
    assert "there is no route yet" in empty.run(f"export {tmp_path / 'all.json'}").err


# ----------------------------------------------------------------------------------------------------------------- JSON


def test_json_holds_every_kind_with_what_is_worked_out(lived, tmp_path):
    lived.do(f"export {tmp_path / 'all.json'}")

    whole = json.loads((tmp_path / "all.json").read_text(encoding="utf-8"))
    assert (whole["lrflow"], whole["kind"]) == (1, "export")
    assert (whole["data"]["route"], whole["data"]["on"]) == ("rwanda-2016", "2016-12-01")
    records = whole["data"]["records"]
    assert {kind: len(records[kind]) for kind in ("participant", "plan", "budget")} == {
        "participant": 2,
        "plan": 2,
        "budget": 1,
    }
    assert [*records] == [*SHEETS]
    assert records["participant"][0] == {
        "id": "P1",
        "state": "named",
        "version": 1,
        "person": {"id": 3, "name": "Esnart Banda", "email": "esnart@example.org"},
        "delegation": "D1",
        "visa": "needed",
        "worked_out": {
            "visiting": True,
            "organisation": {"id": 3, "name": "CSONA", "email": "office@csona.example"},
            "country": "MW",
            "email": "esnart@example.org",
            "is_lead": True,
        },
    }
    plan = records["plan"][0]
    assert (plan["cost"], plan["themes"], plan["ends_on"]) == ({"minor": 500000, "currency": "USD"}, ["O1"], "2017-06")
    assert records["case"][0]["lessons"] == [["begin small", "a leader"], ["alone", ""]]
    assert records["case"][0]["how"] == "one\ntwo"


def test_json_on_a_pipe_is_the_same_as_in_a_file(lived, tmp_path):
    lived.do(f"export {tmp_path / 'p.json'} plan action")

    assert lived.do("export - plan action --json").out == (tmp_path / "p.json").read_text(encoding="utf-8")


def test_json_of_nothing_is_whole(lived):
    assert json.loads(lived.do("export - plan months=99 --json").out)["data"]["records"] == {"plan": []}


@pytest.mark.parametrize("kind", list(SHEETS))
def test_no_name_in_json_stands_for_two_things(kind):
    own = [field.name for field in KINDS[kind].fields]

    assert {"id", "state", "version", "worked_out"}.isdisjoint(own) and not set(derived_fields(kind)) & set(own)


# ----------------------------------------------------------------------------------------------------------------- XLSX


def test_a_workbook_for_reading_has_a_sheet_a_kind_and_remembers_nothing(lived, tmp_path):
    result = lived.do(f"export {tmp_path / 'all.xlsx'}")

    sheets = {grid.name: grid for grid in read_grids(tmp_path / "all.xlsx")}
    assert [*sheets] == [*SHEETS.values()]
    assert "2 participants" in result.out and "_lrflow" not in sheets
    headers, *lines = [line.cells for line in sheets["Budget"].lines]
    assert dict(zip(headers, lines[0], strict=False)) | {"version": ""} == {
        "id": "B1",
        "version": "",
        "State": "planned",
        "What": "Flights",
        "Step": None,
        "Amount": "1200.00 USD",
        "Rate": 0.79,
    }


def test_a_text_too_long_for_a_cell_does_not_stop_a_workbook_and_is_whole_elsewhere(own, tmp_path):
    (tmp_path / "how.txt").write_text("x" * 40_000, encoding="utf-8")
    own.do(f"set K1 how=@{tmp_path / 'how.txt'}")

    own.do(f"export {tmp_path / 'k.xlsx'} case")
    own.do(f"export {tmp_path / 'k.csv'} case")

    (sheet,) = read_grids(tmp_path / "k.xlsx")
    assert "(a text of 40,000 characters, too long for a cell; lrflow keeps it as it is)" in sheet.lines[1].cells
    assert rows((tmp_path / "k.csv").read_text(encoding="utf-8-sig"))[0]["How"] == "x" * 40_000


# ------------------------------------------------------------------------------------------------------- as it is typed


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ("x.csv", 2, ("a CSV holds one kind: say which", "lrflow export x.csv participant")),
        ("x.csv participant plan", 2, ("a CSV holds one kind",)),
        ("-", 2, ("a CSV holds one kind", "lrflow export - participant")),
        ("x.txt participant", 2, ("x.txt is not a file that ends in .csv or .xlsx or .json", "x.csv")),
        ("participant", 2, ("participant is not a file that ends in",)),
        ("x.json visa=needed", 2, ("of which kind?", "lrflow export FILE KIND")),
        ("x.json participnt", 2, ("there is no kind of record called 'participnt'",)),
        ("x.json programme", 2, ("programme is no kind that is exported",)),
        ("x.json participant vsa=needed", 2, ("participant has no field 'vsa'", "did you mean visa?")),
        ("x.json participant plan visa=needed", 2, ("plan has no field 'visa'", "participant has it")),
        ("nowhere/x.csv participant", 4, ("there is no folder nowhere",)),
        ("nowhere/x.json participant", 4, ("there is no folder nowhere",)),
    ],
)
def test_what_cannot_be_written_is_told_and_nothing_is_written(lived, words, code, says, tmp_path):
    result = lived.run(f"export {words}")

    assert result.code == code and not result.out
    assert [each for each in says if each not in result.err] == []
    assert not [each for each in tmp_path.rglob("*") if each.is_file()]


@pytest.mark.parametrize("name", ["x.csv", "x.json", "x.xlsx"])
def test_a_file_that_is_there_is_left_alone_unless_it_is_to_be_replaced(lived, name, tmp_path):
    (tmp_path / name).write_text("mine")

    refused = lived.run(f"export {tmp_path / name} participant")
    kept = (tmp_path / name).read_text()
    lived.do(f"export {tmp_path / name} participant --replace")

    assert (refused.code, kept) == (2, "mine") and "--replace" in refused.err
    assert (tmp_path / name).read_bytes() != b"mine"
    assert [each.name for each in tmp_path.iterdir()] == [name]


def test_a_dry_run_writes_no_file(lived, tmp_path):
    result = lived.do(f"export {tmp_path / 'x.csv'} participant -n")

    assert result.out == f"would write {tmp_path / 'x.csv'}: 2 participants\n"
    assert not (tmp_path / "x.csv").exists()


def test_json_tells_the_file_and_its_rows(lived, tmp_path):
    found = lived.do(f"export {tmp_path / 'x.csv'} plan --json").data

    assert found == {"file": str(tmp_path / "x.csv"), "rows": {"plan": 2}, "dry_run": False}


# --------------------------------------------------------------------------------------------------------- many records


class Drain(io.TextIOBase):
    """Counts what is written and keeps nothing of it."""

    size = 0

    def write(self, text: str) -> int:
        self.size += len(text)
        return len(text)


@pytest.mark.parametrize("write", ["rows", "json"])
def test_ten_times_as_many_records_take_no_more_room_while_they_are_written(write):
    def peak(number: int) -> int:
        people = [record("participant", f"P{each}", delegation="D1", visa="needed") for each in range(number)]
        known = facts(record("delegation", "D1", organisation=1), record("organisation", 1, name="CSONA"))
        names = Names({"organisation": {1: "CSONA"}, "person": {}}, {})
        taken = Taken("r", "2016-12-01", known, names, {"participant": people})
        tracemalloc.start()
        if write == "json":
            write_json(taken, Drain())
        else:
            for _ in rows_of(taken, "participant"):
                pass
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(10)  # what is made once and kept

    assert peak(5_000) < peak(500) + 20_000


def test_headers_are_words_people_use():
    assert [title_of(field) for field in KINDS["session"].fields][:4] == ["Day", "Kind", "Title", "Place"]
