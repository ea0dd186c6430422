"""A programme that lives in memory, tick by tick as the daemon does, and people who do things to it at any moment.

The plan, the message of a day and what is written of a plan are the real functions; here are only the rows that a
database would hold. That it lives as the real daemon does on a real database is shown in `test_invariants`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from random import Random
from typing import Any

from small_facts import definition, facts, record

from lrflow.calendars import Calendar
from lrflow.clock import today
from lrflow.definition import Definition
from lrflow.facts import Facts
from lrflow.nudges.guarding import UNKNOWN, doubt_of_clock
from lrflow.planner import (
    NOTHING,
    OPEN,
    WINDOW,
    CalendarOf,
    Ground,
    Intended,
    Key,
    Known,
    Ledger,
    Moment,
    OptOut,
    Pause,
    Plan,
    Quiet,
    Verdict,
    Waiting,
    applied,
    assemble,
    plan,
    rule_of,
    unreachable,
)

DAY = timedelta(days=1)
CRASHES = ("assembled", "claimed", "begun")  # where a sender may die: before it claims, before DATA, after DATA
GONE = ("dropped", "failed")


@dataclass
class Message:
    """What goes to one person on one day, as the row that says how far it is."""

    person: int
    local_on: date
    next: datetime
    lines: list[Key]
    state: str = "due"
    begun: bool = False
    claims: int = 0


@dataclass(frozen=True)
class Said:
    """A message as the transport got it, and how everything stood at that moment."""

    person: int
    at: datetime
    local_on: date
    lines: tuple[Key, ...]
    nudges: tuple[Intended, ...]
    woken: tuple[bool, ...]
    calendar: Calendar
    facts: Facts
    quiet: Quiet


class Died(BaseException):
    """The sender's process is gone: nothing that it would still do is done."""


def _is_on_its_way(message: Message) -> bool:
    return message.state in ("due", "sending")


