"""Which days and hours people work where, and arithmetic on days that respects it."""

from lrflow.calendars.corrections import read_corrections
from lrflow.calendars.countries import (
    UNCORRECTED,
    Correction,
    Corrections,
    Holiday,
    holidays_of,
    weekend_of,
    zone_of_country,
)
from lrflow.calendars.spans import Span, Unit, When, later, read_span, read_when
from lrflow.calendars.working import PLAIN, Calendar

__all__ = [
    "PLAIN",
    "UNCORRECTED",
    "Calendar",
    "Correction",
    "Corrections",
    "Holiday",
    "Span",
    "Unit",
    "When",
    "holidays_of",
    "later",
    "read_corrections",
    "read_span",
    "read_when",
    "weekend_of",
    "zone_of_country",
]
