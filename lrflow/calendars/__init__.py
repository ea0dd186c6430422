"""Which days and hours people work where, and arithmetic on days that respects it."""

from lrflow.calendars.corrections import read_corrections
from lrflow.calendars.countries import (
    UNCORRECTED,
    Correction,
    Corrections,
    Holiday,
    holidays_of,
    weekends_of,
    zone_of_country,
    zones_by_country,
)
from lrflow.calendars.spans import Span, Unit, When, later, read_span, read_when
from lrflow.calendars.weekends import Weekends, weekdays_from, weekends_from
from lrflow.calendars.working import PLAIN, USUAL_WEEKEND, Calendar

__all__ = [
    "PLAIN",
    "UNCORRECTED",
    "USUAL_WEEKEND",
    "Calendar",
    "Correction",
    "Corrections",
    "Holiday",
    "Span",
    "Unit",
    "Weekends",
    "When",
    "holidays_of",
    "later",
    "read_corrections",
    "read_span",
    "read_when",
    "weekdays_from",
    "weekends_from",
    "weekends_of",
    "zone_of_country",
    "zones_by_country",
]
