"""The zone of the computer that sends is nobody's: everything comes out the same wherever it stands."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from living import Schedule, steps_of

TESTS = Path(__file__).parent
ZONES = ("Pacific/Auckland", "America/Lima", "Asia/Kathmandu")
QUICK = ("test_planner.py", "test_planner_ledger.py")
REST = (
    "test_ladders.py",
    "test_said_once.py",
    "test_outages.py",
    "test_deciding.py",
    "test_calendars.py",
    "test_holidays.py",
    "test_pauses.py",
    "test_leaving.py",
)
LIVED = """
import sys
sys.path.insert(0, sys.argv[1])
import test_zones
print(test_zones.lived())
"""


def lived() -> str:
    """The fingerprint of what a hundred random lives said, and of how every nudge ended."""
    told = hashlib.sha256()
    for seed in range(3000, 3100):
        way = Schedule(seed)
        for _ in steps_of(way, 12):
            pass
        told.update(repr((way.world.summary(), list(way.world.nudges.values()))).encode())
    return told.hexdigest()


def in_zone(zone: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run Python as on a computer in *zone*."""
    path = os.pathsep.join([str(TESTS.parent), os.environ.get("PYTHONPATH", "")])
    variables = {**os.environ, "TZ": zone, "PYTHONPATH": path}
    return subprocess.run([sys.executable, *words], env=variables, capture_output=True, text=True, timeout=1500)


def passes_in(zone: str, *files: str) -> None:
    wanted = [str(TESTS / name) for name in files]
    options = ["-o", "addopts=", "-m", "not slow", "-q", "-x", "-p", "no:cacheprovider"]
    ran = in_zone(zone, "-m", "pytest", *options, "-c", str(TESTS.parent / "pyproject.toml"), *wanted)
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-1000:]


@pytest.mark.requirement("F2")
@pytest.mark.parametrize("zone", ZONES)
def test_a_hundred_lives_come_out_the_same_in_any_zone(zone):
    ran = in_zone(zone, "-c", LIVED, str(TESTS))

    assert ran.stdout.strip() == lived(), ran.stderr


@pytest.mark.requirement("F2")
def test_the_planner_is_tested_as_on_a_computer_in_auckland_too():
    passes_in(ZONES[0], *QUICK)


@pytest.mark.slow
@pytest.mark.timeout(1600)
@pytest.mark.requirement("F2")
@pytest.mark.parametrize("zone", ZONES)
def test_the_nudges_are_tested_as_on_computers_in_auckland_lima_and_kathmandu(zone):
    passes_in(zone, *QUICK, *REST)
