"""Why a nudge is silent: the closed list, each reason with the sentence that people read."""

from collections.abc import Mapping

REASONS: Mapping[str, str] = {
    "stop_condition": "it is done, or no longer in the state that the rule is about",
    "answered": "an answer came",
    "snoozed": "the person asked for a later day",
    "opted_out": "the person asked for no more messages",
    "no_recipient": "nobody holds the role it goes to",
    "no_reachable_channel": "no address is known at which the person can be reached",
    "before_active": "its day was before messages began to leave (go-live)",
    "subject_after_nominal": "it came into being after the day on which it would have been said",
    "mid_series": "what it follows was never said, and a story does not begin in the middle",
    "not_delivered": "what it follows did not arrive",
    "min_gap": "the same was said too short a time before",
    "already_sent": "it was said before",
    "paused": "the route is on hold, or its messages are paused",
    "on_hold": "the route is on hold, and the rule ends with that",
    "too_late": "the day on which it still made sense has passed",
    "superseded": "a newer one took its place",
    "route_ended": "the route is closed or cancelled, or the programme is over",
    "no_anchor": "the date that it counts from is not set",
    "withdrawn": "it was taken back before it was said",
    "person_left": "the person left, and nobody took over",
    "skipped": "a coordinator left it out",
    "held_back": "a coordinator holds it back",
    "unconfirmed": "it is not known yet whether what it follows was sent",
    "taken_over": "another copy of this programme may have sent it",
    "restored": "an older copy of the database was put back, and it may have been sent since",
    "flood": "far more than was foreseen would leave at once, and a coordinator looks first",
    "no_translation": "there is no text in the language of its reader",
    "unworded": "it could not be put into words, which is a fault of lrflow or of the texts",
    "not_taken": "the mail server did not take it",
}


def sentence(reason: str) -> str:
    """*reason* as people read it; a word of its own where none is known."""
    return REASONS.get(reason, reason.replace("_", " "))
