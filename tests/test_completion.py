"""Tab completes ids, states, names: silently, quickly, in the ways of each shell, and nothing is written by it."""

import codecs
import os
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from click.shell_completion import get_completion_class
from programme import Programme, environment
from test_house import loaded_by

from lrflow import cli
from lrflow.catalogue import KINDS
from lrflow.commands import profiles, shells
from lrflow.commands.completing import offering
from lrflow.commands.door import Door
from lrflow.commands.glimpse import CALLED, Glimpse
from lrflow.database import create
from lrflow.database.connection import connect

RWANDA = "Learning Route in Rwanda"


def offered(programme: Programme, line: str) -> dict[str, str]:
    """What Tab offers at the end of *line* (without `lrflow`), each with what it is."""
    shells.prepare()
    bash = get_completion_class("bash")(cli.root, {"obj": Door()}, "lrflow", "_LRFLOW_COMPLETE")
    with environment({"LRFLOW_HOME": str(programme.home), "COMP_LINE": f"lrflow {line}", "COMP_WORD": ""}):
        return {str(each.value): each.help or "" for each in bash.get_completions(*bash.get_completion_args())}


# ------------------------------------------------------------------------------------------------------------- values


def test_an_id_is_offered_with_what_it_is_called(chosen):
    assert offered(chosen, "show E") == {"E1": "Milk way", "E2": "Kitchen gardens", "E3": "Budget club"}


def test_every_kind_with_ids_has_something_to_be_called_by(tmp_path):
    assert set(CALLED) == {name for name, kind in KINDS.items() if kind.letter}
    create(tmp_path / "new.db")
    with closing(connect(tmp_path / "new.db")) as connection:
        assert [Glimpse(connection, (1, "", "")).records(kind, "") for kind in CALLED] == [[]] * len(CALLED)


@pytest.mark.parametrize(
    ("line", "some"),
    [
        ("show P1", {"P1": "Visitor MW1", "P10": "Visitor UG1", "P19": "Visitor SL1"}),
        ("show D", {"D1": "Alliance MW", "D8": "Alliance GM"}),
        ("show K", {"K1": "Milk way"}),
        ("show C", {"C1": "Champion 1"}),
        ("show S1", {"S1": "2016-10-30 experience_fair"}),
        ("show O", {"O1": "How community work is scaled up"}),
        ("show F", {"F1": "https://example.org/E1"}),
        ("attach E", {"E1": "Milk way"}),
        ("log E", {"E1": "Milk way"}),
        ("set E1 --of D", {"D1": "Alliance MW"}),
        ("list participant --of D", {"D1": "Alliance MW"}),
        ("mark P confirmed --except P2", {"P2": "Visitor MW2", "P24": "Visitor GM3"}),
        ("set ", {"P": "participants", "E": "experiences", "person": "a person", "rwanda-2016": RWANDA}),
        ("set E1 ar", {"areas=": "thematic areas"}),
        ("set E1 areas=m", {"areas=msp": "Engagement and stimulation of multi-stakeholder platforms"}),
        ("set E1 areas=policy+msp+m", {}),
        ("set S1 stakeholders=un+med", {"stakeholders=un+media": ""}),
        ("set E1 good_practice=", {"good_practice=yes": "", "good_practice=no": ""}),
        ("set S1 experience=", {"experience=E1": "Milk way"}),
        ("set P7 visa=o", {"visa=obtained": ""}),
        ("set D1 lead=carla", {"lead=carla@example.org": "Carla Ruiz"}),
        ("set D1 lead=", {"lead=felix@example.org": "Felix Soto"}),
        ("set person fel", {"felix@example.org": "Felix Soto"}),
        ("set person felix@example.org lang", {"language=": "language of messages"}),
        ("set route min", {}),
        ("mark E1 sel", {"selected": ""}),
        ("mark E1-E3 rej", {"rejected": ""}),
        ("mark P1 attended why", {"why=": "the reason given for its present state"}),
        ("mark P --where state=con", {"state=confirmed": ""}),
        ("add exp", {"experience": "E1 E2 ..."}),
        ("add objective area=ms", {"area=msp": "Engagement and stimulation of multi-stakeholder platforms"}),
        ("list part", {"participant": "P1 P2 ..."}),
        ("list participant state=w", {"state=withdrawn": ""}),
        ("list participant vis", {"visa=": "travel papers"}),
        ("use ", {"rwanda-2016": RWANDA}),
        ("-r rw", {"rwanda-2016": RWANDA}),
        ("check --to c", {"closed": "Closed"}),
        ("back ", {"systematization": "Systematization"}),
        ("waive min", {"min-csas": "enough alliances send confirmed visitors"}),
        ("advance --as ho", {"hope@example.org": "Hope Uwera"}),
        ("waive min-csas --approved-by gr", {"grace@example.org": "Grace Phiri"}),
        ("settings set smtp_h", {"smtp_host=": "the mail server; without one · messages become drafts in ou…"}),
        ("settings unset smtp_ho", {"smtp_host": "the mail server; without one · messages become drafts in ou…"}),
        ("attach E1 survey.pdf --for good_practice+ch", {"good_practice+challenge": ""}),
        ("help exc", {"excel": "fill in a workbook · bring it back"}),
        ("help nudge li", {"list": "The nudges of the route in the order of their days; those..."}),
        ("completion install po", {"powershell": ""}),
    ],
)  # fmt: skip
def test_what_tab_offers(csn, line, some):
    found = offered(csn, line)

    assert some.items() <= found.items()
    begun = line.rpartition(" ")[2]
    assert [value for value in found if not value.casefold().startswith(begun.casefold())] == []
    assert bool(found) is bool(some)


