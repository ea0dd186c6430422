"""The workbook of a route: a sheet a kind, each cell read back as it was meant, nothing of others in anybody's part."""

import shutil
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from unicodedata import normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from programme import Programme
from small_facts import facts, record

from lrflow.catalogue import KINDS, Field, Money, minor_places
from lrflow.catalogue.reading import read_value
from lrflow.database import Database
from lrflow.errors import Misused
from lrflow.lists.layout import (
    SHEETS,
    Memory,
    fingerprint,
    form_layout,
    is_form,
    layout_called,
    layout_of,
    memory_rows,
    names_from,
    plain_text,
    read_memory,
    text_of_cell,
    texts_of,
    version_of,
)
from lrflow.lists.workbook import make_workbook, read
from lrflow.sheets import Grid, read_grids
from lrflow.store import Act

TODAY = date(2016, 12, 1)
NOW = datetime(2016, 12, 1, 9, tzinfo=UTC)
OTHERS = ("PANITA", "asha@example.org", "Asha Juma", "School gardens", "grain bank")
LINES = (
    'init --me "Grace Phiri <grace@example.org>" --programme "SUN CSN" --timezone Africa/Blantyre',
    "add organisation Procasur kind=facilitator country=CL",
    'add organisation "SUN Alliance Rwanda" kind=csa country=RW language=fr in_registry=yes',
    "add organisation CSONA kind=csa country=MW email=office@csona.example in_registry=yes",
    "add organisation PANITA kind=csa country=TZ in_registry=yes",
    'add person "Nobody yet" nobody@example.org',
    'add route rwanda-2016 "Learning Route in Rwanda" planned_visit=2016-09 facilitator=Procasur',
    'set route host="SUN Alliance Rwanda" host_country=RW visit_start=2016-10-30 visit_end=2016-11-05',
    "advance",
    'add offer "SUN Alliance Rwanda" offered_on=2016-03-01',
    "add experience \"=HYPERLINK('x')\" areas=advocacy+policy good_practice=yes beneficiary_groups='mothers; farmers'",
    'add experience "Community radio" areas=policy innovation=no',
    'mark E2 rejected --reason "too far away"',
    "attach E1 https://example.org --for challenge+livelihoods",
    "add case E1 how='one\ntwo' lessons='begin small | a leader; alone'",
    'add objective "Advocacy" sort=theme area=advocacy',
    "add delegation CSONA applied_on=2016-05-02",
    "add delegation PANITA",
    'add participant "Esnart Banda" esnart@example.org --of D1 visa=needed',
    'add participant "Asha Juma" asha@example.org --of D2',
    "set person esnart phone=0265123456 sex=female",
    "set D1 lead=esnart@example.org",
    'add person "Jean Uwera" jean@example.org organisation="SUN Alliance Rwanda"',
    "add champion jean@example.org experiences=E1 trained_on=2016-10-14",
    "add session 2016-10-31 field_visit experience=E1 leads=C1",
    'add plan "District map" kind=test --of D1 cost="5000 USD" months=6 ends_on=2017-06 themes=O1',
    'add plan "School gardens" kind=implement --of D2',
    'add action "Ask the council" --of A1 due=2016-12 person=esnart@example.org',
    'add action "Buy a grain bank" --of A2',
    "add checkin --of D1 month=1 due=2016-12-05",
    "add cascade 2016-11-20 district --of D1 people=30 plan=A1",
    "add sharing webinar CSONA",
    'add budget "Flights" "1200 USD" rate=0.79',
)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Programme:
    """A route with a record of every kind; no test changes it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("elsewhere"))
        programme = Programme(tmp_path_factory.mktemp("workbook") / "csn", now="2016-12-01")
        for line in LINES:
            programme.do(line)
    return programme


@pytest.fixture
def own(lived: Programme, tmp_path: Path) -> Programme:
    """The same in a folder of the test's own, to be changed."""
    shutil.copytree(lived.home, tmp_path / "csn")
    return Programme(tmp_path / "csn", now=lived.now)


def made(programme: Programme, path: Path, whom: str = "", kinds: tuple[str, ...] = ()) -> dict[str, Grid]:
    """The sheets of a workbook made just now, by name."""
    database = Database(programme.home / "lrflow.db")
    make_workbook(database, "rwanda-2016", path, Act("grace@example.org", NOW), whom=whom, kinds=kinds)
    database.close()
    return {grid.name: grid for grid in read_grids(path)}


