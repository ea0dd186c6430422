"""A programme's file is made by the migrations and brought up to date by them, whole or not at all."""

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlmodel import SQLModel

import lrflow.tables  # noqa: F401  (declares the tables)
from lrflow.database import VERSION, Database, create, upgrade
from lrflow.database.migrations.__main__ import draft
from lrflow.database.schema import APPEND_ONLY, MIGRATIONS, alembic_config, newest
from lrflow.errors import Busy, LrflowError, NotFound, Refused, Unavailable

FIRST = newest(MIGRATIONS)

pytestmark = pytest.mark.filterwarnings("ignore:Skipped unsupported reflection")

# A table whose rows go with their route, as some later version may have: foreign keys that are on would empty it.
ADDS_A_CHILD_TABLE = """
    op.create_table(
        "remark",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("route_id", sa.Integer, sa.ForeignKey("route.id", ondelete="CASCADE"), nullable=False),
        sa.Column("text", sa.String, nullable=False),
    )
"""
MOST_OF_THE_LOG = (
    "route_id, number, batch, verb, subject, role, outcome, reason, happened_on, recorded_us, findings, changes,"
    " previous, hash"
)
CHANGES_TO_THE_LOG = [
    "UPDATE log SET reason = 'kinder'",
    "DELETE FROM log",
    "REPLACE INTO log SELECT * FROM log",
    f"REPLACE INTO log ({MOST_OF_THE_LOG}) SELECT {MOST_OF_THE_LOG} FROM log",  # the same numbers under new ids
    f"REPLACE INTO log (id, {MOST_OF_THE_LOG}) SELECT id, {MOST_OF_THE_LOG.replace('number', 'number + 9')} FROM log",
]
MAKES_PARENTS_ANEW = """
    for name in ("route", "organisation", "experience", "log"):
        with op.batch_alter_table(name, recreate="always") as table:
            table.add_column(sa.Column("colour", sa.String, server_default="green"))
    op.create_index("log_number", "log", [sa.text("coalesce(route_id, 0)"), "number"], unique=True)
"""
FAILS_LATE = (
    MAKES_PARENTS_ANEW
    + """
    op.execute("DELETE FROM remark")
    op.execute("INSERT INTO no_such_table VALUES (1)")
"""
)
BREAKS_A_REFERENCE = """
    op.execute("DELETE FROM organisation")
"""
IS_KILLED = """
    op.create_table("half_done", sa.Column("id", sa.Integer, primary_key=True))
    op.execute("DELETE FROM remark") if has("remark") else None
    os.kill(os.getpid(), signal.SIGKILL)
"""
STEP = """
import os
import signal

import sqlalchemy as sa
from alembic import op

revision = "{number:04}"
down_revision = "{before:04}"


def has(table):
    return sa.inspect(op.get_bind()).has_table(table)


def upgrade():
{body}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "programme.db"


@pytest.fixture
def steps(tmp_path: Path) -> Path:
    """A copy of the migrations, to which a test adds later ones."""
    return Path(shutil.copytree(MIGRATIONS, tmp_path / "100% later steps"))


@pytest.fixture
def older(path: Path, steps: Path) -> Path:
    """A programme from before a step that is still to be added, with rows in parents, children and the log."""
    add_step(steps, ADDS_A_CHILD_TABLE)
    create(path, migrations=steps)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            """
            PRAGMA foreign_keys = ON;
            INSERT INTO programme (id, name, version, zone) VALUES (1, 'SUN CSN', 1, 'UTC');
            INSERT INTO organisation (id, name, version) VALUES (1, 'CSONA', 1);
            INSERT INTO definition (digest, name, text, added_us) VALUES ('d1', 'sun-csn', '', 1);
            """
        )
        add_row(connection, "route", id=1, programme_id=1, key="rwanda-2016", digest="d1", host=1, rev=3)
        add_row(connection, "experience", route_id=1, key="E1", number=1)
        add_row(connection, "case", route_id=1, key="K1", number=1, experience="E1")
        add_row(connection, "log", route_id=1, number=1, batch=1, outcome="done")
        connection.execute("INSERT INTO remark (route_id, text) VALUES (1, 'Akagera is closed on Monday')")
        connection.commit()
    return path


def add_row(connection: sqlite3.Connection, table: str, **values: object) -> None:
    """A row with the given values; what else must be there is filled with what the checks of the tables let pass."""
    must = connection.execute(f"SELECT name, type FROM pragma_table_info('{table}') WHERE \"notnull\" AND NOT pk")
    filled = {name: 1 if "INT" in kind else "active" for name, kind in must} | values
    names = ", ".join(f'"{name}"' for name in filled)
    places = ", ".join("?" * len(filled))
    connection.execute(f'INSERT INTO "{table}" ({names}) VALUES ({places})', list(filled.values()))


def add_step(steps: Path, body: str) -> Path:
    number = newest(steps) + 1
    written = steps / "versions" / f"{number:04}_later.py"
    written.write_text(STEP.format(number=number, before=number - 1, body=body), encoding="utf-8")
    return written


def everything_in(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [*connection.iterdump(), str(connection.execute("PRAGMA user_version").fetchone())]


def schema_of(path: Path) -> dict[str, list[str]]:
    """Name of each table, index, trigger -> the parts of its SQL, whose order says nothing."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    return {name: parts_of(sql) for name, sql in rows}


