"""Conditions that narrow a kind: in `list`, in --where of set and mark, in `export`."""

import shutil
from pathlib import Path

import pytest
from programme import Programme
from small_facts import facts, record
from test_cli import Terminal

from lrflow.catalogue import KINDS, Money
from lrflow.errors import Misused, NotFound
from lrflow.facts import DERIVATIONS
from lrflow.tracks.narrowing import fields_known, narrow, place_of, read_condition

LINES = (
    'init --me "Grace Phiri <grace@example.org>" --programme "SUN CSN" --timezone Africa/Blantyre',
    "add organisation Procasur kind=facilitator country=CL",
    'add organisation "SUN Alliance Rwanda" kind=csa country=RW language=fr in_registry=yes',
    "add organisation CSONA kind=csa country=MW language=en in_registry=yes",
    "add organisation PANITA kind=csa country=TZ in_registry=yes",
    'add organisation "PANITA youth" kind=cso country=TZ',
    'add route rwanda-2016 "Learning Route in Rwanda" planned_visit=2016-09 facilitator=Procasur',
    'set route host="SUN Alliance Rwanda" host_country=RW visit_start=2016-10-30 visit_end=2016-11-05',
    "advance",
    'add experience "Milk way" areas=advocacy+policy good_practice=yes owner="Land O\'Lakes"',
    'add experience "Community radio" areas=policy innovation=no',
    'add experience "Budget club" areas=msp',
    "attach E1 https://example.org --for challenge",
    "attach E2 https://example.org --for livelihoods",
    "add delegation CSONA applied_on=2016-05-02",
    "add delegation PANITA applied_on=2016-05-20",
    'add delegation "SUN Alliance Rwanda" visiting=no',
    'add participant "Esnart Banda" esnart@example.org --of D1 visa=needed',
    'add participant "Jean Uwera" jean@example.org --of D3',
    'add participant "Asha Juma" asha+lr@example.org --of D2 visa=obtained',
    'add participant "Juma Ali" juma@example.org --of D2',
    "set person asha language=fr phone=+255700000001",
    "set D1 lead=esnart@example.org",
    "mark P3 cleared",
    "mark P1 confirmed",
    'add plan "District map" kind=test --of D1 cost="5000 USD" months=6 ends_on=2017-06',
    'add plan "School gardens" kind=implement --of D2 cost="900.50 USD" months=12 ends_on=2017-06-15',
    'add plan "Radio hour" kind=test --of D2 cost="4000 GBP"',
    'add action "Ask the council" --of A1 due=2016-12',
    'add action "Print the map" --of A1 due=2016-12-15',
    'add action "Dig" --of A2 due=2017-01-10',
    'add cascade 2016-11-20 district --of D1 people=30 plan=A1 what="two + two"',
    "add sharing webinar CSONA",
    'add budget "Flights" "1200 USD" rate=0.79',
    'add budget "Rooms" "800 USD" rate=1.02',
)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Programme:
    """A route in identification with a few records of many kinds; no test changes it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("elsewhere"))
        programme = Programme(tmp_path_factory.mktemp("filters") / "csn", now="2016-12-01")
        for line in LINES:
            programme.do(line)
    return programme


@pytest.fixture
def own(lived: Programme, tmp_path: Path) -> Programme:
    """The same in a folder of the test's own, to be changed."""
    shutil.copytree(lived.home, tmp_path / "csn")
    return Programme(tmp_path / "csn", now=lived.now)


def listed(programme: Programme, line: str) -> list[str]:
    """The ids of what is listed, or the names of people and organisations."""
    rows = programme.do(f"list {line} --json").data
    return [each.get("name") or each["id"] for each in rows]


