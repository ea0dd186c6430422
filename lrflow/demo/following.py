"""From the first survey to the last answer: the follow-up of the plans, and the sharing."""

from datetime import date
from typing import Any

from lrflow.demo.case import INVENTED, delegation_of
from lrflow.demo.desk import Desk, count_of

RECORD = "route_record"
WARNINGS = ("final-plan-overdue", "final-plan-escalation")


def tell(desk: Desk) -> None:
    """Follow-up, until the route is closed."""
    _hear_first(desk)
    _receive_plans(desk)
    _award(desk)
    _ask_again(desk)
    _hear_of_results(desk)
    _share(desk)
    _close(desk)


def _hear_first(desk: Desk) -> None:
    desk.live_until(date.fromisoformat(desk.case["answers"]["survey_on"]))
    _answer(desk, 0)
    desk.begin_day("interviews")
    asked = [row["person"] for row in desk.nudges("sent") if row["rule"] == "survey"]
    desk.tell(
        f"{len(set(asked))} people were asked on their first working day at home; {_heard(desk, 0)} delegations have "
        f"answered. {INVENTED}"
    )


def _receive_plans(desk: Desk) -> None:
    case, form = desk.case, desk.case["plans"]["form"]
    desk.begin_day("finals")
    themes = {each["title"]: each.key for each in desk.facts().of("objective") if each["sort"] == "theme"}
    for key, each in _plans(desk).items():
        touched = "+".join(themes[code] for code in each["themes"])
        desk.set(key, experience=each["experience"], themes=touched, **form)
    desk.mark("A", "final", final_on=desk.day)
    final, plans = count_of(desk.facts(), "plan", "final"), len(case["plans"]["all"])
    silent = [row for row in desk.nudges("cancelled") if row["rule"] in WARNINGS]
    desk.tell(
        f"{final} of {plans} plans are final, and the {len(silent)} reminders prepared for late ones fall silent. "
        "A week ago, Tanzania's lead found this:"
    )
    desk.show_message(case["shown"]["to"], date.fromisoformat(case["shown"]["on"]))
    _hear_first_month(desk)


def _plans(desk: Desk) -> dict[str, Any]:
    """The plans of the case by their ids."""
    by_delegation = {each["delegation"]: each.key for each in desk.facts().of("plan")}
    plans = desk.case["plans"]["all"]
    return {by_delegation[delegation_of(desk.case, each["country"])]: each for each in plans}


def _hear_first_month(desk: Desk) -> None:
    desk.begin_day("month1")
    _answer(desk, 1, but=desk.case["answers"]["month1"]["late"])
    early = _heard(desk, 1)
    desk.begin_day("again")
    _answer(desk, 1)
    again = [row for row in desk.nudges("sent") if row["rule"] == "check-in-again"]
    moved = [row for row in again if row["local_on"] != row["nominal_on"]]
    desk.tell(
        f"{early} delegations had told how it goes at once, {len(again)} were asked again; {len(moved)} of these a day "
        f"later than planned: where they live, {moved[0]['nominal_on']} was a holiday."
    )


def _answer(desk: Desk, month: int, *, but: list[str] | tuple[str, ...] = ()) -> None:
    """Write down the answers to the check-in of *month*, those of the countries *but* left out."""
    waiting = {delegation_of(desk.case, country) for country in but}
    asked = [each for each in desk.facts().of("checkin") if each["month"] == month and each.state == "scheduled"]
    heard = [each.key for each in asked if each["delegation"] not in waiting]
    desk.mark(" ".join(heard), "answered", answered_on=desk.day)


def _heard(desk: Desk, month: int) -> int:
    return sum(1 for each in desk.facts().of("checkin") if each["month"] == month and each.state == "answered")


def _award(desk: Desk) -> None:
    plans = desk.case["plans"]
    desk.begin_day("awards")
    webinar = desk.add("sharing", "webinar", on=desk.day)
    desk.mark(webinar.key, "sent", on=desk.day)
    awarded = [key for key, each in _plans(desk).items() if each.get("awarded")]
    fields = {"award": plans["award"], "award_rate": plans["award_rate"], "awarded_on": desk.day}
    desk.mark(" ".join(awarded), "awarded", **fields)
    given = [each["award"] for each in desk.facts().of("plan") if each.state == "awarded"]
    total = sum(money.minor for money in given)
    desk.tell(f"{len(given)} plans are awarded {given[0]} each, {total // 100:,} {given[0].currency} together.")