def typed(sheet: Grid, whom: str = "") -> dict[str, dict[str, Any]]:
    """The cells of each row of a sheet by target, by id."""
    layout = layout_called(sheet.name, whom)
    assert layout is not None
    rows = [line.cells for line in sheet.lines]
    if is_form(layout):
        answers = {str(row[0]): row[1] if len(row) > 1 else None for row in rows}
        return {"": {each.target: answers.get(each.title) for each in layout.columns}}
    places = [layout.column(str(title)) for title in rows[0]]
    found = [
        {place.target: cell for place, cell in zip(places, row, strict=False) if place and place.target}
        for row in rows[1:]
    ]
    return {str(row["id"]): row for row in found}


# ------------------------------------------------------------------------------------------------------ a cell and back

PEOPLE = {1: "Esnart Banda", 2: "Ana Sosa", 3: "Ana Sosa", 4: "ana sosa", 5: "Gone Long Ago"}
KNOWN = (
    record("person", 1, name="Esnart Banda", email="esnart@example.org"),
    record("person", 2, name="Ana Sosa"),
    record("person", 3, name="Ana Sosa"),
    record("person", 4, name="ana sosa", email="ana@example.org"),
    record("organisation", 1, name="CSONA"),
    record("organisation", 2, name="Réseau; SUN + Guinée"),
)
NAMES = names_from(KNOWN, {"person": PEOPLE, "organisation": {1: "CSONA", 2: "Réseau; SUN + Guinée"}})
VOCABULARY = ("msp", "policy", "SO1")
WORDS = some.text(min_size=1, max_size=40).map(lambda text: normalize("NFC", text))  # a file keeps letters composed


def _says_something(items: Any) -> bool:
    return bool(items) and all(any(item) for item in items)


def typed_value(field: Field) -> some.SearchStrategy[Any]:
    """Values of *field* that somebody may have typed: each is what reading gives for some text."""
    known = field.choices or VOCABULARY
    keys = some.sampled_from(["E1", "E12", "A1.2", "Q3.6", "D3"])
    days = some.dates(date(1990, 1, 1), date(2100, 12, 31)).map(date.isoformat)
    texts = WORDS.map(lambda text: read_value(field, text, TODAY)).filter(bool)
    several = {"codes": some.sampled_from(known), "refs": keys, "texts": WORDS, "pairs": WORDS}
    if field.type in several:
        joined = some.lists(several[field.type], min_size=1, max_size=4).map(
            "+".join if field.type in ("codes", "refs") else ";".join
        )
        return joined.map(lambda text: read_value(field, text, TODAY, VOCABULARY)).filter(_says_something)
    return {
        "day": some.one_of(days, days.map(lambda day: day[:7])) if field.month else days,
        "number": some.integers(0, 10**12 - 1),
        "decimal": some.decimals(Decimal(1) / 10_000, 10**6, places=4)
        .filter(bool)
        .map(lambda number: f"{number.normalize():f}"),
        "yes": some.booleans(),
        "money": some.builds(Money, some.integers(0, 10**12), some.sampled_from(["USD", "RWF", "GBP"])),
        "choice": some.sampled_from(known),
        "language": some.sampled_from(known),
        "ref": some.sampled_from([1, 2, 3, 4] if field.to == "person" else [1, 2])
        if field.to in NAMES.written
        else keys,
        "key": keys,
        "email": some.just("Esnart.Banda+lr@example.org"),
        "country": some.sampled_from(["RW", "MW"]),
        "zone": some.sampled_from(["Africa/Kigali", "Etc/GMT+2"]),
        "weekdays": some.sets(some.integers(1, 7), min_size=1, max_size=6).map(
            lambda numbers: "+".join(map(str, sorted(numbers)))
        ),
        "hours": some.lists(some.times(), min_size=2, max_size=2, unique_by=lambda each: (each.hour, each.minute)).map(
            lambda ends: "-".join(f"{each:%H:%M}" for each in sorted(ends))
        ),
    }.get(field.type, texts)


@pytest.mark.parametrize("kind", list(SHEETS))
@settings(max_examples=10)
@given(picked=some.data())
def test_what_a_cell_says_is_read_back_as_the_same_value(kind, picked):
    for field in KINDS[kind].fields:
        value = picked.draw(typed_value(field), label=field.name)

        text = text_of_cell(field, value, NAMES)

        if field.to in NAMES.written:
            assert NAMES.number(field.to, text) == value
        elif field.type in ("ref", "key"):
            assert text == value
        else:
            assert read_value(field, text, TODAY, VOCABULARY) == value


