"""What no single field says: facts worked out from several records, each a small pure function."""

from datetime import date, timedelta
from typing import Any

from lrflow.calendars import Calendar, Span, later
from lrflow.facts.record import Derivations, Facts, Record, full_day

TOOK_PART = ("attended", "left_early")
WORKING_SESSIONS = ("experience_fair", "case_presentation", "field_visit", "panel", "analysis", "plan_drafting")
_EVERY_DAY = Calendar(zone="UTC", weekend=frozenset(), holidays={})
CASE_SESSIONS = ("case_presentation", "field_visit")


def _final_due(_: Record, facts: Facts) -> str | None:
    end = full_day(facts.route["visit_end"])
    days = facts.parameters.get("final_plan_due_days_after_visit_end", 0)
    return (end + timedelta(days=days)).isoformat() if end else None


def _visit_days(route: Record, _: Facts) -> int | None:
    start, end = full_day(route["visit_start"]), full_day(route["visit_end"])
    return (end - start).days + 1 if start and end else None


def _visit_holidays(route: Record, facts: Facts) -> list[str]:
    start, end = full_day(route["visit_start"]), full_day(route["visit_end"])
    days = facts.holidays.get(route["host_country"] or "", {})
    return [f"{day} {name}" for day, name in sorted(days.items()) if start and end and start <= day <= end]


def _digest_on(route: Record, _: Facts) -> str | None:
    """The first Monday on which a live route writes its digest."""
    live = full_day(route["live_on"])
    return (live + timedelta(days=-live.weekday() % 7)).isoformat() if live else None


def _last_activity(_: Record, facts: Facts) -> str | None:
    days = [plan["ends_on"] for plan in facts.of("plan")] + [
        each["due"] for each in facts.of("checkin") if each.state == "scheduled"
    ]
    full = [day for day in days if full_day(day)]
    return max(full, default=None)


def _last_checkin(route: Record, facts: Facts) -> str | None:
    # Before the check-ins are made, which is when it can still be decided whether they fit into the programme.
    end, months = full_day(route["visit_end"]), facts.parameters.get("checkpoint_months", 0)
    last = max(months) if isinstance(months, list) else months
    return later(end, Span(last, "mo"), _EVERY_DAY).isoformat() if end and not facts.of("checkin") else None


def _host_is_visiting(route: Record, facts: Facts) -> bool:
    return any(
        facts.value(delegation, "organisation.country") == route["host_country"]
        for delegation in facts.of("delegation")
        if delegation["visiting"] and delegation.state not in ("withdrew", "declined")
    )


def _last_working_session(_: Record, facts: Facts) -> str | None:
    # Presentations, evaluation and closing follow the last piece of work, so they do not count as one.
    working = [each for each in facts.of("session") if each["kind"] in WORKING_SESSIONS and each.state != "cancelled"]
    if not working:
        return None
    last_day = max(str(each["on"]) for each in working)
    kinds = [str(each["kind"]) for each in working if each["on"] == last_day]
    return "plan_drafting" if "plan_drafting" in kinds else kinds[-1]


def _evidence(record: Record, facts: Facts) -> list[Record]:
    return [
        each for each in facts.of("evidence") if each["about"] == record.key and each.state in ("given", "verified")
    ]


def _claims(experience: Record, facts: Facts) -> list[str]:
    said = [claim for claim in ("good_practice", "innovation") if experience[claim]]
    shown = [claim for each in _evidence(experience, facts) for claim in each["claims"] or ()]
    return list(dict.fromkeys([*said, *shown]))


def _unproved(experience: Record, facts: Facts) -> list[str]:
    shown = {claim for each in _evidence(experience, facts) for claim in each["claims"] or ()}
    wanted = [claim for claim in ("good_practice", "innovation") if experience[claim]] + ["challenge", "livelihoods"]
    return [claim for claim in wanted if claim not in shown]


