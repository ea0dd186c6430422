"""Other people's lists come in as a person would expect: good rows together, bad ones named, nothing twice."""

import hashlib
import shutil
from pathlib import Path

import pytest
import sheet_files
from programme import Programme
from test_undo import difference, state_of
from workbooks import sheet

from lrflow.sheets import Book, Column, Page, read_grids, write_book


@pytest.fixture
def participants(route: Programme) -> Path:
    return sheet_files.participants(route.home / "participants-fr.xlsx")


EXPERIENCES = """\
Title;Organisation;Country;Place;Themes;Good practice;Innovation;Evidence of success;Challenge addressed
Stakeholders & Action Mapping;UN REACH;Rwanda;Kigali;msp, policy;yes;no;national map in use;no shared view
Radio soap opera;Urunana DC;Rwanda;Kigali;advocacy;yes;yes;audience survey;low awareness
Fortified flour;DUHAMIC-ADRI & SOSOMA;Rwanda;Kigali;advocacy;Yes;Yes;sales figures;affordable food
Milk way: Nyanza;Nyanza district;Rwanda;Nyanza;"advocacy;policy";oui;non;milk consumption;poor access
SUN Alliance in Gisagara;SUN Alliance Rwanda;Rwanda;Gisagara;"msp;governance;advocacy";x;x;plan adopted;no plans
Café « Santé » – clubs de mères;Association A;Rwanda;Huye;;;;;
Kitchen gardens;Association B;Rwanda;Huye;nutrition;yes;;;
"""


@pytest.fixture
def experiences(route: Programme) -> Path:
    path = route.home / "experiences-cp1252.csv"
    path.write_bytes(EXPERIENCES.replace("\n", "\r\n").encode("cp1252"))
    return path


def listed(path: Path, text: str) -> Path:
    path.write_text(text.replace("|", ";"), encoding="utf-8")
    return path


def fixed(path: Path) -> dict[int, str]:
    """The reasons in a to-fix file, by the row as it stands there."""
    return {number: str(row["Problem"]) for number, row in enumerate(sheet(path, read_grids(path)[0].name), 1)}


def test_the_good_rows_come_in_with_their_people_alliances_and_delegations(route, participants):
    done = route.run(f"import {participants} --yes")

    assert done.code == 5
    assert len(route.do("list participant --json").data) == 24
    assert len(route.do("list delegation visiting=yes --json").data) == 8
    third = route.do("show person et3@example.org --json").data
    assert (third["name"], third["language"], third["sex"]) == ("Participant ET 3", "en", "female")
    assert third["phone"] == "+250 788 000 003"
    first = route.do("show person et1@example.org --json").data
    assert first["phone"] == "+250 788 000 001"
    lead = route.do("show D1").out
    assert "Participant ET 1" in lead
    assert "8 organisations" in done.out and "new organisations: ECSC-SUN" in done.out


def test_every_fault_of_every_row_is_named_beside_it(route, participants):
    route.run(f"import {participants} --yes")

    reasons = fixed(route.home / "participants-fr-to-fix.xlsx")

    assert list(reasons) == [1, 2, 3]
    assert "repeats row 8" in reasons[1]
    for says in (
        "'awa.diop@' is not an e-mail address",
        "'wolof' is a language without texts",
        "'?'",
        "'Alliance inconnue'",
    ):
        assert says in reasons[2]
    for says in ("looks like a formula, not a name", "'12' is not a telephone number"):
        assert says in reasons[3]


def test_title_total_and_what_fits_no_field_are_said_and_left_out(route, participants):
    done = route.run(f"import {participants} -n")

    assert "row 1 is above the headers" in done.out
    assert "row 32 is a total" in done.out
    assert "not read: Passeport valable jusqu’au" in done.out


def test_importing_twice_changes_nothing(route, participants, experiences):
    route.run(f"import {participants} {experiences} --yes")
    before = state_of(route.home)

    again = route.run(f"import {participants} {experiences} --yes")

    assert difference(before, state_of(route.home)) == {}
    assert "the same" in again.out
    assert sorted(each.name for each in route.home.glob("*to-fix*")) == [
        "experiences-cp1252-to-fix.xlsx",
        "participants-fr-to-fix.xlsx",
    ]


def test_one_undo_takes_a_whole_import_back(route, participants):
    before = state_of(route.home)
    route.run(f"import {participants} --yes")

    route.do("undo --yes")

    assert difference(before, state_of(route.home)) == {}
    route.run(f"import {participants} --yes")
    assert len(route.do("list participant --json").data) == 24