@pytest.mark.parametrize("minor", [0, 1, 5, 100, 123_456_789])
@pytest.mark.parametrize("currency", ["USD", "RWF"])
def test_money_is_written_without_signs_between_thousands(minor, currency):
    text = text_of_cell(Field("cost", "money", ""), Money(minor, currency), NAMES)

    assert "," not in text and len(text.split()[0].partition(".")[2]) == minor_places(currency)


def test_two_of_the_same_name_are_told_apart_and_one_with_an_address_is_not_named():
    assert NAMES.text("person", 2) == "Ana Sosa (no. 2)"
    assert NAMES.number("person", "ana sosa (NO. 3)") == 3
    assert NAMES.number("person", "Ana Sosa") is None
    assert NAMES.text("person", 4) == "ana@example.org"
    assert NAMES.text("person", 5) == "Gone Long Ago"  # removed, and still spoken of


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        (24, "24"),
        (24.0, "24"),
        (0.79, "0.79"),
        (1e-05, "0.00001"),
        (True, "yes"),
        (date(2016, 9, 1), "2016-09-01"),
        (datetime.fromisoformat("2016-09-01"), "2016-09-01"),
        (" two\r\nlines\u00a0here ", "two\nlines here"),
        ("2016-09", "2016-09"),
    ],
)
def test_a_cell_says_the_same_however_a_spreadsheet_keeps_it(cell, text):
    assert plain_text(cell) == text


def test_a_fingerprint_looks_at_what_is_said_alone():
    written = {"months": 24, "ends_on": "2017-06-01", "title": "A", "change": None}

    same = {"title": " A ", "ends_on": date(2017, 6, 1), "months": 24.0, "innovation": ""}
    assert fingerprint(written) == fingerprint(same)
    assert fingerprint(written) != fingerprint({**written, "months": 25})
    assert fingerprint({"a": "b", "c": ""}) != fingerprint({"a": "", "c": "b"})


# ---------------------------------------------------------------------------------------------------------- the layouts


@pytest.mark.parametrize("kind", list(SHEETS))
def test_every_field_has_its_column_and_every_column_its_own_title(kind):
    layout = layout_of(kind)

    targets = [each.target for each in layout.columns if each.target]
    fields = {field.name for field in KINDS[kind].fields} - {"sha256", "size", "away_until", "deputy"}
    if "person.name" in targets:
        fields -= {"person"}
    assert len({each.title for each in layout.columns}) == len(layout.columns)
    assert targets[:2] == ["id", "version"]
    assert set(targets) - {"id", "version", "state"} >= fields
    assert ("state" in targets) == KINDS[kind].has_life
    assert layout_called(layout.sheet) == layout


def test_the_sheets_of_forms_are_told_from_pages():
    assert layout_called("Plan") == form_layout("plan") and is_form(form_layout("plan"))
    assert layout_called("Plan A7") == form_layout("plan", "A7")
    assert layout_called("Plans") == layout_of("plan") and not is_form(layout_of("plan"))
    assert [layout_called(name) for name in ("Read me", "lists", "Plan B", "Plan D3", "Sheet1", "")] == [None] * 6


def test_a_delegations_own_sheets_do_not_ask_which_delegation():
    kinds = ("participant", "checkin", "cascade")
    whole = {each.title for kind in kinds for each in layout_of(kind).columns}
    own = {each.title for kind in kinds for each in layout_of(kind, "D3").columns}

    assert whole - own == {"Delegation", "Alliance"}


def test_the_version_of_a_participant_counts_the_persons_changes_too():
    known = facts(record("person", 7, version=10), record("participant", "P1", person=7, version=3))

    assert version_of(known.of("participant")[0], known) == "3.10"


def test_what_a_workbook_remembers_is_read_again():
    memory = Memory(
        "rwanda-2016", "d1", "D3", "2016-12-01", "abc", {("plan", "A1"): ("4", "f1"), ("person", "7"): ("1", "f2")}
    )

    assert read_memory(memory_rows(memory)) == memory
    assert read_memory([["name", "email"], ["Ana", "ana@example.org"]]) is None
    assert read_memory([]) is None
    with pytest.raises(Misused, match="newer lrflow"):
        read_memory([["lrflow", "2"], ["route", "rwanda-2016"]])


# ----------------------------------------------------------------------------------------------------- a whole workbook


