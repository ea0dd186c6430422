"""The command line as people, pipes and scripts meet it: options anywhere, one JSON envelope, honest dry runs."""

import contextlib
import fcntl
import json
import os
import pty
import re
import select
import shutil
import sqlite3
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from programme import Programme

from lrflow import cli

ROOT = Path(cli.__file__).parent.parent
SIDE_FILES = (".db", ".db-wal", ".db-shm")
INTERRUPTED = 130
SOON = 20  # seconds after which a command that says nothing has failed


def everything(home: Path) -> dict[str, Any]:
    """Every row of every table and the content of every other file."""
    with contextlib.closing(sqlite3.connect(home / "lrflow.db")) as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        rows = {name: database.execute(f'SELECT * FROM "{name}" ORDER BY rowid').fetchall() for name in names}
    files = {path: path.read_bytes() for path in home.rglob("*") if path.is_file() and path.suffix not in SIDE_FILES}
    return {**rows, "files": {str(path.relative_to(home)): content for path, content in files.items()}}


def of_a_process(home: Path, **more: str) -> dict[str, str]:
    """The environment of a process of its own for the programme in *home*."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LRFLOW_", "COLUMNS"))}
    return {**kept, "LRFLOW_HOME": str(home), "LRFLOW_NOW": "2016-06-10", "PYTHONPATH": str(ROOT), **more}


def typed(home: Path, *words: str, **more: str) -> subprocess.CompletedProcess[bytes]:
    """Run `lrflow` in a process of its own, its output piped, its input empty."""
    command = [sys.executable, "-m", "lrflow", *words]
    return subprocess.run(
        command, env=of_a_process(home, **more), stdin=subprocess.DEVNULL, capture_output=True, timeout=SOON
    )


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Programme:
    """A route in identification with records enough to change; shared by the tests that change nothing."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("LRFLOW_")]:
            patch.delenv(name)
        programme = Programme(tmp_path_factory.mktemp("cli") / "csn", now="2016-06-10")
        for line in (
            'init --me "Grace Phiri <grace@example.org>" --programme "SUN CSN" --timezone Africa/Blantyre',
            "set programme starts_on=2015-02-02 ends_on=2018-01-31",
            "add organisation Procasur kind=facilitator country=CL",
            'add organisation "SUN Alliance Rwanda" kind=csa country=RW in_registry=yes',
            'add organisation "SUN Alliance Malawi" kind=csa country=MW',
            'add route rwanda-2016 "Learning Route in Rwanda" planned_visit=2016-09 facilitator=Procasur',
            'set route host="SUN Alliance Rwanda" host_country=RW visit_start=2016-10-30 visit_end=2016-11-05',
            "advance",
            'add experience "Milk way" areas=advocacy+policy good_practice=yes',
            'add experience "Community radio" areas=policy',
            "attach E1 https://example.org --for good_practice+challenge+livelihoods",
            'add delegation "SUN Alliance Malawi"',
            'add participant "Esnart Banda" esnart@example.org --of D1',
            'add route kenya-2017 "Learning Route in Kenya" planned_visit=2017-03',
            "use rwanda-2016",
        ):
            programme.do(line)
    return programme


@pytest.fixture
def own(lived: Programme, tmp_path: Path) -> Programme:
    """The same in a folder of the test's own, to be changed."""
    shutil.copytree(lived.home, tmp_path / "csn")
    return Programme(tmp_path / "csn", now=lived.now)


