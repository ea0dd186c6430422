"""Lists are read as people send them, harm is kept out, and what is written comes back as it was."""

import errno
import re
import struct
import tracemalloc
import zipfile
from datetime import date, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sheet_files import (
    HEADERS,
    TITLE,
    compound,
    experiences,
    ods,
    ods_cell,
    ods_row,
    ods_table,
    participants,
    row,
    xls,
    xlsb,
    xlsx,
)

from lrflow.errors import LrflowError, Misused, NotFound, Unavailable
from lrflow.sheets import (
    Book,
    Column,
    Form,
    Grid,
    Line,
    Page,
    Question,
    clean_text,
    find_table,
    free_name,
    read_grids,
    text_of,
    write_book,
    write_csv,
)

MOMENT = datetime(2016, 9, 1, 13, 5)  # noqa: DTZ001  (what a sheet holds has no zone)

TRAPS = (
    *('=HYPERLINK("http://x","y")', "@SUM(A1)", "+250788000001", "-1+1", "--", "=", "'=x", "''@y", "'quoted"),
    *("<script>alert(1)</script>", "{{ name }}", "&amp; <b>", "http://example.org", "mailto:a@example.org"),
    *(
        "محمد \u202eعلي",
        "שלום",
        "የኢትዮጵያ",
        "👩🏾‍🌾🎉",
        "n" * 500,
        "é" * 500,
        "007",
        "0788000001",
        "2016-09",
        "1e5",
        "TRUE",
    ),
    *("two\nlines", "a\tb", '"quotes"', "a;b,c|d", "_x0041_", "sep=;", "#REF!", "  spaces  ", "1/2", "3-4", "NULL"),
)


def cells(path: Path, sheet: int = 0) -> list[tuple[object, ...]]:
    return [line.cells for line in read_grids(path)[sheet].lines]


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def grid(*rows: tuple[object, ...]) -> Grid:
    """A sheet of *rows*, empty ones left out, numbered as they stand."""
    lines = [Line(number, cells) for number, cells in enumerate(rows, 1) if any(cell is not None for cell in cells)]
    return Grid("List", lines)


def refusal(path: Path) -> LrflowError:
    with pytest.raises(LrflowError) as caught:
        read_grids(path)
    assert caught.value.remedy
    return caught.value


# ------------------------------------------------------------------------------------------- lists as people send them


def test_the_list_of_an_alliance_is_found_under_its_title_without_its_total(tmp_path):
    table = find_table(read_grids(participants(tmp_path / "participants-fr.xlsx"))[0])

    assert table is not None
    assert (table.name, table.headers, table.header_number) == ("Feuil1", HEADERS, 3)
    assert [line.number for line in table.lines] == list(range(4, 31))
    assert table.lines[0].cells == (
        *(1.0, "Participant ET 1", "et1@example.org", 250788000001.0, "Éthiopie", "ECSC-SUN", "anglais", "F"),
        *("chef de délégation", date(2019, 2, 3)),
    )
    assert table.lines[1].cells[1] == "Participant ET 2  "
    assert table.lines[1].cells[9] == "03/04/2018"
    assert table.lines[26].cells[1:3] == ('=HYPERLINK("http://example.org","x")', "formula@example.org")
    assert table.left_out == (f"row 1 is above the headers: {TITLE}", "row 32 is a total: 0 Total")


def test_a_list_in_the_letters_of_windows_is_read_with_its_accents(tmp_path):
    table = find_table(read_grids(experiences(tmp_path / "experiences-cp1252.csv"))[0])

    assert table is not None
    assert table.headers[:5] == ("Title", "Organisation", "Country", "Place", "Themes")
    assert [line.number for line in table.lines] == [2, 3, 4, 5]
    assert table.lines[0].cells[4] == "msp, policy"
    assert table.lines[1].cells[4] == "advocacy;policy"
    assert table.lines[2].cells == ("Café « Santé » – clubs de mères", "Association A", "Rwanda", "Huye", *[None] * 5)


def test_what_stands_in_a_workbook_is_read_by_its_kind_and_its_row(tmp_path):
    sheet = xlsx(
        tmp_path / "list.xlsx",
        (
            '<row r="3"><c r="C3"><v>1.5</v></c><c r="D3" t="b"><v>1</v></c><c r="E3" t="e"><v>#REF!</v></c></row>',
            '<row r="4"><c r="A4" t="s"><v>0</v></c><c r="B4" t="d"><v>2016-09-01</v></c></row>',
            '<row r="5"><c r="A5" s="1"/></row><row r="6"><c r="A6"><v>1e999</v></c></row>',
            '<row r="9"><c r="A9" t="d"><v>2016-09-01T13:05:00</v></c></row>',
        ),
        shared="<si><t>a</t></si>",
    )

    assert [(line.number, line.cells) for line in read_grids(sheet)[0].lines] == [
        (3, (None, None, 1.5, True, "#REF!")),
        (4, ("a", date(2016, 9, 1))),
        (6, ("inf",)),
        (9, (MOMENT,)),
    ]


