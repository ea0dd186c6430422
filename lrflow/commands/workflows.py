"""Look at workflows: list, show, check."""

from typing import TYPE_CHECKING

import click

from lrflow.commands.door import Door, Group, everywhere, tell, verb

if TYPE_CHECKING:
    from lrflow.definition import Definition


@click.group("workflow", cls=Group)
@everywhere
def workflow_group() -> None:
    """The rules a route follows: stages, guards, nudges."""


def _size(definition: "Definition") -> str:
    stages, guards, rules = len(definition.path), len(definition.guards), len(definition.rules)
    return f"{stages} stages, {guards} guards, {rules} nudge rules"


@verb("list")
def workflow_list(door: Door) -> None:
    """The workflows that come with the program."""
    from lrflow import workflow

    found = [(name, workflow.read(folder)) for name, folder in workflow.folders().items()]
    lines = [f"{name} {each.digest}  {each.title}: {_size(each)}" for name, each in found]
    tell(door, "workflow.list", [{"name": name, "digest": each.digest} for name, each in found], lines)


@verb("show")
@click.argument("name", default="sun-csn")
@click.argument("part", required=False, default="")
def workflow_show(door: Door, name: str, part: str) -> None:
    """A workflow in words; one stage, guard, life or rule of it if named."""
    from lrflow import workflow
    from lrflow.commands.workflow_words import part_lines, whole_lines
    from lrflow.definition import plain

    definition = workflow.read(workflow.folder_of(name))
    lines = part_lines(definition, part) if part else whole_lines(definition)
    tell(door, "workflow", plain(definition), lines)


@verb("check")
@click.argument("name", default="sun-csn")
def workflow_check(door: Door, name: str) -> None:
    """Look for faults in a workflow folder, all at once; exit 2 when there are any."""
    from lrflow import workflow
    from lrflow.errors import Misused
    from lrflow.messages import faults, read_messages, texts_of
    from lrflow.planner.possible import impossible

    folder = workflow.folder_of(name)
    definition = workflow.read(folder)
    gaps = faults(read_messages(folder / "messages"), texts_of(definition), ("en", "fr", "es", "pt"))
    if gaps:
        raise Misused(f"the messages of {name} have gaps: {len(gaps)}", problems=gaps)
    rules = definition.rules.items()
    if dead := [f"rules.{each}: {why}" for each, rule in rules if (why := impossible(rule, definition))]:
        raise Misused(f"rules of {name} can never speak: {len(dead)}", problems=dead)
    line = f"✓ {name} {definition.digest}: no fault in {_size(definition)}"
    tell(door, "workflow.check", {"name": name, "digest": definition.digest}, [line])


for each in (workflow_list, workflow_show, workflow_check):
    workflow_group.add_command(each)

COMMANDS: tuple[click.Command, ...] = (workflow_group,)
