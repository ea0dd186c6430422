"""Files of rows and columns: read whatever a spreadsheet program wrote, write what it opens safely."""

from lrflow.sheets.cells import clean_text, text_of
from lrflow.sheets.delimited import write_csv
from lrflow.sheets.finding import find_table
from lrflow.sheets.places import free_name
from lrflow.sheets.reading import TEXTS, WORKBOOKS, read_grids
from lrflow.sheets.shapes import Book, Cell, Column, Form, Grid, Line, Page, Question, Sort, Table
from lrflow.sheets.writing import write_book

__all__ = [
    "TEXTS",
    "WORKBOOKS",
    "Book",
    "Cell",
    "Column",
    "Form",
    "Grid",
    "Line",
    "Page",
    "Question",
    "Sort",
    "Table",
    "clean_text",
    "find_table",
    "free_name",
    "read_grids",
    "text_of",
    "write_book",
    "write_csv",
]