# Every verb of the command line, once: a line that succeeds or is refused by a guard.
LOOKING = {
    "status": "status",
    "check": "check",
    "show": "show E1",
    "list": "list experience",
    "log": "log",
    "calendar": "calendar",
    "settings show": "settings show",
    "workflow list": "workflow list",
    "workflow show": "workflow show sun-csn",
    "workflow check": "workflow check sun-csn",
    "nudge list": "nudge list",
    "nudge preview": "nudge preview",
    "doctor": "doctor",
    "help": "help",
    "holiday list": "holiday list",
    "messages check": "messages check",
    "nudge why": "nudge why grace@example.org",
    "completion show": "completion show bash",
}
CHANGING = {
    "add": 'add experience "Kitchen gardens"',
    "set": "set E1 place=Nyanza",
    "mark": "mark E1 selected",
    "attach": "attach E1 https://example.org/2 --for challenge",
    "advance": "advance -r kenya-2017",
    "back": "back draft --reason why",
    "hold": "hold --review +30d --reason flood",
    "resume": "resume",
    "cancel": "cancel --reason war --confirm rwanda-2016",
    "reopen": "reopen --reason 'peace again'",
    "waive": "waive areas-covered --reason 'the network agreed to the gap'",
    "use": "use kenya-2017",
    "settings set": "settings set sender_name=Grace",
    "settings unset": "settings unset route",
    "database upgrade": "database upgrade",
    "nudge go-live": "nudge go-live --yes",
    "nudge confirm": "nudge confirm all",
    "run": "run --once",
    "undo": "undo --yes",
    "remove": "remove E2 --yes",
    "replace": "replace P1 'Ana Quispe' ana@example.org --reason 'visa refused'",
    "note": "note E1 'the council meets in May'",
    "postpone": "postpone +2w --reason 'roads are closed' --yes",
    "tell": "tell P1 --subject Hello --text 'see you soon' --yes",
    "away": "away --until +30d --deputy esnart@example.org",
    "person leave": "person leave esnart@example.org --on 2016-07-01 --reason 'new post'",
    "person opt-out": "person opt-out esnart@example.org --of P1 --via call",
    "person opt-in": "person opt-in esnart@example.org --via call",
    "person address": "person address esnart@example.org dead",
    "pause": "pause D1 --until +14d --reason flood",
    "holiday add": "holiday add RW 2016-06-13 'Eid al-Fitr'",
    "holiday remove": "holiday remove RW 2016-07-01",
    "nudge move": "nudge move N1 +20d",
    "nudge send": "nudge send N1",
    "nudge test": "nudge test stage-due --to grace@example.org",
    "nudge skip": "nudge skip N1 --reason 'told by telephone'",
    "nudge hold": "nudge hold N2",
    "nudge release": "nudge release all",
}
MORE_CHANGES = (
    "add person Bob bob@example.org",
    "add organisation CSONA country=MW",
    "add participant 'New Person' new@example.org --of D1",
    "add route uganda-2018 planned_visit=2018-03",
    "set route region=Africa",
    "set route coordinator=esnart@example.org",
    "set route min_csas=5 --reason 'two share'",
    "set programme donor=CIFF",
    "set person esnart@example.org language=en",
    "set organisation Procasur language=es",
    "set E place=Nyanza",
    "mark E1 E2 selected",
    "mark E2 selected",
    "advance",
)
WITHOUT_DRY_RUN = (CHANGING["database upgrade"], CHANGING["run"])
# Those that begin a programme of their own, or read and write files, are tried apart.
ELSEWHERE = (
    *("init", "demo", "workbook", "import", "export", "handover", "takeover", "completion install"),
    *("service install", "service show", "service remove"),
)


def verbs(group: click.Group, words: str = "") -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from verbs(command, f"{words}{name} ")
        else:
            yield f"{words}{name}"


def test_every_verb_is_tried_here():
    assert sorted(verbs(cli.root)) == sorted([*LOOKING, *CHANGING, *ELSEWHERE])


# ------------------------------------------------------------------------------------------------------------- options


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("--json status", "status --json"),
        ("-r kenya-2017 check", "check -r kenya-2017"),
        ("--route kenya-2017 --json check", "check --json --route kenya-2017"),
        ("--as stranger@example.org advance", "advance --as stranger@example.org"),
        ("--on 2099-01-01 advance", "advance --on 2099-01-01"),
        ("-n mark E1 selected", "mark E1 selected -n"),
        ("--dry-run set E1 place=Nyanza", "set E1 --dry-run place=Nyanza"),
        ("--json settings show", "settings --json show"),
        ("--json settings show", "settings show --json"),
        ("-n --yes cancel --reason x", "cancel --yes --reason x -n"),
        ("--json show E9", "show E9 --json"),
    ],
)
def test_an_option_means_the_same_before_and_after_the_verb(lived, before, after):
    first, second = lived.run(before), lived.run(after)

    assert (first.code, first.out, first.err) == (second.code, second.out, second.err)
    assert first.out or first.err


def test_the_innermost_option_wins(lived):
    assert lived.run("-r rwanda-2016 check -r kenya-2017 --json").data["route"] == "kenya-2017"


def test_a_day_and_an_actor_given_before_the_verb_are_written_down(own):
    own.do("--on 2016-06-01 --as grace@example.org mark E2 screened")

    entry = own.do("log -N 1 --json").data[0]
    assert (entry["happened_on"], entry["actor"]) == ("2016-06-01", "grace@example.org")