def test_the_file_of_the_user_is_never_touched(route, participants):
    before = hashlib.sha256(participants.read_bytes()).hexdigest()

    route.run(f"import {participants} --yes")

    assert hashlib.sha256(participants.read_bytes()).hexdigest() == before


def test_without_a_yes_it_is_shown_and_nothing_is_written(route, participants):
    before = state_of(route.home)

    shown = route.run(f"import {participants}")

    assert shown.code == 2
    assert "24 participants (P1-P24)" in shown.out
    assert "add --yes" in shown.err
    assert difference(before, state_of(route.home)) == {}
    assert list(route.home.glob("*to-fix*")) == []


def test_corrected_rows_come_in_from_the_to_fix_file(route, participants):
    route.run(f"import {participants} --yes")
    to_fix = route.home / "participants-fr-to-fix.xlsx"
    grid = read_grids(to_fix)[0]
    headers = [str(cell) for cell in grid.lines[0].cells]
    corrected = {
        "Nom": "Rui Dias",
        "Courriel": "rui@example.org",
        "Téléphone": None,
        "Langue": "portugais",
        "Sexe": "M",
    }
    row = [corrected.get(header, cell) for header, cell in zip(headers, grid.lines[2].cells, strict=True)]
    write_book(to_fix, Book([Page(grid.name, [Column(each) for each in headers], [row])]), replace=True)

    done = route.run(f"import {to_fix} --yes")

    assert done.code == 0, done.out + done.err
    assert route.do("show person rui@example.org --json").data["language"] == "pt"
    assert "Alliance inconnue" in route.do("list organisation").out


def test_experiences_come_in_with_evidence_enough_to_be_selected(route, experiences):
    done = route.run(f"import {experiences} --yes")

    assert done.code == 5
    assert "areas cannot be 'nutrition'" in fixed(route.home / "experiences-cp1252-to-fix.xlsx")[1]
    titles = [each["title"] for each in route.do("list experience --json").data]
    assert len(titles) == 6 and "Café « Santé » – clubs de mères" in titles
    assert route.do("mark E1-E5 selected").code == 0
    assert route.run("mark E6 selected").code == 3


def test_a_mapping_told_once_is_remembered(route):
    first = listed(route.home / "one.csv", "Kontakt|Correo\nAna Quispe|ana@example.org\n")
    second = listed(route.home / "two.csv", "Kontakt|Correo\nLuis Rojas|luis@example.org\n")

    told = route.run(f'import {first} --kind person --map "Kontakt=name" --yes')
    later = route.run(f"import {second} --yes")

    assert (told.code, later.code) == (0, 0), told.err + later.err
    assert route.do("show person luis@example.org --json").data["name"] == "Luis Rojas"


@pytest.mark.parametrize(
    ("option", "says"),
    [
        ('--map "Kontakt=nmae"', "did you mean name?"),
        ('--map "Contakt=name"', "no column is called Contakt"),
        ("--map Kontakt", "is not HEADER=FIELD"),
    ],
)
def test_a_wrong_mapping_gets_the_right_words_back(route, option, says):
    path = listed(route.home / "one.csv", "Kontakt|Correo\nAna Quispe|ana@example.org\n")

    refused = route.run(f"import {path} --kind person {option} --yes")

    assert refused.code == 2
    assert says in refused.err


def test_days_that_can_be_read_two_ways_are_asked_not_guessed(route):
    route.do("add experience Milk areas=policy")
    path = listed(route.home / "days.csv", "Experience|Day|Type\nE1|03/04/2016|panel\nE1|05/06/2016|panel\n")

    open_order = route.run(f"import {path} --yes")
    told = route.do(f"import {path} --dates mdy --yes")

    assert open_order.code == 5
    assert "Sunday 3 April 2016 or Friday 4 March 2016" in open_order.out
    assert [each["on"] for each in route.do("list session --json").data] == ["2016-03-04", "2016-05-06"]
    assert "read as month/day" in told.out


def test_the_column_itself_tells_the_order_of_its_days(route):
    route.do("add experience Milk areas=policy")
    path = listed(route.home / "days.csv", "Experience|Day|Type\nE1|03/04/2016|panel\nE1|25/06/2016|panel\n")

    done = route.do(f"import {path} --yes")

    assert [each["on"] for each in route.do("list session --json").data] == ["2016-04-03", "2016-06-25"]
    assert "read as day/month: 25/06/2016 is Saturday 25 June 2016" in done.out


