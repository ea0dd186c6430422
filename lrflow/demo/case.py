"""The facts of the route that the demonstration lives, as the file beside this module tells them."""

import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

Case = Mapping[str, Any]

FILE = Path(__file__).with_name("rwanda-2016.toml")
FILLED_IN = ("inferred", "invented")
INVENTED = "[invented]"


def read_case() -> Case:
    """The facts of the Learning Route in Rwanda, with where each comes from."""
    return tomllib.loads(FILE.read_text("utf-8"))


def day_of(case: Case, name: str) -> date:
    """The day on which *name* happened."""
    return date.fromisoformat(case["days"][name]["on"])


def said_of(case: Case, name: str) -> str:
    """What happened on the day *name*, with a mark when no public source says so."""
    told = case["days"][name]
    return f"{told['says']} {INVENTED}" if told["p"] in FILLED_IN else str(told["says"])


def alliances(case: Case) -> list[tuple[str, str]]:
    """Country and name of the alliances that take part, the host last: D1 and those after it, in this order."""
    visiting = [(each["country"], each["alliance"]) for each in case["delegations"]["visiting"]]
    return [*visiting, (case["route"]["country"], case["route"]["host"])]


def other_alliances(case: Case) -> list[str]:
    """The invented names of the alliances of the registry that do not take part."""
    registry = case["registry"]
    return [
        registry["other"].format(number=number) for number in range(registry["known"] + 1, registry["alliances"] + 1)
    ]


def delegation_of(case: Case, country: str) -> str:
    """The id of the delegation from *country*."""
    return f"D{[code for code, _ in alliances(case)].index(country) + 1}"


def participant_of(case: Case, country: str, number: int) -> str:
    """The id of the participant *number*, from 1, of the delegation from *country*."""
    before = [code for code, _ in alliances(case)].index(country) * int(case["delegations"]["people"])
    return f"P{before + number}"


def participants_of(case: Case, countries: list[str]) -> str:
    """The ids of all participants from *countries*, with blanks between them."""
    numbers = range(1, int(case["delegations"]["people"]) + 1)
    return " ".join(participant_of(case, country, number) for country in countries for number in numbers)
