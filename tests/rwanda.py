"""The Learning Route in Rwanda, 30 October - 5 November 2016: what its coordinator types, day by day, line for line.

The facts are those of the real route as far as public sources tell them; what they do not tell (names of people, texts
of cases and plans, evidence, answers to check-ins) is plainly made up and says so.
"""

from collections.abc import Iterator
from dataclasses import dataclass

ROUTE = "rwanda-2016"

# country, alliance, title of its plan, further facts of the plan; the visitors in the order of their delegations D1-D8.
PLANS = (
    ("ET", "ECSC-SUN", "Nutrition visibility and awareness through the media", 'beneficiaries="30 editors, 13 journalists"'),
    ("KE", "SUN CSA Kenya", "Mainstreaming nutrition as a multi-sectorial agenda in Mombasa County", ""),
    ("MW", "CSONA", "District stakeholder mapping (Nsanje and Zomba)", 'cost="5000 USD" ends_on=2017-06'),
    ("NG", "CS-SUNN", "Improving nutrition through policy implementation at all levels", 'cost="44100 USD"'),
    ("SL", "SUNI-CSP", "Eat what you grow", 'cost="5150 USD" months=6 beneficiaries="about 2,000 people"'),
    ("TZ", "PANITA", "Accountable district nutrition steering committees to scale up nutrition", ""),
    ("UG", "SUN CSA Uganda", "Nutrition budget line advocacy", 'cost="18500 USD"'),
    ("ZW", "SUN CSA Zimbabwe", "(title not found)", ""),
    ("RW", "SUN Alliance Rwanda", "Enhancing faith based organizations to promote nutrition behaviour change", ""),
)
VISITORS, HOST = PLANS[:-1], PLANS[-1]
OTHER_ALLIANCES = tuple(f"Alliance {number}" for number in range(10, 40))  # 39 in the registry, 9 of them known by name
REGISTRY = tuple(alliance for _, alliance, _, _ in PLANS) + OTHER_ALLIANCES

# title, owner, areas, place, programme objectives it serves (made up), whether innovation is claimed too, what proves it
SELECTED = (
    ("Rwanda Nutrition Stakeholders & Action Mapping", "UN REACH led", "msp+policy", "Kigali", "LO1+LO2", False, "national map in use"),
    (
        "Communication for behavioural change through radio soap opera",
        "Land O'Lakes, Urunana DC",
        "advocacy",
        "Kigali",
        "LO1+LO4",
        True,
        "audience survey",
    ),
    (
        "Pro-poor public-private partnership (fortified flour)",
        "DUHAMIC-ADRI and SOSOMA",
        "advocacy",
        "Kigali",
        "LO1",
        True,
        "sales and growth-monitoring figures",
    ),
    ("Milk way: Nyanza dairy production", "", "advocacy+policy", "Nyanza", "LO1+LO2", False, "district milk consumption"),
    (
        "Decentralization and operationalisation at district level: SUN Alliance in Gisagara",
        "",
        "msp+governance+advocacy",
        "Gisagara",
        "LO3",
        True,
        "district plan adopted",
    ),
)
THEMES = (  # code, programme area
    ("advocacy", "advocacy"),
    ("policy_tracking", "policy"),
    ("campaign_mobilisation", "advocacy"),
    ("msp_coordination", "msp"),
    ("behaviour_change_comm", "advocacy"),
    ("integrated_approaches", ""),
    ("governance", "governance"),
)
TRAINED_ON = {"C1-C4": "2016-10-14", "C5-C6": "2016-10-13", "C7-C10": "2016-10-12"}
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


@dataclass(frozen=True, slots=True)
class Day:
    """One day at the desk: what happened, the command lines typed that day (without `lrflow`), the move that ends it."""

    on: str
    what: str
    lines: tuple[str, ...]
    move: str = ""


