"""Lists as alliances and Procasur send them: laid out for the eye, in four languages, with every fault at once."""

import json
from pathlib import Path
from typing import Any

import pytest
import sheet_files
from hypothesis import given
from hypothesis import strategies as st
from programme import Programme
from test_undo import difference, state_of
from workbooks import sheet, typed_into

from lrflow.lists.headers import match
from lrflow.lists.tidying import tidied
from lrflow.sheets import Book, Column, Line, Page, Table, read_grids, write_book

Rows = list[list[Any]]


def book(path: Path, **sheets: Rows) -> Path:
    """A workbook with a sheet for each of *sheets*; its first row is as any other."""
    pages = []
    for name, rows in sheets.items():
        width = max(map(len, rows))
        head, *rest = ([*(cell or None for cell in row), *[None] * (width - len(row))] for row in rows)
        pages.append(Page(name, [Column(str(cell or "")) for cell in head], rest))
    write_book(path, Book(pages))
    return path


def text(path: Path, content: str) -> Path:
    path.write_text(content.replace("|", ";"), encoding="utf-8")
    return path


def to_fix(path: Path) -> list[dict[str, Any]]:
    """The rows of a file to fix, by header."""
    return [row for grid in read_grids(path) for row in sheet(path, grid.name)]


def reasons(path: Path) -> list[str]:
    return [str(row["Problem"]) for row in to_fix(path)]


def corrected(path: Path, cells: dict[int, dict[str, str]]) -> Path:
    """The file to fix with *cells* typed into its rows, counted from 0, by header."""
    name = read_grids(path)[0].name
    rows = [{**row, **cells.get(place, {})} for place, row in enumerate(to_fix(path))]
    headers = list(rows[0])
    page = Page(name, [Column(each) for each in headers], [[row.get(each) for each in headers] for row in rows])
    write_book(path, Book([page]), replace=True)
    return path


def alliances(programme: Programme) -> dict[str, str]:
    """The alliance of each participant, by first name."""
    homes = {row[0]: row[-1] for row in listed(programme, "delegation")}
    return {row[-1].partition(" ")[0]: homes[row[2]] for row in listed(programme, "participant")}


def listed(programme: Programme, kind: str) -> list[list[str]]:
    return [line.split("\t") for line in programme.do(f"list {kind}").out.splitlines()[1:]]


# ------------------------------------------------------------------------------------------------- laid out for the eye


MERGED: Rows = [
    ["Pays", "Alliance", "Nom", "Prénoms", "E-mail", "Téléphone"],
    ["Madagascar", "HINA", "RAKOTO", "Jean", "jean@example.org", ""],
    ["", "", "RASOA", "Lalao", "lalao@@", "12"],
    ["", "", "RABE", "Hery", "hery@example.org", ""],
    ["Tchad", "CASCT", "MAHAMAT", "Idriss", "idriss@example.org", ""],
]


def test_a_cell_that_stands_for_those_below_it_is_filled_down_and_said(route):
    path = book(route.home / "fusion.xlsx", Liste=MERGED)

    done = route.run(f"import {path} --yes")

    assert alliances(route) == {"Jean": "HINA", "Hery": "HINA", "Idriss": "CASCT"}
    assert "Alliance: 2 empty cells are filled from the row above" in done.out
    assert to_fix(route.home / "fusion-to-fix.xlsx")[0]["Alliance"] == "HINA"


def test_one_empty_cell_in_a_list_that_repeats_its_alliances_stays_a_fault(route):
    rows = [["Name", "Email", "Alliance"], *[[f"Ana {n}", f"a{n}@example.org", "CSONA"] for n in "abcd"]]
    path = book(route.home / "list.xlsx", L=[*rows, ["Ben", "b@example.org", ""]])

    route.run(f"import {path} --yes")

    assert reasons(route.home / "list-to-fix.xlsx") == ["Alliance: is empty, and is needed (which alliance)"]


