"""Between a row and the values of a record: JSON lists, money in two columns, yes and no."""

import json
from collections.abc import Mapping
from typing import Any

from lrflow.catalogue import KINDS, Field, Money
from lrflow.database import Row
from lrflow.facts import Record

_LISTS = ("texts", "pairs", "codes", "refs")
ORGANISATIONAL = frozenset({"route_id", "removed_us"})
_CONVERTED = {
    name: tuple(field for field in kind.fields if field.type in (*_LISTS, "yes", "money"))
    for name, kind in KINDS.items()
}


def record_of(kind: str, row: Row) -> Record:
    """The record that *row* of *kind* holds."""
    values: dict[str, Any] = {name: value for name, value in row.items() if name not in ORGANISATIONAL}
    for field in _CONVERTED[kind]:
        if field.type == "money":
            minor, currency = (values.pop(name, None) for name in field.columns)
            values[field.name] = Money(minor, currency) if minor is not None and currency else None
        else:
            values[field.name] = value_of(field, row.get(field.name))
    return Record(
        kind, str(row["id"] if kind in ("programme", "organisation", "person", "route") else row["key"]), values
    )


def value_of(field: Field, stored: Any) -> Any:
    """What is stored in the column of *field* as a value."""
    if stored is None:
        return None
    if field.type in _LISTS:
        return json.loads(stored)
    return bool(stored) if field.type == "yes" else stored


def columns_of(kind: str, values: Mapping[str, Any]) -> Row:
    """*values* as columns of the table of *kind*."""
    columns: Row = {}
    for name, value in values.items():
        field = KINDS[kind].field(name)
        if field is None:
            columns[name] = value
        elif field.type == "money":
            minor, currency = field.columns
            columns[minor], columns[currency] = (value.minor, value.currency) if value else (None, None)
        elif field.type in _LISTS:
            columns[name] = json.dumps(value, ensure_ascii=False) if value else None
        else:
            columns[name] = value
    return columns


def plain_value(value: Any) -> Any:
    """*value* as JSON can hold it: money as text with its currency."""
    return str(value) if isinstance(value, Money) else value