def test_a_list_that_does_not_begin_in_the_first_column_keeps_its_place(tmp_path):
    assert cells(xlsx(tmp_path / "a.xlsx", [row(2, "C=Nom", "D=Pays")])) == [(None, None, "Nom", "Pays")]


def test_text_comes_composed_and_without_what_nobody_sees(tmp_path):
    file = written(tmp_path / "a.csv", 'a;b;c\r\nE\u0301\u00a0x\u202fy;\x07b\0\x85;\u00a0\r\n"1\r\n2";\'=x; z ')

    assert cells(file) == [("a", "b", "c"), ("É x y", "b"), ("1\n2", "=x", " z ")]


@pytest.mark.parametrize("name", ["a.xls", "misnamed.xlsx"])
def test_a_workbook_of_old_excel_is_read_whatever_its_name(name, tmp_path):
    assert cells(xls(tmp_path / name, ("Nom", "Âge"), ("Amina", 31.0))) == [("Nom", "Âge"), ("Amina", 31.0)]


def test_a_binary_workbook_is_read_with_its_errors(tmp_path):
    file = xlsb(tmp_path / "a.xlsb", [(0, 0, "Name"), (4, 1, 3.5), (4, 0, "é" * 200), (5, 0, None)])

    assert [(line.number, *line.cells) for line in read_grids(file)[0].lines] == [
        *((1, "Name"), (5, "é" * 200, 3.5), (6, "#REF!")),
    ]


def test_an_opendocument_sheet_is_read_with_its_repeats_errors_and_hidden_sheets(tmp_path):
    said = 'office:value-type="string" office:string-value="" calcext:value-type="error"'
    shown = ods_table(
        "Liste",
        ods_row(ods_cell(), times=3),
        ods_row(ods_cell(), ods_cell("a", times=2), ods_cell(times=1020)),
        ods_row(ods_cell("#N/A", said=said)),
        ods_row(ods_cell(times=1024), times=1_048_571),
    )
    grids = read_grids(ods(tmp_path / "a.ods", shown, ods_table("Lists", ods_row(ods_cell("x")), style="ta2")))

    assert [(each.name, each.is_hidden) for each in grids] == [("Liste", False), ("Lists", True)]
    assert [(line.number, line.cells) for line in grids[0].lines] == [(4, (None, "a", "a")), (5, ("#N/A",))]


# ---------------------------------------------------------------------------------------------------------- text files


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_text_file_is_read_whatever_its_letters_separator_and_line_ends(encoding, separator, end, tmp_path):
    lines = ("Nom|Courriel|Thèmes", 'Zoé|z@example.org|"a, b; c"', "|x@example.org", '"1\n2"|y@example.org|d')
    text = end.join(line.replace("|", separator) for line in lines).replace("\n", end)

    read = cells(written(tmp_path / "list.csv", text, encoding))

    expected = [("Nom", "Courriel", "Thèmes"), ("Zoé", "z@example.org", "a, b; c"), (None, "x@example.org")]
    assert read == [*expected, ("1\n2", "y@example.org", "d")]


def test_decimal_commas_do_not_hide_the_semicolons_between_cells(tmp_path):
    assert cells(written(tmp_path / "a.csv", "a;b\n1,5;2,5\n1,6;2,6\n")) == [("a", "b"), ("1,5", "2,5"), ("1,6", "2,6")]


def test_a_file_that_tells_its_separator_is_believed_and_numbered_as_excel_shows_it(tmp_path):
    read = read_grids(written(tmp_path / "a.csv", "sep=|\r\na;b;c|d\r\n\r\n1;2;3|4\r\n"))[0]

    assert [(line.number, line.cells) for line in read.lines] == [(1, ("a;b;c", "d")), (3, ("1;2;3", "4"))]


def test_a_cell_of_a_million_characters_is_kept(tmp_path):
    assert cells(written(tmp_path / "a.csv", f"a,b\n{'x' * 1_000_000},y\n"))[1] == ("x" * 1_000_000, "y")


def test_a_quotation_mark_never_closed_is_named_by_its_row(tmp_path):
    refused = refusal(written(tmp_path / "a.csv", 'a;b\n1;2\n3;"4\n5;6\n'))

    assert refused.message == 'row 3 of a.csv opens a quotation mark (") that is never closed'


