"""The weekend of a country through the years, as it is known and as it is kept in a column."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Weekends:
    """The *first* weekend known, as ISO weekdays, and the ones that took its place *later*, each by its first day.

    As text: 5+6;2022-01-01:6+7 (Friday and Saturday, from 2022 on Saturday and Sunday).
    """

    first: frozenset[int]
    later: Mapping[date, frozenset[int]] = field(default_factory=dict)

    def __str__(self) -> str:
        later = [f"{since}:{weekdays_text(each)}" for since, each in sorted(self.later.items())]
        return ";".join([weekdays_text(self.first), *later])


def weekends_from(text: str) -> Weekends:
    """The weekends that *text* keeps: the opposite of `str`."""
    first, *rest = text.split(";")
    later = [each.split(":") for each in rest]
    return Weekends(weekdays_from(first), {date.fromisoformat(since): weekdays_from(days) for since, days in later})


def weekdays_from(text: str) -> frozenset[int]:
    """The ISO weekdays that *text* keeps, as in 5+6; none for an empty text."""
    return frozenset(int(each) for each in text.split("+") if each)


def weekdays_text(days: frozenset[int]) -> str:
    """ISO weekdays as they are kept: 5+6."""
    return "+".join(map(str, sorted(days)))
