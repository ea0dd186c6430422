"""Use cases of what was done: take it back, note something beside it."""

from lrflow.history.noting import note
from lrflow.history.undoing import Past, Undone, look_back, undo

__all__ = ["Past", "Undone", "look_back", "note", "undo"]
