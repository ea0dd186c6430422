"""The house keeps its own rules: floors, captions, ceilings, help, one schema, and commands that start at once."""

import ast
import importlib
import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from types import ModuleType

import click
import pytest
from importlinter.application.use_cases import lint_imports
from importlinter.configuration import configure
from sqlalchemy import Boolean, Integer, Table
from sqlmodel import SQLModel

import lrflow.tables  # noqa: F401  (declares the tables)
from lrflow import cli
from lrflow.catalogue import DERIVED, KINDS, Field, Kind
from lrflow.database import Unit, create
from lrflow.database.connection import connect
from lrflow.facts import DERIVATIONS
from lrflow.records import table_of

ROOT = Path(cli.__file__).parent.parent
PACKAGE = ROOT / "lrflow"
LINES_OF_A_MODULE = 400
LINES_OF_A_FUNCTION = 40
STATEMENTS = ("all", "one", "run")
HEAVY = ("sqlmodel", "sqlalchemy", "pydantic", "alembic", "holidays", "rich", "apscheduler", "babel")

# What a table holds beside the fields of its kind: who it is, where it stands, how often it was changed.
OF_RECORDS = {"route_id", "key", "number", "state", "version", "touched_on", "removed_us"}
BESIDE_FIELDS = {
    "programme": {"id", "version", "zone", "closed_us", "closed_for"},
    "organisation": {"id", "version", "removed_us"},
    "person": {"id", "version", "removed_us"},
    "route": {
        *("id", "programme_id", "key", "digest", "stage", "status", "rev", "stage_entered_on", "sent_back"),
        *("review_on", "held_on", "live_on", "version", "created_us", "removed_us"),
    },
}
WITHOUT_KIND = {
    *("definition", "role_holder", "parameter", "waiver", "log", "country", "holiday"),
    *("arming", "nudge", "message", "sender", "notice", "header_map", "personal_change"),
    *("opt_out", "address", "pause", "alarm"),
}


def modules() -> list[Path]:
    migrations = PACKAGE / "database" / "migrations" / "versions"
    return [path for path in sorted(PACKAGE.rglob("*.py")) if migrations not in path.parents]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def functions(path: Path) -> Iterator[ast.FunctionDef]:
    yield from (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.FunctionDef))


def commands(group: click.Group, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield words, group
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*words, name))
        else:
            yield (*words, name), command


