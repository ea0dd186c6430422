"""Every kind and every field."""

from lrflow.catalogue.shapes import Field, Kind
from lrflow.catalogue.shared import ORGANISATION, PERSON, PROGRAMME, ROUTE

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
CLAIMS = ("good_practice", "innovation", "challenge", "livelihoods", "other")

_TITLE = Field("title", "text", "what it is called")
_WHY = Field("why", "prose", "the reason given for its present state")

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
