"""Use cases of what goes out: plan it, show it before it leaves, put a day's nudges into one message, send, close."""

from lrflow.nudges.assembling import assemble
from lrflow.nudges.delivering import deliver
from lrflow.nudges.mailers import Mailer, mailer_of
from lrflow.nudges.managing import Confirmed, Live, confirm, go_live
from lrflow.nudges.previewing import Preview, preview
from lrflow.nudges.ticking import Ticked, hold_sending, stop_sending, tick

__all__ = [
    "Confirmed",
    "Live",
    "Mailer",
    "Preview",
    "Ticked",
    "assemble",
    "confirm",
    "deliver",
    "go_live",
    "hold_sending",
    "mailer_of",
    "preview",
    "stop_sending",
    "tick",
]