def in_a_fresh_python(script: str, home: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run *script* in an interpreter of its own, so that what it imports is what it needs."""
    places = {"LRFLOW_HOME": str(home), "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env={**os.environ, **places, **variables},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
    )


# ------------------------------------------------------------------------------------------------------- the floors


def test_imports_run_down_the_floors_and_never_up():
    configure()

    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), cache_dir=None) is True


def test_every_module_of_the_house_stands_on_a_floor():
    import tomllib

    contract = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"][0]
    floors = {name.strip() for floor in contract["layers"] for name in floor.split("|")}
    standing = {path.name.removesuffix(".py") for path in PACKAGE.iterdir() if is_module(path)}

    assert contract["exhaustive"] is True
    assert floors == standing - {"__init__"}


def is_module(path: Path) -> bool:
    return path.suffix == ".py" or (path / "__init__.py").is_file()


# --------------------------------------------------------------------------------------------- captions and ceilings


def test_every_module_opens_with_a_sentence():
    openings = {name_of(path): (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "") for path in modules()}

    without = [name for name, text in openings.items() if not text.split("\n\n")[0].replace("\n", " ").endswith(".")]
    assert without == []


def test_no_module_is_longer_than_400_lines():
    lengths = {name_of(path): len(path.read_text("utf-8").splitlines()) for path in modules()}

    assert {name: length for name, length in lengths.items() if length > LINES_OF_A_MODULE} == {}


def test_no_function_is_longer_than_40_lines():
    lengths = {
        f"{name_of(path)}:{function.lineno} {function.name}": body_lines(function)
        for path in modules()
        for function in functions(path)
    }

    assert {name: length for name, length in lengths.items() if length > LINES_OF_A_FUNCTION} == {}


def body_lines(function: ast.FunctionDef) -> int:
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_every_public_function_and_class_says_what_it_promises():
    without = [
        f"{name_of(path)}:{node.lineno} {node.name}"
        for path in modules()
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
        if not ast.get_docstring(node)
    ]

    assert without == []


def test_ruff_finds_nothing():
    checked = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--no-cache", "lrflow", "tests"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )

    assert checked.returncode == 0, checked.stdout


@pytest.mark.slow
def test_mypy_finds_nothing():
    checked = subprocess.run([sys.executable, "-m", "mypy"], cwd=ROOT, capture_output=True, text=True)

    assert checked.returncode == 0, checked.stdout


# --------------------------------------------------------------------------------------------------------------- help


def test_every_command_and_group_has_a_line_of_help():
    assert [words for words, command in commands(cli.root) if not (command.help or "").strip()] == []


def test_every_option_has_help():
    without = [
        (*words, option.opts[-1])
        for words, command in commands(cli.root)
        for option in command.params
        if isinstance(option, click.Option) and not option.help
    ]

    assert without == []


def test_the_root_help_names_every_command_once():
    listed = [name for names in cli.SECTIONS.values() for name in names]

    assert sorted(listed) == sorted(cli.root.commands)


# --------------------------------------------------------------------------------------------------------- one schema


def table(kind: Kind) -> Table:
    found = table_of(kind.name).__table__  # type: ignore[attr-defined]
    assert isinstance(found, Table)
    return found


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_a_kind_has_the_columns_of_its_fields_and_no_others(kind):
    fields = {column for field in kind.fields for column in field.columns}

    assert set(table(kind).columns.keys()) - BESIDE_FIELDS.get(kind.name, OF_RECORDS) == fields


def test_every_table_belongs_to_a_kind_or_to_the_engine():
    assert set(SQLModel.metadata.tables) == WITHOUT_KIND | {kind.table for kind in KINDS.values()}


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_a_column_has_the_type_of_its_field(kind):
    wrong = {
        field.name: str(column.type)
        for field in kind.fields
        for column in [table(kind).columns[field.columns[0]]]
        if (isinstance(column.type, Boolean), isinstance(column.type, Integer)) != (field.type == "yes", counts(field))
    }

    assert wrong == {}


def counts(field: Field) -> bool:
    """Whether *field* is kept as a number: numbers, money in minor units, references to what routes share."""
    return field.type in ("number", "money") or (field.type == "ref" and not KINDS[field.to].letter)


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_a_reference_is_kept_by_the_database(kind):
    referring = {
        (key.parent.name, key.column.table.name) for key in table(kind).foreign_keys if key.parent.name != "route_id"
    }

    for field in kind.fields:
        if field.type == "ref":
            assert (field.name, field.to) in referring


def test_every_fact_worked_out_is_described_and_every_one_described_is_worked_out():
    described = {(kind, name) for kind, fields in DERIVED.items() for name in fields}

    assert described == set(DERIVATIONS)


def test_no_fact_worked_out_bears_the_name_of_a_field():
    assert [(kind, name) for kind, name in DERIVATIONS if KINDS[kind].field(name) is not None] == []


# ----------------------------------------------------------------------------------------------------------- plain SQL


class Reached:
    """Where in the source a statement was run, line by line."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.lines: set[tuple[str, int]] = set()
        for name in STATEMENTS:
            monkeypatch.setattr(Unit, name, self.noting(getattr(Unit, name)))

    def noting(self, method):
        def noted(unit: Unit, sql: str, *values: object):
            caller = sys._getframe(1)
            self.lines.add((caller.f_code.co_filename, caller.f_lineno))
            return method(unit, sql, *values)

        return noted

    def has(self, path: Path, call: ast.Call) -> bool:
        return any((str(path), line) in self.lines for line in range(call.lineno, (call.end_lineno or 0) + 1))


def statements(path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in STATEMENTS:
            receiver = node.func.value
            if isinstance(receiver, ast.Name) and receiver.id == "unit":
                yield node


def written_out(call: ast.Call, module: ModuleType) -> str | None:
    """The SQL of *call* when it can be read off the source; None when it is put together while running."""
    try:
        return str(eval(compile(ast.Expression(call.args[0]), module.__name__, "eval"), vars(module)))
    except NameError:
        return None


def test_every_statement_of_plain_sql_fits_the_schema(route, monkeypatch, tmp_path):
    reached = Reached(monkeypatch)
    live_a_little(route)
    create(tmp_path / "fresh.db")
    wrong, unseen = [], []

    with closing(connect(tmp_path / "fresh.db")) as fresh:
        for path in modules():
            for call in statements(path):
                where = f"{name_of(path)}:{call.lineno}"
                sql = written_out(call, importlib.import_module(module_of(path)))
                if sql is None and not reached.has(path, call):
                    unseen.append(where)
                elif sql is not None and (fault := refused(fresh, sql)):
                    wrong.append(f"{where}: {fault}")

    assert wrong == []
    assert unseen == [], "put together while running, and never run here: let live_a_little reach it"


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def refused(connection, sql: str) -> str:
    from lrflow.database.connection import _named

    try:
        connection.execute(f"EXPLAIN {_named(sql)}", defaultdict(lambda: None))
    except Exception as fault:
        return f"{type(fault).__name__}: {fault}"
    return ""


def live_a_little(programme) -> None:
    """Commands that between them reach the statements that are put together while running."""
    for line in (
        *(
            'add experience "Milk way" areas=advocacy good_practice=yes',
            "attach E1 https://example.org --for challenge",
        ),
        *('add organisation "SUN Alliance Malawi" kind=csa country=MW', 'add delegation "SUN Alliance Malawi"'),
        *('add participant "Esnart Banda" esnart@example.org --of D1', "mark P1 confirmed", "set P1 visa=not_needed"),
        *(
            'add plan "A garden" --of D1',
            'add action "Dig" --of A1 due=+30d',
            "add cascade 2016-06-01 village --of D1",
        ),
        *("set person esnart@example.org language=en", "set organisation Malawi language=en", "show person esnart"),
        *("set route min_csas=5 --reason 'two share'", "set route coordinator=grace@example.org", "list person"),
        *("hold --review +30d --reason 'flood'", "resume", "log E1", "log", "log --programme", "list organisation"),
        *("calendar", "status", "status --all", "show programme", "use rwanda-2016"),
        *("nudge list", "nudge go-live --yes", "nudge preview", "run --once", "nudge list --all"),
        *("nudge move N2 +9d", "nudge skip N3 --reason 'told'", "nudge why N2"),
        *("add checkin D1 1", "undo --yes", "add checkin D1 1", "remove F1 E1 --yes", "undo --yes"),
        *("add organisation Gone kind=cso", "undo --yes", "add organisation Gone kind=csa", "mark P1 cleared"),
        *("undo --yes", "set person esnart@example.org name=Esnart", "undo --yes", "set organisation Gone country=KE"),
        *(
            "undo --yes",
            "set route min_csas=4 --reason 'two share'",
            "undo --yes",
            "nudge hold N1",
            "nudge release all",
        ),
        *(
            "tell P1 --subject Hello --text 'see you soon' --yes",
            "undo --yes",
            "away --until +9d --deputy esnart@example.org",
        ),
        *("away --back", "add route kenya-2017 Kenya planned_visit=2017-02", "-r kenya-2017 undo L1 --yes"),
        *("add route kenya-2017 Kenya planned_visit=2017-03", "use rwanda-2016", "doctor"),
    ):
        programme.do(line)
    programme.do("-r rwanda-2016 note P1 'called'", now="2099-01-01")  # a day on which nothing else was heard


# ---------------------------------------------------------------------------------------------- what a command imports

NAMES_WHAT_IS_LOADED = """
import json, sys
from lrflow import cli
heavy = json.loads(sys.argv[1])
lines = json.loads(sys.argv[2])
loaded = {}
for line in lines:
    try:
        code = cli.run(line)
    except SystemExit as end:
        code = end.code
    loaded[" ".join(line)] = [code, [name for name in heavy if name in sys.modules]]
print("\\n" + json.dumps(loaded))
"""


def loaded_by(lines: Sequence[Sequence[str]], home: Path, **variables: str) -> dict[str, tuple[int, list[str]]]:
    """For each command line, its exit code and which of the heavy libraries were there when it ended."""
    arguments = (json.dumps(HEAVY), json.dumps(lines))
    ran = in_a_fresh_python(NAMES_WHAT_IS_LOADED, home, *arguments, LRFLOW_NOW="2016-06-10", **variables)
    assert ran.returncode == 0, ran.stderr
    return {line: (code, heavy) for line, (code, heavy) in json.loads(ran.stdout.splitlines()[-1]).items()}


def test_help_of_every_command_imports_nothing_heavy(tmp_path):
    lines = [[*words, flag] for words, _ in commands(cli.root) for flag in ("--help", "-h")]

    loaded = loaded_by([*lines, ["--version"]], tmp_path)

    assert len(loaded) == len(lines) + 1
    assert {line: seen for line, seen in loaded.items() if seen != (0, [])} == {}


def test_usage_errors_import_nothing_heavy(tmp_path):
    lines = [["nonsense"], ["advance", "--fast"], ["add"], ["mark"], ["log", "-N", "x"], ["workflow", "shew"]]

    loaded = loaded_by([*lines, *([*line, "--json"] for line in lines)], tmp_path)

    assert {line: seen for line, seen in loaded.items() if seen != (2, [])} == {}


@pytest.mark.parametrize("words", ["lrflow ", "lrflow adv", "lrflow add --", "lrflow workflow "])
def test_completion_imports_nothing_heavy(words, tmp_path):
    typed = {"COMP_LINE": words, "COMP_WORD": ""}

    loaded = loaded_by([[]], tmp_path, _LRFLOW_COMPLETE="bash_complete", **typed)

    assert loaded == {"": (0, [])}


def test_looking_and_advancing_import_nothing_heavy(route):
    home, advance = route.home, ["advance", "-r", "second-2016"]
    route.do('add route second-2016 "Second" planned_visit=2016-09 facilitator=Procasur', now="2016-05-01")

    moved = loaded_by([advance], home)
    blocked = loaded_by([advance], home)
    looked = loaded_by([["status"], [], ["check"], ["status", "--all"], ["log"], ["calendar"]], home)

    assert list(moved.values()) == [(0, [])]
    assert list(blocked.values()) == [(3, [])]
    assert list(looked.values()) == [(0, []), (0, []), (3, []), (0, []), (0, []), (0, [])]
