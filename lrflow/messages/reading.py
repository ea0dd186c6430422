"""Read the texts of `messages/*.toml` and find every fault of their files at once."""

import re
import tomllib
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from lrflow.errors import Misused, NotFound
from lrflow.messages.filling import ANSWERS, PLACEHOLDER, flat
from lrflow.messages.overview import BARE, MONDAY
from lrflow.messages.shapes import NudgeWords, Words

CALL = "call"  # the text of a call that somebody is asked to make; it needs no rule of its name
TOP = {
    "greeting": frozenset({"person"}),
    "closing": frozenset({"route", "coordinator", "sender", *ANSWERS}),
    "more": frozenset({"count"}),
    "next_step": frozenset({"who", "due"}),
    "next_call": frozenset({"who", "due"}),
    "inherited": frozenset({"who", "count"}),
    "no_phone": BARE,
}
SUBJECTS = {"one": frozenset({"code", "subject"}), "several": frozenset({"code", "count", "route"})}
ALARMS = {
    "flood": frozenset({"count", "people"}),
    "clock": frozenset({"since"}),
    "restored": frozenset({"since"}),
    "mail": frozenset({"since"}),
}
PLACEHOLDERS = frozenset(
    {"route", "item", "code", "delegation", "due", "when", "count", "missing", "remedy", "visit_start"}
    | {"visit_end", "next_step", "command"}
)
CALLED = PLACEHOLDERS | {"whom", "phone"}
TABLES = ("subjects", "answers", "alarms", "monday", "reasons", "nudges")


def read_messages(folder: Path) -> Mapping[str, Words]:
    """Read every `*.toml` of *folder*, by language.

    Raises `NotFound` when there is none, and one `Misused` with the faults of all files in `problems`,
    each with its file and key path.
    """
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise NotFound(f"no messages in {folder}", remedy="keep one file per language there, such as en.toml")
    problems: list[str] = []
    read: dict[str, Words] = {}
    for file in files:
        try:
            raw = tomllib.loads(file.read_text(encoding="utf-8-sig"))  # Notepad writes a byte order mark
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
            problems.append(f"{file.name}: cannot be read: {fault}")
            continue
        found = list(_faults_of_file(file, raw))
        problems += found
        if not found:
            read[file.stem] = _words(raw)
    if problems:
        raise Misused(
            f"the messages in {folder} cannot be used; faults: {len(problems)}",
            problems=problems,
            remedy="correct the files, then: lrflow messages check",
        )
    return read


def near(name: str, known: Iterable[str]) -> str:
    """The name that was probably meant by *name*, as the end of a sentence."""
    close = get_close_matches(name, sorted(known), n=1)
    return f", did you mean {close[0]}?" if close else ""


def _faults_of_file(file: Path, raw: Mapping[str, Any]) -> Iterator[str]:
    spot = f"{file.name}: "
    yield from _unknown(spot, raw, ["language", *TOP, *TABLES])
    if raw.get("language") != file.stem:
        yield f"{spot}language: must be {file.stem!r}, the name of the file"
    yield from _faults_of_table(spot, raw, TOP, strange=False)
    tables = {name: raw.get(name) for name in TABLES}
    yield from _faults_of_table(f"{spot}subjects.", tables["subjects"], SUBJECTS)
    yield from _faults_of_table(f"{spot}answers.", tables["answers"], dict.fromkeys(ANSWERS, BARE))
    yield from _twins(spot, tables["answers"])
    yield from _faults_of_table(f"{spot}alarms.", tables["alarms"], ALARMS)
    yield from _faults_of_table(f"{spot}monday.", tables["monday"], MONDAY)
    reasons = tables["reasons"]
    known = dict.fromkeys(reasons if isinstance(reasons, dict) else (), BARE)
    yield from _faults_of_table(f"{spot}reasons.", reasons, known)
    nudges = tables["nudges"]
    if not isinstance(nudges, dict) or not nudges:
        yield f"{spot}nudges: missing"
        return
    for rule, nudge in nudges.items():
        texts = dict.fromkeys(("subject", "line", "past"), CALLED if rule == CALL else PLACEHOLDERS)
        yield from _faults_of_table(f"{spot}nudges.{rule}.", nudge, texts, optional=("past",))


def _faults_of_table(
    spot: str,
    table: Any,
    texts: Mapping[str, frozenset[str]],
    *,
    optional: Sequence[str] = (),
    strange: bool = True,
) -> Iterator[str]:
    if not isinstance(table, dict):
        yield f"{spot[:-1]}: {'missing' if table is None else 'must be a table'}"
        return
    if strange:
        yield from _unknown(spot, table, texts)
    for key, allowed in texts.items():
        if key in table:
            yield from (f"{spot}{key}: {fault}" for fault in _faults_of_text(key, table[key], allowed))
        elif key not in optional:
            yield f"{spot}{key}: missing"


def _faults_of_text(key: str, text: Any, allowed: frozenset[str]) -> Iterator[str]:
    if not isinstance(text, str) or not text.strip():
        yield "must be a text in quotes"
        return
    longest = 600 if key == "closing" else 320  # seven lines and the closing have to stay under 4 KB
    if len(text) > longest:
        yield f"{len(text)} characters, {longest} at most"
    if key != "closing" and flat(text) != text:
        yield "must be one line, without doubled or outer spaces"
    for name in PLACEHOLDER.findall(text):
        if name not in allowed:
            yield f"unknown placeholder {{{name}}}{near(name, allowed)}"
    if re.search(r"[{}]", PLACEHOLDER.sub("", text)):
        yield "a brace that is no placeholder; write {name}, in small letters, nothing else inside"


def _unknown(spot: str, table: Mapping[str, Any], known: Collection[str]) -> Iterator[str]:
    return (f"{spot}{key}: unknown{near(key, known)}" for key in table if key not in known)


def _twins(spot: str, answers: Any) -> Iterator[str]:
    seen: dict[str, str] = {}
    for key, answer in (answers if isinstance(answers, dict) else {}).items():
        if isinstance(answer, str) and (first := seen.setdefault(_folded(answer), key)) != key:
            yield f"{spot}answers.{key}: the same word as answers.{first}"


def _folded(text: str) -> str:
    return re.sub(r"[\u0300-\u036f\s]", "", unicodedata.normalize("NFKD", text.casefold()))


def _words(raw: Mapping[str, Any]) -> Words:
    return Words(
        language=raw["language"],
        **{name: raw[name] for name in TOP},
        subject_one=raw["subjects"]["one"],
        subject_several=raw["subjects"]["several"],
        answers=dict(raw["answers"]),
        alarms=dict(raw["alarms"]),
        monday=dict(raw["monday"]),
        reasons=dict(raw["reasons"]),
        nudges={name: NudgeWords(**{"past": None, **texts}) for name, texts in raw["nudges"].items()},
    )
