"""From the start-up meeting to validated cases: how a route is prepared."""

from calendar import monthrange
from datetime import date
from pathlib import Path

from lrflow import nudges, tracks, workflow
from lrflow.demo.case import INVENTED, alliances, other_alliances
from lrflow.demo.desk import Desk, count_of

WORKFLOW = "sun-csn"


def tell(desk: Desk, folder: Path) -> None:
    """Draft, identification and systematization."""
    _introduce(desk)
    _start(desk)
    _choose_host(desk)
    _collect(desk)
    _select(desk, folder)
    _write_cases(desk)


def _introduce(desk: Desk) -> None:
    desk.say(f"{desk.case['route']['title']}, from its first meeting to its last answer, as lrflow lives it.")
    desk.say(
        "What happened, and when, comes from public sources. What they do not tell was filled in and is marked\n"
        f"{INVENTED}; names of people, addresses, and the texts of cases, plans and answers are invented throughout.\n"
        "Days are handed in, every message becomes a draft in outbox/, and nothing is sent to anyone."
    )


def _start(desk: Desk) -> None:
    case, route = desk.case, desk.case["route"]
    desk.begin_day("startup")
    wanted = ("donor", "budget", "starts_on", "ends_on", "routes_planned")
    programme = [f"{name}={case['programme'][name]}" for name in wanted]
    tracks.edit_programme(desk.database, programme, desk.act())
    _add_organisations(desk)
    words = [f"title={route['title']}", f"planned_visit={route['planned_visit']}", f"languages={route['language']}"]
    definition = workflow.read(workflow.folder_of(WORKFLOW))
    tracks.add_route(desk.database, desk.key, definition, words, desk.act())
    desk.set_route(facilitator=case["facilitator"]["organisation"], coordinator=case["coordinator"]["email"])
    desk.set_route(facilitator=case["facilitator"]["email"])
    facts = desk.facts()
    registered = sum(1 for each in facts.of("organisation") if each["in_registry"])
    desk.tell(
        f"{case['coordinator']['organisation']} opens a programme: {facts.programme['donor']} gives "
        f"{facts.programme['budget']} until {facts.programme['ends_on']}. Its first visit is meant for "
        f"{facts.route['planned_visit']}; {registered} alliances are in the registry, with whom every route is shared."
    )
    desk.advance()


def _add_organisations(desk: Desk) -> None:
    case = desk.case
    office, facilitator, language = case["coordinator"], case["facilitator"], case["route"]["language"]
    desk.add_shared("organisation", name=office["organisation"], kind="secretariat", country=office["country"])
    desk.add_shared("organisation", name=facilitator["organisation"], kind="facilitator")
    for country, name in alliances(case):
        desk.add_shared("organisation", name=name, kind="csa", country=country, language=language, in_registry=True)
    for name in other_alliances(case):
        desk.add_shared("organisation", name=name, kind="csa", in_registry=True)
    organisation = f"organisation={office['organisation']}"
    tracks.edit_shared(desk.database, "person", office["email"], [organisation], desk.act())
    desk.add_shared("person", name=facilitator["name"], email=facilitator["email"], language=language)


def _choose_host(desk: Desk) -> None:
    case, visiting = desk.case, alliances(desk.case)[:-1]
    desk.begin_day("call")
    for _, name in visiting:
        desk.add("delegation", name)
    desk.mark("D", "applied")
    desk.tell(f"The {count_of(desk.facts(), 'delegation', 'applied')} that will travel are written down.")
    host, others = case["route"]["host"], case["delegations"]["offers_of_others"]
    desk.begin_day("host")
    desk.add("offer", host)
    for number in others:
        desk.add("offer", case["registry"]["other"].format(number=number))
    desk.mark("H1", "chosen")
    desk.mark(f"H2-H{1 + len(others)}", "not_chosen", case["delegations"]["offers_declined"])
    desk.set_route(host=host, host_country=case["route"]["country"], places=case["route"]["places"])
    desk.tell(f"The host is {host}.")


