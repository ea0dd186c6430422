"""Makers of the files the tests read: lists as people send them, and files made to do harm, all of them small."""

import struct
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import xlsxwriter

# ------------------------------------------------------------------------------------------- lists as people send them

COUNTRIES = (
    *(("ET", "Éthiopie", "ECSC-SUN"), ("KE", "Kenya", "SUN CSA Kenya"), ("MW", "Malawi", "CSONA")),
    *(("NG", "Nigéria", "CS-SUNN"), ("SL", "Sierra Leone", "SUNI-CSP"), ("TZ", "Tanzanie", "PANITA")),
    *(("UG", "Ouganda", "SUN CSA Uganda"), ("ZW", "Zimbabwe", "SUN CSA Zimbabwe")),
)
TITLE = "Liste des participants – Route d’apprentissage Rwanda"
HEADERS = (
    *("N°", "Nom", "Courriel", "Téléphone", "Pays", "Alliance", "Langue", "Sexe", "Rôle"),
    "Passeport valable jusqu’au",
)


def participants(path: Path) -> Path:
    """A list as an alliance sends it: a title row, phones as numbers, stray spaces, a formula as a name, a total."""
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False}) as workbook:
        sheet = workbook.add_worksheet("Feuil1")
        day = workbook.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_string(0, 0, TITLE)
        for column, header in enumerate(HEADERS):
            sheet.write_string(2, column, header)
        for row, cells in enumerate(people(), 3):
            for column, cell in enumerate(cells):
                if isinstance(cell, date):
                    sheet.write_datetime(row, column, cell, day)
                elif cell != "":
                    sheet.write(row, column, cell)
        sheet.write_formula(31, 0, "=COUNTA(A40:A50)", None, 0)
        sheet.write_string(31, 1, "Total")
    return path


def people() -> Iterable[Sequence[str | int | date]]:
    """The people of that list: three from each of eight alliances, one twice, one without address, a formula."""
    number = 0
    for code, country, alliance in COUNTRIES:
        for place in (1, 2, 3):
            number += 1
            phone = 250788000000 + number if place == 1 else f"+250 788 000 {number:03}"
            mail = f" {code}3@Example.org " if place == 3 else f"{code.lower()}{place}@example.org"
            valid = date(2019, 2, 3) if place == 1 else "03/04/2018" if place == 2 else date(2019, 4, 3)
            yield (
                *(number, f"Participant {code} {place}" + "  " * (place == 2), mail, phone, country),
                *(alliance.lower() if place == 2 else alliance, "English" if place == 3 else "anglais"),
                *("homme" if place == 2 else "F", "chef de délégation" if place == 1 else "membre", valid),
            )
    yield 25, "Participant KE 2", "ke2@example.org", "+254 700 000 000", "Kenya", "SUN CSA Kenya", "anglais", "homme"
    yield 26, "Sans adresse", "awa.diop@", "", "Sénégal", "Alliance inconnue", "wolof", "?", "membre"
    yield 27, '=HYPERLINK("http://example.org","x")', "formula@example.org", "12", "Rwanda", "SUN Alliance Rwanda"


EXPERIENCES = """\
Title;Organisation;Country;Place;Themes;Good practice;Innovation;Evidence of success;Challenge addressed
Rwanda Nutrition Stakeholders & Action Mapping;UN REACH;Rwanda;Kigali;msp, policy;yes;no;national map in use;no view
Milk way: Nyanza dairy production;Nyanza district;Rwanda;Nyanza;"advocacy;policy";oui;non;milk consumption;poor access
Café « Santé » – clubs de mères;Association A;Rwanda;Huye;;;;;
Kitchen gardens;Association B;Rwanda;Huye;nutrition;yes;;;
"""


def experiences(path: Path) -> Path:
    """A list as Excel writes it in French: `;` between the cells, the letters of Windows."""
    path.write_bytes(EXPERIENCES.replace("\n", "\r\n").encode("cp1252"))
    return path


# --------------------------------------------------------------------------------------------------- by hand: .xlsx

