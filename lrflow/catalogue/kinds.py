"""Every kind and every field, and how their ids are read."""

import re

from lrflow.catalogue.shapes import Field, Kind
from lrflow.errors import Misused

LEVELS = ("village", "community", "municipality", "district", "county", "province", "region", "national")
STAKEHOLDERS = ("government", "un", "donor", "csa", "community", "business", "media", "academia")
SESSION_KINDS = (
    "induction",
    "experience_fair",
    "case_presentation",
    "field_visit",
    "panel",
    "analysis",
    "plan_drafting",
    "plan_presentation",
    "evaluation",
    "ceremony",
    "travel",
)
ORGANISATION_KINDS = (
    "secretariat",
    "facilitator",
    "csa",
    "cso",
    "msp",
    "project",
    "government",
    "un",
    "donor",
    "other",
)
CLAIMS = ("good_practice", "innovation", "challenge", "livelihoods", "other")
LANGUAGES = ("en", "fr", "es", "pt")

_TITLE = Field("title", "text", "what it is called")
_WHY = Field("why", "prose", "the reason given for its present state")

PROGRAMME = Kind(
    "programme",
    "programmes",
    "",
    (
        Field("name", "text", "the programme's name"),
        Field("donor", "text", "who pays"),
        Field("budget", "money", "the whole budget, e.g. '1009038.00 GBP'"),
        Field("starts_on", "day", "first day"),
        Field("ends_on", "day", "last day, inclusive"),
        Field("routes_planned", "number", "how many routes it will hold"),
        Field("link", "text", "one plain-text link for message footers"),
    ),
    has_life=False,
)
ORGANISATION = Kind(
    "organisation",
    "organisations",
    "",
    (
        Field("name", "text", "its name", required=True),
        Field("kind", "choice", "what it is", choices=ORGANISATION_KINDS),
        Field("country", "country", "ISO country code, e.g. RW"),
        Field("zone", "zone", "time zone; follows the country when empty"),
        Field("language", "language", "language of its people unless they say otherwise", choices=LANGUAGES),
        Field("email", "email", "where it is reached"),
        Field("in_registry", "yes", "whether it is one of the network's alliances, with whom every route is shared"),
    ),
    lead=("name",),
    has_life=False,
)
PERSON = Kind(
    "person",
    "people",
    "",
    (
        Field("name", "text", "full name", required=True),
        Field("email", "email", "e-mail address"),
        Field("phone", "text", "telephone, with country code"),
        Field("organisation", "ref", "the organisation", to="organisation"),
        Field("language", "language", "language of messages", choices=LANGUAGES),
        Field("country", "country", "where the person works, when not the organisation's country"),
        Field("zone", "zone", "time zone, when not the country's"),
        Field("sex", "choice", "for the donor's counts", choices=("female", "male", "other", "undisclosed")),
        Field("age_band", "choice", "for the donor's counts", choices=("under_35", "35_or_over", "undisclosed")),
        Field("opted_out", "yes", "whether the person asked for no more messages"),
        Field("left_on", "day", "the day the person left the organisation"),
        Field("successor", "ref", "who took over", to="person"),
        Field("bounced", "yes", "whether mail to the address comes back"),
    ),
    lead=("name", "email"),
    has_life=False,
)
ROUTE = Kind(
    "route",
    "routes",
    "",
    (
        Field("title", "text", "its name, as written in messages"),
        Field("region", "text", "part of the world"),
        Field("languages", "codes", "working languages, the first one first", choices=LANGUAGES),
        Field("host_country", "country", "the country visited"),
        Field("host", "ref", "the host alliance", to="organisation"),
        Field("facilitator", "ref", "the organisation that facilitates", to="organisation"),
        Field("places", "texts", "where the visit goes"),
        Field("planned_visit", "day", "when the visit is planned; a month will do", month=True),
        Field("visit_start", "day", "first day of the visit; a month until the day is known", month=True),
        Field("visit_end", "day", "last day of the visit", month=True),
        Field("record_on", "day", "the day the route's record was published"),
        Field("record_link", "text", "where the record can be read"),
        Field("donor_report_on", "day", "the day the donor report was delivered"),
        Field("budget", "money", "the share of the programme's budget set aside for this route"),
    ),
    lead=("title",),
)
OFFER = Kind(
    "offer",
    "offers",
    "H",
    (
        Field("organisation", "ref", "the alliance that offers to host", to="organisation", required=True),
        Field("offered_on", "day", "the day it answered"),
        Field("strengths", "prose", "what it can show"),
        _WHY,
    ),
    lead=("organisation",),
)
EXPERIENCE = Kind(
    "experience",
    "experiences",
    "E",
    (
        Field("title", "text", "what it is called", required=True),
        Field("owner", "text", "who runs it"),
        Field("place", "text", "where"),
        Field("country", "country", "only when it is not the host country"),
        Field("areas", "codes", "thematic areas", vocabulary="areas"),
        Field(
            "learning_objectives", "codes", "programme learning objectives it serves", vocabulary="learning_objectives"
        ),
        Field("objectives", "refs", "route objectives it serves", to="objective"),
        Field("good_practice", "yes", "claimed to be a good practice"),
        Field("innovation", "yes", "claimed to be an innovation"),
        Field("summary", "prose", "a few lines"),
        Field("scaling_potential", "choice", "can it grow", choices=("up", "out", "both", "none")),
        Field("scaling_why", "prose", "why it can or cannot"),
        Field("levels", "codes", "levels at which it works", choices=(*LEVELS, "international")),
        Field("beneficiary_groups", "texts", "who benefits"),
        _WHY,
    ),
    lead=("title",),
)
EVIDENCE = Kind(
    "evidence",
    "evidence",
    "F",
    (
        Field("about", "key", "the record it speaks for", required=True),
        Field("claims", "codes", "what it proves", choices=CLAIMS),
        Field("what", "text", "what it is"),
        Field("source", "text", "the link or the file's name"),
        Field("on", "day", "its date"),
        Field("sha256", "text", "fingerprint of the file kept"),
        Field("size", "number", "bytes of the file kept"),
        _WHY,
    ),
    lead=("about", "what"),
)
CASE = Kind(
    "case",
    "cases",
    "K",
    (
        Field("experience", "ref", "the experience it documents", to="experience", required=True),
        Field("author", "text", "who writes it"),
        Field("how", "prose", "the process: how it was done"),
        Field("who", "prose", "the process: who did it"),
        Field("what", "prose", "the process: what was done"),
        Field("success_factors", "texts", "keys of success"),
        Field("practices", "texts", "good practices in it"),
        Field("innovations", "texts", "innovations in it"),
        Field("lessons", "pairs", "lessons, each with the context it needs: 'lesson | context'"),
        Field("validated_on", "day", "the day its actors discussed it"),
        Field("validated_by", "texts", "the actors who took part"),
        Field("approved", "yes", "whether the actors approved the text"),
        Field("link", "text", "where it can be read"),
        _WHY,
    ),
    parent="experience",
    lead=("experience",),
)
OBJECTIVE = Kind(
    "objective",
    "objectives",
    "O",
    (
        Field("title", "text", "the objective or theme in words", required=True),
        Field("sort", "choice", "a learning objective of the route, or a theme", choices=("objective", "theme")),
        Field("area", "choice", "the programme area a theme belongs to", vocabulary="areas"),
        Field(
            "learning_objective",
            "choice",
            "the programme objective it makes specific",
            vocabulary="learning_objectives",
        ),
        _WHY,
    ),
    lead=("title",),
)
CHAMPION = Kind(
    "champion",
    "champions",
    "C",
    (
        Field("person", "ref", "who", to="person", required=True),
        Field("experiences", "refs", "the experiences in which the champion is an actor", to="experience"),
        Field("role", "text", "the part played in the experience"),
        Field("success", "prose", "the success in own work"),
        Field("trained_on", "day", "the day the training ended"),
        Field("outcome", "choice", "how the training ended", choices=("passed", "partly", "failed")),
        Field("trained_by", "text", "who trained"),
        _WHY,
    ),
    lead=("person",),
)
DELEGATION = Kind(
    "delegation",
    "delegations",
    "D",
    (
        Field("organisation", "ref", "the organisation that sends it", to="organisation", required=True),
        Field("visiting", "yes", "no for the host's own people"),
        Field("lead", "ref", "who leads it", to="person"),
        Field("focal_point", "ref", "who answers for the route at home", to="person"),
        Field("applied_on", "day", "the day it applied"),
        Field("committed_on", "day", "the day the organisation signed its commitment"),
        Field("needs", "prose", "what it wants to learn"),
        _WHY,
    ),
    lead=("organisation",),
)
PARTICIPANT = Kind(
    "participant",
    "participants",
    "P",
    (
        Field("person", "ref", "who", to="person", required=True),
        Field("delegation", "ref", "with which delegation", to="delegation", required=True),
        Field("visa", "choice", "travel papers", choices=("needed", "obtained", "not_needed", "refused")),
        Field("can_decide", "yes", "whether the person can decide at home"),
        Field("replaces", "ref", "whom the person replaces", to="participant"),
        _WHY,
    ),
    parent="delegation",
    lead=("person",),
)
SESSION = Kind(
    "session",
    "sessions",
    "S",
    (
        Field("on", "day", "the day", required=True),
        Field("kind", "choice", "what happens", choices=SESSION_KINDS, required=True),
        Field("title", "text", "what it is called"),
        Field("place", "text", "where"),
        Field("experience", "ref", "the experience it is about", to="experience"),
        Field("leads", "refs", "champions who lead it", to="champion"),
        Field("objectives", "refs", "route objectives it serves", to="objective"),
        Field("stakeholders", "codes", "kinds of stakeholders met", choices=STAKEHOLDERS),
        Field("presenters", "refs", "delegations that present; empty means all", to="delegation"),
        _WHY,
    ),
    lead=("on", "kind"),
)
PLAN = Kind(
    "plan",
    "plans",
    "A",
    (
        _TITLE,
        Field("delegation", "ref", "the delegation that wrote it", to="delegation", required=True),
        Field("kind", "choice", "what the plan does with the learning", choices=("implement", "test")),
        Field("change", "prose", "the change wanted"),
        Field("innovation", "prose", "the innovation seen on the visit"),
        Field("experience", "ref", "the experience it came from", to="experience"),
        Field("adapted", "prose", "what is adapted"),
        Field("applied_by", "ref", "the organisation that applies it", to="organisation"),
        Field("country", "country", "where it is applied"),
        Field("themes", "refs", "route themes it touches", to="objective"),
        Field("serves", "codes", "programme objectives it serves", vocabulary="objectives"),
        Field("strategy_fit", "prose", "how it fits an existing strategy"),
        Field("local_need", "prose", "the local need it answers"),
        Field(
            "msp_engagement",
            "choice",
            "work with multi-stakeholder platforms",
            choices=("national", "sub_national", "none"),
        ),
        Field("beneficiaries", "text", "who benefits and how many"),
        Field("months", "number", "how long it lasts"),
        Field("starts_on", "day", "planned start", month=True),
        Field("ends_on", "day", "planned end", month=True),
        Field("cost", "money", "the whole plan's budget"),
        Field("owner", "ref", "who answers for it; the delegation's lead unless set", to="person"),
        Field("final_on", "day", "the day the final plan arrived"),
        Field("awarded_on", "day", "the day of the award"),
        Field("award", "money", "the award, e.g. '5000 USD'"),
        Field("award_rate", "decimal", "one unit of the award's currency in the programme's currency"),
        Field("started_on", "day", "the day work began"),
        Field("finished_on", "day", "the day it came to an end"),
        Field("result", "prose", "what came of it"),
        _WHY,
    ),
    parent="delegation",
    lead=("title",),
)
ACTION = Kind(
    "action",
    "actions",
    "A",
    (
        Field("plan", "ref", "the plan", to="plan", required=True),
        Field("title", "text", "what will be done", required=True),
        Field("person", "ref", "who does it; the plan's owner unless set", to="person"),
        Field("due", "day", "by when", month=True),
        Field("done_on", "day", "the day it was done"),
        _WHY,
    ),
    parent="plan",
    lead=("title",),
)
CHECKIN = Kind(
    "checkin",
    "checkins",
    "Q",
    (
        Field("delegation", "ref", "who is asked", to="delegation", required=True),
        Field("month", "number", "months after the last day of the visit; 0 is the survey", required=True),
        Field("due", "day", "the day it is asked"),
        Field("answered_on", "day", "the day of the answer"),
        Field("learning_used", "prose", "one example of learning used"),
        Field("learning_shared", "prose", "with whom learning was shared"),
        Field("plan_state", "text", "not started, started, done or stopped"),
        Field("percent", "number", "share of the actions done"),
        Field("blocked_by", "prose", "what stands in the way"),
        Field("help_needed", "prose", "what would help"),
        Field("via", "text", "how it was answered: reply, call, meeting"),
        _WHY,
    ),
    parent="delegation",
    lead=("delegation", "month"),
)
CASCADE = Kind(
    "cascade",
    "cascades",
    "R",
    (
        Field("delegation", "ref", "who passed learning on", to="delegation", required=True),
        Field("on", "day", "when", required=True),
        Field("level", "choice", "how far down", choices=LEVELS, required=True),
        Field("organisation", "text", "with which organisation"),
        Field("women", "number", "women and girls reached"),
        Field("men", "number", "men and boys reached"),
        Field("people", "number", "people reached, when not counted by sex"),
        Field("plan", "ref", "the plan it belongs to", to="plan"),
        Field("what", "prose", "what was passed on"),
        _WHY,
    ),
    parent="delegation",
    lead=("on", "level"),
)
SHARING = Kind(
    "sharing",
    "sharings",
    "R",
    (
        Field(
            "sort",
            "choice",
            "what was shared",
            choices=("route_record", "webinar", "post", "newsletter", "article", "meeting", "other"),
            required=True,
        ),
        Field("organisation", "ref", "the alliance it went to, or that shared it", to="organisation"),
        Field("on", "day", "when"),
        Field("title", "text", "what it is called"),
        Field("link", "text", "where it can be read"),
        Field("via", "text", "how it was handed over"),
        _WHY,
    ),
    lead=("sort", "organisation"),
)
BUDGET = Kind(
    "budget",
    "budget lines",
    "B",
    (
        Field("what", "text", "what the money is for", required=True),
        Field("step", "text", "the stage it belongs to"),
        Field("amount", "money", "how much, e.g. '1200.50 USD'", required=True),
        Field("rate", "decimal", "one unit of the currency in the programme's currency; 1 when it is the same"),
        Field("on", "day", "the day of the commitment or payment"),
        _WHY,
    ),
    lead=("what", "amount"),
)

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        PROGRAMME,
        ORGANISATION,
        PERSON,
        ROUTE,
        OFFER,
        EXPERIENCE,
        EVIDENCE,
        CASE,
        OBJECTIVE,
        CHAMPION,
        DELEGATION,
        PARTICIPANT,
        SESSION,
        PLAN,
        ACTION,
        CHECKIN,
        CASCADE,
        SHARING,
        BUDGET,
    )
}
LETTERS: dict[str, tuple[str, ...]] = {
    letter: tuple(kind.name for kind in KINDS.values() if kind.letter == letter)
    for letter in sorted({kind.letter for kind in KINDS.values()} - {""})
}
SUB_KEYED = {"action": "plan", "checkin": "delegation"}  # A1.2 is the second action of A1; Q3.6 asks D3 at month 6

