"""Use cases of a route: where it stands, forward, back, on hold, cancelled, reopened, and guards waived."""

from lrflow.routes.ahead import Leg, way_to
from lrflow.routes.looking import Blocker, Outlook, look, watched
from lrflow.routes.moving import Moved, advance, back, cancel, hold, reopen, resume
from lrflow.routes.waiving import Waived, waive

__all__ = [
    "Blocker",
    "Leg",
    "Moved",
    "Outlook",
    "Waived",
    "advance",
    "back",
    "cancel",
    "hold",
    "look",
    "reopen",
    "resume",
    "waive",
    "watched",
    "way_to",
]