@dataclass
class World:
    """One route, its people and its sender."""

    definition: Definition
    facts: Facts
    calendar_of: CalendarOf
    zone: str = "UTC"
    live_on: date | None = date(2016, 1, 1)
    quiet: Quiet = NOTHING
    nudges: dict[Key, Known] = field(default_factory=dict)
    armings: dict[tuple[str, str], Any] = field(default_factory=dict)
    rows: dict[Key, Intended] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    transport: list[Said] = field(default_factory=list)
    seen: datetime | None = None  # the last instant believed
    ticked: datetime | None = None
    always: bool = False  # plan anew at every tick: whatever is kept of earlier plans must not matter
    by_reader: dict[int | None, list[Key]] | None = None  # what is planned for each, the longest due first
    idle_until: datetime | None = None  # nothing is due before, and no new day begins

    # What people do: each writes and plans anew, as a command does in one transaction.

    def ground(self, now: datetime, day: date | None = None) -> Ground:
        here = today(now, self.zone)
        moment = Moment(now, day or here, self.live_on)
        ledger = Ledger(self.armings, self.nudges)
        return Ground(self.definition, replace(self.facts, today=here), ledger, self.calendar_of, moment, self.quiet)

    def replan(self, now: datetime, day: date | None = None) -> Plan:
        self.idle_until = None
        ground = self.ground(now, day)
        made = plan(ground)
        before = self.nudges
        ledger = applied(ground.ledger, made, now)
        self.nudges, self.armings, self.by_reader = dict(ledger.nudges), dict(ledger.armings), None
        for key, each in made.intended.items():
            old = before.get(key)
            if key in self.nudges and (old is None or (old.state in OPEN and not old.pinned)):
                self.rows[key] = each
        return made

    def edit(self, now: datetime, known: Facts | None = None, day: date | None = None, **parts: Any) -> None:
        """Change the facts, or any other part, and plan anew."""
        self.facts = known or self.facts
        for name, value in parts.items():
            setattr(self, name, value)
        self._note(now)
        self.replan(now, day)

    def still(self, key: Key) -> bool:
        """Whether a person can still decide about it: its message has not begun."""
        known = self.nudges[key]
        holder = self._message_of(key)
        return not known.pinned and (
            known.state in OPEN or (known.state == "assembled" and holder is not None and holder.state == "due")
        )

    def decide(self, key: Key, now: datetime, *, is_planned_anew: bool = True, **values: Any) -> None:
        """`nudge move`, `send`, `skip`; `hold` and `release` plan nothing anew. The row becomes as *values* say."""
        self.take_out(key)
        self.idle_until = None
        self._put(key, replace(self.nudges[key], **values))
        self._note(now)
        if is_planned_anew:
            self.replan(now)

    def take_out(self, key: Key) -> None:
        for message in self.messages:
            if key in message.lines and self.nudges[key].state == "assembled":
                message.lines.remove(key)

    def _note(self, now: datetime) -> None:
        self.seen = max(self.seen, now) if self.seen else now

    # What the sender does.

    def tick(self, now: datetime, fate: str = "") -> None:
        """One tick of a fresh sender at *now*; *fate* is where it dies, or that its first letter is refused."""
        if self.idle_until and self.seen and self.seen <= now < self.idle_until:
            self.seen = self.ticked = now
            return
        if doubt_of_clock(now, self.seen, UNKNOWN, UNKNOWN):
            return
        self.seen, self.idle_until = now, None
        for message in self.messages:
            if message.state == "sending":
                self._close(message, "unsure" if message.begun and not self._may_leave_twice(message) else "due", now)
                message.next, message.begun = now, False
        if self.always or self.ticked is None or today(self.ticked, self.zone) != today(now, self.zone):
            self.replan(now)
        try:
            self._assemble(now)
            if fate == "assembled":
                return
            self._deliver(now, fate)
        except Died:
            return
        self.ticked = now
        self.idle_until = self._next_event(now)

    def _next_event(self, now: datetime) -> datetime | None:
        """Until when nothing can happen but by a deed; None while somebody waits."""
        waiting = [self.rows[keys[0]].due for keys in self._planned().values()]
        is_owed = any(each <= now for each in waiting) or any(map(_is_on_its_way, self.messages))
        midnight = Calendar(self.zone, frozenset(), {}).instant(today(now, self.zone) + DAY, time(0))
        return None if is_owed or self.always else min([*waiting, midnight])

    def _may_leave_twice(self, message: Message) -> bool:
        return all(rule_of(self.definition, key[0]).if_unsure == "resend" for key in message.lines)

    def _message_of(self, key: Key) -> Message | None:
        return next((each for each in self.messages if key in each.lines and each.state not in GONE), None)

    def _assemble(self, now: datetime) -> None:
        for message in [each for each in self.messages if each.state == "due" and each.next <= now]:
            zones = [self.rows[key].zone for key in message.lines if self.nudges[key].state == "assembled"]
            if zones and message.local_on != (here := today(now, max(zones))):
                self._bring_to(message, here)
        planned = self._planned()
        firsts = sorted((self.rows[keys[0]].due, person or 0) for person, keys in planned.items())
        for person in [person or None for due, person in firsts if due <= now]:
            due = [key for key in planned[person] if self.rows[key].due <= now]
            here = today(now, self.rows[due[0]].zone)
            if silence := self.silence_of(person, here):
                for key in due:
                    self._end(key, "suppressed", silence, now)
            elif person is not None:
                self._tell(person, now)

    def silence_of(self, person: int | None, here: date) -> str:
        return unreachable(self.facts.find("person", person) if person is not None else None, here)

    def _planned(self) -> dict[int | None, list[Key]]:
        if self.by_reader is None:
            self.by_reader = {}
            is_open = self.facts.route["status"] in ("active", "on_hold") and self.live_on is not None
            for key in sorted(self.rows, key=lambda key: self.rows[key].due) if is_open else ():
                if self.nudges[key].state == "planned":
                    self.by_reader.setdefault(self.rows[key].person, []).append(key)
        return self.by_reader

    def _put(self, key: Key, known: Known) -> None:
        self.nudges[key], self.by_reader = known, None

    def _bring_to(self, message: Message, here: date) -> None:
        if any(each.person == message.person and each.local_on == here for each in self.messages):
            for key in message.lines:
                if self.nudges[key].state == "assembled":
                    self._put(key, replace(self.nudges[key], state="planned"))
            message.lines.clear()
            message.state = "dropped"
        else:
            message.local_on = here

    def verdict(self, person: int, now: datetime) -> tuple[list[Key], Verdict]:
        """What *person* is owed, and whether a message may be made of it now."""
        calendar = self.calendar_of(person)
        here = today(now, calendar.zone)
        owed = [key for key in self._planned().get(person, ()) if self.rows[key].local_on <= here]
        is_open = any(each.person == person and each.local_on == here and each.state == "due" for each in self.messages)
        written = [
            each.local_on
            for each in self.messages
            if each.person == person and each.local_on >= here - WINDOW and each.state not in GONE
        ]
        return owed, assemble(calendar, [self._waiting(key) for key in owed], [] if is_open else written, now)

    def _waiting(self, key: Key) -> Waiting:
        each = self.rows[key]
        urgent = rule_of(self.definition, key[0]).priority == 1
        return Waiting(each.due, each.local_on, each.at, urgent, self.nudges[key].woken)

    def _tell(self, person: int, now: datetime) -> None:
        owed, verdict = self.verdict(person, now)
        if verdict.why:
            return
        message = self._open(person, verdict.on, now)
        for place in verdict.chosen if message else ():
            key = owed[place]
            self._put(key, replace(self.nudges[key], state="assembled"))
            message.lines.append(key)

    def _open(self, person: int, here: date, now: datetime) -> Message | None:
        for each in self.messages:
            if (each.person, each.local_on) == (person, here):
                if each.state == "dropped":
                    each.state, each.next, each.lines = "due", now, []
                return each if each.state == "due" else None
        self.messages.append(Message(person, here, now, []))
        return self.messages[-1]

    def _deliver(self, now: datetime, fate: str) -> None:
        view: Plan | None = None
        followed = False
        for message in sorted(self.messages, key=lambda each: (each.next, each.claims)):
            if message.state != "due" or message.next > now:
                continue
            message.claims += 1
            view = view or plan(self.ground(now))
            lines = self._kept(message, view, now)
            if not lines:
                continue
            if fate == "claimed":
                message.state = "sending"
                raise Died
            self._carry(message, lines, now)
            if fate == "begun":
                message.state, message.begun = "sending", True
                raise Died
            self._close(message, "failed" if fate == "refused" else "sent", now)
            followed = followed or (fate != "refused" and any(map(self._has_sequel, lines)))
            fate = ""
        if followed:
            self.replan(now)

    def _kept(self, message: Message, view: Plan, now: datetime) -> list[Key]:
        lines = [key for key in message.lines if self.nudges[key].state == "assembled"]
        lines.sort(key=lambda key: self.rows[key].due)
        calendar = self.calendar_of(message.person)
        opening = calendar.next_opening(now)
        if lines and not any(self.nudges[key].woken for key in lines):
            hour = calendar.instant(today(opening, calendar.zone), self.rows[lines[0]].at)
            if max(opening, hour) > now:
                message.next = max(opening, hour)
                return []
        if lines and today(now, calendar.zone) != message.local_on:
            message.next = now + timedelta(minutes=1)
            return []
        kept = [key for key in lines if self._still_holds(message, key, view, now)]
        if len(kept) < len(lines):
            self.replan(now)
        silence = self.silence_of(message.person, message.local_on)
        for key in kept if silence else ():
            self._end(key, "suppressed", silence, now)
        if silence or not kept:
            message.state = "dropped"
            return []
        return kept

    def _still_holds(self, message: Message, key: Key, view: Plan, now: datetime) -> bool:
        intended = view.intended.get(key)
        if intended is not None and intended.state in OPEN:
            if intended.state == "planned" and intended.person == message.person and intended.due <= now:
                return True
            self._put(key, replace(self.nudges[key], state=intended.state, reason=intended.reason))
            message.lines.remove(key)
            return False
        reason = intended.reason if intended else view.silenced.get(key[:2], "superseded")
        self._end(key, intended.state if intended else "cancelled", reason, now)
        return False

    def _carry(self, message: Message, lines: list[Key], now: datetime) -> None:
        rows = tuple(self.rows[key] for key in lines)
        woken = tuple(self.nudges[key].woken for key in lines)
        calendar = self.calendar_of(message.person)
        said = Said(message.person, now, message.local_on, tuple(lines), rows, woken, calendar, self.facts, self.quiet)
        self.transport.append(said)

    def _close(self, message: Message, state: str, now: datetime) -> None:
        message.state = state
        for key in message.lines if state != "due" else ():
            if self.nudges[key].state == "assembled":
                self._end(key, state, "", now)

    def _end(self, key: Key, state: str, reason: str, now: datetime) -> None:
        on = today(now, self.rows[key].zone)
        self._put(key, replace(self.nudges[key], state=state, reason=reason, closed_on=on))

    def _has_sequel(self, key: Key) -> bool:
        rule = rule_of(self.definition, key[0])
        after = {each.after.rule for each in self.definition.rules.values() if each.after}
        return bool(rule.then or rule.repeat) or key[0] in after

    def summary(self) -> list[tuple[Any, ...]]:
        """Everything that was said: to whom, on which day, of what."""
        return sorted({(each.person, each.local_on, tuple(sorted(each.lines))) for each in self.transport})


