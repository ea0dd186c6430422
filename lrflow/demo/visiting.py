"""From the naming of people to the last day in Kigali: the training and the visit."""

from datetime import date, timedelta

from lrflow import routes
from lrflow.demo.case import INVENTED, Case, alliances, delegation_of, participant_of, participants_of
from lrflow.demo.desk import Desk, count_of

WITHOUT_PAPERS = "travel-cleared"


def tell(desk: Desk) -> None:
    """Champion training and learning visit."""
    _name_people(desk)
    _confirm(desk)
    _train(desk)
    _depart(desk)
    _visit(desk)


def _name_people(desk: Desk) -> None:
    case = desk.case
    desk.begin_day("named")
    desk.add("delegation", case["route"]["host"], visiting=False)
    desk.mark("D", "accepted")
    for country, _ in alliances(case):
        _name_delegation(desk, country)
    for number, _ in enumerate(case["experiences"]["selected"], 1):
        for letter in case["champions"]["each"]:
            _name_champion(desk, number, letter)
    facts = desk.facts()
    visiting = sum(1 for each in facts.of("participant") if facts.value(each, "visiting"))
    desk.tell(
        f"{visiting} people from {len(alliances(case)) - 1} alliances will come, and {len(facts.of('champion'))} "
        "champions will lead them. From now on lrflow asks each traveller for papers, in their own morning."
    )


def _name_delegation(desk: Desk, country: str) -> None:
    people, key = desk.case["delegations"], delegation_of(desk.case, country)
    low = country.lower()
    for number in range(1, people["people"] + 1):
        email = people["email"].format(country=low, number=number)
        desk.add("participant", people["name"].format(country=country, number=number), email, delegation=key)
    focal = people["focal_email"].format(country=low)
    desk.add_shared("person", name=people["focal_name"].format(country=country), email=focal)
    desk.set(key, lead=people["email"].format(country=low, number=1), focal_point=focal)


def _name_champion(desk: Desk, number: int, letter: str) -> None:
    champions = desk.case["champions"]
    name, email = (champions[each].format(experience=number, letter=letter) for each in ("name", "email"))
    desk.add_shared("person", name=name, email=email, organisation=desk.case["route"]["host"])
    desk.add("champion", email, experiences=f"E{number}", trained_by=champions["trained_by"])


def _confirm(desk: Desk) -> None:
    case = desk.case
    early = [country for country, _ in alliances(case) if country not in case["delegations"]["confirmed_late"]]
    desk.begin_day("confirming")
    _plan_sessions(desk)
    _confirm_people(desk, early)
    facts = desk.facts()
    waiting = facts.value(next(each for each in facts.of("participant") if each["visa"] == "needed"), "person.name")
    desk.tell(
        f"{len(facts.of('session'))} sessions fill {facts.value(facts.route, 'visit_days')} days. One visa, that of "
        f"{late_visa(case)} ({waiting}), is still to come."
    )


def _plan_sessions(desk: Desk) -> None:
    leads = {f"E{number}": f"C{2 * number - 1}" for number in range(1, len(desk.case["experiences"]["selected"]) + 1)}
    for each in desk.case["sessions"]:
        fields = {name: value for name, value in each.items() if name != "p"}
        if each["kind"] in ("case_presentation", "field_visit"):
            fields["leads"] = leads[each["experience"]]
        desk.add("session", **fields)


def _confirm_people(desk: Desk, countries: list[str]) -> None:
    """Confirm the people of *countries* and clear them to travel, all but the one whose visa is late."""
    late = late_visa(desk.case)
    everyone = participants_of(desk.case, countries)
    desk.mark(" ".join(delegation_of(desk.case, country) for country in countries), "confirmed")
    desk.mark(everyone, "confirmed")
    if late in everyone.split():
        desk.set(late, visa="needed")
    desk.mark(" ".join(each for each in everyone.split() if each != late), "cleared", visa="not_needed")


def late_visa(case: Case) -> str:
    """The id of the participant whose visa is late."""
    late = case["delegations"]["late_visa"]
    return participant_of(case, late["country"], late["number"])


def _train(desk: Desk) -> None:
    for day in sorted(set(desk.case["champions"]["trained"].values())):
        if day <= desk.case["days"]["training"]["on"]:
            desk.live_until(date.fromisoformat(day))
            _train_of_today(desk)
    desk.begin_day("training")
    desk.tell(f"{_trained(desk)} have passed, and everybody is in a hurry: can the visit begin?")
    desk.try_to_advance()
    desk.begin_day("trained")
    _train_of_today(desk)


def _train_of_today(desk: Desk) -> None:
    champions, today = desk.case["champions"], desk.day.isoformat()
    finished = [experience for experience, day in champions["trained"].items() if day == today]
    trained = [each.key for each in desk.facts().of("champion") if set(each["experiences"]) & set(finished)]
    desk.mark(" ".join(trained), "trained", trained_on=today, outcome="passed")


def _trained(desk: Desk) -> int:
    return count_of(desk.facts(), "champion", "trained")


def _depart(desk: Desk) -> None:
    case = desk.case
    desk.begin_day("cleared")
    _confirm_people(desk, case["delegations"]["confirmed_late"])
    waived = routes.waive(desk.database, desk.key, WITHOUT_PAPERS, desk.act(case["delegations"]["waived_because"]))
    desk.tell(
        f"All {_trained(desk)} champions are trained; only {late_visa(case)} has no visa yet. "
        f"{case['coordinator']['name']} sets this one soft guard aside, with a reason that stays in the log "
        f"({waived.key}, until {waived.until_on}); it is never recorded as met. {INVENTED}"
    )
    desk.advance()
    desk.begin_day("visa")
    desk.mark(late_visa(case), "cleared", visa="obtained")
    visiting = participants_of(case, [country for country, _ in alliances(case)[:-1]]).split()
    cleared = [each for each in desk.facts().of("participant") if each.key in visiting and each.state == "cleared"]
    desk.tell(f"{len(cleared)} of {len(visiting)} visitors are cleared.")


def _visit(desk: Desk) -> None:
    route = desk.case["route"]
    first, last = (date.fromisoformat(route[name]) for name in ("visit_start", "visit_end"))
    told = {date.fromisoformat(desk.case["days"][name]["on"]): name for name in ("fair", "launch", "drafts")}
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        desk.live_until(day)
        if day in told:
            desk.begin_day(told[day])
        held = [each.key for each in desk.facts().of("session") if each["on"] == day.isoformat()]
        desk.mark(" ".join(held), "held")
        if day in told and day != last:
            desk.tell()
    _draft_plans(desk)


def _draft_plans(desk: Desk) -> None:
    plans = desk.case["plans"]["all"]
    for kind in ("P", "D"):
        desk.mark(kind, "attended")
    desk.mark("C", "served")
    optional = ("beneficiaries", "cost", "months", "ends_on")
    for each in plans:
        known = {name: each[name] for name in optional if name in each}
        desk.add("plan", each["title"], kind="test", delegation=delegation_of(desk.case, each["country"]), **known)
    facts = desk.facts()
    desk.tell(
        f"{count_of(facts, 'session', 'held')} sessions were held, {count_of(facts, 'participant', 'attended')} people "
        f"took part with their hosts; {len(facts.of('plan'))} alliances go home with a draft."
    )
    desk.advance()
