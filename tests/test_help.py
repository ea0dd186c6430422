"""`lrflow help`: topics that name only what is there, the help of every command, what an id means."""

import re
from pathlib import Path

import click
import pytest
from programme import Programme

from lrflow import cli
from lrflow.catalogue import KINDS
from lrflow.commands import helping
from lrflow.commands.helping import ORDER, OUTSIDE_KINDS, TOPICS, topic

LINES_OF_A_TOPIC = 40
WIDTH = 96
_COMMAND = re.compile(r"(?<![.\w])lrflow ((?:(?!\blrflow )[^()\n])*)")


@pytest.fixture
def lost(tmp_path) -> Programme:
    """Someone who has begun nothing yet."""
    return Programme(tmp_path / "nothing")


def commands_in(text: str) -> list[list[str]]:
    """The words after each `lrflow` of *text*, up to where prose or a remark begins."""
    lines = [re.split(r"\s{2,}|[;:,](?:\s|$)|\.\s", match[1])[0] for match in _COMMAND.finditer(text)]
    return [words for line in lines if (words := line.rstrip(".?! ").split())]


# -------------------------------------------------------------------------------------------------------------- topics


def test_every_topic_has_a_file_and_every_file_is_a_topic():
    assert {each.stem for each in Path(helping.__file__).with_name(TOPICS).iterdir()} == set(ORDER)


@pytest.mark.parametrize("name", ORDER)
def test_a_topic_fits_on_a_screen_and_opens_with_its_name(name):
    lines = topic(name).splitlines()

    assert len(lines) <= LINES_OF_A_TOPIC
    assert [line for line in lines if len(line) > WIDTH or line != line.rstrip() or "\t" in line] == []
    assert lines[0].lower().replace(" ", "-").startswith(f"{name}:")


@pytest.mark.parametrize("name", ORDER)
def test_every_command_that_a_topic_names_is_there(name):
    verbs = {words[0] for words in commands_in(topic(name)) if not words[0].startswith("-")}

    assert verbs - set(cli.root.commands) == set()
    assert verbs


@pytest.mark.parametrize("name", ORDER)
def test_every_subcommand_and_option_that_a_topic_names_is_there(name):
    missing = [words for words in commands_in(topic(name)) if not is_understood(words)]

    assert missing == []


def is_understood(words: list[str]) -> bool:
    command: click.Command = cli.root
    rest = list(words)
    while isinstance(command, click.Group) and rest and rest[0] in command.commands:
        command = command.commands[rest.pop(0)]
    if isinstance(command, click.Group) and command is not cli.root and rest and not rest[0].startswith("-"):
        return False
    known = {name for param in (*command.params, *cli.root.params) for name in param.opts} | {"--help"}
    return all(word in known for word in rest if re.match(r"--?[a-z]", word, re.IGNORECASE))


def test_the_test_itself_reads_commands_as_people_do():
    text = "Type lrflow check --to closed, then:\n  lrflow mark P7 gone   a remark; or lrflow undo L3 (lrflow log)."

    assert commands_in(text) == [["check", "--to", "closed"], ["mark", "P7", "gone"], ["undo", "L3"], ["log"]]
    assert not is_understood(["check", "--until", "closed"])
    assert not is_understood(["nudge", "lsit"])


# ------------------------------------------------------------------------------------------------------------- answers


def test_help_alone_lists_every_topic_and_the_commands_used_most(lost):
    said = lost.do("help").out

    assert [line.split()[2] for line in said.splitlines() if line.startswith("  lrflow help ")] == list(ORDER)
    assert all(f"  lrflow {verb} " in said for verb in ("status", "check", "advance", "add", "mark", "undo"))


@pytest.mark.parametrize("name", ORDER)
def test_a_topic_is_printed_as_it_was_written(lost, name):
    assert lost.do(f"help {name}").out == topic(name)


@pytest.mark.parametrize("words", ["exit codes", "exit_codes", "EXIT-CODES"])
def test_a_topic_is_understood_as_people_write_it(lost, words):
    assert lost.do(f"help {words}").out == topic("exit-codes")


@pytest.mark.parametrize("verb", ["mark", "nudge", "nudge list", "settings set", "help"])
def test_help_of_a_command_is_what_the_command_says_itself(lost, verb):
    assert lost.do(f"help {verb}").out == lost.do(f"{verb} --help").out


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("E1", "E1 is an experience of the current route.\nNext: lrflow show E1\n"),
        ("p24", "P24 is a participant of the current route.\nNext: lrflow show P24\n"),
        ("A1.2", "A1.2 is an action of the current route.\nNext: lrflow show A1.2\n"),
        ("Q3.6", "Q3.6 is a check-in of the current route.\nNext: lrflow show Q3.6\n"),
        ("R4", "R4 is a cascade or a sharing of the current route.\nNext: lrflow show R4\n"),
        ("W2", "W2 is a waiver: a guard set aside by a person, with a reason.\nNext: lrflow check --all\n"),
        (
            "C",
            "C1, C2 ... are the ids of champions. Its fields: lrflow add champion\nNext: lrflow list champion\n",
        ),
        (
            "A",
            "A1, A2 ... are the ids of plans. Its fields: lrflow add plan\nNext: lrflow list plan\n"
            "A1.1, A1.2 ... are the ids of actions. Its fields: lrflow add action\nNext: lrflow list action\n",
        ),
        (
            "people",
            "people have no ids: a name, or a part of it, will do. Its fields: lrflow add person\n"
            "Next: lrflow list person\n",
        ),
    ],
)
def test_an_id_a_letter_a_kind_is_explained(lost, word, says):
    assert lost.do(f"help {word}").out == says


@pytest.mark.parametrize("letter", sorted({kind.letter for kind in KINDS.values()} - {""} | set(OUTSIDE_KINDS)))
def test_every_letter_means_something(lost, letter):
    assert lost.do(f"help {letter}").out
    assert lost.do(f"help {letter}1").out


@pytest.mark.parametrize(
    ("word", "near"), [("exel", "excel"), ("advnace", "advance"), ("gard", "guards"), ("export file", "export")]
)
def test_an_unknown_word_is_answered_with_near_ones(lost, word, near):
    asked = lost.run(f"help {word}")

    assert (asked.code, asked.out) == (4, "")
    assert f"  did you mean {near}?" in asked.err.splitlines()
    assert asked.err.splitlines()[-1] == "  -> lrflow help"


def test_json_holds_the_text(lost):
    assert lost.do("help excel --json").data == {"about": "excel", "text": topic("excel")}


def test_help_needs_no_programme_and_no_readable_settings(young):
    (young.home / "lrflow.toml").write_text("me = ")

    assert young.do("help").out == Programme(young.home.parent / "elsewhere").do("help").out