@pytest.mark.parametrize("raw", [b"a,b\n\x81\xff", bytes(range(256)) * 20, "a,b\n1,2".encode("utf-16-le")])
def test_letters_that_cannot_be_read_are_refused_rather_than_guessed(raw, tmp_path):
    (tmp_path / "a.csv").write_bytes(raw)

    assert refusal(tmp_path / "a.csv").message == "the letters of a.csv cannot be read"


# ------------------------------------------------------------------------------------------------------ finding a list


def test_headers_stand_under_title_lines_and_totals_and_repeats_are_left_out():
    table = find_table(
        grid(
            *(("Liste des participants",), (), ("Mise à jour :", date(2016, 5, 3)), ("Nom", "Courriel", None, "Pays")),
            *(("Awa", "awa@example.org", None, "Mali"), ("nom ", "Courriel", None, "PAYS")),
            *(("Soma", "s@example.org", None, "Rwanda"), ("Sous-total", None, None, 2.0)),
            *(("Suma", None, None, "x"), ("Somme", None, None, "1 200,50"), (None, "TOTAL GÉNÉRAL :", None, "#REF!")),
        )
    )

    assert table is not None
    assert (table.headers, table.header_number) == (("Nom", "Courriel", "Pays"), 4)
    assert [line.cells[0] for line in table.lines] == ["Awa", "Soma", "Suma"]
    assert table.left_out == (
        *("row 1 is above the headers: Liste des participants", "row 3 is above the headers: Mise à jour : 2016-05-03"),
        *("column C is empty", "row 6 repeats the headers", "row 8 is a total: Sous-total 2"),
        *("row 10 is a total: Somme 1 200,50", "row 11 is a total: TOTAL GÉNÉRAL : #REF!"),
    )


@pytest.mark.parametrize(
    "word", ["Total", "Totals", "Subtotal", "Totaux", "Totales", "Totais", "Gesamt", "Soma", "Suma"]
)
def test_a_total_is_known_in_each_language(word):
    table = find_table(grid(("Name", "Country", "People"), ("Awa", "Mali", 3.0), (None, word, 3.0)))

    assert table is not None
    assert [line.number for line in table.lines] == [2]


@pytest.mark.parametrize(("name", "rest"), [("Soma", 3.0), ("Suma", None), ("Total sanitation", "Mali")])
def test_a_record_that_begins_like_a_total_stays(name, rest):
    table = find_table(grid(("Name", "Country"), (name, rest), ("Awa", "Mali")))

    assert table is not None
    assert table.left_out == ()


def test_a_column_without_a_header_is_called_by_its_letter():
    table = find_table(grid((None, "Nom", None, "Pays"), (None, "Awa", "x", "Mali", "y")))

    assert table is not None
    assert table.headers == ("Nom", "Column C", "Pays", "Column E")
    assert table.lines == [Line(2, ("Awa", "x", "Mali", "y"))]


@pytest.mark.parametrize(
    ("upper", "lower", "headers"),
    [
        (("Nom", "Visa", None), (None, "n°", "date"), ("Nom", "Visa n°", "Visa date")),
        (("Nom", "Visa", None, "Vol", None), (None, "n°", "date", "n°", "date"), None),
        (("Personne", None, "Voyage", None), ("Nom", "Courriel", "De", "À"), ("Nom", "Courriel", "De", "À")),
    ],
)
def test_headers_over_two_lines_are_joined_where_one_line_would_not_do(upper, lower, headers):
    table = find_table(grid(upper, lower, ("Awa", "a@example.org", "b", "c", "d")[: len(upper)]))

    assert table is not None
    assert table.headers == (headers or ("Nom", "Visa n°", "Visa date", "Vol n°", "Vol date"))
    assert table.header_number == 2


@pytest.mark.parametrize(
    "first", ["awa@example.org", 24.0, date(2016, 9, 1), "03/04/2018", "+250 788 000 001", "3 mars 2018"]
)
def test_a_sheet_that_begins_with_a_record_has_no_header_line(first):
    assert find_table(grid(("Awa", first, "Mali"), ("Zoé", "unknown", "Mali"), ("Ana", first, "Peru"))) is None


def test_a_sheet_of_headers_alone_is_an_empty_list_and_an_empty_sheet_or_a_title_alone_is_none():
    table = find_table(grid(("Nom", "Courriel")))

    assert table is not None
    assert (table.headers, list(table.lines)) == (("Nom", "Courriel"), [])
    assert find_table(grid()) is None
    assert find_table(grid(("Liste",))) is None


# ------------------------------------------------------------------------------------------------- what is not a list


def test_a_missing_file_is_named_with_one_that_is_like_it(tmp_path):
    participants(tmp_path / "participants.xlsx")

    missing = refusal(tmp_path / "participant.xlsx")

    assert isinstance(missing, NotFound)
    assert missing.remedy == (f"did you mean {tmp_path / 'participants.xlsx'}",)