FILTERS = {
    # one value, one of several, another, none, any
    "participant visa=needed": ["P1"],
    "participant visa=needed+obtained": ["P1", "P3"],
    "participant visa!=needed": ["P2", "P3", "P4"],
    "participant visa=": ["P2", "P4"],
    "participant 'visa!='": ["P1", "P3"],
    "participant can-decide=": ["P1", "P2", "P3", "P4"],
    "participant visa=needed delegation=D2": [],
    # states, and how far a record has come
    "participant state=confirmed+cleared": ["P1", "P3"],
    "participant state!=named": ["P1", "P3"],
    "participant reached=confirmed": ["P1", "P3"],
    "participant reached=cleared": ["P3"],
    "participant 'reached!=confirmed'": ["P2", "P4"],
    # what belongs to another record, however far above; by its id or its name
    "participant --of D2": ["P3", "P4"],
    "participant --of PANITA": ["P3", "P4"],
    "action --of D1": ["A1.1", "A1.2"],
    "evidence --of E1": ["F1"],
    "participant delegation=D1+D3": ["P1", "P2"],
    "participant delegation=CSONA": ["P1"],
    "participant --except P1-P2": ["P3", "P4"],
    "participant --where visa=needed": ["P1"],
    "participant id=P1+P3-P4": ["P1", "P3", "P4"],
    "evidence about=E1": ["F1"],
    # a whole name before a part of one
    "organisation name=PANITA": ["PANITA"],
    "organisation name=panit": ["PANITA", "PANITA youth"],
    "organisation name=nobody": [],
    "sharing organisation=CSONA": ["R2"],
    "delegation organisation.name=Alliance": ["D3"],
    "experience name=radio": ["E2"],
    # through other records, and of the person behind a participant
    "participant organisation.country=MW+TZ": ["P1", "P3", "P4"],
    "participant delegation.organisation.kind=csa": ["P1", "P2", "P3", "P4"],
    "participant name=juma": ["P3", "P4"],
    "participant name='Juma Ali'": ["P4"],
    "participant email=asha+lr@example.org": ["P3"],
    "participant phone=+255700000001": ["P3"],
    "participant language=fr": ["P2", "P3"],  # Jean says nothing: his organisation speaks French
    "participant language=": ["P4"],
    "delegation lead=esnart@example.org": ["D1"],
    "delegation lead=": ["D2", "D3"],
    # what is worked out
    "participant visiting=yes": ["P1", "P3", "P4"],
    "participant visiting=non": ["P2"],
    "participant is_lead=yes": ["P1"],
    "delegation cascades=1": ["D1"],
    "delegation 'cascades<1'": ["D2", "D3"],
    "experience claims=challenge": ["E1"],
    # lists of words, words, texts
    "experience areas=policy": ["E1", "E2"],
    "experience areas=msp+advocacy": ["E1", "E3"],
    "experience areas=policy areas=advocacy": ["E1"],
    "experience good_practice=yes": ["E1"],
    "experience innovation=no": ["E2"],
    'experience owner="land o\'lakes"': ["E1"],
    "cascade 'what=two + two'": ["R1"],
    # days, whole months, numbers, amounts
    "delegation applied_on=2016-05-02": ["D1"],
    "delegation applied_on=2016-05": ["D1", "D2"],
    "delegation 'applied_on<2016-05-20'": ["D1"],
    "delegation 'applied_on<=2016-05-20'": ["D1", "D2"],
    "delegation 'applied_on>2016-05'": [],
    "delegation 'applied_on>=2016-05'": ["D1", "D2"],
    "action 'due>=today'": ["A1.1", "A1.2", "A2.1"],
    "action 'due<2016-12-16'": ["A1.2"],  # the other may be as late as 31 December
    "action 'due<2017-01'": ["A1.1", "A1.2"],
    "action 'due<=2016-12'": ["A1.1", "A1.2"],
    "action 'due<=+14d'": ["A1.2"],
    "action due=2016-12": ["A1.1", "A1.2"],
    "plan 'months>6'": ["A2"],
    "plan 'months>=6' months!=12": ["A1"],
    "plan 'cost<5000 USD'": ["A2"],  # pounds are not compared with dollars
    "plan 'cost>=900.50 USD'": ["A1", "A2"],
    "plan 'cost=4000 GBP'": ["A3"],
    "plan cost=": [],
    "budget 'rate>1'": ["B2"],
    "budget rate=0.79": ["B1"],
    # people and organisations, who are in every route
    "person email=jean@example.org": ["Jean Uwera"],
    "person 'email!=' language=fr": ["Asha Juma"],
    "person organisation=": ["Asha Juma", "Esnart Banda", "Grace Phiri", "Jean Uwera", "Juma Ali"],
    "organisation country=TZ kind=csa": ["PANITA"],
    "organisation in_registry=": ["PANITA youth", "Procasur"],
    "organisation record_shared=no in_registry=yes": ["CSONA", "PANITA", "SUN Alliance Rwanda"],
}


@pytest.mark.parametrize("line", list(FILTERS))
def test_a_condition_leaves_the_records_that_meet_it(lived, line):
    assert listed(lived, line) == FILTERS[line]