# A small programme: two alliances with a plan and a check-in each, five people, whatever rules a schedule draws.

ZONES = ("UTC", "Pacific/Auckland", "America/Lima", "Asia/Kathmandu", "Europe/London", "Asia/Dhaka", "Africa/Kigali")
WEEKENDS = (frozenset({6, 7}), frozenset({5, 6}), frozenset({6}), frozenset({7}))
DUE = {"about": "plan", "condition": {"state": "drafted"}, "to": ["lead"]}
RULES: dict[str, dict[str, Any]] = {
    "soon": {**DUE, "when": "final_due - 7d", "shift": "next", "newcomer": "now", "max_late": "3wd"},
    "often": {**DUE, "when": "final_due - 7d", "repeat": {"every": "5d", "times": 3}, "to": ["lead", "focal_point"]},
    "overdue": {
        **DUE,
        "when": "final_due + 3d",
        "then": [{"after": "5wd", "to": ["focal_point"]}, {"after": "5wd", "to": ["coordinator"], "channel": "call"}],
    },
    "again": {**DUE, "when": "final_due + 7d", "after": {"rule": "overdue", "grace": "4wd"}, "to": ["focal_point"]},
    "check-in": {
        "about": "checkin",
        "condition": {"state": "scheduled"},
        "when": "due",
        "to": ["lead"],
        "priority": 1,
        "repeat": {"every": "1w", "times": 2},
        "late": "each",
        "newcomer": "now",
        "on_hold": "run",
    },
    "page": {
        "about": "route",
        "when": "record_on",
        "repeat": {"every": "1w", "times": 3},
        "to": ["coordinator", "owner"],
        "late": "drop",
        "max_late": "2wd",
        "shift": "none",
        "on_hold": "cancel",
    },
}
LIFE = {"path": ["drafted", "final"], "moves": {"final": {"sources": ["drafted"]}}, "ends": ["final"]}
ASKED = {"path": ["scheduled", "answered"], "moves": {"answered": {"sources": ["scheduled"]}}, "ends": ["answered"]}


