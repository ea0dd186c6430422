"""Routes built by the real command line, each stage from the one before; built once a run, copied for each test."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from programme import Programme

OWNER = "grace@example.org"
COORDINATOR = "carla@example.org"  # coordinates the route, but does not own the programme
FACILITATOR = "felix@example.org"
HOST = "hope@example.org"
REASON = '--reason "decided by the steering group on Monday"'
COUNTRIES = ("MW", "TZ", "KE", "UG", "NG", "ET", "SL", "GM")  # eight alliances, three people each

ALLIANCES = tuple(f"Alliance {country}" for country in COUNTRIES)

Build = Callable[[Programme], None]


def begun(csn: Programme) -> None:
    """A route in Rwanda that has entered identification on 11 February 2016."""
    csn.now = "2016-02-11"
    csn.do(f'init --me "Grace Phiri <{OWNER}>" --programme "SUN CSN" --timezone Africa/Blantyre')
    csn.do('set programme donor=CIFF budget="1009038.00 GBP" starts_on=2015-02-02 ends_on=2018-01-31')
    for name, email in (("Carla Ruiz", COORDINATOR), ("Felix Soto", FACILITATOR), ("Hope Uwera", HOST)):
        csn.do(f'add person "{name}" {email} country=RW')
    csn.do("add organisation Procasur kind=facilitator country=CL")
    csn.do('add organisation "SUN Alliance Rwanda" kind=csa country=RW in_registry=yes')
    csn.do('add route rwanda-2016 "Learning Route in Rwanda" planned_visit=2016-09 facilitator=Procasur')
    csn.do('set route host="SUN Alliance Rwanda" host_country=RW')
    csn.do(f"set route coordinator={COORDINATOR} facilitator={FACILITATOR} host={HOST}")
    csn.do("advance")
    csn.now = "2016-06-10"


def selected(csn: Programme) -> None:
    """Three relevant experiences are selected; an objective O1 and the themes O2 and O3 are locked."""
    for title, areas in (("Milk way", "policy+msp"), ("Kitchen gardens", "advocacy"), ("Budget club", "governance")):
        csn.do(f'add experience "{title}" areas={areas} good_practice=yes learning_objectives=LO1')
    for key in ("E1", "E2", "E3"):
        csn.do(f"attach {key} https://example.org/{key} --for good_practice+challenge+livelihoods")
    csn.do("mark E1-E3 selected")
    csn.do('add objective "How community work is scaled up" learning_objective=LO1')
    csn.do('add objective "Advocacy" sort=theme area=advocacy')
    csn.do('add objective "Platforms" sort=theme area=msp')
    csn.do("mark O locked")


def documenting(csn: Programme) -> None:
    """In systematization: each of the three experiences has a complete case that is drafted."""
    csn.do("advance")
    csn.now = "2016-09-15"
    for key in ("E1", "E2", "E3"):
        csn.do(f"add case {key}")
    csn.do(
        'set K1-K3 how="door to door" who="mothers" what="milk" success_factors=trust practices=visits '
        'lessons="begin small | a trusted leader" validated_on=2016-09-14 validated_by="Ana; Jean" approved=yes'
    )
    csn.do("mark K1-K3 drafted")


def training(csn: Programme) -> None:
    """In champion training: cases validated; each experience has one champion of Rwanda, nominated."""
    csn.do("mark K1-K3 validated")
    csn.do("advance")
    csn.now = "2016-10-14"
    for number in (1, 2, 3):
        csn.do(f'add person "Champion {number}" c{number}@example.org country=RW')
        csn.do(f"add champion c{number}@example.org experiences=E{number}")


def ready(csn: Programme) -> None:
    """In champion training with every guard met: 24 visitors of 8 alliances, an itinerary of seven days."""
    csn.do("mark C1-C3 trained trained_on=2016-10-13 outcome=passed")
    csn.do("set route visit_start=2016-10-30 visit_end=2016-11-05")
    for number, (country, alliance) in enumerate(zip(COUNTRIES, ALLIANCES, strict=True), start=1):
        csn.do(f'add organisation "{alliance}" kind=csa country={country} in_registry=yes')
        csn.do(f'add delegation "{alliance}"')
        for person in (1, 2, 3):
            csn.do(f'add participant "Visitor {country}{person}" v{number}{person}@example.org --of D{number}')
    csn.do("mark D confirmed --yes")
    csn.do("mark P cleared visa=obtained --yes")
    for line in ITINERARY:
        csn.do(f"add session {line}")


ITINERARY = (
    "2016-10-30 experience_fair objectives=O1 stakeholders=government+community",
    "2016-10-31 case_presentation experience=E1 leads=C1",
    "2016-10-31 analysis experience=E1",
    "2016-11-01 field_visit experience=E2 leads=C2",
    "2016-11-02 analysis experience=E2",
    "2016-11-03 field_visit experience=E3 leads=C3",
    "2016-11-03 analysis experience=E3",
    "2016-11-05 plan_drafting objectives=O1",
    "2016-11-05 evaluation",
)


def visiting(csn: Programme) -> None:
    """In the learning visit, on its last day; attendance and plans are not yet recorded."""
    csn.do("advance")
    csn.now = "2016-11-05"


def following(csn: Programme) -> None:
    """In follow-up: all 24 attended, each of the 8 delegations drafted a plan."""
    csn.do("mark P attended --yes")
    for number in range(1, 9):
        csn.do(f'add plan "Gardens {number}" kind=test --of D{number}')
    csn.do("advance")
    csn.now = "2016-11-30"


def ended(csn: Programme) -> None:
    """Bring every plan and every check-in to an end."""
    csn.do('mark A no_word --reason "never answered" --yes')
    csn.do('mark Q missed --reason "never answered" --yes')


def share(csn: Programme, *names: str) -> None:
    """Send the route's record to each of the alliances *names*."""
    for name in names:
        csn.do(f'add sharing route_record "{name}" via=e-mail')
    csn.do("mark R sent on=2016-11-30 --yes")