WRONG = {
    "participant aeras=policy": (
        "participant has no field 'aeras'",
        "it has person, delegation",
        "lrflow list participant",
    ),
    "experience aeras=policy": ("experience has no field 'aeras'", "did you mean areas?", "experience areas=..."),
    "experience visa=needed": ("experience has no field 'visa'", "participant has it"),
    "person visa=needed": ("person has no field 'visa'", "participant has it"),
    "person mail=x": ("person has no field 'mail'", "did you mean email?"),
    "organisation state=open": ("organisation has no field 'state'",),
    "person reached=open": ("people have no states",),
    "experience title.country=RW": ("title of experience leads to no other record",),
    "participant delegation.organisation.contry=RW": ("organisation has no field 'contry'", "did you mean country?"),
    "participant visa=obtaned": ("visa cannot be 'obtaned', did you mean obtained?", "one of: needed"),
    "participant state=confrmed": ("state cannot be 'confrmed', did you mean confirmed?", "one of: named"),
    "participant reached=confrmed": ("reached cannot be 'confrmed', did you mean confirmed?",),
    "participant reached=withdrawn": ("reached cannot be 'withdrawn'", "one of: named, confirmed, cleared, attended"),
    "participant 'reached<confirmed'": ("reached has no order",),
    "participant 'state<confirmed'": ("state has no order: use = or !=", "reached=STATE"),
    "participant 'visa<x'": ("visa has no order",),
    "participant visiting=maybe": ("visiting is yes or no, not 'maybe'",),
    "participant state": ("'state' is not field=value",),
    "participant =confirmed": ("'=confirmed' is not field=value",),
    "participant delegation=D9": ("there is no delegation 'D9'", "lrflow list delegation"),
    "participant delegation=CSONNA": ("there is no delegation 'CSONNA'", "did you mean CSONA?"),
    "participant --of D9": ("there is no D9", "lrflow list delegation"),
    "sharing organisation=CSONNA": ("there is no organisation 'CSONNA'", "did you mean CSONA?"),
    "action 'due<'": ("due< lacks a value",),
    "action 'due<2017'": ("'2017' is not a day",),
    "action due=03/12/2016": ("03/12/2016 can be read two ways",),
    "plan 'months>six'": ("months is a whole number, not 'six'",),
    "plan 'cost>6000'": ("'6000' is not an amount", "5000 USD"),
    "experience areas=polcy": ("areas cannot be 'polcy', did you mean policy?",),
    "participant --columns nmae": ("participant has no field 'nmae'", "did you mean name?"),
    "route stge=draft": ("route has no field 'stge'",),
    "route 'visit_days>3'": ("routes are narrowed by what is typed of them",),
}


@pytest.mark.parametrize("line", list(WRONG))
def test_a_condition_that_cannot_be_meant_is_answered_with_what_can(lived, line):
    result = lived.run(f"list {line}")

    assert result.code in (2, 4) and not result.out
    assert [said for said in WRONG[line] if said not in result.err] == []


def test_a_wrong_field_is_told_even_where_there_is_no_record_yet(route):
    assert "offer has no field 'state_'" in route.run("list offer state_=chosen").err


def test_nothing_that_matches_is_no_error_and_says_how_to_see_all(lived):
    result = lived.do("list participant visa=refused")

    assert result.out == "no participants match. Next: lrflow list participant\n"


def test_columns_may_be_chosen_through_other_records(lived):
    result = lived.do("list participant --of D2 --columns name,language,organisation,organisation.country+is_lead")

    assert [line.split("\t") for line in result.out.splitlines()] == [
        ["id", "name", "language", "organisation", "organisation.country", "is_lead"],
        ["P3", "Asha Juma", "fr", "PANITA", "TZ", "no"],
        ["P4", "Juma Ali", "-", "PANITA", "TZ", "no"],
    ]


def test_people_are_listed_by_name_with_the_columns_asked_for(lived):
    result = lived.do("list person name=Juma --columns email,language")

    assert result.out.splitlines() == [
        "name\temail\tlanguage",
        "Asha Juma\tasha+lr@example.org\tfr",
        "Juma Ali\tjuma@example.org\t-",
    ]


def test_json_holds_whole_records_whatever_the_columns(lived):
    found = lived.do("list plan months=6 --columns title --json").data

    assert [(each["id"], each["cost"]) for each in found] == [("A1", {"minor": 500000, "currency": "USD"})]


@pytest.mark.parametrize(("narrowed", "says"), [("", "4 participants"), ("visa=", "2 of 4 participants")])
def test_a_terminal_is_told_how_many_and_a_pipe_is_not(lived, narrowed, says):
    terminal = Terminal(lived.home, "list", "participant", *narrowed.split())

    assert terminal.ended() == 0
    assert terminal.shown.splitlines()[-1] == says
    assert says not in lived.do(f"list participant {narrowed}").out


