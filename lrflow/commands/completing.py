"""Offer values while a command is typed: ids, kinds, states, fields, routes, people. Silent when anything is wrong.

The file is read as it lies there, by plain sqlite3 and without the store: a person waits for this at each press of Tab.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import wraps
from typing import TYPE_CHECKING

import click

from lrflow.commands.glimpse import Glimpse, glimpse

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from lrflow.catalogue import Field

Offered = list["CompletionItem[str]"]
Values = Iterable[tuple[str, str]]  # what is typed, and what it is
Finder = Callable[[click.Context, str], Values]
Completer = Callable[[click.Context, click.Parameter, str], Offered]

SHARED = {"person": "a person", "organisation": "an organisation", "programme": "the programme", "route": "the route"}
LONGEST = 60


def offering(find: Finder) -> Completer:
    """Make of *find* what click asks for: values that begin as what is typed, each with its name; none on any fault."""

    @wraps(find)
    def complete(ctx: click.Context, _param: click.Parameter, incomplete: str) -> Offered:
        from click.shell_completion import CompletionItem

        try:
            found = list(find(ctx, incomplete))
        except Exception:  # the shell would print it into the line that is being typed
            return []
        begins = incomplete.casefold()
        return [
            CompletionItem(value, help=_plain(name) or None)
            for value, name in dict(found).items()
            if value.casefold().startswith(begins)
        ]

    return complete


def _plain(name: str) -> str:
    # fish cuts at a comma, zsh and PowerShell count lines, and a terminal obeys control characters.
    words = " ".join("".join(sign if sign.isprintable() else " " for sign in name).replace(",", " ·").split())
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"


# ----------------------------------------------------------------------------------------------------------- one word


@offering
def kinds(_ctx: click.Context, _typed: str) -> Values:
    """Every kind of record."""
    from lrflow.catalogue import KINDS

    return [(name, _ids_of(kind.letter)) for name, kind in KINDS.items() if name != "programme"]


def _ids_of(letter: str) -> str:
    return f"{letter}1 {letter}2 ..." if letter else ""


@offering
def ids(ctx: click.Context, typed: str) -> Values:
    """The ids of the route; its letters while nothing is typed."""
    with glimpse(ctx) as seen:
        return list(_ids(seen, typed))


def _ids(seen: Glimpse, typed: str, only: Sequence[str] = ()) -> Iterator[tuple[str, str]]:
    from lrflow.catalogue import KINDS, LETTERS

    letter = typed[:1].upper()
    for kind in LETTERS.get(letter, ()):
        if not only or kind in only:
            yield from seen.records(kind, typed.upper())
    if not letter and not only:
        yield from ((KINDS[kind].letter, KINDS[kind].plural) for kind in seen.kinds_there())


@offering
def routes(ctx: click.Context, _typed: str) -> Values:
    """Every route by its key."""
    with glimpse(ctx) as seen:
        return seen.routes()


@offering
def countries(ctx: click.Context, _typed: str) -> Values:
    """The countries in use."""
    with glimpse(ctx) as seen:
        return seen.countries()


@offering
def people(ctx: click.Context, _typed: str) -> Values:
    """The address of every person known."""
    with glimpse(ctx) as seen:
        return seen.people()


@offering
def stages_behind(ctx: click.Context, _typed: str) -> Values:
    """The stages the route may be sent back to."""
    with glimpse(ctx) as seen:
        stage = seen.definition["stages"][seen.stage]
        behind = (stage.get("back") or {}).get("to", ())
        return [(name, seen.definition["stages"][name]["title"]) for name in behind]


@offering
def stages_ahead(ctx: click.Context, _typed: str) -> Values:
    """The stages that lie ahead of the route, and its end."""
    with glimpse(ctx) as seen:
        path = [*seen.definition["path"], seen.definition["done"]]
        ahead = path[path.index(seen.stage) + 1 :]
        return [(name, seen.definition["stages"].get(name, {}).get("title", name.capitalize())) for name in ahead]


@offering
def guards(ctx: click.Context, _typed: str) -> Values:
    """The guards of this stage that may be waived."""
    with glimpse(ctx) as seen:
        known = seen.definition["guards"]
        needs = seen.definition["stages"][seen.stage]["needs"]
        return [(name, known[name]["title"]) for name in needs if known[name]["level"] == "soft"]


@offering
def settings(_ctx: click.Context, _typed: str) -> Values:
    """The names of the settings."""
    from lrflow.settings import KNOWN

    return KNOWN.items()


@offering
def settings_to_set(_ctx: click.Context, _typed: str) -> Values:
    """The names of the settings, ready for a value."""
    from lrflow.settings import KNOWN

    return [(f"{name}=", says) for name, says in KNOWN.items()]


@offering
def claims(_ctx: click.Context, typed: str) -> Values:
    """What evidence may speak for, joined by +."""
    from lrflow.catalogue.kinds import CLAIMS

    return _joined("", typed, [(each, "") for each in CLAIMS])


def files(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> Offered:
    """Files, which the shell knows best."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="file")]