_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def relation(target: str, sort: str = "worksheet", number: int = 1) -> str:
    """One relation between the parts of a workbook."""
    return f'<Relationship Id="rId{number}" Type="{_OFFICE}/{sort}" Target="{target}"/>'


def relations(*each: str) -> str:
    """The part that holds relations."""
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{"".join(each)}</Relationships>'


def xlsx(path: Path, rows: Iterable[str], *, shared: str = "") -> Path:
    """A workbook of one sheet, List, made of the XML of its *rows* and of its *shared* texts."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", f'<Types xmlns="{_PACKAGE}/content-types"/>')
        archive.writestr("_rels/.rels", relations(relation("xl/workbook.xml", "officeDocument")))
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
            '<sheet name="List" sheetId="1" r:id="rId1"/></sheets></workbook>',
        )
        archive.writestr("xl/_rels/workbook.xml.rels", relations(relation("worksheets/sheet1.xml")))
        with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write(f'<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
            for row in rows:
                sheet.write(row.encode())
            sheet.write(b"</sheetData></worksheet>")
        if shared:
            archive.writestr("xl/sharedStrings.xml", f'<sst xmlns="{_MAIN}">{shared}</sst>')
    return path


def row(number: int, *cells: str) -> str:
    """The XML of a row with an inline text in each of its *cells*, named by their letters: A=text."""
    each = (cell.split("=", 1) for cell in cells)
    texts = "".join(f'<c r="{at}{number}" t="inlineStr"><is><t>{text}</t></is></c>' for at, text in each)
    return f'<row r="{number}">{texts}</row>'


# ---------------------------------------------------------------------------------------------------- by hand: .ods

_OASIS = "urn:oasis:names:tc:opendocument:xmlns"
_SPACES = " ".join(f'xmlns:{name}="{_OASIS}:{name}:1.0"' for name in ("office", "table", "text", "style"))
_SPREADSHEET = "application/vnd.oasis.opendocument.spreadsheet"


def ods(path: Path, *tables: str, manifest: str = "") -> Path:
    """An OpenDocument spreadsheet made of the XML of its *tables*."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", _SPREADSHEET, zipfile.ZIP_STORED)
        archive.writestr(
            "META-INF/manifest.xml",
            f'<manifest:manifest xmlns:manifest="{_OASIS}:manifest:1.0"><manifest:file-entry '
            f'manifest:full-path="/" manifest:media-type="{_SPREADSHEET}"/>{manifest}</manifest:manifest>',
        )
        hidden = '<style:style style:name="ta2" style:family="table"><style:table-properties table:display="false"/>'
        archive.writestr(
            "content.xml",
            f"<office:document-content {_SPACES} xmlns:calcext='urn:calcext'>"
            f"<office:automatic-styles>{hidden}</style:style></office:automatic-styles>"
            f"<office:body><office:spreadsheet>{''.join(tables)}</office:spreadsheet></office:body>"
            "</office:document-content>",
        )
    return path


def ods_table(name: str, *rows: str, style: str = "ta1") -> str:
    """One sheet; the style ta2 hides it."""
    return f'<table:table table:name="{name}" table:style-name="{style}">{"".join(rows)}</table:table>'


def ods_row(*cells: str, times: int = 1) -> str:
    """A row, said once for *times* rows."""
    return f'<table:table-row table:number-rows-repeated="{times}">{"".join(cells)}</table:table-row>'


def ods_cell(text: str = "", *, times: int = 1, said: str = 'office:value-type="string"') -> str:
    """A cell, said once for *times* cells; without a text it is empty."""
    repeated = f'table:number-columns-repeated="{times}"'
    if not text:
        return f"<table:table-cell {repeated}/>"
    return f"<table:table-cell {repeated} {said}><text:p>{text}</text:p></table:table-cell>"


# --------------------------------------------------------------------------------------------------- by hand: .xlsb