def test_routes_are_narrowed_too(own):
    own.do('add route kenya-2017 "Learning Route in Kenya" planned_visit=2017-03')
    own.do("use rwanda-2016")

    found = [each["route"] for each in own.do("list route stage=draft 'planned_visit>2016-12' --json").data]

    assert found == ["kenya-2017"]
    assert own.do("list route stage=closed").out == "no routes match. Next: lrflow list route\n"


def test_people_and_organisations_are_listed_before_there_is_a_route(empty):
    empty.do("add organisation CSONA kind=csa country=MW")

    assert listed(empty, "person email=grace@example.org") == ["Grace Phiri"]
    assert listed(empty, "organisation country=MW") == ["CSONA"]
    assert "there is no route yet" in empty.run("list organisation record_shared=no").err


# --------------------------------------------------------------------------------------------- the same in set and mark


def test_mark_and_set_are_narrowed_by_the_same_conditions(own):
    own.do("mark P confirmed --where visiting=yes --where visa= --except P2")
    own.do("set P visa=not_needed --where organisation.country=TZ+RW --where 'visa!=obtained'")
    own.do("set A1.1 A1.2 A2.1 title=late --where 'due<2017-01' --yes")

    assert listed(own, "participant state=confirmed") == ["P1", "P4"]
    assert listed(own, "participant visa=not_needed") == ["P2", "P4"]
    assert listed(own, "action title=late") == ["A1.1", "A1.2"]


def test_where_a_letter_means_two_kinds_those_without_the_field_do_not_match(own):
    own.do("set A country=KE --where months=12")  # plans have months, actions do not

    assert listed(own, "plan country=KE") == ["A2"]


def test_a_field_that_neither_kind_has_is_an_error(own):
    result = own.run("mark R verified --where due=2016-12")

    assert result.code == 2 and "has no field 'due'" in result.err


def test_a_parent_may_be_called_by_name_in_a_change_too(own):
    own.do("mark P confirmed --of PANITA --where state=named")

    assert listed(own, "participant state=confirmed") == ["P1", "P4"]


# -------------------------------------------------------------------------------------------------------- pure corners


@pytest.mark.parametrize("kind", [kind for kind in KINDS if KINDS[kind].letter])
def test_every_field_that_is_named_can_stand_in_a_condition(kind):
    known = [name for name in fields_known(kind) if name != "reached"]

    assert [name for name in known if place_of(kind, name)[0] == ""] == []


@pytest.mark.parametrize(
    ("typed", "taken"),
    [
        ("state=confirmed", ("state", "=", "confirmed")),
        (" due <= today ", ("due", "<=", "today")),
        ("due>=today", ("due", ">=", "today")),
        ("state!=done", ("state", "!=", "done")),
        ("what=a=b<c", ("what", "=", "a=b<c")),
        ("good-practice=yes", ("good_practice", "=", "yes")),
        ("organisation.country=MW", ("organisation.country", "=", "MW")),
        ("lead=", ("lead", "=", "")),
    ],
)
def test_a_condition_is_taken_apart_at_its_first_sign(typed, taken):
    found = read_condition(typed)

    assert (found.path, found.sign, found.text) == taken


@pytest.mark.parametrize("word", ["P1", "participant", "=x", "<5", "1a=b", "", "a b=c"])
def test_what_is_no_condition_is_refused(word):
    with pytest.raises(Misused):
        read_condition(word)


def test_an_amount_is_compared_within_its_currency_alone():
    lines = [
        record("budget", f"B{number}", amount=Money(minor, currency))
        for number, (minor, currency) in enumerate([(100, "USD"), (100, "GBP"), (5000, "RWF"), (99, "USD")], 1)
    ]

    known = facts(*lines)

    found = narrow(lines, ["budget"], ["amount>=1 USD"], known, None)
    assert [each.key for each in found] == ["B1"]


@pytest.mark.slow
def test_fifty_thousand_records_are_narrowed_in_one_go():
    delegations = [record("delegation", f"D{number}", organisation=number) for number in range(1, 11)]
    people = [record("participant", f"P{number}", delegation=f"D{number % 10 + 1}") for number in range(50_000)]
    known = facts(*delegations, *people)

    found = narrow(known.of("participant"), ["participant"], ["delegation=D1+D2", "visa="], known, None)

    assert len(found) == 10_000


def test_a_name_that_nobody_has_is_not_found():
    with pytest.raises(NotFound):
        narrow([], ["participant"], ["delegation=CSONA"], facts(), None)


def test_what_is_worked_out_is_known_to_conditions():
    assert [(kind, name) for kind, name in DERIVATIONS if kind in KINDS and name not in fields_known(kind)] == []