def _visits(experience: Record, facts: Facts) -> list[Record]:
    return [
        each
        for each in facts.of("session")
        if each["experience"] == experience.key and each["kind"] in CASE_SESSIONS and each.state != "cancelled"
    ]


def _analysed(experience: Record, facts: Facts) -> bool:
    analyses = [each for each in facts.of("session") if each["kind"] == "analysis" and each.state != "cancelled"]
    about = [each for each in analyses if each["experience"] in (experience.key, None, "")]
    return all(any(_follows(visit, each) for each in about) for visit in _visits(experience, facts))


def _follows(visit: Record, analysis: Record) -> bool:
    held, thought = full_day(visit["on"]), full_day(analysis["on"])
    return bool(held and thought and timedelta() <= thought - held <= timedelta(days=1))


def _bare_lessons(case: Record, _: Facts) -> list[str]:
    return [lesson for lesson, context in case["lessons"] or () if not context]


def _selected(facts: Facts) -> list[Record]:
    return [each for each in facts.of("experience") if each.state == "selected"]


def _experience_selected(_: Record, facts: Facts) -> bool:
    return bool(_selected(facts))


def _objective_in_session(objective: Record, facts: Facts) -> bool:
    return any(objective.key in _serves(each, facts) for each in facts.of("session") if each.state != "cancelled")


def _objective_in_experience(objective: Record, facts: Facts) -> bool:
    code = objective["learning_objective"]
    return any(
        objective.key in (each["objectives"] or ()) or (code and code in (each["learning_objectives"] or ()))
        for each in _selected(facts)
    )


def _champion_country(champion: Record, facts: Facts) -> Any:
    return facts.value(champion, "person.country") or facts.value(champion, "person.organisation.country")


def _is_actor(champion: Record, facts: Facts) -> bool:
    selected = {each.key for each in _selected(facts)}
    return any(key in selected for key in champion["experiences"] or ())


def _took_part(delegation: Record, facts: Facts) -> bool:
    return any(each["delegation"] == delegation.key and each.state in TOOK_PART for each in facts.of("participant"))


def _cascades(delegation: Record, facts: Facts) -> int:
    return sum(1 for each in facts.of("cascade") if each["delegation"] == delegation.key and each.state != "rejected")


def _is_host(delegation: Record, facts: Facts) -> bool:
    return bool(facts.value(delegation, "organisation.country") == facts.route["host_country"])


def _visiting(record: Record, facts: Facts) -> bool:
    return bool(facts.value(record, "delegation.visiting"))


def _participant_organisation(participant: Record, facts: Facts) -> Any:
    return facts.value(participant, "delegation.organisation")


def _participant_country(participant: Record, facts: Facts) -> Any:
    return facts.value(participant, "delegation.organisation.country")


def _participant_email(participant: Record, facts: Facts) -> Any:
    return facts.value(participant, "person.email")


def _is_lead(participant: Record, facts: Facts) -> bool:
    return bool(participant["person"] == facts.value(participant, "delegation.lead"))


def _serves(session: Record, facts: Facts) -> list[str]:
    if session["objectives"]:
        return list(session["objectives"])
    experience = facts.find("experience", session["experience"]) if session["experience"] else None
    if experience is None:
        return []
    codes = experience["learning_objectives"] or ()
    matching = [
        each.key for each in facts.of("objective") if each["learning_objective"] and each["learning_objective"] in codes
    ]
    return list(dict.fromkeys([*(experience["objectives"] or ()), *matching]))


def _leads_own_case(session: Record, facts: Facts) -> bool:
    leaders = [facts.find("champion", key) for key in session["leads"] or ()]
    about = session["experience"]
    return not about or all(leader is not None and about in (leader["experiences"] or ()) for leader in leaders)


def _has_champion(session: Record, facts: Facts) -> bool:
    leaders = [facts.find("champion", key) for key in session["leads"] or ()]
    return any(leader is not None and leader.state not in ("declined", "replaced") for leader in leaders)