def test_an_alliance_nearly_called_so_is_asked_after_not_added(route):
    route.do('add organisation "Alliance Burundi" kind=csa country=BI')
    path = listed(route.home / "p.csv", "Nom|Email|Alliance\nJean Bosco|jean@example.org|Aliance Burundi\n")

    done = route.run(f"import {path} --yes")

    assert done.code == 5
    assert "'Aliance Burundi' is not known, did you mean Alliance Burundi?" in done.out


def test_two_who_may_be_one_are_asked_after_never_merged(route):
    route.do('add organisation "Alliance Burundi" kind=csa country=BI')
    first = listed(route.home / "p.csv", "Nom|Email|Alliance\nJean-Bosco Niyonkuru|jean@example.org|Alliance Burundi\n")
    again = listed(route.home / "q.csv", "Nom|Email|Alliance\nJean Bosco Niyonkurru|jb@example.org|Alliance Burundi\n")
    route.do(f"import {first} --yes")

    done = route.run(f"import {again} --yes")
    different = listed(
        route.home / "r.csv", "id|Nom|Email|Alliance\nnew|Jean Bosco Niyonkurru|jb@example.org|Alliance Burundi\n"
    )

    assert done.code == 5
    assert "may be Jean-Bosco Niyonkuru <jean@example.org> of Alliance Burundi, known already" in done.out
    assert route.do(f"import {different} --yes").code == 0
    assert len(route.do("list participant --json").data) == 2


def test_a_folder_of_lists_comes_in_together(route, participants, experiences):
    folder = route.home / "lists"
    folder.mkdir()
    for each in (participants, experiences):
        shutil.move(each, folder)
    (folder / "read me.txt.bak").write_text("no list")

    done = route.run(f"import {folder} --yes")

    assert done.code == 5
    assert len(route.do("list participant --json").data) == 24
    assert len(route.do("list experience --json").data) == 6
    assert {each.name for each in folder.glob("*to-fix*")} == {
        "participants-fr-to-fix.xlsx",
        "experiences-cp1252-to-fix.xlsx",
    }


def test_organisations_can_come_in_before_there_is_a_route(empty):
    path = listed(empty.home / "csas.csv", "Alliance|Country|In registry\nCSONA|Malawi|yes\nPANITA|Tanzanie|x\n")

    empty.do(f"import {path} --yes")

    assert len(empty.do("list organisation in_registry=yes --json").data) == 2
    assert empty.do("show organisation PANITA --json").data["country"] == "TZ"


def test_formulas_scripts_and_strange_letters_stay_text(route):
    title = '=HYPERLINK("http://x","y")<script>alert(1)</script>\u202eمحمد'
    path = route.home / "odd.xlsx"
    write_book(path, Book([Page("L", [Column("Title"), Column("Themes")], [(title, "policy"), ("x" * 500, "policy")])]))

    route.do(f"import {path} --yes")

    kept = [each["title"] for each in route.do("list experience --json").data]
    assert kept[0].startswith('=HYPERLINK("http://x","y")<script>alert(1)</script>') and kept[0].endswith("محمد")
    assert kept[1] == "x" * 500


def test_whoever_may_not_edit_a_kind_gets_its_rows_back(route, participants):
    route.do("add person 'Felix Soto' felix@example.org")
    route.do("set route facilitator=felix@example.org")

    refused = route.run(f"import {participants} --yes", actor="felix@example.org")

    assert refused.code == 5
    assert "may not edit" in refused.out
    assert route.do("list participant --json").data == []


@pytest.mark.parametrize(
    ("content", "code", "says"),
    [
        ("", 2, "is empty"),
        ("a@b.org;x@y.org\n1;2\n", 2, "holds no list"),
        ("Colour;Shape\nred;round\n", 2, "cannot be told what the rows are"),
    ],
)
def test_what_is_no_list_says_so(route, content, code, says):
    path = listed(route.home / "odd.csv", content)

    refused = route.run(f"import {path} --yes")

    assert refused.code == code, refused.out + refused.err
    assert says in refused.err


def test_a_file_that_is_not_there_is_named(route):
    refused = route.run("import nowhere.xlsx --yes")

    assert refused.code == 4
    assert "there is no file nowhere.xlsx" in refused.err


def test_only_what_a_row_says_is_changed(route, participants):
    route.run(f"import {participants} --yes")
    route.do("set person ke1@example.org language=fr phone=+254700000001")
    path = listed(
        route.home / "later.csv", "Name|Email|Phone|Sex|Alliance\nParticipant KE 1|KE1@example.org|||SUN CSA Kenya\n"
    )

    done = route.do(f"import {path} --yes")

    person = route.do("show person ke1@example.org --json").data
    assert (person["language"], person["phone"]) == ("fr", "+254700000001")
    assert "1 the same" in done.out