def _record(sort: int, content: bytes = b"") -> bytes:
    heading = bytes([sort]) if sort < 128 else bytes([sort & 127 | 128, sort >> 7])
    length, lengths = len(content), b""
    while length > 127:
        lengths, length = lengths + bytes([length & 127 | 128]), length >> 7
    return heading + lengths + bytes([length]) + content


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def xlsb(path: Path, cells: Iterable[tuple[int, int, str | float | None]]) -> Path:
    """A binary workbook of one sheet, List, with a text, a number or (None) the error #REF! at each row and column."""
    rows: dict[int, bytes] = {}
    for number, column, value in cells:
        place = struct.pack("<II", column, 0)
        if value is None:
            record = _record(3, place + b"\x17")
        elif isinstance(value, str):
            record = _record(6, place + _wide(value))
        else:
            record = _record(5, place + struct.pack("<d", value))
        rows[number] = rows.get(number, b"") + record
    data = b"".join(_record(0, struct.pack("<I", number) + bytes(13)) + cells for number, cells in rows.items())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_rels/.rels", relations(relation("xl/workbook.bin", "officeDocument")))
        archive.writestr("xl/_rels/workbook.bin.rels", relations(relation("worksheets/sheet1.bin")))
        sheet = _record(156, struct.pack("<II", 0, 1) + _wide("rId1") + _wide("List"))
        archive.writestr("xl/workbook.bin", b"".join((_record(131), _record(143), sheet, _record(144), _record(132))))
        dimension = _record(148, struct.pack("<IIII", 0, max(rows), 0, 10))
        parts = (_record(129), dimension, _record(145), data, _record(146), _record(130))
        archive.writestr("xl/worksheets/sheet1.bin", b"".join(parts))
    return path


# ---------------------------------------------------------------------------------------------------- by hand: .xls

_SECTOR, _FREE, _END, _IS_TABLE = 512, 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def compound(path: Path, name: str, stream: bytes) -> Path:
    """The container of Excel until 2007, with one *stream* in it: sector 0 says where all is, sector 1 names it."""
    stream = stream.ljust(4096, b"\0")
    sectors = -(-len(stream) // _SECTOR)
    chain = [_IS_TABLE, _END, *range(3, 2 + sectors), _END]
    table = struct.pack(f"<{len(chain)}I", *chain).ljust(_SECTOR, b"\xff")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIIII", 0, 1, 1, 0, 4096, _END, 0, _END, 0, 0).ljust(_SECTOR - len(header), b"\xff")

    def entry(title: str, sort: int, child: int, start: int, size: int) -> bytes:
        wide = title.encode("utf-16-le") + b"\0\0"
        heading = wide.ljust(64, b"\0") + struct.pack("<HBBIII", len(wide), sort, 1, _FREE, _FREE, child)
        return heading + bytes(36) + struct.pack("<IQ", start, size)

    folder = entry("Root Entry", 5, 1, _END, 0) + entry(name, 2, _FREE, 2, len(stream)) + bytes(256)
    path.write_bytes(header + table + folder + stream.ljust(sectors * _SECTOR, b"\0"))
    return path


def xls(path: Path, *rows: Sequence[str | float]) -> Path:
    """A workbook of Excel until 2007, of one sheet: List."""

    def record(sort: int, content: bytes) -> bytes:
        return struct.pack("<HH", sort, len(content)) + content

    def cell(row: int, column: int, value: str | float) -> bytes:
        place = struct.pack("<HHH", row, column, 0)
        if isinstance(value, str):
            return record(0x0204, place + struct.pack("<HB", len(value), 1) + value.encode("utf-16-le"))
        return record(0x0203, place + struct.pack("<d", value))

    beginning = struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0)
    end = record(0x000A, b"")
    name = b"\x04\0List"
    before = len(record(0x0809, beginning)) + 4 + 6 + len(name) + len(end)
    book = record(0x0809, beginning) + record(0x0085, struct.pack("<IBB", before, 0, 0) + name) + end
    sheet = record(0x0809, beginning[:2] + struct.pack("<H", 0x0010) + beginning[4:])
    cells = b"".join(cell(row, column, value) for row, each in enumerate(rows) for column, value in enumerate(each))
    return compound(path, "Workbook", book + sheet + cells + end)
