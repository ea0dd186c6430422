"""Use cases of what goes out: plan it, show it before it leaves, put a day's nudges into one message, send, close."""

from lrflow.nudges.assembling import assemble
from lrflow.nudges.chosen import Settled
from lrflow.nudges.corresponding import Mail, mail_of
from lrflow.nudges.deciding import Sent, move, send, skip
from lrflow.nudges.delivering import deliver
from lrflow.nudges.explaining import why_nudge, why_person
from lrflow.nudges.foreseeing import days_ahead
from lrflow.nudges.guarding import UNKNOWN, Uptime, uptime
from lrflow.nudges.mailers import Mailer, mailer_of
from lrflow.nudges.managing import Confirmed, Live, confirm, go_live, hold, release
from lrflow.nudges.previewing import Preview, preview
from lrflow.nudges.surging import Surge, let_leave, surge_of
from lrflow.nudges.telling import Audience, Told, audience, tell
from lrflow.nudges.ticking import Ticked, hold_sending, stop_sending, tick
from lrflow.nudges.trying import try_rule

__all__ = [
    "UNKNOWN",
    "Audience",
    "Confirmed",
    "Live",
    "Mail",
    "Mailer",
    "Preview",
    "Sent",
    "Settled",
    "Surge",
    "Ticked",
    "Told",
    "Uptime",
    "assemble",
    "audience",
    "confirm",
    "days_ahead",
    "deliver",
    "go_live",
    "hold",
    "hold_sending",
    "let_leave",
    "mail_of",
    "mailer_of",
    "move",
    "preview",
    "release",
    "send",
    "skip",
    "stop_sending",
    "surge_of",
    "tell",
    "tick",
    "try_rule",
    "uptime",
    "why_nudge",
    "why_person",
]