def _collect(desk: Desk) -> None:
    experiences = desk.case["experiences"]
    desk.begin_day("scoped")
    for each in experiences["selected"]:
        named = {name: each[name] for name in ("title", "owner", "areas", "place", "learning_objectives", "innovation")}
        desk.add("experience", **named, good_practice=True)
    for number in range(len(experiences["selected"]) + 1, experiences["collected"] + 1):
        desk.add("experience", experiences["unnamed"].format(number=number))
    desk.tell(
        f"{len(desk.facts().of('experience'))} experiences are collected, {experiences['discussed']} discussed with "
        "their owners. The coordinator would like to go on; lrflow says why not, and what to type:"
    )
    desk.try_to_advance()


def _select(desk: Desk, folder: Path) -> None:
    case, chosen = desk.case, len(desk.case["experiences"]["selected"])
    desk.begin_day("selected")
    _attach_proof(desk, folder)
    desk.mark(f"E1-E{chosen}", "selected")
    rest = f"E{chosen + 1}-E{case['experiences']['collected']}"
    desk.mark(rest, "rejected", case["experiences"]["rejected_because"])
    for code in case["objectives"]["learning"]:
        desk.add("objective", case["objectives"]["title"].format(code=code), learning_objective=code)
    for theme in case["themes"]:
        desk.add("objective", theme["code"], sort="theme", area=theme["area"])
    desk.mark("O", "locked")
    desk.set_route("said to be the beginning of October now", planned_visit=case["route"]["replanned_visit"])
    facts = desk.facts()
    locked = [each["sort"] for each in facts.of("objective") if each.state == "locked"]
    desk.tell(
        f"{count_of(facts, 'experience', 'selected')} are selected, each claim with its evidence; "
        f"{count_of(facts, 'experience', 'rejected')} are not. {locked.count('objective')} learning objectives and "
        f"{locked.count('theme')} themes are locked, and the visit is put off to {facts.route['planned_visit']}."
    )
    desk.advance()


def _attach_proof(desk: Desk, folder: Path) -> None:
    for number, each in enumerate(desk.case["experiences"]["selected"], 1):
        claims = "good_practice+challenge+livelihoods" + ("+innovation" if each["innovation"] else "")
        proof, link = f"{each['proof']} (invented)", f"https://example.org/e{number}"
        tracks.attach(desk.database, folder, desk.key, f"E{number}", link, claims, desk.act(), proof)


def _write_cases(desk: Desk) -> None:
    case, route = desk.case, desk.case["route"]
    desk.begin_day("writing")
    for number in range(1, len(case["experiences"]["selected"]) + 1):
        desk.add("case", experience=f"E{number}")
    desk.tell(f"None of the {len(desk.facts().of('case'))} is validated yet, and the next stage cannot begin:")
    desk.try_to_advance()
    desk.begin_day("validated")
    desk.set("K", **{name: text for name, text in case["case"].items() if name != "validated_by"})
    desk.mark("K", "validated", validated_on=desk.day, validated_by=case["case"]["validated_by"], approved=True)
    desk.set_route(visit_start=route["visit_start"], visit_end=route["visit_end"])
    late = (date.fromisoformat(route["visit_start"]) - last_day_of(route["planned_visit"])).days
    desk.tell(f"The visit gets its days, the first of them {late} days after the month it was first meant for.")
    desk.advance()
    live = nudges.go_live(desk.database, desk.key, desk.act())
    desk.tell(
        f"So far this was a rehearsal. The coordinator goes live: from {live.live_on} rules speak, never about days "
        f"before. {INVENTED}"
    )


def last_day_of(month: str) -> date:
    """The last day of a *month* written as 2016-09."""
    year, number = (int(part) for part in month.split("-"))
    return date(year, number, monthrange(year, number)[1])