HEADED: Rows = [
    ["No", "Name", "Sex", "Email", "Phone", "Role"],
    ["KENYA - SUN CSA Kenya"],
    [1, "Grace Achieng", "F", "grace@example.org", "0722 123 456 / 0733 999 888", "Lead"],
    [2, "Peter Mwangi", "M", "peter@@", "", ""],
    ["UGANDA - UCCO-SUN"],
    [1, "Christine Muyama", "F", "cm@example.org", "", "Lead"],
    ["Total: 3"],
    ["Prepared by: Grace Achieng, 12/06/2016"],
]


def test_a_line_between_the_rows_says_country_and_alliance_of_those_below_it(route):
    path = book(route.home / "list.xlsx", L=HEADED)

    done = route.run(f"import {path} --yes")

    assert alliances(route) == {"Grace": "SUN CSA Kenya", "Christine": "UCCO-SUN"}
    assert route.do("show organisation UCCO-SUN --json").data["country"] == "UG"
    assert route.do("show person grace@example.org --json").data["phone"] == "+254 722 123456"
    for says in ("row 2 heads the rows below it", "row 7 is a total", "row 8 is no row of the list"):
        assert says in done.out
    again = to_fix(route.home / "list-to-fix.xlsx")[0]
    assert (again["Alliance"], again["Country"]) == ("SUN CSA Kenya", "KENYA")


def test_a_sheet_for_each_country_says_the_alliance_where_a_country_has_one(csn):
    rows = {
        country: [["Name", "Email", "Role"], [f"One {country}", f"one{country}@example.org", ""]]
        for country in ("Malawi", "Kenya", "Peru")
    }
    path = book(csn.home / "sheets.xlsx", **rows)

    done = csn.run(f"import {path} --yes")

    added = csn.do("list participant state=named --json").data
    assert [each["delegation"] for each in added] == ["D1", "D3"]
    assert "who is from KE is taken to be of Alliance KE" in done.out
    assert reasons(csn.home / "sheets-to-fix.xlsx")[0].startswith("Alliance: no column says it")


def test_sheets_without_a_list_and_hidden_ones_are_named_and_the_others_come_in(route):
    table, row, cell = sheet_files.ods_table, sheet_files.ods_row, sheet_files.ods_cell
    people = table("Lista", row(*map(cell, ("Nombres", "Apellidos", "Correo", "Alianza"))), row(*map(cell, ANA)))
    hidden = table("vieja", row(cell("Name"), cell("Email")), row(cell("X"), cell("x@example.org")), style="ta2")
    notes = table("Notas", row(cell("llamar a Ana")))
    colours = table("Colores", row(cell("Color"), cell("Forma")), row(cell("rojo"), cell("círculo")))
    path = sheet_files.ods(route.home / "lista.ods", people, hidden, notes, colours)

    done = route.do(f"import {path} --yes")

    assert alliances(route) == {"Ana": "Alianza Perú"}
    assert "sheet 'vieja' is hidden, and is not read" in done.out
    assert "sheet 'Notas' holds no list" in done.out
    assert "sheet 'Colores' is not read: it cannot be told what the rows are" in done.out


ANA = ("Ana", "Quispe", "ana@example.org", "Alianza Perú")


