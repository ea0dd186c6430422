"""The words that people write in their lists: a file, so that a new word needs no programmer."""

import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from typing import Any

from lrflow.lists.likeness import folded

NOT_FOUND = ("#N/A", "#N/D")  # what a spreadsheet shows where it looked something up in vain
_EMPTY = re.compile(r"^[-–—_.…]+$")
_FAULT = re.compile(r"^#[^\s\d]{2,12}[!?]$|^#DIV/0!$")


@lru_cache(maxsize=1)
def words() -> Mapping[str, Any]:
    """All of `words.toml`."""
    return tomllib.loads(resources.files("lrflow.lists").joinpath("words.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=16)
def meanings(table: str) -> Mapping[str, str]:
    """What each phrase of a table of words means, by the phrase folded."""
    return {folded(phrase): code for code, phrases in words()[table].items() for phrase in phrases if folded(phrase)}


def is_blank(text: str) -> bool:
    """Whether *text* stands for an empty cell: -, n/a, TBC, à confirmer."""
    # NA alone is Namibia.
    return not text or bool(_EMPTY.match(text)) or (folded(text) in _blanks() and text.upper() != "NA")


def is_fault(text: str) -> bool:
    """Whether *text* is what a spreadsheet shows where a formula failed: #REF!, #VALEUR!, #NAME?."""
    return bool(_FAULT.match(text))


@lru_cache(maxsize=1)
def _blanks() -> frozenset[str]:
    return frozenset(phrase for phrase, sign in meanings("signs").items() if sign == "blank")
