"""The kinds of record a programme keeps and every field of each: commands, checks and help are made from it."""

from lrflow.catalogue.keys import LETTERS, kind_of, kind_of_key, read_key, split_keys
from lrflow.catalogue.kinds import KINDS
from lrflow.catalogue.shapes import DERIVED, Field, Kind, Money, derived_fields, minor_places

__all__ = [
    "DERIVED",
    "KINDS",
    "LETTERS",
    "Field",
    "Kind",
    "Money",
    "derived_fields",
    "kind_of",
    "kind_of_key",
    "minor_places",
    "read_key",
    "split_keys",
]
