"""The reader of a workflow's `calendars.toml`, the corrections to what is known of countries."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path

from lrflow.calendars.countries import Correction, Corrections, zones_by_country
from lrflow.calendars.working import WEEK
from lrflow.clock import zone_of
from lrflow.errors import Misused, NotFound, Unavailable

KEYS = ("add", "remove", "weekend", "weekends", "zone")
EXAMPLE = (
    "[RW]",
    'add = { "2017-08-04" = "Umuganura Day" }',
    'remove = ["2017-08-05"]',
    "weekend = [6, 7]",
    'zone = "Africa/Kigali"',
)


def read_corrections(path: Path) -> Corrections:
    """Read the `calendars.toml` at *path*: corrections by ISO country code.

    A table per country, each key optional: `add = { "YYYY-MM-DD" = "name" }` (or a table `[RW.add]`),
    `remove = ["YYYY-MM-DD"]`, `weekend` as ISO weekdays (1 = Monday), `weekends = { "YYYY-MM-DD" = [6, 7] }` for those
    that took its place since a day, `zone` as an IANA name.

    Raises:
        NotFound: there is no such file.
        Misused: it is no TOML, or it says what it cannot mean; `problems` lists every fault with its key.
        Unavailable: the file cannot be read.
    """
    document = _parse(path)
    faults: list[str] = []
    countries = zones_by_country().keys()
    found = {country: _correction_of(country, said, faults) for country, said in document.items()}
    unknown = found.keys() - countries
    faults += [f"{country}: unknown country{_nearest(country, countries)}" for country in sorted(unknown)]
    if faults:
        raise Misused(f"cannot use {path}", problems=faults, remedy=EXAMPLE)
    return found


def _parse(path: Path) -> dict[str, object]:
    import tomllib  # 4 ms, and most commands read the table of holidays instead

    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise NotFound(f"no calendars at {path}") from None
    except OSError as error:
        raise Unavailable(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Misused(f"cannot use {path}", problems=["it is not UTF-8"], remedy="save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise Misused(f"cannot use {path}", problems=[str(error)], remedy=EXAMPLE) from None


def _correction_of(country: str, said: object, faults: list[str]) -> Correction:
    if not isinstance(said, dict):
        faults.append(f"{country}: must be a table")
        return Correction()
    faults += [f"{country}.{key}: unknown key{_nearest(key, KEYS)}" for key in said if key not in KEYS]
    add = _days_to_add(f"{country}.add", said.get("add", {}), faults)
    remove = _days_to_remove(f"{country}.remove", said.get("remove", []), faults)
    faults += [f"{country}: {day} is both added and removed" for day in sorted(add.keys() & remove)]
    return Correction(
        add=add,
        remove=remove,
        weekend=_weekend(f"{country}.weekend", said["weekend"], faults) if "weekend" in said else None,
        weekends=_weekends(f"{country}.weekends", said.get("weekends", {}), faults),
        zone=_zone(f"{country}.zone", said["zone"], faults) if "zone" in said else None,
    )


def _days_to_add(where: str, said: object, faults: list[str]) -> Mapping[date, str]:
    if not isinstance(said, dict):
        faults.append(f'{where}: must be days with names, {{ "2017-08-04" = "Umuganura Day" }}')
        return {}
    days = {}
    for text, name in said.items():
        if not isinstance(name, str) or not name.strip():
            faults.append(f"{where}.{text}: the day needs a name")
        elif (day := _day(f"{where}.{text}", text, faults)) is not None:
            days[day] = name.strip()
    return days


def _days_to_remove(where: str, said: object, faults: list[str]) -> frozenset[date]:
    if not isinstance(said, list):
        faults.append(f'{where}: must be a list of days, ["2017-08-04"]')
        return frozenset()
    days = [_day(where, item, faults) for item in said]
    return frozenset(day for day in days if day is not None)


def _day(where: str, said: object, faults: list[str]) -> date | None:
    if isinstance(said, date) and not isinstance(said, datetime):
        return said  # TOML has dates of its own, and a day without quotes means the same
    try:
        # The pattern first: Python would also read 20170804 and 2017-W31-5.
        if isinstance(said, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", said):
            return date.fromisoformat(said)
    except ValueError:
        pass
    faults.append(f"{where}: not a day: {said!r} (write 2017-08-04)")
    return None


def _weekend(where: str, said: object, faults: list[str]) -> frozenset[int] | None:
    # `type is int`, because Python takes true for 1.
    if isinstance(said, list) and all(type(item) is int for item in said):
        weekend = frozenset(said)
        if weekend < WEEK and len(weekend) == len(said):
            return weekend
    faults.append(f"{where}: must be different ISO weekdays, 1 (Monday) to 7 (Sunday), and not all: {said!r}")
    return None


def _weekends(where: str, said: object, faults: list[str]) -> Mapping[date, frozenset[int]]:
    if not isinstance(said, dict):
        faults.append(f'{where}: must be first days with weekends, {{ "2022-01-01" = [6, 7] }}')
        return {}
    found = {}
    for text, days in said.items():
        since, weekend = _day(f"{where}.{text}", text, faults), _weekend(f"{where}.{text}", days, faults)
        if since is not None and weekend is not None:
            found[since] = weekend
    return found


def _zone(where: str, said: object, faults: list[str]) -> str | None:
    if not isinstance(said, str):
        faults.append(f"{where}: must be the name of a time zone: {said!r}")
        return None
    try:
        return zone_of(said).key
    except Misused:
        faults.append(f"{where}: unknown time zone {said!r}{_nearest(said, zones_by_country().values())}")
        return None


def _nearest(word: str, words: Iterable[str]) -> str:
    from difflib import get_close_matches

    folded = {known.casefold(): known for known in words}
    near = get_close_matches(word.casefold(), folded, n=1)
    return f", did you mean {folded[near[0]]}?" if near else ""