def test_every_record_is_in_the_file_as_it_is_and_unchanged_by_its_fingerprint(lived, tmp_path):
    sheets = made(lived, tmp_path / "all.xlsx")

    memory = read_memory([line.cells for line in sheets["_lrflow"].lines])
    database = Database(lived.home / "lrflow.db")
    with database.begin() as unit:
        seen = read(unit, "rwanda-2016", Act("", NOW))
    database.close()
    assert memory and (memory.route, memory.made, memory.whom) == ("rwanda-2016", "2016-12-01", "")
    assert (memory.digest, memory.programme) == (seen.route.digest, seen.programme)
    found = 0
    for kind, sheet in SHEETS.items():
        rows, layout = typed(sheets[sheet]), layout_of(kind)
        records = seen.everyone.get(kind) or seen.facts.of(kind)
        assert sorted(rows) == sorted(each.key for each in records), kind
        for each in records:
            said = {laid.target: plain_text(rows[each.key].get(laid.target)) for laid in layout.typed}
            assert said == texts_of(layout, each, seen.facts, seen.names), (kind, each.key)
            version = plain_text(rows[each.key]["version"])
            assert memory.rows[(kind, each.key)] == (version, fingerprint(rows[each.key] | {"id": "", "version": ""}))
            found += 1
    assert len(memory.rows) == found == 29


def test_the_first_sheet_says_what_to_do_in_a_dozen_lines(lived, tmp_path):
    sheet = next(iter(made(lived, tmp_path / "all.xlsx").values()))

    said = [" ".join(str(cell) for cell in line.cells if cell) for line in sheet.lines]
    assert sheet.name == "Read me" and said[0] == "Learning Route in Rwanda"
    assert "rwanda-2016, as of Thursday 1 December 2016" in said[2]
    assert said[-1] == "Then type lrflow import all.xlsx"
    assert len(said) == 14


def test_text_that_looks_like_a_formula_stays_text(lived, tmp_path):
    sheets = made(lived, tmp_path / "all.xlsx")

    assert typed(sheets["Experiences"])["E1"]["title"] == "=HYPERLINK('x')"
    with zipfile.ZipFile(tmp_path / "all.xlsx") as archive:
        assert not [name for name in archive.namelist() if b"<f>" in archive.read(name)]


def test_numbers_of_telephones_keep_their_first_zero(lived, tmp_path):
    assert typed(made(lived, tmp_path / "all.xlsx")["Participants"])["P1"]["person.phone"] == "0265123456"


def test_an_alliance_gets_its_plan_as_a_form_and_nothing_of_anybody_else(lived, tmp_path):
    sheets = made(lived, tmp_path / "csona.xlsx", "d1")

    assert [*sheets] == ["Read me", "Plan", "Participants", "Actions", "Check-ins", "Cascade", "lists", "_lrflow"]
    assert typed(sheets["Plan"])[""]["id"] == "A1" and typed(sheets["Plan"])[""]["cost"] == "5000.00 USD"
    assert [*typed(sheets["Participants"], "D1")] == ["P1"]
    assert [*typed(sheets["Actions"], "D1")] == ["A1.1"]
    with zipfile.ZipFile(tmp_path / "csona.xlsx") as archive:
        everything = "".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
    assert [each for each in (*OTHERS, "nobody@example.org", "jean@example.org") if each in everything] == []
    memory = read_memory([line.cells for line in sheets["_lrflow"].lines])
    assert memory and memory.whom == "D1" and ("plan", "A1") in memory.rows and ("plan", "A2") not in memory.rows


def test_an_alliance_without_a_plan_gets_an_empty_form(own, tmp_path):
    own.do('add delegation "SUN Alliance Rwanda" visiting=no')

    sheets = made(own, tmp_path / "rwanda.xlsx", "D3")

    assert [value for value in typed(sheets["Plan"])[""].values() if value] == []


def test_a_second_plan_of_the_same_delegation_gets_a_form_of_its_own(own, tmp_path):
    own.do('add plan "Radio hour" kind=test --of D1')

    sheets = made(own, tmp_path / "csona.xlsx", "D1")

    assert [typed(sheets[name])[""]["title"] for name in ("Plan", "Plan A3")] == ["District map", "Radio hour"]


def test_the_facilitator_gets_the_kinds_it_edits_and_the_people_of_the_route_alone(lived, tmp_path):
    sheets = made(lived, tmp_path / "procasur.xlsx", "facilitator")

    assert [name for name in sheets if layout_called(name)] == [
        *("Organisations", "People", "Host offers", "Experiences", "Evidence", "Cases"),
        *("Objectives", "Champions", "Sessions"),
    ]
    addresses = [row["email"] for row in typed(sheets["People"]).values()]
    assert "jean@example.org" in addresses and "nobody@example.org" not in addresses


def test_kinds_may_be_chosen(lived, tmp_path):
    sheets = made(lived, tmp_path / "people.xlsx", kinds=("participants", "D"))

    assert [name for name in sheets if layout_called(name)] == ["Delegations", "Participants"]