def parts_of(sql: str) -> list[str]:
    """The parts of a statement in an order of their own, however a column came to its table."""
    text = " ".join(sql.replace('"', "").split())  # a table made anew has its name in quotes
    if not text.startswith("CREATE TABLE"):
        return [text]
    head, body = text.split("(", 1)
    parts = [part.strip() for part in re.split(r",(?![^(]*\))", body.rstrip()[:-1])]
    # A column added later brings its reference along; one made with its table has it beside it.
    spread = [
        re.sub(r"^(\w+) (\w+) (CONSTRAINT \w+) (REFERENCES.*)$", r"\1 \2|\3 FOREIGN KEY(\1) \4", each) for each in parts
    ]
    return sorted([head.strip(), *(each for part in spread for each in part.split("|"))])


def made_by_the_tables(path: Path) -> dict[str, list[str]]:
    engine = create_engine(f"sqlite:///{path}")
    SQLModel.metadata.create_all(engine)
    engine.dispose()
    return schema_of(path)


def made_by_migrations(path: Path) -> dict[str, list[str]]:
    return {name: sql for name, sql in schema_of(path).items() if name not in {"alembic_version", *APPEND_ONLY}}


def leftovers(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir() if entry.name.startswith((".", "programme")))


def run_apart(code: str, *arguments: object) -> int:
    words = [sys.executable, "-c", f"import sys\nfrom pathlib import Path\nfrom lrflow.database import *\n{code}"]
    return subprocess.run([*words, *map(str, arguments)], check=False, timeout=60).returncode


