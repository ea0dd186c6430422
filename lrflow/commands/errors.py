"""Print an error: what happened, why, what to type; and give its exit code."""

import json
from typing import TYPE_CHECKING, Any

import click

from lrflow.errors import LrflowError

if TYPE_CHECKING:
    from lrflow.commands.door import Door


def report(fault: LrflowError, door: "Door") -> int:
    """Write *fault* to stderr in words, or as JSON when that was asked for; its exit code."""
    decision: Any = getattr(fault, "decision", None)
    if door.as_json:
        data: dict[str, Any] = {"code": fault.code, "message": fault.message}
        data |= {"problems": list(fault.problems), "remedy": list(fault.remedy)}
        if decision is not None:
            from lrflow.render import finding_data

            data["findings"] = [finding_data(each) for each in decision.findings]
        click.echo(json.dumps({"lrflow": 1, "error": data}, ensure_ascii=False), err=True)
        return fault.exit_code
    lines = [fault.message, *(f"  {each}" for each in fault.problems)]
    if decision is not None:
        from lrflow.render import finding_lines

        lines = [f"Blocked: {fault.message}", *finding_lines(decision.findings)]
    lines += [f"  -> {each}" for each in fault.remedy]
    if door.dry_run:
        lines.append("(dry run: nothing was changed)")
    click.echo("\n".join(lines), err=True)
    return fault.exit_code