def test_a_folder_another_kind_of_file_and_an_empty_one_are_refused(tmp_path):
    (tmp_path / "letter.docx").write_bytes(b"PK\x03\x04")
    (tmp_path / "empty.csv").write_bytes(b"")

    assert refusal(tmp_path).message == f"{tmp_path} is a folder, not a file"
    assert refusal(tmp_path / "letter.docx").message.startswith("letter.docx is not a list that can be read: .xlsx ")
    assert refusal(tmp_path / "empty.csv").message == "empty.csv is empty"


def test_a_file_with_a_password_is_told_from_a_damaged_one(tmp_path):
    wrapped = compound(tmp_path / "a.xlsx", "EncryptedPackage", b"x")
    locked = ods(tmp_path / "a.ods", manifest="<manifest:encryption-data/>")

    assert refusal(wrapped).message == "a.xlsx is protected by a password"
    assert refusal(locked).message == "a.ods is protected by a password"


@pytest.mark.parametrize("raw", [b"hello", b"PK\x03\x04 and no more", b"<html><table></table></html>"])
def test_a_file_that_is_not_what_its_name_says_is_refused(raw, tmp_path):
    (tmp_path / "a.xlsx").write_bytes(raw)

    assert refusal(tmp_path / "a.xlsx").message == "a.xlsx is damaged, or it is not what its name says"


def test_every_truncated_workbook_is_refused(tmp_path):
    whole = participants(tmp_path / "whole.xlsx").read_bytes()

    for length in range(8, len(whole), len(whole) // 40):
        (tmp_path / "cut.xlsx").write_bytes(whole[:length])
        assert isinstance(refusal(tmp_path / "cut.xlsx"), Misused)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    wrong=st.binary(min_size=1), where=st.floats(0, 1, exclude_max=True), suffix=st.sampled_from(["xlsx", "ods", "xls"])
)
def test_a_workbook_with_wrong_bytes_is_read_or_refused_and_never_breaks(wrong, where, suffix, tmp_path):
    file = tmp_path / f"a.{suffix}"
    if suffix == "xlsx":
        xlsx(file, [row(1, "A=Nom", "B=Pays"), row(2, "A=Awa", "B=Mali")], shared="<si><t>x</t></si>")
    elif suffix == "ods":
        ods(file, ods_table("L", ods_row(ods_cell("Nom"), ods_cell("Pays", times=3)), ods_row(ods_cell("Awa"))))
    else:
        xls(file, ("Nom", "Pays"), ("Awa", 3.0))
    raw = file.read_bytes()
    at = int(where * len(raw))
    file.write_bytes(raw[:at] + wrong + raw[at + len(wrong) :])

    try:
        found = [find_table(each) for each in read_grids(file)]
    except LrflowError as refused:
        found = [refused]

    assert found


# -------------------------------------------------------------------------------------------------- what would do harm