_KEY = re.compile(r"^(?P<letter>[A-Za-z])(?P<number>\d{1,6})(?:\.(?P<sub>\d{1,4}))?$")
_RANGE = re.compile(r"^(?P<first>[A-Za-z]\d{1,6})-(?P<last>[A-Za-z]?\d{1,6})$")


def kind_of(word: str) -> Kind:
    """The kind called *word*, singular or plural, with or without dash; `Misused` names near words."""
    folded = word.strip().lower().replace("-", "").replace("_", "").replace(" ", "")
    for kind in KINDS.values():
        if folded in (kind.name, kind.plural.replace(" ", ""), kind.letter.lower() or "-"):
            return kind
    raise Misused(f"there is no kind of record called {word!r}", problems=_near(word), remedy="lrflow add --help")


def _near(word: str) -> list[str]:
    from difflib import get_close_matches

    return [f"did you mean {name}?" for name in get_close_matches(word, KINDS, n=1)]


def kind_of_key(key: str) -> tuple[str, ...]:
    """The kinds an id such as E1, A1.2 or R4 may belong to; empty when it is no id."""
    match = _KEY.match(key)
    if not match:
        return ()
    names = LETTERS.get(match["letter"].upper(), ())
    wants_sub = match["sub"] is not None
    return tuple(name for name in names if (name in SUB_KEYED) == wants_sub)


def read_key(text: str) -> str | None:
    """*text* as an id in its written form (e1 -> E1), or None when it is none."""
    match = _KEY.match(text.strip())
    if not match or not kind_of_key(text.strip()):
        return None
    return text.strip().upper()


def split_keys(text: str) -> list[str]:
    """The ids of a range such as P1-P24; a single id gives itself; anything else gives []."""
    match = _RANGE.match(text.strip())
    if not match:
        key = read_key(text)
        return [key] if key else []
    letter, first = match["first"][0].upper(), int(match["first"][1:])
    last = int(match["last"].lstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    if last < first or last - first > 5000:
        raise Misused(f"{text} is not a range", remedy=f"write {letter}1-{letter}24")
    return [f"{letter}{number}" for number in range(first, last + 1)]
