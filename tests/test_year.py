"""A whole route-year, Rwanda 2016, entered with one workbook and at most 160 commands."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import rwanda
from programme import Programme
from workbooks import typed_into

MOST = 160
YES = "--yes"


class Desk:
    """The coordinator's desk: a programme, one workbook that grows, and the commands typed so far."""

    def __init__(self, folder: Path) -> None:
        self.programme = Programme(folder / "csn", now="2016-02-11")
        self.blank, self.book = folder / "blank.xlsx", folder / "csn" / "rwanda-2016.xlsx"
        self.rows: dict[str, list[Mapping[str, Any]]] = {}

    def on(self, day: str, *lines: str) -> None:
        """Type *lines* on *day*."""
        self.programme.now = day
        for line in lines:
            self.programme.do(line)

    def make_workbook(self) -> None:
        self.programme.do(f"workbook {self.book}")
        shutil.copy(self.book, self.blank)

    def fill_in(self, **sheets: Sequence[Mapping[str, Any]]) -> None:
        """Type rows into the one workbook, below those that are there, and import it."""
        for name, rows in sheets.items():
            self.rows.setdefault(name.replace("_", " "), []).extend(rows)
        typed_into(self.blank, rows=self.rows, to=self.book)
        self.programme.do(f"import {self.book} {YES}")


def organisations() -> Iterator[Mapping[str, Any]]:
    for country, alliance, *_ in rwanda.DELEGATIONS:
        yield {"Name": alliance, "Kind": "csa", "Country": country, "Language": "en", "In the registry": "yes"}
    for alliance in rwanda.REGISTRY[len(rwanda.DELEGATIONS) :]:
        yield {"Name": alliance, "Kind": "csa", "In the registry": "yes"}


def experiences() -> Iterator[Mapping[str, Any]]:
    for title, owner, areas, place, serves, innovation, _ in rwanda.SELECTED:
        yield {
            "Title": title,
            "Owner": owner,
            "Areas": areas,
            "Place": place,
            "Learning objectives": serves,
            "Good practice": "yes",
            "Innovation": innovation,
        }
    for number in range(6, 16):
        yield {"Title": f"Experience {number}, title not known"}


def evidence() -> Iterator[Mapping[str, Any]]:
    for number, (*_, innovation, what) in enumerate(rwanda.SELECTED, 1):
        claims = "good_practice+challenge+livelihoods" + ("+innovation" if innovation == "yes" else "")
        yield {"About": f"E{number}", "Claims": claims, "What": what, "Source": f"https://example.org/e{number}"}


def objectives() -> Iterator[Mapping[str, Any]]:
    for number in range(1, 5):
        yield {"Title": f"Objective {number} of the route (made up)", "Learning objective": f"LO{number}"}
    for theme in rwanda.THEMES:
        words = dict(word.split("=") for word in theme.split()[1:])
        yield {"Title": theme.split()[0], "Sort": words["sort"], "Area": words.get("area")}


def champions() -> Iterator[Mapping[str, Any]]:
    for number in range(1, 6):
        for each in (f"{number}a", f"{number}b"):
            yield {
                "Name": f"Champion {each}",
                "E-mail": f"c{each}@example.org",
                "Organisation": rwanda.HOST,
                "Experiences": f"E{number}",
            }


def people() -> Iterator[Mapping[str, Any]]:
    for country, *_ in rwanda.DELEGATIONS:
        code = country.lower()
        yield {"Name": f"Participant {country} 1", "E-mail": f"{code}1@example.org"}
        yield {"Name": f"Focal point {country}", "E-mail": f"{code}-focal@example.org"}


def delegations() -> Iterator[Mapping[str, Any]]:
    for country, alliance, *_ in rwanda.DELEGATIONS:
        code = country.lower()
        yield {
            "Organisation": alliance,
            "Visiting": "no" if alliance == rwanda.HOST else "yes",
            "Lead": f"{code}1@example.org",
            "Focal point": f"{code}-focal@example.org",
        }


def participants() -> Iterator[Mapping[str, Any]]:
    for number, (country, *_) in enumerate(rwanda.DELEGATIONS, 1):
        for each in (1, 2, 3):
            email = f"{country.lower()}{each}@example.org"
            yield {"Name": f"Participant {country} {each}", "E-mail": email, "Delegation": f"D{number}"}


def sessions() -> Iterator[Mapping[str, Any]]:
    titles = {"place": "Place", "experience": "Experience", "leads": "Leads", "objectives": "Objectives"}
    titles["stakeholders"] = "Stakeholders"
    for line in rwanda.SESSIONS:
        day, kind, *words = line.split()
        yield {"Day": day, "Kind": kind, **{titles[name]: value for name, value in (w.split("=") for w in words)}}


def plans() -> Iterator[Mapping[str, Any]]:
    costs = {"MW": "5000 USD", "NG": "44100 USD", "SL": "5150 USD", "UG": "18500 USD"}
    for number, (country, _, title, _) in enumerate(rwanda.DELEGATIONS, 1):
        yield {"Title": title, "Delegation": f"D{number}", "Kind": "test", "Cost": costs.get(country)}


