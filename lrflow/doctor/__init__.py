"""Look over the programme, its folder and this computer, and say what is not right and what to do."""

import os
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path

from lrflow import store
from lrflow.database import Unit
from lrflow.doctor.configured import look_at_clock, look_at_settings, read_settings
from lrflow.doctor.file import look_at_file
from lrflow.doctor.folder import look_at_folder
from lrflow.doctor.found import Found, answered
from lrflow.doctor.programme import (
    look_at_actor,
    look_at_addresses,
    look_at_holidays,
    look_at_workflows,
    look_at_zones,
)
from lrflow.doctor.sending import look_at_nudges, look_at_rules, look_at_sender
from lrflow.settings import FILE, Settings
from lrflow.store import health

__all__ = ["Found", "examine"]


def examine(home: Path, now: datetime | None) -> list[Found]:
    """Everything that can be told of the programme in *home* and of this computer, faults among the rest.

    It changes nothing and always answers: what is broken is a finding. The mail server of the settings is called and
    logged in to, without a letter, unless the time is handed in; nothing else is connected to. Without *now* (it cannot
    be read) what hangs on the day is left out.
    """
    current, found = read_settings(home)
    path = current.database
    found = answered(path, look_at_folder, home, os.environ) + found
    found += answered(path, look_at_settings, current)
    found += answered(path, look_at_clock)
    if not path.is_file():
        return [*found, _missing(path), *answered(path, look_at_zones, [])]
    of_file, is_readable = look_at_file(path)
    found += of_file
    if is_readable:
        found += answered(path, _content, path, current, now)
    else:
        found += answered(path, look_at_zones, [])
    return list(dict.fromkeys(found))  # what is broken may break more than one look


def _missing(path: Path) -> Found:
    if path.exists():
        return Found("fault", f"{path} is no file, so there is no programme", ("lrflow init in an empty folder",))
    if (path.parent / FILE).is_file():
        says = f"{FILE} is there, but {path.name} is gone from {path.parent}"
        return Found("fault", says, ("put the file back, or begin anew: lrflow init",))
    return Found("note", f"there is no programme at {path.parent} yet", ("lrflow init",))


def _content(path: Path, current: Settings, now: datetime | None) -> Iterator[Found]:
    with health.left_alone(path) as unit:
        for look in _looks(path, unit, current, now):
            yield from answered(path, look)


def _looks(path: Path, unit: Unit, current: Settings, now: datetime | None) -> Iterator[Callable[[], Iterable[Found]]]:
    yield lambda: look_at_actor(unit, current)
    yield lambda: look_at_zones(health.zones_in_use(unit))
    yield lambda: look_at_workflows(unit)
    yield lambda: look_at_addresses(unit)
    if now is not None:
        yield lambda: look_at_holidays(unit, now)
        yield lambda: look_at_sender(unit, now)
        yield lambda: _what_leaves(path, unit, now)


def _what_leaves(path: Path, unit: Unit, now: datetime) -> Iterator[Found]:
    if store.programme_of(unit).get("closed_us"):
        return
    yield from answered(path, look_at_nudges, unit)
    for route in store.routes_of(unit):
        if route.status in ("active", "on_hold"):
            yield from answered(path, look_at_rules, unit, route, now)
