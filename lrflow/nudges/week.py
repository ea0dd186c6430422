"""What the overview of a Monday is made from, read once for each route, and how a line of it is put together."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from lrflow import store
from lrflow.calendars import read_when
from lrflow.clock import from_us
from lrflow.clock import today as day_of
from lrflow.database import Unit
from lrflow.definition import Rule
from lrflow.facts import Facts
from lrflow.guards import Finding, judge
from lrflow.messages import Words, fill, flat, short_day
from lrflow.planner import SAID, Ground, Known
from lrflow.routes.unheard import Unheard, unheard
from lrflow.store.monday import WEEK, Figures, figures_of

NAMES = 60
NOT_KNOWN = "-"  # never 0


@dataclass(frozen=True, slots=True)
class Week:
    """One route on the day *on* of its overview: its ground, the guards of its stage, whom messages do not reach."""

    on: date
    route: str
    ground: Ground
    findings: tuple[Finding, ...]
    figures: Figures
    unheard: Unheard
    zone: str

    @property
    def facts(self) -> Facts:
        """The facts of the route on that day."""
        return self.ground.facts

    def run(self, line: str) -> str:
        """*line* as a command for this route, whatever the reader's current route is."""
        return f"lrflow {line}" if self.figures.is_only else f"lrflow -r {self.route} {line}"

    def nudges(self, *states: str) -> list[Known]:
        """The nudges in *states*, in the order of their days; overviews are none of them."""
        rules = self.ground.definition.rules
        found = [each for each in self.ground.ledger.nudges.values() if each.state in states]
        kept = [each for each in found if each.key[0] not in rules or not is_overview(rules[each.key[0]])]
        return sorted(kept, key=lambda each: (each.local_on, each.key))

    def before(self, *states: str) -> list[Known]:
        """Those of the days before. Today's own are still on their way while the overview is read."""
        return [each for each in self.nudges(*states) if each.local_on < self.on]

    def last_week(self, *states: str) -> list[Known]:
        """Those of the seven days before."""
        return [each for each in self.nudges(*states) if self.on - WEEK <= (each.closed_on or each.local_on) < self.on]

    def leaving(self) -> list[Known]:
        """What leaves in the seven days that begin with this one, or has left since it began."""
        gone = [each for each in self.nudges(*SAID) if each.local_on >= self.on]
        waiting = [each for each in self.nudges("planned", "assembled") if each.person is not None]
        return [each for each in (*gone, *waiting) if each.local_on < self.on + WEEK]

    def silent(self) -> list[Known]:
        """What was not said last week, or will not be in this one."""
        held = [each for each in self.nudges("held") if each.local_on < self.on + WEEK]
        over = self.nudges("suppressed", "expired")
        return [*held, *(each for each in over if self.on - WEEK <= each.local_on < self.on + WEEK)]


def is_overview(rule: Rule) -> bool:
    """Whether *rule* brings the overview of a route: the one that counts from the first Monday of a live route."""
    return rule.about == "route" and read_when(rule.when).anchor == "digest_on"


def messages_in(nudges: Iterable[Known]) -> int:
    """How many messages *nudges* make: one a person a day."""
    return len({(each.person, each.closed_on or each.local_on) for each in nudges})


@dataclass(frozen=True, slots=True)
class Entry:
    """A line, and the command that deals with it."""

    says: str
    run: str = ""

    def line(self) -> str:
        """Both on one line, whatever a name holds."""
        return f"{flat(self.says)} -> {self.run}" if self.run else flat(self.says)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands under it; *run* lists all of that."""

    head: Entry
    entries: tuple[Entry, ...] = ()
    run: str = ""


def week_of(unit: Unit, ground: Ground, on: date, now: datetime) -> Week:
    """What the overview of the route of *ground* on the day *on* is made from; only what the ground lacks is read."""
    route = store.read_route(unit, str(ground.facts.route["key"]))
    zone = store.programme_zone(unit, route)
    facts = replace(ground.facts, today=on, elsewhere=store.spent_elsewhere(unit, route.id))
    ground = replace(ground, facts=facts)
    stage = ground.definition.stages.get(str(facts.route["stage"]))
    findings = judge(ground.definition, stage.needs if stage else (), facts, facts.waivers)
    figures = figures_of(unit, route.id, on, zone, now)
    return Week(on, route.key, ground, findings, figures, unheard(unit, route, ground.definition, facts), zone)


def text(words: Words, key: str, **values: object) -> str:
    """The text *key* of an overview with *values*."""
    return fill(words.monday[key], {name: str(value) for name, value in values.items()}, NAMES)


def day_text(day: date | None, words: Words) -> str:
    """A day as it stands in a line, `-` when none is known."""
    return short_day(day, words.language) if day else NOT_KNOWN


def since_text(instant: int, seen: Week, words: Words) -> str:
    """The day of an instant (UTC microseconds) in the programme's zone."""
    return short_day(day_of(from_us(instant), seen.zone), words.language)