def test_a_bomb_is_refused_before_it_is_opened(tmp_path):
    bomb = xlsx(tmp_path / "bomb.xlsx", [row(1, "A=x")])
    with zipfile.ZipFile(bomb, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/theme/theme1.xml", bytes(25_000_000))

    assert bomb.stat().st_size < 100_000
    assert refusal(bomb).message == "bomb.xlsx would unpack to far more than a list can be: it was not opened"


def test_a_bomb_that_lies_about_its_size_is_refused_too(tmp_path):
    bomb = xlsx(tmp_path / "bomb.xlsx", [row(1, "A=x")])
    with zipfile.ZipFile(bomb, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/styles.xml", bytes(25_000_000))
    bomb.write_bytes(bomb.read_bytes().replace(struct.pack("<I", 25_000_000), struct.pack("<I", 100)))

    assert zipfile.ZipFile(bomb).getinfo("xl/styles.xml").file_size == 100
    assert refusal(bomb).message == "bomb.xlsx would unpack to far more than a list can be: it was not opened"


def test_a_sheet_of_a_million_empty_rows_is_refused_and_twenty_thousand_pass(tmp_path):
    list_ = row(1, "A=Nom", "B=Pays")
    million = xlsx(tmp_path / "million.xlsx", [list_, "".join(f'<row r="{at}"/>' for at in range(2, 1_000_001))])
    formatted = xlsx(tmp_path / "formatted.xlsx", [list_, '<row ht="15"><c s="1"/></row>' * 20_000])

    assert refusal(million).message == "sheet List of million.xlsx has more than 100,000 rows, nearly all of them empty"
    assert cells(formatted) == [("Nom", "Pays")]


def test_more_than_a_hundred_thousand_rows_are_refused(tmp_path):
    many = xlsx(tmp_path / "many.xlsx", ["<row><c><v>1</v></c></row>" * 100_001])
    enough = xlsx(tmp_path / "enough.xlsx", ["<row><c><v>1</v></c></row>" * 1_000])
    text = written(tmp_path / "many.csv", "a,b\n" * 100_001)

    assert refusal(many).message == "sheet List of many.xlsx has more than 100,000 rows"
    assert refusal(text).message == "many.csv has more than 100,000 rows"
    assert len(cells(enough)) == 1_000


@pytest.mark.parametrize("last", ["A1048576", "B999999", "CV99999"])
def test_two_cells_far_apart_are_refused_before_room_is_made_for_all_between(last, tmp_path):
    number = last.lstrip("ABCV")
    far = [row(1, "CV=x"), f'<row r="{number}"><c r="{last}"><v>1</v></c></row>']

    assert "is too large: its cells reach column CV and row" in refusal(xlsx(tmp_path / "far.xlsx", far)).message


@pytest.mark.parametrize("cell", ['<c r="SG1"><v>1</v></c>', "<c><v>1</v></c>" * 501, '<c x=">" r="XFD1"><v>1</v></c>'])
def test_more_than_five_hundred_columns_are_refused(cell, tmp_path):
    wide = xlsx(tmp_path / "wide.xlsx", [f'<row r="1">{cell}</row>'])
    text = written(tmp_path / "wide.csv", "a," * 500 + "b\n")

    assert "is too wide: row 1 is filled beyond column SF" in refusal(wide).message
    assert "is too wide: row 1 is filled beyond column SF" in refusal(text).message


def test_cells_formatted_to_the_last_column_are_no_harm(tmp_path):
    formatted = xlsx(tmp_path / "a.xlsx", ['<row r="1"><c r="A1"><v>1</v></c><c r="XFD1" s="1"/></row>'])

    assert cells(formatted) == [(1.0,)]


def test_a_long_text_shared_by_many_cells_is_refused(tmp_path):
    cells = '<c t="s"><v>1</v></c>' * 400
    shared = f"<si/><si><t>{'a' * 1_000_000}</t></si>"

    refused = refusal(xlsx(tmp_path / "a.xlsx", [f"<row>{cells}</row>"], shared=shared))

    assert refused.message == "sheet List of a.xlsx holds too much text"


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([ods_row(ods_cell("x", times=400), times=100_000)], "too large"),
        ([ods_row(ods_cell("x", times=16_384))], "too wide"),
        ([ods_row(ods_cell("x"), times=1_048_576)], "more than 100,000 rows"),
        ([ods_row(ods_cell("x" * 3_000, times=100), times=1_000)], "too much text"),
        ([ods_row(ods_cell("x", times=10)), ods_row(ods_cell(), times=1_000_000), ods_row(ods_cell("x"))], "too large"),
    ],
)
def test_repeats_that_multiply_are_refused(rows, says, tmp_path):
    assert says in refusal(ods(tmp_path / "a.ods", ods_table("List", *rows))).message


def test_a_binary_workbook_with_cells_far_apart_is_refused(tmp_path):
    assert "too wide" in refusal(xlsb(tmp_path / "a.xlsb", [(0, 0, "x"), (1_048_575, 16_383, "x")])).message
    assert "too large" in refusal(xlsb(tmp_path / "b.xlsb", [(0, 400, "x"), (1_048_575, 0, "x")])).message


def test_a_sheet_hidden_behind_another_name_is_counted_all_the_same(tmp_path):
    bomb = xlsx(tmp_path / "a.xlsx", [row(1, "A=x")])
    renamed = tmp_path / "b.xlsx"
    with zipfile.ZipFile(bomb) as given, zipfile.ZipFile(renamed, "w") as taken:
        for name in given.namelist():
            content = given.read(name).replace(b"worksheets/sheet1.xml", b"/xl/other.dat")
            content = content.replace(b'r="A1"', b'r="XFD1"')
            taken.writestr("xl/other.dat" if name.endswith("sheet1.xml") else name, content)

    assert "sheet List of b.xlsx is too wide" in refusal(renamed).message


# -------------------------------------------------------------------------------------------------- written, read again


def page(*rows: tuple[object, ...], columns: tuple[Column, ...] = (Column("a"), Column("b")), spare: int = 0) -> Page:
    return Page("List", columns, rows, spare)


def part(path: Path, name: str = "xl/worksheets/sheet1.xml") -> str:
    with zipfile.ZipFile(path) as archive:
        return archive.read(name).decode()


