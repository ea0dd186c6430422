"""Help for whoever has forgotten everything: topics in prose, what an id means, the help of a command."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from lrflow.commands import completing
from lrflow.commands.door import Door, tell, verb
from lrflow.errors import NotFound

if TYPE_CHECKING:
    from lrflow.catalogue import Kind

TOPICS = "topics"  # the folder beside this file
ORDER = (
    *("start", "stages", "guards", "records", "excel", "undo", "messages", "nudges"),
    *("dates", "roles", "away", "reach", "privacy", "files", "exit-codes"),
)
DAILY = ("status", "check", "advance", "add", "set", "mark", "list", "show", "undo")
SUB_IDS = {"action": "A1.1, A1.2", "checkin": "Q3.0, Q3.6"}
OUTSIDE_KINDS = {
    "W": "a waiver: a guard set aside by a person, with a reason",
    "N": "a nudge: one thing that one person is reminded of",
    "L": "an entry of the log: what happened, who did it and why",
}


@completing.offering
def _known(ctx: click.Context, _typed: str) -> completing.Values:
    command = ctx.find_root().command
    for word in ctx.params.get("words") or ():
        command = command.commands[word] if isinstance(command, click.Group) else command
    inside = [(name, each.get_short_help_str(60)) for name, each in _inside(command).items()]
    return inside if ctx.params.get("words") else [*((name, _title(name)) for name in ORDER), *inside]


@verb("help")
@click.argument("words", nargs=-1, metavar="[TOPIC|COMMAND|ID]", shell_complete=_known)
@click.pass_context
def help_command(ctx: click.Context, door: Door, words: tuple[str, ...]) -> None:
    """What lrflow can do, topic by topic.

    \b
    lrflow help               the topics, and the commands used most
    lrflow help excel         a topic
    lrflow help mark          a command, as lrflow mark --help
    lrflow help E1            what an id means
    """
    text = _answer(ctx.find_root(), words) if words else _overview(_inside(ctx.find_root().command))
    tell(door, "help", {"about": " ".join(words), "text": text}, [text.rstrip("\n")])


def _inside(command: click.Command) -> Mapping[str, click.Command]:
    return command.commands if isinstance(command, click.Group) else {}


def _title(name: str) -> str:
    return _written(name).splitlines()[0].partition(": ")[2]


def _overview(commands: Mapping[str, click.Command]) -> str:
    titles = [f"  lrflow help {name:<12} {_title(name)}" for name in ORDER]
    daily = [f"  lrflow {name:<17} {commands[name].get_short_help_str(60)}" for name in DAILY if name in commands]
    hint = "Every command: lrflow --help. One of them: lrflow help add. What an id means: lrflow help E1"
    return "\n".join(["Topics:", *titles, "", "Used most:", *daily, "", hint])


def topic(name: str) -> str:
    """The text of the topic called *name*; who gets what is filled in from the table that decides it."""
    text = _written(name)
    if "{matrix}" in text:
        from lrflow.commands.reach_words import filled

        return filled(text)
    return text


def _written(name: str) -> str:
    from pathlib import Path

    return (Path(__file__).with_name(TOPICS) / f"{name}.txt").read_text(encoding="utf-8")


def _answer(root: click.Context, words: tuple[str, ...]) -> str:
    asked = " ".join(words).strip()
    name = asked.lower().replace("_", "-").replace(" ", "-")
    if name in ORDER:
        return topic(name)
    return _of_command(root, words) or _of_letter(asked) or _unknown(root, asked)


def _of_command(root: click.Context, words: tuple[str, ...]) -> str:
    """The help of the command that *words* name; empty when they name none."""
    ctx, command = root, root.command
    for word in words:
        found = command.get_command(ctx, word) if isinstance(command, click.Group) else None
        if found is None:
            return ""
        ctx, command = click.Context(found, info_name=word, parent=ctx), found
    return command.get_help(ctx)


def _of_letter(asked: str) -> str:
    """What an id, its letter or a kind is, in a line, and what to type; empty when *asked* is none."""
    from lrflow.catalogue import KINDS, LETTERS, kind_of_key, read_key

    letter, rest = asked[:1].upper(), asked[1:]
    if letter in OUTSIDE_KINDS and (not rest or rest.isdigit()):
        look = {"W": "lrflow check --all", "N": "lrflow nudge list --all", "L": "lrflow log"}[letter]
        return f"{asked.upper()} is {OUTSIDE_KINDS[letter]}.\nNext: {look}"
    if read_key(asked):
        of = " or ".join(_article(name) for name in kind_of_key(asked))
        return f"{asked.upper()} is {of} of the current route.\nNext: lrflow show {asked.upper()}"
    named = tuple(name for name, kind in KINDS.items() if asked.lower() in (name, kind.plural))
    of_letter = LETTERS.get(letter, ()) if not rest or rest[0].isdigit() else ()
    return "\n".join(_kind_line(KINDS[name]) for name in named or of_letter)


def _kind_line(kind: "Kind") -> str:
    if kind.name == "programme":
        return "The programme is what all its routes share.\nNext: lrflow show programme"
    ids = f"{SUB_IDS.get(kind.name) or f'{kind.letter}1, {kind.letter}2'} ... are the ids of {kind.plural}"
    what = ids if kind.letter else f"{kind.plural} have no ids: a name, or a part of it, will do"
    return f"{what}. Its fields: lrflow add {kind.name}\nNext: lrflow list {kind.name}"


def _article(name: str) -> str:
    if name == "evidence":
        return name
    return f"{'an' if name[0] in 'aeio' else 'a'} {'check-in' if name == 'checkin' else name}"


def _unknown(root: click.Context, asked: str) -> str:
    from difflib import get_close_matches

    known = [*ORDER, *_inside(root.command)]
    near = [each for each in known if asked.lower() in each] if len(asked) > 2 else []
    near = near or get_close_matches(asked.lower(), known, n=3)
    problems = [f"did you mean {each}?" for each in near]
    raise NotFound(f"there is no help about {asked!r}", problems=problems, remedy="lrflow help")


COMMANDS: tuple[click.Command, ...] = (help_command,)
