"""Against what the cells of a list are read: the words of the route's workflow."""

from lrflow.lists.cells import Reading
from lrflow.store import Standing


def reading_of(standing: Standing) -> Reading:
    """The workflow's own words, by vocabulary, and the host country for telephone numbers without a country code."""
    vocabularies = {name: tuple(words) for name, words in standing.definition.vocabularies.items()}
    return Reading(vocabularies)