def test_whatever_a_text_looks_like_it_comes_back_from_a_workbook_as_it_was(tmp_path):
    columns = (
        Column("a"),
        Column("b", "prose"),
        Column("c", "day"),
        Column("d", "number"),
        Column("e", is_locked=True),
    )
    write_book(tmp_path / "a.xlsx", Book([page(*([trap] * 5 for trap in TRAPS), columns=columns)], [TRAPS]))

    shown, hidden = read_grids(tmp_path / "a.xlsx")

    assert [line.cells for line in shown.lines][1:] == [(trap,) * 5 for trap in TRAPS]
    assert [line.cells for line in hidden.lines] == [TRAPS]
    assert "<f>" not in part(tmp_path / "a.xlsx")
    assert "hyperlink" not in part(tmp_path / "a.xlsx")


def test_whatever_a_text_looks_like_it_comes_back_from_a_text_file_as_it_was(tmp_path):
    write_csv(tmp_path / "a.csv", ["=a", "b"], [(trap, "end") for trap in TRAPS])

    assert cells(tmp_path / "a.csv") == [("=a", "b"), *((trap, "end") for trap in TRAPS)]


def test_a_text_file_is_written_as_excel_opens_it_and_runs_nothing(tmp_path):
    write_csv(tmp_path / "a.csv", ["é", "b"], [("=1+1", -5), ("-5,5", "+1"), ("-a", "\tx"), (True, None)])

    assert (tmp_path / "a.csv").read_bytes() == (
        b"\xef\xbb\xbf\xc3\xa9,b\r\n'=1+1,-5\r\n\"-5,5\",'+1\r\n'-a,'\tx\r\nyes,\r\n"
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.text(max_size=30), min_size=1, max_size=8))
def test_any_text_comes_back_from_both_kinds_of_file(texts, tmp_path):
    write_csv(tmp_path / "a.csv", ["a", "b"], [(text, "end") for text in texts], replace=True)
    write_book(tmp_path / "a.xlsx", Book([page(*((text, "end") for text in texts))]), replace=True)

    expected = [("a", "b"), *((clean_text(text) if clean_text(text).strip() else None, "end") for text in texts)]
    assert cells(tmp_path / "a.csv") == expected
    assert cells(tmp_path / "a.xlsx") == expected


def test_control_characters_and_lone_halves_are_written_nowhere(tmp_path):
    text = "a\0b\x1b[31m\ud800c\uffff\x7f"
    book = Book([Page(text, [Column(text, note=text, choices=(text, "x"))], [[text]])], properties={"title": text})
    write_book(tmp_path / "a.xlsx", book)
    write_csv(tmp_path / "a.csv", [text], [[text]])

    assert cells(tmp_path / "a.xlsx") == cells(tmp_path / "a.csv") == [("ab[31mc",)] * 2
    assert read_grids(tmp_path / "a.xlsx")[0].name == "ab31mc"


def test_days_numbers_and_empty_cells_keep_their_kind_in_their_column(tmp_path):
    columns = (Column("day", "day"), Column("number", "number"), Column("text"))
    rows = (
        *((date(2016, 9, 1), 3, 250788000001.0), ("2016-09", 2.5, date(2016, 9, 1)), (MOMENT, None, True)),
        *((date(1850, 1, 1), float("nan"), 7), (None, 12345678901234567890, 0.1), (5.0, "x", MOMENT)),
    )
    write_book(tmp_path / "a.xlsx", Book([page(*rows, columns=columns)]))

    assert cells(tmp_path / "a.xlsx")[1:] == [
        *((date(2016, 9, 1), 3.0, "250788000001"), ("2016-09", 2.5, "2016-09-01"), (MOMENT, None, "yes")),
        *(("1850-01-01", "nan", "7"), (None, "12345678901234567890", "0.1"), ("5", "x", "2016-09-01 13:05")),
    ]


def test_a_text_no_cell_can_hold_is_refused_rather_than_cut_and_nothing_is_written(tmp_path):
    with pytest.raises(Misused) as caught:
        write_book(tmp_path / "a.xlsx", Book([page(("a", "x" * 32_767), ("🎉" * 16_384, "b"))]))

    assert caught.value.problems == ("List A3: 32,768 characters",)
    assert list(tmp_path.iterdir()) == []


def test_a_page_of_more_rows_than_a_sheet_holds_is_refused(tmp_path):
    with pytest.raises(Misused, match="a sheet holds 1,048,575 rows: List has more"):
        write_book(tmp_path / "a.xlsx", Book([page(spare=1_048_576)]))


# ------------------------------------------------------------------------------------------------- a sheet to type into


COLUMNS = (
    Column("lrflow id", is_locked=True),
    Column("name", note="As in the passport."),
    Column("state", choices=("invited", "confirmed")),
    Column("country", choices=tuple(f"country {number}" for number in range(60))),
    Column("place", choices=("Huye, Rwanda", "Gisagara")),
    Column("day", "day"),
)


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    """A page of people to fill in, with two rows and thirty to spare."""
    rows = (("P1", "007", "invited", None, None, date(2016, 9, 1)), ("P2", None, None, None, None, None))
    write_book(tmp_path / "a.xlsx", Book([page(*rows, columns=COLUMNS, spare=30)], [["route", "rwanda-2016"]]))
    return tmp_path / "a.xlsx"


