"""Live a programme's messages ahead of time, in memory: plan, assemble, suppose delivered, as the daemon does."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from lrflow.calendars import Calendar
from lrflow.clock import today
from lrflow.planner.assembling import WINDOW, Waiting, assemble
from lrflow.planner.planning import plan
from lrflow.planner.rules import rule_of
from lrflow.planner.shapes import OPEN, SUPERSEDED, UNREACHED, Ground, Intended, Known, Ledger, Plan

DAY = timedelta(days=1)
Ended = tuple[tuple[str, Intended], str, str]  # a nudge of a route, the state in which it is now, and why
View = tuple[Ground, Plan]


@dataclass(frozen=True, slots=True)
class Foreseen:
    """One message as it would be made: to whom, when, of which nudges (of which routes), from the facts of that day."""

    person: int
    at: datetime
    local_on: date
    lines: tuple[tuple[str, Intended], ...]
    grounds: Mapping[str, Ground]
    plans: Mapping[str, Plan]


@dataclass(frozen=True, slots=True)
class Put:
    """A person who was owed something on a day and got nothing, and why; or a nudge that nobody can be reached with."""

    person: int | None
    on: date
    why: str
    lines: tuple[tuple[str, Intended], ...]


@dataclass(slots=True)
class Course:
    """A programme on its way: the ground of each route as it is supposed to be, and the days written to each person."""

    grounds: dict[str, Ground]
    written: dict[int, list[date]]
    reach: Callable[[int | None], str]
    zone: str
    now: datetime
    standing: dict[str, Plan]

    @classmethod
    def of(
        cls,
        grounds: Mapping[str, Ground],
        written: Mapping[int, Sequence[date]],
        reach: Callable[[int | None], str],
        zone: str,
        now: datetime,
    ) -> "Course":
        """The course that begins *now* in *zone*: *written* are recent days, *reach* says why not."""
        course = cls(dict(grounds), {each: list(days) for each, days in written.items()}, reach, zone, now, {})
        course.replan(course.grounds)
        return course

    def until(self, end: datetime) -> Iterator[Foreseen | Put]:
        """Everything that happens up to *end*, in order; the course stands there then."""
        while True:
            yield from self._leave()
            step = self._next()
            if step > end:
                return
            is_new_day = today(step, self.zone) != today(self.now, self.zone)
            self.now = step
            if is_new_day:
                self.replan(list(self.grounds))

    def replan(self, keys: Iterable[str]) -> None:
        """Plan the routes *keys* anew, as of now."""
        for key in list(keys):
            ground = self._as_of_now(key)
            self.standing[key] = plan(ground)
            self.grounds[key] = replace(ground, ledger=applied(ground.ledger, self.standing[key], self.now))

    def _as_of_now(self, key: str) -> Ground:
        ground, here = self.grounds[key], today(self.now, self.zone)
        moment = replace(ground.moment, now=self.now, day=here)
        return replace(ground, facts=replace(ground.facts, today=here), moment=moment)

    def _open(self) -> Iterator[tuple[str, Intended]]:
        for key, ground in self.grounds.items():
            if ground.moment.live_on is None:
                continue
            for each in self.standing[key].intended.values():
                known = ground.ledger.nudges.get(each.key)  # none where it is held back since an earlier epoch
                if known is not None and known.state == each.state == "planned" and not known.pinned:
                    yield key, each

    def _next(self) -> datetime:
        """When something can happen next: a nudge falls due, a new day begins for the programme or a waiting reader."""
        waiting = list(self._open())
        instants = [each.due for _, each in waiting if each.due > self.now]
        overdue = {each.person: (key, each) for key, each in waiting if each.due <= self.now}
        for person, (key, each) in overdue.items():
            instants.append(self._morning(self.grounds[key].calendar_of(person), each))
        midnight = _midnight(today(self.now, self.zone) + DAY, self.zone)
        return min([*instants, midnight])

    def _morning(self, calendar: Calendar, each: Intended) -> datetime:
        """The next hour at which a reader who is owed something may be written to."""
        day, hour = today(self.now, calendar.zone), calendar.hour(each.at)
        here = calendar.instant(day, hour)
        return here if here > self.now else calendar.instant(calendar.next_working(day + DAY), hour)

    def _leave(self) -> Iterator[Foreseen | Put]:
        by_person: dict[int | None, list[tuple[str, Intended]]] = {}
        for place in self._open():
            by_person.setdefault(place[1].person, []).append(place)
        ended: list[Ended] = []
        views: dict[str, View] = {}
        for person, lines in by_person.items():
            if all(each.due > self.now for _, each in lines):
                continue
            if silence := self.reach(person):
                due = [place for place in lines if place[1].due <= self.now]
                yield Put(person, due[0][1].local_on, silence, tuple(due))
                ended += [(place, "suppressed", silence) for place in due]
            elif person is not None:
                happened, fallen = self._one(person, lines, views)
                ended += [(place, "sent", "") for place in happened.lines] if isinstance(happened, Foreseen) else []
                ended += fallen
                yield happened
        self.replan(self._settle(ended))

    def _one(
        self, person: int, lines: list[tuple[str, Intended]], views: dict[str, View]
    ) -> tuple[Foreseen | Put, list[Ended]]:
        """What becomes of a person's message now, and of the lines that fall out of it when each is asked once more."""
        calendar = self.grounds[lines[0][0]].calendar_of(person)
        here, days = today(self.now, calendar.zone), self.written.setdefault(person, [])
        recent = [day for day in days if day >= here - WINDOW]
        verdict = assemble(calendar, [self._waiting(place) for place in lines], recent, self.now)
        if verdict.why:
            due = tuple(place for place in lines if place[1].due <= self.now)
            return Put(person, here, verdict.why, due), []
        chosen = tuple(lines[place] for place in verdict.chosen)
        keys = dict.fromkeys(key for key, _ in chosen)
        for key in keys - views.keys():
            ground = self._as_of_now(key)
            views[key] = (ground, plan(ground))
        fates = [(place, _fate(place[1], views[place[0]][1], self.now)) for place in chosen]
        kept = tuple(place for place, (state, _) in fates if state == "sent")
        fallen = [(place, *fate) for place, fate in fates if fate[0] != "sent"]
        if not kept:
            return Put(person, here, fallen[0][2] or "its hour has not come", chosen), fallen
        days.append(here)
        grounds, plans = {key: views[key][0] for key in keys}, {key: views[key][1] for key in keys}
        return Foreseen(person, self.now, here, kept, grounds, plans), fallen

    def _waiting(self, place: tuple[str, Intended]) -> Waiting:
        key, each = place
        known = self.grounds[key].ledger.nudges[each.key]
        urgent = rule_of(self.grounds[key].definition, each.key[0]).priority == 1
        return Waiting(each.due, each.local_on, each.at, urgent, known.woken)

    def _settle(self, ended: Sequence[Ended]) -> set[str]:
        """Write down how nudges ended; the routes of which something was said, or not said after all."""
        for key in {key for (key, _), _, _ in ended}:
            ground = self.grounds[key]
            nudges = dict(ground.ledger.nudges)
            for (route, each), state, reason in ended:
                if route == key and state not in OPEN:
                    on = today(self.now, each.zone)
                    nudges[each.key] = replace(nudges[each.key], state=state, reason=reason, closed_on=on)
            self.grounds[key] = replace(ground, ledger=Ledger(ground.ledger.armings, nudges))
        return {key for (key, _), state, reason in ended if state != "suppressed" or reason not in UNREACHED}