@cache
def small(names: tuple[str, ...]) -> Definition:
    """A workflow with those of the rules that are named."""
    return definition(rules={name: RULES[name] for name in names}, lives={"plan": LIFE, "checkin": ASKED})


@dataclass
class Scene:
    """What is known of the small programme, to be changed field by field."""

    records: dict[str, dict[str, Any]]
    route: dict[str, Any]
    calendars: dict[int | None, Calendar]

    def facts(self) -> Facts:
        kinds = {"A": "plan", "Q": "checkin", "D": "delegation", "p": "person"}
        made = [record(kinds[key[0]], key.removeprefix("p"), **each) for key, each in self.records.items()]
        return facts(*made, route=self.route, roles={"coordinator": (4,), "owner": (5,)})

    def calendar_of(self, person: int | None) -> Calendar:
        return self.calendars.get(person) or self.calendars[None]


def scene_of(chance: Random, start: date, alliances: int) -> Scene:
    """The programme at its beginning: any dates, people anywhere."""

    def some_day() -> str | None:
        return chance.choice([None, "2016-11", *[(start + DAY * chance.randint(-15, 60)).isoformat()] * 8])

    calendars: dict[int | None, Calendar] = {None: Calendar("UTC", WEEKENDS[0], {})}
    for person in range(1, 6):
        off = {start + DAY * chance.randint(0, 60): "a holiday" for _ in range(chance.randint(0, 4))}
        opens = chance.choice([time(8), time(8), time(10, 30)])
        calendars[person] = Calendar(chance.choice(ZONES), chance.choice(WEEKENDS), off, opens)
    people = {f"p{n}": {"name": f"Person {n}", "email": f"p{n}@example.org"} for n in range(1, 7)}
    sent_by = {"D1": {"lead": 1, "focal_point": 2}, "D2": {"lead": 3, "focal_point": chance.choice([1, 2, 2, None])}}
    owed = {
        f"{letter}{n}": {"state": state, "delegation": f"D{n}", name: some_day()}
        for n in range(1, alliances + 1)
        for letter, state, name in (("A", "drafted", "final_due"), ("Q", "scheduled", "due"))
    }
    route = {"record_on": some_day(), "final_due": None, "status": "active"}
    return Scene({**people, **sent_by, **owed}, route, calendars)


