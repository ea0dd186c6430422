"""Show what will be sent on a day, in the words in which it will be sent: the daemon's own course, ahead of it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from lrflow import store
from lrflow.clock import today
from lrflow.database import Database, Row, Unit
from lrflow.errors import Misused
from lrflow.messages import Worded
from lrflow.nudges.composing import compose
from lrflow.nudges.foreseeing import Seen, check_near, course_of, end_of, rows_of
from lrflow.planner import Course, Foreseen, Put, sentence

LOOK_AHEAD = timedelta(days=70)  # or to the first nudge that is planned already, and somewhat beyond


@dataclass(frozen=True, slots=True)
class Preview:
    """One message as it will leave: to whom, when in their own time, in which words; or why it will not."""

    name: str
    address: str
    local_on: date
    at: str
    zone: str
    words: Worded | None
    silence: str
    nudges: tuple[str, ...]


def preview(
    database: Database, key: str, now: datetime, sender: str, *, on: date | None = None, who: str = ""
) -> list[Preview]:
    """The messages of the route that leave on *on*; without a day, those of the next day that has any.

    What is owed to somebody on that day and does not leave is there too, with the reason. *who* is a part of a name, an
    N12, or the id of a record.
    """
    with database.begin() as unit:
        course = course_of(unit, key, now)
        check_near(on, now)
        end = on or _far_enough(course)
        found: list[Foreseen | Put] = []
        for happened in course.until(end_of(end)):
            if found and on is None and _day(happened) > max(map(_day, found)):
                break
            if _is_meant(unit, happened, key, who) and (on is None or _day(happened) == on):
                found.append(happened)
        first = on or min(map(_day, found), default=None)
        seen: Seen = {}
        return [_one(unit, each, sender, seen) for each in _once(found) if _day(each) == first]


def _far_enough(course: Course) -> date:
    planned = [
        each.local_on for made in course.standing.values() for each in made.intended.values() if each.due > course.now
    ]
    return max([today(course.now, course.zone), *([min(planned)] if planned else [])]) + LOOK_AHEAD


def _day(happened: Foreseen | Put) -> date:
    return happened.local_on if isinstance(happened, Foreseen) else happened.on


def _once(found: list[Foreseen | Put]) -> list[Foreseen | Put]:
    """Each message; and what waited and did not leave on that day after all, once a person."""
    written = {(each.person, each.local_on) for each in found if isinstance(each, Foreseen)}
    waited: dict[tuple[int | None, date], Put] = {}
    for each in found:
        if isinstance(each, Put) and (each.person, each.on) not in written:
            waited[(each.person, each.on)] = each
    kept = [each for each in found if isinstance(each, Foreseen)]
    return [*kept, *waited.values()]


def _is_meant(unit: Unit, happened: Foreseen | Put, key: str, who: str) -> bool:
    lines = [each for route, each in happened.lines if route == key]
    if not lines or not who:
        return bool(lines)
    names = {each.key[1].upper() for each in lines} | {f"N{store.number_of(unit, key, each.key)}" for each in lines}
    person = store.shared_record(unit, "person", happened.person) if happened.person is not None else None
    return who.upper() in names or bool(person and who.casefold() in f"{person['name']} {person['email']}".casefold())


def _one(unit: Unit, happened: Foreseen | Put, sender: str, seen: Seen) -> Preview:
    person = store.shared_record(unit, "person", happened.person) if happened.person is not None else None
    words, silence = None, ""
    if isinstance(happened, Foreseen):
        rows, views = rows_of(unit, happened, seen)
        try:
            words = compose(unit, rows, views, sender, happened.local_on, happened.at)
        except (KeyError, Misused) as fault:
            silence = f"no_translation: {fault}"
    else:
        silence = f"{happened.why}: {sentence(happened.why)}" if "_" in happened.why else happened.why
    name, address = (str(person["name"]), str(person["email"] or "")) if person else ("nobody", "")
    first = happened.lines[0][1]
    numbers = tuple(_name(unit, route, each.key) for route, each in happened.lines)
    return Preview(name, address, _day(happened), first.at.isoformat("minutes"), first.zone, words, silence, numbers)


def _name(unit: Unit, route: str, key: tuple[str, str, str, int, int]) -> str:
    number = store.number_of(unit, route, key)
    return f"N{number}" if number else f"{key[0]} {key[1]}"


def preview_with(unit: Unit, key: str, row: Row, now: datetime, sender: str) -> Preview:
    """The message in which the nudge *row* will leave, together with whatever else its reader gets then."""
    course = course_of(unit, key, now)
    wanted = store.key_of(row)
    for happened in course.until(now + LOOK_AHEAD):
        is_settled = isinstance(happened, Foreseen) or "_" in happened.why
        if is_settled and any(route == key and each.key == wanted for route, each in happened.lines):
            return _one(unit, happened, sender, {})
    day = date.fromisoformat(row["local_on"])
    return Preview(row["person_name"] or "", "", day, row["at"], row["zone"], None, row["reason"] or "", ())
