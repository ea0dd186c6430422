"""Say a workflow in words."""

from typing import Any

from lrflow.definition import Definition, plain
from lrflow.errors import NotFound


def whole_lines(definition: Definition) -> list[str]:
    """The path with what each stage needs, the parameters, the rules."""
    lines = [f"{definition.title} ({definition.name} {definition.digest})"]
    for name in definition.path:
        stage = definition.stages[name]
        lines.append(f"{definition.ordinal(name) or '-'} {stage.title}: target {stage.target}; to leave it:")
        lines += [f"    {_level(definition, need)} {need:<28} {definition.guards[need].title}" for need in stage.needs]
    lines.append("Parameters (lrflow set route NAME=VALUE --reason TEXT, by the owner):")
    lines += [f"    {name:<38} {_number(each.value):<8} {each.title}" for name, each in definition.parameters.items()]
    lines.append("Nudges:")
    lines += [f"    {name:<26} {rule.when:<24} to {', '.join(rule.to)}" for name, rule in definition.rules.items()]
    lines.append("Roles:")
    lines += [
        f"    {name:<14} {role.title}: {', '.join(role.may) or 'looks'}" for name, role in definition.roles.items()
    ]
    return lines


def _level(definition: Definition, guard: str) -> str:
    return {"hard": "■", "soft": "□", "warn": "!"}[definition.guards[guard].level]


def _number(value: Any) -> str:
    return "+".join(str(each) for each in value) if isinstance(value, tuple) else str(value)


def part_lines(definition: Definition, name: str) -> list[str]:
    """One stage, guard, life, rule or parameter, with every setting of it."""
    tables: dict[str, Any] = {
        "stage": definition.stages,
        "guard": definition.guards,
        "life": definition.lives,
        "rule": definition.rules,
        "parameter": definition.parameters,
    }
    for sort, table in tables.items():
        if name in table:
            return [f"{sort} {name}", *_lines(plain(table[name]), 1)]
    raise NotFound(
        f"{definition.name} has no stage, guard, life, rule or parameter {name!r}", remedy="lrflow workflow show"
    )


def _lines(value: Any, depth: int) -> list[str]:
    pad = "  " * depth
    if isinstance(value, dict):
        return [line for name, each in value.items() for line in _named(name, each, depth)]
    if isinstance(value, list):
        return [
            line
            for each in value
            for line in ([f"{pad}-", *_lines(each, depth + 1)] if isinstance(each, dict) else [f"{pad}- {each}"])
        ]
    return [f"{pad}{value}"]


def _named(name: str, value: Any, depth: int) -> list[str]:
    pad = "  " * depth
    if isinstance(value, dict) or (isinstance(value, list) and value and isinstance(value[0], dict)):
        return [f"{pad}{name}:", *_lines(value, depth + 1)]
    shown = ", ".join(str(each) for each in value) if isinstance(value, list) else value
    return [f"{pad}{name}: {shown}"]