@dataclass
class Schedule:
    """A world and what happens to it, drawn from one seed: ticks and deeds at random instants."""

    seed: int
    is_large: bool = False
    deeds: tuple[str, ...] = ()  # what people do; everything there is unless named
    chance: Random = field(init=False)
    world: World = field(init=False)
    scene: Scene = field(init=False)
    now: datetime = field(init=False)
    told: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = Random(self.seed)
        start = date(2016, 10, 3) + DAY * self.chance.randint(0, 200)
        self.scene = scene_of(self.chance, start, 2 if self.is_large else self.chance.choice([1, 1, 2]))
        share = 0.6 if self.is_large else 0.35
        names = tuple(name for name in RULES if self.chance.random() < share) or ("overdue", "again")
        zone = self.chance.choice(ZONES)
        self.now = datetime.combine(start, time(self.chance.randint(0, 23), self.chance.randint(0, 59)), UTC)
        live_on = start + DAY * self.chance.choice([-100, -100, -100, 0, 5])
        self.world = World(small(names), self.scene.facts(), self.scene.calendar_of, zone, live_on)
        self.world.edit(self.now)

    def deed(self) -> str:
        """What a person does now; the world is planned anew by it. What it was, in a word."""
        name = self.chance.choice(self.deeds or (*DEEDS, "date", "date", "state"))
        DEEDS[name](self)
        self.told.append(f"{self.now:%m-%d %H:%M} {name}")
        return name

    def changed(self) -> None:
        self.world.edit(self.now, self.scene.facts())

    def owed(self) -> list[str]:
        """The plans and check-ins."""
        return [key for key in self.scene.records if key[0] in "AQ"]

    def some_open(self) -> Key | None:
        keys = [key for key in self.world.nudges if self.world.still(key)]
        return self.chance.choice(keys) if keys else None

    def wait(self) -> None:
        """Time passes: minutes, days, an outage."""
        minutes = self.chance.choice([1, 10, 60, 240, 360, 720, 1440, 1440, 1440, 4320, 14400])
        self.now += timedelta(minutes=minutes)

    def tick(self, fate: str = "") -> None:
        self.told.append(f"{self.now:%m-%d %H:%M} tick {fate}")
        self.world.tick(self.now, fate)


def _date(way: Schedule) -> None:
    here, chance = way.now.date(), way.chance
    key = chance.choice([*way.owed(), "route"])
    day = chance.choice([None, "2016-12", *[(here + DAY * chance.randint(-20, 40)).isoformat()] * 8])
    if key == "route":
        way.scene.route["record_on"] = day
    else:
        way.scene.records[key]["final_due" if key[0] == "A" else "due"] = day
    way.changed()


def _state(way: Schedule) -> None:
    key = way.chance.choice(way.owed())
    states = ("drafted", "final") if key[0] == "A" else ("scheduled", "answered")
    one = way.scene.records[key]
    one["state"] = states[1] if one["state"] == states[0] else states[0]
    one["touched_on"] = way.now.date().isoformat()
    way.changed()


def _touch(way: Schedule) -> None:
    way.scene.records[way.chance.choice(way.owed())]["touched_on"] = way.now.date().isoformat()
    way.changed()


def _hold(way: Schedule) -> None:
    way.scene.route["status"] = "active" if way.scene.route["status"] == "on_hold" else "on_hold"
    way.changed()


def _pause(way: Schedule) -> None:
    quiet = way.world.quiet
    until = way.chance.choice([None, way.now.date() + DAY * way.chance.randint(0, 9)])
    what = way.chance.choice(["route", "A1", "D2", "person:1", "person:3", "rule:overdue", "rule:check-in"])
    pauses = () if quiet.pauses and way.chance.random() < 0.7 else (*quiet.pauses, Pause(what, until))
    way.world.edit(way.now, quiet=Quiet(pauses, quiet.opt_outs))


