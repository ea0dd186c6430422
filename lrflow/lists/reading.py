"""Against what the cells of a list are read: the words of the route's workflow, the countries of its alliances."""

from lrflow import store
from lrflow.database import Unit
from lrflow.lists.cells import Reading, state_of
from lrflow.lists.known import short_names
from lrflow.lists.likeness import folded
from lrflow.store import Standing


def reading_of(unit: Unit, standing: Standing) -> Reading:
    """The workflow's own words, by vocabulary; where a telephone number is at home, in which year a day is."""
    vocabularies = {name: tuple(words) for name, words in standing.definition.vocabularies.items()}
    states = {state_of(kind): life.states for kind, life in standing.definition.lives.items()}
    homes = {
        name: str(each["country"])
        for each in store.all_shared(unit, "organisation")
        for name in (*short_names(str(each["name"])), folded(str(each["name"])))
        if each["country"]
    }
    host = str(standing.facts.route["host_country"] or "")
    year = str(standing.facts.route["visit_start"] or standing.facts.route["planned_visit"] or "")[:4]
    every = {**vocabularies, **states}
    return Reading(every, homes=homes, host=host, year=year, titles=standing.definition.vocabularies)
