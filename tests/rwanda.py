"""The Learning Route in Rwanda, 30 October - 5 November 2016: what its coordinator typed, day by day, line for line.

The facts are those of the real route as far as public sources tell them. What they do not tell (names of people and of
thirty alliances, texts of cases and plans, evidence, answers to check-ins, when plans began) is made up and says so.
"""

from collections.abc import Iterator
from dataclasses import dataclass

ROUTE = "rwanda-2016"
HOST = "SUN Alliance Rwanda"

# Delegations D1-D9 in this order, each with its plan A1-A9: country, alliance, title, what else is known of the plan.
DELEGATIONS = (
    (
        "ET",
        "ECSC-SUN",
        "Nutrition visibility and awareness through the media",
        'beneficiaries="30 editors, 13 journalists"',
    ),
    ("KE", "SUN CSA Kenya", "Mainstreaming nutrition as a multi-sectorial agenda in Mombasa County", ""),
    ("MW", "CSONA", "District stakeholder mapping (Nsanje and Zomba)", 'cost="5000 USD" ends_on=2017-06'),
    ("NG", "CS-SUNN", "Improving nutrition through policy implementation at all levels", 'cost="44100 USD"'),
    ("SL", "SUNI-CSP", "Eat what you grow", 'cost="5150 USD" months=6 beneficiaries="about 2,000 people"'),
    ("TZ", "PANITA", "Accountable district nutrition steering committees to scale up nutrition", ""),
    ("UG", "SUN CSA Uganda", "Nutrition budget line advocacy", 'cost="18500 USD"'),
    ("ZW", "SUN CSA Zimbabwe", "(title not found)", ""),
    ("RW", HOST, "Enhancing faith based organizations to promote nutrition behaviour change", ""),
)
REGISTRY = (*(alliance for _, alliance, _, _ in DELEGATIONS), *(f"Alliance {number}" for number in range(10, 40)))

# E1-E5: title, who runs it, areas, place, programme objectives it serves (made up), innovation too?, evidence (made up)
SELECTED = (
    (
        "Rwanda Nutrition Stakeholders & Action Mapping",
        "UN REACH led",
        "msp+policy",
        "Kigali",
        "LO1+LO2",
        "no",
        "national map in use",
    ),
    (
        "Communication for behavioural change through radio soap opera",
        "Land O'Lakes, Urunana DC",
        "advocacy",
        "Kigali",
        "LO1+LO4",
        "yes",
        "audience survey",
    ),
    (
        "Pro-poor public-private partnership (fortified flour)",
        "DUHAMIC-ADRI and SOSOMA",
        "advocacy",
        "Kigali",
        "LO1",
        "yes",
        "sales and growth-monitoring figures",
    ),
    (
        "Milk way: Nyanza dairy production, from producer to consumer through national policy",
        "",
        "advocacy+policy",
        "Nyanza",
        "LO1+LO2",
        "no",
        "district milk consumption",
    ),
    (
        "Decentralization and operationalisation at district level: SUN Alliance in Gisagara",
        "",
        "msp+governance+advocacy",
        "Gisagara",
        "LO3",
        "yes",
        "district plan adopted",
    ),
)
THEMES = (
    "advocacy sort=theme area=advocacy",
    "policy_tracking sort=theme area=policy",
    "campaign_mobilisation sort=theme area=advocacy",
    "msp_coordination sort=theme area=msp",
    "behaviour_change_comm sort=theme area=advocacy",
    "integrated_approaches sort=theme",
    "governance sort=theme area=governance",
)
TRAININGS = {"C1-C4": "2016-10-14", "C5-C6": "2016-10-13", "C7-C10": "2016-10-12"}
SESSIONS = (
    "2016-10-30 experience_fair place=Kigali objectives=O1-O4",
    "2016-10-31 ceremony place=Kigali stakeholders=government+un+donor+csa+media",
    "2016-10-31 case_presentation experience=E1 leads=C1 place=Kigali",
    "2016-11-01 case_presentation experience=E2 leads=C3 place=Kigali",
    "2016-11-01 analysis experience=E1",
    "2016-11-01 analysis experience=E2",
    "2016-11-02 field_visit experience=E3 leads=C5 place=Kigali stakeholders=business+community",
    "2016-11-02 analysis experience=E3",
    "2016-11-03 field_visit experience=E4 leads=C7 place=Nyanza stakeholders=business+government",
    "2016-11-03 analysis experience=E4 place=Huye",
    "2016-11-04 field_visit experience=E5 leads=C9 place=Gisagara stakeholders=government+community",
    "2016-11-04 analysis experience=E5 place=Huye",
    "2016-11-05 plan_drafting place=Kigali objectives=O1-O4",
    "2016-11-05 plan_presentation place=Kigali objectives=O1-O4",
)
UNKNOWN = '--reason "nothing about it is public" --yes'


