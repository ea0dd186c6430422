"""Real processes for tests: forked children that can be killed at any statement, and what is then in the database."""

import json
import os
import shutil
import signal
import sqlite3
import traceback
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from programme import Programme, Result

WRITES = ("INSERT", "UPDATE", "DELETE")
Say = Callable[[str], None]
Dump = dict[str, list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Ended:
    """How a child ended: its exit code, or minus the signal that killed it; and what it said on the way."""

    code: int
    said: list[str]

    @property
    def was_killed(self) -> bool:
        """Whether it died by SIGKILL."""
        return self.code == -signal.SIGKILL

    @property
    def result(self) -> Result:
        """What the command line printed in the child, as `typing` sends it home."""
        return Result(*json.loads(self.said[-1]))


@dataclass(frozen=True)
class Child:
    """A forked process, and the pipe by which it is heard."""

    pid: int
    heard: int

    def hear(self) -> str:
        """Its next word, as soon as it has said one; empty when it ended instead."""
        letters = bytearray()
        while (letter := os.read(self.heard, 1)) not in (b"", b"\n"):
            letters += letter
        return letters.decode()

    def end(self) -> Ended:
        """Wait for its end."""
        with os.fdopen(self.heard, encoding="utf-8") as pipe:
            said = pipe.read().splitlines()
        code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        assert code != 99, "\n".join(said)
        return Ended(code, said)


def forked(work: Callable[[Say], int]) -> Child:
    """Run *work* in a child of this process; its exit code is what *work* gives."""
    heard, told = os.pipe()
    if pid := os.fork():
        os.close(told)
        return Child(pid, heard)
    code = 99
    try:
        os.close(heard)
        code = work(lambda text: void(os.write(told, f"{text}\n".encode())))
    except BaseException:
        os.write(told, traceback.format_exc().encode())
    finally:
        os._exit(code)


def void(_: object) -> int:
    """The exit code of work that has nothing to say."""
    return 0


def typing(programme: Programme, line: str, actor: str = "") -> Callable[[Say], int]:
    """Work for a child: type *line*, send home what it printed."""

    def work(say: Say) -> int:
        result = programme.run(line, actor=actor)
        say(json.dumps([result.line, result.code, result.out, result.err]))
        return result.code

    return work


def watch(before: Callable[[str], None], after_commit: Callable[[], None] = lambda: None) -> None:
    """In this process, call *before* as each statement begins to run, and *after_commit* when a COMMIT has returned.

    For a child only: it changes what `sqlite3` opens from now on.
    """
    connect = sqlite3.connect

    class Watched(sqlite3.Connection):
        def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
            cursor = super().execute(sql, *values)
            if sql == "COMMIT":
                after_commit()
            return cursor

    def opened(*places: Any, **options: Any) -> sqlite3.Connection:
        connection = connect(*places, **options, factory=Watched)
        connection.set_trace_callback(before)
        return connection

    sqlite3.connect = opened  # type: ignore[assignment]


def mortal(work: Callable[[Say], int], dies_at: int) -> Callable[[Say], int]:
    """*work* whose process is killed at moment *dies_at*: before the n-th write, or right after a COMMIT.

    It says `passed` and the statement for each moment it lived through, and `committed` after each COMMIT.
    """

    def doomed(say: Say) -> int:
        moment, is_changing = 0, False

        def pass_by(sql: str) -> None:
            nonlocal moment
            if moment == dies_at:
                os.kill(os.getpid(), signal.SIGKILL)
            moment += 1
            say(f"passed {' '.join(sql.split())}")

        def before(sql: str) -> None:
            nonlocal is_changing
            if sql.lstrip().upper().startswith(WRITES):
                is_changing = True
            if is_changing and sql.lstrip().upper().startswith((*WRITES, "COMMIT")):
                pass_by(sql)

        def after_commit() -> None:
            nonlocal is_changing
            if is_changing:
                is_changing = False
                say("committed")
                pass_by("after COMMIT")

        watch(before, after_commit)
        return work(say)

    return doomed


def moments(work: Callable[[Say], int]) -> list[str]:
    """The moments at which *work* can be killed: the statement that would not have begun."""
    return [word.removeprefix("passed ") for word in forked(mortal(work, -1)).end().said if word.startswith("passed ")]


def spread(count: int, most: int) -> list[int]:
    """The numbers below *count*; when they are more than *most*, the first, the last, and some between."""
    if count <= most:
        return list(range(count))
    edge = most // 3
    step = (count - 2 * edge) / (most - 2 * edge)
    return sorted({*range(edge), *(edge + int(n * step) for n in range(most - 2 * edge)), *range(count - edge, count)})


def dump(home: Path) -> Dump:
    """Every row of every table; the file itself is sound."""
    with closing(sqlite3.connect(home / "lrflow.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
        return {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for (name,) in names}


def difference(before: Dump, after: Dump) -> dict[str, list[tuple[Any, ...]]]:
    """The rows that are in one and not in the other, by table."""
    found = {name: sorted(set(before[name]) ^ set(after[name]), key=str) for name in after}
    return {name: rows for name, rows in found.items() if rows}


def rows(home: Path, sql: str, *values: Any) -> list[dict[str, Any]]:
    """What a query gives, as dictionaries."""
    with closing(sqlite3.connect(home / "lrflow.db")) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(sql, values)]


def twin(programme: Programme, name: str) -> Programme:
    """A copy of the programme in a folder of its own beside it, named anew each time."""
    home = programme.home.with_name(name)
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(programme.home, home)
    return Programme(home, now=programme.now, actor=programme.actor)


def all_end(children: Iterable[Child]) -> list[Ended]:
    """Wait for all of them."""
    return [child.end() for child in children]
