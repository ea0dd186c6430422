"""What a plan is made from, and what it is made of."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time

from lrflow.calendars import Calendar
from lrflow.definition import Definition, Rule
from lrflow.facts import Facts, Record
from lrflow.planner.people import Visitors, visitors_of
from lrflow.planner.quiet import NOTHING, Quiet

RUNG = 1000  # the number of the first rung of a ladder, after every repeat
ALREADY_SENT = "already_sent"
UNREACHED = ("no_recipient", "person_left", "opted_out", "no_reachable_channel")
OPEN = ("planned", "held")
# What a person has, or may have. What is `assembled` may still fall out of its message, and is asked again before.
SAID = ("sent", "drafted", "unsure")
SUPERSEDED = "superseded"  # why what was open fell silent: a new epoch, or a newer one of a series, took its place
OVER = (*SAID, "failed", "suppressed", "expired")
Key = tuple[str, str, str, int, int]  # rule, subject, role, seq, epoch
CalendarOf = Callable[[int | None], Calendar]


@dataclass(frozen=True, slots=True)
class Arming:
    """Whether a rule is armed for a subject: for which time in a row, since which day, counted from which day."""

    rule: str
    subject: str
    epoch: int
    armed: bool
    armed_on: date
    anchor_on: date | None


@dataclass(frozen=True, slots=True)
class Known:
    """A nudge the ledger already has."""

    key: Key
    state: str
    local_on: date
    closed_on: date | None = None
    pinned: bool = False
    reason: str = ""
    person: int | None = None
    moved_on: date | None = None  # the day a person chose for it
    woken: bool = False  # a person wants it said now: it asks neither for quiet hours nor for the week's two messages

    @property
    def said_on(self) -> date | None:
        """The last day for which it stands said; None when it was not."""
        return max(self.local_on, self.closed_on or self.local_on) if self.state in SAID else None


@dataclass(frozen=True, slots=True)
class Ledger:
    """What was planned and sent for one route so far."""

    armings: Mapping[tuple[str, str], Arming]
    nudges: Mapping[Key, Known]
    _of_subject: dict[tuple[str, str], list[Known]] = field(init=False, repr=False, compare=False, default_factory=dict)
    _of_line: dict[tuple[str, str, str, int], list[Known]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )
    moved: dict[tuple[str, str, str, int], date] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        # Asked for every subject of every rule, and for every nudge: looking through all each time would be quadratic.
        for key, each in self.nudges.items():
            self._of_subject.setdefault(key[:2], []).append(each)
            self._of_line.setdefault(key[:4], []).append(each)
            if each.moved_on is not None and each.state in (*OPEN, "assembled"):  # the claim asks once more
                self.moved[key[:4]] = each.moved_on

    def of(self, rule: str, subject: str) -> Sequence[Known]:
        """The nudges of *rule* about *subject*, of every epoch."""
        return self._of_subject.get((rule, subject), ())

    def before(self, key: Key) -> list[Known]:
        """The same as *key* in earlier epochs, the newest last."""
        same = [each for each in self._of_line.get(key[:4], ()) if each.key[4] < key[4]]
        return sorted(same, key=lambda each: each.key[4])


@dataclass(frozen=True, slots=True)
class Intended:
    """One intended contact: what makes it the same one (`key`), to whom, when, and why it stays silent if it does."""

    key: Key
    person: int | None
    state: str
    reason: str
    nominal_on: date
    local_on: date
    at: time
    zone: str
    due: datetime
    moved_on: date | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything intended for a route, what became of each arming, and why open nudges not in it fall silent."""

    intended: Mapping[Key, Intended]
    armings: tuple[Arming, ...]
    silenced: Mapping[tuple[str, str], str]
    without_day: tuple[tuple[str, str], ...]  # (rule, subject) whose date is known only to the month


@dataclass(frozen=True, slots=True)
class Moment:
    """When the plan is made: the instant, the day on which what caused it happened, and since when rules speak.

    *restoring*: an undo brings back what was; nothing counts as new by it.
    """

    now: datetime
    day: date
    live_on: date | None
    restoring: bool = False


@dataclass(frozen=True, slots=True)
class Ground:
    """What a plan is made from besides the rules."""

    definition: Definition
    facts: Facts
    ledger: Ledger
    calendar_of: CalendarOf
    moment: Moment
    quiet: Quiet = NOTHING
    visitors: Visitors = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "visitors", visitors_of(self.facts))


@dataclass(frozen=True, slots=True)
class Start:
    """From which day on a later part of a story may be said; or the state and the reason that keep it silent."""

    on: date | None = None
    silence: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Matter:
    """A rule armed for one subject, counted from one day. It *goes on* when its new epoch is no new chance."""

    name: str
    rule: Rule
    subject: str
    record: Record
    anchor: date
    arming: Arming
    goes_on: bool = False
    start: Start = Start()

    def key(self, role: str, seq: int) -> Key:
        """What makes the nudge to *role* the same one, whatever its date."""
        return (self.name, self.subject, role, seq, self.arming.epoch)