@dataclass(frozen=True, slots=True)
class Day:
    """One day at the desk: what happened, the command lines typed (without `lrflow`), and the move that ends it."""

    on: str
    what: str
    lines: tuple[str, ...]
    move: str = ""


def start_up() -> Iterator[str]:
    """The programme, its organisations and the route."""
    yield 'init --me "Grace Phiri <grace@example.org>" --programme "SUN CSN Learning Routes" --timezone Africa/Blantyre'
    yield (
        'set programme donor="Children\'s Investment Fund Foundation (CIFF)" budget="1009038.00 GBP" '
        "starts_on=2015-02-02 ends_on=2018-01-31 routes_planned=2"
    )
    yield 'add organisation "Procasur Corporation" kind=facilitator'
    for country, alliance, _, _ in DELEGATIONS:
        yield f'add organisation "{alliance}" kind=csa country={country} language=en in_registry=yes'
    for alliance in REGISTRY[len(DELEGATIONS) :]:
        yield f'add organisation "{alliance}" kind=csa in_registry=yes'
    yield f'add route {ROUTE} "Learning Route in Rwanda" planned_visit=2016-09 languages=en facilitator=Procasur'


def applications() -> Iterator[str]:
    """The eight alliances that will visit have answered the call."""
    for _, alliance, _, _ in DELEGATIONS[:-1]:
        yield f'add delegation "{alliance}"'
    yield "mark D1-D8 applied --yes"


def host_chosen() -> Iterator[str]:
    """Five alliances offered to host; only the name of the one chosen is known."""
    yield f'add offer "{HOST}"'
    yield "mark H1 chosen"
    yield f'set route host="{HOST}" host_country=RW'


def scoping() -> Iterator[str]:
    """The scoping visit brings fifteen experiences home."""
    for title, owner, areas, place, serves, innovation, _ in SELECTED:
        yield (
            f'add experience "{title}" owner="{owner}" areas={areas} place={place} learning_objectives={serves} '
            f"good_practice=yes innovation={innovation}"
        )
    for number in range(6, 16):
        yield f'add experience "Experience {number}, title not known"'


def selection() -> Iterator[str]:
    """Evidence for each claim; five are selected, ten are not; objectives and themes are locked."""
    for number, (*_, innovation, evidence) in enumerate(SELECTED, 1):
        claims = "good_practice+challenge+livelihoods" + ("+innovation" if innovation == "yes" else "")
        yield f'attach E{number} https://example.org/e{number} --for {claims} --what "{evidence} (made up)"'
    yield "mark E1-E5 selected"
    yield 'mark E6-E15 rejected --reason "not among the five selected" --yes'
    for number in range(1, 5):
        yield f'add objective "Objective {number} of the route (made up)" learning_objective=LO{number}'
    for theme in THEMES:
        yield f"add objective {theme}"
    yield "mark O locked --yes"


def validation() -> Iterator[str]:
    """The case documents are discussed with their actors."""
    yield (
        'set K how="made up" who="made up" what="made up" success_factors="made up" practices="made up" '
        'lessons="made up | in Rwanda"'
    )
    yield 'mark K validated validated_on=2016-09-15 validated_by="actors, names made up" approved=yes'


def training() -> Iterator[str]:
    """Two champions for each experience."""
    for number in range(1, 6):
        for each in (f"{number}a", f"{number}b"):
            yield f'add person "Champion {each}" c{each}@example.org organisation="{HOST}"'
            yield f"add champion c{each}@example.org experiences=E{number}"
    for champions, day in TRAININGS.items():
        yield f"mark {champions} trained trained_on={day} outcome=passed"


def people() -> Iterator[str]:
    """Three people and a focal point of each alliance, the host's own too; all are confirmed and cleared."""
    yield f'add delegation "{HOST}" visiting=no'
    for number, (country, *_) in enumerate(DELEGATIONS, 1):
        code = country.lower()
        for each in (1, 2, 3):
            yield f'add participant "Participant {country} {each}" {code}{each}@example.org --of D{number}'
        yield f'add person "Focal point {country}" {code}-focal@example.org'
        yield f"set D{number} lead={code}1@example.org focal_point={code}-focal@example.org"
    yield "mark D confirmed --yes"
    yield "mark P cleared visa=not_needed --yes"


