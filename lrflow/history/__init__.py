"""Use cases of what was done: take it back, note something beside it."""
