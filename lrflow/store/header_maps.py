"""Which field each column of a foreign list was, the last time a list with the same headers came."""

import json
from collections.abc import Mapping
from datetime import datetime

from lrflow.clock import to_us
from lrflow.database import Unit


def remembered_map(unit: Unit, headers: str) -> tuple[str, Mapping[str, str]] | None:
    """The kind and the fields by header that were used for a list with these *headers*; None for new ones."""
    row = unit.one("SELECT kind, columns FROM header_map WHERE headers = $1", headers)
    return (row["kind"], json.loads(row["columns"])) if row else None


def keep_map(unit: Unit, headers: str, kind: str, columns: Mapping[str, str], now: datetime) -> None:
    """Remember what the columns of a list with these *headers* are."""
    unit.run(
        """INSERT INTO header_map (headers, kind, columns, kept_us) VALUES ($1, $2, $3, $4)
           ON CONFLICT (headers) DO UPDATE SET kind = excluded.kind, columns = excluded.columns,
               kept_us = excluded.kept_us""",
        headers,
        kind,
        json.dumps(dict(columns), ensure_ascii=False),
        to_us(now),
    )
