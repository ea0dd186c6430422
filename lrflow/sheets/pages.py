"""Lay out one sheet to be typed into: a page of rows under headers, or a form from top to bottom."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lrflow.errors import Misused
from lrflow.sheets.cells import text_of, writable_text
from lrflow.sheets.choices import Choices
from lrflow.sheets.extents import letters_of
from lrflow.sheets.pens import Ink, Pen
from lrflow.sheets.shapes import Cell, Column, Form, Page, Question

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

_ALLOWED = {
    "format_cells": True,
    "format_columns": True,
    "format_rows": True,
    "insert_rows": True,
    "delete_rows": True,
    "sort": True,
    "autofilter": True,
}
_LAST_ROW = 1_048_576
_A4 = 9
_NOTE_WIDTH, _NOTE_LINE = 36, 18  # characters of a line of a note, and its height in pixels
_LABEL, _ANSWER, _HELP = 32, 56, 44  # widths of a form's columns
_LINE = 15  # points
_ROOM = 4  # lines, for an answer in prose
_MOST_OF_ROW, _MOST_OF_ANSWER = 6, 27  # lines: a page stays a list; no row is higher than 409 points

# Excel lets nobody sort or delete rows that hold a locked cell, whatever the sheet allows.
_LOCKED_NOTE = "lrflow fills this column. To sort or to delete rows: Review, Unprotect Sheet (there is no password)."


def lines_of(text: str, width: int) -> int:
    """Give how many lines *text* takes, wrapped at about *width* characters."""
    return sum(max(-(-len(line) // max(width - 2, 1)), 1) for line in text.split("\n"))


class Layout:
    """Lays out the sheets of one workbook with one pen and one stock of lists to choose from."""

    def __init__(self, workbook: "Workbook", pen: Pen, choices: Choices) -> None:
        self._pen, self._choices = pen, choices
        header = {"bold": True, "text_wrap": True, "valign": "vcenter", "font_color": "#FFFFFF", "border": 1}
        self._header = workbook.add_format({**header, "bg_color": "#1F4E78", "border_color": "#A6A6A6"})
        self._grey_header = workbook.add_format({**header, "bg_color": "#7F7F7F", "border_color": "#A6A6A6"})
        self._title = workbook.add_format({"bold": True, "font_size": 16})
        self._label = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        self._help = workbook.add_format({"italic": True, "text_wrap": True, "valign": "top", "font_color": "#595959"})

    def page(self, sheet: "Worksheet", page: Page) -> None:
        """Write the headers, the rows and the spare rows of *page*."""
        sheet.set_row(0, 2 * _LINE + 2)
        inks = [self._pen.ink(column.sort, is_locked=column.is_locked) for column in page.columns]
        for place, (column, ink) in enumerate(zip(page.columns, inks, strict=True)):
            self._head(sheet, place, column, ink)
        prose = [(place, column.width) for place, column in enumerate(page.columns) if column.sort == "prose"]
        last = 0
        for last, row in enumerate(page.rows, 1):
            self._make_room(sheet, last, [(row[place], width) for place, width in prose], most=_MOST_OF_ROW)
            for place, (value, ink) in enumerate(zip(row, inks, strict=True)):
                self._pen.put(sheet, last, place, value, ink)
        bottom = max(last + page.spare, 1)
        if bottom >= _LAST_ROW:  # XlsxWriter leaves out what is beyond, and says nothing
            raise Misused(f"a sheet holds {_LAST_ROW - 1:,} rows: {page.name} has more", remedy="write a .csv instead")
        for row_number in range(last + 1, last + page.spare + 1):
            for place, ink in enumerate(inks):
                self._pen.put(sheet, row_number, place, None, ink)
        for place, column in enumerate(page.columns):
            if not column.is_locked:
                self._choices.offer(sheet, (1, bottom), place, column.choices, column.sort)
        self._finish_page(sheet, page, bottom)

    def _head(self, sheet: "Worksheet", place: int, column: Column, ink: Ink) -> None:
        sheet.set_column(place, place, column.width, None if column.is_locked else ink.empty)
        shape = self._grey_header if column.is_locked else self._header
        self._pen.put_text(sheet, 0, place, column.title, shape)
        if note := column.note or (_LOCKED_NOTE if column.is_locked else ""):
            height = (lines_of(note, _NOTE_WIDTH) + 1) * _NOTE_LINE
            sheet.write_comment(0, place, writable_text(note), {"width": 240, "height": height})

    def _finish_page(self, sheet: "Worksheet", page: Page, bottom: int) -> None:
        last = len(page.columns) - 1
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, bottom, last)
        sheet.ignore_errors({"number_stored_as_text": f"A2:{letters_of(last)}{_LAST_ROW}"})
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        if any(column.is_locked for column in page.columns):
            sheet.protect("", _ALLOWED)

    def _make_room(
        self, sheet: "Worksheet", row: int, texts: Sequence[tuple[Cell, int]], *, least: int = 1, most: int
    ) -> None:
        """Make *row* high enough for *texts*, each in a column of that width: only Excel would do it by itself."""
        lines = max((lines_of(text_of(text), width) for text, width in texts), default=1)
        if max(lines, least) > 1:
            sheet.set_row(row, min(max(lines, least), most) * _LINE + 2)

    def form(self, sheet: "Worksheet", form: Form) -> None:
        """Write *form*: a title, then a line a question with its answer and its help."""
        for place, width in enumerate((_LABEL, _ANSWER, _HELP)):
            sheet.set_column(place, place, width)
        sheet.set_row(0, 26)
        self._pen.put_text(sheet, 0, 0, form.title, self._title)
        for place, heading in enumerate(form.headings):
            self._pen.put_text(sheet, 2, place, heading, self._header)
        for row, question in enumerate(form.questions, 3):
            self._ask(sheet, row, question)
        sheet.freeze_panes(3, 0)
        sheet.set_paper(_A4)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(2)
        sheet.protect("", _ALLOWED)

    def _ask(self, sheet: "Worksheet", row: int, question: Question) -> None:
        ink = self._pen.ink(question.sort, is_locked=question.is_locked, is_boxed=True)
        texts = [(question.label, _LABEL), (question.value, _ANSWER), (question.help, _HELP)]
        least = _ROOM if question.sort == "prose" else 1
        self._make_room(sheet, row, texts, least=least, most=_MOST_OF_ANSWER)
        self._pen.put_text(sheet, row, 0, question.label, self._label)
        self._pen.put(sheet, row, 1, question.value, ink)
        self._pen.put_text(sheet, row, 2, question.help, self._help)
        if not question.is_locked:
            self._choices.offer(sheet, (row, row), 1, question.choices, question.sort)
