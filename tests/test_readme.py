"""The README says what happens: its session is run, its commands exist."""

import contextlib
import io
import os
import re
import shlex
from pathlib import Path

import pytest
from programme import Programme, environment

from lrflow import cli

README = Path(__file__).parent.parent / "README.md"
SESSION = re.search(r"```console\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)


def steps() -> list[tuple[str, str]]:
    """Each command of the session with what it prints."""
    assert SESSION is not None
    parts = re.split(r"^\$ ", SESSION[1], flags=re.MULTILINE)[1:]
    return [(part.split("\n", 1)[0], part.split("\n", 1)[1]) for part in parts]


def typed(words: list[str]) -> str:
    """What a command line prints, errors included, in the order in which they come."""
    said = io.StringIO()
    with environment({"LRFLOW_NOW": "2016-06-10"}), contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        cli.run(words)
    return said.getvalue()


def test_the_session_of_the_readme_prints_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    for command, printed in steps():
        words = shlex.split(command)
        if words[0] == "cd":
            os.chdir(words[1])
            continue
        assert typed(words[1:]) == printed, command


def test_every_command_the_readme_names_exists(empty: Programme) -> None:
    text = README.read_text(encoding="utf-8")
    named = set(re.findall(r"`lrflow ([a-z-]+(?: [a-z-]+)?)", text))
    named |= set(re.findall(r"^lrflow ([a-z][a-z-]*(?: [a-z-]+)?)(?=[ \n])", text, re.M))

    for words in sorted(named):
        first, _, second = words.partition(" ")
        group = cli.root.commands[first]
        subcommands = getattr(group, "commands", {})
        assert not subcommands or second in subcommands, words


def test_the_readme_holds_two_commands_for_a_fresh_machine() -> None:
    lines = [line for line in README.read_text(encoding="utf-8").splitlines() if line.startswith("    python3 -m venv")]

    assert len(lines) == 2
    assert lines[0].endswith("lrflow demo")
    assert lines[1].endswith("-m pytest")