STAGES: tuple[Build, ...] = (begun, selected, documenting, training, ready, visiting, following)


def copied(build: Build, factory: pytest.TempPathFactory, home: Path) -> Programme:
    """A programme of one's own in *home* as *build*, and those before it, leave it; each is built once a run."""
    model = factory.getbasetemp() / f"model-{build.__name__}"
    if not model.exists():
        # Built aside, so that a build that breaks is not taken for a model by the next test.
        before, aside = STAGES.index(build) - 1, factory.mktemp(build.__name__) / "csn"
        fresh = copied(STAGES[before], factory, aside) if before >= 0 else Programme(aside)
        build(fresh)
        (aside / "now").write_text(fresh.now)
        aside.rename(model)
    shutil.copytree(model, home)
    return Programme(home, now=(home / "now").read_text())


@pytest.fixture
def young(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Programme:
    """A route in identification, without any experience."""
    return copied(begun, tmp_path_factory, tmp_path / "csn")


@pytest.fixture
def chosen(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Programme:
    """A route in identification with three selected experiences, a locked objective and two locked themes."""
    return copied(selected, tmp_path_factory, tmp_path / "csn")


@pytest.fixture
def cases(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Programme:
    """A route in systematization; its three cases are complete and drafted."""
    return copied(documenting, tmp_path_factory, tmp_path / "csn")


@pytest.fixture
def teachers(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Programme:
    """A route in champion training; C1 to C3 are nominated, actors of E1 to E3."""
    return copied(training, tmp_path_factory, tmp_path / "csn")


@pytest.fixture
def csn(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Programme:
    """A route in champion training that may go on its visit: 24 visitors of 8 alliances."""
    return copied(ready, tmp_path_factory, tmp_path / "csn")


@pytest.fixture
def visit(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Programme:
    """A route on the last day of its visit; attendance and plans are not recorded."""
    return copied(visiting, tmp_path_factory, tmp_path / "csn")


@pytest.fixture
def follow_up(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Programme:
    """A route in follow-up, three weeks after its visit; eight plans are drafted."""
    return copied(following, tmp_path_factory, tmp_path / "csn")