# ---------------------------------------------------------------------------------------------------------------- JSON


@pytest.mark.parametrize("line", [*LOOKING.values(), *CHANGING.values(), *MORE_CHANGES])
def test_every_command_answers_in_one_versioned_envelope(own, line):
    result = own.run(f"{line} --json")

    if result.code in (0, 5) or (result.code == 3 and result.out):
        assert result.out.count("\n") == 1
        envelope = json.loads(result.out)
        assert set(envelope) == {"lrflow", "kind", "data"}
        assert envelope["lrflow"] == 1 and envelope["kind"]
    else:
        is_an_error_envelope(result)


def is_an_error_envelope(result) -> dict[str, Any]:
    """The one line on stderr that tells a script what went wrong."""
    assert result.code != 0
    assert result.out == ""
    assert result.err.count("\n") == 1, result.err
    envelope = json.loads(result.err)
    assert set(envelope) == {"lrflow", "error"} and envelope["lrflow"] == 1
    assert {"code", "message", "problems", "remedy"} <= set(envelope["error"])
    return envelope["error"]


@pytest.mark.parametrize(
    ("line", "code", "word"),
    [
        ("show E9", 4, "not_found"),
        ("mark E1 slected", 2, "usage"),
        ("advance", 3, "blocked"),
        ("advance --from draft", 6, "busy"),
        ("resume", 3, "blocked"),
        ("nonsense", 2, "usage"),
        ("add", 2, "usage"),
        ("log -N many", 2, "usage"),
        ("advance --fast", 2, "usage"),
        ("workflow shew", 2, "usage"),
        ("cancel --reason why", 2, "usage"),
    ],
)
def test_every_error_is_an_envelope_on_stderr(own, line, code, word):
    for asked in (f"{line} --json", f"--json {line}"):
        result = own.run(asked)

        assert (result.code, is_an_error_envelope(result)["code"]) == (code, word)


def test_a_blocked_move_names_its_findings_for_scripts(own):
    error = is_an_error_envelope(own.run("advance --json"))

    blocking = [each["guard"] for each in error["findings"] if not each["passes"]]
    assert blocking == ["experiences-selected", "objectives-defined"]


def test_a_broken_settings_file_is_an_envelope_too(own):
    (own.home / "lrflow.toml").write_text("broken", encoding="utf-8")

    assert is_an_error_envelope(own.run("status --json"))["code"] == "unavailable"


# ------------------------------------------------------------------------------------------------------------- dry run


@pytest.mark.parametrize("line", [*LOOKING.values(), *CHANGING.values(), *MORE_CHANGES])
def test_a_dry_run_changes_nothing(lived, line):
    before = everything(lived.home)

    result = lived.run(f"{line} -n")

    assert "✓" not in result.out or line in LOOKING.values()
    assert everything(lived.home) == before


@pytest.mark.parametrize("line", WITHOUT_DRY_RUN)
def test_what_cannot_be_rehearsed_says_so_instead_of_doing_it(lived, line):
    result = lived.run(f"{line} --dry-run")

    assert (result.code, "has no dry run" in result.err) == (2, True)


@pytest.mark.parametrize("line", [each for each in (*CHANGING.values(), *MORE_CHANGES) if each not in WITHOUT_DRY_RUN])
def test_a_dry_run_ends_as_the_change_itself_would(own, line):
    rehearsed, done = own.run(f"{line} --dry-run"), own.run(line)

    assert rehearsed.code == done.code


def test_a_dry_run_of_attach_keeps_no_file(own, tmp_path):
    (tmp_path / "survey.pdf").write_bytes(b"%PDF")
    before = everything(own.home)

    own.do(f"attach E1 {tmp_path / 'survey.pdf'} --for challenge -n")

    assert everything(own.home) == before


def test_a_dry_run_of_init_makes_no_folder(tmp_path):
    Programme(tmp_path / "nowhere").do(f"init {tmp_path / 'csn'} --me grace@example.org -n")

    assert list(tmp_path.iterdir()) == []


# --------------------------------------------------------------------------------------------------- pipe and terminal