def test_hard_guards_and_those_of_other_stages_are_not_offered_for_a_waiver(csn):
    found = offered(csn, "waive ")

    assert "min-csas" in found
    assert not {"visit-dates", "experiences-selected", "donor-report"} & found.keys()


def test_records_that_were_removed_are_not_offered(chosen):
    chosen.do('add experience "Typed twice"')
    chosen.do("remove E4 --yes")

    assert "E4" not in offered(chosen, "show E")


def test_the_route_named_on_the_line_is_the_one_looked_at(chosen):
    chosen.do('add route nepal-2017 "Nepal" planned_visit=2017-09 facilitator=Procasur')
    chosen.do('add experience "Terraces" -r nepal-2017')

    assert offered(chosen, "-r nepal-2017 show E") == {"E1": "Terraces"}
    assert offered(chosen, "show -r rwanda-2016 E") == {"E1": "Milk way", "E2": "Kitchen gardens", "E3": "Budget club"}


def test_between_two_open_routes_none_is_guessed(chosen):
    chosen.do('add route nepal-2017 "Nepal" planned_visit=2017-09 facilitator=Procasur')
    chosen.do("settings unset route")

    assert offered(chosen, "show E") == {}
    assert set(offered(chosen, "-r ")) == {"nepal-2017", "rwanda-2016"}


@pytest.mark.parametrize("typed", ["e2", "E2"])
def test_small_letters_will_do(chosen, typed):
    assert offered(chosen, f"show {typed}") == {"E2": "Kitchen gardens"}


def test_a_name_cannot_break_the_answer_to_a_shell(young):
    young.do('add experience "Milk,\tway\n$(rm) \x1b[31mred" areas=msp')
    young.do(f'add experience "{"long " * 100}" areas=msp')

    found = offered(young, "show E")

    assert found["E1"] == "Milk · way $(rm) [31mred"
    assert len(found["E2"]) == 60


# ------------------------------------------------------------------------------------------------- whatever is broken


@pytest.mark.parametrize(
    "spoil",
    [
        lambda home: shutil.rmtree(home),
        lambda home: (home / "lrflow.db").unlink(),
        lambda home: (home / "lrflow.db").write_bytes(b"Dear Grace, " * 500),
        lambda home: (home / "lrflow.db").write_bytes(b""),
        lambda home: (home / "lrflow.toml").write_text("me = "),
    ],
    ids=["no-folder", "no-file", "damaged", "empty", "settings"],
)
def test_nothing_is_said_whatever_is_wrong(chosen, spoil, capfd):
    spoil(chosen.home)

    found = [
        offered(chosen, line) for line in ("show E", "mark E1 ", "-r ", "--as ", "check --to ", "waive ", "add x ")
    ]

    assert found == [{}] * 7
    assert capfd.readouterr() == ("", "")


def test_a_database_that_someone_holds_is_not_waited_for(chosen):
    with closing(connect(chosen.home / "lrflow.db")) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN IMMEDIATE")
        other.execute("UPDATE route SET title = title")

        assert offered(chosen, "show E") == {}


def test_completing_makes_no_file_and_leaves_none(chosen, tmp_path):
    nowhere = Programme(tmp_path / "nowhere")
    before = sorted(each.name for each in chosen.home.iterdir())

    offered(chosen, "show E")
    offered(nowhere, "show E")

    assert sorted(each.name for each in chosen.home.iterdir()) == before
    assert not nowhere.home.exists()


def test_a_fault_of_our_own_is_silent_too():
    @offering
    def broken(_ctx, _typed):
        raise RuntimeError("boom")

    assert broken(None, None, "") == []