def programme() -> Iterator[str]:
    """The programme, its organisations and the route, from the start-up meeting."""
    yield 'init --me "Grace Phiri <grace@example.org>" --programme "SUN CSN Learning Routes" --timezone Africa/Blantyre'
    yield (
        'set programme donor="Children\'s Investment Fund Foundation (CIFF)" budget="1009038.00 GBP" '
        "starts_on=2015-02-02 ends_on=2018-01-31 routes_planned=2"
    )
    yield 'add organisation "Procasur Corporation" kind=facilitator'
    for country, alliance, _, _ in PLANS:
        yield f'add organisation "{alliance}" kind=csa country={country} language=en in_registry=yes'
    for alliance in OTHER_ALLIANCES:
        yield f'add organisation "{alliance}" kind=csa in_registry=yes'
    yield (
        f'add route {ROUTE} "Learning Route in Rwanda" planned_visit=2016-09 languages=en '
        'facilitator="Procasur Corporation"'
    )


def applications() -> Iterator[str]:
    """The alliances that will visit have answered the call with the survey."""
    for _, alliance, _, _ in VISITORS:
        yield f'add delegation "{alliance}"'
    yield "mark D1-D8 applied --yes"


def host() -> Iterator[str]:
    """The host alliance is chosen among those that offered; of the other four no name is known."""
    yield f'add offer "{HOST[1]}"'
    yield "mark H1 chosen"
    yield f'set route host="{HOST[1]}" host_country={HOST[0]}'


def collected() -> Iterator[str]:
    """The scoping visit brings fifteen experiences home; ten of them will not be selected."""
    for title, owner, areas, place, serves, innovates, _ in SELECTED:
        owned = f' owner="{owner}"' if owner else ""
        yield (
            f'add experience "{title}"{owned} areas={areas} place={place} learning_objectives={serves} '
            f"good_practice=yes innovation={'yes' if innovates else 'no'}"
        )
    for number in range(6, 16):
        yield f'add experience "Experience {number}, name not known"'


def selection() -> Iterator[str]:
    """Evidence for each claim, five selected, ten not, objectives and themes locked."""
    for number, (*_, innovates, proof) in enumerate(SELECTED, 1):
        claims = "good_practice+challenge+livelihoods" + ("+innovation" if innovates else "")
        yield f'attach E{number} https://example.org/e{number} --for {claims} --what "{proof} (made up)"'
    yield "mark E1-E5 selected --yes"
    yield 'mark E6-E15 rejected --reason "not among the five selected" --yes'
    for number in range(1, 5):
        yield f'add objective "Programme objective LO{number}, as it is met in Rwanda" learning_objective=LO{number}'
    for code, area in THEMES:
        yield f'add objective {code} sort=theme{f" area={area}" if area else ""}'
    yield "mark O locked --yes"


def cases() -> Iterator[str]:
    """The case documents of the five, drafted and discussed with their actors."""
    yield (
        'set K how="made up" who="made up" what="made up" success_factors="made up" practices="made up" '
        'lessons="made up | in Rwanda"'
    )
    yield 'mark K validated validated_on=2016-09-15 validated_by="actors of the experience" approved=yes'


def training() -> Iterator[str]:
    """Two champions for each experience; their names are not known."""
    for number in range(1, 6):
        for letter in "ab":
            yield f'add person "Champion {number}{letter}" c{number}{letter}@example.org organisation="{HOST[1]}"'
            yield f"add champion c{number}{letter}@example.org experiences=E{number}"
    for champions, day in TRAINED_ON.items():
        yield f"mark {champions} trained trained_on={day} outcome=passed"


def people() -> Iterator[str]:
    """Three people of each alliance and its focal point; addresses are made up."""
    yield f'add delegation "{HOST[1]}" visiting=no'
    for delegation, (country, *_) in enumerate(PLANS, 1):
        low = country.lower()
        for number in range(1, 4):
            yield f'add participant "Participant {country} {number}" {low}{number}@example.org --of D{delegation}'
        yield f'add person "Focal point {country}" {low}-focal@example.org'
        yield f"set D{delegation} lead={low}1@example.org focal_point={low}-focal@example.org"
    yield "mark D confirmed --yes"
    yield "mark P confirmed --yes"
    yield "mark P cleared visa=not_needed --yes"


def itinerary() -> Iterator[str]:
    """The days of the visit."""
    yield "set route visit_start=2016-10-30 visit_end=2016-11-05 places=\"Kigali;Nyanza;Huye;Gisagara\""
    for session in SESSIONS:
        yield f"add session {session}"