def _fate(line: Intended, made: Plan, now: datetime) -> tuple[str, str]:
    """The state and reason of *line* when the plan is asked once more at the claim: sent, or what it falls back to."""
    intended = made.intended.get(line.key)
    if intended is None:
        return "cancelled", made.silenced.get(line.key[:2], SUPERSEDED)
    if intended.state == "planned" and intended.person == line.person and intended.due <= now:
        return "sent", ""
    return intended.state, intended.reason


def _midnight(day: date, zone: str) -> datetime:
    return Calendar(zone, frozenset(), {}).instant(day, time(0))


def applied(ledger: Ledger, made: Plan, now: datetime) -> Ledger:
    """The ledger after *made* was written: what is over stays, what is open follows, what is gone is withdrawn.

    What is held back is held in a new epoch too.
    """
    nudges = dict(ledger.nudges)
    held = {key[:4] for key, known in ledger.nudges.items() if known.pinned and known.state in OPEN}
    meant = held & {key[:4] for key in made.intended} if held else held
    for key, known in ledger.nudges.items():
        if known.state in OPEN and key not in made.intended and not (known.pinned and key[:4] in meant):
            reason = made.silenced.get(key[:2], SUPERSEDED)
            nudges[key] = replace(known, state="cancelled", closed_on=now.date(), reason=reason)
    for key, each in made.intended.items():
        old = nudges.get(key)
        if (old is None and key[:4] not in held) or (old is not None and old.state in OPEN and not old.pinned):
            nudges[key] = _as_planned(old, each, now)
    return Ledger({**ledger.armings, **{(each.rule, each.subject): each for each in made.armings}}, nudges)


def _as_planned(known: Known | None, each: Intended, now: datetime) -> Known:
    closed_on = None if each.state in OPEN else today(now, each.zone)
    made = Known(each.key, each.state, each.local_on, closed_on, reason=each.reason, person=each.person)
    return replace(made, moved_on=each.moved_on, woken=known.woken if known else False)