def itinerary() -> Iterator[str]:
    """The seven days of the visit."""
    yield 'set route visit_start=2016-10-30 visit_end=2016-11-05 places="Kigali;Nyanza;Huye;Gisagara"'
    for session in SESSIONS:
        yield f"add session {session}"


def drafts() -> Iterator[str]:
    """Everyone attended; nine draft plans were presented."""
    yield "mark S held --yes"
    yield "mark P attended --yes"
    yield "mark D attended --yes"
    for number, (_, _, title, known) in enumerate(DELEGATIONS, 1):
        yield f'add plan "{title}" kind=test --of D{number} {known}'


def final_plans() -> Iterator[str]:
    """The final plans are in; what their forms say of the innovation is made up."""
    yield 'set A innovation="made up" adapted="made up" experience=E1 serves=SO1 themes=O5+O8 --yes'
    yield "mark A final final_on=2016-11-29 --yes"


def wrap_up() -> Iterator[str]:
    """Two plans are reported complete; of six nothing more is known."""
    yield "mark A1 A5 started started_on=2017-01-31"
    yield "mark A1 A5 completed finished_on=2017-10-26"
    yield f"mark A no_word --where state=final {UNKNOWN}"


def shared() -> Iterator[str]:
    """Record and report are out; the record has gone to every alliance of the registry but the last one."""
    yield "set route record_on=2017-10-27 record_link=https://example.org/record donor_report_on=2017-10-27"
    for alliance in REGISTRY[:-1]:
        yield f'add sharing route_record "{alliance}" on=2017-10-27'


def last_answers() -> Iterator[str]:
    """The last alliance has the record; the last check-ins are answered or excused (made up)."""
    yield f'add sharing route_record "{REGISTRY[-1]}" on=2017-11-06'
    yield "mark Q1.12 Q5.12 Q6.12 answered answered_on=2017-11-06"
    yield f"mark Q excused --where state=scheduled {UNKNOWN}"


YEAR = (
    Day("2016-02-11", "start-up meeting, London", tuple(start_up()), "advance"),
    Day("2016-03-31", "the call has been answered", tuple(applications())),
    Day("2016-05-20", "Rwanda is chosen", tuple(host_chosen())),
    Day("2016-06-10", "the scoping visit ends: 15 experiences collected", tuple(scoping())),
    Day("2016-06-30", "five are selected, objectives and themes locked", tuple(selection()), "advance"),
    Day("2016-09-01", "the cases are being written", tuple(f"add case E{number}" for number in range(1, 6))),
    Day("2016-09-15", "five case documents validated", tuple(validation()), "advance"),
    Day("2016-10-14", "champions trained", tuple(training())),
    Day("2016-10-21", "24 visitors of 8 alliances confirmed, travel cleared", (*people(), *itinerary()), "advance"),
    Day("2016-11-05", "draft plans presented, Kigali", tuple(drafts()), "advance"),
    Day("2016-11-16", "draft results of the survey", ("mark Q answered answered_on=today --where month=0 --yes",)),
    Day("2016-11-29", "final plans received", tuple(final_plans())),
    Day("2016-12-19", "month 1", (f"mark Q excused --where month=1 {UNKNOWN}",)),
    Day(
        "2017-01-31",
        "webinar; three plans awarded",
        ("add sharing webinar on=today", 'mark A1 A5 A6 awarded award="5000 USD" awarded_on=2017-01-31'),
    ),
    Day("2017-02-20", "month 3", (f"mark Q excused --where month=3 {UNKNOWN}",)),
    Day("2017-05-19", "month 6", (f"mark Q excused --where month=6 {UNKNOWN}",)),
    Day(
        "2017-09-14",
        "Tanzania reports its plan complete after three months of work",
        ("mark A6 started started_on=2017-06-14", "mark A6 completed finished_on=2017-09-14"),
    ),
    Day("2017-10-26", "wrap-up meeting", tuple(wrap_up())),
    Day("2017-10-27", "record and report are out", tuple(shared())),
    Day("2017-11-06", "nothing is open any more", tuple(last_answers()), f"advance --confirm {ROUTE}"),
)