def _opt_out(way: Schedule) -> None:
    quiet = way.world.quiet
    one = OptOut(way.chance.randint(1, 5), way.chance.choice([None, "A1", "D2"]))
    way.world.edit(way.now, quiet=Quiet(quiet.pauses, () if quiet.opt_outs else (one,)))


def _leave(way: Schedule) -> None:
    one = way.scene.records[f"p{way.chance.randint(1, 5)}"]
    gone = {"left_on": (way.now.date() + DAY * way.chance.randint(-1, 3)).isoformat()}
    successor = way.chance.choice([None, None, 6])
    one.update({"left_on": None, "successor": None} if one.get("left_on") else {**gone, "successor": successor})
    way.changed()


def _away(way: Schedule) -> None:
    until = (way.now.date() + DAY * way.chance.randint(0, 9)).isoformat()
    way.scene.records[f"p{way.chance.randint(1, 5)}"].update(away_until=until, deputy=way.chance.choice([2, 6]))
    way.changed()


def _address(way: Schedule) -> None:
    one = way.scene.records[f"p{way.chance.randint(1, 5)}"]
    one["address_state"] = None if one.get("address_state") else way.chance.choice(["dead", "suspect"])
    way.changed()


def _role(way: Schedule) -> None:
    one = way.scene.records[way.chance.choice(["D1", "D2"])]
    one[way.chance.choice(["lead", "focal_point"])] = way.chance.choice([1, 2, 3, 6, None])
    way.changed()


def _holiday(way: Schedule) -> None:
    """Told the evening before, as the moon is seen; or taken back."""
    person, tomorrow = way.chance.randint(1, 5), way.now.date() + DAY
    calendar = way.scene.calendars[person]
    holidays = {day: name for day, name in calendar.holidays.items() if day != tomorrow}
    if tomorrow not in calendar.holidays:
        holidays[tomorrow] = "a feast"
    way.scene.calendars[person] = replace(calendar, holidays=holidays)
    way.changed()


def _move(way: Schedule) -> None:
    if key := way.some_open():
        calendar = way.scene.calendar_of(way.world.rows[key].person)
        day = calendar.next_working(today(way.now, calendar.zone) + DAY * way.chance.randint(0, 12))
        way.world.decide(key, way.now, state="planned", reason="", moved_on=day, woken=False)


def _wake(way: Schedule) -> None:
    if key := way.some_open():
        here = today(way.now, way.scene.calendar_of(way.world.rows[key].person).zone)
        way.world.decide(key, way.now, state="planned", reason="", moved_on=here, woken=True)


def _skip(way: Schedule) -> None:
    if key := way.some_open():
        on = today(way.now, way.world.rows[key].zone)
        way.world.decide(key, way.now, state="suppressed", reason="skipped", closed_on=on)


def _hold_one(way: Schedule) -> None:
    held = [key for key, each in way.world.nudges.items() if each.pinned and each.state == "held"]
    if held and way.chance.random() < 0.6:
        way.world.decide(
            way.chance.choice(held), way.now, is_planned_anew=False, state="planned", reason="", pinned=False
        )
    elif key := way.some_open():
        way.world.decide(key, way.now, is_planned_anew=False, state="held", reason="held_back", pinned=True)


DEEDS: dict[str, Callable[[Schedule], None]] = {
    "date": _date,
    "state": _state,
    "touch": _touch,
    "hold": _hold,
    "pause": _pause,
    "opt-out": _opt_out,
    "leave": _leave,
    "away": _away,
    "address": _address,
    "role": _role,
    "holiday": _holiday,
    "move": _move,
    "send": _wake,
    "skip": _skip,
    "hold-one": _hold_one,
}
FATES = ("", "", "", "", "", "", "refused", *CRASHES)


def steps_of(way: Schedule, count: int) -> Iterator[str]:
    """Live *count* steps: what each was. Time passes between them, and the computer's clock jumps now and then."""
    for _ in range(count):
        kind = way.chance.random()
        if kind < 0.45:
            yield way.deed()
        elif kind < 0.5:
            true, way.now = way.now, way.now - timedelta(minutes=way.chance.choice([3, 60, 3000]))
            way.tick()
            way.now = true
            yield "tick"
        else:
            way.tick(way.chance.choice(FATES))
            yield "tick"
        if way.chance.random() < 0.75:
            way.wait()
