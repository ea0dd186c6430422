"""What a field, a kind and an amount of money are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

FieldType = Literal[
    "text",  # one line
    "prose",  # any length; may be read from a file with @file
    "texts",  # several proses, one per line or ";"
    "pairs",  # several "text | context"
    "number",
    "decimal",
    "yes",  # yes or no
    "day",  # ISO day; a month (2016-09) where `month` is allowed
    "money",  # amount and currency, two columns
    "choice",
    "codes",  # several choices
    "ref",  # one record of kind `to`
    "refs",  # several records of kind `to`
    "key",  # the id of a record of any kind
    "email",
    "country",  # ISO 3166 alpha-2
    "language",
    "zone",
    "weekdays",  # ISO weekdays joined by +, 5+6; typed as fri+sat too
    "hours",  # from and until, 08:00-18:00
]


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name, how it is typed, which words it accepts, and a line of help."""

    name: str
    type: FieldType
    help: str
    choices: tuple[str, ...] = ()
    vocabulary: str = ""  # the list of the workflow that names the choices: areas, objectives ...
    to: str = ""
    required: bool = False
    month: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that hold it."""
        return (f"{self.name}_minor", f"{self.name}_currency") if self.type == "money" else (self.name,)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of record; *letter* heads its ids, `--of` fills *parent*, words typed bare fill *lead*."""

    name: str
    plural: str
    letter: str
    fields: tuple[Field, ...]
    parent: str = ""
    lead: tuple[str, ...] = ()
    has_life: bool = True

    def field(self, name: str) -> Field | None:
        """The field called *name*, if there is one."""
        return next((each for each in self.fields if each.name == name), None)

    @property
    def table(self) -> str:
        """The table that holds it."""
        return self.name


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in minor units (pence, cents) of an ISO 4217 currency."""

    minor: int
    currency: str

    def __str__(self) -> str:
        places = 0 if self.currency in _WITHOUT_MINOR_UNIT else 2
        return f"{self.minor / 10**places:,.{places}f} {self.currency}"


_WITHOUT_MINOR_UNIT = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "XAF", "XOF"}
)


def minor_places(currency: str) -> int:
    """How many decimal places the minor unit of *currency* has."""
    return 0 if currency in _WITHOUT_MINOR_UNIT else 2


DERIVED: Mapping[str, Mapping[str, str]] = {
    "route": {
        "final_due": "the day final plans are due: the last day of the visit plus the programme's days",
        "visit_days": "how many days the visit lasts",
        "visit_holidays": "public holidays of the host country inside the visit",
        "last_checkin": "the day of the last check-in of the follow-up to come",
        "digest_on": "the first Monday on which a live route writes its digest",
        "last_activity": "the later of the last plan end and check-in",
        "host_is_visiting": "whether a visiting delegation comes from the host country",
        "last_working_session": "the kind of the last working session of the visit",
    },
    "experience": {
        "claims": "what is claimed of it: good_practice, innovation, and what evidence was given for",
        "unproved": "claims without any evidence",
        "analysed": "whether an analysis session follows each of its visits on the same or next day",
        "is_visited": "whether a session of the itinerary is about it",
    },
    "case": {"bare_lessons": "lessons that do not say which context they need"},
    "objective": {
        "experience_selected": "whether the route has selected an experience",
        "is_session": "whether a session serves it",
        "is_experience": "whether a selected experience serves it",
    },
    "champion": {
        "country": "the country of the champion's organisation",
        "is_actor": "linked to a selected experience",
    },
    "delegation": {
        "attended": "whether someone of it took part in the visit",
        "is_host": "whether it comes from the host country",
        "cascades": "how often it passed learning on",
    },
    "participant": {
        "visiting": "whether the delegation visits (the host's own people do not)",
        "organisation": "the organisation that sends the person",
        "country": "the country of that organisation",
        "email": "the person's address",
        "is_lead": "whether the person leads the delegation",
    },
    "session": {
        "serves": "the objectives it serves: its own, or those of its experience",
        "leads_own_case": "whether every champion who leads it is an actor of its experience",
        "in_visit": "whether it lies inside the dates of the visit",
        "presents_all": "whether every visiting delegation presents",
        "has_champion": "whether a champion leads it",
    },
    "plan": {
        "final_due": "the day the final plan is due",
        "visiting": "whether a visiting delegation wrote it",
        "last_word_on": "the day of the last news of it",
    },
    "checkin": {"asked": "whether it was asked: a message went out"},
    "organisation": {"record_shared": "whether the record of this route reached it"},
    "person": {"address_state": "what mail to the address met: good, suspect or dead"},
}


def derived_fields(kind: str) -> Mapping[str, str]:
    """The fields worked out for *kind* rather than typed, each with what it says."""
    return DERIVED.get(kind, {})
