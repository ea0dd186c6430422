"""Draft the next migration from what `lrflow.tables` says and the migrations do not make yet (for developers)."""

import sqlite3
import sys
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from lrflow.database.schema import MIGRATIONS, alembic_config, newest, writing

if TYPE_CHECKING:
    from alembic.autogenerate.api import AutogenContext
    from alembic.operations.ops import MigrationScript
    from sqlalchemy import Connection


def draft(what: str, *, migrations: Path = MIGRATIONS) -> None:
    """Write the next numbered file in `versions/`, called after *what*; to be read before it is kept."""
    from alembic import command
    from sqlmodel import SQLModel

    import lrflow.tables  # noqa: F401  (declares the tables)

    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection, writing(connection) as bound:
        config = alembic_config(migrations, connection=bound, tables=SQLModel.metadata, render=_as_plain_type)
        command.upgrade(config, "head")
        number = f"{newest(migrations) + 1:04}"
        add = partial(_add_expression_indexes, bound)
        command.revision(config, what, autogenerate=True, rev_id=number, process_revision_directives=add)
    written = next((migrations / "versions").glob(f"{number}_*.py"))
    lines = written.read_text(encoding="utf-8").splitlines(keepends=True)
    written.write_text("".join(line for line in lines if "# ### " not in line), encoding="utf-8")


def _as_plain_type(kind: str, item: Any, context: "AutogenContext") -> str | Literal[False]:
    from sqlmodel import AutoString

    # A migration outlives the library that the tables are declared with.
    if kind == "type" and isinstance(item, AutoString):
        return f"sa.String(length={item.length})" if item.length else "sa.String()"
    return False


def _add_expression_indexes(bound: "Connection", _: Any, __: Any, scripts: list["MigrationScript"]) -> None:
    from alembic.operations.ops import CreateIndexOp
    from sqlalchemy import Column
    from sqlmodel import SQLModel

    # alembic cannot read these back from SQLite, and therefore leaves them out.
    there = set(bound.exec_driver_sql("SELECT name FROM sqlite_master").scalars())
    for table in SQLModel.metadata.sorted_tables:
        for index in sorted(table.indexes, key=lambda one: str(one.name)):
            if index.name not in there and not all(isinstance(part, Column) for part in index.expressions):
                scripts[0].upgrade_ops_list[0].ops.append(CreateIndexOp.from_index(index))


if __name__ == "__main__":
    draft(" ".join(sys.argv[1:]) or "unnamed")
