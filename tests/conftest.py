"""What every test shares: no programme or settings of whoever runs them, and routes at each stage of their way."""

import os
from pathlib import Path

import pytest
from domain_routes import cases, chosen, csn, follow_up, teachers, visit, young
from programme import Programme, Result, environment

__all__ = [
    "Programme",
    "Result",
    "cases",
    "chosen",
    "csn",
    "environment",
    "follow_up",
    "teachers",
    "visit",
    "young",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Longer proofs get longer: on a busy machine two minutes are soon over."""
    for item in items:
        if item.get_closest_marker("slow") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(900))


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
