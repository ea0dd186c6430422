"""A programme in its own folder, and the command line typed with the day handed in."""

import contextlib
import io
import json
import os
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lrflow import cli


@dataclass(frozen=True)
class Result:
    """What one command line printed, and its exit code."""

    line: str
    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """The data of its JSON envelope."""
        return json.loads(self.out)["data"]


@dataclass
class Programme:
    """A programme in its own folder. `run` types one command as on *now*, the day handed in by LRFLOW_NOW."""

    home: Path
    now: str = "2016-06-10"
    actor: str = ""
    lines: list[str] = field(default_factory=list)

    def run(self, line: str, *, now: str = "", actor: str = "") -> Result:
        """Type *line* (without `lrflow`); the real command line, in this process, without a terminal."""
        self.lines.append(line)
        out, err = io.StringIO(), io.StringIO()
        variables = {"LRFLOW_HOME": str(self.home), "LRFLOW_NOW": now or self.now}
        if actor or self.actor:
            variables["LRFLOW_AS"] = actor or self.actor
        with environment(variables), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = cli.run([*shlex.split(line), "--no-input"])
        return Result(line, code, out.getvalue(), err.getvalue())

    def do(self, line: str, *, now: str = "", actor: str = "") -> Result:
        """Type *line* and insist that it worked."""
        result = self.run(line, now=now, actor=actor)
        assert result.code == 0, f"lrflow {line}\nexit {result.code}\n{result.out}{result.err}"
        return result

    def check(self, *, now: str = "") -> dict[str, dict[str, Any]]:
        """Every finding of `check`, by guard."""
        return {each["guard"]: each for each in self.run("check --json", now=now).data["findings"]}

    def failing(self, *, now: str = "") -> list[str]:
        """The guards that stand in the way of the next stage."""
        return [name for name, each in self.check(now=now).items() if not each["passes"]]


@contextlib.contextmanager
def environment(variables: dict[str, str]) -> Iterator[None]:
    """Set *variables* for a while."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