def test_a_page_has_frozen_headers_a_filter_notes_and_room_to_type(workbook):
    sheet = part(workbook)

    assert 'ySplit="1"' in sheet
    assert '<autoFilter ref="A1:F33"/>' in sheet
    assert "As in the passport." in part(workbook, "xl/comments1.xml")
    assert "there is no password" in part(workbook, "xl/comments1.xml")
    assert cells(workbook) == [
        tuple(column.title for column in COLUMNS),
        ("P1", "007", "invited", None, None, date(2016, 9, 1)),
        ("P2",),
    ]


def test_only_locked_columns_are_locked_and_no_password_is_asked(workbook):
    protection = re.findall("<sheetProtection[^>]*>", part(workbook))
    formats = ElementTree.fromstring(part(workbook, "xl/styles.xml")).find("{*}cellXfs")
    styles = [ElementTree.tostring(each, "unicode") for each in formats]
    style_of = {at: int(style) for at, style in re.findall(r'<c r="([A-Z]+\d+)" s="(\d+)"', part(workbook))}
    columns = [int(style) for style in re.findall(r'<col [^>]*style="(\d+)"', part(workbook))]

    assert len(protection) == 1
    assert "password" not in protection[0] and "hashValue" not in protection[0]
    assert all(
        f'{name}="0"' in protection[0] for name in ("sort", "autoFilter", "insertRows", "deleteRows", "formatCells")
    )
    assert all('locked="0"' not in styles[style_of[at]] for at in ("A1", "B1", "A2", "A33"))
    assert all('locked="0"' in styles[style] for style in (style_of["B2"], style_of["F2"], *columns))
    assert len(columns) == len(COLUMNS) - 1


def test_words_are_offered_and_others_only_asked_about(workbook):
    rules = re.findall(
        r'<dataValidation type="(\w+)" errorStyle="(\w+)".*?sqref="([^"]*)"><formula1>([^<]*)', part(workbook)
    )

    assert rules == [
        ("list", "warning", "C2:C33", '"invited,confirmed"'),
        ("list", "warning", "D2:D33", "lists!$A$1:$A$60"),
        ("list", "warning", "E2:E33", "lists!$B$1:$B$2"),
        ("date", "warning", "F2:F33", "367"),
    ]
    assert [(each.name, each.is_hidden) for each in read_grids(workbook)[1:]] == [("lists", True), ("_lrflow", True)]
    assert 'name="_lrflow" sheetId="3" state="veryHidden"' in part(workbook, "xl/workbook.xml")
    assert cells(workbook, 1)[1] == ("country 1", "Gisagara")


def test_a_form_asks_from_top_to_bottom_and_its_answers_are_found_again(tmp_path):
    questions = (
        Question("Plan", "A1", is_locked=True),
        Question("Title", "=1+1", "prose", help="One sentence."),
        Question("Due", date(2016, 11, 30), "day"),
        Question("Area", choices=("msp", "policy")),
    )
    write_book(tmp_path / "a.xlsx", Book([Form("Plan", "Plan of CSONA", questions, ("Question", "Réponse", "Aide"))]))

    table = find_table(read_grids(tmp_path / "a.xlsx")[0])

    assert table is not None
    assert table.headers == ("Question", "Réponse", "Aide")
    assert [line.cells[:2] for line in table.lines] == [
        *(("Plan", "A1"), ("Title", "=1+1"), ("Due", date(2016, 11, 30)), ("Area", None)),
    ]
    assert '<formula1>"msp,policy"</formula1>' in part(tmp_path / "a.xlsx")
    assert "<sheetProtection" in part(tmp_path / "a.xlsx")


def test_names_of_sheets_are_made_such_that_excel_takes_them(tmp_path):
    names = ("a/b:c[d]?*\\", "'x'", "", "History", "LISTS", "_lrflow", "n" * 40, "N" * 40, "🎉" * 20)
    write_book(tmp_path / "a.xlsx", Book([Page(name, [Column("a")], []) for name in names], [["x"]]))

    assert [each.name for each in read_grids(tmp_path / "a.xlsx")] == [
        *("abcd", "x", "Sheet", "History 2", "LISTS 2", "_lrflow 2", "n" * 31, "N" * 29 + " 2", "🎉" * 15, "_lrflow"),
    ]


