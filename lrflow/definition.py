"""The frozen shape of a workflow: stages, lives, guards, roles, rules, as read from its folder and pinned."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Literal, TypeVar

Condition = Mapping[str, Any]  # {field: value | [values] | {min, max, filled}}, with `state`, `reached`, `any`
CheckName = Literal["count", "distinct", "every", "each_has", "filled", "dates", "covers", "total"]
Level = Literal["hard", "soft", "warn"]

_FORBID: dict[str, Any] = {"extra": "forbid", "strict": True}


@dataclass(frozen=True, slots=True)
class Ask:
    """One check with its parameters; a guard asks one or more. Values beginning with @ point: @parameters.min_csas."""

    __pydantic_config__: ClassVar = _FORBID
    check: CheckName
    of: str
    says: str = ""  # the sentence when it is not met; {have} {need} {short} {missing}
    where: Condition = field(default_factory=dict)
    having: Condition = field(default_factory=dict)
    field: str = ""
    fields: tuple[str, ...] = ()
    has: str = ""  # the related kind, or a field of the record that lists related ids
    by: str = ""  # the field of the related record that points back
    min: int | str | None = None
    max: int | str | None = None
    desired: int | str | None = None
    values: str = ""
    of_all: tuple[Mapping[str, str], ...] = ()  # what `total` adds up: [{of, field, rate}]
    limit: str = ""
    reached: bool = False  # `dates`: the day must have come
    before: str = ""
    within: tuple[str, ...] = ()  # `dates`: from, to
    run: str = ""  # the command to paste when this is what is not met, in place of the guard's
    says_none: str = ""  # the sentence when there is no record to ask about


@dataclass(frozen=True, slots=True)
class Waivable:
    """Who may waive a soft guard, for how many days at most."""

    __pydantic_config__: ClassVar = _FORBID
    by: tuple[str, ...]
    days: int
    floor: int | None = None


@dataclass(frozen=True, slots=True)
class Guard:
    """A named condition on a move, its level, and what to do when it stands in the way."""

    __pydantic_config__: ClassVar = _FORBID
    level: Level
    title: str
    asks: tuple[Ask, ...]
    remedy: str
    run: str = ""
    run_none: str = ""  # what to type when there is no id to name yet
    too_many: str = ""  # the remedy when a maximum is passed
    waive: Waivable | None = None
    keep: str = ""  # watched after it was passed, until this stage ends


@dataclass(frozen=True, slots=True)
class Back:
    """Where a stage may be sent back to, whose evidence is reopened, and how often."""

    __pydantic_config__: ClassVar = _FORBID
    to: tuple[str, ...]
    max: int
    reopens: Mapping[str, str] = field(default_factory=dict)  # kind -> the state its records fall back to


@dataclass(frozen=True, slots=True)
class Creation:
    """Records made on entering a stage: one per record of *each* and value of *values*."""

    __pydantic_config__: ClassVar = _FORBID
    kind: str
    each: str
    where: Condition
    values: tuple[int | str, ...]
    field: str
    due: str  # the field that is filled with anchor + value months
    anchor: str


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the path."""

    __pydantic_config__: ClassVar = _FORBID
    title: str
    needs: tuple[str, ...]
    target: str
    limit: str
    back: Back | None = None
    creates: tuple[Creation, ...] = ()


@dataclass(frozen=True, slots=True)
class Move:
    """How a record enters a state: from where, with which guards and fields; *reason* when one must be given."""

    __pydantic_config__: ClassVar = _FORBID
    sources: tuple[str, ...]
    needs: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    reason: bool = False
    takes: Mapping[str, str] = field(default_factory=dict)  # kind -> the state to which its open records go along


@dataclass(frozen=True, slots=True)
class Life:
    """The states of one kind of record: a forward path, ends beside it, and the move into each state."""

    __pydantic_config__: ClassVar = _FORBID
    path: tuple[str, ...]
    moves: Mapping[str, Move]
    ends: tuple[str, ...] = ()
    begins: Mapping[str, str] = field(
        default_factory=dict
    )  # state -> the field that, filled with a past day, begins it

    def first_state(self, values: Mapping[str, Any], today: str) -> str:
        """The state in which a record added with *values* begins: what has happened already is not planned any more."""
        started = [state for state, name in self.begins.items() if values.get(name) and str(values[name]) <= today]
        return started[-1] if started else self.path[0]

    @property
    def states(self) -> tuple[str, ...]:
        """Every state, the forward path first."""
        return (*self.path, *(state for state in self.moves if state not in self.path))