def _in_visit(session: Record, facts: Facts) -> bool:
    start, end, day = (full_day(each) for each in (facts.route["visit_start"], facts.route["visit_end"], session["on"]))
    return bool(day and (not start or start <= day) and (not end or day <= end))


def _presents_all(session: Record, facts: Facts) -> bool:
    presenting = set(session["presenters"] or ())
    coming = {
        each.key
        for each in facts.of("delegation")
        if each["visiting"] and each.state in ("accepted", "confirmed", "attended")
    }
    return not presenting or coming <= presenting


def _last_word(plan: Record, facts: Facts) -> str | None:
    days = [plan[name] for name in ("final_on", "awarded_on", "started_on", "finished_on", "touched_on")]
    days += [each["answered_on"] for each in facts.of("checkin") if each["delegation"] == plan["delegation"]]
    return max((day for day in days if full_day(day)), default=None)


def _asked(checkin: Record, facts: Facts) -> bool:
    return checkin.state == "scheduled" and bool(checkin["due"]) and str(checkin["due"]) <= facts.today.isoformat()


def _address_state(person: Record, facts: Facts) -> str | None:
    """Good until mail came back: a person as read from the database says it of itself."""
    return "good" if person["email"] else None


def _record_shared(organisation: Record, facts: Facts) -> bool:
    return any(
        str(each["organisation"]) == organisation.key
        and each["sort"] == "route_record"
        and each.state in ("sent", "confirmed")
        for each in facts.of("sharing")
    )


DERIVATIONS: Derivations = {
    ("route", "final_due"): _final_due,
    ("route", "visit_days"): _visit_days,
    ("route", "visit_holidays"): _visit_holidays,
    ("route", "last_checkin"): _last_checkin,
    ("route", "digest_on"): _digest_on,
    ("route", "last_activity"): _last_activity,
    ("route", "host_is_visiting"): _host_is_visiting,
    ("route", "last_working_session"): _last_working_session,
    ("experience", "claims"): _claims,
    ("experience", "unproved"): _unproved,
    ("experience", "analysed"): _analysed,
    ("experience", "is_visited"): lambda experience, facts: bool(_visits(experience, facts)),
    ("case", "bare_lessons"): _bare_lessons,
    ("objective", "experience_selected"): _experience_selected,
    ("objective", "is_session"): _objective_in_session,
    ("objective", "is_experience"): _objective_in_experience,
    ("champion", "country"): _champion_country,
    ("champion", "is_actor"): _is_actor,
    ("delegation", "attended"): _took_part,
    ("delegation", "cascades"): _cascades,
    ("delegation", "is_host"): _is_host,
    ("participant", "visiting"): _visiting,
    ("participant", "organisation"): _participant_organisation,
    ("participant", "country"): _participant_country,
    ("participant", "email"): _participant_email,
    ("participant", "is_lead"): _is_lead,
    ("session", "serves"): _serves,
    ("session", "leads_own_case"): _leads_own_case,
    ("session", "has_champion"): _has_champion,
    ("session", "in_visit"): _in_visit,
    ("session", "presents_all"): _presents_all,
    ("plan", "final_due"): _final_due,
    ("plan", "visiting"): _visiting,
    ("plan", "last_word_on"): _last_word,
    ("checkin", "asked"): _asked,
    ("organisation", "record_shared"): _record_shared,
    ("person", "address_state"): _address_state,
}


def day_of(record: Record, facts: Facts, path: str) -> date | None:
    """The full day in the field *path* of *record*; None when empty or known only to the month."""
    return full_day(facts.value(record, path))


def delegation_of(person: int | None, facts: Facts) -> Record | None:
    """The delegation that *person* travels with, leads or answers for."""
    if person is None:
        return None
    for participant in facts.of("participant"):
        if participant["person"] == person:
            return facts.find("delegation", participant["delegation"])
    return next((each for each in facts.of("delegation") if person in (each["lead"], each["focal_point"])), None)