def test_the_same_book_makes_the_same_bytes(tmp_path):
    for name in ("a.xlsx", "b.xlsx"):
        book = Book([page(("1", "2"))], [["x"]], {"title": "List", "created": "2016-06-10"})
        write_book(tmp_path / name, book)

    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    assert "2016-06-10T00:00:00Z</dcterms:created>" in part(tmp_path / "a.xlsx", "docProps/core.xml")


def test_many_rows_take_no_more_memory_than_few(tmp_path):
    def most(rows: int) -> int:
        tracemalloc.start()
        write_book(
            tmp_path / "a.xlsx", Book([Page("L", [Column("a")], ((f"{at}",) for at in range(rows)))]), replace=True
        )
        write_csv(tmp_path / "a.csv", ["a"], ((f"{at}",) for at in range(rows)), replace=True)
        reached = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return reached

    assert most(500) > 0  # what is loaded but once

    assert most(8_000) < 1.5 * most(1_000)


# -------------------------------------------------------------------------------------------------- whole or not at all


def broken():
    yield ("1", "2")
    raise NotFound("no such record")


def write_as_csv(path: Path, rows, **options) -> None:
    write_csv(path, ["a", "b"], rows, **options)


def write_as_book(path: Path, rows, **options) -> None:
    write_book(path, Book([Page("List", [Column("a"), Column("b")], rows)]), **options)


both = pytest.mark.parametrize("write", [write_as_csv, write_as_book])


@both
def test_a_file_that_is_there_is_not_touched_unasked(write, tmp_path):
    (tmp_path / "list.xlsx").write_text("mine")

    with pytest.raises(Misused, match=r"there is a file .*list.xlsx already") as caught:
        write(tmp_path / "list.xlsx", [("1", "2")])

    assert caught.value.remedy == ("choose another name, such as list-2.xlsx",)
    assert (tmp_path / "list.xlsx").read_text() == "mine"
    write(tmp_path / "list.xlsx", [("1", "2")], replace=True)
    assert (tmp_path / "list.xlsx").read_bytes()[:4] != b"mine"


@both
def test_a_write_that_fails_leaves_what_was_there_and_nothing_else(write, tmp_path):
    (tmp_path / "list.xlsx").write_text("mine")

    with pytest.raises(NotFound, match="no such record"):
        write(tmp_path / "list.xlsx", broken(), replace=True)
    with pytest.raises(NotFound, match="no such record"):
        write(tmp_path / "new.xlsx", broken())

    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("list.xlsx", "mine")]


@both
def test_a_full_disk_leaves_what_was_there_and_nothing_else(write, tmp_path):
    resource = pytest.importorskip("resource")
    (tmp_path / "list.xlsx").write_text("mine")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4_000, hard))

    try:
        with pytest.raises(Unavailable) as caught:
            write(tmp_path / "list.xlsx", ((f"{at * at}", "x" * 50) for at in range(500)), replace=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert caught.value.message == f"the disk is full: {tmp_path / 'list.xlsx'} was not written"
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("list.xlsx", "mine")]


@both
def test_a_file_open_in_excel_is_said_to_be(write, tmp_path, monkeypatch):
    def held(place: Path, target: Path) -> Path:
        raise PermissionError(errno.EACCES, "Access is denied", str(target))

    monkeypatch.setattr(Path, "replace", held)
    (tmp_path / "list.xlsx").write_text("mine")

    with pytest.raises(Unavailable) as caught:
        write(tmp_path / "list.xlsx", [("1", "2")], replace=True)

    assert caught.value.remedy == ("close it in Excel first, or choose another name",)
    assert [each.read_text() for each in tmp_path.iterdir()] == ["mine"]


@both
def test_a_folder_that_is_missing_or_in_the_way_is_named(write, tmp_path):
    with pytest.raises(NotFound, match=r"there is no folder .*nowhere"):
        write(tmp_path / "nowhere" / "list.xlsx", [("1", "2")])
    with pytest.raises(Misused, match="is a folder, not a file"):
        write(tmp_path, [("1", "2")], replace=True)


def test_a_free_name_is_the_first_that_no_file_has(tmp_path):
    assert free_name(tmp_path / "list.xlsx") == tmp_path / "list.xlsx"

    for name in ("list.xlsx", "list-2.xlsx"):
        (tmp_path / name).touch()

    assert free_name(tmp_path / "list.xlsx") == tmp_path / "list-3.xlsx"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *((None, ""), (True, "yes"), (False, "no"), (3, "3"), (250788000001.0, "250788000001"), (0.5, "0.5")),
        *((1e22, "1e+22"), (date(2016, 9, 1), "2016-09-01"), (MOMENT, "2016-09-01 13:05")),
        *((MOMENT.replace(second=7), "2016-09-01 13:05:07"), ("a\0b", "ab")),
    ],
)
def test_a_value_is_put_into_text_as_a_person_types_it(value, text):
    assert text_of(value) == text
