"""How much a sheet may hold, counted before it is read so that no file can fill the memory."""

from lrflow.errors import Misused

# Twice the 50,000 rows of the longest list heard of; a sheet formatted a few thousand rows too far still passes.
ROWS = 100_000
# Forms with a question a column reach 300; a sheet that goes on to the last column, XFD, was filled by accident.
COLUMNS = 500
# A reader keeps the whole rectangle from the first filled cell to the last: two far corners are 17 thousand million.
CELLS = 5_000_000
# One shared text may be named by every cell of a sheet: this many characters is about 400 MB once read.
CHARACTERS = 200_000_000


class Extent:
    """How far the filled cells of one sheet reach, counted while its file is walked.

    Every method refuses with `Misused`, naming the sheet, the moment it is too much. *errors* are the cells that show
    an error such as #REF!, by row and column: the reader gives them as empty. Rows and columns count from 0.
    """

    __slots__ = ("_characters", "_columns", "_filled", "_rows", "_what", "errors")

    def __init__(self, file: str, sheet: str) -> None:
        self._what = f"sheet {sheet} of {file}" if sheet else file
        self._rows = self._filled = self._columns = self._characters = 0
        self.errors: dict[int, list[tuple[int, str]]] = {}

    def add_row(self) -> None:
        """Count a row that the file spells out, filled or not."""
        self._rows += 1
        if self._rows > ROWS:
            self._refuse_rows(nearly_empty=self._filled * 10 < self._rows)

    def fill(self, row: int, column: int, *, rows: int = 1) -> None:
        """Count the filled cells of *rows* rows, the last one *row*, that reach as far as *column*."""
        self._filled += rows
        if self._filled > ROWS:
            self._refuse_rows(nearly_empty=False)
        if column >= COLUMNS:
            raise Misused(
                f"{self._what} is too wide: row {row + 1} is filled beyond column {letters_of(COLUMNS - 1)}",
                remedy=f"copy the columns of the list into a new workbook; {COLUMNS} columns are read",
            )
        self._columns = max(self._columns, column + 1)
        if (row + 1) * self._columns > CELLS:
            raise Misused(
                f"{self._what} is too large: its cells reach column {letters_of(self._columns - 1)} and row {row + 1}",
                remedy="copy the rows that are filled into a new workbook, and use that",
            )

    def add_text(self, characters: int) -> None:
        """Count the text of cells."""
        self._characters += characters
        if self._characters > CHARACTERS:
            raise Misused(f"{self._what} holds too much text", remedy="split it into several files")

    def add_error(self, row: int, column: int, text: str) -> None:
        """Keep what an error cell shows."""
        self.errors.setdefault(row, []).append((column, text))

    def _refuse_rows(self, *, nearly_empty: bool) -> None:
        if nearly_empty:
            raise Misused(
                f"{self._what} has more than {ROWS:,} rows, nearly all of them empty",
                remedy="copy the rows that are filled into a new workbook, and use that",
            )
        raise Misused(f"{self._what} has more than {ROWS:,} rows", remedy="split it into several files")


def letters_of(column: int) -> str:
    """Give the letters a spreadsheet shows over *column*, counted from 0: A, B ... Z, AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def column_of(letters: str) -> int:
    """Give the column, counted from 0, that a spreadsheet calls *letters*."""
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter.upper()) - ord("A") + 1
    return column - 1
