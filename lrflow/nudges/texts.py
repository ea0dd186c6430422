"""Whether the texts say everything to everybody: in each language that a reader has, for each rule, with long names."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from lrflow import messages, store, workflow
from lrflow.database import Database
from lrflow.definition import Definition
from lrflow.errors import Misused
from lrflow.facts import Facts
from lrflow.nudges.wording import FALLBACK, Reading, language_of
from lrflow.planner import senders

OPEN = ("active", "on_hold")


@dataclass(frozen=True, slots=True)
class Checked:
    """The texts of one folder: for which routes, and by language what is missing or wrong, each with file and key."""

    folder: Path
    routes: tuple[str, ...]
    faults: Mapping[str, tuple[str, ...]]


def check_routes(database: Database, today: date) -> list[Checked]:
    """Check the texts of every open route, in the languages of its readers, its organisations and itself."""
    wanted: dict[Path, dict[str, tuple[Definition, set[str]]]] = {}
    with database.begin() as unit:
        for route in store.routes_of(unit):
            if route.status in OPEN:
                definition = store.read_definition(unit, route.digest)
                facts = store.facts_of(unit, route, definition, today)
                place = wanted.setdefault(workflow.place_of(definition), {})
                place[route.key] = (definition, languages_of(definition, facts))
    return [_checked(folder, routes) for folder, routes in wanted.items()]


def check_folder(folder: Path) -> Checked:
    """Check the texts of the workflow in *folder*, in the languages for which it has a file."""
    languages = {file.stem for file in (folder / "messages").glob("*.toml")}
    return _checked(folder, {"": (workflow.read(folder), languages)})


def languages_of(definition: Definition, facts: Facts) -> set[str]:
    """Every language that somebody on the route reads, that an organisation has, or the route itself."""
    seen = Reading(definition, facts, {}, senders(facts))
    people = {language_of(each, seen) for each in facts.of("person") if not each["left_on"]}
    organisations = {str(each["language"]) for each in facts.of("organisation") if each["language"]}
    return people | organisations | set(facts.route["languages"] or [FALLBACK])


def _checked(folder: Path, routes: Mapping[str, tuple[Definition, set[str]]]) -> Checked:
    named = tuple(key for key in routes if key)
    languages = sorted(set().union(*(spoken for _, spoken in routes.values())))
    try:
        read = messages.read_messages(folder / "messages")
    except Misused as unreadable:  # while one file has a fault, nothing of the folder is said
        return Checked(folder, named, _by_language(unreadable.problems, languages))
    found: dict[str, None] = {}
    for definition, spoken in routes.values():
        texts = messages.texts_of(definition)
        found.update(dict.fromkeys(messages.faults(read, texts, sorted(spoken))))
        for language in sorted(spoken & read.keys()):
            found.update(dict.fromkeys(messages.outlived(read[language], texts)))
            found.update(dict.fromkeys(messages.misfits(read[language])))
    return Checked(folder, named, _by_language(found, languages))


def _by_language(problems: Iterable[str], languages: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """*problems* by the language of the file with which each begins; those without any are complete."""
    by: dict[str, list[str]] = {language: [] for language in languages}
    for problem in problems:
        by.setdefault(problem.partition(".toml")[0], []).append(problem)
    return {language: tuple(found) for language, found in by.items()}
