"""Use cases of the lives beside a route: records added, edited, moved from state to state, evidence attached."""

from lrflow.tracks.adding import Added, add, add_route, add_shared, start_programme
from lrflow.tracks.attaching import attach
from lrflow.tracks.choosing import Which, choose, name_of
from lrflow.tracks.editing import Edited, edit, edit_programme, edit_route, edit_shared
from lrflow.tracks.marking import Marked, mark
from lrflow.tracks.removing import Removed, remove
from lrflow.tracks.replacing import Replaced, replace

__all__ = [
    "Added",
    "Edited",
    "Marked",
    "Removed",
    "Replaced",
    "Which",
    "add",
    "add_route",
    "add_shared",
    "attach",
    "choose",
    "edit",
    "edit_programme",
    "edit_route",
    "edit_shared",
    "mark",
    "name_of",
    "remove",
    "replace",
    "start_programme",
]