@pytest.mark.parametrize("words", ["lrflow mark E", "lrflow set E1 areas=", "lrflow help "])
def test_completing_values_imports_nothing_heavy(chosen, words):
    typed = {"COMP_LINE": words, "COMP_WORD": ""}

    loaded = loaded_by([[]], chosen.home, _LRFLOW_COMPLETE="bash_complete", **typed)

    assert loaded == {"": (0, [])}


# ------------------------------------------------------------------------------------------------- the ways of shells


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
@pytest.mark.parametrize(
    ("line", "replaced", "replies"),
    [
        ("lrflow show E", "E", ["E1", "E2", "E3"]),
        ("lrflow set E1 areas=ms", "ms", ["msp"]),
        ("lrflow set E1 areas=", "", ["advocacy", "budget", "governance", "msp", "policy"]),
        ("lrflow set E1 areas=msp+po", "msp+po", ["msp+policy"]),
        ("lrflow --as=grace@e", "@e", ["@example.org"]),
        ("lrflow --as grace@", "@", ["@example.org"]),
        ('lrflow set "E1" areas=ms', "ms", ["msp"]),
        ("lrflow show E2 extra", "extra", []),
    ],
)
def test_bash_gets_what_takes_the_place_of_the_word_it_replaces(chosen, line, replaced, replies):
    asked = """
        eval "$1"
        compopt() { :; }
        COMP_LINE=$2 COMP_POINT=${#2}
        _lrflow_completion lrflow "$3" x
        printf '%s\\n' "${COMPREPLY[@]}"
    """
    beside = str(Path(sys.executable).parent)
    environ = {**os.environ, "LRFLOW_HOME": str(chosen.home), "PATH": f"{beside}{os.pathsep}{os.environ['PATH']}"}

    ran = subprocess.run(
        ["bash", "--norc", "-c", asked, "bash", shells.script("bash"), line, replaced],
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert (ran.stdout.split(), ran.stderr) == (replies, "")


def test_zsh_sets_value_and_name_apart_by_a_colon_that_is_none_of_theirs():
    from click.shell_completion import CompletionItem

    zsh = shells.ZshWords(cli.root, {}, "lrflow", "_LRFLOW_COMPLETE")

    assert zsh.format_completion(CompletionItem("asia:P7", help="Ana: Lima")) == "plain\nasia\\:P7\nAna: Lima"
    assert zsh.format_completion(CompletionItem("asia:P7")) == "plain\nasia\\:P7\n_"


def test_powershell_keeps_its_backslashes(chosen):
    powershell = shells.PowerShellWords(cli.root, {"obj": Door()}, "lrflow", "_LRFLOW_COMPLETE")
    line = r"lrflow attach E1 C:\Users\Ana\ --for chall"

    with environment({"COMP_WORDS": line, "COMP_CWORD": "5", "LRFLOW_HOME": str(chosen.home)}):
        words, last = powershell.get_completion_args()
        found = [each.value for each in powershell.get_completions(words, last)]

    assert words == ["attach", "E1", "C:\\Users\\Ana\\", "--for"]
    assert found == ["challenge"]


@pytest.mark.parametrize(
    ("shell", "has"),
    [
        ("bash", "complete -o nosort -F _lrflow_completion lrflow"),
        ("zsh", "compdef _lrflow_completion lrflow"),
        ("fish", "complete --no-files --command lrflow"),
        ("powershell", "Register-ArgumentCompleter -Native -CommandName lrflow"),
    ],
)
def test_show_prints_what_the_shell_has_to_read(empty, shell, has):
    assert has in empty.do(f"completion show {shell}").out


# ------------------------------------------------------------------------------------------------------------- install


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """A home of one's own, where bash is the shell."""
    for name in ("XDG_CONFIG_HOME", "ZDOTDIR", "PSModulePath"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.setenv("SHELL", "/bin/zsh")
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


@pytest.fixture
def lrflow(tmp_path) -> Programme:
    """Nothing begun yet: completion is installed first of all."""
    return Programme(tmp_path / "none")


@pytest.mark.parametrize(
    ("shell", "file"),
    [
        ("zsh", ".zshrc"),
        ("fish", ".config/fish/completions/lrflow.fish"),
        pytest.param(
            "bash", ".bashrc", marks=pytest.mark.skipif(sys.platform == "darwin", reason="another file there")
        ),
    ],
)
def test_installing_writes_a_marked_block_once(lrflow, home, shell, file):
    first = lrflow.do(f"completion install {shell}")
    written = (home / file).read_bytes()
    second = lrflow.do(f"completion install {shell}")

    assert str(home / file) in first.out
    assert f"✓ {shell} knows it already" in second.out
    assert (home / file).read_bytes() == written
    assert written.count(profiles.BEGIN.encode()) == written.count(profiles.END.encode()) == 1


def test_the_shell_in_use_is_found_in_the_environment(lrflow, home):
    assert lrflow.do("completion install --json").data["file"] == str(home / ".zshrc")


def test_a_dry_run_writes_nothing(lrflow, home):
    said = lrflow.do("completion install zsh -n")

    assert said.out.startswith(f"would be written into {home / '.zshrc'}")
    assert list(home.iterdir()) == []


def test_other_lines_of_the_profile_stay_and_an_old_block_is_renewed_in_its_place(lrflow, home):
    old = f"{profiles.BEGIN}\nan older script\n{profiles.END}\n"
    (home / ".zshrc").write_bytes(b"alias ll='ls -l'\n" + old.encode() + b"caf\xe9=1\n")

    lrflow.do("completion install zsh")

    written = (home / ".zshrc").read_bytes()
    assert written.startswith(f"alias ll='ls -l'\n{profiles.BEGIN}\n".encode())
    assert written.endswith(f"{profiles.END}\n".encode() + b"caf\xe9=1\n")
    assert b"an older script" not in written


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "{block}"),
        ("a\n", "a\n\n{block}"),
        ("a", "a\n\n{block}"),
        ("a\r\n", "a\r\n\r\n{block}"),
        (f"a\r\n{profiles.BEGIN}\r\nold\r\n{profiles.END}\r\nb\r\n", "a\r\n{block}b\r\n"),
    ],
)
def test_the_block_follows_the_line_ends_of_the_file(before, after):
    block = profiles.block("bash", "script")
    ends = block.replace("\n", "\r\n") if "\r\n" in before else block

    assert profiles.with_block(before, block) == after.format(block=ends)
    assert profiles.with_block(profiles.with_block(before, block), block) == after.format(block=ends)