def drafts() -> Iterator[str]:
    """Everyone attended; nine draft plans were presented."""
    yield "mark S held --yes"
    yield "mark P attended --yes"
    yield "mark D attended --yes"
    for delegation, (_, _, title, facts) in enumerate(PLANS, 1):
        yield f'add plan "{title}" kind=test --of D{delegation} {facts}'.rstrip()


def final_plans() -> Iterator[str]:
    """The final plans have arrived; what the forms say about the innovation is made up."""
    yield (
        'set A innovation="made up" adapted="made up" experience=E1 serves=SO1 themes=O5+O8 strategy_fit="made up" --yes'
    )
    yield "mark A final final_on=2016-11-29 --yes"


def awards() -> Iterator[str]:
    """The webinar, and three plans awarded."""
    yield "add sharing webinar on=2017-01-31"
    yield 'mark A1 A5 A6 awarded award="5000 USD" awarded_on=2017-01-31'


def tanzania() -> Iterator[str]:
    """Three months of work, then complete."""
    yield "mark A6 started started_on=2017-06-14"
    yield "mark A6 completed finished_on=2017-09-14"


def last_words() -> Iterator[str]:
    """Two plans are reported complete at the wrap-up meeting; of six nothing more was heard."""
    yield "mark A1 A5 started started_on=2017-01-31"
    yield "mark A1 A5 completed finished_on=2017-10-26"
    yield 'mark A no_word --where state=final --reason "no report is public" --yes'


def shared() -> Iterator[str]:
    """Record and report are out; the record went to all alliances of the registry but the last one."""
    yield "set route record_on=2017-10-27 record_link=https://example.org/record donor_report_on=2017-10-27"
    for alliance in REGISTRY[:-1]:
        yield f'add sharing route_record "{alliance}" on=2017-10-27'
    yield "mark R sent on=2017-10-27 --where sort=route_record --yes"


def last_answers() -> Iterator[str]:
    """The last alliance has the record; the last check-ins are answered or excused (made up)."""
    yield f'add sharing route_record "{REGISTRY[-1]}" on=2017-11-06'
    yield "mark R40 sent on=2017-11-06"
    yield "mark Q1.12 Q5.12 Q6.12 answered answered_on=2017-11-06"
    yield 'mark Q excused --where state=scheduled --reason "no answer is public" --yes'


def unanswered(month: int) -> tuple[str, ...]:
    """Nothing is known of the answers to the check-ins of *month*."""
    return (f'mark Q excused --where month={month} --reason "no answer is public" --yes',)


YEAR = (
    Day("2016-02-11", "start-up meeting, London", tuple(programme()), "advance"),
    Day("2016-03-31", "the call has been answered", tuple(applications())),
    Day("2016-05-20", "Rwanda is chosen", tuple(host())),
    Day("2016-06-10", "the scoping visit ends: 15 experiences collected", tuple(collected())),
    Day("2016-06-30", "five are selected, objectives and themes locked", tuple(selection()), "advance"),
    Day("2016-09-01", "the cases are being written", tuple(f"add case --of E{number}" for number in range(1, 6))),
    Day("2016-09-15", "five case documents validated", tuple(cases()), "advance"),
    Day("2016-10-14", "champions trained", tuple(training())),
    Day("2016-10-21", "24 visitors of 8 alliances confirmed, travel cleared", (*people(), *itinerary()), "advance"),
    Day("2016-11-05", "draft plans presented, Kigali", tuple(drafts()), "advance"),
    Day("2016-11-16", "draft results of the survey", ("mark Q answered answered_on=today --where month=0 --yes",)),
    Day("2016-11-29", "final plans received", tuple(final_plans())),
    Day("2016-12-19", "first check-in", unanswered(1)),
    Day("2017-01-31", "webinar and awards", tuple(awards())),
    Day("2017-02-20", "check-in at three months", unanswered(3)),
    Day("2017-05-19", "check-in at six months", unanswered(6)),
    Day("2017-09-14", "Tanzania reports its plan complete", tuple(tanzania())),
    Day("2017-10-26", "wrap-up meeting", tuple(last_words())),
    Day("2017-10-27", "record and report are out", tuple(shared())),
    Day("2017-11-06", "nothing is open any more", tuple(last_answers()), f"advance --confirm {ROUTE}"),
)