def its_own_terminal() -> None:
    """Make the terminal on stdin the one whose Ctrl-C reaches this process."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Terminal:
    """A command typed at a terminal: what it shows, and keys pressed when a question has been read."""

    def __init__(self, home: Path, *words: str, columns: int = 100, **more: str) -> None:
        self.master, slave = pty.openpty()
        environment = of_a_process(home, COLUMNS=str(columns), TERM="xterm-256color", **more)
        command = [sys.executable, "-m", "lrflow", *words]
        ours = {"stdin": slave, "stdout": slave, "stderr": slave, "start_new_session": True}
        self.process = subprocess.Popen(command, env=environment, preexec_fn=its_own_terminal, **ours)
        os.close(slave)
        self.shown = ""

    def read_until(self, text: str, *, again: str = "") -> str:
        """Read on until *text* was shown, or to the end when it is empty; *again* is pressed whenever nothing comes."""
        end = time.monotonic() + SOON
        while not (text and text in self.shown):
            assert time.monotonic() < end, self.shown
            if not select.select([self.master], [], [], 1)[0]:
                self.press(again)
                continue
            try:
                piece = os.read(self.master, 65536)
            except OSError:  # Linux: the other end was closed
                piece = b""
            if not piece:
                assert not text, self.shown
                break
            self.shown += piece.decode("utf-8").replace("\r\n", "\n")
        return self.shown

    def press(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    def ended(self) -> int:
        """Its exit code."""
        self.read_until("")
        os.close(self.master)
        return self.process.wait(SOON)


def test_a_pipe_gets_tab_separated_columns(lived):
    piped = typed(lived.home, "list", "experience")

    lines = piped.stdout.decode("utf-8").splitlines()
    assert [line.split("\t") for line in lines] == [
        ["id", "state", "areas", "good_practice", "innovation", "name"],
        ["E1", "proposed", "advocacy, policy", "yes", "-", "Milk way"],
        ["E2", "proposed", "policy", "-", "-", "Community radio"],
    ]


def test_a_terminal_gets_aligned_columns(lived):
    terminal = Terminal(lived.home, "list", "experience")

    assert terminal.ended() == 0
    *lines, footer = terminal.shown.splitlines()
    assert footer == "2 experiences"
    assert "\t" not in terminal.shown
    assert len({line.index(word) for line, word in zip(lines, ("name", "Milk way", "Community"), strict=True)}) == 1


@pytest.mark.parametrize("colour", [{}, {"NO_COLOR": "1"}, {"FORCE_COLOR": "1"}])
def test_no_colour_is_used_anywhere(lived, colour):
    shown = []
    for words in (["list", "experience"], ["check"], ["show", "E9"], ["--help"]):
        terminal = Terminal(lived.home, *words, **colour)
        terminal.ended()
        shown.append(terminal.shown)

    assert "\x1b" not in "".join(shown)


def test_a_narrow_terminal_shortens_the_last_column_and_a_pipe_nothing(own):
    own.do(f'set E1 title="{"Milk " * 60}" ')

    terminal = Terminal(own.home, "list", "experience", columns=80)
    terminal.ended()

    assert max(map(len, terminal.shown.splitlines())) <= 80 and "…" in terminal.shown
    assert ("Milk " * 60).strip() in typed(own.home, "list", "experience").stdout.decode()


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "latin-1"])
def test_a_pipe_of_an_old_code_page_does_not_stop_a_command(own, encoding):
    own.do('set E1 title="Кино ✓ 牛乳 Ñandú"')

    for words, code in ((["list", "experience"], 0), (["check"], 3), (["advance"], 3), (["show", "E1"], 0)):
        ran = typed(own.home, *words, PYTHONIOENCODING=encoding, PYTHONUTF8="0", LC_ALL="C")

        assert ran.returncode == code, ran.stderr
        assert b"Traceback" not in ran.stderr


def test_a_reader_that_leaves_early_is_no_error(lived):
    command = [sys.executable, "-m", "lrflow", "workflow", "show"]
    process = subprocess.Popen(
        command, env=of_a_process(lived.home), stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0
    )
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()

    assert process.stderr.read() == b""
    assert process.wait(SOON) == 0
    process.stderr.close()


# ----------------------------------------------------------------------------------------------------------- questions


def test_ctrl_c_at_a_question_ends_with_130_and_changes_nothing(own):
    before = everything(own.home)

    terminal = Terminal(own.home, "cancel", "--reason", "war")
    terminal.read_until("Type rwanda-2016 to go on")
    terminal.press("\x03")
    # Python does not see a Ctrl-C in the instant between the question and the reading of its answer.
    terminal.read_until("interrupted", again="\x03")

    assert terminal.ended() == INTERRUPTED
    assert "Traceback" not in terminal.shown
    assert everything(own.home) == before


def test_a_no_at_a_question_ends_with_130_and_changes_nothing(own):
    for number in range(6):
        own.do(f"add experience Idea-{number}")
    before = everything(own.home)

    terminal = Terminal(own.home, "mark", "E", "screened")
    terminal.read_until("Go on?")
    terminal.press("n\n")

    assert terminal.ended() == INTERRUPTED
    assert everything(own.home) == before


def test_a_yes_at_a_question_goes_on(own):
    terminal = Terminal(own.home, "cancel", "--reason", "war")
    terminal.read_until("Type rwanda-2016 to go on")
    terminal.press("rwanda-2016\n")

    assert terminal.ended() == 0
    assert own.run("status --all").out.splitlines()[-1].split("\t")[2] == "cancelled"


@pytest.mark.parametrize(
    ("words", "flag"),
    [
        (["cancel", "--reason", "war"], "--confirm rwanda-2016"),
        (["mark", "E", "screened"], "--yes"),
        (["set", "E", "place=Nyanza"], "--yes"),
    ],
)
def test_without_a_terminal_a_question_fails_and_names_the_flag_that_answers_it(own, words, flag):
    for number in range(6):
        own.do(f"add experience Idea-{number}")
    before = everything(own.home)

    ran = typed(own.home, *words)

    assert ran.returncode == 2
    assert flag in ran.stderr.decode("utf-8")
    assert everything(own.home) == before


def test_without_a_terminal_init_names_the_flag_that_says_who(tmp_path):
    ran = typed(tmp_path / "csn", "init", str(tmp_path / "csn"))

    assert ran.returncode == 2
    assert '--me "NAME <EMAIL>"' in ran.stderr.decode("utf-8")
    assert not (tmp_path / "csn").exists()


# ------------------------------------------------------------------------------------------------------ names and texts


def test_without_arguments_in_an_empty_place_it_welcomes_and_makes_nothing(tmp_path):
    ran = typed(tmp_path / "nowhere")

    assert (ran.returncode, ran.stderr) == (0, b"")
    for word in ("Nothing is set up here yet", "lrflow demo", "lrflow init", "lrflow --help"):
        assert word in ran.stdout.decode("utf-8")
    assert list(tmp_path.iterdir()) == []


def test_without_arguments_in_a_programme_it_shows_the_status(lived):
    assert lived.run("").out == lived.run("status").out


NASTY = "Milk\tway\nof\x1b[31m Gis\x07agara\r\u202ered\x00"


def test_control_characters_in_a_name_are_flattened(own):
    for line in (
        ["add", "experience", NASTY],
        ["add", "person", NASTY, "x@example.org"],
        ["add", "organisation", NASTY],
    ):
        ran = typed(own.home, *(word.replace("\x00", "") for word in line))
        assert ran.returncode == 0, ran.stderr

    listed = [own.do(f"list {kind}").out for kind in ("experience", "person", "organisation")]
    titles = [each["title"] for each in own.do("list experience --json").data]

    assert titles[-1].startswith("Milk way of")
    for text in (*listed, *titles, own.do("show E3").out, own.do("log").out):
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202e]", text), repr(text)
    assert all(len(line.split("\t")) == 6 for line in listed[0].splitlines())


@pytest.mark.parametrize("name", ["Ñ" * 500, "two words " * 50, "牛" * 500], ids=["letters", "words", "wide"])
def test_a_name_of_500_characters_survives(own, name):
    name = name.strip()
    own.do(f'add experience "{name}"')
    own.do(f'add person "{name}" long@example.org')
    own.do("add participant long@example.org --of D1")

    assert own.do("list experience --json").data[-1]["title"] == name
    assert own.do("show person long@example.org --json").data["name"] == name
    assert name[:300] in own.do("show E3").out
    for line in ("status", "check", "log", "list participant", "show P2", "calendar", "nudge preview"):
        assert own.run(line).code in (0, 3), line


def test_quotes_and_signs_of_a_shell_stay_what_they_are(own):
    title = """'; DROP TABLE route; -- "quoted" $HOME {name} %s 100% \\n"""

    assert typed(own.home, "add", "experience", title).returncode == 0
    assert own.do("list experience --json").data[-1]["title"] == title.strip()


def test_a_kind_alone_lists_its_fields_and_an_example(route: Programme) -> None:
    """`add session` with nothing else is a question: which fields, which words?"""
    asked = route.run("add session")

    assert asked.code == 2
    assert "stakeholders         kinds of stakeholders met (government, un," in asked.err
    assert asked.err.rstrip().endswith('-> lrflow add session "ON" induction')