def test_one_broken_file_of_a_folder_does_not_hold_up_the_others(route):
    folder = route.home / "lists"
    folder.mkdir()
    book(folder / "people.xlsx", L=[["Name", "Email", "Alliance"], ["Ana", "a@example.org", "CSONA"]])
    (folder / "broken.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    text(folder / "colours.csv", "Colour|Shape\nred|round\n")

    done = route.run(f"import {folder} --yes")

    assert done.code == 5
    assert alliances(route) == {"Ana": "CSONA"}
    assert "✗ broken.xlsx" in done.out and "✗ colours.csv: it cannot be told" in done.out


def test_a_file_to_fix_is_not_read_again_with_its_folder(route):
    folder = route.home / "lists"
    folder.mkdir()
    text(folder / "people.csv", "Name|Email|Alliance\nAna|a@@|CSONA\n")

    route.run(f"import {folder} --yes")
    again = route.run(f"import {folder} --yes")

    assert "people-to-fix.xlsx is not read with its folder" in again.out
    assert [each.name for each in folder.glob("*to-fix*")] == ["people-to-fix.xlsx"]


def test_two_files_of_one_name_each_get_their_own_rows_back(route):
    paths = []
    for number, country in enumerate(("kenya", "uganda")):
        (route.home / country).mkdir()
        rows = f"Name|Email|Alliance\nGood {country}|g{number}@example.org|CSONA\nBad {country}|@|CSONA\n"
        paths.append(text(route.home / country / "list.csv", rows))

    route.run(f"import {paths[0]} {paths[1]} --yes")

    for path, name in zip(paths, ("Bad kenya", "Bad uganda"), strict=True):
        assert [row["Name"] for row in to_fix(path.with_name("list-to-fix.xlsx"))] == [name]


CELLS = st.sampled_from(
    [
        "",
        "",
        "Ana",
        "KENYA",
        "Kenya - SUN CSA",
        "Day 1: 30 October 2016",
        "Lunch",
        "NB: draft",
        "Total",
        "x@example.org",
        1,
    ]
)
KINDS_READ = {
    "participant": "Name;Email;Alliance;Sex",
    "session": "Day;Activity;Place;Led by",
    "budget": "Line;Amount;Step",
}


@given(st.sampled_from(sorted(KINDS_READ)), st.lists(st.lists(CELLS, min_size=4, max_size=4), max_size=12))
def test_no_line_of_a_list_is_lost_without_being_said(kind, rows):
    headers = tuple(KINDS_READ[kind].split(";"))
    lines = [Line(number, tuple(cell or None for cell in row)) for number, row in enumerate(rows, 2) if any(row)]
    table = Table("List", headers, 1, lines)

    made = tidied(table, match(headers, kind=kind)).table

    kept = {line.number: line.cells for line in made.lines}
    for line in lines:
        said = any(each.startswith(f"row {line.number} ") for each in made.left_out)
        assert said != (line.number in kept)
        whole = kept.get(line.number, line.cells)
        assert all(cell in (None, whole[place]) for place, cell in enumerate(line.cells))


# ------------------------------------------------------------------------------------------------------------ people


def test_names_are_written_as_they_are_spoken_and_said_so(route):
    path = text(
        route.home / "p.csv",
        "Apellidos y nombres|Correo|Alianza\n"
        '"QUISPE MAMANI, Ana María"|a@example.org|Alianza Perú\nSra. Rosa Flores|r@example.org|Alianza Perú\n',
    )

    done = route.do(f"import {path} --yes")

    names = [row[-1] for row in listed(route, "participant")]
    assert names == ["Ana María QUISPE MAMANI a@example.org", "Rosa Flores r@example.org"]
    assert "names are written as Ana María QUISPE MAMANI, not as QUISPE MAMANI, Ana María" in done.out


def test_the_first_of_several_numbers_is_kept_and_said_and_of_several_addresses_none(route):
    path = text(
        route.home / "p.csv",
        "Nom|Courriel|Téléphone|Pays|Structure|Fonction\n"
        "Awa Diop|awa@example.org|077 123 45 67 / 78 765 43 21|Sénégal|Alliance A|Cheffe de délégation\n"
        "Moussa Fall|m@example.org / fall@example.org||Sénégal|Alliance A|membre\n",
    )

    done = route.run(f"import {path} --yes")

    assert route.do("show person awa@example.org --json").data["phone"] == "+221 77 123 45 67"
    assert "Téléphone: of several numbers in a cell the first is kept" in done.out
    assert "holds several addresses; one is needed" in reasons(route.home / "p-to-fix.xlsx")[0]
    assert "D1 lead: - -> Awa Diop" in done.out


def test_a_telephone_number_is_at_home_in_the_country_of_its_alliance_or_of_the_host(teachers):
    teachers.do('add organisation "Nutrition Alliance (CSONA)" kind=csa country=MW')
    people = text(teachers.home / "p.csv", "Name|Email|Phone|Alliance\nAna|ana@example.org|0999 123 456|CSONA\n")
    champions = text(teachers.home / "c.csv", "Champion|Experience|Phone\nClaudine|Milk way|0788 123 456\n")

    teachers.do(f"import {people} --yes")
    teachers.do(f"import {champions} --yes")

    assert teachers.do("show person ana@example.org --json").data["phone"].startswith("+265")
    assert teachers.do("show person Claudine --json").data["phone"].startswith("+250")


def test_a_registry_gives_each_alliance_its_short_name_by_which_lists_find_it(route):
    registry = text(
        route.home / "members.csv",
        "Country|Civil Society Alliance|Acronym|Member|Contact person|Language\n"
        "Malawi|Nutrition Alliance|CSONA|Member|Tisu|English\nPérou|Alianza por la Nutrición||oui||espagnol\n"
        "Congo|Alliance Congo||no||\n",
    )
    people = text(
        route.home / "p.csv", "Name|Email|Alliance\nAna|a@example.org|CSONA\nBen|b@example.org|nutrition alliance\n"
    )

    route.run(f"import {registry} --yes")
    route.do(f"import {people} --yes")

    known = {each["name"]: each for each in route.do("list organisation --json").data}
    assert known["Nutrition Alliance (CSONA)"]["kind"] == "csa"
    assert known["Nutrition Alliance (CSONA)"]["in_registry"] and known["Alianza por la Nutrición"]["in_registry"]
    assert alliances(route) == dict.fromkeys(("Ana", "Ben"), "Nutrition Alliance (CSONA)")
    assert "'Congo' may be" in reasons(route.home / "members-to-fix.xlsx")[0]


def test_whoever_is_known_with_another_address_is_asked_after_and_the_answer_is_typed_into_the_file(csn):
    path = text(
        csn.home / "p.csv",
        "Name|Email|Alliance\nVisitor MW2|other@example.org|Alliance MW\nVisitor KE2|second@example.org|Alliance KE\n"
        "Esnart Banda|v11@example.org|Alliance MW\nJoe|joe@example.org|Aliance TZ\n",
    )
    csn.run(f"import {path} --yes")
    fix = csn.home / "p-to-fix.xlsx"
    given = reasons(fix)

    corrected(fix, {0: {"id": "same"}, 1: {"id": "new"}, 2: {"id": "same"}, 3: {"Alliance": "Alliance TZ"}})
    done = csn.do(f"import {fix} --yes")
    before = state_of(csn.home)
    csn.do(f"import {fix} --yes")

    assert "may be Visitor MW2 <v12@example.org>, known already: write same" in given[0].replace("; write", ": write")
    assert "give another address if not" in given[2]
    assert "did you mean Alliance TZ?" in given[3]
    assert "person Visitor MW2 email: v12@example.org -> other@example.org" in done.out
    assert "person Esnart Banda name: Visitor MW1 -> Esnart Banda" in done.out
    assert len(csn.do("list participant --json").data) == 26
    assert difference(before, state_of(csn.home)) == {}


def test_one_person_in_two_alliances_and_two_with_one_address_are_named(csn):
    path = text(
        csn.home / "p.csv",
        "Name|Email|Alliance\nAna|ana@example.org|Alliance MW\nAna|ana@example.org|Alliance KE\n"
        "Ben|ben@example.org|Alliance MW\nCleo|BEN@example.org|Alliance MW\nVisitor KE1||Alliance MW\n",
    )

    csn.run(f"import {path} --yes")

    given = reasons(csn.home / "p-to-fix.xlsx")
    assert given[0] == "repeats row 2: both are P25 Ana; Alliance is Alliance KE here, Alliance MW there"
    assert given[1] == "Email: ben@example.org is the address of Ben in row 4; everybody needs one of their own"
    assert "may be Visitor KE1 <v31@example.org>, known already" in given[2]


def test_no_alliance_is_called_like_a_country_and_the_alliance_comes_before_the_organisation(csn):
    path = text(
        csn.home / "p.csv",
        "Organisation|Alliance|Name|Email\nCARE|Malawi|Ana|a@example.org\nCARE|Alliance TZ|Ben|b@example.org\n"
        "CARE|Pérou|Cem|c@example.org\n",
    )

    done = csn.run(f"import {path} --yes")

    assert [row[2] for row in listed(csn, "participant state=named")] == ["D1", "D2"]
    assert "'Malawi' is taken for Alliance MW, the only alliance of it" in done.out
    assert reasons(csn.home / "p-to-fix.xlsx") == [
        "Alliance: 'Pérou' is a country, and which alliance of it is meant is not known"
        ' (lrflow add organisation "NAME" kind=csa country=PE)'
    ]
    assert "new organisations" not in done.out


def test_who_moves_to_another_alliance_is_shown_as_a_change_before_it_is_written(csn):
    path = text(csn.home / "p.csv", "Name|Email|Alliance\nVisitor MW1|v11@example.org|Alliance TZ\n")

    assert "P1 delegation: D1 -> D2" in csn.do(f"import {path} -n").out


def test_who_withdrew_and_comes_again_is_a_new_record_and_said_so(csn):
    csn.do('mark D8 withdrew --reason "no money"')
    path = text(csn.home / "p.csv", "Name|Email|Alliance\nVisitor GM1|v81@example.org|Alliance GM\n")

    done = csn.do(f"import {path} --yes")

    assert "Alliance GM: D8 (withdrew) comes again as D9" in done.out
    assert "Visitor GM1: P22 (withdrawn) comes again as P25" in done.out


@pytest.mark.parametrize("numbers", [("1", "2"), ("CM90234", "CM90235")])
def test_a_column_of_counts_or_passports_is_not_taken_for_our_ids(csn, numbers):
    one, two = numbers
    people = text(csn.home / "p.csv", f"ID|Name|Email|Alliance\n{one}|Ana|a@example.org|Alliance MW\n")
    registry = text(csn.home / "o.csv", f"ID|Alliance|Country\n{one}|CSONA|Malawi\n{two}|Alliance ET|Éthiopie\n")

    done = csn.do(f"import {people} {registry} --yes")

    assert "not read: ID" in done.out
    assert "changed" not in done.out.split("imported")[1]
    assert {"CSONA", "Procasur"} <= {each["name"] for each in csn.do("list organisation --json").data}


def test_an_address_or_a_name_that_is_anothers_is_refused_with_its_row(csn):
    path = csn.home / "book.xlsx"
    csn.do(f"workbook {path}")
    number = next(row["id"] for row in sheet(path, "Organisations") if row["Name"] == "Alliance MW")
    typed_into(path, {"P1": {"E-mail": "v12@example.org"}, str(number): {"Name": "Alliance TZ"}})

    done = csn.run(f"import {path} --yes")

    assert done.code == 5
    assert "v12@example.org is the address of Visitor MW2" in done.out
    assert "Alliance MW cannot be renamed Alliance TZ: another organisation is called so" in done.out


# ------------------------------------------------------------------------------------------------- every fault at once


def test_every_fault_of_a_row_is_named_by_the_headers_of_the_list(route):
    path = text(
        route.home / "p.csv",
        "Nom|Courriel|Téléphone|Pays|Langue|Sexe|Age|Visa\nJean|jean@@example|12|Atlantis|klingon|Z|abc|maybe\n",
    )

    route.run(f"import {path} --yes --kind participant")

    row = to_fix(route.home / "p-to-fix.xlsx")[0]
    named = [part.partition(":")[0] for part in row["Problem"].split("; ")]
    assert set(named) >= {"Courriel", "Téléphone", "Pays", "Langue", "Sexe", "Age", "Visa", "Alliance"}
    assert "Alliance" in row and row["Alliance"] is None


def test_what_a_column_would_have_to_say_gets_a_column_in_the_file_to_fix(route):
    path = text(route.home / "s.csv", "Date|Title|Place|Stakeholders\n2016-10-30|Milk|Huye|ONG, gouvernement\n")

    route.run(f"import {path} --yes --kind session")

    row = to_fix(route.home / "s-to-fix.xlsx")[0]
    assert row["Problem"].startswith("Kind: no column says it, and it is needed (what happens: induction, ")
    corrected(route.home / "s-to-fix.xlsx", {0: {"Kind": "visite de terrain"}})
    route.do(f"import {route.home / 's-to-fix.xlsx'} --yes")
    added = route.do("show S1 --json").data
    assert (added["kind"], added["stakeholders"]) == ("field_visit", ["csa", "government"])


def test_a_row_that_is_refused_leaves_no_organisation_behind_in_what_is_said(route):
    route.do("add person 'Felix Soto' felix@example.org")
    route.do("set route facilitator=felix@example.org")
    path = text(route.home / "p.csv", "Name|Email|Alliance\nAna|a@example.org|Alliance MW\n")

    assert "new organisations" not in route.run(f"import {path} --yes", actor="felix@example.org").out


def test_what_a_dry_run_would_change_is_told_by_name(route):
    path = text(route.home / "p.csv", "Name|Email|Alliance|Role\nAna|a@example.org|CSONA|Lead\n")

    assert "D1 lead: - -> Ana" in route.do(f"import {path} -n").out


def test_a_path_with_blanks_is_ready_to_be_pasted(route):
    path = text(route.home / "my list.csv", "Name|Email|Alliance\nAna|a@@|CSONA\n")

    done = route.run(f'import "{path}" --yes')

    assert f'Next: lrflow import "{route.home / "my list-to-fix.xlsx"}"' in done.out


def test_without_a_route_people_of_one_are_refused_at_once(empty):
    path = text(empty.home / "p.csv", "Name|Email|Alliance\nAna|a@example.org|CSONA\n")

    refused = empty.run(f"import {path} --yes")

    assert refused.code == 4
    assert "participants belong to a route, and there is none yet" in refused.err
    assert list(empty.home.glob("*to-fix*")) == []


@pytest.mark.parametrize(
    ("headers", "code"), [("Nmae|Emial|Alliancce|Telephon", 0), ("Alliancce|Colour|Shape|Weight", 2)]
)
def test_letters_that_changed_places_are_understood_and_one_lucky_header_is_not_enough(route, headers, code):
    path = text(route.home / "p.csv", f"{headers}\nAna|a@example.org|CSONA|+265999123456\n")

    assert route.run(f"import {path} --yes").code == code
    assert len(route.do("list participant --json").data) == (1 if code == 0 else 0)


def test_json_says_how_the_lists_were_read_and_where_each_row_stands(route):
    path = text(route.home / "p.csv", "Name|Email|Alliance\nAna|a@@|CSONA\n")

    said = json.loads(route.run(f"import {path} --yes --json").out)["data"]

    assert said["read"][0] == "p.csv: 1 row as participants"
    assert (said["left_out"][0]["file"], said["left_out"][0]["row"]) == ("p.csv", 2)


# ------------------------------------------------------------------------------------------- what a route is made of


def test_experiences_come_in_with_full_titles_of_areas_and_one_column_for_both_claims(route):
    path = book(
        route.home / "scoping.xlsx",
        S=[
            ["No.", "Name of the experience", "Thematic area", "Good practice or innovation", "Evidence", "Challenge"],
            [1, "1. Milk way", AREA, "Both", "• survey 2015\n• milk sales", "-"],
            [2, "2) Gardens", "- Policy review\n- Multi-stakeholder platforms", "Innovation", "", "stunting"],
            [3, "Radio", "Nutrition", "Promising practice", "", ""],
        ],
    )

    route.run(f"import {path} --yes")

    milk, gardens = route.do("list experience --json").data
    assert (milk["title"], milk["areas"], milk["good_practice"], milk["innovation"]) == (
        *("Milk way", ["advocacy"], True, True),
    )
    assert (gardens["title"], gardens["areas"], gardens["good_practice"]) == ("Gardens", ["policy", "msp"], False)
    evidence = [(each["what"], each["claims"]) for each in route.do("list evidence --json").data]
    assert evidence == [
        ("survey 2015; milk sales", ["livelihoods", "good_practice", "innovation"]),
        ("stunting", ["challenge"]),
    ]
    assert "it cannot be 'Promising practice'" in reasons(route.home / "scoping-to-fix.xlsx")[0]


AREA = "Advocacy, social mobilization, campaign development, communication for accountability and awareness"


def test_champions_cases_and_evidence_are_found_by_the_titles_of_experiences(chosen):
    champions = text(
        chosen.home / "c.csv",
        "Nom et prénom|Expérience|Courriel\nUWIMANA Claudine|Milk way\nJean|Kitchen gardens et Budget club\n"
        "Marie|kitchen garden\nPaul|Gardens\n",
    )
    evidence = text(chosen.home / "e.csv", "Experience|What|Claims\nMilk way|survey|challenge\nNowhere|x|challenge\n")

    done = chosen.run(f"import {champions} --yes")
    chosen.run(f"import {evidence} --yes")

    assert [each["experiences"] for each in chosen.do("list champion --json").data] == [["E1"], ["E2", "E3"], ["E2"]]
    assert "'Gardens' is taken for E2 Kitchen gardens" in done.out
    assert "there is no experience 'kitchen garden', did you mean Kitchen gardens?" in done.out
    assert [each["about"] for each in chosen.do("list evidence claims=challenge --json").data][-1] == "E1"
    assert "there is no experience 'Nowhere'" in reasons(chosen.home / "e-to-fix.xlsx")[0]


ITINERARY: Rows = [
    ["Time", "Activity", "Place", "Responsible"],
    ["Day 1: Sunday 30 October 2016"],
    ["09:00", "Opening and welcome", "Kigali", "Champion 1"],
    ["10:30", "Coffee break"],
    ["11:00", "Foire aux expériences", "Kigali"],
    ["Lundi 31 octobre"],
    ["08:00", "Visita de campo", "Nyanza", "Champion 1 and Champion 2"],
    ["Day 3"],
    ["08:00", "Panel with the ministry", "Huye"],
]


def test_an_itinerary_under_days_without_a_column_of_types_is_read_as_it_is_meant(teachers):
    teachers.do("set route visit_start=2016-10-30 visit_end=2016-11-05")
    path = book(teachers.home / "agenda.xlsx", Agenda=ITINERARY)

    done = teachers.run(f"import {path} --yes")

    sessions = [teachers.do(f"show S{number} --json").data for number in (1, 2, 3)]
    assert [(each["on"], each["kind"], each.get("leads", [])) for each in sessions] == [
        ("2016-10-30", "induction", ["C1"]),
        ("2016-10-30", "experience_fair", []),
        ("2016-10-31", "field_visit", ["C1", "C2"]),
    ]
    for says in (
        "row 4 is no session: Coffee break",
        "'Opening and welcome' is taken for induction",
        "where no year is written, 2016 is meant, as the visit",
    ):
        assert says in done.out
    assert reasons(teachers.home / "agenda-to-fix.xlsx") == ["Day: 'Day 3' says no date (write it as 2016-11-05)"]


def test_the_day_of_an_itinerary_stands_for_the_rows_below_it(teachers):
    path = text(
        teachers.home / "agenda.csv",
        "Fecha|Tipo de sesión|Experiencia|A cargo de\n30/10/2016|Inducción||\n|Feria de experiencias||\n"
        "31/10/2016|Visita de campo|Milk way|Champion 1\n|Análisis|Milk way|\n",
    )

    teachers.do(f"import {path} --yes")

    days = [each["on"] for each in teachers.do("list session --json").data]
    assert days == ["2016-10-30", "2016-10-30", "2016-10-31", "2016-10-31"]


def test_a_budget_takes_its_currency_from_a_column_or_a_header_and_its_steps_from_headings(route):
    path = book(
        route.home / "budget.xlsx",
        Lines=[
            ["Budget line", "Amount", "Currency", "Exchange rate"],
            ["Systematization"],
            ["Consultant", "12'000.50", "USD", "0,79"],
            ["Refund", "-200", "USD", ""],
            ["Sub-total", "11 800,50", "USD", ""],
            ["GRAND TOTAL", "11 800,50", "", ""],
        ],
        Autres=[["Rubrique", "Montant (RWF)"], ["Salle", "1 500 000"]],
    )

    done = route.run(f"import {path} --yes")

    lines = route.do("list budget --json").data
    assert [each["what"] for each in lines] == ["Consultant", "Salle"]
    assert route.do("show B1 --json").data["step"] == "Systematization"
    assert "12,000.50 USD" in route.do("list budget").out and "1,500,000 RWF" in route.do("list budget").out
    assert "row 5 is a total" in done.out
    assert "'-200' is not one amount above zero" in reasons(route.home / "budget-to-fix.xlsx")[0]


def test_an_answer_that_came_in_a_list_is_not_asked_for_again(follow_up):
    path = text(
        follow_up.home / "answers.csv",
        "Pays|Mois|Exemple|Avancement|Date\nMalawi|Mois 1|jardins|30%|\nTanzanie|1|radio|0,5|2016-11-29\n"
        "Ouganda|2|x||\n",
    )

    done = follow_up.do(f"import {path} --yes")

    answered = {each["id"]: each["answered_on"] for each in follow_up.do("list checkin state=answered --json").data}
    assert answered == {"Q1.1": "2016-11-30", "Q2.1": "2016-11-29", "Q4.2": "2016-11-30"}
    assert "answers without a day are taken to be of 2016-11-30" in done.out
    assert "Q4.2 is a new check-in: none was planned for month 2" in done.out
    before = state_of(follow_up.home)
    follow_up.do(f"import {path} --yes")
    assert difference(before, state_of(follow_up.home)) == {}


def test_delegations_come_in_with_the_day_they_applied_and_the_host_does_not_visit(route):
    path = text(
        route.home / "d.csv",
        "Alliance|Pays|Date de candidature|Statut\nHINA|Madagascar|12/05/2016|\nCASCT|Tchad||invitée\n"
        "SUN Alliance Rwanda|Rwanda|13/05/2016|\n",
    )

    route.do(f"import {path} --yes")

    delegations = route.do("list delegation --json").data
    assert [(each["state"], each["visiting"]) for each in delegations] == [
        ("applied", True),
        ("invited", True),
        ("applied", False),
    ]


def test_offers_and_sharings_bring_in_the_alliances_they_name(route):
    offers = text(route.home / "o.csv", "Alliance|Date of offer|Strengths\nHINA|2016-01-10|milk\n")
    sharings = text(route.home / "s.csv", "What was shared|Alliance|Date\nWebinar|CASCT|2016-05-12\n")

    route.do(f"import {offers} {sharings} --yes")

    assert {"HINA", "CASCT"} <= {each["name"] for each in route.do("list organisation --json").data}


def test_plans_and_actions_find_their_alliance_by_country_and_suggest_a_near_one(visit):
    visit.do("mark P attended --yes")
    plans = text(
        visit.home / "plans.csv",
        "Alliance|Title of the plan|Cost|Duration|Start\nMalawi|School gardens|5,000 USD|6 mois|Dec 2016\n"
        "Aliance NG|Clubs|5000 $US|6|\n",
    )
    actions = text(visit.home / "actions.csv", "Plan|Activity|By when\nAlliance MW|Buy seeds|Dec 2016\n")

    visit.run(f"import {plans} --yes")
    visit.do(f"import {actions} --yes")

    assert visit.do("show A1 --json").data["delegation"] == "D1"
    assert visit.do("show A1.1 --json").data["title"] == "Buy seeds"
    assert "did you mean Alliance NG?" in reasons(visit.home / "plans-to-fix.xlsx")[0]
