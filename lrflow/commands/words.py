"""Tell the words of a command line apart: field=value on one side, everything else on the other."""

import re
import sys
from collections.abc import Sequence
from pathlib import Path

from lrflow.errors import Misused, NotFound

_FIELD = re.compile(r"^[a-z][a-z0-9_-]*=", re.DOTALL)
LARGEST = 200_000


def split(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """The bare words, and the field=value words with their files read (how=@how.txt, or @- for what is piped in)."""
    bare = [word for word in words if not _FIELD.match(word)]
    fields = [_with_file(word) for word in words if _FIELD.match(word)]
    return bare, fields


def fields_of(words: Sequence[str]) -> dict[str, str]:
    """*words* as fields and values; a word that is none is `Misused`."""
    bare, fields = split(words)
    if bare:
        raise Misused(f"{bare[0]!r} is not name=value", remedy="write name=value, without blanks around =")
    return dict(each.split("=", 1) for each in fields)


def _with_file(word: str) -> str:
    name, _, value = word.partition("=")
    if not value.startswith("@") or value == "@":
        return word
    return f"{name}={_read(value[1:])}"


def _read(path: str) -> str:
    try:
        text = sys.stdin.read(LARGEST + 1) if path == "-" else Path(path).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise NotFound(f"there is no file {path}") from None
    except (OSError, UnicodeDecodeError) as fault:
        raise Misused(f"{path} cannot be read as text: {fault}") from None
    if len(text) > LARGEST:
        raise Misused(f"{path} is longer than {LARGEST} characters")
    return text.strip()