# --------------------------------------------------------------------------------------------------------- many words


@offering
def things(ctx: click.Context, typed: str) -> Values:
    """What can be shown: an id, a route, a person, an organisation, the programme."""
    with glimpse(ctx) as seen:
        if (_words(ctx, "words") or ("",))[0] == "person":
            return seen.people()
        return [*_ids(seen, typed), *SHARED.items(), *seen.routes()]


@offering
def changes(ctx: click.Context, typed: str) -> Values:
    """What can be set: ids or what routes share, then field= of their kind, then its value."""
    words = _words(ctx, "words")
    with glimpse(ctx) as seen:
        if words[:1] == ("person",) and len(words) == 1 and "=" not in typed:
            return seen.people()
        return [*_targets(seen, words, typed), *_fields(seen, _kinds_of(seen, words), typed)]


def _targets(seen: Glimpse, words: Sequence[str], typed: str) -> Values:
    if "=" in typed:
        return []
    chosen = _kinds_of(seen, words)
    return [*_ids(seen, typed, chosen), *([] if chosen else [*SHARED.items(), *seen.routes()])]


@offering
def moves(ctx: click.Context, typed: str) -> Values:
    """What can be marked: ids, then a state of their kind, then field=."""
    words = _words(ctx, "words")
    with glimpse(ctx) as seen:
        chosen = _kinds_of(seen, words)
        states = [] if "=" in typed else _states(seen, chosen)
        of_kind = _fields(seen, chosen, typed) if set(words) & {state for state, _ in states} or "=" in typed else []
        return [*([] if "=" in typed else _ids(seen, typed, chosen)), *states, *of_kind]


def _states(seen: Glimpse, chosen: Sequence[str]) -> list[tuple[str, str]]:
    lives = seen.definition["lives"]
    return [(state, "") for kind in chosen if kind in lives for state in (*lives[kind]["path"], *lives[kind]["moves"])]


@offering
def fields(ctx: click.Context, typed: str) -> Values:
    """field= of the kind named before it, then its value."""
    from lrflow.catalogue import kind_of

    with glimpse(ctx) as seen:
        return _fields(seen, [kind_of(str(ctx.params["kind"])).name], typed)


@offering
def conditions(ctx: click.Context, typed: str) -> Values:
    """field= of the kind that is narrowed, then its value; state= too."""
    with glimpse(ctx) as seen:
        chosen = _kinds_of(seen, (*_words(ctx, "words"), *_words(ctx, "kind")))
        values = [(f"state={state}", "") for state, _ in _states(seen, chosen)] if typed.startswith("state=") else []
        return [("state=", "its state"), *values, *_fields(seen, chosen, typed)]


def _words(ctx: click.Context, name: str) -> tuple[str, ...]:
    # An option that waits for its value leaves the other words unread: click keeps them in ctx.args.
    value = ctx.params.get(name) or ctx.args
    return (value,) if isinstance(value, str) else tuple(value)


def _kinds_of(seen: Glimpse, words: Sequence[str]) -> list[str]:
    """The kinds of the records that *words* name so far."""
    from lrflow.catalogue import KINDS, LETTERS, kind_of_key, split_keys

    found: list[str] = []
    for word in words:
        if word in KINDS:
            found.append(word)
        elif word.upper() in LETTERS:
            found += LETTERS[word.upper()]
        elif keys := split_keys(word):
            found += kind_of_key(keys[0])
        elif word in dict(seen.routes()):
            found.append("route")
    return list(dict.fromkeys(found))


def _fields(seen: Glimpse, chosen: Sequence[str], typed: str) -> list[tuple[str, str]]:
    from lrflow.catalogue import KINDS

    name, is_field, value = typed.partition("=")
    known = [field for kind in chosen for field in KINDS[kind].fields]
    if not is_field:
        return [(f"{field.name}=", field.help) for field in known]
    return [pair for field in known if field.name == name for pair in _joined(f"{name}=", value, _values(seen, field))]


def _values(seen: Glimpse, field: "Field") -> list[tuple[str, str]]:
    from lrflow.catalogue import KINDS

    if field.type == "yes":
        return [("yes", ""), ("no", "")]
    if field.type == "weekdays":
        from lrflow.catalogue.reading import WEEKDAYS

        return [(name[:3], "") for name in WEEKDAYS]
    if field.vocabulary:
        return list(seen.definition["vocabularies"].get(field.vocabulary, {}).items())
    if field.to == "person":
        return seen.people()
    if field.to and KINDS[field.to].letter:
        return seen.records(field.to, "")
    return [(choice, "") for choice in field.choices]


def _joined(head: str, typed: str, values: Values) -> list[tuple[str, str]]:
    """*values* after *head* and whatever of a list (a+b+) is typed already."""
    before, plus, _ = typed.rpartition("+")
    taken = re.split(r"\+", before)
    return [(f"{head}{before}{plus}{value}", name) for value, name in values if value not in taken]