@pytest.mark.parametrize("left", [profiles.BEGIN, profiles.END, f"{profiles.END}\n{profiles.BEGIN}"])
def test_half_a_block_is_never_guessed_at(lrflow, home, left):
    (home / ".zshrc").write_text(f"a\n{left}\nb\n")

    refused = lrflow.run("completion install zsh")

    assert (refused.code, (home / ".zshrc").read_text()) == (2, f"a\n{left}\nb\n")


def test_a_profile_in_utf_16_as_windows_writes_it_stays_readable(tmp_path):
    profile = tmp_path / "profile.ps1"
    profile.write_bytes(codecs.BOM_UTF16_LE + "Set-Alias é ls\r\n".encode("utf-16-le"))

    text, encoding = profiles.read(profile)
    profiles.write(profile, profiles.with_block(text, profiles.block("powershell", "script")), encoding)

    assert profile.read_text("utf-16").startswith("Set-Alias é ls\n")
    assert profiles.BEGIN in profile.read_text("utf-16")


@pytest.mark.skipif(os.name == "nt", reason="links and rights are other things there")
def test_a_profile_that_is_a_link_stays_one_and_keeps_its_rights(lrflow, home):
    (home / "dotfiles").mkdir()
    (home / "dotfiles" / "zshrc").write_text("a\n")
    (home / "dotfiles" / "zshrc").chmod(0o600)
    (home / ".zshrc").symlink_to(home / "dotfiles" / "zshrc")

    lrflow.do("completion install zsh")

    assert (home / ".zshrc").is_symlink()
    assert profiles.BEGIN in (home / "dotfiles" / "zshrc").read_text()
    assert (home / "dotfiles" / "zshrc").stat().st_mode & 0o777 == 0o600
    assert [each.name for each in (home / "dotfiles").iterdir()] == ["zshrc"]


@pytest.mark.parametrize(
    ("environ", "shell"),
    [
        ({"SHELL": "/bin/bash"}, "bash"),
        ({"SHELL": "/opt/homebrew/bin/fish"}, "fish"),
        ({"SHELL": "C:/Program Files/Git/usr/bin/bash.exe"}, "bash"),
        ({"SHELL": "/usr/bin/pwsh"}, "powershell"),
        ({"PSModulePath": "C:\\..."}, "powershell"),
        ({"SHELL": "/bin/zsh", "PSModulePath": "/opt/microsoft"}, "zsh"),
    ],
)
def test_which_shell_runs_is_told_by_the_environment(environ, shell):
    assert profiles.shell_in_use(environ) == shell


@pytest.mark.parametrize("shell", ["", "/bin/tcsh"])
def test_a_shell_that_cannot_be_told_is_asked_for(lrflow, home, monkeypatch, shell):
    monkeypatch.setenv("SHELL", shell)

    refused = lrflow.run("completion install")

    assert refused.code == 2
    assert refused.err.splitlines()[1:] == [f"  -> lrflow completion install {each}" for each in profiles.SHELLS]