def _ask_again(desk: Desk) -> None:
    third, sixth = desk.case["answers"]["month3"], desk.case["answers"]["month6"]
    desk.live_until(date.fromisoformat(third["answered_on"]))
    _answer(desk, 3, but=third["late"])
    desk.live_until(date.fromisoformat(third["late_on"]))
    _answer(desk, 3)
    _start_plans(desk, date.fromisoformat(sixth["answered_on"]))
    _answer(desk, 6, but=sixth["missed"])
    desk.begin_day("month6")
    silent = [f"Q{delegation_of(desk.case, country)[1:]}.6" for country in sixth["missed"]]
    desk.mark(" ".join(silent), "missed", sixth["because"])
    heard = f"{_heard(desk, 1)}, {_heard(desk, 3)} and {_heard(desk, 6)} have answered"
    desk.tell(f"{heard}; of {len(silent)} nothing was heard, nor from its focal point, and the record says so.")


def _start_plans(desk: Desk, until: date) -> None:
    """Live until a day; plans that began by then are marked on the day they began."""
    begun = sorted((each["started"], key) for key, each in _plans(desk).items() if "started" in each)
    states = {each.key: each.state for each in desk.facts().of("plan")}
    for day, key in begun:
        if date.fromisoformat(day) <= until and states[key] == "awarded":
            desk.live_until(date.fromisoformat(day))
            desk.mark(key, "started", started_on=day)
    desk.live_until(until)


def _hear_of_results(desk: Desk) -> None:
    case, plans = desk.case, _plans(desk)
    _start_plans(desk, date.fromisoformat(case["days"]["cooking"]["on"]))
    desk.begin_day("cooking")
    cooked = next(each["title"] for each in plans.values() if each["country"] == "SL")
    desk.add("cascade", desk.day.isoformat(), "community", delegation=delegation_of(case, "SL"), what=cooked)
    started = count_of(desk.facts(), "plan", "started")
    desk.tell(f"All {started} awarded plans are under way, months after their award: lrflow had asked. {INVENTED}")
    for name in ("tanzania", "wrapup"):
        desk.begin_day(name)
        _complete(desk)
        desk.tell(_ended(desk))


def _complete(desk: Desk) -> None:
    """Mark the plans that were reported complete today; at the last report, those nobody heard of."""
    plans, today = _plans(desk), desk.day.isoformat()
    for key, each in plans.items():
        if each.get("completed") == today:
            desk.mark(key, "completed", finished_on=today, result=each.get("result", ""))
    if desk.day == date.fromisoformat(desk.case["days"]["wrapup"]["on"]):
        silent = [key for key, each in plans.items() if "completed" not in each]
        desk.mark(" ".join(silent), "no_word", desk.case["plans"]["no_word"])


def _ended(desk: Desk) -> str:
    facts = desk.facts()
    completed, silent = count_of(facts, "plan", "completed"), count_of(facts, "plan", "no_word")
    text = f"{completed} of {len(facts.of('plan'))} plans are complete."
    return f"{text} Of {silent} no report is public: they end as no_word, not as a success." if silent else text


def _share(desk: Desk) -> None:
    desk.begin_day("sharing")
    link = desk.case["record"]["link"]
    desk.set_route(record_on=desk.day, record_link=link, donor_report_on=desk.day)
    registry = [each["name"] for each in desk.facts().of("organisation") if each["in_registry"]]
    sent = [desk.add("sharing", RECORD, name, on=desk.day, link=link).key for name in registry[:-1]]
    desk.mark(" ".join(sent), "sent", on=desk.day)
    desk.tell(f"The record went to {len(sent)} of {len(registry)} alliances. Is that all?")
    desk.try_to_advance()


def _close(desk: Desk) -> None:
    desk.begin_day("closing")
    _answer(desk, 12)
    left = [each["name"] for each in desk.facts().of("organisation") if each["in_registry"]][-1]
    last = desk.add("sharing", RECORD, left, on=desk.day, link=desk.case["record"]["link"])
    desk.mark(last.key, "sent", on=desk.day)
    desk.tell(f"{left}, the last alliance, has the record.")
    desk.advance()
