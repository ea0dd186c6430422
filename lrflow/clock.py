"""The one place that asks what time it is."""

import os
import time
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lrflow.errors import Misused

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def now(zone: str = "UTC") -> datetime:
    """The instant handed in by LRFLOW_NOW, read in *zone* when it names none; otherwise the present. Aware, UTC."""
    text = os.environ.get("LRFLOW_NOW", "").strip()
    return read_instant(text, zone) if text else datetime.now(UTC)


def is_handed_in() -> bool:
    """Whether time is handed in (a rehearsal or a test), so that real channels must refuse to send."""
    return bool(os.environ.get("LRFLOW_NOW", "").strip())


def read_instant(text: str, zone: str) -> datetime:
    """Read an ISO date (09:00 is meant) or date and time; without an offset it is a time in *zone*."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Misused(f"LRFLOW_NOW is not a date: {text!r}", remedy="LRFLOW_NOW=2016-10-30T09:00") from None
    if len(text) == 10:
        moment = moment.replace(hour=9)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone_of(zone))
    return moment.astimezone(UTC)


@lru_cache(maxsize=256)  # zoneinfo itself keeps eight, and a programme spans more zones than that
def zone_of(name: str) -> ZoneInfo:
    """The time zone *name*, or `Misused` when the zone database does not know it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Misused(f"unknown time zone {name!r}", remedy="use a name such as Africa/Kigali") from None


def today(moment: datetime, zone: str) -> date:
    """The calendar day of *moment* in *zone*."""
    return moment.astimezone(zone_of(zone)).date()


def to_us(moment: datetime) -> int:
    """UTC microseconds since 1970, the form in which the database keeps instants."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def from_us(value: int) -> datetime:
    """The aware UTC instant of *value* microseconds."""
    return EPOCH + timedelta(microseconds=value)


def monotonic() -> float:
    """Seconds that never run backwards, for watchdogs."""
    return time.monotonic()
