"""Nothing is half done: commands and ticks are killed at every write, and the disk is filled under them."""

import json
import os
import resource
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path

import domain_routes
import pytest
from aiosmtpd.controller import Controller
from conftest import Programme
from processes import Say, difference, dump, forked, moments, mortal, rows, spread, twin, typing

from lrflow import nudges
from lrflow.channels.drafts import DraftsChannel
from lrflow.channels.smtp import SmtpAccess, SmtpChannel
from lrflow.database import Database
from lrflow.nudges import Mailer

ROOT = Path(__file__).parent.parent
Build = Callable[[Programme], None]


@pytest.fixture
def a_route(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Build], Programme]:
    """A programme as *build* of `domain_routes` leaves it, coordinated by Carla."""

    def made(build: Build) -> Programme:
        programme = domain_routes.copied(build, tmp_path_factory, tmp_path / "csn")
        programme.actor = domain_routes.COORDINATOR
        return programme

    return made


def killed_everywhere(programme: Programme, line: str, code: int, most: int) -> None:
    """Kill `lrflow LINE` at each of its moments: all of it is there once COMMIT has returned, and nothing before."""
    before = dump(programme.home)
    whole = twin(programme, "whole")
    assert whole.run(line).code == code
    after = dump(whole.home)
    assert after != before
    for moment in spread(moments(typing(twin(programme, "counted"), line)), most):
        victim = twin(programme, "victim")

        ended = forked(mortal(typing(victim, line), moment)).end()

        assert ended.was_killed
        assert dump(victim.home) == (after if "committed" in ended.said else before), (line, moment)
        assert victim.run("status").code == 0
        if "committed" not in ended.said:
            assert victim.run(line).code == code
            assert dump(victim.home) == after, (line, moment)


COMMANDS = [
    pytest.param(domain_routes.selected, "advance", 0, id="advance"),
    pytest.param(domain_routes.begun, "advance", 3, id="blocked advance"),
    pytest.param(domain_routes.documenting, f"back identification {domain_routes.REASON}", 0, id="back"),
    pytest.param(domain_routes.selected, 'add experience "Fish ponds" areas=policy', 0, id="add"),
    pytest.param(domain_routes.documenting, "set route visit_start=2016-10-30 visit_end=2016-11-05", 0, id="set"),
    pytest.param(domain_routes.documenting, "mark K1-K3 validated", 0, id="mark"),
    pytest.param(domain_routes.begun, f"hold --review 2016-07-10 {domain_routes.REASON}", 0, id="hold"),
    pytest.param(domain_routes.documenting, "nudge go-live --yes", 0, id="nudge go-live"),
    pytest.param(domain_routes.selected, "attach E1 https://example.org/more --for innovation", 0, id="attach"),
]


@pytest.mark.parametrize(("build", "line", "code"), COMMANDS)
def test_a_command_killed_at_any_write_is_whole_or_did_not_happen(a_route, build, line, code):
    killed_everywhere(a_route(build), line, code, most=12)


@pytest.mark.slow
@pytest.mark.parametrize(("build", "line", "code"), COMMANDS)
def test_a_command_killed_at_every_single_write_is_whole_or_did_not_happen(a_route, build, line, code):
    killed_everywhere(a_route(build), line, code, most=10_000)