def test_a_text_too_long_for_a_cell_is_kept_and_its_place_says_so(own, tmp_path):
    (tmp_path / "how.txt").write_text("😀" * 17_000, encoding="utf-8")
    own.do(f"set K1 how=@{tmp_path / 'how.txt'}")

    row = typed(made(own, tmp_path / "all.xlsx")["Cases"])["K1"]

    assert row["how"] == "(a text of 17,000 characters, too long for a cell; lrflow keeps it as it is)"


def test_the_same_route_makes_the_same_file(lived, tmp_path):
    (tmp_path / "again").mkdir()

    made(lived, tmp_path / "all.xlsx")
    made(lived, tmp_path / "again" / "all.xlsx")

    assert (tmp_path / "all.xlsx").read_bytes() == (tmp_path / "again" / "all.xlsx").read_bytes()


def test_words_to_choose_from_are_offered(lived, tmp_path):
    made(lived, tmp_path / "all.xlsx")

    with zipfile.ZipFile(tmp_path / "all.xlsx") as archive:
        rules = "".join(archive.read(name).decode() for name in archive.namelist() if "worksheets/sheet" in name)
    for words in ("named,confirmed,cleared", "en,fr,es,pt", "yes,no", "advocacy,budget,governance,msp,policy", "D1,D2"):
        assert words in rules
    assert "lists!" in rules  # countries are too many for a cell's own list
    assert "E1" in rules and "E1,E2" not in rules  # what was rejected is not proposed


# ------------------------------------------------------------------------------------------------------- as it is typed


def test_the_command_says_what_is_in_the_file_and_what_comes_next(lived, tmp_path):
    result = lived.do(f"workbook '{tmp_path / 'my route.xlsx'}' participant delegation case")

    assert result.out.splitlines() == [
        f"✓ {tmp_path / 'my route.xlsx'}: 1 case, 2 delegations, 2 participants",
        f'Next: fill it in, save it, then: lrflow import "{tmp_path / "my route.xlsx"}"',
    ]


def test_the_command_says_to_whom_a_part_goes(lived, tmp_path):
    result = lived.do(f"workbook {tmp_path / 'csona.xlsx'} --for D1")

    assert "Next: send it to CSONA; when it comes back: lrflow import" in result.out


def test_a_dry_run_writes_no_file(lived, tmp_path):
    result = lived.do(f"workbook {tmp_path / 'x.xlsx'} -n")

    assert result.out.startswith("would write") and "Next" not in result.out
    assert not (tmp_path / "x.xlsx").exists()


def test_a_file_that_is_there_is_left_alone_unless_it_is_to_be_replaced(lived, tmp_path):
    path = tmp_path / "x.xlsx"
    path.write_text("mine")

    refused = lived.run(f"workbook {path}")
    kept = path.read_text()
    lived.do(f"workbook {path} --replace")

    assert (refused.code, kept) == (2, "mine") and "--replace" in refused.err
    assert zipfile.is_zipfile(path)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("x.csv", ("x.csv is not a file that ends in .xlsx", "x.xlsx")),
        ("participants", ("participants is not a file", "participants.xlsx")),
        ("x.xlsx --for facilitater", ("no workbook can be made for 'facilitater'", "did you mean facilitator?")),
        ("x.xlsx --for viewer", ("no workbook can be made for 'viewer'", "roles: ", "D1  CSONA")),
        ("x.xlsx --for D9", ("no workbook can be made for 'D9'", "D2  PANITA")),
        ("x.xlsx --for E1", ("no workbook can be made for 'E1'",)),
        ("x.xlsx participnt", ("there is no kind of record called 'participnt'", "did you mean participant?")),
        ("x.xlsx route", ("routes are not in a workbook",)),
        ("x.xlsx participant --for facilitator", ("participants are not in the workbook for Facilitator",)),
        ("nowhere/x.xlsx", ("there is no folder nowhere",)),
    ],
)
def test_what_cannot_be_made_is_told_and_nothing_is_written(lived, words, says, tmp_path):
    result = lived.run(f"workbook {words}")

    assert result.code in (2, 4) and not result.out
    assert [each for each in says if each not in result.err] == []
    assert not list(tmp_path.glob("*.xlsx"))


def test_json_tells_the_file_and_its_rows(lived, tmp_path):
    found = lived.do(f"workbook {tmp_path / 'x.xlsx'} plan action --json").data

    assert found == {"file": str(tmp_path / "x.xlsx"), "for": "", "rows": {"plan": 2, "action": 2}, "dry_run": False}
