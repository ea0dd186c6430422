"""Use cases of whole lists: workbooks out and in, foreign lists in, exports."""

from lrflow.lists.layout import LaidColumn, Layout, Memory, Names, form_layout, layout_called, layout_of, read_memory
from lrflow.lists.workbook import Made, make_workbook

__all__ = [
    "LaidColumn",
    "Layout",
    "Made",
    "Memory",
    "Names",
    "form_layout",
    "layout_called",
    "layout_of",
    "make_workbook",
    "read_memory",
]