@contextmanager
def files_no_longer_than(size: int) -> Iterator[None]:
    """As if the disk were full: no file of this process grows beyond *size* bytes."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


# Making one


def test_the_migrations_are_one_numbered_line_that_ends_at_the_version_the_program_knows():
    line = [step.revision for step in ScriptDirectory.from_config(alembic_config(MIGRATIONS)).walk_revisions()]

    assert line == [f"{number:04}" for number in range(VERSION, 0, -1)]


def test_alembic_finds_no_difference_between_the_migrations_and_the_tables(path):
    create(path)

    with create_engine(f"sqlite:///{path}").connect() as bound, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # indexes on expressions: the next test sees those
        differences = compare_metadata(MigrationContext.configure(bound), SQLModel.metadata)

    assert differences == []


def test_the_migrations_make_every_check_and_index_that_the_tables_declare(path, tmp_path):
    create(path)

    made = made_by_migrations(path)

    assert made == made_by_the_tables(tmp_path / "declared.db")
    assert "WHERE state IN ('due', 'sending')" in made["message_open"][0]
    assert "CONSTRAINT ck_route_rev CHECK (rev > 0)" in made["route"]


def test_a_new_programme_opens_and_is_empty(path):
    create(path)

    with Database(path).begin(write=True) as unit:
        assert unit.one("SELECT count(*) AS n FROM route") == {"n": 0}
        assert unit.one("PRAGMA user_version") == {"user_version": VERSION}
    assert schema_of(path).keys() >= APPEND_ONLY.keys()


@pytest.mark.parametrize("change", CHANGES_TO_THE_LOG)
def test_the_log_can_be_added_to_but_neither_changed_nor_cut(older, change):
    with closing(sqlite3.connect(older)) as connection:
        add_row(connection, "log", number=1, batch=1, outcome="done")
        add_row(connection, "log", number=2, batch=2, outcome="done")
        before = connection.execute("SELECT * FROM log").fetchall()

        with pytest.raises(sqlite3.IntegrityError, match="the log is append-only"):
            connection.execute(change)

        assert connection.execute("SELECT * FROM log").fetchall() == before


def test_what_is_already_there_is_never_replaced(path):
    path.write_bytes(b"someone's work")

    with pytest.raises(Refused) as refused:
        create(path)

    assert path.read_bytes() == b"someone's work"
    assert refused.value.remedy
    assert leftovers(path.parent) == ["programme.db"]


def test_a_file_that_appears_while_a_programme_is_being_made_is_kept(path, steps):
    add_step(steps, f"    open({str(path)!r}, 'w').write('someone was faster')\n")

    with pytest.raises(Refused):
        create(path, migrations=steps)

    assert path.read_text() == "someone was faster"
    assert leftovers(path.parent) == ["programme.db"]


def test_a_folder_or_a_dangling_link_of_that_name_is_refused(path):
    path.mkdir()
    link = path.with_name("link.db")
    link.symlink_to("nowhere")

    for taken in (path, link):
        with pytest.raises(Refused):
            create(taken)

    assert path.is_dir()
    assert link.is_symlink()


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(Unavailable, match="nowhere cannot be written"):
        create(tmp_path / "nowhere" / "programme.db")


@pytest.mark.parametrize("body", [FAILS_LATE, "    raise ZeroDivisionError('a mistake')"])
def test_a_programme_that_cannot_be_made_whole_is_not_made_at_all(path, steps, body):
    add_step(steps, body)

    with pytest.raises(LrflowError, match="no programme was made at"):
        create(path, migrations=steps)

    assert leftovers(path.parent) == []


@pytest.mark.parametrize("size", [0, 20_000, 100_000, 200_000])
def test_a_full_disk_leaves_no_programme(path, size):
    with files_no_longer_than(size), pytest.raises(Unavailable, match="no programme was made at"):
        create(path)

    assert leftovers(path.parent) == []
    create(path)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_process_killed_while_making_a_programme_leaves_none(path, steps):
    killer = add_step(steps, IS_KILLED)

    code = run_apart("create(Path(sys.argv[1]), migrations=Path(sys.argv[2]))", path, steps)

    assert code == -signal.SIGKILL
    assert not path.exists()
    killer.unlink()
    create(path, migrations=steps)
    assert upgrade(path, migrations=steps) == FIRST


def test_making_a_programme_takes_less_than_two_seconds(path):
    began = time.perf_counter()

    create(path)

    assert time.perf_counter() - began < 2


def test_nothing_is_said_on_stdout(path, steps, capfd):
    create(path, migrations=steps)
    add_step(steps, ADDS_A_CHILD_TABLE)
    upgrade(path, migrations=steps)

    assert capfd.readouterr().out == ""


def test_opening_a_programme_needs_no_orm(path):
    create(path)

    code = run_apart("upgrade(Path(sys.argv[1]))\nsys.exit(bool({'sqlalchemy', 'alembic'} & sys.modules.keys()))", path)

    assert code == 0


# Bringing one up to date


def test_a_programme_that_is_up_to_date_is_left_alone(older, steps):
    before = older.read_bytes()

    assert upgrade(older, migrations=steps) == FIRST + 1

    assert older.read_bytes() == before
    assert leftovers(older.parent) == ["programme.db"]
    assert not (older.parent / "backups").exists()


def test_making_parent_tables_anew_loses_no_row_and_nothing_that_protects_them(older, steps):
    before = schema_of(older)
    with closing(sqlite3.connect(older)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}
    add_step(steps, MAKES_PARENTS_ANEW)

    assert upgrade(older, migrations=steps) == FIRST + 2

    after = schema_of(older)
    assert {name for name in before if name not in after} == set()
    assert "CONSTRAINT ck_route_rev CHECK (rev > 0)" in after["route"]
    with closing(sqlite3.connect(older)) as connection:
        for name in names:
            width = len(rows[name][0]) if rows[name] else 0
            now = [row[:width] for row in connection.execute(f'SELECT * FROM "{name}"')]
            assert name == "alembic_version" or now == rows[name]
        assert connection.execute("SELECT colour FROM route").fetchall() == [("green",)]
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute("DELETE FROM log")


def test_before_an_upgrade_a_copy_of_all_there_was_is_kept(older, steps):
    before = everything_in(older)
    add_step(steps, MAKES_PARENTS_ANEW)

    upgrade(older, migrations=steps)

    backups = older.parent / "backups"
    assert [file.name for file in backups.iterdir()] == [f"programme-before-{FIRST + 2:04}.db"]
    assert everything_in(backups / f"programme-before-{FIRST + 2:04}.db") == before


def test_the_copy_holds_what_was_still_in_the_write_ahead_log(older, steps):
    with closing(sqlite3.connect(older)) as open_elsewhere:
        open_elsewhere.execute("PRAGMA wal_autocheckpoint = 0")
        open_elsewhere.execute("INSERT INTO remark (route_id, text) VALUES (1, 'typed a moment ago')")
        open_elsewhere.commit()
        add_step(steps, MAKES_PARENTS_ANEW)

        upgrade(older, migrations=steps)

    for file in (older, older.parent / "backups" / f"programme-before-{FIRST + 2:04}.db"):
        assert any("typed a moment ago" in line for line in everything_in(file))


def test_the_last_ten_copies_are_kept_and_nobody_elses_file(older, steps):
    backups = older.parent / "backups"
    backups.mkdir()
    (backups / "programme-before-visit.db").write_bytes(b"a coordinator's own copy")
    for _ in range(12):
        add_step(steps, "    pass\n")
        upgrade(older, migrations=steps)

    kept = sorted(file.name for file in backups.iterdir())

    last = newest(steps)
    ours = [f"programme-before-{number:04}.db" for number in range(last - 9, last + 1)]
    assert kept == [*ours, "programme-before-visit.db"]


@pytest.mark.parametrize("body", [FAILS_LATE, "    raise ZeroDivisionError('a mistake')", BREAKS_A_REFERENCE])
def test_a_failing_upgrade_changes_nothing_names_the_copy_and_can_be_done_later(older, steps, body):
    before, bytes_before = everything_in(older), older.read_bytes()
    failing = add_step(steps, body)

    with pytest.raises(LrflowError, match="is as it was") as failed:
        upgrade(older, migrations=steps)

    copy = older.parent / "backups" / f"programme-before-{FIRST + 2:04}.db"
    assert any(str(copy) in line for line in failed.value.remedy)
    assert everything_in(copy) == before
    assert everything_in(older) == before
    assert older.read_bytes() == bytes_before
    failing.unlink()
    add_step(steps, MAKES_PARENTS_ANEW)
    assert upgrade(older, migrations=steps) == FIRST + 2
    assert {file.name for file in copy.parent.iterdir()} == {copy.name, f"{copy.stem}-2.db"}


def test_a_broken_reference_is_told_before_it_is_committed(older, steps):
    add_step(steps, BREAKS_A_REFERENCE)

    with pytest.raises(Unavailable) as failed:
        upgrade(older, migrations=steps)

    assert failed.value.problems == ("row 1 of route refers to a organisation that is not there",)


def test_two_steps_are_done_both_or_not_at_all(older, steps):
    before = everything_in(older)
    add_step(steps, MAKES_PARENTS_ANEW)
    add_step(steps, FAILS_LATE.replace("colour", "shade"))

    with pytest.raises(LrflowError):
        upgrade(older, migrations=steps)

    assert everything_in(older) == before


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_process_killed_in_an_upgrade_has_changed_nothing(older, steps):
    before = everything_in(older)
    killer = add_step(steps, IS_KILLED)

    code = run_apart("upgrade(Path(sys.argv[1]), migrations=Path(sys.argv[2]))", older, steps)

    assert code == -signal.SIGKILL
    assert everything_in(older) == before
    killer.unlink()
    add_step(steps, MAKES_PARENTS_ANEW)
    assert upgrade(older, migrations=steps) == FIRST + 2


def test_a_full_disk_in_an_upgrade_changes_nothing_and_leaves_no_half_copy(older, steps):
    before = everything_in(older)
    add_step(steps, MAKES_PARENTS_ANEW)

    with files_no_longer_than(100_000), pytest.raises(Unavailable, match="is as it was"):
        upgrade(older, migrations=steps)

    assert everything_in(older) == before
    assert list((older.parent / "backups").iterdir()) == []
    assert upgrade(older, migrations=steps) == FIRST + 2


def test_an_upgrade_waits_for_nobody_who_has_already_done_it(older, steps):
    add_step(steps, MAKES_PARENTS_ANEW)
    code = "sys.exit(upgrade(Path(sys.argv[1]), migrations=Path(sys.argv[2])))"
    words = [sys.executable, "-c", f"import sys\nfrom pathlib import Path\nfrom lrflow.database import *\n{code}"]

    both = [subprocess.Popen([*words, str(older), str(steps)]) for _ in range(2)]

    assert [one.wait(60) for one in both] == [FIRST + 2, FIRST + 2]
    assert len(list((older.parent / "backups").iterdir())) == 1


def test_a_programme_of_a_newer_lrflow_is_refused_untouched(older):
    before = older.read_bytes()

    with pytest.raises(Unavailable, match="newer lrflow") as refused:
        upgrade(older)

    assert refused.value.remedy == ("update lrflow",)
    assert older.read_bytes() == before
    assert not (older.parent / "backups").exists()


def test_a_file_that_is_no_programme_is_refused(tmp_path):
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE recipes (name)")
    text = tmp_path / "letter.db"
    text.write_bytes(b"Dear Ana, " * 100)

    for path, says in [(other, "not a programme"), (text, "damaged")]:
        with pytest.raises(Unavailable, match=says):
            upgrade(path)


def test_no_file_is_made_where_there_is_none_to_upgrade(path):
    with pytest.raises(NotFound):
        upgrade(path)

    assert leftovers(path.parent) == []


def test_an_upgrade_says_when_someone_else_is_writing(older, steps, monkeypatch):
    monkeypatch.setattr("lrflow.database.connection.BUSY_SECONDS", 0.01)
    add_step(steps, MAKES_PARENTS_ANEW)

    with closing(sqlite3.connect(older, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Busy, match="someone else is writing"):
            upgrade(older, migrations=steps)

    assert not (older.parent / "backups").exists()


# Writing the next one


@pytest.mark.filterwarnings("ignore:autogenerate skipping")
def test_the_first_migration_drafted_again_from_the_tables_makes_the_same_schema(path, steps, tmp_path):
    for step in (steps / "versions").glob("*.py"):
        step.unlink()

    draft("first tables", migrations=steps)

    create(path, migrations=steps)
    assert made_by_migrations(path) == made_by_the_tables(tmp_path / "declared.db")