def shared(alliances: Sequence[str], day: str) -> list[Mapping[str, Any]]:
    return [{"Sort": "route_record", "Organisation": each, "Day": day} for each in alliances]


def live_the_year(desk: Desk) -> None:
    """From the start-up meeting to the close, the lines of `rwanda.YEAR` where no list can say it in one."""
    desk.on(
        "2016-02-11",
        'init --me "Grace Phiri <grace@example.org>" --programme "SUN CSN" --timezone Africa/Blantyre',
        'set programme donor=CIFF budget="1009038.00 GBP" starts_on=2015-02-02 ends_on=2018-01-31 routes_planned=2',
        'add organisation "Procasur Corporation" kind=facilitator',
        f'add route {rwanda.ROUTE} "Learning Route in Rwanda" planned_visit=2016-09 languages=en facilitator=Procasur',
    )
    desk.make_workbook()
    desk.fill_in(Organisations=list(organisations()))
    desk.on("2016-02-11", "advance")
    desk.on("2016-03-31")
    desk.fill_in(Delegations=[{"Organisation": each[1]} for each in rwanda.DELEGATIONS[:-1]])
    desk.on("2016-03-31", f"mark D1-D8 applied {YES}")
    desk.on("2016-05-20", *rwanda.host_chosen())
    desk.on("2016-06-10")
    desk.fill_in(Experiences=list(experiences()))
    desk.on("2016-06-30")
    desk.fill_in(Evidence=list(evidence()), Objectives=list(objectives()))
    desk.on("2016-06-30", "mark E1-E5 selected", f'mark E6-E15 rejected --reason "not selected" {YES}')
    desk.on("2016-06-30", f"mark O locked {YES}", "advance")
    desk.on("2016-09-01")
    desk.fill_in(Cases=[{"Experience": f"E{number}"} for number in range(1, 6)])
    desk.on("2016-09-15", *rwanda.validation(), "advance")
    desk.on("2016-10-14")
    desk.fill_in(Champions=list(champions()))
    desk.on(
        "2016-10-14", *(f"mark {who} trained trained_on={day} outcome=passed" for who, day in rwanda.TRAININGS.items())
    )
    desk.on("2016-10-21", 'set route visit_start=2016-10-30 visit_end=2016-11-05 places="Kigali;Nyanza;Huye;Gisagara"')
    desk.rows["Delegations"] = []
    desk.fill_in(
        People=list(people()),
        Delegations=list(delegations()),
        Participants=list(participants()),
        Sessions=list(sessions()),
    )
    desk.on("2016-10-21", f"mark D confirmed {YES}", f"mark P cleared visa=not_needed {YES}", "advance")
    desk.on(
        "2016-11-05",
        *(f"mark {kind} {state} {YES}" for kind, state in (("S", "held"), ("P", "attended"), ("D", "attended"))),
    )
    desk.fill_in(Plans=list(plans()))
    desk.on("2016-11-05", "advance")
    for day in rwanda.YEAR:
        if "2016-11-16" <= day.on <= "2017-10-26":
            desk.on(day.on, *day.lines)
    desk.on(
        "2017-10-27", "set route record_on=2017-10-27 record_link=https://example.org/record donor_report_on=2017-10-27"
    )
    desk.fill_in(Sharing=shared(rwanda.REGISTRY[:-1], "2017-10-27"))
    desk.on("2017-11-06", *rwanda.last_answers(), f"advance --confirm {rwanda.ROUTE}")


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    desk = Desk(tmp_path_factory.mktemp("year"))
    live_the_year(desk)
    return desk


def test_a_route_year_takes_at_most_160_commands_and_one_workbook(lived):
    commands = lived.programme.lines

    assert len(commands) <= MOST, len(commands)
    assert len([line for line in commands if line.startswith("workbook")]) == 1
    assert lived.programme.do("status --json").data["routes"][0]["status"] == "closed"


def test_the_year_so_entered_holds_what_the_year_held(lived):
    csn = lived.programme

    def number(line: str) -> int:
        return len(csn.do(f"{line} --json").data)

    assert number("list participant visiting=yes state=attended") == 24
    assert number("list participant visiting=no state=attended") == 3
    assert number("list delegation visiting=yes") == 8
    assert number("list experience") == 15
    assert number("list experience state=selected") == 5
    assert number("list champion reached=trained") == 10
    assert number("list organisation in_registry=yes") == 39
    assert number("list plan") == 9
    assert [each["id"] for each in csn.do("list plan award!= --json").data] == ["A1", "A5", "A6"]
    assert number("list sharing sort=route_record") == 39


def test_the_workbook_imported_once_more_changes_nothing(lived):
    done = lived.programme.run(f"import {lived.book} {YES}")

    assert "imported" not in done.out, done.out
