"""What the tests share: a programme in a folder of its own, and the command line with the day handed in."""

import contextlib
import io
import json
import os
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

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


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test sees the programme or settings of the person who runs it."""
    for name in [name for name in os.environ if name.startswith("LRFLOW_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def empty(tmp_path: Path) -> Programme:
    """A programme just begun by Grace, owner and coordinator, on 11 February 2016; no route yet."""
    programme = Programme(tmp_path / "csn", now="2016-02-11")
    programme.do('init --me "Grace Phiri <grace@example.org>" --programme "SUN CSN" --timezone Africa/Blantyre')
    programme.do(
        'set programme donor=CIFF budget="1009038.00 GBP" starts_on=2015-02-02 ends_on=2018-01-31', now="2016-02-11"
    )
    return programme


@pytest.fixture
def route(empty: Programme) -> Programme:
    """The same with a route in identification: host Rwanda, facilitator Procasur, visit planned for September 2016."""
    empty.do("add organisation Procasur kind=facilitator country=CL")
    empty.do('add organisation "SUN Alliance Rwanda" kind=csa country=RW in_registry=yes')
    empty.do('add route rwanda-2016 "Learning Route in Rwanda" planned_visit=2016-09 facilitator=Procasur')
    empty.do('set route host="SUN Alliance Rwanda" host_country=RW')
    empty.do("advance")
    empty.now = "2016-06-10"
    return empty


