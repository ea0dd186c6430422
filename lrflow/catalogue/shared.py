"""The kinds that routes share, and the route itself."""

from lrflow.catalogue.shapes import Field, Kind

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
LANGUAGES = ("en", "fr", "es", "pt")

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
        Field("weekend", "weekdays", "days off each week, when not the country's: fri+sat"),
        Field("hours", "hours", "when mail may arrive, in its own zone: 08:00-18:00 unless set"),
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
        Field("away_until", "day", "the last day of an absence; until then the deputy is written to"),
        Field("deputy", "ref", "who stands in during the absence", to="person"),
        Field("weekend", "weekdays", "days off each week, when not the organisation's: fri+sat"),
        Field("hours", "hours", "when mail may arrive, in the person's zone: 08:00-18:00 unless set"),
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