@dataclass(frozen=True, slots=True)
class Role:
    """What the holders of a role may do: verbs of the route, kinds of record they edit ("*" = all)."""

    __pydantic_config__: ClassVar = _FORBID
    title: str
    may: tuple[str, ...] = ()
    edits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number of the programme that an owner may change for one route, between *floor* and *ceiling*."""

    __pydantic_config__: ClassVar = _FORBID
    value: int | tuple[int, ...]
    title: str
    floor: int | None = None
    ceiling: int | None = None


@dataclass(frozen=True, slots=True)
class Repeat:
    """Asked again: every span, so many times more."""

    __pydantic_config__: ClassVar = _FORBID
    every: str
    times: int


@dataclass(frozen=True, slots=True)
class Step:
    """A rung of the ladder: after so many working days without a sign, to whom."""

    __pydantic_config__: ClassVar = _FORBID
    after: str
    to: tuple[str, ...]
    channel: Literal["mail", "call"] = "mail"
    words: str = ""  # whose words it uses; those of the rule unless set


@dataclass(frozen=True, slots=True)
class After:
    """A later part of a story: said only when what *rule* said was delivered, *grace* working days ago, and unheard."""

    __pydantic_config__: ClassVar = _FORBID
    rule: str
    grace: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A nudge rule: about what, while which states hold, when, to whom, and what a delay does to it."""

    __pydantic_config__: ClassVar = _FORBID
    about: str  # a kind of record, or guard:NAME, or stage
    when: str
    to: tuple[str, ...]
    stages: tuple[str, ...] = ()
    condition: Condition = field(default_factory=dict)
    at: str = "09:00"
    shift: Literal["", "next", "previous", "none"] = ""  # off days off: back before the anchor, else on, unless set
    repeat: Repeat | None = None
    after: After | None = None
    then: tuple[Step, ...] = ()
    min_gap: str = "3wd"  # a repeat nearer to the last one said is left out; five would eat a week with a holiday
    late: Literal["latest", "each", "drop"] = "latest"
    max_late: str = "10wd"
    newcomer: Literal["now", "skip"] = "skip"
    on_hold: Literal["pause", "run", "cancel"] = "pause"
    if_unsure: Literal["ask", "resend"] = "ask"
    priority: int = 3
    words: str = ""  # whose words it uses; its own unless set


@dataclass(frozen=True, slots=True)
class Definition:
    """A whole workflow. Routes keep the digest of the one they began with."""

    __pydantic_config__: ClassVar = _FORBID
    schema: int
    name: str
    title: str
    path: tuple[str, ...]
    done: str
    stages: Mapping[str, Stage]
    lives: Mapping[str, Life]
    guards: Mapping[str, Guard]
    roles: Mapping[str, Role]
    parameters: Mapping[str, Parameter]
    vocabularies: Mapping[str, Mapping[str, str]]
    rules: Mapping[str, Rule]
    digest: str = ""
    folder: str = field(default="", compare=False)  # where messages and calendars are read, when it is a user's own

    def __hash__(self) -> int:
        return hash(self.digest)

    def stage_after(self, stage: str) -> str:
        """The stage that follows *stage* on the path, the closing one after the last."""
        return (*self.path, self.done)[self.path.index(stage) + 1]

    def stage_title(self, stage: str) -> str:
        """The stage as people write it."""
        return self.stages[stage].title if stage in self.stages else stage.replace("_", " ").capitalize()

    def ordinal(self, stage: str) -> str:
        """Where a stage stands among the numbered steps, e.g. 3/5; empty for the draft and the end."""
        steps = [name for name in self.path if name != "draft"]
        return f"{steps.index(stage) + 1}/{len(steps)}" if stage in steps else ""


Shape = TypeVar("Shape")
_NESTED: Mapping[type, Mapping[str, tuple[str, type]]] = {
    Guard: {"asks": ("many", Ask), "waive": ("one", Waivable)},
    Stage: {"back": ("one", Back), "creates": ("many", Creation)},
    Life: {"moves": ("named", Move)},
    Rule: {"repeat": ("one", Repeat), "after": ("one", After), "then": ("many", Step)},
    Definition: {
        "stages": ("named", Stage),
        "lives": ("named", Life),
        "guards": ("named", Guard),
        "roles": ("named", Role),
        "parameters": ("named", Parameter),
        "rules": ("named", Rule),
    },
}


def build(shape: type[Shape], data: Mapping[str, Any]) -> Shape:
    """Make a *shape* of this module from JSON-like *data* that was checked when it was pinned.

    It trusts its input and imports nothing, which is what keeps `status`, `check` and `advance` instant.
    """
    made: dict[str, Any] = {}
    nested = _NESTED.get(shape, {})
    for name, value in data.items():
        how, inner = nested.get(name, ("", object))
        if value is None or not how:
            made[name] = tuple(value) if isinstance(value, list) else value
        elif how == "one":
            made[name] = build(inner, value)
        elif how == "many":
            made[name] = tuple(build(inner, each) for each in value)
        else:
            made[name] = {key: build(inner, each) for key, each in value.items()}
    return shape(**made)


def plain(value: Any) -> Any:
    """*value* of this module as JSON-like data; defaults are left out, so that new options keep old digests."""
    if isinstance(value, tuple | list):
        return [plain(each) for each in value]
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in value.items()}
    if hasattr(value, "__dataclass_fields__"):
        return {
            each.name: plain(getattr(value, each.name))
            for each in fields(value)
            if each.name not in ("digest", "folder") and not _is_default(value, each)
        }
    return value


def _is_default(value: Any, each: Any) -> bool:
    held = getattr(value, each.name)
    return bool(held == each.default) or (held == {} and each.default_factory is dict)
