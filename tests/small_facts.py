"""Facts and definitions built by hand, as small as a question needs: no folder, no database, no clock."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import Any

from lrflow.catalogue import KINDS, Field, Kind, Money
from lrflow.definition import Definition, build
from lrflow.facts import DERIVATIONS, Facts, Record, Waiver
from lrflow.workflow import folder_of, read

TODAY = date(2016, 10, 3)  # a Monday


@cache
def shipped() -> Definition:
    """The programme of the brief, as its folder says."""
    return read(folder_of("sun-csn"))


def numbers(definition: Definition) -> dict[str, Any]:
    """Its parameters as a route without numbers of its own sees them."""
    return {
        name: list(each.value) if isinstance(each.value, tuple) else each.value
        for name, each in definition.parameters.items()
    }


def record(kind: str, key: Any, state: str = "", /, **values: Any) -> Record:
    """One record; *key* of an organisation or a person is its number."""
    return Record(kind, str(key), {"state": state, **values} if state else values)


def facts(
    *records: Record,
    route: Mapping[str, Any] | None = None,
    programme: Mapping[str, Any] | None = None,
    parameters: Mapping[str, Any] | None = None,
    today: date = TODAY,
    **more: Any,
) -> Facts:
    """What is known of an active route called r: the records, and values of the route and the programme."""
    kinds: dict[str, tuple[Record, ...]] = {}
    for each in sorted(records, key=lambda each: each.order):
        kinds[each.kind] = (*kinds.get(each.kind, ()), each)
    return Facts(
        route=Record("route", "r", {"key": "r", "stage": "draft", "status": "active", **(route or {})}),
        programme=Record("programme", "0", programme or {}),
        records=kinds,
        parameters=parameters or {},
        today=today,
        **{"derivations": DERIVATIONS, **more},
    )


def definition(**parts: Any) -> Definition:
    """A workflow of two stages with the lives of participants, cases and experiences, and whatever *parts* say."""
    return build(
        Definition,
        {
            "schema": 1,
            "name": "small",
            "title": "Small",
            "path": ["first", "second"],
            "done": "closed",
            "stages": {name: stage() for name in ("first", "second")},
            "lives": {
                "participant": {
                    "path": ["named", "confirmed", "cleared"],
                    "moves": {
                        "confirmed": {"sources": ["named"]},
                        "cleared": {"sources": ["confirmed"]},
                        "withdrawn": {"sources": ["named", "confirmed"], "reason": True},
                    },
                    "ends": ["withdrawn"],
                },
                "case": {"path": ["drafted", "validated"], "moves": {"validated": {"sources": ["drafted"]}}},
                "experience": {"path": ["proposed", "selected"], "moves": {"selected": {"sources": ["proposed"]}}},
            },
            "guards": {},
            "roles": {},
            "parameters": {},
            "vocabularies": {"areas": {"policy": "Policy", "msp": "Platforms"}},
            "rules": {},
            "digest": "small",
            **parts,
        },
    )


def stage(*needs: str, **more: Any) -> dict[str, Any]:
    """A stage that is left when *needs* are met."""
    return {"title": "Stage", "needs": list(needs), "target": "30d", "limit": "90d", **more}


def guard(*asks: Mapping[str, Any], level: str = "hard", **more: Any) -> dict[str, Any]:
    """A guard of *level* that asks *asks*; a soft one may be waived by the owner."""
    terms = {"waive": {"by": ["owner"], "days": 30}} if level == "soft" else {}
    return {"level": level, "title": "a guard", "asks": list(asks), "remedy": "do it", **terms, **more}


def waiver(name: str, **values: Any) -> Waiver:
    """W1, which sets the guard *name* aside until the end of the year."""
    terms = {"stage": "draft", "reason": "agreed", "actor": "Ana", "until_on": date(2016, 12, 31)}
    return Waiver(**{"key": "W1", "guard": name, "have": None, "floor": None, **terms, **values})


def anything(chance: Random, workflow: Definition) -> Facts:
    """Facts that keep the types of the catalogue and nothing else: any state, date, gap, reference to nowhere."""
    kinds = [kind for kind in KINDS.values() if kind.name not in ("route", "programme")]
    records = [
        Record(kind.name, key, _row(chance, kind, workflow)) for kind in kinds for key in _some_keys(chance, kind)
    ]
    stages = (*workflow.path, workflow.done)
    held = {role: chance.choice([None, [1], [1, 2]]) for role in workflow.roles}
    standing = {"stage": chance.choice(stages), "status": chance.choice(["active", "active", "on_hold", "cancelled"])}
    return facts(
        *records,
        route={**_row(chance, KINDS["route"], workflow), **held, **standing, "stage_due": _day(chance)},
        programme={**_row(chance, KINDS["programme"], workflow), "ends_on": chance.choice([None, "2018-01-31"])},
        parameters=numbers(workflow),
        roles={role: tuple(people) for role, people in held.items() if people},
        holidays={"RW": {date(2016, 11, 1): "a holiday"}},
    )


def _some_keys(chance: Random, kind: Kind) -> list[str]:
    return [f"{kind.letter}{number}" for number in (1, 2, 3) if chance.random() < 0.6]


def _row(chance: Random, kind: Kind, workflow: Definition) -> dict[str, Any]:
    life = workflow.lives.get(kind.name)
    state = {"state": chance.choice(life.states)} if life else {}
    given = [each for each in kind.fields if each.required or chance.random() < 0.8]
    return {**state, **{each.name: _typed(chance, each, workflow) for each in given}}


def _typed(chance: Random, field: Field, workflow: Definition) -> Any:
    value = _value(chance, field, workflow)
    while field.required and value in (None, "", []):
        value = _value(chance, field, workflow)
    return value


def _value(chance: Random, field: Field, workflow: Definition) -> Any:
    words = field.choices or tuple(workflow.vocabularies.get(field.vocabulary, ())) or ("word",)
    target = KINDS[field.to].letter if field.to else chance.choice("ECP")
    number = chance.choice([0, 1, 2, 3])
    makers: dict[str, Any] = {
        "number": number,
        "decimal": chance.choice([None, "0.8"]),
        "yes": chance.random() < 0.5,
        "day": _day(chance, month=field.month),
        "money": chance.choice([None, Money(100 * number, "GBP"), Money(7, "RWF")]),
        "choice": chance.choice(words),
        "codes": chance.sample(words, min(number, len(words))),
        "pairs": [["lesson", chance.choice(["", "context"])]] * number,
        "texts": ["said"] * number,
        "refs": [f"{target}{each}" for each in range(1, 1 + number)],
        "ref": f"{target}{number}" if target else number or None,
        "key": f"{target}{number}",
        "country": chance.choice(["RW", "MW", None]),
    }
    return makers.get(field.type, chance.choice([None, "", "words"]))


def _day(chance: Random, *, month: bool = False) -> str | None:
    day = TODAY + timedelta(days=chance.randint(-60, 90))
    return chance.choice([None, day.isoformat(), day.isoformat(), day.isoformat()[:7] if month else day.isoformat()])
